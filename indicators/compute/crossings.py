"""Areas of overlap from where boundaries meet, by local formulas; no shape is built.

Green's theorem turns the area of A∩B into a sum over the boundary of A inside B and of B inside A. A stretch of boundary
is inside or outside as a whole between two places where the boundaries meet, so with shoelace sums along each ring
(`Rings.along`) a meeting place needs only its position and which way the boundaries go there:

* a *crossing* of two edges in their middles: one ring comes in, the other goes out;
* a *shared vertex*, usual where farmland lines follow parcel edges: each of the four edges at it is inside the other's
  angle (weight 1), outside (0), or the very same edge: with both interiors on one side each ring takes half (1/2),
  with the interiors on opposite sides none (0).

Ring starts tell what no meeting place tells: whether the ring begins inside. Anything less clear-cut, a vertex on the
middle of an edge or anything within TOLERANCE of it, is left to GEOS by the caller.
"""

from typing import NamedTuple

import numpy as np
import shapely

from indicators.compute.rings import Rings

TOLERANCE = 1e-6
"""metres; coordinates on the plane round at 1e-8"""

CHUNK = 4_096  # pairs of blocks compared at once: 260,000 pairs of edges, some 10 MB


class Pairs(NamedTuple):
    """Pairs (A number `a`, B number `b`) in the order of `key`."""

    a: np.ndarray
    b: np.ndarray
    key: np.ndarray
    width: int

    @classmethod
    def of(cls, a: np.ndarray, b: np.ndarray, width: int) -> "Pairs":
        key = b.astype(np.int64) * width + a
        order = np.argsort(key)
        return cls(a[order], b[order], key[order], width)

    def find(self, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Index of each pair, and whether it is one of ours."""
        key = b.astype(np.int64) * self.width + a
        at = np.minimum(np.searchsorted(self.key, key), max(len(self.key) - 1, 0))
        return at, (self.key[at] == key) if len(self.key) else np.zeros(len(key), bool)


class Side(NamedTuple):
    """A ring's edges meeting edges of the other side: first vertex `v`, ends (x1, y1) and (x2, y2), direction (dx, dy)."""

    v: np.ndarray
    x1: np.ndarray
    y1: np.ndarray
    x2: np.ndarray
    y2: np.ndarray
    dx: np.ndarray
    dy: np.ndarray
    margin: np.ndarray  # TOLERANCE times the length: what a cross product with this edge must exceed

    @classmethod
    def at(cls, rings: Rings, v: np.ndarray) -> "Side":
        x1, y1, x2, y2 = rings.x[v], rings.y[v], rings.x[v + 1], rings.y[v + 1]
        dx, dy = x2 - x1, y2 - y1
        return cls(v, x1, y1, x2, y2, dx, dy, TOLERANCE * np.hypot(dx, dy))

    def take(self, which: np.ndarray) -> "Side":
        return Side(*(column[which] for column in self))

    def left_of(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Cross product: positive where the point is left of the edge, |it| / length = the distance from its line."""
        return self.dx * (y - self.y1) - self.dy * (x - self.x1)


class Meetings(NamedTuple):
    """What was found: contributions to twice the area, shared vertices, and pairs the formulas cannot answer."""

    pair: np.ndarray
    twice_area: np.ndarray
    shared: np.ndarray  # rows (pair, vertex of A, vertex of B)
    unclear: np.ndarray  # pairs


def overlap_areas(a: Rings, b: Rings, pairs: Pairs, shapes_a: np.ndarray, shapes_b: np.ndarray) -> np.ndarray:
    """Area (m²) of every pair's overlap; NaN where GEOS has to answer. `shapes_*` are the (valid) polygons themselves."""
    found = _meetings(a, b, pairs)
    unclear = np.zeros(len(pairs.key), bool)
    unclear[found.unclear] = True
    pair, vertex_a, vertex_b = found.shared.T
    ways_a, ways_b = Ways.at(a, b, vertex_a, vertex_b), Ways.at(b, a, vertex_b, vertex_a)
    unclear[pair[ways_a.odd | ways_b.odd]] = True

    terms = [(found.pair, found.twice_area)]
    for rings, ways, own, others, shapes in (
        (a, ways_a, pairs.a, pairs.b, shapes_b),
        (b, ways_b, pairs.b, pairs.a, shapes_a),
    ):
        terms.append((pair, ways.terms()))
        begun, times = np.unique(pair[ways.at_start] * len(rings.start) + ways.ring[ways.at_start], return_counts=True)
        unclear[begun[times > 1] // max(len(rings.start), 1)] = True  # a ring starts where several others touch
        asked, ring = _other_starts(rings, own, unclear, begun)
        inside = _contains(shapes, others[asked], rings.x[rings.start[ring]], rings.y[rings.start[ring]])
        terms.append((asked[inside], rings.total[ring[inside]]))
    where, twice = (np.concatenate(column) for column in zip(*terms, strict=True))
    area = np.bincount(where, twice, len(unclear)).astype(float) / 2
    area[unclear] = np.nan
    return area


def _meetings(a: Rings, b: Rings, pairs: Pairs) -> Meetings:
    block_b, block_a = shapely.STRtree(a.block_boxes(TOLERANCE)).query(b.block_boxes(TOLERANCE))
    pair, ours = pairs.find(a.geom[a.block_ring[block_a]], b.geom[b.block_ring[block_b]])
    block_a, block_b, pair = block_a[ours], block_b[ours], pair[ours]
    none = np.zeros(0, np.int64)
    found = [Meetings(none, np.zeros(0), np.zeros((0, 3), np.int64), none)]
    for at in range(0, len(pair), CHUNK):
        found.append(_compare(a, b, *_close_edges(a, b, *(ids[at : at + CHUNK] for ids in (block_a, block_b, pair)))))
    return Meetings(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _close_edges(
    a: Rings, b: Rings, block_a: np.ndarray, block_b: np.ndarray, pair: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges of paired blocks whose bounding boxes meet: (pair, edge of A, edge of B)."""
    meet = np.True_
    for values_a, values_b in ((a.block_x[block_a], b.block_x[block_b]), (a.block_y[block_a], b.block_y[block_b])):
        low_a, high_a = np.minimum(values_a[:, 1:], values_a[:, :-1]), np.maximum(values_a[:, 1:], values_a[:, :-1])
        low_b = np.minimum(values_b[:, 1:], values_b[:, :-1]) - TOLERANCE
        high_b = np.maximum(values_b[:, 1:], values_b[:, :-1]) + TOLERANCE
        meet = meet & (low_a[:, :, None] <= high_b[:, None, :]) & (high_a[:, :, None] >= low_b[:, None, :])
    row, nth_a, nth_b = np.nonzero(meet)
    edge_a, edge_b = a.block_first[block_a[row]] + nth_a, b.block_first[block_b[row]] + nth_b
    real = (edge_a < a.last[a.block_ring[block_a[row]]]) & (edge_b < b.last[b.block_ring[block_b[row]]])
    return pair[row[real]], edge_a[real], edge_b[real]


def _compare(a: Rings, b: Rings, pair: np.ndarray, edge_a: np.ndarray, edge_b: np.ndarray) -> Meetings:
    """Sort pairs of close edges: apart, crossing in the middle, meeting at vertices, or unclear."""
    p, q = Side.at(a, edge_a), Side.at(b, edge_b)
    p1, p2 = q.left_of(p.x1, p.y1), q.left_of(p.x2, p.y2)
    near = ~_same_side(p1, p2, q.margin)
    pair, p, q, p1, p2 = pair[near], p.take(near), q.take(near), p1[near], p2[near]
    q1, q2 = p.left_of(q.x1, q.y1), p.left_of(q.x2, q.y2)
    near = ~_same_side(q1, q2, p.margin)
    pair, p, q, p1, p2, q1, q2 = pair[near], p.take(near), q.take(near), p1[near], p2[near], q1[near], q2[near]

    crossing = (np.minimum(abs(p1), abs(p2)) > q.margin) & (np.minimum(abs(q1), abs(q2)) > p.margin)
    touching = ~crossing
    unclear = ~_meet_at_vertices(*(side.take(touching) for side in (p, q)), p1, p2, q1, q2, touching)
    first = touching & (p.x1 == q.x1) & (p.y1 == q.y1)  # each shared vertex starts one edge of either ring
    return Meetings(
        pair=pair[crossing],
        twice_area=_crossing_terms(a, b, p.take(crossing), q.take(crossing), p1[crossing], p2[crossing]),
        shared=np.column_stack([pair[first], p.v[first], q.v[first]]),
        unclear=np.unique(pair[touching][unclear]),
    )


def _same_side(first: np.ndarray, second: np.ndarray, margin: np.ndarray) -> np.ndarray:
    return (np.minimum(first, second) > margin) | (np.maximum(first, second) < -margin)


def _crossing_terms(a: Rings, b: Rings, p: Side, q: Side, p1: np.ndarray, p2: np.ndarray) -> np.ndarray:
    """±(along B - along A) at the crossing: + where A comes into B (from the right of B's edge to its left)."""
    share = p1 / (p1 - p2)
    x, y = p.x1 + share * p.dx, p.y1 + share * p.dy
    along_a = a.along[p.v] + p.x1 * y - x * p.y1
    along_b = b.along[q.v] + q.x1 * y - x * q.y1
    return np.where(p2 > 0, 1.0, -1.0) * (along_b - along_a)


def _meet_at_vertices(
    p: Side, q: Side, p1: np.ndarray, p2: np.ndarray, q1: np.ndarray, q2: np.ndarray, which: np.ndarray
) -> np.ndarray:
    """True where two touching edges are the same edge, or share one end and nothing else."""
    p1, p2, q1, q2 = abs(p1[which]), abs(p2[which]), abs(q1[which]), abs(q2[which])
    ends = {
        (1, 1): (p.x1 == q.x1) & (p.y1 == q.y1),
        (1, 2): (p.x1 == q.x2) & (p.y1 == q.y2),
        (2, 1): (p.x2 == q.x1) & (p.y2 == q.y1),
        (2, 2): (p.x2 == q.x2) & (p.y2 == q.y2),
    }
    count = sum(same.astype(np.int8) for same in ends.values())
    alike = ends[1, 1] & ends[2, 2] | ends[1, 2] & ends[2, 1]
    one_way = np.where(ends[1, 1] | ends[2, 2], 1.0, -1.0) * (p.dx * q.dx + p.dy * q.dy) > 0
    free_p = np.where(ends[1, 1] | ends[1, 2], p2, p1)  # the end of p that is not shared, left of q's line by this
    free_q = np.where(ends[1, 1] | ends[2, 1], q2, q1)
    fold = one_way & ((free_p <= q.margin) | (free_q <= p.margin))
    whole = (p.margin > 0) & (q.margin > 0)
    return whole & ((alike & (count == 2)) | ((count == 1) & ~fold))


Direction = tuple[np.ndarray, np.ndarray]


class Ways(NamedTuple):
    """How far inside the other side the edges of a ring into and out of shared vertices are (0, 1/2 or 1)."""

    came_in: np.ndarray
    went_out: np.ndarray
    along: np.ndarray
    total: np.ndarray
    ring: np.ndarray
    at_start: np.ndarray
    odd: np.ndarray  # the other ring folds back at the vertex: it has no inside there

    @classmethod
    def at(cls, rings: Rings, other: Rings, vertex: np.ndarray, vertex_other: np.ndarray) -> "Ways":
        x, y, ring = rings.x[vertex], rings.y[vertex], rings.ring_of(vertex)
        before, before_other = rings.before(vertex), other.before(vertex_other)
        back = rings.x[before] - x, rings.y[before] - y
        ahead = rings.x[vertex + 1] - x, rings.y[vertex + 1] - y
        other_back = other.x[before_other] - x, other.y[before_other] - y
        other_ahead = other.x[vertex_other + 1] - x, other.y[vertex_other + 1] - y
        folded = other_ahead[0] * other_back[0] + other_ahead[1] * other_back[1] >= 0
        return cls(
            came_in=_weight(back, other_ahead, other_back, same=other_back, opposite=other_ahead),
            went_out=_weight(ahead, other_ahead, other_back, same=other_ahead, opposite=other_back),
            along=rings.along[vertex],
            total=rings.total[ring],
            ring=ring,
            at_start=vertex == rings.start[ring],
            odd=(_cross(other_ahead, other_back) == 0) & folded,
        )

    def terms(self) -> np.ndarray:
        """Contributions to twice the area; a ring that starts here ends here too, all its way round."""
        return self.came_in * np.where(self.at_start, self.total, self.along) - self.went_out * self.along


def _weight(edge: Direction, ahead: Direction, back: Direction, *, same: Direction, opposite: Direction) -> np.ndarray:
    """1 inside the angle from `ahead` counter-clockwise to `back`, 0 outside, 1/2 and 0 on the same edge."""
    left, right = _cross(ahead, edge) > 0, _cross(edge, back) > 0
    inside = np.where(_cross(ahead, back) > 0, left & right, left | right).astype(float)
    inside[(edge[0] == same[0]) & (edge[1] == same[1])] = 0.5
    inside[(edge[0] == opposite[0]) & (edge[1] == opposite[1])] = 0.0
    return inside


def _cross(first: Direction, second: Direction) -> np.ndarray:
    return first[0] * second[1] - first[1] * second[0]


def _other_starts(
    rings: Rings, own: np.ndarray, unclear: np.ndarray, begun: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(pair, ring) of every ring of a clear pair that does not start at a shared vertex."""
    clear = np.flatnonzero(~unclear)
    count = rings.first_ring[own[clear] + 1] - rings.first_ring[own[clear]]
    pair = np.repeat(clear, count)
    ring = np.repeat(rings.first_ring[own[clear]] - np.cumsum(count) + count, count) + np.arange(len(pair))
    fresh = ~np.isin(pair * len(rings.start) + ring, begun)
    return pair[fresh], ring[fresh]


def _contains(shapes: np.ndarray, number: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Whether shapes[number] contain the points: those in the bounding box are asked."""
    west, south, east, north = shapely.bounds(shapes)[number].T
    inside = (west < x) & (x < east) & (south < y) & (y < north)
    asked = shapes[number[inside]]
    shapely.prepare(asked)
    inside[inside] = shapely.contains_xy(asked, x[inside], y[inside])
    return inside
