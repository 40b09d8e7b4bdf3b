"""Earlier consultations taken in from a table: all of it or nothing, marked, counted apart, and nobody's name kept."""

import csv
import datetime
import io
import json
from collections import Counter

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from planning import answers, consultations, held, participation
from planning.models import Comment, Consultation
from portal.errors import Conflict, NotAllowed, PortalError
from portal.geo import tables
from portal.models import AuditEntry
from tests import world
from tests.grid import centre

SAID = {"title": "村庄规划征求意见", "source": "镇政府 2025 年问卷，CC BY 4.0"}
HEADER = ["意见内容", "时间", "姓名", "赞成数", "反对数", "审核结果", "图斑号", "经度", "纬度", "意见类别", "联系电话"]
SHEETS = {}
LON, LAT = (round(value, 6) for value in centre(3, 8))
ROWS = [
    ["路灯太少，晚上看不见。", "2025年6月3日", "柳建国", 12, 1, "通过", 9, "", "", "", "13800001111"],
    ["希望保留村口的老槐树；\n树下是大家乘凉的地方。", "2025-06-04", "柳秀英", 30, 0, "通过", "", LON, LAT, "", "13800002222"],
    ["垃圾池离水井太近", "2025/6/5", "柳建国", "1,200", "", "", "", "", "", "", ""],
    ["广告：低价卖楼", "2025.6.6", "路人", 0, 9, "不通过", "", "", "", "", ""],
    ["", "2025.6.6", "柳秀英", "", "", "", "", "", "", "", ""],
    ["路灯太少, 晚上看不见。", "2025.6.7", "王五", 3, 0, "通过", "", "", "", "", ""],
]  # fmt: skip


def as_csv(rows=ROWS, header=HEADER, encoding="gb18030") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode(encoding)


def as_xlsx(rows=ROWS, header=HEADER) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["2025 年征求意见汇总"])  # a title above the header, as offices write it
    sheet.append(header)
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(content: bytes, name="意见.csv") -> ContentFile:
    return ContentFile(content, name=name)


def take(version, by, content: bytes, name="意见.csv", **more) -> Consultation:
    return consultations.take_in(version, table(content, name), by=by, **{**SAID, **more})


@pytest.fixture(autouse=True)
def _read_once(monkeypatch):
    """The same bytes make the same sheets: the jail is started once for each file."""
    read = tables.read

    def again(path, *, name, encoding=None, limits):
        key = (path.read_bytes(), name, encoding)
        if key not in SHEETS:
            SHEETS[key] = read(path, name=name, encoding=encoding, limits=limits)
        return SHEETS[key]

    monkeypatch.setattr(tables, "read", again)


@pytest.fixture
def polis(shared_data) -> bytes:
    return (shared_data / "consultation_farmland" / "comments.csv").read_bytes()


# --- a real consultation: 297 statements of Polis


def test_a_real_export_comes_in_word_by_word_with_its_agreement(polis, public_version, cast):
    rows = list(csv.DictReader(io.StringIO(polis.decode())))
    kept = [row for row in rows if row["moderated"] != "-1"]
    made = take(
        public_version, cast.committee, polis, "comments.csv", title="Lopez Island farmland", source="Polis, CC BY 4.0"
    )
    assert made.counts == {"read": 297, "taken": 192, "left_out": {"rejected": 105}, "twice": 0, "held": 0}
    assert (made.held_from, made.held_to) == (datetime.date(2021, 6, 17), datetime.date(2021, 7, 31))
    comments = list(made.comments.order_by("created_at"))
    assert Counter(c.text for c in comments) == Counter(row["comment-body"].strip() for row in kept)
    assert [c.text for c in comments] == [row["comment-body"].strip() for row in kept]
    assert sum(c.agreed_before for c in comments) == sum(int(row["agrees"]) for row in kept)
    assert sum(c.disagreed_before for c in comments) == sum(int(row["disagrees"]) for row in kept)
    first = next(c for c in comments if c.text.startswith("The Land Bank Tax at 1%"))
    assert (first.speaker, first.said_on) == ("participant 365", datetime.date(2021, 7, 29))
    assert (first.channel, first.author, first.agreed_before, first.disagreed_before) == (
        "import",
        cast.committee,
        8,
        14,
    )


def test_what_its_moderator_had_taken_away_comes_in_when_somebody_says_so(polis, public_version, cast):
    made = take(public_version, cast.township, polis, "comments.csv", rejected=True)
    assert (made.counts["taken"], made.counts["left_out"]) == (297, {})
    assert sum(c.agreed_before for c in made.comments.all()) == 17254


