"""The quality report on a page and as files, for those who work for the division."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from planning import issue_texts
from planning.reports import content, files, trend
from planning.views.moves import staff_version
from planning.views.uploads import feature, map_context, staff_upload

FIRST = 100  # issues on the page, errors first; the page of the upload has all


@login_required
@require_GET
def upload_report(request: HttpRequest, pk: str) -> HttpResponse:
    """The report on a file that was handed in or only checked."""
    return page(request, content.of_upload(staff_upload(request.user, pk)))


@login_required
@require_GET
def version_report(request: HttpRequest, pk: str) -> HttpResponse:
    """The report a version was accepted with."""
    return page(request, content.of_version(staff_version(request.user, pk)))


@login_required
@require_GET
def upload_report_file(request: HttpRequest, pk: str, form: str) -> HttpResponse:
    """The same report as .xlsx or .pdf."""
    return files.response(content.of_upload(staff_upload(request.user, pk)), form)


@login_required
@require_GET
def version_report_file(request: HttpRequest, pk: str, form: str) -> HttpResponse:
    return files.response(content.of_version(staff_version(request.user, pk)), form)


def page(request: HttpRequest, report: content.QualityReport) -> HttpResponse:
    shown = issues(report)
    shapes = [feature(i.number, i.shape, level=i.level) for i in shown if i.shape]
    context = {
        "report": report, "upload": report.upload, "version": report.version, "village": report.village,
        "issues": shown, "issues_left": report.errors + report.warnings - len(shown),
        "trend": report.trend, "drawing": trend.drawing(report.trend) if len(report.trend) > 1 else None,
        "may_hand_in": may_hand_in(request, report), **addresses(report),
    }  # fmt: skip
    if shapes:
        context |= map_context(report.village, shapes)
    return render(request, "planning/report.html", context)


def may_hand_in(request: HttpRequest, report: content.QualityReport) -> bool:
    """A file that was only checked, and whose reader may hand it in."""
    return report.verdict == "checked" and request.user.has_perm("planning.upload_plan", report.village)


def addresses(report: content.QualityReport) -> dict[str, str]:
    """Where the files of a report are."""
    kind, row = ("version", report.version) if report.version else ("upload", report.upload)
    return {f"{form}_address": reverse(f"{kind}-report-{form}", args=[row.pk]) for form in files.FORMS}


def issues(report: content.QualityReport) -> list[Any]:
    """The first issues with their shapes, errors before warnings."""
    if report.upload is None:
        return []
    found = report.upload.issues.order_by("level", "pk").annotate(shape=AsGeoJSON("geom", precision=8))
    rows = list(found[:FIRST])
    for number, row in enumerate(rows, 1):
        row.number, row.text, row.rule_name = number, issue_texts.text(row.code, row.params), issue_texts.rule(row.code)
    return rows
