"""What an overlay would cost, counted before it is begun.

Its cost is set by the output: two small crossing combs of 1,200 teeth make 1.8 million vertices in 2 GB. So pairs are
counted, likely crossings are counted, and the output is counted as it grows; `TooComplex` ends it, not the kernel.
"""

from collections.abc import Iterator

import numpy as np
import shapely

from portal.geo import edges
from portal.geo.patience import chunks

Geometries = np.ndarray

MAX_CROSSINGS = 200_000
"""likely crossings of one pair"""
_COUNT_FROM = 1_000_000
_CHUNK_PRODUCT = 1_000_000
_STEP = 1_000_000


class TooComplex(ValueError):
    """The polygons cross each other so often that computing it would take too much."""


def check_pairs(polygons: Geometries, others: Geometries) -> None:
    """Raise TooComplex for pairs, side by side, whose overlay could grow beyond all bounds."""
    for pair in np.flatnonzero(_products(polygons, others) > _COUNT_FROM):
        if exceed(polygons[pair], others[pair], MAX_CROSSINGS):
            raise TooComplex


def affordable(polygons: Geometries, others: Geometries) -> Iterator[slice]:
    """Runs of pairs whose worst output fits into memory."""
    yield from chunks(_products(polygons, others), _CHUNK_PRODUCT)


def check_lines(ends: np.ndarray) -> None:
    """Raise TooComplex for straight lines (n, 2, 2) that cross each other too often to be cut at every crossing.

    In a plan a line meets a few others, at its ends.
    """
    if len(ends) ** 2 <= _COUNT_FROM:
        return
    lines = shapely.linestrings(ends)
    if _count(lines, lines, MAX_CROSSINGS + 20 * len(ends)) is None:
        raise TooComplex


def exceed(one: shapely.Geometry, other: shapely.Geometry, limit: int) -> bool:
    """Do more than `limit` pairs of edges have boxes that meet?"""
    first, second = _edges_near(one, other), _edges_near(other, one)
    return len(first) * len(second) > limit and _count(first, second, limit) is None


def _products(polygons: Geometries, others: Geometries) -> np.ndarray:
    return shapely.get_num_coordinates(polygons).astype(np.int64) * shapely.get_num_coordinates(others)


def _count(lines: Geometries, others: Geometries, limit: int) -> int | None:
    """Pairs whose boxes meet, counted piecewise and given up (None) as soon as they are more than `limit`."""
    tree = shapely.STRtree(others)
    step, count = max(1, _STEP // len(others)), 0
    for start in range(0, len(lines), step):
        count += tree.query(lines[start : start + step]).shape[1]
        if count > limit:
            return None
    return count


def _edges_near(geometry: shapely.Geometry, other: shapely.Geometry) -> Geometries:
    """Edges of `geometry`, as two-point lines, whose boxes meet the box of `other`."""
    ends = edges.ends(geometry)
    west, south, east, north = shapely.bounds(other)
    low, high = ends.min(axis=1), ends.max(axis=1)
    near = (low[:, 0] <= east) & (high[:, 0] >= west) & (low[:, 1] <= north) & (high[:, 1] >= south)
    return shapely.linestrings(ends[near])
