"""A coverage 无缝无叠: polygons that share every vertex of their common borders, so that no gap and no overlap can be drawn.

All work is done on few polygons at a time, in metres on a grid of 0.01 mm, where lines are cut at each other by snap
rounding. What was stored keeps its coordinates to the last bit; a vertex that is new has nine decimals of a degree.
partition_steps.py changes a coverage, this file holds it. What cannot be done raises Impossible with a reason.
"""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely

from portal.geo import coverage, crs

Geometries = np.ndarray
Key = tuple[int, int]

GRID_M = 1e-5
SNAP_M = 0.01
"""what is drawn nearer than this to a vertex or an edge is meant to be on it"""
_ON_EDGE_M = 2e-4
"""a vertex put on an edge and rounded to nine decimals lies up to 0.08 mm beside it"""
TOLERANCE = coverage.Tolerance()


class Impossible(Exception):
    """A change that would break the coverage; `reason` is a key of planning.drawing_words.REASONS."""

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__(reason, params)
        self.reason, self.params = reason, params


class Plane:
    """Degrees to metres of the place and back. Remembers the degrees of each vertex it has seen: they come back bit by bit."""

    def __init__(self, place: shapely.Geometry) -> None:
        self.local = crs.local_metric_crs(place)
        first = shapely.get_coordinates(crs.transform(np.array([place], object), crs.storage_crs(), self.local))[0]
        self.origin = np.rint(first)
        self.degrees: dict[Key, tuple[float, float]] = {}
        self._seen: list[tuple[np.ndarray, np.ndarray]] = []  # cells of the grid and their degrees

    def metres(self, lonlat: np.ndarray) -> np.ndarray:
        """Vertices in metres on the grid, remembered."""
        cells = np.rint((_carried(lonlat, crs.storage_crs(), self.local) - self.origin) / GRID_M)
        self._seen.append((cells.astype(np.int64), lonlat))
        return cells * GRID_M

    def flat(self, geoms: Geometries) -> Geometries:
        return shapely.transform(shapely.force_2d(geoms), self.metres)

    def lonlat(self, metres: np.ndarray) -> np.ndarray:
        """Vertices in degrees: as they were stored, or nine decimals where they are new."""
        self._recall(np.rint(metres / GRID_M).astype(np.int64))
        cells = keys(metres)
        new = [n for n, cell in enumerate(cells) if cell not in self.degrees]
        if new:
            for n, xy in zip(new, np.round(self.exactly(metres[new]), 9).tolist(), strict=True):
                self.degrees.setdefault(cells[n], tuple(xy))
        return np.array([self.degrees[cell] for cell in cells]).reshape(-1, 2)

    def exactly(self, metres: np.ndarray) -> np.ndarray:
        """Places in degrees, whether they are vertices or not."""
        return _carried(metres + self.origin, self.local, crs.storage_crs())

    def _recall(self, wanted: np.ndarray) -> None:
        """Look up the degrees of these cells only: a step asks for few of the vertices it has seen."""
        mixed = np.unique(_mixed(wanted))
        for cells, lonlat in self._seen:
            at = np.flatnonzero(np.isin(_mixed(cells), mixed))
            for cell, degree in zip(map(tuple, cells[at].tolist()), map(tuple, lonlat[at].tolist()), strict=True):
                self.degrees.setdefault(cell, degree)

    def back(self, geom: shapely.Geometry) -> shapely.MultiPolygon:
        """A polygon in degrees, as it is stored."""
        made = shapely.remove_repeated_points(shapely.transform(geom, self.lonlat))
        return made if made.geom_type == "MultiPolygon" else shapely.MultiPolygon([made])


def _carried(xy: np.ndarray, source: Any, target: Any) -> np.ndarray:
    """Places from one system to another; as one line, because so many points would take ten times as long."""
    line = shapely.LineString(np.concatenate([xy, xy[-1:]]))
    return shapely.get_coordinates(crs.transform(np.array([line], object), source, target))[:-1]


def _mixed(cells: np.ndarray) -> np.ndarray:
    return cells[:, 0] * 1_000_003 ^ cells[:, 1]


def keys(metres: np.ndarray) -> list[Key]:
    """Vertices as whole numbers of the grid."""
    return list(map(tuple, np.rint(metres / GRID_M).astype(np.int64).tolist()))


