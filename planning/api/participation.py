"""Comments of residents and official answers."""

from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes, throttle_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import answers, causes, comment_lists, following, participation, supports
from planning.api.comment_shapes import CommentPage, CommentShape
from planning.api.versions import visible
from planning.comment_shapes import area_of
from planning.models import Adoption, Comment, PlanVersion
from planning.photos import MOST
from portal.api_parsers import JSONBody
from portal.api_shapes import Degrees, Geometry, StrictSerializer, errors, read_body, read_query, require_user
from portal.api_throttles import CommentThrottle
from portal.pagination import MAX_NUMBER, PageQuery, keyset


class DrawnArea(Geometry):
    """What was drawn on the map; read with care (planning.comment_shapes.area_of)."""

    def to_internal_value(self, data: Any) -> GEOSGeometry | None:
        return area_of(data)


class CommentBody(StrictSerializer):
    text = serializers.CharField(allow_blank=True, help_text="1 to 2000 characters; may be empty beside a photo.")
    zone = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_NUMBER)
    project = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MAX_NUMBER, help_text="Number of the project."
    )
    lon = Degrees(
        required=False, allow_null=True,
        help_text="A place is shown in public: sending one, or an area, gives the consent `place` (taken back under `me/consents/`).",
    )  # fmt: skip
    lat = Degrees(required=False, allow_null=True)
    shape = DrawnArea(
        required=False, allow_null=True, help_text="An area: GeoJSON Polygon or MultiPolygon of at most 2000 corners."
    )
    photos = serializers.ListField(
        child=serializers.CharField(max_length=12), required=False, max_length=MOST,
        help_text="Ids of photos that were sent before.",
    )  # fmt: skip
    once = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=40,
        help_text="A key of your choice: sent twice, it makes one comment.",
    )  # fmt: skip


class CommentQuery(PageQuery):
    order = serializers.ChoiceField(
        list(comment_lists.ORDERS),
        default=comment_lists.OLDEST,
        help_text="`supported`: by known people who support it.",
    )
    unanswered = serializers.BooleanField(default=False, help_text="Only those that still ask for an answer.")


class ReplyBody(StrictSerializer):
    text = serializers.CharField(
        allow_blank=True, help_text="1 to 2000 characters; of what is not adopted, the reason."
    )
    adoption = serializers.ChoiceField(
        Adoption.choices, help_text="What becomes of the comment; the last answer counts."
    )


KEYS = {
    comment_lists.OLDEST: ["created_at", "id"],
    comment_lists.NEWEST: ["-created_at", "-id"],
    comment_lists.SUPPORTED: ["-supporters", "created_at", "id"],
}


def shown(request: Request, comments: list[Comment], version: PlanVersion) -> list[dict]:
    """Comments of one version, with what became of their zones since and what they led to."""
    context = {
        "request": request,
        "division_code": version.division_code,
        "followed": following.onward(version, comments, request.user),
        "effects": causes.effects("comment", comments, request.user),
        "supports": supports.of_comments(comments, request.user, version),
    }
    return CommentShape(comments, many=True, context=context).data


@extend_schema(
    methods=["GET"],
    operation_id="version_comments",
    tags=["participation"],
    parameters=[CommentQuery],
    responses={200: CommentPage, **errors(400, 404)},
)
@extend_schema(
    methods=["POST"],
    operation_id="version_comment_new",
    tags=["participation"],
    request=CommentBody,
    responses={201: CommentShape, **errors(400, 403, 404, 409, 429)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
@throttle_classes([CommentThrottle])
def comments(request: Request, id: str) -> Response:
    """Comments with their answers (GET); say something while the plan is in public notice (POST).

    What is held for a look is kept, and public when somebody has let it out: see `held` of the answer."""
    found = visible(request, id)
    if request.method == "POST":
        user = require_user(request)
        comment = participation.post_comment(found, by=user, **read_body(request, CommentBody))
        return Response(shown(request, [found.comments.for_page().get(pk=comment.pk)], found)[0], status=201)
    query = read_query(request, CommentQuery)
    rows = found.comments.for_page().seen_by(request.user)
    if query["unanswered"]:
        rows = rows.to_answer()
    if query["order"] == comment_lists.SUPPORTED:
        rows = rows.annotate(supporters=supports.counted(found))
    page, follow = keyset(request, rows, KEYS[query["order"]], query)
    waiting = found.comments.waiting().count()
    return Response({"results": shown(request, page, found), "next": follow, "looked_at": waiting})


@extend_schema(
    operation_id="comment_reply_new",
    tags=["participation"],
    request=ReplyBody,
    responses={201: CommentShape, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def replies(request: Request, id: str) -> Response:
    """Answer a comment officially; the answer is public."""
    seen = Comment.objects.seen_by(request.user).filter(version__in=PlanVersion.objects.visible_to(request.user))
    comment = get_object_or_404(seen.select_related("version__plan"), pk=id)
    answers.answer(comment, by=require_user(request), **read_body(request, ReplyBody))
    fresh = Comment.objects.for_page().get(pk=comment.pk)
    return Response(shown(request, [fresh], comment.version)[0], status=201)
