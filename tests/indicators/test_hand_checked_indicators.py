"""Every indicator on rectangles whose areas are known by hand: value, base year, numerator and denominator; what is missing."""

import math
from dataclasses import replace

import numpy as np
import pytest

from indicators.catalogue import INDICATORS
from indicators.compute.frames import no_rows
from indicators.compute.standard import load_standard, read_standard, standard_of
from tests.indicators.frames_for_tests import everything, frames, points, rect, roads

STANDARD = load_standard()
WOOD, DRY, SHRUB, MARSH = 22.95, 4.01, 15.22, 52.02  # equivalent factors of section 4.4, summed
EQUIVALENT = 3406.5
# by hand, for the village of `everything`: value, base value, numerator, denominator; None: not asked
KNOWN = {
    "1": (35, 40, 350_000, None),
    "2": (20, None, 200_000, None),
    "3": (30, None, 300_000, None),
    "4": (6.58, 4.25, 65_800, None),
    "5": (6.58, 4.25, 65_800, None),
    "6": (6.58, 4.25, 65_800, None),
    "T4": (0.04, 0, 400, None),
    "T5": (0.04, 0, 400, None),
    "7": (329, 212.5, 65_800, 200),
    "8": (40, 40, 400_000, None),
    "9": (0.04, 0, 400, None),
    "10": (6, 4, 60_000, None),
    "11": (1200, 800, 60_000, 50),
    "12": (400 / 658, 0, 400, 65_800),
    "13": (31.25, 15.625, 5000, 160),
    "14": (3.75, 2.1875, 6000, 160_000),
    "15": (40, 40, 400_000, 1_000_000),
    "16": (200 / 3, 200 / 3, 1000, 1500),
    "17": (5, 5, 800, 160_000),
    "18": (96, 96, 48, 50),
    "19": (60, 60, 30, 50),
    "20": (75, 75, 60, 80),
    "21": (90, 90, 45, 50),
    "22": (200 / 11, 100 / 11, 120_000, 660_000),
    "23": (5, 5, 800, 160),
    "24": (2.33, None, 23_300, None),
    "25": (0, None, 0, None),
    "26": (233 / 425 * 100, None, 23_300, 42_500),
    "27": (500 / 658, None, 500, 65_800),
    "28": (6.58, 4.25, 65_800, 1_000_000),
    "29": (800 / 35, 20, 80_000, 350_000),
    "30": (100, 100, 350_000, 350_000),
    "31": (100 / 44, 100 / 49, 10_000, 440_000),
    "32": (3, 3, 3, None),
    "T12": (25, 25, 100, 400),
    "33a": (30.5, 30.5, 30.5, None),
    "33b": (21_000, 21_000, 21_000, None),
    "34a": (
        (35 * DRY + 40 * WOOD + 9 * (DRY + SHRUB) / 2 + 0.04 * MARSH) * EQUIVALENT,
        (40 * DRY + 40 * WOOD + 9 * (DRY + SHRUB) / 2) * EQUIVALENT,
        None, None,
    ),
    "34b": (
        35 * 81 + 40 * 157 + 9 * 99 + 0.04 * 205 + (6.58 + 1) * 36.2,
        40 * 81 + 40 * 157 + 9 * 99 + (4.25 + 1) * 36.2,
        None, None,
    ),
}  # fmt: skip
MISSING = {
    "2": ({"lines"}, "no_lines"),
    "7": ({"village.population"}, "no_population"),
    "11": ({"village.households"}, "no_households"),
    "13": ({"village.resident_population"}, "no_residents"),
    "14": ({"lines"}, "no_construction_boundary"),
    "15": ({"village.area_m2"}, "no_outline"),
    "16": ({"roads", "village.road_access_households"}, "no_roads"),
    "17": ({"roads"}, "no_roads"),
    "18": ({"village.piped_water_households"}, "no_fact"),
    "19": ({"village.households"}, "no_households"),
    "20": ({"village.waste_generated_t"}, "no_waste"),
    "21": ({"village.toilet_households"}, "no_fact"),
    "22": ({"facilities"}, "no_facilities"),
    "23": ({"village.shelter_m2"}, "no_fact"),
    "24": ({"base"}, "no_base"),
    "25": ({"base"}, "no_base"),
    "26": ({"base"}, "no_base"),
    "29": ({"lines"}, "no_lines_of_kind"),
    "30": ({"base"}, "no_base"),
    "32": ({"facilities", "village.heritage_sites"}, "no_heritage"),
    "T12": ({"village.coastline_m"}, "no_coast"),
    "33a": ({"village.collective_income"}, "no_fact"),
    "33b": ({"village.disposable_income"}, "no_fact"),
}


