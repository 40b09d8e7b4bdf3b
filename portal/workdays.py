"""Working days (工作日) of the State Council's holiday list, make-up days included, with what a county decided otherwise."""

from collections.abc import Iterable
from datetime import date, timedelta

import chinese_calendar
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import CalendarDay, Role, User
from portal.rules import has_role, prefixes

ONE_DAY = timedelta(days=1)
KEEPERS = (Role.COUNTY_REVIEWER, Role.COUNTY_LEADER, Role.ADMINISTRATOR)
"""who may decide for a division that a day is worked or not"""

FESTIVALS: dict[str, str | Promise] = {
    "New Year's Day": _("New Year’s Day"),
    "Spring Festival": _("the Spring Festival"),
    "Tomb-sweeping Day": _("the Qingming Festival"),
    "Labour Day": _("Labour Day"),
    "Dragon Boat Festival": _("the Dragon Boat Festival"),
    "National Day": _("National Day"),
    "Mid-autumn Festival": _("the Mid-Autumn Festival"),
    "Anti-Fascist 70th Day": _("the Day of Victory"),
}
LUNAR_NEW_YEAR = {
    2027: date(2027, 2, 6), 2028: date(2028, 1, 26), 2029: date(2029, 2, 13), 2030: date(2030, 2, 3),
    2031: date(2031, 1, 23), 2032: date(2032, 2, 11), 2033: date(2033, 1, 31), 2034: date(2034, 2, 19),
    2035: date(2035, 2, 8),
}  # fmt: skip
"""the first day of the lunar year: of years without a list this much is certain"""


class Calendar:
    """The working days of one division; what it and those above it decided is read once, the nearest decision counts."""

    def __init__(self, own: dict[date, bool]) -> None:
        self.own = own

    def is_workday(self, day: date) -> bool:
        if day in self.own:
            return self.own[day]
        return chinese_calendar.is_workday(day) if is_known(day) else day.weekday() < 5

    def add(self, start: date, days: int) -> date:
        """The day that is the n-th working day after `start`, before it if n is negative; `start` does not count."""
        step = ONE_DAY if days > 0 else -ONE_DAY
        day, left = start, abs(days)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative if `end` lies before `start`."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def of(division_code: str = "") -> Calendar:
    """The calendar of a division."""
    return of_many([division_code])[division_code]


def of_many(codes: Iterable[str]) -> dict[str, Calendar]:
    """The calendars of divisions, for pages with many villages: one query for all."""
    places_of = {code: above(code) for code in set(codes)}
    wanted = {place for places in places_of.values() for place in places}
    decided: dict[str, dict[date, bool]] = {}
    for place, day, working in CalendarDay.objects.filter(division_code__in=wanted).values_list(
        "division_code", "day", "working"
    ):
        decided.setdefault(place, {})[day] = working
    return {
        # from the country down to the village: the nearest is written last
        code: Calendar({day: working for place in places for day, working in decided.get(place, {}).items()})
        for code, places in places_of.items()
    }


def above(code: str) -> list[str]:
    """The country (empty), the province and so on down to the division itself."""
    return ["", *(code[:n].ljust(12, "0") for n in (2, 4, 6, 9, 12) if code)]


def is_workday(day: date, division_code: str = "") -> bool:
    """Whether a day is worked in a division; a county's own word goes before the country's list."""
    return of(division_code).is_workday(day)


def add(start: date, days: int, division_code: str = "") -> date:
    """The day that is the n-th working day after `start`; see `Calendar.add`."""
    return of(division_code).add(start, days)


def between(start: date, end: date, division_code: str = "") -> int:
    """Working days after `start` up to and including `end`; see `Calendar.between`."""
    return of(division_code).between(start, end)


def is_known(day: date) -> bool:
    """Whether the holiday list of that year is known; else only weekends are counted out, and the day may still move."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def festival(day: date) -> str | Promise:
    """The festival whose days off hold a day, empty if there is none; of a year without a list the Spring Festival at least."""
    if is_known(day):
        off, name = chinese_calendar.get_holiday_detail(day)
        return FESTIVALS.get(name or "", "") if off else ""
    new_year = LUNAR_NEW_YEAR.get(day.year)
    # from the eve to the sixth day, as the lists of all recent years have it
    return FESTIVALS["Spring Festival"] if new_year and -1 <= (day - new_year).days <= 6 else ""


# --- what a county decides


def days_seen_by(user: User) -> QuerySet[CalendarDay]:
    """Decisions that concern the person's divisions: those of the country, of divisions above and below."""
    if user.is_superuser:
        return CalendarDay.objects.all()
    seen = Q(division_code="")
    for prefix in prefixes(user):
        seen |= Q(division_code__startswith=prefix) | Q(division_code__in=above(prefix.ljust(12, "0")))
    return CalendarDay.objects.filter(seen)


def may_decide(user: User, division_code: str) -> bool:
    """Reviewers, leaders and administrators for their own division and those below; the country's days are a superuser's."""
    return user.is_superuser if not division_code else has_role(user, KEEPERS, division_code)


@transaction.atomic
def decide_day(division_code: str, day: date, working: bool, *, note: str, source: str, by: User) -> CalendarDay:
    """Say that a day is worked or not in a division, on which ground. Raises NotAllowed, Conflict, PortalError."""
    if not may_decide(by, division_code):
        raise NotAllowed(_("Only a reviewer, leader or administrator of the division may decide on its working days."))
    note, source = note.strip(), source.strip()
    if not note or not source:
        raise PortalError(_("Please give the reason and the document it rests on."), code="source")
    row = CalendarDay(division_code=division_code, day=day, working=working, note=note, source=source)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This day was decided on already. Remove that decision first."), code="decided") from error
    record("calendar.decided", row, by=by, after=told(row))
    return row


@transaction.atomic
def remove_day(row: CalendarDay, *, by: User) -> None:
    """Take a decision on a day back; the country's list counts again."""
    if not may_decide(by, row.division_code):
        raise NotAllowed(_("Only a reviewer, leader or administrator of the division may decide on its working days."))
    record("calendar.removed", row, by=by, before=told(row))
    row.delete()


def told(row: CalendarDay) -> dict[str, object]:
    return {
        "division": row.division_code, "day": row.day.isoformat(), "working": row.working, "note": row.note,
        "source": row.source,
    }  # fmt: skip
