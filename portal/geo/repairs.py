"""Repairs 修复 that a person may consent to: each takes lon/lat polygons and answers new ones and what it changed.

Nothing here is done unasked. `offer` says beforehand what each repair would change, `apply` does those that were chosen.
"""

from collections.abc import Collection
from typing import Any, NamedTuple, Protocol

import numpy as np
import shapely

from portal.geo import crs, edges, shapes_check
from portal.geo.patience import Patience, Progress
from portal.geo.snapping import Snapped, snapped
from portal.geo.tolerances import merged

Geometries = np.ndarray


class Change(NamedTuple):
    """What a repair did to the feature at position `row`: areas on the ellipsoid, and how far its outline moved at most."""

    row: int
    kind: str
    area_before_m2: float
    area_after_m2: float
    moved_max_m: float


class Offer(NamedTuple):
    """What a repair would do to a layer: features changed, sum and largest of the changes of area (without sign)."""

    kind: str
    features: int
    area_change_m2: float
    largest_change_m2: float
    moved_max_m: float


Repaired = tuple[Geometries, list[Change]]


def make_valid(geoms: Geometries, *, patience: Patience | None = None) -> Repaired:
    """Invalid polygons rebuilt from their rings: shells are united, holes taken off. No vertex moves.

    What is no polygon, and what would leave nothing, stays as it is.
    """
    rows = np.flatnonzero(np.isin(shapely.get_type_id(geoms), (3, 6)) & ~shapely.is_empty(geoms))
    rows = rows[~_valid(geoms[rows], patience or Patience())]
    repaired = geoms.copy()
    for row, made in zip(rows, shapely.make_valid(geoms[rows], method="structure", keep_collapsed=False), strict=True):
        areas = [part for part in shapely.get_parts(made) if part.geom_type == "Polygon" and not part.is_empty]
        if areas:
            repaired[row] = areas[0] if len(areas) == 1 else shapely.multipolygons(areas)
    return repaired, _changes("make_valid", geoms, repaired, rows, {})


def remove_duplicate_vertices(geoms: Geometries, tolerance_m: float, *, patience: Patience | None = None) -> Repaired:
    """Rings without vertices that lie on the one before them. A feature that would not stay valid is left alone."""
    patience = patience or Patience()
    sound = _sound(geoms, patience)
    found = edges.rings(geoms[sound])
    at = shapes_check.repeated_vertices(found, tolerance_m)
    rows = np.unique(found.owner[np.searchsorted(found.start, at, side="right") - 1])
    moved: dict[int, float] = {}
    repaired = geoms.copy()
    for row in sound[rows]:
        patience()
        shape = edges.rings(geoms[[row]])
        thinned = [_thinned(ring, tolerance_m) for ring in edges.split(shape)]
        if sum(len(ring) for ring, _ in thinned) == len(shape.xy):
            continue
        made = edges.joined(geoms[row], shape, [ring for ring, _ in thinned])
        if made is not None:
            repaired[row], moved[int(row)] = made, max(distance for _, distance in thinned)
    return repaired, _changes("duplicates", geoms, repaired, sound[rows], moved)


def _thinned(ring: np.ndarray, tolerance_m: float) -> tuple[np.ndarray, float]:
    """Of each run of vertices within the tolerance of each other one is kept; which, does not depend on the direction
    of the ring, so that neighbours stay fitted. Also how far a vertex went."""
    near = np.hypot(*crs.steps_m(ring)) <= tolerance_m
    if not near.any() or near.all():
        return ring, 0.0
    begin = int(np.flatnonzero(~near)[0]) + 1  # a vertex with a true step before it
    turned = np.roll(ring[:-1], -begin, axis=0)
    steps = np.roll(near, -begin)[:-1]  # steps[i]: vertex i + 1 lies on vertex i
    runs = np.split(turned, np.flatnonzero(~steps) + 1)
    kept, moved = [], 0.0
    for run in runs:
        run = run if tuple(run[0]) <= tuple(run[-1]) else run[::-1]
        some = [run[0]]
        for vertex in run[1:]:
            step = float(np.hypot(*crs.steps_m(np.array([some[-1], vertex])))[0])
            moved = max(moved, step) if step <= tolerance_m else moved
            some += [] if step <= tolerance_m else [vertex]
        kept += some
    return np.array([*kept, kept[0]]), moved


