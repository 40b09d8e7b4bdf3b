"""Auditors read the record by page, API and table; nobody else learns that it is there."""

import csv
import io

import pytest
from django.test import Client

from portal.audit import record
from portal.models import AuditEntry, Membership, Role, User
from tests import world

pytestmark = pytest.mark.django_db


def overseer(role: str, code: str, **rights) -> Client:
    user = User.objects.create_user(f"{role}-{code}", **rights)
    Membership.objects.create(user=user, role=role, division_code=code)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def auditor(cast) -> Client:
    return overseer(Role.AUDITOR, world.COUNTY)


@pytest.fixture
def rows(cast) -> list[AuditEntry]:
    people = [cast.planner, cast.township, cast.villager]
    return [record(f"test.{n % 2}", cast.villager, by=people[n % 3], after={"n": n}) for n in range(6)]


def numbers(answer) -> list[int]:
    return [row["number"] for row in answer.json()["results"]]


@pytest.mark.parametrize("who", ["planner", "committee", "villager", "township", "reviewer", "leader", "province", "expert", "agriculture", "stranger"])  # fmt: skip
def test_for_who_is_no_auditor_there_is_no_record(rows, as_user, who):
    client = as_user(who)
    for answer in (
        client.get("/audit/"),
        client.post("/audit/export/"),
        client.get("/api/v1/audit/"),
        client.post("/api/v1/audit/export/", {}, "application/json"),
    ):
        assert answer.status_code == 404
    assert not AuditEntry.objects.filter(verb="audit.exported").exists()


@pytest.mark.parametrize(("role", "code", "status"), [
    (Role.AUDITOR, world.COUNTY, 200), (Role.ADMINISTRATOR, "370000000000", 200), (Role.AUDITOR, world.TOWN, 404),
    (Role.ADMINISTRATOR, world.LIUGOU, 404), (Role.COUNTY_LEADER, world.COUNTY, 404),
])  # fmt: skip
def test_the_record_is_for_auditors_of_a_county_or_above(cast, role, code, status):
    client = overseer(role, code)
    assert client.get("/audit/").status_code == status
    assert client.get("/api/v1/audit/").status_code == status


def test_entries_are_found_by_object_person_act_and_day(rows, cast, auditor):
    about = {"object": f"portal.User {cast.villager.pk}"}
    assert numbers(auditor.get("/api/v1/audit/", about)) == [row.pk for row in reversed(rows)]
    assert numbers(auditor.get("/api/v1/audit/", {"object": str(cast.villager.pk), "person": "planner"})) == [
        rows[3].pk,
        rows[0].pk,
    ]
    by_number = auditor.get("/api/v1/audit/", {**about, "person": f"account {cast.villager.pk}"})
    assert numbers(by_number) == [rows[5].pk, rows[2].pk]
    assert numbers(auditor.get("/api/v1/audit/", {"verb": "test.1"})) == [rows[n].pk for n in (5, 3, 1)]
    assert numbers(auditor.get("/api/v1/audit/", {**about, "day": "2001-01-01"})) == []
    assert len(numbers(auditor.get("/api/v1/audit/", {**about, "day": f"{rows[0].at.astimezone():%Y-%m-%d}"}))) in (
        0,
        6,
    )
    assert numbers(auditor.get("/api/v1/audit/", {"person": "nobody"})) == []
    page = auditor.get("/audit/", {"verb": "test.1"}).content.decode()
    assert page.count('<td class="number">') == 3


def test_pages_go_on_where_the_last_ended(rows, auditor):
    first = auditor.get("/api/v1/audit/", {"verb": "test", "page_size": 4}).json()
    second = auditor.get(first["next"]).json()
    assert [row["number"] for row in first["results"] + second["results"]] == [row.pk for row in reversed(rows)]
    assert second["next"] is None


@pytest.mark.parametrize("query", ["cursor=x", "cursor=-1", "cursor=99999999999999999999", "cursor=%00", "day=x", "object=%00", "person=a%00", "verb=%00", "nothing=1"])  # fmt: skip
def test_parameters_that_are_not_right_are_400(auditor, query):
    assert auditor.get(f"/api/v1/audit/?{query}").status_code == 400
    assert auditor.get(f"/audit/?{query}").status_code == 200
    assert auditor.get("/audit/?before=99999999999999999999").status_code == 200


def test_the_table_runs_no_formula_and_taking_it_is_an_entry(cast, auditor):
    for start in "=+-@\t":
        cast.villager.username = f"{start}cmd"
        record(f"{start}HYPERLINK", cast.villager, by=None, after={"x": "=1+1"})
    answer = auditor.post("/audit/export/", {"day": ""})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    assert table[0][:4] == ["number", "at", "who", "verb"]
    assert len(table) > 5
    assert not [cell for row in table for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert AuditEntry.objects.filter(verb="audit.exported").count() == 1
    api = auditor.post("/api/v1/audit/export/", {"verb": "="}, "application/json")
    assert len(b"".join(api.streaming_content).decode().splitlines()) == 2
    assert AuditEntry.objects.filter(verb="audit.exported").first().after == {"verb": "="}


def test_the_page_shows_markup_in_values_as_text(cast, auditor):
    record("test.markup", cast.villager, by=None, after={"<b>": "<script>alert(1)</script>"})
    page = auditor.get("/audit/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_value_called_items_is_a_value_like_any_other(cast, auditor):
    record("version.return_listed", cast.planner, by=cast.reviewer, after={"items": 3})
    html = auditor.get("/audit/?verb=version.return_listed").content.decode()
    assert "items" in html


def test_the_page_says_when_nothing_fits_and_the_way_back(auditor):
    page = auditor.get("/audit/?verb=nothing.like.this").content.decode()
    assert 'href="/audit/"' in page


def test_names_are_not_in_the_record_but_offices_are(rows, cast, auditor):
    page = auditor.get("/audit/").content.decode()
    assert f"account {cast.villager.pk}" in page
    assert cast.villager.full_name not in page
    assert "township" in page
