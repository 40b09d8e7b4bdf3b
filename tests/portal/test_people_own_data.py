"""A person's own data: given with consent, masked, corrected, taken away, taken back, erased."""

import datetime
import json
import threading

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from planning import participation
from planning.models import Comment
from portal import id_numbers, people
from portal.api_throttles import LoginThrottle
from portal.errors import Conflict, NotAllowed
from portal.models import AuditEntry, Consent, Membership, Person, Role, User
from tests import world

pytestmark = pytest.mark.django_db
NUMBER, OTHER_NUMBER = "11010519491231002X", "370983197001011237"
PHONE, NAME, ADDRESS = "13812345678", "柳金丝雀", "柳沟村金丝雀巷7号"
GIVEN = {"full_name": NAME, "phone": "+86 138-1234-5678", "id_number": "11010519491231002x", "address": ADDRESS}


def number_of(birth: datetime.date) -> str:
    """A right identity number with that date of birth."""
    first = f"370983{birth:%Y%m%d}123"
    return next(first + last for last in "0123456789X" if id_numbers.is_right(first + last))


@pytest.fixture
def known(cast, as_user) -> User:
    """The villager after having given everything on the page."""
    answer = as_user("villager").post("/me/identity/", GIVEN)
    assert answer.status_code == 302
    return User.objects.get(pk=cast.villager.pk)


def test_giving_the_identity_gives_the_consent_and_the_page_shows_it_masked(known, as_user):
    person = Person.objects.get(user=known)
    assert (known.full_name, person.phone, person.id_number) == (NAME, PHONE, NUMBER)
    assert known.consents.get().purpose == "identity"
    html = as_user("villager").get("/me/").content.decode()
    assert "138****5678" in html
    assert "1101**********002X" in html
    assert PHONE not in html
    assert NUMBER not in html


@pytest.mark.parametrize(("field", "wrong"), [
    ("id_number", "110105194912310021"), ("id_number", "110105194913310020"), ("id_number", "١١٠١٠٥١٩٤٩١٢٣١٠٠٢X"),
    ("id_number", "1"), ("phone", "12345678901"), ("phone", "１３８１２３４５６７８"), ("full_name", "长" * 60),
])  # fmt: skip
def test_what_is_wrong_is_named_at_its_field_and_nothing_is_kept(as_user, cast, field, wrong):
    answer = as_user("villager").post("/me/identity/", {**GIVEN, field: wrong})
    assert answer.status_code == 400
    assert answer.context["form"].errors.keys() == {field}
    assert not Person.objects.exists()
    assert not Consent.objects.exists()


def test_a_date_of_birth_in_the_future_is_no_identity_number(as_user, cast):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    assert as_user("villager").post("/me/identity/", {"id_number": number_of(tomorrow)}).status_code == 400


def test_through_the_api_consent_comes_first(as_user, cast):
    client = as_user("villager")
    refused = client.patch("/api/v1/me/identity/", GIVEN, "application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "agree")
    assert client.post("/api/v1/me/consents/", {"purpose": "identity"}, "application/json").status_code == 200
    answer = client.patch("/api/v1/me/identity/", GIVEN, "application/json")
    assert answer.json()["shown"]["id_number"] == "1101**********002X"
    assert client.get("/api/v1/me/data/").json()["shown"]["phone"] == "138****5678"


def test_one_person_has_one_account_and_the_second_is_told_politely(known, as_user):
    answer = as_user("stranger").post("/me/identity/", {"id_number": NUMBER.lower()})
    assert answer.status_code == 400
    assert "请使用" in answer.content.decode() or "sign in with that one" in answer.content.decode()
    assert known.username not in answer.content.decode()
    assert Person.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_accounts_that_give_one_number_at_the_same_moment_one_is_told(cast):
    begin, told = threading.Barrier(2), []

    def give(user: User) -> None:
        try:
            people.agree(user, "identity", by=user)
            begin.wait(10)
            people.record_identity(user, by=user, full_name="某", id_number=NUMBER)
            told.append("kept")
        except Conflict as error:
            told.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give, args=(user,)) for user in (cast.villager, cast.stranger)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(told) == ["kept", "taken"]


@pytest.mark.parametrize(("days", "child"), [(-1, True), (0, True), (1, False)])
def test_who_is_under_14_needs_a_guardian_until_the_day_after_the_birthday(cast, days, child):
    today = timezone.localdate()
    birth = today.replace(year=today.year - 14) - datetime.timedelta(days=days)
    assert id_numbers.is_child(number_of(birth), today) is child


