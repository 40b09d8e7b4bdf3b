"""Earlier consultations by the API: look at a file, take it in, read its comments."""

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import consultations
from planning.api.comment_shapes import CommentPage
from planning.api.participation import shown
from planning.api.versions import visible
from planning.consultation_tables import COLUMNS, Table
from planning.models import Consultation
from planning.views.consultations import seen_consultation
from portal.api_parsers import UploadForm
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user
from portal.bodies import takes_files
from portal.pagination import PageQuery, keyset

FIRST_ROWS = 20


class Columns(serializers.JSONField):
    """{"text": "header of the file", …}; "" where the file has none."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        said = super().to_internal_value(data)
        known = {column.name for column in COLUMNS}
        if not isinstance(said, dict) or set(said) - known or not all(isinstance(text, str) for text in said.values()):
            raise serializers.ValidationError(
                f"An object of {', '.join(sorted(known))}, each with a header of the file."
            )
        return said


class ConsultationFileBody(StrictSerializer):
    file = serializers.FileField(
        max_length=255, allow_empty_file=True, help_text="Excel (.xlsx) or CSV, at most 5,000 rows."
    )
    columns = Columns(
        required=False, default=None, binary=True, allow_null=True, help_text="By hand: JSON, name -> header."
    )
    rejected = serializers.BooleanField(
        default=False, help_text="Also take in what the moderator of that consultation had taken away."
    )
    encoding = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)


class ConsultationBody(ConsultationFileBody):
    title = serializers.CharField(max_length=consultations.TITLE_CHARS)
    source = serializers.CharField(
        max_length=consultations.SOURCE_CHARS, help_text="Where it is from, and its licence."
    )


class ConsultationShape(serializers.ModelSerializer):
    counts = serializers.DictField(help_text="Rows read, taken, left out by reason, said twice, held for a look.")

    class Meta:
        model = Consultation
        fields = ["id", "title", "source", "held_from", "held_to", "file_name", "counts", "at"]


RowShape = inline_serializer(
    "ConsultationRow",
    {
        "row": serializers.IntegerField(), "text": serializers.CharField(), "said_on": serializers.DateField(allow_null=True),
        "agrees": serializers.IntegerField(), "disagrees": serializers.IntegerField(),
        "zone": serializers.IntegerField(allow_null=True),
    },
    many=True,
)  # fmt: skip
FaultShape = inline_serializer(
    "ConsultationFault",
    {
        "row": serializers.IntegerField(allow_null=True), "column": serializers.CharField(allow_blank=True),
        "header": serializers.CharField(allow_blank=True), "text": serializers.CharField(),
    },
    many=True,
)  # fmt: skip
LookShape = inline_serializer(
    "ConsultationLook",
    {
        "encoding": serializers.CharField(), "headers": serializers.ListField(child=serializers.CharField()),
        "columns": serializers.DictField(child=serializers.CharField()),
        "read": serializers.IntegerField(), "taken": serializers.IntegerField(),
        "left_out": serializers.DictField(child=serializers.IntegerField()),
        "twice": serializers.ListField(help_text="Rows whose text stands in an earlier row: row, earlier row."),
        "first": RowShape, "faults": FaultShape,
    },
)  # fmt: skip


def look_json(table: Table) -> dict[str, Any]:
    return {
        "encoding": table.encoding, "headers": table.headers, "columns": table.columns, "read": table.read,
        "taken": 0 if table.faults else len(table.rows), "left_out": table.left_out, "twice": table.twice[:100],
        "first": [
            {"row": row.number, "text": row.text, "said_on": row.said_on, "agrees": row.agrees, "disagrees": row.disagrees, "zone": row.zone}
            for row in table.rows[:FIRST_ROWS]
        ],
        "faults": [fault.as_json() for fault in table.faults[: consultations.FAULTS_TOLD]],
    }  # fmt: skip


@extend_schema(
    methods=["GET"], operation_id="consultations", tags=["participation"],
    responses={200: ConsultationShape(many=True), **errors(404)},
)  # fmt: skip
@extend_schema(
    methods=["POST"], operation_id="consultation_new", tags=["participation"], request={"multipart/form-data": ConsultationBody},
    responses={201: ConsultationShape, **errors(400, 403, 404, 409, 413)},
)  # fmt: skip
@takes_files
@api_view(["GET", "POST"])
@parser_classes([UploadForm])
def consultation_list(request: Request, id: str) -> Response:
    """Earlier consultations whose comments stand beside those of the notice (GET); take one in from a file (POST): all of it or
    nothing, and for good, because comments are never deleted. Look at it first: `look/`."""
    version = visible(request, id)
    if request.method == "POST":
        by = require_user(request)
        said = read_body(request, ConsultationBody)
        row = consultations.take_in(version, said.pop("file"), by=by, **said)
        return Response(ConsultationShape(row).data, status=201)
    return Response(ConsultationShape(consultations.of_version(version), many=True).data)


@extend_schema(
    operation_id="consultation_look", tags=["participation"], request={"multipart/form-data": ConsultationFileBody},
    responses={200: LookShape, **errors(400, 403, 404, 409, 413)},
)  # fmt: skip
@takes_files
@api_view(["POST"])
@parser_classes([UploadForm])
def look(request: Request, id: str) -> Response:
    """What taking the file in would do: its columns, its first rows, what stays out and why, what is wrong. Nothing is kept."""
    version, by = visible(request, id), require_user(request)
    said = read_body(request, ConsultationFileBody)
    return Response(look_json(consultations.look_at(version, said.pop("file"), by=by, **said)))


@extend_schema(
    operation_id="consultation_comments", tags=["participation"], parameters=[PageQuery],
    responses={200: CommentPage, **errors(400, 404)},
)  # fmt: skip
@api_view(["GET"])
def comments(request: Request, id: str) -> Response:
    """Comments of an earlier consultation, with how many agreed and disagreed there; in the order of the file."""
    row = seen_consultation(request.user, id)
    query = read_query(request, PageQuery)
    rows = consultations.comments_of(row, request.user)
    page, follow = keyset(request, rows, ["created_at", "id"], query)
    waiting = row.comments.waiting().count()
    return Response({"results": shown(request, page, row.version), "next": follow, "looked_at": waiting})
