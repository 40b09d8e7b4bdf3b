"""Indicators of nature: value of ecosystem services and carbon, from tables by class. For information: no plan is held to them.

Both tables are rules (data/ecosystem_services_national.json, data/carbon_national.json) that a province may replace.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from indicators.compute.areas import M2_PER_HA
from indicators.compute.frames import Frames, Measure
from indicators.compute.standard import Standard


def ecosystem_services(frames: Frames, standard: Standard) -> Measure:
    """34a 生态系统服务价值. Formula: Σ ecosystem A(ha) · Σ factors · value of a standard equivalent · local; unit yuan/a.

    Numerator yuan/a, no denominator. Equivalent factors of Xie 2015 (section 4.4), 3406.5 yuan/ha for the country in 2010. A
    pond's regulation of water outweighs all else, so `parts` tell each ecosystem and, as `without_water`, the sum without
    water. Construction land has no value here. Source: section 4.1 no. 34, for information.
    """
    rule = standard.rules["ecosystem_services"]
    each = {
        key: sum(e["factors"].values()) * rule["unit_value"] * rule["local"] for key, e in rule["ecosystems"].items()
    }
    areas = [by_part(rows, rule["classes"]) for rows in (frames.plan, frames.base)]
    dry = [_total(area, {key: value for key, value in each.items() if key not in rule["water"]}) for area in areas]
    parts = _parts(areas, each, rule["ecosystems"])
    if areas[0] is not None:
        parts = (*parts, {"key": "without_water", "name_zh": "不含水域合计", "value": dry[0], "base_value": dry[1]})
    return _measure("yuan/a", areas, each, parts)


def carbon(frames: Frames, standard: Standard) -> Measure:
    """34b 碳储量. Formula: Σ A(ha) · (above + below + soil + dead matter); unit tC; numerator tC, no denominator.

    The densities are examples, not checked for any region (section 4.5, they differ by a factor of two); a stock, not what is
    taken up in a year. `parts`: by kind of cover. Source: section 4.1 no. 34, for information.
    """
    rule = standard.rules["carbon"]
    each = {key: sum(e["t_per_ha"].values()) for key, e in rule["densities"].items()}
    classes = {code: {key: 1.0} for code, key in rule["classes"].items()}
    areas = [by_part(rows, classes) for rows in (frames.plan, frames.base)]
    return _measure("tC", areas, each, _parts(areas, each, rule["densities"]))


def parts_of(code: str, classes: Mapping[str, Mapping[str, float]]) -> Mapping[str, float]:
    """What a class is made of, by share: the longest prefix in the table decides.

    >>> parts_of("070301", {"07": {"built": 1.0}})
    {'built': 1.0}
    """
    return next((classes[code[:n]] for n in range(len(code), 0, -1) if code[:n] in classes), {})


def by_part(rows: pd.DataFrame, classes: Mapping[str, Mapping[str, float]]) -> dict[str, float] | None:
    """Area (m²) of each ecosystem or cover; None without any row."""
    if not len(rows):
        return None
    sums: dict[str, float] = {}
    areas = rows.groupby(rows["code"].astype(str))["area_m2"].sum()
    for code, area in areas.items():
        for key, part in parts_of(code, classes).items():
            sums[key] = sums.get(key, 0.0) + float(area) * part
    return sums


def counts(codes: pd.Series, classes: Mapping[str, Any]) -> np.ndarray:
    """Which classes are any of it."""
    return np.array([bool(parts_of(str(code), classes)) for code in codes], bool)


def _total(area: Mapping[str, float] | None, each: Mapping[str, float]) -> float | None:
    return None if area is None else sum(area.get(key, 0.0) / M2_PER_HA * value for key, value in each.items())


def _measure(unit: str, areas: list[Any], each: Mapping[str, float], parts: tuple[Mapping[str, Any], ...]) -> Measure:
    plan, base = (_total(area, each) for area in areas)
    if plan is None:
        return Measure(None, unit, None, unit, base_value=base, base_numerator=base, note="no_plan")
    return Measure(plan, unit, plan, unit, base_value=base, base_numerator=base, note="sample_table", parts=parts)


def _parts(areas: list[Any], each: Mapping[str, float], names: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """One row for each ecosystem there is in plan or base year: area and value of both."""
    plan, base = ({} if area is None else area for area in areas)
    return tuple(
        {
            "key": key,
            "name_zh": names[key]["name_zh"],
            "value": plan.get(key, 0.0) / M2_PER_HA * value,
            "base_value": base.get(key, 0.0) / M2_PER_HA * value,
            "area_m2": plan.get(key, 0.0),
            "base_area_m2": base.get(key, 0.0),
        }
        for key, value in each.items()
        if plan.get(key) or base.get(key)
    )
