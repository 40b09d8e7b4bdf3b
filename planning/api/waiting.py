"""What waits for a person, what is late, and the board of a division."""

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from planning import board, board_overview, late, waiting
from planning.models import State
from planning.views.board import division_seen
from portal.api_shapes import StrictSerializer, errors, read_query, require_user
from villages.models import Division

UNITS = ["working", "calendar"]
MOST = 200


class WaitingItem(serializers.Serializer):
    kind = serializers.CharField()
    village = serializers.CharField(source="version.plan.village_id")
    village_name = serializers.CharField(source="version.plan.village.short_name")
    version = serializers.CharField(source="version.pk")
    number = serializers.IntegerField(source="version.number")
    state = serializers.ChoiceField(State.choices, source="version.state")
    action = serializers.CharField()
    url = serializers.CharField(help_text="The page where it is done.")
    due_on = serializers.DateField(allow_null=True)
    left = serializers.IntegerField(allow_null=True, help_text="Days left in `unit`; negative: late.")
    unit = serializers.SerializerMethodField()
    missing = serializers.ListField(child=serializers.CharField(), help_text="What still stands in the way.")

    def get_unit(self, item: waiting.Item) -> str:
        return UNITS[0] if item.working else UNITS[1]


class WaitingQuery(StrictSerializer):
    offset = serializers.IntegerField(default=0, min_value=0, max_value=100_000, help_text="In each kind.")
    limit = serializers.IntegerField(default=50, min_value=1, max_value=MOST, help_text="Of each kind.")


class WaitingKind(serializers.Serializer):
    kind = serializers.CharField()
    title = serializers.CharField()
    total = serializers.IntegerField()
    items = WaitingItem(many=True)


class WaitingShape(serializers.Serializer):
    total = serializers.IntegerField()
    kinds = WaitingKind(many=True)


class LateItem(serializers.Serializer):
    kind = serializers.CharField()
    what = serializers.CharField()
    place = serializers.CharField()
    version = serializers.CharField(source="version.pk", default=None, allow_null=True)
    url = serializers.CharField()
    due_on = serializers.DateField()
    left = serializers.IntegerField(source="days", help_text="Days in `unit`; negative: late.")
    unit = serializers.SerializerMethodField()
    who = serializers.ListField(child=serializers.CharField(), help_text="Who must act.")

    def get_unit(self, row: late.LateRow) -> str:
        return UNITS[0] if row.working else UNITS[1]


class LateShape(serializers.Serializer):
    total = serializers.IntegerField()
    items = LateItem(many=True)


class LateQuery(StrictSerializer):
    offset = serializers.IntegerField(default=0, min_value=0, max_value=100_000)
    limit = serializers.IntegerField(default=50, min_value=1, max_value=MOST)


class BoardQuery(StrictSerializer):
    late = serializers.BooleanField(default=False, help_text="Only what is late.")


CardShape = inline_serializer(
    "BoardCard",
    {
        "village": serializers.CharField(),
        "town": serializers.CharField(allow_blank=True),
        "version": serializers.CharField(allow_null=True),
        "number": serializers.IntegerField(allow_null=True),
        "what": serializers.CharField(allow_blank=True, help_text="What is due."),
        "due_on": serializers.DateField(allow_null=True),
        "left": serializers.IntegerField(allow_null=True, help_text="Days left in `unit`; negative: late."),
        "unit": serializers.ChoiceField(UNITS),
        "late": serializers.BooleanField(),
        "url": serializers.CharField(),
    },
    many=True,
)
ColumnShape = inline_serializer(
    "BoardColumn",
    {
        "state": serializers.ChoiceField(State.choices),
        "state_text": serializers.CharField(),
        "total": serializers.IntegerField(),
        "late": serializers.IntegerField(),
        "cards": CardShape,
    },
    many=True,
)
BelowShape = inline_serializer(
    "BoardBelow",
    {
        "division": serializers.CharField(),
        "name": serializers.CharField(),
        "total": serializers.IntegerField(help_text="Plans under way."),
        "late": serializers.IntegerField(),
        "in_force": serializers.IntegerField(help_text="Villages with a plan in force."),
        "states": serializers.DictField(child=serializers.IntegerField()),
    },
    many=True,
)
BoardShape = inline_serializer(
    "Board",
    {
        "division": serializers.CharField(),
        "name": serializers.CharField(),
        "in_force": serializers.IntegerField(help_text="Villages with a plan in force."),
        "columns": ColumnShape,
        "divisions": BelowShape,
    },
)


@extend_schema(
    operation_id="waiting",
    tags=["schedule"],
    parameters=[WaitingQuery],
    responses={200: WaitingShape, **errors(400, 403)},
)
@api_view(["GET"])
def waiting_list(request: Request) -> Response:
    """What waits for you (待办): steps, opinions, comments, exceptions; those due first at the top."""
    user, query = require_user(request), read_query(request, WaitingQuery)
    start, end = query["offset"], query["offset"] + query["limit"]
    heaps = waiting.heaps(user)
    kinds: list[dict[str, Any]] = [
        {"kind": h.kind, "title": str(h.title), "total": h.total, "items": h.items(user, start, end)} for h in heaps
    ]
    return Response(WaitingShape({"total": sum(h.total for h in heaps), "kinds": kinds}).data)


@extend_schema(
    operation_id="late", tags=["schedule"], parameters=[LateQuery], responses={200: LateShape, **errors(400, 403)}
)
@api_view(["GET"])
def late_list(request: Request) -> Response:
    """What is late (逾期) in your divisions, the longest late first."""
    rows, query = late.rows(require_user(request)), read_query(request, LateQuery)
    start, end = query["offset"], query["offset"] + query["limit"]
    return Response(LateShape({"total": len(rows), "items": rows[start:end]}).data)


@extend_schema(
    operation_id="division_board",
    tags=["schedule"],
    parameters=[BoardQuery],
    responses={200: BoardShape, **errors(400, 404)},
)
@api_view(["GET"])
def division_board(request: Request, code: str) -> Response:
    """All plans of a county or township that are under way, by state, those due first at the top; for its officials.

    Of a city or province the divisions below it are counted instead (`divisions`)."""
    division, query = division_seen(request.user, code), read_query(request, BoardQuery)
    said = {"division": division.pk, "name": division.name, "in_force": board.in_force(division.pk)}
    if division.level < Division.Level.COUNTY:
        below = [board_overview.as_json(line) for line in board_overview.lines(division)]
        return Response({**said, "columns": [], "divisions": below})
    columns = [
        {
            "state": c.state, "state_text": str(c.label), "total": len(c.cards), "late": c.late,
            "cards": [board.as_json(card) for card in c.cards],
        }
        for c in board.columns(division.pk, only_late=query["late"])
    ]  # fmt: skip
    return Response({**said, "columns": columns, "divisions": []})