# --- tables as offices write them


@pytest.mark.parametrize(
    ("content", "name"),
    [(as_csv(), "意见.csv"), (as_csv(encoding="utf-8-sig"), "意见.csv"), (as_csv(encoding="utf-16"), "意见.csv"), (as_xlsx(), "意见.xlsx")],
    ids=["GB18030", "UTF-8", "UTF-16", "Excel"],
)  # fmt: skip
def test_a_chinese_table_comes_in_whatever_it_was_saved_as(content, name, public_version, cast):
    made = take(public_version, cast.committee, content, name)
    assert made.counts == {"read": 6, "taken": 4, "left_out": {"rejected": 1, "empty": 1}, "twice": 1, "held": 0}
    lamps, tree, waste, again = made.comments.order_by("created_at")
    assert (lamps.text, lamps.zone.number, lamps.said_on) == ("路灯太少，晚上看不见。", 9, datetime.date(2025, 6, 3))
    assert tree.text == "希望保留村口的老槐树；\n树下是大家乘凉的地方。"
    assert (round(tree.geom.x, 6), round(tree.geom.y, 6)) == (LON, LAT)
    assert (waste.agreed_before, waste.disagreed_before) == (1200, 0)
    assert again.said_on == datetime.date(2025, 6, 7)


def test_names_and_telephones_of_participants_are_not_kept(public_version, cast):
    made = take(public_version, cast.committee, as_csv())
    assert [c.speaker for c in made.comments.order_by("created_at")] == [
        "participant 1",
        "participant 2",
        "participant 1",
        "participant 3",
    ]
    told = json.dumps(list(Comment.objects.values()), default=str) + json.dumps(
        list(AuditEntry.objects.values("after", "object_label")), default=str
    )
    assert "柳建国" not in told
    assert "1380000" not in told


def test_columns_can_be_named_by_hand(public_version, cast):
    content = as_csv([["水质差", "好的", "x"]], ["诉求", "办理", "备注"])
    seen = consultations.look_at(public_version, table(content), by=cast.committee)
    assert len(seen.faults) == 1
    assert seen.headers == ["诉求", "办理", "备注"]
    assert take(public_version, cast.committee, content, columns={"text": "诉求"}).comments.get().text == "水质差"


def test_a_column_that_was_recognised_wrongly_can_be_left_out(public_version, cast):
    content = as_csv([["路灯", "不是数字"]], ["意见", "支持"])
    with pytest.raises(consultations.Faulty):
        take(public_version, cast.committee, content)
    assert take(public_version, cast.committee, content, columns={"agrees": ""}).comments.get().agreed_before == 0


WRONG = [
    (["长" * 2001], "A"),
    (["好", "去年夏天"], "B"),
    (["好", "2999-01-01"], "B"),
    (["好", "2025-02-30"], "B"),
    (["好", "", "", "很多"], "D"),
    (["好", "", "", "1.5"], "D"),
    (["好", "", "", "-3"], "D"),
    (["好", "", "", "", "", "也许"], "F"),
    (["好", "", "", "", "", "", "半块地"], "G"),
    (["好", "", "", "", "", "", "", "116.8"], ""),
]
ELSEWHERE = [(["好", "", "", "", "", "", "9999"], ""), (["好", "", "", "", "", "", "", "100", "30"], "")]
"""rows that are right by themselves and fit no zone and no place of the village"""


@pytest.mark.parametrize("wrong", [WRONG, ELSEWHERE], ids=["cells", "places"])
def test_every_wrong_cell_is_named_by_row_and_column_and_nothing_is_stored(wrong, public_version, cast):
    content = as_csv([ROWS[0], *(cells + [""] * (11 - len(cells)) for cells, _column in wrong)])
    with pytest.raises(consultations.Faulty) as faulty:
        take(public_version, cast.committee, content)
    faults = faulty.value.data["faults"]
    assert [(fault["row"], fault["column"]) for fault in faults] == [
        (row, column) for row, (_cells, column) in enumerate(wrong, 3)
    ]
    assert all(fault["text"] and "{" not in fault["text"] for fault in faults)
    assert not Comment.objects.exists()
    assert not Consultation.objects.exists()


