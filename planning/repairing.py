"""Repairs of the zones (几何修复) a person may consent to: offered with what they change, and made before the rules run."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from planning import schema
from planning.quality import Case
from planning.schema import Profile
from portal.geo import repairs
from portal.geo.issues import Issue
from portal.geo.patience import Progress
from portal.geo.quality import Checks
from portal.geo.repairs import Change
from villages.models import Village

CODES = {"make_valid": {"G1"}, "duplicates": {"G4"}, "snap": {"G5", "G6"}}
CURES = {"make_valid": Checks.geometry, "duplicates": Checks.duplicates, "snap": Checks.tiling}
TOLD = ("kind", "features", "area_change_m2", "largest_change_m2")
ROWS = 200  # of each offer
SHAPES = 20  # of each offer, drawn before and after
VERTICES_OF_ONE, VERTICES_DRAWN = 2000, 10_000
MOST_VERTICES = 1_000_000  # beyond it nobody waits for offers: what they would change costs as much as the check itself
DIGITS = 1e-8  # degrees on the map: a millimetre


def repaired(
    layers: Sequence[Any], profile: Profile, village: Village, kinds: Sequence[str], progress: Progress
) -> tuple[list[Any], list[Change]]:
    """The layers with the chosen repairs made to the zones, and what that changed."""
    zones = next((m.layer for m in schema.match(layers, profile) if m.spec.role == "zones"), None)
    if zones is None:
        return list(layers), []
    outline = shapely.from_wkb(bytes(village.geom.wkb))
    geometry, changes = repairs.apply(zones.geometry, kinds, outline, profile.rules, lambda share: progress(0.0))
    made = dataclasses.replace(zones, geometry=geometry)
    return [made if layer is zones else layer for layer in layers], changes


def offers(case: Case, issues: list[Issue]) -> list[dict[str, Any]]:
    """The repairs that cure some of the issues, each with what it would change, one upon the other."""
    geoms, found, codes = case.geoms, [], {i.code for i in issues}
    if shapely.get_num_coordinates(geoms).sum() > MOST_VERTICES:
        return []
    for kind in (kind for kind in repairs.KINDS if CODES[kind] & codes):
        faults = count(case, geoms, kind)
        after, changes = repairs.apply(
            geoms, [kind], case.outline, case.profile.rules, lambda share: case.progress(1.0)
        )
        cured = faults - count(case, after, kind) if changes else 0
        if cured > 0:
            shapes = drawn(geoms, after, changes)
            found.append({**summary(kind, changes), "faults": faults, "cured": cured, "shapes": shapes})
            geoms = after
    return found


def count(case: Case, geoms: np.ndarray, kind: str) -> int:
    """How many of the faults a repair may cure the geometries have; those a long list was cut by included."""
    check = Checks("", geoms, outline=case.outline, rules=case.profile.rules, progress=lambda share: case.progress(1.0))
    issues = [i for i in CURES[kind](check) if i.code in CODES[kind]]
    return sum(i.params["count"] if i.params.get("reason") == "more" else 1 for i in issues)


def summaries(changes: list[Change]) -> list[dict[str, Any]]:
    """What each repair changed, in the order they were made."""
    by_kind = {kind: [c for c in changes if c.kind == kind] for kind in repairs.KINDS}
    return [summary(kind, made) for kind, made in by_kind.items() if made]


def told(changes: list[Change]) -> dict[str, Any]:
    """What the report says of repairs that were made; it does not say so where none were."""
    made = [{name: one[name] for name in TOLD} for one in summaries(changes)]
    return {"repairs": made} if made else {}


def note(report: dict[str, Any]) -> str:
    """Repairs in a few words, for the note of the version."""
    made = report.get("repairs", [])
    if not made:
        return ""
    words = {
        "features": sum(one["features"] for one in made),
        "m2": f"{sum(one['area_change_m2'] for one in made):.2f}",
    }
    return _("Repaired by the portal on consent: %(features)d features, area changed by %(m2)s m².") % words


def summary(kind: str, changes: list[Change]) -> dict[str, Any]:
    """Features changed, and sum and largest of their changes of area in m² (without sign); the rows changed most first."""
    by_size = sorted(changes, key=difference, reverse=True)
    return {
        "kind": kind,
        "features": len(changes),
        "area_change_m2": round(sum(map(difference, changes)), 4),
        "largest_change_m2": round(difference(by_size[0]), 4),
        "rows": [row(change) for change in by_size[:ROWS]],
    }


def difference(change: Change) -> float:
    return abs(change.area_after_m2 - change.area_before_m2)


def row(change: Change) -> dict[str, Any]:
    """A change as it is kept; rows count from 1, as users do."""
    return {
        "row": change.row + 1,
        "area_before_m2": round(change.area_before_m2, 4),
        "area_after_m2": round(change.area_after_m2, 4),
        "moved_max_m": round(change.moved_max_m, 4),
    }


def drawn(before: np.ndarray, after: np.ndarray, changes: list[Change]) -> list[dict[str, Any]]:
    """Outlines before and after of the features changed most, for the map; none endless."""
    shapes: list[dict[str, Any]] = []
    left = VERTICES_DRAWN
    for change in sorted(changes, key=difference, reverse=True)[:SHAPES]:
        pair = before[change.row], after[change.row]
        size = int(shapely.get_num_coordinates(pair).sum())
        if size > min(left, 2 * VERTICES_OF_ONE):
            continue
        left -= size
        shapes.append({"row": change.row + 1, "before": geojson(pair[0]), "after": geojson(pair[1])})
    return shapes


def geojson(geom: shapely.Geometry) -> dict[str, Any]:
    return json.loads(shapely.to_geojson(shapely.set_precision(geom, DIGITS, mode="pointwise")))
