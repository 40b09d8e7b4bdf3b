"""Pages of earlier consultations: which were taken in, take one in after looking at what the file holds, read its comments."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from planning import consultations, moderation
from planning.consultation_tables import COLUMNS, Table
from planning.models import Consultation, PlanVersion
from planning.views.trails import version_trail
from portal.bodies import takes_files
from portal.errors import NotAllowed, PortalError
from portal.models import User
from portal.pages import saying
from villages.views.tables import ENCODINGS

PER_PAGE = 50
FIRST_ROWS = 8


class ConsultationForm(forms.Form):
    """What a person says of an earlier consultation."""

    title = forms.CharField(
        label=_("How was the consultation called?"), max_length=consultations.TITLE_CHARS,
        error_messages={"required": _("Please give it a name.")},
    )  # fmt: skip
    source = forms.CharField(
        label=_("Where does the file come from?"), max_length=consultations.SOURCE_CHARS,
        help_text=_("Who held it, and the licence if it is from elsewhere. Everybody reads this."),
        error_messages={"required": _("Please say where the file comes from.")},
    )  # fmt: skip
    file = forms.FileField(
        label=_("File with the comments"), max_length=255, help_text=_("Excel (.xlsx) or CSV, at most 5,000 rows; an export of Polis is known as it is."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}), error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )  # fmt: skip
    encoding = forms.ChoiceField(
        label=_("Text encoding"), required=False, choices=ENCODINGS, help_text=_("Only if the Chinese text of a CSV came out wrong.")
    )  # fmt: skip


@takes_files
@require_http_methods(["GET", "POST"])
def consultation_list(request: HttpRequest, pk: str) -> HttpResponse:
    """Earlier consultations of a version; for whoever may: hand in a file, look at what it holds, take it in."""
    version = get_object_or_404(PlanVersion.objects.visible_to(request.user).with_plan(), pk=pk)
    may = consultations.may_take_in(request.user, version) and version.state in consultations.OPEN
    if request.method == "GET":
        return listed(request, version, ConsultationForm() if may else None)
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    if not consultations.may_take_in(request.user, version):
        raise NotAllowed(consultations.ONLY)
    if "token" in request.POST:
        return preview(request, version)
    form = ConsultationForm(request.POST, request.FILES)
    if form.is_valid():
        said, file = form.cleaned_data, form.cleaned_data["file"]
        try:
            table = consultations.look_at(version, file, by=request.user, encoding=said["encoding"])
            token = consultations.keep(version, file, by=request.user)
        except PortalError as error:
            form.add_error("file", str(error.message))
            return listed(request, version, form, status=error.status)
        asked = {name: said[name] for name in ("title", "source", "encoding")}
        return looked(request, version, table, {**asked, "token": token})
    return listed(request, version, form, status=400)


def listed(
    request: HttpRequest, version: PlanVersion, form: ConsultationForm | None, status: int = 200
) -> HttpResponse:
    context = {
        **about(version), "form": form, "columns": COLUMNS, "rows": consultations.of_version(version),
        "trail": version_trail(version, gettext("Earlier consultations")),
    }  # fmt: skip
    for row in context["rows"]:
        row.left_out = consultations.left_out_words(row.counts.get("left_out", {}))
    return render(request, "planning/consultations.html", context, status=status)


def preview(request: HttpRequest, version: PlanVersion) -> HttpResponse:
    """Look again with other columns, or take it in; the file is the one that was kept."""
    said = {name: request.POST.get(name, "") for name in ("title", "source", "encoding", "token")}
    said["rejected"] = request.POST.get("rejected") == "1"
    chosen = {c.name: request.POST[f"col-{c.name}"][:100] for c in COLUMNS if f"col-{c.name}" in request.POST}
    given = {"by": request.user, "columns": chosen, "rejected": said["rejected"], "encoding": said["encoding"]}
    problem = None
    with saying(request), consultations.kept(version, said["token"], by=request.user) as file:
        if "take" in request.POST:
            try:
                made = consultations.take_in(version, file, title=said["title"], source=said["source"], **given)
            except PortalError as error:
                problem = error
                file.seek(0)
            else:
                consultations.forget(file)
                messages.success(
                    request, gettext("%(count)d comments were taken in.") % {"count": made.counts["taken"]}
                )
                return redirect("consultation", made.pk)
        return looked(request, version, consultations.look_at(version, file, **given), said, problem)
    return redirect("consultation-list", version.pk)


def looked(
    request: HttpRequest, version: PlanVersion, table: Table, said: dict[str, Any], problem: PortalError | None = None
) -> HttpResponse:
    """What taking it in would do; 400 where the file has faults."""
    headers = list(dict.fromkeys(header for header in table.headers if header))
    fields = [
        {"name": column.name, "means": gettext(column.means), "chosen": table.columns.get(column.name, ""),
         "label": column.en if get_language() == "en" else column.zh}
        for column in COLUMNS
    ]  # fmt: skip
    errors = [{"field": "fault-1", "text": str(fault)} for fault in table.faults[:5]]
    if problem and not errors:
        errors = [{"field": "take", "text": str(problem.message)}]
    context = {
        **about(version), "said": said, "table": table, "headers": headers, "fields": fields, "errors": errors,
        "faults": table.faults[: consultations.FAULTS_TOLD], "more_faults": max(0, len(table.faults) - consultations.FAULTS_TOLD),
        "first": table.rows[:FIRST_ROWS], "left_out": consultations.left_out_words(table.left_out),
        "rejected_count": table.left_out.get("rejected", 0), "twice": table.twice[:20],
        "trail": version_trail(version, gettext("Look before taking in")),
    }  # fmt: skip
    return render(request, "planning/consultation_preview.html", context, status=400 if errors else 200)


def about(version: PlanVersion) -> dict[str, Any]:
    return {"version": version, "village": version.village}


def seen_consultation(user: User, pk: str) -> Consultation:
    """The one way to a consultation: of a version the person may see; strangers get 404."""
    rows = Consultation.objects.filter(version__in=PlanVersion.objects.visible_to(user))
    return get_object_or_404(rows.select_related("version__plan__village__division"), pk=pk)


@require_GET
def consultation(request: HttpRequest, pk: str) -> HttpResponse:
    """The comments of an earlier consultation, what most agreed to first."""
    row = seen_consultation(request.user, pk)
    version = row.version
    page = Paginator(consultations.comments_of(row, request.user), PER_PAGE).get_page(request.GET.get("page"))
    moderation.mark(list(page), request.user)
    context = {
        **about(version), "consultation": row, "page": page, "left_out": consultations.left_out_words(row.counts.get("left_out", {})),
        "may_reply": request.user.has_perm("planning.reply", version), "may_moderate": moderation.may_moderate(request.user, version.division_code),
        "trail": version_trail(version, (gettext("Earlier consultations"), reverse("consultation-list", args=[version.pk])), row.title),
    }  # fmt: skip
    return render(request, "planning/consultation.html", context)


def on_page(version: PlanVersion, reader: User) -> list[dict[str, Any]]:
    """For the page of a version: each consultation with the comments that most agreed to (includes/consultations.html)."""
    found = consultations.sample(version, reader)
    for row in found:
        moderation.mark(row["comments"], reader)
    return found
