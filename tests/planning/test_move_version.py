"""Moving a version: who may make a step, what must hold, what is written down, and what the database refuses by itself."""

import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation
from django.utils.formats import date_format

from planning import answers, participation, procedures, returns, workflow
from planning.models import Decision, Finding, Notice, PlanVersion, State, Step, WorkflowRule, Zone
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import AuditEntry, User
from tests import world
from tests.grid import cell, geos
from tests.rows import shared

SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))


@shared
def closing_early(db):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )


@shared
def submitted(version, closing_early):
    return world.advance(version, "submitted")


WAY = [
    ("ask_villagers", "draft", "round1"), ("send_to_review", "round1", "joint_review"),
    ("to_assembly", "joint_review", "assembly"), ("open_notice", "assembly", "notice"),
    ("close_notice", "notice", "quality_check"), ("submit", "quality_check", "submitted"),
    ("approve", "submitted", "approved"), ("publish", "approved", "published"), ("file", "published", "filed"),
    ("enter_force", "filed", "in_force"),
]  # fmt: skip


def test_the_whole_way_from_draft_to_force_is_on_the_record(version, cast, closing_early):
    version = world.advance(version, "in_force")
    assert version.state == State.IN_FORCE
    assert [(s.name, s.from_state, s.to_state) for s in version.steps.all()] == WAY
    entries = AuditEntry.objects.filter(object_id=version.pk, verb__startswith="version.").order_by("id")
    assert [(e.verb, e.before["state"], e.after["state"]) for e in entries] == [
        (f"version.{name}", before, after) for name, before, after in WAY
    ]
    assert next(e for e in entries if e.verb == "version.approve").actor == cast.leader
    assert version.decision.issued_at is not None


def test_a_step_from_the_wrong_state_is_a_conflict_and_changes_nothing(version, cast):
    with pytest.raises(Conflict) as caught:
        workflow.move(version, "approve", by=cast.leader)
    assert caught.value.code == "wrong_state"
    assert not Step.objects.exists()
    assert not AuditEntry.objects.exists()


def test_whoever_is_later_is_told_who_was_quicker_and_when(version, cast, closing_early):
    version = world.advance(version, "approved")
    with pytest.raises(Conflict) as caught:
        world.send_back(version, by=cast.reviewer, note="太迟")
    text = str(caught.value.message)
    assert "县领导" in text
    assert f"{timezone.localtime(version.steps.last().at):%Y-%m-%d %H:%M}" in text


def test_there_is_no_way_around_the_order_of_the_steps(version, cast):
    """WF-1: from every state, every step of the table that does not start there is refused."""
    steps = {t.name: t for t in procedures.of_version(version).transitions if "full" in t.tracks}
    for name, step in steps.items():
        if State.DRAFT in step.sources or step.who == ("system",):
            continue
        by = world.someone(step.who[0], version)
        with pytest.raises(Conflict):
            workflow.move(version, name, by=by, note="x")
    assert PlanVersion.objects.get(pk=version.pk).state == State.DRAFT


def test_a_planner_may_not_open_the_notice(version, cast):
    version = world.advance(version, "assembly")
    world.hold_assembly(version)
    with pytest.raises(NotAllowed):
        workflow.move(version, "open_notice", by=cast.planner)


def test_a_committee_of_another_village_may_not_move_it(version, cast):
    with pytest.raises(NotAllowed):
        workflow.move(version, "ask_villagers", by=cast.other_committee)


def test_a_draft_without_results_goes_nowhere(version, cast):
    with pytest.raises(Conflict) as caught:
        workflow.move(version, "ask_villagers", by=cast.committee)
    assert len(caught.value.data["missing"]) == 1


def test_a_return_needs_reasons(public_version, cast):
    with pytest.raises(PortalError) as caught:
        world.send_back(public_version, by=cast.reviewer, note="  ")
    assert caught.value.code == "note_missing"
    assert world.send_back(public_version, by=cast.reviewer, note="压占永久基本农田").state == State.RETURNED


# --- WF-6: what must hold, one test a gate


def refusal(version, step, by) -> list[str]:
    """What is missing, in English."""
    with translation.override("en"), pytest.raises(Conflict) as caught:
        workflow.move(version, step, by=by)
    assert caught.value.code == "gate"
    return caught.value.data["missing"]


def test_the_first_round_must_be_recorded_before_the_review(version, cast):
    version = world.advance(version, "round1")
    assert "first round" in refusal(version, "send_to_review", cast.township)[0]


