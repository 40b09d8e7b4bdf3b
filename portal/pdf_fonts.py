"""The Chinese letters of PDF files (字体): where they lie, and how a document takes them up. Those that are used are embedded."""

from pathlib import Path

from django.utils.translation import gettext as _
from fpdf import FPDF

from portal.errors import PortalError

FONTS = Path("/usr/share/fonts/opentype/noto")
"""where Debian's package fonts-noto-cjk puts them"""
FACES = {"": "NotoSansCJK-Regular.ttc", "B": "NotoSansCJK-Bold.ttc"}
SIMPLIFIED = 2
"""Noto Sans CJK SC in the collections"""


class NoFont(PortalError):
    """The machine lacks the font; the installation names it."""

    code = "font"
    status = 503


def add_fonts(paper: FPDF, *styles: str) -> None:
    """Make the font `cjk` known to a document in the styles it needs: reading and cutting down each takes time."""
    for style in styles:
        if not (FONTS / FACES[style]).is_file():
            raise NoFont(_("The font for PDF files is missing: install the package fonts-noto-cjk."))
        paper.add_font("cjk", style, FONTS / FACES[style], collection_font_number=SIMPLIFIED)


def printable(text: object) -> str:
    """Text without what cannot be printed."""
    return "".join(c if c.isprintable() else " " for c in str(text))
