"""The calendar opens and closes notices by itself: not a second early, once, by the days of Asia/Shanghai."""

import threading
from collections import Counter
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from planning import answers, calendar, participation, workflow
from planning.models import PlannedDate, PlanVersion, State, Step
from planning.tasks import keep_calendar
from portal import notify
from portal.errors import Conflict
from portal.models import Notification
from tests import world

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENED = datetime(2026, 9, 1, 10, 0, tzinfo=SHANGHAI)
LAST_SECOND = datetime(2026, 10, 1, 23, 59, 59, tzinfo=SHANGHAI)  # the 30th day after opening


@pytest.fixture
def noticed(village, cast, time_machine) -> PlanVersion:
    """A version whose notice was opened on 1 September 2026 and runs until 1 October."""
    time_machine.move_to(OPENED, tick=False)
    return world.publish(world.make_version(village, by=cast.planner), cast.township)


def state(version) -> str:
    return PlanVersion.objects.get(pk=version.pk).state


def kept() -> Counter:
    return calendar.keep(timezone.now())


def test_a_notice_closes_after_its_last_day_and_not_a_second_before(noticed, time_machine):
    time_machine.move_to(LAST_SECOND, tick=False)
    kept()
    assert state(noticed) == State.NOTICE
    time_machine.move_to(LAST_SECOND + timedelta(seconds=1), tick=False)
    assert kept()["steps"] == 1
    assert state(noticed) == State.QUALITY_CHECK
    step = Step.objects.filter(version=noticed).last()
    assert (step.name, step.by) == ("close_notice", None)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_the_zone_of_the_server_changes_nothing(noticed, time_machine, zone):
    with timezone.override(zone):
        time_machine.move_to(LAST_SECOND, tick=False)
        kept()
        assert state(noticed) == State.NOTICE
        time_machine.move_to(LAST_SECOND + timedelta(seconds=1), tick=False)
        kept()
        assert state(noticed) == State.QUALITY_CHECK


def test_the_scheduler_does_the_same_by_its_task(noticed, time_machine):
    time_machine.move_to(LAST_SECOND + timedelta(hours=1), tick=False)
    keep_calendar()
    assert state(noticed) == State.QUALITY_CHECK


def test_coming_by_again_does_nothing_more(noticed, time_machine):
    time_machine.move_to(LAST_SECOND + timedelta(seconds=1), tick=False)
    kept()
    told = Notification.objects.count()
    for _round in range(3):
        assert not any(kept().values())
    assert Step.objects.filter(version=noticed, name="close_notice").count() == 1
    assert Notification.objects.count() == told


def test_what_is_missing_is_told_once_a_day_to_those_who_must_act(noticed, cast, time_machine):
    participation.post_comment(noticed, by=cast.villager, text="路太窄")
    time_machine.move_to(LAST_SECOND + timedelta(seconds=1), tick=False)
    for _round in range(3):
        kept()
    rows = Notification.objects.filter(kind="step_blocked")
    assert {row.user for row in rows} == {cast.township, cast.committee}
    assert rows.count() == 2
    assert "1 comment has no answer" in rows[0].values["missing"]["en"]
    time_machine.shift(timedelta(days=1))
    kept()
    assert rows.all().count() == 4
    answers.answer(noticed.comments.get(), by=cast.committee, text="加宽到五米。", adoption="adopted")
    kept()
    assert state(noticed) == State.QUALITY_CHECK


def test_nothing_is_said_to_be_blocked_while_the_days_run(noticed, cast, time_machine):
    participation.post_comment(noticed, by=cast.villager, text="路太窄")
    time_machine.move_to(LAST_SECOND, tick=False)
    kept()
    assert not Notification.objects.filter(kind="step_blocked").exists()


def test_those_who_answer_comments_are_reminded_before_the_end(noticed, cast, time_machine):
    participation.post_comment(noticed, by=cast.villager, text="路太窄")
    rows = cast.committee.notifications.filter(kind="notice_ends")
    time_machine.move_to(datetime(2026, 9, 25, 12, tzinfo=SHANGHAI), tick=False)
    kept()
    assert rows.count() == 0
    for day in (26, 27, 28, 30):
        time_machine.move_to(datetime(2026, 9, day, 12, tzinfo=SHANGHAI), tick=False)
        kept()
        kept()
    assert rows.count() == 2  # five days before and one day before
    assert notify.words(rows.first())


