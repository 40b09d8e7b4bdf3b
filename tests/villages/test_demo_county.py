"""The demo county: real divisions, drawn land, plans with the conflicts they promise."""

import csv
import hashlib
import subprocess
import sys

import numpy as np
import pytest
import shapely

from tests.villages.demo_case import REPO, ha, is_construction, outline_of, plane
from villages.demo import divisions, generator, liugou, wubu
from villages.demo.geodesy import area_m2
from villages.demo.tables import LAND_USE

SHARED = REPO.parent / "shared"
MISFIT = 100.0  # m²: smaller conflicts are technical misfits
VERSIONS = [(liugou.CODE, "v1"), (liugou.CODE, "v2"), (wubu.CODE, "v1")]


@pytest.fixture(scope="module")
def county():
    return generator.county()


def coordinates_hash(county):
    geoms = [v.outline for v in county.villages] + [d.outline for d in county.divisions if d.outline is not None]
    for village in county.complete.values():
        geoms += [p.geom for p in village.parcels] + [line.geom for line in village.lines]
        geoms += [f.point for f in village.facilities]
        geoms += [z.geom for plan in village.plans.values() for z in plan.zones]
    return hashlib.sha256(shapely.get_coordinates(geoms).tobytes()).hexdigest()


# Divisions


def test_the_county_has_14_townships_and_634_villages():
    rows = divisions.rows()
    levels = [row.level for row in rows]
    assert {level: levels.count(level) for level in set(levels)} == {
        "province": 1, "city": 1, "county": 1, "township": 14, "village": 634,
    }  # fmt: skip
    assert all(len(row.code) == 12 and row.code.isdigit() for row in rows)
    assert len({row.code for row in rows}) == len(rows)


def test_every_division_comes_after_its_parent():
    seen = {""}
    for row in divisions.rows():
        assert row.parent in seen
        seen.add(row.code)


def test_codes_and_names_are_those_of_the_published_list():
    source = SHARED / "data" / "divisions"
    if not source.exists():
        pytest.skip(f"no {source}: nothing to compare the names with")
    with (source / "villages_taian_3709.csv").open(encoding="utf-8-sig", newline="") as file:
        published = {r["code"]: r["name"] for r in csv.DictReader(file) if r["areaCode"] == "370983"}
    with (source / "streets.csv").open(encoding="utf-8-sig", newline="") as file:
        published |= {r["code"] + "000": r["name"] for r in csv.DictReader(file) if r["areaCode"] == "370983"}
    own = {row.code: row.name for row in divisions.rows() if row.level in ("township", "village")}
    assert own == published


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("柳沟村委会", "柳沟村"),
        ("后衡鱼一村村委会", "后衡鱼一村"),
        ("向阳社区居委会", "向阳社区"),
        ("东关居委会", "东关社区"),
        ("鲁泰工程公司社区", "鲁泰工程公司社区"),
    ],
)
def test_display_names_are_the_everyday_ones(name, short):
    assert divisions.display_name(name) == short
    assert {row.display for row in divisions.rows() if row.name == name} == {short}


# Outlines


def test_villages_tile_townships_and_townships_tile_the_county(county):
    villages = np.array([v.outline for v in county.villages])
    towns = np.array([d.outline for d in county.divisions if d.level == "township"])
    whole = next(d.outline for d in county.divisions if d.level == "county")
    assert shapely.is_valid(villages).all()
    assert shapely.coverage_is_valid(villages)
    assert shapely.coverage_is_valid(towns)
    assert shapely.coverage_union_all(villages).equals(whole)
    assert shapely.coverage_union_all(towns).equals(whole)
    for town in (d for d in county.divisions if d.level == "township"):
        own = [v.outline for v in county.villages if v.code.startswith(town.code[:9])]
        assert shapely.coverage_union_all(own).equals(town.outline)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors


def test_the_county_lies_where_it_really_is_and_has_its_real_size(county):
    whole = next(d.outline for d in county.divisions if d.level == "county")
    assert area_m2(whole) / 1e6 == pytest.approx(1277, rel=0.01)
    assert whole.bounds == pytest.approx((116.47, 35.88, 116.99, 36.32), abs=0.03)


