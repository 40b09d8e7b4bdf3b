"""The decision letter: made from the template with its conditions, numbered once, issued with the approval, then frozen."""

import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from planning import conditions, decisions, procedures, workflow
from planning.models import Condition, Decision, PlanVersion, State, WorkflowRule
from portal.errors import Conflict
from portal.models import AuditEntry, User
from tests import world
from tests.rows import shared

NUMBER = "肥政字〔2026〕12号"


@shared
def submitted(version):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )
    return world.advance(version, "submitted")


def write(client, version, **changed):
    body = {"number": NUMBER, "decided_on": timezone.localdate().isoformat(), **changed}
    return client.post(f"/api/v1/versions/{version.pk}/decision/", body, content_type="application/json")


def condition(version, cast, text="先落实排水设施", number=1):
    return Condition.objects.create(version=version, number=number, text=text, set_by=cast.reviewer)


def test_the_letter_names_village_plan_number_date_and_conditions(submitted, as_user, cast):
    condition(submitted, cast)
    condition(submitted, cast, "保留古树 {{7*7}} $plan %(x)s", 2)
    answer = write(as_user("leader"), submitted)
    assert answer.status_code == 200, answer.content
    told, today = answer.json(), timezone.localdate()
    for words in (
        "柳沟村", submitted.plan.name, NUMBER, "潮泉镇人民政府", f"{today.year}年{today.month}月{today.day}日",
        "（1）先落实排水设施。", "（2）保留古树 {{7*7}} $plan %(x)s。", "四、请在本批复", submitted.digest[:12],
    ):  # fmt: skip
        assert words in told["body"]
    assert (told["template"], told["issued_at"]) == (decisions.template(submitted)[0], None)


def test_without_conditions_the_letter_has_no_paragraph_for_them(submitted, as_user):
    body = write(as_user("leader"), submitted).json()["body"]
    assert "条件" not in body
    assert "三、请在本批复" in body


def test_a_preview_stores_nothing(submitted, as_user):
    answer = write(as_user("leader"), submitted, preview=True)
    assert NUMBER in answer.json()["body"]
    assert not Decision.objects.exists()


def test_the_letter_is_written_again_until_the_approval_and_then_frozen(submitted, as_user, cast):
    write(as_user("reviewer"), submitted)
    assert write(as_user("leader"), submitted, number="另一号").json()["number"] == "另一号"
    workflow.move(submitted, "approve", by=cast.leader)
    row = Decision.objects.get()
    assert row.issued_at is not None
    answer = write(as_user("leader"), submitted, number="第三号")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")


def test_a_condition_that_came_after_the_letter_holds_the_approval_up(submitted, as_user, cast):
    write(as_user("leader"), submitted)
    condition(submitted, cast)
    with translation.override("en"), pytest.raises(Conflict) as caught:
        workflow.move(submitted, "approve", by=cast.leader)
    assert "write the letter again" in caught.value.data["missing"][0]
    write(as_user("leader"), submitted)
    assert workflow.move(submitted, "approve", by=cast.leader).state == State.APPROVED


def test_a_letter_never_names_a_condition_that_was_taken_out(submitted, as_user, cast):
    dropped = condition(submitted, cast)
    write(as_user("leader"), submitted)
    conditions.drop_condition(dropped, by=cast.reviewer)
    assert is_held_up(submitted, cast)
    assert "先落实排水设施" not in write(as_user("leader"), submitted).json()["body"]
    assert workflow.move(submitted, "approve", by=cast.leader).state == State.APPROVED


def test_a_letter_never_says_another_last_day_than_the_condition(submitted, as_user, cast):
    def until(days: int) -> Condition:
        due_on = timezone.localdate() + datetime.timedelta(days=days)
        return conditions.set_condition(submitted, by=cast.reviewer, text="先落实排水设施", due_on=due_on)

    first = until(30)
    write(as_user("leader"), submitted)
    conditions.drop_condition(first, by=cast.reviewer)
    until(60)
    assert is_held_up(submitted, cast)
    write(as_user("leader"), submitted)
    assert workflow.move(submitted, "approve", by=cast.leader).state == State.APPROVED


