"""The plane shape of one entity of a DXF drawing. What has none, or is left out on purpose, gives None."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely

from portal.geo import arcs
from portal.geo.outlines import Outlines

_IN_WORLD = {b"POINT", b"LINE", b"ELLIPSE"}
"""drawn in world coordinates, whatever their extrusion"""
_MOST_LOOPS = 2000
"""of one hatch: who lies in whom is found by comparing each with each"""


@dataclass
class Entity:
    kind: bytes
    pairs: list[tuple[int, bytes]]
    vertices: list["Entity"] = field(default_factory=list)
    """of an old-style POLYLINE"""

    def first(self, code: int) -> bytes:
        for found, value in self.pairs:
            if found == code:
                return value
        return b""

    def texts(self) -> Iterator[bytes]:
        return (value for code, value in self.pairs if code in (1, 3, 1000))

    def number(self, code: int, default: float = 0.0) -> float:
        text = self.first(code)
        return float(text) if text else default

    def flag(self, code: int, bit: int) -> bool:
        return bool(int(self.first(code) or 0) & bit)

    def xy(self, x: int = 10) -> np.ndarray:
        return np.array([self.number(x), self.number(x + 10)])


def shape(entity: Entity, outlines: Outlines) -> bytes | None:
    """WKB of an entity, with the notes and faults of its layer. Its numbers come as texts that may be none."""
    make = _SHAPES.get(entity.kind)
    try:
        if make is None or (entity.kind not in _IN_WORLD and abs(entity.number(230, 1.0)) != 1):
            return None  # unknown, or drawn on another plane than the ground's
        if entity.number(30) or entity.number(38) or any(vertex.number(30) for vertex in entity.vertices):
            outlines.note("z_dropped")
        return make(entity, outlines)
    except (ValueError, OverflowError) as error:
        raise outlines.refusal("dxf_numbers") from error


def _mirrored(entity: Entity, xy: np.ndarray) -> np.ndarray:
    """An entity drawn from below (extrusion 0, 0, -1) has its x axis turned round."""
    return xy * (-1.0, 1.0) if entity.number(230, 1.0) == -1 else xy


def _point(entity: Entity, outlines: Outlines) -> bytes:
    return outlines.point(entity.xy() if entity.kind == b"POINT" else _mirrored(entity, entity.xy()))


def _line(entity: Entity, outlines: Outlines) -> bytes:
    return outlines.line(np.array([entity.xy(10), entity.xy(11)]))


def _light_polyline(entity: Entity, outlines: Outlines) -> bytes | None:
    corners: list[list[float]] = []
    for code, value in entity.pairs:
        if code == 10:
            corners.append([float(value), 0.0, 0.0])
        elif code in (20, 42) and corners:
            corners[-1][1 if code == 20 else 2] = float(value)
    return _outline(entity, corners, outlines)


def _polyline(entity: Entity, outlines: Outlines) -> bytes | None:
    if entity.flag(70, 16) or entity.flag(70, 64):  # meshes are surfaces in space
        return None
    drawn = [vertex for vertex in entity.vertices if not vertex.flag(70, 16)]  # 16: only steers a spline
    return _outline(entity, [[*vertex.xy(), vertex.number(42)] for vertex in drawn], outlines)


def _outline(entity: Entity, corners: list[list[float]], outlines: Outlines) -> bytes | None:
    """A polygon if it is closed, by its flag or by ending where it starts; else a line. Two corners make no polygon."""
    outlines.count(len(corners))
    made = np.array(corners, dtype="<f8").reshape(-1, 3)
    xy, bulges = made[:, :2], made[:, 2]
    closed = entity.flag(70, 1)
    if len(xy) > 1 and (xy[0] == xy[-1]).all():
        closed, xy, bulges = True, xy[:-1], bulges[:-1]
    if len(xy) < 2:
        return None
    xy = _mirrored(
        entity, _bent(xy, bulges, closed, outlines) if bulges.any() else np.vstack([xy, xy[:1]]) if closed else xy
    )
    return outlines.polygon([xy]) if closed and len(xy) > 3 else outlines.line(xy)


def _bent(xy: np.ndarray, bulges: np.ndarray, closed: bool, outlines: Outlines) -> np.ndarray:
    outlines.note("curves_linearised")
    return arcs.bulged(outlines.finite(xy), outlines.finite(bulges), closed=closed)


def _circle(entity: Entity, outlines: Outlines) -> bytes:
    outlines.note("curves_linearised")
    return outlines.polygon([_mirrored(entity, arcs.circle(entity.xy(), entity.number(40)))])


def _arc(entity: Entity, outlines: Outlines) -> bytes:
    outlines.note("curves_linearised")
    start, sweep = _angles(entity.number(50), entity.number(51), True)
    return outlines.line(_mirrored(entity, arcs.circle(entity.xy(), entity.number(40), start, sweep)))


def _angles(start: float, end: float, counter_clockwise: bool) -> tuple[float, float]:
    """Degrees of a circular arc as start and sweep in radians. Hatches count clockwise arcs from below."""
    sweep = (end - start) % 360 or 360.0
    return (np.radians(start), np.radians(sweep)) if counter_clockwise else (np.radians(-start), -np.radians(sweep))


def _ellipse(entity: Entity, outlines: Outlines) -> bytes:
    outlines.note("curves_linearised")
    start, end = entity.number(41), entity.number(42, 2 * np.pi)
    sweep = (end - start) % (2 * np.pi)
    whole = sweep < 1e-9 or sweep > 2 * np.pi - 1e-9
    xy = _elliptic(entity.xy(10), entity.xy(11), entity.number(40), start, 2 * np.pi if whole else sweep)
    if not whole:
        return outlines.line(xy)
    xy[-1] = xy[0]
    return outlines.polygon([xy])


def _elliptic(middle: np.ndarray, major: np.ndarray, ratio: float, start: float, sweep: float) -> np.ndarray:
    return arcs.along(middle, major, ratio * np.array([-major[1], major[0]]), start, sweep)


def _hatch(entity: Entity, outlines: Outlines) -> bytes | None:
    loops = list(_Boundary(entity, outlines).loops())
    if not loops or any(loop is None for loop in loops) or len(loops) > _MOST_LOOPS:
        return None
    outlines.count(sum(map(len, loops)))
    rings = [_mirrored(entity, outlines.finite(loop)) for loop in loops if len(loop) > 3]
    return outlines.multiple([outlines.polygon(group) for group in _nested(rings)])


def _nested(rings: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Outlines with their holes: a ring inside an odd number of others is a hole of the smallest of them."""
    shapes = [shapely.Polygon(ring) for ring in rings]
    inside = [shapely.Point(ring[0]) for ring in rings]
    order = sorted(range(len(rings)), key=lambda n: -shapes[n].area)
    groups: dict[int, list[np.ndarray]] = {}
    for place, number in enumerate(order):
        around = [other for other in order[:place] if shapely.intersects(shapes[other], inside[number])]
        if len(around) % 2 == 0 or around[-1] not in groups:
            groups[number] = [rings[number]]
        else:
            groups[around[-1]].append(rings[number])
    return list(groups.values())


