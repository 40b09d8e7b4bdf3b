"""What all measures share: a row, medians; and the overlay, which `manage.py bench overlay` measures.

Needs the benchmark county: a file with parcels (a class in `dlbm`) and one with control lines (`kind`), in lon/lat.
"""

import gc
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from indicators import bench_peers, bench_workers
from indicators.bench_county import along_edges
from indicators.compute.edges import EdgeSet
from indicators.compute.frames import shapes
from indicators.compute.overlay import areas_by, pair_areas, pair_areas_kept
from indicators.compute.plane import Plane

AT_ONCE = 0.37
KEPT = 0.2
AHEAD = 1.0
WORKERS = 1 / 1.8
LINEAR = 1.1
RECIPE = "shapely: prepared covers + clip"
RUNS = 3
AGREE = 1e-6


class Row(NamedTuple):
    """One measure: our seconds, what it is measured against, its seconds, ours / its, and the ratio to stay below.

    What is no time is in `unit`.
    """

    name: str
    ours: float
    peer: str
    theirs: float
    ratio: float
    goal: float
    unit: str = "s"


def overlay(
    parcels_path: str | Path, control_path: str | Path, smaller_path: str | Path | None = None
) -> Iterator[Row]:
    """Areas by kind of line and land-use class, on one thread: ours from lon/lat at once, and from kept edges.

    Twice: control lines as given, which cross parcels at random, and lines that follow parcel edges, as real ones do.
    All others get their polygons already on the equal-area plane, at no cost. Then two workers against one, and the
    cost beside that of a county with a tenth of the parcels (`smaller_path`).
    """
    parcels, control = read(parcels_path, "parcels"), read(control_path, "control")
    yield from _variant("across parcels", parcels, control)
    yield from _variant("along parcel edges", parcels, along_edges(parcels, control))
    yield _workers(parcels, control)
    if smaller_path:
        yield _growth(parcels, control, smaller_path)


def read(path: str | Path, layer: str) -> gpd.GeoDataFrame:
    """A Parquet file, or a layer of a GeoPackage."""
    return gpd.read_parquet(path) if Path(path).suffix == ".parquet" else gpd.read_file(path, layer=layer)


def ours(parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> pd.Series:
    """Area (m²) by kind and class with compute.overlay, from lon/lat."""
    return _summed(parcels, control, *pair_areas(shapes(parcels), shapes(control)))


def kept(
    parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame, parcel_edges: EdgeSet, control_edges: EdgeSet
) -> pd.Series:
    """The same from edges that were prepared before."""
    return _summed(parcels, control, *pair_areas_kept(parcel_edges, control_edges))


def _summed(
    parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame, parcel: np.ndarray, line: np.ndarray, area: np.ndarray
) -> pd.Series:
    table = areas_by(control["kind"].to_numpy()[line], parcels["dlbm"].to_numpy()[parcel], area)
    return table.set_index(["first", "second"])["area_m2"]


def theirs(parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> pd.Series:
    """The same with GeoPandas, from frames on an equal-area plane."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it tells of points and lines it drops where polygons touch
        pieces = gpd.overlay(parcels[["dlbm", "geometry"]], control[["kind", "geometry"]], how="intersection")
    return pieces.area.groupby([pieces["kind"], pieces["dlbm"]]).sum()


def recipe(parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> pd.Series:
    """The strongest recipe written by hand of a library's parts: tree, prepared covers, clip only the rest (shapely)."""
    ground, lines = shapes(parcels), shapes(control)
    line, parcel = shapely.STRtree(ground).query(lines, predicate="intersects")
    shapely.prepare(lines)
    area = shapely.area(ground)[parcel]
    rest = ~shapely.covers(lines[line], ground[parcel])
    area[rest] = shapely.area(shapely.intersection(ground[parcel[rest]], lines[line[rest]]))
    shapely.destroy_prepared(lines)
    return _summed(parcels, control, parcel, line, area)


def _variant(name: str, parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> Iterator[Row]:
    """Ours and the others' on the same lines, each result compared before it is timed."""
    plane = Plane.around(shapes(parcels), shapes(control))
    flat = [_on(plane, frame) for frame in (parcels, control)]
    edges = [EdgeSet.of(shapes(frame), plane) for frame in (parcels, control)]
    works = (
        lambda: ours(parcels, control),
        lambda: kept(parcels, control, *edges),
        lambda: theirs(*flat),
        lambda: recipe(*flat),
    )
    results = [work() for work in works]
    for result in results:
        _agree(result, results[2])
    _covers_all(results[1], flat[1])
    at_once, again, library, by_hand = medians(*works)
    yield Row(f"overlay {name}, at once", at_once, "geopandas.overlay + groupby", library, at_once / library, AT_ONCE)
    yield Row(f"overlay {name}, edges kept", again, "geopandas.overlay + groupby", library, again / library, KEPT)
    yield Row(f"overlay {name}, at once", at_once, RECIPE, by_hand, at_once / by_hand, AHEAD)
    yield Row(f"overlay {name}, edges kept", again, RECIPE, by_hand, again / by_hand, AHEAD)
    for engine, seconds, result in bench_peers.measured(*flat):
        _agree(result, results[2])
        (beside,) = medians(works[0])  # right after it: who else uses the machine now did so a minute ago
        yield Row(f"overlay {name}, at once", beside, engine, seconds, beside / seconds, AHEAD)


def _covers_all(areas: pd.Series, control: gpd.GeoDataFrame) -> None:
    """The oracle: parcels tile the county, so what lies under a kind of line adds up to the area of that kind."""
    whole = control.geometry.area.groupby(control["kind"].to_numpy()).sum()
    _agree(areas.groupby(level=0).sum(), whole)


def _workers(parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> Row:
    """The same job in portions of the county: one worker process doing all, and two sharing them."""
    with bench_workers.crew(parcels, control, ours, 1) as alone, bench_workers.crew(parcels, control, ours, 2) as two:
        _agree(two(), ours(parcels, control))
        shared, single = medians(two, alone)
    return Row("overlay across parcels, two workers", shared, "one worker", single, shared / single, WORKERS)


def _growth(parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame, smaller_path: str | Path) -> Row:
    """Ours on a tenth of the parcels, times the ratio of their numbers: what linear growth would cost."""
    fewer, lines = read(smaller_path, "parcels"), read(smaller_path, "control")
    whole, part = medians(lambda: ours(parcels, control), lambda: ours(fewer, lines))
    linear = part * len(parcels) / len(fewer)
    name = f"overlay, {len(fewer):,} to {len(parcels):,} parcels"
    return Row(name, whole, "the smaller, grown linearly", linear, whole / linear, LINEAR)


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
