"""Itemised returns: points with the step or none of both, each answered in the next version, each settled by the county."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from planning import returns, waiting, workflow
from planning.models import ItemAnswer, PlanVersion, ReturnItem, State, WorkflowRule
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import AuditEntry
from tests import world
from tests.grid import cell
from tests.rows import shared

SHAPE = {"type": "Polygon", "coordinates": [[list(c) for c in cell(0, 0, 8, 1).geoms[0].exterior.coords]]}
POINTS = [
    {"zone": 1, "rule": "K1", "text": "退出永久基本农田", "suggestion": SHAPE},
    {"page": "第12页", "text": "人口数与村庄概况不一致"},
]


@shared
def checked(version):
    """A version at its quality check, the notice behind it."""
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )
    return world.advance(version, "quality_check")


@shared
def returned(checked, cast):
    return returns.return_with_items(checked, POINTS, by=cast.reviewer, note="请修改后重报")


@shared
def following(returned, village, cast):
    """The next version with the noticed layout, a draft."""
    version = world.make_version(village, by=cast.planner)
    PlanVersion.objects.filter(pk=version.pk).update(layout=returned.layout, checked_at=timezone.now())
    return PlanVersion.objects.with_plan().get(pk=version.pk)


def send(client, address, body):
    return client.post(f"/api/v1/{address}", body, content_type="application/json")


def test_a_version_is_returned_together_with_its_points(checked, as_user):
    answer = send(as_user("reviewer"), f"versions/{checked.pk}/return/", {"note": "请修改", "points": POINTS})
    assert answer.status_code == 201, answer.content
    first, second = answer.json()["own"]
    assert (first["number"], first["zone"], first["rule"], first["suggestion"]["type"]) == (1, 1, "K1", "Polygon")
    assert (second["zone"], second["page"], second["answer"]) == (None, "第12页", None)
    checked.refresh_from_db()
    assert checked.state == State.RETURNED


WRONG = {
    "no point at all": ([], "items"),
    "a zone there is none of": ([{"zone": 99, "text": "x"}], "zone"),
    "a rule there is none of": ([{"rule": "K99", "text": "x"}], "rule"),
    "a point without a place": ([{"text": "x"}], "place"),
    "a point without words": ([*POINTS, {"zone": 1, "text": " "}], "text"),
    "an outline that is a line": ([{"zone": 1, "text": "x", "suggestion": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}], "suggestion"),
    "an outline in another country": (
        [{"zone": 1, "text": "x", "suggestion": {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}}],
        "suggestion",
    ),
    "an outline that crosses itself": (
        [{"zone": 1, "text": "x", "suggestion": {"type": "Polygon", "coordinates": [[[116.8, 36.1], [116.81, 36.11], [116.81, 36.1], [116.8, 36.11], [116.8, 36.1]]]}}],
        "suggestion",
    ),
    "an outline that is no JSON of a shape": ([{"zone": 1, "text": "x", "suggestion": {"type": [1]}}], "suggestion"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_point_leaves_the_version_where_it_is(what, checked, cast):
    points, code = WRONG[what]
    with pytest.raises(PortalError) as caught:
        returns.return_with_items(checked, points, by=cast.reviewer, note="请修改")
    assert caught.value.code == code
    checked.refresh_from_db()
    assert checked.state == State.QUALITY_CHECK
    assert not ReturnItem.objects.exists()


def test_a_return_with_points_needs_reasons_and_the_right_role(checked, cast):
    with pytest.raises(PortalError):
        returns.return_with_items(checked, POINTS, by=cast.reviewer, note=" ")
    with pytest.raises(NotAllowed):
        returns.return_with_items(checked, POINTS, by=cast.township, note="x")
    assert not ReturnItem.objects.exists()


def test_the_author_answers_in_the_next_version_and_the_county_settles_each(returned, following, as_user, cast):
    one, two = returned.return_items.all()
    base = f"versions/{following.pk}/points"
    assert send(as_user("planner"), f"{base}/{one.pk}/answer/", {"accepted": True}).status_code == 200
    refused = send(as_user("committee"), f"{base}/{two.pk}/answer/", {"accepted": False, "reason": "以户籍人口为准"})
    assert refused.json()["answer"]["accepted"] is False
    workflow.move(following, "resume", by=cast.township)
    assert send(as_user("reviewer"), f"{base}/{one.pk}/settle/", {"accepted": True}).status_code == 200
    said = send(as_user("reviewer"), f"{base}/{two.pk}/settle/", {"accepted": True, "note": "理由成立"}).json()
    assert (said["answer"]["settled"], said["answer"]["settled_note"]) == (True, "理由成立")
    assert as_user("planner").get(f"/api/v1/versions/{following.pk}/points/").json()["open"] == 0


def test_a_refusal_needs_a_reason_on_both_sides(returned, following, cast):
    item = returned.return_items.first()
    with pytest.raises(PortalError) as caught:
        returns.answer(item, following, by=cast.planner, accepted=False)
    assert caught.value.code == "reason"
    returns.answer(item, following, by=cast.planner, accepted=True)
    workflow.move(following, "resume", by=cast.township)
    with pytest.raises(PortalError) as caught:
        returns.settle(item, by=cast.reviewer, accepted=False)
    assert caught.value.code == "note_missing"


def test_an_unsettled_point_stands_in_the_way_of_approval(returned, following, cast):
    one, two = returned.return_items.all()
    for item in (one, two):
        returns.answer(item, following, by=cast.planner, accepted=True)
    version = workflow.move(following, "resume", by=cast.township)
    version = workflow.move(version, "submit", by=cast.township)
    world.write_decision(version)
    returns.settle(one, by=cast.reviewer, accepted=True)
    returns.settle(two, by=cast.reviewer, accepted=False, note="未改")
    with pytest.raises(Conflict) as caught:
        workflow.move(version, "approve", by=cast.leader)
    assert len(caught.value.data["missing"]) == 1
    returns.settle(two, by=cast.reviewer, accepted=True, note="已补充材料")
    assert workflow.move(version, "approve", by=cast.leader).state == State.APPROVED


def test_points_of_every_earlier_return_count_not_only_of_the_last(returned, following, village, cast):
    """A second return makes nobody forget the first."""
    version = workflow.move(following, "resume", by=cast.township)
    world.send_back(version, by=cast.reviewer, note="再改")
    third = world.make_version(village, by=cast.planner)
    assert returns.open_count(third) == 3


def test_an_answer_that_was_not_accepted_is_given_anew_and_all_is_kept(returned, following, village, cast):
    item = returned.return_items.first()
    returns.answer(item, following, by=cast.planner, accepted=False, reason="无法退出")
    version = workflow.move(following, "resume", by=cast.township)
    returns.settle(item, by=cast.reviewer, accepted=False, note="必须退出")
    world.send_back(version, by=cast.reviewer, note="再改")
    third = world.make_version(village, by=cast.planner)
    returns.answer(item, third, by=cast.planner, accepted=True, reason="已退出")
    answer = ItemAnswer.objects.get(item=item)
    assert (answer.version, answer.settled) == (third, None)
    entry = AuditEntry.objects.filter(verb="return_item.answered").order_by("id").last()
    assert entry.before == {
        "accepted": False, "reason": "无法退出", "settled": False, "settled_note": "必须退出"
    }  # fmt: skip


def test_who_answers_and_who_settles(returned, following, as_user, cast):
    item = returned.return_items.first()
    base = f"versions/{following.pk}/points/{item.pk}"
    expected = {
        "planner": 200, "committee": 200, "township": 403, "reviewer": 403, "leader": 403, "province": 403,
        "villager": 404, "other_committee": 404, "stranger": 404, "expert": 404,
    }  # fmt: skip
    found = {who: send(as_user(who), f"{base}/answer/", {"accepted": True}).status_code for who in expected}
    assert found == expected
    workflow.move(following, "resume", by=cast.township)
    refusal = {"accepted": False, "note": "未改"}
    expected = {
        "planner": 403, "committee": 403, "township": 403, "province": 403, "villager": 404, "other_committee": 404,
        "stranger": 404, "reviewer": 200, "leader": 200,
    }  # fmt: skip
    assert {who: send(as_user(who), f"{base}/settle/", refusal).status_code for who in expected} == expected


def test_points_are_answered_in_a_draft_and_settled_after_it_was_handed_on(returned, following, cast):
    item = returned.return_items.first()
    returns.answer(item, following, by=cast.planner, accepted=True)
    with pytest.raises(Conflict):
        returns.settle(item, by=cast.reviewer, accepted=True)
    version = workflow.move(following, "resume", by=cast.township)
    with pytest.raises(Conflict):
        returns.answer(item, version, by=cast.planner, accepted=True)
    with pytest.raises(Conflict) as caught:
        returns.settle(returned.return_items.last(), by=cast.reviewer, accepted=True)
    assert caught.value.code == "unanswered"


def test_whoever_handed_in_the_version_does_not_settle_its_points(returned, following, cast):
    item = returned.return_items.first()
    returns.answer(item, following, by=cast.planner, accepted=True)
    version = workflow.move(following, "resume", by=cast.township)
    assert version.created_by == cast.planner
    cast.planner.memberships.create(role="county_reviewer", division_code=world.COUNTY)
    del cast.planner._active_memberships
    with pytest.raises(NotAllowed) as caught:
        returns.settle(item, by=cast.planner, accepted=True)
    assert caught.value.code == "own_plan"


def test_whoever_handed_in_another_version_of_the_plan_does_not_settle_points_either(
    returned, following, village, cast
):
    item = returned.return_items.first()
    returns.answer(item, following, by=cast.planner, accepted=True)
    version = workflow.move(following, "resume", by=cast.township)
    assert returns.may_settle(cast.leader, version)
    world.make_version(village, by=cast.leader)
    assert not returns.may_settle(cast.leader, version)
    assert not waiting.points_to_settle(cast.leader).items(cast.leader, 0, 20)
    with pytest.raises(NotAllowed):
        returns.settle(item, by=cast.leader, accepted=True)
    assert returns.settle(item, by=cast.reviewer, accepted=True).settled


def test_an_accepted_answer_and_the_points_themselves_never_change(returned, following, cast):
    item = returned.return_items.first()
    returns.answer(item, following, by=cast.planner, accepted=True)
    workflow.move(following, "resume", by=cast.township)
    returns.settle(item, by=cast.reviewer, accepted=True)
    with pytest.raises(Conflict) as caught:
        returns.settle(item, by=cast.leader, accepted=False, note="x")
    assert caught.value.code == "settled"
    for change in (
        lambda: ItemAnswer.objects.update(settled=False), lambda: ReturnItem.objects.update(text="other"),
        lambda: ItemAnswer.objects.all()._raw_delete("default"),
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_points_of_another_plan_are_nobodys_business_here(returned, village, cast, as_user):
    other = world.make_version(world.make_village(world.OTHER, col=20), by=cast.other_committee)
    item = returned.return_items.first()
    address = f"versions/{other.pk}/points/{item.pk}/answer/"
    assert send(as_user("other_committee"), address, {"accepted": True}).status_code == 404
    with pytest.raises(PortalError):
        returns.answer(item, other, by=cast.other_committee, accepted=True)


# --- the pages


def rows(*points, **more):
    names = ("zone", "rule", "page", "text", "suggestion")
    return {name: [p.get(name, "") for p in points] for name in names} | more


def test_the_form_takes_more_points_and_keeps_what_was_typed(checked, as_user):
    client, address = as_user("reviewer"), reverse("return-new", args=[checked.pk])
    page = client.post(address, rows({"zone": "1", "text": "退出"}, note="请修改", more="1")).content.decode()
    assert page.count('name="zone"') == 6
    assert "退出" in page
    page = client.post(address, rows({"zone": "99", "text": "退出"}, note="请修改"))
    assert page.status_code == 400
    assert 'href="#zone-1"' in page.content.decode()
    answer = client.post(address, rows({"zone": "1", "text": "退出"}, {}, note="请修改"))
    assert answer.headers["Location"].endswith("#returns")
    assert checked.return_items.get().zone.number == 1


def test_answering_and_settling_on_the_page_of_the_case(returned, following, as_user, cast):
    item = returned.return_items.first()
    case = reverse("case", args=[following.pk])
    planner = as_user("planner")
    wrong = planner.post(reverse("point-answer", args=[following.pk, item.pk]), {"accepted": "no", "reason": ""})
    assert wrong.status_code == 400
    planner.post(reverse("point-answer", args=[following.pk, item.pk]), {"accepted": "no", "reason": "无法退出"})
    assert "无法退出" in planner.get(case).content.decode()
    workflow.move(following, "resume", by=cast.township)
    reviewer = as_user("reviewer")
    page = reviewer.get(case).content.decode()
    assert reverse("point-settle", args=[following.pk, item.pk]) in page
    reviewer.post(reverse("point-settle", args=[following.pk, item.pk]), {"accepted": "yes"})
    assert ItemAnswer.objects.get(item=item).settled is True


def test_who_opens_the_form_of_a_return(checked, as_user):
    address = reverse("return-new", args=[checked.pk])
    expected = {
        "reviewer": 200, "leader": 200, "township": 403, "committee": 403, "planner": 403, "province": 403,
        "villager": 404, "other_committee": 404, "stranger": 404,
    }  # fmt: skip
    assert {who: as_user(who).get(address).status_code for who in expected} == expected


def test_a_return_without_points_is_refused_by_every_way_and_says_how_to_add_one(checked, cast, as_user):
    client, body = as_user("reviewer"), {"name": "return", "note": "请修改"}
    answer = send(client, f"versions/{checked.pk}/steps/", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "gate")
    for page in ("case-move", "version-move"):
        assert client.post(reverse(page, args=[checked.pk]), body).status_code in (302, 409)
    assert reverse("return-new", args=[checked.pk]) in client.get(f"/versions/{checked.pk}/case/").content.decode()
    with pytest.raises(Conflict):
        workflow.move(checked, "return", by=cast.reviewer, note="请修改")
    checked.refresh_from_db()
    assert (checked.state, ReturnItem.objects.count()) == (State.QUALITY_CHECK, 0)


def test_the_plain_step_takes_points_and_only_a_return_does(checked, as_user):
    client, body = as_user("reviewer"), {"name": "return", "note": "请修改", "points": POINTS}
    assert send(client, f"versions/{checked.pk}/steps/", {**body, "name": "submit"}).json()["error"]["code"] == "points"
    (possible,) = client.get(f"/api/v1/versions/{checked.pk}/steps/").json()["allowed"]
    assert (possible["name"], possible["itemised"], possible["missing"]) == ("return", True, [])
    assert send(client, f"versions/{checked.pk}/steps/", body).json()["state"] == "returned"
    assert checked.return_items.count() == 2


def test_the_note_of_the_review_page_goes_on_to_the_page_of_the_points(checked, as_user):
    page = as_user("reviewer").post(reverse("return-new", args=[checked.pk]), {"note": "写了很久", "more": "1"})
    assert page.status_code == 200
    assert "写了很久</textarea>" in page.content.decode()
    assert len(page.context["rows"]) == 5
    checked.refresh_from_db()
    assert checked.state == State.QUALITY_CHECK


def test_an_answer_is_settled_at_the_version_that_gave_it(returned, following, village, cast, as_user):
    """A page of an older version that was left open settles nothing of the newer one."""
    item = returned.return_items.first()
    older = workflow.move(following, "resume", by=cast.township)
    world.send_back(older, by=cast.reviewer)
    newer = world.make_version(village, by=cast.planner)
    returns.answer(item, newer, by=cast.planner, accepted=True)
    world.advance(newer, "round1")
    client = as_user("reviewer")
    answer = send(client, f"versions/{older.pk}/points/{item.pk}/settle/", {"accepted": True})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "other_version")
    assert client.post(reverse("point-settle", args=[older.pk, item.pk]), {"accepted": "yes"}).status_code == 409
    assert ItemAnswer.objects.get(item=item).settled is None
    assert send(client, f"versions/{newer.pk}/points/{item.pk}/settle/", {"accepted": True}).status_code == 200
