"""First quality checks 质检 of a layer of zones: geometry, codes, tiling of the village, and the file's own areas.

`check_zones` knows no models: it takes codes and geometries in file order and answers issues with row and place.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import shapely

from portal.geo import coverage, crs
from portal.geo.issues import ERROR, WARNING, Issue

__all__ = ["DEFAULT_RULES", "Issue", "check_zones"]

DEFAULT_RULES: dict[str, dict[str, Any]] = {
    # A level may be "error", "warning" or "off".
    "levels": {
        "G1": ERROR,
        "S3": ERROR,
        "S4": ERROR,
        "G5": ERROR,
        "G6": ERROR,
        "G7": ERROR,
        "G8": WARNING,
        "A1": ERROR,
        "F3": ERROR,
    },
    "tolerances": {
        "width_m": 0.01,
        "area_m2": 0.01,
        # G8: smaller than this, or both thinner than 4πA/P² and narrower than the mean width 2A/P. A village road is
        # long and thin as well, but metres wide.
        "sliver_area_m2": 50.0,
        "sliver_thinness": 0.02,
        "sliver_width_m": 1.0,
        # A1 (domain 3.5): difference > max(metres, share of the ellipsoidal area)
        "area_error_m2": 1.0,
        "area_error_share": 0.001,
        "area_warning_m2": 0.5,
        "area_warning_share": 0.0001,
    },
    "limits": {"issues_per_rule": 500, "vertices": 2_000_000, "vertices_of_one": 200_000, "vertices_of_issue": 2_000},
}

_FAR_DEGREES = 1.5
"""beyond this from the outline the projection of the outline is no measure any more: such zones are outside as a whole"""

_REASONS = {
    "Self-intersection": "self_intersection",
    "Ring Self-intersection": "ring_self_intersection",
    "Hole lies outside shell": "hole_outside",
    "Holes are nested": "nested_holes",
    "Nested shells": "nested_shells",
    "Interior is disconnected": "disconnected_interior",
    "Duplicate Rings": "duplicate_rings",
    "Too few points in geometry component": "too_few_points",
}
_PLACE = re.compile(r"^(?P<text>[^\[]*)\[(?P<x>\S+) (?P<y>[^\]\s]+)")


def check_zones(
    layer_name: str,
    codes: Sequence[str | None],
    geoms: Sequence[shapely.Geometry | None] | np.ndarray,
    *,
    known_codes: set[str],
    outline: shapely.Geometry | None,
    file_area: Sequence[float | None] | None = None,
    rules: dict[str, dict[str, Any]] | None = None,
) -> list[Issue]:
    """All issues of one layer of zones, rule by rule. Geometries and `outline` are lon/lat in the storage CRS.

    Invalid geometries are named by G1 and left out of G5 to G8 and A1. Without `outline` G6 and G7 are not checked.
    """
    check = _Check(layer_name, np.asarray(geoms, dtype=object), outline, merged(rules))
    check.geometry()
    check.codes(codes, known_codes)
    check.tiling()
    check.slivers()
    if file_area is not None:
        check.areas(file_area)
    return check.issues


def merged(rules: dict[str, dict[str, Any]] | None) -> dict[str, dict[str, Any]]:
    """The default rules with a county's own on top."""
    return {part: {**default, **(rules or {}).get(part, {})} for part, default in DEFAULT_RULES.items()}


