"""Base-year facts (基期数据) as a table: one row is one figure of a village in a year."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop as _

from portal.geo.issues import Issue
from villages.models import Fact
from villages.tables import upsert
from villages.tables.columns import Column, plain
from villages.tables.kinds import AUTHORS, COUNTY, Kind, Row, Scope, register

FACTS = {
    "population": ("户籍人口", "人"),
    "resident_population": ("常住人口", "人"),
    "households": ("户数", "户"),
    "collective_income": ("村集体收入", "万元"),
    "disposable_income": ("人均可支配收入", "元"),
    "piped_water_households": ("通自来水户数", "户"),
    "sewage_households": ("生活污水得到处理的户数", "户"),
    "toilet_households": ("使用卫生厕所的户数", "户"),
    "road_access_households": ("硬化道路通达户数", "户"),
    "waste_generated_t": ("生活垃圾产生量", "吨"),
    "waste_treated_t": ("生活垃圾处理量", "吨"),
    "shelter_m2": ("应急避难场所面积", "平方米"),
    "tree_cover_m2": ("建设边界内绿地和林地以外的乔木覆盖面积", "平方米"),
    "coastline_m": ("大陆海岸线长度", "米"),
    "natural_coastline_m": ("大陆自然海岸线长度", "米"),
    "heritage_sites": ("自然和文化遗产数量", "处"),
    "flex_quota_m2": ("建设用地机动指标面积", "平方米"),
}
"""what each figure is called in a table, and the one unit it is kept in"""
UNITS = {code: unit for code, (_name, unit) in FACTS.items()}
COUNTED = ("人", "户", "处")
"""units of which there are only whole ones"""

VILLAGE = Column(
    "village", "村代码", "Village code", "code", _("Code of the village, 12 digits. A village's own table may leave it out."),
    "370983101204", aliases=("行政村代码", "行政区代码", "行政区划代码", "XZQDM", "village_code"),
)  # fmt: skip

COLUMNS = (
    VILLAGE,
    Column(
        "fact", "指标", "Fact", "choice", _("Which figure it is."), "户籍人口", aliases=("指标名称", "指标代码", "fact code"),
        choices={code: name for code, (name, _unit) in FACTS.items()},
    ),
    Column("year", "年份", "Year", "year", _("The year the figure is of."), 2020, aliases=("年度",), least=1949, most=2100),
    Column("value", "数值", "Value", "number", _("The figure itself."), 1286, aliases=("值",), least=0),
    Column(
        "unit", "单位", "Unit", "text", _("The unit of the figure, the one it is kept in; empty means so."), "人", required=False, length=20,
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
        "facts", _("Base-year facts"), _("People, households, income, services and quotas of villages, by year."), COLUMNS,
        ("village", "fact", "year"), (*AUTHORS, *COUNTY), check, TARGET.compare, TARGET.write, TARGET.undo,
    )
)  # fmt: skip
