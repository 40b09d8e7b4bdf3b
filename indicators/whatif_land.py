"""Which land a comment means, and what it could become: the question of a what-if before it is computed."""

from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from planning import maps, profiles
from planning.comment_shapes import drawn_shape
from planning.models import Comment, LandUseClass, PlanVersion, Zone
from portal.errors import NotAllowed, PortalError
from portal.geo import crs
from portal.models import User
from villages.models import Village
from villages.rules import may_check_drawn, may_see_base_data

LEAST_M2 = 1.0
"""land smaller than this is a slip of the hand"""
AREAS = ("Polygon", "MultiPolygon")
MANY = 2000
"""zones or parcels looked at for a suggestion"""
OFTEN = 6
"""how many classes of the plan are suggested"""


def land_of(comment: Comment, *, by: User, geom: GEOSGeometry | None = None, zone: int | None = None) -> MultiPolygon:
    """The land in EPSG:4490: what the person gives (an area, or the number of a zone), else what the comment is about.

    Only who may check an area while drawing may give one: what it conflicts with says where control lines run.
    """
    version = comment.version
    if geom is not None:
        if not may_check_drawn(by, version.division_code):
            raise NotAllowed(_("Only staff of the division may give an area of their own. Choose a zone of the plan."))
        return sound(version, geom)
    if zone is not None:
        found = version.zones.filter(number=zone).first()
        if found is None:
            raise PortalError(_("This version has no zone %(number)s.") % {"number": zone}, code="zone")
        return found.geom
    land = meant(comment)
    if land is None:
        raise PortalError(
            _("The comment names no land. Say which zone of the plan is meant, by its number."), code="no_land"
        )
    return sound(version, land)


def meant(comment: Comment) -> GEOSGeometry | None:
    """The area that was drawn, the zone the comment is pinned to, or the zone under its pin or project; None if none."""
    if comment.shape is not None and comment.shape.geom_type in AREAS:
        return comment.shape
    zone = zone_meant(comment)
    return zone.geom if zone else None


def zone_meant(comment: Comment) -> Zone | None:
    """The zone the comment is about, where it has no area of its own."""
    if comment.zone_id:
        return comment.zone
    place = comment.geom or (comment.project and comment.project.geom)
    return comment.version.zones.filter(geom__intersects=place).order_by("number").first() if place else None


def sound(version: PlanVersion, geom: GEOSGeometry) -> MultiPolygon:
    """An area that can be computed: valid, not too detailed, some of it inside the village."""
    if geom.geom_type not in AREAS:
        raise PortalError(_("Please draw an area on the map."), code="shape")
    land = drawn_shape(version, geom)
    inside = land.intersection(version.plan.village.geom)
    if inside.empty or not inside.area:
        raise PortalError(
            _("The area lies outside the village. Choose land within its outline."), code="outside_village"
        )
    if area_m2(land) < LEAST_M2:
        raise PortalError(_("The area is smaller than 1 m². Draw it larger, or choose a zone."), code="too_small")
    return land if land.geom_type == "MultiPolygon" else MultiPolygon(land, srid=4490)


def area_m2(geom: GEOSGeometry) -> float:
    """Ellipsoidal area, m²."""
    return float(crs.area_m2([shapely.from_wkb(bytes(geom.wkb))])[0])


def check_class(version: PlanVersion, land: MultiPolygon, code: str) -> None:
    """The class exists, and not all of the land has it already."""
    if code not in profiles.known_codes():
        raise PortalError(
            _("“%(code)s” is no land-use class. Choose one of the list.") % {"code": code[:40]}, code="code"
        )
    ground = shapely.from_wkb(bytes(land.intersection(version.plan.village.geom).wkb))
    alike = version.zones.filter(geom__bboverlaps=land, code=code).values_list("geom", flat=True)
    shapes = shapely.from_wkb([bytes(geom.wkb) for geom in alike])
    if len(shapes) and shapely.area(shapely.intersection(shapes, ground)).sum() >= ground.area * (1 - 1e-9):
        raise PortalError(_("The plan has this land in that class already. Nothing would change."), code="unchanged")


# --- what the land could become


@dataclass(frozen=True)
class Choice:
    """A class that the land could become, and why it is suggested."""

    code: str
    name: str
    colour: str
    why: str | Promise


def suggestions(version: PlanVersion, land: GEOSGeometry | None, reader: User) -> list[Choice]:
    """Classes worth asking about: as the land is today, as its neighbours are planned, and what the plan has most of."""
    why: dict[str, str | Promise] = {}
    if land is not None:
        if may_see_base_data(reader, version.division_code):
            for code in today(version.plan.village, land):
                why.setdefault(code, gettext_lazy("as it is today"))
        near = version.zones.filter(geom__bboverlaps=land)
        for code in by_count(near):
            why.setdefault(code, gettext_lazy("as the land beside it"))
    for code in by_count(version.zones.all())[:OFTEN]:
        why.setdefault(code, gettext_lazy("often in this plan"))
    own = only_class(version, land)
    known = maps.classes(why)
    return [Choice(c, known[c].name, known[c].colour, text) for c, text in why.items() if c in known and c != own]


def today(village: Village, land: GEOSGeometry) -> list[str]:
    """Classes of the base year on the land, the largest first; two at most."""
    ground = shapely.from_wkb(bytes(land.wkb))
    sums: dict[str, float] = {}
    for code, geom in village.parcels.filter(geom__bboverlaps=land).values_list("code", "geom")[:MANY]:
        share = shapely.intersection(shapely.from_wkb(bytes(geom.wkb)), ground).area
        if share > ground.area * 0.01:
            sums[code] = sums.get(code, 0.0) + share
    return sorted(sums, key=lambda code: -sums[code])[:2]


def by_count(zones: Iterable[Zone]) -> list[str]:
    """Classes of zones, the most frequent first."""
    return list(zones.order_by().values("code").annotate(n=Count("pk")).order_by("-n", "code").values_list("code", flat=True))  # fmt: skip


def only_class(version: PlanVersion, land: GEOSGeometry | None) -> str:
    """The class that all of the land is planned as; empty if there are several."""
    if land is None:
        return ""
    ground = shapely.from_wkb(bytes(land.wkb))
    found = {
        code
        for code, geom in version.zones.filter(geom__bboverlaps=land).values_list("code", "geom")[:MANY]
        if shapely.intersection(shapely.from_wkb(bytes(geom.wkb)), ground).area > ground.area * 1e-9
    }
    return found.pop() if len(found) == 1 else ""


def all_classes() -> list[LandUseClass]:
    """Every class of the edition in force, in the order of codes."""
    return list(LandUseClass.objects.filter(code_version="2023").order_by("code"))
