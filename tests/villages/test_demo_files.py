"""The plan files of the demo county: they hold the plans that were drawn, or the one defect they promise."""

import zipfile

import numpy as np
import pyogrio
import pytest
import shapely

from tests.villages.demo_case import DATA, outline_of, plane
from villages.demo import files, generator, liugou, wubu
from villages.demo.geodesy import area_m2, project
from villages.demo.tables import LAND_USE


@pytest.fixture(scope="module")
def county():
    return generator.county()


# Files

FILES = {
    "liugou_v1.gpkg": (liugou.CODE, "v1", 4490),
    "liugou_v2.zip": (liugou.CODE, "v2", 4527),
    "wubu_v1.geojson": (wubu.CODE, "v1", 4490),
    "wubu_v1_cm117.gpkg": (wubu.CODE, "v1", 4548),
}


def read(name, layer="GHYDYH", folder=DATA):
    path = f"/vsizip/{folder / name}/{layer}.shp" if name.endswith(".zip") else folder / name
    return pyogrio.read_dataframe(path, layer=layer)


@pytest.mark.parametrize("name", FILES)
def test_plan_files_hold_the_drawn_plan(county, name):
    code, version, epsg = FILES[name]
    table, zones = read(name), county.complete[code].plans[version].zones
    assert list(table.columns) == ["BSM", "YSDM", "XZQDM", "XZQMC", "YDYHFLDM", "YDYHFLMC", "TBMJ", "BZ", "geometry"]
    assert table["YDYHFLDM"].tolist() == [z.code for z in zones]
    assert table["YDYHFLMC"].tolist() == [LAND_USE[z.code] for z in zones]
    assert table["BZ"].fillna("").tolist() == [z.remark for z in zones]
    assert set(table["XZQDM"]) == {code}
    assert table["BSM"].is_unique
    assert np.allclose(table["TBMJ"], [area_m2(z.geom) for z in zones], atol=0.006, rtol=0)
    stored = project(table.geometry.values, epsg, 4490)
    drawn = np.array([z.geom for z in zones])
    assert shapely.hausdorff_distance(stored, drawn).max() < 1e-8  # degrees: a millimetre


@pytest.mark.parametrize("name", FILES)
def test_zones_in_files_leave_no_gap_or_overlap_of_a_millimetre(county, name):
    code, _, epsg = FILES[name]
    geoms = plane(project(read(name).geometry.values, epsg, 4490))
    outline = plane([outline_of(county, code)])[0]
    union = shapely.union_all(geoms, grid_size=0.001)
    assert shapely.area(geoms).sum() == pytest.approx(outline.area, abs=0.05)
    assert union.symmetric_difference(outline).buffer(-0.0005).is_empty
    assert union.area == pytest.approx(outline.area, abs=union.length * 0.001)


@pytest.mark.parametrize(("name", "prefix"), [("liugou_v2.zip", 39_000_000), ("wubu_v1_cm117.gpkg", 0)])
def test_projected_files_carry_the_zone_prefix_or_not(name, prefix):
    assert (read(name).total_bounds[[0, 2]] - prefix).max() < 1_000_000
    assert read(name).total_bounds[0] > prefix + 400_000


def test_projects_name_money_and_years():
    for name in ("liugou_v1.gpkg", "liugou_v2.zip", "wubu_v1_cm117.gpkg"):
        table = read(name, "ZDXM")
        assert list(table.columns) == [
            "XMBH", "XMMC", "XMLX", "TZE", "ZJLY", "KSNF", "JSNF", "XMZT", "BZ", "geometry",
        ]  # fmt: skip
        assert (table["TZE"] > 0).all()
        assert (table["KSNF"] <= table["JSNF"]).all()
        assert table["XMBH"].is_unique


def test_the_shapefile_is_in_gbk_and_says_so():
    assert b"GBK" in read_member("liugou_v2.zip", "GHYDYH.cpg")
    assert "农村社区服务设施用地".encode("gbk") in read_member("liugou_v2.zip", "GHYDYH.dbf")


def read_member(name, member):
    with zipfile.ZipFile(DATA / name) as archive:
        return archive.read(member)


def test_writing_the_files_again_gives_the_files_in_the_repository(tmp_path):
    files.write_all(tmp_path)
    for path in sorted(tmp_path.iterdir()):
        kept = DATA / path.name
        assert kept.stat().st_size < 1_000_000
        if path.suffix in (".gpkg", ".zip"):
            new, old = read(path.name, folder=tmp_path), read(path.name)
            assert new.drop(columns="geometry").equals(old.drop(columns="geometry"))
            assert shapely.equals_exact(new.geometry.values, old.geometry.values, 1e-9).all()
        else:
            assert path.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8"), path.name


def test_writing_the_files_twice_gives_the_same_bytes(tmp_path):
    first, second = files.write_all(tmp_path / "a"), files.write_all(tmp_path / "b")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


