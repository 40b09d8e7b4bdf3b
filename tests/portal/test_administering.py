"""Administrators look after the accounts of their own division: list, one-time link, lost telephone, closing; each act on record."""

import pytest
from django.test import Client

from portal.models import AuditEntry, Membership, Role, SecondFactor, User
from tests import world

pytestmark = pytest.mark.django_db
ACTS = ["link", "close", "open", "sign-out", "second-factor/remove"]
REASON = {"reason": "本人持身份证到场"}


def administrator_of(code: str, name: str) -> Client:
    user = User.objects.create_user(name, password="right-horse-battery", full_name=name)
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR, division_code=code)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def county(cast) -> Client:
    return administrator_of(world.COUNTY, "county_admin")


@pytest.fixture
def other_town(cast) -> Client:
    return administrator_of("370983108000", "sunbo_admin")


def names(client: Client) -> set[str]:
    return {row["username"] for row in client.get("/api/v1/accounts/").json()["results"]}


def test_the_list_holds_those_whose_every_role_lies_in_the_division(cast, county, other_town):
    assert names(county) == {*world.CAST, "county_admin", "sunbo_admin"} - {"province"}
    assert names(other_town) == {"stranger", "sunbo_admin"}
    Membership.objects.create(user=cast.stranger, role=Role.RESIDENT, division_code=world.LIUGOU)
    assert names(other_town) == {"sunbo_admin"}


def test_the_page_finds_by_name_and_says_when_nobody_is_found(county):
    page = county.get("/accounts/?q=vill").content.decode()
    assert "villager" in page
    assert "planner" not in page
    county.cookies["django_language"] = "en"
    assert "No account found" in county.get("/accounts/?q=没有").content.decode()


def test_the_list_of_the_api_comes_in_pages(county):
    first = county.get("/api/v1/accounts/?page_size=5").json()
    second = county.get(first["next"]).json()
    assert len(first["results"]) == 5
    assert not {r["username"] for r in first["results"]} & {r["username"] for r in second["results"]}


@pytest.mark.parametrize("name", [None, *world.CAST])
def test_to_everyone_else_there_are_no_accounts(as_user, name):
    client = as_user(name)
    for api in ("/api/v1/accounts/", "/api/v1/accounts/villager/"):
        assert client.get(api).status_code == 404
    expected = 404 if name else 302
    for page in ("/accounts/", "/accounts/villager/"):
        assert client.get(page).status_code == expected
    for act in ACTS:
        assert client.post(f"/api/v1/accounts/villager/{act}/", REASON, "application/json").status_code == 404
        assert client.post(f"/accounts/villager/{act}/", REASON).status_code == expected
    assert User.objects.get(username="villager").is_active


def test_of_another_division_there_are_no_accounts(other_town):
    for act in ACTS:
        assert other_town.post(f"/api/v1/accounts/villager/{act}/", REASON, "application/json").status_code == 404
        assert other_town.post(f"/accounts/villager/{act}/", REASON).status_code == 404


@pytest.mark.parametrize("act", ["link", "close", "open", "second-factor/remove", "sign-out"])
def test_nobody_does_it_to_the_own_account(county, act):
    answer = county.post(f"/api/v1/accounts/county_admin/{act}/", REASON, "application/json")
    assert answer.status_code == (200 if act == "sign-out" else 403)


def test_a_superuser_is_looked_after_by_superusers_only(cast, county):
    root = User.objects.create_superuser("root")
    Membership.objects.create(user=root, role=Role.RESIDENT, division_code=world.LIUGOU)
    assert county.post("/accounts/root/link/").status_code == 404
    other = Client()
    other.force_login(User.objects.create_superuser("root2"))
    assert other.post("/accounts/root/link/").status_code == 200


def test_an_account_is_closed_and_opened_with_a_reason_that_is_kept(cast, county):
    assert county.post("/accounts/villager/close/", {"reason": " "}).status_code == 400
    assert county.post("/accounts/villager/close/", REASON).status_code == 302
    assert not User.objects.get(username="villager").is_active
    assert Client().post("/login/", {"username": "villager", "password": "right-horse-battery"}).status_code == 200
    again = county.post("/api/v1/accounts/villager/close/", REASON, "application/json")
    assert again.status_code == 409
    assert county.post("/api/v1/accounts/villager/open/", REASON, "application/json").json() == {"done": True}
    assert User.objects.get(username="villager").is_active
    acts = AuditEntry.objects.filter(object_id=str(cast.villager.pk), verb__in=["account.closed", "account.opened"])
    assert [(e.verb, e.after["reason"]) for e in acts.order_by("pk")] == [
        ("account.closed", REASON["reason"]),
        ("account.opened", REASON["reason"]),
    ]


@pytest.mark.parametrize(
    "way", ["/accounts/planner/second-factor/remove/", "/api/v1/accounts/planner/second-factor/remove/"]
)
def test_a_lost_telephone_is_taken_off_with_a_reason(cast, county, way):
    kind = {} if "api" not in way else {"content_type": "application/json"}
    assert county.post(way, REASON, **kind).status_code == 403  # none is set up
    SecondFactor.objects.create(user=cast.planner, key="A" * 32)
    session = Client()
    session.force_login(cast.planner)
    assert county.post(way, REASON, **kind).status_code in (200, 302)
    assert not SecondFactor.objects.exists()
    assert not session.get("/api/v1/me/").json()["signed_in"]
    entry = AuditEntry.objects.get(verb="account.second_factor_removed")
    assert (entry.actor.username, entry.after) == ("county_admin", REASON)


@pytest.mark.parametrize("way", ["/accounts/planner/sign-out/", "/api/v1/accounts/planner/sign-out/"])
def test_an_account_is_signed_out_everywhere(cast, county, way):
    session = Client()
    session.force_login(cast.planner)
    county.post(way)
    assert not session.get("/api/v1/me/").json()["signed_in"]


def test_the_page_of_an_account_shows_its_roles_and_what_may_be_done(cast, county):
    page = county.get("/accounts/agriculture/").content.decode()
    assert world.COUNTY in page
    for act in ("link", "close", "sign-out"):
        assert f'action="/accounts/agriculture/{act}/"' in page
    assert "/link/" not in county.get("/accounts/county_admin/").content.decode()
