"""What residents said about a version and what came of it, in figures: by theme, by place, by state (您说的、我们做的、为什么没有).

Read once into small rows, so that thousands of comments cost little; the words are fetched for what a page shows.
"""

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from planning import answers, themes
from planning.models import Adoption, Channel, PlanVersion, Reply, Zone
from planning.models.participation import last_adoption
from planning.supports import counted

ZONE, PROJECT, SPOT, WHOLE, GONE = "zone", "project", "place", "plan", "gone"


@dataclass(frozen=True)
class Said:
    """A comment as the figures need it. `place` is (zone or project, number), or (place or plan, 0)."""

    pk: str
    number: int
    theme: str
    place: tuple[str, int]
    state: str
    supports: int
    hidden: str
    """the reason why it was hidden; empty: it was not"""
    days: float | None
    """days until its first answer that did not put it off"""


@dataclass(frozen=True)
class Figures:
    """The figures on top of the page. `to_answer` and `answered` leave out what asks for no answer."""

    comments: int
    supports: int
    answered: int
    to_answer: int
    states: dict[str, int]
    hidden: list[tuple[str, int]]
    """reason -> how many"""
    held: int
    days: float | None
    """median days until the answer"""


def read(version: PlanVersion) -> list[Said]:
    """The comments of a version that do not wait for a look, oldest first, with the numbers they have on its page. Those of
    earlier consultations stand apart, there as here."""
    replies = Reply.objects.filter(comment=OuterRef("pk"))
    full = replies.exclude(adoption=Adoption.OPEN).order_by("created_at", "pk").values("created_at")[:1]
    around = Zone.objects.filter(version=OuterRef("version"), geom__covers=OuterRef("geom")).order_by("number")
    rows = version.comments.exclude(channel=Channel.IMPORT).annotate(
        last=last_adoption(), full_at=Subquery(full), supported=counted(version),
        zone_number=Coalesce("zone__number", Subquery(around.values("number")[:1])),
    )  # fmt: skip
    fields = (
        "pk", "text", "theme", "zone_number", "project__number", "geom", "last", "full_at", "supported", "agreed_before",
        "channel", "created_at", "held_at", "released_at", "hidden_at", "hidden_reason",
    )  # fmt: skip
    # the pin itself is not needed, only whether there is one
    found = rows.as_numbered().values(*fields).iterator(chunk_size=500)
    return [said(number, row) for number, row in enumerate(found, 1) if not waits(row)]


def waits(row: dict) -> bool:
    return row["held_at"] is not None and row["released_at"] is None and row["hidden_at"] is None


def said(number: int, row: dict) -> Said:
    never = row["held_at"] is not None and row["released_at"] is None
    return Said(
        pk=row["pk"],
        number=number,
        theme=row["theme"] if row["theme"] in themes.listed() else themes.guess(row["text"]),
        place=place_of(row),
        state=answers.state_of(row["last"], row["channel"], never_public=never),
        supports=row["supported"] + row["agreed_before"],
        hidden=row["hidden_reason"],
        days=days_between(row["created_at"], row["full_at"]),
    )


def place_of(row: dict) -> tuple[str, int]:
    """A project first, because it was chosen by name; then the zone that was named or that the pin lies in."""
    if row["project__number"] is not None:
        return PROJECT, row["project__number"]
    if row["zone_number"] is not None:
        return ZONE, row["zone_number"]
    return (SPOT, 0) if row["geom"] else (WHOLE, 0)


def days_between(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else max(0.0, (end - start).total_seconds() / 86400)


def figures(version: PlanVersion, rows: list[Said]) -> Figures:
    states = Counter(row.state for row in rows)
    answered = sum(states[state] for state in answers.SETTLED)
    days = [row.days for row in rows if row.days is not None]
    return Figures(
        comments=len(rows),
        supports=sum(row.supports for row in rows),
        answered=answered,
        to_answer=answered + states[answers.NONE] + states[Adoption.OPEN],
        states=dict(states),
        hidden=Counter(row.hidden for row in rows if row.hidden).most_common(),
        held=version.comments.waiting().count(),
        days=statistics.median(days) if days else None,
    )


def by_theme(rows: Iterable[Said]) -> dict[str, dict[str, int]]:
    """Theme -> state -> how many, in the order of the list; themes without comments are left out."""
    found: dict[str, Counter] = {}
    for row in rows:
        found.setdefault(row.theme, Counter())[row.state] += 1
    return {code: dict(found[code]) for code in themes.listed() if code in found}


def by_place(rows: Iterable[Said]) -> dict[tuple[str, int], list[Said]]:
    """Place -> its comments; places with the most people behind their comments first."""
    found: dict[tuple[str, int], list[Said]] = {}
    for row in rows:
        found.setdefault(row.place, []).append(row)
    order = {ZONE: 0, PROJECT: 1, SPOT: 2, WHOLE: 3}
    return dict(sorted(found.items(), key=lambda item: (-voices(item[1]), order[item[0][0]], item[0][1])))


def voices(rows: Iterable[Said]) -> int:
    """Comments and supports together: how many spoke up."""
    return sum(1 + row.supports for row in rows)
