"""The one door to pyproj: which coordinate system a file is in, the way to storage, and area on the ellipsoid.

Everything here is longitude first (`always_xy`): the registry's axis order of EPSG:4490 and of the Gauss-Kruger
zones is north first, and mixing the two has moved more than one village to another continent.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import shapely
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

from portal.geo import edges

STORAGE = 4490
"""CGCS2000 国家大地坐标系, longitude and latitude in degrees."""

GEOD = Geod(a=6378137.0, rf=298.257222101)
MAX_TEXT = 10_000
MAX_FALSE_EASTING_DISTANCE = 1_000_000
"""metres: an easting further than this from the false easting carries a zone prefix the CRS text does not declare"""
MAX_NORTHING = 6_500_000
"""metres from the equator to the north of China, and some more: a zone number makes any easting larger"""
MAX_SERIES_STEP = 5_000
"""metres: edges up to this agree with geodesics to 1e-9 of the area, or to the 1e-4 m2 that geodesics are true to"""
MAX_SERIES_LATITUDE = np.radians(60)

_EPSG = re.compile(r"^(?:urn:ogc:def:crs:)?EPSG:[\d.]*:?(\d{4,6})$", re.IGNORECASE)
_CRS84 = re.compile(r"^(?:urn:ogc:def:crs:)?(?:OGC:[\d.]*:?)?CRS84$", re.IGNORECASE)
_WKT = re.compile(r"^\s*(?:GEOGCS|PROJCS|COMPD_CS|GEOGCRS|GEODCRS|PROJCRS|COMPOUNDCRS|BOUNDCRS)\s*\[", re.IGNORECASE)
_GRIDS = re.compile(r"PROJ4|GRIDS|\+proj|PIPELINE|://", re.IGNORECASE)

Geometries = np.ndarray


class UnknownCRS(ValueError):
    """The text names no coordinate system that may be used; `reason` is a key of reasons.REASONS."""

    def __init__(self, reason: str, **params: object) -> None:
        self.reason = reason
        self.params = params
        super().__init__(f"{reason} {params}")


def resolve(text: str | int) -> CRS:
    """The CRS of an EPSG number, an `EPSG:n` or OGC name, or a WKT as ESRI and OGC write it.

    A WKT is used as it stands: matching it to "the nearest" registry entry with a low confidence finds another zone
    for local central meridians. PROJ strings and pipelines are not taken, they can name files.
    """
    crs = _parse(str(text).strip().lstrip("\ufeff"))
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    forbidden = forbidden_datum(crs)
    if forbidden:
        raise UnknownCRS("datum_forbidden", datum=forbidden)
    if not (crs.is_geographic or crs.is_projected):
        raise UnknownCRS("crs_unknown", text=crs.name[:100])
    return crs.to_2d() if len(crs.axis_info) > 2 else crs


def registry_axes(name: str) -> tuple[bool, int]:
    """Whether the registry puts north first, and how many axes it has, heights of a compound system included."""
    try:
        found = _parse(name)
    except UnknownCRS:
        return False, 2  # the fault is found again, and told, when the layer is placed
    plane = found.sub_crs_list[0] if found.is_compound else found
    return plane.axis_info[0].direction.lower() in ("north", "south"), len(found.axis_info)


def _parse(text: str) -> CRS:
    shown = " ".join(text.split())[:100]
    if not text or len(text) > MAX_TEXT:
        raise UnknownCRS("crs_unknown", text=shown)
    if _CRS84.match(text):
        return CRS.from_epsg(STORAGE)
    named = _EPSG.match(text) or re.match(r"^(\d{4,6})$", text)
    if not named and (not _WKT.match(text) or _GRIDS.search(text)):
        raise UnknownCRS("crs_unknown", text=shown)
    try:
        crs = CRS.from_epsg(int(named.group(1))) if named else CRS.from_wkt(text)
    except (CRSError, ProjError, RecursionError) as error:
        raise UnknownCRS("crs_unknown", text=shown) from error
    if crs.is_geocentric or (crs.is_vertical and not crs.is_compound) or crs.is_engineering:
        raise UnknownCRS("crs_unknown", text=shown)
    return crs


def forbidden_datum(crs: CRS) -> str:
    """Name of the datum if it may not be converted: 北京54 and 西安80 need local parameters, which are secret."""
    datum = crs.datum.name if crs.datum else ""
    if re.search(r"beijing.?(19)?54|xian.?(19)?80|北京.?54|西安.?80", f"{datum} {crs.name}", re.IGNORECASE):
        return datum or crs.name
    ellipsoid = crs.ellipsoid
    if ellipsoid is not None and round(ellipsoid.semi_major_metre) in (6378245, 6378140):  # Krasovsky, IAG 1975
        return datum or ellipsoid.name
    return ""


def describe(crs: CRS) -> str:
    """`EPSG:4548 CGCS2000 / 3-degree Gauss-Kruger CM 117E`, or the name alone where the registry has no equal."""
    epsg = crs.to_epsg()
    return f"EPSG:{epsg} {crs.name}" if epsg else crs.name


@lru_cache(maxsize=64)
def _transformer(source: CRS, target: CRS) -> Transformer:
    """The best operation known offline. A datum shift PROJ can only guess ("ballpark") is refused, unless both
    ellipsoids are GRS80-like: CGCS2000, WGS84, TWD97 and their kind agree to well under a metre."""
    geocentric = all(
        abs(crs.ellipsoid.semi_major_metre - 6378137) < 0.5 and abs(crs.ellipsoid.inverse_flattening - 298.25722) < 1e-3
        for crs in (source, target)
    )
    try:
        if geocentric:
            return Transformer.from_crs(source, target, always_xy=True)
        best = TransformerGroup(source, target, always_xy=True).transformers[:1]
    except ProjError as error:  # a text that reads well and means nothing
        raise UnknownCRS("crs_unknown", text=source.name[:100]) from error
    if not best or "ballpark" in best[0].description.lower():
        raise UnknownCRS("datum_unsupported", datum=source.datum.name if source.datum else source.name)
    return best[0]


def transform(geoms: Geometries, source: CRS, target: CRS) -> Geometries:
    """2D copies of `geoms` in `target`; what cannot be projected becomes infinite, never an exception."""
    flat = shapely.force_2d(np.asarray(geoms, dtype=object))
    if source == target:
        return flat
    transformer = _transformer(source, target)
    return shapely.transform(flat, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))


def to_storage(geoms: Geometries | Sequence[object], crs: CRS | int | str) -> Geometries:
    """Geometries of any accepted CRS as 2D lon/lat on CGCS2000."""
    source = crs if isinstance(crs, CRS) else resolve(crs)
    return transform(np.asarray(geoms, dtype=object), source, storage_crs())


@lru_cache(maxsize=1)
def storage_crs() -> CRS:
    return CRS.from_epsg(STORAGE)


def local_metric_crs(geoms: Geometries | object) -> CRS:
    """The 3-degree Gauss-Kruger CRS (no zone prefix) whose central meridian is nearest to the middle of `geoms`.

    For distances and overlaps only: areas that are shown or stored come from `area_m2`.
    """
    west, _, east, _ = shapely.total_bounds(np.atleast_1d(np.asarray(geoms, dtype=object)))
    middle = (west + east) / 2
    if not np.isfinite(middle):
        raise ValueError("local_metric_crs needs at least one non-empty geometry")
    return gauss_kruger(round(middle / 3) * 3)


@lru_cache(maxsize=64)
def gauss_kruger(meridian: int) -> CRS:
    """CGCS2000 / 3-degree Gauss-Kruger CM: `epsg = 4534 + (CM - 75) / 3` inside China, the same projection elsewhere."""
    if 75 <= meridian <= 135 and meridian % 3 == 0:
        return CRS.from_epsg(4534 + (meridian - 75) // 3)
    return CRS.from_dict(
        {"proj": "tmerc", "lat_0": 0, "lon_0": meridian, "k": 1, "x_0": 500_000, "a": GEOD.a, "rf": 298.257222101}
    )


def misplaced(geoms: Geometries, crs: CRS) -> tuple[str, int] | None:
    """Reason and 0-based position of the first geometry whose coordinates cannot be meant in `crs`, or None."""
    bounds = shapely.bounds(np.asarray(geoms, dtype=object))
    empty = np.isnan(bounds).all(axis=1)
    if crs.is_geographic:
        return _outside_degrees(bounds, empty)
    if crs.coordinate_operation.method_name != "Transverse Mercator":
        return None
    easting = next((p.value for p in crs.coordinate_operation.params if p.name == "False easting"), 0.0)
    return _outside_zone(bounds, empty, easting)


def _outside_zone(bounds: np.ndarray, empty: np.ndarray, easting: float) -> tuple[str, int] | None:
    """A zone number that is missing, not meant or another one (EPSG:4513-4533 carry it, 4534-4554 do not), or northing
    first. A false easting of 39500000 allows 39000000 to 40000000 only: what comes after belongs to zone 40."""
    x, y = bounds[:, [0, 2]], bounds[:, [1, 3]]
    far = ~empty & (np.abs(x - easting).max(axis=1) > MAX_FALSE_EASTING_DISTANCE)
    if easting > MAX_FALSE_EASTING_DISTANCE:
        far |= ~empty & (x // 1e6 != easting // 1e6).any(axis=1)
    if not far.any():
        return None
    swapped = (np.abs(y - easting) <= MAX_FALSE_EASTING_DISTANCE / 2) & (x >= 1e6) & (x <= MAX_NORTHING)
    reason = "coordinates_swapped" if swapped[far].all() else "crs_zone_prefix"
    return reason, int(np.flatnonzero(far)[0])


def _outside_degrees(bounds: np.ndarray, empty: np.ndarray) -> tuple[str, int] | None:
    """Metres labelled degrees, or latitude first: both are asked about, never turned silently."""
    x, y = np.abs(bounds[:, [0, 2]]).max(axis=1), np.abs(bounds[:, [1, 3]]).max(axis=1)
    wrong = ~empty & ~((x <= 180) & (y <= 90))
    if not wrong.any():
        return None
    swapped = bool(((x <= 90) & (y <= 180))[wrong].all())
    return ("coordinates_swapped" if swapped else "coordinates_not_degrees"), int(np.flatnonzero(wrong)[0])


def perimeter_m(geoms: Geometries | Sequence[object]) -> np.ndarray:
    """Length of all rings of each polygon in m, on the ellipsoid; edges of up to 10 km are true to 1e-6."""
    found = edges.rings(_polygonal(geoms))
    if not len(found.size):
        return np.zeros(len(geoms))
    length = np.r_[np.hypot(*steps_m(found.xy)), 0.0]
    length[found.start + found.size - 1] = 0.0  # from one ring to the next
    return np.bincount(found.owner, np.add.reduceat(length, found.start), minlength=len(geoms))


def _polygonal(geoms: Geometries | Sequence[object]) -> Geometries:
    geoms = np.atleast_1d(np.asarray(geoms, dtype=object))
    return np.where(np.isin(shapely.get_type_id(geoms), (3, 6, 7)), geoms, None)


def steps_m(lonlat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Metres east and north from each vertex to the next.

    Each step is measured with the two radii of curvature at its middle, which is 50 times as fast as a geodesic.
    """
    lon, lat = np.radians(lonlat).T
    across, along = _radii((lat[1:] + lat[:-1]) / 2)
    return across * np.diff(lon), along * np.diff(lat)


