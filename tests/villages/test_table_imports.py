"""Tables of facts, facilities, households and divisions: every faulty cell is named, nothing half is stored, all comes back."""

import io
import json

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from portal.errors import Conflict, NotAllowed
from portal.models import AuditEntry, Membership, Role, User
from tests import world
from villages.models import Division, Facility, Fact, Household, TableImport, Village
from villages.tables import imports, kinds, texts, workbooks
from villages.tables.facts import FACTS as FIGURES

pytestmark = pytest.mark.django_db

FACTS = "村代码,指标,年份,数值,单位,来源\n"
GOOD = FACTS + f'{world.LIUGOU},户籍人口,2021,"1,286",人,台账\n{world.LIUGOU},households,2021年,４００,,台账\n'


def hand_in(text, kind="facts", *, by, code=world.LIUGOU, name="表.csv", store=True):
    content = text if isinstance(text, bytes) else text.encode()
    row = imports.keep(ContentFile(content), kind=kind, name=name, division_code=code, by=by)
    return imports.run(row, "store" if store else "check", by=by)


def book(*rows, sheet="facts", change=None) -> bytes:
    made = openpyxl.Workbook()
    made.active.title = sheet
    for row in rows:
        made.active.append(row)
    if change:
        change(made)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def places(row: TableImport) -> list[tuple]:
    return [(i["code"], i["row"], i["params"].get("letters", ""), i["params"]["reason"]) for i in row.issues]


def test_facts_are_stored_with_what_people_write_and_the_revision_is_raised(village, cast):
    before = Village.objects.get(pk=village.pk).revision
    row = hand_in(GOOD, by=cast.committee)
    assert (row.state, row.result["new"], row.issues) == ("stored", 2, [])
    stored = {f.code: (f.value, f.unit) for f in Fact.objects.filter(village=village, year=2021)}
    assert stored == {"population": (1286.0, "人"), "households": (400.0, "户")}
    assert Village.objects.get(pk=village.pk).revision == before + 1
    assert AuditEntry.objects.filter(verb="table.stored", object_id=row.pk).exists()


def test_every_faulty_cell_is_named_and_nothing_is_stored(village, cast):
    rows = [
        f"{world.LIUGOU},户籍人口,2021,12%,人,台账",
        "3.70983E+11,户籍人口,2021,5,人,台账",
        f"{world.LIUGOU},幸福指数,2021,5,人,台账",
        f"{world.LIUGOU},户数,二〇二一,5.5,户,",
        f"{world.LIUGOU},户籍人口,2022,-3,人,台账",
        f"{world.LIUGOU},户籍人口,2023-01-01,#REF!,人,台账",
    ]
    row = hand_in(FACTS + "\n".join(rows) + "\n", by=cast.committee)
    assert row.state == "refused"
    assert places(row) == [
        ("T2", 2, "D", "percent"),
        ("T2", 3, "A", "code_rounded"),
        ("T2", 4, "B", "not_in_list"),
        ("T2", 5, "C", "not_year"),
        ("T2", 5, "F", "empty"),
        ("T2", 6, "D", "too_small"),
        ("T2", 7, "C", "date_for_year"),
        ("T2", 7, "D", "spreadsheet_error"),
    ]
    assert all(texts.text(i["code"], i["params"]) != texts.rule(i["code"]) for i in row.issues)
    assert not Fact.objects.filter(year__gt=2020).exists()


def test_rows_that_contradict_each_other_or_the_unit_are_faults(village, cast):
    line = f"{world.LIUGOU},户籍人口,2021,5,人,台账\n"
    assert places(hand_in(FACTS + line + line, by=cast.committee)) == [("T3", 3, "C", "twice")]
    income = f"{world.LIUGOU},村集体收入,2021,5,元,台账\n"
    assert places(hand_in(FACTS + income, by=cast.committee)) == [("T2", 2, "E", "unit")]
    half = f"{world.LIUGOU},户数,2021,5.5,户,台账\n"
    assert places(hand_in(FACTS + half, by=cast.committee)) == [("T2", 2, "D", "not_whole")]


