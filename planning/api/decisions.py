"""The decision letter of a version: read, write, print."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import decisions
from planning.api.evidence import seen
from planning.models import Decision
from planning.views import decisions as pages
from portal.api_parsers import JSONBody
from portal.api_shapes import StrictSerializer, errors, read_body, require_user


class DecisionLetterBody(StrictSerializer):
    number = serializers.CharField(max_length=decisions.NUMBER_CHARS, help_text="No two letters have the same.")
    decided_on = serializers.DateField()
    preview = serializers.BooleanField(default=False, help_text="Only show the words, store nothing.")


class DecisionShape(serializers.ModelSerializer):
    version = serializers.CharField(source="version_id")
    number = serializers.CharField()
    issued_at = serializers.DateTimeField(allow_null=True, help_text="Null until the approval is given.")

    class Meta:
        model = Decision
        fields = ["version", "number", "decided_on", "template", "body", "issued_at"]


@extend_schema(
    methods=["GET"], operation_id="decision", tags=["workflow"], responses={200: DecisionShape, **errors(404)}
)
@extend_schema(
    methods=["POST"], operation_id="decision_write", tags=["workflow"], request=DecisionLetterBody,
    responses={200: DecisionShape, **errors(400, 403, 404, 409)},
)  # fmt: skip
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def decision(request: Request, id: str) -> Response:
    """The decision letter (批复): public once it is issued and the plan published (GET); write it for a submitted version (POST)."""
    if request.method == "GET":
        return Response(DecisionShape(pages.letter_seen(request.user, id)).data)
    version, by = seen(request, id), require_user(request)
    body = read_body(request, DecisionLetterBody)
    preview = body.pop("preview")
    if not preview:
        return Response(DecisionShape(decisions.write(version, by=by, **body)).data)
    decisions.check_right(by, version)
    words = decisions.letter(version, **body)
    return Response(
        DecisionShape(Decision(version=version, template=decisions.template(version)[0], body=words, **body)).data
    )


@extend_schema(
    operation_id="decision_pdf", tags=["workflow"],
    responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY), **errors(404)},
)  # fmt: skip
@api_view(["GET"])
def decision_pdf(request: Request, id: str) -> HttpResponse:
    """The letter to print."""
    return pages.printed(pages.letter_seen(request.user, id))
