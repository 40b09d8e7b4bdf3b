"""Plan files with one defect each, made from the second plan of 柳沟村, for tests and for people trying uploads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import shapely
from shapely import Polygon
from shapely.affinity import translate

from villages.demo.geodesy import area_m2

METRE = 1 / 111_000  # degrees of latitude; good enough to move something by "a few metres"


@dataclass(frozen=True)
class Defect:
    """One spoiled table: the rule that must notice it and the 1-based rows it may name."""

    stem: str
    rule: str
    rows: tuple[int, ...]
    text: str
    table: gpd.GeoDataFrame


def defects(plan: gpd.GeoDataFrame, outline: Polygon) -> list[Defect]:
    """All defects, each in a fresh copy of the plan."""
    makers: list[Callable[[gpd.GeoDataFrame, Polygon], Defect]] = [
        _overlap, _gap, _outside, _bowtie, _unknown_code, _area,
    ]  # fmt: skip
    return [make(plan.copy(), outline) for make in makers]


def _overlap(plan: gpd.GeoDataFrame, outline: Polygon) -> Defect:
    """A field grows 5 m northwards over its neighbours; its TBMJ follows."""
    row = _field(plan, outline, 1)
    geom = plan.geometry[row]
    wide = geom.union(translate(geom, yoff=5 * METRE)).intersection(outline)
    _set(plan, row, wide)
    hit = [i for i in plan.index if i != row and plan.geometry[i].intersection(wide).area > 1e-13]
    return Defect("bad_overlap", "G5", tuple(i + 1 for i in sorted([row, *hit])), "图斑向北扩 5 m，压盖相邻图斑", plan)


def _gap(plan: gpd.GeoDataFrame, outline: Polygon) -> Defect:
    """The western part of a field is cut away and given to nobody."""
    row = _field(plan, outline, 2)
    geom = plan.geometry[row]
    u0, v0, u1, v1 = geom.bounds
    _set(plan, row, geom.difference(shapely.box(u0 - 1, v0 - 1, u0 + (u1 - u0) / 3, v1 + 1)))
    return Defect("bad_gap", "G6", (), f"第 {row + 1} 行图斑西侧被截去一块，村域内出现空洞", plan)


def _outside(plan: gpd.GeoDataFrame, outline: Polygon) -> Defect:
    """A zone on the border reaches about 30 m beyond the village."""
    border = [i for i in plan.index if plan.geometry[i].boundary.intersection(outline.boundary).length > 100 * METRE]
    row = max(border, key=lambda i: plan.geometry[i].area)
    spill = plan.geometry[row].buffer(30 * METRE, quad_segs=2).difference(outline)
    grown = shapely.union_all([plan.geometry[row], max(shapely.get_parts(spill), key=lambda part: part.area)])
    _set(plan, row, Polygon(shapely.set_precision(grown, 1e-9).exterior))
    return Defect("bad_outside", "G7", (row + 1,), "图斑越出村界约 30 m", plan)


def _bowtie(plan: gpd.GeoDataFrame, outline: Polygon) -> Defect:
    """Half of a convex field's ring runs backwards, so it crosses itself; TBMJ stays that of the sound field."""
    row = max(_fields(plan, outline), key=lambda i: plan.geometry[i].area / plan.geometry[i].convex_hull.area)
    ring = list(plan.geometry[row].exterior.coords)[:-1]
    half = len(ring) // 2
    crossed = Polygon(ring[:half] + ring[half:][::-1])
    plan.geometry = [crossed if i == row else geom for i, geom in plan.geometry.items()]
    return Defect("bad_bowtie", "G1", (row + 1,), "图斑边界自相交（领结形）；无效图斑不计面积，同时报 G6", plan)


def _unknown_code(plan: gpd.GeoDataFrame, outline: Polygon) -> Defect:
    row = _field(plan, outline, 3)
    plan.loc[row, "YDYHFLDM"] = "0799"
    return Defect("bad_unknown_code", "S4", (row + 1,), "YDYHFLDM = 0799，分类指南中没有此代码", plan)


def _area(plan: gpd.GeoDataFrame, outline: Polygon) -> Defect:
    row = _field(plan, outline, 4)
    plan.loc[row, "TBMJ"] = round(plan.loc[row, "TBMJ"] * 1.03, 2)
    return Defect("bad_area", "A1", (row + 1,), "TBMJ 比椭球面积大 3 %", plan)


def _fields(plan: gpd.GeoDataFrame, outline: Polygon) -> list[int]:
    """Rows of ordinary fields without holes, well inside the village, largest first."""
    inner = outline.buffer(-60 * METRE)
    rows = [
        i
        for i, code, geom in zip(plan.index, plan["YDYHFLDM"], plan.geometry, strict=True)
        if code == "0102" and not geom.interiors and inner.contains(geom)
    ]
    return sorted(rows, key=lambda i: (-plan.geometry[i].area, i))


def _field(plan: gpd.GeoDataFrame, outline: Polygon, rank: int) -> int:
    return _fields(plan, outline)[rank]


def _set(plan: gpd.GeoDataFrame, row: int, geom: Polygon) -> None:
    """New geometry with the area that belongs to it, so nothing but the defect is wrong."""
    plan.loc[row, "TBMJ"] = round(area_m2(geom), 2)
    plan.geometry = [geom if i == row else old for i, old in plan.geometry.items()]
