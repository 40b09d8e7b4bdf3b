"""The plan of the test village as the files people really have: Shapefiles in any projection, values in any encoding."""

import numpy as np
import shapely

from portal.geo import crs
from tests import shapes, world
from tests.grid import cell


def zone_rings(system: str = "EPSG:4490", *, swapped: bool = False, west: float = 0) -> list[shapes.Ring]:
    """Outlines of the ten rows of the village in a system; `west` moves them by so many cells."""
    polygons = np.array([cell(west, n, 10, 1).geoms[0] for n in range(10)], dtype=object)
    placed = crs.transform(polygons, crs.storage_crs(), crs.resolve(system))
    rings = [shapely.get_coordinates(polygon.exterior)[::-1] for polygon in placed]
    return [[(y, x) if swapped else (x, y) for x, y in ring] for ring in rings]


def zipped_plan(
    system: str = "EPSG:4490", *, prj: str | None = None, codes: list[str] | None = None, remark: bytes = b"",
    cpg: str | None = None, swapped: bool = False, west: float = 0,
) -> bytes:  # fmt: skip
    """A zipped Shapefile GHYDYH of the village, its coordinates in `system`, its .prj as said (none: not there)."""
    rows = [(code.encode(), remark) for code in codes or world.plan_rows()]
    fields = ((b"YDYHFLDM", "C", 10), (b"BZ", "C", 40))
    parts = shapes.shapefile(zone_rings(system, swapped=swapped, west=west), fields=fields, rows=rows, prj=prj, cpg=cpg)
    return shapes.zipped(parts)
