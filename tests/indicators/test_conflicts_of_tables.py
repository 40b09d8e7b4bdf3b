"""K16: the tables of the plan file against the sums of the map and the computed indicators."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from indicators import kept, works
from indicators.catalogue import INDICATORS, TEMPLATE
from indicators.compute.standard import read_standard
from tests.indicators.conflict_squares import NOTHING_STATED, SHIPPED, check, rows, standard, village
from tests.indicators.frames_for_tests import everything, rect

BASE = [("0101", rect(0, 0, 100, 100)), ("0703", rect(100, 0, 100, 50))]
PLAN = [("0101", rect(0, 0, 100, 100)), ("070301", rect(100, 0, 100, 60))]
OFFICIAL = (
    "村域建设用地总面积", "村域城乡建设用地面积", "村庄建设用地规模", "公共管理与公共服务用地规模", "公用设施用地规模", "人均村庄建设用地面积",
    "生态保护红线面积", "永久基本农田保护面积", "耕地保有量", "林地保有量", "湿地面积", "大陆自然海岸线保有率", "自然和文化遗产",
)  # fmt: skip
"""the names of 规划指标一览表 in its order"""


def table(*cells, layer="YTJGTZB"):
    return rows("features", *({"layer": layer, "attributes": cell} for cell in cells))


def indicators(**columns):
    """The official table with the same cell in each row, or the cell of its row."""
    at = lambda cell, n: cell[n] if isinstance(cell, list) else cell  # noqa: E731
    return table(
        *({"ZBMC": name, **{c: at(cell, n) for c, cell in columns.items()}} for n, name in enumerate(OFFICIAL)), layer="GHZBB"
    )  # fmt: skip


def computed() -> list[float]:
    """The thirteen values of the village in which every indicator has one, in the order of the table."""
    return [INDICATORS[code].function(everything(), standard()).value for code in TEMPLATE]


def told(result):
    """Area and figures of each cell that differs, by row and column."""
    return {(r.subject, r.detail["field"]): (round(r.area_m2, 2), r.detail) for r in result.pieces.itertuples()}


def test_a_wrong_figure_is_found_in_each_of_the_thirteen_rows():
    drawn = replace(everything(), features=indicators(GHMJ=999))
    result = check("K16", kept.seen_by(works.check("K16"), drawn))
    assert (result.status, result.named) == ("checked", ())
    assert [subject for subject, _field in told(result)] == list(OFFICIAL)
    for (name, _field), (area, detail), value in zip(told(result), told(result).values(), computed(), strict=True):
        figure = detail.get("computed_ha", detail.get("computed"))
        assert figure == pytest.approx(value, abs=1e-4), name
        assert area == pytest.approx(abs(999 - value) * 10_000 if "computed_ha" in detail else 0.0, abs=0.1), name
    units = {name: detail["unit"] for (name, _field), (_area, detail) in told(result).items() if "unit" in detail}
    assert units == {"人均村庄建设用地面积": "m²/person", "大陆自然海岸线保有率": "%", "自然和文化遗产": "site"}


def test_the_computed_figures_printed_to_two_decimals_are_no_conflict():
    cells = [round(value, 2) for value in computed()]
    assert told(check("K16", replace(everything(), features=indicators(GHMJ=cells)))) == {}


@pytest.mark.parametrize(("row", "allowed"), [(5, 0.1), (6, 0.01), (11, 0.01), (12, 0.0)])
def test_a_row_may_differ_by_so_much_in_its_unit(row, allowed):
    for off, found in ((allowed, 0), (allowed + 0.02, 1)):
        cells = computed()
        cells[row] += off
        assert len(told(check("K16", replace(everything(), features=indicators(GHMJ=cells))))) == found


def test_rows_without_a_known_figure_are_named_and_not_called_checked():
    drawn = village(BASE, PLAN, features=indicators(JQMJ=1, GHMJ=1), population=None)
    result = check("K16", drawn)
    assert (result.status, result.note) == ("partly", "rows_not_compared")
    unknown = (
        "人均村庄建设用地面积",
        "生态保护红线面积",
        "永久基本农田保护面积",
        "大陆自然海岸线保有率",
        "自然和文化遗产",
    )
    assert result.named == tuple(f"{name} {column}" for name in unknown for column in ("JQMJ", "GHMJ"))
    other = table(
        {"ZBMC": "别的", "JQMJ": 1, "GHMJ": 99}, {"ZBMC": "村民满意度", "GHMJ": "高"}, {"GHMJ": 5}, layer="GHZBB"
    )
    result = check("K16", village(BASE, PLAN, features=other))
    assert (result.status, result.named, told(result)) == ("partly", ("别的", "GHZBB 3"), {})
    without_base = check("K16", village([], PLAN, features=table({"YDYHFLDM": "01", "JQMJ": 1, "GHMJ": 1})))
    assert (without_base.named, told(without_base)) == (("01 JQMJ",), {})


def test_a_cell_that_differs_from_the_map_is_told_with_both_figures():
    tables = table(
        {"YDYHFLDM": "01", "YDYHFLMC": "耕地", "JQMJ": "1.00", "GHMJ": 1.009},
        {"YDYHFLDM": "07", "JQMJ": 0.5, "GHMJ": 0.62},
    )
    result = check("K16", village(BASE, PLAN, features=tables))
    assert result.status == "checked"
    assert told(result) == {
        ("07", "GHMJ"): (200.0, {"table": "YTJGTZB", "field": "GHMJ", "value_ha": 0.62, "computed_ha": 0.6})
    }


def test_rows_are_known_by_name_and_the_total_is_everything():
    cells = [{"ZBMC": "村域建设用地总规模", "JQMJ": 0.7, "GHMJ": 0.6}, {"ZBMC": "总计", "GHMJ": 1.6}]
    result = check("K16", village(BASE, PLAN, features=table(*cells, layer="GHZBB")))
    assert list(told(result)) == [("村域建设用地总规模", "JQMJ")]


def test_empty_cells_and_words_say_nothing():
    tables = table({"YDYHFLDM": "01", "JQMJ": None, "GHMJ": "无"}, {"YDYHFLDM": "", "ZBMC": "别的", "GHMJ": None})
    result = check("K16", village(BASE, PLAN, features=tables))
    assert (result.status, told(result)) == ("checked", {})


def test_tables_need_to_be_there_and_a_rule():
    assert check("K16", village(BASE, PLAN, features=table({"GHMJ": 1}, layer="SPZZ"))).note == "no_tables"
    assert check("K16", village(BASE, PLAN, features=table({"GHMJ": 1})), NOTHING_STATED).note == "no_rule"


def test_the_rows_of_the_tables_are_those_of_the_quality_rule():
    cells = json.loads((Path(settings.BASE_DIR) / "planning" / "data" / "table_cells.json").read_text("utf-8"))["rows"]
    names = read_standard()["rules"]["table_names"]
    assert {**names["rows"], **SHIPPED["rules"]["table_rows"]} == cells
    assert {*OFFICIAL} <= {*cells, *names["indicators"]}
    known = {indicator.name_zh for code, indicator in INDICATORS.items() if code in TEMPLATE}
    assert known <= {*cells, *names["indicators"]}
