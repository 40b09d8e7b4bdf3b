"""The four corner marks of a sheet in a photograph: black squares in white in black, as finders of QR codes are."""

from itertools import combinations

import cv2
import numpy as np

from planning.papers.codes import Code
from planning.papers.plate import Plate, grey, shrunk

LONGEST = 4200
MOST = 16
"""candidates among which the four are chosen, the largest first"""
OFF_MM = 12.0
"""how far from its place the code may be seen by a homography of four right marks: the paper may be bent"""


def candidates(picture: np.ndarray) -> np.ndarray:
    """Middles of everything that looks like a corner mark, in pixels, the largest first."""
    found: list[tuple[float, float, float]] = []
    for longest in (LONGEST, 2100):
        small = shrunk(grey(picture), longest)
        factor = grey(picture).shape[1] / small.shape[1]
        for row in _nested(small):
            x, y, side = (value * factor for value in row)
            if all(np.hypot(x - other[0], y - other[1]) > side / 2 for other in found):
                found.append((x, y, side))
    found.sort(key=lambda row: -row[2])
    return np.array([row[:2] for row in found], float).reshape(-1, 2)


def _nested(picture: np.ndarray) -> list[tuple[float, float, float]]:
    """Middle and side of each dark square that holds a light one that holds a dark one."""
    block = max(picture.shape) // 24 | 1
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8)
    dark = cv2.adaptiveThreshold(soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 12)
    contours, tree = cv2.findContours(dark, cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE)
    least, most = (max(picture.shape) * 0.006) ** 2, (max(picture.shape) * 0.09) ** 2
    found = []
    for number, outer in enumerate(contours):
        area = cv2.contourArea(outer)
        if not least < area < most or (hole := _only_child(tree, contours, number)) < 0:
            continue
        if (core := _only_child(tree, contours, hole)) < 0:
            continue
        rings = [outer, contours[hole], contours[core]]
        light, inner = cv2.contourArea(rings[1]), cv2.contourArea(rings[2])
        if not (1.3 < area / light < 3.6 and 1.5 < light / inner < 6.5):
            continue
        if area < 0.82 * cv2.contourArea(cv2.convexHull(outer)):
            continue
        middles = np.array([_middle(ring) for ring in rings])
        side = np.sqrt(area)
        if np.ptp(middles, axis=0).max() < 0.14 * side:
            found.append((*middles.mean(axis=0), side))
    return found


def _only_child(tree: np.ndarray, contours: tuple, number: int) -> int:
    """The largest contour inside, if it is far larger than the others there; -1 without one."""
    inside, child = [], tree[0][number][2]
    while child >= 0:
        inside.append((cv2.contourArea(contours[child]), child))
        child = tree[0][child][0]
    inside.sort(reverse=True)
    if not inside or inside[0][0] < 9 or (len(inside) > 1 and inside[1][0] > 0.2 * inside[0][0]):
        return -1
    return inside[0][1]


def _middle(contour: np.ndarray) -> tuple[float, float]:
    moments = cv2.moments(contour)
    return moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]


def without_code(found: np.ndarray, code: Code | None) -> np.ndarray:
    """Candidates less the finders of the code itself."""
    if code is None or not len(found):
        return found
    middle = code.corners.mean(axis=0)
    wide = ((code.corners - middle) * 1.15 + middle).astype(np.float32)
    return np.array([p for p in found if cv2.pointPolygonTest(wide, tuple(map(float, p)), False) < 0]).reshape(-1, 2)


