"""The rules of geometry as a person meets them: in the report on a file, each with its row and place."""

import geopandas
import pytest
import shapely
from shapely.affinity import translate

from planning import imports
from planning.quality.registry import RULES, catalogue
from portal.geo.tolerances import DEFAULT_RULES
from tests.grid import cell
from tests.planning.test_import_plan import frame, give, save


def rule_of(outcome: imports.Outcome, code: str) -> dict:
    return next(r for r in outcome.report["rules"] if r["code"] == code)


def rows_of(outcome: imports.Outcome, code: str) -> set[int | None]:
    return {i.row for i in outcome.issues if i.code == code}


def with_shape(row: int, shape: shapely.Geometry) -> geopandas.GeoDataFrame:
    table = frame()
    table.geometry = [shape if n == row else s for n, s in enumerate(table.geometry, 1)]
    return table


def split_in_two() -> geopandas.GeoDataFrame:
    west, south, east, north = frame().geometry[0].bounds
    middle = (west + east) / 2
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    return with_shape(1, shapely.MultiPolygon(halves))


def twice_the_same_vertex() -> geopandas.GeoDataFrame:
    ring = list(frame().geometry[2].exterior.coords)
    return with_shape(3, shapely.Polygon([ring[0], *ring]))


def needle() -> geopandas.GeoDataFrame:
    """A spike along a border: half a degree wide, 500 m long."""
    west, south, east, north = frame().geometry[4].bounds
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    tip = (west + (east - west) * 0.6, south + (north - south) * 0.5)
    root = (west, south + (north - south) * 0.5)
    return with_shape(5, shapely.Polygon([*ring[:4], root, tip, (root[0], root[1] - 2e-6), ring[0]]))


@pytest.mark.parametrize(
    ("code", "make", "row"), [("G3", split_in_two, 1), ("G4", twice_the_same_vertex, 3), ("G9", needle, 5)]
)
def test_a_blemish_of_one_zone_is_a_warning_with_its_row(code, make, row, village, tmp_path):
    outcome = give(save(make(), tmp_path / "plan.gpkg"), village)
    assert rows_of(outcome, code) == {row}
    assert rule_of(outcome, code)["state"] == "failed"
    assert rule_of(outcome, code)["errors"] == 0
    assert rule_of(give(save(frame(), tmp_path / "good.gpkg"), village), code)["state"] == "passed"


def test_heights_are_dropped_and_told(village, tmp_path):
    table = frame()
    table.geometry = shapely.force_3d(table.geometry.values, 57.5)
    outcome = give(save(table, tmp_path / "plan.gpkg"), village)
    assert outcome.accepted
    assert rule_of(outcome, "G2")["warnings"] == 1
    assert not any(z.geom.hasz for z in outcome.version.zones.all())


def test_base_and_plan_must_cover_the_same_ground(village, tmp_path):
    path = tmp_path / "plan.gpkg"
    frame().to_file(path, layer="GHYDYH")
    base = geopandas.GeoDataFrame(
        {"DLBM": ["0102"] * 9}, geometry=[cell(0, r, 10, 1).geoms[0] for r in range(9)], crs=4490
    )
    base.to_file(path, layer="JQYDYH")
    outcome = give(path, village)
    assert not outcome.accepted
    (issue,) = [i for i in outcome.issues if i.code == "G10"]
    assert issue.params["area_m2"] == pytest.approx(rule_area(cell(0, 9, 10, 1).geoms[0]), rel=1e-6)
    alone = give(save(frame(), tmp_path / "alone.gpkg"), village)
    assert rule_of(alone, "G10")["state"] == "not_applicable"


def rule_area(shape: shapely.Geometry) -> float:
    from portal.geo.crs import area_m2

    return float(area_m2([shape])[0])


def test_a_shifted_copy_overlaps_and_says_with_which_row(village, tmp_path):
    table = frame()
    table.geometry = [*table.geometry[:9], translate(table.geometry[8], yoff=0.0002)]
    outcome = give(save(table, tmp_path / "plan.gpkg"), village)
    assert {(i.row, i.params["other"]) for i in outcome.issues if i.code == "G5"} == {(9, 10)}


def test_every_rule_of_the_catalogue_has_its_function_and_its_defaults_agree():
    assert set(RULES) == set(catalogue())
    for code, entry in catalogue().items():
        assert DEFAULT_RULES["levels"].get(code, entry["level"]) == entry["level"], code
        for name, value in entry.get("tolerances", {}).items():
            assert DEFAULT_RULES["tolerances"].get(name, value) == value, (code, name)
