"""K6: homes, schools and clinics in hazard areas (灾害风险区) and inside the flood line (洪涝风险控制线)."""

from indicators.compute.conflicts.pieces import (
    apart,
    beside_base,
    by_level,
    joined,
    not_applicable,
    of_codes,
    overlaps,
    partly,
    read_levels,
    rule_codes,
    touching,
)
from indicators.compute.conflicts.sheets import base_of
from indicators.compute.frames import CheckResult, Frames, of_kinds, shapes
from indicators.compute.standard import Standard

MILDER = {"block": 0, "warn": 1, "info": 2}


def buildings_in_hazard_areas(frames: Frames, standard: Standard) -> CheckResult:
    """K6: planned homes, schools and clinics (rule `hazard_buildings`) ∩ ZHFXQ, HLFXKZX.

    How severe each level is says the rule `hazard_levels`; a level that neither it nor `line_levels` names counts as unstated
    and is told. Where levels of a kind overlap the more severe one counts. What stood there in the base year is legacy.
    """
    codes, kinds = rule_codes(standard, "hazard_buildings"), standard.rules.get("hazard_levels")
    if codes is None or kinds is None:
        return not_applicable("no_rule")
    if not len(frames.lines_of(*kinds)):
        return not_applicable("no_lines_of_kind")
    zones, existing = of_codes(frames.plan, codes), base_of(frames, codes)
    near, found = touching(of_kinds(frames.lines, kinds), shapes(zones)), []
    unlisted: set[str] = set()
    for kind, severities in kinds.items():
        unlisted.update(read_levels(of_kinds(frames.lines, [kind]), kind, severities, standard)[1])
        lines = of_kinds(near, [kind])
        known, _ = read_levels(lines, kind, severities, standard)
        grounds = sorted(by_level(lines, known), key=lambda g: MILDER[severities.get(g[0], "warn")])
        for (level, _), ground in zip(grounds, apart(ground for _, ground in grounds), strict=True):
            detail = {"line": kind, "level": level, "severity": severities.get(level, "warn")}
            found.append(overlaps(frames, zones, ground, standard, existing=existing, detail=detail))
    pieces = joined(found)
    return partly("unlisted_levels", pieces, sorted(unlisted)) if unlisted else beside_base(frames, pieces)
