"""The paper: sizes, where the map lies on it, which scale fits, and how a piece of land is spread over several sheets.

Millimetres on paper count from the upper left corner; metres on the ground are east and north of a Gauss-Kruger zone.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import shapely

SIZES = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
"""width and height in mm, upright"""
SCALES = (500, 1000, 2000, 5000, 10000)
FITTING = (
    200, 250, 500, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 8000, 10000, 12500, 15000, 20000, 25000, 30000, 40000,
    50000, 75000, 100000, 200000, 500000,
)  # fmt: skip
"""denominators among which "fit" chooses"""
EDGE, HEAD, FOOT, BORDER, MARK, GAP = 7.0, 18.0, 11.0, 5.0, 8.0, 3.0
"""mm: free edge of the paper, height of head and foot, between the two lines around the map, size of a corner mark,
from the map to the panel with the legend"""
AROUND = 6.0
"""mm of surroundings left free on each side of what is printed"""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Layout:
    """Where things are on a paper; boxes are (x, y, width, height) in mm."""

    width: float
    height: float
    upright: bool
    frame: Box
    panel: Box

    @property
    def marks(self) -> list[tuple[float, float]]:
        """Middles of the four corner marks: upper left, upper right, lower right, lower left."""
        near, right, low = EDGE + MARK / 2, self.width - EDGE - MARK / 2, self.height - EDGE - MARK / 2
        return [(near, near), (right, near), (right, low), (near, low)]


@dataclass(frozen=True)
class Page:
    """One sheet (图幅): its number, scale, and the ground its frame shows, in metres (west, south, east, north)."""

    number: int
    scale: int
    extent: Box
    is_index: bool = False


def layout(paper: str, upright: bool) -> Layout:
    """The map beside its legend on a paper that lies, above it on one that stands."""
    short, long = SIZES[paper]
    width, height = (short, long) if upright else (long, short)
    large = paper == "A3"
    left, top = EDGE + BORDER, EDGE + HEAD + BORDER
    right, bottom = width - EDGE - BORDER, height - EDGE - FOOT - BORDER
    if upright:
        depth = 92.0 if large else 78.0
        frame = (left, top, right - left, bottom - depth - GAP - top)
        panel = (EDGE, bottom + BORDER - depth, width - 2 * EDGE, depth)
    else:
        breadth = 84.0 if large else 66.0
        frame = (left, top, right - breadth - GAP - left, bottom - top)
        panel = (width - EDGE - breadth, EDGE + HEAD, breadth, bottom + BORDER - EDGE - HEAD)
    return Layout(width, height, upright, frame, panel)


def fitting(place: Layout, extent: Box) -> int:
    """The largest scale at which the extent fits into the frame, as its denominator."""
    west, south, east, north = extent
    wide, high = place.frame[2] - 2 * AROUND, place.frame[3] - 2 * AROUND
    needed = max((east - west) / wide, (north - south) / high) * 1000
    return next((scale for scale in FITTING if scale >= needed), math.ceil(needed / 100_000) * 100_000)


def pages(place: Layout, shape: shapely.Geometry, scale: int | None) -> list[Page]:
    """The sheets that show a shape of the plane at 1:scale (None: what fits on one). Of several the first is the index."""
    extent = tuple(float(x) for x in shape.bounds)
    fit = fitting(place, extent)
    if scale is None or scale >= fit:
        return [Page(1, scale or fit, centred(place, extent, scale or fit))]
    index = Page(1, fit, centred(place, extent, fit), is_index=True)
    tiles = (tile for tile in spread(place, extent, scale) if shape.intersects(shapely.box(*tile)))
    return [index, *(Page(number, scale, tile) for number, tile in enumerate(tiles, 2))]


def count(place: Layout, extent: Box, scale: int | None) -> int:
    """No fewer sheets than `pages` makes, known without looking at the shape."""
    if scale is None or scale >= fitting(place, extent):
        return 1
    across, down = grid(place, extent, scale)
    return across * down + 1


def grid(place: Layout, extent: Box, scale: int) -> tuple[int, int]:
    west, south, east, north = extent
    across = math.ceil((east - west) / (place.frame[2] * scale / 1000) - 1e-9)
    down = math.ceil((north - south) / (place.frame[3] * scale / 1000) - 1e-9)
    return max(across, 1), max(down, 1)


def spread(place: Layout, extent: Box, scale: int) -> Iterator[Box]:
    """Extents of sheets side by side, row by row from the north-west, the whole centred on the extent."""
    across, down = grid(place, extent, scale)
    wide, high = place.frame[2] * scale / 1000, place.frame[3] * scale / 1000
    west = (extent[0] + extent[2] - across * wide) / 2
    north = (extent[1] + extent[3] + down * high) / 2
    for row in range(down):
        for column in range(across):
            x, y = west + column * wide, north - row * high
            yield x, y - high, x + wide, y


def centred(place: Layout, extent: Box, scale: int) -> Box:
    """What the frame shows when the middle of the extent is its middle."""
    x, y = (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2
    wide, high = place.frame[2] * scale / 2000, place.frame[3] * scale / 2000
    return x - wide, y - high, x + wide, y + high


def grid_step(scale: int) -> int:
    """Metres between two lines of the coordinate grid: about five to ten centimetres on paper."""
    return next(
        step for step in (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000) if step >= scale / 20
    )


def bar_length(scale: int) -> int:
    """Metres that the scale bar shows: a round figure of two to five centimetres."""
    steps = [digit * 10**power for power in range(1, 6) for digit in (1, 2, 5)]
    return next(step for step in steps if step * 1000 / scale >= 20)
