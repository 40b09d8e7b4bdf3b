"""What lies around a drawn polygon, as small frames: one query, whatever the size of the village.

Checks cost what their frames hold, so nothing that cannot touch the polygon gets into them. Large shapes are clipped to
its box on the plane the checks measure on: there a new vertex lies on the straight edge it was put into, and areas stay
what they were; in longitude and latitude it would move the edge (by 1 cm on 900 m).
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from django.conf import settings
from django.utils import timezone

from indicators.compute.frames import LAYERS, Frames, no_rows
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
EXTRA = {
    "base": ("slope_class", "settlement", "quality"),
    "lines": ("level", "name"),
    "zones": ("label",),
    "roads": ("name", "width_m", "hardened"),
    "corridors": ("name",),
    "facilities": ("name",),
}
"""What is read, and what the query hands over as JSON beside number, class or kind, and area. Households and projects
say nothing of a place."""
AREAL = ("base", "lines", "zones")
KINDS = ("lines", "roads", "corridors")
NAMED = {"zones": "plan"}


class Around(NamedTuple):
    """The frames of a drawn polygon (its plan is the polygon alone, as zone 0), the zones of the version it overlies,
    the clipped outline of the village (empty if that is nowhere near), and whether more lies there than was read."""

    frames: Frames
    zones: pd.DataFrame
    outline: shapely.Geometry
    area_m2: float
    too_much: bool


def around(
    village: Village, polygon: shapely.Geometry, code: str, layers: Collection[str], reach_m: float,
    version: PlanVersion | None,
) -> Around:  # fmt: skip
    """Read what the box of the polygon meets; `reach_m` is how far away roads and corridors still matter."""
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for layer, *row in read(village, polygon, layers, reach_m, version):
        rows.setdefault(layer, []).append(tuple(row))
    clip = Clip.around(polygon)
    tables = {layer: table(layer, rows.get(layer, []), clip) for layer in EXTRA}
    ((_, _, area_m2, *_rest),) = rows["drawn"]
    zones = tables.pop("zones")
    ((_, _, _, facts, *_rest),) = rows["facts"]
    known = {
        "area_m2": village.area_m2,
        "type": village.type,
        "terrain": village.terrain,
        "base_year": village.base_year,
    }
    outline = geometries([row[4] for row in rows.get("outline", ())])
    outline = clip.clipped(outline[~shapely.is_missing(outline)])
    known["geom"] = outline[0] if len(outline) else shapely.MultiPolygon()
    # named too, because making frames without rows anew takes as long as a check
    unasked = {layer: nothing(layer) for layer in ("households", "projects", "features")}
    frames = Frames(plan=plan(polygon, code, area_m2), village={**facts, **known}, **tables, **unasked)
    too_much = any(len(found) > settings.DRAWN_MAX_AROUND for found in rows.values())
    return Around(frames, zones, known["geom"], area_m2, too_much)


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


def plan(polygon: shapely.Geometry, code: str, area_m2: float) -> pd.DataFrame:
    """The polygon as the only zone."""
    return framed("plan", [(0, code, area_m2, "", {})], np.array([polygon], object))


def table(layer: str, rows: list[tuple[Any, ...]], clip: "Clip") -> pd.DataFrame:
    """Rows of the query as the frame of a layer. Polygons that only share the box of the drawn one are left out.

    Rows with the number 0 have no ground: they say that the village has such a kind. Where it is near they say nothing new.
    """
    if not rows:
        return nothing(layer)
    rows = sorted(rows, key=lambda row: row[0])
    geom = geometries([row[4] for row in rows])
    there = np.array([row[0] > 0 for row in rows])
    if layer in AREAL:
        geom = clip.clipped(geom)
        there &= shapely.intersects(geom, clip.polygon)
    near = {group_of(layer, row) for row, kept in zip(rows, there.tolist(), strict=True) if kept}
    there |= np.array([row[0] == 0 and group_of(layer, row) not in near for row in rows])
    made = [
        {"number": number, "code": label, "kind": label, "area_m2": area, "attributes": {}, **dict(zip(EXTRA[layer], rest, strict=True))}
        for number, label, area, rest, _wkb in (rows[n] for n in np.flatnonzero(there).tolist())
    ]  # fmt: skip
    columns = LAYERS[NAMED.get(layer, layer)]
    return framed(layer, [tuple(row[name] for name in columns) for row in made], geom[there])


def group_of(layer: str, row: tuple[Any, ...]) -> str:
    """The kind of a line; other layers are of one kind."""
    return row[1] if layer in KINDS else ""


def framed(layer: str, rows: list[tuple[Any, ...]], geom: np.ndarray) -> pd.DataFrame:
    """One block of objects: pandas makes it in a third of the time it takes to find out the type of each column."""
    columns = columns_of(layer)
    block = np.empty((len(rows), len(columns)), dtype=object)
    for n, row in enumerate(rows):
        block[n, :-1] = row
    block[:, -1] = geom
    return pd.DataFrame(block, columns=columns)


@lru_cache(maxsize=16)
def columns_of(layer: str) -> pd.Index:
    return pd.Index([*LAYERS[NAMED.get(layer, layer)], "geom"])


@lru_cache(maxsize=16)
def nothing(layer: str) -> pd.DataFrame:
    return no_rows(NAMED.get(layer, layer))


def geometries(wkb: Collection[Any]) -> np.ndarray:
    return np.asarray(shapely.from_wkb([None if one is None else bytes(one) for one in wkb]), dtype=object)


@dataclass(frozen=True)
class Clip:
    """The box of the drawn polygon, ROOM_M wider, on the plane through its middle."""

    polygon: shapely.Geometry
    plane: Plane
    box: tuple[float, float, float, float]

    @classmethod
    def around(cls, polygon: shapely.Geometry) -> "Clip":
        shapely.prepare(polygon)
        plane = Plane.around(np.array([polygon], object))
        west, south, east, north = shapely.bounds(plane.flatten(np.array([polygon], object))[0]).tolist()
        return cls(polygon, plane, (west - ROOM_M, south - ROOM_M, east + ROOM_M, north + ROOM_M))

    def clipped(self, geoms: np.ndarray) -> np.ndarray:
        """Polygons as they are if they are small, and else what of them lies in the box."""
        large = np.flatnonzero(shapely.get_num_coordinates(geoms) > CLIP_VERTICES)
        if not len(large):
            return geoms
        flat = self.plane.flatten(geoms[large])
        inside = polygonal(shapely.clip_by_rect(flat, *self.box))
        broken = ~shapely.is_valid(
            inside
        )  # quick clipping leaves rings that touch themselves, where an edge runs along the box
        inside[broken] = polygonal(shapely.intersection(flat[broken], shapely.box(*self.box)))
        geoms = geoms.copy()
        geoms[large] = self.plane.lift(inside)
        return geoms