def test_a_child_gives_the_name_of_the_guardian_who_agrees(as_user, cast):
    number = number_of(timezone.localdate() - datetime.timedelta(days=10 * 365))
    client = as_user("villager")
    answer = client.post("/me/identity/", {"full_name": "小柳", "id_number": number})
    assert answer.context["form"].errors.keys() == {"guardian"}
    assert not Consent.objects.exists()
    assert (
        client.post("/me/identity/", {"full_name": "小柳", "id_number": number, "guardian": "柳父"}).status_code == 302
    )
    assert Consent.objects.get().guardian == "柳父"


def test_a_correction_of_the_telephone_keeps_the_verification_and_of_the_name_ends_it(known, cast, as_user):
    people.verify_identity(known, by=cast.committee)
    as_user("villager").post("/me/identity/", {"phone": "13900001111"})
    person = Person.objects.get()
    assert (person.phone, person.id_number, person.verified_by) == ("13900001111", NUMBER, cast.committee)
    as_user("villager").post("/me/identity/", {"full_name": "柳改名"})
    assert Person.objects.get().verified_at is None


def test_taking_back_is_one_button_like_giving_and_takes_the_data_out(known, as_user):
    client = as_user("villager")
    assert client.post("/me/consents/contact/", {"agree": "1"}).status_code == 302
    assert client.post("/me/consents/contact/", {"agree": "0"}).status_code == 302
    assert Person.objects.get().phone == PHONE
    assert client.post("/me/consents/identity/", {"agree": "0"}).status_code == 302
    person = Person.objects.get()
    assert (person.phone, person.id_number, person.address, person.id_digest) == ("", "", "", None)
    assert User.objects.get(pk=known.pk).full_name == ""
    assert Consent.objects.filter(withdrawn_at=None).count() == 0
    assert client.post("/me/consents/identity/", {"agree": "0"}).status_code == 409
    assert client.post("/me/consents/nothing/", {"agree": "1"}).status_code == 404


def test_taking_back_the_place_takes_the_pins_and_leaves_the_words(public_version, cast, as_user):
    comment = participation.post_comment(public_version, by=cast.villager, text="路太窄", lon=116.8055, lat=36.1025)
    client = as_user("villager")
    client.post("/api/v1/me/consents/", {"purpose": "place"}, "application/json")
    assert client.delete("/api/v1/me/consents/place/").status_code == 200
    comment.refresh_from_db()
    assert (comment.geom, comment.text) == (None, "路太窄")
    assert client.delete("/api/v1/me/consents/nothing/").status_code == 404