# Files with a defect


def spoiled(name):
    """The table of a bad file and the good one it was made from."""
    good = read("liugou_v2.zip")
    return read(name), good.set_geometry(project(good.geometry.values, 4527, 4490), crs=4490)


def changed_rows(bad, good):
    """1-based rows whose geometry moved by more than re-projection noise."""
    away = shapely.hausdorff_distance(bad.geometry.values, good.geometry.values)
    return (np.flatnonzero(away > 1e-8) + 1).tolist()


def promised_rows(name):
    """What the table in the README says: rule and rows."""
    line = next(x for x in (DATA / "README.md").read_text(encoding="utf-8").splitlines() if x.startswith(f"| {name} "))
    _, _, rule, rows, *_ = (cell.strip() for cell in line.split("|"))
    return rule, [] if rows == "–" else [int(row) for row in rows.split(",")]


def overlapping_rows(geoms):
    tree = shapely.STRtree(geoms)
    a, b = tree.query(geoms, predicate="overlaps")
    hit = shapely.area(shapely.intersection(geoms[a], geoms[b])) > 0.01
    return sorted(set((a[hit] + 1).tolist()))


def test_bad_overlap_overlaps_its_neighbours_and_nothing_else(county):
    bad, good = spoiled("bad_overlap.geojson")
    rule, rows = promised_rows("bad_overlap.geojson")
    assert rule == "G5"
    assert len(changed_rows(bad, good)) == 1
    assert overlapping_rows(plane(bad.geometry)) == rows
    assert np.allclose(bad["TBMJ"], [area_m2(g) for g in bad.geometry], atol=0.006)
    assert shapely.is_valid(bad.geometry.values).all()
    union = shapely.union_all(plane(bad.geometry), grid_size=0.001)
    assert union.symmetric_difference(plane([outline_of(county, liugou.CODE)])[0]).buffer(-0.001).is_empty


def test_bad_gap_leaves_a_hole_and_nothing_else(county):
    bad, good = spoiled("bad_gap.geojson")
    assert promised_rows("bad_gap.geojson") == ("G6", [])
    assert len(changed_rows(bad, good)) == 1
    geoms = plane(bad.geometry)
    gap = plane([outline_of(county, liugou.CODE)])[0].difference(shapely.union_all(geoms, grid_size=0.001))
    assert gap.buffer(-1).area > 1000
    assert overlapping_rows(geoms) == []
    assert np.allclose(bad["TBMJ"], [area_m2(g) for g in bad.geometry], atol=0.006)


def test_bad_outside_reaches_beyond_the_village(county):
    bad, good = spoiled("bad_outside.geojson")
    rule, rows = promised_rows("bad_outside.geojson")
    assert (rule, rows) == ("G7", changed_rows(bad, good))
    geoms, outline = plane(bad.geometry), plane([outline_of(county, liugou.CODE)])[0]
    beyond = shapely.area(shapely.difference(geoms, outline.buffer(0.01)))
    assert (np.flatnonzero(beyond > 1) + 1).tolist() == rows
    assert overlapping_rows(geoms) == []
    assert shapely.is_valid(geoms).all()
    assert np.allclose(bad["TBMJ"], [area_m2(g) for g in bad.geometry], atol=0.006)


def test_bad_bowtie_crosses_itself(county):
    bad, good = spoiled("bad_bowtie.geojson")
    rule, rows = promised_rows("bad_bowtie.geojson")
    assert rule == "G1"
    assert (np.flatnonzero(~shapely.is_valid(bad.geometry.values)) + 1).tolist() == rows
    assert "Self-intersection" in shapely.is_valid_reason(bad.geometry[rows[0] - 1])
    assert bad["TBMJ"].tolist() == good["TBMJ"].tolist()


def test_bad_unknown_code_has_one_code_nobody_knows():
    bad, good = spoiled("bad_unknown_code.geojson")
    rule, rows = promised_rows("bad_unknown_code.geojson")
    other = np.flatnonzero(bad["YDYHFLDM"].to_numpy() != good["YDYHFLDM"].to_numpy()) + 1
    assert (rule, rows) == ("S4", other.tolist())
    assert bad["YDYHFLDM"][rows[0] - 1] == "0799"
    assert changed_rows(bad, good) == []


def test_bad_area_says_three_percent_too_much():
    bad, good = spoiled("bad_area.geojson")
    rule, rows = promised_rows("bad_area.geojson")
    off = bad["TBMJ"].to_numpy() / good["TBMJ"].to_numpy() - 1
    assert (rule, rows) == ("A1", (np.flatnonzero(np.abs(off) > 1e-6) + 1).tolist())
    assert off[rows[0] - 1] == pytest.approx(0.03, abs=1e-4)
    assert changed_rows(bad, good) == []