def measured(code, given, standard=STANDARD):
    return INDICATORS[code].function(given, standard)


def without(given, names):
    facts = {key: value for key, value in given.village.items() if f"village.{key}" not in names}
    return replace(given, village=facts, **{name: no_rows(name) for name in names if not name.startswith("village.")})


def test_every_indicator_is_checked_by_hand():
    assert set(KNOWN) == set(INDICATORS)


@pytest.mark.parametrize("code", KNOWN)
def test_the_value_is_that_of_the_drawing(code):
    value, base, numerator, denominator = KNOWN[code]
    found = measured(code, everything())
    assert found.value == pytest.approx(value, rel=1e-6, abs=1e-9)
    assert found.base_value == (None if base is None else pytest.approx(base, rel=1e-6, abs=1e-9))
    if numerator is not None:
        assert found.numerator == pytest.approx(numerator, rel=1e-6, abs=1e-5)
    assert found.denominator == (None if denominator is None else pytest.approx(denominator, rel=1e-6))


@pytest.mark.parametrize("code", MISSING)
def test_what_is_missing_gives_no_value_and_says_what(code):
    names, note = MISSING[code]
    found = measured(code, without(everything(), names))
    assert (found.value, found.note) == (None, note)


@pytest.mark.parametrize("code", [code for code, i in INDICATORS.items() if {"plan", "base"} <= set(i.inputs)])
def test_a_plan_without_zones_has_no_value(code):
    found = measured(code, without(everything(), {"plan"}))
    assert (found.value, found.note) == (None, "no_plan")


@pytest.mark.parametrize("code", [c for c, i in INDICATORS.items() if i.shown is not None])
def test_the_shapes_shown_are_those_that_were_counted(code):
    """Their areas add up to the numerator, where it is an area of shapes."""
    counted = {"14": 5000, "22": 60_000, "26": 65_800, "27": 60_000}.get(code)
    found, shown = measured(code, everything()), INDICATORS[code].shown(everything(), STANDARD)
    if code in ("16", "17", "32"):
        assert shown["area_m2"].isna().all()
        assert len(shown) == {"16": 3, "17": 2, "32": 1}[code]
    elif code == "34a":
        assert shown["area_m2"].sum() == pytest.approx(350_000 + 400_000 + 90_000 + 400, rel=1e-6)
    elif code == "34b":
        assert shown["area_m2"].sum() == pytest.approx(everything().plan["area_m2"].sum(), rel=1e-9)
    else:
        assert shown["area_m2"].sum() == pytest.approx(
            found.numerator if counted is None else counted, rel=1e-6, abs=1e-3
        )


def test_regional_infrastructure_and_other_construction_are_not_urban_or_rural():
    uses = ["0703", "1202", "1311", "15", "1002", "1003", "0701", "1301"]
    drawn = frames(plan=[(code, rect(100 * n, 0, 100, 100)) for n, code in enumerate(uses)])
    assert measured("4", drawn).value == pytest.approx(8, abs=1e-6)
    assert measured("5", drawn).value == pytest.approx(3, abs=1e-6)
    assert measured("6", drawn).value == pytest.approx(2, abs=1e-6)
    assert measured("T5", drawn).value == pytest.approx(1, abs=1e-6)
    assert INDICATORS["5"].shown(drawn, STANDARD)["code"].tolist() == ["0703", "0701", "1301"]


def test_reduction_is_what_is_given_back_wherever_it_is_and_is_not_offset_by_new_homes():
    drawn = frames(
        base=[("0703", rect(0, 0, 200, 100)), ("0101", rect(200, 0, 800, 100))],
        plan=[("0703", rect(100, 0, 300, 100)), ("0101", rect(0, 0, 100, 100))],
    )
    assert measured("25", drawn).value == pytest.approx(1, abs=1e-6)
    assert measured("24", drawn).value == pytest.approx(2, abs=1e-6)
    given_back = INDICATORS["25"].shown(drawn, STANDARD)
    assert (given_back["layer"].tolist(), given_back["number"].tolist()) == (["base"], [1])
    assert given_back["area_m2"].sum() == pytest.approx(10_000, rel=1e-6)
    assert INDICATORS["24"].shown(drawn, STANDARD)["area_m2"].sum() == pytest.approx(20_000, rel=1e-6)
    assert measured("26", drawn).value == pytest.approx(50, abs=1e-6)


