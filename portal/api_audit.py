"""API: the record of acts, for auditors and administrators."""

from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from portal import audit_reading
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, results
from portal.models import AuditEntry
from portal.pagination import PageQuery, next_url, wrong_cursor
from portal.rules import may_audit


class Filters(StrictSerializer):
    object = serializers.CharField(
        required=False, max_length=120, help_text="Number, or kind and number: “portal.User 12”."
    )
    person = serializers.CharField(required=False, max_length=150, help_text="User name, or “account 12”.")
    verb = serializers.CharField(required=False, max_length=50, help_text="Its beginning.")
    day = serializers.DateField(required=False, help_text="In Asia/Shanghai.")

    def validate(self, values: dict) -> dict:
        if any("\x00" in value for value in values.values() if isinstance(value, str)):
            raise serializers.ValidationError(_("A parameter holds a character that no text has."))
        return values


class EntriesQuery(PageQuery, Filters):
    pass


class Entry(serializers.ModelSerializer):
    number = serializers.IntegerField(source="id")
    who = serializers.CharField(source="actor_name")

    class Meta:
        model = AuditEntry
        fields = ["number", "at", "who", "verb", "object_type", "object_id", "object_label", "before", "after"]


def require_auditor(request: Request) -> None:
    if not may_audit(request.user):
        raise Http404


@extend_schema(
    operation_id="audit",
    tags=["record of acts"],
    parameters=[EntriesQuery],
    responses={200: results("Audit", Entry), **errors(400, 404)},
)
@api_view(["GET"])
def entries(request: Request) -> Response:
    """Entries of the record, newest first."""
    require_auditor(request)
    query = read_query(request, EntriesQuery)
    size, cursor = query.pop("page_size"), query.pop("cursor", "")
    if cursor and not (cursor.isascii() and cursor.isdigit() and 0 < int(cursor) < 2**63):
        raise wrong_cursor()
    rows, before = audit_reading.page(
        audit_reading.entries(request.user, **query), before=int(cursor) if cursor else None, size=size
    )
    return Response({"results": Entry(rows, many=True).data, "next": next_url(request, before)})


@extend_schema(
    operation_id="audit_export",
    tags=["record of acts"],
    request=Filters,
    responses={(200, "text/csv"): OpenApiTypes.STR, **errors(400, 404)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def export(request: Request) -> HttpResponseBase:
    """The same as CSV, all of it. It is a POST because it is put on record."""
    require_auditor(request)
    lines = audit_reading.export(request.user, **read_body(request, Filters))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")


urlpatterns = [
    path("audit/", entries, name="api-audit"),
    path("audit/export/", export, name="api-audit-export"),
]
