"""Do polygons tile a place: overlaps, gaps and pieces outside. Sought where edges have no partner, measured in metres.

First look (edges.py): edges that do not occur exactly once in each direction are loose. Between loose edges the number
of polygons over a place cannot change, so wherever it is not one, a loose edge is at the border. Second look: exact
overlays of the polygons there, and of those that an overlap leads on to. docs/imports.md says why nothing is missed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely

from portal.geo import crossings, edges
from portal.geo.crossings import TooComplex
from portal.geo.patience import Patience

__all__ = ["Tiling", "Tolerance", "TooComplex", "cut", "substantial"]

Geometries = np.ndarray
Project = Callable[[Geometries], Geometries]
Overlay = Callable[[shapely.Geometry, shapely.Geometry], shapely.Geometry]

MAX_PAIRS = 2_000_000
MAX_VERTICES_READ = 100_000_000
"""vertices of both sides summed over all pairs"""
MAX_PIECES = 100_000
"""pieces of shared area of all pairs, hairs included; combs make one for each pair of teeth, 10,000 in a second"""
_MAX_ERODED_VERTICES = 5_000
_UNTIDY_SHARE = 8
"""from one loose edge in so many it is cheaper to unite all polygons than to cut the loose edges at each other"""
_MARGIN = 2e-5
"""degrees, 2 m: a straight edge of 10 km in metres leaves the straight edge in degrees by less"""


@dataclass(frozen=True)
class Tolerance:
    """A shared border projected twice leaves hairs of a few millimetres; a piece counts if it is neither thinner than
    `width_m` everywhere nor smaller than `area_m2`."""

    width_m: float = 0.01
    area_m2: float = 0.01


class Overlap(NamedTuple):
    """Two polygons by position (smaller first) and what they share, in metres."""

    one: int
    other: int
    piece: shapely.Geometry


class Faces(NamedTuple):
    """A cut of the place on each of which the number of polygons is the same everywhere; `within` the outline or not.

    An untidy layer is not cut: its only face is the outline, and nothing is known of it (`whole`).
    """

    shapes: Geometries
    within: np.ndarray
    whole: bool


class Tiling:
    """Valid polygons and an outline in degrees, with the way to metres and back; what it answers is in metres.

    Ask for `overlaps` first: that bounds what the others may cost. What would take too long raises TooComplex.
    """

    def __init__(
        self,
        polygons: Geometries,
        to_metres: Project,
        to_degrees: Project,
        tolerance: Tolerance | None = None,
        outline: shapely.Geometry | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.polygons, self._project, self.to_degrees = polygons, to_metres, to_degrees
        self.tolerance = tolerance or Tolerance()
        self._rim = None if outline is None else edges.rounded(edges.ends(outline))
        self.outline = None if outline is None else self.to_metres(np.array([outline], dtype=object))[0]
        self.patience = patience or Patience()
        self._flat = np.full(len(polygons), None, dtype=object)
        self._vertices_read = self._pieces_made = 0

    def to_metres(self, shapes: Geometries) -> Geometries:
        """All that is overlaid comes through here, rounded as the edges are: what agrees to UNIT becomes bitwise the
        same. Of two nearly equal polygons GEOS may say that they share nothing."""
        return self._project(shapely.transform(shapes, edges.rounded))

    @cached_property
    def loose(self) -> edges.Loose:
        return edges.loose(self.polygons, self.patience)

    @cached_property
    def tree(self) -> shapely.STRtree:
        return self.patience.during(lambda: shapely.STRtree(self.polygons))

    def flat(self, rows: np.ndarray) -> Geometries:
        """Those polygons in metres; each is projected once. One that this makes invalid is mended."""
        missing = np.unique(rows[shapely.is_missing(self._flat[rows])])
        if len(missing):
            sizes = shapely.get_num_coordinates(self.polygons[missing])
            self._flat[missing] = self.patience.each(self._sound, sizes, self.polygons[missing])
        return self._flat[rows]

    def all_flat(self) -> Geometries:
        return self.flat(np.arange(len(self.polygons)))

    def _sound(self, polygons: Geometries) -> Geometries:
        flat = self.to_metres(polygons)
        broken = ~shapely.is_valid(flat)
        flat[broken] = [_area_of(shape) for shape in shapely.make_valid(flat[broken], method="structure")]
        return flat

    # --- overlaps

    def overlaps(self) -> list[Overlap]:
        """All pairs that share a piece, in order of their positions."""
        found: list[Overlap] = []
        count = len(self.polygons)
        known = np.empty(0, np.int64)
        asked = np.zeros(count, bool)
        spread = np.zeros(count, bool)
        rows, boxes = self._places()
        while len(rows):
            pairs = np.setdiff1d(self._pairs(rows, boxes, MAX_PAIRS - len(known)), known, assume_unique=True)
            known = np.union1d(known, pairs)
            meeting = self._shared(pairs // max(count, 1), pairs % max(count, 1), found)
            rows = self._next(meeting[~spread[meeting]], asked)
            spread[meeting] = True
            asked[rows] = True
            boxes = self.polygons[rows]
        return sorted(found, key=lambda overlap: overlap[:2])

    def _places(self) -> tuple[np.ndarray, Geometries]:
        """Polygons with loose edges, and the box of these: who overlaps there meets that box."""
        owner, first = np.unique(self.loose.owner, return_index=True)
        if not len(owner):
            return owner, np.empty(0, object)
        low = np.minimum.reduceat(self.loose.ends.min(axis=1), first)
        high = np.maximum.reduceat(self.loose.ends.max(axis=1), first)
        return owner, shapely.box(*low.T, *high.T)

    def _next(self, meeting: np.ndarray, asked: np.ndarray) -> np.ndarray:
        """Whom an overlap leads on to: two tilings on top of each other have loose edges at their rim only, so the
        overlapping polygons and all beside them are asked about everyone near."""
        if not len(meeting):
            return meeting
        beside = np.zeros(len(self.polygons), bool)
        beside[self.tree.query(self.polygons[meeting])[1]] = True
        return np.flatnonzero(beside & ~asked)

    def _pairs(self, rows: np.ndarray, boxes: Geometries, room: int) -> np.ndarray:
        """Each polygon of `rows` with all that meet its box, as smaller position x number + larger. Found piecewise:
        stacked polygons make n² pairs."""
        count = len(self.polygons)
        step = max(1, MAX_PAIRS // count)
        pieces, total = [], 0
        for start in range(0, len(rows), step):
            at, near = self.tree.query(boxes[start : start + step])
            here = rows[start + at]
            pairs = np.unique((np.minimum(here, near) * count + np.maximum(here, near))[here != near])
            pieces.append(pairs)
            total += len(pairs)
            if total > 2 * room:  # a pair is found from both sides
                raise TooComplex
            self.patience()
        pairs = np.unique(np.concatenate(pieces))
        if len(pairs) > room:
            raise TooComplex
        return pairs

    def _shared(self, left: np.ndarray, right: np.ndarray, found: list[Overlap]) -> np.ndarray:
        """Adds to `found` what pairs share; answers who shares anything at all, hairs included."""
        self._vertices_read += int(shapely.get_num_coordinates(self.polygons[np.r_[left, right]]).sum())
        if self._vertices_read > MAX_VERTICES_READ:
            raise TooComplex
        ones, others = self.flat(left), self.flat(right)
        crossings.check_pairs(ones, others)
        meeting = [np.empty(0, np.int64)]
        for some in crossings.affordable(ones, others):
            shared = shapely.intersection(ones[some], others[some])
            area = shapely.area(shared)
            self._pieces_made += int(shapely.get_num_geometries(shared[area > 0]).sum())
            if self._pieces_made > MAX_PIECES:
                raise TooComplex
            meeting += [left[some][area > 0], right[some][area > 0]]
            for at in np.flatnonzero(area >= self.tolerance.area_m2):
                piece = substantial(shared[at], self.tolerance)
                if piece is not None:
                    found.append(Overlap(int(left[some][at]), int(right[some][at]), piece))
            self.patience(some.stop / len(left))
        return np.unique(np.concatenate(meeting))

    # --- against the outline

    def gaps(self) -> list[shapely.Geometry]:
        """Pieces of the outline that no polygon covers, each by itself."""
        faces = self.faces.shapes[self.faces.within]
        if not self.faces.whole:
            faces = faces[np.array([substantial(face, self.tolerance) is not None for face in faces], dtype=bool)]
            faces = faces[~self.covered(shapely.point_on_surface(faces))]  # points in a hair are settled below
        parts = (part for rest in self.overlaid(shapely.difference, faces) for part in shapely.get_parts(rest))
        return [piece for part in parts if (piece := substantial(part, self.tolerance)) is not None]

    def outside(self) -> list[tuple[int, shapely.Geometry]]:
        """Positions of polygons that leave the outline, with the part that does."""
        if self.faces.whole:
            rows = np.arange(len(self.polygons))
        else:
            rows = np.unique(self._near(self.faces.shapes[~self.faces.within])[1])
        shapely.prepare(self.outline)
        sizes = shapely.get_num_coordinates(self.polygons)
        rows = rows[~self.patience.each(lambda some: shapely.covers(self.outline, some), sizes[rows], self.flat(rows))]
        crossings.check_pairs(self.flat(rows), np.full(len(rows), self.outline))
        beyond = self.patience.each(lambda some: shapely.difference(some, self.outline), sizes[rows], self.flat(rows))
        pieces = ((int(row), substantial(part, self.tolerance)) for row, part in zip(rows, beyond, strict=True))
        return [(row, piece) for row, piece in pieces if piece is not None]

    @cached_property
    def faces(self) -> Faces:
        if self.untidy:
            return Faces(np.array([self.outline], dtype=object), np.array([True]), True)
        lines = self.straight(np.concatenate([self.loose.ends, self._rim]))
        faces = self.patience.during(lambda: cut(lines))
        shapely.prepare(self.outline)
        return Faces(faces, shapely.intersects(self.outline, shapely.point_on_surface(faces)), False)

    @property
    def untidy(self) -> bool:
        return len(self.loose.owner) * _UNTIDY_SHARE > self.loose.total

    def straight(self, ends: np.ndarray) -> np.ndarray:
        """Both ends of edges, in metres."""
        return shapely.get_coordinates(self.to_metres(shapely.linestrings(ends))).reshape(-1, 2, 2)

    def covered(self, points: Geometries) -> np.ndarray:
        """Does a polygon hold the point (metres)?"""
        at, rows = self._near(points)
        held = np.zeros(len(points), bool)
        held[at[shapely.intersects(self.flat(rows), points[at])]] = True
        return held

    def _near(self, shapes: Geometries) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of a shape and a polygon whose boxes meet, as positions."""
        bounds = shapely.bounds(self.to_degrees(shapes)) + np.array([-_MARGIN, -_MARGIN, _MARGIN, _MARGIN])
        return tuple(self.tree.query(shapely.box(*bounds.T)))

    def overlaid(self, overlay: Overlay, shapes: Geometries) -> Iterator[shapely.Geometry]:
        """Each shape (metres) overlaid with what the polygons cover there: their difference or intersection."""
        at, rows = self._near(shapes)
        for shape, first, last in zip(shapes, *_runs(at, len(shapes)), strict=True):
            near = self.flat(rows[first:last])
            crossings.check_pairs(near, np.full(len(near), shape))
            yield self.patience.during(lambda: overlay(shape, shapely.union_all(near)))  # noqa: B023 - it runs at once


