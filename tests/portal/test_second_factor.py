"""Everyone with an office signs in with a code as well, and is a stranger to every page before (AU-9)."""

import base64
import re
import threading
import time

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import connection
from django.test import Client

from portal import second_factor
from portal.models import AuditEntry, SecondFactor, User
from tests import world
from tests.portal.every_address import every_address, fill

pytestmark = pytest.mark.django_db
PASSWORD = "right-horse-battery"
NOON = "2026-11-27T12:00:00+08:00"
OFFICES = [name for name, (role, *_rest) in world.CAST.items() if role not in ("resident", "enterprise")]


@pytest.fixture(autouse=True)
def _asked(settings):
    settings.SECOND_FACTOR = True


@pytest.fixture
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


def code_at(key: str, seconds: int = 0) -> str:
    """The code that the app of this key shows, so many seconds from now."""
    return TOTP(base64.b32decode(key), 6, SHA1(), 30).generate(time.time() + seconds).decode()


def with_factor(user) -> str:
    """Set one up for a person; answers its key. The code of this half minute is used."""
    offer = second_factor.begin(user)
    key = second_factor.key_of(offer, user)
    second_factor.set_up(user, offer, code_at(key))
    return key


def give_password(name: str = "planner", **more) -> tuple[Client, object]:
    client = Client()
    return client, client.post("/login/", {"username": name, "password": PASSWORD, **more})


def is_signed_in(client: Client) -> bool:
    return client.get("/api/v1/me/").json()["signed_in"]


@pytest.mark.parametrize("name", OFFICES)
def test_who_has_an_office_is_led_to_set_it_up(cast, name):
    client, answer = give_password(name)
    assert answer.headers["Location"] == "/login/set-up/"
    assert not is_signed_in(client)
    assert client.get("/login/set-up/").status_code == 200


@pytest.mark.parametrize("name", ["villager", "stranger"])
def test_a_resident_is_not_asked(cast, name):
    client, answer = give_password(name)
    assert answer.headers["Location"] == "/"
    assert is_signed_in(client)


def test_between_password_and_code_every_address_answers_as_to_a_stranger(cast, public_version):
    client, _answer = give_password("township")
    stranger, tried = Client(), 0
    for address in every_address():
        if address.name in ("login", "second-factor", "second-factor-new", "second-factor-picture"):
            continue
        url = fill(address, public_version)
        assert client.get(url).status_code == stranger.get(url).status_code, url
        tried += 1
    assert tried > 60


def test_a_session_without_a_code_is_no_session(cast, public_version):
    client = Client()
    client.force_login(cast.township)
    assert not is_signed_in(client)
    resident = Client()
    resident.force_login(cast.villager)
    assert is_signed_in(resident)


