"""K6, K7, K8, K15, K19 on zones drawn by hand: hazards, heritage, distances, welfare forest, road lines."""

import pytest

from indicators.checks import CHECKS, severity_of
from tests.indicators.conflict_squares import (
    NOTHING_STATED,
    check,
    details,
    found,
    line,
    partly,
    rows,
    standard,
    village,
)
from tests.indicators.frames_for_tests import SIDE, rect

FIELDS = ("0101", rect(0, 0, SIDE, SIDE))
HOME = ("0703", rect(100, 100, 50, 40))


def severities(code, result):
    return [severity_of(CHECKS[code].severity, row.detail) for row in result.pieces.itertuples()]


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("high", "block"),
        ("medium", "warn"),
        ("low", "warn"),
        ("", "warn"),
        ("高", "block"),
        ("极高", "block"),
        ("高风险区", "block"),
        ("重大", "block"),
        ("中风险区", "warn"),
    ],
)
def test_a_home_in_a_hazard_area_is_as_severe_as_its_level(level, severity):
    result = check("K6", village([FIELDS], [HOME], [("ZHFXQ", rect(0, 0, 120, 500))], levels=[level]))
    assert found(result) == {(1, "real"): 800.0}
    assert severities("K6", result) == [severity]


@pytest.mark.parametrize("kind", ["ZHFXQ", "HLFXKZX"])
def test_a_level_of_hazard_nobody_lists_counts_as_unstated_and_is_named(kind):
    lines = [(kind, rect(0, 0, 120, 500)), (kind, rect(900, 900, 50, 50))]
    result = check("K6", village([FIELDS], [HOME], lines, levels=["?", "橙色"]))
    assert partly(result) == ("unlisted_levels", ("?", "橙色"), {(1, "real"): 800.0})
    assert severities("K6", result) == ["warn"]


@pytest.mark.parametrize(("level", "severity"), [("高风险区", "block"), ("极高", "block"), ("", "warn")])
def test_a_flood_line_is_read_as_a_hazard_area_is(level, severity):
    result = check("K6", village([FIELDS], [HOME], [("HLFXKZX", rect(0, 0, 120, 500))], levels=[level]))
    assert severities("K6", result) == [severity]


@pytest.mark.parametrize("code", ["080403", "080404", "080602", "0701"])
def test_schools_and_clinics_count_as_homes_do(code):
    drawn = village([FIELDS], [(code, HOME[1])], [("HLFXKZX", rect(0, 0, 120, 500))])
    assert found(check("K6", drawn)) == {(1, "real"): 800.0}


@pytest.mark.parametrize("code", ["1401", "0101", "1207", "0901"])
def test_other_land_may_lie_in_a_hazard_area(code):
    assert found(check("K6", village([FIELDS], [(code, HOME[1])], [("ZHFXQ", rect(0, 0, 120, 500))]))) == {}


def test_a_home_that_stood_in_the_hazard_area_is_legacy_and_a_sliver_technical():
    base = [("0703", rect(100, 100, 10, 40)), ("0101", rect(110, 100, 40, 40))]
    drawn = village(base, [HOME], [("ZHFXQ", rect(0, 0, 112, 500))], levels=["high"])
    assert found(check("K6", drawn)) == {(1, "legacy"): 400.0, (1, "technical"): 80.0}


def test_where_levels_overlap_the_more_severe_one_counts():
    lines = [("ZHFXQ", rect(0, 0, 140, 500)), ("ZHFXQ", rect(0, 0, 120, 500)), ("HLFXKZX", rect(0, 0, 110, 500))]
    result = check("K6", village([FIELDS], [HOME], lines, levels=["low", "high", ""]))
    areas = {(d["line"], d["level"]): round(a) for d, a in zip(details(result), result.pieces["area_m2"], strict=True)}
    assert areas == {("ZHFXQ", "high"): 800, ("ZHFXQ", "low"): 800, ("HLFXKZX", "unstated"): 400}


def test_hazards_need_a_line_and_a_rule():
    assert check("K6", village([FIELDS], [HOME], [("YJJBNT", HOME[1])])).note == "no_lines_of_kind"
    assert check("K6", village([FIELDS], [HOME], [("ZHFXQ", HOME[1])]), NOTHING_STATED).note == "no_rule"


