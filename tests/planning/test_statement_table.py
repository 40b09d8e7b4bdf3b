"""The table of comments and what became of them, read back from the files that are handed out."""

import datetime
import io
import resource
import zipfile

import docx
import openpyxl
import pytest
import shapely
from django.contrib.gis.geos import Point
from django.db import connection
from django.utils import timezone, translation
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from planning import answers, causes, moderation, participation
from planning.models import PlanVersion
from planning.reports import statement, statement_docx, statement_xlsx
from planning.views import heard
from tests import world
from tests.grid import cell, centre, geos
from tests.rows import shared

pytestmark = pytest.mark.django_db
WAITS = "这里有样例违禁词，请看"
FORMULAS = ["=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝HYPERLINK(\"http://evil\")"]  # fmt: skip


@shared
def told(public_version, cast) -> PlanVersion:
    """Comments of every kind: answered, on behalf, hidden, waiting for an answer, held for a look."""
    version, by = public_version, cast.committee
    lon, lat = centre(3, 3)
    first = participation.post_comment(version, by=cast.villager, text="村口的路太窄", zone=3)
    participation.post_comment(version, by=cast.villager, text="卫生室要坡道", project=1)
    hidden = participation.post_comment(version, by=cast.villager, text="骂人的话", lon=lon, lat=lat)
    participation.enter_comment(
        version, by=by, channel="meeting", text="老人没处坐", said_on=timezone.localdate(), speaker="柳大爷"
    )
    participation.post_comment(version, by=cast.villager, text=WAITS)
    answers.answer(first, by=by, text="先研究", adoption="open")
    answers.answer(first, by=cast.township, text="采纳，修到五米", adoption="adopted")
    answers.answer(hidden, by=by, text="已提醒", adoption="not_adopted")
    moderation.hide(hidden, by=cast.township, reason="辱骂他人")
    draft = world.make_version(version.village, by=cast.planner)
    causes.say_cause(draft, draft.zones.get(number=3), first, by=cast.planner)
    return version


def table_of_xlsx(content: bytes) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [list(row) for row in sheet.iter_rows(min_row=statement_xlsx.HEAD_ROW, values_only=True)]


def table_of_docx(content: bytes) -> list[list[str]]:
    (table,) = docx.Document(io.BytesIO(content)).tables
    return [[cell.text for cell in row.cells] for row in table.rows]


def taken(client, version, form) -> bytes:
    answer = client.get(f"/versions/{version.pk}/comments.{form}")
    assert answer.status_code == 200
    assert f'filename="comments-{version.division_code}-v1.{form}"' in answer["Content-Disposition"]
    assert client.get(f"/api/v1/versions/{version.pk}/comments.{form}").status_code == 200
    return b"".join(answer) if answer.streaming else answer.content


def test_the_workbook_says_what_was_said_and_what_became_of_it(told, as_user):
    head, *rows = table_of_xlsx(taken(as_user(), told, "xlsx"))
    assert head == [str(text) for text in statement.heads()]
    assert len(rows) == 4
    by_name = [dict(zip(statement.Line.__dataclass_fields__, row, strict=True)) for row in rows]
    assert [row["number"] for row in by_name] == [1, 2, 3, 4]
    assert {row["who"] for row in by_name} == {"柳**"}
    assert [row["text"] for row in by_name][:2] == ["村口的路太窄", "卫生室要坡道"]
    assert "辱骂他人" in by_name[2]["text"]
    assert "骂人的话" not in str(rows)
    assert WAITS not in str(rows)
    assert "柳大爷" not in str(rows)
    assert by_name[0]["answer"] == "采纳，修到五米"
    assert by_name[0]["answered_on"].date() == timezone.localdate()
    assert by_name[1]["answer"] is None
    assert isinstance(by_name[0]["day"], datetime.datetime)
    assert "1" in str(by_name[1]["about"])


def test_a_place_and_an_area_are_told_with_the_zone_they_lie_in(public_version, cast):
    lon, lat = centre(3, 3)
    participation.post_comment(public_version, by=cast.villager, text="这里", lon=lon, lat=lat)
    participation.enter_comment(
        public_version, by=cast.committee, channel="paper", text="圈出的地", said_on=timezone.localdate(),
        shape=geos(shapely.MultiPolygon([cell(3, 3).geoms[0].buffer(-0.0002)])),
    )  # fmt: skip
    zone = public_version.zones.get(geom__covers=Point(lon, lat, srid=4490)).number
    with translation.override("en"):
        place, area = (line.about for line in statement.lines(public_version))
    assert place == f"A place on the map, in zone {zone}"
    assert area.startswith("An area of ")
    assert area.endswith(f", in zone {zone}")


