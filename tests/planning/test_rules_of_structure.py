"""Rules F, C and S: layers and fields of the profile, their types, their values; over all layers."""

import numpy as np
import pytest
import shapely

from planning.quality import registry
from tests.grid import cell
from tests.planning.quality_case import ROWS, found, judged, layer, state, strips, why, zones

NAMES = ["水浇地"] * 5 + ["乔木林地"] * 2 + ["一类农村宅基地", "果园", "城镇村道路用地"]
POINT = shapely.Point(116.805, 36.105)


def facilities(**columns):
    count = len(next(iter(columns.values())))
    return layer("GGFWSS", columns, [POINT] * count)


def test_every_rule_of_the_catalogue_has_its_function():
    assert set(registry.catalogue()) == set(registry.RULES)


def test_a_good_plan_passes_every_rule_that_applies(village):
    judgement = judged(
        village,
        zones(YDYHFLMC=NAMES, BSM=[f"{n:018}" for n in range(10)], YSDM=["2090020620"] * 10),
        facilities(SSLX=["11"], SSMC=["村卫生所"]),
    )
    assert [i for i in judgement.issues if i.code[0] in "FCS"] == []
    for code in ("F1", "F2", "F4", "C2", "S1", "S2", "S3", "S4", "S5", "S6", "S7"):
        assert state(judgement, code) == "passed", code
    assert why(judgement, "C1") == "any_crs"


def test_a_rule_that_finds_nothing_to_look_at_says_so(village):
    judgement = judged(village, zones())
    assert why(judgement, "S5") == why(judgement, "S6") == "no_such_fields"


def test_a_file_without_zones_is_checked_and_refused(village):
    parcels = layer("DLTB", {"DLBM": ["0102"]}, [cell(0, 0, 10, 10)])
    judgement = judged(village, parcels, name="yzt")
    assert judgement.refused
    assert ("error", "", None, "no_zones") in found(judgement, "S1")
    missing = [i.params["wanted"] for i in judgement.issues if i.code == "S2"]
    assert len(missing) == 13  # of the fourteen fields DLTB must have


@pytest.mark.parametrize(
    ("shape", "wrong"), [(POINT, False), (cell(0, 0), True), (None, True), (shapely.LineString([(0, 0), (1, 1)]), True)]
)
def test_a_layer_has_geometries_of_its_kind(shape, wrong, village):
    judgement = judged(village, zones(), layer("GGFWSS", {"SSMC": ["a"]}, [shape]))
    assert [r[3] for r in found(judgement, "S1")] == ["layer_geometry"] * wrong


def test_text_longer_than_the_field_is_named_by_row(village):
    judgement = judged(village, zones(), facilities(SSMC=["卫" * 100, "卫" * 101]))
    assert found(judgement, "S2") == [("error", "GGFWSS", 2, "text_longer")]


@pytest.mark.parametrize(
    ("values", "reasons"),
    [
        ([12.5, 3, None], []),
        (["12.5", "3", ""], []),
        ([12.5, "viel", 7], ["type_wrong"]),
        (["a", "b", "c"], ["type_of_column"]),
        ([12.123, 1.0, 2.0], ["decimals_more"]),
        ([1e14, 1.0, 2.0], ["digits_more"]),
    ],
)  # fmt: skip
def test_numbers_are_numbers_and_fit_their_field(values, reasons, village):
    road = shapely.LineString([(116.80, 36.10), (116.81, 36.11)])
    judgement = judged(village, zones(), layer("GHDL", {"CD": values}, [road] * 3))
    assert [r[3] for r in found(judgement, "S2")] == reasons
    assert judgement.refused == any(reason != "decimals_more" for reason in reasons)


@pytest.mark.parametrize(
    ("value", "good"),
    [("20240131", True), ("2024-01-31", True), ("2024-01-31T08:00:00Z", True), (20240131, True), ("2024/01/31", True),
     ("20241331", False), ("去年", False), ("2024", False)],
)  # fmt: skip
def test_dates_are_eight_digits_or_iso(value, good, village):
    judgement = judged(village, zones(PFSJ=[value] + [None] * 9))
    assert found(judgement, "S2") == ([] if good else [("error", "GHYDYH", 1, "type_wrong")])


def test_numbers_in_a_text_field_are_remarked_on(village):
    judgement = judged(village, zones(DKBH=list(range(10))))
    assert found(judgement, "S2") == [("warning", "GHYDYH", None, "numbers_for_text")]
    assert judgement.draft.labels == list(range(10))


def test_an_empty_class_and_an_empty_required_field_are_named_by_row(village):
    projects = layer("ZDXM", {"XMMC": ["修路", " "]}, [POINT] * 2)
    judgement = judged(village, zones([*ROWS[:9], None]), projects)
    assert ("error", "GHYDYH", 10, "code_empty") in found(judgement, "S3")
    assert ("error", "ZDXM", 2, "value_empty") in found(judgement, "S3")


def test_values_outside_their_list_and_another_ysdm_are_named_by_row(village):
    plan = zones(YSDM=["2090020620"] * 9 + ["2090020610"])
    judgement = judged(village, plan, facilities(SSLX=["11", "77", 11.0]))
    assert found(judgement, "S4") == [
        ("error", "GHYDYH", 10, "not_in_domain"), ("error", "GGFWSS", 2, "not_in_domain")
    ]  # fmt: skip


