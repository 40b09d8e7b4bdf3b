"""Laying the photograph onto the printed page: a plane first, then what bends and folds of the paper add, with the error left.

Corner marks alone are true for flat paper. A sheet that was folded for a pocket rises by millimetres; so several hundred places
of the printed page (letters, crossings, ends of lines) are looked for near where the plane puts them, and a thin-plate spline
(薄板样条) takes up what is left. How good that is, is asked of places the spline was not told of, a whole neighbourhood at a time.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from planning.papers.plate import PER_MM, Plate, grey, millimetres

ROUNDS = ((3, 9.0, 8.0, 9.0), (3, 8.0, 8.0, 8.0), (3, 7.0, 5.0, 7.0), (6, 4.5, 2.0, 5.0), (6, 4.0, 1.0, 4.0))
"""pixels for a mm, half side of what is looked for in mm, how far around in mm, and mm between two such places"""
ALIKE, ALONE = 0.55, 0.06
"""a place is found where the correlation is so high, and higher by so much than anywhere else around"""
BEND, UNIT = 0.02, 100.0
"""how stiff the spline is, and the mm in which its equations are well balanced"""
STEP = 4
"""mm between the places at which the spline is worked out"""
BLOCKS = (20.0, 45.0, 80.0)
"""mm of neighbourhoods that are left out to see how well the rest foretells them"""
SLOPE, LOOSE = 0.09, 0.35
"""by how much a place may be off another one, for each mm between them, and in mm: paper does not bend more"""
FEWEST = 12
PEN = 0.4
"""mm by which the middle of a stroke is known at best"""
PLAIN = 3.0
"""mm a mark may be off if there is nothing but the corners to go by"""


@dataclass
class Fit:
    """From mm on paper to pixels of the photograph."""

    plane: np.ndarray
    at: np.ndarray
    off: np.ndarray
    """places in mm where the page was found again, and by how many mm it lay off the plane there"""
    near: float
    far: float
    """mm that places are off, 95 of 100: beside a place found again, and more for each mm to the nearest one"""

    @property
    def is_plain(self) -> bool:
        """There was nothing but the corners to go by."""
        return len(self.at) < FEWEST

    def error_mm(self, mm: np.ndarray) -> np.ndarray:
        """How far off marks at these places may be on paper, the width of a pen included."""
        if self.is_plain:
            return np.full(len(mm), PLAIN)
        return np.hypot(self.near + self.far * _away(self.at, mm), PEN)

    def to_photo(self, mm: np.ndarray) -> np.ndarray:
        return project(self.plane, mm + spline(self.at, self.off, mm))


def project(plane: np.ndarray, mm: np.ndarray) -> np.ndarray:
    return cv2.perspectiveTransform(np.asarray(mm, np.float64)[None], plane)[0]


def fit(photo: np.ndarray, printed: np.ndarray, plate: Plate, plane: np.ndarray) -> Fit:
    """`printed` is the page as it was drawn, PER_MM pixels for a mm."""
    found = Fit(plane, np.zeros((0, 2)), np.zeros((0, 2)), 0.0, 0.0)
    original, picture = grey(printed), grey(photo)
    for per_mm, half, reach, apart in ROUNDS:
        flat = grey(flatten(picture, found, plate))
        at, off = _look(original, flat, PER_MM / per_mm, half, reach, apart)
        if len(at) < FEWEST:
            break
        whole = off + spline(found.at, found.off, at)
        kept = _plausible(at, whole)
        found.at, found.off = at[kept], whole[kept]
    if len(found.at) >= FEWEST:
        steady = _steady(found.at, found.off)
        found.at, found.off = found.at[steady], found.off[steady]
    if len(found.at) >= FEWEST:
        found.near, found.far = _foretold(found.at, found.off, plate)
    return found


def flatten(photo: np.ndarray, found: Fit, plate: Plate) -> np.ndarray:
    """The page cut out of the photograph, upright and flat, PER_MM pixels for a mm; white where the photograph ends."""
    wide, high = plate.size
    columns, rows = (np.arange(0, n + STEP * PER_MM, STEP * PER_MM) for n in (wide, high))
    x, y = np.meshgrid(columns, rows)
    nodes = millimetres(np.column_stack([x.ravel(), y.ravel()]))
    places = found.to_photo(nodes).astype(np.float32).reshape(*x.shape, 2)
    # the same grid for each pixel: remap looks the nodes up by bilinear interpolation
    u, v = np.meshgrid(np.arange(wide, dtype=np.float32) / (STEP * PER_MM), np.arange(high, dtype=np.float32) / (STEP * PER_MM))  # fmt: skip
    across = cv2.remap(places[..., 0], u, v, cv2.INTER_LINEAR)
    down = cv2.remap(places[..., 1], u, v, cv2.INTER_LINEAR)
    return cv2.remap(photo, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255, 255, 255))


def _look(original: np.ndarray, flat: np.ndarray, shrink: float, half: float, reach: float, apart: float) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Where distinct places of the original are seen in the flat page: places in mm, and by how many mm they are off."""
    if shrink > 1:
        size = (round(original.shape[1] / shrink), round(original.shape[0] / shrink))
        original, flat = (cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in (original, flat))
    per_mm = PER_MM / shrink
    soft, seen = (cv2.GaussianBlur(p, (0, 0), 0.12 * per_mm).astype(np.float32) for p in (original, flat))
    n, r = round(half * per_mm), round(reach * per_mm)
    points = cv2.goodFeaturesToTrack(soft, 900, 0.004, apart * per_mm, blockSize=max(3, round(1.2 * per_mm) | 1))
    at, off = [], []
    for x, y in np.round(points[:, 0]).astype(int) if points is not None else []:
        patch = soft[y - n : y + n + 1, x - n : x + n + 1]
        around = seen[y - n - r : y + n + r + 1, x - n - r : x + n + r + 1]
        if y < n + r or x < n + r or patch.shape != (2 * n + 1,) * 2 or around.shape != (2 * (n + r) + 1,) * 2:
            continue
        if (place := _peak(cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED), per_mm)) is not None:
            at.append(((x + 0.5) / per_mm, (y + 0.5) / per_mm))
            off.append(((place[0] - r) / per_mm, (place[1] - r) / per_mm))
    return np.array(at).reshape(-1, 2), np.array(off).reshape(-1, 2)


