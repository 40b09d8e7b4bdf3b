"""Comments that wait for a look: told at once, never public before they are let out, never lost, found by who looks at them."""

import datetime

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from planning import answers, gates, held, moderation, participation, procedures, waiting
from planning.models import Comment, PlanVersion, WorkflowRule
from portal import people
from portal.errors import Conflict, NotAllowed
from portal.models import AuditEntry, Notification, Person
from tests import world
from tests.rows import shared

WORDS = "这里有样例违禁词，请看"
# the same word split, wide, with look-alike letters of other scripts, with signs nobody sees
DISGUISED = [
    "样 例·违\u200b禁…词",
    "ｓａｍｐｌｅ－ｂａｎｎｅｄ－ｗｏｒｄ",
    "SAMPLE banned wоrd",
    "s.a.m.p.1.e b@nned w0rd",
    "sámple-bánned-wórd",
]


def say(client, version, text=WORDS, **more):
    return client.post(f"/api/v1/versions/{version.pk}/comments/", {"text": text, **more}, "application/json")


@shared
def waits(public_version, cast) -> Comment:
    return participation.post_comment(public_version, by=cast.villager, text=WORDS)


@shared
def unknown(public_version, cast):
    """The villager has not shown an identity card."""
    Person.objects.filter(user=cast.villager).delete()
    return cast.villager


def test_its_author_is_told_at_once_and_sees_it_waiting(public_version, as_user):
    client = as_user("villager")
    page = client.post(f"/versions/{public_version.pk}/comments/", {"text": WORDS}, follow=True)
    (message,) = page.context["messages"]
    assert "3" in str(message)
    assert WORDS in page.content.decode()
    answer = say(client, public_version).json()
    assert answer["held"]["look_by"]
    assert (answer["held"]["why"], answer["held"]["words"], answer["unverified"]) == (None, None, None)


@pytest.mark.parametrize("text", DISGUISED)
def test_a_word_is_found_however_it_is_written(text, public_version, cast):
    assert participation.post_comment(public_version, by=cast.villager, text=text).waits


@pytest.mark.parametrize("text", ["样例很好", "违禁", "a sample of banned words", "路太窄，12 号地块"])
def test_other_words_hold_nothing(text, public_version, cast):
    assert not participation.post_comment(public_version, by=cast.villager, text=text).waits


@pytest.mark.parametrize("who", [None, "stranger", "committee", "planner", "other_committee", "province"])
def test_nobody_else_reads_it_but_everybody_reads_that_it_is_looked_at(who, waits, as_user):
    version, client = waits.version, as_user(who) if who else as_user()
    page = client.get(f"/versions/{version.pk}/").content.decode()
    assert "样例违禁词" not in page
    assert 'id="comment-' + waits.pk not in page
    body = client.get(f"/api/v1/versions/{version.pk}/comments/").json()
    assert (body["results"], body["looked_at"]) == ([], 1)
    assert client.get(f"/api/v1/comments/{waits.pk}/").status_code == 404
    history = client.get(f"/api/v1/versions/{version.pk}/history/").content.decode()
    assert "样例违禁词" not in history
    if who in ("committee", "planner", "province"):
        assert "样例违禁词" not in client.get(f"/versions/{version.pk}/review/").content.decode()


def test_the_number_of_a_pin_is_the_same_for_all_readers(waits, cast, as_user):
    after = participation.post_comment(waits.version, by=cast.villager, text="路太窄")
    for who in ("villager", "stranger", "township"):
        comments = as_user(who).get(f"/versions/{waits.version_id}/").context["comments"]
        assert {c.pk: c.number for c in comments}[after.pk] == 2


def test_township_and_county_find_it_under_what_waits_with_its_day(waits, cast, as_user):
    for name in ("township", "reviewer", "leader"):
        heap = next(h for h in waiting.heaps(getattr(cast, name)) if h.kind == "comments_to_look_at")
        (item,) = heap.items(getattr(cast, name), 0, 9)
        assert (heap.total, item.due_on, item.left, item.working) == (1, waits.look_by, 3, True)
        assert Notification.objects.filter(user=getattr(cast, name), kind="comment_held").count() == 1
    for name in ("committee", "planner", "villager", "other_committee"):
        assert "comments_to_look_at" not in {h.kind for h in waiting.heaps(getattr(cast, name))}
    page = as_user("township").get(f"/versions/{waits.version_id}/").content.decode()
    assert f"/comments/{waits.pk}/release/" in page
    body = as_user("township").get(f"/api/v1/comments/{waits.pk}/").json()
    assert (body["held"]["why"], body["held"]["words"], body["unverified"]) == ("words", "样例违禁词", False)