def test_coordinates_are_rounded_to_a_tenth_of_a_millimetre(county):
    xy = shapely.get_coordinates([v.outline for v in county.villages])
    assert (np.round(xy, 9) == xy).all()


def test_drawing_again_gives_the_same_coordinates_and_another_seed_gives_others(county):
    again = generator.county.__wrapped__()
    assert coordinates_hash(again) == coordinates_hash(county)
    other = generator.county.__wrapped__(7)
    assert coordinates_hash(other) != coordinates_hash(county)
    assert shapely.coverage_is_valid(np.array([v.outline for v in other.villages]))


def test_every_village_has_a_type_and_plausible_people(county):
    assert {v.type for v in county.villages} == {"JJTS", "CJRH", "TSBH", "BQCB", "QT"}
    known = {v.code: v.type for v in county.villages}
    assert known[liugou.CODE] == "JJTS"
    assert known[wubu.CODE] == "TSBH"
    for village in county.villages:
        latest = {f.code: f.value for f in village.facts if f.year == 2020}
        assert 2 < latest["population"] / latest["households"] < 4
        assert {f.source for f in village.facts} == {"演示数据"}
        assert village.source == "演示数据，非测绘成果"
    assert sum(f.value for v in county.villages for f in v.facts if (f.code, f.year) == ("population", 2020)) < 1.2e6


# Complete villages


@pytest.mark.parametrize("code", [liugou.CODE, wubu.CODE])
def test_parcels_tile_the_village_exactly(county, code):
    parcels = county.complete[code].parcels
    geoms = np.array([p.geom for p in parcels])
    assert 150 <= len(parcels) <= 450
    assert {g.geom_type for g in geoms} == {"Polygon"}
    assert shapely.is_valid(geoms).all()
    assert shapely.coverage_is_valid(geoms)
    assert shapely.coverage_union_all(geoms).equals(outline_of(county, code))
    assert ha(geoms) == pytest.approx(ha([outline_of(county, code)]), abs=1e-6)
    assert [p.number for p in parcels] == list(range(1, len(parcels) + 1))
    assert 200 <= ha(geoms) <= 500
    assert min(map(area_m2, geoms)) > 50


@pytest.mark.parametrize("code", [liugou.CODE, wubu.CODE])
def test_land_use_is_recorded_at_leaf_level(county, code):
    village = county.complete[code]
    used = {p.code for p in village.parcels} | {z.code for plan in village.plans.values() for z in plan.zones}
    assert used <= set(LAND_USE)
    assert "2301" not in used


def test_land_use_names_are_the_official_ones():
    table = SHARED / "domain" / "landuse_2023.csv"
    if not table.exists():
        pytest.skip(f"no {table}: nothing to compare the names with")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    names, parents = {r["code"]: r["name_zh"] for r in rows}, {r["parent"] for r in rows}
    assert {code: names[code] for code in LAND_USE} == LAND_USE
    assert set(LAND_USE) & parents <= {"0901"}  # the lodge of the first plan is only said to be 商业用地


@pytest.mark.parametrize("code", [liugou.CODE, wubu.CODE])
def test_control_lines_follow_parcel_edges(county, code):
    village = county.complete[code]
    parcels = plane(p.geom for p in village.parcels)
    for line in village.lines:
        inside = shapely.area(shapely.intersection(parcels, plane([line.geom])[0]))
        share = inside / shapely.area(parcels)
        assert ((share < 1e-6) | (share > 1 - 1e-6)).all(), line.name


@pytest.mark.parametrize("code", [liugou.CODE, wubu.CODE])
def test_the_three_main_lines_do_not_overlap(county, code):
    lines = county.complete[code].lines
    area = {k: shapely.union_all(plane(x.geom for x in lines if x.kind == k)) for k in ("YJJBNT", "STBHHX", "CZJSBJ")}
    assert area["YJJBNT"].intersection(area["CZJSBJ"]).area < 0.01
    assert area["YJJBNT"].intersection(area["STBHHX"]).area < 0.01
    assert area["STBHHX"].intersection(area["CZJSBJ"]).area < 0.01
    cropland = ha(p.geom for p in county.complete[code].parcels if p.code.startswith("01"))
    assert 0.6 < area["YJJBNT"].area / 10_000 / cropland < 1
    assert len([x for x in lines if x.kind == "YJJBNT"]) > 5


