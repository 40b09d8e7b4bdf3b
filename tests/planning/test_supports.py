"""Supporting another's comment: by the page and over the API, once, while the plan is in public notice."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from planning import answers, moderation, participation, supports
from planning.models import Comment, Support
from portal.api_throttles import SupportThrottle
from portal.errors import Conflict, NotAllowed
from portal.models import AuditEntry, Membership, Person
from tests import world
from tests.rows import shared

pytestmark = pytest.mark.django_db


@shared
def comment(public_version, cast) -> Comment:
    return participation.post_comment(public_version, by=cast.villager, text="路要宽一点")


def support(client, comment, **body):
    return client.post(f"/comments/{comment.pk}/support/", body)


def told(client, comment) -> dict:
    return client.get(f"/api/v1/comments/{comment.pk}/").json()["supports"]


def test_a_comment_is_supported_once_and_taken_back_by_the_page(comment, as_user, cast):
    client = as_user("committee")
    for _ in range(2):
        answer = support(client, comment)
        assert (
            answer.headers["Location"] == f"/versions/{comment.version_id}/?comment={comment.pk}#comment-{comment.pk}"
        )
    assert told(client, comment) == {"count": 1, "unconfirmed": 0, "mine": True}
    assert told(as_user(), comment) == {"count": 1, "unconfirmed": 0, "mine": False}
    support(client, comment, wanted="no")
    support(client, comment, wanted="no")
    assert told(client, comment) == {"count": 0, "unconfirmed": 0, "mine": False}
    verbs = (
        AuditEntry.objects.filter(object_id=comment.pk, actor=cast.committee)
        .order_by("id")
        .values_list("verb", flat=True)
    )
    assert list(verbs) == ["comment.supported", "comment.support_taken_back"]


def test_the_api_does_the_same(comment, as_user):
    client, address = as_user("committee"), f"/api/v1/comments/{comment.pk}/support/"
    for _ in range(2):
        answer = client.post(address, content_type="application/json")
        assert (answer.status_code, answer.json()["supports"]["mine"]) == (200, True)
    assert Support.objects.count() == 1
    for _ in range(2):
        answer = client.delete(address)
        assert (answer.status_code, answer.json()["supports"]["mine"]) == (200, False)
    assert as_user().post(address, content_type="application/json").status_code == 403
    assert client.post("/api/v1/comments/zzzzzzzzzzzz/support/", content_type="application/json").status_code == 404


def test_whoever_is_nobody_supports_nothing(comment):
    with pytest.raises(NotAllowed):
        supports.support(comment, by=AnonymousUser())


def test_who_is_not_signed_in_is_asked_to(comment, as_user):
    answer = support(as_user(), comment)
    assert answer.headers["Location"].startswith("/login/?next=")
    assert not Support.objects.exists()


def test_nobody_supports_a_comment_of_their_own_or_one_they_entered(comment, public_version, as_user, cast):
    entered = participation.enter_comment(
        public_version, by=cast.committee, channel="meeting", text="路灯", said_on=public_version.notice.opens_on
    )
    for who, row in (("villager", comment), ("committee", entered)):
        answer = as_user(who).post(f"/api/v1/comments/{row.pk}/support/", content_type="application/json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "own_comment")
        assert support(as_user(who), row).status_code == 302
    assert not Support.objects.exists()


def test_hidden_and_held_comments_are_not_supported(comment, public_version, as_user, cast):
    moderation.hide(comment, by=cast.township, reason="骂人")
    answer = as_user("committee").post(f"/api/v1/comments/{comment.pk}/support/", content_type="application/json")
    assert answer.json()["error"]["code"] == "not_public"
    held = Comment.objects.create(
        version=public_version, author=cast.villager, text="等", held_at=timezone.now(), held_why="words"
    )
    assert (
        as_user("committee").post(f"/api/v1/comments/{held.pk}/support/", content_type="application/json").status_code
        == 404
    )
    with pytest.raises(Conflict):
        supports.support(held, by=cast.township)
    assert not Support.objects.exists()


def test_after_the_last_day_nothing_is_supported_or_taken_back(public_version, cast, time_machine):
    comment = participation.post_comment(public_version, by=cast.villager, text="一")
    supports.support(comment, by=cast.committee)
    time_machine.move_to(f"{public_version.notice.closes_on}T16:00:01+00:00", tick=False)
    for change in (supports.support, supports.take_back):
        with pytest.raises(Conflict):
            change(comment, by=cast.committee)
    assert Support.objects.count() == 1


def test_a_version_that_was_sent_back_takes_no_supports(comment, as_user, cast):
    world.send_back(comment.version, by=cast.reviewer, note="改")
    assert (
        as_user("committee")
        .post(f"/api/v1/comments/{comment.pk}/support/", content_type="application/json")
        .status_code
        == 409
    )


def test_people_nobody_knows_are_told_apart_and_count_when_they_are_known(comment, as_user, cast):
    Person.objects.filter(user=cast.stranger).update(verified_at=None)
    Membership.objects.filter(user=cast.stranger).exclude(role="resident").delete()
    supports.support(comment, by=cast.stranger)
    assert told(as_user(), comment) == {"count": 0, "unconfirmed": 1, "mine": False}
    client = as_user()
    client.cookies["django_language"] = "en"
    assert "1 more whose identity is not confirmed" in client.get(f"/versions/{comment.version_id}/").content.decode()
    Person.objects.update_or_create(
        user=cast.stranger, defaults={"verified_at": timezone.now(), "verified_by": cast.township}
    )
    assert told(as_user(), comment) == {"count": 1, "unconfirmed": 0, "mine": False}


def test_going_to_and_fro_is_slowed_down(comment, as_user, monkeypatch):
    monkeypatch.setattr(SupportThrottle, "rate", "2/hour", raising=False)
    client = as_user("committee")
    answers = [support(client, comment, wanted=wanted).status_code for wanted in ("yes", "no", "yes")]
    assert answers == [302, 302, 429]
    assert client.post(f"/api/v1/comments/{comment.pk}/support/", content_type="application/json").status_code == 429


def test_the_button_is_for_those_who_may(comment, as_user):
    def article(who: str | None) -> str:
        page = as_user(who).get(f"/versions/{comment.version_id}/").content.decode()
        return page.split(f'id="comment-{comment.pk}"')[1].split("</article>")[0]

    assert "data-support-button" in article("committee")
    assert "data-support-button" not in article("villager")
    assert "/login/" in article(None)


def test_who_supports_a_comment_is_told_of_its_answer_and_the_one_who_answers_is_not(comment, cast):
    for who in (cast.stranger, cast.committee):
        supports.support(comment, by=who)
    answers.answer(comment, by=cast.committee, text="按四米设计", adoption="adopted")
    [row] = cast.stranger.notifications.filter(kind="supported_answered")
    assert row.url == comment.get_absolute_url()
    assert not cast.committee.notifications.filter(kind="supported_answered").exists()
    assert not cast.villager.notifications.filter(kind="supported_answered").exists()
