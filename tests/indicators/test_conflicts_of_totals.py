"""K9, K10, K13, K14, K17, K18: households, sums, use zones and projects on hand-checked figures."""

import pytest
import shapely

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
from tests.indicators.frames_for_tests import SIDE, in_lonlat, rect

FIELDS = ("0101", rect(0, 0, SIDE, SIDE))
HOME = ("0703", rect(100, 100, 50, 40))


def households(*values):
    return rows("households", *({"number": f"H{n}", **value} for n, value in enumerate(values, 1)))


def subjects(result):
    assert (result.status, result.note) == ("checked", "")
    return {row.subject: (round(row.area_m2, 2), row.category, row.detail) for row in result.pieces.itertuples()}


def test_a_household_above_the_limit_or_with_two_homesteads_is_told_by_its_number():
    register = households(
        {"persons": 4, "homesteads": 1, "homestead_m2": 200.0, "remark": ""},
        {"persons": 4, "homesteads": 1, "homestead_m2": 264.5, "remark": "张三"},
        {"persons": 2, "homesteads": 2, "homestead_m2": 150.0, "remark": ""},
        {"persons": 2, "homesteads": 2, "homestead_m2": 300.0, "remark": "其中一处继承"},
        {"persons": 2, "homesteads": 2, "homestead_m2": None, "remark": "继承父母宅基地"},
        {"persons": 2, "homesteads": None, "homestead_m2": None, "remark": None},
    )
    result = check("K9", village(households=register))
    assert subjects(result) == {
        "H2": (64.5, "real", {"value_m2": 264.5, "limit_m2": 200.0}),
        "H3": (0.0, "real", {"homesteads": 2}),
        "H4": (100.0, "real", {"value_m2": 300.0, "limit_m2": 200.0}),
    }
    assert result.pieces["geom"].isna().all()
    assert result.pieces["zone"].isna().all()
    assert "张三" not in str(result.pieces.to_dict())


def test_a_limit_by_person_counts_the_persons_of_the_household():
    rules = standard(
        homestead_m2=150.0, homestead_per_person_m2=30, homestead_persons_least=3, homestead_persons_most=5
    )
    register = households(*({"persons": n, "homesteads": 1, "homestead_m2": 121.0} for n in (1, 3, 4, 5, 9)))
    limits = {s: d["limit_m2"] for s, (_, _, d) in subjects(check("K9", village(households=register), rules)).items()}
    assert limits == {"H1": 90.0, "H2": 90.0, "H3": 120.0}


@pytest.mark.parametrize("rules", [NOTHING_STATED, standard(homestead_m2=None)])
def test_where_no_limit_is_stated_the_number_of_homesteads_is_checked_alone(rules):
    register = households(
        {"persons": 4, "homesteads": 2, "homestead_m2": 900.0}, {"persons": 4, "homesteads": 1, "homestead_m2": 900.0}
    )
    result = check("K9", village(households=register), rules)
    assert (result.status, result.note) == ("partly", "no_homestead_limit")
    told = [(row.subject, row.area_m2, row.detail) for row in result.pieces.itertuples()]
    assert told == [("H1", 0.0, {"homesteads": 2})]


def test_households_need_a_register():
    assert check("K9", village()).note == "no_household_rows"


def test_more_construction_than_in_the_base_year_is_real():
    base = [("0703", rect(0, 0, 100, 100)), ("0101", rect(100, 0, 900, 100))]
    result = check("K10", village(base, [("0703", rect(0, 0, 100, 100)), ("0801", rect(100, 0, 50, 20))]))
    detail = {"value_ha": 1.1, "limit_ha": 1.0, "against": "base"}
    assert subjects(result) == {"4": (1000.0, "real", detail)}


def test_an_issued_scale_goes_before_the_base_year():
    base, plan = [("0703", rect(0, 0, 100, 100))], [("0703", rect(0, 0, 100, 110))]
    assert subjects(check("K10", village(base, plan, target_4=1.2))) == {}
    over = subjects(check("K10", village(base, plan, target_4=1.095)))
    assert over == {"4": (50.0, "technical", {"value_ha": 1.1, "limit_ha": 1.095, "against": "issued"})}
    assert subjects(check("K10", village([], plan, target_4=0.9)))["4"][:2] == (2000.0, "real")


def test_as_much_construction_as_before_is_none():
    assert subjects(check("K10", village([HOME, FIELDS], [("0801", rect(500, 500, 50, 40))]))) == {}