def test_every_fact_an_indicator_asks_for_can_be_handed_in_by_its_chinese_name(village, cast):
    lines = [f"{world.LIUGOU},{name},2021,12,{unit},台账" for name, unit in FIGURES.values()]
    row = hand_in(FACTS + "\n".join(lines) + "\n", by=cast.committee)
    assert (row.state, row.issues) == ("stored", [])
    stored = {fact.code: fact.unit for fact in Fact.objects.filter(village=village, year=2021)}
    assert stored == {code: unit for code, (_, unit) in FIGURES.items()}
    half = f"{world.LIUGOU},通自来水户数,2022,5.5,户,台账\n{world.LIUGOU},自然和文化遗产数量,2022,0.5,处,台账\n"
    assert places(hand_in(FACTS + half, by=cast.committee)) == [
        ("T2", 2, "D", "not_whole"),
        ("T2", 3, "D", "not_whole"),
    ]


def test_another_village_is_outside_for_the_committee_but_not_for_the_county(village, cast):
    world.make_village(world.OTHER, col=20)
    text = FACTS + f"{world.OTHER},户籍人口,2021,5,人,台账\n"
    assert places(hand_in(text, by=cast.committee)) == [("T4", 2, "A", "village_outside")]
    assert hand_in(text, by=cast.reviewer, code=world.COUNTY).state == "stored"
    unknown = FACTS + f"{world.FAR},户籍人口,2021,5,人,台账\n"
    assert places(hand_in(unknown, by=cast.reviewer, code=world.COUNTY)) == [("T4", 2, "A", "village_unknown")]


@pytest.mark.parametrize(
    ("who", "kind", "code"),
    [
        ("other_committee", "facts", world.LIUGOU), ("villager", "facts", world.LIUGOU), ("township", "facts", world.LIUGOU),
        ("committee", "facts", world.COUNTY), ("reviewer", "divisions", world.COUNTY), ("stranger", "households", world.LIUGOU),
    ],
)  # fmt: skip
def test_who_has_no_right_may_not_hand_a_table_in(village, cast, who, kind, code):
    with pytest.raises(NotAllowed):
        hand_in(GOOD, kind, by=getattr(cast, who), code=code)
    assert not TableImport.objects.exists()


def test_the_preview_counts_and_stores_nothing(village, cast):
    text = (
        FACTS + f"{world.LIUGOU},户籍人口,2020,1300,人,{world.DRAWN}\n{world.LIUGOU},户数,2020,400,户,{world.DRAWN}\n"
    )
    row = hand_in(text, by=cast.committee, store=False)
    assert row.state == "ready"
    assert {k: row.result[k] for k in ("new", "changed", "unchanged", "absent")} == {
        "new": 0, "changed": 1, "unchanged": 1, "absent": 1,
    }  # fmt: skip
    assert row.result["examples"][0]["fields"] == [{"field": "value", "old": 1200.0, "new": 1300.0}]
    assert Fact.objects.get(village=village, code="population").value == 1200


def test_an_import_is_taken_back_with_one_word(village, cast):
    text = FACTS + f"{world.LIUGOU},户籍人口,2020,1300,人,新台账\n{world.LIUGOU},户数,2021,401,户,新台账\n"
    row = hand_in(text, by=cast.committee)
    revision = Village.objects.get(pk=village.pk).revision
    imports.undo(row, by=cast.committee)
    fact = Fact.objects.get(village=village, code="population", year=2020)
    assert (fact.value, fact.source) == (1200, world.DRAWN)
    assert not Fact.objects.filter(year=2021).exists()
    assert Village.objects.get(pk=village.pk).revision == revision + 1
    with pytest.raises(Conflict):
        imports.undo(row, by=cast.committee)


def test_an_import_that_a_later_one_may_have_written_over_is_not_taken_back(village, cast):
    first = hand_in(GOOD, by=cast.committee)
    hand_in(GOOD.replace("1,286", "1,300"), by=cast.reviewer, code=world.COUNTY)
    with pytest.raises(Conflict):
        imports.undo(first, by=cast.committee)
    assert Fact.objects.get(village=village, code="population", year=2021).value == 1300


def test_storing_the_same_table_again_after_a_crash_keeps_what_takes_it_back(village, cast):
    row = hand_in(GOOD, by=cast.committee)
    again = imports.run(TableImport.objects.get(pk=row.pk), "store", by=cast.committee)
    assert again.result["new"] == 2
    imports.undo(again, by=cast.committee)
    assert not Fact.objects.filter(year=2021).exists()