def _radii(lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Metres for a radian of longitude, N cos φ, and of latitude, M."""
    bend = 1 - GEOD.es * np.sin(lat) ** 2
    return GEOD.a / np.sqrt(bend) * np.cos(lat), GEOD.a * (1 - GEOD.es) / bend**1.5


def area_m2(geoms: Geometries | Sequence[object]) -> np.ndarray:
    """Ellipsoidal area 椭球面积 in m2 on CGCS2000 of lon/lat polygons, holes taken off; other types and None are 0.

    Edges are geodesics, as in PostGIS `ST_Area(geom::geography)`.
    """
    geoms = _polygonal(geoms)
    found = edges.rings(geoms)
    signed = np.where(found.hole, -1.0, 1.0) * _ring_areas(found)
    return np.bincount(found.owner, signed, minlength=len(geoms))


def _ring_areas(found: edges.Rings) -> np.ndarray:
    """Areas of rings: geodesics where edges are long, a series, fifteen times as fast, where they are short."""
    if not len(found.size):
        return np.zeros(0)
    area, usable = _areas_by_series(found)
    for ring in np.flatnonzero(~usable):
        lon, lat = found.xy[found.start[ring] : found.start[ring] + found.size[ring]].T.copy()
        area[ring] = GEOD.polygon_area_perimeter(lon, lat)[0] if len(lon) > 3 else 0.0
    return np.abs(area)


def _areas_by_series(found: edges.Rings) -> tuple[np.ndarray, np.ndarray]:
    """Signed areas of rings, and for which of them all edges are short enough and far enough from the poles.

    In the coordinates λ and q, with dq = M N cos φ dφ (the authalic latitude 等积纬度), the area is that of plane
    polygons. An edge straight there has the geodesic curvature -sin α tan φ (1 + 2 cos² α) / N, so that it and the
    geodesic of the same ends enclose κ L³ / 12.
    """
    start = np.repeat(found.start, found.size)
    lon = np.radians(found.xy[:, 0] - found.xy[start, 0])
    lat = np.radians(found.xy[:, 1])
    q = _authalic(lat)
    q -= q[start]
    middle = (lat[1:] + lat[:-1]) / 2
    across, along = _radii(middle)
    east, north = across * np.diff(lon), along * np.diff(lat)
    plane = (lon[:-1] * q[1:] - lon[1:] * q[:-1]) / 2
    bow = east * np.sin(middle) / across * (east**2 + 3 * north**2) / 12
    long = (np.abs(east) > MAX_SERIES_STEP) | (np.abs(north) > MAX_SERIES_STEP) | (np.abs(middle) > MAX_SERIES_LATITUDE)
    last = (found.start + found.size - 1)[:-1]  # between two rings there is no edge
    term, long = np.r_[plane - bow, 0.0], np.r_[long, False]
    term[last], long[last] = 0.0, False
    return np.add.reduceat(term, found.start), ~np.logical_or.reduceat(long, found.start)


def _authalic(lat: np.ndarray) -> np.ndarray:
    """Area in m2 between the equator and the latitude, for a radian of longitude."""
    e, sine = np.sqrt(GEOD.es), np.sin(lat)
    return GEOD.b**2 / 2 * (sine / (1 - GEOD.es * sine**2) + np.arctanh(e * sine) / e)
