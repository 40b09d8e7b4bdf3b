"""What changes at a place, by the API: the same answer as the page."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning import places
from planning.api.versions import visible
from planning.my_place import tell
from planning.places import MAP, POSITION, WAYS, Place
from portal.api_parsers import JSONBody
from portal.api_shapes import Degrees, PlaceQuery, StrictSerializer, errors, read_body, read_query
from portal.errors import PortalError


class PlaceChoice(StrictSerializer):
    """One way to a place: longitude with latitude, or one of the others."""

    lon = Degrees(required=False, min_value=-180, max_value=180, help_text="Longitude, EPSG:4490, degrees.")
    lat = Degrees(required=False, min_value=-90, max_value=90, help_text="Latitude, EPSG:4490, degrees.")
    hamlet = serializers.CharField(required=False, max_length=20, help_text="Id of a hamlet of the village.")
    zone = serializers.CharField(required=False, max_length=10, help_text="Number of a zone of the version.")
    parcel = serializers.CharField(
        required=False, max_length=10, help_text="Number of a base-year plot; for whoever may see the base data."
    )
    household = serializers.CharField(
        required=False, max_length=40, help_text="Number of a household; for staff of the village and its own members."
    )
    own = serializers.ChoiceField(["1"], required=False, help_text="The homestead of one’s own household.")


class BadgeShape(serializers.Serializer):
    kind = serializers.ChoiceField(["changes", "stays", "unknown"])
    word = serializers.CharField()
    line = serializers.CharField()


class SectionShape(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    sentences = serializers.ListField(child=serializers.CharField())


class LandShape(serializers.Serializer):
    code = serializers.CharField(help_text="Land-use class, 2023 edition.")
    name = serializers.CharField()
    area_m2 = serializers.FloatField(help_text="Ellipsoidal area, m².")
    mu = serializers.FloatField(help_text="The same in 亩 (1 亩 = 666.67 m²), one decimal.")
    zone = serializers.IntegerField(required=False, help_text="Of what is planned.")


class LineShape(serializers.Serializer):
    kind = serializers.CharField()
    kind_text = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    may_build = serializers.ChoiceField(["yes", "ask", "no"])
    text = serializers.CharField(help_text="What it means, from planning/data/line_sentences.json (sample).")
    law = serializers.CharField()


class NoticeShape(serializers.Serializer):
    closes_on = serializers.DateField()
    days_left = serializers.IntegerField(help_text="0 on the last day.")


class MyPlaceShape(serializers.Serializer):
    place = serializers.DictField(help_text="lon, lat (EPSG:4490), way, name.")
    village = serializers.DictField(child=serializers.CharField())
    version = serializers.DictField()
    changes = serializers.BooleanField(allow_null=True, help_text="null: what it is or will be is not known.")
    badge = BadgeShape()
    now = LandShape(allow_null=True)
    planned = LandShape(allow_null=True)
    lines = LineShape(many=True)
    projects = serializers.ListField(child=serializers.DictField(), help_text="Within 300 m, with distance_m.")
    facilities = serializers.ListField(
        child=serializers.DictField(), help_text="The nearest of each kind, with distance_m; where base data are open."
    )
    conflicts = serializers.ListField(child=serializers.DictField())
    settled = serializers.ListField(child=serializers.DictField(), help_text="Conflicts the version before had here.")
    comments = serializers.DictField(help_text="count, near_m.")
    notice = NoticeShape(allow_null=True, help_text="While comments are taken.")
    links = serializers.DictField(child=serializers.CharField())
    sections = SectionShape(many=True, help_text="The answer in plain sentences, in the language asked for.")


def way_of(query: dict[str, Any]) -> tuple[str, str]:
    """The one way a query names, with its key."""
    given = [way for way in WAYS if way in query]
    if ("lon" in query) != ("lat" in query) or len(given) + ("lon" in query) != 1:
        raise PortalError(
            _("Please name one place: by lon and lat, hamlet, zone, parcel, household or own."), code="place"
        )
    return (given[0], query[given[0]]) if given else (MAP, "")


@extend_schema(
    methods=["GET"],
    operation_id="version_my_place",
    tags=["identify"],
    parameters=[PlaceChoice],
    responses={200: MyPlaceShape, **errors(400, 404)},
)
@extend_schema(
    methods=["POST"],
    operation_id="version_my_position",
    tags=["identify"],
    request=PlaceQuery,
    responses={200: MyPlaceShape, **errors(400, 404)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def my_place(request: Request, id: str) -> Response:
    """What the version means for one place, in plain sentences. A person's own position is sent by POST, so that no server on
    the way writes it down with the address; nothing is kept."""
    found = visible(request, id)
    if request.method == "POST":
        at = read_body(request, PlaceQuery)
        place = Place(at["lon"], at["lat"], POSITION)
    else:
        query = read_query(request, PlaceChoice)
        way, key = way_of(query)
        place = Place(query["lon"], query["lat"], MAP) if way == MAP else places.chosen(found, request.user, way, key)
    return Response(MyPlaceShape(tell(found, place, request.user)).data)
