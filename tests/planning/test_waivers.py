"""Authorised exceptions: an official asks with reason and document, a second one decides, nobody else."""

import hashlib
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from indicators import runs
from planning import waivers, workflow
from planning.models import PlanVersion, State, Waiver
from portal.errors import Conflict, PortalError
from portal.models import AuditEntry, Membership, Role, User
from tests import world
from tests.planning.waiver_case import (
    BAD_ROWS,
    NUMBER,
    PDF,
    ask,
    confirmed,
    decide,
    finding,
    proposed,
)
from tests.rows import shared


def test_one_asks_a_second_confirms_and_the_conflict_is_an_exception(conflicting, as_user):
    answer = ask(as_user("reviewer"), conflicting)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["state"], told["code"], told["zone"], told["land_use"]) == ("proposed", "K1", 1, "070301")
    assert told["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert told["may"] == {"decide": False, "withdraw": True}
    assert finding(conflicting).category == "real"
    answer = decide(as_user("leader"), told["id"], "confirm", note="同意")
    assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")
    row = finding(conflicting)
    assert (row.category, row.found_as, row.waiver_id) == ("exception", "real", told["id"])
    assert finding(conflicting, "K4").category == "real"
    verbs = AuditEntry.objects.filter(object_type="planning.Waiver").order_by("id").values_list("verb", "actor_name")
    assert list(verbs) == [("waiver.proposed", "reviewer"), ("waiver.confirmed", "leader")]


def test_nobody_decides_on_what_he_asked_for(conflicting, as_user):
    waiver = ask(as_user("reviewer"), conflicting).json()["id"]
    answer = decide(as_user("reviewer"), waiver, "confirm")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "same_person")
    assert decide(as_user("reviewer"), waiver, "refuse", note="不").status_code == 403
    assert Waiver.objects.get().state == "proposed"


ROLES = {"reviewer": 201, "leader": 201, "planner": 403, "committee": 403, "township": 403, "province": 403,
         "villager": 404, "other_committee": 404, "stranger": 404, None: 404}  # fmt: skip


@pytest.mark.parametrize("who", ROLES)
def test_who_may_ask(who, conflicting, as_user):
    assert ask(as_user(who), conflicting).status_code == ROLES[who]
    assert Waiver.objects.count() == (ROLES[who] == 201)


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("act", ["confirm", "refuse"])
def test_who_may_decide(who, act, conflicting, cast, as_user):
    first = cast.leader if who == "reviewer" else cast.reviewer
    waiver = proposed(conflicting, first)
    status = {201: 200}.get(ROLES[who], ROLES[who])
    assert decide(as_user(who), waiver.pk, act, note="理由").status_code == status
    waiver.refresh_from_db()
    assert waiver.state == ({"confirm": "confirmed", "refuse": "refused"}[act] if status == 200 else "proposed")


@pytest.mark.parametrize("who", ROLES)
def test_who_may_read_it_and_its_document(who, conflicting, cast, as_user):
    waiver = proposed(conflicting, cast.reviewer)
    status = 404 if ROLES[who] == 404 else 200
    assert as_user(who).get(f"/api/v1/waivers/{waiver.pk}/").status_code == status
    assert as_user(who).get(f"/api/v1/waivers/{waiver.pk}/document/").status_code == status
    assert len(as_user(who).get("/api/v1/waivers/?state=proposed").json()["results"]) == (status == 200)


def test_on_a_public_version_residents_may_not_ask_but_read_what_was_confirmed(public_bad, cast, as_user):
    assert ask(as_user("villager"), public_bad).status_code == 403
    assert ask(as_user(), public_bad).status_code == 403
    waiver = proposed(public_bad, cast.reviewer)
    assert shown(as_user(), public_bad)["waiver"] is None  # not while it waits
    assert shown(as_user("township"), public_bad)["waiver"]["state"] == "proposed"
    waivers.confirm(waiver, by=cast.leader)
    told = shown(as_user(), public_bad)
    assert (told["category"], told["found_as"]) == ("exception", "real")
    assert told["waiver"] == {
        "id": None, "state": "confirmed", "state_text": told["waiver"]["state_text"], "reason": "省级重点项目",
        "document_number": NUMBER,
    }  # fmt: skip
    assert shown(as_user("planner"), public_bad)["waiver"]["id"] == waiver.pk


@shared
def public_bad(conflicting, cast, closing_early) -> PlanVersion:
    return world.publish(conflicting, cast.township)


def shown(client: Client, version: PlanVersion, code: str = "K1") -> dict[str, Any]:
    rows = client.get(f"/api/v1/versions/{version.pk}/findings/").json()["features"]
    return next(row["properties"] for row in rows if row["properties"]["code"] == code)


