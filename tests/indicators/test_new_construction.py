"""Indicator 24: ground that becomes construction land, not a difference of sums."""

import pytest

from indicators.catalogue import INDICATORS
from indicators.compute.standard import load_standard
from tests.indicators.frames_for_tests import cells, frames, in_lonlat, rect


def new_ha(base, plan):
    return INDICATORS["24"].function(frames(base, plan), load_standard())


def test_homes_moved_elsewhere_are_new_although_the_sum_stays():
    base = [("0703", rect(0, 0, 100, 100)), ("0101", rect(100, 0, 100, 100))]
    plan = [("0101", rect(0, 0, 100, 100)), ("0703", rect(100, 0, 100, 100))]
    measure = new_ha(base, plan)
    assert measure.value == pytest.approx(1, abs=1e-6)
    assert measure.numerator == pytest.approx(10_000, abs=0.01)
    assert (measure.unit, measure.base_value, measure.denominator) == ("ha", None, None)


def test_other_construction_on_construction_land_is_not_new():
    base = [("0703", rect(0, 0, 100, 100)), ("0101", rect(100, 0, 100, 100))]
    plan = [("0801", rect(0, 0, 160, 100)), ("0101", rect(160, 0, 40, 100))]
    assert new_ha(base, plan).value == pytest.approx(0.6, abs=1e-6)


def test_facility_farmland_is_no_construction_land():
    assert new_ha([("0101", rect(0, 0, 100, 100))], [("060201", rect(0, 0, 100, 100))]).value == 0


def test_ground_without_a_base_year_parcel_counts_as_new():
    plan = [("0703", rect(0, 0, 100, 200))]
    assert new_ha([("0703", rect(0, 0, 100, 100))], plan).value == pytest.approx(1, abs=1e-6)


def test_the_same_layer_twice_has_nothing_new_to_the_last_square_centimetre():
    village = [("0703" if i % 3 else "0101", shape) for i, shape in enumerate(in_lonlat(*cells(200, seed=9)))]
    assert new_ha(village, village).numerator == pytest.approx(0, abs=1e-4)


def test_without_a_plan_or_a_base_year_there_is_no_value():
    some = [("0703", rect(0, 0, 100, 100))]
    assert (new_ha(some, []).value, new_ha(some, []).note) == (None, "no_plan")
    assert (new_ha([], some).value, new_ha([], some).note) == (None, "no_base")
