"""What the portal tells a person: once, in the own language, until it is read; nobody else's."""

import datetime

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portal import notify
from portal.models import Membership, Notification, Role
from tests import world


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
