"""The decision letter (批复) as a PDF: an official document, so it is Chinese whoever prints it."""

from fpdf import FPDF, XPos, YPos
from fpdf.enums import WrapMode

from planning.models import Decision
from planning.reports.pdf import INK, SOFT
from portal.pdf_fonts import add_fonts, printable

LINE_MM, TITLE_POINTS, TEXT_POINTS = 8.5, 18, 13


def document(decision: Decision) -> bytes:
    """The same letter gives the same bytes; one that was not issued yet says so on top."""
    paper = FPDF(format="A4")
    paper.set_margins(26, 30)
    paper.set_auto_page_break(True, 26)
    add_fonts(paper, "", "B")
    paper.set_creation_date(decision.at)
    paper.set_title(printable(decision.number))
    paper.set_lang("zh-CN")
    paper.add_page()
    if decision.issued_at is None:
        write(paper, "草稿（尚未印发）", 10, align="R", colour=SOFT)
    title, *lines = decision.body.strip("\n").split("\n")
    write(paper, title, TITLE_POINTS, style="B", align="C")
    for line in lines:
        centred = line.strip() == decision.number
        last = line == lines[-1]
        write(paper, line, TEXT_POINTS, align="C" if centred else "R" if last else "L")
    return bytes(paper.output())


def write(paper: FPDF, text: str, points: float, *, style: str = "", align: str = "L", colour: tuple = INK) -> None:
    paper.set_font("cjk", style, points)
    paper.set_text_color(*colour)
    paper.multi_cell(
        0, LINE_MM, printable(text), wrapmode=WrapMode.CHAR, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align=align
    )
