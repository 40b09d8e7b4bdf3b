"""Rules of checks in a profile: the shipped ones are good, and bad ones are refused before a computation meets them."""

import copy

import pytest

from indicators.checks import CHECKS
from indicators.profile_faults import problem
from tests.indicators.conflict_squares import SHIPPED, check, standard, village
from tests.indicators.frames_for_tests import rect


def test_the_shipped_rules_are_good_and_each_says_where_it_is_from():
    assert problem(SHIPPED) is None
    assert {f"rules/{name}" for name in SHIPPED["rules"]} == set(SHIPPED["sources"])
    assert all(said["source"] for said in SHIPPED["sources"].values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("non_grain", "02"),
        ("non_grain", [2]),
        ("cropland_outflow", None),
        ("hazard_levels", {"ZHFXQ": {"high": "stop"}}),
        ("hazard_levels", ["ZHFXQ"]),
        ("setbacks_m", {"国道": "20"}),
        ("setbacks_m", {"国道": -1}),
        ("steep_slope_class", "5"),
        ("facility_share_max", {"0602": 10}),
        ("homestead_reasons", {"more": ["继承"]}),
        ("homestead_reasons", ["继承"]),
        ("table_rows", {"总计": {"without": ["01"]}}),
        ("road_layers", {"GHDL": 7}),
        ("heritage_levels", "core"),
    ],
)
def test_a_rule_no_check_can_read_is_refused_with_its_place(name, value):
    content = copy.deepcopy(SHIPPED)
    content["rules"][name] = value
    assert problem(content).startswith(f"rules/{name}")


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_may_lack_every_rule_it_does_not_need(code):
    """Only what is stated counts: with the rules taken away one by one a check applies or says no_rule, and never fails."""
    drawn = village(
        [("0101", rect(0, 0, 9, 9))], [("0703", rect(0, 0, 9, 9))], [("ZHFXQ", rect(0, 0, 9, 9))], slopes=[5]
    )
    for name in SHIPPED["rules"]:
        rules = standard()
        fewer = type(rules)(
            rules.version,
            rules.date,
            rules.source,
            rules.sets,
            rules.limits,
            {k: v for k, v in rules.rules.items() if k != name},
        )
        result = check(code, drawn, fewer)
        assert result.status == "checked" or result.note.startswith("no_")