def snap(
    geoms: Geometries,
    tolerance_m: float,
    outline: shapely.Geometry | None = None,
    *,
    patience: Patience | None = None,
) -> Repaired:
    """Vertices of neighbours within the tolerance drawn together, and vertices added where a neighbour has one, so that
    small gaps and overlaps vanish. Nothing moves further than the tolerance, and the outline (lon/lat) does not move.

    A feature that would not stay valid is left as it was.
    """
    patience = patience or Patience()
    sound = _sound(geoms, patience)
    if not len(sound):
        return geoms.copy(), []
    result: Snapped = snapped(geoms[sound], tolerance_m, outline, patience)
    repaired = geoms.copy()
    rows = sound[result.rows]
    repaired[rows] = result.shapes
    return repaired, _changes("snap", geoms, repaired, rows, dict(zip(rows.tolist(), result.moved_m, strict=True)))


def _sound(geoms: Geometries, patience: Patience) -> np.ndarray:
    shaped = ~(shapely.is_missing(geoms) | shapely.is_empty(geoms)) & np.isin(shapely.get_type_id(geoms), (3, 6))
    rows = np.flatnonzero(shaped)
    return rows[_valid(geoms[rows], patience)]


def _valid(polygons: Geometries, patience: Patience) -> np.ndarray:
    return patience.each(shapely.is_valid, shapely.get_num_coordinates(polygons), polygons)


def _changes(
    kind: str, before: Geometries, after: Geometries, rows: np.ndarray, moved: dict[int, float]
) -> list[Change]:
    """One for each row that is not what it was."""
    rows = np.array([row for row in rows if before[row] is not after[row]], dtype=np.int64)
    was, now = crs.area_m2(before[rows]), crs.area_m2(after[rows])
    return [
        Change(int(row), kind, float(a), float(b), moved.get(int(row), 0.0))
        for row, a, b in zip(rows, was, now, strict=True)
    ]


class Repair(Protocol):
    def __call__(
        self,
        geoms: Geometries,
        outline: shapely.Geometry | None,
        tolerances: dict[str, float],
        patience: Patience | None = None,
    ) -> Repaired: ...


KINDS: dict[str, Repair] = {
    "make_valid": lambda geoms, outline, tolerances, patience=None: make_valid(geoms, patience=patience),
    "duplicates": lambda geoms, outline, tolerances, patience=None: remove_duplicate_vertices(
        geoms, tolerances["vertex_m"], patience=patience
    ),
    "snap": lambda geoms, outline, tolerances, patience=None: snap(
        geoms, tolerances["snap_m"], outline, patience=patience
    ),
}
"""in the order in which they are done: only valid polygons can be snapped"""


def apply(
    geoms: Geometries,
    kinds: Collection[str],
    outline: shapely.Geometry | None = None,
    rules: dict[str, dict[str, Any]] | None = None,
    progress: Progress | None = None,
) -> Repaired:
    """The chosen repairs, one upon the other, with the tolerances of the rules."""
    changes = []
    for kind, repair in KINDS.items():
        if kind in kinds:
            geoms, made = repair(geoms, outline, merged(rules)["tolerances"], Patience(progress))
            changes += made
    return geoms, changes


def offer(
    geoms: Geometries,
    outline: shapely.Geometry | None = None,
    rules: dict[str, dict[str, Any]] | None = None,
    progress: Progress | None = None,
) -> list[Offer]:
    """What each repair would change, each upon those before it; a repair that would change nothing is not offered."""
    _, changes = apply(geoms, KINDS, outline, rules, progress)
    offers = []
    for kind in KINDS:
        some = [change for change in changes if change.kind == kind]
        if some:
            differences = [abs(change.area_after_m2 - change.area_before_m2) for change in some]
            moved = max(change.moved_max_m for change in some)
            offers.append(Offer(kind, len(some), sum(differences), max(differences), moved))
    return offers
