"""The overlay benchmark: it times two results only when they agree."""

import geopandas as gpd
import pytest
import shapely

from indicators import bench, bench_county, bench_peers, bench_workers
from indicators.compute.edges import EdgeSet
from indicators.compute.frames import shapes
from indicators.compute.plane import Plane
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


@pytest.fixture
def without_engines(monkeypatch):
    """DuckDB and SedonaDB are fetched from outside: a test has none."""
    monkeypatch.setattr(bench_peers, "measured", lambda *frames: iter(()))


def test_it_measures_both_kinds_of_lines_at_once_and_kept_then_workers_and_growth(county, without_engines):
    rows = list(bench.overlay(county, county, county))
    names = [(row.name, row.peer) for row in rows]
    for lines in ("across parcels", "along parcel edges"):
        assert (f"overlay {lines}, at once", "geopandas.overlay + groupby") in names
        assert (f"overlay {lines}, edges kept", "geopandas.overlay + groupby") in names
        assert (f"overlay {lines}, at once", "shapely: prepared covers + clip") in names
    assert names[-2:] == [
        ("overlay across parcels, two workers", "one worker"),
        ("overlay, 80 to 80 parcels", "the smaller, grown linearly"),
    ]
    for row in rows:
        assert row.ratio == pytest.approx(row.ours / row.theirs)
    goals = {(row.name.rsplit(", ")[-1], row.peer): row.goal for row in rows}
    assert goals["at once", "geopandas.overlay + groupby"] == 0.37
    assert goals["edges kept", "geopandas.overlay + groupby"] == 0.2
    assert goals["two workers", "one worker"] == pytest.approx(1 / 1.8)


def test_every_way_to_the_table_gives_the_same_areas(county):
    parcels, control = bench.read(county, "parcels"), bench.read(county, "control")
    plane = Plane.around(shapes(parcels), shapes(control))
    flat = [bench._on(plane, frame) for frame in (parcels, control)]
    edges = [EdgeSet.of(shapes(frame), plane) for frame in (parcels, control)]
    with bench_workers.crew(parcels, control, bench.ours, 2) as two:
        shared = two()
    for result in (bench.ours(parcels, control), bench.kept(parcels, control, *edges), bench.recipe(*flat), shared):
        bench._agree(result, bench.theirs(*flat))


def test_an_oracle_that_does_not_add_up_stops_the_bench(county):
    parcels, control = bench.read(county, "parcels"), bench.read(county, "control")
    flat = bench._on(Plane.around(shapes(control)), control)
    bench._covers_all(bench.ours(parcels, control), flat)
    with pytest.raises(AssertionError, match="differ"):
        bench._covers_all(bench.ours(parcels.iloc[1:], control), flat)


def test_engines_that_cannot_be_had_are_left_out_with_a_reason(county, monkeypatch, capsys):
    def refused():
        raise OSError("no network")

    monkeypatch.setattr(bench_county, "with_engines", refused)
    parcels, control = bench.read(county, "parcels"), bench.read(county, "control")
    assert list(bench_peers.measured(parcels, control)) == []
    assert "no network" in capsys.readouterr().err


def test_lines_along_edges_hold_whole_parcels(county):
    parcels, control = bench.read(county, "parcels"), bench.read(county, "control")
    along = bench_county.along_edges(parcels, control)
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