def test_more_than_five_thousand_rows_are_refused_with_their_number(public_version, cast):
    content = as_csv([[f"第{n}条"] for n in range(5001)], ["意见"])
    with pytest.raises(consultations.Faulty) as faulty:
        take(public_version, cast.committee, content)
    assert "5001" in str(faulty.value.message)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04nothing", b"\xff\xfe\x00", as_csv([], ["意见"])],
    ids=["empty", "zip", "broken", "header only"],
)
def test_what_is_no_table_is_refused_in_words(content, public_version, cast):
    with pytest.raises(PortalError) as refused:
        take(public_version, cast.committee, content)
    assert str(refused.value.message)


def test_the_same_file_twice_is_refused_and_says_which_it_was(public_version, cast):
    made = take(public_version, cast.committee, as_csv())
    with pytest.raises(Conflict) as refused:
        take(public_version, cast.township, as_csv(), title="又一次")
    assert refused.value.data == {"consultation": made.pk}
    assert SAID["title"] in str(refused.value.message)


def test_listed_words_hold_a_comment_as_ever(public_version, cast, as_user):
    day = timezone.localdate()
    held.list_word(by=cast.township, word="垃圾池", division_code=world.TOWN, source="示例", listed_on=day)
    made = take(public_version, cast.committee, as_csv())
    assert made.counts["held"] == 1
    assert made.comments.waiting().get().text == "垃圾池离水井太近"
    assert "垃圾池" not in as_user().get(reverse("consultation", args=[made.pk])).content.decode()


# --- who, when, and what it counts for


def test_others_than_committee_township_and_county_reviewer_may_not(public_version, cast):
    for who in (cast.villager, cast.planner, cast.stranger, cast.other_committee, cast.leader):
        with pytest.raises(NotAllowed):
            take(public_version, who, as_csv())
        with pytest.raises(NotAllowed):
            consultations.look_at(public_version, table(as_csv()), by=who)


@pytest.mark.parametrize("who", ["committee", "township", "reviewer"])
def test_committee_township_and_county_reviewer_may_also_for_a_draft(who, version, cast):
    assert take(version, getattr(cast, who), as_csv()).counts["taken"] == 4


def test_after_the_plan_was_sent_back_nothing_is_taken_in(public_version, cast):
    world.send_back(public_version, by=cast.reviewer, note="重做")
    public_version.refresh_from_db()
    with pytest.raises(Conflict):
        take(public_version, cast.committee, as_csv())


def test_it_asks_for_no_answer_but_can_have_one_and_uses_up_nobodys_day(public_version, cast):
    made = take(public_version, cast.committee, as_csv())
    assert not public_version.comments.to_answer().exists()
    comment = made.comments.order_by("created_at").first()
    answers.answer(comment, by=cast.committee, text="今年装十盏。", adoption="adopted")
    assert comment.replies.count() == 1
    assert participation.check_count(public_version, cast.committee) == 0


def test_the_taking_in_is_on_record_once(public_version, cast):
    made = take(public_version, cast.committee, as_csv())
    entry = AuditEntry.objects.get(verb="consultation.taken_in")
    assert (entry.actor, entry.object_id, entry.after["taken"]) == (cast.committee, made.pk, 4)
    assert not AuditEntry.objects.filter(verb="comment.posted").exists()


# --- page, API, command: one function


def test_from_the_page_one_looks_first_and_takes_in_after(public_version, as_user):
    client, address = as_user("committee"), reverse("consultation-list", args=[public_version.pk])
    page = client.post(address, {**SAID, "file": table(as_csv())})
    seen = page.content.decode()
    assert page.status_code == 200
    assert "路灯太少，晚上看不见。" in seen
    assert not Consultation.objects.exists()
    said = {**page.context["said"], "col-text": "意见内容", "col-agrees": "赞成数", "rejected": "1"}
    again = client.post(address, {**said, "again": "1"})
    assert len(again.context["table"].rows) == 5
    done = client.post(address, {**said, "take": "1"}, follow=True)
    made = Consultation.objects.get()
    assert done.redirect_chain[-1][0] == reverse("consultation", args=[made.pk])
    assert made.counts["taken"] == 5
    assert "希望保留村口的老槐树" in done.content.decode()
    assert "13800002222" not in done.content.decode()
    assert client.post(address, {**said, "take": "1"}).status_code == 302  # the kept file is gone


def test_a_kept_file_is_for_nobody_else(public_version, as_user):
    address = reverse("consultation-list", args=[public_version.pk])
    said = as_user("committee").post(address, {**SAID, "file": table(as_csv())}).context["said"]
    assert as_user("township").post(address, {**said, "take": "1"}).status_code == 302
    assert as_user("committee").post(address, {**said, "token": said["token"] + "x", "take": "1"}).status_code == 302
    assert not Consultation.objects.exists()


