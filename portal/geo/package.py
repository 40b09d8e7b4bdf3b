"""Our own data out as a GeoPackage: the writing side of the one door to GDAL. What is written here came from our tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

SRID = 4490


@dataclass(frozen=True)
class PackageLayer:
    """`columns`: name -> values, row by row; `geometry` lon/lat shapely or None, or None as a whole for a table."""

    name: str
    columns: Mapping[str, Sequence[Any]]
    geometry: np.ndarray | None


def write(path: Path, layers: Sequence[PackageLayer]) -> None:
    """Write the layers in their order; coordinates go out as the doubles they are."""
    for layer in layers:
        frame = pd.DataFrame({name: column(values) for name, values in layer.columns.items()})
        if layer.geometry is None:
            pyogrio.write_dataframe(frame, path, layer=layer.name, driver="GPKG", append=path.exists())
            continue
        shapes = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(layer.geometry, crs=SRID), crs=SRID)
        pyogrio.write_dataframe(
            shapes, path, layer=layer.name, driver="GPKG", append=path.exists(),
            promote_to_multi=False, geometry_type=geometry_type(layer.geometry),
        )  # fmt: skip


def geometry_type(geometry: np.ndarray) -> str:
    """One type where all shapes have it; else any type may follow."""
    types = {shape.geom_type for shape in geometry if shape is not None}
    return types.pop() if len(types) == 1 else "Unknown"


def column(values: Sequence[Any]) -> pd.Series:
    """Whole numbers with gaps stay whole numbers, true and false stay what they are; the rest as pandas sees it."""
    kinds = {type(v) for v in values if v is not None}
    if kinds == {int}:
        return pd.Series(values, dtype="Int64")
    if kinds == {bool}:
        return pd.Series(values, dtype="boolean")
    if kinds <= {int, float}:
        return pd.Series(values, dtype="float64")
    return pd.Series([None if v is None else str(v) for v in values], dtype=object)
