"""REST API of tables: what kinds there are, their templates, handing one in, storing it, taking it back."""

from django.db.models import Func, IntegerField
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api_kernel import JobShape
from portal.api_parsers import UploadForm
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user, results
from portal.bodies import takes_files
from portal.pagination import PageQuery, keyset, next_url, number_after
from portal.rules import STAFF, has_role
from portal.views import job_json
from villages.models import Division, TableImport
from villages.rules import may_import
from villages.tables import imports, kinds, texts, workbooks
from villages.tables.visible import import_of, imports_of
from villages.views.tables import empty_table, handed_out


class ColumnShape(serializers.Serializer):
    name = serializers.CharField(help_text="Stable name; accepted as a header too.")
    zh = serializers.CharField(help_text="Chinese header.")
    en = serializers.CharField(help_text="English header.")
    kind = serializers.ChoiceField(["text", "code", "whole", "number", "year", "choice"])
    required = serializers.BooleanField()
    unit = serializers.CharField(allow_blank=True)
    choices = serializers.DictField(child=serializers.CharField(), help_text="Stored value -> Chinese name.")
    means = serializers.SerializerMethodField()

    def get_means(self, column: kinds.Column) -> str:
        return _(column.means)


class KindShape(serializers.Serializer):
    name = serializers.CharField()
    title = serializers.SerializerMethodField()
    columns = ColumnShape(many=True)

    def get_title(self, kind: kinds.Kind) -> str:
        return _(kind.title)


class TableBody(StrictSerializer):
    file = serializers.FileField(max_length=255, help_text="Excel (.xlsx) or CSV.", allow_empty_file=True)
    kind = serializers.CharField(max_length=20, help_text="facts, facilities, households, projects or divisions.")
    division = serializers.RegexField(r"^\d{12}$", help_text="Village, or division above it, that all rows belong to.")
    encoding = serializers.CharField(
        required=False, default="", max_length=20, help_text="Only if it is not recognised."
    )
    store = serializers.BooleanField(required=False, default=False, help_text="Store it at once if nothing is wrong.")


class TableAccepted(serializers.Serializer):
    id = serializers.CharField()
    job = serializers.CharField()
    url = serializers.URLField()


class TableShape(serializers.ModelSerializer):
    division = serializers.CharField(source="division_code")
    state_text = serializers.CharField(source="get_state_display")
    counts = serializers.SerializerMethodField(
        help_text="rows of the table; new, changed and unchanged ones; absent: stored rows the table does not name."
    )
    version = serializers.SerializerMethodField(help_text="The plan version a project table made.")
    issues = serializers.SerializerMethodField(help_text="How many faults.")
    job = serializers.SerializerMethodField()

    class Meta:
        model = TableImport
        fields = [
            "id", "kind", "division", "name", "size", "sha256", "state", "state_text", "counts", "version", "issues", "job",
            "created_at", "stored_at",
        ]  # fmt: skip

    def get_counts(self, row: TableImport) -> dict[str, int]:
        return {name: row.result.get(name, 0) for name in ("rows", "new", "changed", "unchanged", "absent")}

    def get_version(self, row: TableImport) -> str | None:
        return row.result.get("version")

    def get_issues(self, row: TableImport) -> int:
        return len(row.issues)

    def get_job(self, row: TableImport) -> JobShape(allow_null=True):
        return job_json(row.job) if row.job else None


class TableListed(TableShape):
    """A table in a list: its faults are counted by the database, not read."""

    def get_issues(self, row: TableImport) -> int:
        return row.faults


class CellIssue(serializers.Serializer):
    code = serializers.CharField(help_text="T1 columns, T2 cells, T3 rows, T4 what is known; F1-F4 the file.")
    sheet = serializers.CharField(allow_blank=True)
    row = serializers.IntegerField(allow_null=True, help_text="As the spreadsheet counts; the first row is 1.")
    column = serializers.CharField(allow_blank=True, help_text="Letters of the column, such as C.")
    header = serializers.CharField(allow_blank=True)
    text = serializers.CharField()


@extend_schema(operation_id="table_kinds", tags=["tables"], responses={200: KindShape(many=True)})
@api_view(["GET"])
def kind_list(request: Request) -> Response:
    """Kinds of tables and their columns."""
    return Response(KindShape(kinds.KINDS.values(), many=True).data)


WORKBOOK = {(200, workbooks.XLSX): OpenApiResponse(OpenApiTypes.BINARY), **errors(404)}


@extend_schema(operation_id="table_template", tags=["tables"], responses=WORKBOOK)
@api_view(["GET"])
def template(request: Request, kind: str) -> HttpResponse:
    """The empty workbook of a kind: headers, lists of values, an example on its second sheet."""
    return empty_table(known_kind(kind), "xlsx")