CORE = ("LSWHBHX", rect(0, 0, 120, 500))


def test_a_new_building_in_the_core_is_real_and_an_old_one_nothing():
    base = [("0801", rect(100, 100, 10, 40)), ("0101", rect(110, 100, 40, 40))]
    assert found(check("K7", village(base, [HOME], [CORE], levels=["core"]))) == {(1, "real"): 400.0}
    assert found(check("K7", village([("0801", HOME[1])], [HOME], [CORE], levels=["core"]))) == {}


def test_the_control_belt_is_not_the_core_and_an_unstated_level_is():
    assert found(check("K7", village([FIELDS], [HOME], [CORE], levels=["control"]))) == {}
    assert found(check("K7", village([FIELDS], [HOME], [CORE]))) == {(1, "real"): 800.0}


@pytest.mark.parametrize("level", ["建设控制地带", "环境协调区"])
def test_other_words_for_the_control_belt_are_read(level):
    assert found(check("K7", village([FIELDS], [HOME], [CORE], levels=[level]))) == {}


def test_a_level_of_heritage_nobody_lists_counts_as_unstated_and_is_named():
    result = check("K7", village([FIELDS], [HOME], [CORE], levels=["甲"]))
    assert partly(result) == ("unlisted_levels", ("甲",), {(1, "real"): 800.0})


def test_without_base_year_parcels_nobody_knows_what_is_new_in_the_core():
    assert check("K7", village([], [HOME], [CORE], levels=["core"])).note == "no_base"


def test_a_corner_of_a_new_building_in_the_core_is_technical():
    result = check("K7", village([FIELDS], [HOME], [("LSWHBHX", rect(0, 0, 102, 500))], levels=["core"]))
    assert found(result) == {(1, "technical"): 80.0}


@pytest.mark.parametrize("code", ["1401", "2301", "0101"])
def test_parks_in_the_core_are_no_buildings(code):
    assert found(check("K7", village([FIELDS], [(code, HOME[1])], [CORE]))) == {}


def test_heritage_needs_a_line_and_a_rule():
    assert check("K7", village([FIELDS], [HOME], [("YJJBNT", HOME[1])])).note == "no_lines_of_kind"
    assert check("K7", village([FIELDS], [HOME], [CORE]), NOTHING_STATED).note == "no_rule"


def roads(*values):
    return rows("roads", *values)


EASTWARD = line((0, 90), (1000, 90))  # 10 m south of the home


@pytest.mark.parametrize(
    ("kind", "width", "depth", "distance"),
    [
        ("国道", None, 10, 10.0),  # 20 m from the middle line
        ("primary", None, 10, 10.0),
        ("省道", 10.0, 10, 5.0),  # 15 m and half of 10 m
        ("secondary", None, 5, 10.0),
        ("县道", None, 0, None),  # 10 m: the home touches it
        ("县道", 8.0, 4, 6.0),
        ("乡道", 16.0, 3, 2.0),
        ("residential", 30.0, 0, None),  # no distance is asked for
    ],
)
def test_a_home_keeps_its_distance_from_a_road(kind, width, depth, distance):
    road = roads({"kind": kind, "width_m": width, "geom": EASTWARD}, {"kind": "国道", "geom": line((0, 900), (9, 900))})
    result = check("K8", village([FIELDS], [HOME], roads=road))
    category = "real" if depth * 50 >= 100 else "technical"
    assert found(result) == ({(1, category): 50.0 * depth} if depth else {})
    assert [d.get("distance_m") for d in details(result)] == ([distance] if depth else [])
    assert [d["kind"] for d in details(result)] == ([kind] if depth else [])


@pytest.mark.parametrize(
    ("kind", "metres"),
    [("railway", 15), ("power_110kv", 10), ("power_220kv", 15), ("power_500kv", 20), ("pipeline", 5)],
)
def test_a_home_keeps_its_distance_from_railways_and_power_lines(kind, metres):
    near = rows("corridors", {"kind": kind, "geom": line((0, 98), (1000, 98))})
    result = check("K8", village([FIELDS], [HOME], corridors=near))
    assert found(result) == {(1, "real"): pytest.approx(50.0 * (metres - 2), abs=0.01)}
    assert details(result) == [{"kind": kind, "limit_m": float(metres), "distance_m": 2.0}]


