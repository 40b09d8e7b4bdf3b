"""REST API of drawing a plan in the browser. For whoever may hand in the village's plan; for all others there is none."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import drawing_reading, drawing_steps, drawings
from planning.api.drawing_bodies import AnyStep, step_body
from planning.api.drawing_shapes import (
    DrawingChangesShape,
    DrawingRowShape,
    DrawingShape,
    HandedInShape,
    StepAnswerShape,
)
from planning.models import Drawing, PlanVersion
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user, results
from portal.pagination import MAX_NUMBER, PageQuery, keyset
from villages.models import Village

VILLAGE = r"^\d{12}$"


class DrawingQuery(PageQuery):
    village = serializers.RegexField(VILLAGE, required=False, help_text="Code of a village.")


class NewDrawing(StrictSerializer):
    village = serializers.RegexField(VILLAGE, help_text="Code of the village whose plan is drawn.")
    start = serializers.ChoiceField(Drawing.Start.choices)
    version = serializers.CharField(required=False, max_length=12, help_text="Id of the version to begin with.")
    title = serializers.CharField(required=False, max_length=100, allow_blank=True, default="")


class TitleBody(StrictSerializer):
    title = serializers.CharField(max_length=100, allow_blank=True)


class ChangesQuery(StrictSerializer):
    since = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, help_text="The last revision you have.")


class HandInBody(StrictSerializer):
    revision = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, help_text="The revision you looked at.")
    note = serializers.CharField(
        required=False, max_length=300, allow_blank=True, default="", help_text="What changed."
    )
    check_only = serializers.BooleanField(required=False, default=False, help_text="Judge it, but store no version.")


def visible(request: Request, id: str) -> Drawing:
    """The one way to a drawing; strangers get 404."""
    rows = Drawing.objects.visible_to(request.user).select_related(
        "village", "based_on", "created_by", "changed_by", "upload"
    )
    return get_object_or_404(rows, pk=id)


def in_full(request: Request, id: str, status: int = 200) -> Response:
    return Response(drawing_reading.in_full(visible(request, id), request.user), status=status)


@extend_schema(
    methods=["GET"], operation_id="drawings", tags=["drawing"], parameters=[DrawingQuery],
    responses={200: results("Drawing", DrawingRowShape), **errors(400)},
)  # fmt: skip
@extend_schema(
    methods=["POST"], operation_id="drawing_new", tags=["drawing"], request=NewDrawing,
    responses={201: DrawingShape, **errors(400, 403, 404)},
)  # fmt: skip
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def drawing_list(request: Request) -> Response:
    """Drawings of the villages whose plan you may hand in (GET); begin one (POST)."""
    if request.method == "POST":
        user, body = require_user(request), read_body(request, NewDrawing)
        village = get_object_or_404(Village.objects.select_related("division"), pk=body["village"])
        if not user.has_perm("planning.upload_plan", village):
            get_object_or_404(Village.objects.none())
        version = None
        if body.get("version"):
            seen = PlanVersion.objects.visible_to(user).filter(plan__village=village)
            version = get_object_or_404(seen, pk=body["version"])
        made = drawings.begin(village, by=user, start=body["start"], version=version, title=body["title"])
        return in_full(request, made.pk, 201)
    query = read_query(request, DrawingQuery)
    rows = Drawing.objects.visible_to(request.user).select_related("village", "based_on", "created_by", "changed_by")
    rows = rows.defer("village__geom", "village__geom_web")
    if "village" in query:
        rows = rows.filter(village=query["village"])
    page, follow = keyset(request, rows, ["created_at", "id"], query)
    return Response({"results": [drawing_reading.brief(drawing) for drawing in page], "next": follow})


@extend_schema(methods=["GET"], operation_id="drawing", tags=["drawing"], responses={200: DrawingShape, **errors(404)})
@extend_schema(
    methods=["PATCH"], operation_id="drawing_rename", tags=["drawing"], request=TitleBody,
    responses={200: DrawingShape, **errors(400, 403, 404)},
)  # fmt: skip
@api_view(["GET", "PATCH"])
@parser_classes([JSONBody])
def drawing(request: Request, id: str) -> Response:
    """A drawing in full (GET); give it another name (PATCH)."""
    if request.method == "PATCH":
        found = visible(request, id)
        drawings.rename(found.pk, by=require_user(request), **read_body(request, TitleBody))
    return in_full(request, id)


@extend_schema(
    operation_id="drawing_changes", tags=["drawing"], parameters=[ChangesQuery],
    responses={200: DrawingChangesShape, **errors(400, 404)},
)  # fmt: skip
@api_view(["GET"])
def changes(request: Request, id: str) -> Response:
    """What differs from an earlier revision, and who did it."""
    found = visible(request, id)
    return Response(drawing_reading.changes(found, read_query(request, ChangesQuery)["since"], request.user))


@extend_schema(
    operation_id="drawing_step", tags=["drawing"], request=AnyStep,
    responses={200: StepAnswerShape, **errors(400, 403, 404, 409)},
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def steps(request: Request, id: str) -> Response:
    """Make one step. No step leaves a gap or an overlap; one that would is refused (400). Refused with 409
    `changed_meanwhile` if others changed the same zones since your revision."""
    found = visible(request, id)
    return Response(drawing_steps.take(found.pk, by=require_user(request), body=step_body(request.data)))


@extend_schema(
    operation_id="drawing_hand_in", tags=["drawing"], request=HandInBody,
    responses={202: HandedInShape, **errors(400, 403, 404, 409)},
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def hand_in(request: Request, id: str) -> Response:
    """Hand the drawing in: it is judged like any plan file and, if it has no error, stored as the next version."""
    found, user = visible(request, id), require_user(request)
    handed = drawings.hand_in(found.pk, by=user, **read_body(request, HandInBody))
    answer = {"upload": handed.upload_id, "url": request.build_absolute_uri(reverse("upload", args=[handed.upload_id]))}
    return Response(answer, status=202)


@extend_schema(
    operation_id="drawing_discard",
    tags=["drawing"],
    request=None,
    responses={200: DrawingShape, **errors(403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def discard(request: Request, id: str) -> Response:
    """Put the drawing away. Nothing is deleted; it can be reopened."""
    drawings.discard(visible(request, id).pk, by=require_user(request))
    return in_full(request, id)


@extend_schema(
    operation_id="drawing_reopen",
    tags=["drawing"],
    request=None,
    responses={200: DrawingShape, **errors(403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def reopen(request: Request, id: str) -> Response:
    """Draw on: what was put away, or what was handed in and refused."""
    drawings.reopen(visible(request, id).pk, by=require_user(request))
    return in_full(request, id)
