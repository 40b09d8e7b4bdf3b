"""A session has a new id at sign-in, and ends with the password, the roles, the account, or the time (AU-6 to AU-8)."""

import datetime

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from portal import administering, passwords, tokens
from portal.models import AccessToken, Membership, OneTimeLink, Role, User
from portal.tasks import forget_ended

pytestmark = pytest.mark.django_db
RIGHT = "right-horse-battery"
NEW = "three wet lanterns hum"


def signed_in(name: str) -> Client:
    client = Client()
    assert client.post("/login/", {"username": name, "password": RIGHT}).status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/api/v1/me/").json()["signed_in"]


def session_id(client: Client) -> str:
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def by_token(name: str, cast) -> Client:
    return Client(headers={"Authorization": f"Token {tokens.issue(getattr(cast, name))}"})


def test_the_id_of_a_session_changes_at_sign_in(cast, settings):
    client = Client()
    settings.SECOND_FACTOR = True
    client.post("/login/", {"username": "planner", "password": RIGHT})
    waiting = session_id(client)
    settings.SECOND_FACTOR = False
    client.post("/login/", {"username": "planner", "password": RIGHT})
    assert session_id(client) != waiting
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = waiting
    assert not is_signed_in(thief)


def end_password(cast):
    passwords.change(cast.planner, RIGHT, NEW)


def end_account(cast):
    cast.planner.is_active = False
    cast.planner.save(update_fields=["is_active"])


def end_role(cast):
    cast.planner.memberships.all().delete()


def begin_role(cast):
    Membership.objects.create(user=cast.planner, role=Role.TOWNSHIP, division_code="370983108000")


def move_role(cast):
    cast.planner.memberships.update(division_code="370983101205")


def end_by_date(cast):
    cast.planner.memberships.update(valid_to=timezone.localdate() - datetime.timedelta(days=1))


def end_everywhere(cast):
    administering.sign_out(cast.planner, by=cast.planner)


WAYS = [end_password, end_account, end_role, begin_role, move_role, end_by_date, end_everywhere]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_sessions_and_tokens_end_at_the_next_request(cast, way):
    session, token, other = signed_in("planner"), by_token("planner", cast), signed_in("township")
    assert is_signed_in(session)
    assert token.get("/api/v1/me/").json()["signed_in"]
    way(cast)
    assert not is_signed_in(session)
    refused = token.get("/api/v1/me/")
    assert refused.status_code == 403
    assert "signed_in" not in refused.json()
    assert not Session.objects.filter(pk=session_id(session)).exists()
    assert is_signed_in(other)


def test_what_ended_with_a_closed_account_does_not_come_back_when_it_opens_again(cast):
    session, token = signed_in("planner"), by_token("planner", cast)
    root = User.objects.create_superuser("root")
    administering.close(cast.planner, by=root, reason="合同到期")
    administering.reopen(cast.planner, by=root, reason="续签合同")
    assert not is_signed_in(session)
    assert token.get("/api/v1/me/").status_code == 403


def test_a_contract_that_ends_at_midnight_ends_the_session_at_midnight(cast, time_machine):
    cast.planner.memberships.update(valid_to=datetime.date(2026, 11, 27))
    time_machine.move_to("2026-11-27T23:50:00+08:00")
    session, token = signed_in("planner"), by_token("planner", cast)
    time_machine.move_to("2026-11-27T23:59:00+08:00")
    assert is_signed_in(session)
    time_machine.move_to("2026-11-28T00:01:00+08:00")
    assert not is_signed_in(session)
    assert token.get("/api/v1/me/").status_code == 403


def test_signing_out_ends_the_session_on_the_server(cast):
    client = signed_in("planner")
    kept = session_id(client)
    client.post("/logout/")
    client.cookies[django_settings.SESSION_COOKIE_NAME] = kept
    assert not is_signed_in(client)


