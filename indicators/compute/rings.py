"""Polygon rings as flat arrays: what measuring an overlap needs, and no more.

Rings run with the interior on their left (shells counter-clockwise, holes clockwise). `along[v]` is the shoelace sum
from the start of the ring to vertex v, so that the share of any stretch of boundary in an area is one subtraction.
Edges lie in blocks of BLOCK consecutive ones: a tree of 200,000 block boxes is searched where one of 2,000,000 edges
would take ten times as long to build.
"""

from dataclasses import dataclass

import numpy as np
import shapely

BLOCK = 8


@dataclass(frozen=True)
class Rings:
    """All rings of an array of (multi)polygons on a plane; an edge is named by its first vertex."""

    x: np.ndarray
    y: np.ndarray
    along: np.ndarray  # per vertex: twice the area swept from the start of its ring
    start: np.ndarray  # per ring: first vertex
    last: np.ndarray  # per ring: closing vertex, equal to the first one
    total: np.ndarray  # per ring: twice its signed area
    geom: np.ndarray  # per ring: index of its geometry
    first_ring: np.ndarray  # per geometry, and one more: index of its first ring
    block_first: np.ndarray  # per block: first vertex of its first edge
    block_ring: np.ndarray
    block_x: np.ndarray  # per block: BLOCK + 1 vertices; a short block repeats the closing vertex
    block_y: np.ndarray

    @classmethod
    def of(cls, polygons: np.ndarray) -> "Rings":
        """Flatten polygons and multipolygons; None and empty ones have no rings."""
        if not len(polygons):
            return cls._build(np.zeros(0), np.zeros(0), np.zeros(1, np.int64), np.zeros(1, np.int64))
        polygons = np.where(shapely.is_empty(polygons) | shapely.is_missing(polygons), shapely.Polygon(), polygons)
        kind, xy, offsets = shapely.to_ragged_array(shapely.orient_polygons(polygons), include_z=False)
        if kind == shapely.GeometryType.MULTIPOLYGON:
            ring_at, polygon_at, geom_at = offsets
            first_ring = polygon_at[geom_at]
        elif kind == shapely.GeometryType.POLYGON:
            ring_at, first_ring = offsets
        else:
            raise ValueError(f"only polygons can be overlaid, not {kind.name}")
        return cls._build(xy[:, 0].copy(), xy[:, 1].copy(), ring_at.astype(np.int64), first_ring.astype(np.int64))

    @classmethod
    def _build(cls, x: np.ndarray, y: np.ndarray, ring_at: np.ndarray, first_ring: np.ndarray) -> "Rings":
        start, last = ring_at[:-1], ring_at[1:] - 1
        sums = np.zeros(len(x))
        np.cumsum(x[:-1] * y[1:] - x[1:] * y[:-1], out=sums[1:])
        along = sums - np.repeat(sums[start], np.diff(ring_at))
        blocks = -(-(last - start) // BLOCK)
        block_ring = np.repeat(np.arange(len(start)), blocks)
        nth = np.arange(len(block_ring)) - np.repeat(np.cumsum(blocks) - blocks, blocks)
        block_first = start[block_ring] + nth * BLOCK
        vertex = np.minimum(block_first[:, None] + np.arange(BLOCK + 1), last[block_ring][:, None])
        return cls(
            x=x,
            y=y,
            along=along,
            start=start,
            last=last,
            total=along[last],
            geom=np.repeat(np.arange(len(first_ring) - 1), np.diff(first_ring)),
            first_ring=first_ring,
            block_first=block_first,
            block_ring=block_ring,
            block_x=x[vertex],
            block_y=y[vertex],
        )

    def block_boxes(self, margin: float) -> np.ndarray:
        """Bounding boxes of the blocks, as polygons for an STRtree."""
        return shapely.box(
            self.block_x.min(axis=1) - margin,
            self.block_y.min(axis=1) - margin,
            self.block_x.max(axis=1) + margin,
            self.block_y.max(axis=1) + margin,
        )

    def ring_of(self, vertex: np.ndarray) -> np.ndarray:
        """The ring each vertex belongs to."""
        return np.searchsorted(self.start, vertex, side="right") - 1

    def before(self, vertex: np.ndarray) -> np.ndarray:
        """The vertex before each one, around the start of the ring."""
        ring = self.ring_of(vertex)
        return np.where(vertex == self.start[ring], self.last[ring], vertex) - 1
