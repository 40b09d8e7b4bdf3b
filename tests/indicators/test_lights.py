"""Traffic lights: two decimals, both directions, targets and limits together."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators import lights


def test_examples_in_docstrings_hold():
    assert doctest.testmod(lights).failed == 0


@pytest.mark.parametrize(
    ("value", "target", "better", "near", "wanted"),
    [
        (35.0, 35.0, "more", 0, "kept"),
        (34.996, 35.0, "more", 0, "kept"),  # 35.00 as printed
        (34.994, 35.0, "more", 0, "missed"),
        (35.004, 35.0, "less", 0, "kept"),
        (35.006, 35.0, "less", 0, "missed"),
        (34.0, 35.0, "less", 0.02, "kept"),
        (34.5, 35.0, "less", 0.02, "near"),
        (None, 35.0, "less", 0, "none"),
        (34.5, None, "less", 0, "none"),
        (34.5, 35.0, None, 0, "none"),
    ],
)
def test_a_value_is_held_to_its_target(value, target, better, near, wanted):
    assert lights.light(value, lights.bounds(target, None, better), near) == wanted


def test_an_issued_target_goes_before_the_limit_on_its_side():
    rule = {"at_most": 200, "at_least": 100, "binding": "binding", "near": 0.05}
    held = lights.bounds(264.0, rule, "less", binding=False)
    assert [(b.kind, b.value, b.origin) for b in held] == [("at_most", 264.0, "target"), ("at_least", 100.0, "rule")]
    assert lights.light(230, held) == "kept"
    assert lights.light(90, held) == "missed"
    assert lights.met(90, held) is False
    assert lights.met(199, held) is True
    assert lights.met(None, held) is None
    alone = lights.bounds(None, rule, "less")
    assert [(b.sign, b.origin, b.binding) for b in alone] == [("≥", "rule", True), ("≤", "rule", True)]
    assert lights.light(230, alone) == "missed"


def test_what_is_only_expected_and_missed_by_little_is_near():
    held = lights.bounds(90, None, "more", binding=False)
    assert lights.light(89.5, held, 0.02) == "near"
    assert lights.light(80, held, 0.02) == "missed"
    assert lights.light(89.5, lights.bounds(90, None, "more", binding=True), 0.02) == "missed"


def test_the_share_of_a_bound_that_is_reached():
    at_least, at_most = lights.bounds(40, {"at_most": 50}, "more")
    assert at_least.share(30) == 0.75
    assert at_most.share(100) == 0.5
    assert at_most.share(0) == 1.0
    assert lights.bounds(0, None, "more")[0].share(3) == 1.0


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.sampled_from(["more", "less"]))
def test_without_an_amber_band_the_light_is_whether_it_is_met(value, target, better):
    held = lights.bounds(target, None, better)
    assert (lights.light(value, held) == "kept") == lights.met(value, held)


@pytest.mark.parametrize(
    "rule", [None, {}, {"near": "a"}, {"near": -1}, {"near": 2}, {"at_least": "x"}, {"at_most": float("nan")}]
)
def test_a_rule_that_says_nothing_usable_binds_nothing(rule):
    assert lights.near_of(rule) == 0.0
    assert lights.bounds(None, rule, "more") == []
