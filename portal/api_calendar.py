"""API of working days: what divisions decided, and how many there are between two days."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from portal import workdays
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user
from portal.models import CalendarDay

MOST_DAYS = 1000
FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)


class DayQuery(StrictSerializer):
    start = serializers.DateField(required=False, help_text="From this day on.")
    end = serializers.DateField(required=False, help_text="Up to this day.")


class DayBody(StrictSerializer):
    division = serializers.RegexField(r"^\d{12}$", help_text="12-digit code of your division or one below it.")
    day = serializers.DateField()
    working = serializers.BooleanField()
    note = serializers.CharField(max_length=100, help_text="Why.")
    source = serializers.CharField(max_length=200, help_text="The document it rests on.")


class DayShape(serializers.ModelSerializer):
    division = serializers.CharField(source="division_code", help_text="Empty: the whole country.")
    may_remove = serializers.SerializerMethodField(help_text="Whether you may take the decision back.")

    class Meta:
        model = CalendarDay
        fields = ["division", "day", "working", "note", "source", "may_remove"]

    def get_may_remove(self, row: CalendarDay) -> bool:
        return workdays.may_decide(self.context["request"].user, row.division_code)


class DayList(serializers.Serializer):
    results = DayShape(many=True)


class CountQuery(StrictSerializer):
    start = serializers.DateField(help_text="Does not count itself.")
    end = serializers.DateField(required=False, help_text="Counts. Either this or `days`.")
    days = serializers.IntegerField(required=False, min_value=0, max_value=MOST_DAYS, help_text="Working days to add.")
    division = serializers.RegexField(
        r"^\d{12}$", required=False, default="", help_text="Whose days; else the country’s."
    )

    def validate(self, query: dict[str, Any]) -> dict[str, Any]:
        if ("end" in query) == ("days" in query):
            raise serializers.ValidationError({"end": [_("Give either “end” or “days”.")]})
        end = query.get("end", query["start"])
        if not FIRST <= query["start"] <= LAST or not FIRST <= end <= LAST:
            raise serializers.ValidationError({"start": [_("Give days between 2000 and 2099.")]})
        if abs(end - query["start"]) > timedelta(days=2 * MOST_DAYS):
            raise serializers.ValidationError({"end": [_("That is too far away.")]})
        return query


class CountShape(serializers.Serializer):
    start = serializers.DateField()
    end = serializers.DateField()
    working_days = serializers.IntegerField(help_text="After `start` up to and including `end`.")
    calendar_days = serializers.IntegerField()
    provisional = serializers.BooleanField(help_text="The holiday list of the year of `end` is not out: it may move.")


@extend_schema(
    methods=["GET"],
    operation_id="calendar_days",
    tags=["calendar"],
    parameters=[DayQuery],
    responses={200: DayList, **errors(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="calendar_day_new",
    tags=["calendar"],
    request=DayBody,
    responses={201: DayShape, **errors(400, 403, 409)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def days(request: Request) -> Response:
    """Days that differ from the State Council’s list in your divisions; a reviewer, leader or administrator adds one."""
    if request.method == "POST":
        by, body = require_user(request), read_body(request, DayBody)
        row = workdays.decide_day(
            body["division"], body["day"], body["working"], note=body["note"], source=body["source"], by=by
        )
        return Response(DayShape(row, context={"request": request}).data, status=201)
    query = read_query(request, DayQuery)
    rows = workdays.days_seen_by(request.user)
    if "start" in query:
        rows = rows.filter(day__gte=query["start"])
    if "end" in query:
        rows = rows.filter(day__lte=query["end"])
    return Response({"results": DayShape(rows[:MOST_DAYS], many=True, context={"request": request}).data})


def parsed(day: str) -> date | None:
    try:
        return parse_date(day)
    except ValueError:
        return None


@extend_schema(operation_id="calendar_day_remove", tags=["calendar"], responses={204: None, **errors(403, 404)})
@api_view(["DELETE"])
def one_day(request: Request, code: str, day: str) -> Response:
    """Take a decision on a day (2026-12-01) back; the State Council’s list counts again."""
    if (on := parsed(day)) is None:
        raise Http404
    row = get_object_or_404(workdays.days_seen_by(request.user), division_code=code, day=on)
    workdays.remove_day(row, by=require_user(request))
    return Response(status=204)


@extend_schema(
    operation_id="workdays", tags=["calendar"], parameters=[CountQuery], responses={200: CountShape, **errors(400)}
)
@api_view(["GET"])
def count(request: Request) -> Response:
    """Working days (工作日) between two days, or the day that is so many working days later; make-up days included."""
    query = read_query(request, CountQuery)
    calendar, start = workdays.of(query["division"]), query["start"]
    end = query["end"] if "end" in query else calendar.add(start, query["days"])
    counted = {
        "start": start, "end": end, "working_days": calendar.between(start, end), "calendar_days": (end - start).days,
        "provisional": not workdays.is_known(max(start, end)),
    }  # fmt: skip
    return Response(CountShape(counted).data)
