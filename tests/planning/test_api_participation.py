"""Comments and answers over the API."""

import pytest

from planning.models import Comment
from portal.api_throttles import CommentThrottle
from tests.grid import centre

pytestmark = pytest.mark.django_db


def say(client, version, **body):
    return client.post(f"/api/v1/versions/{version.pk}/comments/", body, "application/json")


def test_a_resident_pins_a_comment_and_the_committee_answers_in_public(public_version, as_user):
    lon, lat = centre(3, 8)
    answer = say(as_user("villager"), public_version, text="我家果园怎么变成宅基地了？", zone=9, lon=lon, lat=lat)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["author"], body["mine"], body["zone"], body["place"]) == ("柳**", True, 9, {"lon": lon, "lat": lat})
    replied = as_user("committee").post(
        f"/api/v1/comments/{body['id']}/replies/", {"text": "调整", "adoption": "adopted"}, "application/json"
    )
    assert replied.status_code == 201
    (row,) = as_user().get(f"/api/v1/versions/{public_version.pk}/comments/").json()["results"]
    assert (row["text"], row["replies"][0]["text"], row["mine"]) == ("我家果园怎么变成宅基地了？", "调整", False)


def test_the_same_key_makes_one_comment(public_version, as_user):
    client = as_user("villager")
    ids = {say(client, public_version, text="一", once="k").json()["id"] for _ in range(3)}
    assert len(ids) == Comment.objects.count() == 1


def test_without_signing_in_nobody_comments_or_answers(public_version, as_user):
    assert say(as_user(), public_version, text="一").status_code == 403
    comment = say(as_user("villager"), public_version, text="一").json()
    address = f"/api/v1/comments/{comment['id']}/replies/"
    for who in (None, "villager", "other_committee", "reviewer"):
        assert (
            as_user(who).post(address, {"text": "答", "adoption": "explained"}, "application/json").status_code == 403
        ), who


def test_a_draft_takes_no_comment_and_strangers_are_not_told_of_it(version, as_user):
    assert say(as_user("villager"), version, text="一").status_code == 404
    assert say(as_user("planner"), version, text="一").status_code == 403


WRONG = [
    {},
    {"text": ""},
    {"text": "长" * 2001},
    {"text": "a\x00b"},
    {"text": "\ud800"},
    {"text": "a", "zone": 999},
    {"text": "a", "zone": 2**40},
    {"text": "a", "zone": "x"},
    {"text": "a", "lon": 0, "lat": 0},
    {"text": "a", "lon": "nan", "lat": "inf"},
    {"text": "a", "author": 1},
    {"text": ["a"]},
    {"text": {"a": 1}},
]


@pytest.mark.parametrize("body", WRONG, ids=lambda b: str(b)[:30])
def test_what_cannot_be_kept_is_400_and_nothing_is_written(body, public_version, as_user):
    answer = say(as_user("villager"), public_version, **body)
    assert answer.status_code == 400, answer.content
    assert not Comment.objects.exists()


def test_comments_are_paged_in_the_order_they_came(public_version, as_user):
    client = as_user("villager")
    sent = [say(client, public_version, text=f"意见{n}").json()["id"] for n in range(5)]
    address, seen = f"/api/v1/versions/{public_version.pk}/comments/?page_size=2", []
    while address:
        body = client.get(address).json()
        seen += [c["id"] for c in body["results"]]
        address = body["next"]
    assert seen == sent


def test_too_many_comments_are_429_while_reading_goes_on(public_version, as_user, monkeypatch):
    monkeypatch.setattr(CommentThrottle, "rate", "2/hour", raising=False)
    client, other = as_user("villager"), as_user("stranger")
    assert [say(client, public_version, text=str(n)).status_code for n in range(3)] == [201, 201, 429]
    assert client.get(f"/api/v1/versions/{public_version.pk}/comments/").status_code == 200
    assert say(other, public_version, text="我").status_code == 201
