"""Which shapes made a number (数值图斑): the members of an indicator as rows and GeoJSON, for its own map.

Precise parcels and lines of the base data are internal (villages.rules.may_see_base_data); planned zones of a version one
may see are not. For readers without that right a part of a zone is shown as the whole zone, because where it was cut is
where a base-year parcel ends.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from django.core.cache import cache

from indicators.catalogue import INDICATORS
from indicators.compute.frames import LAYERS, Frames, shapes
from indicators.frames import frames_of
from indicators.models import Run
from indicators.profiles import standard_for
from planning.maps import UNKNOWN_COLOUR, classes
from portal.models import User
from villages.models import ControlLine, Corridor
from villages.rules import may_see_base_data
from villages.tables.facilities import FACILITY_KINDS

KEEP_SECONDS = 3600
MOST = 5_000
"""Shapes shown of one number, the largest first; `total` says how many there are. More than a phone draws, and than a village has."""

FORM = 1
"""Form of what is kept; raise it when `Members` changes."""

LAND = ("plan", "base")
"""Layers whose codes are land-use classes."""

OPEN = "plan"
"""The layer whose shapes are as public as the version."""


@dataclass(frozen=True)
class Members:
    """Shapes of a number, largest first. `hidden` were left out because the reader may not see base data."""

    features: list[dict[str, Any]]
    total: int
    total_m2: float
    hidden: int
    hidden_m2: float
    # beyond the MOST largest
    left_out: int


def members_of(run: Run, code: str, user: User) -> Members | None:
    """The members of an indicator as this reader may see them; None if it comes from a table and has no shapes."""
    if INDICATORS[code].shown is None:
        return None
    open_data = may_see_base_data(user, run.version.division_code)
    village = run.version.plan.village
    key = f"members-{FORM}:{run.digest[:40]}:{run.version_id}:{village.revision}:{code}:{int(open_data)}"
    kept = cache.get(key)
    if kept is None:
        kept = computed(run, code, open_data=open_data)
        cache.set(key, kept, KEEP_SECONDS)
    return kept


def computed(run: Run, code: str, *, open_data: bool) -> Members:
    """Read the layers the indicator looks at, and ask it which of their shapes it counted."""
    indicator = INDICATORS[code]
    frames = frames_of(run.version, {*(name for name in indicator.inputs if name in LAYERS), OPEN})
    rows = indicator.shown(frames, standard_for(run.version.plan.village))
    areas = rows["area_m2"].astype(float)
    seen = pd.Series(open_data, index=rows.index) | (rows["layer"] == OPEN)
    shown = rows[seen] if open_data else whole_zones(rows[seen], frames)
    shown = shown.sort_values("area_m2", ascending=False, na_position="last", kind="stable")
    return Members(
        features=features(shown.head(MOST), frames),
        left_out=max(len(shown) - MOST, 0),
        total=len(rows),
        total_m2=float(areas.sum()),
        hidden=int((~seen).sum()),
        hidden_m2=float(areas[~seen].sum()),
    )


def whole_zones(rows: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """Rows of zones with the shape of the whole zone, one for each; areas are those that were counted."""
    merged = rows.groupby("number", as_index=False, sort=False).agg(
        {"layer": "first", "code": "first", "area_m2": "sum", "note": "first"}
    )
    outline = dict(zip(frames.plan["number"], shapes(frames.plan), strict=True))
    return merged.assign(geom=np.array([outline.get(number) for number in merged["number"]], object))


def features(rows: pd.DataFrame, frames: Frames) -> list[dict[str, Any]]:
    known = classes(str(code) for code in rows["code"])
    label = dict(zip(frames.plan["number"], frames.plan["label"], strict=True)) if len(frames.plan) else {}
    return [
        {
            "type": "Feature",
            "id": place,
            "geometry": geojson(row.geom),
            "properties": {
                "row": place,
                "layer": row.layer,
                "number": None if pd.isna(row.number) else plain_number(row.number),
                "label": str(label.get(row.number, "")) if row.layer == OPEN else "",
                "code": str(row.code),
                "colour": known[row.code].colour if row.layer in LAND and row.code in known else UNKNOWN_COLOUR,
                "area_m2": None if pd.isna(row.area_m2) else float(row.area_m2),
                "note": row.note or "",
            },
        }
        for place, row in enumerate(rows.itertuples(), 1)
    ]


def named(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Properties of members with what their code means, in the reader's language: a class, a kind of line or facility."""
    known = classes(row["code"] for row in rows if row["layer"] in LAND)
    kinds = {
        "lines": dict(ControlLine.Kind.choices), "corridors": dict(Corridor.Kind.choices), "facilities": FACILITY_KINDS,
    }  # fmt: skip

    def name(row: dict[str, Any]) -> str:
        if row["layer"] in LAND:
            return known[row["code"]].name if row["code"] in known else row["code"]
        return str(kinds.get(row["layer"], {}).get(row["code"], row["code"]))

    return [{**row, "name": name(row)} for row in rows]


def plain_number(number: Any) -> Any:
    return int(number) if isinstance(number, int | float | np.integer | np.floating) else str(number)


def geojson(geom: shapely.Geometry | None) -> dict[str, Any] | None:
    """Longitude and latitude with nine decimals, as everywhere in the interface."""
    if geom is None or shapely.is_missing(geom) or shapely.is_empty(geom):
        return None
    return rounded(json.loads(shapely.to_geojson(geom)))


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, list):
        return [rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return value
