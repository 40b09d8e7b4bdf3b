"""Guessing passwords is stopped by account and address, and tells nothing about who has an account (AU-1 to AU-5)."""

import statistics
import time

import pytest
from django.test import Client

from portal import passwords
from portal.api_throttles import AccountThrottle, LoginThrottle
from portal.lockout import client_address
from portal.models import AuditEntry, Membership, Notification, Role, User
from tests import world

pytestmark = pytest.mark.django_db
RIGHT = "right-horse-battery"


def sign_in(name="planner", password="wrong", address="10.0.0.9", client=None, **headers):
    given = {"username": name, "password": password}
    return (client or Client()).post("/login/", given, REMOTE_ADDR=address, **headers)


def ask_token(name="planner", password="wrong", address="10.0.0.9", **headers):
    given = {"username": name, "password": password}
    return Client().post("/api/v1/token/", given, "application/json", REMOTE_ADDR=address, **headers)


def test_after_five_wrong_passwords_the_right_one_is_refused_too(cast):
    for _n in range(4):
        assert sign_in().status_code == 200
    assert sign_in().status_code == 429  # the fifth locks and says so
    refused = sign_in(password=RIGHT)
    assert refused.status_code == 429
    assert AuditEntry.objects.filter(verb="account.locked", object_id=str(cast.planner.pk)).count() == 1
    assert ask_token(password=RIGHT).json()["error"]["code"] == "locked"


def test_the_lock_ends_after_a_quarter_of_an_hour_and_guessing_on_does_not_prolong_it(cast, time_machine):
    time_machine.move_to("2026-11-27T12:00:00+08:00")
    for _n in range(5):
        sign_in()
    time_machine.shift(14 * 60)
    assert sign_in(password=RIGHT).status_code == 429
    time_machine.shift(61)
    assert sign_in(password=RIGHT).status_code == 302


def test_page_and_api_count_together(cast):
    for n in range(5):
        (sign_in if n % 2 else ask_token)()
    assert sign_in(password=RIGHT).status_code == 429


def test_an_official_locked_out_by_a_stranger_enters_from_another_address(cast):
    for _n in range(6):
        sign_in("leader")
    assert sign_in("leader", RIGHT).status_code == 429
    assert sign_in("leader", RIGHT, address="10.0.0.10").status_code == 302


def test_a_right_password_takes_the_wrong_ones_before_away(cast):
    for _n in range(3):
        for _m in range(4):
            assert sign_in().status_code == 200
        assert sign_in(password=RIGHT).status_code == 302


def test_a_name_that_does_not_exist_is_locked_in_the_same_words(cast):
    def bodies(name):
        answers = [ask_token(name) for _n in range(6)]
        return [(answer.status_code, answer.content) for answer in answers]

    assert bodies("planner") == bodies("nobody")


@pytest.mark.parametrize("hops", [0, 1, 2])
def test_client_ip_trusted_hops(rf, settings, hops):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": hops}
    request = rf.get("/", REMOTE_ADDR="172.16.0.2", HTTP_X_FORWARDED_FOR="6.6.6.6, 203.0.113.5, 10.0.0.1")
    assert client_address(request) == {0: "172.16.0.2", 1: "10.0.0.1", 2: "203.0.113.5"}[hops]
    bare = rf.get("/", REMOTE_ADDR="172.16.0.2")
    assert client_address(bare) == "172.16.0.2"


def test_an_invented_forwarded_address_does_not_help_the_guesser(cast, settings):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    for n in range(5):
        sign_in(HTTP_X_FORWARDED_FOR=f"1.2.3.{n}, 203.0.113.5")
    assert sign_in(password=RIGHT, HTTP_X_FORWARDED_FOR="9.9.9.9, 203.0.113.5").status_code == 429
    assert sign_in(password=RIGHT, HTTP_X_FORWARDED_FOR="9.9.9.9, 203.0.113.6").status_code == 302


@pytest.fixture
def twenty_a_minute(monkeypatch):
    monkeypatch.setattr(LoginThrottle, "rate", "20/min", raising=False)


def test_one_password_against_a_thousand_names_is_slowed_by_address(cast, twenty_a_minute):
    answers = [ask_token(f"name{n}").status_code for n in range(100)]
    assert answers.count(400) == 20
    assert set(answers[20:]) == {429}


def test_who_signed_in_here_before_still_enters_while_the_address_is_slowed(cast, twenty_a_minute):
    known = Client()
    assert sign_in("villager", RIGHT, client=known).status_code == 302
    known.post("/logout/")
    for n in range(30):
        ask_token(f"name{n}")
    assert sign_in("stranger", RIGHT).status_code == 429
    assert sign_in("villager", RIGHT, client=known).status_code == 302
    known.post("/logout/")
    assert sign_in("stranger", RIGHT, client=known).status_code == 429  # the mark is for one person


