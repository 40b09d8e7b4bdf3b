"""What the generator hands over: plain records, geometry in EPSG:4490 (lon, lat)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon

SOURCE = "演示数据，非测绘成果"
FACT_SOURCE = "演示数据"


@dataclass(frozen=True)
class DivisionRow:
    """One administrative division; `code` and `parent` have 12 digits, `name` is as published, `display` is short."""

    code: str
    name: str
    level: str  # province, city, county, township, village
    parent: str  # empty for the province
    display: str
    outline: Polygon | MultiPolygon | None = None  # drawn for county and townships; villages carry their own


@dataclass(frozen=True)
class FactRow:
    code: str
    value: float
    unit: str
    year: int
    source: str = FACT_SOURCE


@dataclass(frozen=True)
class VillageRecord:
    code: str
    name: str  # display name: 柳沟村
    type: str  # JJTS, CJRH, TSBH, BQCB, QT
    outline: Polygon
    facts: tuple[FactRow, ...]
    source: str = SOURCE
    hamlets: tuple[HamletRecord, ...] = ()
    terrain: str = ""  # plain, hill, mountain, suburb


@dataclass(frozen=True)
class ParcelRecord:
    """A base-year parcel 现状图斑; `code` is a leaf code of the 2023 classification."""

    number: int
    code: str
    geom: Polygon
    label: str = ""
    source: str = SOURCE
    slope_class: int | None = None  # GDPDJB, of cropland
    settlement: str = ""  # CZCSXM
    quality: int | None = None  # grade of cropland, 1 to 10


@dataclass(frozen=True)
class RoadRecord:
    """A road 道路 as its middle line."""

    kind: str
    name: str
    width_m: float
    hardened: bool
    geom: LineString | MultiLineString
    source: str = SOURCE


@dataclass(frozen=True)
class CorridorRecord:
    """A line that keeps building at a distance 线性设施: a power line."""

    kind: str
    name: str
    geom: LineString | MultiLineString
    source: str = SOURCE


@dataclass(frozen=True)
class HouseholdRecord:
    """A household 农户 with its homesteads."""

    number: str
    head_name: str
    persons: int
    homesteads: int
    homestead_m2: float
    remark: str = ""
    point: Point | None = None


@dataclass(frozen=True)
class HamletRecord:
    """A named place 自然村 or 村民小组; `kind` as villages.Hamlet.Kind."""

    kind: str
    name: str
    point: Point
    source: str = SOURCE


@dataclass(frozen=True)
class LineRecord:
    """A control line 管控边界; `level`: of 灾害风险区, 历史文化保护线 and 用途分区."""

    kind: str
    name: str
    geom: Polygon | MultiPolygon
    valid_from: date
    level: str = ""
    source: str = SOURCE


@dataclass(frozen=True)
class FacilityRecord:
    """A facility; `kind` is the two-digit code of the facility domain (01 村委会 … 28 古桥, 99 其他)."""

    kind: str
    name: str
    point: Point
    source: str = SOURCE


@dataclass(frozen=True)
class ZoneRecord:
    """A planned zone 规划用地用海图斑, in the order of the file."""

    code: str
    geom: Polygon
    remark: str = ""


@dataclass(frozen=True)
class ProjectRecord:
    """A project 重点项目; `budget` in 万元."""

    number: str
    name: str
    kind: str
    budget: float
    funding: str
    start: int
    end: int
    state: str
    geom: Polygon
    remark: str = ""


@dataclass(frozen=True)
class PlanDrawing:
    name: str  # file stem: liugou_v1
    zones: tuple[ZoneRecord, ...]
    projects: tuple[ProjectRecord, ...]


@dataclass(frozen=True)
class CompleteVillage:
    """A village with everything: parcels tile the outline exactly, lines follow parcel edges."""

    code: str
    parcels: tuple[ParcelRecord, ...]
    lines: tuple[LineRecord, ...]
    facilities: tuple[FacilityRecord, ...]
    plans: dict[str, PlanDrawing] = field(default_factory=dict)
    roads: tuple[RoadRecord, ...] = ()
    corridors: tuple[CorridorRecord, ...] = ()
    households: tuple[HouseholdRecord, ...] = ()


@dataclass(frozen=True)
class County:
    code: str
    divisions: tuple[DivisionRow, ...]
    villages: tuple[VillageRecord, ...]
    complete: dict[str, CompleteVillage]
    source: str = SOURCE
