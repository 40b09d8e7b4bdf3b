"""Pages of authorised exceptions: ask for one, read it, decide as the second person."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from planning import conflicts, documents, waivers
from planning.models import Finding, PlanVersion, Waiver
from planning.views.moves import staff_version
from planning.views.trails import version_trail
from portal.audit import record
from portal.bodies import takes_files
from portal.errors import PortalError
from portal.models import User
from portal.pages import add_portal_error

ACTS = {"confirm": waivers.confirm, "refuse": waivers.refuse, "withdraw": waivers.withdraw}
DONE = {
    "confirm": _("Confirmed: the conflict is now an authorised exception."),
    "refuse": _("Refused: the conflict stays real."),
    "withdraw": _("Withdrawn: the conflict is real again."),
}


class WaiverForm(forms.Form):
    """What an official gives with the request for an exception."""

    reason = forms.CharField(
        label=_("Reason"), max_length=waivers.REASON_CHARS,
        help_text=_("Why this conflict may stand, and on which provision it rests. Residents read it once it is confirmed."),
        error_messages={"required": _("Please give the reason.")},
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": waivers.REASON_CHARS}),
    )  # fmt: skip
    document_number = forms.CharField(
        label=_("Number of the document"), max_length=waivers.NUMBER_CHARS,
        help_text=_("Of the decision that allows it, for example 鲁自然资函〔2026〕12号. Residents read it, too."),
        error_messages={"required": _("Please give the number of the document.")},
    )  # fmt: skip
    document = forms.FileField(
        label=_("Document"), error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        widget=forms.FileInput(attrs={"accept": documents.ACCEPT}),
    )  # fmt: skip
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].help_text = documents.told()


@takes_files
@login_required
@require_http_methods(["GET", "POST"])
def waiver_new(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """Ask for an exception for one conflict of a version."""
    version = staff_version(request.user, pk)
    finding = get_object_or_404(version.findings.select_related("zone", "version"), number=number)
    waivers.check_right(request.user, version)
    form, status = WaiverForm(request.POST or None, request.FILES or None, initial={"key": finding.key}), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = waivers.propose(finding, by=request.user, **form.cleaned_data)
            except PortalError as error:
                add_portal_error(form, error, kind="document", too_large="document", empty="document")
                status = error.status
            else:
                messages.success(request, gettext("Asked for. A second reviewer or leader must confirm it now."))
                return redirect("waiver", pk=made.pk)
    context = {"version": version, "finding": finding, "form": form, **words(finding), "trail": trail(version)}
    return render(request, "planning/waiver_new.html", context, status=status)


def trail(version: PlanVersion) -> list[tuple[str, str]]:
    return version_trail(version, gettext("Authorised exception"), desk=reverse("review", args=[version.pk]))


def words(finding: Finding) -> dict[str, Any]:
    return {
        "name": conflicts.name(finding.code),
        "law": conflicts.law(finding.code),
        "sentence": conflicts.sentence(finding.code, finding.category, finding.area_m2),
    }


def seen(user: User, pk: str) -> Waiver:
    """The one way to an exception; strangers get 404."""
    return get_object_or_404(waivers.visible_to(user), pk=pk)


@login_required
@require_GET
def waiver(request: HttpRequest, pk: str) -> HttpResponse:
    """What an exception is for, who asked and who decided; for the second person, the decision."""
    return page(request, seen(request.user, pk))


def page(request: HttpRequest, row: Waiver, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "waiver": row, "version": row.version, "village": row.plan.village, "trail": trail(row.version),
        "name": conflicts.name(row.code), "law": conflicts.law(row.code), "findings": covered(row),
        "may_decide": waivers.may_decide(request.user, row), "may_withdraw": waivers.may_withdraw(request.user, row),
        "is_first": row.state == Waiver.State.PROPOSED and row.proposed_by_id == request.user.pk, **more,
    }  # fmt: skip
    return render(request, "planning/waiver.html", context, status=status)


def covered(row: Waiver) -> QuerySet[Finding]:
    """The conflicts an exception covers now, in all versions."""
    return row.findings.select_related("version", "zone").defer("geom", "zone__geom", "zone__geom_web").order_by(
        "-version__number", "number"
    )  # fmt: skip


@require_POST
def waiver_decide(request: HttpRequest, pk: str) -> HttpResponse:
    """Confirm, refuse or withdraw; what stands in the way is said on the page of the exception, and the note is kept."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("waiver", args=[pk]))
    row = seen(request.user, pk)
    name, note = request.POST.get("name", ""), request.POST.get("note", "").replace("\x00", "")
    if name not in ACTS:
        raise Http404
    try:
        ACTS[name](row, by=request.user, note=note)
    except PortalError as error:
        row.refresh_from_db()
        told = [{"field": f"note-{name}" if error.code == "note_missing" else "", "text": str(error.message)}]
        return page(request, row, status=error.status, errors=told, kept={"name": name, "note": note})
    messages.success(request, DONE[name])
    return redirect("waiver", pk=row.pk)


@login_required
@require_GET
def waiver_document(request: HttpRequest, pk: str) -> FileResponse:
    """The document behind an exception."""
    return attached(seen(request.user, pk), request.user)


def attached(row: Waiver, by: User) -> FileResponse:
    """A document as an attachment under a name of our own, with the content type of its bytes; each reading is on record."""
    try:
        stream = row.document.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    kind = documents.kind_of(stream)
    stream.seek(0)
    record("waiver.document_read", row, by=by, after={"sha256": row.sha256})
    response = FileResponse(
        stream, as_attachment=True, filename=f"exception-{row.pk}.{kind.ending if kind else 'bin'}",
        content_type=kind.content_type if kind else "application/octet-stream",
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
