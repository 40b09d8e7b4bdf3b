"""Polygons as edge arrays on a plane, prepared once and measured against others as often as asked.

Preparing (projecting, flattening, boxes) costs three quarters of an overlay. `EdgeSet.of(geoms, plane)` does it;
`overlay.pair_areas_kept(a, b)` measures two sets on the same plane, so what is measured against several others is
prepared once.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely

from indicators.compute.plane import Plane
from indicators.compute.rings import Rings


class EdgeSet:
    """An array of (multi)polygons in lon/lat and their edges on a plane. Nothing in it is changed after it is made."""

    def __init__(self, geoms: np.ndarray, plane: Plane | None, rings: Rings) -> None:
        self.geoms, self.plane, self.rings = geoms, plane, rings
        self._flat = np.full(len(geoms), None, object)

    @classmethod
    def of(cls, geoms: np.ndarray, plane: Plane | None) -> "EdgeSet":
        """Valid polygons in lon/lat, or (None for the plane) on a plane already; None and empty ones overlap nothing."""
        geoms = np.asarray(geoms, object)
        return cls(geoms, plane, Rings.of(geoms, plane.move if plane else None))

    def __len__(self) -> int:
        return len(self.geoms)

    @cached_property
    def area_m2(self) -> np.ndarray:
        """Area of each polygon (椭球面积)."""
        return self.rings.areas()

    @cached_property
    def boxes(self) -> np.ndarray:
        return self.rings.boxes()

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Of the boxes of polygons."""
        return shapely.STRtree(boxes(self.boxes))

    @cached_property
    def node_tree(self) -> shapely.STRtree:
        """Of the boxes of nodes, runs of at most 64 edges."""
        return shapely.STRtree(boxes(self.rings.node_box))

    def flat(self, rows: np.ndarray) -> np.ndarray:
        """These polygons on the plane, for GEOS; each is made once, its vertices are bitwise those of the rings."""
        if self.plane is None:
            return self.geoms[rows]
        missing = np.unique(rows[shapely.is_missing(self._flat[rows])]) if len(rows) else rows
        if len(missing):
            self._flat[missing] = self.plane.flatten(self.geoms[missing])
        return self._flat[rows]


def boxes(rows: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """(west, south, east, north) as polygons for a tree, `margin` wider on all sides; None where there is no box."""
    shapes = np.full(len(rows), None, object)
    some = np.isfinite(rows[:, 0])
    west, south, east, north = rows[some].T
    shapes[some] = shapely.box(west - margin, south - margin, east + margin, north + margin)
    return shapes


class Pairs(NamedTuple):
    """Pairs (A number `a`, B number `b`) in the order of `key`."""

    a: np.ndarray
    b: np.ndarray
    key: np.ndarray
    width: int

    @classmethod
    def of(cls, a: np.ndarray, b: np.ndarray, width: int) -> "Pairs":
        key = b.astype(np.int64) * width + a
        order = np.argsort(key)
        return cls(a[order], b[order], key[order], width)

    def take(self, which: np.ndarray) -> "Pairs":
        """Those of the pairs."""
        return Pairs(self.a[which], self.b[which], self.key[which], self.width)

    def find(self, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Index of each pair, and whether it is one of ours."""
        key = b.astype(np.int64) * self.width + a
        at = np.minimum(np.searchsorted(self.key, key), max(len(self.key) - 1, 0))
        return at, (self.key[at] == key) if len(self.key) else np.zeros(len(key), bool)