def test_the_document_says_the_same_as_the_workbook(told, as_user):
    as_text = lambda value: "" if value is None else f"{value:%Y-%m-%d}" if hasattr(value, "year") else str(value)  # noqa: E731
    workbook = [[as_text(value) for value in row] for row in table_of_xlsx(taken(as_user(), told, "xlsx"))]
    assert table_of_docx(taken(as_user("committee"), told, "docx")) == workbook


def test_the_files_are_the_same_for_staff_and_show_no_change_of_a_draft(told, cast, as_user):
    """Files travel: whoever takes them, names are masked and a draft is not given away."""
    rows = table_of_xlsx(taken(as_user("committee"), told, "xlsx"))
    assert rows == table_of_xlsx(taken(as_user(), told, "xlsx"))
    assert cast.villager.full_name not in str(rows)
    assert rows[1][-1] is None
    world.publish(told.plan.versions.get(number=2), cast.township)
    assert "3" in table_of_xlsx(taken(as_user(), told, "xlsx"))[1][-1]


def test_the_document_has_the_look_of_an_official_one(told):
    made = docx.Document(io.BytesIO(statement_docx.document(told)))
    (section,), (table,) = made.sections, made.tables
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert "PAGE" in section.footer._element.xml
    fonts = zipfile.ZipFile(io.BytesIO(statement_docx.document(told))).read("word/fontTable.xml").decode()
    assert 'w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in fonts
    assert made.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert sum(statement_docx.widths()) == 297 - 2 * statement_docx.MARGIN_MM[1]
    assert min(statement_docx.widths()) >= 9


def test_held_comments_are_counted_and_not_listed(told):
    said = statement.head(told).summary
    assert "4" in said
    assert "1" in said


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_begins_a_formula_and_none_breaks_the_file(public_version, cast, text):
    participation.post_comment(public_version, by=cast.villager, text=f"x{text}")
    comment = participation.post_comment(public_version, by=cast.villager, text=text.strip())
    answers.answer(comment, by=cast.committee, text=text, adoption="explained")
    for table in (
        table_of_xlsx(statement_xlsx.workbook(public_version)),
        table_of_docx(statement_docx.document(public_version)),
    ):
        row = table[2]
        assert row[6] == f"'{text.strip()}"
        assert row[9] == f"'{text.strip()}"
    raw = zipfile.ZipFile(io.BytesIO(statement_xlsx.workbook(public_version))).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in raw


def test_control_characters_marks_and_long_texts_are_kept_as_far_as_a_file_can(public_version, cast):
    long = "路" * 1990 + "\x0b\x1b<&>\"'"
    participation.post_comment(public_version, by=cast.villager, text=long)
    for table in (
        table_of_xlsx(statement_xlsx.workbook(public_version)),
        table_of_docx(statement_docx.document(public_version)),
    ):
        assert table[1][6] == "路" * 1990 + "<&>\"'"


def test_a_large_table_is_kept_until_something_is_said(told, cast, as_user, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(heard, "MANY", 1)
    first = taken(as_user(), told, "xlsx")
    with django_assert_max_num_queries(15):
        assert as_user().get(f"/versions/{told.pk}/comments.xlsx").content == first
    answers.answer(told.comments.get(text="卫生室要坡道"), by=cast.committee, text="列入二期", adoption="partly")
    assert "列入二期" in str(table_of_xlsx(taken(as_user(), told, "xlsx")))


def test_an_empty_table_is_a_table(public_version):
    assert len(table_of_xlsx(statement_xlsx.workbook(public_version))) == 1
    assert len(table_of_docx(statement_docx.document(public_version))) == 1


def test_strangers_do_not_learn_of_a_draft(version, as_user):
    for form in ("xlsx", "docx"):
        assert as_user().get(f"/versions/{version.pk}/comments.{form}").status_code == 404
        assert as_user().get(f"/api/v1/versions/{version.pk}/comments.{form}").status_code == 404


def test_five_thousand_comments_take_bounded_memory(public_version, cast, django_assert_max_num_queries):
    participation.post_comment(public_version, by=cast.villager, text="路太窄" + "，请加宽" * 100)
    with connection.cursor() as cursor:  # copies of it, made where they are kept
        cursor.execute(
            """INSERT INTO planning_comment SELECT (jsonb_populate_record(c, jsonb_build_object('id', lpad(n::text, 12, 'x')))).*
               FROM planning_comment c, generate_series(2, 5000) n"""
        )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with django_assert_max_num_queries(200):
        content = statement_docx.document(public_version)
        assert statement_xlsx.workbook(public_version).startswith(b"PK")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 120, f"{grown:.0f} MB"
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    assert xml.count("</w:tr>") == 5001
