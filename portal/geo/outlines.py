"""Coordinates as our own parsers find them, checked and packed into plain 2D WKB."""

import struct
from collections.abc import Sequence

import numpy as np

from portal.geo.issues import Refused, refusal
from portal.geo.source import Limits

POINT, LINE, POLYGON = 1, 2, 3
_LEAST = {LINE: 2, POLYGON: 4}


class Outlines:
    """The geometries of one layer; `row` says whose coordinates are being packed, for the fault that is found in them."""

    def __init__(self, layer: str, limits: Limits, notes: list[dict]) -> None:
        self.layer, self.limits, self.notes = layer, limits, notes
        self.row = self.vertices = 0

    def refusal(self, reason: str, **params: object) -> Refused:
        return refusal(reason, layer=self.layer, row=self.row, **params)

    def note(self, reason: str) -> None:
        if {"reason": reason} not in self.notes:
            self.notes.append({"reason": reason})

    def count(self, vertices: int) -> None:
        """Before they are built: counts in a file may be larger than any memory."""
        self.vertices += vertices
        if self.vertices > self.limits.vertices:
            raise refusal("too_many_vertices", layer=self.layer, limit=self.limits.vertices)

    def finite(self, xy: np.ndarray) -> np.ndarray:
        if not np.isfinite(xy).all():
            raise self.refusal("coordinates_not_finite")
        return xy

    def point(self, xy: np.ndarray) -> bytes:
        self.count(1)
        return struct.pack("<BI2d", 1, POINT, *self.finite(xy))

    def line(self, xy: np.ndarray) -> bytes:
        return struct.pack("<BI", 1, LINE) + self.path(xy, LINE)

    def polygon(self, rings: Sequence[np.ndarray]) -> bytes:
        """The outline and its holes."""
        return struct.pack("<BII", 1, POLYGON, len(rings)) + b"".join(self.path(ring, POLYGON) for ring in rings)

    def multiple(self, parts: Sequence[bytes]) -> bytes | None:
        """One geometry of several of one kind; those of several kinds have no place in a table of a plan."""
        kinds = {part[1] for part in parts}
        if len(kinds) > 1:
            raise self.refusal("geometry_type", type="GeometryCollection")
        if len(parts) < 2:
            return parts[0] if parts else None
        return struct.pack("<BII", 1, kinds.pop() + 3, len(parts)) + b"".join(parts)

    def path(self, xy: np.ndarray, kind: int) -> bytes:
        self.count(len(xy))
        return self.packed(self.finite(xy), kind)

    def packed(self, xy: np.ndarray, kind: int) -> bytes:
        if kind == POLYGON and len(xy) and (xy[0] != xy[-1]).any():
            raise self.refusal("ring_not_closed")
        if len(xy) < _LEAST[kind]:
            raise self.refusal("too_few_points")
        return struct.pack("<I", len(xy)) + np.ascontiguousarray(xy, dtype="<f8").tobytes()
