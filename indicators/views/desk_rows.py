"""What a desk is made of: sections of rows, each row with one thing to do."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise

from planning import freshness
from planning.models import PlanVersion

ROWS = 20  # rows of a section; the rest is counted


@dataclass
class Row:
    """One thing that waits: what it is, what is known of it, what to do."""

    title: str
    action: str | Promise
    url: str
    facts: list[str] = field(default_factory=list)
    version: PlanVersion | None = None
    verdict: str = ""
    tag: str | Promise = ""
    primary: bool = False
    stale: bool = False


@dataclass
class Section:
    """A heap on the desk, or the words for its being empty."""

    key: str
    title: str | Promise
    rows: list[Row]
    empty: str | Promise
    total: int = 0

    @property
    def more(self) -> int:
        return max(self.total - len(self.rows), 0)


def review_url(version: PlanVersion) -> str:
    return reverse("review", args=[version.pk])


def listed(key: str, title: Any, rows: QuerySet, make: Any, empty: Any) -> Section:
    page = list(rows[:ROWS])
    freshness.remember(row for row in page if isinstance(row, PlanVersion))
    return Section(key, title, [make(row) for row in page], empty, rows.count())
