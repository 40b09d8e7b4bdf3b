"""The board of a division (进度看板): every plan that is under way, by state, those due first at the top.

As many queries for fifty villages as for five.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from planning import deadlines, news, procedures
from planning.models import Commission, Deadline, PlannedDate, PlanVersion, State
from planning.waiting import versions, within
from portal import workdays
from portal.models.accounts import division_prefix
from portal.workdays import Calendar

COLUMNS = (
    State.COMMISSIONED, State.DRAFT, State.ROUND1, State.JOINT_REVIEW, State.ASSEMBLY, State.NOTICE, State.QUALITY_CHECK,
    State.SUBMITTED, State.APPROVED, State.PUBLISHED, State.FILED, State.RETURNED,
)  # fmt: skip
CARDS = 60
"""cards of a column that are shown; the rest is counted"""


@dataclass
class Card(deadlines.Due):
    """A village on the board: its plan, what is due and when."""

    village: str
    town: str
    url: str
    state: State
    code: str
    number: int | None = None
    version: str = ""
    track: str = ""
    what: str = ""
    due_on: date | None = None
    left: int | None = None
    working: bool = False
    who: list[str] = field(default_factory=list)


@dataclass
class Column:
    state: State
    cards: list[Card]

    @property
    def label(self) -> str | Promise:
        return self.state.label

    @property
    def late(self) -> int:
        return sum(card.late for card in self.cards)

    @property
    def shown(self) -> list[Card]:
        return self.cards[:CARDS]

    @property
    def more(self) -> int:
        return max(len(self.cards) - CARDS, 0)


def columns(division_code: str, *, only_late: bool = False) -> list[Column]:
    """The columns of a division with all their cards."""
    cards = [*commissioned(division_code), *under_way(division_code)]
    if only_late:
        cards = [card for card in cards if card.late]
    cards.sort(key=lambda card: (card.due_on or date.max, card.town, card.village))
    return [Column(state, [card for card in cards if card.state == state]) for state in COLUMNS]


def in_force(division_code: str) -> int:
    """How many villages have a plan in force."""
    return villages_in_force(division_code).count()


def villages_in_force(division_code: str) -> QuerySet:
    """Codes of the villages whose plan is in force."""
    rows = PlanVersion.objects.filter(within([division_prefix(division_code)]), state=State.IN_FORCE)
    return rows.order_by().values_list("plan__village", flat=True).distinct()


def under_way(division_code: str) -> list[Card]:
    rows = list(of_division(division_code))
    deadlines.remember_procedures(rows)
    calendars, today = workdays.of_many(row.division_code for row in rows), timezone.localdate()
    return [card_of(row, calendars[row.division_code], today) for row in rows]


def of_division(division_code: str) -> QuerySet[PlanVersion]:
    """Versions under way; of drafts and returned ones only those that no newer one follows."""
    newer = PlanVersion.objects.filter(plan=OuterRef("plan"), number__gt=OuterRef("number"))
    return (
        versions()
        .select_related("plan__commission")
        .filter(within([division_prefix(division_code)]), state__in=COLUMNS)
        .exclude(Q(state__in=(State.DRAFT, State.RETURNED)) & Exists(newer))
        .prefetch_related(
            Prefetch("deadlines", Deadline.objects.filter(met_at=None, request=None), to_attr="running"),
            Prefetch("planned_dates", PlannedDate.objects.all(), to_attr="planned"),
        )
    )


def card_of(version: PlanVersion, calendar: Calendar, today: date) -> Card:
    village = version.plan.village
    town = village.division.parent
    card = Card(
        village.short_name, town.name if town else "", news.page_of(version), State(version.state), village.pk, version.number,
        version.pk, version.get_track_display() if version.track != "full" else "",
    )  # fmt: skip
    onward = [t.target for t in procedures.of_version(version).onward(version) if not t.needs_note]
    card.who = news.labels(news.actors(version, onward[:1]))
    what, due_on, working = due_of(version)
    if due_on is not None:
        card.what, card.due_on, card.working = str(what), due_on, working
        card.left = deadlines.left(due_on, working=working, calendar=calendar, today=today)
    return card


def due_of(version: PlanVersion) -> tuple[str | Promise, date | None, bool]:
    """What is due first: the end of the notice, a deadline, a planned day, the day of the commission; counted in which days."""
    if version.state == State.NOTICE:
        return _("Last day of the public notice"), version.notice.closes_on, False
    if version.running:
        first = min(version.running, key=lambda row: row.due_on)
        first.version = version
        return deadlines.label(first), first.due_on, deadlines.row_of(version, first.kind)["working"]
    way = procedures.of_version(version).way(version.track)
    if version.state in way:
        ahead = way[way.index(State(version.state)) + 1 :]
        days = [row for row in version.planned if row.state in ahead]
        if days:
            first = min(days, key=lambda row: row.on)
            return _("planned: %(state)s") % {"state": first.get_state_display()}, first.on, True
    if version.state in (State.DRAFT, State.RETURNED) and (commission := getattr(version.plan, "commission", None)):
        return _("To be handed in"), commission.due_on, False
    return "", None, False


def commissioned(division_code: str) -> list[Card]:
    """Plans that were commissioned and of which nothing was handed in."""
    rows = Commission.objects.filter(within([division_prefix(division_code)], "plan__village__division__code"))
    rows = rows.filter(plan__versions=None).select_related("plan__village__division__parent")
    today, found = timezone.localdate(), []
    for row in rows.defer("plan__village__geom", "plan__village__geom_web"):
        village = row.plan.village
        town = village.division.parent
        card = Card(
            village.short_name,
            town.name if town else "",
            reverse("village", args=[village.pk]),
            State.COMMISSIONED,
            village.pk,
        )
        if row.due_on:
            card.what, card.due_on, card.left = _("To be handed in"), row.due_on, (row.due_on - today).days
        found.append(card)
    return found


def as_json(card: Card) -> dict[str, Any]:
    """A card as the API says it."""
    return {
        "village": card.village, "town": card.town, "version": card.version or None, "number": card.number,
        "what": card.what, "due_on": card.due_on, "left": card.left, "unit": "working" if card.working else "calendar",
        "late": card.late, "url": card.url,
    }  # fmt: skip
