"""Do polygons tile a place: overlaps, gaps and pieces outside, in metres, with the cost bounded beforehand.

Overlay cost is set by the output: two small crossing combs of 1,200 teeth make 1.8 million vertices in 2 GB. So pairs
are counted, likely crossings are counted, and the output is counted as it grows; `TooComplex` ends it, not the kernel.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

Geometries = np.ndarray

MAX_PAIRS = 2_000_000
MAX_VERTICES_READ = 100_000_000
"""vertices of both sides summed over all pairs"""
MAX_PIECES = 100_000
"""pieces of shared area of all pairs, hairs included; combs make one for each pair of teeth, 10,000 in a second"""
MAX_CROSSINGS = 200_000
"""likely crossings of one pair"""
_CHUNK_PRODUCT = 1_000_000
_COUNT_CROSSINGS_FROM = 1_000_000
_MAX_ERODED_VERTICES = 5_000


class TooComplex(ValueError):
    """The polygons cross each other so often that computing it would take too much."""


@dataclass(frozen=True)
class Tolerance:
    """A shared border projected twice leaves hairs of a few millimetres; a piece counts if it is neither thinner than
    `width_m` everywhere nor smaller than `area_m2`."""

    width_m: float = 0.01
    area_m2: float = 0.01


class Neighbours(NamedTuple):
    """Pairs of polygons (positions, smaller first) that may overlap, and whether all of them fit edge to edge."""

    left: np.ndarray
    right: np.ndarray
    tiled: bool


def neighbours(polygons: Geometries) -> Neighbours:
    """Pairs that need a closer look: those of a polygon with an edge inside another or beside an edge not quite its own.

    Whoever overlaps another has such an edge, or the other has (shapely's coverage check). What would take too long to
    compute raises TooComplex before it is begun.
    """
    left, right = _pairs(polygons)
    _bound(polygons, left, right)
    misfit = ~shapely.is_empty(shapely.coverage_invalid_edges(polygons))
    look = misfit[left] | misfit[right]
    return Neighbours(left[look], right[look], not misfit.any())


def overlaps(
    polygons: Geometries, tolerance: Tolerance, near: Neighbours | None = None
) -> list[tuple[int, int, shapely.Geometry]]:
    """Pairs of positions (smaller first) with the area they share."""
    left, right, _ = near or neighbours(polygons)
    found: list[tuple[int, int, shapely.Geometry]] = []
    made = 0
    for some in _chunks(polygons, left, right):
        shared = shapely.intersection(polygons[left[some]], polygons[right[some]])
        area = shapely.area(shared)
        made += int(shapely.get_num_geometries(shared[area > 0]).sum())
        if made > MAX_PIECES:
            raise TooComplex
        for position in np.flatnonzero(area >= tolerance.area_m2):
            piece = substantial(shared[position], tolerance)
            if piece is not None:
                found.append((int(left[some][position]), int(right[some][position]), piece))
    return found


def gaps(
    outline: shapely.Geometry, polygons: Geometries, tolerance: Tolerance, *, tiled: bool = False
) -> list[shapely.Geometry]:
    """Pieces of `outline` that no polygon covers, each by itself. Call `overlaps` first: it bounds what a union makes.

    `tiled` polygons (neighbours() says so) are united by their shared edges, sixteen times as fast.
    """
    _check_crossings(polygons, outline)
    covered = shapely.coverage_union_all(polygons) if tiled else shapely.union_all(polygons)
    missing = shapely.difference(outline, covered)
    return [piece for part in shapely.get_parts(missing) if (piece := substantial(part, tolerance)) is not None]


def outside(
    polygons: Geometries, outline: shapely.Geometry, tolerance: Tolerance
) -> list[tuple[int, shapely.Geometry]]:
    """Positions of polygons that leave `outline`, with the part that does."""
    shapely.prepare(outline)
    leaving = np.flatnonzero(~shapely.covers(outline, polygons))
    _check_crossings(polygons[leaving], outline)
    beyond = shapely.difference(polygons[leaving], outline)
    pieces = ((int(position), substantial(part, tolerance)) for position, part in zip(leaving, beyond, strict=True))
    return [(position, piece) for position, piece in pieces if piece is not None]


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


def _pairs(polygons: Geometries) -> tuple[np.ndarray, np.ndarray]:
    """Pairs whose boxes meet, found piecewise: stacked polygons make n² of them."""
    tree = shapely.STRtree(polygons)
    step = max(1, MAX_PAIRS // max(1, len(polygons)))
    lefts, rights, total = [np.empty(0, int)], [np.empty(0, int)], 0
    for start in range(0, len(polygons), step):
        left, right = tree.query(polygons[start : start + step])
        later = right > left + start
        lefts.append(left[later] + start)
        rights.append(right[later])
        total += int(later.sum())
        if total > MAX_PAIRS:
            raise TooComplex
    return np.concatenate(lefts), np.concatenate(rights)


def _bound(polygons: Geometries, left: np.ndarray, right: np.ndarray) -> None:
    sizes = shapely.get_num_coordinates(polygons).astype(np.int64)
    if int((sizes[left] + sizes[right]).sum()) > MAX_VERTICES_READ:
        raise TooComplex
    for pair in np.flatnonzero(sizes[left] * sizes[right] > _COUNT_CROSSINGS_FROM):
        if crossings_exceed(polygons[left[pair]], polygons[right[pair]], MAX_CROSSINGS):
            raise TooComplex


def _chunks(polygons: Geometries, left: np.ndarray, right: np.ndarray) -> Iterator[slice]:
    """Runs of pairs whose worst output fits into memory."""
    sizes = shapely.get_num_coordinates(polygons).astype(np.int64)
    product = sizes[left] * sizes[right]
    group = np.minimum(product, _CHUNK_PRODUCT).cumsum() // _CHUNK_PRODUCT
    edges = np.flatnonzero(np.diff(group, prepend=-1, append=-1)) if len(group) else []
    yield from (slice(int(a), int(b)) for a, b in pairwise(edges))


def _check_crossings(polygons: Geometries, outline: shapely.Geometry) -> None:
    corners = shapely.get_num_coordinates(outline)
    many = shapely.get_num_coordinates(polygons).astype(np.int64) * corners > _COUNT_CROSSINGS_FROM
    if any(crossings_exceed(polygon, outline, MAX_CROSSINGS) for polygon in polygons[many]):
        raise TooComplex


def crossings_exceed(one: shapely.Geometry, other: shapely.Geometry, limit: int) -> bool:
    """Do more than `limit` pairs of edges have boxes that meet? Counted piecewise and given up as soon as it is known."""
    first, second = _edges_near(one, other), _edges_near(other, one)
    if len(first) * len(second) <= limit:
        return False
    tree = shapely.STRtree(second)
    step, count = max(1, 1_000_000 // len(second)), 0
    for start in range(0, len(first), step):
        count += tree.query(first[start : start + step]).shape[1]
        if count > limit:
            return True
    return False


def _edges_near(geometry: shapely.Geometry, other: shapely.Geometry) -> Geometries:
    """Edges of `geometry`, as two-point lines, whose boxes meet the box of `other`."""
    rings = shapely.get_rings(shapely.get_parts(geometry))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    edges = np.stack([xy[:-1], xy[1:]], axis=1)[ring[:-1] == ring[1:]]
    west, south, east, north = shapely.bounds(other)
    low, high = edges.min(axis=1), edges.max(axis=1)
    near = (low[:, 0] <= east) & (high[:, 0] >= west) & (low[:, 1] <= north) & (high[:, 1] >= south)
    return shapely.linestrings(edges[near])