def test_a_villages_own_workbook_needs_no_code_and_may_have_a_title(village, cast):
    rows = [
        ["柳沟村户籍表"],
        [],
        ["户号", "户主", "人数（人）", "宅基地面积(㎡)", "备注"],
        ["001", "柳一", 4, 166.5, "=1+1"],
        ["002", "柳二", "３", None, None],
    ]
    row = hand_in(
        book(*rows, change=lambda b: setattr(b.active["E4"], "data_type", "s")),
        "households",
        by=cast.planner,
        name="户.xlsx",
    )
    assert row.state == "stored", places(row)
    stored = list(
        Household.objects.values_list("village_id", "number", "head_name", "persons", "homestead_m2", "remark")
    )
    assert stored == [(world.LIUGOU, "001", "柳一", 4, 166.5, "=1+1"), (world.LIUGOU, "002", "柳二", 3, None, "")]


def test_a_unit_in_the_header_that_is_not_ours_is_a_fault(village, cast):
    row = hand_in(
        book(["户号", "户主", "人数", "宅基地面积（亩）"], ["1", "柳一", 4, 0.3]),
        "households",
        by=cast.planner,
        name="户.xlsx",
    )
    assert places(row) == [("T1", 1, "D", "column_unit")]


def test_merged_cells_and_repeated_headers_are_faults(village, cast):
    head = ["户号", "户主", "人数", "户号"]
    row = hand_in(book(head, ["1", "柳一", 4, "2"]), "households", by=cast.planner, name="户.xlsx")
    assert places(row) == [("T1", 1, "D", "column_twice")]
    merged = book(head[:3], ["1", "柳一", 4], ["2", None, 3], change=lambda b: b.active.merge_cells("B2:B3"))
    row = hand_in(merged, "households", by=cast.planner, name="户.xlsx")
    assert places(row) == [("T2", 2, "B", "merged"), ("T2", 3, "B", "empty")]


def test_a_table_of_another_kind_names_the_columns_that_are_wanted(village, cast):
    row = hand_in("甲,乙\n1,2\n", by=cast.committee)
    assert places(row) == [("T1", None, "", "no_sheet")]
    assert "村代码" not in texts.text("T1", row.issues[0]["params"])  # a village's own table need not have it
    assert "指标" in texts.text("T1", row.issues[0]["params"])
    row = hand_in("村代码,指标,年份,来源\n1,2,3,4\n", by=cast.committee)
    assert [i["params"]["wanted"] for i in row.issues] == ["数值 / Value"]


@pytest.mark.parametrize("kind", ["facts", "facilities", "households", "divisions", "projects"])
def test_the_empty_template_comes_back_with_kind_words(village, cast, kind):
    admin = User.objects.create_user("admin")
    Membership.objects.create(user=admin, role=Role.ADMINISTRATOR, division_code=world.COUNTY)
    by, code = (admin, world.COUNTY) if kind == "divisions" else (cast.committee, world.LIUGOU)
    found = kinds.by_name(kind)
    for content, name in ((workbooks.template(found), "模板.xlsx"), (workbooks.template_csv(found), "模板.csv")):
        row = hand_in(content, kind, by=by, code=code, name=name)
        assert (row.state, places(row)) == ("refused", [("T3", None, "", "no_rows")])
    opened = openpyxl.load_workbook(io.BytesIO(workbooks.template(found)))
    assert opened.worksheets[0]["A1"].value.startswith(found.columns[0].zh)
    assert bool(opened.worksheets[0].data_validations.dataValidation) == any(c.choices for c in found.columns)


def test_the_marked_table_shows_the_bad_cell_and_comes_back_corrected(village, cast):
    from portal.geo import tables

    head = ["设施类型", "设施名称", "经度", "纬度", "来源"]
    good = ["11 村卫生所", "=cmd|'/C calc'!A0", 116.8055, 36.1075, "调查"]
    rows = [head, good, ["1", "村委会", 36.1075, 116.8055, "调查"], ["77", "塔", 116.8, 36.1, "调查"]]

    def as_text(made):
        made.active["B2"].data_type = "s"

    row = hand_in(book(*rows, change=as_text), "facilities", by=cast.committee, name="设施.xlsx")
    assert places(row) == [("T2", 4, "A", "not_in_list")]
    sheets = tables.read(row.file.path, name=row.name)
    marked = openpyxl.load_workbook(io.BytesIO(workbooks.marked(row, sheets)))
    cell = marked.worksheets[0]["A4"]
    assert cell.fill.fgColor.rgb == "FFFFC7CE"
    assert cell.comment.text
    assert marked.worksheets[0]["B2"].value == "'=cmd|'/C calc'!A0"
    assert marked.worksheets[-1]["B2"].value == 4
    marked.worksheets[0]["A4"] = "99"
    stream = io.BytesIO()
    marked.save(stream)
    again = hand_in(stream.getvalue(), "facilities", by=cast.committee, name="设施.xlsx")
    assert places(again) == [("T2", 3, "C", "swapped")]
    marked.worksheets[0]["C3"], marked.worksheets[0]["D3"] = 116.8055, 36.1075
    stream = io.BytesIO()
    marked.save(stream)
    assert hand_in(stream.getvalue(), "facilities", by=cast.committee, name="设施.xlsx").state == "stored"
    stored = dict(Facility.objects.filter(source="调查").values_list("name", "kind"))
    assert stored == {"=cmd|'/C calc'!A0": "11", "村委会": "01", "塔": "99"}


