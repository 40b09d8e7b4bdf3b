"""Findings in words: the figures they rest on, what is only for the record, how severe each is."""

import re

import pytest
from django.utils import translation

from indicators.catalogue import NOTES
from indicators.checks import CHECKS, severity_of
from indicators.compute.conflicts import LEGACY, REAL, TECHNICAL, pieces
from planning import conflicts

EXAMPLES = {
    "K6": ({"line": "ZHFXQ", "level": "high", "severity": "block"}, "Hazard area (high risk)."),
    "K8": (
        {"kind": "primary", "limit_m": 20.0, "distance_m": 3.5},
        "Primary road. Distance 3.5 m; at least 20 m are asked for.",
    ),
    "K9": (
        {"homesteads": 2, "value_m2": 300.0, "limit_m2": 200.0},
        "The household has 2 homesteads. 300 m²; the limit is 200 m².",
    ),
    "K10": ({"value_ha": 1.1, "limit_ha": 1.0, "against": "issued"}, "The plan has 1.1 ha, 1 ha were issued."),
    "K13": ({"use_zone": "520"}, "Use zone 520."),
    "K14": ({"value_pct": 12.0, "limit_pct": 10.0}, "12 %; the limit is 10 %."),
    "K15": ({"level": "II"}, "Level II."),
    "K16": (
        {"table": "GHZBB", "field": "GHMJ", "value_ha": 0.62, "computed_ha": 0.6},
        "GHZBB, GHMJ: the table says 0.62 ha, the map 0.6 ha.",
    ),
    "K18": ({"project": "村卫生所"}, "Project: 村卫生所."),
    "K19": ({"line": "DLHX"}, "Road red line."),
}


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_figures_of_a_finding_are_said(code):
    detail, words = EXAMPLES[code]
    with translation.override("en"):
        said = conflicts.sentence(code, REAL, 12_345, detail)
        assert said == f"Conflict: {CHECKS[code].name}, 1.23 ha. {words}"
    with translation.override("zh-hans"):
        assert re.search(r"%\(\w+\)", conflicts.sentence(code, REAL, 12_345, detail)) is None


def test_a_row_of_a_table_that_is_no_area_is_told_in_its_unit():
    detail = {"table": "GHZBB", "field": "GHMJ", "value": 120.0, "computed": 98.25, "unit": "m²/person"}
    with translation.override("en"):
        assert conflicts.sentence("K16", REAL, 0, detail).endswith(
            "GHZBB, GHMJ: the table says 120 m² per person, computed is 98.25 m² per person."
        )
        assert "33.33 %, computed is 25 %." in conflicts.sentence(
            "K16", REAL, 0, {**detail, "value": 33.33, "computed": 25.0, "unit": "%"}
        )


def test_what_is_for_the_record_is_not_called_a_conflict():
    with translation.override("en"):
        assert conflicts.sentence("K11", REAL, 500).startswith("For the record: ")
        assert conflicts.sentence("K18", TECHNICAL, 50, {"severity": "info"}).startswith("For the record: ")
        assert conflicts.sentence("K18", REAL, 50).startswith("Conflict: ")
        assert conflicts.sentence("K5", LEGACY, 50, {"severity": "warn"}).startswith("Existed before the plan: ")


def test_a_conflict_without_an_area_names_none():
    with translation.override("en"):
        assert conflicts.sentence("K9", REAL, 0, {"homesteads": 2}).endswith(
            "per household. The household has 2 homesteads."
        )


@pytest.mark.parametrize("code", CHECKS)
def test_checks_of_the_record_are_the_same_on_both_sides(code):
    assert conflicts.CHECKS[code].for_the_record == (CHECKS[code].severity == "info")


def test_a_finding_may_be_milder_than_its_rule_and_never_more_severe():
    assert severity_of("block", {}) == "block"
    assert severity_of("block", {"severity": "warn"}) == "warn"
    assert severity_of("warn", {"severity": "block"}) == "warn"
    assert severity_of("info", {"severity": "warn"}) == "info"


def test_only_what_needs_the_whole_plan_waits_for_it():
    assert [code for code, check in CHECKS.items() if not check.drawn] == ["K9", "K10", "K14", "K16", "K18"]


def test_every_reason_why_a_check_was_not_made_has_words():
    folder = pieces.__file__.rsplit("/", 1)[0]
    used = set()
    for name in (
        "farmland",
        "red_line",
        "boundaries",
        "hazards",
        "setbacks",
        "protection",
        "homesteads",
        "totals",
        "tables",
        "projects",
    ):
        with open(f"{folder}/{name}.py", encoding="utf-8") as file:
            used |= set(re.findall(r'"(no_[a-z_]+)"', file.read()))
    assert len(used) > 10
    assert used <= set(NOTES)


def test_findings_that_name_a_household_are_kept_from_the_public():
    assert sorted(conflicts.PERSONAL) == ["K9"]
