"""The pen: a PDF page on which shapes of the ground are drawn true to scale and texts are written in Chinese and English."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import shapely
from fpdf import FPDF
from fpdf.enums import TextMode

from planning.sheets.pages import Box, Layout, Page
from portal.pdf_fonts import add_fonts, printable

INK, SOFT, RED, WHITE = "#17251e", "#4a5a51", "#c1121f", "#ffffff"
BOLD = 0.035
"""width of the line that makes letters bold, as a part of their size"""


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


class Paper(FPDF):
    """Pages of one size. Shapes are numpy arrays of mm; what is drawn `on_map` is cut off at the frame."""

    def __init__(self, place: Layout) -> None:
        super().__init__(format=(place.width, place.height), unit="mm")
        self.place = place
        self.set_auto_page_break(False)
        self.set_margin(0)
        # one face only: reading and cutting down a second one takes longer than drawing a map
        add_fonts(self, "")

    # --- shapes

    def to_paper(self, page: Page, xy: np.ndarray) -> np.ndarray:
        """Metres of the plane as mm of the page: exactly the scale, no fitting."""
        x, y, _wide, high = self.place.frame
        per_metre = 1000 / page.scale
        west, south = page.extent[:2]
        return np.column_stack([x + (xy[:, 0] - west) * per_metre, y + high - (xy[:, 1] - south) * per_metre])

    @contextmanager
    def clipped(self, box: Box) -> Iterator[None]:
        with self.rect_clip(*box):
            yield

    def path(self, parts: Iterable[np.ndarray], *, closed: bool) -> str:
        """Rings or lines in mm as operators of PDF."""
        said = []
        for part in parts:
            points = np.round(np.column_stack([part[:, 0], self.h - part[:, 1]]) * self.k, 2).tolist()
            said.append(
                f"{points[0][0]} {points[0][1]} m "
                + " ".join(f"{x} {y} l" for x, y in points[1:])
                + (" h" if closed else "")
            )
        return "\n".join(said)

    def shape(self, parts: list[np.ndarray], *, fill: str = "", line: str = "", width: float = 0.1, dash: tuple[float, ...] = (), closed: bool = True) -> None:  # fmt: skip
        """Fill by the even-odd rule, so that holes stay open, and draw the line around."""
        if not parts:
            return
        with self.pen(fill, line, width, dash):
            operator = {(True, True): "B*", (True, False): "f*", (False, True): "S"}[bool(fill), bool(line)]
            self._out(f"{self.path(parts, closed=closed)} {operator}")

    @contextmanager
    def pen(self, fill: str = "", line: str = "", width: float = 0.1, dash: tuple[float, ...] = ()) -> Iterator[None]:
        with self.local_context():
            self._out("1 j 0 J")
            if fill:
                self.set_fill_color(*rgb(fill))
            if line:
                self.set_draw_color(*rgb(line))
                self.set_line_width(width)
                self._out(f"[{' '.join(f'{part * self.k:.2f}' for part in dash)}] 0 d")
            yield

    def hatched(self, parts: list[np.ndarray], colour: str, *, step: float = 1.1, width: float = 0.22) -> None:
        """Diagonals inside, a line around."""
        if not parts:
            return
        together = np.vstack(parts)
        (left, top), (right, bottom) = together.min(axis=0), together.max(axis=0)
        first, last = np.floor((left + top) / step) * step, right + bottom
        with self.pen("", colour, width):
            self._out(f"q {self.path(parts, closed=True)} W* n")
            lines = [np.array([[k - top, top], [k - bottom, bottom]]) for k in np.arange(first, last, step)]
            self._out(f"{self.path(lines, closed=False)} S Q")
        self.shape(parts, line=colour, width=0.35)

    def spot(self, x: float, y: float, radius: float, colour: str) -> None:
        with self.pen(colour, WHITE, 0.25):
            self.circle(x, y, radius, style="DF")

    def box(self, box: Box, *, fill: str = "", line: str = "", width: float = 0.1) -> None:
        with self.pen(fill, line, width):
            self.rect(*box, style={(True, True): "DF", (True, False): "F", (False, True): "D"}[bool(fill), bool(line)])

    def stroke(self, x1: float, y1: float, x2: float, y2: float, width: float = 0.15, colour: str = INK, dash: tuple[float, ...] = ()) -> None:  # fmt: skip
        with self.pen("", colour, width, dash):
            self.line(x1, y1, x2, y2)

    # --- words

    def say(self, x: float, y: float, text: Any, size: float, *, bold: bool = False, colour: str = INK, align: str = "left", within: float = 0, halo: float = 0) -> float:  # fmt: skip
        """A line of text with its baseline at y; made smaller, then cut, where it is wider than `within` mm. Gives its width."""
        text = printable(text)
        self.set_font("cjk", "", size)
        if within and (wide := self.get_string_width(text)) > within:
            self.set_font_size(max(size * within / wide, size * 0.7))
            while len(text) > 1 and self.get_string_width(text) > within:
                text = text[:-2] + "…"
        wide = self.get_string_width(text)
        left = x - {"left": 0, "middle": wide / 2, "right": wide}[align]
        if halo:
            with self.local_context(text_mode=TextMode.STROKE, line_width=halo, draw_color=rgb(WHITE)):
                self._out("1 j [] 0 d")
                self.text(left, y, text)
        mode = TextMode.FILL_STROKE if bold else TextMode.FILL  # bold: the outline of the letters is drawn as well
        with self.local_context(
            text_mode=mode, text_color=rgb(colour), draw_color=rgb(colour), line_width=self.font_size * BOLD
        ):
            self.text(left, y, text)
        return wide

    def turned(self, x: float, y: float, text: str, size: float, *, colour: str = INK) -> None:
        """A line of text that reads upwards, its middle at (x, y)."""
        with self.rotation(90, x, y):
            self.say(x, y + size * 0.12, text, size, colour=colour, align="middle")

    def lines_of(self, text: str, size: float, within: float, most: int) -> list[str]:
        """A text broken into lines of a width; between words where there are any, the last line cut if there are too many."""
        self.set_font("cjk", "", size)
        lines, line = [], ""
        for piece in pieces(text):
            if line and self.get_string_width(line + piece.rstrip()) > within:
                lines.append(line.rstrip())
                line = ""
            line += piece if line else piece.lstrip()
        lines.append(line.rstrip())
        if len(lines) > most:
            lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
        return [line for line in lines if line]


def pieces(text: str) -> Iterator[str]:
    """What may not be broken: Latin words with the space after them, single Chinese characters."""
    word = ""
    for letter in text:
        word += letter
        if letter == " " or ord(letter) > 0x2E7F:
            yield word
            word = ""
    if word:
        yield word


def rings(shape: shapely.Geometry) -> list[np.ndarray]:
    """Coordinates of all rings of the polygons of a shape, or of its lines."""
    found = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and not part.is_empty:
            found += [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
        elif part.geom_type in ("LineString", "LinearRing") and not part.is_empty:
            found.append(shapely.get_coordinates(part))
        elif part.geom_type.startswith(("Multi", "Geometry")):
            found += rings(part)
    return found