def test_each_kind_of_line_is_a_conflict_of_its_own():
    road = roads({"kind": "国道", "geom": EASTWARD})
    power = rows("corridors", {"kind": "power_110kv", "geom": line((0, 98), (1000, 98))})
    result = check("K8", village([FIELDS], [HOME], roads=road, corridors=power))
    assert {d["kind"]: round(a) for d, a in zip(details(result), result.pieces["area_m2"], strict=True)} == {
        "国道": 500,
        "power_110kv": 400,
    }


def test_two_roads_of_a_kind_count_once():
    road = roads({"kind": "国道", "geom": EASTWARD}, {"kind": "国道", "geom": line((0, 85), (1000, 85))})
    assert found(check("K8", village([FIELDS], [HOME], roads=road))) == {(1, "real"): 500.0}


@pytest.mark.parametrize("kind", ["HHGLFW", "YSBHQ"])
def test_river_management_and_drinking_water_keep_building_out_by_their_area(kind):
    result = check("K8", village([FIELDS], [HOME], [(kind, rect(0, 0, 120, 500))]))
    assert found(result) == {(1, "real"): 800.0}
    assert details(result) == [{"line": kind}]


def test_an_old_building_by_the_road_is_legacy():
    base = [("0801", rect(100, 100, 20, 40)), ("0101", rect(120, 100, 30, 40))]
    assert found(check("K8", village(base, [HOME], roads=roads({"kind": "国道", "geom": EASTWARD})))) == {
        (1, "legacy"): 200.0,
        (1, "real"): 300.0,
    }


def test_a_building_a_hand_too_near_is_technical():
    road = roads({"kind": "国道", "geom": line((0, 80.5), (1000, 80.5))})
    assert found(check("K8", village([FIELDS], [HOME], roads=road))) == {(1, "technical"): 25.0}


@pytest.mark.parametrize("code", ["1202", "1207", "1401", "0101"])
def test_roads_and_parks_need_no_distance(code):
    drawn = village([FIELDS], [(code, HOME[1])], roads=roads({"kind": "国道", "geom": EASTWARD}))
    assert found(check("K8", drawn)) == {}


def test_setbacks_need_a_line_and_a_rule_and_may_be_switched_off():
    road = roads({"kind": "国道", "geom": EASTWARD})
    path = roads({"kind": "track", "geom": EASTWARD})
    assert check("K8", village([FIELDS], [HOME])).note == "no_setback_lines"
    assert check("K8", village([FIELDS], [HOME], roads=path)).note == "no_setback_lines"
    assert check("K8", village([FIELDS], [HOME], roads=road), NOTHING_STATED).note == "no_rule"
    assert (
        check("K8", village([FIELDS], [HOME], roads=road), standard(setbacks_m={"国道": None})).note
        == "no_setback_lines"
    )


FOREST = ("GYL", rect(0, 0, 120, 500))


@pytest.mark.parametrize("level", ["I", "II", "一级"])
def test_other_use_of_protected_forest_is_real(level):
    base = [("0301", rect(0, 0, SIDE, SIDE))]
    result = check("K15", village(base, [("0201", HOME[1])], [FOREST], levels=[level]))
    assert found(result) == {(1, "real"): 800.0}
    assert details(result) == [{"level": level}]


@pytest.mark.parametrize(("level", "read"), [("二级公益林", "II"), ("国家一级", "I"), ("", "unstated")])
def test_other_words_for_protected_forest_are_read_and_a_missing_level_is_asked_too(level, read):
    result = check("K15", village([("0301", rect(0, 0, SIDE, SIDE))], [("0703", HOME[1])], [FOREST], levels=[level]))
    assert found(result) == {(1, "real"): 800.0}
    assert details(result) == [{"level": read}]
    assert severities("K15", result) == ["warn"]


def test_a_level_of_forest_nobody_lists_counts_as_unstated_and_is_named():
    base = [("0301", rect(0, 0, SIDE, SIDE))]
    result = check("K15", village(base, [HOME], [FOREST], levels=["省级"]))
    assert partly(result) == ("unlisted_levels", ("省级",), {(1, "real"): 800.0})
    assert details(result) == [{"level": "unstated"}]


