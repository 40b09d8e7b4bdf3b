"""K8 buildings too near to roads, railways, power lines, pipelines and waters (退让距离), K19 road lines over homesteads."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely

from indicators.compute.conflicts.pieces import (
    NOTHING,
    apart,
    beside_base,
    checked,
    column,
    joined,
    not_applicable,
    of_codes,
    overlaps,
    rule_codes,
)
from indicators.compute.conflicts.sheets import base_of, sheet_of
from indicators.compute.frames import CheckResult, Frames, Layer, Piece, of_kinds, shapes
from indicators.compute.plane import Plane
from indicators.compute.standard import Standard

DEGREE_M = 110_000.0  # a degree of latitude is longer than this anywhere; for boxes only
AREAS = ("HHGLFW", "YSBHQ")
"""kinds of control lines that keep building out by themselves: river and lake management, drinking water"""


def buildings_too_near(frames: Frames, standard: Standard) -> CheckResult:
    """K8: planned buildings (rule `setback_buildings`) nearer than `setbacks_m` to a road, railway, power line, pipeline or
    river bank, or inside the area of river management or drinking water protection.

    Distances count from the middle line, to which half the width of a road is added where it is known. Each kind is a
    conflict of its own, for another authority. Where building land of the base year lies it is legacy.
    """
    codes, setbacks = rule_codes(standard, "setback_buildings"), standard.rules.get("setbacks_m")
    if codes is None or setbacks is None:
        return not_applicable("no_rule")
    setbacks = {kind: metres for kind, metres in setbacks.items() if metres is not None}
    layers = [of_kinds(layer, setbacks) for layer in (frames.roads, frames.corridors)]
    areas = [kind for kind in AREAS if kind in setbacks and len(frames.lines_of(kind))]
    if not areas and not any(map(len, layers)):
        return not_applicable("no_setback_lines")
    zones = of_codes(frames.plan, codes)
    kept_out = list(lines_with_setback(layers, setbacks, zones))
    if not kept_out and not areas:
        return checked(())
    existing = base_of(frames, codes)
    found = [
        overlaps(frames, zones, frames.lines_of(kind), standard, existing=existing, detail={"line": kind})
        for kind in areas
    ]
    for kind, lines, half in kept_out:
        pieces = overlaps(
            frames, zones, around(frames, lines, half + setbacks[kind], zones), standard, existing=existing,
            detail={"kind": kind, "limit_m": float(setbacks[kind])},
        )  # fmt: skip
        found.append(with_distances(pieces, lines, half, setbacks[kind]))
    return beside_base(frames, joined(found))


def lines_with_setback(
    layers: list[Layer], setbacks: dict[str, float], zones: Layer
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(kind, lines, half their width) of roads and corridors whose boxes come near zones."""
    for layer in layers if len(zones) else ():
        half = half_widths(layer)
        box = widened(shapes(zones), half.max(initial=0.0) + max(setbacks.values()))
        near = shapely.intersects(shapely.envelope(shapes(layer)), box)
        kinds = np.asarray(layer["kind"], object)
        for kind in sorted(set(kinds[near])):
            these = near & (kinds == kind)
            yield kind, shapes(layer)[these], half[these]


def widened(zones: np.ndarray, room_m: float) -> shapely.Polygon:
    """The box of zones in lon/lat, so many metres wider at least."""
    west, south, east, north = shapely.total_bounds(zones)
    tall = room_m / DEGREE_M
    wide = tall / np.cos(np.radians(min(max(abs(south), abs(north)), 80)))
    return shapely.box(west - wide, south - tall, east + wide, north + tall)


def half_widths(roads: Layer) -> np.ndarray:
    """Half the width of each road in metres, 0 where it is not known."""
    return np.nan_to_num(pd.to_numeric(column(roads, "width_m"), errors="coerce").astype(float)) / 2


def around(frames: Frames, lines: np.ndarray, metres: np.ndarray, zones: Layer) -> np.ndarray:
    """The ground up to some metres from lines (lon/lat), as polygons in lon/lat; only near zones."""
    if not len(lines) or not len(zones):
        return NOTHING
    sheet = sheet_of(frames, shapes(zones))
    lines, metres = near_lines(sheet.flatten(lines), metres, sheet.flatten(shapes(zones)), 3 * metres.max())
    return sheet.lift(shapely.buffer(lines, metres, quad_segs=16))


def near_lines(
    lines: np.ndarray, values: np.ndarray, zones: np.ndarray, room_m: float
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Lines that come near zones, and their values, on one plane: a highway through the county is cut to where it matters.

    Cut on the plane, not in degrees: a straight edge of a kilometre lies a centimetre beside the line of equal degrees.
    """
    west, south, east, north = shapely.total_bounds(zones)
    cut = shapely.clip_by_rect(lines, west - room_m, south - room_m, east + room_m, north + room_m)
    left = ~shapely.is_empty(cut)
    return cut[left], values[left]


def with_distances(pieces: list[Piece], lines: np.ndarray, half: np.ndarray, limit_m: float) -> list[Piece]:
    """Pieces with the distance to the edge of the nearest line in `detail`, 0 where they lie on it."""
    if not len(pieces):
        return pieces
    geoms = np.array([piece.geom for piece in pieces], object)
    plane = Plane.around(geoms)
    flat = plane.flatten(geoms)
    lines, half = near_lines(plane.flatten(lines), half, flat, 3 * (limit_m + half.max()))
    away = shapely.distance(flat[:, None], lines[None, :]) - half[None, :]
    nearest = np.maximum(away.min(axis=1), 0.0)
    return [
        piece._replace(detail={**piece.detail, "distance_m": round(float(metres), 1)})
        for piece, metres in zip(pieces, nearest, strict=True)
    ]


def homesteads_under_roads(frames: Frames, standard: Standard) -> CheckResult:
    """K19: planned homesteads (0703*) ∩ road red lines DLHX, or the width of a road (half to either side of its line).

    Roads are those on record with a width, and those of the plan file (rule `road_layers`: layer and field of the width).
    Where a homestead of the base year lies it is legacy.
    """
    roads, half = roads_with_width(frames, standard.rules.get("road_layers", {}))
    red_lines = frames.lines_of("DLHX")
    if not len(red_lines) and not len(roads):
        return not_applicable("no_road_lines")
    zones = of_codes(frames.plan, standard["homestead"])
    existing = base_of(frames, standard["homestead"])
    details: list[dict[str, Any]] = [{"line": "DLHX"}, {"line": "road"}]
    grounds = apart([red_lines, around(frames, roads, half, zones)])
    found = joined(
        overlaps(frames, zones, ground, standard, existing=existing, detail=detail)
        for ground, detail in zip(grounds, details, strict=True)
    )
    return beside_base(frames, found)


def roads_with_width(frames: Frames, layers: dict[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """Lines and half widths of the roads whose width is known, on record or in the plan file."""
    known = frames.roads.take(np.flatnonzero(half_widths(frames.roads) > 0))
    lines, half = [shapes(known)], [half_widths(known)]
    for layer, width in layers.items():
        rows = frames.features.take(np.flatnonzero(np.asarray(frames.features["layer"], object) == layer))
        stated = np.array([*(a.get(width) for a in rows["attributes"]), None], object)[:-1]
        wide = pd.to_numeric(stated, errors="coerce").astype(float)
        geoms = shapes(rows)
        lineal = np.isin(
            shapely.get_type_id(geoms), (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
        )
        good = lineal & (wide > 0)
        lines.append(geoms[good])
        half.append(wide[good] / 2)
    return np.concatenate(lines), np.concatenate(half)