def test_base_land_use_may_have_codes_of_the_survey_or_of_the_guide_and_no_others(village):
    base = layer("JQYDYH", {"DLBM": ["05H1", "0201K", "070301", "0699"]}, [cell(0, n, 10, 1) for n in range(4)])
    assert found(judged(village, zones(), base), "S4") == [("error", "JQYDYH", 4, "code_unknown")]


def test_an_identifier_used_twice_is_named_with_the_other_row(village):
    judgement = judged(village, zones(BSM=["1", "2", "3", "2", None, None, "7", "8", "9", "10"]))
    assert found(judgement, "S5") == [("error", "GHYDYH", 4, "not_unique")]
    assert next(i for i in judgement.issues if i.code == "S5").params["other"] == 2


@pytest.mark.parametrize(
    ("name", "fault"),
    [("果园", None), ("园地", ("warning", "name_of_parent")), ("果园用地", ("warning", "name_short")),
     ("茶园", ("error", "name_not_of_code"))],
)  # fmt: skip
def test_code_and_name_are_of_one_class(name, fault, village):
    judgement = judged(village, zones(YDYHFLMC=[*NAMES[:8], name, NAMES[9]]))
    assert [(r[0], r[3]) for r in found(judgement, "S6")] == ([fault] if fault else [])


@pytest.mark.parametrize(
    ("code", "name", "fault"),
    [("370983101204", "柳沟村", None), ("370983101204", "柳沟村村民委员会", None), ("370983101204", "下寨村", "name_not_of_code"),
     ("370983101205", "柳沟村", "division_not_of_name"), ("370983101205", "下寨村", None), ("370983", "肥城市", None)],
)  # fmt: skip
def test_the_code_of_the_village_goes_with_its_name(code, name, fault, village):
    judgement = judged(village, zones(XZQDM=[code] * 10, XZQMC=[name] * 10))
    assert {r[3] for r in found(judgement, "S6")} == ({fault} if fault else set())


def test_a_class_without_enough_digits_is_a_warning_and_a_county_may_ask_for_more(village):
    rows = [*ROWS[:7], "07", "0201", "1207"]
    assert found(judged(village, zones(rows)), "S7") == [("warning", "GHYDYH", 8, "code_too_short")]
    rows[7] = "0703"
    assert found(judged(village, zones(rows)), "S7") == []
    deeper = judged(village, zones(rows), rules={"depth": {"07": 4, "0703": 6}, "levels": {"S7": "error"}})
    assert [r[2] for r in found(deeper, "S7")] == [8]


def test_the_coordinate_system_is_one_the_profile_names(village):
    judgement = judged(village, zones(), crs_allowed=["EPSG:4528"])
    assert found(judgement, "C1") == [("error", "GHYDYH", None, "crs_not_allowed")]
    assert found(judged(village, zones(), crs_allowed=["EPSG:4528", "EPSG:4490"]), "C1") == []


def test_zones_outside_the_county_are_named_with_the_first_row(village):
    far = [*strips()[:9], shapely.transform(cell(0, 9, 10, 1), lambda xy: np.add(xy, (1.0, 0.0)))]
    judgement = judged(village, layer("GHYDYH", {"YDYHFLDM": ROWS}, far))
    assert found(judgement, "C2") == [("error", "GHYDYH", 10, "outside_county")]
    road = shapely.LineString(
        [(116.80, 36.10), (116.90, 36.10)]
    )  # from the village past what is on record of the county
    assert found(judged(village, zones(), layer("GHDL", {"CD": [1]}, [road])), "C2") == []


def test_levels_of_the_profile_hold(village):
    plan = zones(BSM=["1"] * 10)
    assert judged(village, plan).refused
    lenient = judged(village, plan, rules={"levels": {"S5": "warning"}})
    assert {r[0] for r in found(lenient, "S5")} == {"warning"}
    assert state(judged(village, plan, rules={"levels": {"S5": "off"}}), "S5") == "off"


def test_fifty_thousand_rows_without_a_fault_are_judged_by_rules_c_s_and_a(village):
    from planning import profiles, schema
    from planning.quality import Case, registry

    count = 50_000
    box = cell(0, 0)
    columns = {
        "BSM": [f"{n:018}" for n in range(count)], "YSDM": ["2090020620"] * count, "XZQDM": [village.code] * count,
        "XZQMC": ["柳沟村"] * count, "DKBH": [f"D{n}" for n in range(count)], "YDYHFLDM": ROWS * (count // 10),
        "YDYHFLMC": NAMES * (count // 10), "TBMJ": [n + 0.25 for n in range(count)], "KCMJ": [0.0] * count,
        "TBDLMJ": [n + 0.25 for n in range(count)], "CZCSXM": ["203"] * count, "PFSJ": ["20240131"] * count,
    }  # fmt: skip
    plan = layer("GHYDYH", columns, [box] * count)
    profile = profiles.by_name("ghydyh")
    case = Case(village, profile, [plan], schema.match([plan], profile), known_codes=profiles.known_codes())
    case.codes, case.geoms, case.file_area = columns["YDYHFLDM"], plan.geometry, columns["TBMJ"]
    for code in ("C1", "C2", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "A2"):
        answer = registry.RULES[code](case)
        assert isinstance(answer, registry.NotApplicable) or list(answer) == [], code
