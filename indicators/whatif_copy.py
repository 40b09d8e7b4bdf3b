"""A copy of a version's zones with some land cut out and given another class, in memory: no row is written or changed.

The land is cut by the step "place" of the drawing board (portal.geo.partition_steps), so what a what-if judges is what a
planner gets who opens it as a drawing; land that is a whole zone keeps its number and only changes its class.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from indicators.compute.overlay import polygonal
from planning import drawing_words
from planning.drawing_rows import box, shapes
from planning.models import PlanVersion
from portal.geo import crs, partition_steps
from portal.geo.partition import Board, Impossible
from portal.geo.partition_check import settled

Shapes = dict[int, shapely.Geometry]


@dataclass(frozen=True)
class Cut:
    """What becomes of zones: `made` their new shape by number (None: gone), `parents` the zone that a new number is a part
    of, `fresh` the numbers of the land that gets the class, `before` the zones around as they were."""

    made: dict[int, shapely.Geometry | None]
    parents: dict[int, int]
    fresh: tuple[int, ...]
    before: Shapes

    @property
    def land(self) -> shapely.Geometry:
        """The land that gets the class, within the village."""
        return shapely.union_all([self.made[number] for number in self.fresh])


def cut(version: PlanVersion, land: shapely.MultiPolygon) -> Cut:
    """Cut the land out of the zones beneath it; PortalError where that cannot be done."""
    before = around(version, land.bounds)
    if (whole := zone_of(before, land)) is not None:
        return Cut({whole: before[whole]}, {}, (whole,), before)
    top = version.zones.order_by("-number").values_list("number", flat=True).first() or 0
    numbers = itertools.count(top + 1)
    outline = shapely.from_wkb(bytes(version.plan.village.geom.wkb))
    try:
        return cut_parts(before, outline, land, numbers)
    except Impossible as error:
        raise drawing_words.refused(error) from error
    except shapely.errors.GEOSException as error:
        raise drawing_words.refused(Impossible("unclear")) from error


def cut_parts(before: Shapes, outline: shapely.Geometry, land: shapely.MultiPolygon, numbers: Iterator[int]) -> Cut:
    """Place one part of the land after the other, as somebody would draw them."""
    now, made = dict(before), {}
    parents: dict[int, int] = {}
    fresh = []
    for part in shapely.get_parts(land):
        board = Board(now, outline)
        fresh.append(partition_steps.place(board, part, lambda: next(numbers)))
        step = settled(board)
        for new, old in board.parents.items():
            parents[new] = parents.get(old, old)
        made |= step
        now = {number: shape for number, shape in {**now, **step}.items() if shape is not None}
    return Cut(made, parents, tuple(fresh), before)


def around(version: PlanVersion, bounds: tuple[float, ...]) -> Shapes:
    """The zones that meet a box, and all that may share a border with one of them."""
    zones = version.zones.all()
    first = shapes(zones.filter(geom__bboverlaps=box(bounds)))
    if not first:
        return {}
    wide = shapely.total_bounds([*first.values(), shapely.box(*bounds)])
    return {**first, **shapes(zones.filter(geom__bboverlaps=box(wide)).exclude(number__in=list(first)))}


def zone_of(zones: Shapes, land: shapely.Geometry) -> int | None:
    """The zone that the land is, if it is one to the last bit."""
    wanted = shapely.normalize(land)
    return next((n for n, shape in zones.items() if shapely.equals_exact(shapely.normalize(shape), wanted, 0)), None)


def changed_plan(plan: pd.DataFrame, change: Cut, code: str) -> pd.DataFrame:
    """The frame of the zones as they would be, in the order of their numbers."""
    rows = {row.number: row for row in plan[plan["number"].isin([*change.made, *change.parents.values()])].itertuples()}
    new: list[dict[str, Any]] = []
    for number, shape in change.made.items():
        if shape is None:
            continue
        like = rows.get(change.parents.get(number, number))
        row = {"number": number, "code": code, "label": "", "attributes": {}} if like is None else {
            "number": number, "code": like.code, "label": like.label, "attributes": like.attributes,
        }  # fmt: skip
        if number in change.fresh and like is not None:  # what the file said of the old class no longer holds
            kept = {name: value for name, value in (like.attributes or {}).items() if name != "adjustable"}
            row |= {"code": code, "attributes": kept}
        new.append({**row, "geom": shape, "area_m2": float(crs.area_m2([shape])[0])})
    kept = plan[~plan["number"].isin(list(change.made))]
    made = pd.concat([kept, pd.DataFrame(new, columns=plan.columns)], ignore_index=True)
    return made.sort_values("number", kind="stable", ignore_index=True)


def moved(change: Cut, plan: pd.DataFrame, base: pd.DataFrame) -> list[dict[str, Any]]:
    """The land by what it is planned as now and by what it is in the base year: ellipsoidal m², the largest first. `base` is
    None for land that no parcel of the base year covers."""
    codes = dict(zip(plan["number"].tolist(), plan["code"].tolist(), strict=True))
    land, sums = change.land, {}
    touched = [n for n in change.before if n in change.made]
    ground = base.take(shapely.STRtree(base["geom"].to_numpy(object)).query(land)) if len(base) else base
    parcels = ground["geom"].to_numpy(object)
    for number in touched:
        piece = shapely.intersection(change.before[number], land)
        rest = measured([piece])[0]
        for base_code, m2 in zip(ground["code"], measured(shapely.intersection(parcels, piece)), strict=True):
            add(sums, (base_code, codes[number]), m2)
            rest -= m2
        add(sums, (None, codes[number]), max(rest, 0.0))
    rows = [{"base": base_code, "before": code, "m2": m2} for (base_code, code), m2 in sums.items() if m2 >= LEAST_M2]
    return sorted(rows, key=lambda row: -row["m2"])


LEAST_M2 = 0.5
"""less land than this is the rounding of lines that were cut"""


def add(sums: dict[tuple[str | None, str], float], key: tuple[str | None, str], m2: float) -> None:
    sums[key] = sums.get(key, 0.0) + m2


def measured(pieces: Any) -> list[float]:
    """Ellipsoidal areas of what is left of polygons, m²; lines and points that they share have none."""
    found = np.asarray(pieces, dtype=object)
    return crs.area_m2(polygonal(found)).tolist() if len(found) else []