def ring_arrays(geom: shapely.Geometry) -> list[list[np.ndarray]]:
    """The vertices of each ring, polygon by polygon, the exterior first."""
    return [
        [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)] for part in shapely.get_parts(geom)
    ]


def of_rings(parts: list[list[np.ndarray]]) -> shapely.Geometry:
    """A polygon, or one of several parts, from its rings."""
    polygons = [shapely.Polygon(shell, holes) for shell, *holes in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def parts_of(shapes: Iterable[shapely.Geometry]) -> Geometries:
    """Polygons of a coverage as the connected pieces they form; common borders vanish, vertices stay."""
    united = shapely.coverage_union_all(np.array(list(shapes), object))
    return shapely.orient_polygons(shapely.get_parts(united))


def together(parts: Iterable[shapely.Geometry]) -> shapely.Geometry:
    """Pieces as one geometry."""
    pieces = [piece for part in parts for piece in shapely.get_parts(part)]
    return pieces[0] if len(pieces) == 1 else shapely.MultiPolygon(pieces)


class Board:
    """Some zones of a plan by number, and the outline of the village. Steps fill `changed`: number -> shape, None if gone."""

    def __init__(self, zones: Mapping[int, shapely.Geometry], outline: shapely.Geometry) -> None:
        self.stored = dict(zones)
        self.plane = Plane(outline)
        shapes = np.array(list(zones.values()), dtype=object)
        self.zones: dict[int, shapely.Geometry] = dict(zip(zones, self.plane.flat(shapes), strict=True))
        self.outline = self.plane.flat(np.array([outline], object))[0]
        self.changed: dict[int, shapely.Geometry | None] = {}
        self.parents: dict[int, int] = {}
        self.gained_m2 = 0.0

    def now(self) -> dict[int, shapely.Geometry]:
        """The zones as the step has made them so far, in metres."""
        made = {**self.zones, **self.changed}
        return {number: shape for number, shape in made.items() if shape is not None}

    def near(self, shape: shapely.Geometry, distance: float = SNAP_M) -> list[int]:
        """Numbers of the zones within a distance, ascending."""
        numbers = list(self.zones)
        tree = shapely.STRtree(list(self.zones.values()))
        return sorted(numbers[i] for i in tree.query(shape, predicate="dwithin", distance=distance))

    # --- what is drawn, drawn to what is there

    def corners(self) -> np.ndarray:
        """All vertices of the zones and the outline, once each."""
        return np.unique(shapely.get_coordinates([*self.zones.values(), self.outline]), axis=0)

    def drawn(self, lonlat: np.ndarray, free: frozenset[Key] = frozenset()) -> np.ndarray:
        """Drawn points in metres, on the vertex or else the edge they were meant to be on; `free` vertices draw nothing."""
        points = self.plane.metres(np.round(lonlat, 9))
        corners = self.corners()
        corners = corners[[key not in free for key in keys(corners)]]
        tree = shapely.STRtree(shapely.points(corners))
        at, near = tree.query_nearest(shapely.points(points), max_distance=SNAP_M, all_matches=False)
        points[at] = corners[near]
        loose = np.setdiff1d(np.arange(len(points)), at)
        if len(loose):
            points[loose] = self._on_edges(points[loose], free)
        return points

    def _on_edges(self, points: np.ndarray, free: frozenset[Key]) -> np.ndarray:
        ends = np.concatenate([np.zeros((0, 2, 2)), *(edge_ends(shape) for shape in self.zones.values())])
        if free:
            kept = [a not in free and b not in free for a, b in zip(keys(ends[:, 0]), keys(ends[:, 1]), strict=True)]
            ends = ends[kept]
        lines = shapely.linestrings(np.concatenate([ends, edge_ends(self.outline)]))  # the outline stays where it is
        at, edge = shapely.STRtree(lines).query_nearest(shapely.points(points), max_distance=SNAP_M, all_matches=False)
        target = shapely.line_interpolate_point(
            lines[edge], shapely.line_locate_point(lines[edge], shapely.points(points[at]))
        )
        points[at] = np.rint(shapely.get_coordinates(target).reshape(-1, 2) / GRID_M) * GRID_M
        return points

    def line(self, lonlat: np.ndarray) -> np.ndarray:
        """A drawn line in metres; where it passes a vertex nearer than SNAP_M it goes through it."""
        points = self.drawn(lonlat)
        points = points[np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]]
        corners = self.corners()
        tree = shapely.STRtree(shapely.points(corners))
        made = [points[:1]]
        for one, other in itertools.pairwise(points):
            edge = shapely.LineString([one, other])
            beside = corners[tree.query(edge, predicate="dwithin", distance=SNAP_M)]
            along = shapely.line_locate_point(edge, shapely.points(beside))
            inner = (along > SNAP_M) & (along < edge.length - SNAP_M)
            made += [beside[inner][np.argsort(along[inner])], other[None]]
        return np.concatenate(made)

    # --- cutting and joining

    def faces(
        self, numbers: Iterable[int], drawn: shapely.Geometry | None = None, *, rim: bool = False
    ) -> list[tuple[int | None, shapely.Geometry]]:
        """Faces between the borders of some zones, what is drawn and (`rim`) the outline, each with the zone it lies in.

        Borders are led through what is drawn on them first: a line that only nearly begins on a border would cross it once
        more a step of the grid beside its end.
        """
        numbers = list(numbers)
        shapes = [self.now()[number] for number in numbers]
        points = np.zeros((0, 2)) if drawn is None else shapely.get_coordinates(drawn)
        borders = [shapely.boundary(led_through(shape, points)) for shape in shapes]
        if rim:
            borders.append(shapely.boundary(led_through(self.outline, np.concatenate([self.corners(), points]))))
        noded = shapely.union_all([*borders, drawn], grid_size=GRID_M)
        found = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
        owners: list[int | None] = [None] * len(found)
        if shapes:
            inside, owner = shapely.STRtree(shapes).query(shapely.point_on_surface(found), predicate="intersects")
            for face, at in sorted(zip(inside.tolist(), owner.tolist(), strict=True), reverse=True):
                owners[face] = numbers[at]
        return list(zip(owners, found, strict=True))

    def put(self, number: int, shape: shapely.Geometry | None) -> None:
        """Note the new shape of a zone, unless it is the old one."""
        old = self.zones.get(number)
        if shape is None or old is None or not same(old, shape):
            self.changed[number] = shape
        else:
            self.changed.pop(number, None)

    def share_vertices(self) -> None:
        """Zones beside a changed one get its vertices where these lie on their edges."""
        made = [shape for shape in self.changed.values() if shape is not None]
        if made:
            corners = np.unique(shapely.get_coordinates(made), axis=0)
            for number, shape in self.now().items():
                if (more := with_vertices(shape, corners)) is not None:
                    self.put(number, more)


