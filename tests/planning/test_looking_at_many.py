"""Township and county look at several held comments in one step: let out, or hidden with one reason; all of them, or none."""

import pytest
from django.core import mail

from planning import gates, moderation, participation, waiting
from planning.models import Comment
from portal.models import AuditEntry, Notification, Person
from tests import world

pytestmark = pytest.mark.django_db
WORDS = "这里有样例违禁词，请看"


@pytest.fixture
def flood(public_version, cast) -> list[Comment]:
    return [participation.post_comment(public_version, by=cast.villager, text=f"{WORDS} {n}") for n in range(5)]


def address(version) -> str:
    return f"/versions/{version.pk}/comments/look/"


def look(client, version, comments, verdict="hide", reason="广告"):
    body = {"comments": [c.pk for c in comments], "verdict": verdict, "reason": reason}
    return client.post(f"/api/v1/versions/{version.pk}/comments/look/", body, "application/json")


@pytest.mark.parametrize(("verdict", "verb"), [("hide", "comment.hidden"), ("release", "comment.released")])
def test_several_are_looked_at_in_one_step_each_on_record_and_told(verdict, verb, flood, public_version, cast, as_user):
    client = as_user("township")
    page = client.get(address(public_version)).content.decode()
    assert page.count(WORDS) == 5
    form = {"comments": [c.pk for c in flood], "verdict": verdict, "reason": "广告"}
    assert client.post(address(public_version), form).headers["Location"] == address(public_version)
    assert not Comment.objects.waiting().exists()
    assert AuditEntry.objects.filter(verb=verb).count() == 5
    assert Notification.objects.filter(user=cast.villager, kind=verb.replace(".", "_")).count() == 5
    assert gates.comments_looked_at(public_version) is None
    public = as_user().get(f"/versions/{public_version.pk}/").content.decode()
    assert (WORDS in public) is (verdict == "release")
    assert WORDS not in client.get(address(public_version)).content.decode()
    assert not mail.outbox


def test_through_the_api_too(flood, public_version, as_user):
    answer = look(as_user("reviewer"), public_version, flood)
    assert (answer.status_code, [row["id"] for row in answer.json()["results"]]) == (200, [c.pk for c in flood])
    again = look(as_user("leader"), public_version, flood)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_held")
    assert "1" in again.json()["error"]["message"]


def test_all_are_looked_at_or_none_and_what_was_typed_stays(flood, public_version, cast, as_user):
    Person.objects.filter(user=cast.villager).delete()  # the identity is not verified (any more)
    unknown = participation.post_comment(public_version, by=cast.villager, text="路太窄")
    form = {"comments": [flood[0].pk, unknown.pk], "verdict": "release", "reason": "理由"}
    Person.objects.create(user=cast.villager)
    answer = as_user("township").post(address(public_version), form)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert page.count(" checked") == 3
    assert "理由" in page
    assert Comment.objects.waiting().count() == 6


WRONG = {
    "no reason": {"reason": " "}, "no verdict": {"verdict": ""}, "another verdict": {"verdict": "delete"},
    "none": {"comments": []}, "one that is not there": {"comments": ["aaaaaaaaaaaa"]}, "signs": {"comments": ["\x00"]},
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_in_words(what, flood, public_version, as_user):
    body = {"comments": [c.pk for c in flood], "verdict": "hide", "reason": "广告", **WRONG[what]}
    answer = as_user("township").post(f"/api/v1{address(public_version)}", body, "application/json")
    assert (answer.status_code, bool(answer.json()["error"]["message"])) == (400, True)
    page = as_user("township").post(address(public_version), body)
    assert page.status_code == 400
    assert "error-summary" in page.content.decode()
    assert Comment.objects.waiting().count() == 5


def test_what_is_public_already_is_not_hidden_along(flood, public_version, cast, as_user):
    plain = participation.post_comment(public_version, by=cast.villager, text="路太窄")
    assert look(as_user("township"), public_version, [*flood, plain]).status_code == 409
    plain.refresh_from_db()
    assert plain.hidden_at is None


def test_nobody_lets_out_a_comment_of_their_own(public_version, cast, as_user):
    own = participation.post_comment(public_version, by=cast.township, text=WORDS)
    refused = look(as_user("township"), public_version, [own], "release")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "own_comment")
    assert look(as_user("reviewer"), public_version, [own], "release").status_code == 200


@pytest.mark.parametrize(
    ("who", "page_status"),
    [(None, 302), ("villager", 404), ("committee", 404), ("planner", 404), ("other_committee", 404), ("province", 404)],
)
def test_nobody_else_has_this_page(who, page_status, flood, public_version, as_user):
    client = as_user(who)
    assert client.get(address(public_version)).status_code == page_status
    form = {"comments": [flood[0].pk], "verdict": "hide", "reason": "x"}
    assert client.post(address(public_version), form).status_code == page_status
    assert look(client, public_version, flood).status_code == 403
    assert look(client, public_version, [Comment(pk="aaaaaaaaaaaa")]).status_code == 403  # nor learns which there are
    assert Comment.objects.waiting().count() == 5


def test_comments_of_a_version_that_ended_are_looked_at_too(flood, public_version, cast, as_user):
    world.send_back(public_version, by=cast.reviewer)
    (heap,) = [h for h in waiting.heaps(cast.township) if h.kind == "comments_to_look_at"]
    (item,) = heap.items(cast.township, 0, 9)
    assert item.url == address(public_version)
    assert look(as_user("township"), public_version, flood).status_code == 200
    moderation.show_again(flood[0], by=cast.reviewer)
