"""API of following: what you want to be told of."""

import json
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import follows
from planning.api.participation import DrawnArea
from planning.models import Follow, Plan
from portal.api_parsers import JSONBody
from portal.api_shapes import Geometry, StrictSerializer, errors, read_body, require_user
from villages.models import Village

KINDS = ["village", "plan", "area"]


class FollowShape(serializers.Serializer):
    id = serializers.CharField()
    kind = serializers.ChoiceField(KINDS)
    title = serializers.CharField()
    name = serializers.CharField(allow_blank=True, help_text="As you named it; only you read it.")
    village = serializers.CharField()
    village_name = serializers.CharField()
    plan = serializers.CharField(allow_null=True)
    area = Geometry(allow_null=True)
    at = serializers.DateTimeField()

    def to_representation(self, row: Follow) -> dict[str, Any]:
        told = follows.shown(row)
        return super().to_representation({**told, "area": told["area"] and json.loads(told["area"].json)})


class FollowsShape(serializers.Serializer):
    results = FollowShape(many=True, help_text="All of them, the newest first; one person follows at most 50.")


class FollowBody(StrictSerializer):
    village = serializers.CharField(required=False, max_length=12, help_text="Code; not needed with a plan.")
    plan = serializers.CharField(required=False, allow_null=True, max_length=12)
    area = DrawnArea(required=False, allow_null=True, help_text="An area of that village: Polygon or MultiPolygon.")
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=follows.NAME_CHARS)

    def validate(self, values: dict) -> dict:
        if not values.get("village") and not values.get("plan"):
            raise serializers.ValidationError({"village": ["A village or a plan is needed."]})
        return values


class NameBody(StrictSerializer):
    name = serializers.CharField(allow_blank=True, max_length=follows.NAME_CHARS)


@extend_schema(
    methods=["GET"], operation_id="follows", tags=["following"], responses={200: FollowsShape, **errors(403)}
)
@extend_schema(
    methods=["POST"], operation_id="follow_new", tags=["following"], request=FollowBody,
    responses={201: FollowShape, **errors(400, 403, 404, 409)},
)  # fmt: skip
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def follow_list(request: Request) -> Response:
    """What you follow (GET); follow a village, a plan, or an area of a village (POST). What you follow already is answered again."""
    user = require_user(request)
    if request.method == "GET":
        return Response({"results": FollowShape(follows.of_user(user), many=True).data})
    body = read_body(request, FollowBody)
    plan = body.get("plan") and get_object_or_404(
        Plan.objects.visible_to(user).select_related("village"), pk=body["plan"]
    )
    village = get_object_or_404(Village, pk=body.get("village") or plan.village_id)
    row = follows.follow(by=user, village=village, plan=plan or None, area=body.get("area"), name=body["name"])
    return Response(FollowShape(row).data, status=201)


@extend_schema(methods=["PATCH"], operation_id="follow_rename", tags=["following"], request=NameBody,
               responses={200: FollowShape, **errors(400, 403, 404)})  # fmt: skip
@extend_schema(
    methods=["DELETE"], operation_id="follow_end", tags=["following"], responses={204: None, **errors(403, 404)}
)
@api_view(["PATCH", "DELETE"])
@parser_classes([JSONBody])
def follow(request: Request, id: str) -> Response:
    """Name what you follow (PATCH), or end it (DELETE)."""
    user = require_user(request)
    row = get_object_or_404(follows.of_user(user), pk=id)
    if request.method == "DELETE":
        follows.unfollow(row, by=user)
        return Response(status=204)
    return Response(FollowShape(follows.rename(row, by=user, **read_body(request, NameBody))).data)