def test_departments_must_be_asked_and_answer_before_the_assembly(version, cast, time_machine):
    version = world.advance(version, "joint_review")
    assert len(refusal(version, "to_assembly", cast.reviewer)) == 1
    request = world.ask_agriculture(version, done=False)
    assert "Agriculture" in refusal(version, "to_assembly", cast.reviewer)[0]
    time_machine.move_to(datetime.datetime.combine(request.due_on, datetime.time(23, 59, 59), SHANGHAI))
    refusal(version, "to_assembly", cast.reviewer)
    time_machine.move_to(datetime.datetime.combine(request.due_on, datetime.time(23, 59, 59), SHANGHAI) + 2 * SECOND)
    assert workflow.move(version, "to_assembly", by=cast.reviewer).state == State.ASSEMBLY


def test_the_assembly_must_be_recorded_before_the_notice(version, cast):
    version = world.advance(version, "assembly")
    assert len(refusal(version, "open_notice", cast.township)) == 1


def test_an_assembly_that_said_no_opens_no_notice_and_the_committee_takes_the_plan_back(version, cast):
    version = world.advance(version, "assembly")
    world.hold_assembly(version, in_favour=12, against=11, abstained=1)
    assert "12" in refusal(version, "open_notice", cast.township)[0]
    assert workflow.move(version, "vote_down", by=cast.committee, note="未过半数").state == State.RETURNED


def test_the_notice_closes_only_when_every_comment_is_answered(public_version, cast, closing_early, settings):
    settings.DEMO = True  # where a notice may close early
    comment = participation.post_comment(public_version, by=cast.villager, text="路太窄", zone=10)
    assert len(refusal(public_version, "close_notice", cast.township)) == 1
    answers.answer(comment, by=cast.committee, text="改为五米", adoption="adopted")
    assert workflow.move(public_version, "close_notice", by=cast.township).state == State.QUALITY_CHECK


def test_a_real_blocking_conflict_stands_in_the_way_of_submitting(version, cast, closing_early):
    version = world.advance(version, "quality_check")
    Finding.objects.create(
        version=version, number=1, code="K1", severity="block", category="real", area_m2=5000, geom=geos(cell(0, 0))
    )
    assert len(refusal(version, "submit", cast.township)) == 1
    Finding.objects.update(category="legacy")
    assert workflow.move(version, "submit", by=cast.township).state == State.SUBMITTED


def test_a_real_blocking_conflict_stands_in_the_way_of_approving(submitted, cast):
    world.write_decision(submitted)
    Finding.objects.create(
        version=submitted, number=1, code="K1", severity="block", category="real", area_m2=5000, geom=geos(cell(0, 0))
    )
    assert len(refusal(submitted, "approve", cast.leader)) == 1


def test_an_approval_needs_its_letter(submitted, cast):
    assert "number and date" in refusal(submitted, "approve", cast.leader)[0]


# --- WF-4: the days of a notice

SECOND = datetime.timedelta(seconds=1)


def test_the_notice_closes_after_its_days_in_shanghai_and_not_a_second_before(public_version, cast, time_machine):
    """The server's clock runs in UTC: the last day ends at 16:00 there."""
    last = public_version.notice.closes_on
    assert (last - public_version.notice.opens_on).days == 30
    midnight = datetime.datetime.combine(last + datetime.timedelta(days=1), datetime.time(), SHANGHAI)
    with translation.override("en"):
        assert date_format(last) in refusal(public_version, "close_notice", cast.township)[0]
    time_machine.move_to((midnight - SECOND).astimezone(datetime.UTC))
    refusal(public_version, "close_notice", cast.township)
    time_machine.move_to((midnight + SECOND).astimezone(datetime.UTC))
    assert workflow.move(public_version, "close_notice", by=cast.township).state == State.QUALITY_CHECK


