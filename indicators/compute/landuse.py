"""Indicators summed from land-use classes: cropland, construction land, homesteads, and what falls to each person.

Every function takes the frames and the counting rules and gives a `Measure`. Areas are ellipsoidal (椭球面积): the sum
of the zones' `area_m2`. Sections are those of the domain reference; the sets are in data/code_sets_national.json.
The base-year value is the same formula on the base-year parcels.
"""

import pandas as pd

from indicators.compute.frames import Frames, Measure
from indicators.compute.standard import CodeSet, Standard
from indicators.compute.structure import M2_PER_HA


def cropland(frames: Frames, standard: Standard) -> Measure:
    """1 耕地保有量. Formula: A(plan, 01*); unit ha; numerator m², no denominator. Ridges (田坎 2303) not counted.

    Source: section 4.1 no. 1, binding (约束性).
    """
    return _area(frames, standard["cropland"])


def construction(frames: Frames, standard: Standard) -> Measure:
    """4 村域建设用地总规模. Formula: A(plan, 07-16 and 2301); unit ha; numerator m², no denominator.

    06 农业设施建设用地 is agricultural land in the Land Administration Law's three-way split and is not counted.
    Source: section 4.1 no. 4, binding.
    """
    return _area(frames, standard["construction"])


def urban_rural_construction(frames: Frames, standard: Standard) -> Measure:
    """5 城乡建设用地. Formula: no. 4 - A(1201-1206, 1311 区域基础设施) - A(15, 1002, 1003 其他建设用地).

    Unit ha; numerator m², no denominator. Source: section 4.1 no. 5, binding.
    """
    whole = construction(frames, standard)
    less = [_area(frames, standard[name]) for name in ("regional_infrastructure", "other_construction")]
    if whole.value is None:
        return whole
    numerator = whole.numerator - sum(part.numerator for part in less)
    base = None if whole.base_value is None else whole.base_value - sum(part.base_value for part in less)
    return Measure(numerator / M2_PER_HA, "ha", numerator, "m²", base_value=base, note=whole.note)


def village_construction(frames: Frames, standard: Standard) -> Measure:
    """6 村庄建设用地规模. Formula: A(plan, 0703, 0704, 08, 09, 1001, 11, 1207-1209, 13 without 1311, 14, 16, 2301).

    Unit ha; numerator m², no denominator. By class only: neither the village construction boundary nor the survey's
    settlement attribute (CZCSXM 203) restricts it, because a plan file carries no such attribute.
    Source: section 4.1 no. 6, binding or expected by province.
    """
    return _area(frames, standard["village_construction"])


def village_construction_per_person(frames: Frames, standard: Standard) -> Measure:
    """7 人均村庄建设用地. Formula: A(no. 6) / registered population (户籍人口); unit m²/person.

    Numerator m², denominator persons of the base year, for the plan as for the base: a plan file states no future
    population. Source: section 4.1 no. 7, expected (预期性).
    """
    return _per(village_construction(frames, standard), frames.village.get("population"), "person", "no_population")


def homesteads(frames: Frames, standard: Standard) -> Measure:
    """10 宅基地规模. Formula: A(plan, 0703*); unit ha; numerator m², no denominator.

    Source: section 4.1 no. 10, expected.
    """
    return _area(frames, standard["homestead"])


def homestead_per_household(frames: Frames, standard: Standard) -> Measure:
    """11 户均宅基地. Formula: A(no. 10) / households (户数); unit m²/household.

    Numerator m², denominator households of the base year. Source: section 4.1 no. 11, expected; provinces set a limit
    for single homesteads (section 4.2), which an average does not prove.
    """
    return _per(homesteads(frames, standard), frames.village.get("households"), "household", "no_households")


def _area(frames: Frames, codes: CodeSet) -> Measure:
    """Area of the classes in ha; without any zone there is no value, without base-year parcels no base value."""
    base = _sum_m2(frames.base, codes)
    base_ha = None if base is None else base / M2_PER_HA
    plan = _sum_m2(frames.plan, codes)
    if plan is None:
        return Measure(None, "ha", None, "m²", base_value=base_ha, note="no_plan")
    return Measure(plan / M2_PER_HA, "ha", plan, "m²", base_value=base_ha, note="" if base is not None else "no_base")


def _sum_m2(frame: pd.DataFrame, codes: CodeSet) -> float | None:
    return float(frame["area_m2"].to_numpy(float)[codes.mask(frame["code"])].sum()) if len(frame) else None


def _per(area: Measure, count: float | None, unit: str, missing: str) -> Measure:
    """Area in m² for each of `count`; none without a count."""
    known = count is not None and count > 0
    per = {"numerator_unit": "m²", "denominator": count, "denominator_unit": unit}
    if not known or area.value is None:
        return Measure(None, f"m²/{unit}", area.numerator, **per, note=area.note if known else missing)
    base = None if area.base_value is None else area.base_value * M2_PER_HA / count
    return Measure(area.numerator / count, f"m²/{unit}", area.numerator, **per, base_value=base, note=area.note)
