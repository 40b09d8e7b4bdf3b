"""K4 new construction outside the boundaries of construction, K13 land use that a use zone (用途分区) does not allow."""

from collections.abc import Mapping

import numpy as np
import shapely

from indicators.compute.conflicts.pieces import (
    beside_base,
    by_level,
    changed_use_inside,
    checked,
    has_base,
    joined,
    levels_of,
    new_parts,
    not_applicable,
    partly,
    rows,
    sorted_parts,
    touching,
)
from indicators.compute.conflicts.sheets import base_of, sheet_of
from indicators.compute.frames import CheckResult, Frames, of_kinds, shapes
from indicators.compute.standard import CodeSet, Standard


def new_construction_outside_boundary(frames: Frames, standard: Standard) -> CheckResult:
    """K4: new construction outside 村庄建设边界 CZJSBJ and 城镇开发边界 CZKFBJ.

    New: construction in the plan and not in the base year, so there is no legacy. Classes that may lie outside
    (regional infrastructure, burial, mining) are data. A village without any such boundary cannot be checked, nor one
    without base-year parcels: nobody knows what is new there.
    """
    boundary = frames.lines_of("CZJSBJ", "CZKFBJ")
    if not len(boundary):
        return not_applicable("no_construction_boundary")
    codes, allowed = standard["construction"], standard["outside_boundary_allowed"]
    zones = frames.plan.take(np.flatnonzero(codes.mask(frames.plan["code"]) & ~allowed.mask(frames.plan["code"])))
    if not len(zones):
        return checked(())
    if not has_base(frames):
        return not_applicable("no_base")
    sheet = sheet_of(frames, shapes(zones))
    new = new_parts(zones, base_of(frames, codes), sheet)
    _, outside = sheet.split(new, sheet.flatten(boundary))
    return checked(rows(zones, sorted_parts(outside, standard), sheet, standard))


def class_against_use_zone(frames: Frames, standard: Standard) -> CheckResult:
    """K13: planned classes that a use zone GHFQ does not allow; `level` is the zone's code, rule `use_zone_allows` the matrix.

    Where the base year had the same class of the first level it is legacy. A use zone the matrix does not name allows all and
    is told; where it names none of them, the check is not made.
    """
    matrix = standard.rules.get("use_zone_allows")
    if matrix is None:
        return not_applicable("no_rule")
    use_zones = of_kinds(frames.lines, ["GHFQ"])
    if not len(use_zones):
        return not_applicable("no_lines_of_kind")
    near = ~shapely.is_empty(shapes(use_zones))  # while one zone is drawn, lines elsewhere come without their ground
    use_zones = use_zones.take(np.flatnonzero(near))
    stated = set(levels_of(use_zones))
    unlisted = sorted(level for level in stated if named_in(matrix, level) is None)
    if unlisted and len(unlisted) == len(stated):
        return not_applicable("unlisted_use_zones", unlisted)
    use_zones, found = touching(use_zones, shapes(frames.plan)), []
    for level, ground in by_level(use_zones, levels_of(use_zones)):
        use_zone = named_in(matrix, level)
        if use_zone is not None:
            allowed = CodeSet(use_zone, frozenset(matrix[use_zone]))
            zones = frames.plan.take(np.flatnonzero(~allowed.mask(frames.plan["code"])))
            detail = {"use_zone": level}
            found.append(changed_use_inside(frames, zones, ground, standard, detail))
    pieces = joined(found)
    return partly("unlisted_use_zones", pieces, unlisted) if unlisted else beside_base(frames, pieces)


def named_in(matrix: Mapping[str, list[str]], level: str) -> str | None:
    """The row of the matrix that a use zone's code belongs to; None if there is none."""
    return next((level[:n] for n in (3, 2, 1) if level[:n] in matrix), None)
