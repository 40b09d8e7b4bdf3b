"""Balance ledgers: hand-checked squares, and what must hold whatever is drawn."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators import ledger_words
from indicators.compute import ledgers, settlement
from indicators.compute.standard import load_standard
from indicators.compute.structure import change_matrix, structure
from tests.indicators.frames_for_tests import cells, frames, in_lonlat, layer, rect

STANDARD = load_standard()
CLASSES = {
    "01": ("agri", "production"), "02": ("agri", "production"), "03": ("agri", "ecological"), "04": ("mixed", "ecological"),
    "0403": ("unused", "ecological"), "06": ("agri", "production"), "0703": ("construction", "living"),
    "10": ("construction", "production"), "12": ("construction", "mixed"), "1207": ("construction", "living"),
    "17": ("mixed", "mixed"), "1701": ("unused", "ecological"), "2301": ("construction", "living"), "2306": ("unused", "ecological"),
}  # fmt: skip
CODES = ["01", "0101", "0102", "0103", "0201", "0301", "04", "0403", "0601", "070301", "1001", "1207", "1701", "2301", "2306"]  # fmt: skip


def matrix(*cells: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(cells, columns=["base_code", "plan_code", "area_m2"])


def of(changes: pd.DataFrame, drawn=None):
    return ledgers.of(changes, drawn or frames(), STANDARD, CLASSES)


def test_what_is_built_over_is_held_against_what_is_won_back():
    found = of(
        matrix(
            ("0101", "0703", 3000.0), ("0103", "1001", 2000.0), ("2306", "0103", 1500.0), ("1001", "0101", 500.0),
            ("0301", "0103", 4000.0), ("0102", "0201", 700.0), ("0102", "1701", 60.0), ("0103", "0101", 80.0),
        )
    )  # fmt: skip
    made = found["compensation"]
    assert (made["lost_m2"], made["gained_m2"], made["balance_m2"], made["shortfall_m2"]) == (5000, 2000, -3000, 3000)
    kinds = {row["kind"]: row["balance_m2"] for row in made["kinds"]}
    assert kinds == {"paddy": 500 - 3000, "irrigated": 0, "dry": 1500 - 2000}
    assert made["lost_to"] == [{"code": "0703", "area_m2": 3000}, {"code": "1001", "area_m2": 2000}]
    # forest that becomes cropland is 进, not 补: one square metre makes good one loss
    turned = found["turnover"]
    assert (turned["lost_m2"], turned["gained_m2"], turned["shortfall_m2"]) == (700, 4000, 0)
    whole = found["cropland"]
    assert whole["lost_elsewhere_m2"] == 60
    assert whole["inner"] == [{"base": "dry", "plan": "paddy", "area_m2": 80}]
    assert json.loads(json.dumps(found)) == found


def test_the_construction_quota_counts_both_ways():
    built = of(matrix(("0102", "0703", 900.0), ("070301", "0102", 400.0), ("0703", "1207", 50.0)))["construction"]
    assert (built["increase_m2"], built["reduction_m2"], built["net_m2"]) == (900, 400, 500)
    assert (built["base_m2"], built["plan_m2"]) == (450, 950)
    assert built["increase_from"] == [{"code": "0102", "area_m2": 900}]


def flex_of(drawn, at_most: float | None = 5) -> dict:
    """The ledger of the flexible quota; it has the figures of indicator 27 whatever is drawn."""
    made = ledgers.of(matrix(), drawn, STANDARD, CLASSES, {"at_most": at_most, "source": "35号"})
    found = made["construction"]["flex"]
    measure = settlement.flex_share(drawn, STANDARD)
    assert (found["quota_m2"], found["planned_m2"]) == (measure.numerator, measure.denominator)
    assert found["share"] == (None if measure.value is None else pytest.approx(measure.value / 100))
    return found


def said(flex: dict) -> str:
    with translation.override("en"):
        return ledger_words.flex_sentence(flex)


HOMES = [("0703", rect(0, 0, 200, 100)), ("0101", rect(200, 0, 100, 100))]


def test_the_flexible_quota_is_held_against_the_limit_of_indicator_27():
    drawn = frames(plan=HOMES, flex_quota_m2=1200.0)
    found = flex_of(drawn)
    assert found["allowed_m2"] == pytest.approx(1000, abs=0.01)
    assert found["share"] == pytest.approx(0.06, abs=1e-6)
    assert (found["used_m2"], found["source"]) == (None, "35号")
    assert "more than" in said(found)
    assert "within" in said(flex_of(drawn, 6))
    assert "no limit" in said(flex_of(drawn, None))
    assert "within" in said(flex_of(frames(plan=HOMES, flex_quota_m2=1000.9)))  # 5.0045 %, as the indicator is judged


def test_without_a_figure_the_quota_is_what_the_zones_say():
    drawn = frames(plan=HOMES)
    assert flex_of(drawn)["quota_m2"] is None
    assert "no zone says" in said(flex_of(drawn))
    for nothing in (None, "", "  ", float("nan")):
        drawn.plan["attributes"] = [{"JDZBLY": nothing}, np.nan]
        assert (flex_of(drawn)["quota_m2"], flex_of(drawn)["used_m2"]) == (None, None), nothing
    drawn.plan["attributes"] = [{"JDZBLY": "01"}, {}]
    found = flex_of(drawn)
    assert (found["quota_m2"], found["used_m2"]) == (pytest.approx(20_000, abs=0.1),) * 2
    assert "100.00 %" in said(found)


def test_a_quota_without_village_construction_land_is_no_share():
    for plan in (HOMES[1:], []):
        found = flex_of(frames(plan=plan, flex_quota_m2=500.0))
        assert found["share"] is None
        assert "no village construction land" in said(found)


def test_quality_is_weighted_by_the_area_that_is_lost():
    base = [("0101", rect(0, 0, 100, 100)), ("0103", rect(100, 0, 100, 100)), ("0301", rect(200, 0, 100, 100))]
    plan = [("0703", rect(0, 0, 150, 100)), ("0103", rect(150, 0, 150, 100))]
    drawn = frames(base=base, plan=plan)
    assert of(change_matrix(drawn.base, drawn.plan), drawn)["compensation"]["quality"] == {"known": False}
    drawn.base["quality"] = [3, 9, None]
    found = of(change_matrix(drawn.base, drawn.plan), drawn)["compensation"]["quality"]
    assert found["lost"]["mean_grade"] == pytest.approx((3 * 100 + 9 * 50) / 150)
    assert [g["grade"] for g in found["lost"]["grades"]] == [3, 9]
    assert found["gained"]["mean_grade"] is None
    assert found["gained"]["unknown_m2"] == pytest.approx(10_000, abs=0.1)


def test_a_class_recorded_coarsely_stays_apart():
    found = of(matrix(("04", "0403", 10.0), ("040301", "9999", 5.0)))["three_way"]
    assert found["base"] == {"mixed": 10, "unused": 5}
    assert found["plan"] == {"unused": 10, "mixed": 5}


def test_margins_are_those_of_the_structure_table():
    drawn = in_lonlat(*cells(90, seed=5))
    base = layer(*((CODES[i % 15], shape) for i, shape in enumerate(drawn)))
    plan = layer(*((CODES[(i * 7) % 15], shape) for i, shape in enumerate(in_lonlat(*cells(70, seed=6)))))
    changes = change_matrix(base, plan)
    table = structure(base, plan)
    found = ledgers.of(changes, frames(), STANDARD, CLASSES)
    for name, index in (("three_way", 0), ("sansheng", 1)):
        group_of = {code: pair[index] for code, pair in CLASSES.items()}
        for side in ("base", "plan"):
            expected = table.groupby(table["code"].map(lambda code: ledgers.group(code, group_of)))[f"{side}_m2"].sum()  # noqa: B023
            assert found[name][side] == pytest.approx(expected.to_dict(), abs=0.05)
    sums = {
        side: table.loc[STANDARD["construction"].mask(table["code"]), f"{side}_m2"].sum() for side in ("base", "plan")
    }
    assert found["construction"]["net_m2"] == pytest.approx(sums["plan"] - sums["base"], abs=0.05)


def test_the_ledgers_agree_with_geopandas():
    """Both layers cut by geopandas.overlay, measured in an equal-area projection, and counted by hand-written prefixes."""
    base = layer(*((CODES[i % 15], shape) for i, shape in enumerate(in_lonlat(*cells(60, seed=11)))))
    plan = layer(*((CODES[(i * 4 + 1) % 15], shape) for i, shape in enumerate(in_lonlat(*cells(50, seed=12)))))
    pieces = gpd.overlay(base[["code", "geom"]], plan[["code", "geom"]], how="intersection", keep_geom_type=True)
    area = pieces.to_crs("+proj=laea +lat_0=36.2 +lon_0=116.8 +ellps=GRS80").area
    was, now = pieces["code_1"], pieces["code_2"]

    def total(condition):
        return area[condition].sum()

    crop, turned = ("01",), ("02", "03", "04", "06")
    built = ("07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "2301")
    found = of(change_matrix(base, plan))
    made, moved, quota = found["compensation"], found["turnover"], found["construction"]
    close = {"rel": 5e-6, "abs": 0.05}  # straight in degrees is not quite straight in metres
    assert made["lost_m2"] == pytest.approx(total(was.str.startswith(crop) & now.str.startswith(built)), **close)
    won = ~was.str.startswith(crop) & ~was.str.startswith(turned) & now.str.startswith(crop)
    assert made["gained_m2"] == pytest.approx(total(won), **close)
    assert moved["lost_m2"] == pytest.approx(total(was.str.startswith(crop) & now.str.startswith(turned)), **close)
    assert moved["gained_m2"] == pytest.approx(total(was.str.startswith(turned) & now.str.startswith(crop)), **close)
    assert quota["increase_m2"] == pytest.approx(total(~was.str.startswith(built) & now.str.startswith(built)), **close)
    assert quota["reduction_m2"] == pytest.approx(
        total(was.str.startswith(built) & ~now.str.startswith(built)), **close
    )


AREAS = st.floats(0.01, 1e6)
CHANGES = st.dictionaries(st.tuples(st.sampled_from(CODES), st.sampled_from(CODES)), AREAS, max_size=40)


@settings(deadline=None)  # on a machine that others load too
@given(CHANGES)
def test_nothing_is_lost_and_nothing_is_counted_twice(drawn):
    changes = matrix(*((base, plan, area) for (base, plan), area in drawn.items()))
    found = ledgers.of(changes, frames(), STANDARD, CLASSES)
    total = sum(drawn.values())
    close = {"rel": 1e-9, "abs": 1e-6}
    for name in ("three_way", "sansheng"):
        for side in ("base", "plan"):
            assert sum(found[name][side].values()) == pytest.approx(total, **close)
        assert sum(cell["area_m2"] for cell in found[name]["cells"]) == pytest.approx(total, **close)
    built = found["construction"]
    assert built["increase_m2"] - built["reduction_m2"] == pytest.approx(built["plan_m2"] - built["base_m2"], **close)
    whole, made, turned = found["cropland"], found["compensation"], found["turnover"]
    assert whole["base_m2"] + whole["gained_m2"] - whole["lost_m2"] == pytest.approx(whole["plan_m2"], **close)
    assert made["lost_m2"] + turned["lost_m2"] + whole["lost_elsewhere_m2"] == pytest.approx(whole["lost_m2"], **close)
    assert made["gained_m2"] + turned["gained_m2"] == pytest.approx(whole["gained_m2"], **close)
    for ledger in (made, turned):
        assert np.isclose(sum(row["lost_m2"] for row in ledger["kinds"]), ledger["lost_m2"])
        assert np.isclose(sum(row["gained_m2"] for row in ledger["kinds"]), ledger["gained_m2"])
