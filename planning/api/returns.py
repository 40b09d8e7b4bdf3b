"""Itemised returns: return a version with its points, answer each in the next version, settle each answer."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import returns
from planning.api.evidence import seen
from planning.api.shapes import name_for
from planning.models import ReturnItem
from portal.api_parsers import JSONBody
from portal.api_shapes import Geometry, StrictSerializer, errors, read_body, require_user
from portal.pagination import MAX_NUMBER


class PointBody(StrictSerializer):
    zone = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=MAX_NUMBER)
    rule = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=10, help_text="Such as K1 or L3."
    )
    page = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)
    text = serializers.CharField(max_length=returns.TEXT_CHARS, help_text="What is to be changed.")
    suggestion = Geometry(required=False, allow_null=True, default=None)


class ReturnBody(StrictSerializer):
    note = serializers.CharField(max_length=5000, help_text="The reasons as a whole.")
    points = PointBody(many=True, allow_empty=False, max_length=returns.MOST_ITEMS)


class PointAnswerBody(StrictSerializer):
    accepted = serializers.BooleanField()
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=returns.TEXT_CHARS)


class VerdictBody(StrictSerializer):
    accepted = serializers.BooleanField()
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)


AnswerShape = inline_serializer(
    "PointAnswer",
    {
        "version": serializers.CharField(help_text="The version that answers."), "accepted": serializers.BooleanField(),
        "reason": serializers.CharField(), "by": serializers.CharField(), "at": serializers.DateTimeField(),
        "settled": serializers.BooleanField(allow_null=True, help_text="What the county says; null while it has not."),
        "settled_note": serializers.CharField(), "settled_at": serializers.DateTimeField(allow_null=True),
    },
)  # fmt: skip


class ReturnPoint(serializers.ModelSerializer):
    version = serializers.CharField(source="version_id", help_text="The version that was returned.")
    zone = serializers.IntegerField(source="zone.number", allow_null=True, default=None)
    suggestion = Geometry(allow_null=True)
    by = serializers.SerializerMethodField()
    answer = serializers.SerializerMethodField()

    class Meta:
        model = ReturnItem
        fields = ["id", "version", "number", "zone", "rule", "page", "text", "suggestion", "by", "at", "answer"]

    def named(self, row: ReturnItem, person: Any) -> str:
        return name_for(self.context["request"].user, person, self.context["division_code"])

    def get_by(self, row: ReturnItem) -> str:
        return self.named(row, row.by)

    @extend_schema_field({"allOf": [{"$ref": "#/components/schemas/PointAnswer"}], "nullable": True})
    def get_answer(self, row: ReturnItem) -> dict[str, Any] | None:
        answer = getattr(row, "answer", None)
        return answer and {
            "version": answer.version_id, "accepted": answer.accepted, "reason": answer.reason,
            "by": self.named(row, answer.by), "at": answer.at, "settled": answer.settled,
            "settled_note": answer.settled_note, "settled_at": answer.settled_at,
        }  # fmt: skip


PointsShape = inline_serializer(
    "Points",
    {
        "own": ReturnPoint(many=True, help_text="Points of this version's own return."),
        "before": ReturnPoint(many=True, help_text="Points of earlier returns, which this version answers."),
        "open": serializers.IntegerField(help_text="Points of earlier returns that are not settled."),
    },
)


@extend_schema(operation_id="points", tags=["workflow"], responses={200: PointsShape, **errors(404)})
@api_view(["GET"])
def points(request: Request, id: str) -> Response:
    """Points of a version's own return (退回清单), and of returns before it, with their answers."""
    version = seen(request, id)
    context = {"request": request, "division_code": version.division_code}
    own = version.return_items.select_related("zone", "by", "answer__by")
    return Response(
        {
            "own": ReturnPoint(own, many=True, context=context).data,
            "before": ReturnPoint(returns.before(version), many=True, context=context).data,
            "open": returns.open_count(version),
        }
    )


@extend_schema(
    operation_id="return_new", tags=["workflow"], request=ReturnBody,
    responses={201: PointsShape, **errors(400, 403, 404, 409)},
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def return_new(request: Request, id: str) -> Response:
    """Return a version together with its points: both or neither."""
    version, by = seen(request, id), require_user(request)
    body = read_body(request, ReturnBody)
    moved = returns.return_with_items(version, body["points"], by=by, note=body["note"])
    context = {"request": request, "division_code": version.division_code}
    rows = moved.return_items.select_related("zone", "by")
    before = ReturnPoint(returns.before(moved), many=True, context=context).data
    told = {
        "own": ReturnPoint(rows, many=True, context=context).data,
        "before": before,
        "open": returns.open_count(moved),
    }
    return Response(told, status=201)


def acts(operation: str, body: type[serializers.Serializer], words: str) -> dict[str, Any]:
    """The OpenAPI of an act on a point."""
    return {
        "operation_id": operation, "tags": ["workflow"], "request": body, "description": words,
        "responses": {200: ReturnPoint, **errors(400, 403, 404, 409)},
    }  # fmt: skip


@extend_schema(
    **acts("point_answer", PointAnswerBody, "Answer a point in this draft: accepted, or refused with the reason.")
)
@api_view(["POST"])
@parser_classes([JSONBody])
def answer(request: Request, id: str, item: int) -> Response:
    version = seen(request, id)
    row = get_object_or_404(returns.before(version), pk=item)
    returns.answer(row, version, by=require_user(request), **read_body(request, PointAnswerBody))
    return told(request, id, item)


@extend_schema(**acts("point_settle", VerdictBody, "Accept the answer to a point, or refuse it with reasons."))
@api_view(["POST"])
@parser_classes([JSONBody])
def settle(request: Request, id: str, item: int) -> Response:
    version = seen(request, id)
    row = get_object_or_404(returns.before(version), pk=item)
    returns.settle(row, at=version, by=require_user(request), **read_body(request, VerdictBody))
    return told(request, id, item)


def told(request: Request, id: str, item: int) -> Response:
    version = seen(request, id)
    row = returns.before(version).get(pk=item)
    return Response(ReturnPoint(row, context={"request": request, "division_code": version.division_code}).data)
