"""国土空间用途结构调整表: rows that add up, before and after rounding."""

import csv
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from indicators.catalogue import STRUCTURE_ROWS
from indicators.compute.structure import change_matrix, largest_remainder, load_table, official_table, structure
from tests.indicators.frames_for_tests import SIDE, cells, frames, in_lonlat, layer, rect

HECTARES = SIDE * SIDE / 10_000
CODES = ["0101", "0301", "0703", "070301", "1001", "1207", "1202", "1311", "15", "1704", "2301", "2303", "06", "07"]


def test_rows_are_disjoint_and_add_up_to_the_village_on_both_sides():
    shapes = in_lonlat(*cells(120, seed=1))
    base = layer(*((CODES[i % 14], shape) for i, shape in enumerate(shapes)))
    plan = layer(*((CODES[i % 5], shape) for i, shape in enumerate(shapes)))
    table = structure(base, plan)
    assert table["code"].tolist() == sorted(CODES)
    assert table["base_ha"].sum() == pytest.approx(HECTARES, abs=1e-6)
    assert table["plan_ha"].sum() == pytest.approx(HECTARES, abs=1e-6)


def test_a_class_on_one_side_only_has_zero_on_the_other():
    table = structure(layer(("0101", rect(0, 0, 100, 100))), layer(("0703", rect(0, 0, 100, 100)))).set_index("code")
    assert table.loc["0101", ["base_ha", "plan_ha"]].tolist() == pytest.approx([1, 0])
    assert table.loc["0703", ["base_m2", "plan_m2"]].tolist() == pytest.approx([0, 10_000])


def test_an_empty_plan_has_a_table_too():
    table = structure(layer(("0101", rect(0, 0, 100, 100))), layer())
    assert table["plan_ha"].tolist() == [0]
    assert structure(layer(), layer()).empty


def test_what_became_what_adds_up_to_both_sides():
    drawn = frames(
        base=[("0101", rect(0, 0, 1000, 600)), ("0703", rect(0, 600, 1000, 400))],
        plan=[("0101", rect(0, 0, 1000, 500)), ("0703", rect(0, 500, 700, 500)), ("1401", rect(700, 500, 300, 500))],
    )
    matrix = change_matrix(drawn.base, drawn.plan).set_index(["base_code", "plan_code"])["area_m2"]
    expected = {
        ("0101", "0101"): 500_000,
        ("0101", "0703"): 70_000,
        ("0101", "1401"): 30_000,
        ("0703", "0703"): 280_000,
        ("0703", "1401"): 120_000,
    }
    assert matrix.to_dict() == pytest.approx(expected, abs=0.01)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), st.integers(0, 4))
def test_rounded_parts_add_up_and_stay_within_one_unit(values, digits):
    rounded = largest_remainder(values, digits)
    unit = Decimal(10) ** -digits
    total = sum(Decimal(str(value)) for value in rounded)
    assert abs(total - Decimal(math.fsum(values))) <= unit * Decimal("0.5000001")
    assert all(abs(after - before) < float(unit) * 1.000001 for after, before in zip(rounded, values, strict=True))


def table_of(rows):
    return {line["key"]: line for line in official_table(rows)}


def test_subtotals_follow_the_official_tree():
    hectares = {
        "0101": 50,
        "0701": 1,
        "0703": 10,
        "1301": 2,
        "1311": 3,
        "1202": 4,
        "15": 5,
        "2301": 6,
        "2303": 7,
        "1704": 12,
    }
    table = table_of([{"code": code, "base_ha": ha, "plan_ha": 0} for code, ha in hectares.items()])
    base = {key: line["base_ha"] for key, line in table.items()}
    assert base["village"] == 10 + 2 + 6
    assert base["urban_rural"] == base["village"] + 1
    assert base["regional_infrastructure"] == 3 + 4
    assert base["construction"] == base["urban_rural"] + 7 + 5
    assert base["other_land"] == 7
    assert base["total"] == base["construction"] + 50 + 7 + 12
    assert table["cropland"]["base_pct"] == 50
    assert table["total"]["base_pct"] == 100
    assert table["total"]["plan_pct"] is None
    assert table["cropland"]["change_ha"] == -50


def test_subtotals_come_after_their_rows_one_step_out():
    lines = official_table([{"code": "0703", "base_ha": 1, "plan_ha": 1}])
    keys = [line["key"] for line in lines]
    assert keys.index("vacant") < keys.index("village") < keys.index("urban_rural") < keys.index("construction")
    assert {line["key"]: line["depth"] for line in lines if line["kind"] != "row"} == {
        "village": 2,
        "urban_rural": 1,
        "construction": 0,
        "total": 0,
    }
    assert keys[-1] == "total"


def test_classes_recorded_too_coarsely_or_unknown_still_count_in_the_total():
    table = table_of([{"code": code, "base_ha": 1, "plan_ha": 2} for code in ("07", "10", "12", "9901")])
    assert table["undivided"]["base_ha"] == 3
    assert table["urban_rural"]["plan_ha"] == 6
    assert table["unknown"]["codes"] == ["9901"]
    assert table["total"]["change_ha"] == 4


def test_rows_for_the_sea_appear_only_where_there_is_some():
    assert "sea_use" not in table_of([{"code": "0101", "base_ha": 1, "plan_ha": 1}])
    assert table_of([{"code": "1801", "base_ha": 1, "plan_ha": 1}])["sea_use"]["base_ha"] == 1


@given(st.lists(st.tuples(st.sampled_from(CODES), st.floats(0, 500), st.floats(0, 500)), min_size=1, max_size=30))
def test_every_printed_subtotal_is_the_sum_of_the_printed_rows(rows):
    lines = official_table(pd.DataFrame(rows, columns=["code", "base_ha", "plan_ha"]))
    leaves = [line for line in lines if line["kind"] == "row"]
    total = lines[-1]
    for side in ("base", "plan"):
        printed = sum(Decimal(str(line[f"{side}_ha"])) for line in leaves)
        assert printed == Decimal(str(total[f"{side}_ha"]))
        exact = math.fsum(row[1 if side == "base" else 2] for row in rows)
        assert float(printed) == pytest.approx(exact, abs=0.0051)
        if exact:
            assert sum(Decimal(str(line[f"{side}_pct"])) for line in leaves) == 100
    assert all(Decimal(str(x["plan_ha"])) - Decimal(str(x["base_ha"])) == Decimal(str(x["change_ha"])) for x in lines)


def test_every_class_of_the_guide_has_a_row_and_every_row_a_name():
    guide = Path(settings.BASE_DIR) / "planning" / "data" / "landuse_2023.csv"
    codes = [row["code"] for row in csv.DictReader(guide.open(encoding="utf-8"))]
    lines = official_table([{"code": code, "base_ha": 1, "plan_ha": 1} for code in codes])
    assert "unknown" not in {line["key"] for line in lines}
    assert sorted(code for line in lines if line["kind"] == "row" for code in line["codes"]) == sorted(codes)
    assert {line["key"] for line in lines} | {"unknown"} == set(STRUCTURE_ROWS)
    assert load_table()["version"]


def test_rounding_keeps_numpy_out_of_what_is_stored():
    assert all(type(value) is float for value in largest_remainder(np.array([1.5, 2.25]), 1))
