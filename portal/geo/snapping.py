"""Vertices of neighbouring polygons drawn together 捕捉, so that gaps and overlaps below a tolerance vanish.

Only polygons near edges without a partner take part. Vertices become one another's exact coordinates, never new ones
(but where one is drawn onto the outline), so that the edges fit bit by bit afterwards.
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import shapely

from portal.geo import crs, edges
from portal.geo.patience import Patience

Geometries = np.ndarray
_OUTLINE = -1
_SAME_M = 1e-5
"""nearer than this to an edge is on it"""
_MAX_ROUNDS = 5


class Snapped(NamedTuple):
    """Positions of polygons that changed, the polygons they became, and how far each one's outline moved at most."""

    rows: np.ndarray
    shapes: Geometries
    moved_m: list[float]


def snapped(polygons: Geometries, tolerance_m: float, outline: shapely.Geometry | None, patience: Patience) -> Snapped:
    """Valid lon/lat polygons snapped to each other and to the outline, which stays."""
    return _Snap(polygons, tolerance_m, outline, patience).run()


class _Snap:
    """Places are the distinct vertices; every ring is a list of numbers of places, and that is what changes."""

    def __init__(
        self, polygons: Geometries, tolerance_m: float, outline: shapely.Geometry | None, patience: Patience
    ) -> None:
        self.polygons, self.tolerance, self.patience = polygons, tolerance_m, patience
        self.local = crs.local_metric_crs(polygons if outline is None else outline)
        self.rows = _involved(polygons, tolerance_m, patience)
        shapes = [edges.rings(polygons[[row]]) for row in self.rows]
        lines = [line for shape in shapes for line in edges.split(shape)]
        rim = np.zeros((0, 2, 2)) if outline is None else edges.ends(outline)
        every = np.concatenate([*lines, rim[:, 0], np.zeros((0, 2))])
        self.lonlat, number = np.unique(every, axis=0, return_inverse=True)
        number = number.ravel()
        self.metres = self.flat(self.lonlat)
        cuts = np.cumsum([len(line) for line in lines])
        numbered = [run.tolist() for run in np.split(number, cuts)]
        self.fixed = set(numbered.pop())
        self.rim = self.flat(rim.reshape(-1, 2)).reshape(-1, 2, 2)
        self.shapes = dict(zip(self.rows.tolist(), shapes, strict=True))
        self.lines: dict[int, list[list[int]]] = {}
        for row, shape in self.shapes.items():
            self.lines[row], numbered = numbered[: len(shape.size)], numbered[len(shape.size) :]
        self.owners: dict[int, set[int]] = defaultdict(set)
        for row, some in self.lines.items():
            patience()
            for place in {place for line in some for place in line}:
                self.owners[place].add(row)
        for place in self.fixed:
            self.owners[place].add(_OUTLINE)
        self.moved: dict[int, float] = {}

    def flat(self, lonlat: np.ndarray) -> np.ndarray:
        points = crs.transform(shapely.points(lonlat), crs.storage_crs(), self.local)
        return shapely.get_coordinates(points).reshape(-1, 2)

    def run(self) -> Snapped:
        if not len(self.rows):
            return Snapped(self.rows, np.empty(0, object), [])
        self.draw_together()
        if len(self.rim):
            self.draw_to_rim()
        for _ in range(_MAX_ROUNDS):  # a vertex added bends an edge, which may bring another vertex near
            if not self.add_missing():
                break
        rows, shapes = [], []
        for row in sorted(self.moved):
            self.patience()
            made = edges.joined(self.polygons[row], self.shapes[row], [self.lonlat[line] for line in self.lines[row]])
            if made is not None:
                rows.append(row)
                shapes.append(made)
        made = np.empty(len(shapes), dtype=object)
        made[:] = shapes
        return Snapped(np.array(rows, dtype=np.int64), made, [self.moved[row] for row in rows])

    def draw_together(self) -> None:
        """Places within the tolerance of one another become one: that of the outline first, then that of most polygons.

        Two places of one polygon are never made one: that would take a detail, not a gap. A place that is kept is
        further than the tolerance from all others kept, or shares a polygon with them: so a second run does nothing.
        """
        points = shapely.points(self.metres)
        one, other = self.near(points, points)
        near: dict[int, list[int]] = defaultdict(list)
        for a, b in zip(one[one != other].tolist(), other[one != other].tolist(), strict=True):
            near[a].append(b)
        becomes: dict[int, int] = {}
        for kept in sorted(near, key=lambda at: (at not in self.fixed, -len(self.owners[at]), at)):
            if kept in becomes:
                continue
            becomes[kept] = kept
            self.patience()
            for place in sorted(near[kept], key=lambda at: (self.distance(at, kept), at)):
                if place in becomes or place in self.fixed or self.owners[place] & self.owners[kept]:
                    continue
                becomes[place] = kept
                for row in self.owners[place] - {_OUTLINE}:
                    self.note(row, self.distance(place, kept))
                self.owners[kept] |= self.owners.pop(place)
        for row, some in self.lines.items():
            self.lines[row] = [[becomes.get(place, place) for place in line] for line in some]

    def draw_to_rim(self) -> None:
        """Places near an edge of the outline, and near none of its vertices, are drawn onto the edge."""
        places = np.array([at for at in self.owners if _OUTLINE not in self.owners[at]], dtype=np.int64)
        lines = shapely.linestrings(self.rim)
        points = shapely.points(self.metres[places])
        at, edge = self.near(points, lines)
        away = shapely.distance(points[at], lines[edge])
        order = np.lexsort((away, at))
        at, edge, away = at[order], edge[order], away[order]
        first = np.r_[True, at[1:] != at[:-1]][: len(at)] & (away > _SAME_M)
        if not first.any():
            return
        at, edge, away = at[first], edge[first], away[first]
        target = shapely.line_interpolate_point(lines[edge], shapely.line_locate_point(lines[edge], points[at]))
        self.metres[places[at]] = shapely.get_coordinates(target)
        self.lonlat[places[at]] = shapely.get_coordinates(crs.transform(target, self.local, crs.storage_crs()))
        for place, distance in zip(places[at].tolist(), away.tolist(), strict=True):
            for row in self.owners[place]:
                self.note(row, distance)

    def add_missing(self) -> bool:
        """Where a place lies within the tolerance of an edge of a polygon that does not know it, the edge gets it as a
        vertex (T-junction). Answers whether there was any."""
        where = [
            (row, n, i) for row, some in self.lines.items() for n, line in enumerate(some) for i in range(len(line) - 1)
        ]
        ends = np.array([self.lines[row][n][i : i + 2] for row, n, i in where])
        lines = shapely.linestrings(self.metres[ends])
        places = np.array(sorted(self.owners), dtype=np.int64)
        points = shapely.points(self.metres[places])
        edge, at = self.near(lines, points)
        unknown = np.array(
            [where[e][0] not in self.owners[int(place)] for e, place in zip(edge, places[at], strict=True)], dtype=bool
        )
        edge, at = edge[unknown], at[unknown]
        along = shapely.line_locate_point(lines[edge], points[at])
        inside = (along > _SAME_M) & (along < shapely.length(lines[edge]) - _SAME_M)
        away = shapely.distance(lines[edge], points[at])
        added: dict[tuple[int, int], list[tuple[int, float, int]]] = defaultdict(list)
        for n in np.flatnonzero(inside)[np.lexsort((at[inside], away[inside]))]:
            row, line, i = where[edge[n]]
            place = int(places[at[n]])
            if row in self.owners[place]:  # a nearer edge of the same polygon has it by now
                continue
            self.owners[place].add(row)
            added[row, line].append((i, float(along[n]), place))
            self.note(row, float(away[n]))
        for (row, line), some in added.items():
            for i, _, place in sorted(some, reverse=True):
                self.lines[row][line].insert(i + 1, place)
        return bool(added)

    def near(self, shapes: Geometries, others: Geometries) -> np.ndarray:
        """Pairs of positions that lie within the tolerance of each other."""
        return self.patience.during(
            lambda: shapely.STRtree(others).query(shapes, predicate="dwithin", distance=self.tolerance)
        )

    def distance(self, one: int, other: int) -> float:
        return float(np.hypot(*(self.metres[one] - self.metres[other])))

    def note(self, row: int, distance: float) -> None:
        self.moved[row] = max(self.moved.get(row, 0.0), distance)


def _involved(polygons: Geometries, tolerance_m: float, patience: Patience) -> np.ndarray:
    """Polygons within the tolerance of an edge that has no partner."""
    loose = edges.loose(polygons, patience)
    margin = (
        2 * tolerance_m / 111_000 / max(0.1, np.cos(np.radians(np.abs(shapely.total_bounds(polygons)[[1, 3]]).max())))
    )
    bounds = np.column_stack([loose.ends.min(axis=1) - margin, loose.ends.max(axis=1) + margin])
    near = shapely.STRtree(polygons).query(shapely.box(*bounds.T))[1]
    return np.unique(near)