@extend_schema(
    operation_id="table_template_csv",
    tags=["tables"],
    responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY), **errors(404)},
)
@api_view(["GET"])
def template_csv(request: Request, kind: str) -> HttpResponse:
    """The headers of a kind as CSV in UTF-8."""
    return empty_table(known_kind(kind), "csv")


def known_kind(name: str) -> kinds.Kind:
    if name not in kinds.KINDS:
        raise NotFound
    return kinds.KINDS[name]


@extend_schema(
    methods=["GET"],
    operation_id="tables",
    tags=["tables"],
    parameters=[PageQuery],
    responses={200: results("TableListed", TableListed), **errors(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="table_new",
    tags=["tables"],
    request={"multipart/form-data": TableBody},
    responses={202: TableAccepted, **errors(400, 403, 404, 413, 415)},
)
@takes_files
@api_view(["GET", "POST"])
@parser_classes([UploadForm])
def table_list(request: Request) -> Response:
    """Tables of the kinds and divisions you may hand in, newest first (GET); hand one in (POST).

    A job checks it and says what storing it would change, or what is wrong, cell by cell.
    """
    if request.method == "POST":
        return table_new(request)
    count = Func("issues", function="jsonb_array_length", output_field=IntegerField())
    rows = imports_of(request.user).defer("before", "issues").annotate(faults=count)
    page, follow = keyset(request, rows, ["-created_at", "-id"], read_query(request, PageQuery))
    return Response({"results": TableListed(page, many=True).data, "next": follow})


def table_new(request: Request) -> Response:
    user = require_user(request)
    body = read_body(request, TableBody)
    kind = kinds.by_name(body["kind"])
    division = get_object_or_404(Division, pk=body["division"])
    if not may_import(user, kind, division.code) and not has_role(user, STAFF, division.code):
        raise NotFound
    row = imports.receive(
        body["file"], kind=kind.name, name=body["file"].name, division_code=division.code, by=user,
        encoding=body["encoding"], store=body["store"],
    )  # fmt: skip
    url = request.build_absolute_uri(reverse("api-table", kwargs={"id": row.pk}))
    return Response({"id": row.pk, "job": row.job_id, "url": url}, status=202)


@extend_schema(operation_id="table", tags=["tables"], responses={200: TableShape, **errors(404)})
@api_view(["GET"])
def table(request: Request, id: str) -> Response:
    """What became of a table, and the job at work on it."""
    return Response(TableShape(import_of(request.user, id)).data)


@extend_schema(
    operation_id="table_issues",
    tags=["tables"],
    parameters=[PageQuery],
    responses={200: results("CellIssue", CellIssue), **errors(400, 404)},
)
@api_view(["GET"])
def issues(request: Request, id: str) -> Response:
    """What is wrong with the table, in your language; at most a thousand faults are listed."""
    row, query = import_of(request.user, id), read_query(request, PageQuery)
    start, size = number_after(query), query["page_size"]
    page = [texts.as_json(issue) for issue in row.issues[start : start + size]]
    more = start + size if len(row.issues) > start + size else None
    return Response({"results": page, "next": next_url(request, more)})


@extend_schema(operation_id="table_marked", tags=["tables"], responses=WORKBOOK)
@api_view(["GET"])
def marked(request: Request, id: str) -> HttpResponse:
    """The refused table with its bad cells marked and a list of the faults; 404 where there is no fault."""
    return handed_out(import_of(request.user, id), request.user)


@extend_schema(
    operation_id="table_store", tags=["tables"], request=None, responses={202: TableShape, **errors(403, 404, 409)}
)
@api_view(["POST"])
def store(request: Request, id: str) -> Response:
    """Store a table that was checked and has no fault."""
    row = import_of(request.user, id)
    row = imports.start_storing(row, by=require_user(request))
    return Response(TableShape(row).data, status=202)


@extend_schema(
    operation_id="table_undo", tags=["tables"], request=None, responses={200: TableShape, **errors(403, 404, 409)}
)
@api_view(["POST"])
def undo(request: Request, id: str) -> Response:
    """Put back what stood there before the table was stored."""
    row = import_of(request.user, id)
    row = imports.undo(row, by=require_user(request))
    return Response(TableShape(row).data)


urlpatterns = [
    path("tables/kinds/", kind_list, name="api-table-kinds"),
    path("tables/kinds/<str:kind>/template.xlsx", template, name="api-table-template"),
    path("tables/kinds/<str:kind>/template.csv", template_csv, name="api-table-template-csv"),
    path("tables/", table_list, name="api-table-new"),
    path("tables/<id:id>/", table, name="api-table"),
    path("tables/<id:id>/issues/", issues, name="api-table-issues"),
    path("tables/<id:id>/faults.xlsx", marked, name="api-table-marked"),
    path("tables/<id:id>/store/", store, name="api-table-store"),
    path("tables/<id:id>/undo/", undo, name="api-table-undo"),
]
