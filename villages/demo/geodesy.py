"""Between the drawing plane (EPSG:4548, CGCS2000 3-degree, 117°E) and the stored lon, lat (EPSG:4490)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from pyproj import Geod, Transformer

PLANE, STORED = 4548, 4490
GRID = 0.01  # metres: every drawn vertex sits on this grid
DEGREE_DECIMALS = 9  # 0.1 mm
GEOD = Geod(a=6378137.0, rf=298.257222101)  # CGCS2000


@lru_cache
def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def project(geoms: np.ndarray, source: int, target: int) -> np.ndarray:
    """Re-project geometries; x is always longitude or easting. One call for all vertices: same vertex, same result."""
    tr = _transformer(source, target)
    return shapely.transform(geoms, lambda c: np.column_stack(tr.transform(c[:, 0], c[:, 1])))


def to_stored(geoms: np.ndarray) -> np.ndarray:
    """Plane metres to lon, lat rounded to 1e-9 degree, so neighbours keep identical vertices."""
    moved = project(np.asarray(geoms, dtype=object), PLANE, STORED)
    return shapely.transform(moved, lambda c: np.round(c, DEGREE_DECIMALS))


def lonlat_to_plane(lonlat: np.ndarray) -> np.ndarray:
    return np.column_stack(_transformer(STORED, PLANE).transform(lonlat[:, 0], lonlat[:, 1]))


def area_m2(geom: shapely.Geometry) -> float:
    """Ellipsoidal area 椭球面积 in m² of a lon, lat geometry."""
    return abs(GEOD.geometry_area_perimeter(geom)[0])
