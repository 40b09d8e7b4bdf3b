"""Real names behind comments are for committee and township of the village alone, and that they were shown is on record."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from planning import participation
from planning.models import Channel, Comment
from portal import names_shown
from portal.models import AuditEntry, Membership, Role, User
from tests import world

pytestmark = pytest.mark.django_db

REAL, SPOKEN = "柳真名", "赵铁柱"
KNOWING = ("committee", "township")
OTHERS = ("planner", "reviewer", "leader", "city", "province", "administrator", "stranger", None)


@pytest.fixture
def said(public_version, cast) -> list[Comment]:
    """A comment of a villager, and one entered for somebody."""
    cast.villager.full_name = REAL
    cast.villager.save()
    on = {"said_on": public_version.notice.opens_on, "channel": Channel.MEETING, "speaker": SPOKEN}
    return [
        participation.post_comment(public_version, by=cast.villager, text="路太窄"),
        participation.enter_comment(public_version, by=cast.committee, text="要路灯", **on),
    ]


@pytest.fixture
def reader_of(cast, as_user):
    """The client of one of the cast, or of somebody with a role above the village."""

    def make(who):
        for name, code in (("city", "370900000000"), ("administrator", world.COUNTY)):
            user = User.objects.create_user(name, full_name=name)
            Membership.objects.create(user=user, role=Role(name), division_code=code)
            setattr(cast, name, user)
        return as_user(who)

    return make


def places(version, comments) -> list[str]:
    comment, entered = comments
    return [
        reverse("review", args=[version.pk]), f"/versions/{version.pk}/", f"/versions/{version.pk}/heard/",
        f"/versions/{version.pk}/answers/", f"/comments/{comment.pk}/reply/", f"/comments/{comment.pk}/hide/",
        f"/api/v1/versions/{version.pk}/comments/", f"/api/v1/comments/{comment.pk}/", f"/api/v1/comments/{entered.pk}/",
    ]  # fmt: skip


def seen_by(user) -> list[dict]:
    rows = AuditEntry.objects.filter(verb="names.seen", actor=user).order_by("pk")
    return [row.after for row in rows]


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_reads_a_real_name_anywhere(said, public_version, reader_of, who):
    client, read = reader_of(who), 0
    for place in places(public_version, said):
        answer = client.get(place)
        read += answer.status_code == 200
        text = answer.content.decode()
        assert REAL not in text, place
        assert SPOKEN not in text, place
    assert read >= 3
    assert not AuditEntry.objects.filter(verb="names.seen").exists()


@pytest.mark.parametrize("who", KNOWING)
def test_committee_and_township_read_them_and_it_is_on_record_once_a_page(said, public_version, as_user, cast, who):
    answer = as_user(who).get(f"/api/v1/versions/{public_version.pk}/comments/")
    assert [row["author"] for row in answer.json()["results"]] == [REAL, SPOKEN]
    entry = AuditEntry.objects.get(verb="names.seen")
    assert (entry.actor, entry.object_type, entry.object_id) == (
        getattr(cast, who),
        "planning.PlanVersion",
        public_version.pk,
    )
    assert entry.after == {"names": 2}
    assert REAL not in str([entry.after, entry.object_label])


def test_reading_again_within_the_hour_leaves_no_second_entry_and_later_does(
    said, public_version, as_user, cast, monkeypatch
):
    client, now = as_user("committee"), timezone.now
    for minutes, entries in ((0, 1), (10, 1), (59, 1), (61, 2)):
        monkeypatch.setattr(timezone, "now", lambda minutes=minutes: now() + datetime.timedelta(minutes=minutes))
        client.get(f"/api/v1/comments/{said[0].pk}/")
        client.get(f"/api/v1/versions/{public_version.pk}/comments/")
        assert len(seen_by(cast.committee)) == entries


def test_a_page_that_prints_masked_names_leaves_none(said, public_version, as_user):
    page = as_user("committee").get(f"/versions/{public_version.pk}/").content.decode()
    assert REAL not in page
    assert not AuditEntry.objects.filter(verb="names.seen").exists()


def test_ones_own_name_is_no_look_at_somebody(public_version, as_user, cast):
    comment = participation.post_comment(public_version, by=cast.committee, text="我们也有意见")
    as_user("committee").get(f"/api/v1/comments/{comment.pk}/")
    assert not AuditEntry.objects.filter(verb="names.seen").exists()


def test_the_committee_of_another_village_reads_masked_names(said, as_user):
    assert as_user("other_committee").get(f"/api/v1/comments/{said[0].pk}/").json()["author"] == "柳**"


def test_an_answer_that_cannot_be_put_on_record_is_not_given(said, as_user, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no record")

    monkeypatch.setattr(names_shown, "record", broken)
    client = as_user("committee")
    client.raise_request_exception = False
    answer = client.get(f"/api/v1/comments/{said[0].pk}/")
    assert answer.status_code == 500
    assert REAL not in answer.content.decode()
