"""K6: homes, schools and clinics in hazard areas (灾害风险区) and inside the flood line (洪涝风险控制线)."""

from indicators.compute.conflicts.pieces import (
    apart,
    by_level,
    checked,
    joined,
    levels_of,
    not_applicable,
    of_codes,
    overlaps,
    rule_codes,
    touching,
)
from indicators.compute.conflicts.sheets import base_of
from indicators.compute.frames import CheckResult, Frames, of_kinds, shapes
from indicators.compute.standard import Standard

MILDER = {"block": 0, "warn": 1, "info": 2}


def buildings_in_hazard_areas(frames: Frames, standard: Standard) -> CheckResult:
    """K6: planned homes, schools and clinics (rule `hazard_buildings`) ∩ ZHFXQ, HLFXKZX.

    How severe each level is says the rule `hazard_levels`; a level it does not name counts as unstated. Where levels of a
    kind overlap the more severe one counts. What stood there in the base year is legacy.
    """
    codes, kinds = rule_codes(standard, "hazard_buildings"), standard.rules.get("hazard_levels")
    if codes is None or kinds is None:
        return not_applicable("no_rule")
    if not len(frames.lines_of(*kinds)):
        return not_applicable("no_lines_of_kind")
    zones, existing = of_codes(frames.plan, codes), base_of(frames, codes)
    near, found = touching(of_kinds(frames.lines, kinds), shapes(zones)), []
    for kind, severities in kinds.items() if len(near) else ():
        lines = of_kinds(near, [kind])
        known = [level if level in severities else "unstated" for level in levels_of(lines)]
        grounds = sorted(by_level(lines, known), key=lambda g: MILDER[severities.get(g[0], "warn")])
        for (level, _), ground in zip(grounds, apart(ground for _, ground in grounds), strict=True):
            detail = {"line": kind, "level": level, "severity": severities.get(level, "warn")}
            found.append(overlaps(frames, zones, ground, standard, existing=existing, detail=detail))
    return checked(joined(found))
