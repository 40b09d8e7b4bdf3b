"""The table of residents' comments (采纳情况表) as a Word document in the look of official documents (公文): A4 across, 仿宋.

python-docx makes the frame; the rows are written into it one after the other, because a table of 5,000 rows as objects would
take some hundred megabytes.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.run import Run
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from planning.models import PlanVersion
from planning.reports import statement
from portal.spreadsheets import guarded

BODY, TITLE = "仿宋_GB2312", "方正小标宋简体"
LATIN = "Times New Roman"
# what stands in for fonts that a machine does not have; Word and LibreOffice read it from the font table
FALLBACKS = {BODY: "仿宋", TITLE: "宋体"}
WIDTHS_MM = (9, 14, 11, 19, 19, 16, 48, 10, 15, 48, 19, 16, 0)
PAGE_MM, MARGIN_MM = (297, 210), (20, 15)
ROWS_HERE = "ROWS-OF-THE-TABLE"
TEXT_POINTS = 9


def document(version: PlanVersion) -> bytes:
    head = statement.head(version)
    made = Document()
    page(made)
    styles(made)
    paragraph(made, head.title, TITLE, 18, WD_ALIGN_PARAGRAPH.CENTER)
    for text in (head.subject, f"{head.made} {head.summary}"):
        paragraph(made, text, BODY, 11, WD_ALIGN_PARAGRAPH.CENTER)
    table(made)
    made.core_properties.author, made.core_properties.title = "", printable(f"{head.title} {head.subject}")
    made.core_properties.comments = ""
    frame = io.BytesIO()
    made.save(frame)
    return filled(frame, statement.lines(version))


def printable(text: str) -> str:
    """What XML can hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def page(made: Doc) -> None:
    """A4 across, with the page number in the middle of the foot."""
    section = made.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(PAGE_MM[0]), Mm(PAGE_MM[1])
    section.left_margin = section.right_margin = Mm(MARGIN_MM[1])
    section.top_margin = section.bottom_margin = Mm(MARGIN_MM[0])
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in ("— ", "PAGE", " / ", "NUMPAGES", " —"):
        field(foot.add_run(), part) if part.isupper() else foot.add_run(part)


def field(run: Run, name: str) -> None:
    """A figure that the program that shows the document fills in."""
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)


def styles(made: Doc) -> None:
    """Fonts of the whole document, with names for what is not there."""
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, Pt(TEXT_POINTS)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)


def paragraph(made: Doc, text: str, font: str, points: int, alignment: WD_ALIGN_PARAGRAPH) -> None:
    line = made.add_paragraph()
    line.alignment = alignment
    run = line.add_run(printable(text))
    run.font.name, run.font.size = LATIN, Pt(points)
    run._r.rPr.rFonts.set(qn("w:eastAsia"), font)


def widths() -> list[int]:
    """Widths of the columns in mm; the last takes the rest."""
    rest = PAGE_MM[0] - 2 * MARGIN_MM[1] - sum(WIDTHS_MM)
    return [*WIDTHS_MM[:-1], rest]


def table(made: Doc) -> None:
    """The head, repeated on every page, and one row that says where the others go."""
    grid = made.add_table(rows=2, cols=len(WIDTHS_MM), style="Table Grid")
    grid.autofit = False
    repeated = OxmlElement("w:tblHeader")
    grid.rows[0]._tr.get_or_add_trPr().append(repeated)
    for cell, name, width in zip(grid.rows[0].cells, statement.heads(), widths(), strict=True):
        cell.width = Mm(width)
        run = cell.paragraphs[0].add_run(name)
        run.bold = True
    for column, width in zip(grid.columns, widths(), strict=True):
        column.width = Mm(width)
    grid.rows[1].cells[0].paragraphs[0].add_run(ROWS_HERE)


def filled(frame: io.BytesIO, lines: Iterator[statement.Line]) -> bytes:
    """The document with the rows in the place of the one that waits for them, and with stand-ins for its fonts."""
    written = io.BytesIO()
    with zipfile.ZipFile(frame) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name).decode() if name.endswith(".xml") else old.read(name)
            if name == "word/document.xml":
                before, after = around_rows(part)
                with new.open(name, "w") as target:
                    target.write(before.encode())
                    for line in lines:
                        target.write(row(line.cells()).encode())
                    target.write(after.encode())
            else:
                new.writestr(name, with_fallbacks(part) if name == "word/fontTable.xml" else part)
    return written.getvalue()


def around_rows(xml: str) -> tuple[str, str]:
    at = xml.index(ROWS_HERE)
    return xml[: xml.rindex("<w:tr>", 0, at)], xml[xml.index("</w:tr>", at) + len("</w:tr>") :]


def with_fallbacks(xml: str) -> str:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in FALLBACKS.items()
    )
    return xml.replace("</w:fonts>", f"{fonts}</w:fonts>")


def row(values: tuple[Any, ...]) -> str:
    """A row as WordprocessingML; a row stays on one page where it fits there."""
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{round(width * 56.7)}" w:type="dxa"/></w:tcPr>{paragraphs(value)}</w:tc>'
        for value, width in zip(values, widths(), strict=True)
    )
    return f"<w:tr>{cells}</w:tr>"


def paragraphs(value: Any) -> str:
    """A paragraph for each line. Tables are pasted into spreadsheets, so nothing begins a formula here either."""
    if value is None:
        return "<w:p/>"
    text = value.isoformat() if hasattr(value, "isoformat") else str(guarded(value))
    return "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r></w:p>' for part in printable(text).split("\n")
    )
