"""K7 new buildings in heritage areas (历史文化保护线), K15 public-welfare forest (公益林)."""

import numpy as np

from indicators.compute.conflicts.pieces import (
    beside_base,
    by_level,
    changed_use_inside,
    checked,
    has_base,
    joined,
    new_inside,
    not_applicable,
    of_codes,
    partly,
    read_levels,
    rule_codes,
)
from indicators.compute.conflicts.sheets import base_of
from indicators.compute.frames import CheckResult, Frames, of_kinds, shapes
from indicators.compute.standard import Standard


def new_building_in_heritage_core(frames: Frames, standard: Standard) -> CheckResult:
    """K7: new building (rule `heritage_buildings`) ∩ 历史文化保护线 LSWHBHX of the levels `heritage_levels` (the core).

    New: built in the plan and not in the base year, so there is no legacy, and no answer without base-year parcels. A level
    no rule lists counts as unstated and is told.
    """
    codes, wanted = rule_codes(standard, "heritage_buildings"), standard.rules.get("heritage_levels")
    if codes is None or wanted is None:
        return not_applicable("no_rule")
    lines = of_kinds(frames.lines, ["LSWHBHX"])
    if not len(lines):
        return not_applicable("no_lines_of_kind")
    if not has_base(frames):
        return not_applicable("no_base")
    levels, unlisted = read_levels(lines, "LSWHBHX", wanted, standard)
    core = shapes(lines)[np.array([level in (*wanted, "unstated") for level in levels], bool)]
    built = base_of(frames, standard["construction"])
    found = new_inside(frames, of_codes(frames.plan, codes), core, built, standard)
    return partly("unlisted_levels", found, unlisted) if unlisted else checked(found)


def other_use_of_welfare_forest(frames: Frames, standard: Standard) -> CheckResult:
    """K15: planned classes other than forest (rule `forest_allows`) ∩ 公益林 GYL of the levels `forest_levels` (I and II), and
    of those that state no level or one that no rule lists; the latter are told.

    Where the base year had the same class of the first level it is legacy.
    """
    allowed, wanted = rule_codes(standard, "forest_allows"), standard.rules.get("forest_levels")
    if allowed is None or wanted is None:
        return not_applicable("no_rule")
    lines = of_kinds(frames.lines, ["GYL"])
    if not len(lines):
        return not_applicable("no_lines_of_kind")
    zones = frames.plan.take(np.flatnonzero(~allowed.mask(frames.plan["code"])))
    levels, unlisted = read_levels(lines, "GYL", wanted, standard)
    found = joined(
        changed_use_inside(frames, zones, ground, standard, {"level": level})
        for level, ground in by_level(lines, levels)
        if level in (*wanted, "unstated")
    )
    return partly("unlisted_levels", found, unlisted) if unlisted else beside_base(frames, found)
