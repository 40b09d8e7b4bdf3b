"""What made a number: the shapes that an indicator counted, for its own map.

A frame of members has one row per shape: layer (plan, base, lines, facilities, roads, …), number in that layer, code
(class or kind), area_m2 counted (None for points and lines), geom in lon/lat, and note (a key, empty as a rule).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely

from indicators.compute.access import lengths_inside
from indicators.compute.areas import ground
from indicators.compute.ecology import counts
from indicators.compute.farmland import slopes
from indicators.compute.frames import Frames, shapes
from indicators.compute.overlay import NOISE_M2, cut, mended
from indicators.compute.plane import Plane
from indicators.compute.protection import heritage_places
from indicators.compute.settlement import flexible
from indicators.compute.standard import Standard

MEMBERS = ["layer", "number", "code", "area_m2", "geom", "note"]
Maker = Callable[[Frames, Standard], pd.DataFrame]


def rows_of(
    layer: str, rows: pd.DataFrame, *, area_m2: object = None, geom: np.ndarray | None = None, note: str = ""
) -> pd.DataFrame:
    """Rows of a layer as members: whole, unless area and shape are given; what has no number is counted from 1."""
    numbers = rows["number"] if "number" in rows else np.arange(1, len(rows) + 1)
    data = {
        "layer": layer,
        "number": np.asarray(numbers),
        "code": rows["code" if "code" in rows else "kind"].to_numpy(),
        "area_m2": area_m2,
        "geom": shapes(rows) if geom is None else geom,
        "note": note,
    }
    return pd.DataFrame(data, columns=MEMBERS, index=range(len(rows)))


def areas_of(rows: pd.DataFrame) -> np.ndarray:
    return rows["area_m2"].to_numpy(float)


def of_sets(*names: str) -> Maker:
    """Members of an indicator that sums classes: every planned zone of these sets with its whole area."""

    def members(frames: Frames, standard: Standard) -> pd.DataFrame:
        rows = frames.plan[_of(frames.plan, standard, names)]
        return rows_of("plan", rows, area_m2=areas_of(rows))

    return members


def without(name: str, *others: str) -> Maker:
    """Members of a set that are in none of the others."""

    def members(frames: Frames, standard: Standard) -> pd.DataFrame:
        rows = frames.plan[_of(frames.plan, standard, [name]) & ~_of(frames.plan, standard, others)]
        return rows_of("plan", rows, area_m2=areas_of(rows))

    return members


def _of(rows: pd.DataFrame, standard: Standard, names: object) -> np.ndarray:
    found = np.zeros(len(rows), bool)
    for name in names:
        found |= standard[name].mask(rows["code"])
    return found


def of_table(rule: str) -> Maker:
    """Every planned zone whose class is in a table of classes."""

    def members(frames: Frames, standard: Standard) -> pd.DataFrame:
        rows = frames.plan[counts(frames.plan["code"], standard.rules[rule]["classes"])]
        return rows_of("plan", rows, area_m2=areas_of(rows))

    return members


def lines_inside(*kinds: str) -> Maker:
    """The lines of these kinds, each with its ground inside the village."""

    def members(frames: Frames, standard: Standard) -> pd.DataFrame:
        rows, outline = frames.lines[frames.lines["kind"].isin(kinds)], frames.village.get("geom")
        if outline is None:
            return rows_of("lines", rows.iloc[:0])
        plane = Plane.around([outline])
        inside, _ = cut(plane.flatten(shapes(rows)), plane.flatten(np.array([outline], object)))
        return _pieces("lines", rows, inside, plane)

    return members


def new_construction(frames: Frames, standard: Standard) -> pd.DataFrame:
    """Planned construction where there was none in the base year: what is left of each zone."""
    return _left("plan", frames.plan, frames.base, standard)


def reduction(frames: Frames, standard: Standard) -> pd.DataFrame:
    """Construction of the base year that is planned as something else: what is left of each parcel."""
    return _left("base", frames.base, frames.plan, standard)


def _left(layer: str, one: pd.DataFrame, other: pd.DataFrame, standard: Standard) -> pd.DataFrame:
    rows, rest = (frame[_of(frame, standard, ["construction"])] for frame in (one, other))
    if not len(one) or not len(other):
        return rows_of(layer, rows.iloc[:0])
    plane = Plane.around(shapes(rows))
    _, outside = cut(plane.flatten(shapes(rows)), plane.flatten(shapes(rest)))
    return _pieces(layer, rows, outside, plane)


def zones_inside(name: str, *kinds: str) -> Maker:
    """Planned zones of a set, each with its ground inside the lines of these kinds."""

    def members(frames: Frames, standard: Standard) -> pd.DataFrame:
        rows = frames.plan[_of(frames.plan, standard, [name])]
        if frames.village.get("geom") is None:
            return rows_of("plan", rows.iloc[:0])
        plane, area = ground(frames, *kinds)
        inside, _ = cut(plane.flatten(shapes(rows)), area)
        return _pieces("plan", rows, inside, plane)

    return members


def steep_cropland(frames: Frames, standard: Standard) -> pd.DataFrame:
    """Planned cropland on parcels of the steepest class."""
    rows = frames.plan[_of(frames.plan, standard, ["cropland"])]
    steep = frames.base[slopes(frames.base) == standard.rules["steep_slope_class"]]
    plane = Plane.around(shapes(rows))
    inside, _ = cut(plane.flatten(shapes(rows)), plane.flatten(shapes(steep)))
    return _pieces("plan", rows, inside, plane)


def flexible_zones(frames: Frames, standard: Standard) -> pd.DataFrame:
    """Zones that say which flexible quota they are drawn from."""
    rows = frames.plan[flexible(frames.plan)]
    return rows_of("plan", rows, area_m2=areas_of(rows))


def roads_inside(*kinds: str) -> Maker:
    """Roads that come into the lines of these kinds, or without any kind into the village; lines have no area."""

    def members(frames: Frames, standard: Standard) -> pd.DataFrame:
        outline = frames.village.get("geom")
        if outline is None or not len(frames.roads):
            return rows_of("roads", frames.roads.iloc[:0])
        plane, inside = ground(frames, *kinds) if kinds else (Plane.around([outline]), None)
        polygons = np.array([outline], object) if inside is None else plane.lift(inside)
        return rows_of("roads", frames.roads[lengths_inside(frames.roads, polygons) > 0])

    return members


def heritage(frames: Frames, standard: Standard) -> pd.DataFrame:
    """Facilities in the village that are heritage; points have no area."""
    return rows_of("facilities", heritage_places(frames, standard))


def living_circle(frames: Frames, standard: Standard) -> pd.DataFrame:
    """The planned homesteads, and the facilities that serve them."""
    kinds = {kind for row in standard.rules["living_circle"]["facilities"] for kind in row["kinds"]}
    homes = frames.plan[_of(frames.plan, standard, ["homestead"])]
    places = frames.facilities[frames.facilities["kind"].isin(kinds)]
    both = [rows_of("plan", homes, area_m2=areas_of(homes)), rows_of("facilities", places)]
    return pd.concat([rows for rows in both if len(rows)] or both[:1], ignore_index=True)


def _pieces(layer: str, rows: pd.DataFrame, geoms: np.ndarray, plane: Plane) -> pd.DataFrame:
    """What is left of each row, on the plane; what is nothing but rounding is left out."""
    area = shapely.area(geoms)
    real = area > NOISE_M2
    return rows_of(layer, rows[real], area_m2=area[real], geom=mended(plane.lift(geoms[real])))
