"""From the flat sheet to the landscape: a smooth warp, and what it does to shared edges."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from shapely import Polygon

from villages.demo.geodesy import GRID

Spot = tuple[float, float]


@dataclass
class Warp:
    """Smooth bend of the sheet: (wave length, amplitude) pairs; `middle` is the sheet's origin in plane metres."""

    middle: np.ndarray
    seed: int
    waves: tuple[tuple[float, float], ...] = ((2400, 85), (1000, 26), (420, 5))
    _terms: list[tuple[int, float, float, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        for length, amplitude in self.waves:
            for axis in (0, 1):
                for _ in range(3):
                    a, p = rng.uniform(0, 2 * np.pi, 2)
                    self._terms.append((axis, 2 * np.pi / length, a, p, amplitude / np.sqrt(3)))

    def shift(self, uv: np.ndarray) -> np.ndarray:
        out = np.zeros_like(uv)
        for axis, k, a, p, amplitude in self._terms:
            out[:, axis] += amplitude * np.sin(k * (uv[:, 0] * np.cos(a) + uv[:, 1] * np.sin(a)) + p)
        return out

    def forward(self, uv: np.ndarray) -> np.ndarray:
        return self.middle + uv + self.shift(uv)

    def inverse(self, xy: np.ndarray) -> np.ndarray:
        """Fixed-point iteration; the warp contracts, so fifty rounds are exact to well below the grid."""
        uv = xy - self.middle
        for _ in range(50):
            uv = xy - self.middle - self.shift(uv)
        return uv


def bend(faces: np.ndarray, warp: Warp, fixed: dict[Spot, Spot]) -> np.ndarray:
    """Warp every edge once, with extra vertices where it curves; vertices in `fixed` keep their given place."""
    chains: dict[tuple[Spot, Spot], list[Spot]] = {}

    def spot(uv: np.ndarray) -> list[list[float]]:
        return [fixed.get(tuple(p)) or q for p, q in zip(uv.tolist(), _plane(warp, uv).tolist(), strict=True)]

    def chain(p: Spot, q: Spot) -> list[Spot]:
        key = (min(p, q), max(p, q))
        if key not in chains:
            chains[key] = _between(warp, *key)
        return chains[key] if p == key[0] else chains[key][::-1]

    def ring(coords: np.ndarray) -> np.ndarray:
        points = [tuple(p) for p in coords.tolist()]
        ends = spot(coords)
        out: list[object] = []
        for i in range(len(points) - 1):
            out += [ends[i], *chain(points[i], points[i + 1])]
        return np.array([*out, ends[0]])

    made = []
    for face in faces:
        holes = [ring(np.asarray(h.coords)) for h in face.interiors]
        made.append(Polygon(ring(np.asarray(face.exterior.coords)), holes))
    return np.array(made)


def _plane(warp: Warp, uv: np.ndarray) -> np.ndarray:
    return np.round(warp.forward(uv), int(-np.log10(GRID)))


def _between(warp: Warp, p: Spot, q: Spot, tolerance: float = 0.04) -> list[Spot]:
    """Inner vertices of the bent edge, as many as keep its chords within `tolerance` metres of the curve."""
    ends = warp.forward(np.array([p, q]))
    inner = warp.forward(np.array(p) + np.outer([0.25, 0.5, 0.75], np.subtract(q, p)))
    direct = ends[0] + np.outer([0.25, 0.5, 0.75], ends[1] - ends[0])
    off = np.hypot(*(inner - direct).T).max()
    count = int(np.ceil(np.sqrt(off / tolerance))) if off > tolerance else 1
    share = np.arange(1, count) / count
    return (
        [tuple(c) for c in _plane(warp, np.array(p) + np.outer(share, np.subtract(q, p))).tolist()] if count > 1 else []
    )


def splice(outline: Polygon, refined: Polygon, neighbours: dict[str, Polygon]) -> dict[str, Polygon]:
    """Give neighbours the vertices that drawing added to the shared border."""
    given = {tuple(c) for c in outline.exterior.coords}
    ring = list(refined.exterior.coords)[:-1]
    first = next(i for i, c in enumerate(ring) if c in given)
    ring = [*ring[first:], *ring[:first], ring[first]]
    chains: dict[tuple, list] = {}
    start, inner = ring[0], []
    for c in ring[1:]:
        if c in given:
            chains[(start, c)] = inner
            chains[(c, start)] = inner[::-1]
            start, inner = c, []
        else:
            inner.append(c)
    return {code: _spliced(poly, chains) for code, poly in neighbours.items()}


def _spliced(poly: Polygon, chains: dict[tuple, list]) -> Polygon:
    def longer(coords: list) -> list:
        out = []
        for a, b in pairwise(coords):
            out += [a, *chains.get((a, b), [])]
        return [*out, coords[-1]]

    return Polygon(longer(list(poly.exterior.coords)), [longer(list(r.coords)) for r in poly.interiors])
