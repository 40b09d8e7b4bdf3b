"""Indicators of the settlement: homesteads, public services and green in the village, and how it grows.

Areas are ellipsoidal (椭球面积); sections are those of the domain reference. The base-year value is the same formula on
the base-year parcels.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from indicators.compute.areas import PERCENT, ground, hectares, m2_inside, per_head, quotient, share, sum_m2
from indicators.compute.frames import Frames, Measure
from indicators.compute.standard import Standard

FLEX_SOURCE = "JDZBLY"
"""field of a zone that says which flexible quota (机动指标来源) it is drawn from"""


def homesteads(frames: Frames, standard: Standard) -> Measure:
    """10 宅基地规模. Formula: A(plan, 0703*); unit ha; numerator m², no denominator.

    Source: section 4.1 no. 10, expected.
    """
    return hectares(frames, standard["homestead"])


def homestead_per_household(frames: Frames, standard: Standard) -> Measure:
    """11 户均宅基地. Formula: A(no. 10) / households (户数); unit m²/household.

    Numerator m², denominator households of the base year. Source: section 4.1 no. 11, expected; provinces set a limit
    for single homesteads (section 4.2), which an average does not prove.
    """
    return per_head(homesteads(frames, standard), frames.village.get("households"), "household", "no_households")


def public_service_share(frames: Frames, standard: Standard) -> Measure:
    """12 公服用地占比. Formula: A(plan, 0704 and 08*) / A(no. 6) · 100; unit %; numerator and denominator m².

    Source: section 4.1 no. 12, expected.
    """
    return share(frames, standard["public_services"], standard["village_construction"])


def green_per_person(frames: Frames, standard: Standard) -> Measure:
    """13 公共绿地人均. Formula: A(plan, 1401* and 1403*) / resident population (常住人口); unit m²/person.

    Numerator m², denominator persons of the base year. Source: section 4.1 no. 13, expected.
    """
    people = frames.village.get("resident_population")
    return per_head(hectares(frames, standard["public_green"]), people, "person", "no_residents")


def green_cover(frames: Frames, standard: Standard) -> Measure:
    """14 村庄绿化覆盖率. Formula: (A(plan, 14* and 03* ∩ CZJSBJ) + tree cover) / A(CZJSBJ) · 100, all in the village; unit %.

    Numerator and denominator m². Tree cover is the fact of the base year: crowns inside the boundary that stand on neither
    class. Where it is not known the value is a lower bound, and says so. Source: section 4.1 no. 14, expected.
    """
    outline, trees = frames.village.get("geom"), frames.village.get("tree_cover_m2")
    if outline is None or not len(frames.lines_of("CZJSBJ")):
        missing = "no_outline" if outline is None else "no_construction_boundary"
        return quotient("%", PERCENT, (None, None), (None, None), missing=missing)
    plane, inside = ground(frames, "CZJSBJ")
    whole, polygons = float(shapely.area(inside).sum()), plane.lift(inside)
    sides = []
    for frame in (frames.plan, frames.base):
        green = m2_inside(frame, standard["green_cover"], polygons)
        sides.append((None if green is None else green + (trees or 0.0), whole))
    return quotient("%", PERCENT, *sides, note="no_tree_cover" if trees is None else "")


def village_growth(frames: Frames, standard: Standard) -> Measure:
    """26 村庄建设用地变化率. Formula: (A(plan, no. 6) - A(base, no. 6)) / A(base, no. 6) · 100; unit %.

    Numerator and denominator m²; no base value, it is a change. Source: section 4.1 no. 26, expected.
    """
    plan, base = (sum_m2(frame, standard["village_construction"]) for frame in (frames.plan, frames.base))
    grown = None if plan is None or base is None else plan - base
    missing = "no_plan" if plan is None else "no_base" if base is None else ""
    return quotient("%", PERCENT, (grown, base), (None, None), missing=missing)


def flex_share(frames: Frames, standard: Standard) -> Measure:
    """27 机动指标占比. Formula: flexible quota / A(plan, no. 6) · 100; unit %; numerator and denominator m².

    The quota is the fact `flex_quota_m2`; where it is not on record, the area of the zones that say which quota they are
    drawn from (JDZBLY). No base value: it is reserved by the plan. Source: section 4.1 no. 27, binding, at most 5 %.
    """
    quota = frames.village.get("flex_quota_m2")
    quota = drawn_from_flex(frames.plan) if quota is None else float(quota)
    whole = sum_m2(frames.plan, standard["village_construction"])
    missing = "no_plan" if whole is None else "no_flex_quota" if quota is None else ""
    return quotient("%", PERCENT, (quota, whole), (None, None), missing=missing)


def drawn_from_flex(plan: pd.DataFrame) -> float | None:
    """Area in m² of the zones that say that they are drawn from the flexible quota; None where no zone says so."""
    drawn = flexible(plan)
    return float(plan["area_m2"].to_numpy(float)[drawn].sum()) if drawn.any() else None


def flexible(plan: pd.DataFrame) -> np.ndarray:
    """Which zones say that they are drawn from the flexible quota."""
    stated = plan["attributes"] if "attributes" in plan else [None] * len(plan)
    return np.array([is_flexible(attributes) for attributes in stated], bool)


def is_flexible(attributes: Mapping[str, Any] | float | None) -> bool:
    """Whether a zone says that it is drawn from the flexible quota: something beside blanks, and not NaN."""
    source = attributes.get(FLEX_SOURCE) if isinstance(attributes, Mapping) else None
    return source is not None and source == source and bool(str(source).strip())
