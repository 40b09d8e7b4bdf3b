"""Django's administration answers on hosts named for it, to staff with a second factor, and keeps a record (AZ-12)."""

import pytest
from django.test import Client

from portal.models import AuditEntry, User
from tests import world
from tests.portal.test_settings import start

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db) -> User:
    return User.objects.create_superuser("root", password="right-horse-battery")


@pytest.fixture
def inside(settings) -> str:
    settings.ADMIN_HOSTS = ["inside.example"]
    return "inside.example"


def at(host: str, user: User | None = None) -> Client:
    client = Client(headers={"Host": host})
    if user:
        client.force_login(user)
    return client


PAGES = [
    "/admin/", "/admin/login/", "/admin/jsi18n/", "/admin/portal/user/", "/admin/portal/user/add/", "/admin/nothing/",
    "/admin/password_change/", "/admin/r/1/1/",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_on_another_host_there_is_none_even_for_a_superuser(root, inside, page):
    assert at("plan.example", root).get(page).status_code == 404
    assert at("inside.example.evil.example", root).get(page).status_code == 404


def test_on_its_host_with_any_port_it_is_there(root, inside):
    assert at(inside, root).get("/admin/").status_code == 200
    assert at(f"{inside}:8443", root).get("/admin/portal/user/").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_who_is_no_staff_finds_nothing(cast, inside, page):
    assert at(inside, cast.leader).get(page).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_the_sign_in_of_the_portal(inside, page):
    assert at(inside).get(page).headers["Location"].startswith("/login/?next=/admin/")


def test_staff_without_a_code_are_strangers(root, inside, settings):
    settings.SECOND_FACTOR = True
    client = at(inside, root)
    assert client.get("/admin/").headers["Location"].startswith("/login/")
    client = at(inside)
    answer = client.post("/login/", {"username": "root", "password": "right-horse-battery"})
    assert answer.headers["Location"] == "/login/set-up/"


def test_a_change_of_an_account_or_its_roles_is_on_record(root, cast, inside):
    client = at(inside, root)
    user = cast.villager
    membership = user.memberships.get()
    form = {
        "username": user.username, "full_name": user.full_name, "is_active": "on", "date_joined_0": "2026-01-01", "date_joined_1": "08:00",
        "memberships-TOTAL_FORMS": "2", "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": membership.pk, "memberships-0-user": user.pk, "memberships-0-role": "resident", "memberships-0-division_code": world.LIUGOU,
        "memberships-1-user": user.pk, "memberships-1-role": "committee", "memberships-1-division_code": world.LIUGOU, "memberships-1-valid_to": "2027-12-31",
    }  # fmt: skip
    answer = client.post(f"/admin/portal/user/{user.pk}/change/", form)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    entry = AuditEntry.objects.get(verb="account.changed")
    assert (entry.actor, entry.object_id) == (root, str(user.pk))
    assert {role["role"] for role in entry.after["roles"]} == {"resident", "committee"}
    assert user.full_name not in str(entry.after)


def test_no_account_is_deleted(root, cast, inside):
    assert at(inside, root).post(f"/admin/portal/user/{cast.villager.pk}/delete/", {"post": "yes"}).status_code == 403


def test_what_ended_with_an_account_closed_here_does_not_come_back(root, cast, inside):
    session = at("plan.example", cast.stranger)
    user, before = cast.stranger, cast.stranger.sessions_ended
    form = {
        "username": user.username, "date_joined_0": "2026-01-01", "date_joined_1": "08:00",
        "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert at(inside, root).post(f"/admin/portal/user/{user.pk}/change/", form).status_code == 302
    user.refresh_from_db()
    assert (user.is_active, user.sessions_ended) == (False, before + 1)
    assert not session.get("/api/v1/me/").json()["signed_in"]


def test_outside_the_demo_no_host_is_named_unless_the_operator_does():
    assert start("print(s.ADMIN_HOSTS)", ADMIN_HOSTS=None).stdout == "[]\n"
    assert start("print(s.ADMIN_HOSTS)", ADMIN_HOSTS="a.example,b.example").stdout == "['a.example', 'b.example']\n"
