"""Comments entered on behalf of others: marked so, counted and answered like any other, never taken back by the committee."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from planning import moderation, on_behalf, participation
from planning.models import Comment, State
from portal.errors import PortalError
from portal.models import AuditEntry, Notification
from portal.resealing import reseal
from portal.retention import apply_retention
from tests import world
from tests.rows import shared

pytestmark = pytest.mark.django_db
WORDS = "村口的路灯坏了三年"


def today() -> str:
    return timezone.localdate().isoformat()


def page(version) -> str:
    return f"/versions/{version.pk}/comments/enter/"


def enter(client, version, **more):
    body = {"text": WORDS, "channel": "meeting", "said_on": today(), **more}
    return client.post(f"/api/v1/versions/{version.pk}/comments/on-behalf/", body, "application/json")


def mistake(client, comment):
    return client.post(f"/api/v1/comments/{comment.pk}/mistake/", content_type="application/json")


@shared
def entered(public_version, cast) -> Comment:
    return participation.enter_comment(
        public_version, by=cast.committee, channel="meeting", text=WORDS, said_on=timezone.localdate(), speaker="柳大娘"
    )


@pytest.mark.parametrize("who", ["committee", "planner", "township"])
def test_it_stands_in_public_as_said_by_a_villager(public_version, as_user, who):
    answer = enter(as_user(who), public_version, speaker="柳大娘", zone=8)
    assert answer.status_code == 201
    seen = as_user().get(f"/api/v1/versions/{public_version.pk}/comments/").json()["results"][0]
    assert (seen["author"], seen["on_behalf"], seen["channel"], seen["zone"]) == ("柳**", True, "meeting", 8)
    shown = as_user().get(f"/versions/{public_version.pk}/").content.decode()
    assert WORDS in shown
    assert "柳大娘" not in shown
    entry = AuditEntry.objects.get(verb="comment.posted")
    assert entry.after["channel"] == "meeting"
    assert "柳大娘" not in str(entry.after)


@pytest.mark.parametrize(
    ("who", "page_status", "api_status"),
    [
        (None, 302, 403),
        ("villager", 404, 403),
        ("other_committee", 404, 403),
        ("reviewer", 404, 403),
        ("province", 404, 403),
    ],
)
def test_nobody_else_enters_for_others(public_version, as_user, who, page_status, api_status):
    assert as_user(who).get(page(public_version)).status_code == page_status
    assert enter(as_user(who), public_version).status_code == api_status
    assert not Comment.objects.exists()


def test_kind_and_day_stay_for_the_next_one(public_version, as_user):
    client = as_user("committee")
    form = {"text": WORDS, "channel": "paper", "said_on": today(), "speaker": "柳大娘", "zone": "8", "once": "a1"}
    answer = client.post(page(public_version), form)
    assert answer.headers["Location"] == f"{page(public_version)}?channel=paper&said_on={today()}&entered=a1#id_text"
    following = client.get(answer.headers["Location"].split("#")[0]).content.decode()
    assert 'value="paper" required id="id_channel_1" checked' in following.replace("\n", " ") or "checked" in following
    assert f'value="{today()}"' in following
    assert "柳大娘" in following  # staff read who said it, in the list of today
    assert WORDS in following
    client.post(page(public_version), form)  # the second click
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "portal"}, "channel"), ({"channel": "import"}, "channel"), ({"text": ""}, None), ({"zone": "99"}, "zone"),
        ({"said_on": "2020-01-01"}, "said_on"), ({"said_on": "2099-01-01"}, "said_on"), ({"lon": "10", "lat": "10"}, None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(public_version, as_user, change, field):
    form = {"text": WORDS, "channel": "meeting", "said_on": today(), "speaker": "柳大娘", **change}
    answer = as_user("committee").post(page(public_version), form)
    assert answer.status_code == 400
    assert "柳大娘" in answer.content.decode()
    assert answer.context["form"].errors
    if field:
        assert field in answer.context["form"].errors
    assert not Comment.objects.exists()


def test_after_the_notice_it_goes_on_until_the_plan_is_approved(public_version, as_user, cast):
    client = as_user("committee")
    for state in (State.QUALITY_CHECK, State.SUBMITTED):
        version = world.put(public_version, state)
        assert client.get(page(version)).status_code == 200
        assert enter(client, version).status_code == 201
    approved = world.put(public_version, State.APPROVED)
    assert client.get(page(approved)).status_code == 404
    assert enter(client, approved).status_code == 409


def test_a_draft_that_nobody_has_seen_takes_none(version, as_user):
    assert as_user("committee").get(page(version)).status_code == 404
    assert enter(as_user("committee"), version).status_code == 409


def test_a_mistake_is_told_to_who_moderates_and_stays_until_they_hide_it(entered, as_user, cast):
    assert mistake(as_user("planner"), entered).status_code == 204
    told = Notification.objects.filter(kind="comment_mistake")
    assert {row.user for row in told} == {cast.township, cast.reviewer, cast.leader}
    entered.refresh_from_db()
    assert entered.hidden_at is None
    assert WORDS in as_user().get(f"/versions/{entered.version_id}/").content.decode()
    assert mistake(as_user("committee"), entered).json()["error"]["code"] == "reported"
    moderation.hide(entered, by=cast.township, reason="代录有误，已重新录入")
    assert mistake(as_user("committee"), entered).json()["error"]["code"] == "hidden"
    shown = as_user("committee").get(page(entered.version)).content.decode()
    assert f"/comments/{entered.pk}/mistake/" not in shown


def test_the_committee_hides_nothing_by_calling_it_a_mistake(entered, as_user, public_version, cast):
    with pytest.raises(moderation.NotAllowed):
        moderation.hide(entered, by=cast.committee, reason="代录有误")
    own = participation.post_comment(public_version, by=cast.villager, text="反对修路")
    answer = mistake(as_user("committee"), own)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_entered")
    assert as_user("committee").post(f"/comments/{own.pk}/mistake/").status_code == 404
    assert not Notification.objects.filter(kind="comment_mistake").exists()


@pytest.mark.parametrize(("who", "page"), [(None, 302), ("villager", 404), ("other_committee", 404), ("reviewer", 403)])
def test_only_who_enters_reports_mistakes(entered, as_user, who, page):
    assert mistake(as_user(who), entered).status_code == 403
    assert as_user(who).post(f"/comments/{entered.pk}/mistake/").status_code == page
    assert not on_behalf.reported([entered])


def test_the_page_reports_a_mistake_and_goes_on(entered, as_user):
    answer = as_user("committee").post(f"/comments/{entered.pk}/mistake/")
    assert answer.headers["Location"].startswith(page(entered.version) + "?channel=meeting")
    assert on_behalf.reported([entered]) == {entered.pk}


def test_who_said_it_lies_sealed_is_sealed_anew_and_goes_after_its_time(entered, settings, time_machine):
    from django.db import connection

    def stored() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT speaker FROM planning_comment WHERE id = %s", [entered.pk])
            return cursor.fetchone()[0]

    before = stored()
    assert before.startswith("v1:")
    assert reseal()["planning.Comment"] == 1
    assert stored() != before
    assert Comment.objects.get(pk=entered.pk).speaker == "柳大娘"
    time_machine.move_to(timezone.now() + datetime.timedelta(days=1094))
    apply_retention()
    assert Comment.objects.get(pk=entered.pk).speaker == "柳大娘"
    time_machine.move_to(timezone.now() + datetime.timedelta(days=2))
    apply_retention()
    kept = Comment.objects.get(pk=entered.pk)
    assert (kept.speaker, kept.text) == ("", WORDS)


def test_a_meeting_of_a_hundred_is_entered_in_one_evening(public_version, as_user):
    """The limit a day is for one's own comments: who enters for a meeting writes for many."""
    client = as_user("committee")
    assert [enter(client, public_version, text=f"意见{n}", once=f"k{n}").status_code for n in range(40)] == [201] * 40
    assert Client().get(f"/api/v1/versions/{public_version.pk}/comments/").json()["results"]


