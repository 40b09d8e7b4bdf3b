"""A printed page as the photograph is compared with it: where things are in mm on paper, pixels of the flat page, and metres."""

from dataclasses import dataclass
from typing import Any

import numpy as np

PER_MM = 6
"""pixels of the flat page for a mm of paper, 152 dpi: a pen of 0.5 mm is three pixels wide"""


@dataclass(frozen=True)
class Plate:
    """One page of a `Sheet`, out of its `pages`: boxes and marks in mm from the upper left corner of the paper."""

    width: float
    height: float
    frame: tuple[float, float, float, float]
    marks: np.ndarray
    extent: tuple[float, float, float, float]
    scale: int

    @classmethod
    def of(cls, page: dict[str, Any]) -> "Plate":
        return cls(*page["paper"], tuple(page["frame"]), np.array(page["marks"], float), tuple(page["extent"]), page["scale"])  # fmt: skip

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the flat page in pixels."""
        return round(self.width * PER_MM), round(self.height * PER_MM)

    def metres(self, mm: np.ndarray) -> np.ndarray:
        """Places on paper as metres east and north of the plane of the sheet."""
        x, y, _wide, high = self.frame
        per_mm = self.scale / 1000
        return np.column_stack([self.extent[0] + (mm[:, 0] - x) * per_mm, self.extent[1] + (y + high - mm[:, 1]) * per_mm])  # fmt: skip

    def on_paper(self, metres: np.ndarray) -> np.ndarray:
        """The way back: metres of the plane as mm on paper."""
        x, y, _wide, high = self.frame
        per_m = 1000 / self.scale
        return np.column_stack([x + (metres[:, 0] - self.extent[0]) * per_m, y + high - (metres[:, 1] - self.extent[1]) * per_m])  # fmt: skip

    def frame_mask(self, inset: float = 0.0) -> np.ndarray:
        """Pixels of the flat page inside the frame of the map, less `inset` mm."""
        x, y, wide, high = self.frame
        left, top = pixels(np.array([x + inset, y + inset])).round().astype(int)
        right, low = pixels(np.array([x + wide - inset, y + high - inset])).round().astype(int)
        mask = np.zeros(self.size[::-1], bool)
        mask[top : low + 1, left : right + 1] = True
        return mask


def pixels(mm: np.ndarray) -> np.ndarray:
    """Places in mm as pixels of the flat page, of which whole numbers are the middles."""
    return np.asarray(mm, float) * PER_MM - 0.5


def millimetres(px: np.ndarray) -> np.ndarray:
    return (np.asarray(px, float) + 0.5) / PER_MM


def grey(picture: np.ndarray) -> np.ndarray:
    import cv2  # late, here and below: pages and the API take the measures of a plate alone

    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture


def shrunk(picture: np.ndarray, longest: int) -> np.ndarray:
    """The picture with at most so many pixels on its longer side."""
    import cv2

    factor = longest / max(picture.shape[:2])
    if factor >= 1:
        return picture
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
