"""A drawing sheet: paint patches over each other, get back parcels that tile the outline exactly.

Everything drawn for a village (base year, control lines, every plan version) is noded together into *atoms*;
parcels and zones are unions of atoms. So all layers share their vertices and conflicts are exactly as drawn.
The sheet is flat (u, v in metres from the middle of the village); a smooth warp bends it into the landscape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon, STRtree

from villages.demo.bend import Warp, bend

SHEET_GRID = 0.05  # metres; noding grid on the flat sheet, coarser than GRID so that nothing collapses later
SMALLEST = 60.0  # m²: leftovers below this join a neighbour
THINNEST = 1.2  # metres of mean width


@dataclass(frozen=True)
class Patch:
    code: str
    geom: shapely.Geometry
    label: str = ""
    keep: bool = False  # keep even if it is a sliver


@dataclass
class Layer:
    """Result of painting: the parts, what each is, and which atoms it is made of."""

    codes: list[str]
    labels: list[str]
    atoms: list[np.ndarray]

    def find(self, label: str) -> list[int]:
        return [i for i, own in enumerate(self.labels) if own == label or own.startswith(label + "/")]


class Sheet:
    """One village being drawn."""

    def __init__(self, outline: Polygon, warp: Warp) -> None:
        ring = np.asarray(outline.exterior.coords)
        flat = _snap(warp.inverse(ring))
        self.warp = warp
        self.outline = Polygon(flat)
        self.fixed = dict(zip(map(tuple, flat.tolist()), ring.tolist(), strict=True))
        self.base: list[Patch] = []
        self.edits: dict[str, list[Patch]] = {}
        self.ground: dict[str, shapely.Geometry] = {}  # ground taken by a nucleus, for the plan to build around

    def at(self, s: float, t: float) -> tuple[float, float]:
        """Sheet point from shares of the outline's box: (-1, -1) south-west, (1, 1) north-east."""
        u0, v0, u1, v1 = self.outline.bounds
        return (u0 + (s + 1) / 2 * (u1 - u0), v0 + (t + 1) / 2 * (v1 - v0))

    def paint(self, code: str, geom: shapely.Geometry, label: str = "") -> None:
        """Put land use on the base map, over whatever lies there."""
        shape = geom.intersection(self.outline)
        if not shape.is_empty:
            self.base.append(Patch(code, shape, label))

    def seen(self, label: str) -> shapely.Geometry:
        """What later paint has left visible of the base patches of this label (or below it)."""
        left: list[shapely.Geometry] = []
        for patch in self.base:
            left = [g.difference(patch.geom) for g in left]
            if patch.label == label or patch.label.startswith(label + "/"):
                left.append(patch.geom)
        return shapely.union_all(left)

    def edit(self, version: str, code: str, geom: shapely.Geometry, label: str, *, keep: bool = False) -> None:
        """Put planned land use over the base map in one plan version."""
        self.edits.setdefault(version, []).append(Patch(code, geom.intersection(self.outline), label, keep))

    def solve(self) -> Solved:
        return Solved(self)