def test_a_facility_far_from_its_village_is_a_fault(village, cast):
    text = "设施类型,设施名称,经度,纬度,来源\n村委会,村委会,116.9,36.1,调查\n"
    assert places(hand_in(text, "facilities", by=cast.committee)) == [("T4", 2, "C", "point_outside")]


def test_divisions_need_their_parents_and_take_the_bureaus_columns(cast, village):
    world.make_divisions()
    admin = User.objects.create_user("admin")
    Membership.objects.create(user=admin, role=Role.ADMINISTRATOR, division_code="370900000000")
    head = "code,name,streetCode,provinceCode,cityCode,areaCode\n"
    new = f"{head}370983101299,新村委会,370983101,37,3709,370983\n{world.LIUGOU},柳沟社区居委会,370983101,37,3709,370983\n"
    row = hand_in(new, "divisions", by=admin, code="370900000000")
    assert (row.state, row.result["new"], row.result["changed"]) == ("stored", 1, 1), places(row)
    made = Division.objects.get(pk="370983101299")
    assert (made.level, made.parent_id) == (5, world.TOWN)
    assert Division.objects.get(pk=world.LIUGOU).name == "柳沟社区居委会"
    imports.undo(row, by=admin)
    assert not Division.objects.filter(pk="370983101299").exists()
    assert Division.objects.get(pk=world.LIUGOU).name == "柳沟村委会"
    bad = (
        head
        + "370983199299,甲,370983199,37,3709,370983\n110101001001,乙,110101001,11,1101,110101\n370983101300,丙,370983102,37,3709,370983\n"
    )
    row = hand_in(bad, "divisions", by=admin, code="370900000000")
    assert places(row) == [
        ("T4", 2, "C", "parent_unknown"), ("T4", 3, "A", "division_outside"), ("T4", 4, "C", "parent_mismatch"),
    ]  # fmt: skip


def test_divisions_something_hangs_on_are_not_taken_back(cast, village):
    row = imports.run(
        imports.keep(ContentFile("code,name\n370984,新泰\n".encode()), kind="divisions", name="a.csv", division_code="370900000000", by=None),
        "store", by=None,
    )  # fmt: skip
    Division.objects.create(code="370984001000", name="镇", level=4, parent_id="370984000000")
    with pytest.raises(Conflict):
        imports.undo(row, by=None)


def test_the_divisions_of_a_whole_city_come_in_by_one_command(shared_data, db, capsys):
    """The same command takes the 620,573 villages of China (docs/imports.md has the figures)."""
    folder = shared_data / "divisions"
    world.make_divisions()
    for name, wanted in (("provinces", "37"), ("cities", "37"), ("areas", "3709"), ("streets", "3709")):
        head, *lines = (folder / f"{name}.csv").read_text("utf-8").splitlines()
        kept = "\n".join([head, *(line for line in lines if line.startswith(wanted))])
        hand_in(kept, "divisions", by=None, code="0" * 12, name=f"{name}.csv")
    call_command("import_table", "divisions", folder / "villages_taian_3709.csv", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["state"], answer["rows"], answer["issues"]) == ("stored", 3782, [])
    assert Division.objects.filter(level=5, pk__startswith="370983").count() == 634


def test_a_refused_table_ends_the_command_with_2(village, tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("甲,乙\n1,2\n", "utf-8")
    with pytest.raises(SystemExit) as ended:
        call_command("import_table", "facts", path, "--village", world.LIUGOU)
    assert ended.value.code == 2
    assert "refused" in capsys.readouterr().out
