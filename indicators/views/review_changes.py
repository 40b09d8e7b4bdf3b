"""What the review page says of the version before: zones added, removed, recoded, reshaped, split, merged, with areas before
and after and what led to it; areas by class and numbers of conflicts."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators import plain_words
from indicators.views.review_filters import Sums
from planning import causes, change_words, comparing, zone_changes
from planning.maps import UNKNOWN_COLOUR, classes
from planning.models import Finding, PlanVersion
from planning.views.comparing import row_of, unique
from planning.zone_changes import Change, Comparison
from portal.models import User

CUT = 100
"""changes listed at once; all of them when asked for, and on the page of the comparison"""
TOLD_FROM_M2 = 1  # smaller changes between two versions are the redrawing of a line
KINDS = [fate for fate in zone_changes.FATES if fate != "same"]


@dataclass(frozen=True)
class ClassChange:
    """A class between two versions, m²."""

    name: str
    colour: str
    before_m2: float
    after_m2: float

    @property
    def change_m2(self) -> float:
        return self.after_m2 - self.before_m2


@dataclass(frozen=True)
class VersionChange:
    """What changed since an older version of the same plan."""

    older: PlanVersion
    classes: list[ClassChange]
    counts: list[tuple[str | Promise, int, int]]


def of_version(
    version: PlanVersion, user: User, query: QueryDict, versions: list[PlanVersion], sums: Sums
) -> dict[str, Any]:
    """Everything the part of the page about changes shows; without a version before, nothing changed."""
    older = next((other for other in versions if other.number < version.number), None)
    if older is None:
        return {"since": None, "changes": [], "change_count": 0, "change_places": {}}
    found = comparing.compare(older, version)
    changed = comparing.changed(found)
    counts = comparing.counts(found)
    kind = query.get("kind", "") if query.get("kind", "") in KINDS else ""
    wanted = [change for change in changed if kind in ("", change.fate)]
    shown = wanted if query.get("changes") == "all" else wanted[:CUT]
    rows = rows_of(shown, found)
    add_causes(rows, older, version, user)
    return {
        "since": VersionChange(older, class_changes(found), told_counts(older, found, sums)),
        "changes": rows,
        "change_count": len(changed),
        "change_kind": kind,
        "change_kinds": [(fate, change_words.FATES[fate], counts[fate]) for fate in KINDS if counts[fate]],
        "changes_left_out": len(wanted) - len(shown),
        "change_places": {
            row["key"]: {"box": row["box"], "old": row["old"], "new": row["new"]} for row in rows
        },
        "before_tiles": reverse("api-version-tiles", args=[older.pk]),
    }  # fmt: skip


def rows_of(changes: list[Change], found: Comparison) -> list[dict[str, Any]]:
    """The changes in words, with the areas of their zones before and after in m²."""
    names = change_words.names_in(found)
    return [{**row_of(change, found, names), **areas(change, found)} for change in changes]


def areas(change: Change, found: Comparison) -> dict[str, float | None]:
    before = sum(found.old_areas[number] for number in change.old) if change.old else None
    after = sum(found.new_areas[number] for number in change.new) if change.new else None
    return {"before_m2": before, "after_m2": after, "change_m2": (after or 0.0) - (before or 0.0)}


def add_causes(rows: list[dict[str, Any]], older: PlanVersion, version: PlanVersion, user: User) -> None:
    """Put to each row what led to it."""
    said = causes.causes_of(older, version, user) if rows else {}
    for row in rows:
        sides = [("new", n) for n in row["new"]] or [("old", n) for n in row["old"]]
        row["causes"] = unique(reason for side in sides for reason in said.get(side, []))


def class_changes(found: Comparison) -> list[ClassChange]:
    """Classes that grow or shrink, the largest change first."""
    totals = [t for t in comparing.class_totals(found) if abs(t["after"] - t["before"]) >= TOLD_FROM_M2]
    names = classes(t["code"] for t in totals)
    rows = [
        ClassChange(
            names[t["code"]].name if t["code"] in names else t["code"],
            names[t["code"]].colour if t["code"] in names else UNKNOWN_COLOUR, t["before"], t["after"],
        )
        for t in totals
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -abs(row.change_m2))


def told_counts(older: PlanVersion, found: Comparison, sums: Sums) -> list[tuple[str | Promise, int, int]]:
    """How many zones and how many conflicts of each category the two versions have, without those for the record."""
    told = older.findings.exclude(severity=Finding.Severity.INFO).order_by()
    before = dict(told.values_list("category").annotate(Count("pk")))
    after = dict.fromkeys(map(str, plain_words.CATEGORIES), 0)
    for row in sums.rows:
        if row["severity"] != Finding.Severity.INFO:
            after[row["category"]] += row["count"]
    rows = [(Finding.Category(c).label, before.get(c, 0), after[c]) for c in after]
    return [(_("Zones"), len(found.old_areas), len(found.new_areas)), *rows]
