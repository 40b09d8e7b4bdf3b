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

from indicators import passports, runs, staleness, unmade
from indicators.models import Run
from indicators.structure_lines import structure_lines, total_fits
from indicators.views import review_changes as changes
from indicators.views import review_findings as findings
from indicators.views import review_opinions as opinions
from indicators.views import review_tables as tables
from indicators.views.public import days_left
from planning import below, comment_lists, freshness, maps, moderation, on_behalf, workflow
from planning.cases import NEXT
from planning.models import Adoption, Decision, PlanVersion, State
from planning.reports import card
from planning.views.moves import kept_note, staff_version
from planning.views.uploads import judging
from portal.models import Job, User
from portal.pages import saying
from villages.maps import legend_lines

# What a person may write with a step that needs no reasons; the others take none.
MAY_NOTE = ("approve",)
COMMENTS = 60
"""comments shown at once, those without an answer first"""


@login_required
@require_GET
def review(request: HttpRequest, pk: str) -> HttpResponse:
    """A version beside its map: conflicts, changes, indicators, opinions, comments, history, and the steps it may make.

    With `part` only one list of the page, for the script that narrows it or turns its pages."""
    version = staff_version(request.user, pk)
    versions = list(version.plan.versions.order_by("-number"))
    context = {
        "version": version,
        "village": version.village,
        "run": runs.newest(version),
        "may_return": any(t.name == "return" for t in workflow.allowed(version, request.user)),
        **findings.of_version(version, request.user, request.GET, versions),
    }
    if request.GET.get("part") == "findings":
        return render(request, "indicators/includes_staff/review_finding_list.html", context)
    context |= changes.of_version(version, request.user, request.GET, versions, context["finding_sums"])
    if request.GET.get("part") == "changes":
        return render(request, "indicators/includes_staff/review_change_list.html", context)
    return render(request, "indicators/review.html", {**context, **page(request, version, versions, context)})


def page(
    request: HttpRequest, version: PlanVersion, versions: list[PlanVersion], lists: dict[str, Any]
) -> dict[str, Any]:
    """What the page shows beside the lists of conflicts and changes."""
    user = request.user
    freshness.remember([version])  # the band and the gates of the steps ask the same
    rows = comment_lists.briefs(version, user)
    comments = comment_lists.whole(version, rows, user)
    below.attach(comments, version, user)
    told = opinions.of_version(version, user)
    acts = tables.history(version)
    unanswered = sum(not comment.is_answered and not comment.waits for comment in comments)
    shown = sorted(comments, key=lambda comment: comment.is_answered)
    every = request.GET.get("show") == "all"
    lines = legend_lines(version.village)
    older = lists["since"].older if lists["since"] else None
    return {
        "versions": versions,
        "days_left": days_left(version),
        "next_step": NEXT[version.state],
        "returned": version.steps.filter(to_state=State.RETURNED).last() if version.state == State.RETURNED else None,
        "steps": steps(version, user),
        "kept": kept_note(request, version),
        "may_upload": user.has_perm("planning.upload_plan", version),
        "may_reply": user.has_perm("planning.reply", version),
        "may_enter": on_behalf.may_enter(user, version),
        "adoptions": Adoption.choices,
        "comments": shown if every else shown[:COMMENTS],
        "comment_count": len(comments),
        "looked_at": version.comments.waiting().count(),
        "may_moderate": moderation.may_moderate(user, version.division_code),
        "unanswered": unanswered,
        **told,
        "quality": tables.quality(version),
        **card.of_version(version),
        "acts": acts if every else acts[: tables.ACTS_SHOWN],
        "act_count": len(acts),
        "letter": Decision.objects.filter(version=version).first(),
        "legend_plan": maps.zone_legend(version),
        "legend_lines": lines,
        "map_options": map_options(version, user, lines, rows, lists),
        "places": opinions.places(comments, told["opinions"], told["points"], version),
        **computed(version, lists["run"], user, older),
    }


def computed(version: PlanVersion, run: Run | None, user: User, older: PlanVersion | None) -> dict[str, Any]:
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
        "indicator_groups": tables.indicator_groups(rows, older),
        "missed": sum(row.light == "missed" for row in rows),
        "unchecked": unmade.of_run(run),
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
    with saying(request):
        staleness.compute_again(staff_version(request.user, pk), by=request.user)
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


def map_options(
    version: PlanVersion, user: User, lines: list[Any], rows: list[comment_lists.Brief], lists: dict[str, Any]
) -> dict[str, Any]:
    """The map of the version, and where its script finds conflicts, comments and the tiles of the version before."""
    options = maps.version_map(version, user, lines)
    found = reverse("api-version-findings", args=[version.pk])
    older = lists["since"].older if lists["since"] else None
    fixed_in = lists["carried"].older
    return {
        **options,
        "findings": f"{found}?page_size=1000",
        "finding": f"{found}?page_size=1&cursor=",
        "fixed": f"{reverse('api-version-findings', args=[fixed_in.pk])}?page_size=1&cursor=" if fixed_in else "",
        "before": {**options["tiles"], "version": lists["before_tiles"]} if older else None,
        "pins": comment_lists.pins(version, rows, user),
        "version": version.pk,
        "ready": _("The map is ready. Click a conflict or a comment, or any place to read about it."),
    }