def same(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """The same rings, wherever they begin."""
    return bool(
        shapely.equals_exact(shapely.normalize(together([one])), shapely.normalize(together([other])), GRID_M / 2)
    )


def edge_ends(shape: shapely.Geometry) -> np.ndarray:
    """Both ends of every edge, as an array (n, 2, 2)."""
    pieces = [np.stack([ring[:-1], ring[1:]], axis=1) for rings in ring_arrays(shape) for ring in rings]
    return np.concatenate(pieces)


def led_through(shape: shapely.Geometry, corners: np.ndarray) -> shapely.Geometry:
    """The polygon with those of the corners that lie on its edges as vertices."""
    more = with_vertices(shape, np.unique(corners, axis=0))
    return shape if more is None else more


def with_vertices(shape: shapely.Geometry, corners: np.ndarray) -> shapely.Geometry | None:
    """The polygon with those of the corners that lie on its edges as vertices; None if it has them all."""
    west, south, east, north = shapely.bounds(shape)
    inside = (corners >= (west - 1, south - 1)).all(axis=1) & (corners <= (east + 1, north + 1)).all(axis=1)
    parts = [[_ring_with(ring, corners[inside]) for ring in rings] for rings in ring_arrays(shape)]
    size = sum(len(ring) for rings in parts for ring in rings)
    return of_rings(parts) if size > shapely.get_num_coordinates(shape) else None


def _ring_with(ring: np.ndarray, corners: np.ndarray) -> np.ndarray:
    own = set(keys(ring))  # a corner of another ring of the same polygon may lie on this one
    points = shapely.points(corners[[key not in own for key in keys(corners)]])
    if not len(points):
        return ring
    edges = shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1))
    edge, at = shapely.STRtree(points).query(edges, predicate="dwithin", distance=_ON_EDGE_M)
    order = np.lexsort((shapely.line_locate_point(edges[edge], points[at]), edge))
    return np.insert(ring, edge[order] + 1, shapely.get_coordinates(points[at[order]]), axis=0)
