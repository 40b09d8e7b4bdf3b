"""Codes of the survey and of 2020 become classes of 2023: once, by name where digits are ambiguous, else by a person."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from shapely.geometry import mapping

from planning import imports, profiles
from planning.models import LandUseClass, PlanVersion
from portal.models import Upload
from tests.grid import cell
from tests.planning.quality_case import found, judged, zones
from villages import codes

EIGHT = {"0204", "05H1", "08H2", "0809", "09", "1005", "1006", "1202"}


def alone(values: list[str], edition: str = "auto", names: list[str] | None = None) -> codes.Conversion:
    return codes.convert(values, names or [None] * len(values), edition)


def test_every_class_of_every_table_is_one_of_the_guide(db):
    known = profiles.known_codes()
    for edition in (codes.SURVEY, codes.OLD):
        assert codes.tables()[edition]["source"]
        assert codes.tables()[edition]["date"]
        for row in codes.classes(edition).values():
            assert {row["to"], *row.get("choices", [])} <= known, row


def test_the_names_of_2023_are_those_of_the_guide(db):
    official = LandUseClass.objects.filter(code_version="2023").values_list("code", "name_zh")
    assert codes.names_of(codes.NEW) == dict(official)


def test_the_survey_is_converted_by_its_table_and_its_own_code_kept():
    values = ["0101", "0303", "0404", "0508", "0601", "0702", "1004", "1107A", "1109", "1207"]
    conversion = alone(values, "survey3")
    assert conversion.codes == ["0101", "0507", "0403", "1101", "1001", "0703", "1207", "1311", "1311", "2307"]
    assert conversion.file_codes == values
    assert not conversion.needs_person


def test_eight_codes_of_the_survey_need_a_person_and_no_other_does():
    asked = {value for value in codes.classes(codes.SURVEY) if alone([value], "survey3").needs_person}
    assert {value.removesuffix("A") for value in asked} == EIGHT
    choice = alone(["1006"], "survey3").needs_person[1]
    assert (choice.proposed, choice.choices) == ("0601", ("060101", "060102"))


def test_the_suffix_k_is_kept_as_a_flag_and_a_is_not_one():
    conversion = alone(["0201K", "0301K", "1104A", "0201"], "survey3")
    assert conversion.codes == ["0201", "0301", "1704", "0201"]
    assert conversion.adjustable == [1, 2]
    assert conversion.file_codes == ["0201K", "0301K", "1104A", "0201"]


def test_codes_of_2020_are_converted_once_and_never_in_cascade():
    """2303 becomes 060102, which as a code of 2020 would become 1207; 1312 becomes 1311, which would become 1705."""
    names = [
        "田间道",
        "村庄内部道路用地",
        "水工设施用地",
        "干渠",
        "其他公用设施用地",
        "田坎",
        "种植设施建设用地",
        "其他园地",
    ]
    values = ["2303", "060102", "1312", "1311", "1313", "2302", "0602", "0204"]
    conversion = alone(values, "2020", names)
    assert conversion.codes == ["060102", "1207", "1311", "1705", "1312", "2303", "060201", "0205"]
    assert not conversion.needs_person
    assert alone(values, "auto", names).codes == conversion.codes


def test_in_a_mixed_file_the_name_decides_row_by_row():
    values = ["2303", "2303", "0602", "0602", "1312", "1312"]
    names = ["田间道", "田坎", "种植设施建设用地", "设施农用地", "水工设施用地", "其他公用设施用地"]
    conversion = alone(values, "auto", names)
    assert conversion.codes == ["060102", "2303", "060201", "0602", "1311", "1312"]
    assert not conversion.needs_person


@pytest.mark.parametrize("value", ["0204", "0602", "060102", "1311", "1312", "2302", "2303"])
def test_ambiguous_digits_without_a_name_are_never_decided_in_silence(value):
    for others in ([], ["0603"], ["070301"]):
        conversion = alone([value, *others])
        assert set(conversion.needs_person[1].choices) == {value, codes.classes(codes.OLD)[value]["to"]}
    assert alone([value, "060201"]).codes[0] == value  # 060201 is of 2023 only
    assert alone([value], "2023").codes == [value]


def test_the_edition_is_taken_by_what_only_one_edition_has():
    assert alone(["0101", "0301", "05H1"]).edition == "survey3"
    assert alone(["0101", "0301", "0603", "070301"]).edition == "2020"
    assert alone(["0101", "0301", "0205"]).edition == "2023"
    assert alone(["0702"], names=["农村宅基地"]).codes == ["0703"]
    assert alone(["0702"], names=["城镇社区服务设施用地"]).codes == ["0702"]


def test_a_code_no_edition_has_is_left_as_it_is():
    assert alone(["9999", "0102", "", "05H9"]).codes == ["9999", "0102", "", "05H9"]
    assert codes.convert([None], [None]).codes == [None]


def test_three_hundred_thousand_rows_are_converted_at_once():
    values = ["0201K", "0204", "05H1", "1006", "1104A", "0101"] * 50_000
    conversion = alone(values)
    assert len(conversion.codes) == 300_000


# --- in a plan

SURVEY_ROWS = ["0102"] * 5 + ["0301"] * 2 + ["0702", "0201K", "1006"]


def test_a_plan_in_codes_of_the_survey_keeps_them_and_asks_about_the_roads(village):
    judgement = judged(village, zones(SURVEY_ROWS, CZCSXM=[""] * 7 + ["203", "", ""]))
    draft = judgement.draft
    assert draft.codes == ["0102"] * 5 + ["0301"] * 2 + ["0703", "0201", "0601"]
    assert draft.file_codes == SURVEY_ROWS
    assert draft.attributes[7:9] == [{"CZCSXM": "203"}, {"adjustable": True}]
    assert not judgement.refused
    assert found(judgement, "S7") == [("warning", "GHYDYH", 10, "needs_person")]
    assert judgement.found["worklist"] == [
        {"layer": "GHYDYH", "row": 10, "value": "1006", "proposed": "0601", "choices": ["060101", "060102"],
         "decided": None}
    ]  # fmt: skip
    assert [n["count"] for n in judgement.preview["notes"] if n["reason"] == "edition_converted"] == [10]


def test_what_a_person_decides_is_taken_and_asked_no_more(village):
    judgement = judged(village, zones(SURVEY_ROWS), decisions={"GHYDYH": {"10": "060101", "1": "0703"}})
    assert judgement.draft.codes[9] == "060101"
    assert judgement.draft.codes[0] == "0102"  # nobody was asked about it
    assert judgement.draft.file_codes[9] == "1006"
    assert found(judgement, "S7") == []
    assert judgement.found["worklist"][0]["decided"] == "060101"


def test_a_name_of_the_other_meaning_is_no_fault_once_a_person_has_decided(village):
    names = ["水浇地"] * 5 + ["乔木林地"] * 2 + ["一类农村宅基地", "没有名称", None]
    rows = [*SURVEY_ROWS[:7], "070301", "0204", "1207"]
    plan = zones(rows, YDYHFLMC=names)
    assert found(judged(village, plan), "S6") == [("error", "GHYDYH", 9, "name_not_of_code")]
    assert found(judged(village, plan, decisions={"GHYDYH": {"9": "0204"}}), "S6") == []


def test_a_file_that_may_be_of_the_survey_as_well_is_told_so(village):
    rows = ["0102"] * 5 + ["0301"] * 2 + ["0702", "0201", "1001"]
    assert found(judged(village, zones(rows)), "S7") == [("warning", "GHYDYH", None, "edition_unsure")]
    assert found(judged(village, zones(rows), code_edition="2023"), "S7") == []


def test_the_profiles_own_table_goes_before_the_conversion(village):
    judgement = judged(village, zones(SURVEY_ROWS), codes={"1006": "1207"})
    assert judgement.draft.codes[9] == "1207"
    assert "worklist" not in judgement.found


def test_an_upload_keeps_the_worklist_and_is_judged_again_with_the_decisions(village, cast, run_jobs):
    features = [
        {"type": "Feature", "properties": {"DLBM": code}, "geometry": mapping(cell(0, n, 10, 1))}
        for n, code in enumerate(SURVEY_ROWS)
    ]
    body = json.dumps({"type": "FeatureCollection", "name": "GHYDYH", "features": features}).encode()
    file = SimpleUploadedFile("plan.geojson", body)
    upload = imports.receive(file, name="plan.geojson", village=village, by=cast.planner)
    run_jobs()
    upload.refresh_from_db()
    assert upload.state == Upload.State.ACCEPTED
    assert upload.result["worklist_total"] == len(upload.result["worklist"]) == 1
    layer = upload.result["worklist"][0]["layer"]
    again = imports.again(upload, by=cast.planner, decisions={layer: {"10": "060102"}})
    run_jobs()
    again.refresh_from_db()
    version = PlanVersion.objects.get(pk=again.result["version"])
    zone = version.zones.get(number=10)
    assert (zone.code, zone.file_code) == ("060102", "1006")
    assert version.zones.get(number=9).attributes == {"adjustable": True}