def test_who_changes_the_password_stays_signed_in_here_only(cast):
    here, there = signed_in("villager"), signed_in("villager")
    form = {"old": RIGHT, "password": NEW, "again": NEW}
    before = session_id(here)
    assert here.post("/account/sign-in/password/", form).status_code == 302
    assert is_signed_in(here)
    assert session_id(here) != before
    assert not is_signed_in(there)


def test_who_signs_out_everywhere_stays_signed_in_here_only(cast):
    here, there = signed_in("villager"), signed_in("villager")
    here.post("/account/sign-in/everywhere/")
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    assert here.post("/api/v1/account/sign-out-everywhere/", {}, "application/json").json() == {"done": True}
    assert not is_signed_in(here)


@pytest.mark.parametrize(
    ("name", "minutes", "still"), [("township", 29, True), ("township", 31, False), ("villager", 31, True)]
)
def test_half_an_hour_of_rest_ends_the_session_of_who_acts_for_others(cast, time_machine, name, minutes, still):
    time_machine.move_to("2026-11-27T12:00:00+08:00")
    client = signed_in(name)
    time_machine.shift(minutes * 60)
    assert is_signed_in(client) is still


def test_work_keeps_the_session_alive_but_not_beyond_twelve_hours(cast, time_machine):
    time_machine.move_to("2026-11-27T08:00:00+08:00")
    official, resident = signed_in("township"), signed_in("villager")
    for _quarter in range(4 * 11 + 3):
        time_machine.shift(15 * 60)
        assert is_signed_in(official)
    time_machine.shift(14 * 60)
    assert is_signed_in(resident)
    time_machine.shift(2 * 60)
    assert not is_signed_in(official)
    assert not is_signed_in(resident)


def test_what_a_page_asks_by_itself_keeps_no_session_alive(cast, time_machine):
    time_machine.move_to("2026-11-27T12:00:00+08:00")
    left, at_work = signed_in("township"), signed_in("township")
    for minutes in range(2, 30, 2):
        time_machine.shift(120)
        assert left.get("/api/v1/me/", headers={"X-Background": "1"}).json()["signed_in"]
        assert minutes % 10 or is_signed_in(at_work)
    time_machine.shift(180)
    assert not is_signed_in(left)
    assert is_signed_in(at_work)


def test_the_page_says_why_the_session_ended(cast, time_machine):
    time_machine.move_to("2026-11-27T12:00:00+08:00")
    client = signed_in("township")
    client.cookies["django_language"] = "en"
    time_machine.shift(31 * 60)
    answer = client.get("/account/sign-in/", follow=True)
    assert answer.redirect_chain[0][0].startswith("/login/?next=")
    assert "nothing happened for half an hour" in answer.content.decode()


def test_a_token_ends_after_ninety_days_and_lies_nowhere_in_clear(cast, time_machine):
    time_machine.move_to("2026-11-27T12:00:00+08:00")
    key = tokens.issue(cast.villager)
    client = Client(headers={"Authorization": f"Token {key}"})
    assert key not in str(AccessToken.objects.values())
    time_machine.shift(89 * 86400)
    assert client.get("/api/v1/me/").json()["signed_in"]
    time_machine.shift(2 * 86400)
    assert client.get("/api/v1/me/").status_code == 403
    assert Client(headers={"Authorization": f"Token {'0' * 40}"}).get("/api/v1/me/").status_code == 403


def test_what_nobody_can_use_any_more_is_deleted_by_the_scheduler(cast, time_machine):
    time_machine.move_to("2026-11-27T12:00:00+08:00")
    root = User.objects.create_superuser("root")
    signed_in("villager")
    tokens.issue(cast.villager)
    passwords.make_link(cast.villager, by=root)
    forget_ended()
    assert (Session.objects.count(), AccessToken.objects.count(), OneTimeLink.objects.count()) == (1, 1, 1)
    time_machine.shift(25 * 3600)
    forget_ended()
    assert (Session.objects.count(), AccessToken.objects.count(), OneTimeLink.objects.count()) == (0, 1, 0)
    time_machine.shift(90 * 86400)
    forget_ended()
    assert not AccessToken.objects.exists()
