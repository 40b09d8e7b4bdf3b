"""Pages of proofs: the commission of a plan, the first round, the assembly, their documents."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files import File
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from planning import assemblies, cases, commissions, documents, procedures
from planning import evidence as proofs
from planning.models import Assembly, Commission, Document, PlanVersion, State, VillagerRound
from portal.audit import record
from portal.bodies import takes_files
from portal.errors import NotAllowed, PortalError
from portal.models import User
from portal.pages import add_portal_error
from portal.rules import STAFF, has_role
from villages.models import Village

KINDS_OF = {
    "round": ("minutes", "attendance", "questionnaire", "photo", "other"),
    "assembly": ("minutes", "photo", "attendance", "votes", "other"),
}
"""kinds of documents a record may have, in the order of the form"""


def section(version: PlanVersion, user: User) -> dict[str, Any]:
    """Commission, rounds, assemblies with the counted quorum, other documents; what the person may record now."""
    held = list(version.assemblies.select_related("by").prefetch_related("documents"))
    return {
        "evidence": {
            "commission": Commission.objects.filter(plan=version.plan_id).select_related("by").first(),
            "rounds": list(version.rounds.select_related("by").prefetch_related("documents")),
            "assemblies": [
                {"row": row, "result": assemblies.result(row), "counts": row == held[-1]} for row in reversed(held)
            ],
            "round_behind": passed(version, State.ROUND1),
            "assembly_behind": passed(version, State.ASSEMBLY),
            "others": version.documents.filter(round=None, assembly=None, opinion=None),
            "may_record_round": version.state == State.ROUND1 and user.has_perm("planning.record_round", version),
            "may_record_assembly": version.state == State.ASSEMBLY
            and user.has_perm("planning.record_assembly", version),
        }
    }


def passed(version: PlanVersion, state: State) -> bool:
    """Whether a version stands behind a state, which it may have left out."""
    order = State.values
    return order.index(version.state) > order.index(state)


class Dated(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def day_field(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=Dated(), **more)


class RoundForm(forms.Form):
    form = forms.ChoiceField(label=_("Form"), choices=VillagerRound.Form.choices)
    held_on = day_field(_("Day"), initial=timezone.localdate)
    people = forms.IntegerField(label=_("People who took part"), min_value=1, max_value=100_000)
    summary = forms.CharField(
        label=_("What was said"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("The main wishes and objections, without names: residents may read it later."),
    )  # fmt: skip


class AssemblyForm(forms.Form):
    form = forms.ChoiceField(label=_("Form"), choices=Assembly.Form.choices)
    held_on = day_field(_("Day"), initial=timezone.localdate)
    place = forms.CharField(label=_("Where it was held"), max_length=100)
    entitled = forms.IntegerField(
        label=_("Entitled to take part"), min_value=1, max_value=1_000_000,
        help_text=_("All villagers of 18 and older, all households, or all representatives, by the form chosen above."),
    )  # fmt: skip
    present = forms.IntegerField(label=_("Present"), min_value=0, max_value=1_000_000)
    in_favour = forms.IntegerField(label=_("In favour"), min_value=0, max_value=1_000_000)
    against = forms.IntegerField(label=_("Against"), min_value=0, max_value=1_000_000)
    abstained = forms.IntegerField(label=_("Abstained"), min_value=0, max_value=1_000_000)
    summary = forms.CharField(
        label=_("Resolution"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was decided, in one or two sentences."),
    )  # fmt: skip


class CommissionForm(forms.Form):
    number = forms.CharField(label=_("Document number"), max_length=100)
    issued_on = day_field(_("Issued on"), initial=timezone.localdate)
    due_on = day_field(_("To be handed in by"), required=False, help_text=_("May be empty."))
    note = forms.CharField(label=_("Note"), max_length=300, required=False, help_text=_("May be empty."))


def seen(user: User, pk: str) -> PlanVersion:
    """The one way to a version on these pages; strangers get 404."""
    return get_object_or_404(cases.visible_to(user), pk=pk)


def trail(version: PlanVersion, title: str) -> list[tuple[str, str]]:
    """Where a page of a case lies: desk, village, case."""
    village = version.plan.village
    return [
        (gettext("My desk"), reverse("desk")),
        (village.short_name, reverse("village", args=[village.code])),
        (gettext("Case of version %(number)s") % {"number": version.number}, reverse("case", args=[version.pk])),
        (title, ""),
    ]


def given(request: HttpRequest) -> list[tuple[str, File]]:
    """The files of a form with their kinds: each kind has a field of its name, which takes many."""
    return [(kind, file) for kind in Document.Kind.values for file in request.FILES.getlist(kind)]


def kinds(owner: str, version: PlanVersion) -> list[dict[str, Any]]:
    """Fields for documents, with those the procedure asks for marked."""
    wanted = procedures.of_version(version).content["evidence"][owner]
    return [{"name": k, "label": Document.Kind(k).label, "wanted": k in wanted} for k in KINDS_OF[owner]]


@takes_files
@login_required
@require_http_methods(["GET", "POST"])
def round_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Write down the villagers' first round."""
    return recorded(request, seen(request.user, pk), "round", RoundForm, proofs.record_round)


