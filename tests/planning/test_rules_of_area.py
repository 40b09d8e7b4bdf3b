"""Rules A2 to A4: deductions, the sum of the zones, and tables that must agree with the database."""

import pytest

from tests.planning.quality_case import ROWS, found, judged, layer, state, strips, why, zones


def areas(village) -> list[float]:
    """m² of the ten zones, as the portal measures them."""
    from portal.geo import crs

    return [round(float(a), 2) for a in crs.area_m2(zones().geometry)]


def table(name: str, **columns):
    count = len(next(iter(columns.values())))
    return layer(name, columns, [None] * count)


def test_deductions_are_area_times_coefficient_and_leave_the_net_area(village):
    area = areas(village)
    share = [0.1] + [0.0] * 9
    deducted = [round(a * s, 2) for a, s in zip(area, share, strict=True)]
    net = [round(a - d, 2) for a, d in zip(area, deducted, strict=True)]
    good = {"TBMJ": area, "KCXS": share, "KCMJ": deducted, "TBDLMJ": net}
    assert state(judged(village, zones(**good)), "A2") == "passed"
    wrong_net = judged(village, zones(**{**good, "TBDLMJ": [*net[:9], net[9] + 0.02]}))
    assert found(wrong_net, "A2") == [("error", "GHYDYH", 10, "deduction_net")]
    wrong_share = judged(village, zones(**{**good, "KCXS": [0.1, 0.2, *share[2:]]}))
    assert found(wrong_share, "A2") == [("error", "GHYDYH", 2, "deduction_product")]
    assert why(judged(village, zones(TBMJ=area)), "A2") == "no_such_fields"


def test_a_county_may_allow_more(village):
    area = areas(village)
    plan = zones(TBMJ=area, KCMJ=[0] * 10, TBDLMJ=[a + 0.5 for a in area])
    assert state(judged(village, plan), "A2") == "failed"
    assert state(judged(village, plan, rules={"tolerances": {"deduction_m2": 1}}), "A2") == "passed"


def test_the_zones_add_up_to_the_village(village):
    assert state(judged(village, zones()), "A3") == "passed"
    short = layer("GHYDYH", {"YDYHFLDM": ROWS[:9]}, strips()[:9])
    judgement = judged(village, short)
    assert found(judgement, "A3") == [("error", "GHYDYH", None, "sum_of_zones")]
    issue = next(i for i in judgement.issues if i.code == "A3")
    assert issue.params["value"] == pytest.approx(0.9 * issue.params["wanted"], rel=1e-3)
    assert why(judged(village, short, rules={"levels": {"G6": "off"}}), "A3") == "cover_not_wanted"


def test_table_cells_equal_the_sums_of_the_database(village):
    area = areas(village)
    farmland, homes, total = sum(area[:5]) / 1e4, area[7] / 1e4, sum(area) / 1e4
    rows = {
        "YDYHFLDM": ["01", "0703", None, None], "YDYHFLMC": ["耕地", "农村宅基地", "总计", "不知道的行"],
        "JQMJ": [farmland, homes, total, 5.0], "GHMJ": [farmland, homes, total, 5.0], "ZJMJ": [0.0, 0.0, 0.0, 0.0],
    }  # fmt: skip
    assert state(judged(village, zones(), table("YTJGTZB", **rows)), "A4") == "passed"
    wrong = {**rows, "GHMJ": [farmland + 0.02, homes, total, 5.0]}
    judgement = judged(village, zones(), table("YTJGTZB", **wrong))
    assert found(judgement, "A4") == [
        ("error", "YTJGTZB", 1, "table_cell"), ("error", "YTJGTZB", 1, "table_change")
    ]  # fmt: skip
    base = judged(village, zones(), table("YTJGTZB", **{**rows, "JQMJ": [farmland, homes + 1, total, 5.0]}))
    assert [r[2] for r in found(base, "A4")] == [2, 2]


def test_indicators_that_are_areas_are_compared_by_their_name(village):
    area = areas(village)
    farmland = sum(area[:5]) / 1e4
    cells = {"ZBMC": ["耕地保有量", "人均村庄建设用地"], "DW": ["公顷", "平方米"], "GHMJ": [farmland, 120.0]}
    assert state(judged(village, zones(), table("GHZBB", **cells)), "A4") == "passed"
    wrong = judged(village, zones(), table("GHZBB", **{**cells, "GHMJ": [farmland - 1, 120.0]}))
    assert found(wrong, "A4") == [("error", "GHZBB", 1, "table_cell")]
    assert why(judged(village, zones()), "A4") == "no_such_table"


SUMS = (
    "村域建设用地总面积", "村域城乡建设用地面积", "村庄建设用地规模", "公共管理与公共服务用地规模", "公用设施用地规模", "耕地保有量", "林地保有量",
    "湿地面积",
)  # fmt: skip
"""the rows of 规划指标一览表 that are sums of classes"""


def test_every_row_of_the_official_table_that_is_a_sum_of_classes_is_compared(village):
    cells = {"ZBMC": list(SUMS), "GHMJ": [999.0] * len(SUMS)}
    wrong = judged(village, zones(), table("GHZBB", **cells))
    assert found(wrong, "A4") == [("error", "GHZBB", n, "table_cell") for n in range(1, len(SUMS) + 1)]
    wanted = [issue.params["wanted"] for issue in wrong.issues if issue.code == "A4"]
    right = judged(village, zones(), table("GHZBB", **{**cells, "GHMJ": [round(ha, 2) for ha in wanted]}))
    assert state(right, "A4") == "passed"


def test_the_files_own_areas_are_summed_where_every_zone_states_one(village):
    """A table is made of the database's own areas, which A1 lets differ by a thousandth."""
    stated = [round(a * 1.0008, 2) for a in areas(village)]
    rows = {"YDYHFLDM": ["01"], "GHMJ": [round(sum(stated[:5]) / 1e4, 4)]}
    assert state(judged(village, zones(TBMJ=stated), table("YTJGTZB", **rows)), "A4") == "passed"
    assert state(judged(village, zones(), table("YTJGTZB", **rows)), "A4") == "failed"
