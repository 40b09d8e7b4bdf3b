"""A grid of cells in lon/lat for tests: villages and zones built from cells tile the plane and never collide."""

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from shapely.geometry import MultiPolygon as ShapelyMulti
from shapely.geometry import box

WEST, SOUTH = 116.80, 36.10
STEP = 0.001  # about 90 m by 111 m


def cell(col: float, row: float, cols: float = 1, rows: float = 1) -> ShapelyMulti:
    """The rectangle of `cols` x `rows` cells whose lower left cell is (col, row), as a shapely MultiPolygon in EPSG:4490."""
    west, south = WEST + col * STEP, SOUTH + row * STEP
    return ShapelyMulti([box(west, south, west + cols * STEP, south + rows * STEP)])


def geos(shape: ShapelyMulti) -> MultiPolygon:
    return GEOSGeometry(shape.wkt, srid=4490)


def centre(col: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of the middle of a cell."""
    return WEST + (col + 0.5) * STEP, SOUTH + (row + 0.5) * STEP
