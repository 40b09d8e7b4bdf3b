"""What must hold before a version moves on. Each gate answers None, or a sentence that says what is missing."""

from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planning import freshness, issue_texts
from planning.models import Finding, Notice, PlanVersion, WorkflowRule


def results_computed(version: PlanVersion) -> str | None:
    if version.checked_at is None:
        return _("The indicators and conflicts have not been computed yet.")
    if freshness.is_stale(version):
        return _("An input changed since indicators and conflicts were computed: compute them again.")
    return None


def no_content_errors(version: PlanVersion) -> str | None:
    """Errors of the rules L (逻辑一致性) in the quality report; those of the file itself had refused it."""
    failed = [r for r in version.report.get("rules", []) if r["code"].startswith("L") and r["errors"]]
    if not failed:
        return None
    names = _(", ").join(f"{issue_texts.rule(r['code'])} ({r['code']})" for r in failed)
    return ngettext(
        "The quality report lists %(count)d error in the plan: %(rules)s.",
        "The quality report lists %(count)d errors in the plan: %(rules)s.",
        sum(r["errors"] for r in failed),
    ) % {"count": sum(r["errors"] for r in failed), "rules": names}


def no_blocking_findings(version: PlanVersion) -> str | None:
    count = version.findings.filter(severity=Finding.Severity.BLOCK, category=Finding.Category.REAL).count()
    if count:
        return ngettext(
            "%(count)d real conflict blocks approval.", "%(count)d real conflicts block approval.", count
        ) % {"count": count}
    return None


def comments_answered(version: PlanVersion) -> str | None:
    count = version.comments.filter(replies=None).count()
    if count:
        return ngettext("%(count)d comment has no answer yet.", "%(count)d comments have no answer yet.", count) % {
            "count": count
        }
    return None


def open_days(version: PlanVersion) -> Notice:
    """Write down the days of the public notice: it counts from the day after opening, calendar days, Asia/Shanghai."""
    today = timezone.localdate()
    days = WorkflowRule.for_division(version.division_code, today).notice_days
    return Notice.objects.create(version=version, opens_on=today, closes_on=today + timedelta(days=days))


def notice_days_over(version: PlanVersion) -> str | None:
    today = timezone.localdate()
    if WorkflowRule.for_division(version.division_code, today).closing_early or today > version.notice.closes_on:
        return None
    return _("The public notice runs until %(day)s.") % {"day": date_format(version.notice.closes_on)}
