"""The table of the procedure: every step against every role, and the document that is made from it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from planning import procedures, workflow, workflow_docs
from planning.models import PlanVersion, State, Track
from portal.errors import NotAllowed
from tests import world

PAGE = Path(settings.BASE_DIR) / "docs" / "workflow.md"

# who may make which step of the full procedure, written down anew here: the table and this list must agree
MAY = {
    "ask_villagers": {"committee", "planner"},
    "send_to_review": {"township"},
    "to_assembly": {"reviewer", "leader"},
    "open_notice": {"township"},
    "close_notice": {"township"},
    "resume": {"township"},
    "submit": {"township"},
    "approve": {"leader"},
    "publish": {"township", "reviewer"},
    "file": {"reviewer"},
    "enter_force": {"reviewer"},
    "return": {"reviewer", "leader"},
    "vote_down": {"committee", "township"},
    "withdraw": {"committee", "planner", "township"},
    "supersede": set(),
}


@pytest.mark.parametrize("name", MAY)
def test_every_step_may_be_made_by_its_roles_and_by_nobody_else(name, version, cast):
    rows = [t for t in procedures.of_version(version).transitions if t.name == name and Track.FULL in t.tracks]
    assert len(rows) == 1
    found = {who for who in world.CAST if workflow.may_make(getattr(cast, who), rows[0], version)}
    assert found == MAY[name]


def test_the_table_has_no_other_steps(version):
    assert {t.name for t in procedures.of_version(version).transitions} == set(MAY)


@pytest.mark.parametrize("who", world.CAST)
def test_what_a_person_is_offered_is_what_the_table_allows(who, village, cast):
    version = world.make_version(village, by=cast.planner)
    offered = {t.name for t in workflow.allowed(version, getattr(cast, who))}
    starting = {"ask_villagers", "resume", "withdraw"}
    assert offered == {name for name in starting if who in MAY[name]}


def test_the_document_is_what_the_procedures_say():
    assert PAGE.read_text("utf-8") == workflow_docs.page()
    call_command("workflow_docs", "--check")


def test_the_document_has_a_diagram_and_a_table_for_each_track_of_each_procedure():
    text = PAGE.read_text("utf-8")
    count = len(list(procedures.SHIPPED.glob("*.json"))) * len(Track)
    assert text.count("```mermaid") == text.count("| step | from | to |") == count
    for row in procedures.shipped()["transitions"]:
        assert f"| `{row['name']}` {row['label']['zh-hans']} |" in text


def test_every_arrow_of_a_diagram_joins_states_it_names():
    for diagram in re.findall(r"```mermaid\n(.*?)```", PAGE.read_text("utf-8"), flags=re.S):
        named = set(re.findall(r"^    (\w+): ", diagram, flags=re.M))
        ends = re.findall(r"^    (\S+) --> (\S+?):?(?: |$)", diagram, flags=re.M)
        assert len(ends) > 8
        assert {state for pair in ends for state in pair} - {"[*]"} <= named
        assert named <= set(State.values)


def test_the_portal_itself_makes_no_step_that_needs_a_person(version):
    for row in procedures.of_version(version).transitions:
        if "system" not in row.who:
            with pytest.raises(NotAllowed):
                workflow.move(version, row.name, by=None, note="x")

    assert PlanVersion.objects.get(pk=version.pk).state == State.DRAFT