def planned(version, day: date) -> None:
    PlannedDate.objects.create(version=version, state=State.NOTICE, on=day)


def test_a_notice_opens_on_its_planned_day_when_the_gates_hold(version, cast, time_machine):
    time_machine.move_to(OPENED, tick=False)
    version = world.advance(version, "assembly")
    world.hold_assembly(version)
    planned(version, date(2026, 9, 10))
    time_machine.move_to(datetime(2026, 9, 9, 23, 59, 59, tzinfo=SHANGHAI), tick=False)
    kept()
    assert state(version) == State.ASSEMBLY
    time_machine.move_to(datetime(2026, 9, 10, 0, 0, 1, tzinfo=SHANGHAI), tick=False)
    kept()
    opened = PlanVersion.objects.get(pk=version.pk)
    assert opened.state == State.NOTICE
    assert (opened.notice.opens_on, opened.notice.closes_on) == (date(2026, 9, 10), date(2026, 10, 10))
    assert cast.committee.notifications.filter(kind="notice_opened").count() == 1


def test_a_planned_notice_without_an_assembly_waits_and_says_so(version, cast, time_machine):
    time_machine.move_to(OPENED, tick=False)
    version = world.advance(version, "assembly")
    planned(version, date(2026, 9, 1))
    kept()
    assert state(version) == State.ASSEMBLY
    assert cast.township.notifications.filter(kind="step_blocked").count() == 1


def test_a_plan_comes_into_force_by_itself_when_it_was_handed_over(noticed, cast, time_machine):
    time_machine.move_to(LAST_SECOND + timedelta(days=1), tick=False)
    world.advance(noticed, "filed")
    kept()
    assert state(noticed) == State.IN_FORCE
    assert cast.committee.notifications.filter(kind="in_force").count() == 1


def test_a_planned_day_of_coming_into_force_is_waited_for(noticed, time_machine):
    time_machine.move_to(LAST_SECOND + timedelta(days=1), tick=False)
    version = world.advance(noticed, "filed")
    PlannedDate.objects.create(version=version, state=State.IN_FORCE, on=timezone.localdate() + timedelta(days=9))
    kept()
    assert state(version) == State.FILED
    time_machine.shift(timedelta(days=9))
    kept()
    assert state(version) == State.IN_FORCE


def test_one_bad_version_does_not_stop_the_others(noticed, cast, time_machine, monkeypatch):
    other = world.publish(world.make_version(world.make_village(world.OTHER, col=20), by=cast.planner), cast.township)
    real = workflow.move

    def broken(version, name, **rest):
        if version.pk == noticed.pk:
            raise RuntimeError("broken row")
        return real(version, name, **rest)

    monkeypatch.setattr(workflow, "move", broken)
    time_machine.move_to(LAST_SECOND + timedelta(seconds=1), tick=False)
    assert kept()["failed"] == 1
    assert state(noticed) == State.NOTICE
    assert state(other) == State.QUALITY_CHECK


def test_nobody_closes_early_and_no_command_runs_ahead_of_the_clock(noticed, cast, time_machine):
    time_machine.move_to(LAST_SECOND, tick=False)
    with pytest.raises(Conflict):
        workflow.move(noticed, "close_notice", by=cast.township)
    with pytest.raises(CommandError):
        call_command("keep_calendar", at="2026-10-02T00:00:01")
    calendar.keep(LAST_SECOND + timedelta(days=5))  # even so the gate asks the clock
    assert state(noticed) == State.NOTICE


def test_the_command_does_what_was_due_by_a_moment(noticed, time_machine):
    time_machine.move_to(LAST_SECOND + timedelta(days=3), tick=False)
    call_command("keep_calendar", at="2026-10-01T23:59:59", stdout=StringIO())
    assert state(noticed) == State.NOTICE
    out = StringIO()
    call_command("keep_calendar", stdout=out)
    assert state(noticed) == State.QUALITY_CHECK
    assert "steps: 1" in out.getvalue()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_calendars_at_once_close_a_notice_once(noticed, time_machine):
    time_machine.move_to(LAST_SECOND + timedelta(seconds=1))
    gate = threading.Barrier(8)

    def run() -> None:
        gate.wait()
        kept()
        connection.close()

    threads = [threading.Thread(target=run) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Step.objects.filter(version=noticed, name="close_notice").count() == 1
    names = Notification.objects.values_list("user", "once")
    assert len(names) == len(set(names))
