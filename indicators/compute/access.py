"""Indicators of ways: hardened roads, their density, and who lives within a quarter of an hour of what is needed daily."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from indicators.compute.areas import PERCENT, ground, quotient
from indicators.compute.frames import Frames, Measure, shapes
from indicators.compute.plane import Plane
from indicators.compute.standard import CodeSet, Standard

PER_KM = 1000.0  # m/m² as km/km²
ROUND = 64  # segments in a quarter of a circle: its area is 0.01 % too small


def hardened_roads(frames: Frames, standard: Standard) -> Measure:
    """16 道路硬化率. Formula: length of hardened roads / length of roads in the village · 100; unit %; both m.

    Roads of which it is not known are left out, and the note says so. Where it is known of none: households with hardened
    access / households · 100 (入户率), and the units of numerator and denominator say that. Figures of the base year.
    Source: section 4.1 no. 16, expected.
    """
    outline, roads = frames.village.get("geom"), frames.roads
    known = roads["hardened"].map(lambda said: isinstance(said, bool | np.bool_)).to_numpy(bool)
    if outline is None or not known.any():
        return _hardened_access(frames)
    length = lengths_inside(roads, [outline])
    if not length[known].sum():
        return _hardened_access(frames)
    hard = known & (roads["hardened"].to_numpy() == True)  # noqa: E712  objects: True, False, None
    both = float(length[hard].sum()), float(length[known].sum())
    note = "some_roads_unknown" if length[~known].sum() else "base_year_figure"
    return quotient("%", PERCENT, both, both, per=("m", "m"), note=note)


def _hardened_access(frames: Frames) -> Measure:
    both = frames.village.get("road_access_households"), frames.village.get("households")
    missing = "no_roads" if not both[1] or both[0] is None else ""
    return quotient("%", PERCENT, both, both, per=("household", "household"), missing=missing, note="by_household")


def road_density(frames: Frames, standard: Standard) -> Measure:
    """17 路网密度. Formula: length of roads inside CZJSBJ / A(CZJSBJ ∩ village) · 1000; unit km/km²; numerator m, denominator m².

    Figures of the base year. Source: section 4.1 no. 17, expected.
    """
    outline = frames.village.get("geom")
    if outline is None or not len(frames.lines_of("CZJSBJ")) or not len(frames.roads):
        missing = (
            "no_outline" if outline is None else "no_roads" if not len(frames.roads) else "no_construction_boundary"
        )
        return quotient("km/km²", PER_KM, (None, None), (None, None), per=("m", "m²"), missing=missing)
    plane, inside = ground(frames, "CZJSBJ")
    both = float(lengths_inside(frames.roads, plane.lift(inside)).sum()), float(shapely.area(inside).sum())
    return quotient("km/km²", PER_KM, both, both, per=("m", "m²"), note="base_year_figure")


def lengths_inside(roads: pd.DataFrame, polygons: Any) -> np.ndarray:
    """Length in m of each road inside polygons (lon/lat), which do not overlap."""
    plane = Plane.around(np.asarray(polygons, object))
    area = shapely.union_all(plane.flatten(np.asarray(polygons, object)))
    return shapely.length(shapely.intersection(plane.flatten(shapes(roads)), area))


def living_circle(frames: Frames, standard: Standard) -> Measure:
    """22 15分钟生活圈覆盖率. Formula: Σ weight · A(0703* within reach of a facility of the kind) / Σ weight · A(0703*) · 100.

    Unit %; numerator and denominator m² of homesteads, times weights. Estimated: no network of ways is on record, so reach
    (1000 m, 15 min at 4 km/h) is a circle of reach / detour factor (1.3), and in hills of less. A facility is a point on record,
    or land of a class that holds one: planned land in the plan, parcels in the base year. `parts`: one row for each kind.
    Kinds, weights and factors are the rule `living_circle`. Source: section 4.1 no. 22, expected.
    """
    rule = standard.rules["living_circle"]
    if not len(frames.facilities):
        return quotient("%", PERCENT, (None, None), (None, None), missing="no_facilities")
    plan, base = (reached(frames, rows, standard) for rows in (frames.plan, frames.base))
    if not plan:
        missing = "no_plan" if plan is None else "no_homesteads"
        return quotient("%", PERCENT, (None, None), _weighted(base), missing=missing)
    parts = tuple(_part(row, plan[row["key"]], (base or {}).get(row["key"])) for row in rule["facilities"])
    return replace(quotient("%", PERCENT, _weighted(plan), _weighted(base), note="estimated"), parts=parts)


@dataclass(frozen=True)
class Reached:
    """Homesteads within reach of a kind of facility, m²; how many facilities there are; what it counts in the mean."""

    covered_m2: float
    homesteads_m2: float
    facilities: int
    weight: float


def reached(frames: Frames, rows: pd.DataFrame, standard: Standard) -> dict[str, Reached] | None:
    """By kind, for the planned zones or the parcels of the base year; None without any row, empty without homesteads."""
    if not len(rows):
        return None
    homes = rows[standard["homestead"].mask(rows["code"])]
    if not len(homes):
        return {}
    plane = Plane.around(shapes(homes))
    flat, sizes, reach = plane.flatten(shapes(homes)), homes["area_m2"].to_numpy(float), reach_m(frames, standard)
    points, kinds = shapes(frames.facilities), frames.facilities["kind"].to_numpy(object)
    found = {}
    for row in standard.rules["living_circle"]["facilities"]:
        land = shapes(rows)[CodeSet(row["key"], frozenset(row["classes"])).mask(rows["code"])]
        circles = around(places(points[np.isin(kinds, row["kinds"])], land), plane, reach)
        covered = float((sizes * shares_inside(flat, circles)).sum())
        found[row["key"]] = Reached(covered, float(sizes.sum()), len(circles), row["weight"])
    return found


def reach_m(frames: Frames, standard: Standard) -> float:
    """How far a quarter of an hour on foot leads as the crow flies."""
    rule = standard.rules["living_circle"]
    return rule["reach_m"] / rule["detour"] / rule["terrain"].get(frames.village.get("terrain") or "", 1.0)


def places(points: np.ndarray, land: np.ndarray) -> np.ndarray:
    """Points (lon/lat) of the facilities of a kind, and the middles of the land that will hold one: has a class for it, and no
    point of the kind on it."""
    taken = shapely.STRtree(points).query(land, predicate="intersects")[0]
    return np.concatenate([points, shapely.centroid(np.delete(land, taken))])


def around(points: np.ndarray, plane: Plane, radius: float) -> np.ndarray:
    """Circles of the radius in m, on the plane."""
    return shapely.buffer(plane.flatten(points), radius, quad_segs=ROUND) if len(points) else np.empty(0, object)


def shares_inside(polygons: np.ndarray, cutters: np.ndarray) -> np.ndarray:
    """Share of each polygon that lies in any of the cutters, all on one plane."""
    area = shapely.union_all(cutters)
    shapely.prepare(area)
    inside = shapely.covers(area, polygons).astype(float)
    cut = (inside == 0) & shapely.intersects(area, polygons)
    inside[cut] = shapely.area(shapely.intersection(polygons[cut], area)) / shapely.area(polygons[cut])
    return inside


def _weighted(found: Mapping[str, Reached] | None) -> tuple[float | None, float | None]:
    if not found:
        return None, None
    return (
        sum(kind.weight * kind.covered_m2 for kind in found.values()),
        sum(kind.weight * kind.homesteads_m2 for kind in found.values()),
    )


def _part(row: Mapping[str, Any], now: Reached, before: Reached | None) -> dict[str, Any]:
    return {
        "key": row["key"],
        "name_zh": row["name_zh"],
        "value": now.covered_m2 / now.homesteads_m2 * PERCENT,
        "base_value": before and before.covered_m2 / before.homesteads_m2 * PERCENT,
        "area_m2": now.covered_m2,
        "facilities": now.facilities,
        "weight": now.weight,
    }
