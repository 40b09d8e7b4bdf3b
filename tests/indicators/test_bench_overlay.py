"""The overlay benchmark: it times two results only when they agree."""

import geopandas as gpd
import pytest
import shapely

from indicators import bench
from indicators.compute.frames import shapes
from tests.indicators.frames_for_tests import cells, in_lonlat, stars


@pytest.fixture
def county(tmp_path):
    """A tiny county as the generator of the benchmark writes it: one GeoPackage with two layers."""
    parcels, lines = in_lonlat(*cells(80, seed=1)), in_lonlat(*stars(6, seed=1))
    path = tmp_path / "county.gpkg"
    codes = [("0101", "0703")[i % 2] for i in range(len(parcels))]
    gpd.GeoDataFrame({"dlbm": codes}, geometry=parcels, crs=4490).to_file(path, layer="parcels")
    kinds = [("PBF", "ERL")[i % 2] for i in range(len(lines))]
    gpd.GeoDataFrame({"kind": kinds}, geometry=lines, crs=4490).to_file(path, layer="control")
    return path


def test_it_measures_lines_across_parcels_and_along_their_edges(county):
    rows = bench.overlay(county, county)
    assert [row.name for row in rows] == ["overlay, lines across parcels", "overlay, lines along parcel edges"]
    for row in rows:
        assert row.ratio == pytest.approx(row.ours / row.theirs)
        assert row.goal == 0.5


def test_lines_along_edges_hold_whole_parcels(county):
    parcels, control = bench.read(county, "parcels"), bench.read(county, "control")
    along = bench.along_edges(parcels, control)
    ground = shapes(parcels)[:, None]
    shares, whole = shapely.area(shapely.intersection(ground, shapes(along)[None, :])), shapely.area(ground)
    assert len(along)
    assert ((shares < 1e-9 * whole) | (shares > (1 - 1e-9) * whole)).all()


def test_results_that_differ_are_not_timed(county):
    parcels, control = bench.read(county, "parcels"), bench.read(county, "control")
    right = bench.ours(parcels, control)
    bench._agree(right, right * (1 + 1e-8))
    with pytest.raises(AssertionError, match="differ"):
        bench._agree(right, right * (1 + 1e-5))
    with pytest.raises(AssertionError, match="differ"):
        bench._agree(right, right.iloc[1:])
