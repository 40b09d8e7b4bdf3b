"""The quality report on an upload (质检报告): as JSON, as a workbook, as a PDF."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from planning.api.uploads import visible_uploads
from planning.reports import content, files
from portal.api_shapes import errors


class RuleShape(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    group = serializers.ChoiceField(list(content.GROUPS))
    level = serializers.ChoiceField(list(content.LEVELS), help_text="As the profile sets it.")
    state = serializers.ChoiceField(list(content.STATES))
    errors = serializers.IntegerField()
    warnings = serializers.IntegerField()
    why = serializers.CharField(allow_blank=True, help_text="Why a rule was not applied.")
    tolerances = serializers.DictField(child=serializers.FloatField(), help_text="What it measured with, by name.")
    source = serializers.CharField(help_text="Law, standard or group of checks it rests on.")


class PointShape(serializers.Serializer):
    at = serializers.DateTimeField()
    name = serializers.CharField()
    score = serializers.FloatField()
    errors = serializers.IntegerField()
    warnings = serializers.IntegerField()
    upload = serializers.CharField(allow_null=True)
    version = serializers.CharField(allow_null=True)
    number = serializers.IntegerField(allow_null=True, help_text="Number of the version.")
    checked_only = serializers.BooleanField()


class ReportShape(serializers.Serializer):
    upload = serializers.CharField(allow_null=True)
    version = serializers.CharField(allow_null=True)
    village = serializers.CharField()
    file = serializers.CharField()
    sha256 = serializers.CharField()
    profile = serializers.CharField(help_text="name@edition")
    engine = serializers.CharField(help_text="Number of the portal's rule set.")
    at = serializers.DateTimeField()
    score = serializers.FloatField(help_text="100 less the weight of each failed rule, a third if it only warned.")
    errors = serializers.IntegerField()
    warnings = serializers.IntegerField()
    changes = serializers.ListField(
        child=serializers.CharField(), help_text="Repairs and decided codes, in words: what was done before judging."
    )
    verdict = serializers.ChoiceField(list(content.VERDICTS))
    verdict_text = serializers.CharField()
    next_text = serializers.CharField()
    rules = RuleShape(many=True)
    trend = PointShape(many=True, help_text="The last files of the village, oldest first.")


def found(request: Request, id: str) -> content.QualityReport:
    return content.of_upload(get_object_or_404(visible_uploads(request), pk=id))


@extend_schema(operation_id="upload_report", tags=["uploads"], responses={200: ReportShape, **errors(404, 409)})
@api_view(["GET"])
def report(request: Request, id: str) -> Response:
    """Every rule with what became of it, the score, and how it went from file to file; 409 until there is a verdict."""
    return Response(content.as_json(found(request, id)))


def binary(kind: str) -> dict[tuple[int, str], OpenApiResponse]:
    return {(200, kind): OpenApiResponse(OpenApiTypes.BINARY)}


@extend_schema(
    operation_id="upload_report_xlsx", tags=["uploads"],
    responses={**binary(files.FORMS["xlsx"][0]), **errors(404, 409)},
)  # fmt: skip
@api_view(["GET"])
def report_xlsx(request: Request, id: str) -> HttpResponse:
    """The report as a workbook: summary, rules, all issues with their places, trend."""
    return files.response(found(request, id), "xlsx")


@extend_schema(
    operation_id="upload_report_pdf", tags=["uploads"], responses={**binary(files.FORMS["pdf"][0]), **errors(404, 409)}
)
@api_view(["GET"])
def report_pdf(request: Request, id: str) -> HttpResponse:
    """The report as a PDF to print and sign; the first 300 issues."""
    return files.response(found(request, id), "pdf")
