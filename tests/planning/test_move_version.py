"""The workflow table: who may move a version, what must hold, what is written down."""

import pytest
from django.db import DatabaseError, transaction

from planning import participation, workflow
from planning.models import Finding, PlanVersion, State, Step, WorkflowRule, Zone
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import AuditEntry
from tests import world
from tests.grid import cell, geos


@pytest.fixture
def closing_early(db):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )


def to_review(version, cast):
    return workflow.move(version, "close_notice", by=cast.township)


def test_the_whole_way_from_draft_to_approval_is_on_the_record(public_version, cast, closing_early):
    version = workflow.move(to_review(public_version, cast), "approve", by=cast.reviewer)
    assert version.state == State.APPROVED
    assert [s.to_state for s in version.steps.all()] == ["notice", "review", "approved"]
    entries = AuditEntry.objects.filter(object_id=version.pk).order_by("id")
    assert [(e.verb, e.before["state"], e.after["state"]) for e in entries] == [
        ("version.open_notice", "draft", "notice"),
        ("version.close_notice", "notice", "review"),
        ("version.approve", "review", "approved"),
    ]
    assert entries[2].actor == cast.reviewer


TABLE = {
    "open_notice": {"township"},
    "close_notice": {"township"},
    "return": {"reviewer", "leader"},
    "approve": {"reviewer", "leader"},
}


@pytest.mark.parametrize("name", TABLE)
def test_only_the_roles_of_the_table_may_make_a_step(name, version, cast):
    for who in world.CAST:
        allowed = getattr(cast, who).has_perm(workflow.TRANSITIONS[name].permission, version)
        assert allowed == (who in TABLE[name]), (name, who)


def test_a_step_from_the_wrong_state_is_a_conflict_and_changes_nothing(version, cast):
    with pytest.raises(Conflict) as caught:
        workflow.move(version, "approve", by=cast.reviewer)
    assert caught.value.code == "wrong_state"
    assert not Step.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_planner_may_not_open_the_notice(version, cast):
    with pytest.raises(NotAllowed):
        workflow.move(version, "open_notice", by=cast.planner)


def test_a_draft_without_results_cannot_be_opened(version, cast):
    with pytest.raises(Conflict) as caught:
        workflow.move(version, "open_notice", by=cast.township)
    assert len(caught.value.data["missing"]) == 1


def test_a_return_needs_reasons(public_version, cast):
    with pytest.raises(PortalError) as caught:
        workflow.move(public_version, "return", by=cast.reviewer, note="  ")
    assert caught.value.code == "note_missing"
    assert workflow.move(public_version, "return", by=cast.reviewer, note="压占永久基本农田").state == State.RETURNED


def test_the_notice_may_not_close_before_its_days_are_over(public_version, cast, time_machine):
    with pytest.raises(Conflict) as caught:
        to_review(public_version, cast)
    closes_on = public_version.notice.closes_on
    assert f"{closes_on.year}年{closes_on.month}月{closes_on.day}日" in caught.value.data["missing"][0]
    time_machine.move_to(f"{public_version.notice.closes_on}T15:59:59+00:00")  # one second to midnight in Shanghai
    with pytest.raises(Conflict):
        to_review(public_version, cast)
    time_machine.move_to(f"{public_version.notice.closes_on}T16:00:01+00:00")
    assert to_review(public_version, cast).state == State.REVIEW


def test_a_real_blocking_conflict_and_an_unanswered_comment_block_approval(public_version, cast, closing_early):
    version = to_review(public_version, cast)
    Finding.objects.create(
        version=version, number=1, code="K1", severity="block", category="real", area_m2=5000, geom=geos(cell(0, 0))
    )
    with pytest.raises(Conflict) as caught:
        workflow.move(version, "approve", by=cast.reviewer)
    assert len(caught.value.data["missing"]) == 1
    Finding.objects.update(category="legacy")
    assert workflow.move(version, "approve", by=cast.reviewer).state == State.APPROVED


def test_the_notice_closes_only_when_every_comment_is_answered(public_version, cast, closing_early):
    comment = participation.post_comment(public_version, by=cast.villager, text="路太窄", zone=10)
    with pytest.raises(Conflict):
        to_review(public_version, cast)
    participation.reply(comment, by=cast.committee, text="改为五米")
    assert to_review(public_version, cast).state == State.REVIEW


def test_approving_a_newer_version_supersedes_the_older_in_one_go(public_version, village, cast, closing_early):
    first = workflow.move(to_review(public_version, cast), "approve", by=cast.reviewer)
    second = world.publish(world.make_version(village, by=cast.planner), cast.township)
    workflow.move(to_review(second, cast), "approve", by=cast.leader)
    first.refresh_from_db()
    assert first.state == State.SUPERSEDED
    assert first.steps.last().by is None


def test_whoever_handed_in_a_plan_may_not_approve_it(public_version, cast, closing_early):
    PlanVersion.objects.filter(pk=public_version.pk).update(created_by=cast.reviewer)
    version = to_review(public_version, cast)
    with pytest.raises(NotAllowed) as caught:
        workflow.move(version, "approve", by=cast.reviewer)
    assert caught.value.code == "own_plan"


@pytest.mark.parametrize(
    "change",
    [
        lambda v: Zone.objects.filter(version=v).update(code="0101"),
        lambda v: Zone.objects.filter(version=v).delete(),
        lambda v: Zone.objects.create(version=v, number=99, code="0101", geom=geos(cell(50, 50))),
        lambda v: PlanVersion.objects.filter(pk=v.pk).update(digest="0" * 64),
        lambda v: AuditEntry.objects.update(actor_name="nobody"),
        lambda v: AuditEntry.objects.all()._raw_delete("default"),
        lambda v: Step.objects.update(note="other"),
    ],
)
def test_the_database_refuses_to_change_a_closed_version_or_the_record(change, public_version):
    with pytest.raises(DatabaseError), transaction.atomic():
        change(public_version)
