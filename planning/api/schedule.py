"""Days of a version: its forecast, its deadlines, what moves with a day, and moving it."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import planned, reviews, schedule
from planning.models import PlanVersion, State
from planning.schedule import Row
from planning.views import schedule as pages
from planning.views import waiting as files
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user

UNITS = ["working", "calendar"]


class DayRow(serializers.Serializer):
    state = serializers.ChoiceField(State.choices)
    state_text = serializers.CharField(source="label")
    on = serializers.DateField()
    reached = serializers.BooleanField(source="real", help_text="True: it happened on that day.")
    planned = serializers.DateField(allow_null=True, help_text="The day a person planned.")
    counted = serializers.CharField(allow_blank=True, help_text="How the day was counted, in words.")
    provisional = serializers.BooleanField(help_text="The holiday list of that year is not out: it may still move.")
    basis = serializers.CharField(allow_blank=True)
    due_on = serializers.DateField(allow_null=True, help_text="Last day by the deadline that ends there.")
    late = serializers.BooleanField(help_text="Expected after its last day.")


class MovableShape(serializers.Serializer):
    state = serializers.CharField(help_text="A state, or `last_day`: the last day of a running notice.")
    state_text = serializers.CharField()


class ScheduleShape(serializers.Serializer):
    reached = DayRow(many=True)
    ahead = DayRow(many=True)
    movable = MovableShape(many=True, help_text="What you may move; empty without the right to.")


class MoveQuery(StrictSerializer):
    state = serializers.CharField(max_length=20, help_text="One of `movable`; `last_day` goes later only.")
    on = serializers.DateField(help_text="The new day.")


class MoveBody(MoveQuery):
    seen = serializers.DateField(
        required=False, help_text="The day you saw before; 409 `moved` if it is another by now."
    )


class MovedDay(serializers.Serializer):
    label = serializers.CharField()
    before = serializers.DateField()
    after = serializers.DateField()
    days = serializers.IntegerField(help_text="Calendar days; negative: earlier.")
    provisional = serializers.BooleanField()


class PreviewShape(serializers.Serializer):
    before = serializers.DateField(help_text="The day as it is; send it as `seen`.")
    changes = MovedDay(many=True)
    warnings = serializers.ListField(child=serializers.CharField())


class DeadlineShape(serializers.Serializer):
    kind = serializers.CharField(source="row.kind")
    label = serializers.CharField()
    whom = serializers.CharField(allow_blank=True, help_text="Whose opinion it is.")
    began_on = serializers.DateField(source="row.began_on")
    due_on = serializers.DateField(source="row.due_on")
    left = serializers.IntegerField(source="days", help_text="Days left in `unit`; negative: late.")
    unit = serializers.SerializerMethodField()
    provisional = serializers.BooleanField()
    basis = serializers.CharField(allow_blank=True)

    def get_unit(self, found: dict[str, Any]) -> str:
        return UNITS[0] if found["working"] else UNITS[1]


class DeadlineList(serializers.Serializer):
    results = DeadlineShape(many=True)


def seen(request: Request, id: str) -> PlanVersion:
    """The version for staff of the division and those asked for an opinion; for all others there is none."""
    return get_object_or_404(reviews.versions_open_to(request.user), pk=id)


def told(version: PlanVersion, request: Request) -> Response:
    may = schedule.may_plan(request.user, version)
    movable = [{"state": state, "state_text": text} for state, text in schedule.movable(version)] if may else []
    ahead: list[Row] = schedule.forecast(version).rows[1:]
    return Response(ScheduleShape({"reached": schedule.reached(version), "ahead": ahead, "movable": movable}).data)


@extend_schema(
    methods=["GET"], operation_id="version_schedule", tags=["schedule"], responses={200: ScheduleShape, **errors(404)}
)
@extend_schema(
    methods=["POST"],
    operation_id="version_schedule_move",
    tags=["schedule"],
    request=MoveBody,
    responses={200: ScheduleShape, **errors(400, 403, 404, 409)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def version_schedule(request: Request, id: str) -> Response:
    """Days reached and expected, to the plan in force; township and county move the planned ones."""
    version = seen(request, id)
    if request.method == "POST":
        by, body = require_user(request), read_body(request, MoveBody)
        before: date | None = body.get("seen")
        version = planned.set_date(version, body["state"], body["on"], by=by, seen=before)
    return told(version, request)


@extend_schema(
    operation_id="version_schedule_preview",
    tags=["schedule"],
    parameters=[MoveQuery],
    responses={200: PreviewShape, **errors(400, 404)},
)
@api_view(["GET"])
def version_schedule_preview(request: Request, id: str) -> Response:
    """What else moves if a day is moved, with warnings; nothing is changed."""
    version, query = seen(request, id), read_query(request, MoveQuery)
    return Response(PreviewShape(schedule.preview(version, query["state"], query["on"])).data)


@extend_schema(operation_id="version_deadlines", tags=["schedule"], responses={200: DeadlineList, **errors(404)})
@api_view(["GET"])
def version_deadlines(request: Request, id: str) -> Response:
    """Deadlines of a version that are not met yet, with days left in their own unit."""
    return Response(DeadlineList({"results": pages.running(seen(request, id), request.user)}).data)


@extend_schema(
    operation_id="deadlines_ics",
    tags=["schedule"],
    responses={(200, "text/calendar"): OpenApiResponse(OpenApiTypes.STR), **errors(403)},
)
@api_view(["GET"])
def deadlines_ics(request: Request) -> HttpResponse:
    """Your deadlines as a calendar file (RFC 5545)."""
    return files.person_file(require_user(request))
