"""What people draw to say which land they mean: an area, or a line they marked on paper."""

import json
import math
from typing import Any

from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Polygon
from django.utils.translation import gettext as _

from planning.models import PlanVersion
from portal.errors import PortalError
from villages.models import Village

MOST_POINTS = 2000
NEAR = 0.01
"""degrees that a shape may reach out of the village, about a kilometre"""
KINDS = ("Polygon", "MultiPolygon", "LineString", "MultiLineString")
MOST_SHOWN = 60
"""corners of an outline on a page: more cannot be told apart under a finger, and a page must not grow by them"""
FINEST = 0.00001
"""degrees, about a metre"""


def area_of(drawn: Any) -> GEOSGeometry | None:
    """An area that came as GeoJSON (Polygon or MultiPolygon, EPSG:4490); None if there is none. PortalError: it is none.

    Nothing is trusted: kind, depth, number of corners and every figure are looked at before a geometry is made.
    """
    if drawn is None:
        return None
    if not isinstance(drawn, dict) or set(drawn) != {"type", "coordinates"}:
        raise no_area()
    parts = drawn["coordinates"]
    if drawn["type"] == "Polygon":
        parts = [parts]
    elif drawn["type"] != "MultiPolygon":
        raise no_area()
    left = [MOST_POINTS]
    try:
        polygons = [
            Polygon(*(ring_of(ring, left) for ring in list_of(part)), srid=4490) for part in list_of(parts, left[0])
        ]
        return polygons[0] if len(polygons) == 1 else MultiPolygon(*polygons, srid=4490)
    except (GEOSException, ValueError, TypeError) as error:
        raise no_area() from error


def area_in(text: str) -> GEOSGeometry | None:
    """The same from the text of a form's field."""
    try:
        return area_of(json.loads(text)) if text.strip() else None
    except (ValueError, RecursionError) as error:
        raise no_area() from error


def list_of(value: Any, most: int = MOST_POINTS) -> list:
    if not isinstance(value, list) or not 0 < len(value) <= most:
        raise no_area()
    return value


def ring_of(value: Any, left: list[int]) -> list[tuple[float, float]]:
    """A closed ring of places; `left` is how many more corners the whole area may have."""
    if isinstance(value, list) and len(value) > left[0]:
        raise too_many()
    left[0] -= len(list_of(value))
    return [place_of(place) for place in value]


def place_of(value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise no_area()
    if not all(isinstance(figure, int | float) and not isinstance(figure, bool) for figure in value):
        raise no_area()
    lon, lat = value
    # compared before it is made a float: a whole number of a thousand digits is no place either
    if not (-180 <= lon <= 180 and -90 <= lat <= 90) or not math.isfinite(lon + lat):
        raise no_area()
    return float(lon), float(lat)


def no_area() -> PortalError:
    return PortalError(_("Please draw an area on the map."), code="shape")


def too_many() -> PortalError:
    return PortalError(
        _("The area has more than %(most)d corners; please draw it simpler.") % {"most": MOST_POINTS}, code="shape"
    )


def outline(shape: GEOSGeometry) -> dict[str, Any]:
    """What was drawn as GeoJSON for a page: about a metre fine, and of few corners however many were drawn."""
    step = FINEST
    simple = shape.simplify(step, preserve_topology=True)
    while simple.num_coords > MOST_SHOWN and step < NEAR:
        step *= 2
        simple = shape.simplify(step, preserve_topology=True)
    return {"type": simple.geom_type, "coordinates": rounded(simple.coords)}


def rounded(coordinates: tuple) -> list:
    """Coordinates to the decimetre."""
    if isinstance(coordinates[0], float):
        return [round(figure, 6) for figure in coordinates]
    return [rounded(inner) for inner in coordinates]


def drawn_shape(version: PlanVersion, shape: GEOSGeometry) -> GEOSGeometry:
    """The shape in EPSG:4490 if it can be kept; PortalError says what is wrong with it."""
    return drawn_near(version.plan.village, shape)


def drawn_near(village: Village, shape: GEOSGeometry) -> GEOSGeometry:
    """The same of what was drawn on the map of a village."""
    shape.srid = shape.srid or 4490
    if shape.geom_type not in KINDS or shape.srid != 4490 or shape.empty:
        raise no_area()
    if shape.num_coords > MOST_POINTS:
        raise too_many()
    if not shape.valid:
        raise PortalError(_("The line of the area crosses itself; please draw it again."), code="shape")
    west, south, east, north = village.geom.extent
    left, low, right, high = shape.extent
    if left < west - NEAR or low < south - NEAR or right > east + NEAR or high > north + NEAR:
        raise PortalError(_("The area lies outside the village."), code="shape")
    return shape
