"""Supporting a comment and taking it back."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, parser_classes, throttle_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import supports
from planning.api.comment_shapes import CommentShape
from planning.api.comparing import fresh, seen_comment
from portal.api_parsers import JSONBody
from portal.api_shapes import errors, require_user
from portal.api_throttles import SupportThrottle

ANSWERS = {200: CommentShape, **errors(403, 404, 409, 429)}


@extend_schema(
    methods=["POST"], operation_id="comment_support", tags=["participation"], request=None, responses=ANSWERS
)
@extend_schema(
    methods=["DELETE"],
    operation_id="comment_support_take_back",
    tags=["participation"],
    request=None,
    responses=ANSWERS,
)
@api_view(["POST", "DELETE"])
@parser_classes([JSONBody])
@throttle_classes([SupportThrottle])
def support(request: Request, id: str) -> Response:
    """Support another's comment (POST), or take it back (DELETE), while the plan is in public notice. Twice is once."""
    comment = seen_comment(request, id)
    change = supports.take_back if request.method == "DELETE" else supports.support
    change(comment, by=require_user(request))
    return fresh(request, comment)
