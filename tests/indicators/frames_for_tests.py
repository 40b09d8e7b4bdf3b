"""Villages drawn in metres for tests of measures: rectangles on a local plane, handed over in lon/lat."""

from dataclasses import replace
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


def points(*rows: tuple[str, float, float]) -> gpd.GeoDataFrame:
    """Facilities (kind, metres east, metres north)."""
    geoms = in_lonlat(*(shapely.Point(x, y) for _, x, y in rows))
    data = {"kind": [kind for kind, _, _ in rows], "name": [kind for kind, _, _ in rows], "geom": geoms}
    return gpd.GeoDataFrame(data, geometry="geom", crs=4490)


def roads(*rows: tuple[bool | None, list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    """Roads (hardened, places in metres)."""
    geoms = in_lonlat(*(shapely.LineString(places) for _, places in rows))
    data = {"kind": "村道", "name": "", "width_m": None, "hardened": [hard for hard, _ in rows], "geom": geoms}
    return gpd.GeoDataFrame(data, geometry="geom", crs=4490)


def everything() -> Frames:
    """A village in which every indicator has a value: 100 ha, its west built, its east fields, a wood in the north."""
    drawn = frames(
        base=[("0703", rect(0, 0, 200, 200)), ("0102", rect(200, 0, 800, 500)), ("0301", rect(0, 500, 1000, 400)),
              ("1401", rect(0, 200, 50, 50)), ("0602", rect(0, 900, 100, 100)), ("0201", rect(100, 900, 900, 100))],
        plan=[("0703", rect(0, 0, 300, 200)), ("0102", rect(300, 0, 700, 500)), ("0301", rect(0, 500, 1000, 400)),
              ("1401", rect(0, 200, 100, 50)), ("0602", rect(0, 900, 100, 100)), ("0201", rect(100, 900, 900, 100)),
              ("1302", rect(0, 300, 20, 20)), ("0806", rect(20, 300, 20, 20)), ("0501", rect(40, 300, 20, 20))],
        lines=[("YJJBNT", rect(500, 0, 500, 400)), ("STBHHX", rect(0, 600, 1000, 300)), ("CZJSBJ", rect(0, 0, 400, 400)),
               ("GBZNT", rect(600, 0, 400, 200))],
        resident_population=160, collective_income=30.5, disposable_income=21_000, piped_water_households=48,
        sewage_households=30, toilet_households=45, road_access_households=50, waste_generated_t=80, waste_treated_t=60,
        shelter_m2=800, tree_cover_m2=1000, coastline_m=400, natural_coastline_m=100, heritage_sites=3, flex_quota_m2=500,
        terrain="plain", type="JJTS",
    )  # fmt: skip
    drawn.base["slope_class"] = [None, 5, None, None, None, None]
    drawn.plan["attributes"] = [{"JDZBLY": "村庄机动指标"}] + [{}] * (len(drawn.plan) - 1)
    return replace(
        drawn,
        facilities=points(("01", 100, 100), ("11", 900, 900), ("26", 500, 500)),
        roads=roads((True, [(0, 100), (1200, 100)]), (False, [(200, 0), (200, 500)]), (None, [(700, 700), (900, 700)])),
    )


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
