"""The quality report as a PDF to print and sign. The letters of the font that are used are embedded in it."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf import FPDF, FontFace, XPos, YPos
from fpdf.enums import TableBordersLayout, WrapMode

from planning.reports.content import IssueLine, QualityReport, RuleLine
from portal.pdf_fonts import add_fonts, printable

MAX_ISSUES = 300
GREEN, INK, SOFT = (18, 63, 44), (23, 37, 30), (72, 90, 80)
TINTS = {"error": (251, 235, 233), "warning": (253, 242, 217), "passed": (231, 240, 233)}
HEAD = (28, 93, 65)


class _Paper(FPDF):
    """A4 upright, with the subject and the page number below."""

    def __init__(self, report: QualityReport) -> None:
        super().__init__(format="A4")
        self.report = report
        self.set_margins(16, 15)
        self.set_auto_page_break(True, 18)
        add_fonts(self, "", "B")
        self.set_creation_date(report.at)
        self.set_title(f"{_('Quality report')} {printable(report.subject)}")
        self.set_lang("en" if get_language() == "en" else "zh-CN")
        self.wrap = WrapMode.WORD if get_language() == "en" else WrapMode.CHAR

    def footer(self) -> None:
        self.set_y(-13)
        self.write_in(SOFT, 8)
        page = _("Page %(page)s of %(pages)s") % {"page": self.page_no(), "pages": "{nb}"}
        self.cell(130, 6, _shortened(printable(self.report.subject), 70))
        self.cell(0, 6, page, align="R")

    def write_in(self, colour: tuple[int, int, int], size: float, style: str = "") -> None:
        self.set_font("cjk", style, size)
        self.set_text_color(*colour)

    def line_of(self, text: str, size: float, colour: tuple[int, int, int] = INK, style: str = "") -> None:
        """A paragraph over the whole width."""
        self.write_in(colour, size, style)
        self.multi_cell(
            0, size * 0.55, printable(text), wrapmode=self.wrap, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L"
        )

    def title_of(self, text: str) -> None:
        if self.get_y() > self.h - 45:
            self.add_page()
        self.ln(5)
        self.line_of(text, 13, GREEN, "B")
        self.ln(1.5)


def document(report: QualityReport) -> bytes:
    """The same report gives the same bytes."""
    paper = _Paper(report)
    paper.add_page()
    _head(paper, report)
    _facts(paper, report)
    paper.title_of(_("Rules"))
    _rules(paper, report)
    _trend(paper, report)
    _issues(paper, report)
    _signature(paper)
    return bytes(paper.output())


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _head(paper: _Paper, report: QualityReport) -> None:
    paper.line_of(_("Quality report on a village plan"), 20, GREEN, "B")
    paper.ln(1)
    paper.line_of(report.subject, 11, SOFT)
    paper.ln(4)
    top = paper.get_y()
    paper.set_fill_color(*TINTS["error" if report.errors else "warning" if report.warnings else "passed"])
    paper.rect(paper.l_margin, top, paper.epw, 30, style="F")
    paper.set_xy(paper.l_margin + 4, top + 3)
    paper.write_in(INK, 34, "B")
    paper.cell(44, 16, f"{report.score:g}")
    paper.set_xy(paper.l_margin + 4, top + 20)
    paper.write_in(SOFT, 9)
    paper.cell(44, 6, _("Score of 100"))
    paper.set_xy(paper.l_margin + 50, top + 4)
    paper.write_in(INK, 11, "B")
    counts = _("Errors: %(errors)s, warnings: %(warnings)s") % {"errors": report.errors, "warnings": report.warnings}
    paper.cell(0, 6, counts, new_x=XPos.LEFT, new_y=YPos.NEXT)
    paper.write_in(INK, 10)
    for text in (report.verdict_text, report.next_text):
        paper.set_x(paper.l_margin + 50)
        paper.multi_cell(paper.epw - 54, 5.2, text, wrapmode=paper.wrap, new_x=XPos.LEFT, new_y=YPos.NEXT, align="L")
    paper.set_fill_color(255, 255, 255)  # tables take the colour that was last set
    paper.set_y(top + 34)


def _facts(paper: _Paper, report: QualityReport) -> None:
    rows = [
        (_("Village"), f"{report.village.short_name} ({report.village.code})"), (_("File"), report.file_name or "–"),
        ("SHA-256", report.sha256 or "–"), (_("Profile"), report.profile), (_("Rule set"), report.stored["engine"]),
        (_("Checked at"), f"{report.at:%Y-%m-%d %H:%M}"), (_("Handed in by"), str(report.by or "–")),
        (_("Source of the base data"), report.village.source),
        *((_("Changed before the check"), text) for text in report.changes),
    ]  # fmt: skip
    paper.write_in(INK, 9)
    with paper.table(
        col_widths=(30, 148), borders_layout=TableBordersLayout.NONE, first_row_as_headings=False, line_height=5.2,
        text_align="LEFT", wrapmode=paper.wrap,
    ) as table:  # fmt: skip
        for name, value in rows:
            row = table.row()
            row.cell(name, style=FontFace(color=SOFT))
            row.cell(printable(value))


def _listed(paper: _Paper, widths: tuple[float, ...]) -> Any:
    """A table with a green head that is repeated on every page."""
    paper.write_in(INK, 8)
    paper.set_draw_color(211, 218, 210)
    return paper.table(
        col_widths=widths, borders_layout=TableBordersLayout.HORIZONTAL_LINES, line_height=4.6, text_align="LEFT",
        headings_style=FontFace(emphasis="BOLD", color=(255, 255, 255), fill_color=HEAD), wrapmode=paper.wrap, padding=(0.8, 1.2),
    )  # fmt: skip


def _rules(paper: _Paper, report: QualityReport) -> None:
    """A table for each group, under its own name; none begins at the very end of a page."""
    for group, lines in report.groups:
        if paper.get_y() > paper.h - 45:
            paper.add_page()
        with _listed(paper, (11, 47, 15, 34, 31, 40)) as table:
            head = table.row()
            head.cell(group, colspan=2)
            for name in (_("Level"), _("Result"), _("Tolerance"), _("Law or source")):
                head.cell(name)
            for line in lines:
                row = table.row()
                row.cell(line.code)
                row.cell(line.name)
                row.cell(line.level_text)
                row.cell(_result(line), style=_tint(line))
                row.cell(line.tolerance)
                row.cell(line.source)
        paper.ln(3)


def _result(line: RuleLine) -> str:
    return f"{line.result}{_(': ') + line.why if line.why else ''}"


def _tint(line: RuleLine) -> FontFace:
    return FontFace(fill_color=TINTS.get(line.worst if line.state == "failed" else line.state))


def _trend(paper: _Paper, report: QualityReport) -> None:
    if len(report.trend) < 2:
        return
    paper.title_of(_("Trend"))
    with _listed(paper, (34, 84, 20, 20, 20)) as table:
        table.row([_("Checked at"), _("File"), _("Score"), _("Errors"), _("Warnings")])
        for point in report.trend:
            table.row([f"{point.at:%Y-%m-%d %H:%M}", printable(point.name), f"{point.score:g}", str(point.errors), str(point.warnings)])  # fmt: skip


def _issues(paper: _Paper, report: QualityReport) -> None:
    paper.title_of(_("Issues"))
    issues = report.issues(MAX_ISSUES)
    if not issues:
        return paper.line_of(
            _("None.") if report.upload else _("The single issues were not kept with this version."), 9
        )
    with _listed(paper, (10, 11, 15, 30, 13, 75, 24)) as table:
        table.row([_("No."), _("Rule"), _("Level"), _("Layer"), _("Row"), _("What is wrong"), _("Lon, lat")])
        for issue in issues:
            _issue(table.row(), issue)
    if len(issues) == MAX_ISSUES:
        paper.ln(2)
        paper.line_of(
            _("The first %(count)s issues; all of them are in the workbook.") % {"count": MAX_ISSUES}, 8, SOFT
        )
    return None


def _issue(row: Any, issue: IssueLine) -> None:
    row.cell(str(issue.number))
    row.cell(issue.code)
    row.cell(issue.level_text, style=FontFace(fill_color=TINTS[issue.level]))
    row.cell(printable(issue.layer))
    row.cell("" if issue.row is None else str(issue.row))
    row.cell(printable(issue.text))
    row.cell("" if issue.lon is None else f"{issue.lon:.6f}\n{issue.lat:.6f}")


def _signature(paper: _Paper) -> None:
    if paper.get_y() > paper.h - 50:
        paper.add_page()
    paper.ln(14)
    paper.write_in(INK, 10)
    for label, width in ((_("Checker (signature)"), 62), (_("Date"), 40)):
        paper.cell(paper.get_string_width(label) + 3, 7, label)
        x, y = paper.get_x(), paper.get_y() + 6.5
        paper.set_draw_color(*INK)
        paper.line(x, y, x + width, y)
        paper.set_x(x + width + 8)
    paper.ln(10)
    paper.line_of(_("Score: 100 less the weight of each failed rule; a rule that only warns costs a third."), 8, SOFT)
