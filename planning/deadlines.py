"""What begins and ends when a version enters a state: the public notice, deadlines of the procedure."""

from datetime import date, timedelta

from django.utils import timezone

from planning import procedures
from planning.models import Deadline, Notice, PlanVersion, State, WorkflowRule
from portal import workdays
from portal.models import User


def entered(version: PlanVersion, *, by: User | None) -> None:
    """Close the deadlines that the new state meets, begin those that start with it; open the days of a notice."""
    today, content = timezone.localdate(), procedures.of_version(version).content
    met = [d["kind"] for d in content["deadlines"] if version.state in d["ends"]]
    version.deadlines.filter(kind__in=met, met_at=None).update(met_at=timezone.now())
    Deadline.objects.bulk_create(
        Deadline(version=version, kind=d["kind"], began_on=today, due_on=due(today, d, version.division_code))
        for d in content["deadlines"]
        if version.state == d["starts"]
    )
    if version.state == State.NOTICE:
        open_days(version)


def due(start: date, row: dict, division_code: str) -> date:
    """The last day of a deadline that begins the day after `start`: calendar or working days."""
    if row["working"]:
        return workdays.add(start, row["days"], division_code)
    return start + timedelta(days=row["days"])


def open_days(version: PlanVersion) -> Notice:
    """Write down the days of the public notice: it counts from the day after opening, calendar days, Asia/Shanghai."""
    today = timezone.localdate()
    rule = WorkflowRule.for_division(version.division_code, today)
    days = max(rule.notice_days, 1)
    if version.track != "full":
        days = procedures.of_version(version).notice_days(version.track)
    return Notice.objects.create(version=version, opens_on=today, closes_on=today + timedelta(days=days))
