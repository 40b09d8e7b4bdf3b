"""The project list (项目表 XMB) as a table. Versions never change, so it makes the next version of the village's plan:
the zones and other layers of the latest one, with the projects of the table in place of its own."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from planning import judging, writing
from planning.judging import Draft, Features
from planning.models import PlanVersion, Project
from portal.geo.issues import ERROR, Issue
from portal.jobs import Progress
from villages.models import Village
from villages.tables.columns import Column
from villages.tables.kinds import AUTHORS, Changes, Kind, Row, Scope, register
from villages.tables.places import metres_outside
from villages.tables.upsert import EXAMPLES

REACH_M = 2000
"""a project may lie a little outside of its village: a road to the next one"""

STATES = {"proposed": "拟建", "approved": "已批", "building": "在建", "done": "已完成", "stopped": "停止"}

COLUMNS = (
    Column("name", "项目名称", "Project", "text", gettext_noop("Name of the project."), "村卫生所改造", aliases=("名称", "XMMC")),
    Column("kind", "项目类型", "Type", "text", gettext_noop("What kind of project it is."), "公共服务", required=False, aliases=("类型", "XMLX"), length=50),
    Column(
        "budget_wan", "投资估算", "Budget", "number", gettext_noop("Estimated cost in 万元 (10,000 yuan)."), 35, required=False,
        aliases=("预算", "投资", "总投资", "TZE"), unit="万元", units=("10000元", "10,000 yuan"), least=0, most=1e9 - 1,
    ),
    Column("funding_source", "资金来源", "Funding source", "text", gettext_noop("Who pays."), "财政衔接资金", required=False, aliases=("ZJLY",), length=100),
    Column("starts_in", "开始年份", "From year", "year", gettext_noop("Year it begins."), 2026, required=False, aliases=("建设起始年", "开工年份", "KSNF"), least=1900, most=2100),
    Column("ends_in", "结束年份", "To year", "year", gettext_noop("Year it ends."), 2027, required=False, aliases=("建设结束年", "完工年份", "JSNF"), least=1900, most=2100),
    Column("state", "状态", "State", "choice", gettext_noop("How far it is; empty means proposed."), "拟建", required=False, aliases=("项目状态", "XMZT"), choices=STATES),
    Column("remark", "备注", "Remark", "text", gettext_noop("Anything else."), "", required=False, length=255),
    Column("lon", "经度", "Longitude", "number", gettext_noop("Longitude in degrees, CGCS2000. Empty: the place the project has in the latest version."), 116.8055, required=False, unit="°", units=("度", "degrees"), least=-180, most=180),
    Column("lat", "纬度", "Latitude", "number", gettext_noop("Latitude in degrees, CGCS2000."), 36.1025, required=False, unit="°", units=("度", "degrees"), least=-180, most=180),
)  # fmt: skip


def latest(scope: Scope) -> PlanVersion | None:
    """The newest version of the village's plan, whatever became of it."""
    return PlanVersion.objects.filter(plan__village=scope.division_code).order_by("-number").first()


def check(rows: list[Row], scope: Scope) -> Iterator[Issue]:
    if latest(scope) is None:
        yield Issue("T4", ERROR, rows[0].sheet, None, {"reason": "no_plan"})
        return
    village = Village.objects.get(pk=scope.division_code)
    for row in rows:
        said = row.values
        if said["starts_in"] and said["ends_in"] and said["ends_in"] < said["starts_in"]:
            yield row.fault("T2", "ends_in", "years_order", "结束年份", value=said["ends_in"], first=said["starts_in"])
        yield from misplaced(row, village)


def misplaced(row: Row, village: Village) -> Iterator[Issue]:
    lon, lat = row.values["lon"], row.values["lat"]
    if (lon is None) != (lat is None):
        name, header = ("lon", "经度") if lon is None else ("lat", "纬度")
        yield row.fault("T2", name, "empty", header)
    elif lon is not None and (far := metres_outside(village, lon, lat)) > REACH_M:
        if metres_outside(village, lat, lon) <= REACH_M:
            yield row.fault("T2", "lon", "swapped", "经度")
        else:
            yield row.fault("T4", "lon", "point_outside", "经度", distance_m=round(far), village=village.short_name)


