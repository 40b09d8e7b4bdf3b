"""Voting down (村民会议未通过) is for a vote that failed: nobody takes back by a step what the villagers agreed to."""

import pytest
from django.utils import timezone

from planning import gates, workflow
from planning.models import Assembly, PlanVersion, State
from portal.errors import Conflict
from tests import world
from tests.rows import shared

pytestmark = pytest.mark.django_db
FAILED = [
    {"in_favour": 5, "against": 19, "abstained": 0}, {"in_favour": 12, "against": 12, "abstained": 0},
    {"present": 19, "in_favour": 19, "against": 0, "abstained": 0},
]  # fmt: skip


@shared
def before_the_vote(version) -> PlanVersion:
    return world.advance(version, "assembly")


def vote_down(version, by) -> PlanVersion:
    return workflow.move(version, "vote_down", by=by, note="未过半数")


@pytest.mark.parametrize("numbers", FAILED)
@pytest.mark.parametrize("who", ["committee", "township"])
def test_a_vote_without_majority_or_attendance_is_taken_back(numbers, who, before_the_vote, cast):
    world.hold_assembly(before_the_vote, **numbers)
    assert vote_down(before_the_vote, getattr(cast, who)).state == State.RETURNED


@pytest.mark.parametrize("who", ["committee", "township"])
def test_nobody_votes_down_what_the_villagers_agreed_to(who, before_the_vote, cast):
    world.hold_assembly(before_the_vote, **FAILED[0])
    world.hold_assembly(before_the_vote)  # the newest record counts
    with pytest.raises(Conflict) as caught:
        vote_down(before_the_vote, getattr(cast, who))
    assert (caught.value.code, len(caught.value.data["missing"])) == ("gate", 1)
    assert workflow.move(before_the_vote, "open_notice", by=cast.township).state == State.NOTICE


def test_that_documents_are_missing_is_no_failure_of_the_vote(before_the_vote, cast):
    agreed = {"entitled": 30, "present": 24, "in_favour": 20, "against": 3, "abstained": 1}
    Assembly.objects.create(
        version=before_the_vote, form="representatives", held_on=timezone.localdate(), place="村委会", summary="同意。",
        by=cast.committee, **agreed,
    )  # fmt: skip
    assert gates.assembly_passed(before_the_vote)
    with pytest.raises(Conflict):
        vote_down(before_the_vote, cast.committee)


def test_a_vote_that_nobody_recorded_is_not_voted_down(before_the_vote, cast):
    assert gates.assembly_failed(before_the_vote) == gates.assembly_recorded(before_the_vote)
    with pytest.raises(Conflict):
        vote_down(before_the_vote, cast.committee)
