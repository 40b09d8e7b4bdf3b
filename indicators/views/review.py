"""The review page: one page from which an official judges a version, and its authors see where it stands."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from indicators import passports, runs, staleness
from indicators.structure_lines import structure_lines, total_fits
from indicators.views import review_findings as findings
from indicators.views import review_tables as tables
from indicators.views.public import days_left, numbered_comments, pins
from planning import maps, moderation, workflow
from planning.cases import NEXT
from planning.models import PlanVersion, State
from planning.reports import card
from planning.views.moves import kept_note, staff_version
from planning.views.uploads import judging
from portal.errors import Conflict
from portal.models import Job, User
from villages.maps import legend_lines

# What a person may write with a step that needs no reasons; the others take none.
MAY_NOTE = ("approve",)


@login_required
@require_GET
def review(request: HttpRequest, pk: str) -> HttpResponse:
    """Map, conflicts, structure table, indicators, comments, history of a version, and the steps it may make."""
    version = staff_version(request.user, pk)
    run = runs.newest(version)
    comments = numbered_comments(version, request.user)
    context = {
        "version": version,
        "village": version.village,
        "versions": list(version.plan.versions.order_by("-number")),
        "days_left": days_left(version),
        "next_step": NEXT[version.state],
        "returned": version.steps.filter(to_state=State.RETURNED).last() if version.state == State.RETURNED else None,
        "steps": steps(version, request.user),
        "kept": kept_note(request, version),
        "may_upload": request.user.has_perm("planning.upload_plan", version),
        "may_reply": request.user.has_perm("planning.reply", version),
        "comments": comments,
        "unanswered": sum(not comment.replies.all() and not comment.waits for comment in comments),
        "looked_at": version.comments.waiting().count(),
        "may_moderate": moderation.may_moderate(request.user, version.division_code),
        **findings.of_version(version, request.user),
        "since": tables.since_last(version),
        "quality": tables.quality(version),
        **card.of_version(version),
        "acts": tables.history(version),
        "projects": version.projects.all(),
        "legend_plan": maps.zone_legend(version),
        "legend_lines": (lines := legend_lines(version.village)),
        "map_options": map_options(version, request.user, lines, comments),
        **computed(version, run, request.user),
    }
    return render(request, "indicators/review.html", context)


def computed(version: PlanVersion, run: Any, user: User) -> dict[str, Any]:
    """What the newest run says, and the job that is computing it for the first time or again."""
    if run is None:
        return {"run": None, **watched(judging(version), user)}
    band = staleness.band(version, user)
    lines = structure_lines(run)
    rows = passports.of_run(run)
    return {
        "run": run,
        **band,
        **watched(band["computing"], user),
        "structure": lines,
        "total_fits": total_fits(run, lines),
        "indicators": rows,
        "indicator_groups": passports.by_group(rows),
        "missed": sum(row.light == "missed" for row in rows),
        "unchecked": findings.unchecked(run),
    }


def watched(job: Job | None, user: User) -> dict[str, Any]:
    """A job that the page follows; only whoever began it may ask how far it is."""
    return {"job": job, "watch": job is not None and job.created_by_id == user.pk}


@require_POST
def version_judge(request: HttpRequest, pk: str) -> HttpResponse:
    """Have a version computed again, because something it was computed from changed."""
    page = reverse("review", args=[pk])
    if not request.user.is_authenticated:
        return redirect_to_login(page)
    try:
        staleness.compute_again(staff_version(request.user, pk), by=request.user)
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The computation has started."))
    return redirect(page)


def steps(version: PlanVersion, user: User) -> list[dict[str, Any]]:
    """Steps the person may make now, each with what still stands in its way; those that ask for reasons come last."""
    found = [
        {
            "name": t.name, "label": t.label, "needs_note": t.needs_note, "may_note": t.needs_note or t.name in MAY_NOTE,
            "missing": workflow.missing(version, t), "grave": t.needs_note, "itemised": t.itemised,
        }
        for t in workflow.allowed(version, user)
    ]  # fmt: skip
    return sorted(found, key=lambda step: step["needs_note"])


def map_options(version: PlanVersion, user: User, lines: list[Any], comments: list[Any]) -> dict[str, Any]:
    return {
        **maps.version_map(version, user, lines),
        "findings": f"{reverse('api-version-findings', args=[version.pk])}?page_size=1000",
        "pins": pins(comments),
        "ready": _("The map is ready. Click a conflict or a comment, or any place to read about it."),
    }
