"""K4 new construction outside the boundaries of construction, K13 land use that a use zone (用途分区) does not allow."""

from dataclasses import replace

from indicators.compute.conflicts.pieces import (
    changed_use_inside,
    checked,
    joined,
    levels_of,
    new_parts,
    no_pieces,
    not_applicable,
    of_codes,
    rows,
    sorted_parts,
    split,
    touching,
)
from indicators.compute.frames import CheckResult, Frames, shapes
from indicators.compute.plane import Plane
from indicators.compute.standard import CodeSet, Standard


def new_construction_outside_boundary(frames: Frames, standard: Standard) -> CheckResult:
    """K4: new construction outside 村庄建设边界 CZJSBJ and 城镇开发边界 CZKFBJ.

    New: construction in the plan and not in the base year, so there is no legacy. Classes that may lie outside
    (regional infrastructure, burial, mining) are data. A village without any such boundary cannot be checked.
    """
    boundary = frames.lines_of("CZJSBJ", "CZKFBJ")
    if not len(boundary):
        return not_applicable("no_construction_boundary")
    codes, allowed = standard["construction"], standard["outside_boundary_allowed"]
    zones = frames.plan[codes.mask(frames.plan["code"]) & ~allowed.mask(frames.plan["code"])]
    if not len(zones):
        return checked(no_pieces())
    plane = Plane.around(shapes(zones))
    new = new_parts(zones, shapes(of_codes(frames.base, codes)), plane)
    _, outside = split(new, plane.flatten(boundary))
    return checked(rows(zones, sorted_parts(outside, standard), plane, standard))


def class_against_use_zone(frames: Frames, standard: Standard) -> CheckResult:
    """K13: planned classes that a use zone GHFQ does not allow; `level` is the zone's code, rule `use_zone_allows` the matrix.

    Where the base year had the same class of the first level it is legacy. Use zones the matrix does not name allow all.
    """
    matrix = standard.rules.get("use_zone_allows")
    if matrix is None:
        return not_applicable("no_rule")
    use_zones = frames.lines[(frames.lines["kind"] == "GHFQ").to_numpy(bool)]
    if not len(use_zones):
        return not_applicable("no_lines_of_kind")
    near = replace(frames, lines=touching(use_zones, shapes(frames.plan)))
    levels, found = levels_of(near, "GHFQ"), []
    for level, ground in near.lines.groupby(levels) if len(levels) else ():
        use_zone = next((level[:n] for n in (3, 2, 1) if level[:n] in matrix), None)
        if use_zone is not None:
            allowed = CodeSet(use_zone, frozenset(matrix[use_zone]))
            zones = frames.plan[~allowed.mask(frames.plan["code"])]
            detail = {"use_zone": level}
            found.append(changed_use_inside(zones, shapes(ground), frames.base, standard, detail))
    return checked(joined(found))