def _peak(alike: np.ndarray, per_mm: float) -> tuple[float, float] | None:
    """The best place to a part of a pixel; None if it is not good, lies at the border, or is one of several."""
    _low, best, _where, (x, y) = cv2.minMaxLoc(alike)
    if best < ALIKE or not (0 < x < alike.shape[1] - 1 and 0 < y < alike.shape[0] - 1):
        return None
    around = round(max(1.2 * per_mm, 2))
    # along a line everything is alike, which the ring just around the place shows
    ring = alike[max(y - around, 0) : y + around + 1, max(x - around, 0) : x + around + 1].copy()
    inner = max(around - 1, 1)
    ring[max(min(y, around) - inner, 0) : min(y, around) + inner + 1, max(min(x, around) - inner, 0) : min(x, around) + inner + 1] = -1  # fmt: skip
    rest = alike.copy()
    rest[max(y - around, 0) : y + around + 1, max(x - around, 0) : x + around + 1] = -1
    if best - max(float(ring.max()), float(rest.max())) < ALONE:
        return None
    return x + _vertex(*alike[y, x - 1 : x + 2]), y + _vertex(*alike[y - 1 : y + 2, x])


def _vertex(a: float, b: float, c: float) -> float:
    bend = a - 2 * b + c
    return float(np.clip((a - c) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0


def _plausible(at: np.ndarray, off: np.ndarray) -> np.ndarray:
    """Which places move as most of their nearest neighbours do, as far as paper bends between them."""
    kept = np.arange(len(at))
    for _round in range(2):
        apart = np.sqrt(((at[kept][:, None] - at[kept][None]) ** 2).sum(-1))
        near = np.argsort(apart, axis=1)[:, 1:9]
        off_by = np.hypot(*np.moveaxis(off[kept][near] - off[kept][:, None], -1, 0))
        agree = off_by < LOOSE + SLOPE * np.take_along_axis(apart, near, axis=1)
        kept = kept[agree.sum(axis=1) >= 5]
        if len(kept) < FEWEST:
            break
    return kept


def _steady(at: np.ndarray, off: np.ndarray) -> np.ndarray:
    """Which places all others foretell: along a dashed line a place may be found one dash too far."""
    inverse = np.linalg.inv(_equations(at))[: len(at), : len(at)]
    miss = np.hypot(*(inverse @ off / np.diag(inverse)[:, None]).T)
    return miss < max(6 * float(np.median(miss)), 0.45)


def spline(at: np.ndarray, off: np.ndarray, mm: np.ndarray) -> np.ndarray:
    """The thin-plate spline through `off` at `at`, worked out at `mm`; nothing without places."""
    if len(at) < FEWEST:
        return np.zeros_like(mm, dtype=float)
    weights = np.linalg.solve(_equations(at), np.vstack([off, np.zeros((3, 2))]))
    asked = np.asarray(mm) / UNIT
    plane = np.column_stack([np.ones(len(asked)), asked])
    return _radial(asked, at / UNIT) @ weights[: len(at)] + plane @ weights[len(at) :]


def _equations(at: np.ndarray) -> np.ndarray:
    known, count = at / UNIT, len(at)
    left = np.zeros((count + 3, count + 3))
    left[:count, :count] = _radial(known, known) + BEND / count * np.eye(count)
    left[:count, count:] = np.column_stack([np.ones(count), known])
    left[count:, :count] = left[:count, count:].T
    return left


def _radial(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squared = ((a[:, None] - b[None]) ** 2).sum(-1)
    return 0.5 * squared * np.log(np.maximum(squared, 1e-12))


def _foretold(at: np.ndarray, off: np.ndarray, plate: Plate) -> tuple[float, float]:
    """How far off places in the frame are that the spline was not told of, by the way to the nearest it was told of:
    `near` mm at no distance and `far` mm more for each mm, which 95 of 100 stay below.

    A block B left out of the equations A w = y is foretold with the error (A⁻¹)_BB⁻¹ w_B: one inverse serves all blocks.
    """
    x, y, wide, high = plate.frame
    inside = (at[:, 0] > x - 5) & (at[:, 0] < x + wide + 5) & (at[:, 1] > y - 5) & (at[:, 1] < y + high + 5)
    inverse = np.linalg.inv(_equations(at))[: len(at), : len(at)]
    weights = inverse @ off
    ways, misses = [np.zeros(0)], [np.zeros(0)]
    for side in BLOCKS:
        blocks = np.floor(at / side).astype(int)
        for block in np.unique(blocks[inside], axis=0):
            out = np.flatnonzero((blocks == block).all(axis=1))
            if len(at) - len(out) >= FEWEST:
                asked = inside[out]
                miss = np.linalg.solve(inverse[np.ix_(out, out)], weights[out])
                misses.append(np.hypot(*miss[asked].T))
                ways.append(_away(np.delete(at, out, axis=0), at[out[asked]]))
    way, miss = np.concatenate(ways), np.concatenate(misses)
    if len(miss) < FEWEST:
        return PLAIN, 0.0
    close = way <= np.quantile(way, 0.25)
    near = float(np.quantile(miss[close], 0.95))
    return near, float(np.quantile(np.maximum(miss - near, 0) / np.maximum(way, 1), 0.95))


def _away(known: np.ndarray, mm: np.ndarray) -> np.ndarray:
    """mm from each place to the nearest that is known."""
    return np.sqrt(((mm[:, None] - known[None]) ** 2).sum(-1).min(axis=1))


def outside(plane: np.ndarray, picture: np.ndarray, plate: Plate) -> list[int]:
    """Which corners of the map's frame (as `marks`: upper left, upper right, lower right, lower left) the photograph cuts off."""
    x, y, wide, high = plate.frame
    corners = project(plane, np.array([[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]]))
    rows, columns = picture.shape[:2]
    return [k for k, (u, v) in enumerate(corners) if not (0 <= u <= columns - 1 and 0 <= v <= rows - 1)]


def likeness(photo: np.ndarray, printed: np.ndarray, plate: Plate, plane: np.ndarray) -> float:
    """Correlation (-1..1) of the printed page and the photograph laid flat by the plane, at one and a half mm."""
    small = (round(plate.width / 1.5), round(plate.height / 1.5))
    to_small = np.diag([plate.width / small[0], plate.height / small[1], 1.0])
    picture = cv2.GaussianBlur(grey(photo), (0, 0), max(1.0, max(photo.shape) / max(small) / 3))
    flat = cv2.warpPerspective(picture, plane @ to_small, small, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    original = cv2.resize(grey(printed), small, interpolation=cv2.INTER_AREA)
    a, b = (_even(p.astype(np.float32)) for p in (flat, original))
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-9))


def alike(flat: np.ndarray, printed: np.ndarray) -> float:
    """The same of a page that was laid flat with its bends."""
    size = (printed.shape[1] // 6, printed.shape[0] // 6)
    a, b = (_even(cv2.resize(grey(p), size, interpolation=cv2.INTER_AREA).astype(np.float32)) for p in (flat, printed))
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-9))


def _even(picture: np.ndarray) -> np.ndarray:
    return picture - cv2.GaussianBlur(picture, (0, 0), 12)