def test_ground_under_two_lines_is_counted_once_and_outside_the_village_not_at_all():
    lines = [("GBZNT", rect(0, 0, 300, 100)), ("GBZNT", rect(200, 0, 300, 100)), ("GBZNT", rect(900, 0, 500, 100))]
    drawn = frames(plan=[("0101", rect(0, 0, 1000, 100))], lines=lines)
    assert measured("29", drawn).value == pytest.approx(60, abs=1e-6)
    assert measured("29", drawn).note == "no_base"
    assert INDICATORS["29"].shown(drawn, STANDARD)["area_m2"].sum() == pytest.approx(60_000, rel=1e-6)


def test_slope_comes_from_the_parcels_under_the_planned_cropland():
    drawn = frames(
        base=[("0103", rect(0, 0, 100, 100)), ("0103", rect(100, 0, 100, 100)), ("0201", rect(200, 0, 100, 100))],
        plan=[("0103", rect(50, 0, 250, 100)), ("0301", rect(0, 0, 50, 100))],
    )
    drawn.base["slope_class"] = [5, 3, None]
    found = measured("30", drawn)
    assert (found.value, found.base_value) == (pytest.approx(20, abs=1e-6), pytest.approx(50, abs=1e-6))
    assert found.note == ""
    drawn.base["slope_class"] = [5, None, None]
    assert measured("30", drawn).note == "some_slope_unknown"
    drawn.base["slope_class"] = [None, None, None]
    assert (measured("30", drawn).value, measured("30", drawn).note) == (None, "no_slope")


def test_green_counts_inside_the_boundary_only_and_says_when_trees_are_not_known():
    drawn = frames(plan=[("1401", rect(0, 0, 200, 100)), ("0301", rect(0, 100, 100, 200))],
                   lines=[("CZJSBJ", rect(100, 0, 100, 100)), ("CZJSBJ", rect(0, 100, 100, 100))])  # fmt: skip
    found = measured("14", drawn)
    assert found.value == pytest.approx(100, abs=1e-6)
    assert found.note == "no_tree_cover"


def test_hardened_roads_leave_out_what_is_not_known_and_fall_back_on_households():
    whole = [(0, 100), (1000, 100)]
    drawn = replace(frames(road_access_households=30), roads=roads((True, whole), (None, whole), (False, whole)))
    assert (measured("16", drawn).value, measured("16", drawn).note) == (pytest.approx(50), "some_roads_unknown")
    drawn = replace(drawn, roads=roads((True, whole), (False, [(0, 0), (0, 500)])))
    assert (measured("16", drawn).value, measured("16", drawn).note) == (pytest.approx(200 / 3), "base_year_figure")
    drawn = replace(drawn, roads=roads((None, whole)))
    found = measured("16", drawn)
    assert (found.value, found.note, found.numerator_unit) == (60, "by_household", "household")
    outside = replace(drawn, roads=roads((True, [(2000, 0), (3000, 0)])))
    assert measured("16", outside).note == "by_household"


def test_the_living_circle_ends_where_a_quarter_of_an_hour_ends():
    """One kind, one point in the middle of a long row of homesteads: the circle's share of a thin strip is its diameter."""
    radius = 1000 / 1.3
    rule = {**STANDARD.rules["living_circle"], "facilities": [
        {"key": "clinic", "name_zh": "卫生所", "kinds": ["11"], "classes": ["0806"], "weight": 2},
        {"key": "shop", "name_zh": "商店", "kinds": ["12"], "classes": [], "weight": 1},
    ]}  # fmt: skip
    standard = standard_of({**read_standard(), "rules": {**STANDARD.rules, "living_circle": rule}})
    drawn = replace(
        frames(plan=[("070301", rect(0, 0, 4000, 1))], terrain="plain"), facilities=points(("11", 2000, 0.5))
    )
    found = measured("22", drawn, standard)
    share = 2 * radius / 4000
    assert found.value == pytest.approx(share * 2 / 3 * 100, rel=2e-4)
    assert [part["value"] for part in found.parts] == [pytest.approx(share * 100, rel=2e-4), 0]
    assert found.note == "estimated"
    hills = replace(drawn, village={**drawn.village, "terrain": "hill"})
    assert measured("22", hills, standard).value == pytest.approx(share / 1.2 * 2 / 3 * 100, rel=2e-4)
    planned = frames(plan=[("070301", rect(0, 0, 1000, 1)), ("080602", rect(499, 1, 2, 2))], terrain="plain")
    other = replace(planned, facilities=points(("12", 90_000, 0)))
    assert measured("22", other, standard).value == pytest.approx(200 / 3, rel=1e-6)
    assert measured("22", replace(other, plan=other.plan.iloc[1:]), standard).note == "no_homesteads"