class _Boundary:
    """The boundary paths of a HATCH, whose group codes mean something only in their order."""

    def __init__(self, entity: Entity, outlines: Outlines) -> None:
        start = next((at for at, (code, _) in enumerate(entity.pairs) if code == 91), len(entity.pairs))
        self.pairs = iter(entity.pairs[start:])
        self.outlines = outlines

    def take(self, code: int) -> float:
        """The value of the next pair of that code."""
        for found, value in self.pairs:
            if found == code:
                return float(value)
        raise ValueError("the entity ends before")

    def loops(self) -> Iterator[np.ndarray | None]:
        for _ in range(int(self.take(91))):
            flags = int(self.take(92))
            yield self.polyline() if flags & 2 else self.edges()

    def polyline(self) -> np.ndarray:
        bent, _closed, count = self.take(72), self.take(73), int(self.take(93))
        corners = [[self.take(10), self.take(20), self.take(42) if bent else 0.0] for _ in range(count)]
        made = np.array(corners, dtype="<f8").reshape(-1, 3)
        xy, bulges = made[:, :2], made[:, 2]
        if len(xy) > 1 and (xy[0] == xy[-1]).all():
            xy, bulges = xy[:-1], bulges[:-1]
        return _bent(xy, bulges, True, self.outlines) if bulges.any() else np.vstack([xy, xy[:1]])

    def edges(self) -> np.ndarray | None:
        """None if a spline is among them: where it runs is not guessed."""
        pieces = []
        for _ in range(int(self.take(93))):
            piece = self.edge(int(self.take(72)))
            if piece is None:
                return None
            pieces.append(piece)
        if not pieces:
            return np.empty((0, 2))
        xy = np.vstack(_head_to_tail(pieces))
        xy = xy[np.r_[True, (xy[1:] != xy[:-1]).any(axis=1)]]
        gap = float(np.hypot(*(xy[0] - xy[-1])))
        if gap <= 1e-6 * max(1.0, float(np.ptp(xy))):
            xy[-1] = xy[0]
            return xy
        return np.vstack([xy, xy[:1]])

    def edge(self, kind: int) -> np.ndarray | None:
        if kind == 1:
            return np.array([[self.take(10), self.take(20)], [self.take(11), self.take(21)]])
        if kind not in (2, 3):
            return None
        self.outlines.note("curves_linearised")
        middle = np.array([self.take(10), self.take(20)])
        if kind == 2:
            radius, start, end = self.take(40), self.take(50), self.take(51)
            return arcs.circle(middle, radius, *_angles(start, end, bool(self.take(73))))
        major, ratio = np.array([self.take(11), self.take(21)]), self.take(40)
        start, sweep = _angles(self.take(50), self.take(51), bool(self.take(73)))
        return _elliptic(middle, major, ratio, start, sweep)


def _head_to_tail(pieces: list[np.ndarray]) -> list[np.ndarray]:
    """Edges may be drawn in either direction: each is turned so that it goes on where the one before ended."""
    first, *others = pieces
    if others and _distance(first[0], others[0]) < _distance(first[-1], others[0]):
        first = first[::-1]
    made = [first]
    for piece in others:
        end = made[-1][-1]
        made.append(piece[::-1] if np.hypot(*(piece[-1] - end)) < np.hypot(*(piece[0] - end)) else piece)
    return made


def _distance(end: np.ndarray, piece: np.ndarray) -> float:
    return min(float(np.hypot(*(piece[0] - end))), float(np.hypot(*(piece[-1] - end))))


_SHAPES: dict[bytes, Callable[[Entity, Outlines], bytes | None]] = {
    b"POINT": _point, b"TEXT": _point, b"MTEXT": _point, b"INSERT": _point, b"LINE": _line, b"LWPOLYLINE": _light_polyline,
    b"POLYLINE": _polyline, b"CIRCLE": _circle, b"ARC": _arc, b"ELLIPSE": _ellipse, b"HATCH": _hatch,
}  # fmt: skip
