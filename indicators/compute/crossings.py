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

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import shapely

from indicators.compute.edges import EdgeSet, Pairs, boxes
from indicators.compute.rings import BLOCK, Rings, runs

TOLERANCE = 1e-6
"""metres; coordinates on the plane round at 1e-8"""

CHUNK = 8_192  # pairs of blocks compared at once: 520,000 pairs of edges, some 10 MB
NO_ANGLE = 1e-9  # full turns; two edges that close cannot be told apart
NODE_PAIRS = 1_000_000  # at most this many pairs of nodes are found at once


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


class Shared(NamedTuple):
    """Vertices that both rings have: vertex and ring of either side."""

    pair: np.ndarray
    vertex_a: np.ndarray
    vertex_b: np.ndarray
    ring_a: np.ndarray
    ring_b: np.ndarray


class Meetings(NamedTuple):
    """What was found: twice the area that crossings contribute to each pair, shared vertices, and pairs the formulas
    cannot answer."""

    twice_area: np.ndarray
    unclear: np.ndarray
    shared: Shared


class Blocks(NamedTuple):
    """Pairs of blocks whose boxes meet, each of a pair of polygons."""

    a: np.ndarray
    b: np.ndarray
    pair: np.ndarray


def overlap_areas(a: EdgeSet, b: EdgeSet, pairs: Pairs, blocks: Iterable[Blocks]) -> np.ndarray:
    """Area (m²) of every pair's overlap, given all their `close_blocks`; NaN where GEOS has to answer.

    The polygons must be valid.
    """
    twice, unclear, shared = _meetings(a.rings, b.rings, pairs, blocks)
    sides = _ways(a.rings, b.rings, shared)
    for way in sides:
        unclear[way.pair[way.odd]] = True
    for (one, other, own, others), way in zip(((a, b, pairs.a, pairs.b), (b, a, pairs.b, pairs.a)), sides, strict=True):
        rings = one.rings
        twice += np.bincount(way.pair, way.terms(), len(twice))
        begun, whole, vague = _begun(way, len(rings.start))
        at, ring = begun // max(len(rings.start), 1), begun % max(len(rings.start), 1)
        twice -= np.bincount(at, whole * rings.total[ring], len(twice))
        unclear[at[vague]] = True
        asked, ring = _other_starts(rings, own, unclear, begun)
        inside = _contains(other, others[asked], rings.x[rings.start[ring]], rings.y[rings.start[ring]])
        twice += np.bincount(asked[inside], rings.total[ring[inside]], len(twice))
    return np.where(unclear, np.nan, twice / 2)


