"""Rules of logic (逻辑一致性) that compare a file with what was issued. Those that judge its land use are in indicators."""

from typing import Any, NamedTuple

import numpy as np
import shapely

from planning.models import DECIDED, PlanVersion
from planning.quality.case import Case
from planning.quality.registry import Found, NotApplicable, rule, tolerances
from planning.schema import Matched
from portal.geo import crs
from portal.geo.issues import Issue

APPROVAL_FIELDS = ("PFWH", "PFSJ")
SAME_AREA_M2 = 0.1
"""zones of a plan handed in again, in another coordinate system, differ by rounding only"""


@rule("L1")
def farmland_as_issued(case: Case) -> Found:
    """The file's 永久基本农田 is the issued one."""
    return as_issued(case, "L1", "YJJBNT")


@rule("L2")
def red_line_as_issued(case: Case) -> Found:
    """The file's 生态保护红线 is the issued one."""
    return as_issued(case, "L2", "STBHHX")


def as_issued(case: Case, code: str, kind: str) -> Found:
    """Where the file's line and the issued one differ (对称差), if that is more than the tolerance in all.

    A line that was drawn on one projection and issued on another leaves hairs; what is thinner than the width of a
    hair on average (2 · area / perimeter) is none of the difference.
    """
    issued = case.lines.get(kind)
    if issued is None:
        return NotApplicable("nothing_issued", {"kind": kind})
    drawn = _drawn(case, kind)
    if drawn is None:
        return NotApplicable("no_such_layer", {"kind": kind})
    limits = tolerances(case.profile.rules, code)
    metric = crs.local_metric_crs(issued)
    theirs, ours = (_sound(crs.transform(g, crs.storage_crs(), metric)) for g in (issued, drawn.geoms))
    parts = _substantial(
        shapely.symmetric_difference(shapely.union_all(theirs), shapely.union_all(ours)), limits["hair_width_m"]
    )
    if shapely.area(parts).sum() <= limits["line_misfit_m2"]:
        return []
    return _differences(code, kind, drawn, ours, parts, metric)


class _Drawn(NamedTuple):
    """Features of the file that are the line of a kind: with layer and row of each."""

    layers: list[str]
    rows: list[int]
    geoms: np.ndarray


def _drawn(case: Case, kind: str) -> _Drawn | None:
    found = [m for m in case.of_role("line") if kind in (m.spec.kind, m.spec.name)]
    if not found:
        return None
    layers = [m.layer.name for m in found for _ in range(m.size)]
    rows = [row for m in found for row in range(1, m.size + 1)]
    return _Drawn(layers, rows, np.concatenate([np.asarray(m.layer.geometry, object) for m in found]))


def _sound(geoms: np.ndarray) -> np.ndarray:
    """Valid polygons: a line that crosses itself is told by other rules, and compared as what it encloses."""
    return shapely.make_valid(np.where(shapely.is_missing(geoms), shapely.Polygon(), geoms), method="structure")


def _substantial(shape: shapely.Geometry, hair: float) -> np.ndarray:
    """Polygons of a shape that are wider than a hair on average, the largest first."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    area = shapely.area(parts)
    wide = 2 * area >= hair * shapely.length(parts)
    return parts[wide][np.argsort(-area[wide], kind="stable")]


def _differences(code: str, kind: str, drawn: _Drawn, ours: np.ndarray, parts: np.ndarray, metric: Any) -> Found:
    """One issue for each piece: too much in the file, with its row, or missing from it."""
    at, row = shapely.STRtree(ours).query(shapely.point_on_surface(parts), predicate="intersects")
    row_of = dict(zip(at.tolist(), row.tolist(), strict=True))
    areas = shapely.area(parts)
    for n, place in enumerate(crs.transform(parts, metric, crs.storage_crs())):
        params = {"kind": kind, "area_m2": float(areas[n])}
        if n in row_of:
            where = row_of[n]
            params["reason"] = "line_not_issued"
            yield Issue(code, layer=drawn.layers[where], row=drawn.rows[where], params=params, geom=place)
        else:
            yield Issue(
                code,
                layer=drawn.layers[0] if drawn.layers else "",
                params={**params, "reason": "line_missing"},
                geom=place,
            )


@rule("L6")
def approval_filled(case: Case) -> Found:
    """批准文号 PFWH and 批准时间 PFSJ are filled in the file of an approved plan.

    Every file becomes a draft, which cannot carry the number of an approval that is still to come. The rule speaks when
    the approved plan itself is handed in again, for filing (报备): the same classes on the same areas.
    """
    found = [(m, column) for m in case.matched for column in _approval_columns(m)]
    if not found:
        return NotApplicable("no_approval_fields")
    if not _is_approved(case):
        return NotApplicable("not_approved_yet")
    return [
        Issue("L6", layer=m.layer.name, row=row, params={"reason": "approval_empty", "field": column})
        for m, column in found
        for row, value in enumerate(m.values(column), 1)
        if value is None
    ]


def _approval_columns(matched: Matched) -> list[str]:
    columns = (matched.columns.get(name) or name for name in APPROVAL_FIELDS)
    there = {str(f).upper(): str(f) for f in matched.layer.fields}
    return [there[c.upper()] for c in columns if c.upper() in there]


def _is_approved(case: Case) -> bool:
    version = PlanVersion.objects.filter(plan__village=case.village, state__in=DECIDED).order_by("-number").first()
    if version is None or version.zones.count() != len(case.codes):
        return False
    zones = list(version.zones.order_by("number").values_list("code", "area_m2"))
    return [code for code, _ in zones] == list(case.codes) and bool(
        np.allclose([area for _, area in zones], case.area, rtol=0, atol=SAME_AREA_M2)
    )
