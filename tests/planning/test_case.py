"""The case of a version: who opens it, what it says of the way, and that each step can be made from it."""

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from planning import cases, commissions
from planning.models import Declaration, PlanVersion, State
from tests import world

SEES = {
    "planner": 200, "committee": 200, "township": 200, "reviewer": 200, "leader": 200, "province": 200,
    "villager": 404, "other_committee": 404, "stranger": 404, "agriculture": 404, "expert": 404,
}  # fmt: skip


@pytest.mark.parametrize("who", SEES)
def test_who_opens_a_case_even_of_a_version_in_public_notice(who, public_version, as_user):
    assert as_user(who).get(reverse("case", args=[public_version.pk])).status_code == SEES[who]
    assert as_user(who).get(f"/api/v1/versions/{public_version.pk}/case/").status_code == SEES[who]


def test_nobody_without_an_account_opens_a_case(public_version, as_user):
    assert as_user().get(reverse("case", args=[public_version.pk])).status_code == 302
    assert as_user().get(f"/api/v1/versions/{public_version.pk}/case/").status_code == 404
    assert as_user().post(reverse("case-move", args=[public_version.pk]), {"name": "return"}).status_code == 302


def test_a_department_that_was_asked_opens_the_case_and_reads_masked_names(version, as_user, cast):
    version = world.advance(version, "joint_review")
    request = world.ask_agriculture(version, done=False)
    assert as_user("agriculture").get(reverse("case", args=[version.pk])).status_code == 404
    Declaration.objects.create(request=request, by=cast.agriculture, conflict=False)
    page = as_user("agriculture").get(reverse("case", args=[version.pk])).content.decode()
    assert cast.planner.masked_name in page
    assert cast.planner.full_name not in page
    assert reverse("review", args=[version.pk]) not in page
    told = as_user("agriculture").get(f"/api/v1/versions/{version.pk}/case/").json()
    assert {stage["by"] for stage in told["stages"]} <= {"", *(p.masked_name for p in vars(cast).values())}


def test_the_line_of_states_is_that_of_the_track(version, village, cast):
    commissions.commission(village, by=cast.township, number="1", issued_on=timezone.localdate())
    version = world.advance(version, "joint_review")
    found = [(stage.state, stage.status) for stage in cases.stages(version)]
    assert found[:4] == [
        (State.COMMISSIONED, "done"), (State.DRAFT, "done"), (State.ROUND1, "done"), (State.JOINT_REVIEW, "now")
    ]  # fmt: skip
    assert {status for _state, status in found[4:]} == {"ahead"}
    assert found[-1][0] == State.IN_FORCE
    amendment = world.make_version(village, by=cast.planner)
    PlanVersion.objects.filter(pk=amendment.pk).update(track="maintenance")
    short = [s.state for s in cases.stages(PlanVersion.objects.with_plan().get(pk=amendment.pk))]
    assert State.JOINT_REVIEW not in short
    assert State.QUALITY_CHECK not in short


def test_an_ended_version_shows_where_it_ended_and_what_it_never_reached(public_version, cast):
    version = world.send_back(public_version, by=cast.reviewer, note="x")
    found = {stage.state: stage for stage in cases.stages(version)}
    assert (found[State.RETURNED].status, found[State.RETURNED].by) == ("now", cast.reviewer)
    assert found[State.APPROVED].status == "left_out"
    assert found[State.NOTICE].status == "done"


def test_a_step_is_made_from_the_case_and_what_lacks_is_said_there(version, as_user, cast):
    client, page = as_user("committee"), reverse("case", args=[version.pk])
    answer = client.post(reverse("case-move", args=[version.pk]), {"name": "ask_villagers"})
    assert answer.status_code == 409
    assert "error-summary" in answer.content.decode()
    PlanVersion.objects.filter(pk=version.pk).update(checked_at=timezone.now())
    assert client.post(reverse("case-move", args=[version.pk]), {"name": "ask_villagers"}).headers["Location"] == page
    version.refresh_from_db()
    assert version.state == State.ROUND1


def test_the_note_of_a_step_that_failed_is_kept(version, as_user):
    version = world.advance(version, "assembly")
    answer = as_user("committee").post(
        reverse("case-move", args=[version.pk]), {"name": "vote_down", "note": "村民不同意新路"}
    )
    assert answer.status_code == 409  # no assembly is recorded
    assert as_user("stranger").post(reverse("case-move", args=[version.pk]), {"name": "vote_down"}).status_code == 404


def test_the_case_through_the_api_says_what_the_page_says(version, as_user):
    version = world.advance(version, "notice")
    with translation.override("zh-hans"):
        told = as_user("reviewer").get(f"/api/v1/versions/{version.pk}/case/").json()
    assert (told["state"], told["track"], told["commission"]) == ("notice", "full", None)
    assert [s["state"] for s in told["stages"] if s["status"] == "now"] == ["notice"]
    assert len(told["rounds"]) == len(told["assemblies"]) == 1
    assert told["assemblies"][0]["result"]["lacking"] == []
    assert {d["kind"] for d in told["documents"]} == {"minutes", "photo"}


def test_the_review_page_leads_to_the_case(version, as_user):
    page = as_user("reviewer").get(reverse("review", args=[version.pk])).content.decode()
    assert reverse("case", args=[version.pk]) in page
