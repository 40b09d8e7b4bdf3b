"""Coverages for small scales: borders that neighbours share stay shared, land of one class grows together, specks go to a neighbour.

Pure geometry in EPSG:3857. Work is done in blocks of near shapes, so that time and memory of a step do not grow with the county.
"""

from collections.abc import Iterator

import numpy as np
import shapely

from portal.geo.tiles import WORLD

SHOWN = 512
"""pixels on which a browser shows a tile"""
MOST = 20_000
"""shapes in a block: some two seconds of work"""
SPECKS = {12: 1.0, 11: 4.0, 10: 4.0, 9: 8.0, 8: 12.0}
"""by zoom: what covers fewer square pixels than this goes to a neighbour"""


def pixel(z: int) -> float:
    """Metres of EPSG:3857 that a pixel spans where tiles of zoom `z` are shown."""
    return WORLD / 2**z / SHOWN


def blocks(x: np.ndarray, y: np.ndarray, most: int = MOST) -> Iterator[np.ndarray]:
    """Positions of the points (x, y), halved across their longer side until no block has more than `most`."""

    def halve(here: np.ndarray) -> Iterator[np.ndarray]:
        if len(here) <= most:
            yield here
            return
        along = x[here] if np.ptp(x[here]) > np.ptp(y[here]) else y[here]
        order, middle = np.argsort(along, kind="stable"), len(here) // 2
        yield from halve(here[order[:middle]])
        yield from halve(here[order[middle:]])

    if len(x):
        yield from halve(np.arange(len(x)))


def simplify(shapes: np.ndarray, z: int, *, whole: bool = False, times: float = 1.0) -> np.ndarray:
    """The coverage without corners that stick out by less than a pixel; its outer border is kept unless it is the `whole`.

    A block keeps its border, because its neighbours are simplified without it.
    """
    return shapely.coverage_simplify(shapes, times * pixel(z), simplify_boundary=whole)


def dissolve(shapes: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Polygons of one class that touch become one; every polygon stands alone afterwards."""
    known = np.unique(codes)
    united = [_united(shapes[codes == code]) for code in known]
    return np.concatenate(united), np.repeat(known, [len(u) for u in united])


def _united(shapes: np.ndarray) -> np.ndarray:
    try:
        union = shapely.coverage_union_all(shapes)
        sound = bool(shapely.is_valid(union)) and abs(union.area - shapely.area(shapes).sum()) <= 1e-3 * union.area
    except shapely.GEOSException:
        sound = False
    if not sound:  # not a coverage after all: zones of a plan may overlap by what the rules tolerate
        union = shapely.unary_union(shapely.make_valid(shapes))
    parts = shapely.get_parts(shapely.get_parts(union))
    return parts[shapely.get_dimensions(parts) == 2]


def absorb(shapes: np.ndarray, codes: np.ndarray, z: int, times: float = 1.0) -> np.ndarray:
    """Codes in which what is smaller than a speck has the class of the neighbour it shares the longest border with.

    So small land leaves no hole in the picture; what has no larger neighbour keeps its class.
    """
    small = shapely.area(shapes) < SPECKS.get(z, 1.0) * (times * pixel(z)) ** 2
    first, second, metres = borders(shapes)
    from_, to = np.concatenate([first, second]), np.concatenate([second, first])
    wanted = small[from_] & ~small[to]
    from_, to, metres = from_[wanted], to[wanted], np.concatenate([metres, metres])[wanted]
    pairs, where = np.unique(from_ * len(shapes) + to, return_inverse=True)
    shared = np.bincount(where, weights=metres, minlength=len(pairs))
    order = np.argsort(shared, kind="stable")  # the longest comes last, and what is written last stays
    taken = codes.copy()
    taken[pairs[order] // len(shapes)] = codes[pairs[order] % len(shapes)]
    return taken


def borders(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges that two shapes share: positions of both, and the length of the edge in m."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[:-1] == ring[1:]
    start, end, of = points[:-1][inside], points[1:][inside], owner[part[ring[:-1][inside]]]
    back = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(back[:, None], end, start), np.where(back[:, None], start, end)
    marks = _marks(np.hstack([low, high]))
    order = np.argsort(marks, kind="stable")
    twins = np.flatnonzero(marks[order][:-1] == marks[order][1:])
    first, second = order[twins], order[twins + 1]
    other = of[first] != of[second]
    first, second = first[other], second[other]
    return of[first], of[second], np.hypot(*(end[first] - start[first]).T)


def _marks(edges: np.ndarray) -> np.ndarray:
    """A number for each row of coordinates that is the same for the same row."""
    words = np.ascontiguousarray(edges + 0.0).view(np.uint64)  # + 0.0: a negative zero is zero
    marks = np.zeros(len(words), np.uint64)
    for column in words.T:
        marks = (marks ^ (column >> np.uint64(29)) ^ column) * np.uint64(0x9E3779B97F4A7C15)
    return marks


def coarser(shapes: np.ndarray, codes: np.ndarray, z: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The next level of a dissolved coverage, a block at a time: specks absorbed, classes grown together, borders simplified."""
    box = shapely.bounds(shapes)
    groups = list(blocks(box[:, 0] + box[:, 2], box[:, 1] + box[:, 3]))
    for group in groups:
        there, classes = dissolve(shapes[group], absorb(shapes[group], codes[group], z))
        yield simplify(there, z, whole=len(groups) == 1), classes
