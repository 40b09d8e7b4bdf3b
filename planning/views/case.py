"""The case of a version: one page with the whole procedure, where it stands, and all that proves it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from planning import amendments, cases, workflow
from planning import returns as points
from planning.models import ReturnItem, Track
from planning.models.plans import PlanVersion
from planning.views import comparing, decisions, evidence, returns, reviews, schedule
from planning.views.evidence import seen, trail
from portal.errors import NotAllowed, PortalError
from portal.models import User
from portal.rules import STAFF, has_role

SECTIONS = (
    returns.section, evidence.section, reviews.section, schedule.section, decisions.section, comparing.section,
)  # fmt: skip
# what a person may write with a step that needs no reasons; the others take none
MAY_NOTE = ("approve",)


@login_required
@require_GET
def case(request: HttpRequest, pk: str) -> HttpResponse:
    """The procedure of a version as a line of its states, what its next step lacks, and the proofs of each."""
    return page(request, seen(request.user, pk))


def page(request: HttpRequest, version: PlanVersion, *, status: int = 200, **more: Any) -> HttpResponse:
    user = request.user
    context = {
        "version": version, "village": version.village, "stages": cases.stages(version), "next_step": cases.NEXT[version.state],
        "steps": steps(version, user), "is_staff": has_role(user, STAFF, version.division_code),
        "versions": list(cases.visible_to(user).filter(plan=version.plan_id).order_by("-number")),
        "may_choose": amendments.may_choose(user, version) and amendments.in_force(version) is not None,
        "trail": [*trail(version, "")[:2], (_("Case of version %(number)s") % {"number": version.number}, "")],
    }  # fmt: skip
    for section in SECTIONS:
        context |= section(version, user)
    return render(request, "planning/case.html", {**context, **more}, status=status)


def steps(version: PlanVersion, user: User) -> list[dict[str, Any]]:
    """Steps the person may make now, each with what still stands in its way; those that ask for reasons come last."""
    found = [
        {
            "name": t.name, "label": t.label, "needs_note": t.needs_note, "may_note": t.needs_note or t.name in MAY_NOTE,
            "missing": workflow.missing(version, t), "basis": t.basis, "itemised": t.itemised,
        }
        for t in workflow.allowed(version, user)
    ]  # fmt: skip
    return sorted(found, key=lambda step: step["needs_note"])


@require_POST
def case_move(request: HttpRequest, pk: str) -> HttpResponse:
    """Make one step; what stands in the way is said on the page, and what was written is kept."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("case", args=[pk]))
    version = seen(request.user, pk)
    name, note = request.POST.get("name", "")[:40], request.POST.get("note", "").replace("\x00", "")
    try:
        moved = returns.made(request, version, name, note)
    except PortalError as error:
        version = seen(request.user, pk)
        told = [{"field": f"note-{name}" if error.code == "note_missing" else "", "text": str(error.message)}]
        return page(request, version, status=error.status, errors=told, kept={"name": name, "note": note[:5000]})
    messages.success(request, _("Done: the version is now “%(state)s”.") % {"state": moved.get_state_display()})
    return redirect("case", pk=pk)


@require_POST
def point_answer(request: HttpRequest, pk: str, item: int) -> HttpResponse:
    """Answer one point in this version: accepted, or refused with the reason."""
    said, reason = request.POST.get("accepted", ""), request.POST.get("reason", "")[:5000]

    def act(row: ReturnItem, version: PlanVersion) -> None:
        if said not in ("yes", "no"):
            raise PortalError(_("Please say whether you accept the point."), code="accepted")
        points.answer(row, version, by=request.user, accepted=said == "yes", reason=reason)

    return done(request, pk, item, act, kept={"accepted": said, "reason": reason})


@require_POST
def point_settle(request: HttpRequest, pk: str, item: int) -> HttpResponse:
    """Settle the answer to one point: accept it, or refuse it with reasons."""
    said, note = request.POST.get("accepted", ""), request.POST.get("note", "")[:500]

    def act(row: ReturnItem, version: PlanVersion) -> None:
        if said not in ("yes", "no"):
            raise PortalError(_("Please say whether you accept the answer."), code="accepted")
        points.settle(row, at=version, by=request.user, accepted=said == "yes", note=note)

    return done(request, pk, item, act, kept={"accepted": said, "note": note})


def done(
    request: HttpRequest, pk: str, item: int, act: Callable[[ReturnItem, PlanVersion], None], kept: dict[str, str]
) -> HttpResponse:
    """Make one act on a point; what stands in the way is said on the page of the case, with what was typed."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("case", args=[pk]))
    version = seen(request.user, pk)
    row = get_object_or_404(points.before(version), pk=item)
    try:
        act(row, version)
    except PortalError as error:
        told = [{"field": f"point-{item}", "text": str(error.message)}]
        return page(request, seen(request.user, pk), status=error.status, errors=told, kept_point={"id": item, **kept})
    messages.success(request, _("Recorded."))
    return redirect(f"{reverse('case', args=[pk])}#point-{item}")


@login_required
@require_http_methods(["GET", "POST"])
def track(request: HttpRequest, pk: str) -> HttpResponse:
    """Choose the procedure of an amendment, with the shortest one it may take and why."""
    version = seen(request.user, pk)
    if not request.user.has_perm("planning.choose_track", version):
        raise NotAllowed(_("Only the village’s committee, its planner or the township chooses the procedure."))
    errors, status, chosen = [], 200, version.track
    if request.method == "POST":
        chosen = request.POST.get("track", "")[:20]
        try:
            amendments.choose_track(version, chosen, by=request.user)
        except PortalError as error:
            errors, status = [{"field": "", "text": str(error.message)}], error.status
        else:
            messages.success(request, _("The procedure is chosen."))
            return redirect("case", pk=pk)
    context = {
        "version": version, "tracks": Track.choices, "chosen": chosen, "least": amendments.least_track(version),
        "before": amendments.in_force(version), "errors": errors, "open": amendments.may_choose(request.user, version),
        "trail": trail(version, _("Choose the procedure")),
    }  # fmt: skip
    return render(request, "planning/case/track.html", context, status=status)
