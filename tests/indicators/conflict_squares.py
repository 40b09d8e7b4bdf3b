"""What the tests of the checks K1-K19 share: the shipped rules, and frames with every layer a check looks at."""

import json
from dataclasses import replace
from typing import Any

import pandas as pd
import shapely

from indicators.checks import CHECKS
from indicators.compute.frames import LAYERS, CheckResult, Frames
from indicators.compute.standard import DATA, Standard, load_standard
from indicators.profiles import standard_with
from tests.indicators.frames_for_tests import frames, in_lonlat

SHIPPED = json.loads((DATA / "profiles" / "national_checks.json").read_text("utf-8"))["content"]
NOTHING_STATED = replace(load_standard(), rules={})


def standard(**rules: Any) -> Standard:
    """The standard of a village for which the country's checks hold, a limit of 200 m² of homestead, and these rules."""
    return standard_with({"sets": {}, "limits": {}, "rules": {**SHIPPED["rules"], "homestead_m2": 200.0, **rules}})


def line(*corners: tuple[float, float]) -> shapely.LineString:
    """A line through corners in metres, in lon/lat."""
    return in_lonlat(shapely.LineString(corners))[0]


def rows(layer: str, *values: dict[str, Any]) -> pd.DataFrame:
    """A frame of a layer with every column it has; what is not given is None."""
    columns = LAYERS[layer] if layer == "households" else [*LAYERS[layer], "geom"]
    frame = pd.DataFrame({c: pd.Series([v.get(c) for v in values], dtype=object) for c in columns})
    return frame.assign(number=[v.get("number", n) for n, v in enumerate(values, 1)]) if "number" in columns else frame


def village(
    base: Any = (), plan: Any = (), lines: Any = (), *, slopes: Any = None, levels: Any = None, **more: Any
) -> Frames:
    """Frames as `frames` draws them; `slopes` of the parcels, `levels` of the lines, other layers by name, facts by name."""
    layers = {name: more.pop(name) for name in list(more) if name in LAYERS}
    found = frames(list(base), list(plan), list(lines), **more)
    if slopes is not None:
        found = replace(found, base=found.base.assign(slope_class=slopes))
    if levels is not None:
        found = replace(found, lines=found.lines.assign(level=levels))
    return replace(found, **layers)


def check(code: str, drawn: Frames, rules: Standard | None = None) -> CheckResult:
    return CHECKS[code].function(drawn, rules or standard())


def found(result: CheckResult) -> dict[tuple[int | None, str], float]:
    """Area by zone and category; status and note must be those of a check that was made."""
    assert (result.status, result.note) == ("checked", "")
    return {(row.zone, row.category): round(row.area_m2, 2) for row in result.pieces.itertuples()}


def partly(result: CheckResult) -> tuple[str, tuple[str, ...], dict[tuple[int | None, str], float]]:
    """Note, what it names, and area by zone and category, of a check of which a part could not be made."""
    assert result.status == "partly"
    rows = result.pieces.itertuples()
    return result.note, result.named, {(row.zone, row.category): round(row.area_m2, 2) for row in rows}


def details(result: CheckResult) -> list[dict[str, Any]]:
    return list(result.pieces["detail"])
