"""Overlaps of two layers: how large they are, and where it is needed their shapes.

Two doors. `pair_areas` measures without building shapes: meeting places of boundaries by formula (crossings.py), and
GEOS for the few pairs the formulas do not settle. `pair_pieces` builds shapes, for findings on a map.
Both take valid polygons in lon/lat, measure ellipsoidal m² (椭球面积), and count an overlap of each a with each b:
a layer whose own polygons overlap is counted twice there, so lines are united first (`united`). Polygons that cross too
often to be measured in reasonable time and memory raise `bounds.TooComplex` before anything is computed.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from indicators.compute.bounds import all_pairs, check_boxes, check_crossings, check_shapes, check_union, checked_blocks
from indicators.compute.crossings import overlap_areas
from indicators.compute.edges import EdgeSet
from indicators.compute.plane import Plane

NOISE_M2 = 1e-4
"""An overlap below 1 cm² is rounding of coordinates stored to 0.1 mm: the polygons only touch."""

MISFIT_M2 = 1e-3
"""An area this far outside what its polygons allow shows an invalid polygon: GEOS is asked, and says so."""


class Pieces(NamedTuple):
    """Overlaps of a[ia] and b[ib]: area in m² and shape, in lon/lat or on the plane it was asked on."""

    ia: np.ndarray
    ib: np.ndarray
    area_m2: np.ndarray
    geom: np.ndarray


def pair_areas(
    a_geoms: np.ndarray, b_geoms: np.ndarray, *, a_area: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ellipsoidal area (m²) of a_i ∩ b_j of all overlapping pairs: (i, j, area), ordered by j, then i.

    Polygons that only touch are left out. With `a_area` (m², as stored) the areas of each a are scaled to it, so that
    an a wholly within one b reports exactly its stored area (the scale differs from 1 by some 1e-9).
    """
    a_geoms, b_geoms = np.asarray(a_geoms, object), np.asarray(b_geoms, object)
    plane = Plane.around(a_geoms, b_geoms)
    return pair_areas_kept(EdgeSet.of(a_geoms, plane), EdgeSet.of(b_geoms, plane), a_area=a_area)


def pair_areas_kept(
    a: EdgeSet, b: EdgeSet, *, a_area: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`pair_areas` of edges that were prepared before, both on one plane."""
    if a.plane != b.plane:
        raise ValueError("edges on two planes cannot be compared")
    pairs = all_pairs(a, b)
    area = overlap_areas(a, b, pairs, checked_blocks(a, b, pairs))
    limit = np.minimum(a.area_m2[pairs.a], b.area_m2[pairs.b])
    ask = ~((area > -MISFIT_M2) & (area < limit + MISFIT_M2))
    asked = pairs.take(ask)
    check_crossings(a, b, asked)
    area[ask] = shapely.area(shapely.intersection(a.flat(asked.a), b.flat(asked.b)))
    area = np.minimum(area, limit)
    if a_area is not None:
        area *= np.divide(a_area, a.area_m2, out=np.ones(len(a)), where=a.area_m2 > 0)[pairs.a]
    real = area > NOISE_M2
    return pairs.a[real], pairs.b[real], area[real]


def pair_pieces(a_geoms: np.ndarray, b_geoms: np.ndarray) -> Pieces:
    """Ellipsoidal area and shape (lon/lat polygons) of a_i ∩ b_j of all overlapping pairs."""
    a_geoms, b_geoms = np.asarray(a_geoms, object), np.asarray(b_geoms, object)
    plane = Plane.around(a_geoms, b_geoms)
    pieces = planar_pieces(plane.flatten(a_geoms), plane.flatten(b_geoms))
    return pieces._replace(geom=mended(plane.lift(pieces.geom)))


def planar_pieces(a: np.ndarray, b: np.ndarray) -> Pieces:
    """`pair_pieces` for polygons on one plane: an a covered by a b is taken as it is, the rest is clipped."""
    check_boxes(a, b)
    ib, ia = shapely.STRtree(a).query(b, predicate="intersects")
    check_shapes(a, b, ia, ib)
    shapely.prepare(b)
    covered = shapely.covers(b[ib], a[ia])
    geom = a[ia]
    geom[~covered] = polygonal(shapely.intersection(a[ia[~covered]], b[ib[~covered]]))
    area = shapely.area(geom)
    real = area > NOISE_M2
    return Pieces(ia[real], ib[real], area[real], geom[real])


def cut(polygons: np.ndarray, cutters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each polygon's share inside the cutters and the share outside, on one plane; cutters may overlap each other."""
    inside, outside = np.full(len(polygons), shapely.MultiPolygon(), object), polygons.copy()
    check_boxes(cutters, polygons)
    at, by = shapely.STRtree(cutters).query(polygons, predicate="intersects")
    check_shapes(polygons, cutters, at, by)
    check_union(cutters[np.unique(by)])
    order = np.argsort(at, kind="stable")
    at, by = at[order], by[order]
    for group in np.split(np.arange(len(at)), np.flatnonzero(np.diff(at)) + 1) if len(at) else ():
        polygon, cutter = polygons[at[group[0]]], shapely.union_all(cutters[by[group]])
        inside[at[group[0]]] = shapely.intersection(polygon, cutter)
        outside[at[group[0]]] = shapely.difference(polygon, cutter)
    return polygonal(inside), polygonal(outside)


def united(polygons: np.ndarray) -> np.ndarray:
    """Polygons united: parts that do not overlap and cover the same ground; counted once where lines overlap."""
    polygons = polygons[~shapely.is_missing(polygons)]
    check_union(polygons)
    return polygons_of(shapely.union_all(polygons))


def polygons_of(geom: shapely.Geometry) -> np.ndarray:
    """The polygons in a geometry of any type."""
    parts = shapely.get_parts(shapely.get_parts(geom))
    return parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]


def polygonal(geoms: np.ndarray) -> np.ndarray:
    """Each geometry without its points and lines; what was neither Polygon nor MultiPolygon becomes a MultiPolygon."""
    areal = [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON]
    mixed = ~np.isin(shapely.get_type_id(geoms), areal)
    if mixed.any():
        geoms = geoms.copy()
        geoms[mixed] = [shapely.multipolygons(polygons_of(geom)) for geom in geoms[mixed]]
    return geoms


def mended(geoms: np.ndarray) -> np.ndarray:
    """Valid polygons again after a change of coordinates has moved vertices by rounding."""
    broken = ~shapely.is_valid(geoms)
    if broken.any():
        geoms = geoms.copy()
        geoms[broken] = polygonal(shapely.make_valid(geoms[broken], method="structure"))
    return geoms


def areas_by(first: np.ndarray, second: np.ndarray, area_m2: np.ndarray) -> pd.DataFrame:
    """Sum of areas for each combination of two labels, as rows (first, second, area_m2)."""
    frame = pd.DataFrame({"first": first, "second": second, "area_m2": area_m2})
    return frame.groupby(["first", "second"], as_index=False)["area_m2"].sum()
