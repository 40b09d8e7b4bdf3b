"""What was said of a plan does not vanish with the version it was said of: not by a return, not by nobody looking at it."""

import datetime

import pytest
from django.utils import timezone, translation

from planning import answers, calendar, gates, late, moderation, participation, reviews, waiting, workflow
from planning.models import Comment, PlanVersion, State
from portal.errors import Conflict
from portal.models import Notification
from tests import world
from tests.planning.review_case import opened

pytestmark = pytest.mark.django_db
WORDS = "这里有样例违禁词，请看"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def refused(version: PlanVersion, name: str, by) -> list[str]:
    with pytest.raises(Conflict) as caught:
        workflow.move(version, name, by=by)
    assert caught.value.code == "gate"
    return caught.value.data["missing"]


def after(version: PlanVersion, cast) -> PlanVersion:
    """The version that follows a returned one."""
    return world.make_version(version.village, by=cast.planner)


@pytest.fixture
def broken_off(public_version, cast) -> PlanVersion:
    """A version in its own notice, after a notice that a return broke off with a comment nobody has answered."""
    participation.post_comment(public_version, by=cast.villager, text="不同意占我家地")
    world.send_back(public_version, by=cast.reviewer)
    return world.advance(after(public_version, cast), "notice")


def test_a_comment_of_a_notice_that_was_broken_off_stands_in_the_way_of_the_next_version(broken_off, cast, as_user):
    (said,) = [text for text in [gates.comments_answered(broken_off)] if text]
    first = broken_off.plan.versions.get(number=1)
    assert said.startswith("Version 1")
    assert said.url == f"/versions/{first.pk}/answers/"
    assert str(said) in refused(broken_off, "close_notice", cast.township)
    page = as_user("committee").get(said.url)
    assert "不同意占我家地" in page.content.decode()
    comment = first.comments.get()
    form = {"comments": [comment.pk], "text": "已改线。", "adoption": "adopted"}
    assert as_user("committee").post(said.url, form).status_code == 302
    assert gates.comments_answered(broken_off) is None


def test_who_answers_is_reminded_of_it_until_a_version_is_approved(broken_off, cast):
    def heap():
        found = [h for h in waiting.heaps(cast.committee) if h.kind == "comments_to_answer"]
        return [(i.version.number, i.due_on) for h in found for i in h.items(cast.committee, 0, 9)]

    assert heap() == [(1, None)]
    participation.post_comment(broken_off, by=cast.villager, text="路太窄")
    assert {number for number, _due in heap()} == {1, 2}
    world.put(broken_off, State.APPROVED)
    assert heap() == []


def test_the_reminder_of_the_end_of_a_notice_counts_it(broken_off, cast, time_machine):
    ends = datetime.datetime.combine(broken_off.notice.closes_on, datetime.time(9), datetime.UTC)
    time_machine.move_to(ends - datetime.timedelta(days=1))
    assert calendar.keep(timezone.now())["notice_reminders"]
    told = Notification.objects.filter(kind="notice_ends", user=cast.committee).get()
    assert told.values["comments"]["en"].startswith("1 ")


def test_both_versions_are_named_and_the_older_is_led_to(broken_off, cast):
    participation.post_comment(broken_off, by=cast.villager, text="路太窄")
    said = gates.comments_answered(broken_off)
    assert "Version 1" in said
    assert "Version 2" not in said
    assert said.count("no answer yet") == 2
    assert f"/{broken_off.plan.versions.get(number=1).pk}/" in said.url


def test_what_was_said_before_the_last_approval_is_not_asked_again(public_version, cast):
    participation.post_comment(public_version, by=cast.villager, text="不同意")
    world.send_back(public_version, by=cast.reviewer)
    second = after(public_version, cast)
    assert gates.comments_answered(second) is not None
    world.put(second, State.APPROVED)
    assert gates.comments_answered(after(second, cast)) is None


