"""Authorised exceptions: ask for one, confirm or refuse as the second person, withdraw; read document and decision."""

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import conflicts, waivers
from planning.api.shapes import absolute
from planning.api.versions import visible
from planning.models import Waiver
from planning.views import waivers as pages
from portal.api_parsers import JSONBody, UploadForm
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user, results
from portal.bodies import takes_files
from portal.pagination import PageQuery, keyset


class WaiverBody(StrictSerializer):
    reason = serializers.CharField(max_length=waivers.REASON_CHARS, help_text="Public once confirmed.")
    document_number = serializers.CharField(max_length=waivers.NUMBER_CHARS, help_text="Public once confirmed.")
    document = serializers.FileField(max_length=255, allow_empty_file=True, help_text="PDF, OFD, PNG or JPEG.")
    key = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=64,
        help_text="The key of the conflict you read; 409 `changed` if the number means another one by now.",
    )  # fmt: skip


class DecisionBody(StrictSerializer):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=waivers.REASON_CHARS)


class WaiverQuery(PageQuery):
    state = serializers.ChoiceField(Waiver.State.choices, required=False)
    plan = serializers.CharField(required=False, max_length=12, help_text="Id of a plan.")


May = inline_serializer("WaiverMay", {"decide": serializers.BooleanField(), "withdraw": serializers.BooleanField()})


class WaiverShape(serializers.ModelSerializer):
    plan = serializers.CharField(source="plan_id")
    version = serializers.CharField(source="version_id", help_text="The version it was asked for.")
    name = serializers.SerializerMethodField(help_text="What the check is called.")
    zone = serializers.IntegerField(source="zone_number", allow_null=True, help_text="Number of the zone then.")
    state = serializers.ChoiceField(Waiver.State.choices)
    state_text = serializers.CharField(source="get_state_display")
    document = serializers.SerializerMethodField(help_text="Address of the file.")
    proposed_by = serializers.CharField()
    decided_by = serializers.CharField(allow_null=True)
    withdrawn_by = serializers.CharField(allow_null=True)
    may = serializers.SerializerMethodField(help_text="What you may do with it now.")

    class Meta:
        model = Waiver
        fields = [
            "id", "plan", "version", "code", "name", "key", "zone", "land_use", "subject", "area_m2", "reason", "document",
            "document_name", "document_number", "sha256", "state", "state_text", "proposed_by", "proposed_at", "decided_by",
            "decided_at", "decision_note", "withdrawn_by", "withdrawn_at", "may",
        ]  # fmt: skip

    def get_name(self, waiver: Waiver) -> str:
        return conflicts.name(waiver.code)

    def get_document(self, waiver: Waiver) -> str:
        return absolute(self.context["request"], "api-waiver-document", id=waiver.pk)

    def get_may(self, waiver: Waiver) -> May:
        user = self.context["request"].user
        return {"decide": waivers.may_decide(user, waiver), "withdraw": waivers.may_withdraw(user, waiver)}


def seen(request: Request, id: str) -> Waiver:
    """The exception if the person works for its division; for all others there is none (404)."""
    return get_object_or_404(waivers.visible_to(request.user), pk=id)


def told(request: Request, waiver: Waiver, status: int = 200) -> Response:
    return Response(WaiverShape(seen(request, waiver.pk), context={"request": request}).data, status=status)


@extend_schema(
    operation_id="waiver_new",
    tags=["exceptions"],
    request={"multipart/form-data": WaiverBody},
    responses={201: WaiverShape, **errors(400, 403, 404, 409, 413, 415)},
)
@api_view(["POST"])
@parser_classes([UploadForm])
def waiver_new(request: Request, id: str, number: int) -> Response:
    """Ask for an exception (授权例外) for a real conflict, with reason and document; a second person confirms it."""
    finding = get_object_or_404(visible(request, id).findings, number=number)
    by = require_user(request)
    waivers.check_right(by, finding.version)
    return told(request, waivers.propose(finding, by=by, **read_body(request, WaiverBody)), status=201)


waiver_new = takes_files(waiver_new)


@extend_schema(
    operation_id="waivers",
    tags=["exceptions"],
    parameters=[WaiverQuery],
    responses={200: results("Waiver", WaiverShape), **errors(400)},
)
@api_view(["GET"])
def waiver_list(request: Request) -> Response:
    """Exceptions of the divisions you work for, the oldest first."""
    query = read_query(request, WaiverQuery)
    rows = waivers.visible_to(request.user).filter(**{k: query[k] for k in ("state", "plan") if query.get(k)})
    found, following = keyset(request, rows, ["proposed_at", "id"], query)
    shown = WaiverShape(found, many=True, context={"request": request})
    return Response({"results": shown.data, "next": following})


@extend_schema(operation_id="waiver", tags=["exceptions"], responses={200: WaiverShape, **errors(404)})
@api_view(["GET"])
def waiver(request: Request, id: str) -> Response:
    """One exception: what it is for, who asked, who decided."""
    return told(request, seen(request, id))


def decision(operation: str, words: str) -> dict:
    """The OpenAPI of an act on an exception."""
    return {
        "operation_id": operation, "tags": ["exceptions"], "request": DecisionBody, "description": words,
        "responses": {200: WaiverShape, **errors(400, 403, 404, 409)},
    }  # fmt: skip


@extend_schema(
    **decision("waiver_confirm", "Confirm as the second person: the conflict becomes an authorised exception.")
)
@api_view(["POST"])
@parser_classes([JSONBody])
def confirm(request: Request, id: str) -> Response:
    found, by = seen(request, id), require_user(request)
    return told(request, waivers.confirm(found, by=by, **read_body(request, DecisionBody)))


@extend_schema(**decision("waiver_refuse", "Refuse as the second person; `note` gives the reasons."))
@api_view(["POST"])
@parser_classes([JSONBody])
def refuse(request: Request, id: str) -> Response:
    found, by = seen(request, id), require_user(request)
    return told(request, waivers.refuse(found, by=by, **read_body(request, DecisionBody)))


@extend_schema(**decision("waiver_withdraw", "Take an exception back, unless an approval rests on it."))
@api_view(["POST"])
@parser_classes([JSONBody])
def withdraw(request: Request, id: str) -> Response:
    found, by = seen(request, id), require_user(request)
    return told(request, waivers.withdraw(found, by=by, **read_body(request, DecisionBody)))


@extend_schema(
    operation_id="waiver_document",
    tags=["exceptions"],
    responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY), **errors(404)},
)
@api_view(["GET"])
def document(request: Request, id: str) -> FileResponse:
    """The document behind an exception, as an attachment; the content type is that of its bytes."""
    return pages.attached(seen(request, id), request.user)
