"""What a survey says of parcels beside their class, roads, power lines and households: drawn for the demo like everything
else."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
import shapely

from villages.demo.geodesy import to_stored
from villages.demo.lines import CROPLAND
from villages.demo.records import CorridorRecord, HouseholdRecord, RoadRecord
from villages.demo.sheet import Solved
from villages.demo.strokes import curve

VILLAGE = "203"
NOT_VILLAGE = ("1202", "1506")  # highways and graves lie in no settlement
SLOPES = {"field": 1, "terrace": 4}
STEEP_EVERY = 7  # of the terraces that are ploughed, one in so many is steeper than 25°
GRADES = {"0101": 4, "0102": 5, "0103": 7}
STEP = 20.0  # metres between the vertices of a road before it is bent


def slope_class(number: int, code: str, label: str) -> int | None:
    """耕地坡度级别 of cropland: plain fields 1 or 2, terraces 4, some of them 5."""
    if code not in CROPLAND:
        return None
    if label.startswith("terrace"):
        return 5 if number % STEEP_EVERY == 0 else SLOPES["terrace"]
    return SLOPES["field"] + (code == "0103")


def settlement(code: str) -> str:
    """城镇村属性码: 203 for what is built in the village."""
    built = "07" <= code[:2] <= "16" or code == "2301"
    return VILLAGE if built and code not in NOT_VILLAGE else ""


def grade(number: int, code: str) -> int | None:
    """耕地质量等级 of cropland, by its class and a little by its place."""
    return GRADES[code] + number % 2 if code in GRADES else None


def roads(module: ModuleType, solved: Solved) -> tuple[RoadRecord, ...]:
    """The roads of a village along the courses they are painted on."""
    return tuple(
        RoadRecord(
            kind,
            name,
            width,
            hardened,
            drawn_line(solved, curve([solved.sheet.at(s, t) for s, t in module.COURSES[course]])),
        )
        for course, kind, name, width, hardened in module.ROADS
    )


def corridors(module: ModuleType, solved: Solved) -> tuple[CorridorRecord, ...]:
    """Power lines and the like, straight from point to point."""
    return tuple(
        CorridorRecord(kind, name, drawn_line(solved, shapely.LineString([solved.sheet.at(s, t) for s, t in points])))
        for kind, name, points in getattr(module, "CORRIDORS", ())
    )


def drawn_line(solved: Solved, line: shapely.LineString) -> shapely.LineString:
    """A line of the sheet inside the village, bent as the ground is, in lon/lat."""
    flat = line.intersection(solved.sheet.outline)
    bent = shapely.transform(shapely.segmentize(flat, STEP), lambda uv: np.round(solved.sheet.warp.forward(uv), 2))
    return to_stored(np.array([bent], object))[0]


def households(module: ModuleType, homes: list[shapely.Polygon]) -> tuple[HouseholdRecord, ...]:
    """A few households, each on a homestead of the village; the names are no names."""
    rows = getattr(module, "HOUSEHOLDS", ())
    return tuple(
        replace(
            HouseholdRecord(f"{module.CODE[-6:]}-{n:03d}", f"演示户{n:03d}", *row),
            point=homes[n * len(homes) // (len(rows) + 1)].representative_point(),
        )
        for n, row in enumerate(rows, 1)
    )
