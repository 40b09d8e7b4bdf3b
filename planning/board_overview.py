"""The board of a city or province (市、省进度看板): the divisions below it, each with how many plans are where and how many are late.

Counted in the database: as many queries for a province as for a city.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from planning import board
from planning.models import Commission, Deadline, PlanVersion, State
from planning.waiting import within
from portal.models.accounts import division_prefix
from villages.models import Division


@dataclass
class Line:
    """A division below, with its counts; `counts` by state, for the columns of the board."""

    division: Division
    counts: Counter[str] = field(default_factory=Counter)
    late: int = 0
    in_force: int = 0

    @property
    def url(self) -> str:
        return reverse("division-board", args=[self.division.pk])

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def cells(self) -> list[int]:
        return [self.counts[state] for state in board.COLUMNS]


def lines(division: Division) -> list[Line]:
    """The divisions right below a city or province that have a plan, by code."""
    found = {row.pk: Line(row) for row in Division.objects.filter(parent=division).order_by("code")}
    width = {Division.Level.PROVINCE: 4, Division.Level.CITY: 6}[division.level]
    below = within([division_prefix(division.pk)])
    village = F("plan__village__division__code")
    under_way = board.of_division(division.pk).prefetch_related(None).select_related(None).order_by()
    for code, state, count in under_way.values_list(village, "state").annotate(Count("pk")):
        if line := found.get(code[:width].ljust(12, "0")):
            line.counts[state] += count
    commissioned = Commission.objects.filter(within([division_prefix(division.pk)], "plan__village__division__code"))
    for code in commissioned.filter(plan__versions=None).values_list("plan__village__division__code", flat=True):
        if line := found.get(code[:width].ljust(12, "0")):
            line.counts[State.COMMISSIONED] += 1
    today = timezone.localdate()
    running = Deadline.objects.filter(version=OuterRef("pk"), met_at=None, request=None, due_on__lt=today)
    overdue = Q(state=State.NOTICE, notice__closes_on__lt=today) | (~Q(state=State.NOTICE) & Exists(running))
    for code in under_way.filter(overdue).values_list("plan__village__division__code", flat=True):
        if line := found.get(code[:width].ljust(12, "0")):
            line.late += 1
    ruled = PlanVersion.objects.filter(below, state=State.IN_FORCE).order_by().values_list("plan__village", flat=True)
    for code in ruled.distinct():
        if line := found.get(code[:width].ljust(12, "0")):
            line.in_force += 1
    return [line for line in found.values() if line.total or line.in_force]


def as_json(line: Line) -> dict[str, Any]:
    """A line as the API says it."""
    return {
        "division": line.division.pk, "name": line.division.name, "total": line.total, "late": line.late,
        "in_force": line.in_force, "states": dict(line.counts),
    }  # fmt: skip
