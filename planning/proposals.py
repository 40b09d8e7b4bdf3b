"""Where a file would lie in each coordinate system that plans come in (坐标系), judged by the file's own coordinates.

Only proposed: a person sees the places on a map and decides. Coordinates of Beijing 54 and Xi'an 80 look the same and lie
some 100 m off, so nothing here can tell them from CGCS2000; the page asks the person to say which it is.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.db.models import Extent
from django.utils.translation import gettext as _

from portal.geo import crs
from portal.geo.issues import Issue
from villages.models import Village

OFFERED = frozenset(
    {"crs_missing", "crs_unknown", "crs_zone_prefix", "coordinates_not_degrees", "coordinates_swapped", "coordinates_outside"}
)  # fmt: skip
"""reasons of C1 another system may cure. Not those of a datum (基准): who says Xi'an 80 means it, and must convert"""

PREFIXED_FROM = 1_000_000  # an easting beyond it begins with the number of its zone (带号)
NEAR_COUNTY_DEGREES = 0.2  # 20 km: not every village of a county need be on record
MERIDIANS_AROUND = 6  # degrees from the county: the same numbers mean a place in every zone
LANDED = 0.5  # share of a file that must lie in the county: a stray vertex elsewhere is no reason to ask nobody
FARTHEST = 1e8  # metres: no system has larger numbers
_SIDE = np.linspace(0, 1, 5)

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Around:
    """What a file for a village is held against: the village and its county, lon/lat."""

    village: shapely.Geometry
    county: shapely.Geometry

    @classmethod
    def of(cls, village: Village) -> "Around":
        outline = shapely.from_wkb(bytes(village.geom.wkb))
        extent = Village.objects.under(village.code[:6]).aggregate(box=Extent("geom"))["box"]
        return cls(outline, shapely.box(*extent).buffer(NEAR_COUNTY_DEGREES, join_style="mitre"))


def wanted(issues: Iterable[Issue]) -> bool:
    """True if a file failed in a way that another coordinate system may cure."""
    return any(i.code == "C2" or (i.code == "C1" and i.params.get("reason") in OFFERED) for i in issues)


def propose(bounds: Bounds, village: Village) -> dict[str, Any]:
    """`proposals`: systems that put the file into the county, best first; `nearest`: where else it may be, if none does."""
    around = Around.of(village)
    found = [p for name, swap in systems(bounds, around) if (p := proposal(bounds, name, swap, around))]
    landing = unlike([p for p in found if p["share_in_county"] >= LANDED])
    landing.sort(key=lambda p: (-round(p["share_in_village"], 2), p["distance_km"]))
    nearest = min(found, key=lambda p: p["distance_km"], default=None)
    return {"proposals": landing, "nearest": None if landing else nearest, "raw_bounds": list(bounds)}