def test_the_function_takes_no_other_channel(public_version, cast):
    with pytest.raises(PortalError) as refused:
        participation.enter_comment(
            public_version, by=cast.committee, channel="portal", text=WORDS, said_on=timezone.localdate()
        )
    assert refused.value.code == "channel"


ROWS = '姓名,意见,地块号\n柳大娘,井水发黄,8\n,再要一盏路灯,\n柳二叔,"修路, 别占我家地",3.0\n,,\n'


def hand_in(client, version, text=ROWS, name="会议.csv", **more):
    file = SimpleUploadedFile(name, text.encode("utf-8-sig") if isinstance(text, str) else text)
    body = {"file": file, "channel": "meeting", "said_on": today(), **more}
    return client.post(f"/api/v1/versions/{version.pk}/comments/on-behalf/table/", body)


def test_a_table_of_a_meeting_is_entered_whole_and_once(public_version, as_user):
    client = as_user("committee")
    answer = hand_in(client, public_version)
    assert (answer.status_code, answer.json()) == (201, {"entered": 3})
    said = {(c.speaker, c.text, c.zone and c.zone.number) for c in Comment.objects.select_related("zone")}
    assert said == {("柳大娘", "井水发黄", 8), ("", "再要一盏路灯", None), ("柳二叔", "修路, 别占我家地", 3)}
    assert hand_in(client, public_version).json() == {"entered": 0}
    assert Comment.objects.count() == 3


