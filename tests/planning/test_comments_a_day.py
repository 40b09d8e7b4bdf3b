"""How many comments a person may write on a plan a day: the next is refused with the time from which it works again."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from planning import participation, procedures
from planning.models import Comment
from portal.errors import TooMany
from portal.models import AuditEntry, Membership, Notification, Person, User
from tests import world

SHANGHAI = ZoneInfo("Asia/Shanghai")
A_DAY = procedures.shipped()["comments"]["a_day"]


def say(client, version, text="路太窄"):
    return client.post(f"/api/v1/versions/{version.pk}/comments/", {"text": text}, "application/json")


@pytest.fixture
def evening(public_version, time_machine):
    """Ten in the evening in Shanghai: it is afternoon in Greenwich."""
    day = timezone.localdate() + datetime.timedelta(days=1)
    now = datetime.datetime.combine(day, datetime.time(22), SHANGHAI)
    time_machine.move_to(now, tick=False)
    return now


@pytest.fixture
def talkative(public_version, cast, evening):
    for number in range(A_DAY):
        participation.post_comment(public_version, by=cast.villager, text=f"意见{number}")
    return cast.villager


def test_one_more_is_429_with_the_time_and_nothing_is_lost(public_version, talkative, evening, as_user):
    midnight = datetime.datetime.combine(evening.date() + datetime.timedelta(days=1), datetime.time(), SHANGHAI)
    answer = say(as_user("villager"), public_version)
    assert answer.status_code == 429
    error = answer.json()["error"]
    assert (error["code"], error["data"]) == ("comments_a_day", {"again": midnight.isoformat(), "limit": A_DAY})
    page = as_user("villager").post(f"/versions/{public_version.pk}/comments/", {"text": "写了很久的话"})
    assert page.status_code == 429
    assert f"{midnight:%Y-%m-%d %H:%M}" in page.content.decode()
    assert "写了很久的话" in page.content.decode()
    assert Comment.objects.count() == AuditEntry.objects.filter(verb="comment.posted").count() == A_DAY


def test_after_midnight_in_shanghai_it_works_again(public_version, talkative, evening, time_machine):
    time_machine.move_to(evening.replace(hour=23, minute=59, second=59), tick=False)
    with pytest.raises(TooMany):
        participation.post_comment(public_version, by=talkative, text="x")
    time_machine.move_to(evening + datetime.timedelta(hours=2), tick=False)
    participation.post_comment(public_version, by=talkative, text="x")


def test_a_retry_of_what_was_sent_is_answered_and_not_counted(public_version, cast, evening):
    for number in range(A_DAY):
        participation.post_comment(public_version, by=cast.villager, text="x", once=f"key-{number}")
    assert participation.post_comment(public_version, by=cast.villager, text="x", once="key-0")


def test_whoever_looks_at_comments_is_told_of_one_who_writes_so_much(talkative, cast):
    for name in ("township", "reviewer", "leader"):
        assert Notification.objects.filter(user=getattr(cast, name), kind="comments_many").count() == 1
    assert not Notification.objects.filter(user=cast.committee, kind="comments_many").exists()


def test_a_county_says_how_many(version, cast):
    content = {**procedures.shipped(), "comments": {"a_day": 2, "first_look": "words", "look_within": 3}}
    world.WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, source="test", valid_from="2020-01-01", procedure=content
    )
    version = world.advance(world.PlanVersion.objects.get(pk=version.pk), "notice")
    for _n in range(2):
        participation.post_comment(version, by=cast.villager, text="x")
    with pytest.raises(TooMany):
        participation.post_comment(version, by=cast.villager, text="x")
    participation.post_comment(version, by=cast.stranger, text="x")


def test_many_people_behind_one_address_are_not_shut_out(public_version, client):
    """A village shares one wire: whoever writes is counted by account, not by where the line ends."""
    for number in range(A_DAY + 15):
        user = User.objects.create_user(f"neighbour{number}")
        Membership.objects.create(user=user, role="resident", division_code=world.LIUGOU)
        Person.objects.create(user=user, verified_at=timezone.now())
        client.force_login(user)
        assert say(client, public_version).status_code == 201, number
