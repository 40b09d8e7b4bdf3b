"""国土空间用途结构调整表: areas by land-use class in the base year and in the plan, and what became what."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from indicators.compute.frames import shapes
from indicators.compute.overlay import areas_by, pair_areas
from indicators.compute.standard import DATA

M2_PER_HA = 10_000.0


def structure(base: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """用地结构: area of each class as recorded, in the base year and in the plan.

    Formula: Σ area_m2 by code; unit m² and ha, not rounded. Rows are disjoint (a zone counts under its own code only),
    so either column adds up to what its layer covers: the village area where the layer tiles the village.
    Columns: code, base_m2, plan_m2, base_ha, plan_ha; ordered by code.

    >>> base = pd.DataFrame({"code": ["0101", "0703"], "area_m2": [30_000.0, 10_000.0]})
    >>> plan = pd.DataFrame({"code": ["0101", "0101", "0703"], "area_m2": [15_000.0, 10_000.0, 15_000.0]})
    >>> structure(base, plan)[["code", "base_ha", "plan_ha"]].values.tolist()
    [['0101', 3.0, 2.5], ['0703', 1.0, 1.5]]
    """
    sides = {"base_m2": base, "plan_m2": plan}
    sums = {name: frame.groupby(frame["code"].astype(str))["area_m2"].sum() for name, frame in sides.items()}
    table = pd.DataFrame(sums).fillna(0.0).astype(float).sort_index()
    table.index.name = "code"
    table["base_ha"] = table["base_m2"] / M2_PER_HA
    table["plan_ha"] = table["plan_m2"] / M2_PER_HA
    return table.reset_index()


def change_matrix(base: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """用地转移矩阵: area (m²) that was `base_code` and is planned as `plan_code`, from the overlay of both layers.

    Columns: base_code, plan_code, area_m2. Where both layers tile the same ground, rows of one base code add up to its
    base-year area and rows of one plan code to its planned area.
    """
    in_base, in_plan, area = pair_areas(shapes(base), shapes(plan))
    table = areas_by(base["code"].to_numpy()[in_base], plan["code"].to_numpy()[in_plan], area)
    return table.rename(columns={"first": "base_code", "second": "plan_code"})


def largest_remainder(values: Sequence[float], digits: int) -> list[float]:
    """Round so that the parts still add up to the rounded sum (最大余数法): the largest remainders are rounded up.

    >>> largest_remainder([1.114, 1.114, 1.112], 2)
    [1.12, 1.11, 1.11]
    """
    scaled = np.asarray(values, float) * 10**digits
    units = np.floor(scaled + 1e-9)
    missing = max(round(math.fsum(scaled)) - int(units.sum()), 0)
    order = np.argsort(-(scaled - units), kind="stable")
    units[order[:missing]] += 1
    return [round(float(unit) / 10**digits, digits) for unit in units]


@lru_cache(maxsize=4)
def load_table(path: Path = DATA / "structure_table_national.json") -> dict[str, Any]:
    """The rows of the official table, as data: provinces order and split them differently."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def official_table(
    rows: pd.DataFrame | Iterable[Mapping[str, Any]], *, table: dict[str, Any] | None = None, digits: int = 2
) -> list[dict[str, Any]]:
    """国土空间用途结构调整表 as printed: leaf rows, subtotals (小计) after their rows, and the total (总计).

    `rows` hold code, base_ha, plan_ha (`structure`). Each dict: key, name_zh, depth, kind (row, subtotal, total),
    codes, base_ha, plan_ha, base_pct, plan_pct (比重, % of the total; None when the total is 0), change_ha (增减,
    plan - base). Only leaves are rounded, by largest remainder, and everything else is added up from them: what is
    printed adds up.
    """
    table = table or load_table()
    given = [(str(r["code"]), float(r["base_ha"]), float(r["plan_ha"])) for r in _records(rows)]
    leaves = [leaf for leaf, _ in _walk(table["rows"]) if "rows" not in leaf] + [table["unknown"]]
    owner = _owners(leaves)
    held = {leaf["key"]: {"codes": [], "base_ha": 0.0, "plan_ha": 0.0} for leaf in leaves}
    for code, base_ha, plan_ha in given:
        row = held[_owner(owner, code, table["unknown"]["key"])]
        row["codes"].append(code)
        row["base_ha"] += base_ha
        row["plan_ha"] += plan_ha
    _round(list(held.values()), digits)
    return _printed(table, held, digits)


def _records(rows: pd.DataFrame | Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    return rows.to_dict("records") if isinstance(rows, pd.DataFrame) else rows


def _walk(rows: list[dict[str, Any]], depth: int = 0) -> Iterable[tuple[dict[str, Any], int]]:
    """Rows in printing order: a group comes after what it sums."""
    for row in rows:
        if "rows" in row:
            yield from _walk(row["rows"], depth + 1)
        yield row, depth


def _owners(leaves: list[dict[str, Any]]) -> dict[str, str]:
    return {code: leaf["key"] for leaf in leaves for code in leaf.get("codes", ())}


def _owner(owners: dict[str, str], code: str, unknown: str) -> str:
    fits = [f"={code}", *(code[:length] for length in range(len(code), 0, -1))]
    return next((owners[fit] for fit in fits if fit in owners), unknown)


def _round(leaves: list[dict[str, Any]], digits: int) -> None:
    for side in ("base", "plan"):
        areas = [leaf[f"{side}_ha"] for leaf in leaves]
        total = math.fsum(areas)
        shares = largest_remainder([area / total * 100 for area in areas], 2) if total else [None] * len(areas)
        for leaf, area, share in zip(leaves, largest_remainder(areas, digits), shares, strict=True):
            leaf[f"{side}_ha"], leaf[f"{side}_pct"] = area, share


def _printed(table: dict[str, Any], held: dict[str, dict[str, Any]], digits: int) -> list[dict[str, Any]]:
    lines = []
    whole = {**table["total"], "rows": [*table["rows"], table["unknown"]]}
    for row, depth in [*_walk(whole["rows"]), (whole, 0)]:
        parts = [held[leaf["key"]] for leaf, _ in _walk([row]) if "rows" not in leaf]
        line = _line(row, depth, parts, digits)
        if line["codes"] or not row.get("optional"):
            lines.append(line)
    return lines


def _line(row: dict[str, Any], depth: int, parts: list[dict[str, Any]], digits: int) -> dict[str, Any]:
    kind = "row" if "rows" not in row else "total" if row["key"] == "total" else "subtotal"
    line = {"key": row["key"], "name_zh": row["name_zh"], "depth": depth, "kind": kind}
    line["codes"] = [code for part in parts for code in part["codes"]]
    for column, places in (("base_ha", digits), ("plan_ha", digits), ("base_pct", 2), ("plan_pct", 2)):
        cells = [part[column] for part in parts]
        line[column] = None if None in cells else round(math.fsum(cells), places)
    line["change_ha"] = round(line["plan_ha"] - line["base_ha"], digits)
    return line
