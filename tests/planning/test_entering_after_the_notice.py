"""What was said or written in the notice is entered (代录) after it too, for some working days and until the plan is approved."""

import datetime

import pytest
from django.utils import timezone

from planning import answers, gates, participation, procedures, workflow
from planning.models import Comment, Notice, PlanVersion, State, WorkflowRule
from portal import workdays
from portal.errors import Conflict
from tests import world

pytestmark = pytest.mark.django_db
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))


def enter(client, version, said_on):
    body = {"text": "路灯", "channel": "paper", "said_on": said_on.isoformat(), "speaker": "柳大娘"}
    return client.post(f"/api/v1/versions/{version.pk}/comments/on-behalf/", body, "application/json")


def page(version) -> str:
    return f"/versions/{version.pk}/comments/enter/"


@pytest.fixture
def ended(public_version, time_machine) -> Notice:
    """A notice whose last day was yesterday."""
    notice = public_version.notice
    time_machine.move_to(
        datetime.datetime.combine(notice.closes_on, datetime.time(9), SHANGHAI) + datetime.timedelta(days=1)
    )
    return notice


@pytest.mark.parametrize("state", [State.QUALITY_CHECK, State.SUBMITTED])
def test_a_paper_of_the_last_day_is_entered_on_the_next_and_asks_for_an_answer(state, ended, cast, as_user):
    version = world.put(ended.version, state)
    assert as_user("committee").get(page(version)).status_code == 200
    assert enter(as_user("committee"), version, ended.closes_on).status_code == 201
    assert enter(as_user("committee"), version, timezone.localdate()).status_code == 400  # said after the notice
    assert gates.comments_answered(version)
    answers.answer(Comment.objects.get(), by=cast.township, text="采纳", adoption="adopted")
    assert gates.comments_answered(version) is None


@pytest.mark.parametrize(("after", "status"), [(0, 201), (1, 409)])
def test_it_is_taken_for_the_working_days_of_the_procedure(after, status, ended, as_user, time_machine):
    version = world.put(ended.version, State.SUBMITTED)
    within = procedures.of_version(version).enter_within
    last = workdays.add(ended.closes_on, within, version.division_code) + datetime.timedelta(days=after)
    time_machine.move_to(datetime.datetime.combine(last, datetime.time(23, 59), SHANGHAI))
    answer = enter(as_user("committee"), version, ended.closes_on)
    assert answer.status_code == status
    assert as_user("committee").get(page(version)).status_code == (200 if status == 201 else 404)
    if status == 409:
        assert str(within) in answer.json()["error"]["message"]


@pytest.mark.parametrize("state", [State.APPROVED, State.PUBLISHED, State.IN_FORCE])
def test_a_plan_that_is_approved_takes_none(state, ended, as_user):
    version = world.put(ended.version, state)
    assert as_user("committee").get(page(version)).status_code == 404
    assert enter(as_user("committee"), version, ended.closes_on).status_code == 409


def test_how_many_days_is_data_of_the_procedure_and_an_edition_that_says_nothing_has_those_of_the_country(version):
    content = procedures.shipped("sample_province")
    content["comments"]["enter_within"] = 9
    rule = WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, source="test", valid_from="2020-01-01", procedure=content
    )
    assert procedures.of_version(PlanVersion.objects.get(pk=version.pk)).enter_within == 9
    del content["comments"]["enter_within"]
    WorkflowRule.objects.filter(pk=rule.pk).update(procedure=content)
    of_country = procedures.shipped()["comments"]["enter_within"]
    assert procedures.of_version(PlanVersion.objects.get(pk=version.pk)).enter_within == of_country > 0


def test_a_notice_that_a_return_broke_off_is_heard_until_that_day(public_version, cast, as_user, time_machine):
    world.send_back(public_version, by=cast.reviewer)
    day = timezone.localdate()
    time_machine.move_to(timezone.now() + datetime.timedelta(days=1))
    version = PlanVersion.objects.get(pk=public_version.pk)
    assert as_user("committee").get(page(version)).status_code == 200
    assert enter(as_user("committee"), version, day).status_code == 201
    assert enter(as_user("committee"), version, timezone.localdate()).status_code == 400
    time_machine.move_to(timezone.now() + datetime.timedelta(days=20))
    assert enter(as_user("committee"), version, day).status_code == 409


def test_a_version_that_went_on_without_a_notice_of_its_own_takes_none(returned, village, cast, as_user):
    later = world.make_version(village, by=cast.planner)
    PlanVersion.objects.filter(pk=later.pk).update(layout=returned.layout, checked_at=timezone.now())
    later = workflow.move(PlanVersion.objects.with_plan().get(pk=later.pk), "resume", by=cast.township)
    assert later.state == State.QUALITY_CHECK
    assert as_user("committee").get(page(later)).status_code == 404
    assert enter(as_user("committee"), later, timezone.localdate()).status_code == 409
    with pytest.raises(Conflict):
        participation.enter_comment(
            later, by=cast.committee, channel="paper", text="路灯", said_on=timezone.localdate()
        )


@pytest.fixture
def returned(ended, cast) -> PlanVersion:
    """A version that had its whole notice, and was then returned."""
    closed = workflow.move(ended.version, "close_notice", by=cast.township)
    return world.send_back(closed, by=cast.reviewer)
