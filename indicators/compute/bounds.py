"""What an overlay would cost, counted before it is begun.

The cost is set by how often boundaries meet, not by the size of the upload: two crossing combs of 80 kB make 1.8 million
vertices in 2 GB. Two things are counted, from the boxes of runs of edges and never one by one in vain:

* for areas by formula, the *pairs of edges to compare*: those of blocks of 8 edges whose boxes meet, in all and of any two
  polygons;
* for shapes by GEOS, the *likely crossings*: pairs of edges whose boxes meet.

Each may be so many per edge, as land has it (an edge of a parcel meets a few others), and a round number on top. What is
more raises `TooComplex` with the two numbers and the worst pairs; others make a sentence of it. The limits are data:
`limits.overlay_*` in data/code_sets_national.json.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import shapely

from indicators.compute.crossings import NODE_PAIRS, Blocks, close_blocks, close_edges
from indicators.compute.edges import EdgeSet, Pairs, boxes
from indicators.compute.frames import Frames, shapes
from indicators.compute.plane import Plane
from indicators.compute.rings import BLOCK
from indicators.compute.standard import load_standard

LAYERS = ("plan", "lines", "base", "features")
"""layers with polygons that are laid over each other"""

WORST = 5
"""so many pairs are named in a verdict"""


class Place(NamedTuple):
    """Two polygons whose boundaries meet too often: layers ("" if not known), numbers or positions, how often at least."""

    layer_a: str
    a: int
    layer_b: str
    b: int
    count: int


class TooComplex(ValueError):
    """Boundaries meet so often that measuring them would take too much: `counted` (at least), `limit`, the worst `places`."""

    def __init__(self, counted: int, limit: int, places: list[Place]) -> None:
        super().__init__(counted, limit, places)
        self.counted, self.limit, self.places = counted, limit, places

    def __str__(self) -> str:
        return f"boundaries meet at least {self.counted} times, {self.limit} is the limit"


def checked_blocks(a: EdgeSet, b: EdgeSet, pairs: Pairs, limits: Mapping[str, float] | None = None) -> list[Blocks]:
    """All `close_blocks`, unless they are too many to compare, in all or of one pair: then TooComplex, once it is known."""
    limits = load_standard().limits if limits is None else limits
    limit = _allowed(a, b, "overlay_edge_pairs", limits) // BLOCK**2
    found, count = [], 0
    for portion in close_blocks(a, b, pairs):
        found.append(portion)
        count += len(portion.pair)
        if count > limit:
            raise TooComplex(count * BLOCK**2, limit * BLOCK**2, _places(pairs, _edge_pairs(pairs, found)))
    if count * BLOCK**2 > limits["overlay_edge_pairs_of_two"]:
        each = _edge_pairs(pairs, found)
        edges = np.diff(a.rings.edges_before)[pairs.a] + np.diff(b.rings.edges_before)[pairs.b]
        allowed = limits["overlay_edge_pairs_of_two"] + limits["overlay_edge_pairs_each"] * edges
        if (each > allowed).any():
            worst = int(np.argmax(each - allowed))
            raise TooComplex(int(each[worst]), int(allowed[worst]), _places(pairs, np.where(each > allowed, each, 0)))
    return found


def check_crossings(a: EdgeSet, b: EdgeSet, pairs: Pairs, limits: Mapping[str, float] | None = None) -> None:
    """TooComplex if the boundaries of these pairs may cross too often for an overlay that builds shapes."""
    limit = _allowed(a, b, "overlay_crossings", limits)
    most = np.diff(a.rings.edges_before)[pairs.a].astype(float) @ np.diff(b.rings.edges_before)[pairs.b]
    if most <= limit:
        return
    blocks = checked_blocks(a, b, pairs, limits)
    if sum(len(portion.pair) for portion in blocks) * BLOCK**2 <= limit:
        return
    count, met = 0, np.zeros(len(pairs.key), np.int64)
    for _, pair in close_edges(a.rings, b.rings, blocks):
        count += len(pair)
        np.add.at(met, pair, 1)
        if count > limit:
            raise TooComplex(count, limit, _places(pairs, met))


def check_boxes(a: np.ndarray, b: np.ndarray) -> None:
    """TooComplex if far too many of these polygons lie on top of each other: n stacked ones make n² pairs."""
    limits = load_standard().limits
    edges = shapely.get_num_coordinates(a).sum() + shapely.get_num_coordinates(b).sum()
    limit = int(limits["overlay_edge_pairs"] + limits["overlay_edge_pairs_each"] * edges) // BLOCK**2
    if len(a) * len(b) > limit:
        for _ in _near(shapely.STRtree(a), b, limit):
            pass


def check_shapes(a: np.ndarray, b: np.ndarray, ia: np.ndarray, ib: np.ndarray) -> None:
    """`check_crossings` of polygons on one plane: a[ia] with b[ib]."""
    sizes = shapely.get_num_coordinates(a), shapely.get_num_coordinates(b)
    if sizes[0][ia].astype(float) @ sizes[1][ib] > load_standard().limits["overlay_crossings"]:
        check_crossings(EdgeSet.of(a, None), EdgeSet.of(b, None), Pairs.of(ia, ib, len(a)))


def check_union(shapes: np.ndarray) -> None:
    """TooComplex if these polygons on one plane cross each other too often to be united."""
    check_boxes(shapes, shapes)
    ib, ia = shapely.STRtree(shapes).query(shapes)
    check_shapes(shapes, shapes, ia[ia < ib], ib[ia < ib])


def check_frames(frames: Frames, limits: Mapping[str, float] | None = None) -> None:
    """TooComplex, naming layers and numbers, if polygons of a village cross too often for anything measured of it.

    Every layer of polygons with every other and within itself, before the first indicator is computed.
    """
    found = {name: _polygons(shapes(getattr(frames, name))) for name in LAYERS if len(getattr(frames, name))}
    plane = Plane.around(*found.values())
    sets = {name: EdgeSet.of(polygons, plane) for name, polygons in found.items()}
    for at, one in enumerate(sets):
        for other in list(sets)[at:]:
            try:
                pairs = all_pairs(sets[one], sets[other], limits)
                if one == other:
                    pairs = pairs.take(pairs.a < pairs.b)
                check_crossings(sets[one], sets[other], pairs, limits)
            except TooComplex as error:
                raise _named(error, frames, one, other) from None


def _polygons(geoms: np.ndarray) -> np.ndarray:
    """The geometries with None in place of points and lines."""
    areal = np.isin(shapely.get_type_id(geoms), [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON])
    return np.where(areal, geoms, None)


def all_pairs(a: EdgeSet, b: EdgeSet, limits: Mapping[str, float] | None = None) -> Pairs:
    """Pairs of polygons whose boxes meet; TooComplex if they are more than could be compared."""
    found = list(_near(a.tree, boxes(b.boxes), _allowed(a, b, "overlay_edge_pairs", limits) // BLOCK**2))
    in_b, in_a = np.concatenate(found, axis=1) if found else np.zeros((2, 0), np.int64)
    return Pairs.of(in_a, in_b, len(a))


def _near(tree: shapely.STRtree, shapes: np.ndarray, limit: int) -> Iterator[np.ndarray]:
    """(position in `shapes`, position in the tree) where boxes meet, in portions, until there are more than `limit`."""
    step, count = max(64, NODE_PAIRS // max(len(tree.geometries), 1)), 0
    for start in range(0, len(shapes), step):
        found = tree.query(shapes[start : start + step])
        found[0] += start
        count += found.shape[1]
        if count > limit:
            raise TooComplex(count, limit, [Place("", int(found[1][-1]), "", int(found[0][-1]), 1)])
        yield found


def _named(error: TooComplex, frames: Frames, one: str, other: str) -> TooComplex:
    numbers = [getattr(frames, name)["number"].to_numpy() for name in (one, other)]
    places = [Place(one, int(numbers[0][p.a]), other, int(numbers[1][p.b]), p.count) for p in error.places]
    return TooComplex(error.counted, error.limit, places)


def _allowed(a: EdgeSet, b: EdgeSet, name: str, limits: Mapping[str, float] | None) -> int:
    """The limit on top, and so many for each edge of both sides."""
    limits = load_standard().limits if limits is None else limits
    return int(limits[name] + limits[f"{name}_each"] * (len(a.rings.x) + len(b.rings.x)))


def _edge_pairs(pairs: Pairs, blocks: Iterable[Blocks]) -> np.ndarray:
    """Pairs of edges to compare for each pair of polygons."""
    met = np.concatenate([portion.pair for portion in blocks] or [np.zeros(0, np.int64)])
    return np.bincount(met, minlength=len(pairs.key)) * BLOCK**2


def _places(pairs: Pairs, met: np.ndarray) -> list[Place]:
    """The pairs that met most often, as long as they make up a tenth of the worst."""
    worst = np.argsort(-met, kind="stable")[:WORST]
    return [Place("", int(pairs.a[n]), "", int(pairs.b[n]), int(met[n])) for n in worst if met[n] * 10 >= met[worst[0]]]
