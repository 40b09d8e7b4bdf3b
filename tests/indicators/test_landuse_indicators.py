"""Indicators 1, 4-7, 10 and 11 on a village drawn by hand: every area is known to the square metre."""

import pytest

from indicators.catalogue import INDICATORS
from indicators.compute.standard import load_standard
from tests.indicators.frames_for_tests import frames, rect

STANDARD = load_standard()

BASE = [("0101", rect(0, 0, 1000, 800)), ("0703", rect(0, 800, 500, 200)), ("0301", rect(500, 800, 500, 200))]
PLAN = [
    ("0101", rect(0, 0, 1000, 700)),  # 70 ha
    ("070301", rect(0, 700, 400, 100)),  # 4 ha
    ("0704", rect(400, 700, 100, 100)),  # 1 ha
    ("1301", rect(500, 700, 100, 100)),  # 1 ha
    ("1311", rect(600, 700, 100, 100)),  # 1 ha, regional
    ("1202", rect(700, 700, 100, 100)),  # 1 ha, regional
    ("1002", rect(800, 700, 100, 100)),  # 1 ha, other construction
    ("2301", rect(900, 700, 100, 100)),  # 1 ha
    ("0701", rect(0, 800, 100, 200)),  # 2 ha, town
    ("060101", rect(100, 800, 100, 200)),  # 2 ha, agricultural facility land
    ("0301", rect(200, 800, 800, 200)),  # 16 ha
]


def value_of(code, drawn):
    return INDICATORS[code].function(drawn, STANDARD)


@pytest.mark.parametrize(
    ("code", "plan_ha", "base_ha"),
    [
        ("1", 70, 80),
        ("4", 4 + 1 + 1 + 1 + 1 + 1 + 1 + 2, 10),
        ("5", 4 + 1 + 1 + 1 + 2, 10),
        ("6", 4 + 1 + 1 + 1, 10),
        ("10", 4, 10),
    ],
)
def test_areas_of_plan_and_base_year(code, plan_ha, base_ha):
    measure = value_of(code, frames(BASE, PLAN))
    assert measure.value == pytest.approx(plan_ha, abs=1e-6)
    assert measure.base_value == pytest.approx(base_ha, abs=1e-6)
    assert measure.numerator == pytest.approx(plan_ha * 10_000, abs=0.01)
    assert (measure.unit, measure.numerator_unit, measure.denominator) == ("ha", "m²", None)


def test_village_construction_land_per_registered_person():
    measure = value_of("7", frames(BASE, PLAN, population=350))
    assert measure.value == pytest.approx(70_000 / 350, abs=1e-4)
    assert measure.base_value == pytest.approx(100_000 / 350, abs=1e-4)
    assert measure.numerator == pytest.approx(70_000, abs=0.01)
    assert (measure.denominator, measure.denominator_unit, measure.unit) == (350, "person", "m²/person")


def test_homestead_land_per_household():
    measure = value_of("11", frames(BASE, PLAN, households=125))
    assert measure.value == pytest.approx(320, abs=1e-4)
    assert measure.base_value == pytest.approx(800, abs=1e-4)
    assert (measure.denominator, measure.denominator_unit, measure.unit) == (125, "household", "m²/household")


@pytest.mark.parametrize("unknown", [None, 0])
@pytest.mark.parametrize(
    ("code", "fact", "note"), [("7", "population", "no_population"), ("11", "households", "no_households")]
)
def test_without_people_or_households_there_is_no_value(code, fact, note, unknown):
    measure = value_of(code, frames(BASE, PLAN, **{fact: unknown}))
    assert (measure.value, measure.base_value, measure.note) == (None, None, note)
    assert measure.numerator > 0


def test_a_fact_nobody_entered_is_like_an_unknown_one():
    drawn = frames(BASE, PLAN)
    bare = type(drawn)(drawn.base, drawn.plan, drawn.lines, {})
    assert value_of("7", bare).note == "no_population"


@pytest.mark.parametrize("code", ["1", "4", "5", "6", "7", "10", "11"])
def test_an_empty_plan_has_no_value_but_a_base_year(code):
    measure = value_of(code, frames(BASE, []))
    assert (measure.value, measure.note) == (None, "no_plan")


@pytest.mark.parametrize("code", ["1", "4", "5", "6", "7", "10", "11"])
def test_without_base_year_parcels_the_plan_still_has_its_value(code):
    measure = value_of(code, frames([], PLAN))
    assert measure.value > 0
    assert (measure.base_value, measure.note) == (None, "no_base")


def test_a_plan_without_the_class_has_zero_of_it():
    assert value_of("10", frames(BASE, [("0101", rect(0, 0, 10, 10))])).value == 0
