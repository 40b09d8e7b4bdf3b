"""Looking at several held comments at once over the API."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import answers, looking
from planning.api.answers import AnswersShape
from planning.api.participation import shown
from planning.api.versions import visible
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, require_user


class HeldCommentsBody(StrictSerializer):
    comments = serializers.ListField(
        child=serializers.CharField(max_length=12), min_length=1, max_length=answers.MOST_AT_ONCE,
        help_text="Ids of comments on this version that wait for a look; all are dealt with, or none.",
    )  # fmt: skip
    verdict = serializers.ChoiceField(looking.Verdict.choices, help_text="Let out, or hide with the reason.")
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=300, help_text="Of what is hidden; everybody reads it."
    )


@extend_schema(
    operation_id="version_comments_look", tags=["participation"], request=HeldCommentsBody,
    responses={200: AnswersShape, **errors(400, 403, 404, 409)},
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def comments_look(request: Request, id: str) -> Response:
    """Look at several held comments at once: let them out, or hide them with one reason; township and county."""
    version = visible(request, id)
    body = read_body(request, HeldCommentsBody)
    done = looking.look_at(
        version, body["comments"], by=require_user(request), verdict=body["verdict"], reason=body["reason"]
    )
    fresh = list(version.comments.for_page().filter(pk__in=[row.pk for row in done]).as_numbered())
    return Response({"results": shown(request, fresh, version)})
