"""Circular arcs, ellipses and the bulges of CAD outlines as short straight lines."""

import numpy as np

STEP = np.radians(4)
"""GDAL's default: a chord of 4 degrees is 0.06 % of the radius away from its arc, the area of a full circle 0.08 % small"""


def along(middle: np.ndarray, first: np.ndarray, second: np.ndarray, start: float, sweep: float) -> np.ndarray:
    """Points of the arc from angle `start` on over `sweep` (radians, negative: clockwise), ends included, of the ellipse
    with the conjugate radii `first` and `second`; for a circle these are at right angles and of one length."""
    steps = int(np.ceil(min(abs(sweep), 2 * np.pi) / STEP)) + 1 if np.isfinite(sweep) else 0
    angles = np.linspace(start, start + sweep, max(2, steps))
    return middle + np.outer(np.cos(angles), first) + np.outer(np.sin(angles), second)


def circle(middle: np.ndarray, radius: float, start: float = 0.0, sweep: float = 2 * np.pi) -> np.ndarray:
    made = along(middle, np.array([radius, 0.0]), np.array([0.0, radius]), start, sweep)
    if abs(sweep) == 2 * np.pi:
        made[-1] = made[0]
    return made


def centre(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> np.ndarray | None:
    """Of the circle through three points; None if they lie on a line."""
    a, b = second - first, third - first
    cross = a[0] * b[1] - a[1] * b[0]
    if abs(cross) <= 1e-12 * max(float(a @ a), float(b @ b)):
        return None
    return first + np.array([b[1] * (a @ a) - a[1] * (b @ b), a[0] * (b @ b) - b[0] * (a @ a)]) / (2 * cross)


def through(first: np.ndarray, middle: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The arc from `first` over `middle` to `last`; a straight line if they lie on one."""
    found = centre(first, middle, last)
    if found is None:
        return np.array([first, middle, last])
    start, between, end = (np.arctan2(*(point - found)[::-1]) for point in (first, middle, last))
    sweep = (end - start) % (2 * np.pi)
    if (between - start) % (2 * np.pi) > sweep:
        sweep -= 2 * np.pi
    made = circle(found, float(np.hypot(*(first - found))), start, sweep)
    made[0], made[-1] = first, last
    return made


def whole(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> np.ndarray | None:
    """The closed circle through three points, from the first on."""
    found = centre(first, second, third)
    if found is None:
        return None
    start = np.arctan2(*(first - found)[::-1])
    made = circle(found, float(np.hypot(*(first - found))), start)
    made[0] = made[-1] = first
    return made


def bulged(xy: np.ndarray, bulges: np.ndarray, *, closed: bool) -> np.ndarray:
    """A CAD outline, whose edge after vertex n is an arc if its bulge, a quarter of the tangent of its angle, is not 0."""
    ends = np.vstack([xy, xy[:1]]) if closed else xy
    made = [ends[:1]]
    for start, end, bulge in zip(ends[:-1], ends[1:], bulges, strict=False):
        if bulge == 0:
            made.append(end[None])
        else:
            half = (end - start) / 2
            made.append(through(start, start + half + bulge * np.array([half[1], -half[0]]), end)[1:])
    return np.vstack(made)
