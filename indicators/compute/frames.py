"""What goes into measures and checks, and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Frames:
    """Everything a measure may look at; polygons are valid and in lon/lat of CGCS2000.

    base     base-year parcels (现状图斑): number, code, area_m2, and the polygon
    plan     planned zones (规划地块): number, code, area_m2, and the polygon
    lines    control lines (控制线) valid on the day: kind, and the polygon
    village  area_m2, geom (outline), population (户籍人口), households (户数); what is unknown is missing or None

    The polygon is the active geometry of a GeoDataFrame, or a column `geom`. `area_m2` is the ellipsoidal area the
    database keeps.
    """

    base: pd.DataFrame
    plan: pd.DataFrame
    lines: pd.DataFrame
    village: Mapping[str, Any] = field(default_factory=dict)

    def lines_of(self, *kinds: str) -> np.ndarray:
        """Polygons of the lines of these kinds."""
        return shapes(self.lines[self.lines["kind"].isin(kinds)])


def shapes(frame: pd.DataFrame) -> np.ndarray:
    """The polygons of a frame as an array."""
    return np.asarray(frame.geometry if isinstance(frame, gpd.GeoDataFrame) else frame["geom"], dtype=object)


@dataclass(frozen=True)
class Measure:
    """The value of an indicator with what it was made of; `note` says why a value is missing or what it left open."""

    value: float | None
    unit: str
    numerator: float | None = None
    numerator_unit: str = ""
    denominator: float | None = None
    denominator_unit: str = ""
    base_value: float | None = None
    note: str = ""


@dataclass(frozen=True)
class CheckResult:
    """Conflicts a check found, one row per zone and category: zone, code, category, area_m2, geom (lon/lat).

    Without the lines it looks at, a check has not been passed: its status is then not_applicable, and `note` says why.
    """

    status: str  # "checked" or "not_applicable"
    pieces: pd.DataFrame
    note: str = ""
