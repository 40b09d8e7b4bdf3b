"""Pages of household codes: which households have one, making them as slips to print, ending one."""

import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.errors import PortalError
from portal.pages import add_portal_error
from villages import household_codes, household_slips
from villages.models import Village

HOUSEHOLDS_A_PAGE = 200
WHICH = [
    ("missing", gettext_lazy("All households without a code that holds")),
    ("chosen", gettext_lazy("Only those I tick below")),
    ("all", gettext_lazy("All anew: the codes that are out now end")),
]


class MakeForm(forms.Form):
    which = forms.ChoiceField(
        label=gettext_lazy("For which households"), choices=WHICH, widget=forms.RadioSelect, initial="missing"
    )
    valid_to = forms.DateField(
        label=gettext_lazy("The codes hold until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def office_village(request: HttpRequest, code: str) -> Village:
    """The village, for its committee and township; for everybody else there is no such page."""
    if not household_codes.may_make(request.user, code):
        raise Http404
    return get_object_or_404(Village.objects.select_related("division"), pk=code)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def household_code_list(request: HttpRequest, code: str) -> HttpResponse:
    """The households with their codes (GET); new codes as slips to print, in the answer and nowhere else (POST)."""
    village = office_village(request, code)
    form = MakeForm(request.POST or None, initial={"valid_to": household_codes.last_day(village)})
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                return slips(request, village, form.cleaned_data)
            except PortalError as error:
                status = error.status
                add_portal_error(form, error)
    return list_page(request, village, form, status)


def slips(request: HttpRequest, village: Village, given: dict[str, Any]) -> HttpResponse:
    which, chosen = given["which"], None
    if which == "chosen":
        chosen = [int(number) for number in request.POST.getlist("household") if number.isascii() and number.isdigit()]
    made = household_codes.make(
        village, by=request.user, households=chosen, missing=which == "missing", valid_to=given["valid_to"]
    )
    return as_file(village, made)


def as_file(village: Village, made: list[household_codes.Slip]) -> HttpResponse:
    paper = household_slips.document(made, village, household_codes.open_plan(village))
    name = f"household-codes-{village.code}-{datetime.date.today():%Y%m%d}.pdf"
    return HttpResponse(
        paper, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def list_page(request: HttpRequest, village: Village, form: MakeForm, status: int) -> HttpResponse:
    rows = household_codes.look(village, by=request.user)
    page = Paginator(rows, HOUSEHOLDS_A_PAGE).get_page(request.GET.get("page"))
    told = {
        "village": village, "form": form, "page": page, "rows": [household_codes.as_row(row) for row in page],
        "trail": [
            (_("Villages"), reverse("village-list")), (village.short_name, reverse("village", args=[village.code])),
            (_("Household codes"), ""),
        ],
    }  # fmt: skip
    return render(request, "villages/household_codes.html", told, status=status)


@login_required
@require_POST
def household_code_end(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """End the code of one household, because its slip was lost or came into wrong hands."""
    village = office_village(request, code)
    household = get_object_or_404(village.household_rows.select_related("village"), pk=number)
    household_codes.end(household, by=request.user)
    messages.success(request, _("The code of household %(number)s has ended.") % {"number": household.number})
    return redirect("household-codes", village.code)