def test_sums_need_both_years():
    assert check("K10", village([HOME], [])).note == "no_plan"
    assert check("K10", village([], [HOME])).note == "no_base"


USE_ZONES = [("GHFQ", rect(0, 0, 120, 500)), ("GHFQ", rect(120, 0, 880, 500))]


def test_a_home_outside_the_zone_of_building_is_real():
    result = check("K13", village([FIELDS], [HOME], USE_ZONES, levels=["520", "510"]))
    assert found(result) == {(1, "real"): 800.0}
    assert details(result) == [{"use_zone": "520"}]


def test_what_was_of_the_class_in_the_base_year_is_legacy():
    base = [("0702", rect(100, 100, 50, 10)), ("0801", rect(100, 110, 50, 30))]
    drawn = village(base, [HOME], USE_ZONES, levels=["520", "510"])
    assert found(check("K13", drawn)) == {(1, "legacy"): 200.0, (1, "real"): 600.0}


def test_a_corner_in_the_next_zone_is_technical():
    drawn = village([FIELDS], [HOME], [("GHFQ", rect(0, 0, 102, 500))], levels=["530"])
    assert found(check("K13", drawn)) == {(1, "technical"): 80.0}


@pytest.mark.parametrize(("code", "level"), [("0101", "520"), ("0301", "540"), ("0703", "510")])
def test_what_a_zone_allows_is_no_conflict(code, level):
    assert found(check("K13", village([FIELDS], [(code, HOME[1])], USE_ZONES[:1], levels=[level]))) == {}


@pytest.mark.parametrize(("level", "named"), [("310", "310"), ("农田整备区", "农田整备区"), ("", "unstated")])
def test_where_the_matrix_names_no_use_zone_the_check_is_not_made(level, named):
    result = check("K13", village([FIELDS], [HOME], USE_ZONES[:1], levels=[level]))
    assert (result.status, result.note, result.named) == ("not_applicable", "unlisted_use_zones", (named,))


def test_a_use_zone_the_matrix_does_not_name_is_told_beside_those_it_names():
    result = check("K13", village([FIELDS], [HOME], USE_ZONES, levels=["520", "农田整备区"]))
    assert partly(result) == ("unlisted_use_zones", ("农田整备区",), {(1, "real"): 800.0})


def test_use_zones_need_a_line_and_a_rule():
    assert check("K13", village([FIELDS], [HOME])).note == "no_lines_of_kind"
    assert check("K13", village([FIELDS], [HOME], USE_ZONES, levels=["520", "520"]), NOTHING_STATED).note == "no_rule"


def test_facility_farmland_is_held_to_its_share():
    plan = [("0101", rect(0, 0, 100, 90)), ("0201", rect(0, 90, 100, 10)), ("060202", rect(0, 100, 100, 12))]
    rules = standard(facility_share_max={"0602": 0.1, "060202": None}, facility_zone_max_m2={})
    result = check("K14", village([FIELDS], plan), rules)
    assert subjects(result) == {"0602": (200.0, "real", {"value_pct": 12.0, "limit_pct": 10.0})}
    assert (
        subjects(
            check("K14", village([FIELDS], plan), standard(facility_share_max={"0602": 0.12}, facility_zone_max_m2={}))
        )
        == {}
    )


def test_a_zone_of_facility_farmland_has_a_largest_size():
    plan = [
        FIELDS,
        ("060202", rect(0, 0, 100, 12)),
        ("060202", rect(200, 0, 100, 9.9)),
        ("060201", rect(400, 0, 100, 12)),
    ]
    result = check("K14", village([FIELDS], plan), standard(facility_zone_max_m2={"060202": 1000}))
    assert found(result) == {(2, "real"): 1200.0}
    assert details(result) == [{"value_m2": 1200.0, "limit_m2": 1000.0}]
    assert result.pieces["geom"].iloc[0].geom_type == "MultiPolygon"


def test_facility_farmland_needs_tilled_land_and_a_rule():
    plan = [("060202", rect(0, 0, 100, 12))]
    assert partly(check("K14", village([FIELDS], plan))) == ("no_tilled_land", (), {})
    large = [("060203", rect(0, 0, 100, 120))]
    assert partly(check("K14", village([FIELDS], large))) == ("no_tilled_land", (), {(1, "real"): 12_000.0})
    assert check("K14", village([FIELDS], [])).note == "no_plan"
    assert check("K14", village([FIELDS], [FIELDS, *plan]), NOTHING_STATED).note == "no_rule"


