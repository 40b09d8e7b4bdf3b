"""Indicators of cropland: high-standard farmland, steep slopes, facilities on it."""

import numpy as np
import pandas as pd

from indicators.compute.areas import PERCENT, ground, m2_inside, quotient, share, sum_m2
from indicators.compute.frames import Frames, Measure, shapes
from indicators.compute.standard import CodeSet, Standard


def high_standard(frames: Frames, standard: Standard) -> Measure:
    """29 高标准农田占比. Formula: A(plan, 01* ∩ GBZNT) / A(plan, 01*) · 100; unit %; numerator and denominator m².

    Ground under several lines is counted once. Source: section 4.1 no. 29, expected.
    """
    outline = frames.village.get("geom")
    if outline is None or not len(frames.lines_of("GBZNT")):
        missing = "no_outline" if outline is None else "no_lines_of_kind"
        return quotient("%", PERCENT, (None, None), (None, None), missing=missing)
    plane, inside = ground(frames, "GBZNT")
    polygons, codes = plane.lift(inside), standard["cropland"]
    plan, base = ((m2_inside(f, codes, polygons), sum_m2(f, codes)) for f in (frames.plan, frames.base))
    return quotient("%", PERCENT, plan, base, note="" if len(frames.base) else "no_base")


def steep(frames: Frames, standard: Standard) -> Measure:
    """30 坡耕地占比 (>25°). Formula: A(plan, 01* ∩ base parcels with GDPDJB 5) / A(plan, 01*) · 100; unit %.

    Numerator and denominator m². A plan states no slope, so its cropland is laid over the parcels of the base year; what was
    not cropland there has no slope class as a rule and counts as gentle. Source: section 4.1 no. 30, expected.
    """
    codes, known = standard["cropland"], slopes(frames.base)
    if len(frames.base) and not np.isfinite(known).any():
        return quotient("%", PERCENT, (None, None), (None, None), missing="no_slope")
    polygons = shapes(frames.base)[known == standard.rules["steep_slope_class"]]
    missing = "" if len(frames.base) else "no_base"
    plan, base = (
        (m2_inside(f, codes, polygons) if len(frames.base) else None, sum_m2(f, codes))
        for f in (frames.plan, frames.base)
    )
    return quotient("%", PERCENT, plan, base, missing=missing, note=_gaps(frames.base, codes, known))


def slopes(frame: pd.DataFrame) -> np.ndarray:
    """Slope classes as numbers, NaN where none is stated."""
    if "slope_class" not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame["slope_class"], errors="coerce").to_numpy(float)


def _gaps(frame: pd.DataFrame, codes: CodeSet, slopes: np.ndarray) -> str:
    """Says that some cropland of the base year has no slope class."""
    return "some_slope_unknown" if np.isnan(slopes[codes.mask(frame["code"])]).any() else ""


def facility_share(frames: Frames, standard: Standard) -> Measure:
    """31 设施农用地占比. Formula: A(plan, 0602*) / A(plan, 01* and 02*) · 100; unit %; numerator and denominator m².

    Source: section 4.1 no. 31, expected.
    """
    return share(frames, standard["facility_farmland"], standard["cropland_orchard"])
