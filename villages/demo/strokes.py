"""Drawing habits of the countryside: field lattices, rows of homesteads, roads, ponds. All in sheet metres."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
import shapely.ops
from shapely import LineString, Polygon, box
from shapely.affinity import rotate, scale, translate

from villages.demo.sheet import Sheet

Points = list[tuple[float, float]]
FARM_TRACK, VILLAGE_ROAD, STREET, HOMESTEAD, DITCH = "060102", "060101", "1207", "070301", "1705"


def curve(points: Points, rounds: int = 3) -> LineString:
    """A smooth line near the given points (corner cutting), ends kept."""
    xy = np.asarray(points, dtype=float)
    for _ in range(rounds):
        cut = np.column_stack([xy[:-1] * 0.75 + xy[1:] * 0.25, xy[:-1] * 0.25 + xy[1:] * 0.75]).reshape(-1, 2)
        xy = np.vstack([xy[:1], cut[1:-1], xy[-1:]])
    return LineString(xy)


def blob(middle: tuple[float, float], rx: float, ry: float, seed: int, turn: float = 0.0) -> Polygon:
    """A roundish irregular shape: pond, grove, settlement."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    radius = 1 + sum(rng.normal(0, 0.12 / k) * np.cos(k * angle + rng.uniform(0, 6.28)) for k in (2, 3, 5))
    shape = Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    return translate(rotate(scale(shape, rx, ry, origin=(0, 0)), turn, origin=(0, 0)), *middle)


def plot(middle: tuple[float, float], length: float, depth: float, turn: float = 0.0) -> Polygon:
    """A rectangle of ground."""
    shape = box(-length / 2, -depth / 2, length / 2, depth / 2)
    return translate(rotate(shape, turn, origin=(0, 0)), *middle)


def beyond(sheet: Sheet, line: LineString, side: str) -> Polygon:
    """All ground on one side ("north" or "south") of a line that crosses the sheet from west to east."""
    u0, v0, u1, v1 = sheet.outline.buffer(500).bounds
    edge = v1 if side == "north" else v0
    xy = [c for c in line.coords if u0 < c[0] < u1]
    return Polygon([(u0, xy[0][1]), *xy, (u1, xy[-1][1]), (u1, edge), (u0, edge)])


def path(sheet: Sheet, line: LineString, width: float, code: str, label: str, piece: float = 420) -> None:
    """A road or watercourse, recorded in pieces as surveys do."""
    count = max(1, int(np.ceil(line.length / piece)))
    for i in range(count):
        part = shapely.ops.substring(line, i / count, (i + 1) / count, normalized=True)
        sheet.paint(code, part.buffer(width / 2, cap_style="square", join_style="mitre", mitre_limit=2), label)


