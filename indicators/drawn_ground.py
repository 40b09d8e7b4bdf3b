"""What lies around a drawn polygon, as small frames: one query, whatever the size of the village.

Checks cost what their frames hold, so nothing that cannot touch the polygon gets into them. Large shapes are clipped to
its box on the plane the checks measure on: there a new vertex lies on the straight edge it was put into, and areas stay
what they were; in longitude and latitude it would move the edge (by 1 cm on 900 m).
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import shapely
from django.conf import settings
from django.utils import timezone

from indicators.compute.conflicts.sheets import DrawnSheet
from indicators.compute.frames import LAYERS, Frames, Table
from indicators.compute.overlay import polygonal
from indicators.compute.plane import Plane
from indicators.frames import DEGREES
from planning.models import PlanVersion
from portal.geo import sql
from villages.models import ControlLine, Village

WHOLE_VERTICES = 4000
"""a shape of more vertices is cut in the database first, at a box FAR_M outside the polygon: reading costs 1 ms for 10,000"""
FAR_M = 3000
"""an edge longer than that, in a shape of thousands of vertices, does not reach the polygon"""
HALF_ROAD_M = 30.0
"""half the width of a wide road: setbacks begin at its edge, lines are drawn in its middle"""
ROOM_M = 10.0
"""clipped shapes reach that much further than the polygon, so that the cut never lies on its outline"""
CLIP_VERTICES = 200
"""below it, clipping costs more than it saves"""
FOUND = ("base", "lines", "zones", "roads", "corridors", "facilities")
"""Layers that are read. Households and projects say nothing of a place."""
AREAL = ("base", "lines", "zones")
KINDS = ("lines", "roads", "corridors")
NAMED = {"zones": "plan"}
TOLD_AS = {"kind": "code", "label": "name"}
"""columns of frames that the query calls otherwise"""


class Row(NamedTuple):
    """A row of sql/drawn_surroundings.sql; what a layer has no column for is empty."""

    layer: str
    number: int
    code: str
    area_m2: float
    wkb: Any
    facts: dict[str, float] | None
    name: str
    level: str
    settlement: str
    slope_class: int | None
    quality: int | None
    width_m: float | None
    hardened: bool | None


class Around(NamedTuple):
    """The frames of a drawn polygon (its plan is the polygon alone, as zone 0), the zones of the version it overlies,
    the clipped outline of the village (empty if that is nowhere near), and whether more lies there than was read."""

    frames: Frames
    zones: Table
    outline: shapely.Geometry
    area_m2: float
    too_much: bool


def around(
    village: Village, polygon: shapely.Geometry, code: str, layers: Collection[str], reach_m: float,
    version: PlanVersion | None,
) -> Around:  # fmt: skip
    """Read what the box of the polygon meets; `reach_m` is how far away roads and corridors still matter."""
    rows = [Row._make(row) for row in read(village, polygon, layers, reach_m, version)]
    sheet = DrawnSheet(Plane.around(np.array([polygon], object)))
    geom, meets = geometries(rows, polygon, sheet)
    places: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        places.setdefault(row.layer, []).append(n)
    tables = {layer: table(layer, rows, places.get(layer, []), geom, meets) for layer in FOUND}
    area_m2 = rows[places["drawn"][0]].area_m2
    zones = tables.pop("zones")
    outline = next((geom[n] for n in places.get("outline", ()) if geom[n] is not None), shapely.MultiPolygon())
    known = {
        **(rows[places["facts"][0]].facts or {}),
        "area_m2": village.area_m2,
        "type": village.type,
        "terrain": village.terrain,
        "base_year": village.base_year,
        "geom": outline,
    }
    unasked = {layer: nothing(layer) for layer in ("households", "projects", "features")}
    frames = Frames(plan=plan(polygon, code, area_m2), village=known, sheet=sheet, **tables, **unasked)
    too_much = any(len(found) > settings.DRAWN_MAX_AROUND for found in places.values())
    return Around(frames, zones, outline, area_m2, too_much)


def read(
    village: Village, polygon: shapely.Geometry, layers: Collection[str], reach_m: float, version: PlanVersion | None
) -> list[tuple[Any, ...]]:
    """The rows of sql/drawn_surroundings.sql; a query that takes too long is ended by the database."""
    west, south, east, north = shapely.bounds(polygon).tolist()
    divisions = [village.code, f"{village.code[:9]}000", f"{village.code[:6]}000000"]
    return sql.rows(
        "indicators/drawn_surroundings", seconds=settings.DRAWN_SECONDS,
        polygon=shapely.to_wkb(polygon), west=west, south=south, east=east, north=north,
        far=FAR_M * DEGREES, reach=reach_m * DEGREES, vertices=WHOLE_VERTICES, limit=settings.DRAWN_MAX_AROUND,
        village=village.code, version=version.pk if version else "", divisions=divisions, layers=list(layers),
        today=timezone.localdate(), kinds=ControlLine.Kind.values,
    )  # fmt: skip


def geometries(
    rows: list[Row], polygon: shapely.Geometry, sheet: DrawnSheet
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The shape of each row, large ones clipped, and whether it meets the polygon.

    A zone that is a parcel of the base year unchanged, as most are, has the shape of the parcel: the same object.
    """
    texts = [None if row.wkb is None else bytes(row.wkb) for row in rows]
    numbers = {text: n for n, text in enumerate(dict.fromkeys(texts))}
    geom = clipped(np.asarray(shapely.from_wkb(list(numbers)), dtype=object), polygon, sheet)
    shapely.prepare(polygon)
    meets, which = shapely.intersects(polygon, geom), np.array([numbers[text] for text in texts])
    return geom[which], meets[which]


