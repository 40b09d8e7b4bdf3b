"""Issued targets (下达指标) as a table: one row is what a village was given for one indicator, with its document and day.

They come from the county, village by village and year by year, so they are handed in like base-year facts: by page, API or
command, looked at before they are stored, taken back whole, on record.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from indicators.catalogue import INDICATORS
from indicators.models import Target
from portal.geo.issues import Issue
from villages.tables import upsert
from villages.tables.columns import Column, plain
from villages.tables.facts import VILLAGE
from villages.tables.kinds import COUNTY, Kind, Row, Scope, register

NAMES = {code: one.name_zh for code, one in INDICATORS.items() if one.better is not None}
"""indicators that have a direction, without which nothing can be held to a target"""
BINDING = {"binding": "约束性", "expected": "预期性"}

COLUMNS = (
    VILLAGE,
    Column(
        "indicator", "指标", "Indicator", "choice", _("Which indicator it is for."), "1 耕地保有量",
        aliases=("指标名称", "指标代码", "code"), choices=NAMES,
    ),
    Column("value", "目标值", "Target", "number", _("What was issued, in the unit of the indicator."), 86.5, aliases=("下达值", "指标值", "数值"), least=0),
    Column("unit", "单位", "Unit", "text", _("The unit of the indicator; empty means so."), "ha", required=False, length=20),
    Column("binding", "约束性", "Binding", "choice", _("Binding or expected; empty means as the indicator is."), "约束性", required=False, aliases=("指标属性", "属性"), choices=BINDING),
    Column("source", "依据", "Source", "text", _("The document it was issued by, with its number."), "〔2024〕12号", aliases=("下达文号", "文号", "来源")),
    Column("issued_on", "下达日期", "Issued on", "day", _("The day of that document."), "2024-03-01", aliases=("日期", "下达时间")),
)  # fmt: skip
HA = {"ha", "公顷", "hm2"}


def values(row: Row) -> dict[str, Any]:
    said = row.values
    binding = said["binding"] or INDICATORS[said["indicator"]].binding
    return {
        "village_id": said["village"], "code": said["indicator"], "value": said["value"], "binding": binding == "binding",
        "source": said["source"], "issued_on": said["issued_on"],
    }  # fmt: skip


def as_text(name: str, value: Any) -> Any:
    return value.isoformat() if name == "issued_on" else value


def as_day(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == "issued_on" else value


ISSUED = upsert.Target(
    Target, ("village_id", "code"), ("value", "binding", "source", "issued_on"), values, as_text, as_day,
    lambda target: f"{target.village_id} · {NAMES.get(target.code, target.code)}",
)  # fmt: skip


def check(rows: list[Row], scope: Scope) -> Iterator[Issue]:
    yield from upsert.unknown_villages(rows, scope)
    for row in rows:
        unit, wanted = row.values["unit"], INDICATORS[row.values["indicator"]].unit
        if unit is not None and plain(unit) != plain(wanted) and not {plain(unit), plain(wanted)} <= HA:
            yield row.fault("T2", "unit", "unit", "单位", value=unit, wanted=wanted)
        elif row.values["issued_on"] > timezone.localdate():
            yield row.fault("T2", "issued_on", "day_to_come", "下达日期", value=row.values["issued_on"].isoformat())


register(
    Kind(
        "targets", _("Issued targets"), _("What was issued to villages for their indicators, with document and day."), COLUMNS,
        ("village", "indicator"), COUNTY, check, ISSUED.compare, ISSUED.write, ISSUED.undo,
    )
)  # fmt: skip
