"""What is drawn: rows of a version and of its village, on the plane of the village's own Gauss-Kruger zone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import Polygon
from pyproj import CRS

from planning import conflicts, maps
from planning.models import Finding, PlanVersion
from portal.geo import crs
from villages.maps import LINE_STYLES, legend_lines
from villages.models import Facility, Road, Village

HIDDEN = (Finding.Category.TECHNICAL,)
"""misfits of drawn lines say nothing to whoever holds the sheet"""


@dataclass(frozen=True)
class Areas:
    """Shapes with a colour and a text each: zones of a plan, or parcels of the base year."""

    shapes: np.ndarray
    colours: list[str]
    labels: list[tuple[str, str]]


@dataclass
class Content:
    """Everything the sheets of one order show, in metres east and north."""

    system: CRS
    village: shapely.Geometry
    areas: Areas
    legend: list[maps.LegendClass]
    lines: list[tuple[str, shapely.Geometry]] = field(default_factory=list)
    line_legend: list[Any] = field(default_factory=list)
    findings: list[shapely.Geometry] = field(default_factory=list)
    projects: list[tuple[str, shapely.Geometry]] = field(default_factory=list)
    facilities: list[shapely.Geometry] = field(default_factory=list)
    roads: list[shapely.Geometry] = field(default_factory=list)
    neighbours: list[tuple[str, shapely.Geometry]] = field(default_factory=list)
    chosen: shapely.Geometry | None = None
    """the zone a sheet was ordered for"""

    @property
    def meridian(self) -> int:
        """The central meridian (中央经线) in degrees."""
        value = next(p.value for p in self.system.coordinate_operation.params if p.name.startswith("Longitude"))
        return round(value)

    @property
    def plane_name(self) -> str:
        """EPSG:n, or outside of China, where the registry has no such zone, the same in words of PROJ."""
        epsg = self.system.to_epsg()
        return f"EPSG:{epsg}" if epsg else f"+proj=tmerc +lon_0={self.meridian} +x_0=500000 +ellps=GRS80"


def plane(village: Village) -> CRS:
    """CGCS2000, 3-degree Gauss-Kruger zone of the village."""
    return crs.local_metric_crs(shapely.from_wkb(bytes(village.geom.wkb)))


def on_plane(system: CRS, geoms: Iterable[Any]) -> np.ndarray:
    """GEOS geometries of rows as shapes of the plane."""
    wkb = [bytes(geom.wkb) for geom in geoms]
    return crs.transform(shapely.from_wkb(np.array(wkb, dtype=object)), crs.storage_crs(), system)


def gather(version: PlanVersion, *, base: bool, lines: bool, findings: bool, around: shapely.Geometry) -> Content:
    """Rows for a sheet of the plan, or of the base year; `around` is what is printed, on the plane."""
    village = version.village
    system = plane(village)
    content = Content(
        system=system,
        village=on_plane(system, [village.geom])[0],
        areas=parcels(village, system) if base else zones(version, system),
        legend=maps.parcel_legend(village) if base else maps.zone_legend(version),
    )
    if lines:
        rows = village.control_lines.valid_on().filter(kind__in=LINE_STYLES)
        kinds, geoms = [row.kind for row in rows], on_plane(system, [row.geom for row in rows])
        content.lines = list(zip(kinds, geoms, strict=True))
        content.line_legend = legend_lines(village)
    if base or lines:
        content.facilities = list(
            on_plane(system, Facility.objects.filter(village=village).values_list("geom", flat=True))
        )
        content.roads = list(on_plane(system, roads_near(village)))
    if not base:
        placed = [row for row in version.projects.all() if row.geom is not None]
        shapes = on_plane(system, [row.geom for row in placed])
        content.projects = [(str(row.number), shape) for row, shape in zip(placed, shapes, strict=True)]
    if findings and not base:
        rows = version.findings.exclude(geom=None).exclude(category__in=HIDDEN).exclude(code__in=conflicts.PERSONAL)
        content.findings = list(on_plane(system, rows.exclude(severity="info").values_list("geom", flat=True)))
    content.neighbours = neighbours(village, system, around)
    return content


def zones(version: PlanVersion, system: CRS) -> Areas:
    rows = list(version.zones.values_list("number", "code", "geom"))
    colours = maps.classes(code for _number, code, _geom in rows)
    return Areas(
        on_plane(system, [geom for *_rest, geom in rows]),
        [colours[code].colour if code in colours else maps.UNKNOWN_COLOUR for _number, code, _geom in rows],
        [(str(number), code) for number, code, _geom in rows],
    )


def parcels(village: Village, system: CRS) -> Areas:
    rows = list(village.parcels.values_list("code", "geom"))
    colours = maps.classes(code for code, _geom in rows)
    return Areas(
        on_plane(system, [geom for _code, geom in rows]),
        [colours[code].colour if code in colours else maps.UNKNOWN_COLOUR for code, _geom in rows],
        [(code, "") for code, _geom in rows],
    )


def roads_near(village: Village) -> Any:
    """Roads of the divisions above that meet the box of the village."""
    codes = [village.code, *village.division.ancestor_codes()]
    box = Polygon.from_bbox(village.geom.extent)
    box.srid = 4490
    return Road.objects.filter(division__in=codes, geom__bboverlaps=box).values_list("geom", flat=True)


def neighbours(village: Village, system: CRS, around: shapely.Geometry) -> list[tuple[str, shapely.Geometry]]:
    """Outlines and names of other villages on the sheet; these are open to everybody."""
    wide = around.buffer(max(around.length / 4, 200)).envelope
    west, south, east, north = crs.transform([wide], system, crs.storage_crs())[0].bounds
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = 4490
    rows = list(Village.objects.filter(geom__bboverlaps=box).exclude(pk=village.pk).only("short_name", "geom")[:60])
    return list(zip([row.short_name for row in rows], on_plane(system, [row.geom for row in rows]), strict=True))