@dataclass
class Lattice:
    """A jittered grid of nodes over an area, turned by an angle; its cells are blocks of fields or forest."""

    nodes: np.ndarray  # (columns, rows, 2)
    wiggle: float
    seed: int

    @classmethod
    def over(
        cls, area: Polygon, angle: float, size: tuple[float, float], jitter: float, seed: int, wiggle: float = 0.0
    ) -> Lattice:
        rng = np.random.default_rng(seed)
        u0, v0, u1, v1 = rotate(area, -angle, origin=(0, 0)).bounds
        us = np.linspace(u0 - 60, u1 + 60, max(1, round((u1 - u0) / size[0])) + 1)
        vs = np.linspace(v0 - 60, v1 + 60, max(1, round((v1 - v0) / size[1])) + 1)
        us[1:-1] += rng.normal(0, size[0] * 0.12, len(us) - 2)
        vs[1:-1] += rng.normal(0, size[1] * 0.12, len(vs) - 2)
        grid = np.stack(np.meshgrid(us, vs, indexing="ij"), -1)
        grid += np.clip(rng.normal(0, jitter, grid.shape), -2 * jitter, 2 * jitter)
        turn = np.deg2rad(angle)
        spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        return cls(grid @ spin, wiggle, seed)

    def edge(self, a: tuple[int, int], b: tuple[int, int]) -> np.ndarray:
        """Line between two nodes, the same from both sides; wiggly in the hills."""
        if a > b:
            return self.edge(b, a)[::-1]
        p, q = self.nodes[a], self.nodes[b]
        if not self.wiggle:
            return np.array([p, q])
        rng = np.random.default_rng([self.seed, *a, *b])
        share = np.linspace(0, 1, 9)
        off = self.wiggle * sum(rng.normal(0, 1 / k) * np.sin(k * np.pi * share) for k in (1, 2, 3, 5))
        along = q - p
        across = np.array([-along[1], along[0]]) / np.hypot(*along)
        return p + share[:, None] * along + off[:, None] * across

    def cells(self) -> Iterator[tuple[int, int]]:
        return ((i, j) for i in range(len(self.nodes) - 1) for j in range(self.nodes.shape[1] - 1))

    def cell(self, i: int, j: int) -> Polygon:
        corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1), (i, j)]
        ring = [self.edge(a, b)[:-1] for a, b in pairwise(corners)]
        return Polygon(np.vstack(ring))

    def strips(self, i: int, j: int, shares: np.ndarray, *, upright: bool) -> list[Polygon]:
        """Cut a straight-edged cell into strips at the given shares (0 … 1) of its width or height."""
        a, b, c, d = self.nodes[i, j], self.nodes[i + 1, j], self.nodes[i + 1, j + 1], self.nodes[i, j + 1]
        one, two = ((a, b), (d, c)) if upright else ((a, d), (b, c))
        low = one[0] + shares[:, None] * (one[1] - one[0])
        high = two[0] + shares[:, None] * (two[1] - two[0])
        return [Polygon([low[k], low[k + 1], high[k + 1], high[k]]).buffer(0) for k in range(len(shares) - 1)]

    def columns(self) -> list[LineString]:
        return [LineString(line) for line in self.nodes[1:-1]]

    def rows(self) -> list[LineString]:
        return [LineString(line) for line in self.nodes.transpose(1, 0, 2)[1:-1]]


@dataclass(frozen=True)
class Farmland:
    """How a stretch of farmland is laid out: block size and strip width in metres, crops by share."""

    angle: float
    block: tuple[float, float]
    strip: float
    crops: dict[str, float]
    track: float = 4.5
    ditch: bool = False
    upright: bool = True  # strips run north to south; terraces follow the slope instead


def farm(sheet: Sheet, area: Polygon, style: Farmland, label: str, seed: int) -> None:
    """Blocks of field strips with tracks (and ditches) between them."""
    rng = np.random.default_rng([seed, 1])
    lattice = Lattice.over(area, style.angle, style.block, min(style.block) * 0.05, seed)
    codes, share = list(style.crops), np.array(list(style.crops.values()))
    for i, j in lattice.cells():
        wide = style.block[0] if style.upright else style.block[1]
        count = max(1, round(wide / style.strip + rng.normal(0, 0.5)))
        cuts = np.linspace(0, 1, count + 1)
        cuts[1:-1] += rng.normal(0, 0.16 / count, count - 1)
        main = rng.choice(codes, p=share / share.sum())
        for k, strip in enumerate(lattice.strips(i, j, cuts, upright=style.upright)):
            own = rng.choice(codes, p=share / share.sum()) if rng.random() < 0.22 else main
            sheet.paint(str(own), strip.intersection(area), f"{label}/{i}-{j}/{k}")
    for n, line in enumerate(lattice.rows()):
        if style.ditch and n % 2:
            _paths(sheet, line, area, 3.2, DITCH, f"{label}-ditch")
        elif n % 2 == 0:
            _paths(sheet, line, area, style.track, FARM_TRACK, f"{label}-track")
    for line in lattice.columns() if style.upright else []:
        _paths(sheet, line, area, style.track, FARM_TRACK, f"{label}-track")


def _paths(sheet: Sheet, line: LineString, area: Polygon, width: float, code: str, label: str) -> None:
    for part in shapely.get_parts(line.intersection(area)):
        if part.length > 30:
            path(sheet, part, width, code, label)


def wood(
    sheet: Sheet,
    area: Polygon,
    size: tuple[float, float],
    cover: Callable[[Polygon, float], str],
    label: str,
    seed: int,
) -> None:
    """Irregular hill parcels; `cover` names the code from the cell and a random number."""
    lattice = Lattice.over(area, 14, size, min(size) * 0.14, seed, wiggle=min(size) * 0.09)
    rng = np.random.default_rng([seed, 2])
    for i, j in lattice.cells():
        cell = lattice.cell(i, j).buffer(0)
        sheet.paint(cover(cell, rng.random()), cell.intersection(area), f"{label}/{i}-{j}")