def test_heritage_and_town_lines_exist_where_they_belong(county):
    kinds = {code: {line.kind for line in county.complete[code].lines} for code in county.complete}
    assert kinds[liugou.CODE] == {"YJJBNT", "STBHHX", "CZJSBJ", "ZHFXQ", "GBZNT", "GHFQ"}
    assert kinds[wubu.CODE] == {"YJJBNT", "STBHHX", "CZJSBJ", "ZHFXQ", "LSWHBHX", "CZKFBJ", "GBZNT"}
    for village in county.complete.values():
        assert {line.level for line in village.lines if line.kind == "ZHFXQ"} == {"medium"}
    assert {x.level for x in county.complete[wubu.CODE].lines if x.kind == "LSWHBHX"} == {"core", "control"}
    assert {x.level for x in county.complete[liugou.CODE].lines if x.kind == "GHFQ"} == {"510", "530", "540"}


@pytest.mark.parametrize("code", [liugou.CODE, wubu.CODE])
def test_high_standard_farmland_is_some_of_the_permanent_farmland(county, code):
    lines = county.complete[code].lines
    area = {k: shapely.union_all(plane(x.geom for x in lines if x.kind == k)) for k in ("YJJBNT", "GBZNT")}
    assert 0.1 < area["GBZNT"].area / area["YJJBNT"].area < 0.9
    assert area["GBZNT"].difference(area["YJJBNT"]).area < 0.01


@pytest.mark.parametrize("code", [liugou.CODE, wubu.CODE])
def test_parcels_say_what_a_survey_says_of_them(county, code):
    parcels = county.complete[code].parcels
    crops = [p for p in parcels if p.code.startswith("01")]
    assert {p.slope_class for p in crops} == {1, 2, 4, 5}
    assert {p.slope_class for p in parcels if not p.code.startswith("01")} == {None}
    assert all(1 <= p.quality <= 10 for p in crops)
    assert {p.settlement for p in parcels if p.code.startswith("0703")} == {"203"}
    assert {p.settlement for p in crops} == {""}


@pytest.mark.parametrize("code", [liugou.CODE, wubu.CODE])
def test_roads_run_where_they_are_painted(county, code):
    village = county.complete[code]
    paved = shapely.union_all(plane(p.geom for p in village.parcels if p.code in ("060101", "1202", "1207")))
    for road in village.roads:
        line = plane([road.geom])[0]
        assert line.intersection(paved.buffer(0.5)).length / line.length > 0.8, road.name


def test_terrains_are_those_of_the_land(county):
    terrain = {v.code: v.terrain for v in county.villages}
    assert set(terrain.values()) == {"plain", "hill", "suburb"}
    assert terrain[liugou.CODE] == terrain[wubu.CODE] == "hill"


@pytest.mark.parametrize("code", [liugou.CODE, wubu.CODE])
def test_facilities_lie_in_the_village(county, code):
    outline, found = outline_of(county, code), county.complete[code].facilities
    assert all(outline.contains(f.point) for f in found)
    assert {"01", "05", "11", "14", "16"} <= {f.kind for f in found}
    assert {f.kind for f in found} <= {f"{n:02d}" for n in range(1, 29)} | {"99"}


# Plans


@pytest.mark.parametrize(("code", "version"), VERSIONS)
def test_zones_tile_the_village_exactly(county, code, version):
    geoms = np.array([z.geom for z in county.complete[code].plans[version].zones])
    assert shapely.is_valid(geoms).all()
    assert shapely.coverage_is_valid(geoms)
    assert shapely.coverage_union_all(geoms).equals(outline_of(county, code))