def test_a_copy_holds_everything_in_full_and_is_on_record(known, public_version, cast, as_user):
    participation.post_comment(public_version, by=known, text="我家的路", lon=116.8055, lat=36.1025)
    people.look(known, by=cast.committee, purpose="verify")
    answer = as_user("villager").post("/me/copy/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    copy = json.loads(answer.content)
    assert copy["account"]["full_name"] == NAME
    assert copy["identity"]["id_number"] == NUMBER
    assert copy["identity"]["address"] == ADDRESS
    assert copy["planning.Comment"][0]["text"] == "我家的路"
    assert copy["planning.Comment"][0]["geom"] == [116.8055, 36.1025]
    assert copy["looks"][0]["purpose"] == "verify"
    assert [consent["purpose"] for consent in copy["consents"]] == ["identity", "place"]
    assert AuditEntry.objects.filter(verb="person.exported", actor=known).exists()
    api = as_user("villager").post("/api/v1/me/copy/").json()
    assert api["identity"] == copy["identity"]
    assert api["comments"][0]["text"] == "我家的路"


def test_erasing_takes_the_person_out_and_leaves_the_plan_record(known, public_version, cast, as_user, client):
    Person.objects.filter(user=known).update(verified_at=timezone.now(), verified_by=cast.committee)
    comment = participation.post_comment(public_version, by=known, text="我家的路", lon=116.8055, lat=36.1025)
    browser = as_user("villager")
    assert browser.post("/me/erase/", {"password": "wrong"}).context["form"].errors
    assert browser.post("/me/erase/", {"password": "right-horse-battery"}).status_code == 302
    gone = User.objects.get(pk=known.pk)
    assert (gone.full_name, gone.is_active, str(gone.username)) == ("", False, f"erased-{known.pk}")
    assert not gone.memberships.exists()
    person = Person.objects.get(user=known)
    assert (person.phone, person.id_number, person.address, person.id_digest) == ("", "", "", None)
    assert person.erased_at
    kept = Comment.objects.get(pk=comment.pk)
    assert (kept.text, kept.geom) == ("我家的路", None)
    page = client.get(f"/versions/{public_version.pk}/").content.decode()
    assert "我家的路" in page
    assert NAME[:1] + "**" not in page
    assert browser.get("/me/").status_code == 302
    assert client.post("/login/", {"username": "villager", "password": "right-horse-battery"}).status_code == 200
    assert AuditEntry.objects.filter(verb="comment.posted", actor=gone).exists()
    assert Person.objects.filter(id_digest__isnull=False).count() == 0


def test_the_number_of_an_erased_account_can_be_given_again(known, as_user, cast):
    people.erase(known, by=known)
    assert as_user("stranger").post("/me/identity/", {"id_number": NUMBER, "full_name": "某"}).status_code == 302


def test_who_holds_an_office_cannot_erase_the_name_its_acts_have(cast, as_user):
    assert "password" not in as_user("committee").get("/me/erase/").content.decode()
    answer = as_user("committee").post("/api/v1/me/erase/", {"password": "right-horse-battery"}, "application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "office")
    assert User.objects.get(pk=cast.committee.pk).is_active


def test_erasing_through_the_api_needs_the_password(known, as_user):
    client = as_user("villager")
    assert client.post("/api/v1/me/erase/", {"password": "x"}, "application/json").json()["error"]["code"] == "password"
    assert client.post("/api/v1/me/erase/", {"password": "right-horse-battery"}, "application/json").status_code == 204
    assert not User.objects.get(pk=known.pk).is_active


@pytest.mark.parametrize("path", ["/me/", "/me/erase/", "/people/", "/audit/"])
def test_pages_of_data_ask_a_stranger_to_sign_in(client, db, path):
    assert client.get(path).url.startswith("/login/")


@pytest.mark.parametrize(("method", "path"), [("get", "data"), ("patch", "identity"), ("post", "consents"), ("delete", "consents/identity"), ("post", "copy"), ("post", "erase")])  # fmt: skip
def test_the_api_of_ones_own_data_is_for_who_signed_in(client, db, method, path):
    assert getattr(client, method)(f"/api/v1/me/{path}/").status_code == 403


def test_nobody_acts_on_the_data_of_another(known, cast):

    for act in (
        lambda: people.agree(known, "contact", by=cast.committee),
        lambda: people.take_back(known, "identity", by=cast.committee),
        lambda: people.record_identity(known, by=cast.committee, full_name="x"),
        lambda: people.copy_of(known, by=cast.committee),
        lambda: people.erase(known, by=cast.committee),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_no_column_of_any_table_tells_name_telephone_or_number(known, public_version, cast, as_user):
    """What a dump of the database would hold: every row of every table as text."""
    participation.post_comment(public_version, by=known, text="路太窄")
    people.verify_identity(known, by=cast.committee)
    people.look(known, by=cast.committee, purpose="verify")
    people.copy_of(known, by=known)
    Client().post("/login/", {"username": "villager", "password": "right-horse-battery"})
    canaries = [NAME, PHONE, NUMBER, ADDRESS, "138****5678", "1101**********002X"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        assert len(tables) > 30
        for table in tables:
            for canary in canaries:
                cursor.execute(f'SELECT count(*) FROM "{table}" r WHERE strpos(r::text, %s) > 0', [canary])
                assert cursor.fetchone()[0] == 0, (table, canary)


def test_public_pages_and_api_show_the_masked_name_alone(known, public_version, client):
    participation.post_comment(public_version, by=known, text="路太窄")
    page, api = f"/versions/{public_version.pk}/", f"/api/v1/versions/{public_version.pk}/"
    for path in (page, f"{api}comments/", f"{api}history/", api):
        text = client.get(path).content.decode()
        for canary in (NAME, PHONE, NUMBER, ADDRESS):
            assert canary not in text, path
            assert json.dumps(canary).strip('"') not in text, path


def test_the_canaries_are_in_no_line_of_the_log(known, cast, as_user, caplog):
    caplog.set_level("DEBUG")
    as_user("villager").post("/me/identity/", {**GIVEN, "phone": "1"})
    as_user("committee").post(f"/people/{known.pk}/look/", {"purpose": "verify"})
    as_user("villager").post("/me/copy/")
    for canary in (NAME, PHONE, NUMBER, ADDRESS):
        assert canary not in caplog.text


def test_a_resident_of_another_village_is_not_my_resident(known, cast):
    far = User.objects.create_user("far")
    Membership.objects.create(user=far, role=Role.RESIDENT, division_code=world.FAR)
    assert list(people.visible_to(cast.committee)) == [known]
    assert list(people.visible_to(cast.township)) == [known]
    assert list(people.visible_to(cast.reviewer)) == []


def test_guessing_the_password_to_erase_is_slowed_down(known, as_user, monkeypatch):
    monkeypatch.setattr(LoginThrottle, "rate", "2/min", raising=False)
    client = as_user("villager")
    for _ in range(2):
        assert client.post("/api/v1/me/erase/", {"password": "x"}, "application/json").status_code == 400
    answer = client.post("/api/v1/me/erase/", {"password": "right-horse-battery"}, "application/json")
    assert answer.status_code == 429
    assert User.objects.get(pk=known.pk).is_active
