"""Balance ledgers (平衡账): what became of cropland and of construction land, and the change matrix by large groups.

Everything comes from the change matrix (structure.change_matrix): area that was one class in the base year and is
planned as another, in ellipsoidal m². Quality alone needs the parcels, because the matrix knows classes only. What
counts as what is data: the sets of the `Standard` and data/ledgers_national.json, which a profile may replace
(`standard.rules["ledgers"]`).
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from indicators.compute.areas import PERCENT
from indicators.compute.frames import Frames, shapes
from indicators.compute.overlay import pair_areas
from indicators.compute.settlement import drawn_from_flex, flex_share
from indicators.compute.standard import DATA, CodeSet, Standard

RULES = "ledgers-national-2"
"""Version of the data file this code goes with: kept results are named by the code, so both change together."""

NOTHING_SAID: Mapping[str, Any] = {}

UNDIVIDED = "mixed"
"""The group of a class recorded so coarsely that its parts belong to several, such as 04 or 17, and of unknown classes."""


@lru_cache(maxsize=4)
def load_rules(path: Path = DATA / "ledgers_national.json") -> dict[str, Any]:
    """What the ledgers count, as data."""
    rules = json.loads(Path(path).read_text(encoding="utf-8"))
    if rules["version"] != RULES:
        raise ValueError(f"{path} is {rules['version']}, this code goes with {RULES}")
    return rules


def rules_of(standard: Standard) -> dict[str, Any]:
    """The national rules with what a profile says instead."""
    return {**load_rules(), **getattr(standard, "rules", {}).get("ledgers", {})}


def of(
    changes: pd.DataFrame, frames: Frames, standard: Standard, classes: Mapping[str, tuple[str, str]] | None = None,
    flex_rule: Mapping[str, Any] = NOTHING_SAID,
) -> dict[str, Any]:  # fmt: skip
    """All ledgers of a version, ready to be stored as JSON; areas in m², not rounded.

    `flex_rule` is what profiles say of indicator 27. `classes` gives of each land-use class the three-way class (三大类) and the space by function (三生空间). Without it
    the two matrices are left out: `matrices` makes them at any time from the change matrix, by the classes of that day.
    """
    rules = rules_of(standard)
    moved = changes[["base_code", "plan_code", "area_m2"]]
    return {
        "version": rules["version"], "source": rules["source"], "sample": bool(rules.get("sample")),
        "compensation": {**compensation(moved, standard, rules), "quality": quality(frames, standard)},
        "turnover": turnover(moved, standard, rules),
        "cropland": cropland(moved, standard, rules),
        "construction": {**construction(moved, standard), "flex": flex(frames, standard, flex_rule)},
        **(matrices(moved, classes) if classes is not None else {}),
    }  # fmt: skip


def matrices(changes: pd.DataFrame, classes: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """The change matrix by three-way class and by space by function."""
    return {
        "three_way": groups(changes, {code: pair[0] for code, pair in classes.items()}),
        "sansheng": groups(changes, {code: pair[1] for code, pair in classes.items()}),
    }


def compensation(changes: pd.DataFrame, standard: Standard, rules: Mapping[str, Any]) -> dict[str, Any]:
    """占补平衡. Formula: A(cropland → construction) against A(other land → cropland), by paddy, irrigated and dry.

    Land that comes from orchards, forest, grassland and facilities is left to 进出平衡, so that no square metre of new
    cropland makes good two losses. Source: 土地管理法第三十条; section 5 K11.
    """
    crop, built, turned = standard["cropland"], standard["construction"], turnover_set(rules)
    was, is_ = crop.mask(changes["base_code"]), crop.mask(changes["plan_code"])
    lost = changes[was & built.mask(changes["plan_code"])]
    gained = changes[~was & is_ & ~turned.mask(changes["base_code"])]
    return balance(lost, gained, crop, rules)


def turnover(changes: pd.DataFrame, standard: Standard, rules: Mapping[str, Any]) -> dict[str, Any]:
    """进出平衡. Formula: A(cropland → 02, 03, 04, 06) against A(02, 03, 04, 06 → cropland).

    Source: 自然资发〔2021〕166号; section 5 K12.
    """
    crop, turned = standard["cropland"], turnover_set(rules)
    was, is_ = crop.mask(changes["base_code"]), crop.mask(changes["plan_code"])
    lost = changes[was & ~is_ & turned.mask(changes["plan_code"])]
    gained = changes[~was & is_ & turned.mask(changes["base_code"])]
    return balance(lost, gained, crop, rules)


def turnover_set(rules: Mapping[str, Any]) -> CodeSet:
    entry = rules["turnover"]
    return CodeSet("turnover", frozenset(entry["include"]), frozenset(entry.get("exclude", ())))


def balance(lost: pd.DataFrame, gained: pd.DataFrame, crop: CodeSet, rules: Mapping[str, Any]) -> dict[str, Any]:
    """Both sides of a ledger, its balance (gained - lost) and shortfall, by kind of cropland and by class."""
    kinds = kinds_of(rules)
    rows = []
    for kind in [*rules["cropland_kinds"], "undivided"]:
        out = _sum(lost[np.array([kinds(code) == kind for code in lost["base_code"]], bool)])
        in_ = _sum(gained[np.array([kinds(code) == kind for code in gained["plan_code"]], bool)])
        if kind != "undivided" or out or in_:
            rows.append({"kind": kind, "lost_m2": out, "gained_m2": in_, "balance_m2": in_ - out})
    lost_m2, gained_m2 = _sum(lost), _sum(gained)
    return {
        "lost_m2": lost_m2,
        "gained_m2": gained_m2,
        "balance_m2": gained_m2 - lost_m2,
        "shortfall_m2": max(lost_m2 - gained_m2, 0.0),
        "kinds": rows,
        "lost_to": _by(lost, "plan_code"),
        "gained_from": _by(gained, "base_code"),
    }


def kinds_of(rules: Mapping[str, Any]) -> Any:
    """Which kind of cropland a class is: paddy (水田), irrigated (水浇地), dry (旱地), or undivided for 01 alone."""
    prefixes = [(prefix, kind) for kind, codes in rules["cropland_kinds"].items() for prefix in codes]
    return lambda code: next((kind for prefix, kind in prefixes if str(code).startswith(prefix)), "undivided")


def cropland(changes: pd.DataFrame, standard: Standard, rules: Mapping[str, Any]) -> dict[str, Any]:
    """The whole account of cropland: base + all gains - all losses = plan, and what changed its kind (such as 旱改水)."""
    crop, built, turned = standard["cropland"], standard["construction"], turnover_set(rules)
    was, is_ = crop.mask(changes["base_code"]), crop.mask(changes["plan_code"])
    elsewhere = ~built.mask(changes["plan_code"]) & ~turned.mask(changes["plan_code"])
    kinds = kinds_of(rules)
    inner = changes[was & is_].assign(
        base_code=lambda rows: rows["base_code"].map(kinds), plan_code=lambda rows: rows["plan_code"].map(kinds)
    )
    inner = inner[inner["base_code"] != inner["plan_code"]].groupby(["base_code", "plan_code"], as_index=False).sum()
    return {
        "base_m2": _sum(changes[was]),
        "plan_m2": _sum(changes[is_]),
        "lost_m2": _sum(changes[was & ~is_]),
        "gained_m2": _sum(changes[~was & is_]),
        # to water, wetland, bare ground: in neither of the two ledgers
        "lost_elsewhere_m2": _sum(changes[was & ~is_ & elsewhere]),
        "inner": [{"base": r.base_code, "plan": r.plan_code, "area_m2": float(r.area_m2)} for r in inner.itertuples()],
    }


def quality(frames: Frames, standard: Standard) -> dict[str, Any]:
    """Quality grades (耕地质量等级, 1 the best) of what is built over and of what makes good, weighted by area.

    Formula: Σ area · grade / Σ area over the overlaps of parcels whose grade is known. Unknown grades are said.
    """
    grades = pd.to_numeric(frames.base.get("quality", pd.Series(dtype=float)), errors="coerce")
    if not len(frames.plan) or not grades.notna().any():
        return {"known": False}
    crop, built = standard["cropland"], standard["construction"]
    was, is_ = crop.mask(frames.base["code"]), crop.mask(frames.plan["code"])
    lost = _graded(frames, grades, was, built.mask(frames.plan["code"]))
    gained = _graded(frames, grades, ~was, is_)
    return {"known": True, "lost": lost, "gained": gained}


def _graded(frames: Frames, grades: pd.Series, parcels: np.ndarray, zones: np.ndarray) -> dict[str, Any]:
    base, grade = frames.base[parcels], grades.to_numpy(float)[parcels]
    in_base, _, area = pair_areas(shapes(base), shapes(frames.plan[zones]))
    of_pair = grade[in_base]
    known = ~np.isnan(of_pair)
    sums = pd.Series(area[known]).groupby(of_pair[known].astype(int)).sum()
    known_m2 = float(area[known].sum())
    return {
        "grades": [{"grade": int(g), "area_m2": float(m2)} for g, m2 in sums.items()],
        "mean_grade": float((area[known] * of_pair[known]).sum() / known_m2) if known_m2 else None,
        "unknown_m2": float(area[~known].sum()),
    }


def construction(changes: pd.DataFrame, standard: Standard) -> dict[str, Any]:
    """建设用地指标. Formula: increase A(other → construction), reduction A(construction → other), net = increase - reduction.

    Identity: net = plan construction - base construction. Source: section 4.1 no. 24 and 25.
    """
    built = standard["construction"]
    was, is_ = built.mask(changes["base_code"]), built.mask(changes["plan_code"])
    increase, reduction = changes[~was & is_], changes[was & ~is_]
    return {
        "base_m2": _sum(changes[was]),
        "plan_m2": _sum(changes[is_]),
        "increase_m2": _sum(increase),
        "reduction_m2": _sum(reduction),
        "net_m2": _sum(increase) - _sum(reduction),
        "increase_from": _by(increase, "base_code"),
        "reduction_to": _by(reduction, "plan_code"),
    }


def flex(frames: Frames, standard: Standard, rule: Mapping[str, Any]) -> dict[str, Any]:
    """机动指标. Formula: the quota against the allowed share of the planned village construction land, both as indicator 27
    has them (settlement.flex_share), in m²; `rule` is that of indicator 27, its limit `at_most` in per cent.

    used: zones whose file says that they are drawn from the quota (JDZBLY); None where no zone says anything.
    """
    share, limit = flex_share(frames, standard), rule.get("at_most")
    planned, limit_share = share.denominator, None if limit is None else limit / PERCENT
    return {
        "quota_m2": share.numerator,
        "planned_m2": planned,
        "allowed_m2": None if limit_share is None or planned is None else planned * limit_share,
        "limit_share": limit_share,
        "share": None if share.value is None else share.value / PERCENT,
        "used_m2": drawn_from_flex(frames.plan),
        "source": rule.get("source", ""),
    }


def groups(changes: pd.DataFrame, group_of: Mapping[str, str]) -> dict[str, Any]:
    """The change matrix summed into large groups (三大类, 三生空间): cells, and both margins.

    A class has the group of the longest known prefix of its code; classes of mixed content stay apart as `mixed`.
    """
    codes = {str(code) for side in ("base_code", "plan_code") for code in changes[side]}
    known = {code: group(code, group_of) for code in codes}
    table = pd.DataFrame(
        {
            "base": [known[str(code)] for code in changes["base_code"]],
            "plan": [known[str(code)] for code in changes["plan_code"]],
            "area_m2": changes["area_m2"].to_numpy(float),
        }
    )
    cells = table.groupby(["base", "plan"], as_index=False)["area_m2"].sum()
    return {
        "cells": [{"base": r.base, "plan": r.plan, "area_m2": float(r.area_m2)} for r in cells.itertuples()],
        "base": _margin(cells, "base"),
        "plan": _margin(cells, "plan"),
        "total_m2": float(table["area_m2"].sum()),
    }


def group(code: str, group_of: Mapping[str, str]) -> str:
    """
    >>> group("010101", {"01": "agri", "04": "mixed", "0403": "unused"}), group("04", {"04": "mixed"}), group("99", {})
    ('agri', 'mixed', 'mixed')
    """
    prefixes = (code[:length] for length in range(len(code), 0, -1))
    return next((group_of[prefix] for prefix in prefixes if prefix in group_of), UNDIVIDED)


def _margin(cells: pd.DataFrame, side: str) -> dict[str, float]:
    return {name: float(m2) for name, m2 in cells.groupby(side)["area_m2"].sum().items()}


def _sum(rows: pd.DataFrame) -> float:
    return float(rows["area_m2"].to_numpy(float).sum())


def _by(rows: pd.DataFrame, side: str) -> list[dict[str, Any]]:
    """Areas by class, largest first."""
    sums: Iterable[tuple[str, float]] = rows.groupby(side)["area_m2"].sum().items()
    found = [{"code": str(code), "area_m2": float(m2)} for code, m2 in sums]
    return sorted(found, key=lambda row: (-row["area_m2"], row["code"]))