class Solved:
    """The sheet noded into atoms, with its layers."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        drawn = _visible(sheet.base) + [p.geom for patches in sheet.edits.values() for p in patches]
        self.flat = _atoms(sheet.outline, drawn)
        self.points = shapely.point_on_surface(self.flat)
        self.area = shapely.area(self.flat)
        self._links = _links(self.flat)
        self.base = self._layer(sheet.base, np.full(len(self.flat), -1))
        self.plans = {version: self._plan(patches) for version, patches in sheet.edits.items()}
        self.atoms = bend(self.flat, sheet.warp, sheet.fixed)

    def _plan(self, patches: list[Patch]) -> Layer:
        start = np.full(len(self.flat), -1)
        for i, atoms in enumerate(self.base.atoms):
            start[atoms] = i
        below = [Patch(c, Polygon(), label) for c, label in zip(self.base.codes, self.base.labels, strict=True)]
        return self._layer(below + patches, start)

    def _layer(self, patches: list[Patch], owner: np.ndarray) -> Layer:
        """Owner of each atom is the last patch over it; patches fall apart into connected parts."""
        tree = STRtree(self.points)
        for i, patch in enumerate(patches):
            if not patch.geom.is_empty:
                owner[tree.query(patch.geom, predicate="contains")] = i
        if (owner < 0).any():
            raise ValueError("the sheet has a hole: paint a background first")
        part = self._parts(owner)
        self._tidy(part, owner, patches)
        return self._collect(part, owner, patches)

    def _parts(self, owner: np.ndarray) -> np.ndarray:
        """Number the groups of atoms that share an edge and an owner."""
        part = np.arange(len(owner))
        a, b, _ = self._links
        same = owner[a] == owner[b]
        while True:
            before = part.copy()
            np.minimum.at(part, a[same], part[b[same]])
            np.minimum.at(part, b[same], part[a[same]])
            if (part == before).all():
                return part

    def _tidy(self, part: np.ndarray, owner: np.ndarray, patches: list[Patch]) -> None:
        """Leftovers too small or too thin join the neighbour they share most edge with, in place."""
        while True:
            size = np.bincount(part, self.area, minlength=len(part))
            a, b, length = self._links
            rim = part[a] != part[b]
            border = np.bincount(part[a[rim]], length[rim], minlength=len(part))
            border += np.bincount(part[b[rim]], length[rim], minlength=len(part))
            thin = 2 * size / np.maximum(border, 1e-9) < THINNEST
            bad = [p for p in np.unique(part) if (size[p] < SMALLEST or thin[p]) and not patches[owner[p]].keep]
            if not bad:
                return
            worst = min(bad, key=lambda p: (size[p], p))
            shared: dict[int, float] = {}
            for one, two in ((a, b), (b, a)):
                here = rim & (part[one] == worst)
                for other, metres in zip(part[two[here]].tolist(), length[here].tolist(), strict=True):
                    shared[other] = shared.get(other, 0.0) + metres
            into = max(sorted(shared), key=lambda p: shared[p])
            moved = part == worst
            owner[moved] = owner[into]
            part[moved | (part == into)] = min(worst, into)

    def _collect(self, part: np.ndarray, owner: np.ndarray, patches: list[Patch]) -> Layer:
        groups = [np.flatnonzero(part == p) for p in np.unique(part)]
        groups.sort(key=lambda g: (owner[g[0]], g[0]))
        codes = [patches[owner[g[0]]].code for g in groups]
        return Layer(codes, [patches[owner[g[0]]].label for g in groups], groups)

    def shape(self, atoms: np.ndarray) -> Polygon:
        """Union of atoms in plane metres, every shared vertex kept."""
        return shapely.coverage_union_all(self.atoms[np.unique(atoms)])

    def height(self, index: int) -> float:
        """How far north a base parcel lies on the sheet, metres."""
        return shapely.centroid(shapely.union_all(self.flat[self.base.atoms[index]])).y

    def connected(self, parcels: list[int]) -> list[np.ndarray]:
        """Atoms of these base parcels, one group for each connected area."""
        return self.split(self.gather(parcels))

    def gather(self, parcels: list[int]) -> np.ndarray:
        """All atoms of these base parcels."""
        return np.concatenate([np.empty(0, dtype=int), *(self.base.atoms[i] for i in parcels)])

    def split(self, atoms: np.ndarray) -> list[np.ndarray]:
        """Groups of atoms that hang together by edges."""
        owner = np.full(len(self.flat), -1)
        owner[atoms] = 0
        part = self._parts(owner)
        return [np.flatnonzero((part == p) & (owner == 0)) for p in np.unique(part[owner == 0])]

    def place(self, u: float, v: float) -> shapely.Point:
        return shapely.Point(np.round(self.sheet.warp.forward(np.array([[u, v]]))[0], 2))


def _snap(xy: np.ndarray) -> np.ndarray:
    return np.round(np.round(xy / SHEET_GRID) * SHEET_GRID, 2)


def _visible(patches: list[Patch]) -> list[shapely.Geometry]:
    """What can be seen of each patch once all are painted, so hidden edges leave no vertices."""
    geoms = np.array([p.geom for p in patches])
    tree = STRtree(geoms)
    seen = []
    for i, geom in enumerate(geoms):
        above = geoms[[j for j in sorted(tree.query(geom, predicate="intersects")) if j > i]]
        rest = geom.difference(shapely.union_all(above)) if len(above) else geom
        seen.append(rest)
    return [g for g in seen if not g.is_empty]


def _atoms(outline: Polygon, drawn: list[shapely.Geometry]) -> np.ndarray:
    lines = [outline.exterior, *(shapely.boundary(g) for g in drawn)]
    noded = shapely.union_all(lines, grid_size=SHEET_GRID)
    noded = shapely.transform(noded, _snap)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inside = shapely.contains(outline, shapely.point_on_surface(faces))
    faces = shapely.normalize(faces[inside])
    middle = np.round(shapely.get_coordinates(shapely.centroid(faces)), 3)
    return faces[np.lexsort((middle[:, 0], middle[:, 1]))]


def _edges(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Directed edges of all rings: start vertex id, end vertex id, face, and the vertex table."""
    rings, face = shapely.get_rings(faces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    table, ids = np.unique(xy, axis=0, return_inverse=True)
    ids = ids.reshape(-1)
    step = ring[:-1] == ring[1:]
    return ids[:-1][step], ids[1:][step], face[ring[:-1][step]], table


def _links(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of faces that share an edge, with the metres they share."""
    a, b, face, table = _edges(faces)
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((face, high, low))
    low, high, face = low[order], high[order], face[order]
    twin = np.flatnonzero((low[:-1] == low[1:]) & (high[:-1] == high[1:]))
    return face[twin], face[twin + 1], np.hypot(*(table[low[twin]] - table[high[twin]]).T)
