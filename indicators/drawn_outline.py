"""A polygon as somebody draws it: GeoJSON read strictly, and what is wrong with it said with its place.

Half of what arrives while a person draws is not finished: a ring that crosses itself for a moment is no fault to log,
it is answered with the point where it does so that the page can mark it. Nothing is mended: an area computed from a
mended outline would be that of another polygon.
"""

import re
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.utils.translation import gettext as _

from indicators.compute.plane import Plane
from portal.errors import PortalError
from portal.geo.reasons import REASONS

DECIMALS = 9  # of a degree, 0.1 mm: what is stored and answered
NO_AREA_M2 = 0.01
"""a polygon below it is a line: coordinates are good to 0.1 mm, so 100 m of outline enclose as much by rounding"""

_FAULTS = {
    "Self-intersection": "self_intersection",
    "Ring Self-intersection": "ring_self_intersection",
    "Hole lies outside shell": "hole_outside",
    "Holes are nested": "nested_holes",
    "Nested shells": "nested_shells",
    "Interior is disconnected": "disconnected_interior",
    "Duplicate Rings": "duplicate_rings",
    "Too few points in geometry component": "too_few_points",
}
_PLACE = re.compile(r"^(?P<text>[^\[]*)\[(?P<x>\S+) (?P<y>[^\]\s]+)")


class BadOutline(PortalError):
    """The polygon cannot be checked; `data.reason` says why for programs, `data.place` where, if that is one point."""

    code = "geometry"

    def __init__(self, reason: str, message: str, place: tuple[float, float] | None = None) -> None:
        data: dict[str, Any] = {"reason": reason}
        if place:
            data["place"] = [round(float(place[0]), DECIMALS), round(float(place[1]), DECIMALS)]
        super().__init__(message, data=data)


def outline(geometry: Any) -> shapely.Geometry:
    """The valid polygon of a GeoJSON geometry in longitude and latitude, rounded as storage rounds it."""
    parts = [polygon(rings) for rings in coordinates(geometry)]
    found = parts[0] if geometry["type"] == "Polygon" else shapely.multipolygons(parts)
    check_place(found)
    check_validity(found)
    return found


def coordinates(geometry: Any) -> list[list[list[Any]]]:
    """The lists of rings of its polygons, as far as lists go and not longer than is allowed."""
    kinds = {"Polygon": lambda c: [c], "MultiPolygon": lambda c: c}
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(kind, str) or kind not in kinds or not set(geometry) <= {"type", "coordinates", "bbox"}:
        raise BadOutline(
            "not_polygon", _("The geometry must be a GeoJSON Polygon or MultiPolygon, and nothing beside it.")
        )
    found = geometry.get("coordinates")
    listed = isinstance(found, list) and found and kinds[kind](found)
    polygons = listed and all(isinstance(rings, list) and rings for rings in listed)
    if not polygons or not all(isinstance(ring, list) for rings in listed for ring in rings):
        raise BadOutline("json_coordinates", _("The coordinates must be lists of rings of positions."))
    count, limit = sum(len(ring) for rings in listed for ring in rings), settings.DRAWN_MAX_VERTICES
    if count > limit:
        said = _("The polygon has %(count)d vertices; up to %(limit)d can be checked while drawing.")
        raise BadOutline("too_many_vertices", said % {"count": count, "limit": limit})
    return listed


def polygon(rings: list[list[Any]]) -> shapely.Polygon:
    shell, *holes = [ring_of(ring) for ring in rings]
    return shapely.polygons(shell, holes or None)


def ring_of(ring: list[Any]) -> shapely.LinearRing:
    """A closed ring of at least four positions; a third number of a position, its height, is left out."""
    pairs = [p for p in ring if isinstance(p, list) and 2 <= len(p) <= 3 and all(type(v) in (int, float) for v in p)]
    if len(pairs) != len(ring):
        raise BadOutline("json_coordinates", _("Each position must be two numbers: longitude, latitude."))
    try:
        xy = np.array([p[:2] for p in pairs], float).reshape(-1, 2)
    except OverflowError:
        xy = np.array([[np.inf, np.inf]])
    if not np.isfinite(xy).all():
        raise BadOutline("coordinates_not_finite", _("A coordinate of the polygon is not a number of degrees."))
    if len(xy) and (xy[0] != xy[-1]).any():
        raise BadOutline(
            "ring_not_closed", _("A ring is not closed: its last position must be its first."), tuple(xy[-1])
        )
    if len(xy) < 4:
        raise BadOutline("too_few_points", _("A ring needs three corners at least."))
    check_degrees(xy)
    return shapely.linearrings(np.round(xy, DECIMALS))


def check_degrees(xy: np.ndarray) -> None:
    lon, lat = xy[:, 0], xy[:, 1]
    if (abs(lon) <= 180).all() and (abs(lat) <= 90).all():
        return
    if (abs(lon) <= 90).all() and (abs(lat) <= 180).all():
        raise BadOutline("coordinates_swapped", _(REASONS["coordinates_swapped"]))
    raise BadOutline(
        "coordinates_not_degrees", _("The coordinates must be degrees of longitude and latitude (EPSG:4490).")
    )


def check_place(found: shapely.Geometry) -> None:
    """Before validity is asked: a ring that runs out and back the same way is no polygon, but does not cross itself."""
    west, south, east, north = shapely.bounds(found)
    flat = Plane((west + east) / 2, (south + north) / 2).flatten(np.array([shapely.convex_hull(found)], object))
    if not shapely.area(flat)[0] > NO_AREA_M2:
        raise BadOutline("no_area", _("The polygon has no area."), (west, south))


def check_validity(found: shapely.Geometry) -> None:
    """Valid as it is stored, and as it is measured: moved to the plane, a spike of 0.1 mm may turn inside out."""
    plane = Plane.around(np.array([found], object))
    flat = plane.flatten(np.array([found], object))
    for shape, on_plane in ((found, False), (flat[0], True)):
        if shapely.is_valid(shape):
            continue
        text = shapely.is_valid_reason(shape)
        match = _PLACE.match(text)
        reason = _FAULTS.get((match["text"] if match else text).strip(), "invalid_geometry")
        place = match and (float(match["x"]), float(match["y"]))
        if place and on_plane:
            place = tuple(shapely.get_coordinates(plane.lift(np.array([shapely.Point(place)], object)))[0])
        said = _(REASONS[reason]).format(detail=text)
        raise BadOutline(reason, said + (" " + where(place) if place else ""), place)
    if not shapely.area(flat)[0] > NO_AREA_M2:
        raise BadOutline("no_area", _("The polygon has no area."), tuple(shapely.get_coordinates(found)[0]))


def where(place: tuple[float, float]) -> str:
    return _("Near longitude %(lon).6f, latitude %(lat).6f.") % {"lon": place[0], "lat": place[1]}