def fits(found: np.ndarray, plate: Plate, code: Code | None, code_mm: np.ndarray | None) -> list[tuple[np.ndarray, list[int]]]:  # fmt: skip
    """Ways to lay the page into the picture (homographies mm -> pixels, with the corners each goes by), likely ones first.

    With the code's place on paper known, four marks must agree with it, and three and the code are enough. Without it the
    largest quadrangle is taken in all four turns; whoever asks compares the pages.
    """
    chosen = found[:MOST]
    four = [order for four in combinations(range(len(chosen)), 4) if (order := _around(chosen[list(four)], four))]
    if code is None or code_mm is None:
        four.sort(key=lambda order: -_area(chosen[order]))
        turns = [order[k:] + order[:k] for order in four[:3] for k in range(4)]
        return [(cv2.getPerspectiveTransform(_f(plate.marks), _f(chosen[turn])), [0, 1, 2, 3]) for turn in turns]
    ranked = []
    for order in four:
        for k in range(4):
            turn = order[k:] + order[:k]
            fit = cv2.getPerspectiveTransform(_f(plate.marks), _f(chosen[turn]))
            ranked.append((_miss(fit, code, code_mm), fit, [0, 1, 2, 3]))
    ranked = [row for row in ranked if row[0] < OFF_MM]
    if not ranked:
        ranked = _by_three(chosen, plate, code, code_mm)
    ranked.sort(key=lambda row: row[0])
    return [(fit, corners) for _miss_mm, fit, corners in ranked[:4]]


def _by_three(chosen: np.ndarray, plate: Plate, code: Code, code_mm: np.ndarray) -> list[tuple[float, np.ndarray, list[int]]]:  # fmt: skip
    ranked = []
    rough = cv2.getPerspectiveTransform(_f(code_mm), _f(code.corners))
    for missing in range(4):
        corners = [k for k in range(4) if k != missing]
        near = cv2.perspectiveTransform(_f(plate.marks[corners])[None], rough)[0]
        reach = 0.35 * np.hypot(*np.ptp(near, axis=0))
        options = [[n for n, p in enumerate(chosen) if np.hypot(*(p - q)) < reach] for q in near]
        for a in options[0]:
            for b in options[1]:
                for c in options[2]:
                    if len({a, b, c}) < 3:
                        continue
                    mm = np.vstack([plate.marks[corners], code_mm])
                    fit, _used = cv2.findHomography(_f(mm), _f(np.vstack([chosen[[a, b, c]], code.corners])), 0)
                    if fit is None:
                        continue
                    back = cv2.perspectiveTransform(_f(np.vstack([chosen[[a, b, c]], code.corners]))[None], np.linalg.inv(fit))[0]  # fmt: skip
                    miss = float(np.hypot(*(back - mm).T).max())
                    if miss < OFF_MM / 4:
                        ranked.append((miss, fit, corners))
    return ranked


def _around(points: np.ndarray, names: tuple[int, ...]) -> list[int] | None:
    """The names of four points in clockwise order (y downwards), None unless they are the corners of a convex shape."""
    middle = points.mean(axis=0)
    turn = np.argsort(np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0]))
    steps = np.roll(points[turn], -1, axis=0) - points[turn]
    after = np.roll(steps, -1, axis=0)
    cross = steps[:, 0] * after[:, 1] - steps[:, 1] * after[:, 0]
    lengths = np.hypot(*steps.T)
    if (cross <= 0).any() or lengths.min() < 0.2 * lengths.max():
        return None
    return [names[k] for k in turn]


def _area(points: np.ndarray) -> float:
    return float(cv2.contourArea(_f(points)))


def _miss(fit: np.ndarray, code: Code, code_mm: np.ndarray) -> float:
    """How far from its place on paper (mm) the code is seen, corner by corner: a turned page misses by its whole width."""
    try:
        back = cv2.perspectiveTransform(_f(code.corners)[None], np.linalg.inv(fit))[0]
    except np.linalg.LinAlgError:
        return np.inf
    return float(np.hypot(*(back - code_mm).T).max())


def seen_from(code: Code, code_mm: np.ndarray, plate: Plate) -> np.ndarray:
    """Where the corner marks should be seen, by the code alone; a guess, far from it."""
    return cv2.perspectiveTransform(_f(plate.marks)[None], cv2.getPerspectiveTransform(_f(code_mm), _f(code.corners)))[
        0
    ]


def _f(points: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(points, np.float32)