def test_set_up_opens_the_session_and_shows_the_recovery_codes_once(cast, noon):
    client, _answer = give_password("planner", next="/account/sign-in/")
    page = client.get("/login/set-up/").content.decode()
    key = re.search(r'class="key">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert client.get("/login/set-up/picture.svg").content.startswith(b"<?xml")
    page = client.post("/login/set-up/", {"code": code_at(key)}).content.decode()
    codes = re.findall(r"<code>([2-9a-z]{4}-[2-9a-z]{4})</code>", page)
    assert len(set(codes)) == 10
    assert 'href="/account/sign-in/"' in page
    assert is_signed_in(client)
    assert client.get("/login/set-up/").headers["Location"] == "/account/sign-in/"
    assert codes[0] not in client.get("/account/sign-in/").content.decode()
    assert AuditEntry.objects.filter(verb="account.second_factor_set", actor=cast.planner).exists()


def test_neither_key_nor_recovery_codes_lie_in_clear_in_the_database(cast, noon):
    offer = second_factor.begin(cast.planner)
    key = second_factor.key_of(offer, cast.planner)
    codes = second_factor.set_up(cast.planner, offer, code_at(key))
    with connection.cursor() as cursor:
        cursor.execute("SELECT f::text FROM portal_secondfactor f")
        stored = cursor.fetchone()[0]
    assert key not in stored
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_a_wrong_first_code_takes_nothing_into_use(cast, noon):
    client, _answer = give_password()
    client.get("/login/set-up/")
    answer = client.post("/login/set-up/", {"code": "000000"})
    assert answer.status_code == 200
    assert not SecondFactor.objects.exists()
    assert not is_signed_in(client)


def test_the_code_of_the_app_signs_in_and_counts_once(cast, noon):
    key = with_factor(cast.planner)
    noon.shift(60)
    client, answer = give_password(next="/account/sign-in/")
    assert answer.headers["Location"] == "/login/code/"
    assert not is_signed_in(client)
    assert client.post("/login/code/", {"code": code_at(key)}).headers["Location"] == "/account/sign-in/"
    assert is_signed_in(client)
    again, _answer = give_password()
    assert again.post("/login/code/", {"code": code_at(key)}).status_code == 200
    assert not is_signed_in(again)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_twenty_who_send_the_same_code_at_once_one_is_let_in(cast, noon):
    key = with_factor(cast.planner)
    noon.shift(60)
    code, outcomes = code_at(key), []

    def send() -> None:
        outcomes.append(second_factor.judge(cast.planner, code))
        connection.close()

    threads = [threading.Thread(target=send) for _n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("right") == 1
    assert set(outcomes) <= {"right", "wrong", "locked"}
    assert len(outcomes) == 20


def test_the_code_used_at_set_up_does_not_count_again(cast, noon):
    key = with_factor(cast.planner)
    client, _answer = give_password()
    client.post("/login/code/", {"code": code_at(key)})
    assert not is_signed_in(client)


@pytest.mark.parametrize(("seconds", "taken"), [(-30, True), (30, True), (-60, False), (60, False)])
def test_a_clock_may_be_half_a_minute_off(cast, noon, seconds, taken):
    key = with_factor(cast.planner)
    noon.shift(600)
    client, _answer = give_password()
    client.post("/login/code/", {"code": code_at(key, seconds)})
    assert is_signed_in(client) is taken


def test_five_wrong_codes_lock_for_a_quarter_of_an_hour(cast, noon):
    key = with_factor(cast.planner)
    noon.shift(60)
    client, _answer = give_password()
    for _n in range(5):
        assert client.post("/login/code/", {"code": "000000"}).status_code == 200
    assert client.post("/login/code/", {"code": code_at(key)}).status_code == 429
    assert AuditEntry.objects.filter(verb="account.second_factor_locked").count() == 1
    noon.shift(16 * 60)
    client, _answer = give_password()
    assert client.post("/login/code/", {"code": code_at(key)}).status_code == 302
    assert is_signed_in(client)


def test_a_recovery_code_opens_once_however_it_is_typed(cast, noon):
    offer = second_factor.begin(cast.planner)
    codes = second_factor.set_up(cast.planner, offer, code_at(second_factor.key_of(offer, cast.planner)))
    client, _answer = give_password()
    client.post("/login/code/", {"code": f" {codes[3].upper().replace('-', ' ')} "})
    assert is_signed_in(client)
    again, _answer = give_password()
    again.post("/login/code/", {"code": codes[3]})
    assert not is_signed_in(again)
    assert client.get("/api/v1/account/second-factor/").json()["recovery_codes_left"] == 9


def test_the_code_page_forgets_who_waits_after_a_quarter_of_an_hour(cast, noon):
    key = with_factor(cast.planner)
    client, _answer = give_password()
    noon.shift(15 * 60 + 1)
    assert client.post("/login/code/", {"code": code_at(key)}).headers["Location"] == "/login/"
    assert not is_signed_in(client)


def test_a_role_that_changes_between_the_two_steps_ends_the_first(cast, noon):
    key = with_factor(cast.planner)
    noon.shift(60)
    client, _answer = give_password()
    cast.planner.memberships.all().delete()
    assert client.post("/login/code/", {"code": code_at(key)}).headers["Location"] == "/login/"


def test_an_offer_counts_for_nobody_else(cast, noon):
    offer = second_factor.begin(cast.planner)
    key = second_factor.key_of(offer, cast.planner)
    with pytest.raises(second_factor.PortalError):
        second_factor.set_up(cast.township, offer, code_at(key))
    with pytest.raises(second_factor.PortalError):
        second_factor.key_of("v1:bm90aGluZw==", cast.planner)
    assert not SecondFactor.objects.exists()


def test_an_offer_ends_after_a_quarter_of_an_hour(cast, noon):
    offer = second_factor.begin(cast.planner)
    noon.shift(15 * 60 - 1)
    assert second_factor.key_of(offer, cast.planner)
    noon.shift(2)
    with pytest.raises(second_factor.PortalError):
        second_factor.key_of(offer, cast.planner)


def test_who_has_one_cannot_set_up_another_beside_it(cast, noon):
    with_factor(cast.planner)
    offer = second_factor.begin(cast.planner)
    with pytest.raises(second_factor.Conflict):
        second_factor.set_up(cast.planner, offer, code_at(second_factor.key_of(offer, cast.planner)))


def test_the_picture_is_for_nobody_else(client, cast, as_user):
    assert client.get("/login/set-up/picture.svg").status_code == 404
    assert as_user("villager").get("/login/set-up/picture.svg").status_code == 404


def test_a_resident_may_set_one_up_and_is_asked_from_then_on(cast, as_user, noon):
    client = as_user("villager")
    assert client.post("/account/sign-in/second-factor/").headers["Location"] == "/login/set-up/"
    key = re.search(r'class="key">([A-Z2-7 ]+)<', client.get("/login/set-up/").content.decode())[1].replace(" ", "")
    assert client.post("/login/set-up/", {"code": code_at(key)}).status_code == 200
    noon.shift(60)
    _other, answer = give_password("villager")
    assert answer.headers["Location"] == "/login/code/"
    assert client.post("/account/sign-in/second-factor/remove/", {"code": "000000"}).status_code == 400
    assert client.post("/account/sign-in/second-factor/remove/", {"code": code_at(key)}).status_code == 302
    assert not is_signed_in(client)
    assert give_password("villager")[1].headers["Location"] == "/"


def test_new_recovery_codes_end_the_old_ones(cast, noon):
    offer = second_factor.begin(cast.planner)
    key = second_factor.key_of(offer, cast.planner)
    old = second_factor.set_up(cast.planner, offer, code_at(key))
    noon.shift(60)
    client, _answer = give_password()
    client.post("/login/code/", {"code": code_at(key)})
    assert client.post("/account/sign-in/recovery-codes/", {"code": "000000"}).status_code == 400
    noon.shift(60)
    page = client.post("/account/sign-in/recovery-codes/", {"code": code_at(key)}).content.decode()
    new = re.findall(r"<code>([2-9a-z]{4}-[2-9a-z]{4})</code>", page)
    assert len(new) == 10
    assert not set(new) & set(old)
    again, _answer = give_password()
    again.post("/login/code/", {"code": old[0]})
    assert not is_signed_in(again)
    again.post("/login/code/", {"code": new[0]})
    assert is_signed_in(again)


def post(path: str, body: dict, client: Client | None = None):
    return (client or Client()).post(f"/api/v1/{path}", body, "application/json")


@pytest.mark.parametrize("path", ["token/", "login/"])
def test_programs_send_the_code_as_well(cast, noon, path):
    given = {"username": "planner", "password": PASSWORD}
    refused = post(path, given)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "second_factor")
    key = with_factor(cast.planner)
    noon.shift(60)
    assert post(path, given).json()["error"]["code"] == "code_needed"
    assert post(path, {**given, "code": "000000"}).json()["error"]["code"] == "code"
    assert post(path, {**given, "code": code_at(key)}).status_code == 200
    assert post(path, {**given, "code": code_at(key)}).json()["error"]["code"] == "code"


def test_a_session_of_the_api_counts_as_opened_with_a_code(cast, noon):
    key = with_factor(cast.planner)
    noon.shift(60)
    client = Client()
    assert (
        post("login/", {"username": "planner", "password": PASSWORD, "code": code_at(key)}, client).status_code == 200
    )
    assert is_signed_in(client)


def test_the_second_factor_is_set_up_through_the_api(cast, noon):
    given = {"username": "planner", "password": PASSWORD}
    offer = post("account/second-factor/begin/", given).json()
    assert offer["address"].startswith("otpauth://totp/")
    assert offer["key"] in offer["address"]
    proof = {**given, "offer": offer["offer"], "code": code_at(offer["key"])}
    assert post("account/second-factor/set-up/", {**proof, "code": "000000"}).status_code == 400
    codes = post("account/second-factor/set-up/", proof).json()["recovery_codes"]
    assert len(codes) == 10
    assert post("account/second-factor/begin/", given).status_code == 409
    client = Client()
    assert post("login/", {**given, "code": codes[0]}, client).status_code == 200
    assert client.get("/api/v1/account/second-factor/").json()["recovery_codes_left"] == 9
    assert len(post("account/recovery-codes/", {"code": codes[1]}, client).json()["recovery_codes"]) == 10
    noon.shift(60)
    assert post("account/second-factor/remove/", {"code": code_at(offer["key"])}, client).json() == {"done": True}
    assert not is_signed_in(client)


def test_the_demo_says_that_it_asks_for_none(client, db, settings):
    settings.DEMO, settings.SECOND_FACTOR = True, False
    User.objects.create_user("demo_planner")
    client.cookies["django_language"] = "en"
    assert "asks for no second factor" in client.get("/login/").content.decode()
    settings.SECOND_FACTOR = True
    assert "asks for no second factor" not in client.get("/login/").content.decode()
