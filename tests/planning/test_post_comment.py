"""Comments on a public draft and their answers."""

import pytest

from planning import answers, participation
from planning.models import Comment
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import AuditEntry
from tests import world
from tests.grid import centre


def test_a_comment_is_pinned_to_a_zone_and_a_place_and_recorded(public_version, cast):
    lon, lat = centre(3, 8)
    comment = participation.post_comment(
        public_version, by=cast.villager, text="我家果园怎么变成宅基地了？", zone=9, lon=lon, lat=lat
    )
    assert comment.zone.number == 9
    assert (comment.geom.x, comment.geom.y) == (lon, lat)
    assert AuditEntry.objects.get(verb="comment.posted").actor == cast.villager


def test_the_same_key_gives_the_same_comment(public_version, cast):
    first = participation.post_comment(public_version, by=cast.villager, text="一", once="k1")
    again = participation.post_comment(public_version, by=cast.villager, text="一", once="k1")
    assert first.pk == again.pk
    assert Comment.objects.count() == 1


def test_a_draft_takes_no_comments(version, cast):
    with pytest.raises(NotAllowed):
        participation.post_comment(version, by=cast.villager, text="早了")


def test_a_returned_version_takes_no_more_comments(public_version, cast):
    world.send_back(public_version, by=cast.reviewer, note="重做")
    with pytest.raises(Conflict):
        participation.post_comment(public_version, by=cast.villager, text="晚了")


@pytest.mark.parametrize(
    "wrong", [{"text": "  "}, {"text": "长" * 2001}, {"text": "a", "zone": 99}, {"text": "a", "lon": 0.0, "lat": 0.0}]
)
def test_a_comment_that_cannot_be_kept_is_refused_in_words(wrong, public_version, cast):
    with pytest.raises(PortalError):
        participation.post_comment(public_version, by=cast.villager, **wrong)
    assert not Comment.objects.exists()


def test_only_committee_planner_or_township_of_this_village_may_answer(public_version, cast):
    comment = participation.post_comment(public_version, by=cast.villager, text="问")
    for who in ("villager", "other_committee", "reviewer", "stranger"):
        with pytest.raises(NotAllowed):
            answers.answer(comment, by=getattr(cast, who), text="答", adoption="explained")
    for who in ("committee", "planner", "township"):
        assert answers.answer(comment, by=getattr(cast, who), text="答", adoption="explained").comment == comment


def test_names_are_masked_for_the_public(cast):
    assert cast.villager.masked_name == "柳**"


def test_a_notice_takes_no_comment_after_its_last_day_even_if_nobody_closed_it(public_version, cast, time_machine):
    last = public_version.notice.closes_on
    time_machine.move_to(f"{last}T15:59:59+00:00", tick=False)  # one second to midnight in Shanghai
    participation.post_comment(public_version, by=cast.villager, text="还来得及")
    time_machine.move_to(f"{last}T16:00:01+00:00", tick=False)
    with pytest.raises(Conflict):
        participation.post_comment(public_version, by=cast.villager, text="晚了一秒")
