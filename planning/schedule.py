"""The days a version is meant to go on (计划日期): a forecast to the plan in force, what moves when a day is moved, and
moving it. A planned day is a person's word; what follows is counted from it."""

from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from planning import deadlines, procedures, workflow
from planning.models import ENDED, PlannedDate, PlanVersion, State
from portal import workdays
from portal.errors import PortalError
from portal.models import Role, User
from portal.rules import has_role
from portal.templatetags.portal import day as said
from portal.workdays import Calendar

PLANNERS = (Role.TOWNSHIP, Role.COUNTY_REVIEWER, Role.COUNTY_LEADER)
LAST_DAY = "last_day"
"""stands for the last day of a running notice among the states whose day may be moved"""
FAR = 3650 * workdays.ONE_DAY


@dataclass
class Row:
    """A state on the way with its day: reached, planned, or counted from the one before."""

    state: State
    on: date
    real: bool = False
    planned: date | None = None
    counted: str = ""
    provisional: bool = False
    basis: str = ""
    due_on: date | None = None

    @property
    def label(self) -> str:
        return str(self.state.label)

    @property
    def late(self) -> bool:
        return not self.real and self.due_on is not None and self.on > self.due_on


@dataclass
class Forecast:
    """From today's state to the plan in force; what could not be kept of the days people planned."""

    rows: list[Row] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    last_day: date | None = None

    def day_of(self, state: str) -> date | None:
        return next((row.on for row in self.rows if row.state == state), None)


def forecast(version: PlanVersion, moved: dict[str, date] | None = None) -> Forecast:
    """The days of the states ahead, as they are planned or, with `moved`, as they would be."""
    found, moved = Forecast(), moved or {}
    if version.state in ENDED:
        return found
    planned = {**{row.state: row.on for row in version.planned_dates.all()}, **moved}
    calendar, today = workdays.of(version.division_code), timezone.localdate()
    previous = Row(State(version.state), since(version), real=True, planned=planned.get(version.state))
    found.rows.append(previous)
    if version.state == State.NOTICE:
        found.last_day = moved.get(LAST_DAY, version.notice.closes_on)
    for state in ahead(version):
        row = counted_from(previous, state, version, found, calendar, today)
        if state in planned and previous.state != State.NOTICE:
            plan(row, planned[state], previous, found, today)
        row.due_on, row.basis = due_of(state, version, found, calendar), basis_of(state, version)
        found.rows.append(row)
        previous = row
    return found


def since(version: PlanVersion) -> date:
    """The day the version entered its state."""
    last = version.steps.last()
    return timezone.localdate(last.at if last else version.created_at)


def ahead(version: PlanVersion) -> list[State]:
    """States still to pass; a draft whose notice counts already skips what is done, as soon as the gates let it."""
    procedure = procedures.of_version(version)
    way = procedure.way(version.track)
    rest = way[way.index(State(version.state)) + 1 :]
    for step in procedure.onward(version):
        if step.target in rest[1:] and not step.needs_note and not workflow.missing(version, step):
            return rest[rest.index(step.target) :]
    return rest


def counted_from(
    previous: Row, state: State, version: PlanVersion, found: Forecast, calendar: Calendar, today: date
) -> Row:
    """The day of a state by the usual stay in the one before it, and how that was counted, in words."""
    if previous.state == State.NOTICE:
        last = found.last_day
        if last is None:
            last = previous.on + deadlines.notice_days(version) * workdays.ONE_DAY
            found.last_day = last
        row = Row(state, last + workdays.ONE_DAY, provisional=previous.provisional)
        row.counted = _("the day after the last day of the public notice, %(day)s") % {"day": said(last)}
    else:
        stay = procedures.of_version(version).content["planned"].get(previous.state, {"days": 0, "working": False})
        row = Row(state, deadlines.due(previous.on, stay, calendar))
        row.provisional = previous.provisional or (stay["working"] and not workdays.is_known(row.on))
        row.counted = (
            _("%(days)s after “%(state)s”")
            % {"days": deadlines.counted(stay["days"], working=stay["working"]), "state": previous.label}
            if stay["days"]
            else _("at once after “%(state)s”") % {"state": previous.label}
        )
    if row.on < today:
        row.counted = _("should have been on %(day)s; today at the earliest") % {"day": said(row.on)}
        row.on = today
    return row


def plan(row: Row, on: date, previous: Row, found: Forecast, today: date) -> None:
    """Put a row on the day a person planned, unless that day is past or what comes before it lies later."""
    row.planned = on
    earliest = max(today, previous.on)
    if on >= earliest:
        row.on, row.provisional, row.counted = on, False, _("planned")
    elif on < today:
        row.on, row.counted = earliest, _("was planned for %(day)s, which is past") % {"day": said(on)}
    else:
        row.on = earliest
        row.counted = _("was planned for %(day)s, but “%(state)s” comes first") % {
            "day": said(on), "state": previous.label
        }  # fmt: skip
        found.warnings.append(
            _("“%(state)s” was planned for %(day)s; that cannot be kept any more.")
            % {"state": row.label, "day": said(on)}
        )


def due_of(state: State, version: PlanVersion, found: Forecast, calendar: Calendar) -> date | None:
    """The last day for entering a state: of a deadline that runs, or of one that will begin on the way."""
    running = {row.kind: row.due_on for row in version.deadlines.all() if row.met_at is None}
    days = [
        running.get(row["kind"]) or (deadlines.due(begun, row, calendar) if begun else None)
        for row in procedures.of_version(version).content["deadlines"]
        if state in row["ends"]
        for begun in [found.day_of(row["starts"])]
    ]
    return min((day for day in days if day), default=None)


