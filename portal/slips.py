"""Shapes of slips of paper (纸条) that are printed, cut out and handed over: lines of Chinese and a QR code, in millimetres."""

from collections.abc import Iterator

from fpdf import FPDF
from fpdf.enums import TextMode

from portal import qr
from portal.pdf_fonts import printable

WIDE, HIGH = 105.0, 74.25
"""mm of a slip: eight on a page of A4"""
PAD, QR_SIDE = 7.0, 30.0
INK, SOFT = (23, 37, 30), (72, 90, 80)
BOLD = 0.035
"""width of the line that makes letters bold, as a part of their size"""


def say(paper: FPDF, x: float, y: float, text: str, size: float, within: float, *, bold: bool = False, right: bool = False, colour: tuple[int, int, int] = INK) -> None:  # fmt: skip
    """A line of text with its baseline at y, made smaller, then cut, where it is wider than `within` mm."""
    text = printable(text)
    paper.set_font("cjk", "", size)
    if (wide := paper.get_string_width(text)) > within:
        paper.set_font_size(max(size * within / wide, size * 0.7))
        while len(text) > 1 and paper.get_string_width(text) > within:
            text = text[:-2] + "…"
    paper.set_text_color(*colour)
    paper.set_draw_color(*colour)
    mode = TextMode.FILL_STROKE if bold else TextMode.FILL
    with paper.local_context(text_mode=mode, line_width=paper.font_size * BOLD):
        paper.text(x - paper.get_string_width(text) if right else x, y, text)


def broken(paper: FPDF, text: str, size: float, within: float) -> Iterator[str]:
    """Lines of Chinese text, broken anywhere but before a sign that closes."""
    paper.set_font("cjk", "", size)
    line = ""
    for letter in text:
        if paper.get_string_width(line + letter) > within and letter not in "，。；：、”）":
            yield line
            line = ""
        line += letter
    yield line


def squares(paper: FPDF, x: float, y: float, address: str) -> None:
    """The address as a QR code: runs of black squares, each one box."""
    paper.set_fill_color(0, 0, 0)
    for right, below, width, height in qr.boxes(address, QR_SIDE):
        paper.rect(x + right, y + below, width, height, style="F")
