"""Places as columns of a table: longitude and latitude (经纬度, EPSG:4490), and whether they lie where their village is."""

from collections.abc import Iterator
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, Point
from django.db.models import Model
from django.utils.translation import gettext_noop as _

from portal.geo.issues import Issue
from villages.models import Village
from villages.tables import upsert
from villages.tables.columns import Column
from villages.tables.kinds import Row, Scope

DECIMALS = 9
"""of a degree, 0.1 mm: places closer than that are the same"""
REACH_M = 500
"""a facility may stand a little outside of its village: a shared school, a pump at the river"""

# a latitude of 116 is let through to `misplaced`, which can say that it was swapped with the longitude
LON = Column(
    "lon", "经度", "Longitude", "number", _("Longitude in degrees, CGCS2000 (EPSG:4490)."), 116.8055,
    aliases=("X", "lng", "lon"), unit="°", units=("度", "degrees"), least=-180, most=180,
)  # fmt: skip
LAT = Column(
    "lat", "纬度", "Latitude", "number", _("Latitude in degrees, CGCS2000 (EPSG:4490)."), 36.1025,
    aliases=("Y", "lat"), unit="°", units=("度", "degrees"), least=-180, most=180,
)  # fmt: skip


def named_points(model: type[Model]) -> upsert.Target:
    """Rows of a kind, a name and a place in a village; one row a kind and name."""
    return upsert.Target(
        model, ("village_id", "kind", "name"), ("geom", "source"), values, plain, restored,
        lambda row: f"{row.village_id} · {row.name}",
    )  # fmt: skip


def values(row: Row) -> dict[str, Any]:
    said = row.values
    return {
        "village_id": said["village"], "kind": said["kind"], "name": said["name"], "geom": point(row), "source": said["source"],
    }  # fmt: skip


def check(rows: list[Row], scope: Scope) -> Iterator[Issue]:
    unknown = list(upsert.unknown_villages(rows, scope))
    yield from unknown
    if not unknown:
        yield from misplaced(rows)


def point(row: Row) -> Point | None:
    """The place of a row; None where its cells are empty."""
    lon, lat = row.values["lon"], row.values["lat"]
    return None if lon is None or lat is None else Point(round(lon, DECIMALS), round(lat, DECIMALS), srid=4490)


def plain(name: str, value: Any) -> Any:
    """A point as text, for showing and for keeping what was there before."""
    return f"POINT ({value.x:.9f} {value.y:.9f})" if isinstance(value, Point) else value


def restored(name: str, value: Any) -> Any:
    """The point again of such a text; `name` is the field, so that no other text is taken for one."""
    return GEOSGeometry(value, srid=4490) if name in ("geom", "place") and value else value


def misplaced(rows: list[Row]) -> Iterator[Issue]:
    """Places far from their village: mostly latitude and longitude swapped, or another village's row."""
    outlines = {v.pk: v for v in Village.objects.filter(pk__in={row.values["village"] for row in rows})}
    for row in rows:
        village = outlines[row.values["village"]]
        lon, lat = row.values["lon"], row.values["lat"]
        if lon is None or lat is None or metres_outside(village, lon, lat) <= REACH_M:
            continue
        if metres_outside(village, lat, lon) <= REACH_M:
            yield row.fault("T2", "lon", "swapped", "经度")
        else:
            far = round(metres_outside(village, lon, lat))
            yield row.fault("T4", "lon", "point_outside", "经度", distance_m=far, village=village.short_name)


def metres_outside(village: Village, lon: float, lat: float) -> float:
    """Distance to the outline, roughly: degrees times the length of a degree of latitude (111 km)."""
    return village.geom.distance(Point(lon, lat, srid=4490)) * 111_000
