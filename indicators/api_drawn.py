"""REST API of drawing: one polygon checked against everything that applies, while it is drawn. Nothing is stored."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes, throttle_classes
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.drawn import check_drawn
from planning.models import Finding, PlanVersion
from portal.api_parsers import JSONBody
from portal.api_shapes import Geometry, StrictSerializer, errors, read_body, require_user
from portal.api_throttles import DrawingThrottle
from villages.models import Village
from villages.rules import may_check_drawn


class DrawnBody(StrictSerializer):
    geometry = Geometry(help_text="Polygon or MultiPolygon.")
    code = serializers.CharField(max_length=6, help_text="Planned land-use class, 2023 edition.")
    version = serializers.CharField(
        required=False,
        allow_null=True,
        default=None,
        max_length=12,
        help_text="Compare with the zones of this version.",
    )


class DrawnConflict(serializers.Serializer):
    code = serializers.CharField(help_text="The check, docs/indicators.md.")
    name = serializers.CharField()
    severity = serializers.ChoiceField(Finding.Severity.choices)
    category = serializers.ChoiceField(Finding.Category.choices)
    category_text = serializers.CharField()
    law = serializers.CharField(allow_blank=True)
    action = serializers.CharField(help_text="What can be done about it.")
    sentence = serializers.CharField()
    area_m2 = serializers.FloatField()
    subject = serializers.CharField(allow_blank=True, help_text="What is in conflict, where it is no area.")
    detail = serializers.DictField(help_text="Figures behind the sentence: limit, distance, kind of line.")
    geometry = Geometry(allow_null=True)


class NotChecked(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    why = serializers.CharField()


class DrawnGround(serializers.Serializer):
    code = serializers.CharField(help_text="Land-use class of the base year.")
    name = serializers.CharField()
    area_m2 = serializers.FloatField()


class DrawnZone(serializers.Serializer):
    number = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    label = serializers.CharField(allow_blank=True)
    area_m2 = serializers.FloatField(help_text="Overlap with the polygon.")
    share = serializers.FloatField(help_text="Part of the zone that is covered, 0 to 1.")


class Outside(serializers.Serializer):
    area_m2 = serializers.FloatField()
    geometry = Geometry(allow_null=True)


class Drawn(serializers.Serializer):
    village = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()
    area_m2 = serializers.FloatField(help_text="Ellipsoidal area (椭球面积).")
    area_ha = serializers.FloatField()
    area_mu = serializers.FloatField(help_text="亩: a fifteenth of a hectare.")
    conflicts = DrawnConflict(many=True)
    not_checked = NotChecked(many=True, help_text="Checks that were not made, and why: not the same as passed.")
    now = DrawnGround(many=True, help_text="The ground in the base year, the largest class first.")
    unrecorded_m2 = serializers.FloatField(help_text="Ground of the village that no base-year parcel covers.")
    outside = Outside(help_text="What lies outside the village.")
    version = serializers.CharField(allow_null=True)
    zones = DrawnZone(many=True, help_text="Zones of the version that are overlaid, the most covered first.")
    replaces = serializers.IntegerField(allow_null=True, help_text="The zone that is the same ground drawn anew.")
    profiles = serializers.ListField(child=serializers.CharField(), help_text="Profiles it was judged by.")


@extend_schema(
    operation_id="village_check_drawn",
    tags=["indicators"],
    request=DrawnBody,
    responses={200: Drawn, **errors(400, 403, 404, 413, 429)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
@throttle_classes([DrawingThrottle])
def check(request: Request, code: str) -> Response:
    """Check one polygon while it is drawn: conflicts, areas, what the ground is now. For staff of the division; in the demo
    for everybody signed in."""
    if not may_check_drawn(request.user, code):
        raise Http404
    village = get_object_or_404(Village.objects.defer("geom", "geom_web"), pk=code)
    require_user(request)
    body = read_body(request, DrawnBody)
    version = None
    if body["version"]:
        version = get_object_or_404(
            PlanVersion.objects.visible_to(request.user).only("pk"), pk=body["version"], plan__village=village
        )
    # the answer is what the shapes above say; passing it through them would cost as much as a check
    return Response(check_drawn(village, body["geometry"], body["code"], version=version))


urlpatterns = [path("villages/<code:code>/check/", check, name="api-village-check")]
