"""What the portal tells a person: once, in the own language, until it is read; nobody else's."""

import datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from planning import answers, participation
from portal import notify
from portal.models import Membership, Notification, Role
from tests import world

ROOT = Path(__file__).resolve().parent.parent.parent


def told(cast, **differences):
    values = {"plan": "柳沟村村庄规划", "number": 2, "day": datetime.date(2026, 12, 1), **differences}
    return notify.tell([cast.township], "notice_opened", url="/desk/", **values)


def test_the_same_thing_is_told_once_and_other_things_each_time(cast):
    for _round in range(3):
        told(cast, once="notice:1")
        told(cast)
    assert cast.township.notifications.count() == 4


def test_the_sentence_is_in_the_language_of_whoever_reads_it(cast):
    told(cast)
    row = cast.township.notifications.get()
    with translation.override("en"):
        assert "until 1 December 2026" in notify.words(row)
    with translation.override("zh-hans"):
        assert "2026年12月1日" in notify.words(row)


def test_lazy_words_are_kept_in_both_languages(cast):
    notify.tell([cast.township], "step_made", plan="规划", number=1, state=_("Public notice"))
    values = cast.township.notifications.get().values
    assert values["state"]["en"] == "Public notice"
    assert set(values["state"]) == {"en", "zh-hans"}


def test_an_unknown_kind_or_a_missing_value_fails_where_it_is_told(cast):
    with pytest.raises(KeyError):
        notify.tell([cast.township], "gossip")
    with pytest.raises(KeyError):
        notify.tell([cast.township], "notice_opened", plan="规划")


def test_people_who_left_are_not_told(cast):
    cast.township.is_active = False
    cast.township.save()
    told(cast)
    assert not Notification.objects.exists()


def test_holders_are_those_of_the_division_and_above_whose_role_holds_today(cast):
    found = notify.holders([Role.TOWNSHIP, Role.COUNTY_REVIEWER, Role.COMMITTEE], world.LIUGOU)
    assert set(found) == {cast.township, cast.reviewer, cast.committee}
    Membership.objects.filter(user=cast.township).update(valid_to=datetime.date(2020, 1, 1))
    assert cast.township not in notify.holders([Role.TOWNSHIP], world.LIUGOU)
    assert notify.holders([Role.DEPARTMENT], world.LIUGOU, department="agriculture") == [cast.agriculture]
    assert notify.holders([Role.DEPARTMENT], world.LIUGOU, department="water") == []


# --- pages and API


def test_the_page_shows_the_newest_first_and_marks_what_was_not_read(cast, as_user):
    told(cast, number=1)
    told(cast, number=2)
    client = as_user("township")
    client.cookies["django_language"] = "en"
    html = client.get("/notifications/").content.decode()
    assert html.index("version 2") < html.index("version 1")
    assert html.count("told--new") == 2
    assert 'class="header-bell__count">2<' in html
    assert "version 1" not in as_user("villager").get("/notifications/").content.decode()


def test_opening_one_marks_it_as_read_and_leads_on(cast, as_user):
    told(cast)
    told(cast)
    row = cast.township.notifications.last()
    client = as_user("township")
    assert client.get(f"/notifications/{row.once}/read/").status_code == 405
    answer = client.post(f"/notifications/{row.once}/read/")
    assert (answer.status_code, answer["Location"]) == (302, "/desk/")
    assert notify.unread(cast.township) == 1
    client.post("/notifications/read/")
    assert notify.unread(cast.township) == 0


def test_nobody_reads_or_marks_what_was_told_to_somebody_else(cast, as_user):
    told(cast)
    row = cast.township.notifications.get()
    assert as_user("reviewer").post(f"/notifications/{row.once}/read/").status_code == 404
    assert as_user("reviewer").post(f"/api/v1/notifications/{row.once}/read/").status_code == 404
    as_user("reviewer").post("/notifications/read/")
    assert notify.unread(cast.township) == 1
    assert as_user().get("/notifications/").status_code == 302
    assert as_user().get("/api/v1/notifications/").status_code == 403


def test_an_empty_page_says_what_will_stand_here(as_user):
    client = as_user("villager")
    client.cookies["django_language"] = "en"
    html = client.get("/notifications/").content.decode()
    assert "Nothing was told to you yet." in html
    assert "header-bell__count" not in html


def test_the_api_reads_in_pages_and_marks_as_read(cast, as_user):
    for number in range(5):
        told(cast, number=number)
    client = as_user("township")
    first = client.get("/api/v1/notifications/?page_size=3").json()
    rest = client.get(first["next"]).json()
    found = [*first["results"], *rest["results"]]
    assert len(found) == 5
    assert rest["next"] is None
    assert len({row["id"] for row in found}) == 5
    assert not {str(row.pk) for row in Notification.objects.all()} & {row["id"] for row in found}
    assert client.post(f"/api/v1/notifications/{found[0]['id']}/read/").json()["read_at"]
    assert len(client.get("/api/v1/notifications/?unread=true").json()["results"]) == 4
    assert client.post("/api/v1/notifications/read/").json() == {"unread": 0}
    assert client.get("/api/v1/notifications/?cursor=nonsense").status_code == 400


def test_the_number_in_the_header_costs_one_query(cast, as_user):
    client = as_user("villager")
    with CaptureQueriesContext(connection) as asked:
        client.get("/notifications/")
    assert sum('"read_at" IS NULL' in query["sql"] for query in asked) == 1


# --- what is told of comments and exceptions


def test_a_resident_is_told_of_the_answer_and_the_committee_of_new_comments_once_a_day(public_version, cast):
    first = participation.post_comment(public_version, by=cast.villager, text="路太窄")
    participation.post_comment(public_version, by=cast.stranger, text="支持")
    assert cast.committee.notifications.filter(kind="comment_new").count() == 1
    answers.answer(first, by=cast.committee, text="加宽到五米。", adoption="adopted")
    row = cast.villager.notifications.get(kind="comment_answered")
    assert row.url == f"/versions/{public_version.pk}/?comment={first.pk}#comment-{first.pk}"
    assert not cast.stranger.notifications.filter(kind="comment_answered").exists()


def test_those_concerned_are_told_of_each_step_but_not_whoever_made_it(version, cast):
    world.advance(version, "round1", by=cast.committee)
    rows = Notification.objects.filter(kind="step_made")
    assert {row.user for row in rows} == {cast.planner, cast.township}


def test_every_kind_is_told_somewhere():
    told = " ".join(path.read_text("utf-8") for app in ("portal", "planning", "indicators") for path in (ROOT / app).rglob("*.py")
                    if path.name != "notify.py")  # fmt: skip
    assert [kind for kind in notify.KINDS if f'"{kind}"' not in told] == []