def close_blocks(a: EdgeSet, b: EdgeSet, pairs: Pairs) -> Iterator[Blocks]:
    """Blocks of paired polygons whose boxes meet, in portions that fit into memory whatever the polygons are."""
    one, other = a.rings, b.rings
    wide = boxes(other.node_box, TOLERANCE)
    step = max(64, NODE_PAIRS // max(len(one.node_ring), 1))
    for start in range(0, len(wide), step):
        node_b, node_a = a.node_tree.query(wide[start : start + step])
        node_b += start
        pair, ours = pairs.find(one.geom[one.node_ring[node_a]], other.geom[other.node_ring[node_b]])
        node_a, node_b, pair = node_a[ours], node_b[ours], pair[ours]
        for at in range(0, len(pair), CHUNK):
            yield _opened_nodes(one, other, *(ids[at : at + CHUNK] for ids in (node_a, node_b, pair)))


def _opened_nodes(one: Rings, other: Rings, node_a: np.ndarray, node_b: np.ndarray, pair: np.ndarray) -> Blocks:
    row, block_b = _opened(other.node_first, node_b)
    near = _boxes_meet(one.node_box[node_a[row]], other.block_box[block_b])
    row, block_b = row[near], block_b[near]
    again, block_a = _opened(one.node_first, node_a[row])
    row, block_b = row[again], block_b[again]
    near = _boxes_meet(one.block_box[block_a], other.block_box[block_b])
    found = block_a[near], block_b[near], pair[row[near]]
    return Blocks(*(ids.astype(np.int32) for ids in found))  # half the memory; the county has a million blocks


def _opened(first: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The members of each: (position in `which`, member), given where the members of each begin."""
    size = first[which + 1] - first[which]
    return np.repeat(np.arange(len(which)), size), runs(first[which], size)


def _boxes_meet(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Side by side, within TOLERANCE."""
    low, high = np.maximum(one[:, :2], other[:, :2]), np.minimum(one[:, 2:], other[:, 2:])
    return (low <= high + TOLERANCE).all(axis=1)


def _meetings(a: Rings, b: Rings, pairs: Pairs, blocks: Iterable[Blocks]) -> Meetings:
    twice, unclear = np.zeros(len(pairs.key)), np.zeros(len(pairs.key), bool)
    shared = [Shared(*(np.zeros(0, np.int64) for _ in Shared._fields))]
    for close, pair in close_edges(a, b, blocks):
        shared.append(_compare(a, b, close, pair, twice, unclear))
    return Meetings(twice, unclear, Shared(*(np.concatenate(column) for column in zip(*shared, strict=True))))


class Close(NamedTuple):
    """Pairs of edges that may meet: row of the pair of blocks, edges and rings of either side."""

    row: np.ndarray
    edge_a: np.ndarray
    edge_b: np.ndarray
    ring_a: np.ndarray
    ring_b: np.ndarray


def close_edges(a: Rings, b: Rings, blocks: Iterable[Blocks]) -> Iterator[tuple[Close, np.ndarray]]:
    """Edges whose boxes meet and the pair of each, in portions."""
    for portion in blocks:
        for at in range(0, len(portion.pair), CHUNK):
            part = Blocks(*(ids[at : at + CHUNK] for ids in portion))
            close = _close_edges(a, b, part.a, part.b)
            yield close, part.pair[close.row]


def _close_edges(a: Rings, b: Rings, block_a: np.ndarray, block_b: np.ndarray) -> Close:
    """Edges of paired blocks whose bounding boxes meet: those that reach the other block's box, each with each."""
    reach_a, low_a, high_a = _reaching(a, block_a, b.block_box[block_b])
    reach_b, low_b, high_b = _reaching(b, block_b, a.block_box[block_a])
    row, nth_a, nth_b = np.nonzero(reach_a[:, :, None] & reach_b[:, None, :])
    at_a, at_b = row * BLOCK + nth_a, row * BLOCK + nth_b
    near = np.True_
    for axis in (0, 1):
        near = near & (low_a[axis].ravel()[at_a] <= high_b[axis].ravel()[at_b] + TOLERANCE)
        near &= low_b[axis].ravel()[at_b] <= high_a[axis].ravel()[at_a] + TOLERANCE
    row, nth_a, nth_b = row[near], nth_a[near], nth_b[near]
    block_a, block_b = block_a[row], block_b[row]
    edges = a.block_first[block_a] + nth_a, b.block_first[block_b] + nth_b
    return Close(row, *edges, a.block_ring[block_a], b.block_ring[block_b])


def _reaching(
    rings: Rings, block: np.ndarray, box: np.ndarray
) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Which edges of each block reach a box, and the lows and highs of all of them in x and y."""
    reach = np.arange(BLOCK) < rings.block_size(block)[:, None]
    lows, highs = [], []
    for values, low, high in zip(rings.block_edges(block), box.T[:2], box.T[2:], strict=True):
        lows.append(np.minimum(values[:, 1:], values[:, :-1]))
        highs.append(np.maximum(values[:, 1:], values[:, :-1]))
        reach &= (lows[-1] <= high[:, None] + TOLERANCE) & (highs[-1] >= low[:, None] - TOLERANCE)
    return reach, lows, highs


def _compare(a: Rings, b: Rings, close: Close, pair: np.ndarray, twice: np.ndarray, unclear: np.ndarray) -> Shared:
    """Sort pairs of close edges: apart, crossing in the middle (added to `twice`), meeting at vertices, or unclear."""
    p, q = Side.at(a, close.edge_a), Side.at(b, close.edge_b)
    p1, p2 = q.left_of(p.x1, p.y1), q.left_of(p.x2, p.y2)
    near = ~_same_side(p1, p2, q.margin)
    close, p, q, pair = Close(*(c[near] for c in close)), p.take(near), q.take(near), pair[near]
    p1, p2 = p1[near], p2[near]
    q1, q2 = p.left_of(q.x1, q.y1), p.left_of(q.x2, q.y2)
    near = ~_same_side(q1, q2, p.margin)
    close, p, q, pair = Close(*(c[near] for c in close)), p.take(near), q.take(near), pair[near]
    p1, p2, q1, q2 = p1[near], p2[near], q1[near], q2[near]

    crossing = (np.minimum(abs(p1), abs(p2)) > q.margin) & (np.minimum(abs(q1), abs(q2)) > p.margin)
    terms = _crossing_terms(a, b, p.take(crossing), q.take(crossing), p1[crossing], p2[crossing])
    np.add.at(twice, pair[crossing], terms)
    touching = ~crossing
    clear = _meet_at_vertices(*(side.take(touching) for side in (p, q)), p1, p2, q1, q2, touching)
    unclear[pair[touching][~clear]] = True
    first = touching & (p.x1 == q.x1) & (p.y1 == q.y1)  # each shared vertex starts one edge of either ring
    return _that_count(a, b, Shared(pair[first], p.v[first], q.v[first], close.ring_a[first], close.ring_b[first]))


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

    pair: np.ndarray
    came_in: np.ndarray
    went_out: np.ndarray
    along: np.ndarray
    total: np.ndarray
    ring: np.ndarray
    at_start: np.ndarray
    turn: np.ndarray  # the other ring's inner angle at the vertex, in full turns
    odd: np.ndarray  # the other ring folds back at the vertex: it has no inside there

    def terms(self) -> np.ndarray:
        """Contributions to twice the area; a ring that starts here ends here too, all its way round."""
        return self.came_in * np.where(self.at_start, self.total, self.along) - self.went_out * self.along


def _that_count(a: Rings, b: Rings, shared: Shared) -> Shared:
    """Shared vertices without those through which both rings run along each other: what comes in there goes out again,
    so that of a shared stretch only its two ends count, and a ring that starts on it."""
    start = (shared.vertex_a == a.start[shared.ring_a]) | (shared.vertex_b == b.start[shared.ring_b])
    back_a, back_b = a.before(shared.vertex_a, shared.ring_a), b.before(shared.vertex_b, shared.ring_b)
    same_way = _same(a, b, back_a, back_b) & _same(a, b, shared.vertex_a + 1, shared.vertex_b + 1)
    other_way = _same(a, b, back_a, shared.vertex_b + 1) & _same(a, b, shared.vertex_a + 1, back_b)
    counts = start | ~(same_way | other_way)
    return Shared(*(column[counts] for column in shared))


def _ways(a: Rings, b: Rings, shared: Shared) -> tuple[Ways, Ways]:
    """Both rings at the vertices they share."""
    ends_a, ends_b = Ends.at(a, shared.vertex_a, shared.ring_a), Ends.at(b, shared.vertex_b, shared.ring_b)
    return (
        _ways_of(a, shared.pair, shared.vertex_a, shared.ring_a, ends_a, ends_b),
        _ways_of(b, shared.pair, shared.vertex_b, shared.ring_b, ends_b, ends_a),
    )


def _begun(ways: Ways, rings: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rings that start at a shared vertex, as pair · rings + ring; how much too often they count as inside; the vague ones.

    Where the other polygon passes through the vertex several times, its shells and parts leave disjoint angles and its
    holes overlapping ones. Inside is what lies in one angle more than there are full turns in their sum.
    """
    begun, group = np.unique(ways.pair[ways.at_start] * rings + ways.ring[ways.at_start], return_inverse=True)
    turns = np.bincount(group, ways.turn[ways.at_start], len(begun))
    return begun, np.floor(turns), np.abs(turns - np.round(turns)) < NO_ANGLE


def _same(a: Rings, b: Rings, vertex_a: np.ndarray, vertex_b: np.ndarray) -> np.ndarray:
    return (a.x[vertex_a] == b.x[vertex_b]) & (a.y[vertex_a] == b.y[vertex_b])


class Ends(NamedTuple):
    """The two edges at a vertex, as directions away from it: back along the ring, and ahead."""

    back: Direction
    ahead: Direction

    @classmethod
    def at(cls, rings: Rings, vertex: np.ndarray, ring: np.ndarray) -> "Ends":
        x, y = rings.x[vertex], rings.y[vertex]
        beside = rings.before(vertex, ring), vertex + 1
        return cls(*((rings.x[other] - x, rings.y[other] - y) for other in beside))


def _ways_of(rings: Rings, pair: np.ndarray, vertex: np.ndarray, ring: np.ndarray, own: Ends, other: Ends) -> Ways:
    folded = _dot(other.ahead, other.back) >= 0
    return Ways(
        pair=pair,
        came_in=_weight(own.back, other.ahead, other.back, same=other.back, opposite=other.ahead),
        went_out=_weight(own.ahead, other.ahead, other.back, same=other.ahead, opposite=other.back),
        along=rings.along[vertex],
        total=rings.total[ring],
        ring=ring,
        at_start=vertex == rings.start[ring],
        turn=np.arctan2(_cross(other.ahead, other.back), _dot(other.ahead, other.back)) / (2 * np.pi) % 1,
        odd=(_cross(other.ahead, other.back) == 0) & folded,
    )


def _weight(edge: Direction, ahead: Direction, back: Direction, *, same: Direction, opposite: Direction) -> np.ndarray:
    """1 inside the angle from `ahead` counter-clockwise to `back`, 0 outside, 1/2 and 0 on the same edge."""
    left, right = _cross(ahead, edge) > 0, _cross(edge, back) > 0
    inside = np.where(_cross(ahead, back) > 0, left & right, left | right).astype(float)
    inside[(edge[0] == same[0]) & (edge[1] == same[1])] = 0.5
    inside[(edge[0] == opposite[0]) & (edge[1] == opposite[1])] = 0.0
    return inside


def _dot(first: Direction, second: Direction) -> np.ndarray:
    return first[0] * second[0] + first[1] * second[1]


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


def _contains(edges: EdgeSet, number: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Whether polygons `number` contain the points: those in the bounding box are asked."""
    west, south, east, north = edges.boxes[number].T
    inside = (west < x) & (x < east) & (south < y) & (y < north)
    shapes = edges.flat(number[inside])
    shapely.prepare(shapes)
    inside[inside] = shapely.contains_xy(shapes, x[inside], y[inside])
    return inside
