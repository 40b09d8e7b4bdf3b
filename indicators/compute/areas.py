"""What measures are made of: sums of land-use classes, quotients with their base year, ground inside lines.

A value is numerator / denominator · scale, on the plan and on the base year alike; what is missing gives None and a note.
"""

import numpy as np
import pandas as pd

from indicators.compute.frames import Frames, Measure, shapes
from indicators.compute.overlay import pair_areas, planar_pieces, united
from indicators.compute.plane import Plane
from indicators.compute.standard import CodeSet

M2_PER_HA = 10_000
PERCENT = 100.0


def sum_m2(frame: pd.DataFrame, codes: CodeSet) -> float | None:
    """Area of the classes in m²; None without any row."""
    return float(frame["area_m2"].to_numpy(float)[codes.mask(frame["code"])].sum()) if len(frame) else None


def hectares(frames: Frames, codes: CodeSet) -> Measure:
    """Area of the classes in ha; without any zone there is no value, without base-year parcels no base value."""
    return in_hectares(sum_m2(frames.plan, codes), sum_m2(frames.base, codes))


def in_hectares(plan: float | None, base: float | None) -> Measure:
    """Areas in m² as a measure in ha."""
    note = "no_plan" if plan is None else "no_base" if base is None else ""
    return Measure(
        _divided(plan, M2_PER_HA),
        "ha",
        plan,
        "m²",
        base_value=_divided(base, M2_PER_HA),
        base_numerator=base,
        note=note,
    )


def quotient(
    unit: str, scale: float, plan: tuple[float | None, float | None], base: tuple[float | None, float | None], *,
    per: tuple[str, str] = ("m²", "m²"), missing: str = "", note: str = "",
) -> Measure:  # fmt: skip
    """numerator / denominator · scale of plan and base. `missing` says why there is no value, `note` what else to tell;
    where all is known and the denominator is nothing, there is nothing to take a share of."""
    value, base_value = (_divided(over, under, scale) for over, under in (plan, base))
    if value is None:
        note = missing or ("no_plan" if None in plan else "nothing_to_share")
    return Measure(
        value, unit, plan[0], per[0], plan[1], per[1], base_value=base_value, base_numerator=base[0],
        base_denominator=base[1], note=note,
    )  # fmt: skip


def share(frames: Frames, part: CodeSet, whole: CodeSet) -> Measure:
    """Share of the area of some classes in that of others, %."""
    plan, base = ((sum_m2(frame, part), sum_m2(frame, whole)) for frame in (frames.plan, frames.base))
    return quotient("%", PERCENT, plan, base, note="" if len(frames.base) else "no_base")


def share_of_village(frames: Frames, part: CodeSet) -> Measure:
    """Share of the area of some classes in that of the village, %."""
    whole = frames.village.get("area_m2") or None
    plan, base = ((sum_m2(frame, part), whole) for frame in (frames.plan, frames.base))
    missing = "no_outline" if whole is None else ""
    return quotient("%", PERCENT, plan, base, missing=missing, note="" if len(frames.base) else "no_base")


def per_head(area: Measure, count: float | None, unit: str, missing: str) -> Measure:
    """An area in m² for each of `count` (persons, households) of the base year, for the plan as for the base."""
    known = count if count is not None and count > 0 else None
    return quotient(
        f"m²/{unit}", 1.0, (area.numerator, known), (area.base_numerator, known), per=("m²", unit),
        missing=area.note if known else missing, note=area.note,
    )  # fmt: skip


def _divided(over: float | None, under: float | None, scale: float = 1.0) -> float | None:
    return None if over is None or not under else over / under * scale


def ground(frames: Frames, *kinds: str) -> tuple[Plane, np.ndarray]:
    """Ground of the lines of these kinds inside the village, counted once where they overlap: a plane and polygons on it."""
    outline = frames.village.get("geom")
    plane = Plane.around([outline])
    lines = united(plane.flatten(frames.lines_of(*kinds)))
    return plane, planar_pieces(lines, plane.flatten(np.array([outline], object))).geom


def m2_inside(frame: pd.DataFrame, codes: CodeSet, polygons: np.ndarray) -> float | None:
    """Area (m²) of the classes inside polygons (lon/lat) that do not overlap each other; None without any row."""
    if not len(frame):
        return None
    rows = frame[codes.mask(frame["code"])]
    if not len(rows) or not len(polygons):
        return 0.0
    return float(pair_areas(shapes(rows), polygons, a_area=rows["area_m2"].to_numpy(float))[2].sum())
