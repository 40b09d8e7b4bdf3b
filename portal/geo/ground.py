"""The ground a layer covers: which of its polygons can be measured in the projection of the place, and how they lie."""

from functools import cached_property

import numpy as np
import shapely

from portal.geo import crs
from portal.geo.coverage import Tiling, Tolerance
from portal.geo.patience import Patience

Geometries = np.ndarray
FAR_DEGREES = 1.5
"""beyond this from the place its projection is no measure any more: such polygons are outside as a whole"""


class Ground:
    """Tiling of the polygons of `geoms` named by `rows`; answers rows and lon/lat, where Tiling has positions and metres.

    `place` is the box (lon/lat) whose Gauss-Kruger zone is used: two layers that are compared need the same.
    """

    def __init__(
        self,
        geoms: Geometries,
        rows: np.ndarray,
        place: np.ndarray,
        tolerance: Tolerance,
        outline: shapely.Geometry | None = None,
        patience: Patience | None = None,
    ) -> None:
        bounds = shapely.bounds(geoms[rows])
        close = (bounds[:, :2] >= place[:2] - FAR_DEGREES) & (bounds[:, 2:] <= place[2:] + FAR_DEGREES)
        close = close.all(axis=1)
        self.rows, self.far = rows[close], rows[~close]
        self.local = crs.local_metric_crs(shapely.box(*place))
        self.tiling = Tiling(
            geoms[self.rows],
            lambda shapes: crs.transform(shapes, crs.storage_crs(), self.local),
            self.back,
            tolerance,
            outline=outline,
            patience=patience,
        )

    def back(self, shapes: Geometries) -> Geometries:
        return crs.transform(shapes, self.local, crs.storage_crs())

    @cached_property
    def shared(self) -> list[tuple[int, int, shapely.Geometry]]:
        found = self.tiling.overlaps()
        pieces = self.back(np.array([overlap.piece for overlap in found], dtype=object))
        return [(int(self.rows[a]), int(self.rows[b]), p) for (a, b, _), p in zip(found, pieces, strict=True)]

    def gaps(self) -> Geometries:
        return self.back(np.array(self.tiling.gaps(), dtype=object))

    def outside(self) -> list[tuple[int, shapely.Geometry]]:
        found = self.tiling.outside()
        pieces = self.back(np.array([piece for _, piece in found], dtype=object))
        return [(int(self.rows[at]), piece) for (at, _), piece in zip(found, pieces, strict=True)]


def place_of(geoms: Geometries, outline: shapely.Geometry | None) -> np.ndarray | None:
    """The box of the outline; without one, the median middle of the polygons, so that a stray one does not move it."""
    if outline is not None:
        return np.array(outline.bounds)
    if not len(geoms):
        return None
    bounds = shapely.bounds(geoms)
    return np.tile(np.median((bounds[:, :2] + bounds[:, 2:]) / 2, axis=0), 2)
