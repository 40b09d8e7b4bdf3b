"""The days of the public notice: those of the procedure or of the division, whichever are more, and never fewer than the law's."""

import datetime

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, transaction
from django.utils import timezone

from planning import procedures
from planning.models import PlanVersion, WorkflowRule
from tests import world
from tests.rows import shared

pytestmark = pytest.mark.django_db
PROVINCE = "370000000000"


def rule(code: str, days: int, **more) -> WorkflowRule:
    return WorkflowRule.objects.create(
        division_code=code, notice_days=days, source="test", valid_from="2020-01-01", **more
    )


def days_of(version: PlanVersion) -> int:
    notice = world.advance(version, "notice").notice
    return (notice.closes_on - notice.opens_on).days


@pytest.mark.parametrize(
    ("column", "of_county", "days"), [(30, None, 45), (60, None, 60), (30, 30, 45), (30, 50, 50), (30, 365, 365)]
)
def test_the_longer_of_procedure_and_division_counts(column, of_county, days, version):
    content = procedures.shipped("sample_province")
    content["evidence"] = {"assembly": ["minutes", "photo"], "round": []}
    assert content["notice_days"]["full"]["days"] == 45
    rule(PROVINCE, column, procedure=content)
    if of_county:
        rule(world.COUNTY, of_county)
    assert days_of(PlanVersion.objects.get(pk=version.pk)) == days


def test_without_a_rule_of_their_own_all_have_the_days_of_the_law(version):
    assert days_of(version) == 30


@pytest.mark.parametrize("days", [0, 1, 29])
def test_the_database_keeps_no_rule_with_fewer_days_than_the_law(days):
    with pytest.raises(IntegrityError), transaction.atomic():
        rule(world.COUNTY, days)
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkflowRule.objects.update(notice_days=days)


def form(**more) -> dict[str, str]:
    return {
        "division_code": world.COUNTY, "notice_days": "30", "exception_more_m2": "10", "exception_more_percent": "1",
        "procedure": "", "source": "test", "valid_from": "2026-06-01", **more,
    }  # fmt: skip


@pytest.mark.parametrize(("more", "kept"), [({}, 1), ({"notice_days": "29"}, 0), ({"closing_early": "on"}, 0)])
def test_the_administrator_is_told_in_the_form(more, kept, admin_client):
    before = WorkflowRule.objects.count()
    answer = admin_client.post("/admin/planning/workflowrule/add/", form(**more))
    assert WorkflowRule.objects.count() - before == kept
    if not kept:
        assert set(answer.context["adminform"].form.errors) == set(more)


# --- a rule of the demo


@shared
def demo_rule(db) -> WorkflowRule:
    return rule(world.COUNTY, 30, closing_early=True)


def test_outside_the_demo_the_portal_does_not_start_with_it(demo_rule, settings):
    settings.DEMO = False
    with pytest.raises(SystemCheckError) as refused:
        call_command("check", databases=["default"])
    assert "planning.E001" in str(refused.value)
    assert world.COUNTY in str(refused.value)
    demo_rule.closing_early = False
    demo_rule.save()
    call_command("check", databases=["default"])


def test_the_demo_starts_with_it(demo_rule, settings):
    settings.DEMO = True
    call_command("check", databases=["default"])


def test_outside_the_demo_it_closes_no_notice(demo_rule, public_version, cast, settings, time_machine):
    from planning import gates

    settings.DEMO = False
    assert gates.notice_days_over(public_version)
    settings.DEMO = True
    assert gates.notice_days_over(public_version) is None
    settings.DEMO = False
    time_machine.move_to(timezone.now() + datetime.timedelta(days=31))
    assert gates.notice_days_over(public_version) is None
