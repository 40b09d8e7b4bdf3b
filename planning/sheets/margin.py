"""What stands around the map: title, legend with areas, scale bar, title block (图签), place of the seal, QR code, corner marks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from planning.maps import LegendClass
from planning.sheets.content import Content
from planning.sheets.drawing import FACILITY, PROJECT, dash_mm
from planning.sheets.pages import EDGE, FOOT, MARK, Box, Page, bar_length
from planning.sheets.paper import INK, RED, SOFT, WHITE, Paper, rings
from portal import qr
from portal.templatetags.portal import ha, mu

ROW, LARGE_ROW = 3.9, 5.0
"""mm of a row of the legend where there is room, on A4 and A3"""
SMALLEST_ROW = 2.7
KEY = 30.0
"""mm of height of the small map of sheets"""


@dataclass(frozen=True)
class Imprint:
    """The words of a sheet."""

    title: str
    subject: str
    band: str
    rows: list[tuple[str, str]]
    source: str
    address: Callable[[int], str]
    legend_title: str


def draw_margin(paper: Paper, page: Page, content: Content, imprint: Imprint, pages: list[Page]) -> None:
    _marks(paper)
    _head(paper, page, imprint)
    _foot(paper, page, imprint, len(pages))
    (_panel_below if paper.place.upright else _panel_beside)(paper, page, content, imprint, pages)


def _marks(paper: Paper) -> None:
    """Black squares in white in black, as finders of QR codes are: by their middles a photograph can be set upright."""
    for x, y in paper.place.marks:
        for side, colour in ((MARK, INK), (MARK * 5 / 7, WHITE), (MARK * 3 / 7, INK)):
            paper.box((x - side / 2, y - side / 2, side, side), fill="#000000" if colour == INK else colour)


def _head(paper: Paper, page: Page, imprint: Imprint) -> None:
    middle, within = paper.place.width / 2, paper.place.width - 2 * (EDGE + MARK + 4)
    paper.say(middle, EDGE + 5.6, imprint.title, 15, bold=True, align="middle", within=within)
    subject = f"{imprint.subject} · {_('Index of sheets')}" if page.is_index else imprint.subject
    if not imprint.band:
        paper.say(middle, EDGE + 13, f"{subject}   1:{page.scale:,}", 11, align="middle", within=within)
        return
    paper.say(middle, EDGE + 10.4, f"{subject}   1:{page.scale:,}", 9.5, align="middle", within=within)
    paper.box((EDGE + MARK + 4, EDGE + 11.8, within, 4.4), fill=RED)
    paper.say(middle, EDGE + 15.1, imprint.band, 8.5, bold=True, colour=WHITE, align="middle", within=within - 4)


def _foot(paper: Paper, page: Page, imprint: Imprint, of: int) -> None:
    base = paper.place.height - EDGE - FOOT
    left, right = EDGE + MARK + 4, paper.place.width - EDGE - MARK - 4
    text = f"{_('Source')}{_(': ')}{imprint.source}"
    for number, line in enumerate(paper.lines_of(text, 6.5, right - left - 34, 2)):
        paper.say(left, base + 5.6 + 3.1 * number, line, 6.5, colour=SOFT)
    paper.say(right, base + 5.6, _("Page %(page)s of %(pages)s") % {"page": page.number, "pages": of}, 8, bold=True, align="right")  # fmt: skip


def _panel_beside(paper: Paper, page: Page, content: Content, imprint: Imprint, pages: list[Page]) -> None:
    x, y, wide, high = paper.place.panel
    paper.box(paper.place.panel, line=INK, width=0.7)
    large = wide > 70
    seal, block, bar = (38.0 if large else 27.0), 4.4 * len(imprint.rows) + 1.5, 17.0
    legend = high - seal - block - bar
    key = KEY if len(pages) > 1 else 0.0
    _legend(paper, (x + 3, y, wide - 6, legend - key), content, imprint, columns=1)
    if key:
        _key_map(paper, (x + 3, y + legend - key, wide - 6, key), page, content, pages)
    _rule(paper, x, y + legend, wide)
    _scale(paper, (x + 3, y + legend, wide - 6, bar), page, content)
    _rule(paper, x, y + legend + bar, wide)
    _block(paper, (x, y + legend + bar, wide, block), imprint.rows)
    _rule(paper, x, y + high - seal, wide)
    _seal(paper, (x, y + high - seal, wide, seal), page, imprint)


def _panel_below(paper: Paper, page: Page, content: Content, imprint: Imprint, pages: list[Page]) -> None:
    x, y, wide, high = paper.place.panel
    paper.box(paper.place.panel, line=INK, width=0.7)
    right = 84.0 if wide > 250 else 66.0
    block, seal = 4.4 * len(imprint.rows) + 1.5, high - 4.4 * len(imprint.rows) - 1.5
    left, key = wide - right, KEY + 8 if len(pages) > 1 else 0.0
    _legend(paper, (x + 3, y, left - 6, high - 17), content, imprint, columns=3 if left > 170 else 2)
    _rule(paper, x, y + high - 17, left)
    _scale(paper, (x + 3, y + high - 17, left - 6 - key, 17), page, content)
    if key:
        _key_map(paper, (x + left - key, y + high - 17, key - 3, 17), page, content, pages)
    paper.stroke(x + left, y, x + left, y + high, 0.25)
    _block(paper, (x + left, y, right, block), imprint.rows)
    _rule(paper, x + left, y + block, right)
    _seal(paper, (x + left, y + block, right, seal), page, imprint)


def _rule(paper: Paper, x: float, y: float, wide: float) -> None:
    paper.stroke(x, y, x + wide, y, 0.25)


def _legend(paper: Paper, box: Box, content: Content, imprint: Imprint, *, columns: int) -> None:
    """图例: classes with their areas, then lines and marks; rows shrink, and the smallest classes are added up, to fit."""
    x, y, wide, high = box
    paper.say(x + wide / 2, y + 5.6, _("Legend"), 11, bold=True, align="middle")
    paper.say(x + wide / 2, y + 9.2, imprint.legend_title, 6, colour=SOFT, align="middle", within=wide)
    marks = _mark_rows(content)
    room = int((high - 12) / SMALLEST_ROW) * columns - len(marks)
    classes = shortened(content.legend, max(room, 4))
    rows = [*(_class_row(entry) for entry in classes), *marks]
    most = LARGE_ROW if paper.place.width + paper.place.height > 600 else ROW
    columns = next((n for n in range(1, columns) if len(rows) * most <= (high - 12) * n), columns)
    in_column = -(-len(rows) // columns)
    step = min(most, (high - 12) / max(in_column, 1))
    column = (wide - 4 * (columns - 1)) / columns
    for number, row in enumerate(rows):
        at = x + (number // in_column) * (column + 4), y + 11 + (number % in_column) * step
        row(paper, (*at, column, step))


def shortened(legend: list[LegendClass], room: int) -> list[LegendClass]:
    """The largest classes in the order of their codes; what has no room is added up in a last row."""
    if len(legend) <= room:
        return legend
    kept = sorted(sorted(legend, key=lambda entry: -entry.area_m2)[: room - 1], key=lambda entry: entry.code)
    rest = [entry for entry in legend if entry not in kept]
    name = _("%(count)s further classes") % {"count": len(rest)}
    return [*kept, LegendClass("", name, WHITE, sum(entry.area_m2 for entry in rest))]


def _class_row(entry: LegendClass) -> Callable[[Paper, Box], None]:
    def draw(paper: Paper, box: Box) -> None:
        x, y, wide, high = box
        paper.box((x, y + 0.4, 7, high - 0.8), fill=entry.colour, line=INK, width=0.1)
        size, base = min(8.2, high * 1.75), y + high / 2 + 0.85
        name = f"{entry.code} {entry.name}".strip()
        area = _("%(ha)s ha / %(mu)s mu") % {"ha": ha(entry.area_m2), "mu": mu(entry.area_m2)}
        used = paper.say(x + wide, base, area, size * 0.92, align="right", colour=SOFT, within=wide * 0.5)
        paper.say(x + 8.5, base, name, size, within=wide - 9.5 - used)

    return draw


def _mark_rows(content: Content) -> list[Callable[[Paper, Box], None]]:
    """Rows for lines and marks that are on the sheets."""

    def row(name: str, symbol: Callable[[Paper, float, float], None], area_m2: float | None = None) -> Callable[[Paper, Box], None]:  # fmt: skip
        def draw(paper: Paper, box: Box) -> None:
            x, y, wide, high = box
            symbol(paper, x, y + high / 2)
            size, base, used = min(8.2, high * 1.75), y + high / 2 + 0.85, 0.0
            if area_m2:
                area = _("%(ha)s ha / %(mu)s mu") % {"ha": ha(area_m2), "mu": mu(area_m2)}
                used = paper.say(x + wide, base, area, size * 0.92, align="right", colour=SOFT, within=wide * 0.5)
            paper.say(x + 8.5, base, name, size, within=wide - 9.5 - used)

        return draw

    def line(colour: str, dash: tuple[float, ...], width: float = 0.5) -> Callable[[Paper, float, float], None]:
        return lambda paper, x, y: paper.stroke(x, y, x + 7, y, width, colour, dash)

    rows = [row(_("Boundary of the village"), line(INK, (3.2, 0.8, 0.4, 0.8)))]
    rows += [
        row(str(entry.name), line(entry.colour, dash_mm(entry.dash)), entry.area_m2) for entry in content.line_legend
    ]
    if content.findings:
        rows.append(row(_("Conflict (red hatching)"), _hatch_symbol))
    if content.projects:
        rows.append(row(_("Project, with its number"), lambda paper, x, y: paper.spot(x + 3.5, y, 1.4, PROJECT)))
    if content.facilities:
        rows.append(row(_("Public facility"), lambda paper, x, y: paper.spot(x + 3.5, y, 1.1, FACILITY)))
    return rows


def _hatch_symbol(paper: Paper, x: float, y: float) -> None:
    for step in range(4):
        paper.stroke(x + step * 1.6, y + 1, x + step * 1.6 + 2, y - 1, 0.22, RED)
    paper.box((x, y - 1.1, 7, 2.2), line=RED, width=0.25)


def _scale(paper: Paper, box: Box, page: Page, content: Content) -> None:
    """比例尺: as a figure and as a bar of black and white pieces, with the coordinate system below."""
    x, y, wide, _high = box
    metres = bar_length(page.scale)
    long = metres * 1000 / page.scale
    left = x + (wide - long) / 2
    paper.say(x + wide / 2, y + 4.6, f"1:{page.scale:,}", 9, bold=True, align="middle")
    for part in range(4):
        piece = (left + part * long / 4, y + 8.6, long / 4, 1.3)
        paper.box(piece, fill=INK if part % 2 == 0 else WHITE, line=INK, width=0.15)
    for part, words in ((0, "0"), (2, f"{metres / 2:g}"), (4, f"{metres:g} m")):
        paper.say(left + part * long / 4, y + 7.9, words, 6, align="middle")
    system = _("CGCS2000, 3° Gauss-Kruger, central meridian %(meridian)s° (%(system)s), metres")
    words = system % {"meridian": content.meridian, "system": content.plane_name}
    paper.say(x + wide / 2, y + 13.6, words, 6, colour=SOFT, align="middle", within=wide)


def _key_map(paper: Paper, box: Box, page: Page, content: Content, pages: list[Page]) -> None:
    """接图表: where this sheet lies among the others."""
    x, y, wide, high = box
    west, south, east, north = shapely.union_all([shapely.box(*p.extent) for p in pages if not p.is_index]).bounds
    per_metre = min(wide / (east - west), (high - 3) / (north - south))
    left, low = x + (wide - (east - west) * per_metre) / 2, y + high - 1.5

    def put(xy: np.ndarray) -> np.ndarray:
        return np.column_stack([left + (xy[:, 0] - west) * per_metre, low - (xy[:, 1] - south) * per_metre])

    for other in pages:
        if not other.is_index:
            corners = put(shapely.get_coordinates(shapely.box(*other.extent))[:-1])
            here = other.number == page.number
            paper.shape([corners], fill="#f3c9cc" if here else WHITE, line=SOFT, width=0.12)
            middle = corners.mean(axis=0)
            paper.say(
                middle[0], middle[1] + 0.9, other.number, 6.5, bold=here, colour=RED if here else SOFT, align="middle"
            )
    paper.shape([put(ring) for ring in rings(shapely.simplify(content.village, 0.15 / per_metre))], line=INK, width=0.2)


def _block(paper: Paper, box: Box, rows: list[tuple[str, str]]) -> None:
    """图签."""
    x, y, wide, high = box
    step, name = high / len(rows), 19.0 if get_language() != "en" else 22.0
    for number, (label, value) in enumerate(rows):
        top = y + number * step
        if number:
            paper.stroke(x, top, x + wide, top, 0.1, SOFT)
        paper.say(x + 1.5, top + step / 2 + 0.95, label, 6.8, colour=SOFT, within=name - 2)
        paper.say(x + name + 1.5, top + step / 2 + 0.95, value, 6.8, within=wide - name - 3)
    paper.stroke(x + name, y, x + name, y + high, 0.1, SOFT)


def _seal(paper: Paper, box: Box, page: Page, imprint: Imprint) -> None:
    """Places for seal and signatures, left empty, and the QR code of this sheet."""
    x, y, wide, high = box
    side = min(high - 7, wide * 0.36, 27)
    _qr(paper, (x + wide - side - 2, y + 2, side, side), imprint.address(page.number))
    paper.say(x + wide - side / 2 - 2, y + side + 4.6, _("This version online"), 5.5, colour=SOFT, align="middle", within=side + 2)  # fmt: skip
    edge = wide - side - 4.5
    paper.stroke(x + edge, y, x + edge, y + high, 0.1, SOFT)
    paper.say(x + 1.5, y + 4, _("Drawn up by (seal)"), 6.8, colour=SOFT, within=edge - 2)
    for number, label in enumerate((_("Reviewed (signature)"), _("Date"))):
        base = y + high - 8 + number * 5.5
        used = paper.say(x + 1.5, base, label, 6.2, colour=SOFT, within=edge * 0.62)
        paper.stroke(x + used + 2.5, base + 0.5, x + edge - 2, base + 0.5, 0.12)


def _qr(paper: Paper, box: Box, text: str) -> None:
    x, y, side, _high = box
    paper.box(box, fill=WHITE)
    with paper.pen(INK):
        for right, below, width, height in qr.boxes(text, side, border=2):
            paper.rect(x + right, y + below, width, height, style="F")
