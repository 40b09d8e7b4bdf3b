"""What goes into measures and checks, and what comes out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

LAYERS = {
    "base": ["number", "code", "area_m2", "slope_class", "settlement", "quality"],
    "plan": ["number", "code", "area_m2", "label", "attributes"],
    "lines": ["number", "kind", "area_m2", "level", "name"],
    "roads": ["kind", "name", "width_m", "hardened"],
    "corridors": ["kind", "name"],
    "facilities": ["kind", "name"],
    "households": ["number", "persons", "homesteads", "homestead_m2", "remark"],
    "projects": ["number", "name", "kind"],
    "features": ["layer", "number", "attributes"],
}
"""Columns of each frame beside `geom`; households have none."""


def no_rows(layer: str) -> pd.DataFrame:
    """The empty frame of a layer."""
    columns = LAYERS[layer] if layer == "households" else [*LAYERS[layer], "geom"]
    return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})


class Table:
    """A layer as plain arrays, with what checks ask of a frame: columns by name, rows by position. Around a polygon that is
    drawn lie a few things of a kind, and making frames of them takes longer than checking them."""

    def __init__(self, columns: Mapping[str, np.ndarray]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def take(self, positions: np.ndarray) -> "Table":
        return Table({name: values[positions] for name, values in self.columns.items()})


Layer = pd.DataFrame | Table


@dataclass(frozen=True)
class Frames:
    """Everything a measure may look at, columns as in LAYERS; polygons are valid and in lon/lat of CGCS2000.

    base        base-year parcels (现状图斑)
    plan        planned zones (规划地块); `attributes` is what the file says beside class and area
    lines       control lines (控制线) valid on the day
    village     area_m2, geom (outline), type, terrain, base_year, target_year, and its facts by code (population 户籍人口,
                households 户数, …); what is unknown is missing or None
    roads       roads (道路) of the village or the county that come near it, lines
    corridors   railways, power lines, pipelines, river banks that come near it (线性设施), lines
    facilities  public facilities (公共服务设施) of the village and near it, points
    households  households (农户) of the village
    projects    projects of the version (近期项目); their geometry may be None
    features    other layers of the plan file as they came (GGFWSS, GHDL, ZJD, …); their geometry may be None
    sheet       where checks of a polygon that is drawn keep what they share (conflicts/sheets.py); None for a plan

    The polygon is the active geometry of a GeoDataFrame, or a column `geom`. `area_m2` is the ellipsoidal area the
    database keeps. Checks that can judge a polygon while it is drawn are handed Tables for it; everything else gets
    DataFrames.
    """

    base: Layer
    plan: Layer
    lines: Layer
    village: Mapping[str, Any] = field(default_factory=dict)
    roads: pd.DataFrame = field(default_factory=partial(no_rows, "roads"))
    corridors: pd.DataFrame = field(default_factory=partial(no_rows, "corridors"))
    facilities: pd.DataFrame = field(default_factory=partial(no_rows, "facilities"))
    households: pd.DataFrame = field(default_factory=partial(no_rows, "households"))
    projects: pd.DataFrame = field(default_factory=partial(no_rows, "projects"))
    features: pd.DataFrame = field(default_factory=partial(no_rows, "features"))
    sheet: Any = None

    def lines_of(self, *kinds: str) -> np.ndarray:
        """Polygons of the lines of these kinds."""
        return shapes(of_kinds(self.lines, kinds))


def of_kinds(layer: Layer, kinds: Iterable[str]) -> Layer:
    """The rows of these kinds."""
    wanted = set(kinds)
    return layer.take([n for n, kind in enumerate(layer["kind"]) if kind in wanted])


def shapes(frame: Layer) -> np.ndarray:
    """The polygons of a frame as an array."""
    return np.asarray(frame.geometry if isinstance(frame, gpd.GeoDataFrame) else frame["geom"], dtype=object)


@dataclass(frozen=True)
class Measure:
    """The value of an indicator with what it was made of; `note` says why a value is missing or what it left open.

    value = numerator / denominator · scale (scale 1/10,000 for m² as ha, 100 for per cent), the base value likewise.
    `parts` are the rows of a value made of several (one per facility type, per ecosystem).
    """

    value: float | None
    unit: str
    numerator: float | None = None
    numerator_unit: str = ""
    denominator: float | None = None
    denominator_unit: str = ""
    base_value: float | None = None
    base_numerator: float | None = None
    base_denominator: float | None = None
    note: str = ""
    parts: tuple[Mapping[str, Any], ...] = ()


class Piece(NamedTuple):
    """A conflict a check found; its shape is in lon/lat.

    zone is the number of a zone or None, code its class; subject names what is in conflict where it is no zone (a
    household's number, a project's); geom may be None; detail holds figures for the sentence.
    """

    zone: int | None
    code: str
    category: str
    area_m2: float
    geom: Any
    subject: str
    detail: dict[str, Any]


PIECES = list(Piece._fields)


@dataclass(frozen=True)
class CheckResult:
    """The conflicts a check found. Without the lines it looks at, a check has not been passed: its status is then
    not_applicable, and `note` says why. One of which a part could not be made is `partly`, and `note` says which part.
    `named` is what the note speaks of by name, such as levels of lines that no rule lists."""

    status: str  # "checked", "partly" or "not_applicable"
    found: Sequence[Piece] | pd.DataFrame
    note: str = ""
    named: tuple[str, ...] = ()

    @cached_property
    def pieces(self) -> pd.DataFrame:
        """The same as a frame."""
        if isinstance(self.found, pd.DataFrame):
            return self.found
        columns = zip(*self.found, strict=True) if self.found else ((),) * len(PIECES)
        frame = pd.DataFrame(
            {name: pd.Series(values, dtype=object) for name, values in zip(PIECES, columns, strict=True)}
        )
        return frame.astype({"area_m2": float})
