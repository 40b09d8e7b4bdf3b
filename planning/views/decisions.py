"""Pages of the decision letter: write it with a preview, read it, print it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from planning import cases, decisions, unmade
from planning.models import Decision, PlanVersion, State
from planning.reports import letter
from planning.views.evidence import day_field, seen, trail
from planning.views.trails import version_trail
from portal.errors import PortalError
from portal.models import User
from portal.pages import add_portal_error


def section(version: PlanVersion, user: User) -> dict[str, Any]:
    """The letter of the version, and whether the person may write it now."""
    written = Decision.objects.filter(version=version).select_related("by").first()
    return {
        "decision": {
            "letter": written,
            "may_write": decisions.may_write(user, version),
            "expected": version.state in (State.SUBMITTED, State.QUALITY_CHECK),
        }
    }


class DecisionForm(forms.Form):
    number = forms.CharField(
        label=_("Number of the letter"), max_length=decisions.NUMBER_CHARS,
        help_text=_("For example 肥政字〔2026〕12号. No two letters have the same number."),
    )  # fmt: skip
    decided_on = day_field(_("Decided on"), initial=timezone.localdate)


@login_required
@require_http_methods(["GET", "POST"])
def decision_write(request: HttpRequest, pk: str) -> HttpResponse:
    """Write the letter: number and date, a preview of its words, then keep it."""
    version = seen(request.user, pk)
    decisions.check_right(request.user, version)
    known = Decision.objects.filter(version=version).first()
    initial = {"number": known.number, "decided_on": known.decided_on} if known else None
    form, status, preview = DecisionForm(request.POST or None, initial=initial), 200, ""
    if request.method == "POST":
        status = 400
        if form.is_valid():
            preview, status = decisions.letter(version, **form.cleaned_data), 200
            if "preview" not in request.POST:
                try:
                    decisions.write(version, by=request.user, **form.cleaned_data)
                except PortalError as error:
                    add_portal_error(form, error, number_taken="number")
                    status = error.status
                else:
                    messages.success(request, gettext("The letter is written. It is issued with the approval."))
                    return redirect(f"{reverse('case', args=[pk])}#letter")
    context = {
        "version": version, "form": form, "preview": preview, "known": known, "conditions": version.conditions.all(),
        "unmade": unmade.in_letter(version),
        "trail": trail(version, gettext("Decision letter")),
    }  # fmt: skip
    return render(request, "planning/case/decision_write.html", context, status=status)


def letter_seen(user: User, pk: str) -> Decision:
    """The letter: for who may open the case at any time, for all others when it was issued and the plan published."""
    row = get_object_or_404(
        Decision.objects.select_related("version__plan__village__division__parent", "by"), version=pk
    )
    if cases.visible_to(user).filter(pk=pk).exists() or decisions.is_open(row):
        return row
    raise Http404


@require_GET
def decision(request: HttpRequest, pk: str) -> HttpResponse:
    """The decision letter as it was issued, or as it will be."""
    row = letter_seen(request.user, pk)
    inside = cases.visible_to(request.user).filter(pk=pk).exists()
    context = {
        "decision": row, "version": row.version, "inside": inside,
        "trail": (trail if inside else version_trail)(row.version, gettext("Decision letter")),
    }  # fmt: skip
    return render(request, "planning/case/decision_letter.html", context)


@require_GET
def decision_pdf(request: HttpRequest, pk: str) -> HttpResponse:
    """The letter to print."""
    return printed(letter_seen(request.user, pk))


def printed(row: Decision) -> HttpResponse:
    answer = HttpResponse(letter.document(row), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="decision-{row.version_id}.pdf"'
    return answer
