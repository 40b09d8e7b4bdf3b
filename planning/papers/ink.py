"""What is on the flat page and not in print: ink of a pen, told from shadows, folds, stains and the print's own edges.

The print is foretold: white paper tells the light at each place, the whole page tells how the printer and the camera changed
the colours. Ink only takes light away, so only what is darker than everything printed within a pen's width counts.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from planning.papers.plate import PER_MM, Plate

NEAR = 3
"""pixels around each one within which print may lie instead: a third to half a mm"""
BESIDE = 4
"""pixels beside thin print within which ink may be print"""
PEN = 3.0
"""pixels of half the width of a pen, three quarters of a mm"""
SURE, PERHAPS = 0.24, 0.13
"""share of the light of one colour a pen takes at least, and where a stroke may thin out to"""
COLOUR = 0.14
"""by how much the shares of two colours differ in coloured ink"""
FOLD_WEAK = 0.5
"""a straight grey line that takes less than this is a fold"""
BURNT = 252


@dataclass
class Ink:
    """Pixels of the flat page with ink, the share of red, green and blue light they lack, and what nobody could read."""

    mask: np.ndarray
    taken: np.ndarray
    blind: np.ndarray


def find(flat: np.ndarray, printed: np.ndarray, plate: Plate) -> Ink:
    """`flat` and `printed` are RGB of one size; only the frame of the map is asked."""
    original = printed.astype(np.float32) / 255
    picture = cv2.bilateralFilter(flat, 5, 18, 2).astype(np.float32) / 255
    light = _light(picture, original)
    told = _as_printed(picture / light, original)
    # where little is white, what is printed in colour tells the light, once its colours are known
    for _round in range(2):
        light = light * _missed(picture, told * light)
        told = _as_printed(picture / light, original)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * NEAR + 1, 2 * NEAR + 1))
    darkest = cv2.erode(cv2.GaussianBlur(told, (0, 0), 0.8), kernel)
    seen = picture / light
    # where even the print is dark a pen cannot show, and noise would be a large share
    taken = np.clip(1 - (seen + 0.02) / (darkest + 0.02), -1, 1) * np.clip((darkest - 0.1) / 0.12, 0, 1)
    grey = taken.min(axis=2)
    # a shadow is wide, and takes of all colours alike: the middle of a wide neighbourhood is it, up to its very edge
    small = cv2.resize(grey, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
    wide = cv2.medianBlur(np.clip(small * 127 + 127, 0, 255).astype(np.uint8), 2 * (4 * PER_MM // 3) + 1)
    shadow = cv2.resize((wide.astype(np.float32) - 127) / 127, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    taken = np.clip(taken - np.maximum(shadow, 0)[..., None], 0, 1)
    blind = _blind(flat, told * light, plate)
    mask = _strokes(taken, plate.frame_mask(0.6) & ~blind)
    return Ink(_thicker_than_print(mask, original), taken, blind)


def _light(picture: np.ndarray, original: np.ndarray) -> np.ndarray:
    """The light on white paper at each place, by the white parts of the page around it."""
    white = (cv2.erode(original.min(axis=2), np.ones((5, 5))) > 0.9).astype(np.float32)
    # ink and folds on white paper are dark and thin: the brighter part of each neighbourhood is the paper
    high = cv2.dilate(cv2.resize(picture * white[..., None], None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), np.ones((3, 3)))  # fmt: skip
    share = cv2.dilate(cv2.resize(white, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), np.ones((3, 3)))
    high, share = high * (share > 0.99)[..., None], (share > 0.99).astype(np.float32)
    light, known = np.zeros_like(high), np.zeros_like(share)
    for sigma, weight in ((6, 1.0), (20, 1e-2), (70, 1e-4)):
        known += weight * cv2.GaussianBlur(share, (0, 0), sigma)
        light += weight * cv2.GaussianBlur(high, (0, 0), sigma)
    light = light / np.maximum(known, 1e-6)[..., None]
    light = cv2.resize(light, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.clip(light, 0.08, 1.2)


def _missed(picture: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """By how much the light differs from what was thought, in the middle of 8 mm around each place: strokes are thinner."""
    size = (picture.shape[1] // 3, picture.shape[0] // 3)
    a, b = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (picture, expected))
    share = np.clip((a + 0.02) / (b + 0.02), 0, 2)
    middle = cv2.medianBlur(np.round(share * 127).astype(np.uint8), 2 * (4 * PER_MM // 3) + 1)
    return cv2.resize(middle.astype(np.float32) / 127, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _as_printed(seen: np.ndarray, original: np.ndarray) -> np.ndarray:
    """The printed page in the colours of this printer and this camera: a polynomial fitted to pixels that are no edges."""
    step = 5
    a, b = cv2.GaussianBlur(original, (0, 0), 2)[::step, ::step], cv2.GaussianBlur(seen, (0, 0), 2)[::step, ::step]
    # every colour counts alike, however large its zones are
    key = (np.round(a.reshape(-1, 3) * 8) @ [81, 9, 1]).astype(int)
    known, counts = np.unique(key, return_counts=True)
    weight = (1 / np.maximum(counts, 40))[np.searchsorted(known, key)]
    left, right = _terms(a.reshape(-1, 3)), b.reshape(-1, 3)
    trust = np.ones(len(left))
    for _round in range(4):
        scaled = np.sqrt(weight * trust)[:, None]
        factors, *_rest = np.linalg.lstsq(left * scaled, right * scaled, rcond=None)
        miss = np.abs(right - left @ factors).max(axis=1)
        trust = 1 / (1 + (miss / 0.04) ** 2)
    told = _terms(original.reshape(-1, 3)).astype(np.float32) @ factors.astype(np.float32)
    return np.clip(told, 0.02, 1.1).reshape(original.shape)


def _terms(rgb: np.ndarray) -> np.ndarray:
    r, g, b = rgb.T
    return np.column_stack([np.ones(len(rgb), rgb.dtype), r, g, b, r * r, g * g, b * b, r * g, g * b, r * b])


def _blind(flat: np.ndarray, told: np.ndarray, plate: Plate) -> np.ndarray:
    """Where a lamp shines back from the paper, and nothing can be seen."""
    burnt = (flat.min(axis=2) >= BURNT) & (told.min(axis=2) < 0.96)
    burnt = cv2.morphologyEx(burnt.astype(np.uint8), cv2.MORPH_OPEN, np.ones((PER_MM, PER_MM), np.uint8))
    burnt = cv2.dilate(burnt, np.ones((2 * PER_MM + 1, 2 * PER_MM + 1), np.uint8)).astype(bool)
    return burnt & plate.frame_mask()


def _strokes(taken: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Pixels of strokes: sure ones, and those beside them where the stroke thins out; without folds and specks."""
    most, spread = taken.max(axis=2), taken.max(axis=2) - taken.min(axis=2)
    perhaps = ((most > PERHAPS) & where).astype(np.uint8)
    sure = (most > SURE) & ((spread > COLOUR) | (taken.min(axis=2) > SURE)) & where
    grey = ((taken.min(axis=2) > 0.06) & (spread < COLOUR) & (most < FOLD_WEAK) & where).astype(np.uint8)
    folds = _folds(grey)
    weak = most < FOLD_WEAK
    sure &= ~(folds & weak & (spread < COLOUR))
    perhaps[folds & weak & (spread < COLOUR)] = 0
    count, parts = cv2.connectedComponents(perhaps, connectivity=8)
    hits = np.bincount(parts[sure], minlength=count)
    sizes = np.bincount(parts.ravel(), minlength=count)
    good = (hits >= PER_MM) & (hits >= 0.08 * sizes)
    good[0] = False
    return good[parts]


