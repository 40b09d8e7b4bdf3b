"""Results that are out of date are marked wherever they appear, as soon as an input changes, and never recomputed silently."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators import runs
from planning import waivers, workflow
from planning.models import PlanVersion, WorkflowRule
from portal.errors import Conflict
from portal.models import Job
from tests import world
from tests.grid import cell
from tests.rows import shared
from villages import base_data
from villages.models import Village

MARK = "stale-band"


@shared
def closing_early(db):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )


@shared
def judged(version) -> PlanVersion:
    runs.judge(version)
    version.refresh_from_db()
    return version


def replace_base_data(village: Village, cast: Any) -> None:
    """The county puts a larger farmland in place."""
    base_data.replace(
        village, [], [base_data.IssuedLine("YJJBNT", "", cell(0, 0, 10, 5))], source="新划定", by=cast.leader
    )


PAGES = ["/versions/{}/", "/versions/{}/list/", "/versions/{}/review/", "/versions/{}/indicators/"]
ANSWERS = ["", "indicators/", "structure/", "findings/", "findings/changes/"]


@pytest.mark.parametrize("address", PAGES)
def test_pages_say_so_and_offer_to_compute_again(address, judged, village, cast, as_user):
    page = address.format(judged.pk)
    assert MARK not in as_user("township").get(page).content.decode()
    replace_base_data(village, cast)
    html = as_user("township").get(page).content.decode()
    assert html.count(MARK) == 1
    assert f"/versions/{judged.pk}/judge/" in html


@pytest.mark.parametrize("address", ANSWERS)
def test_the_api_says_so(address, judged, village, cast, as_user):
    url = f"/api/v1/versions/{judged.pk}/{address}"
    assert as_user("planner").get(url).json()["stale"] is False
    replace_base_data(village, cast)
    assert as_user("planner").get(url).json()["stale"] is True
    runs.judge(judged)
    assert as_user("planner").get(url).json()["stale"] is False


def test_lists_of_versions_say_so_too(judged, village, cast, as_user):
    def told() -> list[bool]:
        client = as_user("planner")
        plan = client.get(f"/api/v1/plans/{judged.plan_id}/").json()
        (listed,) = client.get("/api/v1/plans/").json()["results"]
        return [plan["versions"][0]["stale"], listed["versions"][0]["stale"]]

    assert told() == [False, False]
    replace_base_data(village, cast)
    assert told() == [True, True]


def test_the_village_page_and_the_desk_mark_the_version(judged, village, cast, as_user):
    mark = "tag--warning"
    addresses = {f"/villages/{village.pk}/": "planner", "/desk/": "planner"}
    assert not [a for a, who in addresses.items() if mark in as_user(who).get(a).content.decode()]
    replace_base_data(village, cast)
    assert not [a for a, who in addresses.items() if mark not in as_user(who).get(a).content.decode()]


def test_the_public_is_told_but_not_offered_what_it_may_not_do(public_judged, village, cast, as_user):
    replace_base_data(village, cast)
    html = as_user().get(f"/versions/{public_judged.pk}/").content.decode()
    assert MARK in html
    assert "/judge/" not in html


@shared
def public_judged(judged, cast) -> PlanVersion:
    return world.publish(judged, cast.township)


def test_readers_without_an_office_may_be_told_some_seconds_late_and_offices_never(
    public_judged, village, cast, as_user, settings
):
    settings.STALE_KEPT_SECONDS = 5
    page = f"/versions/{public_judged.pk}/"
    assert MARK not in as_user(None).get(page).content.decode()
    replace_base_data(village, cast)
    assert MARK not in as_user(None).get(page).content.decode()
    assert MARK in as_user("reviewer").get(page).content.decode()


def test_nothing_is_computed_silently(judged, village, cast, as_user):
    before = list(judged.findings.values_list("key", "area_m2"))
    replace_base_data(village, cast)
    for page in PAGES:
        as_user("township").get(page.format(judged.pk))
    assert list(judged.findings.values_list("key", "area_m2")) == before
    assert not Job.objects.exists()


def test_a_step_waits_until_it_is_computed_again(judged, village, cast, as_user, run_jobs):
    replace_base_data(village, cast)
    with pytest.raises(Conflict) as caught:
        workflow.move(judged, "ask_villagers", by=cast.committee)
    assert len(caught.value.data["missing"]) == 1
    answer = as_user("township").post(f"/api/v1/versions/{judged.pk}/judge/", {}, content_type="application/json")
    assert answer.status_code == 202
    assert as_user("township").get(answer.json()["url"]).status_code == 200
    run_jobs()
    assert workflow.move(judged, "ask_villagers", by=cast.committee).state == "round1"


def test_approval_waits_too(public_judged, village, cast, closing_early):
    version = world.put(public_judged, "submitted")
    world.write_decision(version)
    replace_base_data(village, cast)
    with pytest.raises(Conflict):
        workflow.move(version, "approve", by=cast.leader)


def test_an_exception_is_no_change_of_an_input(village, cast):
    from tests.planning.waiver_case import BAD_ROWS, confirmed

    version = world.make_version(village, rows=BAD_ROWS, by=cast.planner)
    runs.judge(version)
    waiver = confirmed(version, cast)
    assert not runs.is_stale(version.runs.first())
    waivers.withdraw(waiver, by=cast.leader)
    assert not runs.is_stale(version.runs.first())


WHO = {"township": 202, "reviewer": 202, "planner": 202, "committee": 202, "province": 202, "villager": 404,
       "stranger": 404, None: 404}  # fmt: skip


@pytest.mark.parametrize("who", WHO)
def test_who_may_have_a_draft_computed_again(who, judged, as_user):
    answer = as_user(who).post(f"/api/v1/versions/{judged.pk}/judge/", {}, content_type="application/json")
    assert answer.status_code == WHO[who]
    page = as_user(who).post(f"/versions/{judged.pk}/judge/")
    assert page.status_code == (404 if who and WHO[who] == 404 else 302)
    assert Job.objects.count() == (WHO[who] == 202)  # the second press starts no second job


def test_residents_may_not_have_a_public_version_computed(public_judged, as_user):
    for who in ("villager", None):
        answer = as_user(who).post(f"/api/v1/versions/{public_judged.pk}/judge/", {}, content_type="application/json")
        assert answer.status_code == 403


def test_while_somebody_has_it_computed_another_is_told(judged, as_user):
    url = f"/api/v1/versions/{judged.pk}/judge/"
    first = as_user("planner").post(url, {}, content_type="application/json").json()
    assert as_user("planner").post(url, {}, content_type="application/json").json() == first
    answer = as_user("township").post(url, {}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "running")
    assert as_user("township").post(f"/versions/{judged.pk}/judge/").status_code == 302


def test_what_is_on_record_is_not_computed_again(public_judged, cast, as_user):
    world.send_back(public_judged, by=cast.leader, note="退回")
    answer = as_user("planner").post(f"/api/v1/versions/{public_judged.pk}/judge/", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")


def test_the_desk_asks_once_for_all_its_versions(judged, village, cast, as_user):
    world.advance(judged, "assembly")
    client = as_user("township")
    client.get("/desk/")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get("/desk/").status_code == 200
        return sum("layerdigest" in q["sql"] for q in caught.captured_queries)

    assert queries() == 1
    other = world.make_version(world.make_village(world.OTHER, col=20), by=cast.planner)
    runs.judge(other)
    world.advance(other, "assembly")
    assert queries() == 1
