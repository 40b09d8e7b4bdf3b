"""The forecast to the plan in force, what moves with a day, and who may move it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from planning import planned, reviews, schedule, workflow
from planning.models import Notice, PlannedDate, State
from portal import workdays
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import AuditEntry
from tests import world

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(datetime(2026, 9, 1, 10, tzinfo=SHANGHAI), tick=False)
    with translation.override("en"):
        yield


def days(found) -> dict[str, date]:
    return {row.state.value: row.on for row in found.rows}


def test_the_forecast_counts_from_today_to_the_plan_in_force(version):
    found = schedule.forecast(version)
    assert list(days(found)) == [
        "draft", "round1", "joint_review", "assembly", "notice", "quality_check", "submitted", "approved", "published",
        "filed", "in_force",
    ]  # fmt: skip
    on = days(found)
    assert on["round1"] == date(2026, 9, 1)
    assert on["joint_review"] == workdays.add(date(2026, 9, 1), 10)
    assert on["quality_check"] == on["notice"] + timedelta(days=31)
    assert on["approved"] == workdays.add(on["submitted"], 20)
    assert on["filed"] == on["in_force"]


def test_each_day_says_how_it_was_counted_and_on_which_ground(version):
    rows = {row.state.value: row for row in schedule.forecast(version).rows}
    assert rows["joint_review"].counted == "10 working days after “Villagers’ first round”"
    assert "last day of the public notice" in rows["quality_check"].counted
    assert "30" in rows["filed"].basis
    assert rows["notice"].basis.startswith("城乡规划法")


def test_days_of_a_year_whose_list_is_not_out_are_provisional(version):
    rows = schedule.forecast(version).rows
    assert [row.provisional for row in rows] == sorted(row.provisional for row in rows)
    assert all(row.provisional == (row.on.year > 2026) for row in rows)


def test_what_should_have_been_is_expected_today_at_the_earliest(version, time_machine):
    world.advance(version, "round1")
    time_machine.move_to(datetime(2026, 12, 1, 10, tzinfo=SHANGHAI), tick=False)
    version.refresh_from_db()
    row = schedule.forecast(version).rows[1]
    assert row.on == date(2026, 12, 1)
    assert "should have been on 15 September 2026" in row.counted


def test_a_notice_that_runs_ends_when_it_ends_whatever_was_planned(public_version):
    PlannedDate.objects.create(version=public_version, state=State.QUALITY_CHECK, on=date(2026, 9, 5))
    assert schedule.forecast(public_version).day_of("quality_check") == date(2026, 10, 2)


def test_a_version_that_ended_has_no_way_ahead(public_version, cast):
    version = world.send_back(public_version, by=cast.reviewer, note="重做")
    assert schedule.forecast(version).rows == []
    assert schedule.movable(version) == []


# --- what moves


def test_a_moved_day_moves_all_that_follows(version):
    found = schedule.preview(version, "assembly", date(2026, 11, 2))
    moved = {change.label: change.days for change in found.changes}
    assert "Joint review" not in moved
    assert moved["Villagers’ assembly"] > 0
    assert {"Public notice", "Approved", "In force"} <= set(moved)
    assert all(change.after > change.before for change in found.changes)


def test_a_day_in_a_festival_is_warned_of(version):
    found = schedule.preview(version, "joint_review", date(2026, 10, 2))
    assert "2 October 2026 falls into National Day." in found.warnings
    later = schedule.preview(version, "assembly", date(2027, 2, 8))
    assert "8 February 2027 falls into the Spring Festival." in later.warnings
    assert any("provisional" in text for text in later.warnings)


def test_a_day_that_is_no_working_day_is_warned_of_with_the_next(version):
    found = schedule.preview(version, "joint_review", date(2026, 9, 19))
    assert "19 September 2026 is no working day; the next one is 20 September 2026." in found.warnings


def test_a_decision_after_its_deadline_is_warned_of(version, time_machine):
    world.advance(version, "notice")
    time_machine.move_to(datetime(2026, 10, 12, 10, tzinfo=SHANGHAI), tick=False)
    version = world.advance(version, "submitted")
    due_on = version.deadlines.get(kind="decide").due_on
    found = schedule.preview(version, "approved", due_on + timedelta(days=7))
    assert any("“Approved” would be on" in text and "after the deadline" in text for text in found.warnings)
    assert not schedule.preview(version, "approved", due_on).warnings


def test_an_assembly_before_the_opinions_are_due_is_warned_of(version, cast):
    version = world.advance(version, "joint_review")
    reviews.ask(version, by=cast.reviewer, due_on=date(2026, 9, 21), department="agriculture")
    found = schedule.preview(version, "assembly", date(2026, 9, 18))
    assert "Opinions may be given until 21 September 2026." in found.warnings


def test_a_planned_day_that_cannot_be_kept_is_said(version, cast):
    planned.set_date(version, "assembly", date(2026, 10, 30), by=cast.township)
    found = schedule.preview(version, "joint_review", date(2026, 11, 16))
    assert "“Villagers’ assembly” was planned for 30 October 2026; that cannot be kept any more." in found.warnings


@pytest.mark.parametrize(
    ("state", "on", "code"),
    [
        ("assembly", date(2026, 8, 31), "past"),
        ("assembly", date(2040, 1, 1), "past"),
        ("assembly", date(2026, 9, 2), "order"),
        ("quality_check", date(2026, 12, 1), "not_ahead"),  # it follows from the notice
        ("draft", date(2026, 12, 1), "not_ahead"),
        ("gone", date(2026, 12, 1), "not_ahead"),
        ("last_day", date(2026, 12, 1), "not_ahead"),
    ],
)
def test_days_that_cannot_be_are_refused(version, cast, state, on, code):
    with pytest.raises(PortalError) as caught:
        planned.set_date(version, state, on, by=cast.township)
    assert caught.value.code == code
    assert not PlannedDate.objects.exists()


# --- moving


def test_a_day_is_moved_on_the_record_and_told(version, cast):
    planned.set_date(version, "assembly", date(2026, 11, 2), by=cast.township)
    assert schedule.forecast(version).day_of("assembly") == date(2026, 11, 2)
    entry = AuditEntry.objects.get(verb="date.planned")
    assert (entry.actor, entry.after) == (cast.township, {"what": "assembly", "on": "2026-11-02"})
    assert cast.committee.notifications.filter(kind="date_moved").count() == 1
    assert not cast.township.notifications.filter(kind="date_moved").exists()
    planned.set_date(version, "assembly", date(2026, 11, 3), by=cast.reviewer)
    assert PlannedDate.objects.get().on == date(2026, 11, 3)


@pytest.mark.parametrize("who", ["planner", "committee", "villager", "province", "agriculture", "other_committee"])
def test_others_may_not_move_a_day(version, cast, who):
    with pytest.raises(NotAllowed):
        planned.set_date(version, "assembly", date(2026, 11, 2), by=getattr(cast, who))
    assert not PlannedDate.objects.exists()


def test_of_two_who_move_a_day_the_later_one_is_told(version, cast):
    seen = schedule.preview(version, "assembly", date(2026, 11, 2)).before
    planned.set_date(version, "assembly", date(2026, 11, 2), by=cast.township, seen=seen)
    with pytest.raises(Conflict) as caught:
        planned.set_date(version, "assembly", date(2026, 11, 9), by=cast.reviewer, seen=seen)
    assert "潮泉镇 moved that day to 2 November 2026" in str(caught.value.message)
    assert PlannedDate.objects.get().on == date(2026, 11, 2)


def test_a_notice_is_only_made_longer(public_version, cast):
    assert public_version.notice.closes_on == date(2026, 10, 1)
    for on in (date(2026, 9, 30), date(2026, 10, 1)):
        with pytest.raises(PortalError) as caught:
            planned.set_date(public_version, "last_day", on, by=cast.township)
        assert caught.value.code == "only_later"
    planned.set_date(public_version, "last_day", date(2026, 10, 15), by=cast.township)
    assert Notice.objects.get(version=public_version).closes_on == date(2026, 10, 15)
    assert AuditEntry.objects.get(verb="notice.extended").before == {"what": "last_day", "on": "2026-10-01"}


def test_a_notice_that_was_made_longer_closes_after_the_new_last_day(public_version, cast, time_machine):
    planned.set_date(public_version, "last_day", date(2026, 10, 15), by=cast.township)
    time_machine.move_to(datetime(2026, 10, 15, 23, 59, 59, tzinfo=SHANGHAI), tick=False)
    with pytest.raises(Conflict):
        workflow.move(public_version, "close_notice", by=cast.township)
    time_machine.move_to(datetime(2026, 10, 16, tzinfo=SHANGHAI), tick=False)
    assert workflow.move(public_version, "close_notice", by=cast.township).state == State.QUALITY_CHECK


def test_nobody_moves_a_day_of_a_version_that_ended(public_version, cast):
    version = world.send_back(public_version, by=cast.reviewer, note="重做")
    with pytest.raises(NotAllowed):
        planned.set_date(version, "approved", timezone.localdate() + timedelta(days=90), by=cast.township)


# --- pages and API


def test_the_page_shows_what_moves_before_anything_is_changed(version, as_user):
    address = f"/versions/{version.pk}/schedule/"
    client = as_user("township")
    client.cookies["django_language"] = "en"
    html = client.get(f"{address}?state=assembly&on=2026-11-02").content.decode()
    assert "What moves" in html
    assert "Nothing has been changed yet." in html
    assert not PlannedDate.objects.exists()
    refused = client.get(f"{address}?state=assembly&on=2026-08-01")
    assert refused.status_code == 400
    assert "from today on" in refused.content.decode()
    assert client.get(address).status_code == 200


def test_confirming_moves_the_day_unless_somebody_moved_it_meanwhile(version, cast, as_user):
    address, client = f"/versions/{version.pk}/schedule/", as_user("township")
    seen = schedule.preview(version, "assembly", date(2026, 11, 2)).before
    body = {"state": "assembly", "on": "2026-11-02", "seen": seen.isoformat()}
    assert client.post(address, body).status_code == 302
    assert PlannedDate.objects.get().on == date(2026, 11, 2)
    assert client.post(address, {**body, "on": "2026-11-09"}).status_code == 409
    assert PlannedDate.objects.get().on == date(2026, 11, 2)


def test_the_page_is_for_those_who_plan_and_unknown_to_strangers(version, as_user):
    address = f"/versions/{version.pk}/schedule/?state=assembly&on=2026-11-02"
    assert [as_user(who).get(address).status_code for who in ("reviewer", "leader", "planner", "committee")] == [
        200, 200, 403, 403,
    ]  # fmt: skip
    assert [as_user(who).get(address).status_code for who in ("villager", "other_committee", "agriculture")] == [
        404
    ] * 3
    assert as_user().get(address).status_code == 302


def test_the_api_shows_previews_and_moves(version, as_user):
    address, client = f"/api/v1/versions/{version.pk}/schedule/", as_user("township")
    body = client.get(address).json()
    assert [row["state"] for row in body["reached"]] == ["draft"]
    assert body["ahead"][-1]["state"] == "in_force"
    assert "assembly" in {row["state"] for row in body["movable"]}
    found = client.get(f"{address}preview/?state=assembly&on=2026-11-02").json()
    assert found["changes"][0]["after"] == "2026-11-02"
    move = {"state": "assembly", "on": "2026-11-02", "seen": found["before"]}
    answer = client.post(address, move, content_type="application/json")
    assert answer.status_code == 200
    assert {row["state"]: row["planned"] for row in answer.json()["ahead"]}["assembly"] == "2026-11-02"
    late = client.post(address, {**move, "on": "2026-11-09"}, content_type="application/json")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "moved")
    assert as_user("planner").get(address).json()["movable"] == []
    assert as_user("planner").post(address, move, content_type="application/json").status_code == 403
    assert as_user("stranger").get(address).status_code == 404
    wrong = client.post(address, {"state": "gone", "on": "2026-11-09"}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "not_ahead")


def test_the_case_shows_the_days_and_the_deadlines_that_run(version, as_user):
    world.advance(version, "joint_review")
    client = as_user("reviewer")
    client.cookies["django_language"] = "en"
    html = client.get(f"/versions/{version.pk}/case/").content.decode()
    assert "20 working days left" in html
    assert "provisional" in html
    assert "See what else moves" in html
    assert "See what else moves" not in as_user("planner").get(f"/versions/{version.pk}/case/").content.decode()


def test_whoever_was_asked_reads_of_no_other_request(version, cast, as_user):
    version = world.advance(version, "joint_review")
    due = workdays.add(timezone.localdate(), 5)
    request = reviews.ask(version, by=cast.reviewer, due_on=due, department="agriculture")
    reviews.ask(version, by=cast.reviewer, due_on=due, expert=cast.expert)
    reviews.declare_interest(request, by=cast.agriculture, conflict=False)
    url = f"/api/v1/versions/{version.pk}/deadlines/"
    asked = [row["whom"] for row in as_user("agriculture").get(url).json()["results"] if row["whom"]]
    assert asked == [str(request)]
    assert len([row for row in as_user("reviewer").get(url).json()["results"] if row["whom"]]) == 2
    assert cast.expert.full_name not in as_user("agriculture").get(f"/versions/{version.pk}/case/").content.decode()
