"""The table of residents' comments (采纳情况表) as a workbook (.xlsx), written row by row. No text of it begins a formula."""

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from planning.models import PlanVersion
from planning.reports import statement
from portal.spreadsheets import guarded

WIDTHS = (6, 10, 9, 12, 16, 14, 48, 7, 12, 48, 12, 16, 30)
HEAD_ROW = 5
MAX_TEXT = 32_000  # a cell holds 32,767 characters
FILL = PatternFill("solid", fgColor="1C5D41")
WRAPPED = Alignment(wrap_text=True, vertical="top")
THIN = Border(*[Side(style="thin", color="B0B8B2")] * 4)


def workbook(version: PlanVersion) -> bytes:
    head = statement.head(version)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(head.title[:31])
    dress(sheet)
    for text, size in ((head.title, 16), (head.subject, 11), (head.made, 11), (head.summary, 11)):
        sheet.append([styled(sheet, text, Font(size=size, bold=size > 11), Alignment(vertical="center"))])
    heads = [styled(sheet, text, Font(bold=True, color="FFFFFF"), WRAPPED) for text in statement.heads()]
    for cell in heads:
        cell.fill = FILL
    sheet.append(heads)
    dresser = Dresser(sheet)
    for line in statement.lines(version):
        sheet.append([dresser.cell(value) for value in line.cells()])
    book.properties.creator, book.properties.title = "", clean(f"{head.title} {head.subject}")
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def dress(sheet: WriteOnlyWorksheet) -> None:
    """Widths and the printed page; they come before the rows."""
    for number, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = f"A{HEAD_ROW + 1}"
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "&P / &N"


def clean(value: Any) -> Any:
    """What a cell can hold, and nothing a spreadsheet would run."""
    return guarded(ILLEGAL_CHARACTERS_RE.sub("", value)[:MAX_TEXT]) if isinstance(value, str) else value


def styled(sheet: WriteOnlyWorksheet, value: Any, font: Font, alignment: Alignment) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, clean(value))
    cell.font, cell.alignment = font, alignment
    return cell


class Dresser:
    """Cells of the rows in the two styles there are. Styles are looked up once: set cell by cell they took most of the time."""

    def __init__(self, sheet: WriteOnlyWorksheet) -> None:
        self.sheet, self.text, self.day = sheet, WriteOnlyCell(sheet), WriteOnlyCell(sheet)
        for cell in (self.text, self.day):
            cell.alignment, cell.border = WRAPPED, THIN
        self.day.number_format = "yyyy-mm-dd"

    def cell(self, value: Any) -> WriteOnlyCell:
        made = WriteOnlyCell(self.sheet, clean(value))
        made._style = (self.day if hasattr(value, "isoformat") else self.text)._style
        return made