def test_it_is_let_out_and_then_asks_for_an_answer(waits, cast, as_user):
    version = waits.version
    assert gates.comments_answered(version) is None
    answer = as_user("township").post(f"/comments/{waits.pk}/release/", {"next": f"/versions/{version.pk}/review/"})
    assert answer.url == f"/versions/{version.pk}/review/#comment-{waits.pk}"
    assert "样例违禁词" in as_user().get(f"/versions/{version.pk}/").content.decode()
    assert gates.comments_answered(version) is not None
    assert AuditEntry.objects.get(verb="comment.released", object_id=waits.pk).after == {"text": WORDS}
    assert Notification.objects.filter(user=cast.villager, kind="comment_released").count() == 1
    assert Notification.objects.filter(user=cast.committee, kind="comment_new").count() == 1
    again = as_user("leader").post(f"/api/v1/comments/{waits.pk}/release/")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_held")


def test_it_is_hidden_with_a_reason_and_still_counted(waits, cast, as_user):
    moderation.hide(waits, by=cast.reviewer, reason="含他人个人信息")
    page = as_user().get(f"/versions/{waits.version_id}/").content.decode()
    assert "含他人个人信息" in page
    assert "样例违禁词" not in page
    assert gates.comments_answered(waits.version) is None
    body = as_user().get(f"/api/v1/versions/{waits.version_id}/comments/").json()
    assert (len(body["results"]), body["looked_at"]) == (1, 0)


@pytest.mark.parametrize("who", ["villager", "committee", "planner", "stranger", "other_committee", None])
def test_only_who_looks_at_comments_lets_them_out(who, waits, cast, as_user):
    client = as_user(who) if who else as_user()
    expected = {"villager": 403, None: 404}.get(who, 404)
    assert client.post(f"/comments/{waits.pk}/release/").status_code == expected
    assert client.post(f"/api/v1/comments/{waits.pk}/release/").status_code == expected
    for name in ("committee", "villager"):
        with pytest.raises(NotAllowed):
            moderation.release(waits, by=getattr(cast, name))


def test_nobody_lets_out_a_comment_of_their_own(public_version, cast):
    comment = participation.post_comment(public_version, by=cast.township, text=WORDS)
    with pytest.raises(NotAllowed) as caught:
        moderation.release(comment, by=cast.township)
    assert caught.value.code == "own_comment"
    assert not moderation.release(comment, by=cast.reviewer).waits


def test_it_is_not_answered_before_it_is_public(waits, cast, as_user):
    with pytest.raises(Conflict) as caught:
        answers.answer(waits, by=cast.township, text="谢谢", adoption="explained")
    assert caught.value.code == "held"
    assert as_user("committee").get(f"/comments/{waits.pk}/reply/").status_code == 404


