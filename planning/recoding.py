"""Codes of the zones as classes of 2023, and the codes a person must decide: planning's side of villages.codes."""

from typing import Any

from planning.schema import Matched, Profile
from portal.geo.issues import WARNING, Issue
from villages import codes
from villages.codes import Conversion

MAX_WORKLIST = 5000
Worklist = list[dict[str, Any]]


def convert(zones: Matched, stated: list[str | None], profile: Profile) -> Conversion:
    """The profile's own table first (its answer is final), then the edition's. A code goes through one of them, once."""
    own = profile.codes
    stated_names = zones.of("code_name") if zones.named_apart else [None] * zones.size
    names = [None if n is None else str(n) for n in stated_names]
    rest = [None if v is None or v in own else v for v in stated]
    conversion = codes.convert(rest, names, zones.spec.code_edition or profile.code_edition)
    pairs = zip(stated, conversion.codes, strict=True)
    conversion.codes = [own[v] if v is not None and v in own else code for v, code in pairs]
    return conversion


def decide(conversion: Conversion, zones: Matched, decisions: dict[str, str]) -> Worklist:
    """Every code a person must decide, with what was decided so far; decisions go into the conversion."""
    worklist = []
    for row, choice in conversion.needs_person.items():
        decided = decisions.get(str(row)) or None
        if decided:
            conversion.codes[row - 1] = decided
        worklist.append(
            {
                "layer": zones.layer.name,
                "row": row,
                "value": choice.value,
                "proposed": choice.proposed,
                "choices": list(choice.choices),
                "decided": decided,
            }
        )
    return worklist


def open_questions(worklist: Worklist, zones: Matched) -> list[Issue]:
    """A warning for each code nobody has decided yet."""
    return [
        Issue(
            "S7", WARNING, entry["layer"], entry["row"],
            {"reason": "needs_person", "value": entry["value"], "proposed": entry["proposed"],
             "choices": ", ".join(entry["choices"])},
            zones.layer.geometry[entry["row"] - 1],
        )
        for entry in worklist
        if entry["decided"] is None
    ]  # fmt: skip


def doubts(conversion: Conversion, zones: Matched) -> list[Issue]:
    """A warning if the whole file could as well be of the survey: then only a person knows."""
    if not conversion.unsure:
        return []
    params = {"reason": "edition_unsure", "edition": conversion.edition, "count": conversion.unsure}
    return [Issue("S7", WARNING, zones.layer.name, None, params)]


def notes(conversion: Conversion, zones: Matched) -> list[dict[str, Any]]:
    """What was decided about the edition of the codes, told even where nobody is asked."""
    return [
        {"layer": zones.layer.name, "reason": "edition_converted", "edition": title(edition), "count": count}
        for edition, count in conversion.converted.items()
    ]


def title(edition: str) -> str:
    return codes.tables()[edition]["title"]


def marked(attributes: list[dict[str, Any]], conversion: Conversion) -> list[dict[str, Any]]:
    """The suffix K of the survey (可调整地类) kept with the zone."""
    for row in conversion.adjustable:
        attributes[row - 1] = {**attributes[row - 1], "adjustable": True}
    return attributes


def found(worklist: Worklist) -> dict[str, Any]:
    """The worklist as it is kept with the upload."""
    return {"worklist": worklist[:MAX_WORKLIST], "worklist_total": len(worklist)} if worklist else {}
