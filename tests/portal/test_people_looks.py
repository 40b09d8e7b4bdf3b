"""Staff look at personal data for a purpose only, each look is on record, and many are told to those who watch."""

import pytest
from django.utils import timezone

from portal import people
from portal.models import AuditEntry, Membership, Notification, Role, User
from tests import world

pytestmark = pytest.mark.django_db
NUMBER = "11010519491231002X"


@pytest.fixture
def known(cast) -> User:
    people.agree(cast.villager, "identity", by=cast.villager)
    people.record_identity(cast.villager, by=cast.villager, full_name="柳大爷", phone="13812345678", id_number=NUMBER)
    return cast.villager


@pytest.fixture
def auditor(cast) -> User:
    user = User.objects.create_user("auditor", password="right-horse-battery", full_name="审计员")
    Membership.objects.create(user=user, role=Role.AUDITOR, division_code=world.COUNTY)
    return user


def test_the_page_of_a_resident_is_masked_until_a_purpose_is_said(known, as_user):
    client = as_user("committee")
    page = client.get(f"/people/{known.pk}/").content.decode()
    assert NUMBER not in page
    assert "1101**********002X" in page
    assert not AuditEntry.objects.filter(verb="person.seen").exists()
    seen = client.post(f"/people/{known.pk}/look/", {"purpose": "verify"})
    assert NUMBER in seen.content.decode()
    assert "no-store" in seen.headers["Cache-Control"]
    assert AuditEntry.objects.get(verb="person.seen").after == {"purpose": "verify"}


@pytest.mark.parametrize("purpose", ["", "curiosity"])
def test_without_a_purpose_nothing_is_shown(known, as_user, purpose):
    assert NUMBER not in as_user("committee").post(f"/people/{known.pk}/look/", {"purpose": purpose}).content.decode()
    answer = as_user("committee").post(f"/api/v1/people/{known.pk}/look/", {"purpose": purpose}, "application/json")
    assert answer.status_code == 400
    assert not AuditEntry.objects.filter(verb="person.seen").exists()


def test_who_did_not_agree_to_be_called_is_not_looked_up_for_calling(known, as_user):
    body = {"purpose": "contact"}
    assert as_user("committee").post(f"/api/v1/people/{known.pk}/look/", body, "application/json").status_code == 403
    people.agree(known, "contact", by=known)
    answer = as_user("committee").post(f"/api/v1/people/{known.pk}/look/", body, "application/json")
    assert answer.json()["phone"] == "13812345678"


@pytest.mark.parametrize(
    "who", ["other_committee", "planner", "reviewer", "leader", "province", "villager", "stranger", "expert"]
)
def test_for_everybody_else_there_is_no_such_person(known, as_user, who):
    client = as_user(who)
    for answer in (
        client.get(f"/people/{known.pk}/"),
        client.post(f"/people/{known.pk}/look/", {"purpose": "verify"}),
        client.post(f"/people/{known.pk}/verify/"),
        client.post(f"/api/v1/people/{known.pk}/look/", {"purpose": "verify"}, "application/json"),
        client.post(f"/api/v1/people/{known.pk}/verify/", {}, "application/json"),
    ):
        assert answer.status_code == 404, who
    assert not AuditEntry.objects.filter(verb="person.seen").exists()


def test_committee_and_township_verify_once_and_nobody_oneself(known, cast, as_user):
    Membership.objects.create(user=cast.committee, role=Role.RESIDENT, division_code=world.LIUGOU)
    own = as_user("committee").post(f"/api/v1/people/{cast.committee.pk}/verify/", {}, "application/json")
    assert own.status_code == 403
    assert as_user("township").post(f"/people/{known.pk}/verify/").status_code == 302
    assert people.person_of(known).verified_by == cast.township
    again = as_user("committee").post(f"/api/v1/people/{known.pk}/verify/", {}, "application/json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "verified")


def test_who_gave_nothing_cannot_be_verified(cast, as_user):
    answer = as_user("committee").post(f"/api/v1/people/{cast.villager.pk}/verify/", {}, "application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_given")


def test_the_list_is_masked_and_begins_with_who_waits(known, cast, as_user):
    page = as_user("township").get("/people/").content.decode()
    assert known.masked_name in page
    assert "柳大爷" not in page
    people.verify_identity(known, by=cast.committee)
    assert known.masked_name not in as_user("township").get("/people/").content.decode()
    assert known.masked_name in as_user("township").get("/people/?show=all").content.decode()
    rows = as_user("township").get("/api/v1/people/").json()["results"]
    assert [(row["number"], row["id_number"]) for row in rows] == [(known.pk, "1101**********002X")]
    assert as_user("township").get("/api/v1/people/?waiting=true").json()["results"] == []
    assert as_user("planner").get("/people/").status_code == 404
    assert as_user("planner").get("/api/v1/people/").status_code == 404


def test_the_person_reads_who_looked_and_what_for(known, cast, as_user):
    people.look(known, by=cast.township, purpose="authority")
    html = as_user("villager").get("/me/").content.decode()
    assert cast.township.full_name in html
    looks = as_user("villager").get("/api/v1/me/data/").json()["looks"]
    assert [(look["by"], look["purpose"]) for look in looks] == [("township", "authority")]


def test_more_than_200_looks_in_five_minutes_are_told_once_to_auditors(known, cast, auditor, monkeypatch):
    monkeypatch.setattr(people, "LOOKS", 5)
    for _ in range(5):
        people.look(known, by=cast.township, purpose="verify")
    assert not Notification.objects.filter(user=auditor).exists()
    for _ in range(3):
        people.look(known, by=cast.township, purpose="verify")
    told = Notification.objects.get(user=auditor)
    assert (told.kind, told.values["who"]) == ("many_looks", "township")


def test_the_limit_is_200_looks_in_five_minutes():
    assert (people.LOOKS, people.LOOKS_WITHIN.total_seconds()) == (200, 300)


def test_old_looks_do_not_count(known, cast, auditor, monkeypatch):
    monkeypatch.setattr(people, "LOOKS", 2)
    for _ in range(2):
        people.look(known, by=cast.township, purpose="verify")
    later = timezone.now() + people.LOOKS_WITHIN
    monkeypatch.setattr(timezone, "now", lambda: later)
    people.look(known, by=cast.township, purpose="verify")
    assert not Notification.objects.filter(user=auditor).exists()
