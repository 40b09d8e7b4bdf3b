"""What a page's map of a plan is told, and the legend: the classes that are really there, with their areas."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.urls import reverse

from planning import comparing, tiles
from planning.models import LandUseClass, PlanVersion
from portal.api_tiles import described
from portal.models import User
from villages.maps import LegendLine, base_map
from villages.models import Village
from villages.rules import may_see_base_data

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
    village = version.village
    urls = {**options["tiles"], "version": reverse("api-version-tiles", args=[version.pk])}
    found = described(
        tiles.VERSIONS, tiles.key(version), name=str(version), bounds=village.geom.extent, attribution=village.source
    )
    return {
        **options, "tiles": urls, "sets": {**options["sets"], "version": found}, "mode": "plan", "identify": reverse("api-version-identify", args=[version.pk]),
        "print": reverse("sheet-new", args=[version.pk]),
        "picture": f"{reverse('version-picture', args=[version.pk])}?of={version.digest[:12]}",
    }  # fmt: skip


def version_tools(version: PlanVersion, user: User) -> dict[str, Any]:
    """What the layers and tools of a version's map need: questions they ask, class names, versions to put beside it."""
    return {
        "legend": reverse("api-version-legend", args=[version.pk]),
        "matching": reverse("api-version-matching", args=[version.pk]),
        "changed": may_see_base_data(user, version.division_code),
        "number": version.number,
        "others": [
            {"id": other.pk, "number": other.number, "tiles": reverse("api-version-tiles", args=[other.pk])}
            for other in comparing.others(version, user)
        ],
    }


def named(rows: Iterable[LegendClass]) -> dict[str, str]:
    """Class names by code, for the words on a map."""
    return {row.code: row.name for row in rows}


def village_tools(village: Village) -> dict[str, Any]:
    """What the layers and tools of a village's map need."""
    return {"legend": reverse("api-village-legend", args=[village.code])}
