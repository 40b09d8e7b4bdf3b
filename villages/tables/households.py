"""Households (户) as a table. Personal data: read and stored for the staff of the division, shown on no public page."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_noop as _

from portal.geo.issues import Issue
from villages.models import Household
from villages.tables import upsert
from villages.tables.columns import Column
from villages.tables.facts import VILLAGE
from villages.tables.kinds import AUTHORS, COUNTY, Kind, Row, Scope, register
from villages.tables.places import LAT, LON, misplaced, plain, point, restored

COLUMNS = (
    VILLAGE,
    Column("number", "户号", "Household number", "text", _("Number of the household in its village."), "001", aliases=("户编号", "HH"), length=40),
    Column("head_name", "户主姓名", "Head of household", "text", _("Name of the head of the household. Personal: never public."), "柳某某", aliases=("户主",), length=50, personal=True),
    Column("persons", "人数", "Persons", "whole", _("How many people belong to the household."), 4, aliases=("家庭人口", "人口"), unit="人", least=0, most=100),
    Column("homesteads", "宅基地宗数", "Homesteads", "whole", _("How many homesteads the household has."), 1, required=False, aliases=("宅基地数量",), unit="宗", units=("处",), least=0, most=50),
    Column(
        "homestead_m2", "宅基地面积", "Homestead area", "number", _("Area of all of them, in m²."), 200, required=False,
        unit="m²", units=("平方米", "㎡", "平米"), least=0, most=100_000,
    ),
    replace(LON, required=False, means=_("Middle of the homestead, so that its people find their place; CGCS2000."), personal=True),
    replace(LAT, required=False, means=_("Middle of the homestead, so that its people find their place; CGCS2000."), personal=True),
    Column("remark", "备注", "Remark", "text", _("Anything else."), "", required=False, length=255, personal=True),
)  # fmt: skip

FIELDS = ("head_name", "persons", "homesteads", "homestead_m2", "remark")
PLACE = ("lon", "lat")


def values(row: Row) -> dict[str, Any]:
    """Places are surveyed once: a table without their columns leaves them as they are."""
    said = row.values
    place = {"place": point(row)} if any(name in row.columns for name in PLACE) else {}
    return {
        "village_id": said["village"], "number": said["number"], **{name: said[name] for name in FIELDS},
        "remark": said["remark"] or "", **place,
    }  # fmt: skip


TARGET = upsert.Target(
    Household, ("village_id", "number"), (*FIELDS, "place"), values, plain, restored,
    lambda household: f"{household.village_id} · {household.number}", personal=("head_name", "place", "remark"),
)  # fmt: skip


def check(rows: list[Row], scope: Scope) -> Iterator[Issue]:
    unknown = list(upsert.unknown_villages(rows, scope))
    yield from unknown
    for row in rows:
        for name, other, header in (("lon", "lat", "经度"), ("lat", "lon", "纬度")):
            if row.values[name] is None and row.values[other] is not None:
                yield row.fault("T2", name, "empty", header)
    if not unknown:
        yield from misplaced(rows)


register(
    Kind(
        "households", _("Households"), _("Households with their heads, people and homesteads. Personal: for officials only."), COLUMNS,
        ("village", "number"), (*AUTHORS, *COUNTY), check, TARGET.compare, TARGET.write, TARGET.undo,
    )
)  # fmt: skip