def test_that_it_was_held_and_let_out_is_said_once(waits, cast):
    let_out = moderation.release(waits, by=cast.township)
    for change in ({"held_at": None}, {"held_why": "all"}, {"released_at": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Comment.objects.filter(pk=let_out.pk).update(**change)


# --- identity


def test_the_public_reads_a_comment_only_when_its_author_is_known(public_version, unknown, as_user):
    answer = say(as_user("villager"), public_version, "路太窄")
    assert answer.status_code == 201
    assert "路太窄" not in as_user().get(f"/versions/{public_version.pk}/").content.decode()
    body = as_user("township").get(f"/api/v1/comments/{answer.json()['id']}/").json()
    assert (body["held"]["why"], body["unverified"]) == ("identity", True)
    refused = as_user("township").post(f"/api/v1/comments/{answer.json()['id']}/release/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "identity_open")


def test_a_verified_identity_lets_out_what_waited_for_nothing_else(public_version, unknown, cast, as_user):
    plain = participation.post_comment(public_version, by=unknown, text="路太窄")
    listed = participation.post_comment(public_version, by=unknown, text=WORDS)
    people.agree(unknown, "identity", by=unknown)
    people.record_identity(unknown, by=unknown, full_name="柳大爷", id_number="11010519491231002X")
    people.verify_identity(unknown, by=cast.committee)
    plain.refresh_from_db()
    listed.refresh_from_db()
    assert (plain.waits, plain.released_by, listed.waits) == (False, None, True)
    assert "路太窄" in as_user().get(f"/versions/{public_version.pk}/").content.decode()
    assert not moderation.release(listed, by=cast.township).waits


def test_where_the_procedure_asks_for_no_identity_it_is_only_marked_for_officials(version, cast, as_user):
    content = {**procedures.shipped(), "comments": {"a_day": 20, "first_look": "words", "look_within": 3}}
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, source="test", valid_from="2020-01-01", procedure=content
    )
    version = world.advance(PlanVersion.objects.get(pk=version.pk), "notice")
    Person.objects.all().delete()
    comment = participation.post_comment(version, by=cast.villager, text="路太窄")
    assert not comment.waits
    address = f"/api/v1/comments/{comment.pk}/"
    told = {
        who: as_user(who).get(address).json()["unverified"] for who in ("committee", "township", "villager", "province")
    }
    assert told == {"committee": True, "township": True, "villager": None, "province": None}


def test_a_place_may_look_at_every_comment_first(version, cast):
    content = {**procedures.shipped(), "comments": {"a_day": 20, "first_look": "all", "look_within": 5}}
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, source="test", valid_from="2020-01-01", procedure=content
    )
    version = world.advance(PlanVersion.objects.get(pk=version.pk), "notice")
    comment = participation.post_comment(version, by=cast.committee, text="支持")
    assert (comment.held_why, comment.waits) == ("all", True)


# --- the list


def listing(**differences):
    fields = {"word": "诈骗", "division_code": world.TOWN, "source": "潮政办〔2026〕3号", "listed_on": "2026-06-01"}
    return {**fields, **differences}


def test_a_township_puts_a_word_on_its_list_and_takes_it_off(public_version, cast, as_user):
    client = as_user("township")
    assert client.post("/watched-words/", listing()).url == "/watched-words/"
    row = next(r for r in client.get("/watched-words/").context["rows"] if r.word == "诈骗")
    assert (row.source, row.listed_by, row.may_end) == ("潮政办〔2026〕3号", cast.township, True)
    assert participation.post_comment(public_version, by=cast.villager, text="小心诈·骗").waits
    assert client.post(f"/watched-words/{row.pk}/end/").status_code == 302
    assert not participation.post_comment(public_version, by=cast.villager, text="小心诈骗").waits
    assert AuditEntry.objects.filter(verb__in=("word.listed", "word.ended")).count() == 2
    assert client.post(f"/api/v1/watched-words/{row.pk}/end/").status_code == 409


def test_a_field_of_a_form_is_described_by_its_help_and_by_what_is_wrong(as_user):
    page = as_user("township").post("/watched-words/", listing(word="")).content.decode()
    assert 'aria-describedby="id_word_helptext id_word_error"' in page
    assert 'id="id_word_helptext"' in page
    assert 'id="id_word_error"' in page


def test_a_list_holds_comments_of_its_division_alone(public_version, cast):
    word = {"word": "诈骗", "source": "x", "listed_on": datetime.date(2026, 6, 1)}
    cast.leader.memberships.create(role="county_leader", division_code="370984000000")
    held.list_word(by=cast.leader, division_code="370984000000", **word)
    assert not participation.post_comment(public_version, by=cast.villager, text="小心诈骗").waits
    held.list_word(by=cast.leader, division_code=world.COUNTY, **word)
    assert participation.post_comment(public_version, by=cast.villager, text="小心诈骗").waits


WRONG = {
    "one letter": (listing(word="骗"), 400),
    "nothing but signs": (listing(word="……！？"), 400),
    "without a source": (listing(source=" "), 400),
    "a day to come": (listing(listed_on="2999-01-01"), 400),
    "of a division that is not one’s own": (listing(division_code="370983108000"), 403),
    "of the whole country": (listing(division_code=""), 400),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_word_that_cannot_be_listed_is_refused_in_words(what, version, as_user):
    body, status = WRONG[what]
    answer = as_user("township").post("/api/v1/watched-words/", body, "application/json")
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert as_user("township").post("/watched-words/", body).status_code == (400 if status == 403 else status)


def test_a_word_stands_on_a_list_once(version, as_user):
    client = as_user("township")
    assert client.post("/api/v1/watched-words/", listing(), "application/json").status_code == 201
    assert client.post("/api/v1/watched-words/", listing(), "application/json").status_code == 409


@pytest.mark.parametrize("who", ["committee", "planner", "villager", "province", "expert", None])
def test_nobody_else_reads_or_keeps_the_list(who, version, cast, as_user):
    client = as_user(who) if who else as_user()
    assert client.get("/watched-words/").status_code == (404 if who else 302)
    assert client.get("/api/v1/watched-words/").status_code == 403
    assert client.post("/api/v1/watched-words/", listing(), "application/json").status_code == 403
    sample = held.WatchedWord.objects.first()
    assert client.post(f"/api/v1/watched-words/{sample.pk}/end/").status_code == (404 if who else 403)


def test_the_shipped_words_say_that_they_are_samples_and_no_township_ends_them(version, as_user):
    rows = as_user("township").get("/api/v1/watched-words/").json()["results"]
    assert {row["source"] for row in rows} == {"样例词，仅供演示，非正式词表"}
    assert as_user("township").post(f"/api/v1/watched-words/{rows[0]['id']}/end/").status_code == 403


def test_words_hold_only_what_is_written_after_them(public_version, cast):
    before = participation.post_comment(public_version, by=cast.villager, text="小心诈骗")
    held.list_word(by=cast.township, word="诈骗", division_code=world.TOWN, source="x", listed_on=timezone.localdate())
    before.refresh_from_db()
    assert not before.waits
