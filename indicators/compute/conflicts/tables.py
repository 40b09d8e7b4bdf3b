"""K16: the tables of the plan file (指标一览表 GHZBB, 结构调整表 YTJGTZB) against the map and the computed indicators."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from indicators.compute import landuse, protection
from indicators.compute.conflicts.pieces import checked, not_applicable, partly, without_place
from indicators.compute.conflicts.totals import area_of, areas_by_code
from indicators.compute.frames import CheckResult, Frames, Measure, Piece
from indicators.compute.standard import Standard
from indicators.compute.structure import M2_PER_HA

BASE, PLAN = "JQMJ", "GHMJ"
"""columns of the tables: the base year, the plan"""
ROUNDING = 1e-9
MEASURES: Mapping[str, Callable[[Frames, Standard], Measure]] = {
    "2": protection.permanent_farmland,
    "3": protection.ecological_red_line,
    "7": landuse.village_construction_per_person,
    "32": protection.heritage,
    "T12": protection.natural_coast,
}
"""indicators of rows that are no sum of classes"""


@dataclass(frozen=True)
class Held:
    """What the cells of a row are held against: a figure by column, None where it is not known; unit, allowed difference."""

    figures: Mapping[str, float | None]
    unit: str
    tolerance: float

    def piece(self, layer: str, name: str, column: str, stated: float) -> Piece | None:
        """The conflict of a cell that differs; its area is the difference, nothing where no area is meant."""
        figure = self.figures[column]
        if figure is None or abs(stated - figure) <= self.tolerance + ROUNDING:
            return None
        where = {"table": layer, "field": column}
        if self.unit == "ha":
            detail = {**where, "value_ha": stated, "computed_ha": round(figure, 4)}
            return without_place(name[:60], abs(stated - figure) * M2_PER_HA, detail)
        detail = {**where, "value": stated, "computed": round(figure, 4), "unit": self.unit}
        return without_place(name[:60], 0.0, detail)


def tables_against_database(frames: Frames, standard: Standard) -> CheckResult:
    """K16: cells of the plan file's tables GHZBB and YTJGTZB that differ from the sums of the database by more than
    `table_tolerance_ha`, or from a computed indicator by more than is allowed in its unit.

    A row is known by its class (YDYHFLDM), else by its name: the rules `table_names` and `table_rows` say which classes it
    sums, those that begin with `codes` and not with `without`, or which indicator it states. One row per cell, without a
    place; its area is the difference. Cells that nobody knows a figure for are named: they were not compared.
    """
    if standard.rules.get("table_tolerance_ha") is None:
        return not_applicable("no_rule")
    tables = frames.features[frames.features["layer"].isin(["GHZBB", "YTJGTZB"])]
    if not len(tables):
        return not_applicable("no_tables")
    book = Book(frames, standard)
    found: list[Piece] = []
    open_: dict[str, None] = {}
    for row in tables.itertuples():
        code, name = code_and_name(row.attributes)
        name, held = name or code or f"{row.layer} {row.number}", book.held(code, name)
        for column in (BASE, PLAN):
            stated = number(row.attributes.get(column))
            if stated is None:
                continue
            if held is None or held.figures[column] is None:
                open_[name if held is None else f"{name} {column}"] = None
            elif piece := held.piece(row.layer, name, column, stated):
                found.append(piece)
    return partly("rows_not_compared", found, list(open_)) if open_ else checked(found)


class Book:
    """The figures of the database by class and by indicator."""

    def __init__(self, frames: Frames, standard: Standard) -> None:
        rules = standard.rules
        known = rules.get("table_names", {})
        self.rows = {**known.get("rows", {}), **rules.get("table_rows", {})}
        self.indicators = known.get("indicators", {})
        self.tolerance_ha = float(rules["table_tolerance_ha"])
        self.frames, self.standard = frames, standard
        self.areas = {
            column: areas_by_code(frame) if len(frame) else None
            for column, frame in ((BASE, frames.base), (PLAN, frames.plan))
        }

    def held(self, code: str, name: str) -> Held | None:
        """What a row is held against; None where nobody knows what it says."""
        if code.isdigit():
            return self.sum_of((code,), ())
        if name in self.rows:
            return self.sum_of(tuple(self.rows[name]["codes"]), tuple(self.rows[name].get("without", ())))
        return self.indicator(**self.indicators[name]) if name in self.indicators else None

    def sum_of(self, codes: tuple[str, ...], without: tuple[str, ...]) -> Held:
        figures = {
            column: None if areas is None else area_of(areas, codes, without) / M2_PER_HA
            for column, areas in self.areas.items()
        }
        return Held(figures, "ha", self.tolerance_ha)

    def indicator(self, indicator: str, tolerance: float | None = None) -> Held:
        measure = MEASURES[indicator](self.frames, self.standard)
        figures = {BASE: measure.base_value, PLAN: measure.value}
        return Held(figures, measure.unit, self.tolerance_ha if tolerance is None else float(tolerance))


def code_and_name(row: Mapping[str, Any]) -> tuple[str, str]:
    """The class of a row (YDYHFLDM) and what it is called (YDYHFLMC, ZBMC), empty where it has none."""
    code, name, indicator = (str(row.get(key) or "").strip() for key in ("YDYHFLDM", "YDYHFLMC", "ZBMC"))
    return code, name or indicator


def number(value: Any) -> float | None:
    """A cell as a number; None where it is empty or a text."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None
