"""What people draw to say which land they mean: an area, or a line they marked on paper."""

from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from planning.models import PlanVersion
from portal.errors import PortalError

MOST_POINTS = 2000
NEAR = 0.01
"""degrees that a shape may reach out of the village, about a kilometre"""
KINDS = ("Polygon", "MultiPolygon", "LineString", "MultiLineString")


def drawn_shape(version: PlanVersion, shape: GEOSGeometry) -> GEOSGeometry:
    """The shape in EPSG:4490 if it can be kept; PortalError says what is wrong with it."""
    shape.srid = shape.srid or 4490
    if shape.geom_type not in KINDS or shape.srid != 4490 or shape.empty:
        raise PortalError(_("Please draw an area on the map."), code="shape")
    if shape.num_coords > MOST_POINTS:
        raise PortalError(
            _("The area has more than %(most)d corners; please draw it simpler.") % {"most": MOST_POINTS}, code="shape"
        )
    if not shape.valid:
        raise PortalError(_("The line of the area crosses itself; please draw it again."), code="shape")
    west, south, east, north = version.plan.village.geom.extent
    left, low, right, high = shape.extent
    if left < west - NEAR or low < south - NEAR or right > east + NEAR or high > north + NEAR:
        raise PortalError(_("The area lies outside the village."), code="shape")
    return shape
