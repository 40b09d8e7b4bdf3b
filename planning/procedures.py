"""The procedure (程序) of a province: which step leads where, who makes it, what must hold, by when. Data, not code.

It lies in WorkflowRule.procedure; `planning/data/workflow/` holds what is shipped. `Transition` is one row of its table.
"""

import json
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from planning.models import ENDED, PlanVersion, State, Track, WorkflowRule
from portal.models import Role

SHIPPED = Path(__file__).resolve().parent / "data" / "workflow"
SYSTEM = "system"


@dataclass(frozen=True)
class Transition:
    """One row of the table: from which states to which, who may make it, which gates must hold, what is said."""

    name: str
    sources: tuple[State, ...]
    target: State
    who: tuple[str, ...]
    labels: dict[str, str] = field(hash=False)
    gates: tuple[str, ...] = ()
    tracks: tuple[str, ...] = tuple(Track.values)
    needs_note: bool = False
    basis: str = ""

    @property
    def itemised(self) -> bool:
        """A return (退回) that is made together with its points."""
        return "return_has_items" in self.gates

    @property
    def label(self) -> str:
        return self.labels["en" if get_language() == "en" else "zh-hans"]


@dataclass(frozen=True)
class Procedure:
    """The whole table of one rule, with its deadlines and planned days."""

    rule: WorkflowRule
    transitions: tuple[Transition, ...]
    content: dict[str, Any] = field(hash=False)

    def find(self, name: str, version: PlanVersion) -> Transition | None:
        """The row of that name for the version's track; the one that starts at its state, if there are several."""
        rows = [t for t in self.transitions if t.name == name and version.track in t.tracks]
        return next((t for t in rows if version.state in t.sources), rows[0] if rows else None)

    def onward(self, version: PlanVersion) -> list[Transition]:
        """Rows that start at the version's state in its track."""
        return [t for t in self.transitions if version.state in t.sources and version.track in t.tracks]

    def way(self, track: str) -> list[State]:
        """States of a track in the order they are passed, from the draft to the plan in force."""
        seen = {State.DRAFT, *(t.target for t in self.transitions if track in t.tracks)}
        return [State(s) for s in State.values if s in seen and s not in ENDED]

    @property
    def comments(self) -> dict[str, Any]:
        """How many comments a person may write on a plan a day, which are looked at first, within how many working days.

        An edition from before this was data goes by what the country's says."""
        return self.content.get("comments") or of_the_country()["comments"]

    @property
    def enter_within(self) -> int:
        """Working days after the last one of a notice for which what was said or written in it is still entered (代录)."""
        return int(self.comments.get("enter_within", of_the_country()["comments"]["enter_within"]))

    def reminders(self, of: str) -> list[int]:
        """Days before the last one at which somebody is reminded: of a notice, of an opinion."""
        return (self.content.get("reminders") or of_the_country()["reminders"])[of]

    def notice_days(self, track: str) -> int:
        return int(self.content["notice_days"][track]["days"])


def of_version(version: PlanVersion) -> Procedure:
    """The procedure by which a version goes: that in force in its division on the day it was handed in.

    From its first step on it is pinned to the rule that step was made by: an edition entered later, even with an earlier
    day, changes nothing for it.
    """
    if not hasattr(version, "_procedure"):
        first = version.steps.filter(rule__isnull=False).select_related("rule").first()
        handed_in = timezone.localdate(version.created_at)
        version._procedure = of_rule(
            first.rule if first else WorkflowRule.procedure_for(version.division_code, handed_in)
        )
    return version._procedure


def of_rule(rule: WorkflowRule) -> Procedure:
    return Procedure(rule, parsed(json.dumps(rule.procedure["transitions"])), rule.procedure)


@lru_cache(maxsize=64)
def parsed(transitions: str) -> tuple[Transition, ...]:
    """Rows of the table as they lie in the database; ValueError names a state, role or track that is none."""
    return tuple(
        Transition(
            row["name"], tuple(State(s) for s in row["from"]), State(row["to"]),
            tuple(known_role(role) for role in row["who"]), row["label"], tuple(row.get("gates", ())),
            tuple(Track(track) for track in row.get("tracks", Track.values)), bool(row.get("note")), row.get("basis", ""),
        )
        for row in json.loads(transitions)
    )  # fmt: skip


def known_role(role: str) -> str:
    return role if role == SYSTEM else Role(role).value


@cache
def of_the_country() -> dict[str, Any]:
    return shipped()


def shipped(name: str = "national") -> dict[str, Any]:
    """A procedure of planning/data/workflow by its name."""
    return json.loads((SHIPPED / f"{name}.json").read_text("utf-8"))