def is_held_up(version, cast) -> bool:
    with pytest.raises(Conflict) as caught:
        workflow.move(version, "approve", by=cast.leader)
    return caught.value.code == "gate"


# --- the days, and letters of their own


def test_the_letter_says_the_days_of_the_procedure_the_plan_goes_by(submitted, as_user):
    assert "20个工作日内将规划向村民公布，30个工作日内逐级汇交" in write(as_user("leader"), submitted).json()["body"]
    by_rule(submitted, procedures.shipped("sample_province"))
    assert "10个工作日内将规划向村民公布，20个工作日内逐级汇交" in write(as_user("leader"), submitted).json()["body"]


def by_rule(version, content) -> None:
    """From now on the version goes by another procedure; its first step is taken for one of that."""
    rule = procedures.of_version(version).rule
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE planning_workflowrule DISABLE TRIGGER USER")
        WorkflowRule.objects.filter(pk=rule.pk).update(procedure=content)
        cursor.execute("ALTER TABLE planning_workflowrule ENABLE TRIGGER USER")


TITLES = {"full": "原则同意《", "local": "同意局部调整柳沟村《", "maintenance": "同意更正柳沟村《"}


@pytest.mark.parametrize("track", TITLES)
def test_each_track_has_a_letter_that_says_what_is_approved(track, version, cast):
    PlanVersion.objects.filter(pk=version.pk).update(track=track)
    version.refresh_from_db()
    body = decisions.letter(version, number=NUMBER, decided_on=timezone.localdate())
    assert TITLES[track] in body
    assert ("原则同意" in body) == (track == "full")
    assert "$" not in body


def test_a_procedure_names_a_letter_of_its_own_for_a_track(submitted, as_user):
    by_rule(submitted, {**procedures.shipped(), "letters": {"full": "correction"}})
    told = write(as_user("leader"), submitted).json()
    assert told["template"] == "correction@1"
    assert "同意更正" in told["body"]


# --- numbers


def test_a_version_that_is_returned_gives_the_number_of_its_letter_back(submitted, village, as_user, cast):
    write(as_user("leader"), submitted)
    world.send_back(submitted, by=cast.reviewer)
    assert not Decision.objects.exists()
    entry = AuditEntry.objects.get(verb="decision.dropped")
    assert (entry.before["number"], entry.actor, entry.object_id) == (NUMBER, cast.reviewer, submitted.pk)
    second = world.advance(world.make_version(village, by=cast.planner), "submitted")
    assert write(as_user("leader"), second).json()["number"] == NUMBER


def test_a_letter_of_a_plan_under_way_is_not_deleted_by_whoever_asks(submitted, as_user):
    write(as_user("leader"), submitted)
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.all()._raw_delete("default")


def test_who_has_a_number_is_named_with_whether_it_was_issued(submitted, as_user, cast):
    other = world.advance(
        world.make_version(world.make_village(world.OTHER, col=20), by=cast.other_committee), "submitted"
    )
    write(as_user("leader"), submitted)
    client = as_user("leader")
    client.cookies["django_language"] = "en"
    text = write(client, other).json()["error"]["message"]
    assert submitted.plan.name in text
    assert "not issued yet" in text
    workflow.move(submitted, "approve", by=cast.leader)
    assert "was issued" in write(client, other).json()["error"]["message"]


def test_a_letter_that_was_issued_outlives_its_version(submitted, village, cast):
    world.write_decision(submitted)
    workflow.move(submitted, "approve", by=cast.leader)
    world.advance(world.make_version(village, by=cast.planner), "approved")
    assert PlanVersion.objects.get(pk=submitted.pk).state == State.SUPERSEDED
    assert Decision.objects.filter(version=submitted).exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.filter(version=submitted)._raw_delete("default")


def test_a_plan_of_another_county_is_not_named_with_its_number(submitted, as_user):
    write(as_user("leader"), submitted)
    other = User.objects.create_user("other_county")
    other.memberships.create(role="county_leader", division_code="370921000000")
    assert submitted.plan.name not in decisions.taken(NUMBER, other)
    assert NUMBER in decisions.taken(NUMBER, other)


def test_no_two_letters_have_the_same_number(submitted, as_user, cast):
    other = world.advance(
        world.make_version(world.make_village(world.OTHER, col=20), by=cast.other_committee), "submitted"
    )
    assert write(as_user("leader"), submitted).status_code == 200
    answer = write(as_user("leader"), other)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "number_taken")


WRONG = {
    "no number": ({"number": " "}, "invalid"),
    "dated ahead": ({"decided_on": "2999-01-01"}, "decided_on"),
    "dated back": ({"decided_on": "2020-01-01"}, "decided_on"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_letter_is_refused_in_words(what, submitted, as_user):
    changed, code = WRONG[what]
    answer = write(as_user("leader"), submitted, **changed)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


WHO = {
    "reviewer": 200, "leader": 200, "township": 403, "committee": 403, "planner": 403, "province": 403, "villager": 404,
    "other_committee": 404, "stranger": 404, "expert": 404,
}  # fmt: skip


@pytest.mark.parametrize("who", WHO)
def test_who_writes_the_letter(who, submitted, as_user):
    assert write(as_user(who), submitted).status_code == WHO[who]


def test_whoever_handed_in_the_plan_writes_no_letter(submitted, as_user, cast):
    cast.planner.memberships.create(role="county_leader", division_code=world.COUNTY)
    answer = write(as_user("planner"), submitted)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "own_plan")


def test_a_letter_is_written_only_for_a_submitted_version(version, as_user):
    assert write(as_user("leader"), version).json()["error"]["code"] == "wrong_state"


def test_the_public_reads_the_letter_when_the_plan_is_published_and_not_before(submitted, as_user, cast):
    addresses = [
        reverse("decision", args=[submitted.pk]), reverse("decision-pdf", args=[submitted.pk]),
        f"/api/v1/versions/{submitted.pk}/decision/", f"/api/v1/versions/{submitted.pk}/decision.pdf",
    ]  # fmt: skip
    write(as_user("leader"), submitted)
    approved = workflow.move(submitted, "approve", by=cast.leader)
    assert [as_user().get(a).status_code for a in addresses] == [404] * 4
    assert [as_user("committee").get(a).status_code for a in addresses] == [200] * 4
    workflow.move(approved, "publish", by=cast.township)
    assert [as_user().get(a).status_code for a in addresses] == [200] * 4
    assert NUMBER in as_user().get(addresses[0]).content.decode()


def test_the_letter_prints_with_its_font_and_always_the_same(submitted, as_user):
    write(as_user("leader"), submitted)
    answer = as_user("leader").get(reverse("decision-pdf", args=[submitted.pk]))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"NotoSansCJK" in answer.content
    assert answer.content == as_user("leader").get(reverse("decision-pdf", args=[submitted.pk])).content


def test_the_page_shows_a_preview_and_then_keeps_the_letter(submitted, as_user):
    client, address = as_user("leader"), reverse("decision-write", args=[submitted.pk])
    fields = {"number": NUMBER, "decided_on": timezone.localdate().isoformat()}
    page = client.post(address, {**fields, "preview": "1"})
    assert "现批复如下" in page.content.decode()
    assert not Decision.objects.exists()
    assert client.post(address, fields).headers["Location"].endswith("#letter")
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    page = client.post(address, {**fields, "decided_on": tomorrow.isoformat()})
    assert page.status_code == 400
    assert Decision.objects.get().decided_on == timezone.localdate()