def compare(rows: list[Row], scope: Scope, progress: Progress) -> Changes:
    version = latest(scope)
    stored = {project.name: project for project in version.projects.all()}
    projects = [project_of(row, stored.get(row.values["name"])) for row in rows]
    changes = Changes(work=(version, projects))
    for row, made in zip(rows, projects, strict=True):
        there = stored.get(made["name"])
        if there is None:
            changes.new += 1
        elif differences := list(_differences(there, made)):
            changes.changed += 1
            if len(changes.examples) < EXAMPLES:
                changes.examples.append({"row": row.number, "label": there.name, "fields": differences})
        else:
            changes.unchanged += 1
    changes.absent = len(stored.keys() - {made["name"] for made in projects})
    return changes


def project_of(row: Row, there: Project | None) -> dict[str, Any]:
    """The project as a draft holds it; without coordinates it stays where it was."""
    said = row.values
    place = _shape(there.geom) if there is not None and there.geom is not None else None
    return {
        "name": said["name"], "kind": said["kind"] or "", "funding_source": said["funding_source"] or "",
        "remark": said["remark"] or "", "state": said["state"] or Project.State.PROPOSED.value,
        "budget_wan": judging.money(said["budget_wan"]), "starts_in": said["starts_in"], "ends_in": said["ends_in"],
        "geom": place if said["lon"] is None else shapely.Point(said["lon"], said["lat"]),
    }  # fmt: skip


def _differences(there: Project, made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in writing.PROJECT_FIELDS:
        old, new = getattr(there, name), made[name]
        if old != new:
            yield {"field": name, "old": _plain(old), "new": _plain(new)}
    if (there.geom is None) != (made["geom"] is None) or (made["geom"] and not made["geom"].equals(_shape(there.geom))):
        yield {"field": "lon", "old": _place(there.geom and _shape(there.geom)), "new": _place(made["geom"])}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int) else float(value)


def _place(geom: Any) -> str | None:
    return None if geom is None else f"{geom.centroid.x:.6f}, {geom.centroid.y:.6f}"


def write(changes: Changes, scope: Scope, progress: Progress) -> dict[str, Any]:
    if not changes.new and not changes.changed and not changes.absent:
        return {}
    base, projects = changes.work
    draft = draft_of(base)
    draft.projects = projects
    note = _("Projects from the table %(name)s") % {"name": scope.note}
    village = Village.objects.get(pk=scope.division_code)
    version = writing.write(draft, village, by=scope.by, note=note[:300], report=base.report, based_on=base)
    return {"version": version.pk}


def draft_of(version: PlanVersion) -> Draft:
    """What a stored version says, so that it can be written again as the next one."""
    zones = list(version.zones.order_by("number"))
    features: dict[str, Features] = {}
    for layer in version.features.order_by("layer").values_list("layer", flat=True).distinct():
        rows = list(version.features.filter(layer=layer).order_by("number"))
        geoms = np.array([_shape(row.geom) for row in rows], dtype=object)
        features[layer] = Features(layer, [row.attributes for row in rows], geoms)
    return Draft(
        [zone.code for zone in zones], np.array([_shape(zone.geom) for zone in zones], dtype=object),
        [zone.label for zone in zones], [zone.file_area_m2 for zone in zones], [zone.remark for zone in zones],
        [zone.file_code for zone in zones], [zone.attributes for zone in zones], features=list(features.values()),
    )  # fmt: skip


def _shape(geom: GEOSGeometry | None) -> shapely.Geometry | None:
    return None if geom is None else shapely.from_wkb(bytes(geom.wkb))


register(
    Kind(
        "projects", gettext_noop("Projects"), gettext_noop("The project list of a plan: it makes a new version with the same zones."), COLUMNS,
        ("name",), AUTHORS, check, compare, write, None, village_only=True,
    )
)  # fmt: skip
