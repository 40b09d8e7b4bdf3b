"""What begins and ends when a version enters a state: the public notice, deadlines (时限) of the procedure; who must act."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from planning import news, procedures
from planning.models import ENDED, Deadline, Notice, PlanVersion, State, Step, Track, WorkflowRule
from portal import workdays
from portal.models import Role, User
from portal.workdays import Calendar

ASKED_IN = (State.ROUND1, State.JOINT_REVIEW)
"""states in which opinions are awaited; who is late then counts as without objection (逾期视为无意见)"""
OPINION = {"kind": "opinion", "working": True, "late_to": [Role.COUNTY_REVIEWER.value], "ends": [], "basis": ""}
"""a request for an opinion, unless the procedure has a row of that kind; its last day stands in the request"""
LABELS: dict[str, str | Promise] = {
    "joint_review": _("Joint review"),
    "quality_check": _("Quality check"),
    "decide": _("Decision"),
    "publish": _("Publication of the approved plan"),
    "file": _("Hand-over to the province"),
    "opinion": _("Opinion"),
}


def entered(version: PlanVersion, *, by: User | None) -> None:
    """Close the deadlines that the new state meets, begin those that start with it; open the days of a notice."""
    today, content = timezone.localdate(), procedures.of_version(version).content
    open_ones = version.deadlines.filter(met_at=None)
    if version.state not in ENDED:
        met = [d["kind"] for d in content["deadlines"] if version.state in d["ends"]]
        open_ones = open_ones.filter(kind__in=[*met, *([] if version.state in ASKED_IN else ["opinion"])])
    open_ones.update(met_at=timezone.now())
    calendar = workdays.of(version.division_code)
    Deadline.objects.bulk_create(
        Deadline(version=version, kind=d["kind"], began_on=today, due_on=due(today, d, calendar))
        for d in content["deadlines"]
        if version.state == d["starts"]
    )
    if version.state == State.NOTICE:
        open_days(version)
    news.tell_of_state(version, by=by)


def due(start: date, row: dict[str, Any], calendar: Calendar) -> date:
    """The last day of something that begins the day after `start`: calendar or working days."""
    if row["working"]:
        return calendar.add(start, row["days"])
    return start + row["days"] * workdays.ONE_DAY


def open_days(version: PlanVersion) -> Notice:
    """Write down the days of the public notice: it counts from the day after opening, calendar days, Asia/Shanghai."""
    today = timezone.localdate()
    return Notice.objects.create(
        version=version, opens_on=today, closes_on=today + notice_days(version) * workdays.ONE_DAY
    )


def notice_days(version: PlanVersion) -> int:
    """Days of the public notice of a version that opens today: as many as its procedure says for its track; of the full one as
    many as the rule of its division says, if that is longer (城乡规划法第26条: at least thirty)."""
    days = procedures.of_version(version).notice_days(version.track)
    if version.track != Track.FULL:
        return days
    return max(days, WorkflowRule.for_division(version.division_code, timezone.localdate()).notice_days)


# --- reading them


def row_of(version: PlanVersion, kind: str) -> dict[str, Any]:
    """What the procedure says of a deadline; its days may have become another kind since it began."""
    procedure = procedures.of_version(version)
    opinion = {**OPINION, "remind": procedure.reminders("opinion")}
    return next((row for row in procedure.content["deadlines"] if row["kind"] == kind), opinion)


def label(deadline: Deadline) -> str | Promise:
    """What is due, in words."""
    if deadline.kind in LABELS:
        return LABELS[deadline.kind]
    ends = row_of(deadline.version, deadline.kind)["ends"]
    return State(ends[0]).label if ends else deadline.kind


def left(due_on: date, *, working: bool, calendar: Calendar, today: date) -> int:
    """Days left until the last day, which counts: working or calendar days; negative when it is past."""
    return calendar.between(today, due_on) if working else (due_on - today).days


class Due:
    """What has a last day: `left` days until then, of work if `working`; None while no day is set."""

    left: int | None
    working: bool

    @property
    def left_words(self) -> str:
        return "" if self.left is None else left_words(self.left, working=self.working)

    @property
    def late(self) -> bool:
        return self.left is not None and self.left < 0


def left_words(days: int, *, working: bool) -> str:
    """“3 working days left”, “the last day is today”, “2 calendar days late”: the unit is always said."""
    if days == 0:
        return str(_("today is the last day"))
    if days > 0:
        text = (
            ngettext("%(count)d working day left", "%(count)d working days left", days)
            if working
            else ngettext("%(count)d calendar day left", "%(count)d calendar days left", days)
        )
    else:
        text = (
            ngettext("%(count)d working day late", "%(count)d working days late", -days)
            if working
            else ngettext("%(count)d calendar day late", "%(count)d calendar days late", -days)
        )
    return text % {"count": abs(days)}


def counted(days: int, *, working: bool) -> str:
    """“20 working days”."""
    if working:
        return ngettext("%(count)d working day", "%(count)d working days", days) % {"count": days}
    return ngettext("%(count)d calendar day", "%(count)d calendar days", days) % {"count": days}


def remember_procedures(versions: Iterable[PlanVersion]) -> None:
    """Look up the procedures of many versions with two queries, for lists: pinned by the first step, else by the day."""
    unknown = [version for version in versions if not hasattr(version, "_procedure")]
    if not unknown:
        return
    rules = {rule.pk: rule for rule in WorkflowRule.objects.all()}
    made = Step.objects.filter(version__in=unknown, rule__isnull=False).order_by("-pk")
    pinned = dict(made.values_list("version", "rule"))  # the first step is read last and stays
    known: dict[int, procedures.Procedure] = {}
    for version in unknown:
        rule = rules.get(pinned.get(version.pk, 0)) or next(
            rule
            for rule in WorkflowRule.best_first(
                rules.values(), version.division_code, timezone.localdate(version.created_at)
            )
            if rule.procedure
        )
        if rule.pk not in known:
            known[rule.pk] = procedures.of_rule(rule)
        version._procedure = known[rule.pk]
