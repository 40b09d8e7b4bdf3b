"""Pages of tables: hand one in, see what it would change or what is wrong cell by cell, store it, take it back."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import jobs
from portal.bodies import takes_files
from portal.errors import NotAllowed, PortalError
from portal.models import User
from portal.pages import add_portal_error, saying
from villages.models import Division, TableImport, Village
from villages.tables import imports, kinds, marking, texts, workbooks
from villages.tables.visible import divisions_of, import_of, imports_of, kinds_of

ROWS = 100
RECENT = 20
ENCODINGS = [
    ("", _("Recognised by itself")),
    ("UTF-8", "UTF-8"),
    ("GB18030", "GB18030 (GBK, GB2312)"),
    ("BIG5", "Big5"),
]
State = TableImport.State
OPEN = (State.WAITING, State.STORING)


class DivisionField(forms.ModelChoiceField):
    def label_from_instance(self, division: Division) -> str:
        above = f" · {division.parent.name}" if division.level == Division.Level.VILLAGE and division.parent else ""
        return f"{division.name}{above} · {division.code}"


class TableForm(forms.Form):
    """What a person says when handing in a table."""

    kind = forms.ChoiceField(label=_("Which table"))
    division = DivisionField(
        Division.objects.none(), label=_("For which village or county"), empty_label=_("Choose"),
        help_text=_("Every row must belong to it. In a village's own table the column of village codes may be left out."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("File"),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    encoding = forms.ChoiceField(
        label=_("Text encoding"), required=False, choices=ENCODINGS, help_text=_("Only if the Chinese text of a CSV came out wrong.")
    )  # fmt: skip

    def __init__(self, *args: Any, offered: list[kinds.Kind], divisions: QuerySet[Division], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.name, gettext(kind.title)) for kind in offered]
        self.fields["division"].queryset = divisions
        limit = settings.UPLOAD_MAX_BYTES // 1024**2
        self.fields["file"].help_text = gettext("Excel (.xlsx) or CSV, at most %(limit)d MB.") % {"limit": limit}


@takes_files
@login_required
@require_http_methods(["GET", "POST"])
def table_list(request: HttpRequest) -> HttpResponse:
    """The form of a table, the templates, and the tables handed in before."""
    offered = kinds_of(request.user)
    if not offered:
        raise Http404
    divisions = places(request.user, offered)
    if request.method == "POST":
        if request.POST.get("division") and not chosen(divisions, request.POST["division"]):
            raise Http404
        form = TableForm(request.POST, request.FILES, offered=offered, divisions=divisions)
        if form.is_valid() and (row := handed_in(form, request.user)):
            return redirect("table", pk=row.pk)
    else:
        code = request.GET.get("division", "")
        if code and not chosen(divisions, code):
            raise Http404
        only = divisions.first() if divisions.count() == 1 else None
        initial = {"division": chosen(divisions, code) or only, "kind": request.GET.get("kind", "")}
        form = TableForm(offered=offered, divisions=divisions, initial=initial)
    context = {"form": form, "kinds": [kind_json(kind) for kind in offered], "recent": recent(request.user)}
    return render(request, "villages/table_list.html", context, status=400 if form.errors else 200)


def places(user: User, offered: list[kinds.Kind]) -> QuerySet[Division]:
    found = Division.objects.none()
    for kind in offered:
        found = found | divisions_of(user, kind)
    return found.distinct().select_related("parent").order_by("level", "code")


def chosen(divisions: QuerySet[Division], code: str) -> Division | None:
    return divisions.filter(pk=code).first() if code.isascii() and code.isdigit() and len(code) == 12 else None


def handed_in(form: TableForm, by: User) -> TableImport | None:
    """Receive the table of a valid form; what is refused at the door becomes an error of the form."""
    said = form.cleaned_data
    try:
        return imports.receive(
            said["file"], kind=said["kind"], name=said["file"].name, division_code=said["division"].code, by=by,
            encoding=said["encoding"],
        )  # fmt: skip
    except PortalError as error:
        add_portal_error(form, error, other="file", scope="division", not_allowed="division")
        return None


def kind_json(kind: kinds.Kind) -> dict[str, Any]:
    return {"name": kind.name, "title": gettext(kind.title), "means": gettext(kind.means)}


def recent(user: User) -> list[TableImport]:
    rows = list(imports_of(user)[:RECENT])
    names = dict(Division.objects.filter(pk__in=[row.division_code for row in rows]).values_list("pk", "name"))
    for row in rows:
        row.title, row.place = gettext(kinds.KINDS[row.kind].title), names.get(row.division_code, row.division_code)
        row.tone = {"stored": "good", "refused": "error", "failed": "error", "ready": "warning"}.get(row.state, "")
    return rows


@login_required
@require_GET
def table(request: HttpRequest, pk: str) -> HttpResponse:
    """How far the check is; then what storing would change, or what is wrong; then what was stored."""
    row = import_of(request.user, pk)
    kind = kinds.KINDS[row.kind]
    state = State.FAILED if row.state in OPEN and (row.job is None or row.job.is_final) else row.state
    page = Paginator(row.issues, ROWS).get_page(request.GET.get("page"))
    place = Division.objects.filter(pk=row.division_code).first()
    context = {
        "table": row, "kind": kind_json(kind), "state": state, "job": row.job if state in OPEN else None,
        "watch": row.job is not None and row.job.created_by_id == request.user.pk,
        "place": place, "village": Village.objects.filter(pk=row.division_code).defer("geom", "geom_web").first(),
        "page": page, "issues": [issue_json(issue) for issue in page], "examples": examples(row, kind),
        "remarks": [texts.note(note) for note in row.result.get("notes", [])],
        "replaces": kind.undo is None, "may_undo": kind.undo is not None and state == State.STORED and bool(row.file),
        "faults": len(row.issues), "cell_faults": any(issue["row"] for issue in row.issues),
    }  # fmt: skip
    return render(request, "villages/table.html", context)


def issue_json(issue: dict[str, Any]) -> dict[str, Any]:
    return {**texts.as_json(issue), "rule": texts.rule(issue["code"])}


def examples(row: TableImport, kind: kinds.Kind) -> list[dict[str, Any]]:
    """Examples of what changes, with the headers of the columns."""
    headers = {column.name: column.zh for column in kind.columns} | {"geom": gettext("Place")}
    return [
        {
            **example,
            "fields": [
                {"header": headers.get(f["field"], f["field"]), "old": shown(f["old"]), "new": shown(f["new"])}
                for f in example["fields"]
            ],
        }
        for example in row.result.get("examples", [])
    ]


def shown(value: Any) -> Any:
    """Numbers without noise."""
    return f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


@login_required
@require_POST
def table_store(request: HttpRequest, pk: str) -> HttpResponse:
    """Yes, store it."""
    row = import_of(request.user, pk)
    with saying(request):
        imports.start_storing(row, by=request.user)
    return redirect("table", pk=row.pk)


@login_required
@require_POST
def table_undo(request: HttpRequest, pk: str) -> HttpResponse:
    """Put back what stood there before."""
    row = import_of(request.user, pk)
    with saying(request):
        imports.undo(row, by=request.user)
        messages.success(request, gettext("The import was taken back: everything is as it was before."))
    return redirect("table", pk=row.pk)


@login_required
@require_POST
def table_cancel(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask one's own job to stop; for browsers without scripts."""
    row = import_of(request.user, pk)
    if row.job is None or row.job.created_by_id != request.user.pk:
        raise NotAllowed(_("Only whoever handed in the file may stop its check."))
    jobs.cancel(row.job)
    return redirect("table", pk=row.pk)


