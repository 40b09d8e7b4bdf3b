"""What is in a view of the map, and the zones a reader looks for."""

import math
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from planning import legend, matching
from planning.api.shapes import BoxField
from planning.api.versions import visible
from portal.api_shapes import StrictSerializer, errors, read_query
from villages.models import Village

REACH = (180, 90, 180, 90)
"""degrees a box may name"""


class BoxText(serializers.CharField):
    """west,south,east,north as text; a box that crosses the date line is none of ours."""

    default_error_messages = {"box": _("Give west,south,east,north in degrees, the smaller first.")}

    def to_internal_value(self, data: Any) -> legend.Box:
        try:
            west, south, east, north = (float(part) for part in super().to_internal_value(data).split(","))
        except ValueError:
            self.fail("box")
        box = (west, south, east, north)
        inside = all(math.isfinite(x) and abs(x) <= most for x, most in zip(box, REACH, strict=True))
        if not inside or west >= east or south >= north:
            self.fail("box")
        return box


class LegendQuery(StrictSerializer):
    bbox = BoxText(
        required=False, max_length=120, help_text="west,south,east,north in EPSG:4490; without it all is counted."
    )


class CountShape(serializers.Serializer):
    count = serializers.IntegerField()


class MeasuredShape(CountShape):
    area_m2 = serializers.FloatField(help_text="Inside the view; ellipsoidal area, m².")


class LegendClassShape(MeasuredShape):
    code = serializers.CharField()
    name = serializers.CharField()
    colour = serializers.CharField(help_text="Official colour, #rrggbb.")


class LegendLineShape(MeasuredShape):
    kind = serializers.CharField()
    name = serializers.CharField()
    colour = serializers.CharField()
    dash = serializers.ListField(child=serializers.IntegerField(), help_text="Lengths of strokes and gaps, pixels.")
    at_first = serializers.BooleanField(help_text="Drawn before anybody asks for it.")


class SignShape(CountShape):
    kind = serializers.CharField(allow_blank=True)
    symbol = serializers.CharField(help_text="Name of the sign on the map.")


class FacilitySignShape(SignShape):
    name = serializers.CharField()


class LegendShape(serializers.Serializer):
    bbox = BoxField(allow_null=True)
    plan = LegendClassShape(many=True, allow_null=True, help_text="Planned classes; null without a version.")
    now = LegendClassShape(many=True, allow_null=True, help_text="Base year; null if you may not see it.")
    lines = LegendLineShape(many=True, allow_null=True, help_text="Control lines; null if you may not see them.")
    conflicts = serializers.IntegerField(allow_null=True)
    projects = SignShape(many=True, allow_null=True)
    facilities = FacilitySignShape(many=True, allow_null=True, help_text="Null if you may not see them.")
    comments = serializers.IntegerField(allow_null=True)


@extend_schema(
    operation_id="version_legend", tags=["plans"], parameters=[LegendQuery],
    responses={200: LegendShape, **errors(400, 404)},
)  # fmt: skip
@api_view(["GET"])
def version_legend(request: Request, id: str) -> Response:
    """Counts and areas of what lies in a view of a version: classes, lines, conflicts, projects, facilities, comments."""
    found, query = visible(request, id), read_query(request, LegendQuery)
    return Response(LegendShape(legend.in_view(found.plan.village, found, request.user, query.get("bbox"))).data)


@extend_schema(
    operation_id="village_legend", tags=["villages"], parameters=[LegendQuery],
    responses={200: LegendShape, **errors(400, 404)},
)  # fmt: skip
@api_view(["GET"])
def village_legend(request: Request, code: str) -> Response:
    """Counts and areas of what lies in a view of a village in its base year."""
    village = get_object_or_404(Village.objects.defer("geom", "geom_web"), pk=code)
    query = read_query(request, LegendQuery)
    return Response(LegendShape(legend.in_view(village, None, request.user, query.get("bbox"))).data)


class MatchQuery(StrictSerializer):
    code = serializers.RegexField(r"^\d{0,6}$", default="", help_text="Beginning of the class code.")
    least_m2 = serializers.FloatField(default=0, min_value=0, max_value=1e12, help_text="Smallest area, m².")
    most_m2 = serializers.FloatField(required=False, min_value=0, max_value=1e12, help_text="Largest area, m².")
    state = serializers.ChoiceField(
        matching.STATES, default="all", help_text="conflict: with a finding; changed: other than in the base year."
    )


class MatchedZone(serializers.Serializer):
    number = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    label = serializers.CharField(allow_blank=True)
    area_m2 = serializers.FloatField()
    bbox = BoxField()


class MatchShape(serializers.Serializer):
    count = serializers.IntegerField()
    area_m2 = serializers.FloatField(help_text="Of all that match; ellipsoidal area, m².")
    numbers = serializers.ListField(child=serializers.IntegerField(), help_text="Of all that match.")
    zones = MatchedZone(many=True, help_text="The first fifty.")


@extend_schema(
    operation_id="version_matching", tags=["plans"], parameters=[MatchQuery],
    responses={200: MatchShape, **errors(400, 403, 404)},
)  # fmt: skip
@api_view(["GET"])
def version_matching(request: Request, id: str) -> Response:
    """Zones of a version by class, size and state."""
    found, query = visible(request, id), read_query(request, MatchQuery)
    return Response(MatchShape(matching.matching(found, request.user, **query)).data)
