"""Rules of the quality check (质检规则 L3–L5) that judge the land use of a plan: they count with the sets of classes and
the overlays of the indicators. Registered by IndicatorsConfig.ready()."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps

import numpy as np
import pandas as pd
import shapely
from django.db.models import Q
from django.utils import translation

from indicators.catalogue import INDICATORS, Indicator
from indicators.compute.bounds import TooComplex, check_union
from indicators.compute.conflicts import is_narrow
from indicators.compute.frames import Frames
from indicators.compute.overlay import NOISE_M2, cut, mended
from indicators.compute.plane import Plane
from indicators.compute.standard import CodeSet, Standard
from indicators.frames import polygons, table
from indicators.models import Target
from indicators.profiles import standard_for
from planning.quality import Case, NotApplicable, rule
from planning.quality.registry import Found, tolerances
from portal.geo.issues import ERROR, WARNING, Issue

ORCHARDS_AND_FOREST = ("02", "03")
BOUNDARIES = ("CZJSBJ", "CZKFBJ")


def measurable(check: Callable[[Case], Found]) -> Callable[[Case], Found]:
    """A rule whose overlay would take too much is not applied, and says so; the geometry rules refuse such a file."""

    @wraps(check)
    def answer(case: Case) -> Found:
        try:
            found = check(case)
            return found if isinstance(found, NotApplicable) else list(found)
        except TooComplex:
            return NotApplicable("too_complex")

    return answer


@rule("L3")
@measurable
def cropland_on_farmland(case: Case) -> Found:
    """Inside 永久基本农田 only 0101-0103 is planned. Orchards and forest that stood there in the base year are a warning."""
    lines = case.lines.get("YJJBNT")
    if lines is None:
        return NotApplicable("nothing_issued", {"kind": "YJJBNT"})
    return _other_than_cropland(case, lines)


def _other_than_cropland(case: Case, lines: np.ndarray) -> Iterator[Issue]:
    limits = tolerances(case.profile.rules, "L3")
    other = _rows_of(case, ~standard_for(case.village)["cropland"].mask(case.codes))
    rows = _touched(other, case, lines)
    plane = Plane.around(case.geoms[rows])
    inside, _ = cut(plane.flatten(case.geoms[rows]), plane.flatten(shapely.get_parts(lines)))
    inside = _pieces(inside, limits)
    old = _old_orchards(case, rows[~shapely.is_empty(inside)])
    _, new = cut(inside, plane.flatten(old))
    new = _pieces(new, limits)
    for at in np.flatnonzero(~shapely.is_empty(inside)):
        existing = shapely.is_empty(new[at]) and case.codes[rows[at]].startswith(ORCHARDS_AND_FOREST)
        place = inside[at] if existing or not case.codes[rows[at]].startswith(ORCHARDS_AND_FOREST) else new[at]
        reason = "orchard_on_farmland" if existing else "not_cropland_on_farmland"
        yield _issue(case, "L3", rows[at], reason, place, plane, WARNING if existing else ERROR)


def _old_orchards(case: Case, rows: np.ndarray) -> np.ndarray:
    """Base-year parcels of 02 and 03, where any of the zones is planned as such."""
    if not any(case.codes[row].startswith(ORCHARDS_AND_FOREST) for row in rows):
        return np.empty(0, object)
    return _parcels(case, CodeSet("orchards and forest", frozenset(ORCHARDS_AND_FOREST)))


@rule("L4")
@measurable
def targets_kept(case: Case) -> Found:
    """The plan keeps the binding targets (约束性指标) issued to the village.

    Measured by the catalogue of indicators; protected areas by the file's own line where it has one.
    """
    targets = [t for t in Target.objects.filter(village=case.village, binding=True) if t.code in INDICATORS]
    targets = [t for t in targets if INDICATORS[t.code].better]
    if not targets:
        return NotApplicable("no_targets")
    return _missed(case, sorted(targets, key=lambda t: list(INDICATORS).index(t.code)))


def _missed(case: Case, targets: list[Target]) -> Iterator[Issue]:
    slack = tolerances(case.profile.rules, "L4")["target_ha"]
    frames, standard = _frames(case), standard_for(case.village)
    for target in targets:
        indicator = INDICATORS[target.code]
        measure = indicator.function(frames, standard)
        if measure.note == "no_base":  # only what compares with the base year needs its parcels, which take a second
            frames = replace(frames, base=table(case.village.parcels.order_by("number"), "base"))
            measure = indicator.function(frames, standard)
        if measure.value is None:
            continue
        short = target.value - measure.value if indicator.better == "more" else measure.value - target.value
        if short > slack:
            params = {
                "reason": "target_not_reached" if indicator.better == "more" else "target_exceeded",
                "name": _names(indicator), "value": float(measure.value), "target": float(target.value),
                "unit": indicator.unit, "source": target.source,
            }  # fmt: skip
            yield Issue("L4", params=params)


def _names(indicator: Indicator) -> dict[str, str]:
    """Both names: the reader's language is known only when the sentence is made."""
    with translation.override("en"):
        return {"zh": indicator.name_zh, "en": str(indicator.name_en)}


