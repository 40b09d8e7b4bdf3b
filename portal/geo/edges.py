"""Edges of polygons, and which of them have no partner: the cheap first look at a tiling.

In a perfect tiling every inner edge occurs twice, once in each direction, because both neighbours store the same two
vertices. Whatever overlaps, leaves a gap or ends somewhere has an edge for which that is not so; coverage.py takes
such edges as places to look at and proves or clears them exactly.
"""

from typing import NamedTuple

import numpy as np
import shapely

from portal.geo.patience import Patience, chunks

Geometries = np.ndarray

UNIT = 1e-10
"""degrees, 0.01 mm: vertices that agree to it are one, so that the last digits of two computations do not matter"""
_SLICE = 250_000
_ROUND = 1.5 * 2**52  # adding it leaves the rounded number in the low bits of the double
_MIX = [np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93)]
_ONE, _HALF, _THIRD = np.uint64(1), np.uint64(32), np.uint64(29)


class Loose(NamedTuple):
    """Edges that do not occur exactly once in each direction: position of their polygon (ascending), both ends rounded
    to UNIT (only so do they close to rings), and how many edges there are in all."""

    owner: np.ndarray
    ends: np.ndarray
    total: int


class Rings(NamedTuple):
    """Every ring of some polygons: its vertices one after another, where it starts, whose it is, whether it is a hole."""

    xy: np.ndarray
    start: np.ndarray
    size: np.ndarray
    owner: np.ndarray
    hole: np.ndarray


def rings(polygons: Geometries) -> Rings:
    """Polygons of one ring are read as they stand: to make rings of them first would take twice as long."""
    simple = (shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON) & (
        shapely.get_num_interior_rings(polygons) == 0
    )
    rest = np.flatnonzero(~simple)
    parts, of_rest = shapely.get_parts(polygons[rest], return_index=True)
    lines, part = shapely.get_rings(parts, return_index=True)
    hole = np.r_[False, part[1:] == part[:-1]][: len(part)]  # the exterior comes first in each polygon
    alone = np.flatnonzero(simple)
    shapes = np.concatenate([polygons[alone], lines])
    owner = np.concatenate([alone, rest[of_rest[part]]]).astype(np.int64)
    size = shapely.get_num_coordinates(shapes).astype(np.int64)
    full = size > 0
    return Rings(
        shapely.get_coordinates(shapes),
        (np.cumsum(size) - size)[full],
        size[full],
        owner[full],
        np.concatenate([np.zeros(len(alone), bool), hole])[full],
    )


def split(found: Rings) -> list[np.ndarray]:
    """The vertices of each ring by itself."""
    return np.split(found.xy, found.start[1:])


def joined(like: shapely.Geometry, found: Rings, lines: list[np.ndarray]) -> shapely.Geometry | None:
    """Other vertices for the rings of one feature; None if it would not be valid then."""
    if any(len(line) < 4 for line in lines):
        return None
    parts: list[list[np.ndarray]] = []
    for line, hole in zip(lines, found.hole, strict=True):
        if hole:
            parts[-1].append(line)
        else:
            parts.append([line])
    polygons = [shapely.Polygon(shell, holes) for shell, *holes in parts]
    made = polygons[0] if like.geom_type == "Polygon" else shapely.MultiPolygon(polygons)
    return made if made.is_valid else None


def ends(polygon: shapely.Geometry) -> np.ndarray:
    """Both ends of every edge, as an array (n, 2, 2)."""
    found = rings(np.array([polygon], dtype=object))
    inner = np.ones(len(found.xy), bool)
    inner[found.start + found.size - 1] = False
    at = np.flatnonzero(inner)
    return np.stack([found.xy[at], found.xy[at + 1]], axis=1)


def loose(polygons: Geometries, patience: Patience | None = None) -> Loose:
    """Edges without exactly one partner in the other direction. The polygons are valid and in degrees.

    Two edges are told apart by 63 bits of a hash of their ends: one false match in 10 million edges has odds of 1e-5.
    """
    patience = patience or Patience()
    found = rings(polygons)
    keys = np.empty(len(found.xy), np.uint64)
    for some in chunks(found.size, _SLICE):
        first, last = int(found.start[some.start]), int(found.start[some.stop - 1] + found.size[some.stop - 1])
        keys[first:last] = _keys(found.xy[first:last], found.start[some] - first, found.size[some], found.hole[some])
        patience()
    at = _positions(keys, patience)
    ring = np.searchsorted(found.start, at, side="right") - 1
    order = np.argsort(found.owner[ring], kind="stable")
    at, ring = at[order], ring[order]
    both = rounded(np.stack([found.xy[at], found.xy[at + 1]], axis=1))
    return Loose(found.owner[ring], both, len(keys) - len(found.size))


def rounded(lonlat: np.ndarray) -> np.ndarray:
    return np.rint(lonlat / UNIT) * UNIT


def _keys(xy: np.ndarray, start: np.ndarray, size: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """A number for the edge that begins at each vertex: the same in both directions but for its last bit. No edge is 0."""
    vertex = _hashed(xy)
    here, there = vertex[:-1], vertex[1:]
    keys = np.zeros(len(xy), np.uint64)
    keys[:-1] = here + there
    keys *= _MIX[0]
    keys &= ~_ONE
    backwards = np.repeat(_clockwise(xy, start, size) != hole, size)[:-1]
    keys[:-1] |= ((here < there) ^ backwards).astype(np.uint64)
    keys[:-1][here == there] = 0
    keys[start + size - 1] = 0  # a ring's last vertex begins no edge
    return keys


def _hashed(xy: np.ndarray) -> np.ndarray:
    whole = (xy / UNIT + _ROUND).view(np.uint64)
    mixed = whole[:, 0] * _MIX[0]
    mixed ^= mixed >> _HALF
    mixed ^= whole[:, 1]
    for factor in _MIX[1:]:
        mixed *= factor
        mixed ^= mixed >> _THIRD
    return mixed


def _clockwise(xy: np.ndarray, start: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Per ring, from the sign of its area."""
    x, y = (xy - xy[0]).T
    turn = np.zeros(len(x))
    turn[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    turn[start + size - 1] = 0
    return np.add.reduceat(turn, start) < 0


def _positions(keys: np.ndarray, patience: Patience) -> np.ndarray:
    """Where in `keys` stands one that does not occur exactly twice, once with each last bit."""
    ordered = patience.during(lambda: np.sort(keys))
    ordered = ordered[np.searchsorted(ordered, _ONE) :]
    same = np.zeros(len(ordered) + 1, bool)  # same[i]: number i is the edge of number i - 1
    same[1:-1] = ordered[1:] >> _ONE == ordered[:-1] >> _ONE
    pair = same[1:-1] & ~same[:-2] & ~same[2:] & (ordered[1:] != ordered[:-1]) if len(ordered) > 1 else same[1:-1]
    odd = np.ones(len(ordered), bool)
    odd[:-1][pair] = False
    odd[1:][pair] = False
    wanted = np.unique(ordered[odd])
    # A table of the leading bits clears most keys before the exact look-up.
    maybe = np.zeros(1 << 20, bool)
    maybe[wanted >> np.uint64(44)] = True
    at = np.flatnonzero(maybe[keys >> np.uint64(44)])
    return at[np.isin(keys[at], wanted)]
