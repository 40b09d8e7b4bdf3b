"""Comments and answers through the pages, without scripts."""

import pytest

from planning import answers, participation
from planning.models import Comment, Reply
from portal.models import AuditEntry
from tests import world
from tests.rows import shared


@shared
def address(public_version) -> str:
    return f"/versions/{public_version.pk}/comments/"


def test_a_comment_on_the_whole_plan_is_public_at_once(as_user, public_version, address, cast):
    answer = as_user("villager").post(address, {"text": "路要宽一点", "zone": ""})
    comment = Comment.objects.get()
    assert answer.headers["Location"] == f"/versions/{public_version.pk}/?comment={comment.pk}#comment-{comment.pk}"
    page = as_user().get(f"/versions/{public_version.pk}/").content.decode()
    assert "路要宽一点" in page
    assert cast.villager.masked_name in page
    assert cast.villager.full_name not in page
    assert AuditEntry.objects.filter(verb="comment.posted", actor=cast.villager).count() == 1


def test_a_comment_on_a_place_keeps_zone_and_place(as_user, address):
    as_user("villager").post(address, {"text": "这里", "zone": "3", "lon": "116.8055", "lat": "36.1025"})
    comment = Comment.objects.get()
    assert comment.zone.number == 3
    assert comment.geom.coords == (116.8055, 36.1025)


def test_the_same_form_sent_twice_makes_one_comment(as_user, address):
    for _ in range(2):
        as_user("villager").post(address, {"text": "一次", "once": "k1"})
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"text": ""},
        {"text": "   "},
        {"text": "长" * 2001},
        {"text": "有", "zone": "99"},
        {"text": "有", "zone": "x"},
        {"text": "有", "lon": "200", "lat": "36"},
        {"text": "有", "lon": "nan", "lat": "36"},
        {"text": "有", "lon": "100", "lat": "30"},
    ],
)
def test_what_is_wrong_is_said_and_the_text_is_kept(as_user, address, sent):
    answer = as_user("villager").post(address, sent)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "error-summary" in page
    assert sent["text"].strip() in page
    assert not Comment.objects.exists()


def test_a_visitor_is_asked_to_sign_in_and_comes_back(as_user, public_version, address):
    answer = as_user().post(address, {"text": "有"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/login/?next=/versions/{public_version.pk}/%23comment-form"
    assert not Comment.objects.exists()


def test_after_the_notice_comments_are_refused_in_words(as_user, public_version, address, cast):
    world.send_back(public_version, by=cast.reviewer, note="改")
    answer = as_user("villager").post(address, {"text": "晚了"})
    assert answer.status_code == 409
    assert "晚了" in answer.content.decode()
    assert "comment-form" not in as_user("villager").get(f"/versions/{public_version.pk}/").content.decode()


def test_a_draft_takes_no_comments_from_strangers(as_user, version):
    assert as_user("stranger").post(f"/versions/{version.pk}/comments/", {"text": "有"}).status_code == 404


def test_writing_too_much_is_slowed_down_in_words(as_user, address, monkeypatch):
    monkeypatch.setattr("planning.views.comments.CommentThrottle.allow_request", lambda *args: False)
    answer = as_user("villager").post(address, {"text": "又来"})
    assert answer.status_code == 429
    assert "又来" in answer.content.decode()


def test_forms_need_the_token_of_the_page(cast, address):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.villager)
    assert strict.post(address, {"text": "有"}).status_code == 403


@shared
def comment(public_version, cast) -> Comment:
    return participation.post_comment(public_version, by=cast.villager, text="路要宽一点")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("committee", 302),
        ("planner", 302),
        ("township", 302),
        ("villager", 403),
        ("other_committee", 403),
        ("reviewer", 403),
        (None, 302),
    ],
)
def test_only_committee_planner_and_township_answer(as_user, comment, who, status):
    answer = as_user(who).post(f"/comments/{comment.pk}/reply/", {"text": "按四米设计", "adoption": "adopted"})
    assert answer.status_code == status
    assert Reply.objects.exists() is (who in ("committee", "planner", "township"))


@pytest.mark.parametrize("who", ["villager", "stranger", "reviewer", "other_committee"])
def test_the_form_of_an_answer_is_shown_to_nobody_who_may_not_answer(as_user, comment, who):
    client, address = as_user(who), f"/comments/{comment.pk}/reply/"
    assert client.get(address).status_code == client.post(address, {"text": "好"}).status_code == 403


def test_an_answer_goes_back_to_the_page_it_was_written_on(as_user, comment):
    back = f"/versions/{comment.version_id}/review/"
    answer = as_user("committee").post(
        f"/comments/{comment.pk}/reply/", {"text": "好", "adoption": "adopted", "next": back}
    )
    assert answer.headers["Location"] == f"{back}#comment-{comment.pk}"


def test_an_answer_never_leads_to_another_site(as_user, comment):
    answer = as_user("committee").post(
        f"/comments/{comment.pk}/reply/", {"text": "好", "adoption": "adopted", "next": "https://evil.example/"}
    )
    assert answer.headers["Location"].startswith(f"/versions/{comment.version_id}/")


def test_an_empty_answer_is_refused_in_words(as_user, comment):
    answer = as_user("committee").post(f"/comments/{comment.pk}/reply/", {"text": "  ", "adoption": "adopted"})
    assert answer.status_code == 400
    assert "error-summary" in answer.content.decode()


def test_the_public_reads_the_office_not_the_person(as_user, comment, cast):
    answers.answer(comment, by=cast.township, text="按四米设计", adoption="explained")
    client = as_user()
    client.cookies["django_language"] = "en"
    page = client.get(f"/versions/{comment.version_id}/").content.decode()
    assert "Township" in page
    assert "按四米设计" in page


def test_the_button_for_answers_is_for_those_who_may(as_user, comment):
    link = f"/comments/{comment.pk}/reply/"
    page = f"/versions/{comment.version_id}/"
    assert link in as_user("committee").get(page).content.decode()
    assert link not in as_user("villager").get(page).content.decode()
    assert as_user("committee").get(link).status_code == 200


def test_comments_of_a_hidden_version_cannot_be_answered(as_user, version, cast):
    hidden = Comment.objects.create(version=version, author=cast.villager, text="x")
    assert (
        as_user("villager").post(f"/comments/{hidden.pk}/reply/", {"text": "y", "adoption": "adopted"}).status_code
        == 404
    )
    assert hidden.division_code == world.LIUGOU