def basis_of(state: State, version: PlanVersion) -> str:
    """The text of law or province behind a day: of the deadline that ends there, or of the step that leads there."""
    procedure = procedures.of_version(version)
    for row in procedure.content["deadlines"]:
        if state in row["ends"]:
            return row.get("basis", "")
    steps = [t for t in procedure.transitions if t.target == state and version.track in t.tracks and not t.needs_note]
    return steps[0].basis if steps else ""


# --- what may be moved, and what moves with it


@dataclass
class Change:
    """A day that moves: from, to, by how many days, in calendar days."""

    label: str
    before: date
    after: date
    provisional: bool

    @property
    def days(self) -> int:
        return (self.after - self.before).days


@dataclass
class Preview:
    """What setting a day would do."""

    changes: list[Change]
    warnings: list[str]
    before: date
    """the day as it is now: said again when the person confirms, so that nobody moves what somebody else just moved"""


def may_plan(user: User, version: PlanVersion) -> bool:
    return version.state not in ENDED and has_role(user, PLANNERS, version.division_code)


def movable(version: PlanVersion) -> list[tuple[str, str]]:
    """What has a day that may be moved: the end of a running notice, and the states ahead but that after the notice."""
    if version.state in ENDED:
        return []
    found, previous = [], State(version.state)
    if version.state == State.NOTICE:
        found.append((LAST_DAY, _("Last day of the public notice (only later)")))
    for state in ahead(version):
        if previous != State.NOTICE:
            found.append((state.value, str(state.label)))
        previous = state
    return found


def preview(version: PlanVersion, state: str, on: date) -> Preview:
    """What else moves if a day is moved, with what is to be minded. Raises PortalError if it cannot be."""
    now = forecast(version)
    check(version, state, on, now)
    then = forecast(version, {state: on})
    changes = [
        Change(old.label, old.on, new.on, new.provisional)
        for old, new in zip(now.rows, then.rows, strict=True)
        if old.on != new.on
    ]
    before = now.day_of(state)
    if state == LAST_DAY:
        before = version.notice.closes_on
        changes.insert(0, Change(_("Last day of the public notice"), before, on, provisional=False))
    return Preview(changes, warnings_of(version, state, on, then), before)


def check(version: PlanVersion, state: str, on: date, now: Forecast) -> None:
    """Whether a day may be moved there at all."""
    if state not in dict(movable(version)):
        raise PortalError(_("The day of this step cannot be moved: it is made already, or follows from another one."),
                          code="not_ahead")  # fmt: skip
    today = timezone.localdate()
    if state == LAST_DAY and on <= version.notice.closes_on:
        raise PortalError(
            _("A public notice may only be made longer. It runs until %(day)s.")
            % {"day": said(version.notice.closes_on)}, code="only_later",
        )  # fmt: skip
    if not today <= on <= today + FAR:
        raise PortalError(_("Choose a day from today on, within ten years."), code="past")
    if state == LAST_DAY:
        return
    states = [row.state for row in now.rows]
    previous = now.rows[states.index(State(state)) - 1]
    if on < previous.on:
        raise PortalError(
            _("“%(state)s” cannot be before “%(previous)s”, which is expected on %(day)s. Move that day first.")
            % {"state": State(state).label, "previous": previous.label, "day": said(previous.on)}, code="order",
        )  # fmt: skip


def warnings_of(version: PlanVersion, state: str, on: date, then: Forecast) -> list[str]:
    """What a person should know before moving a day there."""
    found, calendar = [], workdays.of(version.division_code)
    if festival := workdays.festival(on):
        found.append(_("%(day)s falls into %(festival)s.") % {"day": said(on), "festival": festival})
    elif not calendar.is_workday(on) and state != LAST_DAY:
        following = calendar.add(on, 1)
        found.append(_("%(day)s is no working day; the next one is %(next)s.")
                     % {"day": said(on), "next": said(following)})  # fmt: skip
    for row in then.rows:
        if row.late:
            found.append(
                _("“%(state)s” would be on %(day)s, after the deadline of %(due)s.")
                % {"state": row.label, "day": said(row.on), "due": said(row.due_on)}
            )
    late = version.requests.filter(cancelled_at=None, done_at=None).order_by("due_on").last()
    if state == State.ASSEMBLY and late and late.due_on >= on:
        found.append(_("Opinions may be given until %(day)s.") % {"day": said(late.due_on)})
    if any(row.provisional for row in then.rows):
        found.append(
            _("The holiday list of a year concerned is not out yet: days marked as provisional may still move.")
        )
    return [*then.warnings, *found]


def reached(version: PlanVersion) -> list[Row]:
    """The states that were reached, with the day that was planned for each."""
    planned = dict(version.planned_dates.values_list("state", "on"))
    found = [Row(State.DRAFT, timezone.localdate(version.created_at), real=True)]
    for step in version.steps.exclude(name="hand_in"):  # that is the draft itself
        found.append(
            Row(State(step.to_state), timezone.localdate(step.at), real=True, planned=planned.get(step.to_state))
        )
    return found


def planned_for(version: PlanVersion, state: str) -> PlannedDate | None:
    return version.planned_dates.select_related("by").filter(state=state).first()
