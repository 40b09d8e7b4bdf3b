"""Whether a changed coverage is still one: valid, without overlap, nothing uncovered, nothing beyond the outline."""

import numpy as np
import shapely

from portal.geo import crs
from portal.geo.coverage import substantial
from portal.geo.partition import TOLERANCE, Board, Impossible
from portal.geo.patience import Patience
from portal.geo.snapping import snapped

_HAIR = 1e-7
"""degrees, 1 cm: gaps between polygons below this are none that anybody drew"""


def whole(shapes: np.ndarray | list[shapely.Geometry]) -> bool:
    """Neighbours share every vertex, nothing lies under two polygons or in a hair between them."""
    return bool(shapely.coverage_is_valid(shapes, gap_width=_HAIR))


def settled(board: Board) -> dict[int, shapely.MultiPolygon | None]:
    """The changed zones in degrees. Raises Impossible, naming a zone, if they do not fit with all others."""
    if not board.changed:
        raise Impossible("unchanged")
    board.share_vertices()
    _no_overlap(board)  # first, because it names the zone that is in the way
    for number, shape in board.changed.items():
        if shape is not None and not shape.is_valid:
            raise Impossible("crosses_itself", zone=number)
    _inside(board)
    _nothing_lost(board)
    made = {n: None if shape is None else board.plane.back(shape) for n, shape in board.changed.items()}
    for number, shape in made.items():
        if shape is not None and not (shape.is_valid and not shape.is_empty):
            raise Impossible("crosses_itself", zone=number)
    _fits(board, made)
    return made


def _no_overlap(board: Board) -> None:
    now = {number: shape for number, shape in board.now().items() if shape.is_valid}
    numbers = list(now)
    shapes = np.array(list(now.values()), dtype=object)
    tree = shapely.STRtree(shapes)
    changed = [n for n, number in enumerate(numbers) if number in board.changed]
    at, near = tree.query(shapes[changed], predicate="intersects")
    one = np.array(changed, dtype=np.int64)[at] if len(at) else at
    pairs = {(min(a, b), max(a, b)) for a, b in zip(one.tolist(), near.tolist(), strict=True) if a != b}
    for a, b in sorted(pairs):
        shared = shapely.intersection(shapes[a], shapes[b])
        if shared.area < TOLERANCE.area_m2 or substantial(shared, TOLERANCE) is None:
            continue
        before = board.zones.get(numbers[a]), board.zones.get(numbers[b])
        known = shapely.intersection(*before).area if None not in before else 0.0
        if shared.area > known + TOLERANCE.area_m2:
            other = numbers[b] if numbers[a] in board.changed and numbers[b] not in board.changed else numbers[a]
            raise Impossible("crosses_zone", zone=other)


def _inside(board: Board) -> None:
    shapely.prepare(board.outline)
    for number, shape in board.changed.items():
        if shape is None or shapely.covers(board.outline, shape):
            continue
        beyond = substantial(shapely.difference(shape, board.outline), TOLERANCE)
        if beyond is None:
            continue
        before = [s for n, s in board.zones.items() if n in board.changed]
        more = shapely.difference(beyond, shapely.union_all(before))
        if substantial(more, TOLERANCE) is not None:
            raise Impossible("leaves_village", zone=number)


def _nothing_lost(board: Board) -> None:
    before = shapely.union_all([board.zones[n] for n in board.changed if n in board.zones])
    after = shapely.union_all([shape for shape in board.changed.values() if shape is not None])
    lost = substantial(shapely.difference(before, after), TOLERANCE)
    if lost is not None:
        raise Impossible("uncovers", area_m2=lost.area)
    gained = substantial(shapely.difference(after, before), TOLERANCE)
    board.gained_m2 = 0.0 if gained is None else area_m2(board, gained)


def area_m2(board: Board, flat: shapely.Geometry) -> float:
    """Ellipsoidal area of what lies in the board's metres."""
    return float(crs.area_m2([shapely.transform(flat, board.plane.exactly)])[0])


def _fits(board: Board, made: dict[int, shapely.MultiPolygon | None]) -> None:
    """Vertex for vertex: what was a coverage nearby is one still."""
    bounds = [s.bounds for s in (*made.values(), *(board.stored.get(n) for n in made)) if s is not None]
    box = shapely.box(*np.min(bounds, axis=0)[:2], *np.max(bounds, axis=0)[2:])
    near = {n: s for n, s in board.stored.items() if n in made or shapely.intersects(box, s)}
    after = {n: s for n, s in {**near, **made}.items() if s is not None}
    shapes = list(after.values())
    if whole(shapes) or not whole(list(near.values())):
        return
    wrong = [
        n
        for n, edge in zip(after, shapely.coverage_invalid_edges(shapes, gap_width=_HAIR), strict=True)
        if not edge.is_empty
    ]
    other = next((n for n in wrong if n not in made), wrong[0])
    raise Impossible("touches_zone", zone=other)


def tidied(shapes: np.ndarray, outline: shapely.Geometry) -> np.ndarray:
    """Polygons in degrees that share the vertices of their common borders, gaps and overlaps of a centimetre closed.

    A coverage is left as it is, to the last bit.
    """
    if not len(shapes) or whole(shapes):
        return shapes
    shapes = shapes.copy()
    found = snapped(shapes, TOLERANCE.width_m, outline, Patience())
    for row, shape in zip(found.rows, found.shapes, strict=True):
        shapes[row] = shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
    return shapes


def measured(board: Board) -> tuple[float, float, float]:
    """Land of the village without a zone, land under two zones, land of zones beyond the village; ellipsoidal, m²."""
    shapes = np.array(list(board.now().values()), dtype=object)
    clean = not len(shapes) or shapely.coverage_is_valid(shapes)
    united = shapely.coverage_union_all(shapes) if clean else shapely.union_all(shapes)
    overlap = 0.0 if clean else _overlap(board, shapes)
    return (
        _area(board, shapely.difference(board.outline, united)),
        overlap,
        _area(board, shapely.difference(united, board.outline)),
    )


def _overlap(board: Board, shapes: np.ndarray) -> float:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pair = one < other
    shared = shapely.intersection(shapes[one[pair]], shapes[other[pair]])
    return sum(_area(board, piece) for piece in shared[shapely.area(shared) >= TOLERANCE.area_m2])


def _area(board: Board, flat: shapely.Geometry) -> float:
    piece = substantial(flat, TOLERANCE)
    return 0.0 if piece is None else area_m2(board, piece)
