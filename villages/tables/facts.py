"""Base-year facts (基期数据) as a table: one row is one figure of a village in a year."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop as _

from portal.geo.issues import Issue
from villages.models import Fact
from villages.tables import upsert
from villages.tables.columns import Column, plain
from villages.tables.kinds import AUTHORS, COUNTY, Kind, Row, Scope, register

UNITS = {
    "population": "人",
    "resident_population": "人",
    "households": "户",
    "collective_income": "万元",
    "disposable_income": "元",
}
"""the one unit each figure is kept in"""
COUNTED = ("人", "户")
"""units of which there are only whole ones"""

VILLAGE = Column(
    "village", "村代码", "Village code", "code", _("Code of the village, 12 digits. A village's own table may leave it out."),
    "370983101204", aliases=("行政村代码", "行政区代码", "行政区划代码", "XZQDM", "village_code"),
)  # fmt: skip

COLUMNS = (
    VILLAGE,
    Column(
        "fact", "指标", "Fact", "choice", _("Which figure it is."), "户籍人口", aliases=("指标名称", "指标代码", "fact code"),
        choices={
            "population": "户籍人口",
            "resident_population": "常住人口",
            "households": "户数",
            "collective_income": "村集体收入",
            "disposable_income": "人均可支配收入",
        },
    ),
    Column("year", "年份", "Year", "year", _("The year the figure is of."), 2020, aliases=("年度",), least=1949, most=2100),
    Column("value", "数值", "Value", "number", _("The figure itself."), 1286, aliases=("值",), least=0),
    Column(
        "unit", "单位", "Unit", "text", _("人 for people, 户 for households, 万元 for collective income, 元 for income per person; empty means so."),
        "人", required=False, length=20,
    ),
    Column("source", "来源", "Source", "text", _("Where the figure is from."), "村委会台账", aliases=("数据来源",)),
)  # fmt: skip


def values(row: Row) -> dict[str, Any]:
    said = row.values
    return {
        "village_id": said["village"], "code": said["fact"], "year": said["year"], "value": said["value"],
        "unit": UNITS[said["fact"]], "source": said["source"],
    }  # fmt: skip


TARGET = upsert.Target(
    Fact, ("village_id", "code", "year"), ("value", "unit", "source"), values, upsert.as_it_is, upsert.as_it_is,
    lambda fact: f"{fact.village_id} · {dict(COLUMNS[1].choices)[fact.code]} · {fact.year}",
)  # fmt: skip


def check(rows: list[Row], scope: Scope) -> Iterator[Issue]:
    yield from upsert.unknown_villages(rows, scope)
    for row in rows:
        unit, wanted = row.values["unit"], UNITS[row.values["fact"]]
        if unit is not None and plain(unit) != wanted:
            yield row.fault("T2", "unit", "unit", "单位", value=unit, wanted=wanted)
        elif wanted in COUNTED and not row.values["value"].is_integer():
            yield row.fault("T2", "value", "not_whole", "数值", value=f"{row.values['value']:g}")


register(
    Kind(
        "facts", _("Base-year facts"), _("People, households and income of villages, by year."), COLUMNS,
        ("village", "fact", "year"), (*AUTHORS, *COUNTY), check, TARGET.compare, TARGET.write, TARGET.undo,
    )
)  # fmt: skip
