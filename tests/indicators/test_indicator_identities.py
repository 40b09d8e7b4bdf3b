"""Identities that hold whatever is drawn: quotients, tables that add up, sets that do not overlap."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.catalogue import INDICATORS
from indicators.compute.standard import load_standard
from indicators.compute.structure import change_matrix, official_table, structure
from tests.indicators.frames_for_tests import SIDE, cells, everything, frames, in_lonlat

STANDARD = load_standard()
CLASSES = [
    row["code"]
    for row in csv.DictReader(
        (Path(django_settings.BASE_DIR) / "planning" / "data" / "landuse_2023.csv").open(encoding="utf-8")
    )
]
AMOUNTS = st.none() | st.just(0.0) | st.floats(1, 1e6)
FACTS = [name for name in everything().village if name not in ("geom", "area_m2", "type", "terrain")]
LINES = ["YJJBNT", "STBHHX", "CZJSBJ", "GBZNT", "ZHFXQ"]


@st.composite
def villages(draw):
    """A village tiled twice at random, with lines that are some of the cells of a third tiling, slopes and facts."""
    seed = draw(st.integers(0, 10_000))
    tilings = [in_lonlat(*cells(draw(st.integers(2, 25)), seed + n)) for n in range(3)]
    few = draw(st.lists(st.sampled_from(CLASSES), min_size=1, max_size=8))
    base, plan = (
        [(draw(st.sampled_from(few)) if draw(st.booleans()) else "0703", shape) for shape in shapes]
        for shapes in tilings[:2]
    )
    lines = [(draw(st.sampled_from(LINES)), shape) for shape in tilings[2]]
    drawn = frames(base, plan, lines, **{name: draw(AMOUNTS) for name in FACTS})
    drawn.base["slope_class"] = [draw(st.sampled_from([None, 1, 5])) for _ in base]
    drawn.plan["attributes"] = [{"JDZBLY": draw(st.sampled_from(["", "机动"]))} for _ in plan]
    full = everything()
    return replace(drawn, facilities=full.facilities, roads=full.roads)


slow = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def near(value):
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)


@slow
@given(villages())
def test_every_value_is_its_numerator_over_its_denominator(drawn):
    for code, indicator in INDICATORS.items():
        found = indicator.function(drawn, STANDARD)
        sides = [
            (found.value, found.numerator, found.denominator),
            (found.base_value, found.base_numerator, found.base_denominator),
        ]
        for value, over, under in sides:
            if value is not None:
                assert value == near(over * indicator.scale / (1 if under is None else under)), code
                assert value > -1e-9 or code in ("26", "34a"), code
        if found.value is None:
            assert found.note, code


@slow
@given(villages())
def test_the_columns_of_the_structure_table_and_of_the_matrix_are_the_land_there_is(drawn):
    rows = structure(drawn.base, drawn.plan)
    for side, frame in (("base_m2", drawn.base), ("plan_m2", drawn.plan)):
        assert rows[side].sum() == pytest.approx(frame["area_m2"].sum(), rel=1e-9)
        assert rows[side].sum() == pytest.approx(SIDE * SIDE, rel=1e-6)
    matrix = change_matrix(drawn.base, drawn.plan)
    for label, side in (("base_code", "base_m2"), ("plan_code", "plan_m2")):
        margin = matrix.groupby(label)["area_m2"].sum()
        column = rows.set_index("code")[side]
        for code in CLASSES:
            assert margin.get(code, 0.0) == pytest.approx(column.get(code, 0.0), rel=1e-6, abs=0.05), code


@slow
@given(villages())
def test_the_official_table_adds_up_and_says_what_the_indicators_say(drawn):
    lines = {line["key"]: line for line in official_table(structure(drawn.base, drawn.plan), digits=4)}
    leaves = [line for line in lines.values() if line["kind"] == "row"]
    for side in ("base_ha", "plan_ha"):
        assert lines["total"][side] == pytest.approx(sum(leaf[side] for leaf in leaves), abs=1e-9)
    pairs = {"1": "cropland", "4": "construction", "8": "forest", "9": "wetland", "T4": "public_services"}
    for code, key in pairs.items():
        found = INDICATORS[code].function(drawn, STANDARD)
        # a leaf is rounded, and a subtotal is the sum of rounded leaves
        assert lines[key]["plan_ha"] == pytest.approx(found.value, abs=3e-3), code
        assert lines[key]["base_ha"] == pytest.approx(found.base_value, abs=3e-3), code


@slow
@given(villages())
def test_construction_is_urban_and_rural_regional_and_other(drawn):
    whole, part = (INDICATORS[code].function(drawn, STANDARD) for code in ("4", "5"))
    rest = STANDARD["regional_infrastructure"], STANDARD["other_construction"]
    for frame, all_of_it, urban_rural in (
        (drawn.plan, whole.numerator, part.numerator), (drawn.base, whole.base_numerator, part.base_numerator),
    ):  # fmt: skip
        beside = sum(frame["area_m2"][codes.mask(frame["code"])].sum() for codes in rest)
        assert all_of_it == pytest.approx(urban_rural + beside, rel=1e-9, abs=1e-6)


@slow
@given(villages())
def test_what_grew_and_what_was_given_back_is_the_difference_of_the_sums(drawn):
    grown, back, whole = (INDICATORS[code].function(drawn, STANDARD) for code in ("24", "25", "4"))
    difference = whole.numerator - whole.base_numerator
    assert grown.numerator - back.numerator == pytest.approx(difference, abs=0.5)


def test_regional_and_other_construction_are_disjoint_parts_of_construction_and_village_land_is_in_neither():
    for code in CLASSES:
        inside = [
            code in STANDARD[name] for name in ("regional_infrastructure", "other_construction", "village_construction")
        ]
        assert sum(inside) <= 1, code
        assert code in STANDARD["construction"] or not any(inside), code
        for part, whole in (("homestead", "village_construction"), ("public_services", "village_construction"),
                            ("public_administration", "public_services"), ("forest_cover", "forest"),
                            ("utilities", "village_construction")):  # fmt: skip
            assert code not in STANDARD[part] or code in STANDARD[whole], (part, code)


def test_every_class_of_land_has_a_density_of_carbon_and_construction_has_no_ecosystem_value():
    from indicators.compute.ecology import parts_of

    carbon, services = (STANDARD.rules[rule]["classes"] for rule in ("carbon", "ecosystem_services"))
    for code in CLASSES:
        on_land = code[:2] <= "17" or code.startswith("23")
        assert not on_land or parts_of(code, carbon), code
        if code in STANDARD["construction"]:
            assert not parts_of(code, services), code
        shares = parts_of(code, services)
        assert sum(shares.values()) in (0, 1), code
