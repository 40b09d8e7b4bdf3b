"""K6: homes, schools and clinics in hazard areas (灾害风险区) and inside the flood line (洪涝风险控制线)."""

from dataclasses import replace

from indicators.compute.conflicts.pieces import (
    apart,
    checked,
    joined,
    levels_of,
    not_applicable,
    of_codes,
    overlaps,
    rule_codes,
    touching,
)
from indicators.compute.frames import CheckResult, Frames, shapes
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
    zones, existing = of_codes(frames.plan, codes), shapes(of_codes(frames.base, codes))
    near = frames.lines["kind"].isin(list(kinds)).to_numpy(bool)
    frames = replace(frames, lines=touching(frames.lines[near], shapes(zones)))
    found = []
    for kind, severities in kinds.items() if len(frames.lines) else ():
        levels = levels_of(frames, kind)
        known = levels.where(levels.isin(list(severities)), "unstated")
        grounds = [(level, shapes(rows)) for level, rows in frames.lines.loc[known.index].groupby(known)]
        grounds = sorted(grounds, key=lambda g: MILDER[severities.get(g[0], "warn")])
        for (level, _), ground in zip(grounds, apart(ground for _, ground in grounds), strict=True):
            detail = {"line": kind, "level": level, "severity": severities.get(level, "warn")}
            found.append(overlaps(zones, ground, standard, existing=existing, detail=detail))
    return checked(joined(found))