def test_the_database_refuses_to_shorten_a_notice_and_lets_it_grow(public_version):
    notice = public_version.notice
    for change in (
        {"closes_on": notice.closes_on - datetime.timedelta(days=1)},
        {"opens_on": notice.opens_on - datetime.timedelta(days=1)},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Notice.objects.filter(pk=notice.pk).update(**change)
    Notice.objects.filter(pk=notice.pk).update(closes_on=notice.closes_on + datetime.timedelta(days=7))


# --- WF-3: a layout that changed after the notice


def next_round(village, by, layout: str) -> PlanVersion:
    """The next version as the author hands it in after a return, results taken as computed."""
    version = world.make_version(village, by=by)
    PlanVersion.objects.filter(pk=version.pk).update(layout=layout, checked_at=timezone.now())
    return PlanVersion.objects.with_plan().get(pk=version.pk)


@pytest.fixture
def returned(version, cast, time_machine):
    """A version that had its whole notice, and was then returned."""
    version = world.advance(version, "notice")
    time_machine.move_to(timezone.now() + datetime.timedelta(days=31))
    version = workflow.move(version, "close_notice", by=cast.township)
    return world.send_back(version, by=cast.reviewer, note="表格有误")


def test_a_version_with_the_noticed_layout_goes_on_at_the_quality_check(returned, village, cast):
    later = next_round(village, cast.planner, returned.layout)
    assert workflow.move(later, "resume", by=cast.township).state == State.QUALITY_CHECK


def test_a_changed_layout_needs_a_new_notice_of_whole_length(returned, village, cast):
    later = next_round(village, cast.planner, "f" * 64)
    assert "layout differs" in refusal(later, "resume", cast.township)[0]
    later = world.advance(later, "notice")
    assert later.notice.opens_on == timezone.localdate()
    assert (later.notice.closes_on - later.notice.opens_on).days == 30


def test_a_notice_that_was_broken_off_counts_for_nothing_later(public_version, village, cast, time_machine):
    """Returned on its tenth day; that the thirtieth passes meanwhile makes no whole notice of it."""
    time_machine.move_to(timezone.now() + datetime.timedelta(days=10))
    first = world.send_back(public_version, by=cast.reviewer, note="压占永久基本农田")
    time_machine.move_to(timezone.now() + datetime.timedelta(days=40))
    later = next_round(village, cast.planner, first.layout)
    assert "whole public notice" in refusal(later, "resume", cast.township)[0]


# --- two persons


def test_whoever_handed_in_a_plan_may_not_approve_it(submitted, cast):
    world.write_decision(submitted)
    cast.planner.memberships.create(role="county_leader", division_code=world.COUNTY)
    with pytest.raises(NotAllowed) as caught:
        workflow.move(submitted, "approve", by=cast.planner)
    assert caught.value.code == "own_plan"


def made_leader(person):
    """Somebody who has become leader of the county as well."""
    person.memberships.create(role="county_leader", division_code=world.COUNTY)
    return User.objects.get(pk=person.pk)


def other_township():
    person = User.objects.create_user("township_two")
    person.memberships.create(role="township", division_code=world.TOWN)
    return person


def refused_as_own(version, by) -> bool:
    assert "approve" not in {step.name for step in workflow.allowed(version, by)}
    with pytest.raises(NotAllowed) as caught:
        workflow.move(version, "approve", by=by)
    return caught.value.code == "own_plan"


def test_whoever_submitted_a_plan_may_not_approve_it(submitted, cast):
    world.write_decision(submitted)
    assert refused_as_own(submitted, made_leader(cast.township))
    assert workflow.move(submitted, "approve", by=cast.leader).state == State.APPROVED


def test_whoever_submitted_or_handed_in_a_version_that_was_returned_may_not_approve_the_next(submitted, village, cast):
    world.send_back(submitted, by=cast.reviewer)
    second = world.make_version(village, by=cast.committee)
    returns.answer(submitted.return_items.get(), second, by=cast.committee, accepted=True)
    world.advance(second, "quality_check")
    returns.settle(submitted.return_items.get(), by=cast.reviewer, accepted=True)
    township = other_township()
    second = workflow.move(second, "submit", by=township)
    world.write_decision(second)
    for person in (cast.township, township, cast.planner):
        assert refused_as_own(second, made_leader(person))
    assert workflow.move(second, "approve", by=cast.leader).state == State.APPROVED


def test_whoever_submitted_a_plan_that_was_decided_on_may_approve_its_amendment(submitted, village, cast):
    world.write_decision(submitted)
    workflow.move(submitted, "approve", by=cast.leader)
    later = world.advance(world.make_version(village, by=cast.planner), "quality_check")
    later = workflow.move(later, "submit", by=other_township())
    world.write_decision(later)
    assert workflow.move(later, "approve", by=made_leader(cast.township)).state == State.APPROVED


def test_whose_version_it_is_never_changes_nor_its_procedure_after_the_draft(submitted, cast):
    for change in ({"created_by": cast.leader}, {"track": "maintenance"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            PlanVersion.objects.filter(pk=submitted.pk).update(**change)


def test_whoever_approved_a_plan_may_not_publish_it(submitted, cast):
    world.write_decision(submitted)
    approved = workflow.move(submitted, "approve", by=cast.leader)
    cast.leader.memberships.create(role="county_reviewer", division_code=world.COUNTY)
    del cast.leader._active_memberships
    with pytest.raises(NotAllowed) as caught:
        workflow.move(approved, "publish", by=cast.leader)
    assert caught.value.code == "second_person"
    assert "publish" not in {step.name for step in workflow.allowed(approved, cast.leader)}
    assert workflow.move(approved, "publish", by=cast.reviewer).state == State.PUBLISHED


def test_approving_a_newer_version_supersedes_the_older_in_one_go(version, village, cast, closing_early):
    first = world.advance(version, "approved")
    second = world.advance(world.make_version(village, by=cast.planner), "approved")
    first.refresh_from_db()
    assert (first.state, second.state) == (State.SUPERSEDED, State.APPROVED)
    assert first.steps.last().by is None


# --- what the database refuses, whoever asks it


def step_row(version, **differences):
    rule = procedures.of_version(version).rule
    fields = {
        "version": version, "name": "approve", "from_state": "submitted", "to_state": "approved", "rule": rule,
        **differences,
    }  # fmt: skip
    return Step.objects.create(**fields)


REFUSED = {
    "the state by itself": lambda v, c: PlanVersion.objects.filter(pk=v.pk).update(state="approved"),
    "the state by SQL": lambda v, c: connection.cursor().execute(
        "UPDATE planning_planversion SET state = 'in_force' WHERE id = %s", [v.pk]
    ),
    "a new version that is approved already": lambda v, c: PlanVersion.objects.create(
        plan=v.plan, number=99, state="approved", digest="0" * 64
    ),
    "a step from another state": lambda v, c: step_row(
        v, name="close_notice", from_state="notice", to_state="quality_check"
    ),
    "a return without points": lambda v, c: step_row(v, name="return", to_state="returned", by=c.reviewer),
    "a step no procedure holds": lambda v, c: step_row(v, name="leap"),
    "a step of another track": lambda v, c: step_row(v, from_state="submitted", name="open_notice", to_state="notice"),
    "a step without a procedure": lambda v, c: step_row(v, rule=None),
    "an approval of one's own plan": lambda v, c: step_row(v, by=c.planner),
    "an approval by whoever submitted the plan": lambda v, c: step_row(v, by=c.township),
    "an approval by whoever handed in another version": lambda v, c: step_row(
        v, by=world.make_version(v.village, by=c.leader).created_by
    ),
    "another procedure under steps made by it": lambda v, c: WorkflowRule.objects.filter(division_code="").update(
        procedure={}
    ),
    "another land use": lambda v, c: Zone.objects.filter(version=v).update(code="0101"),
    "a zone less": lambda v, c: Zone.objects.filter(version=v).delete(),
    "a zone more": lambda v, c: Zone.objects.create(version=v, number=99, code="0101", geom=geos(cell(50, 50))),
    "another digest": lambda v, c: PlanVersion.objects.filter(pk=v.pk).update(digest="0" * 64),
    "another actor on the record": lambda v, c: AuditEntry.objects.update(actor_name="nobody"),
    "an empty record": lambda v, c: AuditEntry.objects.all()._raw_delete("default"),
    "other reasons of a step": lambda v, c: Step.objects.update(note="other"),
    "a step less": lambda v, c: Step.objects.filter(version=v)._raw_delete("default"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses(what, submitted, cast):
    with pytest.raises(DatabaseError), transaction.atomic():
        REFUSED[what](submitted, cast)


def test_the_database_refuses_that_one_approves_and_publishes(submitted, cast):
    world.write_decision(submitted)
    approved = workflow.move(submitted, "approve", by=cast.leader)
    with pytest.raises(DatabaseError), transaction.atomic():
        step_row(approved, name="publish", from_state="approved", to_state="published", by=cast.leader)


def test_a_letter_that_was_issued_never_changes(submitted, cast):
    world.write_decision(submitted)
    workflow.move(submitted, "approve", by=cast.leader)
    for change in (lambda rows: rows.update(number="另一号"), lambda rows: rows._raw_delete("default")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(Decision.objects.filter(version=submitted))