def _thicker_than_print(mask: np.ndarray, original: np.ndarray) -> np.ndarray:
    """Without what is thinner than a pen and lies on thin print: a line, a dash or a letter that is not quite where it should be."""
    light = original.mean(axis=2)
    near = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * BESIDE + 1, 2 * BESIDE + 1))
    detail = (cv2.dilate(light, near) - cv2.erode(light, near)) > 0.12
    count, parts = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    half = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    widest = np.zeros(count, np.float32)
    np.maximum.at(widest, parts.ravel(), half.ravel())
    sizes = np.bincount(parts.ravel(), minlength=count)
    on_print = np.bincount(parts[detail], minlength=count)
    good = (widest >= PEN) | (on_print < 0.8 * sizes)
    good[0] = False
    return good[parts]


def _folds(grey: np.ndarray) -> np.ndarray:
    """Long straight weak lines, with half a mm on each side."""
    found = np.zeros(grey.shape, np.uint8)
    small = cv2.resize(grey * 255, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
    small = ((small > 70) * 255).astype(np.uint8)
    shorter = min(small.shape)
    lines = cv2.HoughLinesP(
        small, 1, np.pi / 360, round(shorter * 0.22), minLineLength=shorter * 0.5, maxLineGap=shorter * 0.12
    )
    for x1, y1, x2, y2 in lines[:, 0] if lines is not None else []:
        cv2.line(found, (int(x1) * 3 + 1, int(y1) * 3 + 1), (int(x2) * 3 + 1, int(y2) * 3 + 1), 1, 2 * PER_MM)
    return found.astype(bool)