def test_faults_stand_on_the_page_and_the_file_may_be_looked_at_again(public_version, as_user):
    client, address = as_user("committee"), reverse("consultation-list", args=[public_version.pk])
    page = client.post(address, {**SAID, "file": table(as_csv([["好", "昨天"]], ["意见", "时间"]))})
    assert page.status_code == 400
    assert "昨天" in page.content.decode()
    again = client.post(address, {**page.context["said"], "col-text": "意见", "col-said_on": "", "again": "1"})
    assert again.status_code == 200


def test_strangers_read_what_was_taken_in_and_hand_in_nothing(public_version, cast, as_user):
    made = take(public_version, cast.committee, as_csv())
    address = reverse("consultation-list", args=[public_version.pk])
    page = as_user().get(address).content.decode()
    assert SAID["title"] in page
    assert 'type="file"' not in page
    assert as_user().get(reverse("consultation", args=[made.pk])).status_code == 200
    assert as_user("villager").post(address, {**SAID, "file": table(as_csv())}).status_code == 403
    assert "/login" in as_user().post(address, {**SAID, "file": table(as_csv())})["Location"]


def test_of_a_draft_strangers_see_nothing(version, cast, as_user):
    made = take(version, cast.committee, as_csv())
    for who in (None, "villager", "other_committee"):
        assert as_user(who).get(reverse("consultation-list", args=[version.pk])).status_code == 404
        assert as_user(who).get(reverse("consultation", args=[made.pk])).status_code == 404
        assert as_user(who).get(reverse("api-consultations", args=[version.pk])).status_code == 404
        assert as_user(who).get(reverse("api-consultation-comments", args=[made.pk])).status_code == 404


def test_the_api_looks_takes_in_and_lists(public_version, as_user):
    client = as_user("township")
    seen = client.post(reverse("api-consultation-look", args=[public_version.pk]), {"file": table(as_csv())}).json()
    assert (seen["read"], seen["taken"], seen["left_out"], seen["twice"]) == (
        6,
        4,
        {"rejected": 1, "empty": 1},
        [[7, 2]],
    )
    assert seen["columns"]["text"] == "意见内容"
    address = reverse("api-consultations", args=[public_version.pk])
    wrong = client.post(address, {**SAID, "file": table(as_csv([["好", "昨天"]], ["意见", "时间"]))})
    assert (wrong.status_code, wrong.json()["error"]["data"]["faults"][0]["column"]) == (400, "B")
    made = client.post(address, {**SAID, "file": table(as_csv()), "columns": '{"theme": ""}'})
    assert made.status_code == 201
    assert as_user().get(address).json()[0]["counts"]["taken"] == 4
    found = as_user().get(reverse("api-consultation-comments", args=[made.json()["id"]])).json()["results"]
    assert [row["text"][:2] for row in found] == ["路灯", "希望", "垃圾", "路灯"]
    assert {row["channel"] for row in found} == {"import"}
    assert [row["author"].split()[-1] for row in found] == ["1", "2", "1", "3"]
    assert [(row["agreed_before"], row["disagreed_before"]) for row in found] == [(12, 1), (30, 0), (1200, 0), (3, 0)]


def test_the_command_takes_in_the_same_and_says_what_is_wrong(public_version, cast, tmp_path, capsys):
    path = tmp_path / "意见.csv"
    path.write_bytes(as_csv([["好", "昨天"]], ["诉求", "时间"]))
    given = [public_version.pk, str(path), "--title", "问卷", "--source", "镇政府", "--column", "text=诉求"]
    with pytest.raises(SystemExit) as stopped:
        call_command("import_consultation", *given, "--as", cast.committee.username)
    assert stopped.value.code == 2
    assert "row 2 B" in capsys.readouterr().out
    call_command("import_consultation", *given, "--as", cast.committee.username, "--column", "said_on=", "--json")
    assert json.loads(capsys.readouterr().out)["taken"] == 1
    with pytest.raises(CommandError):
        call_command("import_consultation", *given, "--as", cast.villager.username)


def test_the_page_of_the_version_shows_them_apart_from_the_notice(public_version, cast, as_user):
    participation.post_comment(public_version, by=cast.villager, text="公示期间的意见")
    take(public_version, cast.committee, as_csv())
    page = as_user().get(reverse("version", args=[public_version.pk]))
    assert [comment.text for comment in page.context["comments"]] == ["公示期间的意见"]
    seen = page.content.decode()
    assert SAID["title"] in seen
    assert "希望保留村口的老槐树" in seen
