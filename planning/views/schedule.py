"""The dates of a version: its section of the case, and moving a day after seeing what else moves."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from planning import deadlines, news, planned, reviews, schedule
from planning.models import PlanVersion
from planning.views.trails import version_trail
from portal import workdays
from portal.errors import NotAllowed, PortalError
from portal.models import User


class DateForm(forms.Form):
    """Which day is moved, and to when."""

    state = forms.ChoiceField(label=_("Step"))
    on = forms.DateField(
        label=_("New day"), error_messages={"required": _("Give the new day."), "invalid": _("That is no day.")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, version: PlanVersion, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="id_move_%s", **kwargs)
        self.fields["state"].choices = schedule.movable(version)


def section(version: PlanVersion, user: User) -> dict[str, Any]:
    """What templates/planning/case/schedule.html says: the days reached and expected, deadlines that run, the form."""
    may = schedule.may_plan(user, version)
    return {
        "schedule": {
            "reached": schedule.reached(version),
            "ahead": schedule.forecast(version).rows[1:],
            "deadlines": running(version, user),
            "form": DateForm(version) if may and schedule.movable(version) else None,
        }
    }


def running(version: PlanVersion, user: User) -> list[dict[str, Any]]:
    """Deadlines that are not met yet, with the days left in their own unit; whoever was asked reads of no other request."""
    calendar, today, found = workdays.of(version.division_code), timezone.localdate(), []
    seen = Q(request=None) | Q(request__in=reviews.visible_to(user))
    for row in version.deadlines.filter(seen, met_at=None).select_related("request__expert"):
        row.version = version
        rule = deadlines.row_of(version, row.kind)
        days = deadlines.left(row.due_on, working=rule["working"], calendar=calendar, today=today)
        found.append(
            {
                "row": row, "label": deadlines.label(row), "whom": str(row.request) if row.request else "", "days": days,
                "words": deadlines.left_words(days, working=rule["working"]), "working": rule["working"],
                "basis": rule.get("basis", ""), "provisional": rule["working"] and not workdays.is_known(row.due_on),
            }
        )  # fmt: skip
    return found


@login_required
@require_http_methods(["GET", "POST"])
def schedule_preview(request: HttpRequest, pk: str) -> HttpResponse:
    """What else moves with a day, and moving it."""
    version = get_object_or_404(reviews.versions_open_to(request.user), pk=pk)
    if not schedule.may_plan(request.user, version):
        raise NotAllowed(_("Only the township or the county plans the days of a version that is under way."))
    form, found, status = DateForm(version, request.POST or request.GET or None), None, 400
    if not form.is_bound:
        status = 200
    elif form.is_valid():
        state, on = form.cleaned_data["state"], form.cleaned_data["on"]
        try:
            if request.method == "POST":
                planned.set_date(version, state, on, by=request.user, seen=seen_day(request.POST.get("seen", "")))
                messages.success(request, gettext("The day was moved, and those concerned were told."))
                return redirect(f"{news.page_of(version)}#schedule")
            found, status = schedule.preview(version, state, on), 200
        except PortalError as error:
            form.add_error(None if error.code == "moved" else "on", str(error.message))
            status = error.status
    context = {
        "version": version, "form": form, "found": found,
        "label": dict(schedule.movable(version)).get(form.data.get("state", "")),
        "trail": version_trail(version, gettext("Move a day"), desk=news.page_of(version)),
    }  # fmt: skip
    return render(request, "planning/schedule_preview.html", context, status=status)


def seen_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
