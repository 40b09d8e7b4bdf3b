"""The record of acts to read (操作留痕), for auditors and administrators."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from portal import audit_reading
from portal.models import AuditLink
from portal.rules import may_audit

ROWS = 50
FILTERS = ("object", "person", "verb", "day")


class FilterForm(forms.Form):
    object = forms.CharField(
        label=gettext_lazy("Object"), max_length=120, required=False,
        help_text=gettext_lazy("Its number, or kind and number: planning.PlanVersion 2abc…"),
    )  # fmt: skip
    person = forms.CharField(
        label=gettext_lazy("Person"), max_length=150, required=False,
        help_text=gettext_lazy("User name, or “account 12”"),
    )  # fmt: skip
    verb = forms.CharField(
        label=gettext_lazy("Act"), max_length=50, required=False, help_text=gettext_lazy("Its beginning: person, access.refused …"),
    )  # fmt: skip
    day = forms.DateField(
        label=gettext_lazy("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


def require_auditor(request: HttpRequest) -> None:
    if not may_audit(request.user):
        raise Http404


@never_cache
@login_required
@require_GET
def audit_page(request: HttpRequest) -> HttpResponse:
    require_auditor(request)
    form = FilterForm(request.GET)
    rows, more = [], None
    if form.is_valid():
        about = {**form.cleaned_data}
        before = about.pop("before")
        rows, more = audit_reading.page(audit_reading.entries(request.user, **about), before=before, size=ROWS)
    for row in rows:  # as pairs: a template would take a key called “items” for the method
        row.was, row.became = list(row.before.items()), list(row.after.items())
    told = {
        "form": form, "rows": rows, "more": more, "head": AuditLink.objects.order_by("seq").last(),
        "filters": [(name, request.GET[name]) for name in FILTERS if request.GET.get(name)],
        "trail": [(_("My data"), reverse("me")), (_("Record of acts"), "")],
    }  # fmt: skip
    return render(request, "portal/audit.html", told)


@login_required
@require_POST
def audit_export(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered rows as CSV; that somebody took them is an entry too."""
    require_auditor(request)
    form = FilterForm(request.POST)
    if not form.is_valid():
        raise Http404
    about = {**form.cleaned_data}
    about.pop("before")
    lines = audit_reading.export(request.user, **about)
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )
