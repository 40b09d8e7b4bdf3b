"""What waits for a person, by role; what is late, and who must act; the same as a calendar file."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from planning import ics, late, participation, returns, reviews, waiting
from planning.models import Commission, Deadline
from portal import workdays
from portal.models import User
from tests import world

SHANGHAI = ZoneInfo("Asia/Shanghai")


def kinds(user) -> dict[str, int]:
    return {heap.kind: heap.total for heap in waiting.heaps(user)}


def items(user, kind: str) -> list:
    return next(heap for heap in waiting.heaps(user) if heap.kind == kind).items(user, 0, 20)


WHO = {
    "draft": {"committee", "planner"},
    "round1": {"township"},
    "joint_review": {"reviewer", "leader"},
    "assembly": {"township"},
    "notice": set(),  # its days run: nobody can do anything
    "quality_check": {"township"},
    "submitted": {"leader"},
    "approved": {"township", "reviewer"},
    "published": {"reviewer"},
    "filed": {"reviewer"},
    "in_force": set(),
}


@pytest.mark.parametrize("state", WHO)
def test_each_step_waits_for_those_who_may_make_it(version, cast, state, time_machine):
    time_machine.move_to(datetime(2026, 9, 1, 10, tzinfo=SHANGHAI), tick=False)
    if state != "draft":
        if list(WHO).index(state) > list(WHO).index("notice"):
            world.advance(version, "notice")
            time_machine.shift(timedelta(days=40))
        world.advance(version, state)
    waits = {name for name in world.CAST if kinds(getattr(cast, name)).get("steps")}
    assert waits == WHO[state]


def test_a_step_says_what_it_lacks_and_when_it_is_due(version, cast, time_machine):
    time_machine.move_to(datetime(2026, 9, 1, 10, tzinfo=SHANGHAI), tick=False)
    world.advance(version, "joint_review")
    item = items(cast.reviewer, "steps")[0]
    assert item.missing
    assert (item.due_on, item.left, item.working) == (version.deadlines.get(kind="joint_review").due_on, 20, True)
    assert not item.late


def test_a_step_whose_gates_hold_lacks_nothing(version, cast):
    version = world.advance(version, "round1")
    world.hold_round(version)
    assert items(cast.township, "steps")[0].missing == []


def test_a_notice_that_is_over_and_blocked_waits_for_the_township(public_version, cast, time_machine):
    participation.post_comment(public_version, by=cast.villager, text="路太窄")
    assert "steps" not in kinds(cast.township)
    assert kinds(cast.committee) == kinds(cast.planner) == {"comments_to_answer": 1}
    time_machine.move_to(timezone.now() + timedelta(days=40))
    assert len(items(cast.township, "steps")[0].missing) == 1


def test_whoever_handed_a_plan_in_is_not_asked_to_approve_it(village, cast, time_machine):
    version = world.make_version(village, by=cast.leader)
    world.advance(version, "notice")
    time_machine.move_to(timezone.now() + timedelta(days=40))
    world.advance(version, "submitted")
    assert "steps" not in kinds(cast.leader)


def test_whoever_submitted_a_plan_is_not_asked_to_approve_it(version, cast, time_machine):
    world.advance(version, "notice")
    time_machine.move_to(timezone.now() + timedelta(days=40))
    world.advance(version, "submitted")
    cast.township.memberships.create(role="county_leader", division_code=world.COUNTY)
    assert "steps" not in kinds(User.objects.get(pk=cast.township.pk))
    assert kinds(cast.leader)["steps"] == 1


def test_whoever_approved_a_plan_is_not_asked_to_publish_it(version, cast, time_machine):
    cast.leader.memberships.create(role="county_reviewer", division_code=world.COUNTY)
    world.advance(version, "notice")
    time_machine.move_to(timezone.now() + timedelta(days=40))
    world.advance(version, "approved")
    assert "steps" not in kinds(User.objects.get(pk=cast.leader.pk))
    assert kinds(cast.reviewer)["steps"] == 1


def test_opinions_wait_for_those_asked_then_for_those_who_answer(version, cast):
    version = world.advance(version, "joint_review")
    due_on = reviews.ask(version, by=cast.reviewer, due_on=next_workday(), department="agriculture").due_on
    assert kinds(cast.agriculture) == {"opinions_to_give": 1}
    assert items(cast.agriculture, "opinions_to_give")[0].due_on == due_on
    assert "opinions_to_give" not in kinds(cast.expert)


def next_workday() -> date:
    return workdays.add(timezone.localdate(), 5, world.LIUGOU)


def test_a_returned_plan_waits_for_its_village(public_version, cast):
    world.send_back(public_version, by=cast.reviewer, note="重做")
    assert kinds(cast.planner) == {"returned": 1}
    assert kinds(cast.other_committee) == {}


def test_points_of_a_return_wait_for_the_village_and_answers_for_the_county(public_version, village, cast, as_user):
    returned = world.send_back(public_version, by=cast.reviewer)
    following = world.make_version(village, by=cast.planner)
    for author in (cast.planner, cast.committee):
        assert items(author, "points_to_answer")[0].version == following
    assert "points_to_answer" not in kinds(cast.other_committee)
    returns.answer(returned.return_items.get(), following, by=cast.committee, accepted=True)
    assert "points_to_answer" not in kinds(cast.planner)
    assert "points_to_settle" not in kinds(cast.reviewer)
    following = world.advance(following, "round1")
    assert items(cast.reviewer, "points_to_settle")[0].version == following
    assert "points_to_settle" not in kinds(cast.township)
    assert "/case/#points" in as_user("leader").get("/waiting/?kind=points_to_settle").content.decode()
    returns.settle(returned.return_items.get(), by=cast.leader, accepted=False, note="仍未调整")
    assert "points_to_settle" not in kinds(cast.reviewer)
    world.send_back(world.advance(following, "joint_review"), by=cast.reviewer)
    third = world.make_version(village, by=cast.planner)
    assert items(cast.planner, "points_to_answer")[0].version == third
    assert "2" in items(cast.planner, "points_to_answer")[0].action


def test_nothing_waits_for_strangers(version, cast):
    for name in ("villager", "stranger", "other_committee", "province", "expert"):
        assert kinds(getattr(cast, name)) == {}, name


# --- late


@pytest.fixture
def overdue(version, cast, time_machine):
    """A decision that was due on 13 October 2026; it is three working days later."""
    time_machine.move_to(datetime(2026, 8, 3, 10, tzinfo=SHANGHAI), tick=False)
    world.advance(version, "notice")
    time_machine.move_to(datetime(2026, 9, 9, 10, tzinfo=SHANGHAI), tick=False)
    version = world.advance(version, "submitted")
    time_machine.move_to(datetime(2026, 10, 16, 10, tzinfo=SHANGHAI), tick=False)
    return version


def test_what_is_late_is_late_from_the_day_after_its_last_one(overdue, cast, time_machine):
    time_machine.move_to(datetime(2026, 10, 13, 23, 59, tzinfo=SHANGHAI), tick=False)
    assert late.total(cast.leader) == 0
    time_machine.move_to(datetime(2026, 10, 14, 0, 0, tzinfo=SHANGHAI), tick=False)
    assert late.total(cast.leader) == 1


def test_a_late_row_says_what_by_how_much_and_who_must_act(overdue, cast):
    row = late.rows(cast.leader)[0]
    assert (row.kind, row.due_on, row.days, row.working) == ("decide", date(2026, 10, 13), -3, True)
    assert len(row.who) == 1
    assert row.version == overdue


def test_late_things_are_seen_by_staff_of_the_division_and_by_nobody_else(overdue, cast):
    seeing = {name for name in world.CAST if late.rows(getattr(cast, name))}
    assert seeing == {"planner", "committee", "township", "reviewer", "leader", "province"}


def test_notices_that_cannot_close_and_plans_never_handed_in_are_late(public_version, cast, time_machine):
    participation.post_comment(public_version, by=cast.villager, text="路太窄")
    village = world.make_village(world.OTHER, col=20)
    plan = village.plans.create(name="下寨村村庄规划")
    Commission.objects.create(
        plan=plan,
        number="1",
        issued_on=date(2026, 1, 1),
        due_on=timezone.localdate() - timedelta(days=2),
        by=cast.reviewer,
    )
    time_machine.move_to(timezone.now() + timedelta(days=40))
    assert {row.kind for row in late.rows(cast.reviewer)} == {"notice", "commission"}
    assert late.total(cast.reviewer) == 2


def test_many_late_things_cost_as_many_queries_as_few(village, cast, django_assert_max_num_queries):
    for n in range(10):
        version = world.make_version(village, by=cast.planner, number=n + 1)
        Deadline.objects.create(version=version, kind="decide", began_on=date(2026, 1, 1), due_on=date(2026, 2, 2))
    with django_assert_max_num_queries(9):
        assert len(late.rows(cast.leader)) == 10


# --- pages and API


def test_the_pages_list_what_waits_and_what_is_late_with_numbers(overdue, as_user):
    client = as_user("leader")
    client.cookies["django_language"] = "en"
    html = client.get("/waiting/").content.decode()
    assert "Steps to make" in html
    assert "柳沟村" in html
    assert "3 working days late" in html
    assert client.get("/waiting/?kind=steps&page=1").status_code == 200
    html = client.get("/late/").content.decode()
    assert "County leader" in html
    assert as_user().get("/waiting/").status_code == 302
    assert as_user().get("/late/").status_code == 302


def test_empty_pages_say_what_will_stand_there(version, as_user):
    client = as_user("villager")
    client.cookies["django_language"] = "en"
    assert "Nothing waits for you." in client.get("/waiting/").content.decode()
    assert "Nothing is late." in client.get("/late/").content.decode()


def test_the_api_says_the_same(overdue, as_user):
    body = as_user("leader").get("/api/v1/waiting/").json()
    assert body["total"] == 1
    item = body["kinds"][0]["items"][0]
    assert (item["version"], item["left"], item["unit"]) == (overdue.pk, -3, "working")
    rows = as_user("leader").get("/api/v1/late/").json()
    assert (rows["total"], rows["items"][0]["left"]) == (1, -3)
    assert as_user("stranger").get("/api/v1/late/").json() == {"total": 0, "items": []}
    assert as_user().get("/api/v1/waiting/").status_code == 403
    deadlines = as_user("township").get(f"/api/v1/versions/{overdue.pk}/deadlines/").json()["results"]
    assert [(d["kind"], d["left"], d["unit"]) for d in deadlines] == [("decide", -3, "working")]
    assert as_user("villager").get(f"/api/v1/versions/{overdue.pk}/deadlines/").status_code == 404


# --- the calendar file


def test_the_calendar_file_is_folded_and_escaped(overdue, as_user):
    overdue.plan.village.short_name = "柳沟村;西,北\\东"
    overdue.plan.village.save()
    answer = as_user("leader").get("/deadlines.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    text = answer.content.decode()
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    whole = text.replace("\r\n ", "")
    assert "DTSTART;VALUE=DATE:20261013\r\nDTEND;VALUE=DATE:20261014" in whole
    assert "柳沟村\\;西\\,北\\\\东" in whole
    assert "BEGIN:VEVENT" not in as_user("stranger").get("/deadlines.ics").content.decode()
    assert as_user("leader").get("/api/v1/deadlines.ics").content.decode().count("BEGIN:VEVENT") == 1


def test_line_breaks_in_words_cannot_add_lines_to_the_file():
    assert ics.escaped("a\r\nBEGIN:VALARM\nb") == "a\\nBEGIN:VALARM\\nb"


def test_the_deadlines_of_a_division_are_for_its_officials(overdue, as_user):
    assert "BEGIN:VEVENT" in as_user("reviewer").get(f"/divisions/{world.COUNTY}/deadlines.ics").content.decode()
    assert as_user("committee").get(f"/divisions/{world.COUNTY}/deadlines.ics").status_code == 404
