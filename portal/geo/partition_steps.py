"""Steps on a coverage: place, split, merge, move, insert, remove, fill. Each changes a Board; partition_check.settled judges it."""

from collections.abc import Callable, Iterable

import numpy as np
import shapely

from portal.geo.coverage import substantial
from portal.geo.partition import (
    SNAP_M,
    TOLERANCE,
    Board,
    Impossible,
    Key,
    keys,
    of_rings,
    parts_of,
    ring_arrays,
    together,
    with_vertices,
)

Numbers = Callable[[], int]
"""gives a number that no zone ever had"""


def place(board: Board, polygon: shapely.Polygon, numbers: Numbers) -> int:
    """A new zone cut out of what lies beneath, clipped to the outline; answers its number."""
    rings = [board.line(shapely.get_coordinates(ring)) for ring in (polygon.exterior, *polygon.interiors)]
    if any(len(ring) < 4 for ring in rings):
        raise Impossible("too_small")
    drawn = shapely.Polygon(rings[0], rings[1:])
    if not drawn.is_valid:
        raise Impossible("drawn_crosses_itself")
    beneath = board.near(drawn)
    beyond = not shapely.covers(board.outline, drawn)
    shapely.prepare(drawn)
    shapely.prepare(board.outline)
    mine: list[shapely.Geometry] = []
    rest: dict[int, list[shapely.Geometry]] = {number: [] for number in beneath}
    for owner, face in board.faces(beneath, shapely.boundary(drawn), rim=beyond):
        point = shapely.point_on_surface(face)
        if shapely.intersects(drawn, point) and (owner is not None or shapely.intersects(board.outline, point)):
            mine.append(face)
        elif owner is not None:
            rest[owner].append(face)
    if not any(substantial(face, TOLERANCE) for face in mine):
        raise Impossible("outside_village")
    number = numbers()
    for old, faces in rest.items():
        kept = parts_of(faces) if faces else []
        for hair in [part for part in kept if substantial(part, TOLERANCE) is None]:
            mine.append(hair)
        _keep(board, old, [part for part in kept if substantial(part, TOLERANCE) is not None], numbers)
    board.put(number, together(parts_of(mine)))
    return number


def _keep(board: Board, number: int, parts: list[shapely.Geometry], numbers: Numbers) -> None:
    """What is left of a zone: of each part that fell apart the largest piece stays with it, the others are new zones."""
    if not parts:
        board.put(number, None)
        return
    old = shapely.get_parts(board.zones[number])
    pieces: dict[int, list[shapely.Geometry]] = {}
    for part in parts:
        at = int(np.argmin(shapely.distance(old, shapely.point_on_surface(part))))
        pieces.setdefault(at, []).append(part)
    stay = []
    for some in pieces.values():
        largest, *others = sorted(some, key=shapely.area, reverse=True)
        stay.append(largest)
        for part in others:
            new = numbers()
            board.parents[new] = number
            board.put(new, part)
    board.put(number, together(stay))


def split(board: Board, number: int, line: shapely.LineString, numbers: Numbers) -> list[int]:
    """Cut a zone along a line; the larger part keeps the number. Answers the numbers of all parts."""
    shape = the_zone(board, number)
    points = board.line(shapely.get_coordinates(line))
    if len(points) < 2:
        raise Impossible("does_not_cross", zone=number)
    drawn = shapely.LineString(points)
    found = [face for owner, face in board.faces([number], drawn) if owner == number]
    parts = [face for face in found if substantial(face, TOLERANCE) is not None]
    hairs = [face for face in found if substantial(face, TOLERANCE) is None]
    if len(parts) <= len(shapely.get_parts(shape)):
        raise Impossible("does_not_cross", zone=number)
    for hair in hairs:
        at = next((n for n, part in enumerate(parts) if len(parts_of([part, hair])) == 1), 0)
        parts[at] = together(parts_of([parts[at], hair]))
    before = set(board.changed)
    _keep(board, number, list(shapely.orient_polygons(np.array(parts, object))), numbers)
    return [number, *sorted(set(board.changed) - before - {number})]


def the_zone(board: Board, number: int) -> shapely.Geometry:
    shape = board.zones.get(number)
    if shape is None:
        raise Impossible("no_zone", zone=number)
    return shape


def merge(board: Board, wanted: Iterable[int], into: int) -> None:
    """Several zones become one; they must hang together."""
    wanted = sorted({*wanted, into})
    shapes = [the_zone(board, number) for number in wanted]
    faces = board.faces(wanted)
    # what no zone had between them is a hair, or a hole that stays one
    parts = parts_of(face for owner, face in faces if owner is not None or substantial(face, TOLERANCE) is None)
    count = sum(len(shapely.get_parts(shape)) for shape in shapes)
    if len(parts) > count - (len(wanted) - 1):
        raise Impossible("apart", zones=wanted)
    for number in wanted:
        board.put(number, together(parts) if number == into else None)


