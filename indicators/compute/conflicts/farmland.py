"""What a plan does to farmland: K1, K2 permanent basic farmland (永久基本农田), K5 steep cropland (陡坡耕地), K11, K12 cropland
that turns into something else (占补平衡、进出平衡)."""

import numpy as np
import pandas as pd

from indicators.compute.conflicts.pieces import (
    LEGACY,
    NOTHING,
    beside_base,
    checked,
    column,
    not_applicable,
    of_codes,
    overlaps,
    rule_codes,
)
from indicators.compute.conflicts.sheets import base_of
from indicators.compute.frames import CheckResult, Frames, Layer, shapes
from indicators.compute.standard import CodeSet, Standard


def construction_on_farmland(frames: Frames, standard: Standard) -> CheckResult:
    """K1: planned construction (07-16, 2301) or facility farmland (0602*) ∩ 永久基本农田 YJJBNT."""
    return on_farmland(frames, standard, standard["construction_or_facility"])


def other_crops_on_farmland(frames: Frames, standard: Standard) -> CheckResult:
    """K2: planned orchard, forest, grass or pond (rule `non_grain`) ∩ 永久基本农田 YJJBNT: 非粮化.

    What was one of these in the base year is legacy: to be restored in time, not a fault of the plan.
    """
    codes = rule_codes(standard, "non_grain")
    return not_applicable("no_rule") if codes is None else on_farmland(frames, standard, codes)


def on_farmland(frames: Frames, standard: Standard, codes: CodeSet) -> CheckResult:
    lines = frames.lines_of("YJJBNT")
    if not len(lines):
        return not_applicable("no_lines_of_kind")
    existing = base_of(frames, codes)
    return beside_base(frames, overlaps(frames, of_codes(frames.plan, codes), lines, standard, existing=existing))


def cropland_on_steep_slopes(frames: Frames, standard: Standard) -> CheckResult:
    """K5: planned cropland (01*) on slopes above 25°: base-year parcels of slope class 5, or zones whose slope field says so.

    Where it was cropland in the base year it is legacy, a candidate for returning to forest (退耕还林) and a warning; new
    cropland on such slopes is not allowed (补充耕地不得位于25度以上陡坡).
    """
    steep = standard.rules.get("steep_slope_class")
    if steep is None:
        return not_applicable("no_rule")
    slope, stated = (
        column(frames.base, "slope_class"),
        stated_slopes(frames.plan, standard.rules.get("slope_fields", ())),
    )
    if pd.isna(slope).all() and not any(stated):
        return not_applicable("no_slope")
    parcels = shapes(frames.base)[pd.to_numeric(slope) >= steep]
    zones = of_codes(frames.plan, standard["cropland"])
    by_file = shapes(frames.plan)[np.array([bool(s) and s >= str(steep) for s in stated], bool)]
    existing = base_of(frames, standard["cropland"])
    pieces = overlaps(frames, zones, np.concatenate([parcels, by_file]), standard, existing=existing)
    return beside_base(
        frames, [p._replace(detail={**p.detail, "severity": "warn"}) if p.category == LEGACY else p for p in pieces]
    )


def stated_slopes(plan: Layer, fields: list[str]) -> list[str]:
    """The slope class the plan file gives each zone, empty where it gives none."""
    known = [a if isinstance(a, dict) else {} for a in column(plan, "attributes")]
    return [next((str(a[f]).strip() for f in fields if a.get(f) not in (None, "")), "") for a in known]


def cropland_to_construction(frames: Frames, standard: Standard) -> CheckResult:
    """K11: cropland of the base year (01*) that the plan turns into construction (07-16, 2301): to be offset (占补平衡)."""
    return from_cropland(frames, standard, standard["construction"])


def cropland_to_other_farming(frames: Frames, standard: Standard) -> CheckResult:
    """K12: cropland of the base year (01*) that the plan turns into other farmland (rule `cropland_outflow`): 进出平衡."""
    codes = rule_codes(standard, "cropland_outflow")
    return not_applicable("no_rule") if codes is None else from_cropland(frames, standard, codes)


def from_cropland(frames: Frames, standard: Standard, codes: CodeSet) -> CheckResult:
    if not len(frames.plan) or not len(frames.base):
        return not_applicable("no_base" if len(frames.plan) else "no_plan")
    cropland = base_of(frames, standard["cropland"])
    return checked(overlaps(frames, of_codes(frames.plan, codes), cropland, standard, existing=NOTHING))
