"""Quality rules 质检 of one layer of polygons: geometry, tiling of the village, shapes, and the file's own areas.

`Checks` knows no models: it takes geometries in file order, and each of its methods answers the issues of one rule
with row and place. `check_zones` runs those of a layer of zones.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from portal.geo import crs, edges, extents, shapes_check
from portal.geo.coverage import Tolerance, TooComplex
from portal.geo.ground import Ground, place_of
from portal.geo.issues import ERROR, WARNING, Issue
from portal.geo.patience import Patience, Progress
from portal.geo.tolerances import DEFAULT_RULES, merged

__all__ = ["DEFAULT_RULES", "Checks", "Issue", "check_zones", "merged"]

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
    progress: Progress | None = None,
) -> list[Issue]:
    """Issues of one layer of zones, rule by rule. Geometries and `outline` are lon/lat in the storage CRS.

    Invalid geometries are named by G1 and left out of G5 to G8 and A1. Without `outline` G6 and G7 are not checked.
    """
    check = Checks(layer_name, geoms, outline=outline, rules=rules, progress=progress)
    issues = [*check.geometry(), *check.codes(codes, known_codes), *check.tiling(), *check.slivers()]
    return issues if file_area is None else [*issues, *check.areas(file_area)]


class Checks:
    """The rules for one layer, each a method that answers its issues; a rule set to "off" has none and costs nothing.

    `progress` gets the share done of the rule that runs, at least every second; what it raises ends the rule.
    """

    def __init__(
        self,
        layer_name: str,
        geoms: Sequence[shapely.Geometry | None] | np.ndarray,
        *,
        outline: shapely.Geometry | None = None,
        rules: dict[str, dict[str, Any]] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.layer, self.outline, self.rules = layer_name, outline, merged(rules)
        self.geoms = np.empty(len(geoms), dtype=object)
        self.geoms[:] = geoms
        self.tolerances, self.limits, self.levels = self.rules["tolerances"], self.rules["limits"], self.rules["levels"]
        self.patience = Patience(progress)
        self.too_complex = False
        """some geometries cross too often: G5 to G7 and G10 could not be answered, an F3 says so"""

    # --- what several rules stand on, found once

    @cached_property
    def corners(self) -> np.ndarray:
        return shapely.get_num_coordinates(self.geoms).astype(np.int64)

    @cached_property
    def large(self) -> np.ndarray:
        return self.corners > self.limits["vertices_of_one"]

    @cached_property
    def sound(self) -> np.ndarray:
        """Valid polygons of bearable size: what the later rules look at."""
        shaped = ~(shapely.is_missing(self.geoms) | shapely.is_empty(self.geoms))
        sound = shaped & np.isin(shapely.get_type_id(self.geoms), (3, 6)) & ~self.large
        sound[sound] = self.patience.each(shapely.is_valid, self.corners[sound], self.geoms[sound])
        return sound

    @cached_property
    def area(self) -> np.ndarray:
        """m2 on the ellipsoid; 0 for what is not sound."""
        area = np.zeros(len(self.geoms))
        area[self.sound] = self.patience.each(crs.area_m2, self.corners[self.sound], self.geoms[self.sound])
        return area

    @cached_property
    def rings(self) -> edges.Rings:
        rings = edges.rings(self.geoms[self.sound])
        return rings._replace(owner=np.flatnonzero(self.sound)[rings.owner])

    # --- geometry and attributes of single features

    def geometry(self) -> list[Issue]:
        """G1, and as F3 the limit that keeps the later rules affordable."""
        large = self.capped("F3", (self.too_large(row, self.corners) for row in np.flatnonzero(self.large)))
        return large + self.capped("G1", (self.invalid(row) for row in np.flatnonzero(~self.sound & ~self.large)))

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

    def codes(self, codes: Sequence[str | None], known: set[str]) -> list[Issue]:
        """S3 an empty code, S4 one that is not in the list of classes."""
        texts = ["" if code is None or code != code else str(code).strip() for code in codes]
        empty = (row for row, text in enumerate(texts) if not text)
        unknown = ((row, text) for row, text in enumerate(texts) if text and text not in known)
        return self.capped(
            "S3", (self.issue("S3", row, {"reason": "code_empty"}, self.geoms[row]) for row in empty)
        ) + self.capped(
            "S4",
            (
                self.issue("S4", row, {"reason": "code_unknown", "value": text[:100]}, self.geoms[row])
                for row, text in unknown
            ),
        )

    def parts(self) -> list[Issue]:
        """G3: features of more than one part, which most county systems store as one parcel each."""
        counts = shapes_check.part_counts(self.geoms)
        return self.capped(
            "G3",
            (
                self.issue("G3", row, {"reason": "several_parts", "count": int(counts[row])}, self.geoms[row])
                for row in np.flatnonzero(counts > 1)
            ),
        )

    def duplicates(self) -> list[Issue]:
        """G4: the same geometry twice, and vertices that repeat the one before them."""
        if self.levels["G4"] == "off":
            return []
        twice = self.patience.during(lambda: shapes_check.same_shapes(self.geoms))
        at = shapes_check.repeated_vertices(self.rings, self.tolerances["vertex_m"])
        owner = self.rings.owner[np.searchsorted(self.rings.start, at, side="right") - 1]
        rows, first, count = np.unique(owner, return_index=True, return_counts=True)
        return self.capped(
            "G4",
            [
                self.issue("G4", row, {"reason": "same_geometry", "other": other + 1}, self.geoms[row])
                for row, other in twice
            ]
            + [
                self.issue(
                    "G4", row, {"reason": "repeated_vertices", "count": int(n)}, shapely.Point(self.rings.xy[place])
                )
                for row, n, place in zip(rows, count, at[first], strict=True)
            ],
        )

    def angles(self) -> list[Issue]:
        """G9: corners so sharp that they are a slip of the hand; measured in metres."""
        if self.levels["G9"] == "off":
            return []
        limit = self.tolerances["sharp_angle_degrees"]
        corners = shapes_check.sharp_corners(self.rings, limit, self.tolerances["vertex_m"])
        return self.capped(
            "G9",
            (
                self.issue(
                    "G9",
                    corner.row,
                    {"reason": "sharp_angle", "degrees": round(corner.degrees, 2)},
                    shapely.Point(corner.lonlat),
                )
                for corner in corners
            ),
        )

    def slivers(self) -> list[Issue]:
        """G8: too small, or thin and narrow. The shape is measured in metres, the area on the ellipsoid."""
        rows = np.flatnonzero(self.sound)
        if not len(rows) or self.levels["G8"] == "off":
            return []
        length = self.patience.each(crs.perimeter_m, self.corners[rows], self.geoms[rows])
        area = self.area[rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            thinness, width = 4 * np.pi * area / length**2, 2 * area / length
        thin = (thinness < self.tolerances["sliver_thinness"]) & (width < self.tolerances["sliver_width_m"])
        chosen = np.flatnonzero(thin | (area < self.tolerances["sliver_area_m2"]))
        return self.capped("G8", (self.sliver(int(rows[at]), float(thinness[at]), float(width[at])) for at in chosen))

    def sliver(self, row: int, thinness: float, width: float) -> Issue:
        params = {
            "reason": "sliver",
            "area_m2": round(float(self.area[row]), 2),
            "thinness": round(thinness, 4),
            "width_m": round(width, 3),
        }
        return self.issue("G8", row, params, self.geoms[row])

    def areas(self, file_area: Sequence[float | None]) -> list[Issue]:
        """A1: the file's own area field against the ellipsoidal area 椭球面积. A blank is no statement."""
        if self.levels["A1"] == "off":
            return []
        stated = np.array([_number(value) for value in file_area], dtype=float)
        difference = np.abs(stated - self.area)
        tolerances = self.tolerances
        beyond = {
            level: self.sound
            & (difference > np.maximum(tolerances[f"area_{level}_m2"], tolerances[f"area_{level}_share"] * self.area))
            for level in (ERROR, WARNING)
        }
        mild = np.flatnonzero(beyond[WARNING] & ~beyond[ERROR])
        return self.capped(
            "A1", (self.mismatch(row, stated[row], ERROR) for row in np.flatnonzero(beyond[ERROR]))
        ) + self.capped("A1", (self.mismatch(row, stated[row], WARNING) for row in mild))

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

    def tiling(self) -> list[Issue]:
        """G5, G6 and G7 one after the other."""
        return [*self.overlaps(), *self.gaps(), *self.outside()]

    def overlaps(self) -> list[Issue]:
        """G5: zones that share ground."""
        return self.on_ground(
            "G5",
            lambda ground: [
                (row, {"reason": "overlap", "other": other + 1}, piece) for row, other, piece in ground.shared
            ],
        )

    def gaps(self) -> list[Issue]:
        """G6: ground of the village that belongs to no zone."""
        if self.outline is None:
            return []
        return self.on_ground("G6", lambda ground: [(None, {"reason": "gap"}, gap) for gap in ground.gaps()])

    def outside(self) -> list[Issue]:
        """G7: zones that leave the village."""
        if self.outline is None:
            return []
        return self.on_ground(
            "G7",
            lambda ground: [
                (row, {"reason": "outside"}, piece)
                for row, piece in [*((row, self.geoms[row]) for row in ground.far), *ground.outside()]
            ],
        )

    def same_extent(
        self, other_geoms: Sequence[shapely.Geometry | None] | np.ndarray, other_layer_name: str
    ) -> list[Issue]:
        """G10: the layer covers the same ground as another one, as the target year's must the base year's."""
        other = Checks(other_layer_name, other_geoms, rules=self.rules, progress=self.patience.progress)
        if self.place is None:
            self.place = other.place

        def pieces(ground: Ground) -> list[tuple[None, dict[str, Any], shapely.Geometry]]:
            there = Ground(
                other.geoms, np.flatnonzero(other.sound), self.place, self.tolerance, patience=other.patience
            )
            there.tiling.overlaps()  # bounds what the comparison may cost
            extra, lacking = extents.differences(ground.tiling, there.tiling)
            names = {"layer": self.layer, "other": other_layer_name}
            found = [({"reason": "extent_beyond", **names}, piece) for piece in extra]
            found += [({"reason": "extent_short", **names}, piece) for piece in lacking]
            lonlat = ground.back(np.array([piece for _, piece in found], dtype=object))
            return [(None, params, piece) for (params, _), piece in zip(found, lonlat, strict=True)]

        return self.on_ground("G10", pieces)

    @property
    def tolerance(self) -> Tolerance:
        return Tolerance(self.tolerances["width_m"], self.tolerances["area_m2"])

    @cached_property
    def place(self) -> np.ndarray | None:
        return place_of(self.geoms[self.sound], self.outline)

    @cached_property
    def ground(self) -> Ground:
        return Ground(
            self.geoms,
            np.flatnonzero(self.sound),
            self.place,
            self.tolerance,
            outline=self.outline,
            patience=self.patience,
        )

    def on_ground(
        self, code: str, pieces: Callable[[Ground], list[tuple[int | None, dict, shapely.Geometry]]]
    ) -> list[Issue]:
        """One issue per piece, largest first, so that a cut list holds what matters. What would take too long is one
        F3, from the rule that meets it first; the rules on ground after it have nothing to say."""
        if self.levels[code] == "off" or self.too_complex or self.place is None:
            return []
        try:
            if self.corners[self.sound].sum() > self.limits["vertices"]:
                raise TooComplex
            self.ground.shared  # noqa: B018 - it bounds what the others may cost
            found = pieces(self.ground)
        except TooComplex:
            self.too_complex = True
            return self.capped("F3", [self.issue("F3", None, {"reason": "overlap_too_complex"}, None)])
        area = crs.area_m2([piece for _, _, piece in found])
        return self.capped(
            code,
            (
                self.issue(code, found[at][0], {**found[at][1], "area_m2": round(float(area[at]), 2)}, found[at][2])
                for at in np.argsort(-area, kind="stable")
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

    def capped(self, code: str, found: Iterable[Issue]) -> list[Issue]:
        """Issues of one rule up to its cap; the last one then says how many more there are."""
        if self.levels[code] == "off":
            return []
        found = list(found)
        room = self.limits["issues_per_rule"]
        if len(found) <= room:
            return found
        more = {"reason": "more", "count": len(found) - room}
        return [*found[:room], Issue(code, found[room].level, self.layer, None, more)]


def _number(value: Any) -> float:
    """NaN for blanks and for texts that are no number: then there is nothing to compare."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