@pytest.mark.parametrize(("field", "value"), [("reason", ""), ("reason", "x" * 2001), ("document_number", ""), ("document", None), ("hello", "1")])  # fmt: skip
def test_reason_number_and_document_must_be_there(field, value, conflicting, as_user):
    assert ask(as_user("reviewer"), conflicting, **{field: value}).status_code == 400
    assert not Waiver.objects.exists()


@pytest.mark.parametrize("category", ["legacy", "technical"])
def test_what_is_no_real_conflict_needs_none(category, conflicting, as_user):
    conflicting.findings.filter(code="K1").update(category=category, found_as=category)
    answer = ask(as_user("reviewer"), conflicting)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_needed")


def test_there_is_one_open_exception_for_a_conflict(conflicting, cast, as_user):
    waiver = proposed(conflicting, cast.reviewer)
    assert ask(as_user("leader"), conflicting).json()["error"]["code"] == "asked"
    waivers.confirm(waiver, by=cast.leader)
    assert ask(as_user("leader"), conflicting).json()["error"]["code"] == "asked"
    waivers.withdraw(waiver, by=cast.leader)
    assert ask(as_user("leader"), conflicting).status_code == 201


def test_a_number_that_means_another_conflict_by_now_is_told(conflicting, as_user):
    answer = ask(as_user("reviewer"), conflicting, key="K9-000000000000")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "changed")
    assert ask(as_user("reviewer"), conflicting, key=finding(conflicting).key).status_code == 201


def test_conflicts_from_before_they_had_names_are_computed_again_first(conflicting, as_user):
    conflicting.findings.update(key="")
    answer = ask(as_user("reviewer"), conflicting)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "unnamed")


def test_a_decided_version_takes_no_exceptions(public_bad, cast, as_user):
    world.send_back(public_bad, by=cast.leader, note="退回")
    answer = ask(as_user("reviewer"), public_bad)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")


def test_whoever_handed_the_plan_in_neither_asks_nor_decides(conflicting, cast, as_user):
    Membership.objects.create(user=cast.planner, role=Role.COUNTY_REVIEWER, division_code=world.COUNTY)
    answer = ask(as_user("planner"), conflicting)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "own_plan")
    waiver = proposed(conflicting, cast.reviewer)
    assert decide(as_user("planner"), waiver.pk, "confirm").json()["error"]["code"] == "own_plan"


def test_a_refusal_gives_reasons_and_ends_it(conflicting, cast, as_user):
    waiver = proposed(conflicting, cast.reviewer)
    assert decide(as_user("leader"), waiver.pk, "refuse").json()["error"]["code"] == "note_missing"
    answer = decide(as_user("leader"), waiver.pk, "refuse", note="文号不符")
    assert (answer.json()["state"], answer.json()["decision_note"]) == ("refused", "文号不符")
    assert finding(conflicting).category == "real"
    for act in ("confirm", "refuse", "withdraw"):
        assert decide(as_user("leader"), waiver.pk, act, note="x").status_code == 409


def test_withdrawing_makes_the_conflict_real_again(conflicting, cast, as_user):
    waiver = confirmed(conflicting, cast)
    assert decide(as_user("reviewer"), waiver.pk, "withdraw").json()["state"] == "withdrawn"
    row = finding(conflicting)
    assert (row.category, row.waiver) == ("real", None)


def test_while_it_waits_only_the_one_who_asked_withdraws(conflicting, cast, as_user):
    waiver = proposed(conflicting, cast.reviewer)
    assert decide(as_user("leader"), waiver.pk, "withdraw").status_code == 403
    assert decide(as_user("reviewer"), waiver.pk, "withdraw").status_code == 200


def test_an_exception_opens_the_way_to_approval_and_then_stays(public_bad, cast, as_user):
    version = world.put(public_bad, "submitted")
    world.write_decision(version)
    blocking = version.findings.filter(category="real", severity="block").values_list("code", flat=True)
    waiver, *_rest = [confirmed(version, cast, code) for code in blocking if code != "K4"]
    with pytest.raises(Conflict):  # K4 is still real
        workflow.move(version, "approve", by=cast.leader)
    confirmed(version, cast, "K4")
    assert workflow.move(version, "approve", by=cast.leader).state == State.APPROVED
    answer = decide(as_user("reviewer"), waiver.pk, "withdraw")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "in_force")
    assert finding(version, "K4").category == "exception"


