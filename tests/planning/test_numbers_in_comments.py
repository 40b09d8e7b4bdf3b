"""Telephone and identity numbers in comments: stars for all but the author and who looks at comments, and nobody waits."""

import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from docx import Document

from planning import on_behalf_tables, participation
from planning.models import Comment
from portal.models import AuditEntry
from portal.written_numbers import starred_numbers
from tests.portal.test_consent_to_place import taken_in
from tests.rows import shared

pytestmark = pytest.mark.django_db
PHONE, NUMBER = "13812345678", "370983196001011234"
WORDS = f"我是柳大山，电话{PHONE}，身份证{NUMBER}，村口的路太窄"
STARRED = f"我是柳大山，电话{'*' * 11}，身份证{'*' * 18}，村口的路太窄"
NOTE = ("others see stars", "其他人看到的是星号")


@pytest.mark.parametrize("text", [
    "138 1234 5678", "138-1234-5678", "+8613812345678", "86 13812345678", "１３８１２３４５６７８", "微信wx13812345678", "3709831960010112３X",
    "370983 19600101 123x", "370983-1960-0101-1234", f"{PHONE}，{NUMBER}", f"{PHONE}、{PHONE}",
])  # fmt: skip
def test_numbers_as_people_write_them_are_starred(text):
    starred = starred_numbers(text)
    assert len(starred) == len(text)
    assert not any(sign.isdigit() for sign in starred.removeprefix("微信wx"))


@pytest.mark.parametrize("text", [
    "第12号地块，面积 1380.5 平方米", "行政区划代码 370983100201", "2026-11-28 10:30", "不动产单元号 370983100201JC00012F00010001",
    "116.8055, 36.1025", "138123456789", "地块 13、14、15", "电话 12345", "2021-2035年",
])  # fmt: skip
def test_other_numbers_stay(text):
    assert starred_numbers(text) == text


@shared
def said(public_version, cast) -> Comment:
    return participation.post_comment(public_version, by=cast.villager, text=WORDS, zone=8)


def everywhere(client, version) -> dict[str, str]:
    """What a reader gets of the comments of a version, page by page."""
    told = {}
    for address in (f"/versions/{version.pk}/", f"/versions/{version.pk}/heard/",
                    f"/api/v1/versions/{version.pk}/comments/", f"/api/v1/versions/{version.pk}/heard/"):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200
        is_json = answer.headers["Content-Type"].startswith("application/json")
        told[address] = json.dumps(answer.json(), ensure_ascii=False) if is_json else answer.content.decode()
    for ending, read in (("xlsx", cells), ("docx", paragraphs)):
        answer = client.get(f"/versions/{version.pk}/comments.{ending}")
        assert answer.status_code == 200
        told[ending] = read(b"".join(answer))
    return told


def cells(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return "\n".join(str(cell) for row in book.active.iter_rows(values_only=True) for cell in row)


def paragraphs(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    return "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)


@pytest.mark.parametrize("who", [None, "stranger", "committee", "planner"])
def test_the_numbers_are_in_no_page_answer_or_table_for_others(said, public_version, as_user, who):
    assert not said.waits
    for where, text in everywhere(as_user(who), public_version).items():
        assert PHONE not in text, where
        assert NUMBER not in text, where
        assert STARRED in text, where


@pytest.mark.parametrize(("who", "raw"), [("committee", False), ("planner", False), ("township", True)])
def test_the_page_of_work_shows_them_to_those_who_look_at_comments_alone(said, public_version, as_user, who, raw):
    page = as_user(who).get(f"/versions/{public_version.pk}/answers/?by=words").content.decode()
    assert (PHONE in page) is raw
    assert (STARRED in page) is not raw


@pytest.mark.parametrize(("who", "raw"), [("villager", True), ("township", True), ("committee", False), (None, False)])
def test_the_author_reads_the_own_words_and_is_told(said, public_version, as_user, who, raw):
    row = as_user(who).get(f"/api/v1/versions/{public_version.pk}/comments/").json()["results"][0]
    assert (row["text"], row["starred"]) == ((WORDS, True) if raw else (STARRED, False))
    page = as_user(who).get(f"/versions/{public_version.pk}/").content.decode()
    assert (
        any(f'<p class="hint">{said}' in page or said in page.split('id="strings-comment"')[0] for said in NOTE) is raw
    )


def test_the_author_is_told_at_once(public_version, cast, as_user):
    client = as_user("villager")
    page = client.post(f"/versions/{public_version.pk}/comments/", {"text": WORDS, "once": "a"}, follow=True)
    assert any(note in str(message) for message in page.context["messages"] for note in NOTE)
    answer = client.post(f"/api/v1/versions/{public_version.pk}/comments/", {"text": WORDS}, "application/json").json()
    assert (answer["starred"], answer["held"]) == (True, None)
    plain = client.post(
        f"/api/v1/versions/{public_version.pk}/comments/", {"text": "路太窄"}, "application/json"
    ).json()
    assert plain["starred"] is False


def test_entered_for_others_from_a_table_and_taken_in_alike(public_version, cast, as_user):
    today = timezone.localdate()
    participation.enter_comment(public_version, by=cast.committee, channel="paper", text=WORDS, said_on=today)
    file = SimpleUploadedFile("会.csv", f"姓名,意见\n柳大山,{WORDS}\n".encode())
    on_behalf_tables.enter_table(public_version, by=cast.committee, channel="meeting", said_on=today, file=file)
    taken_in(public_version, cast.committee, WORDS)
    assert Comment.objects.filter(text=WORDS, held_at=None).count() == 3
    for where, text in everywhere(as_user(), public_version).items():
        assert PHONE not in text, where
        assert NUMBER not in text, where
    assert any(
        note in as_user("committee").get(f"/versions/{public_version.pk}/comments/enter/").content.decode()
        for note in NOTE
    )


def test_the_record_of_acts_and_the_history_of_the_version_hold_stars(public_version, cast, as_user):
    spaced = "电话 138 1234 5678"
    participation.post_comment(public_version, by=cast.villager, text=spaced)
    assert AuditEntry.objects.get(verb="comment.posted").after["text"] == f"电话 {'*' * 13}"
