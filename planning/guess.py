"""A first guess of the mapping of a file, for the mapping page: a person looks at it and decides."""

from collections import Counter
from typing import Any

import numpy as np

from planning.models import LandUseClass
from planning.schema import Profile, match
from planning.values import as_code, clean
from portal.geo import crs

PREVIEW_ROWS = 10
SAMPLE_ROWS = 1000  # what a column is, its first thousand values tell
AREA_AGREES = 0.01  # relative; planar and ellipsoidal areas differ by far less
OURS = ("code", "area_m2", "label", "remark")
LABEL_NAMES = ("bsm", "dkbh", "tbbh", "编号", "objectid")


def preview(layers: list[Any], profile: Profile) -> dict[str, Any]:
    """What the mapping page shows of a file: layers, fields, ten rows, guessed columns, values that are no known code."""
    matched = match(layers, profile)
    zones = next((m for m in matched if m.spec.role == "zones"), None)
    used = {m.layer.name for m in matched}
    layer = zones.layer if zones else max(layers, key=lambda x: len(x.rows))
    names = class_names()
    columns = guess_columns(layer, names)
    if zones:  # the profile's own columns go before a guess from the values
        columns |= {means: column for means in OURS if (column := zones.column(means))}
    return {
        "layers": [{"name": x.name, "rows": len(x.rows), "crs": x.crs_text, "encoding": x.encoding} for x in layers],
        "layer": layer.name,
        "fields": list(layer.fields),
        "rows": [[shown(v) for v in row] for row in layer.rows.head(PREVIEW_ROWS).itertuples(index=False)],
        "columns": columns,
        "values": code_values(layer, columns.get("code"), profile.codes, names),
        "notes": [
            *({"layer": x.name, **note} for x in layers for note in x.notes),
            *({"layer": x.name, "reason": "layer_left_out"} for x in layers if x.name not in used),
        ],
    }


def shown(value: Any) -> str:
    value = clean(value)
    return "" if value is None else str(value)[:100]


def class_names() -> dict[str, str]:
    """Chinese name and code of every class -> code, so that a file may hold either."""
    known = LandUseClass.objects.filter(code_version="2023").order_by("-level")
    return {name: c.code for c in known for name in (c.name_zh, c.name_zh.removesuffix("用地"), c.code)}


def guess_columns(layer: Any, names: dict[str, str]) -> dict[str, str]:
    """Column for code, area and label: the one whose values fit best; none rather than a bad one."""
    columns = {}
    sample = layer.rows.head(SAMPLE_ROWS)
    shares = {f: share_known(sample[f].tolist(), names) for f in layer.fields}
    best = max(shares, key=lambda f: shares[f], default=None)
    if best is not None and shares[best] > 0:
        columns["code"] = best
    true_m2 = crs.area_m2(layer.geometry[:SAMPLE_ROWS])
    area = next((f for f in layer.fields if is_area(sample[f].tolist(), true_m2)), None)
    if area is not None:
        columns["area_m2"] = area
    label = next((f for f in layer.fields if str(f).lower() in LABEL_NAMES), None)
    if label is not None:
        columns["label"] = label
    return columns


def share_known(values: list[Any], names: dict[str, str]) -> float:
    texts = [as_code(v) for v in map(clean, values) if v is not None]
    return sum(t in names for t in texts) / len(texts) if texts else 0.0


def is_area(values: list[Any], true_m2: np.ndarray) -> bool:
    """True if four fifths of the values agree with the ellipsoidal area within one per cent."""
    try:
        stated = np.array([np.nan if v is None else float(v) for v in map(clean, values)])
    except (TypeError, ValueError):
        return False
    if not len(stated):
        return False
    with np.errstate(invalid="ignore", divide="ignore"):
        agrees = np.abs(stated - true_m2) <= AREA_AGREES * true_m2
    return float(agrees.mean()) >= 0.8


def code_values(layer: Any, field: str | None, codes: dict[str, str], names: dict[str, str]) -> list[dict[str, Any]]:
    """Each value of the code column with its count and the class it becomes, or none: the worklist of the mapping page."""
    if field is None:
        return []
    counts = Counter(as_code(v) for v in map(clean, layer.rows[field].tolist()) if v is not None)
    return [{"value": v, "count": n, "code": codes.get(v) or names.get(v)} for v, n in counts.most_common(300)]
