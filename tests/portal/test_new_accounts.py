"""An administrator opens an account with a role in the own division; its owner sets the password by a link shown once."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from portal.models import AuditEntry, Membership, Notification, OneTimeLink, Role, User
from tests import world
from tests.portal.test_administering import administrator_of

pytestmark = pytest.mark.django_db
NEW = "a-long-new-password-2026"


def asked(**differences):
    fields = {"username": "li.si", "full_name": "李四", "role": "planner", "division_code": world.LIUGOU}
    return {**fields, **differences}


@pytest.fixture
def town(cast) -> Client:
    world.make_divisions()
    return administrator_of(world.TOWN, "chaoquan_admin")


def test_the_account_has_its_role_and_no_password_until_the_link_is_used(town):
    end = timezone.localdate() + datetime.timedelta(days=90)
    page = town.post("/accounts/new/", asked(valid_to=end.isoformat()))
    assert page.status_code == 200
    user = User.objects.get(username="li.si")
    assert not user.has_usable_password()
    row = Membership.objects.get(user=user)
    assert (row.role, row.division_code, row.valid_to) == (Role.PLANNER, world.LIUGOU, end)
    assert (row.user.full_name, AuditEntry.objects.get(verb="account.made").actor.username) == (
        "李四",
        "chaoquan_admin",
    )
    link = page.context["link"]
    path = link[link.index("/password/") :]
    assert Client().post(path, {"password": NEW, "again": NEW}).url == "/login/"
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert "li.si" in town.get("/accounts/").content.decode()


def test_the_api_answers_the_link_once(town):
    answer = town.post("/api/v1/accounts/", asked(), "application/json")
    assert (answer.status_code, answer.json()["account"]["username"]) == (201, "li.si")
    assert "/password/" in answer.json()["link"]
    assert OneTimeLink.objects.count() == 1


WRONG = {
    "a name of two letters": (asked(username="ab"), 400, "username"),
    "a name with a blank": (asked(username="li si"), 400, "username"),
    "a name that is a word of an address": (asked(username="new"), 400, "username"),
    "a name that says it was erased": (asked(username="erased-1"), 400, "username"),
    "a name that is taken": (asked(username="planner"), 409, "username"),
    "no name of a person": (asked(full_name=" "), 400, "full_name"),
    "a division there is none of": (asked(division_code="370983101999"), 400, "division_code"),
    "a department for a planner": (asked(department="water"), 400, "department"),
    "no department for a department": (asked(role="department"), 400, "department"),
    "a role that is over": (asked(valid_to="2020-01-01"), 400, "valid_to"),
    "another county": (asked(division_code="370984000000"), 403, ""),
    "another township": (asked(division_code="370983108000", role="township"), 403, ""),
    "the county above": (asked(division_code=world.COUNTY, role="county_leader"), 403, ""),
    "another administrator of the same division": (asked(division_code=world.TOWN, role="administrator"), 403, ""),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_made(what, town):
    body, status, field = WRONG[what]
    before = User.objects.count()
    answer = town.post("/api/v1/accounts/", body, "application/json")
    assert answer.status_code == status, answer.content
    page = town.post("/accounts/new/", body)
    assert page.status_code == status
    if field:
        assert page.context["form"].errors[field]
    assert (User.objects.count(), OneTimeLink.objects.count()) == (before, 0)


def test_an_administrator_makes_one_below_the_own_division(town):
    body = asked(role="administrator", division_code=world.LIUGOU)
    assert town.post("/api/v1/accounts/", body, "application/json").status_code == 201


@pytest.mark.parametrize("name", [None, *world.CAST])
def test_to_everyone_else_there_is_no_such_page(name, cast, as_user):
    client = as_user(name) if name else as_user()
    assert client.get("/accounts/new/").status_code == (404 if name else 302)
    assert client.post("/accounts/new/", asked()).status_code == (404 if name else 302)
    assert client.post("/api/v1/accounts/", asked(), "application/json").status_code in (403, 404)
    assert not User.objects.filter(username="li.si").exists()


def test_the_owner_is_told_once_a_day_that_somebody_guesses(cast, time_machine):
    noon = datetime.datetime(2026, 6, 1, 4, tzinfo=datetime.UTC)
    for hours in (0, 1, 24):
        time_machine.move_to(noon + datetime.timedelta(hours=hours), tick=False)
        for _n in range(6):
            Client().post("/login/", {"username": "planner", "password": "wrong"})
    told = Notification.objects.filter(user=cast.planner, kind="account_locked")
    assert told.count() == 2
    assert not Notification.objects.exclude(user=cast.planner).exists()
