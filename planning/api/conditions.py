"""Conditions of an approval (批复条件): set before the decision, later marked as met."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import conditions
from planning.models import Condition, PlanVersion
from planning.views.moves import staff_version
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, require_user
from portal.pagination import MAX_NUMBER


class ConditionBody(StrictSerializer):
    text = serializers.CharField(max_length=conditions.TEXT_CHARS)
    zone = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=MAX_NUMBER)
    due_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="After today.")


class MetBody(StrictSerializer):
    note = serializers.CharField(max_length=conditions.NOTE_CHARS, help_text="How it was met.")


class ConditionShape(serializers.ModelSerializer):
    zone = serializers.IntegerField(
        source="zone.number", default=None, allow_null=True, help_text="Number of the zone."
    )
    set_by = serializers.CharField()
    met_by = serializers.CharField(allow_null=True)

    class Meta:
        model = Condition
        fields = ["number", "text", "zone", "due_on", "set_by", "set_at", "met_at", "met_by", "met_note"]


Conditions = inline_serializer("Conditions", {"results": ConditionShape(many=True)})


def of(version: PlanVersion, number: int) -> Condition:
    rows = version.conditions.select_related("version__plan", "zone", "set_by", "met_by")
    return get_object_or_404(rows.defer("zone__geom", "zone__geom_web"), number=number)


@extend_schema(
    methods=["GET"], operation_id="version_conditions", tags=["review"], responses={200: Conditions, **errors(404)}
)
@extend_schema(
    methods=["POST"],
    operation_id="version_condition_new",
    tags=["review"],
    request=ConditionBody,
    responses={201: ConditionShape, **errors(400, 403, 404, 409)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def condition_list(request: Request, id: str) -> Response:
    """Conditions of an approval, for staff of the division (GET); attach one while the plan is submitted (POST, county)."""
    version = staff_version(request.user, id)
    if request.method == "POST":
        body = read_body(request, ConditionBody)
        made = conditions.set_condition(version, by=require_user(request), **body)
        return Response(ConditionShape(of(version, made.number)).data, status=201)
    rows = version.conditions.select_related("zone", "set_by", "met_by").defer("zone__geom", "zone__geom_web")
    return Response({"results": ConditionShape(rows, many=True).data})


@extend_schema(operation_id="version_condition_drop", tags=["review"], responses={204: None, **errors(403, 404, 409)})
@api_view(["DELETE"])
def condition(request: Request, id: str, number: int) -> Response:
    """Take a condition out again, before the decision."""
    found = of(staff_version(request.user, id), number)
    conditions.drop_condition(found, by=require_user(request))
    return Response(status=204)


@extend_schema(
    operation_id="version_condition_met",
    tags=["review"],
    request=MetBody,
    responses={200: ConditionShape, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def condition_met(request: Request, id: str, number: int) -> Response:
    """Mark a condition of an approval as met, once, and say how."""
    version = staff_version(request.user, id)
    conditions.meet_condition(of(version, number), by=require_user(request), **read_body(request, MetBody))
    return Response(ConditionShape(of(version, number)).data)
