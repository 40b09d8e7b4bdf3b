"""Village outlines of the county: one coverage, so villages tile townships and townships tile the county.

Small Voronoi cells are dealt out to townships and villages by a capacity-constrained (power) assignment, the
borders that remain are smoothed arc by arc and bent by one smooth warp of the plane. Every border is drawn
once, therefore neighbours share its vertices. Nothing is clipped: the county is what its villages cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, MultiPoint, Polygon

from villages.demo.geodesy import GRID, lonlat_to_plane

COUNTY_KM2 = 1277.0
SPACING = 330.0  # metres between the small cells
STEP = 55.0  # metres between vertices of a border

# Rough course of the county border (lon, lat), clockwise from the north-west.
RIM = np.array([
    (116.489, 36.262), (116.520, 36.282), (116.562, 36.281), (116.603, 36.300), (116.640, 36.284), (116.682, 36.272),
    (116.722, 36.279), (116.765, 36.274), (116.806, 36.296), (116.850, 36.322), (116.893, 36.318), (116.922, 36.293),
    (116.930, 36.250), (116.908, 36.208), (116.876, 36.176), (116.872, 36.140), (116.896, 36.104), (116.908, 36.062),
    (116.905, 36.022), (116.940, 35.990), (116.975, 35.962), (116.992, 35.925), (116.968, 35.888), (116.915, 35.880),
    (116.866, 35.902), (116.818, 35.893), (116.770, 35.906), (116.728, 35.905), (116.690, 35.924), (116.652, 35.938),
    (116.626, 35.972), (116.604, 36.012), (116.566, 36.034), (116.540, 36.066), (116.528, 36.104), (116.514, 36.134),
    (116.496, 36.158), (116.468, 36.182), (116.466, 36.222),
])  # fmt: skip

# Township: lon, lat of its middle, km².
TOWNSHIPS = {
    "370983001": (116.768, 36.178, 47), "370983002": (116.762, 36.240, 92), "370983003": (116.690, 36.186, 92),
    "370983004": (116.823, 36.116, 122), "370983101": (116.870, 36.250, 66), "370983103": (116.672, 36.118, 84),
    "370983104": (116.586, 36.090, 98), "370983105": (116.618, 36.226, 104), "370983106": (116.524, 36.204, 100),
    "370983107": (116.752, 36.056, 112), "370983108": (116.672, 35.998, 70), "370983109": (116.764, 35.952, 130),
    "370983111": (116.860, 36.012, 120), "370983113": (116.912, 35.930, 90),
}  # fmt: skip


@dataclass
class Cells:
    """Small Voronoi cells: seed points, edges as vertex pairs and the two cells beside each edge."""

    seeds: np.ndarray
    vertices: np.ndarray
    edges: np.ndarray
    sides: np.ndarray


def village_outlines(villages: dict[str, list[str]], seed: int, wanted: dict[str, float]) -> dict[str, Polygon]:
    """Outlines in plane metres for the villages of each township (9-digit township code -> village codes).

    `wanted` names villages that need a compact outline of about so many km².
    """
    rng = np.random.default_rng(seed)
    rim = Polygon(lonlat_to_plane(RIM))
    cells = _cells(rng, rim)
    town = _townships(rng, cells.seeds, shapely.contains_xy(rim, cells.seeds), list(villages))
    codes = [code for children in villages.values() for code in children]
    owner = np.full(len(cells.seeds), -1)
    for index, children in enumerate(villages.values()):
        mine = np.flatnonzero(town == index)
        special = {c: wanted[c] for c in children if c in wanted}
        part = _split(rng, cells.seeds[mine], len(children), list(special.values()))
        names = _name_parts(cells.seeds[mine], part, children, special)
        owner[mine] = [codes.index(names[p]) for p in part]
    _absorb_islands(cells, owner, np.array([code[:9] for code in codes]))
    return _draw(rng, cells, owner, codes)


def _cells(rng: np.random.Generator, rim: Polygon) -> Cells:
    """Jittered hexagonal seeds over the county and a ring around it, and their Voronoi diagram."""
    x0, y0, x1, y1 = rim.buffer(4 * SPACING).bounds
    rows = enumerate(np.arange(y0, y1, SPACING * 0.866))
    seeds = np.array([(x, y) for i, y in rows for x in np.arange(x0 + i % 2 * SPACING / 2, x1, SPACING)])
    seeds = seeds + rng.uniform(-0.36, 0.36, seeds.shape) * SPACING
    seeds = np.round(seeds[shapely.contains_xy(rim.buffer(3 * SPACING), seeds)], 2)
    polygons = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(seeds), ordered=True))
    xy, ring = shapely.get_coordinates(polygons, return_index=True)
    vertices, ids = np.unique(np.round(xy, 1), axis=0, return_inverse=True)
    ids = ids.reshape(-1)
    step = (ring[:-1] == ring[1:]) & (ids[:-1] != ids[1:])
    pairs = np.sort(np.column_stack([ids[:-1], ids[1:]])[step], axis=1)
    edges, inverse, count = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    cell = ring[:-1][step][np.argsort(inverse.reshape(-1), kind="stable")]
    first = (np.cumsum(count) - count)[count == 2]
    return Cells(seeds, vertices, edges[count == 2], np.column_stack([cell[first], cell[first + 1]]))


def _noise(rng: np.random.Generator, xy: np.ndarray, waves: list[tuple[float, float]]) -> np.ndarray:
    """Smooth displacement: for each (wave length, amplitude) in metres three plane waves per axis.

    Slopes add up to well under one, so the warp folds nothing over.
    """
    out = np.zeros_like(xy)
    for length, amplitude in waves:
        angle, phase = rng.uniform(0, 2 * np.pi, (2, 3)), rng.uniform(0, 2 * np.pi, (2, 3))
        for axis in (0, 1):
            for a, p in zip(angle[axis], phase[axis], strict=True):
                along = xy[:, 0] * np.cos(a) + xy[:, 1] * np.sin(a)
                out[:, axis] += amplitude / np.sqrt(3) * np.sin(2 * np.pi * along / length + p)
    return out


def _townships(rng: np.random.Generator, seeds: np.ndarray, inside: np.ndarray, codes: list[str]) -> np.ndarray:
    """Index of the township of each seed, -1 outside the county."""
    middle = lonlat_to_plane(np.array([TOWNSHIPS[c][:2] for c in codes]))
    share = np.array([TOWNSHIPS[c][2] for c in codes], dtype=float)
    points = seeds[inside]
    points = points + _noise(rng, points, [(9000, 900), (3500, 350)])
    town = np.full(len(seeds), -1)
    town[inside] = _capacity(points, middle, share / share.sum() * len(points), 200)
    return town


def _capacity(points: np.ndarray, centres: np.ndarray, target: np.ndarray, rounds: int) -> np.ndarray:
    """Nearest centre by power distance, the weights moved until each centre holds about `target` points."""
    distance = ((points[:, None] - centres[None]) ** 2).sum(2)
    weight = np.zeros(len(centres))
    for step in range(rounds):
        label = (distance - weight).argmin(1)
        weight += (target - np.bincount(label, minlength=len(centres))) * SPACING**2 * 0.5 * (1 - 0.8 * step / rounds)
    return label


def _split(rng: np.random.Generator, points: np.ndarray, parts: int, wanted: list[float]) -> np.ndarray:
    """Deal the cells of a township out to its villages: compact, unequal; `wanted` km² for the first ones."""
    size = rng.lognormal(0, 0.28, parts)
    centres = points[rng.choice(len(points), parts, replace=False)].astype(float)
    bent = points + _noise(rng, points, [(2600, 150)])
    for _ in range(14):
        label = ((bent[:, None] - centres[None]) ** 2).sum(2).argmin(1)
        for i in np.unique(label):
            centres[i] = bent[label == i].mean(0)
    exact = np.array(wanted) * 1e6 / (SPACING**2 * 0.866)
    size[: len(exact)] = 0
    target = size / size.sum() * (len(points) - exact.sum())
    target[: len(exact)] = exact
    for _ in range(4):
        label = _capacity(bent, centres, target, 60)
        for i in np.unique(label):
            centres[i] = bent[label == i].mean(0)
    return label


def _name_parts(points: np.ndarray, part: np.ndarray, codes: list[str], wanted: dict[str, float]) -> dict[int, str]:
    """Neighbouring codes to neighbouring parts, row by row; a wanted village gets the part that suits it best."""
    ids = np.unique(part)
    middle = np.array([points[part == i].mean(0) for i in ids])
    band = np.floor((middle[:, 1].max() - middle[:, 1]) / 2500)
    order = ids[np.lexsort((np.where(band % 2 == 0, middle[:, 0], -middle[:, 0]), band))]
    names = dict(zip(order.tolist(), codes, strict=True))
    for code, km2 in wanted.items():
        best = min(ids.tolist(), key=lambda i: _misfit(points[part == i], km2))
        held = next(i for i, c in names.items() if c == code)
        names[held], names[best] = names[best], code
    return names


def _misfit(points: np.ndarray, km2: float) -> float:
    """How far a set of cells is from a roundish village of so many km²."""
    area = len(points) * SPACING**2 * 0.866
    spread = ((points - points.mean(0)) ** 2).sum(1).mean() * 2 * np.pi / area  # 1 for a disc
    return 6 * abs(np.log(area / km2 / 1e6)) + 8 * (spread - 1)


def _absorb_islands(cells: Cells, owner: np.ndarray, town: np.ndarray) -> None:
    """Give every cell that is cut off from the rest of its village to the neighbour it shares most with, in place."""
    for _ in range(20):
        loose = _loose_cells(cells, owner)
        if not len(loose):
            return
        for cell in loose:
            beside = cells.sides[(cells.sides == cell).any(1)].ravel()
            other = [int(owner[b]) for b in beside if owner[b] not in (-1, owner[cell])]
            same = [o for o in other if town[o] == town[owner[cell]]] or other
            owner[cell] = max(sorted(set(same)), key=same.count)


def _loose_cells(cells: Cells, owner: np.ndarray) -> np.ndarray:
    """Cells outside the largest connected group of their village."""
    group = np.arange(len(owner))
    a, b = cells.sides.T
    joined = (owner[a] == owner[b]) & (owner[a] >= 0)
    a, b = a[joined], b[joined]
    while True:
        before = group.copy()
        np.minimum.at(group, a, group[b])
        np.minimum.at(group, b, group[a])
        if (group == before).all():
            break
    keep = {}
    for village in np.unique(owner[owner >= 0]):
        roots, count = np.unique(group[owner == village], return_counts=True)
        keep[village] = roots[count.argmax()]
    return np.array([i for i in np.flatnonzero(owner >= 0) if group[i] != keep[owner[i]]], dtype=int)


def _draw(rng: np.random.Generator, cells: Cells, owner: np.ndarray, codes: list[str]) -> dict[str, Polygon]:
    """Smooth and bend the borders between villages, scale to the real area, close them to polygons."""
    left, right = owner[cells.sides].T
    border = left != right
    segments = shapely.linestrings(cells.vertices[cells.edges[border]])
    beside = np.column_stack([left[border], right[border]])
    arcs = _sorted(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(segments))))
    which = dict(zip((_key(s.coords) for s in segments), map(tuple, beside.tolist()), strict=True))
    sides = [which[_key(arc.coords[:2])] for arc in arcs]
    bent = _bend(rng, [_smooth(arc) for arc in arcs])
    rings: list[list[LineString]] = [[] for _ in codes]
    for arc, pair in zip(bent, sides, strict=True):
        for village in pair:
            if village >= 0:
                rings[village].append(arc)
    return {code: _close(lines) for code, lines in zip(codes, rings, strict=True)}


def _key(coords: object) -> tuple[tuple[float, float], ...]:
    return tuple(sorted(coords))  # type: ignore[call-overload]


def _sorted(lines: np.ndarray) -> list[LineString]:
    """Lines in an order, and each in a direction, that depend on their coordinates only."""
    turned = [line if line.coords[0] <= line.coords[-1] else line.reverse() for line in lines]
    return sorted(turned, key=lambda line: (line.coords[0], line.coords[1], line.coords[-1]))


def _smooth(arc: LineString) -> np.ndarray:
    """Chaikin corner cutting, twice, ends kept; then vertices every STEP metres."""
    xy = np.asarray(arc.coords)
    for _ in range(2):
        inner = np.column_stack([xy[:-1] * 0.75 + xy[1:] * 0.25, xy[:-1] * 0.25 + xy[1:] * 0.75]).reshape(-1, 2)
        xy = np.vstack([xy[:1], inner[1:-1], xy[-1:]]) if len(xy) > 2 else xy
    return np.asarray(LineString(xy).segmentize(STEP).coords)


def _bend(rng: np.random.Generator, arcs: list[np.ndarray]) -> list[LineString]:
    """One smooth warp of all borders, then one scale to the county's real area, on the drawing grid."""
    at = np.cumsum([0, *map(len, arcs)])
    xy = np.vstack(arcs)
    xy = xy + _noise(rng, xy, [(6000, 170), (1700, 60), (620, 22), (240, 6)])
    middle = xy.mean(0)
    area = shapely.area(shapely.polygonize([LineString(xy[a:b]) for a, b in pairwise(at)]))
    xy = np.round((xy - middle) * np.sqrt(COUNTY_KM2 * 1e6 / area) + middle, int(-np.log10(GRID)))
    return [LineString(xy[a:b]) for a, b in pairwise(at)]


def _close(arcs: list[LineString]) -> Polygon:
    """The polygon these borders enclose (its largest ring, should an enclave lie inside)."""
    return max(shapely.polygonize(arcs).geoms, key=lambda face: face.area).normalize()