def test_a_table_is_entered_once_whoever_hands_it_in(public_version, as_user, cast):
    assert hand_in(as_user("committee"), public_version).json() == {"entered": 3}
    assert hand_in(as_user("township"), public_version).json() == {"entered": 0}
    [entry] = AuditEntry.objects.filter(verb="comment.table_entered")
    assert (entry.after["rows"], len(entry.after["comments"])) == (3, 3)
    assert cast.committee.notifications.filter(kind="comment_new").count() == 1


def test_a_row_with_a_listed_word_waits_and_the_others_do_not(public_version, as_user):
    assert hand_in(as_user("committee"), public_version, "意见\n这里有样例违禁词，请看\n路要宽\n").json() == {
        "entered": 2
    }
    assert {comment.text: comment.waits for comment in Comment.objects.all()} == {
        "这里有样例违禁词，请看": True,
        "路要宽": False,
    }


def test_a_long_table_asks_no_more_questions_than_a_short_one(public_version, as_user, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        assert hand_in(as_user("committee"), public_version, "意见\n" + "路要宽\n" * 500).json() == {"entered": 500}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("姓名,意见,地块号\n甲,好,1\n乙,,2\n丙,好,99\n丁,好,三\n", ["3", "4", "5", "99", "三"]), ("姓名,说法\n甲,好\n", ["意见"]),
        ("意见\n", ["0"]), ("意见\n" + "好\n" * 501, ["501"]),
    ],
)  # fmt: skip
def test_a_table_with_faults_is_not_entered_and_each_is_named(public_version, as_user, text, named):
    answer = hand_in(as_user("committee"), public_version, text)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "table"
    assert all(word in answer.json()["error"]["message"] for word in named)
    assert not Comment.objects.exists()


def test_a_file_that_is_no_table_is_refused_in_words(public_version, as_user):
    assert hand_in(as_user("committee"), public_version, b"%PDF-1.7", name="a.xlsx").json()["error"]["code"] == "table"
    page_of_table = f"{page(public_version)}table/"
    file = SimpleUploadedFile("a.csv", "说法\n好\n".encode())
    wrong = as_user("committee").post(page_of_table, {"channel": "meeting", "said_on": today(), "file": file})
    assert wrong.status_code == 400
    assert "意见" in wrong.content.decode()
    file = SimpleUploadedFile("a.csv", ROWS.encode())
    right = as_user("committee").post(page_of_table, {"channel": "paper", "said_on": today(), "file": file})
    assert right.headers["Location"] == page(public_version)
    assert set(Comment.objects.values_list("channel", flat=True)) == {"paper"}


@pytest.mark.parametrize("who", [None, "villager", "other_committee", "reviewer"])
def test_nobody_else_hands_in_a_table_of_a_meeting(public_version, as_user, who):
    assert hand_in(as_user(who), public_version).status_code == 403
    assert as_user(who).get(f"{page(public_version)}table/").status_code in (302, 404)
    assert not Comment.objects.exists()


def test_a_table_for_a_wrong_day_is_refused_as_a_whole(public_version, as_user):
    answer = hand_in(as_user("committee"), public_version, said_on="2020-01-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "said_on")
    assert not Comment.objects.exists()
