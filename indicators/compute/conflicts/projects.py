"""K18: projects (近期项目) without land, and new construction that belongs to no project."""

import numpy as np
import pandas as pd
import shapely

from indicators.compute.conflicts.pieces import (
    REAL,
    checked,
    has_base,
    joined,
    multi,
    new_parts,
    not_applicable,
    of_codes,
    partly,
    rows,
    rule_codes,
    sorted_parts,
)
from indicators.compute.conflicts.sheets import Sheet, base_of
from indicators.compute.frames import CheckResult, Frames, Piece, shapes
from indicators.compute.plane import Plane
from indicators.compute.standard import Standard

POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def projects_and_land(frames: Frames, standard: Standard) -> CheckResult:
    """K18: projects under whose geometry no zone of land for building lies (rule `project_land`), and, for the record, zones
    of new construction that no project touches.

    Kinds of projects that need no such land are data (`project_kinds_without_land`). A project without geometry is a line of
    a table and cannot be judged. What is new nobody knows without base-year parcels.
    """
    land, without = rule_codes(standard, "project_land"), standard.rules.get("project_kinds_without_land")
    if land is None or without is None:
        return not_applicable("no_rule")
    if not len(frames.plan):
        return not_applicable("no_plan")
    projects = frames.projects[
        ~shapely.is_missing(shapes(frames.projects)) & ~shapely.is_empty(shapes(frames.projects))
    ]
    if not len(projects):
        return not_applicable("no_projects")
    sheet = Sheet(Plane.around(shapes(projects), shapes(frames.plan)))
    building = projects[[not any(word in str(kind) for word in without) for kind in projects["kind"]]]
    lonely = without_land(building, of_codes(frames.plan, land), sheet, standard)
    if not has_base(frames):
        return partly("no_base", lonely)
    return checked(joined([lonely, without_project(frames, projects, sheet, standard)]))


def without_land(projects: pd.DataFrame, zones: pd.DataFrame, sheet: Sheet, standard: Standard) -> list[Piece]:
    """Projects that meet none of the zones: one row each, of no zone; points and lines have no area and no shape."""
    flat = sheet.flatten(shapes(projects))
    lonely = ~meets(flat, sheet.flatten(shapes(zones)), standard.limits["misfit_m2"])
    found = []
    for number, name, geom, shape in zip(
        projects["number"][lonely], projects["name"][lonely], shapes(projects)[lonely], flat[lonely], strict=True
    ):
        area = float(shapely.area(shape))
        place = multi(np.array([geom], object))[0] if shapely.get_type_id(geom) in POLYGONS else None
        found.append(Piece(None, "", REAL, area, place, str(number), {"project": str(name)}))
    return found


def without_project(frames: Frames, projects: pd.DataFrame, sheet: Sheet, standard: Standard) -> list[Piece]:
    """New construction in zones that meet no project."""
    codes = standard["construction"]
    zones = of_codes(frames.plan, codes)
    served = meets(sheet.flatten(shapes(zones)), sheet.flatten(shapes(projects)), standard.limits["misfit_m2"])
    zones = zones[~served]
    if not len(zones):
        return []
    new = new_parts(zones, base_of(frames, codes), sheet)
    return rows(zones, sorted_parts(new, standard), sheet, standard, {"severity": "info"})


def meets(first: np.ndarray, second: np.ndarray, misfit_m2: float) -> np.ndarray:
    """Which shapes of the first meet one of the second: two polygons by more than misfit of lines, points and lines by touching."""
    at, by = shapely.STRtree(second).query(first, predicate="intersects") if len(second) else (np.empty(0, int),) * 2
    areal = np.isin(shapely.get_type_id(first[at]), POLYGONS) & np.isin(shapely.get_type_id(second[by]), POLYGONS)
    enough = ~areal
    enough[areal] = shapely.area(shapely.intersection(first[at[areal]], second[by[areal]])) > misfit_m2
    found = np.zeros(len(first), bool)
    found[at[enough]] = True
    return found
