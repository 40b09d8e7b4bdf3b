"""Working days (工作日) of the State Council's holiday list, make-up days included, with what a county decided otherwise."""

from datetime import date, timedelta

import chinese_calendar

from portal.models import CalendarDay
from portal.models.accounts import division_prefix

ONE_DAY = timedelta(days=1)


def is_workday(day: date, division_code: str = "") -> bool:
    """Whether a day is worked in a division; a county's own word goes before the country's list."""
    return _is_workday(day, overrides(day, day, division_code))


def _is_workday(day: date, own: dict[date, bool]) -> bool:
    if day in own:
        return own[day]
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:  # the list of that year is not out yet
        return day.weekday() < 5


def is_known(day: date) -> bool:
    """Whether the holiday list of that year is known; else only weekends are counted out, and the day may still move."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def overrides(start: date, end: date, division_code: str) -> dict[date, bool]:
    """Days of a span decided by the division or one above it, the nearest decision first."""
    rows = CalendarDay.objects.filter(day__range=(start, end))
    fitting = [r for r in rows if not r.division_code or division_code.startswith(division_prefix(r.division_code))]
    return {r.day: r.working for r in sorted(fitting, key=lambda r: len(division_prefix(r.division_code)))}


def add(start: date, days: int, division_code: str = "") -> date:
    """The day that is the n-th working day after `start`; `start` itself does not count."""
    own = overrides(start, start + timedelta(days=3 * days + 60), division_code)
    day = start
    while days > 0:
        day += ONE_DAY
        days -= _is_workday(day, own)
    return day


def between(start: date, end: date, division_code: str = "") -> int:
    """Working days after `start` up to and including `end`; negative if `end` lies before `start`."""
    if end < start:
        return -between(end, start, division_code)
    own = overrides(start, end, division_code)
    return sum(_is_workday(start + timedelta(days=n), own) for n in range(1, (end - start).days + 1))