def _frames(case: Case) -> Frames:
    """The file as the indicators see a version."""
    empty = pd.DataFrame({"code": [], "area_m2": [], "geom": []})
    lines = {**case.lines, **_lines_of_file(case)}
    facts = {fact.code: fact.value for fact in case.village.facts.order_by("year")}
    return Frames(
        base=empty,
        plan=pd.DataFrame({"code": [c or "" for c in case.codes], "area_m2": case.area, "geom": case.geoms}),
        lines=pd.DataFrame([(kind, geom) for kind, geoms in lines.items() for geom in geoms], columns=["kind", "geom"]),
        village={**facts, "area_m2": case.village.area_m2, "geom": case.outline},
    )


def _lines_of_file(case: Case) -> dict[str, list[shapely.Geometry]]:
    found: dict[str, list[shapely.Geometry]] = {}
    for matched in case.of_role("line"):
        geoms = matched.layer.geometry
        good = [
            g for g in geoms if g is not None and shapely.is_valid(g) and g.geom_type in ("Polygon", "MultiPolygon")
        ]
        found.setdefault(matched.spec.kind or matched.spec.name, []).extend(good)
    return found


@rule("L5")
@measurable
def new_construction_inside(case: Case) -> Found:
    """New construction (07-16, 2301, not construction in the base year) lies inside 村庄建设边界 or 城镇开发边界.

    As check K4: classes that may lie outside and misfits of lines are a warning.
    """
    lines = [line for kind in BOUNDARIES for line in case.lines.get(kind, ())]
    if not lines:
        return NotApplicable("no_boundary_issued")
    check_union(np.array(lines, object))
    return _outside(case, shapely.union_all(lines))


def _outside(case: Case, boundary: shapely.Geometry) -> Iterator[Issue]:
    limits, standard = tolerances(case.profile.rules, "L5"), standard_for(case.village)
    rows = _rows_of(case, standard["construction"].mask(case.codes))
    shapely.prepare(boundary)
    rows = rows[~shapely.covers(boundary, case.geoms[rows])]
    if not len(rows):
        return
    built = _parcels(case, standard["construction"])
    rows = np.delete(rows, shapely.STRtree(built).query(case.geoms[rows], predicate="covered_by")[0])
    plane = Plane.around(case.geoms[rows])
    _, beyond = cut(plane.flatten(case.geoms[rows]), plane.flatten(shapely.get_parts(boundary)))
    _, new = cut(beyond, plane.flatten(built))
    new = _pieces(new, limits)
    for at in np.flatnonzero(~shapely.is_empty(new)):
        level, reason = _outside_level(case.codes[rows[at]], new[at], standard)
        yield _issue(case, "L5", rows[at], reason, new[at], plane, level)


def _outside_level(code: str, piece: shapely.Geometry, standard: Standard) -> tuple[str, str]:
    if code in standard["outside_boundary_allowed"]:
        return WARNING, "outside_allowed"
    parts = shapely.get_parts(piece)
    small = shapely.area(parts) < standard.limits["technical_m2"]
    if (small | is_narrow(parts, standard.limits["technical_width_m"])).all():
        return WARNING, "outside_by_misfit"
    return ERROR, "outside_boundary"


def _rows_of(case: Case, wanted: np.ndarray) -> np.ndarray:
    """Positions of sound zones that are wanted and have a class."""
    known = np.array([bool(code) for code in case.codes], bool)
    return np.flatnonzero(wanted & known & case.sound)


def _touched(rows: np.ndarray, case: Case, lines: np.ndarray) -> np.ndarray:
    """Those of the zones that a line touches. The lines ask, because they are few and large."""
    found = shapely.STRtree(case.geoms[rows]).query(lines, predicate="intersects")[1]
    return rows[np.unique(found)]


def _pieces(shapes: np.ndarray, limits: dict[str, float]) -> np.ndarray:
    """Each shape without hairs (2 · area / perimeter below their width); empty if what is left is mere misfit."""
    parts, at = shapely.get_parts(shapes, return_index=True)
    area = shapely.area(parts)
    good = (area > NOISE_M2) & (2 * area >= limits["hair_width_m"] * shapely.length(parts))
    parts, at, area = parts[good], at[good], area[good]
    whole = np.bincount(at, area, minlength=len(shapes)) >= limits["misfit_m2"]
    kept = np.full(len(shapes), shapely.MultiPolygon(), object)
    for n in np.flatnonzero(whole):
        kept[n] = shapely.multipolygons(parts[at == n])
    return kept


def _parcels(case: Case, codes: CodeSet) -> np.ndarray:
    """Base-year parcels of these classes, lon/lat."""
    wanted = Q(pk__in=[])
    for prefix in sorted(codes.include):
        wanted |= Q(code__startswith=prefix)
    found = case.village.parcels.filter(wanted).order_by("number").values_list("code", "geom")
    return polygons([geom for code, geom in found if code in codes])


def _issue(case: Case, code: str, row: int, reason: str, place: shapely.Geometry, plane: Plane, level: str) -> Issue:
    params = {"reason": reason, "value": case.codes[row], "area_m2": float(shapely.area(place))}
    geom = mended(plane.lift(np.array([place], object)))[0]
    return Issue(code, level, case.zones.layer.name, int(row) + 1, params, geom)
