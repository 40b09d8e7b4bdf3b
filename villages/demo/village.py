"""From a solved sheet to the records of a complete village: parcels, lines, facilities, plan versions."""

from __future__ import annotations

from datetime import date
from types import ModuleType

import numpy as np
import shapely
from shapely import Polygon

from villages.demo import conditions
from villages.demo.geodesy import to_stored
from villages.demo.hamlets import homesteads
from villages.demo.records import (
    CompleteVillage,
    FacilityRecord,
    LineRecord,
    ParcelRecord,
    PlanDrawing,
    ProjectRecord,
    ZoneRecord,
)
from villages.demo.sheet import Layer, Solved

ISSUED = date(2022, 10, 14)  # 三区三线 delimitation put to use
BAND = 150.0  # metres: parcels are numbered from north to south in bands, west to east within


def draw(module: ModuleType, outline: Polygon) -> tuple[Polygon, CompleteVillage]:
    """Draw a village into its outline (plane metres); also returns the outline with the vertices drawing added."""
    middle = np.round(shapely.get_coordinates(outline.centroid)[0])
    solved = module.sketch(outline, tuple(middle)).solve()
    refined = solved.shape(np.arange(len(solved.flat)))
    parcels = _parcels(solved)
    plans = {v: _plan(module, solved, layer, v) for v, layer in solved.plans.items()}
    complete = CompleteVillage(
        module.CODE, parcels, _lines(module, solved), _facilities(module, solved), plans,
        conditions.roads(module, solved), conditions.corridors(module, solved), conditions.households(module, homesteads(parcels)),
    )  # fmt: skip
    return refined, complete


def _ordered(solved: Solved, layer: Layer) -> list[tuple[str, str, Polygon]]:
    """(code, label, plane geometry) in reading order."""
    shapes = np.array([solved.shape(atoms) for atoms in layer.atoms])
    xy = shapely.get_coordinates(shapely.centroid(shapes))
    order = np.lexsort((np.round(xy[:, 0], 1), -np.floor(xy[:, 1] / BAND)))
    return [(layer.codes[i], layer.labels[i], shapes[i]) for i in order]


def _parcels(solved: Solved) -> tuple[ParcelRecord, ...]:
    rows = _ordered(solved, solved.base)
    geoms = to_stored(np.array([row[2] for row in rows]))
    return tuple(
        ParcelRecord(
            n, c, g, label, slope_class=conditions.slope_class(n, c, label), settlement=conditions.settlement(c),
            quality=conditions.grade(n, c),
        )
        for n, ((c, label, _), g) in enumerate(zip(rows, geoms, strict=True), 1)
    )  # fmt: skip


def _lines(module: ModuleType, solved: Solved) -> tuple[LineRecord, ...]:
    rows = module.control_lines(solved)
    geoms = to_stored(np.array([solved.shape(atoms) for _, _, atoms in rows]))
    return tuple(
        LineRecord(kind, name, geom, ISSUED, _level(kind, name))
        for (kind, name, _), geom in zip(rows, geoms, strict=True)
    )


def _level(kind: str, name: str) -> str:
    """As the model of control lines has it: of hazards, heritage and use zones (whose name begins with their code)."""
    if kind == "LSWHBHX":
        return "core" if "核心" in name else "control"
    return {"ZHFXQ": "medium", "GHFQ": name[:3]}.get(kind, "")


def _facilities(module: ModuleType, solved: Solved) -> tuple[FacilityRecord, ...]:
    found = []
    for kind, name, label, east, north in module.FACILITIES:
        parts = [solved.shape(solved.base.atoms[i]) for i in solved.base.find(label)]
        if not parts:  # another seed, another outline: this place lies beyond it
            continue
        largest = max(parts, key=lambda part: part.area)
        x, y = shapely.get_coordinates(largest.point_on_surface())[0]
        found.append((kind, name, shapely.Point(round(x + east, 2), round(y + north, 2))))
    points = to_stored(np.array([point for _, _, point in found]))
    return tuple(FacilityRecord(kind, name, p) for (kind, name, _), p in zip(found, points, strict=True))


def _plan(module: ModuleType, solved: Solved, layer: Layer, version: str) -> PlanDrawing:
    rows = _ordered(solved, layer)
    geoms = to_stored(np.array([row[2] for row in rows]))
    zones = tuple(ZoneRecord(c, g, _remark(module, label)) for (c, label, _), g in zip(rows, geoms, strict=True))
    return PlanDrawing(version, zones, _projects(module, solved, layer, version))


def _remark(module: ModuleType, label: str) -> str:
    return next(
        (text for prefix, text in module.REMARKS.items() if label == prefix or label.startswith(prefix + "/")), ""
    )


def _projects(module: ModuleType, solved: Solved, layer: Layer, version: str) -> tuple[ProjectRecord, ...]:
    made = []
    for n, (*what, label) in enumerate(module.PROJECTS[version], 1):
        ground = [layer.atoms[i] for i in layer.find(label)]
        if not ground:
            continue
        area = solved.shape(np.concatenate(ground))
        largest = max(shapely.get_parts(area), key=lambda part: part.area)
        geom = to_stored(np.array([largest]))[0]
        made.append(ProjectRecord(f"{module.CODE}{n:03d}", *what, geom))
    return tuple(made)
