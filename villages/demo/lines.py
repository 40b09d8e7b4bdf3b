"""Control lines that follow parcel edges, as groups of atoms."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from villages.demo.sheet import Solved

CROPLAND = ("0101", "0102", "0103")
SMALLEST_FIELD = 3000.0  # m²: smaller leftovers are not drawn as permanent farmland


def fill(solved: Solved, parcels: list[int]) -> np.ndarray:
    """Atoms of these parcels and of whatever they enclose."""
    area = shapely.union_all(solved.flat[solved.gather(parcels)])
    closed = MultiPolygon([Polygon(part.exterior) for part in shapely.get_parts(area)])
    return np.flatnonzero(shapely.contains(closed.buffer(0), solved.points))


def permanent_farmland(
    solved: Solved, stretches: tuple[str, ...], built: np.ndarray, within: list[str]
) -> list[np.ndarray]:
    """永久基本农田, block by block: the cropland of these stretches of field outside the built ground.

    Parcels labelled as in `within` (say a lonely homestead) are drawn in with the block around them.
    """
    taken = set(built.tolist())
    blocks: dict[str, list[np.ndarray]] = {}
    for i, (code, label) in enumerate(zip(solved.base.codes, solved.base.labels, strict=True)):
        atoms = solved.base.atoms[i]
        name = label.split("/")
        if name[0] != "field" or len(name) < 3 or name[1] not in stretches or code not in CROPLAND:
            continue
        if solved.area[atoms].sum() >= SMALLEST_FIELD and not taken.intersection(atoms.tolist()):
            blocks.setdefault("/".join(name[:3]), []).append(atoms)
    groups = [group for block in blocks.values() for group in solved.split(np.concatenate(block))]
    for label in within:
        for i in solved.base.find(label):
            _draw_in(solved, groups, solved.base.atoms[i])
    return groups


def _draw_in(solved: Solved, groups: list[np.ndarray], atoms: np.ndarray) -> None:
    """Add atoms to the group that shares most edge with them, in place."""
    shape = shapely.union_all(solved.flat[atoms])
    rim = [shapely.length(shape.boundary.intersection(shapely.union_all(solved.flat[g]))) for g in groups]
    best = int(np.argmax(rim))
    groups[best] = np.concatenate([groups[best], atoms])