def conflicts(county, code, version):
    """(check, category, zone number, m²) by shapely alone, as section 5 of the domain reference says."""
    village = county.complete[code]
    line = {k: shapely.union_all(plane(x.geom for x in village.lines if x.kind == k)) for k in LINES}
    before = shapely.union_all(plane(p.geom for p in village.parcels if is_construction(p.code)))
    zones = village.plans[version].zones
    for number, (zone, geom) in enumerate(zip(zones, plane(z.geom for z in zones), strict=True), 1):
        built = is_construction(zone.code)
        hits = {
            "K1": geom.intersection(line["YJJBNT"]) if built or zone.code.startswith("0602") else None,
            "K3": geom.intersection(line["STBHHX"]) if built else None,
            "K4": geom.difference(line["CZJSBJ"].union(line["CZKFBJ"])).difference(before) if built else None,
        }
        for check, hit in hits.items():
            if hit is not None and hit.area > 0.01:
                yield check, _category(hit, before), number, hit.area


LINES = ("YJJBNT", "STBHHX", "CZJSBJ", "CZKFBJ")


def _category(hit, before):
    if hit.difference(before).area < 0.01:
        return "legacy"
    return "technical" if hit.area < MISFIT else "real"


def counted(found):
    pairs = [(check, category) for check, category, *_ in found]
    return {pair: pairs.count(pair) for pair in pairs}


def test_the_first_plan_of_liugou_has_honest_conflicts(county):
    found = list(conflicts(county, liugou.CODE, "v1"))
    assert counted(found) == {
        ("K1", "real"): 2, ("K3", "real"): 1, ("K4", "real"): 4, ("K1", "technical"): 1, ("K4", "technical"): 1,
        ("K1", "legacy"): 1, ("K3", "legacy"): 1,
    }  # fmt: skip
    zones = county.complete[liugou.CODE].plans["v1"].zones
    codes = {
        check: sorted(zones[n - 1].code for k, c, n, _ in found if (k, c) == (check, "real")) for check in ("K1", "K3")
    }
    assert codes == {"K1": ["070301", "100101"], "K3": ["0901"]}


def test_the_second_plan_of_liugou_has_only_misfits_and_legacies(county):
    assert counted(conflicts(county, liugou.CODE, "v2")) == {
        ("K1", "technical"): 1, ("K4", "technical"): 1, ("K1", "legacy"): 1, ("K3", "legacy"): 1,
    }  # fmt: skip


def test_the_plan_of_wubu_has_no_real_conflicts(county):
    assert counted(conflicts(county, wubu.CODE, "v1")) == {("K1", "legacy"): 1}


@pytest.mark.parametrize(("code", "version"), [(liugou.CODE, "v2"), (wubu.CODE, "v1")])
def test_good_plans_keep_cropland_and_do_not_let_construction_grow(county, code, version):
    village = county.complete[code]
    zones = village.plans[version].zones
    assert ha(z.geom for z in zones if z.code[:2] == "01") >= ha(p.geom for p in village.parcels if p.code[:2] == "01")
    built = ha(z.geom for z in zones if is_construction(z.code))
    assert built <= ha(p.geom for p in village.parcels if is_construction(p.code))
    assert ha(z.geom for z in zones if z.remark) > 0


def test_the_second_plan_of_liugou_brings_a_clinic_works_and_restored_farmland(county):
    zones = {z.remark: z.code for z in county.complete[liugou.CODE].plans["v2"].zones if z.remark}
    assert zones["村卫生所"] == "080602"
    assert zones["桃制品加工点扩建"] == "100101"
    assert zones["旧砖窑复垦为耕地"] == "0102"


def test_the_generator_needs_no_django():
    code = "import sys, villages.demo.files; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPO, check=False).returncode == 0


# Hamlets


def test_every_village_has_hamlets_inside_it_with_names_of_their_own(county):
    for village in county.villages:
        assert 1 <= len(village.hamlets) <= 4
        assert len({h.name for h in village.hamlets}) == len(village.hamlets)
        assert all(village.outline.covers(h.point) and "演示" in h.source for h in village.hamlets)
    liugou_names = {h.name for v in county.villages if v.code == liugou.CODE for h in v.hamlets}
    assert "前柳沟" in liugou_names


def test_demo_households_live_on_homesteads(county):
    drawn = county.complete[liugou.CODE]
    homes = shapely.union_all([p.geom for p in drawn.parcels if p.code == "070301"])
    assert len(drawn.households) > 5
    assert all(homes.contains(h.point) for h in drawn.households)
