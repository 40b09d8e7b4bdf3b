"""A slip for a new password: printed by the committee or township for a resident of theirs, good for a day, told and on record."""

import datetime

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from planning import participation
from portal import passwords
from portal.errors import NotAllowed
from portal.models import AuditEntry, Membership, OneTimeLink, Role, User
from tests import world

pytestmark = pytest.mark.django_db
NEW, OLD = "sunny-tractor-42-walnut", "right-horse-battery"


def ask(client: Client, user: User):
    return client.post(f"/api/v1/people/{user.pk}/password-slip/", content_type="application/json")


def path_of(link: str) -> str:
    return link.split("testserver")[-1] if "testserver" in link else "/password/" + link.split("/password/")[1]


def use(link: str, password: str = NEW):
    return Client().post(path_of(link), {"password": password, "again": password})


@pytest.mark.parametrize("who", ["committee", "township"])
def test_a_slip_sets_a_new_password_and_all_that_was_said_stays(cast, public_version, as_user, who):
    comment = participation.post_comment(public_version, by=cast.villager, text="路太窄")
    before = as_user("villager")
    assert before.get("/me/").status_code == 200
    answer = ask(as_user(who), cast.villager)
    assert answer.status_code == 201
    assert "no-store" in answer.headers["Cache-Control"]
    told = answer.json()
    assert told["username"] == "villager"
    assert use(told["link"]).headers["Location"] == "/login/"
    assert before.get("/me/").status_code == 302  # signed out everywhere
    client = Client()
    assert client.post("/login/", {"username": "villager", "password": OLD}).status_code == 200
    assert client.post("/login/", {"username": "villager", "password": NEW}).status_code == 302
    mine = client.get(f"/api/v1/versions/{public_version.pk}/comments/").json()["results"]
    assert [(row["id"], row["mine"]) for row in mine] == [(comment.pk, True)]
    assert use(told["link"], "another long lantern").status_code == 404


def test_it_is_on_record_and_the_account_is_told(cast, as_user):
    link = ask(as_user("committee"), cast.villager).json()["link"]
    entry = AuditEntry.objects.get(verb="account.slip_made")
    assert (entry.actor, entry.after) == (cast.committee, {"hours": 24})
    token = path_of(link).split("/")[2]
    assert token not in str(list(AuditEntry.objects.values()))
    assert token not in str(list(OneTimeLink.objects.values()))
    assert cast.villager.notifications.filter(kind="password_slip").count() == 1


def test_it_holds_for_a_day_and_a_new_one_ends_it(cast, as_user, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    first, second = (passwords.make_slip(cast.villager, by=cast.committee).link for _n in range(2))
    assert Client().get(path_of(first)).status_code == 404
    time_machine.move_to(now + datetime.timedelta(hours=23, minutes=59), tick=False)
    assert Client().get(path_of(second)).status_code == 200
    time_machine.move_to(now + datetime.timedelta(hours=24, seconds=1), tick=False)
    assert use(second).status_code == 404


@pytest.mark.parametrize("who", ["other_committee", "planner", "reviewer", "leader", "province", "villager", "stranger", "expert"])  # fmt: skip
def test_for_everybody_else_there_is_no_such_slip(cast, as_user, who):
    assert ask(as_user(who), cast.villager).status_code == 404
    assert as_user(who).post(f"/people/{cast.villager.pk}/password-slip/").status_code == 404
    with pytest.raises(NotAllowed):
        passwords.make_slip(cast.villager, by=getattr(cast, who))
    assert not OneTimeLink.objects.exists()


def test_who_is_not_signed_in_is_asked_to(cast, client):
    assert client.post(f"/people/{cast.villager.pk}/password-slip/").url.startswith("/login/")
    assert ask(client, cast.villager).status_code in (403, 404)


def test_an_account_with_an_office_gets_none_though_its_owner_lives_there(cast, as_user):
    for user in (cast.planner, cast.committee):
        Membership.objects.get_or_create(user=user, role=Role.RESIDENT, division_code=world.LIUGOU)
    for user in (cast.planner, cast.committee):
        assert ask(as_user("township"), user).status_code == 403
        assert as_user("township").post(f"/people/{user.pk}/password-slip/").status_code == 403
    assert "password-slip" not in as_user("township").get(f"/people/{cast.planner.pk}/").content.decode()
    assert not OneTimeLink.objects.exists()


def test_the_page_finds_the_account_and_prints_the_slip(cast, as_user, settings):
    settings.SITE_URL = "https://plan.example.gov.cn"
    client = as_user("committee")
    page = client.get("/people/", {"username": " Villager "}).content.decode()
    assert f"/people/{cast.villager.pk}/" in page
    assert client.get("/people/", {"username": "stranger"}).context["rows"] == []  # of another village
    api = client.get("/api/v1/people/", {"username": "villager"}).json()["results"]
    assert [row["number"] for row in api] == [cast.villager.pk]
    assert "password-slip" in client.get(f"/people/{cast.villager.pk}/").content.decode()
    answer = client.post(f"/people/{cast.villager.pk}/password-slip/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert "no-store" in answer.headers["Cache-Control"]
    [sheet] = pypdfium2.PdfDocument(answer.content)
    said = sheet.get_textpage().get_text_range()
    assert "villager" in said
    assert "设新密码" in said
    assert cast.villager.full_name not in said
    zxingcpp = pytest.importorskip("zxingcpp")
    [code] = zxingcpp.read_barcodes(sheet.render(scale=2.5, grayscale=True).to_pil())
    assert code.text.startswith("https://plan.example.gov.cn/password/")
    assert use(code.text).status_code == 302


def test_the_page_to_sign_in_says_where_a_villager_goes(client, db):
    page = client.get(reverse("login")).content.decode()
    assert "go to your village committee" in page or "请到村委会" in page