def clipped(geoms: np.ndarray, polygon: shapely.Geometry, sheet: DrawnSheet) -> np.ndarray:
    """Polygons as they are if they are small, and else what of them lies in the box of the polygon, ROOM_M wider."""
    large = np.flatnonzero((shapely.get_num_coordinates(geoms) > CLIP_VERTICES) & (shapely.get_dimensions(geoms) == 2))
    if not len(large):
        return geoms
    west, south, east, north = shapely.bounds(sheet.flatten(np.array([polygon], object))[0]).tolist()
    box = (west - ROOM_M, south - ROOM_M, east + ROOM_M, north + ROOM_M)
    flat = sheet.plane.flatten(geoms[large])
    inside = polygonal(shapely.clip_by_rect(flat, *box))
    # quick clipping leaves rings that touch themselves, where an edge runs along the box
    broken = ~shapely.is_valid(inside)
    inside[broken] = polygonal(shapely.intersection(flat[broken], shapely.box(*box)))
    geoms = geoms.copy()
    geoms[large] = sheet.lift(inside)
    return geoms


def plan(polygon: shapely.Geometry, code: str, area_m2: float) -> Table:
    """The polygon as the only zone."""
    row = {"number": 0, "code": code, "area_m2": area_m2, "label": "", "attributes": {}, "geom": polygon}
    return Table({name: np.array([value, None], object)[:1] for name, value in row.items()})


def table(layer: str, rows: list[Row], places: list[int], geom: np.ndarray, meets: np.ndarray) -> Table:
    """The rows at some places as a layer. Polygons that only share the box of the drawn one are left out.

    Rows with the number 0 have no ground: they say that the village has such a kind. Where it is near they say nothing new.
    """
    near = [n for n in places if rows[n].number > 0 and (meets[n] or layer not in AREAL)]
    kinds = {group_of(layer, rows[n]) for n in near}
    held = [n for n in places if rows[n].number == 0 and group_of(layer, rows[n]) not in kinds]
    found = held + sorted(near, key=lambda n: rows[n].number)
    return Table({**columns(layer, [rows[n] for n in found]), "geom": geom[found]})


def group_of(layer: str, row: Row) -> str:
    """The kind of a line; other layers are of one kind."""
    return row.code if layer in KINDS else ""


def columns(layer: str, rows: list[Row]) -> dict[str, np.ndarray]:
    """What LAYERS says a layer has beside its shapes; what the database has no word on is None or empty."""
    found = {}
    for name in LAYERS[NAMED.get(layer, layer)]:
        values = [{} for _ in rows] if name == "attributes" else [getattr(row, TOLD_AS.get(name, name)) for row in rows]
        found[name] = np.array([*values, None], object)[:-1]  # with a None, so that numpy looks into no value
    return found


@lru_cache(maxsize=16)
def nothing(layer: str) -> Table:
    return Table({name: np.empty(0, object) for name in [*LAYERS[layer], "geom"]})
