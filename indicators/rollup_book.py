"""The figures of a division as a workbook (.xlsx)."""

import io
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from indicators.exports import FINE, XLSX, clean, table
from indicators.rollups import IN_FORCE, Rollup, Targets
from planning.models import LandUseClass

__all__ = ["XLSX", "workbook"]


def workbook(found: Rollup) -> bytes:
    """What is counted, indicators, villages without a value, structure table, change matrix."""
    book = Workbook()
    about(book.active, found)
    indicators(book.create_sheet(_("Indicators")), found)
    without(book.create_sheet(_("Villages without a value")), found)
    structure(book.create_sheet(_("Structure of land use")), found)
    changes(book.create_sheet(_("What became what")), found)
    book.properties.creator = ""
    book.properties.title = clean(found.division.name)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def about(sheet: Worksheet, found: Rollup) -> None:
    sheet.title = _("About")
    in_force = _("the version in force of each village, else the newest that was judged")
    rows = [
        (_("Division"), f"{found.division.name} ({found.division.code})"),
        (_("Plans that count"), in_force if found.plans == IN_FORCE else _("the newest version of each village that was judged")),
        (_("Drafts"), _("counted, for staff of the division only") if found.drafts else _("not counted")),
        (_("Villages"), found.villages), (_("Villages that count"), found.judged), (_("Of these in force"), found.in_force),
        (_("Of these out of date"), _("not asked") if found.stale is None else found.stale),
        (_("Their area, ha"), found.area_m2 / 10_000),
        (_("How it is added up"), _("Areas and counts are added up, ratios are divided anew from the sums; no ratio is averaged.")),
        (_("Printed at"), f"{timezone.localtime():%Y-%m-%d %H:%M}"),
    ]  # fmt: skip
    for number, (name, value) in enumerate(rows, 1):
        sheet.cell(number, 1, clean(name)).font = Font(bold=True)
        sheet.cell(number, 2, clean(value))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 80


def indicators(sheet: Worksheet, found: Rollup) -> None:
    head = [
        _("No."), _("Indicator"), _("Unit"), _("Base year"), _("Plan"), _("Change"), _("Numerator"), _("Unit of the numerator"),
        _("Denominator"), _("Unit of the denominator"), _("Villages"), _("Without a value"), _("Measured otherwise"),
        _("Sum of targets"), _("Villages with a target"), _("What they have"), _("Result"),
    ]  # fmt: skip
    rows = [
        [
            row.indicator.code, row.indicator.name, row.unit, row.base_value, row.value, row.change, row.numerator,
            row.numerator_unit, row.denominator, row.denominator_unit, row.villages, row.without, row.otherwise, *targets_of(row.targets),
        ]
        for row in found.rows
    ]  # fmt: skip
    table(sheet, head, rows, [7, 30, 13, 14, 14, 14, 18, 12, 18, 12, 10, 12, 12, 14, 12, 14, 18], FINE)


def targets_of(targets: Targets | None) -> list[Any]:
    return [targets.value, targets.villages, targets.reached, str(targets.light_text)] if targets else [None] * 4


def without(sheet: Worksheet, found: Rollup) -> None:
    head = [_("Indicator"), _("Village code"), _("Village"), _("Why")]
    rows = [[row.indicator.name, v["code"], v["name"], v["note"]] for row in found.rows for v in row.named]
    rows += [[_("all"), v["code"], v["name"], _("No plan that counts was judged.")] for v in found.left_out]
    table(sheet, head, rows, [34, 16, 24, 70], FINE)


def structure(sheet: Worksheet, found: Rollup) -> None:
    names = class_names()
    head = [_("Code"), _("Land use"), _("Base year, ha"), _("Target year, ha"), _("Change, ha")]
    rows = [
        [r["code"], names.get(r["code"], ""), r["base_ha"], r["plan_ha"], r["plan_ha"] - r["base_ha"]]
        for r in found.structure
    ]
    table(sheet, head, rows, [10, 34, 16, 16, 16], FINE)


def changes(sheet: Worksheet, found: Rollup) -> None:
    names = class_names()
    head = [_("Base code"), _("Base year"), _("Plan code"), _("Plan"), _("Area, ha")]
    rows = [
        [r["base_code"], names.get(r["base_code"], ""), r["plan_code"], names.get(r["plan_code"], ""), r["area_m2"] / 10_000]
        for r in found.changes
    ]  # fmt: skip
    table(sheet, head, rows, [11, 30, 11, 30, 16], FINE)


def class_names() -> dict[str, str]:
    return {c.code: c.name for c in LandUseClass.objects.filter(code_version="2023")}
