"""Conditions of an approval: set while it is submitted, frozen with the decision, met once."""

import datetime
import threading

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from planning import conditions, workflow
from planning.models import Condition, PlanVersion
from portal.models import AuditEntry, Membership, Notification
from tests import world
from tests.planning.review_case import beyond_notice
from tests.rows import shared


@shared
def submitted(version) -> PlanVersion:
    return beyond_notice(version, "submitted")


def put(client, version, **changed):
    body = {"text": "补齐村民代表签字。", **changed}
    return client.post(f"/api/v1/versions/{version.pk}/conditions/", body, content_type="application/json")


def drop(client, version, number=1):
    return client.delete(f"/api/v1/versions/{version.pk}/conditions/{number}/")


def meet(client, version, number=1, **changed):
    address = f"/api/v1/versions/{version.pk}/conditions/{number}/met/"
    return client.post(address, {"note": "已补齐", **changed}, content_type="application/json")


def approved(version) -> PlanVersion:
    """Approved with a letter that names the conditions."""
    world.write_decision(version)
    return workflow.move(version, "approve", by=world.someone("county_leader", version))


COUNTY = {"reviewer": True, "leader": True, "planner": 403, "committee": 403, "township": 403, "province": 403,
          "villager": 404, "other_committee": 404, "expert": 404, "agriculture": 404, None: 404}  # fmt: skip


@pytest.mark.parametrize("who", COUNTY)
def test_who_may_set_drop_and_meet_conditions(who, submitted, as_user):
    right = COUNTY[who]
    assert put(as_user(who), submitted).status_code == (201 if right is True else right)
    put(as_user("reviewer"), submitted)
    assert drop(as_user(who), submitted).status_code == (204 if right is True else right)
    put(as_user("reviewer"), submitted)
    number = Condition.objects.last().number
    version = approved(submitted)
    # once approved the version is public; its conditions are not
    assert meet(as_user(who), version, number).status_code == (200 if right is True else right)


def test_a_condition_has_a_number_perhaps_a_zone_and_a_last_day(submitted, as_user):
    day = timezone.localdate() + datetime.timedelta(days=30)
    first = put(as_user("leader"), submitted, zone=8, due_on=day.isoformat()).json()
    second = put(as_user("reviewer"), submitted).json()
    assert (first["number"], first["zone"], first["due_on"]) == (1, 8, day.isoformat())
    assert (second["number"], second["zone"], second["due_on"], second["met_at"]) == (2, None, None, None)
    assert AuditEntry.objects.filter(verb="condition.set").count() == 2


@pytest.mark.parametrize("changed", [{"text": " "}, {"text": "长" * 1001}, {"zone": 99}, {"due_on": "2020-01-01"}])
def test_what_is_wrong_with_a_condition_is_said(changed, submitted, as_user):
    assert put(as_user("leader"), submitted, **changed).status_code == 400
    assert not Condition.objects.exists()


@pytest.mark.parametrize("state", ["joint_review", "quality_check", "approved"])
def test_conditions_are_set_only_while_the_plan_is_submitted(state, version, as_user):
    refused = put(as_user("leader"), beyond_notice(version, state))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "wrong_state")


def test_whoever_handed_in_the_plan_sets_no_conditions(submitted, cast, as_user):
    Membership.objects.create(user=cast.planner, role="county_leader", division_code=world.COUNTY)
    assert put(as_user("planner"), submitted).status_code == 403


def test_with_the_approval_conditions_are_frozen(submitted, cast, as_user):
    put(as_user("leader"), submitted)
    version = approved(submitted)
    assert drop(as_user("leader"), version).status_code == 409
    row = Condition.objects.get()
    for change in (lambda: Condition.objects.update(text="无"), lambda: row.delete(),
                   lambda: Condition.objects.create(version=version, number=2, text="后补", set_by=cast.leader)):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_condition_is_met_once_after_the_approval_with_a_note(submitted, cast, as_user):
    put(as_user("leader"), submitted)
    assert meet(as_user("reviewer"), submitted).status_code == 409
    version = approved(submitted)
    assert meet(as_user("reviewer"), version, note=" ").status_code == 400
    told = meet(as_user("reviewer"), version).json()
    assert (told["met_by"], told["met_note"]) == ("县审查员", "已补齐")
    again = meet(as_user("leader"), version)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "met")
    assert "县审查员" in again.json()["error"]["message"]
    assert set(Notification.objects.filter(kind="condition_met").values_list("user", flat=True)) == {
        cast.committee.pk, cast.planner.pk, cast.township.pk,
    }  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        Condition.objects.update(met_note="别的")


def test_a_condition_taken_out_already_is_not_there(submitted, as_user):
    put(as_user("leader"), submitted)
    assert drop(as_user("leader"), submitted).status_code == 204
    assert drop(as_user("leader"), submitted).status_code == 404


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_conditions_set_at_once_get_different_numbers():
    cast, village = world.make_cast(), world.make_village()
    version = beyond_notice(world.make_version(village, by=cast.planner), "submitted")
    gate = threading.Barrier(8)

    def act(n: int) -> None:
        try:
            gate.wait()
            conditions.set_condition(version, by=[cast.reviewer, cast.leader][n % 2], text=str(n))
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(n,)) for n in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(version.conditions.values_list("number", flat=True)) == list(range(1, 9))
