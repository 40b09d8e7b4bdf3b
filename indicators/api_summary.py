"""REST API of the plan in plain words."""

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.summary import summary
from planning.models import PlanVersion
from portal.api_shapes import errors
from villages.rules import may_see_base_data


class SummarySection(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    sentences = serializers.ListField(child=serializers.CharField())


class SummaryShape(serializers.Serializer):
    version = serializers.CharField()
    sections = SummarySection(many=True)


@extend_schema(operation_id="version_summary", tags=["plans"], responses={200: SummaryShape, **errors(404)})
@api_view(["GET"])
def version_summary(request: Request, id: str) -> Response:
    """The version in sentences anybody can read, in the reader's language."""
    version = get_object_or_404(
        PlanVersion.objects.visible_to(request.user).with_plan().select_related("notice"), pk=id
    )
    sections = summary(version, open_data=may_see_base_data(request.user, version.division_code))
    shown = [{"key": s.key, "title": s.title, "sentences": s.sentences} for s in sections]
    return Response(SummaryShape({"version": version.pk, "sections": shown}).data)


urlpatterns = [path("versions/<id:id>/summary/", version_summary, name="api-version-summary")]