def test_a_paper_comment_entered_in_the_quality_check_is_not_lost_by_a_return(public_version, cast):
    checked = world.put(public_version, State.QUALITY_CHECK)
    participation.enter_comment(
        checked, by=cast.committee, channel="paper", text="不同意", said_on=timezone.localdate(), speaker="柳大娘"
    )
    world.send_back(checked, by=cast.reviewer)
    second = world.put(world.advance(after(public_version, cast), "round1"), State.SUBMITTED)
    world.write_decision(second)
    assert any(text.startswith("Version 1") for text in refused(second, "approve", cast.leader))


@pytest.mark.parametrize("end", ["return", "withdraw"])
def test_an_objection_of_an_expert_stands_in_the_way_of_the_next_version(end, version, cast):
    joint = world.advance(version, "joint_review")
    opinion = reviews.give_opinion(opened(joint, cast), by=cast.expert, stance="object", text="占用行洪通道")
    if end == "return":
        world.send_back(joint, by=cast.reviewer)
    else:
        workflow.move(joint, "withdraw", by=cast.township, note="重做")
    second = world.advance(after(joint, cast), "joint_review")
    world.ask_agriculture(second)
    (said,) = refused(second, "to_assembly", cast.reviewer)
    assert said.startswith("Version 1")
    assert gates.opinions_answered(second).url == f"/versions/{joint.pk}/case/#opinions"
    kinds = {heap.kind for heap in waiting.heaps(cast.planner)}
    assert "opinions_to_answer" in kinds
    reviews.answer(opinion, by=cast.planner, outcome="adopted")
    assert gates.opinions_answered(second) is None


# --- nobody looks


@pytest.fixture
def held(public_version, cast) -> Comment:
    return participation.post_comment(public_version, by=cast.villager, text=WORDS)


@pytest.mark.parametrize("look", ["release", "hide"])
def test_a_comment_nobody_has_looked_at_stands_in_the_way_of_closing_the_notice(look, held, cast, time_machine):
    version = held.version
    time_machine.move_to(timezone.now() + datetime.timedelta(days=31))
    (said,) = refused(version, "close_notice", cast.township)
    assert "1" in said
    assert gates.comments_looked_at(version).url
    if look == "hide":
        moderation.hide(held, by=cast.reviewer, reason="辱骂他人")
    else:
        moderation.release(held, by=cast.township)
        answers.answer(held, by=cast.committee, text="说明", adoption="explained")
    assert workflow.move(version, "close_notice", by=cast.township).state == State.QUALITY_CHECK


def test_a_comment_nobody_has_looked_at_stands_in_the_way_of_approving_also_the_next_version(held, cast):
    world.send_back(held.version, by=cast.reviewer)
    second = world.put(world.advance(after(held.version, cast), "round1"), State.SUBMITTED)
    world.write_decision(second)
    assert any(text.startswith("Version 1") for text in refused(second, "approve", cast.leader))
    moderation.hide(held, by=cast.township, reason="辱骂他人")
    assert gates.comments_looked_at(second) is None


def test_a_look_that_is_late_is_on_the_list_and_told_to_township_and_county_once(held, cast, as_user, time_machine):
    assert not [row for row in late.rows(cast.reviewer) if row.kind == "look"]
    time_machine.move_to(timezone.now() + datetime.timedelta(days=10))
    for name in ("township", "reviewer", "leader", "committee"):
        (row,) = [row for row in late.rows(getattr(cast, name)) if row.kind == "look"]
        assert (row.due_on, row.working) == (held.look_by, True)
        assert row.days < 0
        assert late.total(getattr(cast, name)) == 1
    assert WORDS not in as_user("committee").get("/late/").content.decode()
    for _again in range(2):
        assert not calendar.keep(timezone.now())["failed"]
    told = Notification.objects.filter(kind="deadline_late")
    assert {row.user for row in told} == {cast.township, cast.reviewer, cast.leader}
    assert told.count() == 3
    moderation.hide(held, by=cast.township, reason="辱骂他人")
    assert late.total(cast.reviewer) == 0
