"""Conditions of an approval and commissions have last days: each is reminded of once a stage, and said once when late."""

import datetime

import pytest
from django.utils import timezone, translation

from planning import commissions, conditions, obligations, procedures, workflow
from planning.models import Condition
from portal import notify
from portal.models import Notification
from tests import world
from tests.planning.review_case import beyond_notice

SHANGHAI = obligations.SHANGHAI


def sentences(user, kind: str) -> list[str]:
    with translation.override("en"):
        return [notify.words(row) for row in user.notifications.filter(kind=kind).order_by("pk")]


def days_before(due_on: datetime.date, days: int) -> datetime.datetime:
    return datetime.datetime.combine(due_on - datetime.timedelta(days=days), datetime.time(9), SHANGHAI)


@pytest.fixture
def condition(version, cast) -> Condition:
    """A condition of an approved plan that is to be met in 90 days."""
    submitted = beyond_notice(version, "submitted")
    due_on = timezone.localdate() + datetime.timedelta(days=90)
    row = conditions.set_condition(submitted, by=cast.reviewer, text="补充排水设计", due_on=due_on)
    world.write_decision(submitted)
    workflow.move(submitted, "approve", by=world.someone("county_leader", submitted))
    Notification.objects.all().delete()
    return row


def test_who_sees_to_a_condition_is_reminded_once_a_stage_and_told_when_it_is_late(condition, cast):
    stages = sorted(procedures.of_version(condition.version).reminders("opinion"))
    obligations.keep(days_before(condition.due_on, stages[-1] + 1))
    assert not Notification.objects.exists()
    for days in (stages[0], stages[0], max(stages[0] - 1, 0)):
        obligations.keep(days_before(condition.due_on, days))
    (sentence,) = sentences(cast.committee, "deadline_near")
    assert sentence.startswith("Condition 1 of the approval:")
    assert len(sentences(cast.township, "deadline_near")) == 1
    assert not cast.reviewer.notifications.exists()
    for _round in range(2):
        obligations.keep(days_before(condition.due_on, -1))
    assert len(sentences(cast.committee, "deadline_late")) == 1
    assert len(sentences(cast.reviewer, "deadline_late")) == 1


def test_of_a_condition_that_is_met_nobody_is_reminded(condition, cast):
    conditions.meet_condition(condition, by=cast.leader, note="已补充")
    Notification.objects.all().delete()
    obligations.keep(days_before(condition.due_on, 0))
    obligations.keep(days_before(condition.due_on, -1))
    assert not Notification.objects.exists()


def test_a_plan_that_was_to_be_handed_in_is_reminded_of_until_there_is_a_version(village, cast):
    due_on = timezone.localdate() + datetime.timedelta(days=30)
    commissions.commission(village, by=cast.township, number="1", issued_on=timezone.localdate(), due_on=due_on)
    obligations.keep(days_before(due_on, 0))
    (sentence,) = sentences(cast.planner, "commission_near")
    assert "is to be handed in by" in sentence
    assert len(sentences(cast.committee, "commission_near")) == 1
    obligations.keep(days_before(due_on, -1))
    assert len(sentences(cast.planner, "commission_late")) == 1
    assert len(sentences(cast.township, "commission_late")) == 1
    world.make_version(village, by=cast.planner)
    Notification.objects.all().delete()
    obligations.keep(days_before(due_on, -2))
    assert not Notification.objects.exists()