def test_new_homes_in_a_village_that_relocates_are_real():
    base = [("0703", rect(100, 100, 50, 10)), ("0101", rect(100, 110, 50, 30))]
    assert found(check("K17", village(base, [HOME], type="BQCB"))) == {(1, "real"): 1500.0}
    assert found(check("K17", village(base, [HOME], type="JJTS"))) == {}
    assert found(check("K17", village([("070301", rect(100, 100, 50, 39.5))], [HOME], type="BQCB"))) == {
        (1, "technical"): 25.0
    }
    assert found(check("K17", village([HOME], [HOME, ("0801", rect(0, 0, 9, 9))], type="BQCB"))) == {}


def test_without_base_year_parcels_nobody_knows_which_homes_are_new():
    assert check("K17", village([], [HOME], type="BQCB")).note == "no_base"
    assert found(check("K17", village([], [FIELDS], type="BQCB"))) == {}


def test_new_homes_need_the_type_of_the_village_and_a_rule():
    assert check("K17", village([FIELDS], [HOME], type=None)).note == "no_village_type"
    assert check("K17", village([FIELDS], [HOME], type="BQCB"), NOTHING_STATED).note == "no_rule"


def projects(*values):
    return rows("projects", *({"name": f"项目{n}", "kind": "公共服务", **v} for n, v in enumerate(values, 1)))


def test_a_project_without_land_is_told_by_its_number():
    drawn = projects({"geom": rect(110, 110, 10, 10)}, {"geom": rect(500, 500, 20, 20)}, {"geom": rect(700, 700, 9, 9), "kind": "生态修复"},
                     {"geom": None})  # fmt: skip
    result = check("K18", village([FIELDS], [HOME, ("0101", rect(400, 400, 500, 500))], projects=drawn))
    assert subjects(result) == {"2": (400.0, "real", {"project": "项目2"})}
    assert result.pieces["geom"].iloc[0].geom_type == "MultiPolygon"


def test_points_and_lines_stand_on_the_land_they_touch():
    drawn = projects({"geom": in_lonlat(shapely.Point(120, 120))[0]}, {"geom": in_lonlat(shapely.Point(500, 500))[0]},
                     {"geom": line((0, 120), (300, 120))}, {"geom": line((0, 700), (300, 700))})  # fmt: skip
    result = check("K18", village([HOME, FIELDS], [HOME], projects=drawn))
    assert {s: area for s, (area, _, _) in subjects(result).items()} == {"2": 0.0, "4": 0.0}
    assert result.pieces["geom"].isna().all()


def test_new_construction_without_a_project_is_for_the_record():
    plan = [HOME, ("0801", rect(300, 300, 20, 20)), ("0703", rect(600, 600, 20, 20)), ("0101", rect(700, 700, 20, 20))]
    base = [("0703", rect(600, 600, 20, 19)), ("0101", rect(0, 0, SIDE, 500))]
    result = check("K18", village(base, plan, projects=projects({"geom": rect(110, 110, 10, 10)})))
    assert found(result) == {(2, "real"): 400.0, (3, "technical"): 20.0}
    assert {severity_of(CHECKS["K18"].severity, d) for d in details(result)} == {"info"}


def test_without_base_year_parcels_only_projects_without_land_are_told():
    plan = [HOME, ("0801", rect(300, 300, 20, 20))]
    drawn = projects({"geom": rect(500, 500, 20, 20)})
    assert partly(check("K18", village([], plan, projects=drawn))) == ("no_base", (), {(None, "real"): 400.0})


def test_a_project_next_to_a_zone_does_not_stand_on_it():
    drawn = projects({"geom": rect(150, 100, 50, 40)})
    result = check("K18", village([HOME, FIELDS], [HOME], projects=drawn))
    assert set(subjects(result)) == {"1"}


def test_projects_need_a_place_and_a_rule():
    assert check("K18", village([FIELDS], [HOME], projects=projects({"geom": None}))).note == "no_projects"
    assert check("K18", village([FIELDS], [HOME])).note == "no_projects"
    assert check("K18", village([FIELDS], [], projects=projects({"geom": HOME[1]}))).note == "no_plan"
    assert (
        check("K18", village([FIELDS], [HOME], projects=projects({"geom": HOME[1]})), NOTHING_STATED).note == "no_rule"
    )
