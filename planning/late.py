"""What is late (逾期): deadlines, notices that are over and cannot be closed, comments nobody has looked at, conditions,
commissions. For those who must act and those above them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planning import deadlines, news
from planning.models import (
    DECIDED,
    MODERATORS,
    Comment,
    Commission,
    Condition,
    Deadline,
    PlanVersion,
    ReviewRequest,
    State,
)
from planning.waiting import versions, within
from portal import workdays
from portal.models import Role, User
from portal.rules import STAFF, prefixes
from villages.models import Village

PATH = "version__plan__village__division__code"


@dataclass
class LateRow:
    """One thing that should have been done: what, where, by when, who must act, how late."""

    kind: str
    what: str
    place: str
    url: str
    due_on: date
    days: int
    """negative: days late"""
    working: bool
    who: list[str]
    version: PlanVersion | None = None

    @property
    def left_words(self) -> str:
        return deadlines.left_words(self.days, working=self.working)


def late_deadlines(user: User) -> QuerySet[Deadline]:
    mine = Q(request__in=ReviewRequest.objects.requested_from(user))
    return Deadline.objects.filter(
        within(prefixes(user, STAFF), PATH) | mine, met_at=None, due_on__lt=timezone.localdate()
    )


def stuck_notices(user: User) -> QuerySet[PlanVersion]:
    """Notices whose days are over but which cannot be closed yet."""
    ended = versions().filter(state=State.NOTICE, notice__closes_on__lt=timezone.localdate())
    return ended.filter(within(prefixes(user, STAFF)))


def unlooked(today: date) -> QuerySet[PlanVersion]:
    """Versions with comments that somebody should have looked at before today (先审后发): how many, and since when."""
    rows = versions().filter(comments__in=Comment.objects.waiting().filter(look_by__lt=today))
    return rows.annotate(late_looks=Count("comments"), look_by=Min("comments__look_by"))


def late_looks(user: User) -> QuerySet[PlanVersion]:
    return unlooked(timezone.localdate()).filter(within(prefixes(user, STAFF)))


def late_conditions(user: User) -> QuerySet[Condition]:
    rows = Condition.objects.filter(met_at=None, due_on__lt=timezone.localdate(), version__state__in=DECIDED)
    return rows.filter(within(prefixes(user, STAFF), PATH))


def late_commissions(user: User) -> QuerySet[Commission]:
    """Plans that were to be handed in and of which there is no version."""
    rows = Commission.objects.filter(due_on__lt=timezone.localdate(), plan__versions=None)
    return rows.filter(within(prefixes(user, STAFF), "plan__village__division__code"))


def total(user: User) -> int:
    found = (
        late_deadlines(user), stuck_notices(user), late_looks(user), late_conditions(user), late_commissions(user)
    )  # fmt: skip
    return sum(rows.count() for rows in found)


def rows(user: User) -> list[LateRow]:
    """All of them, the longest late first; as many queries for many as for few."""
    today = timezone.localdate()
    found = [
        *of_deadlines(user, today),
        *of_notices(user, today),
        *of_looks(user, today),
        *of_conditions(user, today),
        *of_commissions(user, today),
    ]
    return sorted(found, key=lambda row: (row.due_on, row.place))


def of_deadlines(user: User, today: date) -> list[LateRow]:
    near = "version__plan__village__division__parent"
    late = list(late_deadlines(user).select_related(near, "request__expert").defer(*shapes("version__plan__village")))
    deadlines.remember_procedures([row.version for row in late])
    calendars = workdays.of_many(row.version.division_code for row in late)
    found = []
    for row in late:
        rule = deadlines.row_of(row.version, row.kind)
        days = deadlines.left(
            row.due_on, working=rule["working"], calendar=calendars[row.version.division_code], today=today
        )
        who = [str(row.request)] if row.request else news.labels(news.actors(row.version, rule["ends"]))
        url = reverse("review-request", args=[row.request_id]) if row.request_id else news.page_of(row.version)
        found.append(LateRow(row.kind, str(deadlines.label(row)), news.name_of(row.version), url, row.due_on, days,
                             rule["working"], who, row.version))  # fmt: skip
    return found


def of_notices(user: User, today: date) -> list[LateRow]:
    return [
        LateRow("notice", _("The public notice is over but cannot be closed yet"), news.name_of(v), news.page_of(v),
                v.notice.closes_on, (v.notice.closes_on - today).days, False, news.labels([Role.COMMITTEE, Role.TOWNSHIP]), v)
        for v in stuck_notices(user)
    ]  # fmt: skip


def of_looks(user: User, today: date) -> list[LateRow]:
    late = list(late_looks(user))
    calendars = workdays.of_many(v.division_code for v in late)
    return [
        LateRow("look", looks_words(v.late_looks), news.name_of(v), f"{reverse('review', args=[v.pk])}#comments", v.look_by,
                calendars[v.division_code].between(today, v.look_by), True, news.labels(MODERATORS), v)
        for v in late
    ]  # fmt: skip


def looks_words(count: int) -> str:
    return ngettext(
        "%(count)d comment to look at before it is public",
        "%(count)d comments to look at before they are public",
        count,
    ) % {"count": count}


def of_conditions(user: User, today: date) -> list[LateRow]:
    near = "version__plan__village__division__parent"
    return [
        LateRow("condition", _("Condition %(number)d of the approval") % {"number": c.number}, news.name_of(c.version),
                f"{news.page_of(c.version)}#conditions", c.due_on, (c.due_on - today).days, False,
                news.labels([Role.COMMITTEE, Role.TOWNSHIP]), c.version)
        for c in late_conditions(user).select_related(near).defer(*shapes("version__plan__village"))
    ]  # fmt: skip


def of_commissions(user: User, today: date) -> list[LateRow]:
    near = "plan__village__division__parent"
    return [
        LateRow("commission", _("Plan to be handed in"), place_of(c.plan.village), reverse("village", args=[c.plan.village_id]),
                c.due_on, (c.due_on - today).days, False, news.labels([Role.PLANNER, Role.COMMITTEE]))
        for c in late_commissions(user).select_related(near).defer(*shapes("plan__village"))
    ]  # fmt: skip


def shapes(path: str) -> list[str]:
    return [f"{path}__geom", f"{path}__geom_web"]


def place_of(village: Village) -> str:
    town = village.division.parent
    return _("%(village)s (%(town)s)") % {"village": village.short_name, "town": town.name if town else ""}
