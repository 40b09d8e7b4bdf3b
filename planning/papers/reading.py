"""Reading one photograph of one page: arrays in, values out; no database, no network, no files."""

from dataclasses import dataclass, field

import numpy as np

from planning.papers import codes, corners, fitting, ink, strokes
from planning.papers.plate import Plate, millimetres

SMALLEST = 900
"""pixels of the longer side of a photograph: with fewer a pen is no wider than a pixel"""
LIKE = 0.3
"""correlation of photograph and print that the same page has at least, once it is laid flat"""
GRID = 15.0
"""mm between the places for which the error of a page is told"""


class Unreadable(Exception):
    """Why there is nothing to read: `fault` is a code with words in planning.papers.faults."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        super().__init__(fault)


@dataclass
class Reading:
    """What a photograph says. Errors are mm on paper."""

    flat: np.ndarray
    marks: list[strokes.Mark]
    errors: list[float]
    error: float
    corners: list[list[float]]
    places: int
    blind: float
    """share of the map nobody could see for a reflection"""
    by: list[int] = field(default_factory=list)
    """the corner marks it was laid flat by"""


def code_of(photo: np.ndarray) -> codes.Code:
    """Which sheet a photograph shows. Raises Unreadable: too_small, no_code, other_code."""
    if max(photo.shape[:2]) < SMALLEST:
        raise Unreadable("too_small")
    found = codes.find(photo)
    if found is None:
        raise Unreadable("no_code")
    if not found.sheet:
        raise Unreadable("other_code")
    return found


def read(photo: np.ndarray, printed: np.ndarray, plate: Plate) -> Reading:
    """Lay the photograph onto the printed page and find the marks. Raises Unreadable: too_small, corners, corner_0 … corner_3,
    cut_0 … cut_3, not_this_page, too_many."""
    if max(photo.shape[:2]) < SMALLEST:
        raise Unreadable("too_small")
    plane, by = lay(photo, printed, plate)
    if cut := fitting.outside(plane, photo, plate):
        raise Unreadable(f"cut_{cut[0]}")
    found = fitting.fit(photo, printed, plate, plane)
    flat = fitting.flatten(photo, found, plate)
    if fitting.alike(flat, printed) < LIKE:
        raise Unreadable("not_this_page")
    seen = ink.find(flat, printed, plate)
    marks = strokes.group(seen)
    if len(marks) >= strokes.MOST:
        raise Unreadable("too_many")
    x, y, wide, high = plate.frame
    grid = np.stack(np.meshgrid(np.arange(x, x + wide, GRID), np.arange(y, y + high, GRID)), axis=-1).reshape(-1, 2)
    ends = found.to_photo(np.array([[0, 0], [plate.width, 0], [plate.width, plate.height], [0, plate.height]], float))
    return Reading(
        flat=flat, marks=marks, errors=[error_of(found, mark) for mark in marks],
        error=float(np.quantile(found.error_mm(grid), 0.95)), corners=ends.round(1).tolist(), places=len(found.at),
        blind=float(seen.blind.sum() / plate.frame_mask().sum()), by=by,
    )  # fmt: skip


def error_of(found: fitting.Fit, mark: strokes.Mark) -> float:
    """mm the mark may be off: the worst of its corners."""
    left, top, wide, high = mark.box
    around = np.array([[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]])
    return float(found.error_mm(millimetres(around)).max())


def lay(photo: np.ndarray, printed: np.ndarray, plate: Plate) -> tuple[np.ndarray, list[int]]:
    """The plane that lays the page into the photograph, and the corner marks it goes by."""
    code = codes.find(photo)
    code = code if code and code.sheet else None
    drawn = codes.find(printed)
    code_mm = millimetres(drawn.corners) if drawn and drawn.sheet else None
    found = corners.without_code(corners.candidates(photo), code)
    ways = corners.fits(found, plate, code, code_mm)
    if not ways:
        raise Unreadable(_missing(found, plate, code, code_mm, photo))
    if len(ways) == 1:
        return ways[0]
    return max(ways, key=lambda way: fitting.likeness(photo, printed, plate, way[0]))


def _missing(found: np.ndarray, plate: Plate, code: codes.Code | None, code_mm: np.ndarray | None, photo: np.ndarray) -> str:  # fmt: skip
    """Which corner to point at: one whose place, told by the code, is outside the picture."""
    if code is None or code_mm is None:
        return "corners"
    away = corners.seen_from(code, code_mm, plate)
    high, wide = photo.shape[:2]
    outside = [k for k, (x, y) in enumerate(away) if not (0 <= x < wide and 0 <= y < high)]
    return f"corner_{outside[0]}" if len(outside) == 1 else "corners"