def cut(lines: np.ndarray) -> Geometries:
    """Faces between straight lines (n, 2, 2), cut at every crossing."""
    (x, y), (to_x, to_y) = lines[:, 0].T, lines[:, 1].T
    backwards = (x > to_x) | ((x == to_x) & (y > to_y))
    once = np.unique(np.where(backwards[:, None, None], lines[:, ::-1], lines), axis=0)
    crossings.check_lines(once)
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(shapely.linestrings(once)))))


def _runs(ascending: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the run of each number below `count` begins and ends."""
    numbers = np.arange(count)
    return np.searchsorted(ascending, numbers), np.searchsorted(ascending, numbers, side="right")


def _area_of(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def substantial(geometry: shapely.Geometry, tolerance: Tolerance) -> shapely.Geometry | None:
    """The parts of `geometry` that are no hairs, or None."""
    parts = shapely.get_parts(geometry)
    parts = parts[shapely.area(parts) >= tolerance.area_m2]
    kept = parts[_wide(parts, tolerance.width_m)]
    if not len(kept):
        return None
    return kept[0] if len(kept) == 1 else shapely.multipolygons(kept)


def _wide(parts: Geometries, width: float) -> np.ndarray:
    """Is there a place at least `width` wide? The mean width 2A/P answers most; a real gap with a long hair on it has
    a small mean, so those are worn down by half the width to see whether anything is left."""
    wide = 2 * shapely.area(parts) >= width * shapely.length(parts)
    narrow = np.flatnonzero(~wide)
    small = narrow[shapely.get_num_coordinates(parts[narrow]) <= _MAX_ERODED_VERTICES]
    wide[narrow] = True
    wide[small] = ~shapely.is_empty(shapely.buffer(parts[small], -width / 2, quad_segs=1, join_style="mitre"))
    return wide
