"""From ink to marks: strokes that belong together, what they mean (a ring, a line, a spot), and their shape in mm on paper."""

import heapq
from dataclasses import dataclass

import cv2
import numpy as np
import shapely
import shapely.ops

from planning.papers.ink import Ink
from planning.papers.plate import PER_MM, millimetres

TOGETHER = 2.5
"""mm between two strokes of one mark at most"""
LEAST = 1.6
"""mm of the longer side of the smallest mark: less is a speck"""
SPOT = 13.0
"""mm of the longer side of the largest spot or cross"""
RING = 25.0
"""mm2 of the smallest area a ring encloses"""
GAPS = (0.6, 1.5, 3.0, 5.0)
"""mm that a hand may leave open on each side of a gap, tried one after the other"""
SMOOTH = 0.35
"""mm by which an outline is made simpler"""
COLOURS = ("red", "green", "blue", "black")
BLACK, MEET = 0.72, 0.2
"""from which ratio of the least to the most light taken on ink is black; share of a stroke that is a second ink"""
MOST = 80
"""marks of one page; more are no marks but a scribbled or a wrong page"""


@dataclass(frozen=True)
class Mark:
    """A mark: kind (area, line, spot), shape in mm on paper, colour of the ink, box in pixels of the flat page."""

    kind: str
    shape: shapely.Geometry
    colour: str
    box: tuple[int, int, int, int]


def group(ink: Ink) -> list[Mark]:
    """The marks of a page, from the upper left to the lower right. Strokes of two inks are two marks, also where they cross."""
    reach = round(TOGETHER * PER_MM / 2)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    inks = inks_of(ink)
    marks = []
    for colour in range(1, 5):
        own = inks == colour
        if not own.any():
            continue
        _count, parts, stats, _middles = cv2.connectedComponentsWithStats(
            cv2.dilate(own.astype(np.uint8), kernel), connectivity=8
        )
        for number in np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:MOST] + 1:
            left, top, across, down = (int(v) for v in stats[number, :4])
            window = np.s_[top : top + down, left : left + across]
            strokes = own[window] & (parts[window] == number)
            if (mark := _mark(strokes, COLOURS[colour - 1], left, top)) is not None:
                marks.append(mark)
    return sorted(marks, key=lambda mark: (round(mark.box[1] / (20 * PER_MM)), mark.box[0]))


def inks_of(ink: Ink) -> np.ndarray:
    """1 to 4 for each pixel of a stroke: red, green, blue or black ink; one for a whole stroke unless two clearly meet in it."""
    soft = (
        cv2.blur(ink.taken * ink.mask[..., None], (5, 5))
        / np.maximum(cv2.blur(ink.mask.astype(np.float32), (5, 5)), 1e-3)[..., None]
    )
    least = soft.argmin(axis=2)
    black = soft.min(axis=2) > BLACK * soft.max(axis=2)
    label = cv2.medianBlur(np.where(black, 4, least + 1).astype(np.uint8) * ink.mask, 5)
    label[~ink.mask] = 0
    count, parts = cv2.connectedComponents(ink.mask.astype(np.uint8), connectivity=8)
    deep = soft.max(axis=2) * ink.mask
    votes = np.stack([np.bincount(parts.ravel(), (deep * (label == colour)).ravel(), count) for colour in range(1, 5)])
    share = votes / np.maximum(votes.sum(axis=0), 1e-6)
    first = share.argmax(axis=0) + 1
    second = np.sort(share, axis=0)[-2]
    whole = (second < MEET)[parts]
    return np.where(whole, first[parts], label) * ink.mask


def _mark(strokes: np.ndarray, colour: str, left: int, top: int) -> Mark | None:
    rows, columns = np.flatnonzero(strokes.any(axis=1)), np.flatnonzero(strokes.any(axis=0))
    if not len(rows):
        return None
    wide, high = (np.ptp(columns) + 1) / PER_MM, (np.ptp(rows) + 1) / PER_MM
    if max(wide, high) < LEAST or strokes.sum() < (0.8 * PER_MM) ** 2:
        return None
    box = (left, top, strokes.shape[1], strokes.shape[0])
    # a margin, so that a closing that reaches over the border does not break there
    pad = round((max(GAPS) + 1) * PER_MM)
    padded = np.pad(strokes, pad).astype(np.uint8)
    origin = np.array([left - pad, top - pad])
    if (outline := _ring(padded, origin)) is not None:
        return Mark("area", outline, colour, box)
    if max(wide, high) <= SPOT:
        ys, xs = np.nonzero(strokes)
        middle = (np.array([xs.min() + xs.max(), ys.min() + ys.max()]) / 2 + np.array([xs.mean(), ys.mean()])) / 2
        return Mark("spot", shapely.Point(millimetres(middle + np.array([left, top]))), colour, box)
    return Mark("line", _course(padded, origin), colour, box)


