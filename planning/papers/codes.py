"""The QR code of a sheet: which sheet and page a photograph shows."""

import re
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp

from planning.papers.plate import grey, shrunk

ADDRESS = re.compile(r"/sheets/(?P<sheet>[0-9a-z]{12})/(?P<page>\d{1,3})/$")
SIZES = (4200, 2400, 1500)
"""longer sides in pixels at which a code is looked for: a blurred one is read better when it is small"""


@dataclass(frozen=True)
class Code:
    """A code that was read: sheet and page, empty and 0 if its words are not of a sheet; corners in pixels of the picture,
    from the upper left one of the code clockwise."""

    sheet: str
    page: int
    corners: np.ndarray


def find(picture: np.ndarray) -> Code | None:
    """The code of a sheet; else any other QR code in the picture; else None."""
    whole, other = grey(picture), None
    for side in SIZES:
        small = shrunk(whole, side)
        for look in (small, _even(small)):
            for code in _read(look, whole.shape[1] / look.shape[1]):
                if code.sheet:
                    return code
                other = code
    return other


def _read(picture: np.ndarray, factor: float) -> list[Code]:
    found = []
    for row in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode):
        place = row.position
        corners = [place.top_left, place.top_right, place.bottom_right, place.bottom_left]
        named = ADDRESS.search(row.text)
        said = (named["sheet"], int(named["page"])) if named else ("", 0)
        found.append(Code(*said, np.array([[p.x, p.y] for p in corners], float) * factor))
    return found


def _even(picture: np.ndarray) -> np.ndarray:
    """Contrast made alike everywhere: half of a code often lies in a shadow."""
    return cv2.createCLAHE(clipLimit=3, tileGridSize=(8, 8)).apply(picture)
