"""REST API of finding a village: by what people write, or by a place."""

from typing import Any

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api_parsers import JSONBody
from portal.api_shapes import PlaceQuery, StrictSerializer, errors, read_body, read_query
from villages import finding
from villages.models import Hamlet, Village

WHY = ("code", "name", "hamlet", "township", "part")


class FindQuery(StrictSerializer):
    q = serializers.CharField(
        max_length=200, help_text="Code or the beginning of one, name, township, or a hamlet’s name."
    )


class HamletShape(serializers.ModelSerializer):
    kind_text = serializers.CharField(source="get_kind_display")
    lon = serializers.FloatField(source="geom.x", help_text="EPSG:4490, degrees.")
    lat = serializers.FloatField(source="geom.y")

    class Meta:
        model = Hamlet
        fields = ["id", "kind", "kind_text", "name", "lon", "lat", "source"]


class FoundVillage(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    township = serializers.CharField(allow_blank=True)
    county = serializers.CharField(allow_blank=True)


class FoundShape(FoundVillage):
    why = serializers.ChoiceField(WHY, help_text="What the words were found in.")
    hamlet = HamletShape(allow_null=True, help_text="The named place that was meant.")


class FindAnswer(serializers.Serializer):
    results = FoundShape(many=True, help_text=f"The likeliest first, at most {finding.MOST}.")
    suggestions = FoundVillage(many=True, help_text="Where nothing was found: villages that begin alike.")


def told(village: Village) -> dict[str, Any]:
    """A village as it is told in a list."""
    town = village.division.parent
    return {
        "code": village.pk,
        "name": village.short_name,
        "township": town.name if town else "",
        "county": town.parent.name if town and town.parent else "",
    }


@extend_schema(
    operation_id="villages_find", tags=["villages"], parameters=[FindQuery], responses={200: FindAnswer, **errors(400)}
)
@api_view(["GET"])
def find(request: Request) -> Response:
    """Find a village by code, name, township or the name of a hamlet in it."""
    words = read_query(request, FindQuery)["q"]
    found = finding.find(words)
    rows = [
        {**told(one.village), "why": one.why, "hamlet": one.hamlet and HamletShape(one.hamlet).data} for one in found
    ]
    suggestions = [] if found else [told(village) for village in finding.suggest(words)]
    return Response({"results": rows, "suggestions": suggestions})


@extend_schema(
    methods=["GET"],
    operation_id="village_at",
    tags=["villages"],
    parameters=[PlaceQuery],
    responses={200: FoundVillage, **errors(400, 404)},
)
@extend_schema(
    methods=["POST"],
    operation_id="village_at_position",
    tags=["villages"],
    request=PlaceQuery,
    responses={200: FoundVillage, **errors(400, 404)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def village_at(request: Request) -> Response:
    """The village a place lies in. A person's own position is sent by POST: an address is written down by servers on the way,
    a body is not. Nothing is kept either way. Degrees of WGS 84, as devices give them, are those of EPSG:4490 within a metre."""
    place = read_body(request, PlaceQuery) if request.method == "POST" else read_query(request, PlaceQuery)
    village = finding.village_at(**place)
    if village is None:
        raise Http404
    return Response(told(village))


urlpatterns = [
    path("villages/find/", find, name="api-villages-find"),
    path("villages/at/", village_at, name="api-village-at"),
]
