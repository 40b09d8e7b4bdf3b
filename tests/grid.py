"""A grid of cells in lon/lat for tests: villages and zones built from cells tile the plane and never collide."""

import math

from django.contrib.gis.geos import GEOSGeometry
from shapely.geometry import MultiPolygon, Polygon

WEST, SOUTH = 116.80, 36.10
STEP = 0.001  # about 90 m by 111 m


def cell(col: float, row: float, cols: float = 1, rows: float = 1) -> MultiPolygon:
    """The rectangle of `cols` x `rows` cells whose lower left cell is (col, row), as a shapely MultiPolygon in EPSG:4490.

    It has a vertex at every cell corner, as neighbours in real data share theirs: a long edge without them would part
    from theirs by a centimetre, because a straight line in degrees is none on the ground.
    """
    ring = [
        *((c, row) for c in corners(col, col + cols)),
        *((col + cols, r) for r in corners(row, row + rows)),
        *((c, row + rows) for c in reversed([*corners(col, col + cols)[1:], col + cols])),
        *((col, r) for r in reversed([*corners(row, row + rows)[1:], row + rows])),
    ]
    return MultiPolygon([Polygon([(round(WEST + c * STEP, 9), round(SOUTH + r * STEP, 9)) for c, r in ring])])


def corners(start: float, end: float) -> list[float]:
    """`start` and the whole numbers between it and `end`, which is left out."""
    return [start, *(n for n in range(math.floor(start) + 1, math.ceil(end)))]


def geos(shape: MultiPolygon) -> GEOSGeometry:
    return GEOSGeometry(shape.wkt, srid=4490)


def centre(col: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of the middle of a cell."""
    return WEST + (col + 0.5) * STEP, SOUTH + (row + 0.5) * STEP
