"""A division at a glance (评价概览), for its staff: figures added up from its villages, which plans conflict, are out of date or
failed, and the button that has all of them computed."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from indicators import rollups, sweeps
from indicators.models import Sweep
from planning import freshness
from planning.models import ENDED, Finding, PlanVersion
from portal.errors import NotAllowed
from portal.models.accounts import division_prefix
from villages.models import Division, Village

PER_PAGE = 60
REAL = Q(severity=Finding.Severity.BLOCK, category=Finding.Category.REAL)


@dataclass(frozen=True)
class Line:
    """A village of the list with the version that is looked at, if it has one."""

    village: Village
    version: PlanVersion | None
    error: str


def staff_division(request: HttpRequest, code: str) -> Division:
    """The division, for its staff; strangers are told that there is nothing."""
    division = get_object_or_404(Division, pk=code)
    if not request.user.has_perm("indicators.see_division", division):
        raise Http404
    return division


@require_GET
def judgement(request: HttpRequest, code: str) -> HttpResponse:
    division = staff_division(request, code)
    plans = rollups.NEWEST if request.GET.get("plans") == rollups.NEWEST else rollups.IN_FORCE
    only = "conflicts" if request.GET.get("only") == "conflicts" else ""
    sweep = sweeps.last(division)
    failed = {row["village"]: row["error"] for row in sweeps.failures(sweep)} if sweep else {}
    page = page_of(request, division, only)
    context = {
        "division": division,
        "trail": [*above(request, division), (division.name, "")],
        "below": Division.objects.filter(parent=division).exclude(level=Division.Level.VILLAGE).order_by("code"),
        "rollup": rollups.rollup(division, request.user, plans=plans, tables=False),
        "only": only,
        "page": page,
        "lines": lines(page, failed),
        "may_check": request.user.has_perm("indicators.check_division", division),
        **progress(request, sweep),
    }
    return render(request, "indicators/judgement.html", context)


def above(request: HttpRequest, division: Division) -> list[tuple[str, str]]:
    """The divisions above, as far as the reader works for them."""
    rows = Division.objects.filter(pk__in=division.ancestor_codes()).order_by("level")
    seen = [row for row in rows if request.user.has_perm("indicators.see_division", row)]
    return [(row.name, reverse("division-judgement", args=[row.pk])) for row in seen]


def progress(request: HttpRequest, sweep: Sweep | None) -> dict[str, Any]:
    """The last computation of all villages: the bar of whoever began it can be stopped there, others see how far it is."""
    if sweep is None:
        return {"sweep": None}
    counts = sweeps.progress(sweep)
    job = sweeps.job_of(sweep)
    running = sweep.state == Sweep.State.RUNNING
    mine = running and job.created_by_id == request.user.pk
    return {
        "sweep": sweep, "running": running, "counts": counts, "words": sweeps.words(counts), "job": job if mine else None,
        "failures": sweeps.failures(sweep),
    }  # fmt: skip


def page_of(request: HttpRequest, division: Division, only: str) -> Page:
    """Villages of the division; only those whose plan has a real conflict that blocks, if asked for."""
    found = (
        Village.objects.under(division_prefix(division.code))
        .select_related("division__parent")
        .defer("geom", "geom_web")
    )
    if only:
        blocked = Finding.objects.filter(REAL, version__in=sweeps.current_versions(division.code))
        found = found.filter(Exists(blocked.filter(version__plan__village=OuterRef("pk"))))
    return Paginator(found.order_by("division_id"), PER_PAGE).get_page(request.GET.get("page"))


def lines(page: Page, failed: dict[str, str]) -> list[Line]:
    """Each village with its newest version: conflicts counted and age asked for all of them at once."""
    villages = list(page)
    real = Q(findings__severity=Finding.Severity.BLOCK, findings__category=Finding.Category.REAL)
    versions = (
        PlanVersion.objects.filter(plan__village__in=villages)
        .exclude(state__in=ENDED)
        .annotate(real=Count("findings", filter=real))
        .order_by("plan__village", "number")
    )
    newest = {version.plan.village_id: version for version in versions.select_related("plan")}
    freshness.remember(newest.values())
    return [Line(v, newest.get(v.code), failed.get(v.code, "")) for v in villages]


@require_POST
def judgement_check(request: HttpRequest, code: str) -> HttpResponse:
    """Have everything computed that is missing or out of date; on a running computation, try the failed ones again."""
    division = staff_division(request, code)
    may_check(request, division)
    sweep = sweeps.start_or_resume(division, request.user)
    if sweep is None:
        messages.success(request, _("Nothing to do: every plan is judged by what holds today."))
    elif "retry" in request.POST:
        sweeps.retry_failed(sweep)
    return redirect("division-judgement", code=division.pk)


@require_POST
def judgement_cancel(request: HttpRequest, code: str) -> HttpResponse:
    division = staff_division(request, code)
    may_check(request, division)
    sweep = sweeps.last(division)
    if sweep is None or not sweeps.cancel(sweep, by=request.user):
        messages.info(request, _("No computation of this division is running."))
    return redirect("division-judgement", code=division.pk)


def may_check(request: HttpRequest, division: Division) -> None:
    if not request.user.has_perm("indicators.check_division", division):
        raise NotAllowed(_("Only officials of the division may have all its villages computed."))
