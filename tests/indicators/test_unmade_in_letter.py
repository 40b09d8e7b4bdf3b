"""Checks that would stop a plan and could not be made: the decision letter names them, and who writes it reads them."""

import html

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from indicators import runs
from planning import conflicts, workflow
from planning.models import PlanVersion, State, WorkflowRule
from portal.errors import Conflict
from tests import world
from tests.rows import shared

pytestmark = pytest.mark.django_db
NUMBER = "肥政字〔2026〕12号"


def submitted_of(village, by) -> PlanVersion:
    """A plan without conflicts, judged and submitted."""
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )
    version = world.make_version(village, by=by, rows=list(world.BASE_ROWS))
    runs.judge(version)
    return world.advance(version, "submitted")


@shared
def unlined(village, cast) -> PlanVersion:
    village.control_lines.filter(kind="STBHHX").delete()
    return submitted_of(village, cast.planner)


def write(client, version, **more):
    body = {"number": NUMBER, "decided_on": timezone.localdate().isoformat(), **more}
    return client.post(f"/api/v1/versions/{version.pk}/decision/", body, content_type="application/json")


def red_line() -> str:
    with translation.override("zh-hans"):
        return conflicts.name("K3")


def test_the_letter_names_what_could_not_be_checked_in_a_paragraph_of_its_own(unlined, as_user):
    body = write(as_user("leader"), unlined).json()["body"]
    assert "三、下列检查因缺少数据未能进行" in body
    assert f"{red_line()}：" in body
    assert "四、请在本批复" in body


def test_conditions_stand_after_it(unlined, as_user, cast):
    unlined.conditions.create(number=1, text="先落实排水设施", set_by=cast.reviewer)
    body = write(as_user("leader"), unlined).json()["body"]
    places = [body.index(words) for words in ("三、下列检查", "四、本批复附有下列条件", "五、请在本批复")]
    assert places == sorted(places)


def test_the_page_shows_them_before_the_letter_is_written(unlined, as_user):
    client = as_user("leader")
    client.cookies["django_language"] = "en"
    page = html.unescape(client.get(reverse("decision-write", args=[unlined.pk])).content.decode())
    assert "Checks that could not be made" in page
    assert f"<li>{red_line()}：" in page


def test_a_letter_that_does_not_name_them_holds_the_approval_up(unlined, cast):
    letter = world.write_decision(unlined)
    assert red_line() in letter.body
    world.write_decision(unlined, body="\n".join(line for line in letter.body.split("\n") if red_line() not in line))
    with translation.override("en"), pytest.raises(Conflict) as caught:
        workflow.move(unlined, "approve", by=cast.leader)
    assert "write the letter again" in caught.value.data["missing"][0]
    world.write_decision(unlined)
    assert workflow.move(unlined, "approve", by=cast.leader).state == State.APPROVED


def test_a_check_that_was_made_is_not_named(village, cast, as_user):
    body = write(as_user("leader"), submitted_of(village, cast.planner)).json()["body"]
    assert red_line() not in body