@takes_files
@login_required
@require_http_methods(["GET", "POST"])
def assembly_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Write down the assembly of the village and its vote."""
    return recorded(request, seen(request.user, pk), "assembly", AssemblyForm, proofs.record_assembly)


def recorded(
    request: HttpRequest, version: PlanVersion, owner: str, made: type[forms.Form], write: Callable[..., Any]
) -> HttpResponse:
    """The form of a record, and what becomes of it; what was typed is kept, files must be chosen again."""
    if not request.user.has_perm(f"planning.record_{owner}", version):
        raise NotAllowed(_("Your role may not record this for the village."))
    form, status = made(request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                write(version, by=request.user, files=given(request), **form.cleaned_data)
            except PortalError as error:
                add_portal_error(form, error)
                status = error.status
            else:
                messages.success(request, gettext("Recorded."))
                return redirect(f"{reverse('case', args=[version.pk])}#evidence")
    title = gettext("Record the first round") if owner == "round" else gettext("Record the assembly")
    quorum = procedures.of_version(version).content["quorum"]
    context = {
        "version": version, "form": form, "kinds": kinds(owner, version), "title": title, "accept": documents.ACCEPT,
        "told": documents.told(), "trail": trail(version, title),
        "rules": assemblies.sentences(quorum) if owner == "assembly" else [],
    }  # fmt: skip
    return render(request, "planning/case/record_new.html", context, status=status)


@takes_files
@login_required
@require_http_methods(["GET", "POST"])
def round_documents(request: HttpRequest, pk: str) -> HttpResponse:
    """Add documents to the record of a round."""
    return added(request, record_seen(VillagerRound, request.user, pk), "round")


@takes_files
@login_required
@require_http_methods(["GET", "POST"])
def assembly_documents(request: HttpRequest, pk: str) -> HttpResponse:
    """Add documents to the record of an assembly."""
    return added(request, record_seen(Assembly, request.user, pk), "assembly")


def record_seen(model: type[VillagerRound | Assembly], user: User, pk: str) -> Any:
    return get_object_or_404(
        model.objects.select_related("version__plan__village__division__parent"), pk=pk, version__in=cases.visible_to(user)
    )  # fmt: skip


def added(request: HttpRequest, row: Any, owner: str) -> HttpResponse:
    if not request.user.has_perm(f"planning.record_{owner}", row.version):
        raise NotAllowed(_("Your role may not record this for the village."))
    errors, status = [], 200
    if request.method == "POST":
        try:
            proofs.add_documents(row, given(request), by=request.user)
        except PortalError as error:
            errors, status = [{"field": f"id_{KINDS_OF[owner][0]}", "text": str(error.message)}], error.status
        else:
            messages.success(request, gettext("Recorded."))
            return redirect(f"{reverse('case', args=[row.version_id])}#evidence")
    title = gettext("Add documents")
    context = {
        "version": row.version, "record": row, "kinds": kinds(owner, row.version), "title": title, "errors": errors,
        "accept": documents.ACCEPT, "told": documents.told(), "trail": trail(row.version, title),
    }  # fmt: skip
    return render(request, "planning/case/record_new.html", context, status=status)


@login_required
@require_GET
def document(request: HttpRequest, pk: str) -> FileResponse:
    """A document of a case."""
    return attached(get_object_or_404(documents_seen(request.user), pk=pk), request.user)


def documents_seen(user: User) -> Any:
    """Documents of the cases a person may open."""
    return Document.objects.select_related("version__plan").filter(version__in=cases.visible_to(user))


def attached(row: Document, by: User) -> FileResponse:
    """A document as an attachment under a name of our own, with the content type of its bytes; each reading is on record."""
    try:
        stream = row.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    kind = documents.kind_of(stream)
    stream.seek(0)
    record("document.read", row.version, by=by, after={"document": row.pk, "sha256": row.sha256})
    response = FileResponse(
        stream, as_attachment=True, filename=f"{row.kind}-{row.pk}.{kind.ending if kind else 'bin'}",
        content_type=kind.content_type if kind else "application/octet-stream",
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def commission_new(request: HttpRequest, code: str) -> HttpResponse:
    """Commission the plan of a village."""
    village = get_object_or_404(Village.objects.select_related("division__parent").defer("geom", "geom_web"), pk=code)
    if not has_role(request.user, STAFF, village.code):
        raise Http404
    if not request.user.has_perm("planning.commission", village):
        raise NotAllowed(_("Only the township or the county commissions the plan of a village."))
    form, status = CommissionForm(request.POST or None), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                commissions.commission(village, by=request.user, **form.cleaned_data)
            except PortalError as error:
                add_portal_error(form, error)
                status = error.status
            else:
                messages.success(request, gettext("Commissioned. The village hands in its plan next."))
                return redirect("village", code=village.code)
    title = gettext("Commission a plan")
    where = [
        (gettext("My desk"), reverse("desk")),
        (village.short_name, reverse("village", args=[village.code])),
        (title, ""),
    ]
    context = {
        "village": village,
        "form": form,
        "title": title,
        "trail": where,
        "commission": commissions.of_village(village),
    }
    return render(request, "planning/case/commission_new.html", context, status=status)