class _Check:
    """One run over one layer; the methods add to `issues` in the order they are called."""

    def __init__(self, layer: str, geoms: np.ndarray, outline: shapely.Geometry | None, rules: dict) -> None:
        self.layer, self.geoms, self.outline, self.rules = layer, geoms, outline, rules
        self.tolerances, self.limits = rules["tolerances"], rules["limits"]
        self.issues: list[Issue] = []
        self.sound = np.zeros(len(geoms), dtype=bool)
        self.area = np.zeros(len(geoms))

    # --- geometry and attributes of single features

    def geometry(self) -> None:
        """G1, and the limits that keep the later rules affordable. Fills `sound` and `area`."""
        corners = shapely.get_num_coordinates(self.geoms)
        empty = shapely.is_missing(self.geoms) | shapely.is_empty(self.geoms)
        polygonal = np.isin(shapely.get_type_id(self.geoms), (3, 6))
        large = corners > self.limits["vertices_of_one"]
        testable = ~empty & polygonal & ~large
        self.sound[testable] = shapely.is_valid(self.geoms[testable])
        self.area[self.sound] = crs.area_m2(self.geoms[self.sound])
        self.report("F3", (self.too_large(row, corners) for row in np.flatnonzero(large)))
        self.report("G1", (self.invalid(row) for row in np.flatnonzero(~self.sound & ~large)))

    def too_large(self, row: int, corners: np.ndarray) -> Issue:
        limit = self.limits["vertices_of_one"]
        params = {"reason": "too_many_vertices", "count": int(corners[row]), "limit": limit, "layer": self.layer}
        return self.issue("F3", row, params, shapely.box(*shapely.bounds(self.geoms[row])))

    def invalid(self, row: int) -> Issue:
        geom = self.geoms[row]
        if geom is None or geom.is_empty:
            return self.issue("G1", row, {"reason": "empty_geometry"}, None)
        if geom.geom_type not in ("Polygon", "MultiPolygon"):
            return self.issue("G1", row, {"reason": "not_polygon", "type": geom.geom_type}, geom)
        detail = shapely.is_valid_reason(geom)
        place = _PLACE.match(detail)
        text = (place["text"] if place else detail).strip()
        xy = (float(place["x"]), float(place["y"])) if place else shapely.get_coordinates(geom)[0]
        return self.issue(
            "G1", row, {"reason": _REASONS.get(text, "invalid_geometry"), "detail": text}, shapely.Point(xy)
        )

    def codes(self, codes: Sequence[str | None], known: set[str]) -> None:
        """S3 an empty code, S4 one that is not in the list of classes."""
        texts = ["" if code is None or code != code else str(code).strip() for code in codes]
        self.report(
            "S3",
            (
                self.issue("S3", row, {"reason": "code_empty"}, self.geoms[row])
                for row, text in enumerate(texts)
                if not text
            ),
        )
        self.report(
            "S4",
            (
                self.issue("S4", row, {"reason": "code_unknown", "value": text[:100]}, self.geoms[row])
                for row, text in enumerate(texts)
                if text and text not in known
            ),
        )

    def slivers(self) -> None:
        """G8: too small, or thin and narrow. The shape is measured in metres, the area on the ellipsoid."""
        rows = np.flatnonzero(self.sound)
        if not len(rows):
            return
        length = crs.perimeter_m(self.geoms[rows])
        area = self.area[rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            thinness, width = 4 * np.pi * area / length**2, 2 * area / length
        thin = (thinness < self.tolerances["sliver_thinness"]) & (width < self.tolerances["sliver_width_m"])
        chosen = np.flatnonzero(thin | (area < self.tolerances["sliver_area_m2"]))
        self.report("G8", (self.sliver(int(rows[at]), float(thinness[at]), float(width[at])) for at in chosen))

    def sliver(self, row: int, thinness: float, width: float) -> Issue:
        params = {
            "reason": "sliver",
            "area_m2": round(float(self.area[row]), 2),
            "thinness": round(thinness, 4),
            "width_m": round(width, 3),
        }
        return self.issue("G8", row, params, self.geoms[row])

    def areas(self, file_area: Sequence[float | None]) -> None:
        """A1: the file's own area field against the ellipsoidal area 椭球面积. A blank is no statement."""
        stated = np.array([_number(value) for value in file_area], dtype=float)
        difference = np.abs(stated - self.area)
        tolerances = self.tolerances
        beyond = {
            level: self.sound
            & (difference > np.maximum(tolerances[f"area_{level}_m2"], tolerances[f"area_{level}_share"] * self.area))
            for level in (ERROR, WARNING)
        }
        self.report("A1", (self.mismatch(row, stated[row], ERROR) for row in np.flatnonzero(beyond[ERROR])))
        mild = np.flatnonzero(beyond[WARNING] & ~beyond[ERROR])
        self.report("A1", (self.mismatch(row, stated[row], WARNING) for row in mild))

    def mismatch(self, row: int, stated: float, level: str) -> Issue:
        area = float(self.area[row])
        params = {
            "reason": "area_mismatch",
            "file_area_m2": round(float(stated), 2),
            "area_m2": round(area, 2),
            "difference_m2": round(float(stated) - area, 2),
        }
        return self.issue("A1", row, params, self.geoms[row], level)

    # --- features together

    def tiling(self) -> None:
        """G5 overlaps, G6 gaps, G7 pieces outside, in the Gauss-Kruger zone of the place."""
        rows = np.flatnonzero(self.sound)
        if not len(rows) and self.outline is None:
            return
        rows, far = self.near(rows)
        outside = [(int(row), self.geoms[row]) for row in far]
        try:
            if shapely.get_num_coordinates(self.geoms[self.sound]).sum() > self.limits["vertices"]:
                raise coverage.TooComplex
            outside += self.measure(rows)
        except coverage.TooComplex:
            self.report("F3", [self.issue("F3", None, {"reason": "overlap_too_complex"}, None)])
        if self.outline is not None:
            self.pieces("G7", [(row, {"reason": "outside"}, piece) for row, piece in outside])

    def near(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows that can be measured in the projection of the place, and rows that lie too far from it."""
        bounds = shapely.bounds(self.geoms[rows])
        if self.outline is not None:
            middle = np.array(self.outline.bounds)
        else:
            middle = np.tile(np.median((bounds[:, :2] + bounds[:, 2:]) / 2, axis=0), 2)
        low, high = middle[:2] - _FAR_DEGREES, middle[2:] + _FAR_DEGREES
        close = (bounds[:, :2] >= low).all(axis=1) & (bounds[:, 2:] <= high).all(axis=1)
        return rows[close], rows[~close]

    def measure(self, rows: np.ndarray) -> list[tuple[int, shapely.Geometry]]:
        """Reports G5 and G6; answers what lies outside, in lon/lat."""
        if not len(rows) and self.outline is None:
            return []
        local = crs.local_metric_crs(self.geoms[rows] if self.outline is None else self.outline)
        back = _back(local)
        zones = crs.transform(self.geoms[rows], crs.storage_crs(), local)
        rows, zones = rows[shapely.is_valid(zones)], zones[shapely.is_valid(zones)]
        tolerance = coverage.Tolerance(self.tolerances["width_m"], self.tolerances["area_m2"])
        near = coverage.neighbours(zones)
        shared = coverage.overlaps(zones, tolerance, near)
        self.pieces(
            "G5",
            [(int(rows[a]), {"reason": "overlap", "other": int(rows[b]) + 1}, back(piece)) for a, b, piece in shared],
        )
        if self.outline is None:
            return []
        outline = crs.transform([self.outline], crs.storage_crs(), local)[0]
        self.pieces(
            "G6",
            [
                (None, {"reason": "gap"}, back(gap))
                for gap in coverage.gaps(outline, zones, tolerance, tiled=near.tiled)
            ],
        )
        return [(int(rows[at]), back(piece)) for at, piece in coverage.outside(zones, outline, tolerance)]

    def pieces(self, code: str, found: list[tuple[int | None, dict, shapely.Geometry]]) -> None:
        """One issue per piece, largest first, so that a cut list holds what matters."""
        area = crs.area_m2([piece for _, _, piece in found])
        order = np.argsort(-area, kind="stable")
        self.report(
            code,
            (
                self.issue(code, found[at][0], {**found[at][1], "area_m2": round(float(area[at]), 2)}, found[at][2])
                for at in order
            ),
        )

    # --- making issues

    def issue(self, code: str, row: int | None, params: dict, geom: shapely.Geometry | None, level: str = "") -> Issue:
        """`row` is a 0-based position here and a 1-based feature number in the issue. A rule set to "warning" has no
        errors, whatever the finding."""
        allowed = self.rules["levels"][code]
        level = WARNING if WARNING in (level, allowed) else ERROR
        if geom is not None and shapely.get_num_coordinates(geom) > self.limits["vertices_of_issue"]:
            geom = shapely.box(*shapely.bounds(geom))
        return Issue(code, level, self.layer, None if row is None else int(row) + 1, params, geom)

    def report(self, code: str, found: Iterable[Issue]) -> None:
        """Add issues of one rule up to its cap; the last one then says how many more there are."""
        if self.rules["levels"][code] == "off":
            return
        found = list(found)
        room = self.limits["issues_per_rule"]
        self.issues += found[:room]
        if len(found) > room:
            level = found[room].level
            self.issues.append(Issue(code, level, self.layer, None, {"reason": "more", "count": len(found) - room}))


def _back(local: crs.CRS) -> Callable[[shapely.Geometry], shapely.Geometry]:
    return lambda piece: crs.transform([piece], local, crs.storage_crs())[0]


def _number(value: Any) -> float:
    """NaN for blanks and for texts that are no number: then there is nothing to compare."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
