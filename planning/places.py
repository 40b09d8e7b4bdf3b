"""Which place of a village somebody means (我的位置): a tap on the map, a hamlet, a zone, a plot, a household, or where they stand.

What is personal is found by the right people only: a household's place by the staff of the village and by its own members.
"""

import re
from dataclasses import dataclass

from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from planning.models import PlanVersion
from portal.audit import record
from portal.errors import PortalError
from portal.models import User
from portal.rules import STAFF, has_role
from villages.finding import tidy
from villages.models import Household
from villages.rules import may_see_base_data

WAYS = ("hamlet", "zone", "parcel", "household", "own")
MAP, POSITION = "map", "position"
SHOWN = 12
"""hits of a search that are told of each kind"""
LARGEST = 2_147_483_647


class NoPlace(PortalError):
    """There is no such place here, or it is not open to this person: both are told alike."""

    status = 404
    code = "no_place"


@dataclass(frozen=True)
class Place:
    """A place and how it was found; `name` is what the person asked for, in words."""

    lon: float
    lat: float
    way: str
    name: str = ""


@dataclass(frozen=True)
class Hit:
    """A place a search found: the way to it, its key, and a name to show."""

    way: str
    key: str
    name: str


def chosen(version: PlanVersion, user: User, way: str, key: str) -> Place:
    """The place one of the WAYS leads to. Raises NoPlace."""
    return FINDERS[way](version, user, key)


def of_hamlet(version: PlanVersion, user: User, key: str) -> Place:
    row = version.village.hamlets.filter(pk=number(key)).first()
    if row is None:
        raise NoPlace(_("This village has no such hamlet. Choose one of the list."))
    return Place(row.geom.x, row.geom.y, "hamlet", row.name)


def of_zone(version: PlanVersion, user: User, key: str) -> Place:
    row = version.zones.filter(number=number(key)).first()
    if row is None:
        raise NoPlace(_("This version has no zone %(number)s.") % {"number": key})
    return inside(row.geom, "zone", _("Zone %(number)s") % {"number": row.number})


def of_parcel(version: PlanVersion, user: User, key: str) -> Place:
    """Where a plot lies is internal: for who may see the base data."""
    seen = may_see_base_data(user, version.division_code)
    row = version.village.parcels.filter(number=number(key)).first() if seen else None
    if row is None:
        raise NoPlace(_("No plot with this number is open to you. Tap the map instead."))
    return inside(row.geom, "parcel", _("Plot %(number)s") % {"number": row.number})


def of_household(version: PlanVersion, user: User, key: str) -> Place:
    """For the staff of the village and the household's own people; the demo makes no exception. Staff who look where others
    live leave a line in the record."""
    row = households(version, user).filter(number=key[:40]).first()
    if row is None:
        raise NoPlace(_("No household with this number is open to you. Tap the map instead."))
    if not row.members.filter(user=user).exists():
        record("household.located", row, by=user)
    return at_home(row, _("Household %(number)s") % {"number": row.number})


def of_own(version: PlanVersion, user: User, key: str) -> Place:
    """The homestead of the person's own household."""
    row = own_household(version, user)
    if row is None:
        raise NoPlace(_("No place of your household is known here. Tap the map instead."))
    return at_home(row, _("My household"))


def at_home(row: Household, name: str) -> Place:
    return Place(row.place.x, row.place.y, "household", name)


FINDERS = {
    "hamlet": of_hamlet, "zone": of_zone, "parcel": of_parcel, "household": of_household, "own": of_own
}  # fmt: skip


def inside(shape: GEOSGeometry, way: str, name: str) -> Place:
    point = shape.point_on_surface
    return Place(point.x, point.y, way, name)


def number(key: str) -> int:
    """A number of an address; what is none names nothing. Numbers of the database end at two thousand million."""
    value = int(key) if key.isascii() and key.isdigit() and len(key) < 11 else -1
    return value if value <= LARGEST else -1


def households(version: PlanVersion, user: User):
    """Households of the village whose place the person may ask for."""
    rows = version.village.household_rows.filter(place__isnull=False)
    if has_role(user, STAFF, version.division_code):
        return rows
    return rows.filter(members__user=user) if user.is_authenticated else rows.none()


def own_household(version: PlanVersion, user: User) -> Household | None:
    if not user.is_authenticated:
        return None
    return version.village.household_rows.filter(place__isnull=False, members__user=user).first()


def search(version: PlanVersion, user: User, text: str) -> list[Hit]:
    """Places of the village that a text may mean: names of hamlets, then numbers of zones, plots and households."""
    words = tidy(text)
    if not words:
        return []
    village = version.village
    hits = [
        Hit("hamlet", str(row.pk), f"{row.name} ({row.get_kind_display()})")
        for row in village.hamlets.filter(name__contains=words).order_by("name")[:SHOWN]
    ]
    if digits := re.search(r"\d+", words, re.ASCII):
        key = number(digits[0])
        zones = version.zones.filter(number=key) | version.zones.filter(label=words)
        hits += [
            Hit("zone", str(n), _("Zone %(number)s") % {"number": n})
            for n in zones.order_by("number").values_list("number", flat=True)[:SHOWN]
        ]
        if may_see_base_data(user, village.pk) and village.parcels.filter(number=key).exists():
            hits.append(Hit("parcel", str(key), _("Plot %(number)s") % {"number": key}))
    rows = households(version, user)
    found = rows.filter(number=words) | rows.filter(number__endswith=f"-{words}")
    hits += [
        Hit("household", row, _("Household %(number)s") % {"number": row})
        for row in found.order_by("number").values_list("number", flat=True).distinct()[:SHOWN]
    ]
    return hits