def neighbour(board: Board, number: int) -> int:
    """The zone with the longest common border."""
    border = shapely.boundary(the_zone(board, number))
    others = [n for n in board.near(board.zones[number]) if n != number]
    lengths = {n: shapely.intersection(border, shapely.boundary(board.zones[n])).length for n in others}
    best = max(lengths, key=lambda n: (lengths[n], -n), default=None)
    if best is None or not lengths[best]:
        raise Impossible("no_neighbour", zone=number)
    return best


def fill(board: Board, numbers: Numbers) -> list[int]:
    """Land without a zone becomes zones, one for each piece. The board must hold all zones of the village."""
    covered = shapely.union_all(list(board.zones.values()))
    empty = substantial(shapely.difference(board.outline, covered), TOLERANCE)
    if empty is None:
        raise Impossible("nothing_to_fill")
    beside = board.near(empty)
    faces = board.faces(beside, rim=True)
    inside = shapely.buffer(empty, -TOLERANCE.width_m / 4, quad_segs=1, join_style="mitre")
    shapely.prepare(inside)
    free = [face for owner, face in faces if owner is None and shapely.intersects(inside, face)]
    made = []
    for part in parts_of(free):
        if substantial(part, TOLERANCE) is not None:
            made.append(numbers())
            board.put(made[-1], part)
    return made


# --- vertices


def vertices(board: Board, lonlat: np.ndarray) -> np.ndarray:
    """The vertices at these places, in metres."""
    corners = np.unique(shapely.get_coordinates(list(board.zones.values())), axis=0)
    if not len(corners):
        raise Impossible("no_corner")
    points = shapely.points(board.plane.metres(np.round(lonlat, 9)))
    at, near = shapely.STRtree(shapely.points(corners)).query_nearest(points, max_distance=SNAP_M, all_matches=False)
    if len(at) < len(points):
        raise Impossible("no_corner")
    return corners[near]


def move(board: Board, moves: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
    """Move vertices in all zones that have them."""
    pairs = list(moves)
    sources = vertices(board, np.array([source for source, _to in pairs]))
    free = frozenset(keys(sources))
    targets = board.drawn(np.array([to for _source, to in pairs]), free)
    _everywhere_on_edges(board, sources)
    becomes = dict(zip(keys(sources), targets, strict=True))
    _redraw(board, lambda ring: _moved(ring, becomes))


def _everywhere_on_edges(board: Board, corners: np.ndarray) -> None:
    """Zones whose edge one of the vertices lies on get it, so that it moves in them too."""
    for number, shape in board.now().items():
        if (more := with_vertices(shape, corners)) is not None:
            board.put(number, more)


def _moved(ring: np.ndarray, becomes: dict[Key, np.ndarray]) -> np.ndarray:
    return np.array([becomes.get(key, xy) for key, xy in zip(keys(ring), ring, strict=True)])


def _redraw(board: Board, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Apply a change to every ring of every zone. A ring that has no area left goes; a zone without rings may not."""
    for number, shape in board.now().items():
        parts, touched = [], False
        for rings in ring_arrays(shape):
            made = [_closed(change(ring)) for ring in rings]
            touched = touched or any(len(a) != len(b) or (a != b).any() for a, b in zip(rings, made, strict=True))
            if len(made[0]) < 4:
                raise Impossible("vanishes", zone=number)
            parts.append([made[0], *(ring for ring in made[1:] if len(ring) >= 4)])
        if touched:
            board.put(number, of_rings(parts))


def _closed(ring: np.ndarray) -> np.ndarray:
    """The ring without vertices said twice, its last one its first."""
    if not len(ring):
        return ring
    if (ring[0] != ring[-1]).any():
        ring = np.concatenate([ring, ring[:1]])
    return ring[np.r_[True, (np.diff(ring, axis=0) != 0).any(axis=1)]]


def insert(board: Board, edge: np.ndarray, to: np.ndarray) -> None:
    """A new vertex on an edge, in all zones that share the edge."""
    one, other = keys(vertices(board, edge))
    target = board.drawn(to[None])[0]
    if keys(target[None])[0] in (one, other):
        raise Impossible("on_a_corner")
    found = False

    def change(ring: np.ndarray) -> np.ndarray:
        nonlocal found
        at = keys(ring)
        places = [n + 1 for n in range(len(at) - 1) if {at[n], at[n + 1]} == {one, other}]
        found = found or bool(places)
        return np.insert(ring, places, target, axis=0) if places else ring

    _redraw(board, change)
    if not found:
        raise Impossible("no_edge")


def remove(board: Board, lonlat: np.ndarray) -> None:
    """Take vertices out of all zones that have them; where three borders meet there is a corner that must stay."""
    gone = set(keys(vertices(board, lonlat)))
    beside: dict[Key, set[Key]] = {key: set() for key in gone}
    for shape in board.zones.values():
        for rings in ring_arrays(shape):
            for ring in rings:
                at = keys(ring[:-1])
                for n, key in enumerate(at):
                    if key in gone:
                        beside[key] |= {at[n - 1], at[(n + 1) % len(at)]}
    if any(len(some) > 2 for some in beside.values()):
        raise Impossible("three_meet")
    _redraw(board, lambda ring: ring[[key not in gone for key in keys(ring)]])
