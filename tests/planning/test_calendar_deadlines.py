"""Deadlines: counted in working days, reminded of before, escalated after; each once, and anew when the calendar changes."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from planning import calendar, deadlines, reviews, workflow
from planning.models import Deadline, Notice, State
from portal import notify, workdays
from portal.models import Notification
from tests import world

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def kept():
    return calendar.keep(timezone.now())


@pytest.fixture
def submitted(village, cast, time_machine):
    """A version submitted on Wednesday, 9 September 2026; the decision is due 20 working days later."""
    time_machine.move_to(at(8, 3), tick=False)
    version = world.advance(world.make_version(village, by=cast.planner), "notice")
    time_machine.move_to(at(9, 9), tick=False)
    return world.advance(version, "submitted")


def test_a_deadline_counts_working_days_across_festivals_and_make_up_days(submitted):
    deadline = submitted.deadlines.get(kind="decide")
    # off: Mid-Autumn 25 to 27 September, National Day 1 to 7 October; worked: Sunday 20 September, Saturday 10 October
    assert deadline.began_on == date(2026, 9, 9)
    assert deadline.due_on == date(2026, 10, 13)
    assert workdays.between(deadline.began_on, deadline.due_on) == 20


def test_a_deadline_is_met_by_the_step_and_the_next_one_begins(submitted):
    version = world.advance(submitted, "approved")
    assert version.deadlines.get(kind="decide").met_at
    assert set(version.deadlines.filter(met_at=None).values_list("kind", flat=True)) == {"publish", "file"}


def test_nothing_stays_open_on_a_version_that_ended(submitted, cast):
    version = world.send_back(submitted, by=cast.reviewer, note="重做")
    assert version.state == State.RETURNED
    assert not version.deadlines.filter(met_at=None).exists()


def test_opinions_count_as_given_when_the_review_is_over(version, cast, time_machine):
    time_machine.move_to(at(9, 1), tick=False)
    version = world.advance(version, "joint_review")
    request = reviews.ask(version, by=cast.reviewer, due_on=date(2026, 9, 10), department="agriculture")
    assert request.deadline.met_at is None
    time_machine.move_to(at(9, 14), tick=False)
    workflow.move(version, "to_assembly", by=cast.reviewer)
    request.deadline.refresh_from_db()
    assert request.deadline.met_at


def test_who_must_act_is_reminded_five_days_and_one_day_before(submitted, cast, time_machine):
    rows = Notification.objects.filter(kind="deadline_near", user=cast.leader)
    time_machine.move_to(at(9, 29), tick=False)
    kept()
    assert rows.count() == 0
    seen = []
    # 30 September: five working days left (8, 9, 10, 12, 13 October); 8 October: four; 12 October: one
    for moment in (at(9, 30), at(10, 8), at(10, 9), at(10, 12), at(10, 12, 15), at(10, 13)):
        time_machine.move_to(moment, tick=False)
        kept()
        kept()
        seen.append(rows.count())
    assert seen == [1, 1, 1, 2, 2, 2]
    with translation.override("en"):
        assert "is due on 13 October 2026; 1 working day left" in notify.words(rows.first())


def test_what_is_late_is_told_once_to_those_above_as_well(submitted, cast, time_machine):
    late = Notification.objects.filter(kind="deadline_late")
    time_machine.move_to(datetime(2026, 10, 13, 23, 59, 59, tzinfo=SHANGHAI), tick=False)
    kept()
    assert late.count() == 0
    time_machine.move_to(datetime(2026, 10, 14, 0, 0, 0, tzinfo=SHANGHAI), tick=False)
    for _round in range(3):
        kept()
    assert {row.user for row in late} == {cast.leader}
    time_machine.shift(timedelta(days=3))
    kept()
    assert late.all().count() == 1


def test_a_deadline_met_at_this_moment_is_not_reminded_of(submitted, cast, time_machine):
    time_machine.move_to(at(10, 14), tick=False)
    rows, calendars = calendar.open_deadlines()
    Deadline.objects.update(met_at=timezone.now())
    assert calendar.look_at(rows[0], calendars[submitted.division_code], timezone.now()) == 0
    assert not Notification.objects.filter(kind="deadline_late").exists()


def test_an_opinion_is_reminded_of_and_escalated_to_the_county(version, cast, time_machine):
    time_machine.move_to(at(9, 1), tick=False)
    version = world.advance(version, "joint_review")
    reviews.ask(version, by=cast.leader, due_on=date(2026, 9, 10), department="agriculture")
    time_machine.move_to(at(9, 9), tick=False)
    kept()
    assert {row.user for row in Notification.objects.filter(kind="deadline_near")} == {cast.agriculture}
    time_machine.move_to(at(9, 11), tick=False)
    kept()
    late = Notification.objects.filter(kind="deadline_late")
    assert {row.user for row in late} == {cast.agriculture, cast.reviewer}


def test_a_day_the_county_takes_off_moves_the_deadlines_that_run(submitted, cast):
    workdays.decide_day(
        world.COUNTY, date(2026, 9, 15), False, note="抗洪", source="肥政办〔2026〕5号", by=cast.reviewer
    )
    assert kept()["deadlines"] == 1
    assert submitted.deadlines.get(kind="decide").due_on == date(2026, 10, 14)
    assert cast.leader.notifications.filter(kind="deadline_counted_anew").count() == 1
    assert kept()["deadlines"] == 0


def test_a_deadline_that_was_late_is_not_any_more_when_it_moves(submitted, cast, time_machine):
    time_machine.move_to(at(10, 14), tick=False)
    kept()
    assert submitted.deadlines.get(kind="decide").escalated_at
    for day in (15, 16):
        workdays.decide_day(world.COUNTY, date(2026, 9, day), False, note="抗洪", source="x", by=cast.reviewer)
    kept()
    deadline = submitted.deadlines.get(kind="decide")
    assert (deadline.due_on, deadline.escalated_at) == (date(2026, 10, 15), None)


def test_notices_are_counted_in_calendar_days_and_moved_by_no_county(public_version, cast):
    before = Notice.objects.get(version=public_version)
    workdays.decide_day(world.COUNTY, before.closes_on, False, note="x", source="x", by=cast.reviewer)
    kept()
    assert Notice.objects.get(version=public_version).closes_on == before.closes_on


def test_looking_at_many_deadlines_costs_as_much_as_looking_at_few(village, cast, django_assert_max_num_queries):
    for n in range(12):
        version = world.make_version(village, by=cast.planner, number=n + 1)
        for kind in ("decide", "publish"):
            Deadline.objects.create(
                version=version, kind=kind, began_on=timezone.localdate(),
                due_on=workdays.add(timezone.localdate(), 20),
            )  # fmt: skip
    kept()
    with django_assert_max_num_queries(8):
        assert kept()["deadlines"] == 0


def test_days_left_are_said_with_their_unit():
    with translation.override("en"):
        assert deadlines.left_words(1, working=True) == "1 working day left"
        assert deadlines.left_words(5, working=False) == "5 calendar days left"
        assert deadlines.left_words(0, working=True) == "today is the last day"
        assert deadlines.left_words(-3, working=True) == "3 working days late"
