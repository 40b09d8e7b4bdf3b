"""What a page's map of a plan is told, and the legend: the classes that are really there, with their areas."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.urls import reverse

from planning.models import LandUseClass, PlanVersion
from portal.models import User
from villages.maps import LegendLine, base_map
from villages.models import Village

UNKNOWN_COLOUR = "#dddddd"


@dataclass(frozen=True)
class LegendClass:
    """A land-use class of a legend, with the area it covers."""

    code: str
    name: str
    colour: str
    area_m2: float


def classes(codes: Iterable[str]) -> dict[str, LandUseClass]:
    """Land-use classes (2023 edition) by code."""
    return {c.code: c for c in LandUseClass.objects.filter(code_version="2023", code__in=set(codes))}


def legend(sums: dict[str, float]) -> list[LegendClass]:
    """Areas by code as a legend, ordered by code; a code that is in no list keeps its digits as its name."""
    known = classes(sums)
    return [
        LegendClass(code, known[code].name if code in known else code, known[code].colour if code in known else UNKNOWN_COLOUR, m2)
        for code, m2 in sorted(sums.items())
    ]  # fmt: skip


def zone_legend(version: PlanVersion) -> list[LegendClass]:
    return legend(dict(version.zones.order_by().values_list("code").annotate(Sum("area_m2"))))


def parcel_legend(village: Village) -> list[LegendClass]:
    return legend(dict(village.parcels.order_by().values_list("code").annotate(Sum("area_m2"))))


def version_map(version: PlanVersion, user: User, lines: list[LegendLine] | None = None) -> dict[str, Any]:
    """Options of the map of a version (static/js/map/map.js): the base map of its village with the plan on top."""
    options = base_map(version.village, user, lines)
    tiles = {**options["tiles"], "version": reverse("api-version-tiles", args=[version.pk])}
    return {**options, "tiles": tiles, "mode": "plan", "identify": reverse("api-version-identify", args=[version.pk])}
