"""The plane on which zones are held against other ground, and what several checks of one polygon ask of it alike.

Judging a plan, every check has zones of its own, so each lays them on a sheet of its own. A polygon that is drawn is the
only zone of a dozen checks: they work on one sheet (`Frames.sheet`), on which every shape is moved once, what stood there
in the base year is united once, and the polygon is divided by it once.
"""

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import shapely

from indicators.compute.bounds import check_crossings, check_union
from indicators.compute.edges import EdgeSet, Pairs
from indicators.compute.frames import Frames, shapes
from indicators.compute.overlay import cut, polygonal
from indicators.compute.plane import Plane
from indicators.compute.standard import CodeSet, load_standard

CROSSINGS = 20_000
"""so many edges may meet, and some for each edge there is, around a polygon for which somebody waits"""
SAME = 1e-9
"""share of an area by which a sum of areas may differ for rounding"""


class Sheet:
    """A plane, and polygons cut on it."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane

    def flatten(self, geoms: np.ndarray) -> np.ndarray:
        """Shapes in lon/lat, moved to the plane."""
        return self.plane.flatten(geoms)

    def lift(self, geoms: np.ndarray) -> np.ndarray:
        """Shapes on the plane, moved back to lon/lat."""
        return self.plane.lift(geoms)

    def split(self, polygons: np.ndarray, cutters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`cut`, but polygons that lie in one cutter are taken whole: most zones are a parcel of the base year unchanged."""
        whole = np.zeros(len(polygons), bool)
        whole[shapely.STRtree(cutters).query(polygons, predicate="covered_by")[0]] = True
        inside, outside = polygons.copy(), np.full(len(polygons), shapely.MultiPolygon(), object)
        inside[~whole], outside[~whole] = cut(polygons[~whole], cutters)
        return inside, outside

    def divided(self, zones: np.ndarray, ground: np.ndarray, existing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The parts of zones inside a ground, those in `existing` and the rest; everything given in lon/lat."""
        inside, _ = self.split(self.flatten(zones), self.flatten(ground))
        return self.split(inside, self.flatten(near(existing, zones)))


class DrawnSheet(Sheet):
    """The sheet of one polygon. It lives as long as the answer, and holds every shape it was asked for: equal questions
    are those about the same objects.

    How often its outline and those of what lies around meet is counted once, by `check`, and not for every cut.
    """

    def __init__(self, plane: Plane) -> None:
        super().__init__(plane)
        self._flat: dict[int, tuple[shapely.Geometry, shapely.Geometry]] = {}
        self._known: dict[Hashable, tuple[Any, Any]] = {}

    def flatten(self, geoms: np.ndarray) -> np.ndarray:
        new = {id(geom): geom for geom in geoms if id(geom) not in self._flat}
        if new:
            self._pair(np.array(list(new.values()), object), super().flatten(list(new.values())))
        return np.array([self._flat[id(geom)][1] for geom in geoms], object)

    def lift(self, geoms: np.ndarray) -> np.ndarray:
        lifted = super().lift(geoms)
        self._pair(lifted, geoms)
        return lifted

    def _pair(self, lonlat: np.ndarray, flat: np.ndarray) -> None:
        self._flat.update({id(geom): (geom, on_plane) for geom, on_plane in zip(lonlat, flat, strict=True)})

    def once(self, key: Hashable, make: Callable[[], Any], about: Any = None) -> Any:
        """What was made for a key before; `about` is kept with it, because keys hold the identity of shapes."""
        if key not in self._known:
            self._known[key] = (make(), about)
        return self._known[key][0]

    def split(self, polygons: np.ndarray, cutters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        key = ("split", ids(polygons), ids(cutters))
        return self.once(key, lambda: self._split(polygons, cutters), (polygons, cutters))

    def _split(self, polygons: np.ndarray, cutters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inside, outside = polygons.copy(), polygons.copy()
        for n, polygon in enumerate(polygons):
            ground = self.under(polygon, cutters)
            if ground is None:
                inside[n] = shapely.MultiPolygon()
            elif ground is polygon:
                outside[n] = shapely.MultiPolygon()
            else:
                inside[n], outside[n] = shapely.intersection(polygon, ground), shapely.difference(polygon, ground)
        return polygonal(inside), polygonal(outside)

    def inside(self, polygons: np.ndarray, cutters: np.ndarray) -> np.ndarray:
        """The first half of `split`."""
        found = polygons.copy()
        for n, polygon in enumerate(polygons):
            ground = self.under(polygon, cutters)
            if ground is None:
                found[n] = shapely.MultiPolygon()
            elif ground is not polygon:
                found[n] = shapely.intersection(polygon, ground)
        return polygonal(found)

    def divided(self, zones: np.ndarray, ground: np.ndarray, existing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same, but divided by what stood there first: that is the same whatever the ground."""
        legacy, rest = self.split(self.flatten(zones), self.flatten(existing))
        ground = self.flatten(ground)
        return self.inside(legacy, ground), self.inside(rest, ground)

    def under(self, polygon: shapely.Geometry, cutters: np.ndarray) -> shapely.Geometry | None:
        """Cutters that meet a polygon, united; the polygon itself if one covers it, None if none does."""
        if not len(cutters) or shapely.is_empty(polygon):
            return None
        shapely.prepare(polygon)
        meeting = cutters[shapely.intersects(polygon, cutters)]
        if not len(meeting):
            return None
        if shapely.covered_by(polygon, meeting).any():
            return polygon
        return (
            meeting[0] if len(meeting) == 1 else self.once(("united", ids(meeting)), lambda: united(meeting), meeting)
        )

    def edges(self, geoms: np.ndarray) -> tuple[EdgeSet, np.ndarray]:
        """The edges of shapes on the plane, of each object once, and which of them each shape has."""
        return self.once(("edges", ids(geoms)), lambda: self._edges(geoms), geoms)

    def _edges(self, geoms: np.ndarray) -> tuple[EdgeSet, np.ndarray]:
        number = {
            one: n for n, one in enumerate(dict.fromkeys(ids(geoms)))
        }  # in their order: sums come out the same again
        each = {id(geom): geom for geom in geoms}
        return EdgeSet.of(np.array(list(each.values()), object), None), np.array(
            [number[one] for one in ids(geoms)], int
        )

    def check(self, geoms: np.ndarray, first: int) -> None:
        """TooComplex if the outlines of shapes on the plane meet too often for all the cuts of all the checks: those from
        `first` on with all of them. The others, parcels, are counted among each other where they are united."""
        edges, which = self.edges(geoms)
        lines = np.unique(which[first:])
        sizes = shapely.get_num_coordinates(edges.geoms)
        a, b = shapely.STRtree(edges.geoms[lines]).query(edges.geoms)[::-1]
        a = lines[a]
        twice = np.isin(b, lines) & (a <= b)  # met from the other side, or a shape and itself
        a, b = a[~twice], b[~twice]
        if sizes[a].astype(float) @ sizes[b] > CROSSINGS:
            limits = {**load_standard().limits, "overlay_crossings": CROSSINGS}
            check_crossings(edges, edges, Pairs.of(a, b, len(edges)), limits)


def united(cutters: np.ndarray) -> shapely.Geometry:
    """Parcels of the base year lie side by side and meet in common corners, and are united twenty times as fast for it.

    The union of such a coverage has the area of all of them and is valid; what overlaps or meets elsewhere fails in one.
    """
    try:
        found = shapely.coverage_union_all(cutters)
        area = shapely.area(cutters).sum()
        if abs(shapely.area(found) - area) <= SAME * area and shapely.is_valid(found):
            return found
    except shapely.errors.GEOSException:
        pass  # no coverage
    check_union(cutters)
    return shapely.union_all(cutters)


def ids(geoms: np.ndarray) -> tuple[int, ...]:
    return tuple(map(id, geoms))


def near(polygons: np.ndarray, zones: np.ndarray) -> np.ndarray:
    """Those of the polygons whose bounding box meets that of a zone."""
    if not len(polygons) or not len(zones):
        return np.empty(0, dtype=object)
    return polygons[np.unique(shapely.STRtree(polygons).query(zones)[1])]


def sheet_of(frames: Frames, zones: np.ndarray) -> Sheet:
    """The sheet all checks of a drawn polygon share, or one for these zones (lon/lat)."""
    return frames.sheet or Sheet(Plane.around(zones))


def base_of(frames: Frames, codes: CodeSet) -> np.ndarray:
    """Base-year parcels of these classes, in lon/lat."""

    def made() -> np.ndarray:
        return shapes(frames.base)[codes.mask(frames.base["code"])]

    return frames.sheet.once(("base", codes), made) if frames.sheet else made()
