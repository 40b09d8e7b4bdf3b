"""Rules of areas (面积一致性): deductions, the sum of the zones, and the tables against the database."""

import json
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from planning.quality.case import Case
from planning.quality.registry import NotApplicable, level_of, rule, tolerances
from planning.quality.values import at
from planning.schema import Matched
from planning.values import as_code
from portal.geo import crs
from portal.geo.issues import Issue
from villages.models import Parcel

CELLS = Path(__file__).resolve().parent.parent / "data" / "table_cells.json"
TABLES = ("YTJGTZB", "GHZBB")
BASE, TARGET, CHANGE = "JQMJ", "GHMJ", "ZJMJ"
"""columns 基期年面积, 目标年面积, 规划期内增减, in ha"""
HA = 10_000.0
_DECIMALS = 1e-9  # what subtracting two decimals leaves of a difference of exactly the tolerance


def as_floats(cells: list[Any]) -> np.ndarray:
    """Numbers of a column; NaN where there is none (that is told by S2)."""
    try:
        return np.array(cells, float)
    except (TypeError, ValueError):
        return np.array([_float(v) for v in cells])


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.nan


@rule("A2")
def deductions(case: Case) -> Iterable[Issue] | NotApplicable:
    """TBDLMJ = TBMJ - KCMJ, and KCMJ = TBMJ x KCXS (扣除系数 as a share)."""
    found = [m for m in case.matched if {"TBMJ", "KCMJ"} <= set(m.columns) and {"TBDLMJ", "KCXS"} & set(m.columns)]
    if not found:
        return NotApplicable("no_such_fields", {"fields": "TBMJ, KCMJ, TBDLMJ, KCXS"})
    allowed = tolerances(case.profile.rules, "A2")["deduction_m2"]
    return (issue for matched in found for issue in deductions_of(matched, allowed))


def deductions_of(matched: Matched, allowed: float) -> Iterator[Issue]:
    area, deducted = as_floats(matched.named("TBMJ")), as_floats(matched.named("KCMJ"))
    if (net := matched.named("TBDLMJ")) is not None:
        yield from unequal(matched, as_floats(net), area - deducted, allowed, "deduction_net")
    if (share := matched.named("KCXS")) is not None:
        yield from unequal(matched, deducted, area * as_floats(share), allowed, "deduction_product")


def unequal(matched: Matched, stated: np.ndarray, wanted: np.ndarray, allowed: float, reason: str) -> Iterator[Issue]:
    with np.errstate(invalid="ignore"):
        wrong = np.abs(stated - wanted) > allowed + _DECIMALS
    for row in np.flatnonzero(wrong) + 1:
        params = {"reason": reason, "value": float(stated[row - 1]), "wanted": float(wanted[row - 1])}
        yield at("A2", matched, int(row), params)


@rule("A3")
def sum_of_zones(case: Case) -> Iterable[Issue] | NotApplicable:
    """The zones add up to the village, measured on the ellipsoid both."""
    if not case.codes:
        return NotApplicable("no_zones")
    if not case.sound.all():
        return NotApplicable("zones_unsound")
    if "off" in (level_of(case, "G6"), level_of(case, "G7")):
        return NotApplicable("cover_not_wanted")
    zones, village = float(case.area.sum()) / HA, outline_ha(case)
    if abs(zones - village) <= tolerances(case.profile.rules, "A3")["sum_ha"]:
        return ()
    return [Issue("A3", layer=case.zones.layer.name, params={"reason": "sum_of_zones", "value": zones, "wanted": village})]  # fmt: skip


def outline_ha(case: Case) -> float:
    return float(crs.area_m2(np.array([case.outline], object))[0]) / HA


@cache
def named_rows() -> dict[str, dict[str, list[str]]]:
    """Rows of the tables by name: which classes they sum."""
    return json.loads(CELLS.read_text("utf-8"))["rows"]


@rule("A4")
def tables_agree(case: Case) -> Iterable[Issue] | NotApplicable:
    """Cells of the structure and indicator tables that are areas equal the sums of the database."""
    found = [m for m in case.matched if m.spec.name in TABLES and {BASE, TARGET} & set(m.columns)]
    if not found or not case.codes:
        return NotApplicable("no_such_table", {"names": ", ".join(TABLES)})
    sums = Sums(case)
    allowed = tolerances(case.profile.rules, "A4")["table_ha"]
    return (issue for matched in found for issue in cells_of(matched, sums, allowed))


class Sums:
    """Areas by class in ha: of the plan (the file's own areas where every zone states one, else the ellipsoidal ones; A1
    holds the two together), and of the base year on record."""

    def __init__(self, case: Case) -> None:
        self.case = case

    @cached_property
    def plan(self) -> list[tuple[str, float]]:
        stated = self.case.file_area
        areas = stated if stated and None not in stated else self.case.area.tolist()
        return [(code or "", area) for code, area in zip(self.case.codes, areas, strict=True)]

    @cached_property
    def base(self) -> list[tuple[str, float]]:
        return list(Parcel.objects.filter(village=self.case.village).values_list("code", "area_m2"))

    def of(self, rows: list[tuple[str, float]], row: dict[str, list[str]]) -> float:
        within, without = tuple(row["codes"]), tuple(row.get("without", ()))
        return sum(area for code, area in rows if code.startswith(within) and not code.startswith(without)) / HA


def cells_of(matched: Matched, sums: Sums, allowed: float) -> Iterator[Issue]:
    """Every area cell of one table. Rows are known by their class code, else by their name; others are not compared."""
    count = matched.size
    codes, names = (matched.of(means) for means in ("code", "code_name"))
    columns = {name: as_floats(matched.named(name) or [None] * count) for name in (BASE, TARGET, CHANGE)}
    for n in range(count):
        code = "" if codes[n] is None else as_code(codes[n])
        name = str(names[n] or "")
        row = {"codes": [code]} if code.isdigit() else named_rows().get(name.strip())
        if row is None:
            continue
        for column, rows in ((TARGET, sums.plan), (BASE, sums.base)):
            stated = columns[column][n]
            if not np.isnan(stated) and rows and abs(stated - (wanted := sums.of(rows, row))) > allowed + _DECIMALS:
                params = {"reason": "table_cell", "name": name or code, "field": column, "value": float(stated)}
                yield at("A4", matched, n + 1, {**params, "wanted": wanted})
        change, wanted = columns[CHANGE][n], columns[TARGET][n] - columns[BASE][n]
        if abs(change - wanted) > allowed + _DECIMALS:  # False where one of them is empty
            params = {"reason": "table_change", "name": name or code, "value": float(change), "wanted": float(wanted)}
            yield at("A4", matched, n + 1, params)
