"""K2, K5, K11, K12 on zones drawn by hand: what conflicts, how large, and of which category."""

import pytest

from indicators.checks import CHECKS, severity_of
from tests.indicators.conflict_squares import NOTHING_STATED, check, details, found, standard, village
from tests.indicators.frames_for_tests import SIDE, rect

FIELDS = ("0101", rect(0, 0, SIDE, SIDE))
FARMLAND = ("YJJBNT", rect(0, 0, 120, 500))
ZONE = rect(100, 100, 50, 40)  # 20 m x 40 m of it inside the farmland


@pytest.mark.parametrize("code", ["0201", "0301", "0403", "1704"])
def test_other_crops_on_farmland_are_real(code):
    assert found(check("K2", village([FIELDS], [(code, ZONE)], [FARMLAND]))) == {(1, "real"): 800.0}


@pytest.mark.parametrize("code", ["0101", "0103", "2303", "1705", "0601", "0703"])
def test_cropland_roads_and_construction_are_no_other_crop(code):
    assert found(check("K2", village([FIELDS], [(code, ZONE)], [FARMLAND]))) == {}


def test_an_orchard_that_stood_there_is_legacy_and_its_extension_is_not():
    base = [("0201", rect(100, 100, 50, 10)), ("0101", rect(100, 110, 50, 30))]
    assert found(check("K2", village(base, [("0202", ZONE)], [FARMLAND]))) == {
        (1, "legacy"): 200.0,
        (1, "real"): 600.0,
    }


def test_a_strip_of_orchard_on_farmland_is_technical():
    zone = ("0201", rect(119.2, 0, 50, 500))  # 0.8 m of it inside
    assert found(check("K2", village([FIELDS], [zone], [FARMLAND]))) == {(1, "technical"): 400.0}


def test_other_crops_need_farmland_and_a_rule():
    drawn = village([FIELDS], [("0201", ZONE)], [("STBHHX", ZONE)])
    assert check("K2", drawn).note == "no_lines_of_kind"
    assert check("K2", village([FIELDS], [("0201", ZONE)], [FARMLAND]), NOTHING_STATED).note == "no_rule"


STEEP = [("0101", rect(0, 0, 100, 100)), ("0301", rect(100, 0, 100, 100)), ("0101", rect(200, 0, 100, 100))]


def test_cropland_that_was_on_a_steep_slope_is_legacy_and_warns():
    result = check("K5", village(STEEP, [("0103", rect(50, 0, 50, 100))], slopes=[5, 5, 2]))
    assert found(result) == {(1, "legacy"): 5000.0}
    assert severity_of(CHECKS["K5"].severity, details(result)[0]) == "warn"


def test_new_cropland_on_a_steep_slope_is_real_and_blocks():
    result = check("K5", village(STEEP, [("0101", rect(50, 0, 250, 100))], slopes=[5, 5, 2]))
    assert found(result) == {(1, "legacy"): 5000.0, (1, "real"): 10000.0}
    severities = {row.category: severity_of("block", row.detail) for row in result.pieces.itertuples()}
    assert severities == {"legacy": "warn", "real": "block"}


def test_new_cropland_on_a_sliver_of_a_slope_is_technical():
    assert found(check("K5", village(STEEP, [("0101", rect(199.5, 0, 90, 100))], slopes=[5, 5, 2]))) == {
        (1, "technical"): 50.0
    }


def test_the_plan_file_may_state_the_slope_itself():
    drawn = village(
        STEEP, [("0101", rect(200, 0, 100, 50)), ("0101", rect(200, 50, 100, 50)), ("0301", rect(0, 0, 9, 9))]
    )
    drawn.plan["attributes"] = [{"GDPDJB": "5"}, {"PDJB": "4"}, {"PDJB": 5}]
    assert found(check("K5", drawn)) == {(1, "legacy"): 5000.0}


def test_gentle_slopes_and_forest_are_no_conflict():
    assert found(check("K5", village(STEEP, [("0101", rect(0, 0, 300, 100))], slopes=[4, 2, 1]))) == {}
    assert found(check("K5", village(STEEP, [("0301", rect(0, 0, 300, 100))], slopes=[5, 5, 5]))) == {}


def test_without_slopes_or_a_rule_steep_cropland_is_not_judged():
    zone = [("0101", rect(50, 0, 250, 100))]
    assert check("K5", village(STEEP, zone)).note == "no_slope"
    assert check("K5", village(STEEP, zone, slopes=[None, None, None])).note == "no_slope"
    assert check("K5", village(STEEP, zone, slopes=[5, 5, 5]), NOTHING_STATED).note == "no_rule"


def test_a_slope_class_that_is_known_for_some_parcels_is_enough():
    result = check("K5", village(STEEP, [("0101", rect(50, 0, 250, 100))], slopes=[5, None, None]))
    assert found(result) == {(1, "legacy"): 5000.0}


BASE = [("0101", rect(0, 0, 100, 100)), ("0102", rect(100, 0, 100, 100)), ("0301", rect(200, 0, 100, 100))]


def test_cropland_that_becomes_construction_is_for_the_record():
    result = check("K11", village(BASE, [("0703", rect(50, 0, 200, 50)), ("0601", rect(0, 50, 100, 50))]))
    assert found(result) == {(1, "real"): 7500.0}  # one piece across two parcels, without the 50 m in the forest
    assert len(result.pieces["geom"].iloc[0].geoms) == 1
    assert CHECKS["K11"].severity == "info"


def test_cropland_that_becomes_other_farmland_is_for_the_record():
    plan = [
        ("0201", rect(50, 0, 100, 50)),
        ("060102", rect(0, 50, 10, 50)),
        ("1704", rect(50, 50, 9, 9)),
        ("0703", rect(90, 90, 9, 9)),
    ]
    assert found(check("K12", village(BASE, plan))) == {(1, "real"): 5000.0, (2, "real"): 500.0}
    assert CHECKS["K12"].severity == "info"


def test_a_sliver_of_cropland_in_the_ledger_is_technical():
    assert found(check("K11", village(BASE, [("0703", rect(199.5, 0, 80, 100))]))) == {(1, "technical"): 50.0}


def test_cropland_that_stays_is_in_no_ledger():
    drawn = village(BASE, [("0103", rect(0, 0, 200, 100)), ("0301", rect(200, 0, 100, 100))])
    assert found(check("K11", drawn)) == {}
    assert found(check("K12", drawn)) == {}


@pytest.mark.parametrize("code", ["K11", "K12"])
def test_the_ledgers_need_both_years(code):
    assert check(code, village([], [("0703", ZONE)])).note == "no_base"
    assert check(code, village(BASE, [])).note == "no_plan"


def test_what_leaves_cropland_is_data():
    drawn = village(BASE, [("1704", rect(0, 0, 50, 50))])
    assert found(check("K12", drawn)) == {}
    assert found(check("K12", drawn, standard(cropland_outflow=["1704"]))) == {(1, "real"): 2500.0}
    assert check("K12", drawn, NOTHING_STATED).note == "no_rule"