@pytest.mark.parametrize("level", ["III", "三级公益林", "Ⅳ"])
def test_words_for_forest_of_lower_levels_are_read(level):
    assert found(check("K15", village([FIELDS], [("0201", HOME[1])], [FOREST], levels=[level]))) == {}


def test_lower_levels_and_forest_itself_are_no_conflict():
    assert found(check("K15", village([FIELDS], [("0201", HOME[1])], [FOREST], levels=["III"]))) == {}
    assert found(check("K15", village([FIELDS], [("0304", HOME[1])], [FOREST], levels=["I"]))) == {}


def test_what_was_no_forest_in_the_base_year_is_legacy():
    drawn = village(
        [("0103", rect(0, 0, SIDE, 110)), ("0301", rect(0, 110, SIDE, 890))],
        [("0101", HOME[1])],
        [FOREST],
        levels=["I"],
    )
    assert found(check("K15", drawn)) == {(1, "legacy"): 200.0, (1, "real"): 600.0}


def test_a_corner_of_protected_forest_is_technical():
    drawn = village([FIELDS], [("0703", HOME[1])], [("GYL", rect(0, 0, 102, 500))], levels=["II"])
    assert found(check("K15", drawn)) == {(1, "technical"): 80.0}


def test_welfare_forest_needs_a_line_and_a_rule():
    assert check("K15", village([FIELDS], [HOME])).note == "no_lines_of_kind"
    assert check("K15", village([FIELDS], [HOME], [FOREST]), NOTHING_STATED).note == "no_rule"


def test_a_red_line_of_a_road_over_a_homestead_is_real_and_what_stood_there_legacy():
    red = [("DLHX", rect(0, 90, SIDE, 20))]
    assert found(check("K19", village([FIELDS], [HOME], red))) == {(1, "real"): 500.0}
    base = [("070301", rect(100, 100, 10, 40)), ("0101", rect(110, 100, 40, 40))]
    assert found(check("K19", village(base, [HOME], red))) == {(1, "legacy"): 100.0, (1, "real"): 400.0}


def test_half_the_width_of_a_road_lies_to_either_side_of_its_line():
    road = roads({"kind": "residential", "width_m": 12, "geom": line((0, 98), (1000, 98))})
    assert found(check("K19", village([FIELDS], [HOME], roads=road))) == {(1, "real"): 200.0}


def test_a_road_of_the_plan_file_counts_with_its_width():
    drawn = rows("features", {"layer": "GHDL", "attributes": {"DLKD": "12"}, "geom": line((0, 98), (1000, 98))},
                 {"layer": "GHDL", "attributes": {"DLKD": None}, "geom": line((0, 120), (1000, 120))},
                 {"layer": "SPZZ", "attributes": {"DLKD": 50}, "geom": line((0, 98), (1000, 98))})  # fmt: skip
    assert found(check("K19", village([FIELDS], [HOME], features=drawn))) == {(1, "real"): 200.0}


def test_where_red_line_and_width_overlap_the_ground_counts_once():
    road = roads({"kind": "residential", "width_m": 24, "geom": line((0, 98), (1000, 98))})
    result = check("K19", village([FIELDS], [HOME], [("DLHX", rect(0, 90, SIDE, 14))], roads=road))
    assert [(d["line"], round(a)) for d, a in zip(details(result), result.pieces["area_m2"], strict=True)] == [
        ("DLHX", 200),
        ("road", 300),
    ]


def test_a_road_along_the_edge_of_a_homestead_is_technical_or_nothing():
    road = roads({"kind": "residential", "width_m": 5, "geom": line((0, 98), (1000, 98))})
    assert found(check("K19", village([FIELDS], [HOME], roads=road))) == {(1, "technical"): 25.0}
    road = roads({"kind": "residential", "width_m": 4, "geom": line((0, 98), (1000, 98))})
    assert found(check("K19", village([FIELDS], [HOME], roads=road))) == {}


def test_roads_without_a_width_and_no_red_line_cannot_be_checked():
    assert (
        check("K19", village([FIELDS], [HOME], roads=roads({"kind": "国道", "geom": EASTWARD}))).note == "no_road_lines"
    )
