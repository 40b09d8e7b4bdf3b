"""Procedures are data: what is wrong with one is said before anybody goes by it, and provinces differ without code."""

import copy
import datetime
import json

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from planning import deadlines, procedures, workflow
from planning.models import PlanVersion, State, Step, WorkflowRule
from planning.procedure_faults import faults
from portal import workdays
from portal.errors import Conflict, PortalError
from tests import world

SHIPPED = sorted(path.stem for path in procedures.SHIPPED.glob("*.json"))


def row(content: dict, name: str) -> dict:
    return next(t for t in content["transitions"] if t["name"] == name)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_procedure_is_without_faults(name):
    assert faults(procedures.shipped(name)) == []


FAULTS = {
    "a role nobody has": (lambda c: row(c, "submit").update(who=["mayor"]), "“mayor”"),
    "a state there is none of": (lambda c: row(c, "submit").update(to="limbo"), "“limbo”"),
    "a gate nobody wrote": (lambda c: row(c, "submit").update(gates=["luck"]), "“luck”"),
    "a track there is none of": (lambda c: row(c, "submit").update(tracks=["fast"]), "“fast”"),
    "a state nothing leads to": (lambda c: c["transitions"].remove(row(c, "file")), "leads to “Handed over”"),
    "a state without a way out": (
        lambda c: c["transitions"].remove(row(c, "enter_force")),
        "leads out of “Handed over”",
    ),
    "no way into force": (lambda c: c["transitions"].remove(row(c, "enter_force")), "never puts"),
    "no deadline for the decision": (lambda c: c["deadlines"].remove(c["deadlines"][2]), "has no deadline"),
    "two ways under one name": (
        lambda c: c["transitions"].append({**row(c, "submit"), "to": "approved"}),
        "more than one state",
    ),
    "a return without points": (lambda c: row(c, "return")["gates"].clear(), "without points"),
    "no letter": (lambda c: row(c, "approve")["gates"].remove("decision_written"), "without a decision letter"),
    "a letter nobody wrote": (lambda c: c.update(letters={"maintenance": "poem"}), "letters/maintenance: “poem”"),
    "a notice shorter than the law": (lambda c: c["notice_days"]["full"].update(days=29), "notice_days/full/days"),
    "a share that cannot be counted": (lambda c: c["quorum"]["villagers"].update(present="many"), "quorum/villagers"),
    "no quorum": (lambda c: c.pop("quorum"), "quorum"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name):
    content = copy.deepcopy(procedures.shipped())
    change, word = FAULTS[name]
    change(content)
    with translation.override("en"):
        assert any(word in text for text in faults(content)), faults(content)


@pytest.mark.parametrize("content", [None, [], "x", 7, {}, {"transitions": []}, {"transitions": [None]}])
def test_what_is_no_procedure_at_all_is_refused_in_words(content):
    assert faults(content)


def in_province(code: str, name: str) -> WorkflowRule:
    content = procedures.shipped(name)
    return WorkflowRule.objects.create(
        division_code=code, notice_days=content["notice_days"]["full"]["days"], procedure=content, source="test",
        valid_from="2020-01-01",
    )  # fmt: skip


def test_two_provinces_differ_without_code(village, cast):
    in_province("370000000000", "sample_province")
    version = world.make_version(village, by=cast.planner)
    theirs = procedures.of_version(version)
    others = procedures.of_rule(WorkflowRule.procedure_for("330000000000", timezone.localdate()))
    assert State.QUALITY_CHECK in others.way("full")
    assert set(others.way("full")) - set(theirs.way("full")) == {State.QUALITY_CHECK}
    PlanVersion.objects.filter(pk=version.pk).update(checked_at=timezone.now())
    version = workflow.move(version, "ask_villagers", by=cast.committee)
    world.hold_round(version)
    with pytest.raises(Conflict) as caught:  # this province wants photographs of the first round
        workflow.move(version, "send_to_review", by=cast.township)
    assert len(caught.value.data["missing"]) == 1


def test_a_step_the_procedure_of_the_province_has_not_is_unknown(village, cast):
    in_province("370000000000", "sample_province")
    version = world.make_version(village, by=cast.planner)
    with pytest.raises(PortalError) as caught:
        workflow.move(version, "submit", by=cast.township)
    assert caught.value.code == "unknown_step"


def test_the_length_of_a_deadline_is_that_of_the_province(village, cast):
    days = {name: {d["kind"]: d["days"] for d in procedures.shipped(name)["deadlines"]} for name in SHIPPED}
    assert days["sample_province"]["publish"] < days["national"]["publish"]
    monday = datetime.date(2026, 11, 23)
    found = [
        deadlines.due(monday, next(d for d in procedures.shipped(n)["deadlines"] if d["kind"] == "publish"), workdays.of(world.LIUGOU))
        for n in ("sample_province", "national")
    ]  # fmt: skip
    assert found == [datetime.date(2026, 12, 7), datetime.date(2026, 12, 21)]


def test_a_version_keeps_the_procedure_of_the_day_it_was_handed_in(village, cast, time_machine):
    version = world.make_version(village, by=cast.planner)
    rule = in_province("370000000000", "sample_province")
    WorkflowRule.objects.filter(pk=rule.pk).update(valid_from=timezone.localdate() + datetime.timedelta(days=1))
    time_machine.move_to(timezone.now() + datetime.timedelta(days=5))
    assert procedures.of_version(PlanVersion.objects.get(pk=version.pk)).rule.division_code == ""
    later = world.make_version(village, by=cast.planner)
    assert procedures.of_version(later).rule == rule


def test_an_edition_dated_back_changes_nothing_for_a_version_that_has_begun(village, cast):
    version = world.advance(world.make_version(village, by=cast.planner), "round1")
    in_province("370000000000", "sample_province")
    assert procedures.of_version(PlanVersion.objects.get(pk=version.pk)).rule.division_code == ""


@pytest.fixture
def admin_client(client, cast):
    cast.province.is_staff = cast.province.is_superuser = True
    cast.province.save()
    client.force_login(cast.province)
    return client


def fields(content: str, **changed: str) -> dict[str, str]:
    return {
        "division_code": "370000000000", "notice_days": "45", "exception_more_m2": "10", "exception_more_percent": "1",
        "procedure": content, "source": "test", "valid_from": "2026-01-01", **changed,
    }  # fmt: skip


def test_an_administrator_is_told_the_faults_of_a_procedure(admin_client):
    page = admin_client.post(reverse("admin:planning_workflowrule_add"), fields('{"name": "x"}'))
    assert page.status_code == 200
    assert page.content.decode().count("“edition”") == 1
    assert not WorkflowRule.objects.filter(division_code="370000000000").exists()


def test_an_administrator_cannot_change_a_procedure_that_steps_were_made_by(admin_client, village, cast):
    world.advance(world.make_version(village, by=cast.planner), "round1")
    rule = WorkflowRule.objects.get(pk=Step.objects.filter(rule__isnull=False).first().rule_id)
    address = reverse("admin:planning_workflowrule_change", args=[rule.pk])
    other = json.dumps({**rule.procedure, "edition": "other"})
    page = admin_client.post(address, fields(other, division_code="", valid_from=str(rule.valid_from)))
    assert page.status_code == 200
    rule.refresh_from_db()
    assert rule.procedure["edition"] != "other"


def test_a_rule_without_a_procedure_takes_that_of_the_division_above(admin_client):
    page = admin_client.post(reverse("admin:planning_workflowrule_add"), fields(""))
    assert page.status_code == 302
    assert WorkflowRule.procedure_for(world.LIUGOU, timezone.localdate()).division_code == ""
