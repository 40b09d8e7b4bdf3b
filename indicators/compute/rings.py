"""Polygon rings as flat arrays: what measuring an overlap needs, and no more.

Rings run with the interior on their left (shells counter-clockwise, holes clockwise). `along[v]` is the shoelace sum
from the start of the ring to vertex v, so that the share of any stretch of boundary in an area is one subtraction.
BLOCK consecutive edges are a block, BLOCK consecutive blocks a node; a parcel is one node as a rule. A tree of 300,000
nodes is searched, and their blocks compared as arrays, where a tree of 10,000,000 edges would take minutes to build.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

BLOCK = 8

Move = Callable[[np.ndarray], np.ndarray]
"""coordinates (n, 2) -> coordinates on another plane"""


@dataclass(frozen=True)
class Rings:
    """All rings of an array of (multi)polygons on a plane; an edge is named by its first vertex.

    Boxes are rows of (west, south, east, north).
    """

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
    block_box: np.ndarray
    node_first: np.ndarray  # per node, and one more: its first block
    node_ring: np.ndarray
    node_box: np.ndarray

    @classmethod
    def of(cls, polygons: np.ndarray, move: Move | None = None) -> "Rings":
        """Flatten polygons and multipolygons; None and empty ones have no rings. `move` brings vertices to the plane."""
        polygons = np.asarray(polygons, object)
        if not len(polygons):
            return cls._build(np.zeros((0, 2)), np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int64))
        gone = shapely.is_empty(polygons) | shapely.is_missing(polygons)
        polygons = np.where(gone, shapely.Polygon(), polygons) if gone.any() else polygons
        kind, xy, offsets = shapely.to_ragged_array(polygons, include_z=False)
        if kind == shapely.GeometryType.MULTIPOLYGON:
            ring_at, polygon_at, geom_at = offsets
            first_ring = polygon_at[geom_at]
        elif kind == shapely.GeometryType.POLYGON:
            ring_at, polygon_at = offsets
            first_ring = polygon_at
        else:
            raise ValueError(f"only polygons can be overlaid, not {kind.name}")
        shells = polygon_at[:-1][np.diff(polygon_at) > 0]
        xy = xy if move is None or not len(xy) else move(xy)
        return cls._build(xy, ring_at.astype(np.int64), first_ring.astype(np.int64), shells)

    @classmethod
    def _build(cls, xy: np.ndarray, ring_at: np.ndarray, first_ring: np.ndarray, shells: np.ndarray) -> "Rings":
        x, y = (np.ascontiguousarray(column) for column in xy.T)
        start, last = ring_at[:-1], ring_at[1:] - 1
        along = _along(x, y, start)
        left = np.zeros(len(start), bool)
        left[shells] = True
        turned = np.flatnonzero((along[last] > 0) != left)
        if len(turned):
            size = last[turned] - start[turned] + 1
            vertex = runs(start[turned], size)
            mirrored = np.repeat(start[turned] + last[turned], size) - vertex
            x[vertex], y[vertex] = x[mirrored], y[mirrored]
            along = _along(x, y, start)
        rings = {"x": x, "y": y, "along": along, "start": start, "last": last, "total": along[last]}
        geom = np.repeat(np.arange(len(first_ring) - 1), np.diff(first_ring))
        return cls(**rings, geom=geom, first_ring=first_ring, **_blocks(x, y, start, last))

    def block_edges(self, block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(x, y) of the BLOCK + 1 vertices of each block; a short block repeats the closing vertex of its ring."""
        vertex = np.minimum(
            self.block_first[block][:, None] + np.arange(BLOCK + 1), self.last[self.block_ring[block]][:, None]
        )
        return self.x[vertex], self.y[vertex]

    def block_size(self, block: np.ndarray) -> np.ndarray:
        """Number of edges of each block."""
        return np.minimum(self.last[self.block_ring[block]] - self.block_first[block], BLOCK)

    @property
    def edges_before(self) -> np.ndarray:
        """Per geometry, and one more: number of edges of those before it."""
        return (np.append(self.start, len(self.x)) - np.arange(len(self.start) + 1))[self.first_ring]

    def before(self, vertex: np.ndarray, ring: np.ndarray) -> np.ndarray:
        """The vertex before each one of these rings, around their start."""
        return np.where(vertex == self.start[ring], self.last[ring], vertex) - 1

    def boxes(self) -> np.ndarray:
        """Bounding box of each geometry; NaN without rings."""
        box = np.full((len(self.first_ring) - 1, 4), np.nan)
        some = np.diff(self.first_ring) > 0
        if some.any():
            first = self.start[self.first_ring[:-1][some]]
            box[some] = _boxes(np.minimum.reduceat, np.maximum.reduceat, self.x, self.y, first)
        return box

    def areas(self) -> np.ndarray:
        """Area of each geometry."""
        return np.bincount(self.geom, self.total, len(self.first_ring) - 1) / 2


def _along(x: np.ndarray, y: np.ndarray, start: np.ndarray) -> np.ndarray:
    sums = np.zeros(len(x))
    np.cumsum(x[:-1] * y[1:] - x[1:] * y[:-1], out=sums[1:])
    return sums - np.repeat(sums[start], np.diff(start, append=len(x)))


def runs(first: np.ndarray, size: np.ndarray) -> np.ndarray:
    """first[0], first[0] + 1, … (size[0] of them), first[1], …"""
    return np.repeat(first - np.cumsum(size) + size, size) + np.arange(size.sum())


def _boxes(lowest: Callable, highest: Callable, x: np.ndarray, y: np.ndarray, first: np.ndarray) -> np.ndarray:
    return np.column_stack([lowest(x, first), lowest(y, first), highest(x, first), highest(y, first)])


def _blocks(x: np.ndarray, y: np.ndarray, start: np.ndarray, last: np.ndarray) -> dict[str, np.ndarray]:
    """Blocks of edges and nodes of blocks; neither reaches over the end of a ring."""
    blocks = -(-(last - start) // BLOCK)
    block_ring = np.repeat(np.arange(len(start)), blocks)
    ring_block = np.cumsum(blocks) - blocks
    block_first = start[block_ring] + (np.arange(len(block_ring)) - ring_block[block_ring]) * BLOCK
    nodes = -(-blocks // BLOCK)
    node_ring = np.repeat(np.arange(len(start)), nodes)
    node_nth = np.arange(len(node_ring)) - np.repeat(np.cumsum(nodes) - nodes, nodes)
    node_first = ring_block[node_ring] + node_nth * BLOCK
    box, node_box = np.zeros((0, 4)), np.zeros((0, 4))
    if len(block_first):
        box = _boxes(np.minimum.reduceat, np.maximum.reduceat, x, y, block_first)
        end = np.minimum(
            block_first + BLOCK, last[block_ring]
        )  # the next block's first vertex ends this one's last edge
        box[:, 0], box[:, 1] = np.minimum(box[:, 0], x[end]), np.minimum(box[:, 1], y[end])
        box[:, 2], box[:, 3] = np.maximum(box[:, 2], x[end]), np.maximum(box[:, 3], y[end])
        node_box = np.column_stack(
            [np.minimum.reduceat(box[:, :2], node_first), np.maximum.reduceat(box[:, 2:], node_first)]
        )
    return {
        "block_first": block_first, "block_ring": block_ring, "block_box": box,
        "node_first": np.append(node_first, len(block_first)), "node_ring": node_ring, "node_box": node_box,
    }  # fmt: skip
