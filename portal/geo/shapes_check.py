"""Faults of single shapes, all features at once: parts, repeated vertices, sharp angles, and the same shape twice."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from portal.geo import crs, edges

Geometries = np.ndarray
_NEAR_DEGREES = 1e-6
"""less than this is looked at in metres"""
_PIECE_VERTICES = 1_000_000


class Corner(NamedTuple):
    """A corner of a feature: its position among the features, its place, and the angle between its two edges."""

    row: int
    lonlat: np.ndarray
    degrees: float


def part_counts(geoms: Geometries) -> np.ndarray:
    """Parts 部分 of multipart features; 1 for all others, missing ones included."""
    return np.maximum(shapely.get_num_geometries(geoms), 1)


def repeated_vertices(found: edges.Rings, tolerance_m: float) -> np.ndarray:
    """Positions in `found.xy` of vertices that lie on the one before them. The vertex that closes a ring is none."""
    step = np.abs(np.diff(found.xy, axis=0))
    close = (step < _NEAR_DEGREES).all(axis=1)
    close[found.start[1:] - 1] = False  # from one ring to the next
    at = np.flatnonzero(close)
    pairs = np.stack([found.xy[at], found.xy[at + 1]], axis=1).reshape(-1, 2)
    length = np.hypot(*crs.steps_m(pairs))[::2] if len(pairs) else np.zeros(0)
    return at[length <= tolerance_m] + 1


def sharp_corners(found: edges.Rings, degrees: float, tolerance_m: float) -> list[Corner]:
    """Corners where the outline turns back on itself at less than `degrees`. Steps within the tolerance do not count
    as edges, else every repeated vertex would be a corner."""
    corners = [corner for piece in _pieces(found) for corner in _sharp(piece, degrees, tolerance_m)]
    return sorted(corners, key=lambda corner: corner.row)


def _pieces(found: edges.Rings) -> Iterator[edges.Rings]:
    """The rings a million vertices at a time: a county's ten millions at once took a gigabyte."""
    group = found.start // _PIECE_VERTICES
    cuts = np.flatnonzero(np.diff(group, prepend=-1, append=-1))
    for a, b in pairwise(cuts.tolist()):
        begin, end = int(found.start[a]), int(found.start[b - 1] + found.size[b - 1])
        yield edges.Rings(
            found.xy[begin:end], found.start[a:b] - begin, found.size[a:b], found.owner[a:b], found.hole[a:b]
        )


def _sharp(found: edges.Rings, degrees: float, tolerance_m: float) -> list[Corner]:
    east, north = (np.r_[step, 0.0] for step in crs.steps_m(found.xy))
    ring = np.repeat(np.arange(len(found.size)), found.size)
    edge = np.hypot(east, north) > tolerance_m
    edge[found.start + found.size - 1] = False
    at = np.flatnonzero(edge)
    if not len(at):
        return []
    first = np.r_[True, ring[at][1:] != ring[at][:-1]]
    before = np.r_[0, np.arange(len(at) - 1)]
    last = np.r_[np.flatnonzero(first)[1:], len(at)] - 1
    before[first] = last  # a ring's first edge follows its last
    came_e, came_n, goes_e, goes_n = -east[at[before]], -north[at[before]], east[at], north[at]
    along = came_e * goes_e + came_n * goes_n
    aside = np.abs(came_e * goes_n - came_n * goes_e)
    sharp = np.flatnonzero((along > 0) & (aside < np.tan(np.radians(degrees)) * along))
    angle = np.degrees(np.arctan2(aside[sharp], along[sharp]))
    rows, places = found.owner[ring[at[sharp]]], found.xy[at[sharp]]
    return [Corner(int(rows[n]), places[n], float(angle[n])) for n in range(len(sharp))]


def same_shapes(geoms: Geometries) -> list[tuple[int, int]]:
    """Positions of features and of the first feature of the same shape; where a ring begins, which way it runs and the
    order of parts do not matter, vertices agree to the XY tolerance."""
    rows = np.flatnonzero(~(shapely.is_missing(geoms) | shapely.is_empty(geoms)))
    if len(rows) < 2:
        return []
    middle = np.rint(shapely.bounds(geoms[rows]) / (1000 * edges.UNIT))
    alike = _alike(np.column_stack([middle, shapely.get_num_coordinates(geoms[rows])]))
    rows = rows[alike]
    rounded = shapely.transform(geoms[rows], lambda xy: np.rint(xy / edges.UNIT))
    first: dict[bytes, int] = {}
    found = []
    for row, text in zip(rows.tolist(), shapely.to_wkb(shapely.normalize(rounded)), strict=True):
        earlier = first.setdefault(text, row)
        if earlier != row:
            found.append((row, earlier))
    return found


def _alike(keys: np.ndarray) -> np.ndarray:
    """Positions, ascending, of rows of `keys` that occur more than once."""
    _, group, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    return np.flatnonzero(count[group.ravel()] > 1)
