"""What is in a view of the map: classes with counts and areas, lines, conflicts, projects, facilities, comments."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from planning import conflicts, maps, moderation
from planning.models import PlanVersion
from portal.errors import PortalError
from portal.geo import sql
from portal.models import User
from portal.rules import STAFF, has_role
from villages import symbols
from villages.maps import line_look
from villages.models import Village
from villages.rules import may_see_base_data

SECONDS = 4
"""the database gives up a view that takes longer; the map asks again when it is moved"""
Box = tuple[float, float, float, float]


class TooMuch(PortalError):
    """More was asked than can be measured at once."""

    code = "too_much"


def hidden_checks(user: User, division_code: str) -> list[str]:
    """Checks whose findings name persons, for whoever is not staff here."""
    return [] if has_role(user, STAFF, division_code) else sorted(conflicts.PERSONAL)


def in_view(village: Village, version: PlanVersion | None, user: User, box: Box | None = None) -> dict[str, Any]:
    """Counts and ellipsoidal areas (m²) of what lies in a box (west, south, east, north in EPSG:4490), or of everything.

    Shapes across the border of the view count with the part inside. What the person may not see is None.
    """
    base = may_see_base_data(user, village.code)
    west, south, east, north = box or (None, None, None, None)
    try:
        (row,) = sql.rows(
            "planning/legend", seconds=SECONDS, version=version.pk if version else "", village=village.pk, base=base,
            today=timezone.localdate(), hidden=hidden_checks(user, village.code),
            looks=moderation.may_moderate(user, village.code), user=user.pk or 0,
            west=west, south=south, east=east, north=north,
        )  # fmt: skip
    except sql.TookTooLong as error:
        raise TooMuch(_("This view holds too much to be measured at once. Zoom in and try again.")) from error
    plan, now, lines, findings, projects, facilities, comments = row
    known = maps.classes(entry["code"] for entry in [*plan, *now])
    return {
        "bbox": list(box) if box else None,
        "plan": [of_class(entry, known) for entry in plan] if version else None,
        "now": [of_class(entry, known) for entry in now] if base else None,
        "lines": [{**entry, **line_look(entry["kind"])} for entry in lines] if base else None,
        "conflicts": findings if version else None,
        "projects": [{**entry, "symbol": symbols.of_project(entry["kind"])} for entry in projects] if version else None,
        "facilities": [of_facility(entry) for entry in facilities] if base else None,
        "comments": comments if version else None,
    }


def of_class(entry: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """A class with its name and official colour; one that is in no list keeps its digits as its name."""
    found = known.get(entry["code"])
    return {
        **entry,
        "name": found.name if found else entry["code"],
        "colour": found.colour if found else maps.UNKNOWN_COLOUR,
    }


def of_facility(entry: dict[str, Any]) -> dict[str, Any]:
    kind = entry["kind"]
    return {**entry, "name": symbols.name_of_facility(kind), "symbol": symbols.of_facility(kind)}
