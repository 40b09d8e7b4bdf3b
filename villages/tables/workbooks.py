"""Workbooks we write: the empty template of a kind with its lists of values, and a faulty table with its bad cells marked."""

import csv
import io
import re
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from portal.geo.tables import Sheet, column_letters
from portal.spreadsheets import guarded
from villages.models import TableImport
from villages.tables import texts
from villages.tables.columns import Column
from villages.tables.kinds import Kind

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = 2000
"""rows of the template whose cells are formatted and have lists"""
MARKED_ROWS = 20_000
"""rows of a marked sheet; beyond them the list of faults says where they are"""

HELP, LISTS, FAULTS = "填写说明 Help", "值域 Values", "问题 Faults"
_GREEN, _GREY, _RED = (PatternFill("solid", fgColor=colour) for colour in ("FFD9EAD3", "FFEFEFEF", "FFFFC7CE"))
_FORMATS = {
    "code": "@",
    "text": "@",
    "choice": "@",
    "year": "0",
    "day": "yyyy-mm-dd",
    "whole": "0",
    "number": "General",
}


def template(kind: Kind) -> bytes:
    """The empty table: headers and lists on the first sheet, what each column means and an example on the second."""
    book = Workbook()
    sheet = book.active
    sheet.title = kind.name
    sheet.freeze_panes = "A2"
    lists = {column.name: n for n, column in enumerate((c for c in kind.columns if c.choices), 1)}
    for at, column in enumerate(kind.columns, 1):
        _header(sheet.cell(1, at), _titled(column), column.required)
        letters = column_letters(at)
        sheet.column_dimensions[letters].width = max(12, 2 * len(_titled(column)) + 4)
        for row in range(2, ROWS + 1):
            sheet.cell(row, at).number_format = _FORMATS[column.kind]
        if column.name in lists:
            source = column_letters(lists[column.name])
            allowed = DataValidation(
                "list", f"'{LISTS}'!${source}$2:${source}${len(column.choices) + 1}", allow_blank=True
            )
            allowed.add(f"{letters}2:{letters}{ROWS}")
            sheet.add_data_validation(allowed)
    _explain(book.create_sheet(HELP), kind)
    if lists:
        _list_values(book.create_sheet(LISTS), [c for c in kind.columns if c.choices])
    return _bytes(book)


def template_csv(kind: Kind) -> bytes:
    """The headers alone, with the mark that makes spreadsheets take it for UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerow(_titled(column) for column in kind.columns)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _titled(column: Column) -> str:
    return f"{column.zh}（{column.unit}）" if column.unit else column.zh


def _header(cell: Cell, text: str, required: bool) -> None:
    cell.value = text
    cell.font = Font(bold=True)
    cell.fill = _GREEN if required else _GREY


def _explain(sheet: Worksheet, kind: Kind) -> None:
    heads = ["列名", "Column", _("Required"), _("Unit"), _("What it is"), _("Example")]
    for at, text in enumerate(heads, 1):
        _header(sheet.cell(1, at), text, True)
        sheet.column_dimensions[column_letters(at)].width = (18, 22, 10, 10, 70, 24)[at - 1]
    for row, column in enumerate(kind.columns, 2):
        said = [
            column.zh,
            column.en,
            _("yes") if column.required else _("no"),
            column.unit,
            _(column.means),
            column.example,
        ]
        for at, value in enumerate(said, 1):
            sheet.cell(row, at, value).alignment = Alignment(wrap_text=True, vertical="top")


def _list_values(sheet: Worksheet, columns: list[Column]) -> None:
    for at, column in enumerate(columns, 1):
        _header(sheet.cell(1, at), f"{column.zh}：{_('allowed values')}", True)
        sheet.column_dimensions[column_letters(at)].width = 30
        for row, option in enumerate(column.options(), 2):
            sheet.cell(row, at, option)


def beginning(sheet: Sheet) -> Sheet:
    """As much of a sheet as is given back with marks."""
    return replace(sheet, rows=sheet.rows[:MARKED_ROWS], numbers=sheet.numbers[:MARKED_ROWS])


def marked(row: TableImport, sheets: list[Sheet]) -> bytes:
    """The table as it was handed in, bad cells red with the reason as a comment, and a last sheet that lists the faults.

    It is written anew from plain values: nothing else of the sender's workbook comes back.
    """
    book = Workbook()
    book.remove(book.active)
    faults: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for issue in row.issues:
        faults.setdefault((issue["sheet"], issue["row"] or 0), []).append(issue)
    for sheet in sheets:
        target = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", sheet.name)[:31])
        lines = [(sheet.header_row, sheet.header), *zip(sheet.numbers, sheet.rows, strict=True)][:MARKED_ROWS]
        for number, values in lines:
            for at, value in enumerate(values, 1):
                if value not in (None, ""):
                    _put(target.cell(number, at), value)
            for issue in faults.get((sheet.name, number), []):
                _mark(target, number, issue)
    _list_faults(book.create_sheet(FAULTS), row)
    return _bytes(book)


def _put(cell: Cell, value: Any) -> None:
    """Text stays text: nothing in it becomes a formula, and codes keep their zeros."""
    cell.value = guarded(value)
    if isinstance(value, str):
        cell.data_type, cell.number_format = "s", "@"


def _mark(sheet: Worksheet, number: int, issue: dict[str, Any]) -> None:
    cell = sheet.cell(number, issue["params"].get("column") or 1)
    cell.fill = _RED
    said = f"{cell.comment.text}\n" if cell.comment else ""
    cell.comment = Comment(said + texts.text(issue["code"], issue["params"]), "portal", height=120, width=260)


def _list_faults(sheet: Worksheet, row: TableImport) -> None:
    for at, text in enumerate([_("Sheet"), _("Row"), _("Column"), _("Header"), _("What is wrong")], 1):
        _header(sheet.cell(1, at), text, False)
        sheet.column_dimensions[column_letters(at)].width = (18, 8, 8, 20, 80)[at - 1]
    for number, issue in enumerate(row.issues, 2):
        params = issue["params"]
        said = [issue["sheet"], issue["row"], params.get("letters", ""), params.get("header", "")]
        for at, value in enumerate([*said, texts.text(issue["code"], params)], 1):
            if value not in (None, ""):
                _put(sheet.cell(number, at), value)


def _bytes(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
