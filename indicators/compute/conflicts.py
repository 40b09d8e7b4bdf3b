"""Conflicts of planned zones with control lines (冲突检查), as shapes sorted by what they are.

A piece of conflict is
  legacy     where the base year already had construction of the same set (现状已建),
  technical  a connected rest smaller than 100 m² or nowhere 1 m wide: lines drawn at different scales (技术性),
  real       everything else (实质性).
One row per zone and category; a row below 1 m² is misfit of lines and left out.

Measured on an equal-area plane through the village: areas are ellipsoidal, lengths true to 5e-6. "Nowhere 1 m wide"
means that shrinking the part by 0.5 m on all sides leaves nothing; GEOS shrinks to within 1 cm.
"""

import numpy as np
import pandas as pd
import shapely

from indicators.compute.frames import PIECES, CheckResult, Frames, shapes
from indicators.compute.overlay import NOISE_M2, cut, mended
from indicators.compute.plane import Plane
from indicators.compute.standard import CodeSet, Standard

REAL, TECHNICAL, LEGACY = "real", "technical", "legacy"


def construction_on_farmland(frames: Frames, standard: Standard) -> CheckResult:
    """K1: planned construction (07-16, 2301) or facility farmland (0602*) ∩ 永久基本农田 YJJBNT."""
    return _within(frames, standard, standard["construction_or_facility"], "YJJBNT")


def construction_in_red_line(frames: Frames, standard: Standard) -> CheckResult:
    """K3: planned construction (07-16, 2301) ∩ 生态保护红线 STBHHX; what stood there in the base year is legacy."""
    return _within(frames, standard, standard["construction"], "STBHHX")


def new_construction_outside_boundary(frames: Frames, standard: Standard) -> CheckResult:
    """K4: new construction outside 村庄建设边界 CZJSBJ and 城镇开发边界 CZKFBJ.

    New: construction in the plan and not in the base year, so there is no legacy. Classes that may lie outside
    (regional infrastructure, burial, mining) are data. A village without any such boundary cannot be checked.
    """
    boundary = frames.lines_of("CZJSBJ", "CZKFBJ")
    if not len(boundary):
        return CheckResult("not_applicable", _no_pieces(), "no_construction_boundary")
    codes, allowed = standard["construction"], standard["outside_boundary_allowed"]
    zones = frames.plan[codes.mask(frames.plan["code"]) & ~allowed.mask(frames.plan["code"])]
    built = shapes(frames.base[codes.mask(frames.base["code"])])
    plane = Plane.around(shapes(zones))
    _, new = cut(plane.flatten(shapes(zones)), plane.flatten(built))
    _, outside = cut(new, plane.flatten(boundary))
    return CheckResult("checked", _rows(zones, _sorted(outside, standard), plane, standard))


def _within(frames: Frames, standard: Standard, codes: CodeSet, kind: str) -> CheckResult:
    lines = frames.lines_of(kind)
    if not len(lines):
        return CheckResult("not_applicable", _no_pieces(), "no_lines_of_kind")
    zones = frames.plan[codes.mask(frames.plan["code"])]
    built = shapes(frames.base[codes.mask(frames.base["code"])])
    plane = Plane.around(shapes(zones))
    inside, _ = cut(plane.flatten(shapes(zones)), plane.flatten(lines))
    legacy, rest = cut(inside, plane.flatten(built))
    parts = pd.concat([_parts(legacy, standard).assign(category=LEGACY), _sorted(rest, standard)])
    return CheckResult("checked", _rows(zones, parts, plane, standard))


def _parts(shapes_: np.ndarray, standard: Standard) -> pd.DataFrame:
    """Connected parts that are more than rounding: position of their zone, shape, area.

    Where one layer has a vertex on the straight edge of the other, the two part by a centimetre as soon as either is
    projected: a strip of 900 m that encloses 7 m² and means nothing. Its mean width, 2 · area / perimeter, tells it.
    """
    geom, at = shapely.get_parts(shapes_, return_index=True)
    parts = pd.DataFrame({"at": at, "geom": geom, "area_m2": shapely.area(geom)})
    width = 2 * shapely.area(geom) / np.maximum(shapely.length(geom), 1e-9)
    return parts[(parts["area_m2"] > NOISE_M2) & (width >= standard.limits["noise_width_m"])]


def _sorted(shapes_: np.ndarray, standard: Standard) -> pd.DataFrame:
    """Connected parts with their category, technical or real."""
    parts = _parts(shapes_, standard)
    small = parts["area_m2"].to_numpy() < standard.limits["technical_m2"]
    geoms = np.asarray(parts["geom"], object)
    thin = np.zeros(len(parts), bool)
    thin[~small] = is_narrow(geoms[~small], standard.limits["technical_width_m"])
    return parts.assign(category=np.where(small | thin, TECHNICAL, REAL))


def is_narrow(polygons: np.ndarray, width_m: float) -> np.ndarray:
    """Whether a polygon (in metres) is nowhere `width_m` wide: shrunk by half of it, nothing is left.

    A polygon without holes has an inscribed circle of radius area / perimeter at least, so most need no shrinking,
    which costs seconds for outlines of 100,000 vertices.
    """
    half = width_m / 2
    broad = (shapely.get_num_interior_rings(polygons) == 0) & (shapely.area(polygons) > half * shapely.length(polygons))
    narrow = ~broad
    narrow[narrow] = shapely.is_empty(shapely.buffer(polygons[narrow], -half))
    return narrow


def _rows(zones: pd.DataFrame, parts: pd.DataFrame, plane: Plane, standard: Standard) -> pd.DataFrame:
    """Parts put together by zone and category, in lon/lat."""
    numbers, codes = zones["number"].to_numpy(), zones["code"].to_numpy()
    rows = []
    for (at, category), group in parts.groupby(["at", "category"]):
        area = float(group["area_m2"].sum())
        if area >= standard.limits["misfit_m2"]:
            shape = shapely.multipolygons(list(group["geom"]))
            rows.append((int(numbers[at]), codes[at], category, area, shape, "", {}))
    table = pd.DataFrame(rows, columns=PIECES).sort_values(["zone", "category"], ignore_index=True)
    table["geom"] = _many(mended(plane.lift(np.asarray(table["geom"], object))))
    return table


def _many(geoms: np.ndarray) -> np.ndarray:
    """Polygons as MultiPolygons, the type findings are stored in."""
    single = shapely.get_type_id(geoms) == shapely.GeometryType.POLYGON
    geoms = geoms.copy()
    geoms[single] = [shapely.multipolygons([geom]) for geom in geoms[single]]
    return geoms


def _no_pieces() -> pd.DataFrame:
    return pd.DataFrame(columns=PIECES)
