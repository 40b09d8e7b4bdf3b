"""The quality report as a workbook (.xlsx): summary, rules, issues with their places, trend."""

import datetime
import io
import re
import zipfile
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import LineChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from planning.reports.content import QualityReport
from portal.geo.issues import ERROR
from portal.spreadsheets import guarded

HEAD = PatternFill("solid", fgColor="1C5D41")
TINTS = {
    "error": PatternFill("solid", fgColor="FBEBE9"),
    "warning": PatternFill("solid", fgColor="FDF2D9"),
    "passed": PatternFill("solid", fgColor="E7F0E9"),
}
MAX_TEXT = 32_000  # a cell holds 32,767 characters
MOMENT = "yyyy-mm-dd hh:mm"


def workbook(report: QualityReport) -> bytes:
    """The same report gives the same bytes."""
    book = Workbook()
    _summary(book.active, report)
    _rules(book.create_sheet(_("Rules")), report)
    _issues(book.create_sheet(_("Issues")), report)
    _trend(book.create_sheet(_("Trend")), report)
    book.properties.creator = ""
    book.properties.title = f"{_('Quality report')} {_clean(report.subject)}"
    book.properties.created = report.at.astimezone(datetime.UTC).replace(tzinfo=None)
    written = io.BytesIO()
    book.save(written)
    return _timeless(written.getvalue(), report.at)


def _clean(value: Any) -> Any:
    """What a cell can hold, and nothing a spreadsheet would run."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    return guarded(ILLEGAL_CHARACTERS_RE.sub("", value)[:MAX_TEXT]) if isinstance(value, str) else value


def _summary(sheet: Worksheet, report: QualityReport) -> None:
    sheet.title = _("Summary")
    sheet["A1"], sheet["A1"].font = _("Quality report"), Font(size=18, bold=True, color="123F2C")
    sheet["A2"] = _clean(report.subject)
    sheet["A4"], sheet["A4"].font = _("Score"), Font(bold=True)
    sheet["B4"], sheet["B4"].font = report.score, Font(size=28, bold=True, color="123F2C")
    sheet["B4"].alignment = Alignment(horizontal="left")
    rows = [
        (_("Result"), report.verdict_text), (_("What to do next"), report.next_text),
        (_("Errors"), report.errors), (_("Warnings"), report.warnings),
        (_("Rules failed"), report.failed_rules), None,
        (_("Village"), f"{report.village.short_name} ({report.village.code})"), (_("File"), report.file_name),
        ("SHA-256", report.sha256), (_("Profile"), report.profile), (_("Rule set"), report.stored["engine"]),
        (_("Checked at"), report.at), (_("Handed in by"), str(report.by or "")),
        (_("Source of the base data"), report.village.source), (_("Changed before the check"), "\n".join(report.changes) or "–"),
    ]  # fmt: skip
    for number, row in enumerate(rows, 5):
        if row:
            sheet.cell(number, 1, row[0]).font = Font(bold=True)
            cell = sheet.cell(number, 2, _clean(row[1]))
            cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
            if isinstance(row[1], datetime.datetime):
                cell.number_format = MOMENT
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 90
    sheet.cell(
        6 + len(rows), 1, _("Score: 100 less the weight of each failed rule; a rule that only warns costs a third.")
    )
    sheet.cell(9 + len(rows), 1, _("Checker (signature, date)")).font = Font(bold=True)
    _printed(sheet, landscape=False)


def _rules(sheet: Worksheet, report: QualityReport) -> None:
    head = [_("Group"), _("Rule"), _("Name of the rule"), _("Level"), _("Result"), _("Errors"), _("Warnings"), _("Why"), _("Tolerance"), _("Law or source")]  # fmt: skip
    rows = [
        [group, x.code, x.name, x.level_text, x.state_text, x.errors, x.warnings, x.why, x.tolerance, x.source]
        for group, lines in report.groups
        for x in lines
    ]
    _table(sheet, head, rows, [22, 8, 40, 10, 16, 9, 9, 44, 36, 48])
    for number, line in enumerate((x for _group, lines in report.groups for x in lines), 2):
        tint = TINTS.get(line.worst if line.state == "failed" else line.state)
        if tint:
            sheet.cell(number, 5).fill = tint


def _issues(sheet: Worksheet, report: QualityReport) -> None:
    head = [_("No."), _("Rule"), _("Name of the rule"), _("Level"), _("Layer"), _("Row"), _("What is wrong"), _("Longitude"), _("Latitude")]  # fmt: skip
    issues = report.issues()
    rows = [[x.number, x.code, x.name, x.level_text, x.layer, x.row, x.text, x.lon, x.lat] for x in issues]
    _table(sheet, head, rows, [7, 8, 34, 10, 20, 9, 80, 14, 14])
    for number, issue in enumerate(issues, 2):
        sheet.cell(number, 4).fill = TINTS["error" if issue.level == ERROR else "warning"]
        for column in (8, 9):
            sheet.cell(number, column).number_format = "0.0000000"


def _trend(sheet: Worksheet, report: QualityReport) -> None:
    head = [_("No."), _("Checked at"), _("File"), _("Version"), _("Score"), _("Errors"), _("Warnings")]
    points = report.trend
    rows = [
        [n, p.at, p.name, p.number if p.number else _("only checked") if p.checked_only else "–", p.score, p.errors, p.warnings]
        for n, p in enumerate(points, 1)
    ]  # fmt: skip
    _table(sheet, head, rows, [7, 18, 44, 14, 10, 10, 10])
    for number in range(2, len(rows) + 2):
        sheet.cell(number, 2).number_format = MOMENT
    if len(points) > 1:
        chart = LineChart()
        chart.title, chart.height, chart.width = _("Score"), 8, 18
        chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 100
        chart.x_axis.delete = chart.y_axis.delete = False
        chart.add_data(Reference(sheet, min_col=5, min_row=1, max_row=len(rows) + 1), titles_from_data=True)
        chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=len(rows) + 1))
        chart.legend = None
        sheet.add_chart(chart, f"A{len(rows) + 4}")


def _table(sheet: Worksheet, head: list[str], rows: Iterable[list[Any]], widths: list[int]) -> None:
    sheet.append(head)
    for row in rows:
        sheet.append([_clean(value) for value in row])
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEAD
    for line in sheet.iter_rows():
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.print_title_rows = "1:1"
    _printed(sheet, landscape=True)


def _printed(sheet: Worksheet, *, landscape: bool) -> None:
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _timeless(content: bytes, at: datetime.datetime) -> bytes:
    """The archive with the time of the check on every part, instead of the time of writing."""
    moment = at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + moment, part)
            new.writestr(zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return written.getvalue()