@dataclass(frozen=True)
class Hamlet:
    """How homesteads stand: length and depth of a row, width of lanes and cross lanes, in metres.

    Rows stand back to back in pairs with a lane before each pair; `ragged` and `gaps` loosen the order.
    """

    angle: float
    length: float = 80
    depth: float = 17.5
    lane: float = 5.5
    cross: float = 6
    ragged: float = 0.11
    gaps: float = 0.04
    codes: tuple[str, ...] = (HOMESTEAD,)


@dataclass
class Nucleus:
    """A drawn group of homesteads: plots by (column, row), the lanes, and all ground it takes."""

    plots: dict[tuple[int, int], Polygon]
    lanes: list[Polygon]
    ground: shapely.Geometry


def homesteads(area: Polygon, style: Hamlet, seed: int, share: float = 0.62) -> Nucleus:
    """Rows of courtyards over an area; a row stands where at least `share` of it lies inside."""
    rng = np.random.default_rng(seed)
    u0, v0, u1, v1 = rotate(area, -style.angle, origin=(0, 0)).bounds
    pitch = 2 * style.depth + style.lane
    v0 += style.lane
    plots, lanes, crosses, left, column = {}, [], [], u0, 0
    while left < u1 - style.length / 2:
        right = left + style.length * (1 + rng.uniform(-2, 2) * style.ragged)
        sunk = rng.uniform(-2, 2) * style.ragged * style.depth
        bounds = [(n, v0 + sunk + n // 2 * pitch + n % 2 * style.depth) for n in range(2 * int((v1 - v0) / pitch + 1))]
        rows = {n: box(left, low, right, low + style.depth) for n, low in bounds}
        kept = {n: g for n, g in rows.items() if _inside(g, area, style) > share and rng.random() >= style.gaps}
        plots |= {(column, n): g for n, g in kept.items()}
        fronts = [g.bounds for n, g in kept.items() if n % 2 == 0 or n - 1 not in kept]
        lanes += [box(left - style.cross, b[1] - style.lane, right + style.cross, b[1]) for b in fronts]
        gaps = [box(right, g.bounds[1] - style.lane, right + style.cross, g.bounds[3]) for g in kept.values()]
        crosses += list(shapely.get_parts(shapely.union_all(gaps))) if gaps else []
        left, column = right + style.cross, column + 1
    turned = {key: rotate(g, style.angle, origin=(0, 0)) for key, g in plots.items()}
    ways = [rotate(g, style.angle, origin=(0, 0)) for g in [*lanes, *crosses]]
    return Nucleus(turned, ways, shapely.union_all([*turned.values(), *ways]))


def _inside(ground: Polygon, area: Polygon, style: Hamlet) -> float:
    return rotate(ground, style.angle, origin=(0, 0)).intersection(area).area / ground.area


def settle(sheet: Sheet, area: Polygon, style: Hamlet, label: str, seed: int) -> Nucleus:
    """Paint a nucleus on the base map: a green edge, lanes, rows of homesteads."""
    rng = np.random.default_rng([seed, 4])
    made = homesteads(area, style, seed)
    edge = _edge(sheet, made.ground, label, seed)
    for ground in made.lanes:
        sheet.paint(STREET, ground, f"{label}/lane")
    for (column, row), ground in made.plots.items():
        sheet.paint(str(rng.choice(style.codes)), ground, f"{label}/home/{column}-{row}")
    return Nucleus(made.plots, made.lanes, made.ground.union(edge))


def _edge(sheet: Sheet, built: shapely.Geometry, label: str, seed: int) -> shapely.Geometry:
    """Groves, vegetable plots and small orchards that surround and fill the nucleus, cut like a cake."""
    rng = np.random.default_rng([seed, 3])
    ring = built.buffer(34, join_style="mitre").buffer(-20, join_style="mitre")
    middle = np.array(ring.centroid.coords[0])
    turns = np.linspace(0, 2 * np.pi, 8) + rng.uniform(0, 0.5)
    for k, (a, b) in enumerate(pairwise(turns)):
        rays = middle + 3000 * np.column_stack([np.cos(np.linspace(a, b, 6)), np.sin(np.linspace(a, b, 6))])
        sheet.paint(["0304", "0103", "0201"][k % 3], ring.intersection(Polygon([middle, *rays])), f"{label}/edge")
    return ring
