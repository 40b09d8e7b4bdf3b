"""K9 homesteads of households (一户一宅、宅基地面积标准), K17 new homes in a village that is to be relocated."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from indicators.compute.conflicts.pieces import (
    checked,
    has_base,
    new_parts,
    not_applicable,
    of_codes,
    partly,
    rows,
    rule_codes,
    sorted_parts,
    without_place,
)
from indicators.compute.conflicts.sheets import base_of, sheet_of
from indicators.compute.frames import CheckResult, Frames, shapes
from indicators.compute.standard import Standard


def households_over_the_limit(frames: Frames, standard: Standard) -> CheckResult:
    """K9: households with more than one homestead (一户一宅, the national rule), or with more of it than the limit of the
    province (rule `homestead_m2`); where nobody states a limit only the number is checked.

    A reason listed in `homestead_reasons` and written in the remark (inheritance, …) is accepted. One row per household,
    without a place; its area is what lies above the limit. The subject is the household's number, never a name.
    """
    reasons = standard.rules.get("homestead_reasons", {})
    stated = standard.rules.get("homestead_m2") is not None
    if not len(frames.households):
        return not_applicable("no_household_rows")
    found = []
    for row in frames.households.itertuples():
        detail, remark = {}, str(row.remark or "")
        limit = limit_of(row.persons, standard.rules) if stated else math.inf
        if is_known(row.homesteads) and row.homesteads > 1 and not given(remark, reasons.get("more_than_one", ())):
            detail["homesteads"] = int(row.homesteads)
        if is_known(row.homestead_m2) and row.homestead_m2 > limit and not given(remark, reasons.get("too_large", ())):
            detail |= {"value_m2": round(float(row.homestead_m2), 2), "limit_m2": round(float(limit), 2)}
        if detail:
            over = detail.get("value_m2", 0.0) - detail.get("limit_m2", 0.0)
            found.append(without_place(str(row.number), over, detail))
    return checked(found) if stated else partly("no_homestead_limit", found)


def limit_of(persons: Any, rules: Mapping[str, Any]) -> float:
    """The limit for a household of so many persons: one for all, or so much per person where the rule is made so."""
    limit, per_person = rules["homestead_m2"], rules.get("homestead_per_person_m2")
    least, most = rules.get("homestead_persons_least", 1), rules.get("homestead_persons_most")
    if not per_person or not most or limit != per_person * most or not is_known(persons):
        return float(limit)
    return float(per_person * min(max(persons, least), most))


def is_known(value: Any) -> bool:
    return value is not None and not pd.isna(value)


def given(remark: str, reasons: list[str]) -> bool:
    """Whether a remark gives one of the accepted reasons."""
    return any(reason in remark for reason in reasons)


def new_homes_where_people_leave(frames: Frames, standard: Standard) -> CheckResult:
    """K17: new homes (rule `home_classes`) in a village of a type that relocates (rule `relocating_types`, 搬迁撤并类).

    New: homes in the plan and not in the base year, so there is no legacy, and no answer without base-year parcels.
    """
    codes, types = rule_codes(standard, "home_classes"), standard.rules.get("relocating_types")
    if codes is None or types is None:
        return not_applicable("no_rule")
    if not frames.village.get("type"):
        return not_applicable("no_village_type")
    zones = of_codes(frames.plan, codes)
    if frames.village["type"] not in types or not len(zones):
        return checked(())
    if not has_base(frames):
        return not_applicable("no_base")
    sheet = sheet_of(frames, shapes(zones))
    new = new_parts(zones, base_of(frames, codes), sheet)
    return checked(rows(zones, sorted_parts(new, standard), sheet, standard))