def test_what_was_asked_for_never_changes_in_the_database(conflicting, cast):
    waiver = confirmed(conflicting, cast)
    for change in ({"reason": "别的"}, {"area_m2": 1}, {"state": "proposed"}, {"state": "refused"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Waiver.objects.filter(pk=waiver.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        waiver.delete()
    other = proposed(conflicting, cast.reviewer, "K4")
    with pytest.raises(DatabaseError), transaction.atomic():  # the second person is another one, whoever writes
        Waiver.objects.filter(pk=other.pk).update(state="confirmed", decided_by=cast.reviewer)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_who_decide_at_once_one_does():
    cast, village = world.make_cast(), world.make_village()
    second = User.objects.create_user("second", full_name="副局长")
    Membership.objects.create(user=second, role=Role.COUNTY_LEADER, division_code=world.COUNTY)
    version = world.make_version(village, rows=BAD_ROWS, by=cast.planner)
    runs.judge(version)
    waiver = proposed(version, cast.reviewer)
    told, gate = [], threading.Barrier(2)

    def act(function: Any, by: User) -> None:
        try:
            gate.wait()
            told.append(function(Waiver.objects.get(pk=waiver.pk), by=by, note="理由").state)
        except PortalError as error:
            told.append(error.code)
        finally:
            connection.close()

    people = [(waivers.confirm, cast.leader), (waivers.refuse, second)]
    threads = [threading.Thread(target=act, args=one) for one in people]
    [t.start() for t in threads]
    [t.join() for t in threads]
    waiver.refresh_from_db()
    assert sorted(told) == sorted([waiver.state, "wrong_state"])
    assert AuditEntry.objects.filter(object_id=waiver.pk).count() == 2
    assert finding(version).category == ("exception" if waiver.state == "confirmed" else "real")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_confirming_while_the_version_is_computed_again_loses_nothing():
    cast, village = world.make_cast(), world.make_village()
    version = world.make_version(village, rows=BAD_ROWS, by=cast.planner)
    runs.judge(version)
    waiver = proposed(version, cast.reviewer)
    village.facts.filter(code="population").update(value=1300)  # an input changed: it is computed anew
    errors, gate = [], threading.Barrier(2)

    def act(work: Any) -> None:
        try:
            gate.wait()
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    works = [lambda: runs.judge(version), lambda: waivers.confirm(waiver, by=cast.leader)]
    threads = [threading.Thread(target=act, args=(work,)) for work in works]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not errors
    assert version.runs.count() == 2
    assert finding(version).waiver_id == waiver.pk


def page(client: Client, name: str, *args: Any) -> Any:
    return client.get(reverse(name, args=args))


def test_the_pages_do_the_same_without_scripts(conflicting, cast, as_user):
    number = finding(conflicting).number
    url = reverse("waiver-new", args=[conflicting.pk, number])
    assert as_user("reviewer").get(url).status_code == 200
    wrong = as_user("reviewer").post(
        url, {"reason": "", "document_number": NUMBER, "document": ContentFile(b"x", name="x.pdf")}
    )
    assert wrong.status_code == 400
    assert 'href="#id_reason"' in wrong.content.decode()
    wrong = as_user("reviewer").post(
        url, {"reason": "因", "document_number": NUMBER, "document": ContentFile(b"x", name="x.pdf")}
    )
    assert 'href="#id_document"' in wrong.content.decode()
    sent = {"reason": "因", "document_number": NUMBER, "document": ContentFile(PDF, name="x.pdf")}
    done = as_user("reviewer").post(url, sent)
    waiver = Waiver.objects.get()
    assert done["Location"] == reverse("waiver", args=[waiver.pk])
    own = page(as_user("reviewer"), "waiver", waiver.pk).content.decode()
    assert 'value="confirm"' not in own
    assert 'value="withdraw"' in own
    second = page(as_user("leader"), "waiver", waiver.pk).content.decode()
    assert 'value="confirm"' in second
    refused = as_user("leader").post(reverse("waiver-decide", args=[waiver.pk]), {"name": "refuse", "note": " "})
    assert refused.status_code == 400
    assert 'href="#note-refuse"' in refused.content.decode()
    as_user("leader").post(reverse("waiver-decide", args=[waiver.pk]), {"name": "confirm"})
    assert finding(conflicting).category == "exception"
    assert NUMBER in page(as_user("planner"), "waiver", waiver.pk).content.decode()


@pytest.mark.parametrize("who", ROLES)
def test_the_pages_are_open_to_the_same_people(who, conflicting, cast, as_user):
    waiver = proposed(conflicting, cast.reviewer)
    client, number = as_user(who), finding(conflicting, "K4").number
    seen = SimpleNamespace(
        new=page(client, "waiver-new", conflicting.pk, number).status_code,
        one=page(client, "waiver", waiver.pk).status_code,
        file=page(client, "waiver-document", waiver.pk).status_code,
        act=client.post(reverse("waiver-decide", args=[waiver.pk]), {"name": "confirm"}).status_code,
    )
    if who is None:
        assert (seen.new, seen.one, seen.file, seen.act) == (302, 302, 302, 302)
    elif ROLES[who] == 404:
        assert (seen.new, seen.one, seen.file, seen.act) == (404, 404, 404, 404)
    else:
        assert (seen.one, seen.file) == (200, 200)
        assert seen.new == (200 if ROLES[who] == 201 else 403)
        assert seen.act == (302 if who == "leader" else 403)
    assert Waiver.objects.get(pk=waiver.pk).state == ("confirmed" if who == "leader" else "proposed")
