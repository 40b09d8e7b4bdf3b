"""Overlay measured against GeoPandas in one run; `manage.py bench overlay` prints the rows.

Needs the benchmark county: a file with parcels (a class in `dlbm`) and one with control lines (`kind`), in lon/lat.
"""

import gc
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from indicators.compute.frames import shapes
from indicators.compute.overlay import areas_by, pair_areas
from indicators.compute.plane import Plane

GOAL = 0.5
RUNS = 3
AGREE = 1e-6


class Row(NamedTuple):
    """One measure: our seconds, what it is measured against, its seconds, ours / its, and the ratio to stay below."""

    name: str
    ours: float
    peer: str
    theirs: float
    ratio: float
    goal: float


def overlay(parcels_path: str | Path, control_path: str | Path) -> list[Row]:
    """Areas by kind of line and land-use class: ours from lon/lat, against geopandas.overlay and groupby.

    Twice: control lines as given, which cross parcels at random, and lines that follow parcel edges, as real ones do.
    GeoPandas gets its frames already on the equal-area plane, at no cost; ours starts from storage.
    """
    parcels, control = read(parcels_path, "parcels"), read(control_path, "control")
    return [
        _row("overlay, lines across parcels", parcels, control),
        _row("overlay, lines along parcel edges", parcels, along_edges(parcels, control)),
    ]


def read(path: str | Path, layer: str) -> gpd.GeoDataFrame:
    """A Parquet file, or a layer of a GeoPackage."""
    return gpd.read_parquet(path) if Path(path).suffix == ".parquet" else gpd.read_file(path, layer=layer)


def along_edges(parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Each control line replaced by the union of the parcels whose centroid it holds: all its edges are parcel edges."""
    ground = shapes(parcels)
    line, parcel = shapely.STRtree(shapely.centroid(ground)).query(shapes(control), predicate="contains")
    order = np.argsort(line, kind="stable")
    lines, first = np.unique(line[order], return_index=True)
    unions = [shapely.coverage_union_all(ground[group]) for group in np.split(parcel[order], first[1:])]
    return gpd.GeoDataFrame({"kind": control["kind"].to_numpy()[lines]}, geometry=unions, crs=control.crs)


def ours(parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> pd.Series:
    """Area (m²) by kind and class with compute.overlay."""
    parcel, line, area = pair_areas(shapes(parcels), shapes(control))
    table = areas_by(control["kind"].to_numpy()[line], parcels["dlbm"].to_numpy()[parcel], area)
    return table.set_index(["first", "second"])["area_m2"]


def theirs(parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> pd.Series:
    """The same with GeoPandas, from frames on an equal-area plane."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it tells of points and lines it drops where polygons touch
        pieces = gpd.overlay(parcels[["dlbm", "geometry"]], control[["kind", "geometry"]], how="intersection")
    return pieces.area.groupby([pieces["kind"], pieces["dlbm"]]).sum()


def _row(name: str, parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> Row:
    plane = Plane.around(shapes(parcels), shapes(control))
    flat = [_on(plane, frame) for frame in (parcels, control)]
    _agree(ours(parcels, control), theirs(*flat))
    mine, peer = medians(lambda: ours(parcels, control), lambda: theirs(*flat))
    return Row(name, mine, "geopandas.overlay + groupby", peer, mine / peer, GOAL)


def _on(plane: Plane, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(frame.drop(columns=frame.geometry.name), geometry=plane.flatten(shapes(frame)))


def _agree(first: pd.Series, second: pd.Series) -> None:
    """Refuse to time two results that differ: each class and kind to 1e-6 of its area."""
    both = pd.concat([first, second], axis=1).fillna(0.0)
    apart = (both.iloc[:, 0] - both.iloc[:, 1]).abs() / both.max(axis=1)
    if apart.max() > AGREE:
        raise AssertionError(f"the results differ by {apart.max():.2e} of the area at {apart.idxmax()}")


def medians(*works: Callable[[], object]) -> list[float]:
    """Median seconds of each, run in turn: a machine that is busy for a while slows both.

    Without the garbage collector, as timeit does: its rounds depend on what else the process holds.
    """
    seconds: list[list[float]] = [[] for _ in works]
    gc.disable()
    try:
        for _ in range(RUNS):
            for work, spent in zip(works, seconds, strict=True):
                began = time.perf_counter()
                work()
                spent.append(time.perf_counter() - began)
    finally:
        gc.enable()
    return [statistics.median(spent) for spent in seconds]