def test_a_forged_mark_of_a_device_is_worth_nothing(cast, twenty_a_minute):
    client = Client()
    client.cookies["device"] = "1:forged:mark"
    for n in range(20):
        ask_token(f"name{n}")
    assert sign_in("villager", RIGHT, client=client).status_code == 429


def test_guessing_stays_locked_while_the_counter_in_redis_is_away(cast, monkeypatch):
    from redis.exceptions import ConnectionError

    def broken(*args, **kwargs):
        raise ConnectionError("down")

    monkeypatch.setattr(LoginThrottle.cache, "get", broken)
    for _n in range(5):
        ask_token()
    assert ask_token(password=RIGHT).status_code == 429


def test_a_name_that_does_not_exist_takes_as_long_to_refuse(cast, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    cast.planner.set_password(RIGHT)
    cast.planner.save()

    def median(name: str) -> float:
        times = []
        for n in range(5):
            began = time.thread_time()  # work, not waiting: other work on this machine does not count
            ask_token(name, address=f"10.1.0.{n}")
            times.append(time.thread_time() - began)
        return statistics.median(times)

    known, unknown = median("planner"), median("nobody")
    assert abs(known - unknown) < 0.15 * known, (known, unknown)


def guess_from_everywhere(name="planner", times=20, first=0):
    """Wrong passwords from many addresses, few enough from each that no lock by address is made."""
    return [ask_token(name, address=f"10.2.{n // 4}.1") for n in range(first, first + times)]


def test_guessing_from_everywhere_is_stopped_for_the_account_and_its_own_devices_go_on(cast):
    own = Client()
    assert sign_in("villager", RIGHT, client=own).status_code == 302
    own.post("/logout/")
    assert {answer.status_code for answer in guess_from_everywhere("villager")} == {400}
    refused = ask_token("villager", RIGHT, address="10.9.9.9")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "locked")
    assert sign_in("villager", RIGHT, address="10.9.9.9").status_code == 429
    assert sign_in("villager", RIGHT, address="10.9.9.9", client=own).status_code == 302
    assert sign_in("stranger", RIGHT, address="10.9.9.9", client=own).status_code == 302  # each account by itself


def test_a_known_device_does_not_guess_for_others_and_not_without_end(cast):
    own = Client()
    assert sign_in("villager", RIGHT, client=own).status_code == 302
    own.post("/logout/")
    assert [sign_in("villager", client=own).status_code for _n in range(5)][-1] == 429
    guess_from_everywhere("planner")
    assert sign_in("planner", RIGHT, address="10.9.9.9", client=own).status_code == 429


def test_right_passwords_are_not_counted_among_the_guesses(cast):
    for n in range(25):
        assert sign_in("villager", RIGHT, address=f"10.3.{n}.1").status_code == 302


def test_names_that_do_not_exist_are_held_up_in_the_same_words(cast):
    there, none = (guess_from_everywhere(name, 22) for name in ("planner", "nobody"))
    assert [(a.status_code, a.content) for a in there] == [(a.status_code, a.content) for a in none]
    assert there[-1].status_code == 429


def test_a_one_time_link_opens_the_account_again(cast):
    guess_from_everywhere("villager", 21)
    assert sign_in("villager", RIGHT, address="10.9.9.9").status_code == 429
    administrator = User.objects.create_superuser("root")
    link = passwords.make_link(cast.villager, by=administrator)
    new = "four quiet herons wade"
    passwords.use_link(link.rstrip("/").rsplit("/", 1)[1], new)
    assert sign_in("villager", new, address="10.9.9.9").status_code == 302


@pytest.fixture
def administrator(cast) -> User:
    user = User.objects.create_user("watching")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR, division_code=world.COUNTY)
    return user


def test_administrators_are_told_once_a_day_of_guessing_from_everywhere(cast, administrator):
    guess_from_everywhere(times=30)
    entry = AuditEntry.objects.get(verb="account.locked", object_id=str(cast.planner.pk))
    assert entry.after == {"minutes": 60, "everywhere": True}
    assert Notification.objects.get(user=administrator).kind == "account_guessed"
    assert Notification.objects.get(user=cast.planner).kind == "account_locked"
    for _n in range(6):
        sign_in(address="10.4.0.1")
    assert Notification.objects.filter(user=administrator).count() == 1


def test_administrators_are_told_of_locks_by_address_that_come_again_and_again(cast, administrator, monkeypatch):
    monkeypatch.setattr(AccountThrottle, "rate", "1000/hour", raising=False)
    for place in range(3):
        assert not Notification.objects.filter(user=administrator).exists()
        for _n in range(5):
            sign_in(address=f"10.5.{place}.1")
    told = Notification.objects.get(user=administrator)
    assert (told.kind, told.values) == ("account_guessed", {"who": "planner", "locks": 3})
