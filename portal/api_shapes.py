"""What goes into the API and what comes out: strict input, the shapes every app's answers are made of."""

import math
from typing import Any

from django.urls import register_converter
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from portal.ids import ALPHABET, LENGTH
from portal.models import User


class PublicId:
    regex = f"[{ALPHABET}]{{{LENGTH}}}"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


class DivisionCode(PublicId):
    regex = "[0-9]{12}"


class TileKey(PublicId):
    """v: a plan version, b: base data of a village, c: overview of a division; then what the tiles were made from."""

    regex = f"(?:v{PublicId.regex}-[0-9a-f]{{12}}|b[0-9]{{12}}-[0-9]{{1,10}}-[0-9]{{1,10}}|c[0-9]{{2,12}}-[0-9]{{1,10}}-[0-9]{{1,10}})"


register_converter(PublicId, "id")
register_converter(DivisionCode, "code")
register_converter(TileKey, "tilekey")


class StrictSerializer(serializers.Serializer):
    """Refuses names it does not know: a misspelt filter must not silently answer with everything."""

    def to_internal_value(self, data: Any) -> Any:
        if hasattr(data, "keys") and (unknown := sorted(set(data.keys()) - set(self.fields))):
            raise serializers.ValidationError({str(name)[:100]: [_("There is no such parameter.")] for name in unknown})
        return super().to_internal_value(data)


def read_query(request: Request, shape: type[serializers.Serializer]) -> dict[str, Any]:
    """The validated parameters of the address."""
    request._request.query_was_read = True  # for portal.middleware.UnreadQueryMiddleware
    query = shape(data=request.query_params)
    query.is_valid(raise_exception=True)
    return query.validated_data


def read_body(request: Request, shape: type[serializers.Serializer]) -> dict[str, Any]:
    """The validated body."""
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return body.validated_data


def require_user(request: Request) -> User:
    """The signed-in person; asked only after the object was found, so that strangers learn nothing by it."""
    if not request.user.is_authenticated:
        raise NotAuthenticated(_("Please sign in."))
    return request.user


class Degrees(serializers.FloatField):
    """Longitude or latitude in EPSG:4490; NaN and infinity are no places."""

    def to_internal_value(self, data: Any) -> float:
        try:
            value = super().to_internal_value(data)
        except OverflowError:  # a whole number of hundreds of digits
            self.fail("invalid")
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class PlaceQuery(StrictSerializer):
    lon = Degrees(min_value=-180, max_value=180, help_text="Longitude, EPSG:4490, degrees.")
    lat = Degrees(min_value=-90, max_value=90, help_text="Latitude, EPSG:4490, degrees.")


@extend_schema_field(
    {
        "type": "object",
        "nullable": True,
        "required": ["type", "coordinates"],
        "properties": {"type": {"type": "string"}, "coordinates": {"type": "array", "items": {}}},
        "description": "GeoJSON geometry: longitude, latitude in EPSG:4490 (CGCS2000), nine decimals (0.1 mm).",
    }
)
class Geometry(serializers.JSONField):
    pass


class GeoJSONRenderer(JSONRenderer):
    """Named first by the views that answer GeoJSON, so that a client asking for it is not turned away."""

    media_type = "application/geo+json"
    format = "geojson"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: dict | None = None) -> bytes:
        response = (renderer_context or {})["response"]
        if response.status_code >= 400:  # an error is no GeoJSON
            response.headers["Content-Type"] = "application/json"
        return super().render(data, accepted_media_type, renderer_context)


class Division(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class ErrorBody(serializers.Serializer):
    code = serializers.CharField(help_text="For programs: stays the same.")
    message = serializers.CharField(help_text="For people: says why, and what to do next.")
    data = serializers.JSONField(required=False, help_text="More, by code: `missing` sentences, wrong `fields`.")


class Error(serializers.Serializer):
    error = ErrorBody()


MEANINGS = {
    400: "Something in the request is not right; `data.fields` names it.",
    403: "Not signed in, or the role does not allow it.",
    404: "There is no such thing, or it is not open to you.",
    409: "The state does not allow it now; `data.missing` says what is lacking.",
    413: "The body is too large.",
    415: "The content type is not accepted here.",
    429: "Too many requests; try again later.",
}


def errors(*statuses: int) -> dict[int, OpenApiResponse]:
    """The error answers of an operation, for the OpenAPI document."""
    return {status: OpenApiResponse(Error, description=MEANINGS[status]) for status in statuses}


def feature(name: str, properties: type[serializers.Serializer], *, many: bool = False) -> serializers.Serializer:
    """Shape of a GeoJSON Feature."""
    fields = {
        "type": serializers.CharField(default="Feature"),
        "id": serializers.CharField(required=False),
        "geometry": Geometry(allow_null=True),
        "properties": properties(),
    }
    return inline_serializer(f"{name}Feature", fields, many=many)


def features(name: str, properties: type[serializers.Serializer], **told: serializers.Field) -> serializers.Serializer:
    """Shape of a page of GeoJSON features; `told` are further members of the collection."""
    return inline_serializer(
        f"{name}Collection",
        {
            "type": serializers.CharField(default="FeatureCollection"),
            "features": feature(name, properties, many=True),
            "next": serializers.URLField(allow_null=True),
            **told,
        },
    )


def results(name: str, item: type[serializers.Serializer]) -> serializers.Serializer:
    """Shape of a page of rows."""
    return inline_serializer(f"{name}Page", {"results": item(many=True), "next": serializers.URLField(allow_null=True)})