def _ring(strokes: np.ndarray, origin: np.ndarray) -> shapely.Polygon | None:
    """The area inside, up to the middle of the stroke; None if nothing is enclosed."""
    width = _width(strokes)
    for gap in GAPS:
        size = round(gap * PER_MM) * 2 + 1
        closed = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
        contours, tree = cv2.findContours(closed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        holes = [c for c, row in zip(contours, tree[0] if tree is not None else [], strict=True) if row[3] >= 0]
        if not holes:
            continue
        hole = max(holes, key=cv2.contourArea)
        area = cv2.contourArea(hole) / PER_MM**2
        inside = [c for c in contours if len(c) > 2]
        hull = cv2.contourArea(cv2.convexHull(np.vstack(inside))) / PER_MM**2
        if area < max(RING, (4 * width) ** 2) or area < 0.3 * hull:
            continue
        outline = shapely.Polygon(millimetres(hole[:, 0] + origin)).buffer(width / 2 + 0.5 / PER_MM)
        outline = shapely.make_valid(outline.simplify(SMOOTH))
        if outline.geom_type == "Polygon":
            return shapely.Polygon(outline.exterior)
    return None


def _width(strokes: np.ndarray) -> float:
    """mm across the pen, by how far the middles of the strokes are from their edges."""
    away = cv2.distanceTransform(strokes, cv2.DIST_L2, 3)
    ridge = (away > 0) & (away >= cv2.dilate(away, np.ones((3, 3))) - 0.01)
    return float(2 * np.median(away[ridge]) / PER_MM)


def _course(strokes: np.ndarray, origin: np.ndarray) -> shapely.LineString:
    """The longest way along the strokes, kept to their middle; small breaks are bridged."""
    shrink = 2
    size = 2 * round(TOGETHER * PER_MM / 2) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    whole, beyond = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, kernel), _width(strokes) / 2
    if cv2.connectedComponents(whole, connectivity=8)[0] > 2:  # broken where it crosses dark print
        whole, beyond = cv2.dilate(strokes, kernel), beyond + size / PER_MM / 2
    small = cv2.resize(whole * 255, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA) > 100
    _count, parts, stats, _middles = cv2.connectedComponentsWithStats(small.astype(np.uint8), connectivity=8)
    small = parts == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    away = cv2.distanceTransform(small.astype(np.uint8), cv2.DIST_L2, 3)
    begin = tuple(int(v) for v in np.argwhere(small)[0])
    begin, _way = _farthest(small, None, begin)
    end, _way = _farthest(small, None, begin)
    _end, way = _farthest(small, away, begin, end)
    path = (np.array(way, float)[:, ::-1] + 0.5) * shrink - 0.5 + origin
    course = shapely.LineString(_even(millimetres(path), shrink))
    half = min(beyond, course.length / 4)  # the pen reaches half its width beyond where it was set down
    return shapely.ops.substring(course, half, course.length - half).simplify(SMOOTH)


def _even(path: np.ndarray, step: int) -> np.ndarray:
    """Without the steps of pixels: each place the mean of about two mm, the ends kept."""
    half = PER_MM // step
    if len(path) <= 2 * half:
        return path[[0, -1]]
    sums = np.vstack([np.zeros(2), np.cumsum(path, axis=0)])
    number = np.arange(len(path))
    reach = np.minimum(np.minimum(number, len(path) - 1 - number), half)
    return (sums[number + reach + 1] - sums[number - reach]) / (2 * reach + 1)[:, None]


def _farthest(mask: np.ndarray, away: np.ndarray | None, begin: tuple[int, int], end: tuple[int, int] | None = None) -> tuple[tuple[int, int], list[tuple[int, int]]]:  # fmt: skip
    """The place of the mask that is farthest from `begin`, or the way to `end`; with `away` the middle is cheaper."""
    steps = [(a, b, float(np.hypot(a, b))) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b]
    best, before, queue = {begin: 0.0}, {}, [(0.0, begin)]
    last = begin
    while queue:
        cost, place = heapq.heappop(queue)
        if cost > best[place]:
            continue
        last = place
        if place == end:
            break
        for a, b, length in steps:
            beside = place[0] + a, place[1] + b
            if not (0 <= beside[0] < mask.shape[0] and 0 <= beside[1] < mask.shape[1]) or not mask[beside]:
                continue
            dear = length if away is None else length / (0.3 + float(away[beside])) ** 2
            if cost + dear < best.get(beside, np.inf):
                best[beside], before[beside] = cost + dear, place
                heapq.heappush(queue, (cost + dear, beside))
    way = [last]
    while way[-1] in before:
        way.append(before[way[-1]])
    return last, way[::-1]