def test_the_area_of_a_circle_over_one_large_homestead():
    drawn = replace(
        frames(plan=[("0703", rect(-2000, -2000, 4000, 4000))], terrain="plain"), facilities=points(("14", 0, 0))
    )
    found = measured("22", drawn)
    toilet = next(part for part in found.parts if part["key"] == "toilet")
    assert toilet["area_m2"] == pytest.approx(math.pi * (1000 / 1.3) ** 2, rel=2e-4)
    assert toilet["facilities"] == 1


def test_the_flexible_quota_is_the_fact_or_what_the_zones_say():
    drawn = frames(plan=[("0703", rect(0, 0, 100, 100)), ("0703", rect(100, 0, 300, 100))])
    assert measured("27", drawn).note == "no_flex_quota"
    drawn.plan["attributes"] = [{"JDZBLY": "乡镇机动指标"}, {"JDZBLY": ""}]
    assert measured("27", drawn).value == pytest.approx(25, abs=1e-6)
    assert INDICATORS["27"].shown(drawn, STANDARD)["number"].tolist() == [1]
    drawn.plan["attributes"] = [{"JDZBLY": None}, np.nan]
    assert measured("27", drawn).value is None
    assert measured("27", replace(drawn, village={**drawn.village, "flex_quota_m2": 800})).value == pytest.approx(2)


def test_heritage_is_counted_in_the_village_where_nobody_has_said_how_much():
    drawn = replace(frames(), facilities=points(("24", 500, 500), ("26", 10, 10), ("26", 1500, 10), ("11", 5, 5)))
    assert (measured("32", drawn).value, INDICATORS["32"].shown(drawn, STANDARD)["code"].tolist()) == (2, ["24", "26"])


def test_nothing_to_share_is_no_value():
    drawn = frames(plan=[("0703", rect(0, 0, 10, 10))], lines=[("GBZNT", rect(0, 0, 10, 10))])
    assert (measured("29", drawn).value, measured("29", drawn).note) == (None, "nothing_to_share")
    assert measured("31", drawn).note == "nothing_to_share"
    grown = frames(base=[("0101", rect(0, 0, 10, 10))], plan=[("0703", rect(0, 0, 10, 10))])
    assert measured("26", grown).note == "nothing_to_share"


def test_ecosystem_values_are_told_with_and_without_water_and_corrected_locally():
    drawn = frames(
        base=[("1701", rect(0, 0, 100, 100))], plan=[("1704", rect(0, 0, 100, 100)), ("0101", rect(100, 0, 100, 100))]
    )
    found = measured("34a", drawn)
    assert found.value == pytest.approx((125.61 + 3.89) * EQUIVALENT, rel=1e-6)
    assert found.base_value == pytest.approx(427_890, rel=1e-4)
    parts = {part["key"]: part for part in found.parts}
    assert parts["without_water"]["value"] == pytest.approx(13_251, rel=1e-4)
    assert parts["without_water"]["base_value"] == 0
    assert parts["water"]["value"] + parts["paddy"]["value"] == pytest.approx(found.value)
    assert found.note == "sample_table"
    local = {**STANDARD.rules["ecosystem_services"], "local": 1.5}
    standard = standard_of({**read_standard(), "rules": {**STANDARD.rules, "ecosystem_services": local}})
    assert measured("34a", drawn, standard).value == pytest.approx(found.value * 1.5)


def test_the_sums_of_the_factors_are_those_of_the_reference():
    sums = {
        key: round(sum(e["factors"].values()), 2)
        for key, e in STANDARD.rules["ecosystem_services"]["ecosystems"].items()
    }
    assert sums == {
        "dry_cropland": 4.01, "paddy": 3.89, "conifer": 17.53, "mixed_forest": 23.09, "broadleaf": 22.95, "shrub": 15.22,
        "steppe": 5.07, "shrub_grass": 19.69, "meadow": 11.43, "wetland": 52.02, "desert": 1.1, "bare": 0.2, "water": 125.61,
        "glacier": 10.27,
    }  # fmt: skip


def test_carbon_lies_within_the_published_totals_it_was_chosen_by():
    totals = {key: sum(e["t_per_ha"].values()) for key, e in STANDARD.rules["carbon"]["densities"].items()}
    for key, (low, high) in {"cropland": (79.6, 84.2), "arbor": (150.3, 158.9), "wetland": (204.3, 216)}.items():
        assert low <= totals[key] <= high
    assert STANDARD.rules["carbon"]["sample"]
    assert STANDARD.rules["living_circle"]["sample"]
