"""What is wrong with a procedure before anybody goes by it: sentences for the administrator who wrote it down."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from django.utils.translation import gettext as _

from planning import decisions, gates
from planning.models import ENDED, State, Track
from planning.procedures import SYSTEM
from planning.profile_faults import explained
from portal.models import Role

SCHEMA = Path(__file__).resolve().parent / "data" / "procedure.schema.json"
# where an office must act, so that somebody must be told when it is late
WITH_DEADLINE = (State.JOINT_REVIEW, State.QUALITY_CHECK, State.SUBMITTED, State.APPROVED)
# where the way of a version may end
LAST = (*ENDED, State.IN_FORCE)
ROLES = (*Role.values, SYSTEM)


@cache
def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def faults(content: Any) -> list[str]:
    """Every fault of a procedure in words, with its place; empty if versions can go by it."""
    found = [
        f"{'/'.join(map(str, error.path)) or '/'}: {explained(error)}"
        for error in sorted(schema().iter_errors(content), key=lambda e: list(map(str, e.path)))
    ]
    # what follows reads the content as the schema has it; the schema names one missing entry of a place at a time
    return list(dict.fromkeys(found)) or [
        *unknown_names(content), *unreached(content), *(text for track in Track.values for text in lost_in(content, track))
    ]  # fmt: skip


def unknown_names(content: dict[str, Any]) -> Iterator[str]:
    """States, roles, tracks, gates and letters that the portal does not know."""
    for row in content["transitions"]:
        place = f"transitions/{row['name']}"
        yield from unknown(place, [*row["from"], row["to"]], State.values)
        yield from unknown(place, row["who"], ROLES)
        yield from unknown(place, row.get("tracks", []), Track.values)
        yield from unknown(place, row.get("gates", []), gates.GATES)
    for row in content["deadlines"]:
        place = f"deadlines/{row['kind']}"
        yield from unknown(place, [row["starts"], *row["ends"]], State.values)
        yield from unknown(place, row["late_to"], Role.values)
    yield from unknown("planned", content["planned"], State.values)
    named = {track: name for track, name in content.get("letters", {}).items() if track in Track.values}
    for track, name in named.items():
        yield from unknown(f"letters/{track}", [name], decisions.names())


def unknown(place: str, names: Any, known: Any) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield _("%(place)s: “%(name)s” is not known here.") % {"place": place, "name": name}


def rows_of(content: dict[str, Any], track: str) -> list[dict[str, Any]]:
    return [row for row in content["transitions"] if track in row.get("tracks", Track.values)]


def unreached(content: dict[str, Any]) -> Iterator[str]:
    """States that steps start at, but that none leads to in any track."""
    reached = set().union(*(reachable(rows_of(content, track)) for track in Track.values))
    named = {state for row in content["transitions"] for state in row["from"]}
    for state in (s for s in State.values if s in named - reached):
        yield _("No step leads to “%(state)s”.") % {"state": label(state)}


def lost_in(content: dict[str, Any], track: str) -> Iterator[str]:
    """States of a track that nothing leads out of, ends that cannot be reached, deadlines that nobody set."""
    rows = rows_of(content, track)
    reached, told = reachable(rows), {"track": Track(track).label}
    for state in (s for s in State.values if s in reached and s not in LAST):
        # to be replaced by a newer version is no way of one's own
        if not any(state in row["from"] and row["to"] != State.SUPERSEDED for row in rows):
            yield _("No step of the track “%(track)s” leads out of “%(state)s”.") % {**told, "state": label(state)}
    pairs = Counter((row["name"], state) for row in rows for state in row["from"])
    for (name, state), count in pairs.items():
        if count > 1:
            yield _("The step “%(name)s” of the track “%(track)s” leads from “%(state)s” to more than one state.") % {
                **told, "name": name, "state": label(state) if state in State.values else state
            }  # fmt: skip
    if State.IN_FORCE not in reached:
        yield _("The track “%(track)s” never puts a plan in force.") % told
    if State.APPROVED in reached and not any(
        row["to"] == State.APPROVED and "decision_written" in row.get("gates", ()) for row in rows
    ):
        yield _("The track “%(track)s” approves a plan without a decision letter.") % told
    if any(row["name"] == "return" and "return_has_items" not in row.get("gates", ()) for row in rows):
        yield _("The track “%(track)s” returns a plan without points.") % told
    started = {row["starts"] for row in content["deadlines"]}
    for state in (s for s in WITH_DEADLINE if s in reached and s not in started):
        yield _("“%(state)s” of the track “%(track)s” has no deadline.") % {**told, "state": label(state)}


def reachable(rows: list[dict[str, Any]]) -> set[str]:
    """States that steps lead to from the draft."""
    found: set[str] = {State.DRAFT.value}
    grown = True
    while grown:
        further = {row["to"] for row in rows if found & set(row["from"])} - found
        grown = bool(further)
        found |= further
    return found


def label(state: str) -> str:
    return str(State(state).label)
