"""Rows of a drawing as plain values: as steps keep them (to be put back to the last bit), and as the browser reads them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry, Polygon

from planning.models import Drawing, DrawnProject, DrawnZone

Row = dict[str, Any]
Rows = dict[str, dict[str, Row | None]]
"""{"zones": {number: row, None if there is none}, "projects": {…}}; numbers as text, because JSON has no others"""

ZONE_FIELDS = ("code", "label", "remark", "file_code", "attributes")
PROJECT_FIELDS = ("name", "kind", "budget_wan", "funding_source", "starts_in", "ends_in", "state", "remark")
MODELS: dict[str, Any] = {"zones": DrawnZone, "projects": DrawnProject}
_DECIMALS = 9
_BESIDE = 1e-6
"""degrees, 10 cm: what is nearer than this may share a border"""


def row_of(thing: DrawnZone | DrawnProject) -> Row:
    """A zone or project as a step keeps it."""
    fields = ZONE_FIELDS if isinstance(thing, DrawnZone) else PROJECT_FIELDS
    row = {name: getattr(thing, name) for name in fields}
    if row.get("budget_wan") is not None:
        row["budget_wan"] = str(row["budget_wan"])
    return {**row, "geom": thing.geom.hex.decode() if thing.geom else None}


def as_hex(shape: shapely.Geometry) -> str:
    return shapely.to_wkb(shapely.set_srid(shape, 4490), hex=True, include_srid=True, byte_order=1)


def kept(drawing: Drawing, kind: str, numbers: Iterable[int | str]) -> dict[str, Row | None]:
    """The rows of these numbers as they are now, None where there is none."""
    wanted = [int(number) for number in numbers]
    found = {thing.number: row_of(thing) for thing in getattr(drawing, kind).filter(number__in=wanted)}
    return {str(number): found.get(number) for number in wanted}


def put(drawing: Drawing, rows: Rows) -> None:
    """Make these rows what they are said to be."""
    for kind, model in MODELS.items():
        if some := rows.get(kind):
            getattr(drawing, kind).filter(number__in=[int(number) for number in some]).delete()
            model.objects.bulk_create(
                model(drawing=drawing, number=int(number), **{**row, "geom": row["geom"] and GEOSGeometry(row["geom"])})
                for number, row in some.items()
                if row is not None
            )


# --- shapes


def shapes(zones: Any) -> dict[int, shapely.Geometry]:
    """Number -> shape of some zones, lon/lat."""
    found = [(number, bytes(geom.wkb)) for number, geom in zones.order_by("number").values_list("number", "geom")]
    return dict(zip((number for number, _wkb in found), shapely.from_wkb([wkb for _n, wkb in found]), strict=True))


def around(drawing: Drawing, bounds: Iterable[float]) -> dict[int, shapely.Geometry]:
    """The zones that meet a box, and all that may share a border with one of them."""
    met = drawing.zones.filter(geom__bboverlaps=box(bounds))
    first = shapes(met)
    if not first:
        return {}
    wide = shapely.total_bounds([*first.values(), shapely.box(*bounds)])
    return {**first, **shapes(drawing.zones.filter(geom__bboverlaps=box(wide)).exclude(number__in=list(first)))}


def box(bounds: Iterable[float]) -> Polygon:
    west, south, east, north = bounds
    made = Polygon.from_bbox((west - _BESIDE, south - _BESIDE, east + _BESIDE, north + _BESIDE))
    made.srid = 4490
    return made


def outline_of(drawing: Drawing) -> shapely.Geometry:
    return shapely.from_wkb(bytes(drawing.village.geom.wkb))


def geojson(shape: shapely.Geometry | None) -> dict[str, Any] | None:
    """GeoJSON with nine decimals, by which the browser names vertices."""
    if shape is None:
        return None
    kind = shape.geom_type
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": [geojson(part) for part in shape.geoms]}
    parts = [_coordinates(part) for part in shapely.get_parts(shape)]
    return {"type": kind, "coordinates": parts if kind.startswith("Multi") else parts[0]}


def _coordinates(part: shapely.Geometry) -> Any:
    if part.geom_type == "Polygon":
        return [_round(ring) for ring in (part.exterior, *part.interiors)]
    return _round(part)[0] if part.geom_type == "Point" else _round(part)


def _round(line: shapely.Geometry) -> list[list[float]]:
    return np.round(shapely.get_coordinates(line), _DECIMALS).tolist()


def zone_json(zone: DrawnZone, classes: dict[str, Any]) -> dict[str, Any]:
    """A zone as the API answers it."""
    known = classes.get(zone.code)
    return {
        "number": zone.number, "code": zone.code, "name": known.name if known else zone.code,
        "colour": known.colour if known else "", "label": zone.label, "remark": zone.remark, "area_m2": zone.area_m2,
        "geometry": geojson(shapely.from_wkb(bytes(zone.geom.wkb))),
    }  # fmt: skip


def project_json(project: DrawnProject) -> dict[str, Any]:
    """A project as the API answers it."""
    budget = None if project.budget_wan is None else float(project.budget_wan)
    shape = shapely.from_wkb(bytes(project.geom.wkb)) if project.geom else None
    told = {name: getattr(project, name) for name in ("number", *PROJECT_FIELDS)}
    return {**told, "budget_wan": budget, "geometry": geojson(shape)}
