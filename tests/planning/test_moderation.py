"""Hiding a comment: with a reason, by township or county, never deleted, still counted, its author told."""

import pytest
from django.db import DatabaseError, transaction

from planning import moderation, participation
from planning.models import Comment
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import AuditEntry, Notification
from tests import world
from tests.rows import shared

pytestmark = pytest.mark.django_db
WORDS = "某某电话是一三八零零零零零零零零"  # in words no star knows it; hiding helps


@shared
def comment(public_version, cast) -> Comment:
    return participation.post_comment(public_version, by=cast.villager, text=WORDS, zone=8)


@shared
def hidden(comment, cast) -> Comment:
    return moderation.hide(comment, by=cast.township, reason="含他人电话号码")


def test_the_public_reads_the_reason_and_not_the_words_and_the_comment_still_counts(hidden, as_user, public_version):
    for client in (as_user(), as_user("stranger")):
        page = client.get(f"/versions/{public_version.pk}/")
        html = page.content.decode()
        assert WORDS not in html
        assert "含他人电话号码" in html
        assert len(page.context["comments"]) == 1
        said = client.get(f"/api/v1/versions/{public_version.pk}/comments/").json()["results"]
        assert [(row["text"], row["hidden"]["reason"]) for row in said] == [("", "含他人电话号码")]
        assert client.get(f"/api/v1/comments/{hidden.pk}/").json()["text"] == ""


def test_nobody_reads_the_words_by_way_of_the_answer_form(hidden, as_user):
    assert WORDS not in as_user("stranger").get(f"/comments/{hidden.pk}/reply/").content.decode()


def test_its_author_and_staff_still_read_it(hidden, as_user, public_version):
    for name in ("villager", "committee", "township"):
        assert WORDS in as_user(name).get(f"/versions/{public_version.pk}/").content.decode(), name


def test_in_a_later_version_it_stays_hidden(hidden, as_user, village, cast):
    second = world.publish(world.make_version(village, by=cast.planner), cast.township)
    html = as_user().get(f"/versions/{second.pk}/").content.decode()
    assert WORDS not in html
    assert "含他人电话号码" in html


def test_the_author_is_told_why_and_the_act_is_on_record(hidden, cast):
    told = Notification.objects.get(user=cast.villager, kind="comment_hidden")
    assert told.values["reason"] == "含他人电话号码"
    assert WORDS not in str(told.values)
    assert AuditEntry.objects.get(verb="comment.hidden").object_id == hidden.pk


def test_it_can_be_shown_again_and_that_is_on_record_too(hidden, as_user, public_version):
    assert as_user("reviewer").post(f"/comments/{hidden.pk}/show/").status_code == 302
    assert WORDS in as_user().get(f"/versions/{public_version.pk}/").content.decode()
    assert AuditEntry.objects.get(verb="comment.shown_again").before == {"reason": "含他人电话号码"}


def test_only_township_and_county_hide_not_the_committee_it_may_be_about(comment, cast, as_user):
    for by in (cast.committee, cast.planner, cast.villager, cast.other_committee):
        with pytest.raises(NotAllowed):
            moderation.hide(comment, by=by, reason="不想看")
        with pytest.raises(NotAllowed):
            moderation.show_again(comment, by=by)
    assert as_user("committee").get(f"/comments/{comment.pk}/hide/").status_code == 403
    body = {"reason": "不想看"}
    assert (
        as_user("committee").post(f"/api/v1/comments/{comment.pk}/hide/", body, "application/json").status_code == 403
    )
    assert as_user().post(f"/api/v1/comments/{comment.pk}/hide/", body, "application/json").status_code == 403
    comment.refresh_from_db()
    assert comment.hidden_at is None


def test_a_comment_on_a_draft_is_not_there_for_strangers(version, cast, as_user):
    secret = Comment.objects.create(version=version, author=cast.committee, text="内部")
    for path in (f"/comments/{secret.pk}/hide/", f"/api/v1/comments/{secret.pk}/"):
        assert as_user("stranger").get(path).status_code == 404
    assert (
        as_user("stranger").post(f"/api/v1/comments/{secret.pk}/hide/", {"reason": "x"}, "application/json").status_code
        == 404
    )
    assert as_user("stranger").post(f"/api/v1/comments/{secret.pk}/show/").status_code == 404


def test_a_reason_is_wanted(comment, cast, as_user):
    for reason in ("", "  ", "\x00", "长" * 301):
        with pytest.raises(PortalError):
            moderation.hide(comment, by=cast.township, reason=reason)
    page = as_user("township").post(f"/comments/{comment.pk}/hide/", {"reason": ""})
    assert page.status_code == 400
    assert 'id="id_reason"' in page.content.decode()


def test_hidden_twice_or_shown_without_need_is_a_conflict(hidden, cast):
    with pytest.raises(Conflict):
        moderation.hide(hidden, by=cast.reviewer, reason="又一次")
    shown = moderation.show_again(hidden, by=cast.reviewer)
    with pytest.raises(Conflict):
        moderation.show_again(shown, by=cast.reviewer)


def test_there_is_no_way_to_delete_a_comment(comment, as_user):
    for name in ("township", "leader", "villager"):
        client = as_user(name)
        assert client.delete(f"/api/v1/comments/{comment.pk}/").status_code == 405
        for act in ("hide", "show", "replies"):
            assert client.delete(f"/api/v1/comments/{comment.pk}/{act}/").status_code == 405
        assert client.delete(f"/comments/{comment.pk}/hide/").status_code == 405
    assert Comment.objects.filter(pk=comment.pk).exists()


def test_the_database_changes_no_words_and_deletes_no_comment(comment, cast):
    for change in ({"text": "别的"}, {"author": cast.stranger}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Comment.objects.filter(pk=comment.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Comment.objects.filter(pk=comment.pk).delete()


def test_the_api_hides_and_shows(comment, as_user):
    client = as_user("township")
    said = client.post(f"/api/v1/comments/{comment.pk}/hide/", {"reason": "含电话"}, "application/json").json()
    assert said["hidden"]["reason"] == "含电话"
    assert client.post(f"/api/v1/comments/{comment.pk}/show/").json()["hidden"] is None
