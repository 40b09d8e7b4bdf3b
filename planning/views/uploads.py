"""The page that says what became of a plan file."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models.functions import AsGeoJSON, Centroid
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from planning import issue_texts, overtaken
from planning.models import Drawing, MappingProfile, PlanVersion
from planning.reports import card
from planning.views import questions
from portal import jobs
from portal.errors import NotAllowed
from portal.models import Job, Role, Upload, User
from portal.rules import STAFF, prefixes
from portal.spreadsheets import guarded
from villages.models import Village

ROWS = 100  # issues on one page: the table, and the shapes the map draws


def own_villages(user: User) -> QuerySet[Village]:
    """Villages whose plan the user may hand in."""
    mine = Q(pk__in=[])
    for prefix in prefixes(user, (Role.COMMITTEE, Role.PLANNER)):
        mine |= Q(division__code__startswith=prefix)
    return Village.objects.filter(mine).select_related("division__parent")


def staff_uploads(user: User) -> QuerySet[Upload]:
    """Uploads for the divisions the user works for."""
    seen = Q(pk__in=[])
    for prefix in prefixes(user, STAFF):
        seen |= Q(division_code__startswith=prefix)
    return Upload.objects.filter(seen).select_related("job", "created_by")


def staff_upload(user: User, pk: str) -> Upload:
    """The one way to an upload; strangers get 404."""
    return get_object_or_404(staff_uploads(user), pk=pk)


@login_required
@require_GET
def upload(request: HttpRequest, pk: str) -> HttpResponse:
    """How far the check is, then the verdict: accepted with a link to the version, or refused with what is wrong."""
    row = staff_upload(request.user, pk)
    village = get_object_or_404(Village.objects.select_related("division__parent"), pk=row.division_code)
    may_hand_in = request.user.has_perm("planning.upload_plan", village)
    version = PlanVersion.objects.with_plan().filter(pk=row.result.get("version") or "").first()
    verdict = verdict_of(row)
    job = row.job if verdict == "waiting" else judging(version)
    issues = issues_context(request, row) if verdict in ("accepted", "refused", "overtaken") else {}
    context = {
        "upload": row, "village": village, "version": version, "verdict": verdict, "job": job,
        "watch": job is not None and job.created_by_id == request.user.pk, "reload": job is not None,
        "may_hand_in": may_hand_in, "may_map": may_hand_in and verdict == "refused" and bool(row.result.get("preview")),
        "profile": MappingProfile.objects.filter(name=row.options.get("profile", "")).first(),
        "drawing": Drawing.objects.visible_to(request.user).filter(upload=row).first(),
        "overtaken": overtaken.in_words(row.result.get("overtaken")) if verdict == "overtaken" else None,
        **issues, **(card.of_upload(row) if issues else {}),
    }  # fmt: skip
    if issues:
        context |= {"questions": True, **questions.context(row, village)}
    if issues.get("shapes"):
        context |= map_context(village, issues["shapes"])
    context["has_map"] = any(name in context for name in ("map_options", "place", "repair_map"))
    return render(request, "planning/upload.html", context)


def verdict_of(row: Upload) -> str:
    """`waiting`, `accepted`, `refused`, `failed` or `overtaken`; a job that ended without a verdict counts as failed."""
    if row.state == Upload.State.WAITING and (row.job is None or row.job.is_final):
        return str(Upload.State.FAILED)
    return "overtaken" if row.state == Upload.State.REFUSED and row.result.get("overtaken") else row.state


def judging(version: PlanVersion | None) -> Job | None:
    """The computation of indicators and conflicts that follows an accepted file, while it is under way."""
    if version is None or version.checked_at:
        return None
    newest = (
        Job.objects.filter(kind="indicators.judge_version", args__version=version.pk).order_by("-created_at").first()
    )
    return newest if newest and not newest.is_final else None


def issues_context(request: HttpRequest, row: Upload) -> dict[str, Any]:
    """Issues of an upload, counted by rule, filtered by the address, a page at a time."""
    counts = list(row.issues.values("code", "level").annotate(count=Count("pk")).order_by("level", "code"))
    rules = [{**c, "name": issue_texts.rule(c["code"]), "query": f"{c['level']}-{c['code']}"} for c in counts]
    wanted = request.GET.get("rule", "")
    found = row.issues.order_by("level", "pk")
    if rule := next((r for r in rules if r["query"] == wanted), None):
        found = found.filter(code=rule["code"], level=rule["level"])
    page = Paginator(found.annotate(shape=AsGeoJSON("geom", precision=8)), ROWS).get_page(request.GET.get("page"))
    for number, issue in enumerate(page.object_list, page.start_index()):
        issue.number = number
        issue.text = issue_texts.text(issue.code, issue.params)
        issue.rule_name = issue_texts.rule(issue.code)
    return {
        "mapping_helps": any(rule["code"].startswith("S") for rule in rules),
        "rules": rules, "rule": rule, "page": page, "all_total": sum(c["count"] for c in counts),
        "errors_total": sum(c["count"] for c in counts if c["level"] == "error"),
        "warnings_total": sum(c["count"] for c in counts if c["level"] == "warning"),
        "shapes": [feature(issue.number, issue.shape, level=issue.level) for issue in page.object_list if issue.shape],
    }  # fmt: skip


def feature(number: int, shape: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": number,
        "geometry": json.loads(shape),
        "properties": {"number": number, **properties},
    }


def map_context(village: Village, shapes: list[dict[str, Any]]) -> dict[str, Any]:
    """What the map of an upload shows: present land use below, the places of the issues above, lon/lat."""
    return {
        "map_options": {
            "bounds": list(village.geom.extent),
            "tiles": {"base": reverse("api-village-tiles", kwargs={"code": village.code})},
            "mode": "now",
            "source": village.source,
            "ready": gettext("The map is ready. Choose a row, or click a place on the map."),
        },
        "map_data": {"type": "FeatureCollection", "features": shapes},
    }


@login_required
@require_POST
def upload_cancel(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask the check of one's own upload to stop; for browsers without scripts."""
    row = staff_upload(request.user, pk)
    if row.job is None or row.job.created_by_id != request.user.pk:
        raise NotAllowed(_("Only whoever handed in the file may stop its check."))
    jobs.cancel(row.job)
    return redirect("upload", pk=row.pk)


@login_required
@require_GET
def upload_issues(request: HttpRequest, pk: str) -> HttpResponse:
    """All issues of an upload as CSV that a spreadsheet opens without running anything."""
    row = staff_upload(request.user, pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="issues-{row.pk}.csv"'
    response.write("\ufeff")  # spreadsheets take UTF-8 for the local encoding without it
    csv.writer(response).writerows([guarded(cell) for cell in line] for line in issue_lines(row))
    return response


def issue_lines(row: Upload) -> Iterator[list[Any]]:
    yield [
        gettext("Rule"), gettext("Name of the rule"), gettext("Level"), gettext("Layer"), gettext("Row"),
        gettext("What is wrong"), gettext("Longitude"), gettext("Latitude"),
    ]  # fmt: skip
    for issue in row.issues.annotate(middle=Centroid("geom")).order_by("level", "pk").iterator():
        place = [round(issue.middle.x, 7), round(issue.middle.y, 7)] if issue.middle else ["", ""]
        text = issue_texts.text(issue.code, issue.params)
        yield [
            issue.code,
            issue_texts.rule(issue.code),
            issue.get_level_display(),
            issue.layer,
            issue.row or "",
            text,
            *place,
        ]
