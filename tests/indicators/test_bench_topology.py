"""The topology benchmark: it times a check only when that finds every planted defect."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from indicators import bench_topology
from indicators.bench_county import County
from tests.portal.test_edges import grid


@pytest.fixture
def county(tmp_path):
    parcels = grid(16, 16, np.random.default_rng(1), vertices=4)
    path = tmp_path / "county.gpkg"
    gpd.GeoDataFrame(geometry=parcels, crs=4490).to_file(path, layer="parcels")
    gpd.GeoDataFrame(geometry=[shapely.coverage_union_all(parcels)], crs=4490).to_file(path, layer="villages")
    return County(path, path)


def test_it_measures_a_county_with_planted_defects(county, monkeypatch):
    monkeypatch.setattr(bench_topology, "DEFECTS", 15)
    (row,) = bench_topology.topology(county)
    assert row.name == "topology, 259 parcels, 15 defects"
    assert row.ratio == pytest.approx(row.ours / row.theirs)
    assert row.goal == 0.3


def test_every_kind_of_defect_is_planted_and_one_that_is_missed_fails(county):
    parcels = bench_topology.shapes(county, "parcels")
    outline = shapely.coverage_union_all(parcels)
    broken, defects = bench_topology.damaged(parcels, 10, np.random.default_rng(3))
    assert {defect.kind for defect in defects} == {"overlap", "gap", "sliver", "duplicate", "bow-tie"}
    bench_topology.check(broken, outline, defects)
    for defect in defects:
        with pytest.raises(AssertionError, match="1 of 1 planted defects"):
            bench_topology.check(parcels, outline, [defect])
