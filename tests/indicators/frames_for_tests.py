"""Villages drawn in metres for tests of measures: rectangles on a local plane, handed over in lon/lat."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from indicators.compute.frames import Frames
from indicators.compute.plane import Plane

PLANE = Plane(116.8, 36.2)
SIDE = 1000.0


def rect(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """A rectangle in metres east and north of (116.8 E, 36.2 N), in lon/lat; its ellipsoidal area is width x height."""
    return PLANE.lift(np.array([shapely.box(x, y, x + width, y + height)], object))[0]


def in_lonlat(*shapes: shapely.Geometry) -> np.ndarray:
    """Shapes drawn in metres, in lon/lat."""
    return PLANE.lift(np.array(shapes, object))


def layer(*rows: tuple[str, shapely.Geometry], label: str = "code") -> gpd.GeoDataFrame:
    """A frame of (code or kind, polygon in lon/lat) with numbers from 1 and areas as the database keeps them."""
    geoms = np.array([geom for _, geom in rows], object)
    area = shapely.area(PLANE.flatten(geoms)) if rows else np.zeros(0)
    data = {"number": np.arange(1, len(rows) + 1), label: [name for name, _ in rows], "area_m2": area, "geom": geoms}
    return gpd.GeoDataFrame(data, geometry="geom", crs=4490)


def frames(
    base: list[tuple[str, shapely.Geometry]] | None = None,
    plan: list[tuple[str, shapely.Geometry]] | None = None,
    lines: list[tuple[str, shapely.Geometry]] | None = None,
    **village: Any,
) -> Frames:
    """Frames of a village of 1000 m x 1000 m with 200 people in 50 households, unless told otherwise."""
    known = {"area_m2": SIDE * SIDE, "geom": rect(0, 0, SIDE, SIDE), "population": 200, "households": 50, **village}
    return Frames(layer(*base or ()), layer(*plan or ()), layer(*lines or (), label="kind"), known)


def cells(count: int, seed: int) -> np.ndarray:
    """Polygons in metres that tile the village without gap or overlap: Voronoi cells of random points."""
    points = np.random.default_rng(seed).uniform(0, SIDE, (count, 2))
    village = shapely.box(0, 0, SIDE, SIDE)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=village))
    return shapely.coverage_simplify(shapely.intersection(cells, village), 0)


def stars(count: int, seed: int) -> np.ndarray:
    """Jagged polygons in metres that lie in the village, some with holes, crossing whatever is there at random."""
    rng = np.random.default_rng(seed)
    shapes = []
    for _ in range(count):
        angle = np.linspace(0, 2 * np.pi, rng.integers(20, 200), endpoint=False)
        radius = rng.uniform(30, 150) * rng.uniform(0.6, 1, len(angle))
        centre = rng.uniform(160, SIDE - 160, 2)
        ring = np.column_stack([np.cos(angle), np.sin(angle)])
        holes = [centre + 12 * ring[::-1]] if rng.random() < 0.3 else []
        shapes.append(shapely.Polygon(centre + ring * radius[:, None], holes))
    return np.array(shapes, object)
