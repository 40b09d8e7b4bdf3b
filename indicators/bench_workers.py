"""The overlay shared out among worker processes, as Celery's are: forked, one portion of the county at a time.

Processes, not threads: shapely in two threads that share prepared geometries did not finish when it was measured.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from indicators.compute.frames import shapes

PORTIONS = 16
Overlay = Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], pd.Series]

_job: list[tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Overlay]] = []


@contextmanager
def crew(
    parcels: gpd.GeoDataFrame, control: gpd.GeoDataFrame, overlay: Overlay, workers: int
) -> Iterator[Callable[[], pd.Series]]:
    """Worker processes that wait; what is yielded does the whole job with them. They inherit the frames by forking."""
    _job[:] = [(parcels, control, overlay)]
    with multiprocessing.get_context("fork").Pool(workers) as pool:

        def work() -> pd.Series:
            found = pool.map(_portion, range(PORTIONS), chunksize=1)
            return pd.concat(found).groupby(level=[0, 1]).sum()

        yield work


def _portion(number: int) -> pd.Series:
    """One portion: parcels that lie next to each other in the file, which goes by place, and the lines that reach them."""
    parcels, control, overlay = _job[0]
    cuts = np.linspace(0, len(parcels), PORTIONS + 1).astype(int)
    part = parcels.iloc[cuts[number] : cuts[number + 1]]
    box = shapely.box(*shapely.total_bounds(shapes(part)))
    near = np.sort(shapely.STRtree(shapes(control)).query(box))
    return overlay(part, control.iloc[near])
