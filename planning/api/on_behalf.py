"""API: comments entered on behalf of others."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from planning import on_behalf, on_behalf_tables, participation
from planning.api.comment_shapes import CommentShape
from planning.api.participation import CommentBody, shown
from planning.api.versions import visible
from planning.models import Comment, PlanVersion
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, require_user
from portal.errors import NotAllowed


class OnBehalfBody(CommentBody):
    """A comment as its author would send it, with who said it, how and when."""

    channel = serializers.ChoiceField(on_behalf.ENTERED_CHOICES)
    said_on = serializers.DateField(help_text="Within the public notice, not in the future.")
    speaker = serializers.CharField(
        max_length=50, default="", allow_blank=True, help_text="Who said it, if they want it; sealed, masked in public."
    )


@extend_schema(
    operation_id="version_comment_on_behalf",
    tags=["participation"],
    request=OnBehalfBody,
    responses={201: CommentShape, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def on_behalf_new(request: Request, id: str) -> Response:
    """Enter what somebody said at a village meeting or wrote on paper; for the committee, its planner and the township."""
    found = visible(request, id)
    comment = participation.enter_comment(found, by=require_user(request), **read_body(request, OnBehalfBody))
    return Response(shown(request, [found.comments.for_page().get(pk=comment.pk)], found)[0], status=201)


class MeetingTableBody(StrictSerializer):
    file = serializers.FileField(help_text="Excel (.xlsx) or CSV with the columns 姓名, 意见, 地块号.")
    channel = serializers.ChoiceField(on_behalf.ENTERED_CHOICES)
    said_on = serializers.DateField(help_text="Within the public notice, not in the future.")


class Entered(serializers.Serializer):
    entered = serializers.IntegerField(help_text="Comments that were new; a table handed in again has none.")


@extend_schema(
    operation_id="version_comments_table",
    tags=["participation"],
    request={"multipart/form-data": MeetingTableBody},
    responses={201: Entered, **errors(400, 403, 404, 409, 413)},
)
@api_view(["POST"])
@parser_classes([MultiPartParser])
def table_new(request: Request, id: str) -> Response:
    """Enter all comments of a meeting from one table: every row, or none."""
    found = visible(request, id)
    user = require_user(request)
    if not user.has_perm("planning.enter_comment", found):
        raise NotAllowed(on_behalf.ONLY)
    body = read_body(request, MeetingTableBody)
    return Response({"entered": on_behalf_tables.enter_table(found, by=user, **body)}, status=201)


@extend_schema(
    operation_id="comment_mistake", tags=["participation"], request=None, responses={204: None, **errors(403, 404, 409)}
)
@api_view(["POST"])
@parser_classes([JSONBody])
def mistake(request: Request, id: str) -> Response:
    """Say that a comment you may enter was entered by mistake: township and county are asked to hide it with that reason."""
    rows = Comment.objects.filter(version__in=PlanVersion.objects.visible_to(request.user)).seen_by(request.user)
    comment = get_object_or_404(rows.select_related("version__plan"), pk=id)
    on_behalf.report_mistake(comment, by=require_user(request))
    return Response(status=204)