def systems(bounds: Bounds, around: Around) -> Iterator[tuple[str, bool]]:
    """Systems the numbers may be meant in, likeliest first; the second half with the axes swapped (X is north in survey)."""
    if max(map(abs, bounds)) > FARTHEST:
        return
    for swap in (False, True):
        if max(map(abs, bounds)) <= 180:
            yield "EPSG:4490", swap
            continue
        easting = (bounds[1] + bounds[3] if swap else bounds[0] + bounds[2]) / 2
        if easting >= PREFIXED_FROM:
            yield from ((name, swap) for name in of_zone(int(easting // PREFIXED_FROM)))
        else:
            middle = around.county.centroid.x
            near = sorted(range(75, 136, 3), key=lambda cm: abs(cm - middle))
            near = [cm for cm in near if abs(cm - middle) <= MERIDIANS_AROUND]
            yield from ((f"EPSG:{4534 + (cm - 75) // 3}", swap) for cm in near)
            yield from ((f"EPSG:{4502 + (cm - 75) // 6}", swap) for cm in near if (cm - 75) % 6 == 0)


def of_zone(zone: int) -> list[str]:
    """The system of a zone number: 25 to 45 are zones of 3 degrees (3度带), 13 to 23 of 6 degrees (6度带)."""
    if 25 <= zone <= 45:
        return [f"EPSG:{4488 + zone}"]
    return [f"EPSG:{4478 + zone}"] if 13 <= zone <= 23 else []


def proposal(bounds: Bounds, name: str, swap: bool, around: Around) -> dict[str, Any] | None:
    """Where the box of the file lies in a system, or None where it lies nowhere on earth."""
    box = placed(bounds, name, swap)
    if box is None:
        return None
    return {
        "crs": name,
        "swap_axes": swap,
        "bbox": [round(x, 7) for x in box.bounds],
        "share_in_village": share(box, shapely.box(*around.village.bounds)),
        "share_in_county": share(box, around.county),
        "distance_km": distance_km(box, around.village),
    }


def placed(bounds: Bounds, name: str, swap: bool) -> shapely.Geometry | None:
    """The box in longitude and latitude of a box in the file's own numbers."""
    west, south, east, north = (bounds[1], bounds[0], bounds[3], bounds[2]) if swap else bounds
    rim = [(x, y) for x in west + (east - west) * _SIDE for y in south + (north - south) * _SIDE]
    xy = shapely.get_coordinates(crs.to_storage(shapely.points(rim), name))
    if not (np.isfinite(xy).all() and (np.abs(xy[:, 0]) <= 180).all() and (np.abs(xy[:, 1]) <= 90).all()):
        return None
    return shapely.box(*xy.min(axis=0), *xy.max(axis=0))


def share(box: shapely.Geometry, place: shapely.Geometry) -> float:
    """Share of the box within a place; of a box without area, such as of a single point, all or nothing."""
    if box.area == 0:
        return float(box.intersects(place))
    return round(box.intersection(place).area / box.area, 4)


def distance_km(box: shapely.Geometry, village: shapely.Geometry) -> float:
    """Geodesic distance in km from the box to the village; 0 where they meet."""
    if box.intersects(village):
        return 0.0
    one, other = shapely.get_coordinates(shapely.shortest_line(box, village))
    return round(crs.GEOD.inv(*one, *other)[2] / 1000, 1)


def unlike(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without systems that put the file to the same place: a 6-degree zone shares its meridian with one of 3 degrees."""
    places: dict[tuple[float, ...], dict[str, Any]] = {}
    for one in found:
        places.setdefault(tuple(round(x, 6) for x in one["bbox"]), one)
    return list(places.values())


def joined(boxes: Iterable[Any]) -> Bounds | None:
    """The box around the boxes of all layers; None without one of finite numbers."""
    usable = [b for b in boxes if b is not None and len(b) == 4 and all(math.isfinite(x) for x in b)]
    if not usable:
        return None
    west, south, east, north = zip(*usable, strict=True)
    return min(west), min(south), max(east), max(north)


def label(name: str, *, swap_axes: bool = False) -> str:
    """A system in words, in the reader's language."""
    text = _label(int(name.removeprefix("EPSG:")))
    return _("%(system)s; the file has the northing or latitude first") % {"system": text} if swap_axes else text


def _label(epsg: int) -> str:
    if 4513 <= epsg <= 4533:
        text = _("3-degree zone %(zone)d, central meridian %(cm)d°E, with zone number")
        return text % {"cm": 75 + 3 * (epsg - 4513), "zone": epsg - 4488}
    if 4534 <= epsg <= 4554:
        text = _("3-degree zone, central meridian %(cm)d°E, without zone number")
        return text % {"cm": 75 + 3 * (epsg - 4534)}
    if 4491 <= epsg <= 4501:
        text = _("6-degree zone %(zone)d, central meridian %(cm)d°E, with zone number")
        return text % {"cm": 75 + 6 * (epsg - 4491), "zone": epsg - 4478}
    if 4502 <= epsg <= 4512:
        text = _("6-degree zone, central meridian %(cm)d°E, without zone number")
        return text % {"cm": 75 + 6 * (epsg - 4502)}
    return _("CGCS2000, longitude and latitude")
