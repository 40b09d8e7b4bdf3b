"""The board of a city or province (市、省进度看板): the divisions below it, each with how many plans are where and how many are late.

As many queries for a province as for a city.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from planning import board
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
    """The divisions right below a city or province that have a plan, by code; late is what is late on their own boards."""
    found = {row.pk: Line(row) for row in Division.objects.filter(parent=division).order_by("code")}
    width = {Division.Level.PROVINCE: 4, Division.Level.CITY: 6}[division.level]

    def of(village: str) -> Line:
        return found[village[:width].ljust(12, "0")]

    for card in [*board.commissioned(division.pk), *board.under_way(division.pk)]:
        of(card.code).counts[card.state] += 1
        of(card.code).late += card.late
    for village in board.villages_in_force(division.pk):
        of(village).in_force += 1
    return [line for line in found.values() if line.total or line.in_force]


def as_json(line: Line) -> dict[str, Any]:
    """A line as the API says it."""
    return {
        "division": line.division.pk, "name": line.division.name, "total": line.total, "late": line.late,
        "in_force": line.in_force, "states": dict(line.counts),
    }  # fmt: skip