@login_required
@require_GET
def table_marked(request: HttpRequest, pk: str) -> FileResponse:
    """The table with its bad cells marked; if its file cannot be read, the list of faults alone."""
    return handed_out(import_of(request.user, pk), request.user)


def handed_out(row: TableImport, by: User) -> FileResponse:
    if not row.issues:
        raise Http404
    try:
        stream = marking.hand_out(row, by=by).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"{Path(row.name).stem}-{gettext('faults')}.xlsx"
    headers = {"Cache-Control": "private, no-store"}
    return FileResponse(stream, as_attachment=True, filename=name, content_type=workbooks.XLSX, headers=headers)


@login_required
@require_GET
def table_template(request: HttpRequest, kind: str, extension: str) -> HttpResponse:
    """The empty table of a kind."""
    if extension not in ("xlsx", "csv"):
        raise Http404
    return empty_table(get_kind(request.user, kind), extension)


def empty_table(found: kinds.Kind, extension: str) -> HttpResponse:
    content = workbooks.template(found) if extension == "xlsx" else workbooks.template_csv(found)
    name = quote(f"{gettext(found.title)}.{extension}")
    return HttpResponse(
        content,
        content_type=workbooks.XLSX if extension == "xlsx" else "text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename=\"{found.name}.{extension}\"; filename*=UTF-8''{name}"},
    )


def get_kind(user: User, name: str) -> kinds.Kind:
    found = next((kind for kind in kinds_of(user) if kind.name == name), None)
    if found is None:
        raise Http404
    return found
