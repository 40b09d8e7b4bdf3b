"""Tiles over HTTP. A tile that is kept costs one read of a file: no database, no session."""

import gzip
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.views import APIView

from portal import tile_grants
from portal.api_shapes import errors
from portal.errors import PortalError
from portal.geo import tiles
from portal.geo.tiles import Tileset

MVT = "application/vnd.mapbox-vector-tile"
FOREVER = "public, max-age=31536000, immutable"


class NoTile(PortalError):
    status = 404
    code = "not_found"


class WrongMethod(PortalError):
    status = 405
    code = "method_not_allowed"


class TileView(APIView):
    """Documents the tile view in OpenAPI; requests never reach it, they are too many for what it costs."""

    @extend_schema(
        operation_id="tile",
        tags=["tiles"],
        description="A Mapbox vector tile. Take the address from a tiles.json: its key names what the tile was made from.",
        responses={
            (200, MVT): OpenApiTypes.BINARY,
            204: OpenApiResponse(description="Nothing lies here, or the zoom is outside 8 to 18."),
            **errors(400, 404),
        },
    )
    def get(self, request: HttpRequest, key: str, z: int, x: int, y: int) -> HttpResponse:
        raise NotImplementedError


def tile_view(tilesets: dict[str, Tileset]) -> Callable[..., HttpResponse]:
    """The view for all tilesets; the first letter of a key says which one."""

    def tile(request: HttpRequest, key: str, z: int, x: int, y: int) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise WrongMethod(_("Tiles can only be read."))
        tileset = tilesets[key[0]]
        if tileset.public_now() and (packed := tiles.stored(key, z, x, y)) is not None:
            return answer(request, packed, f'W/"{key}-{z}-{x}-{y}"')
        if not tiles.is_tile(z, x, y):
            raise PortalError(_("There is no tile with this number."), code="tile_number")
        return fresh(request, tileset, key, z, x, y)

    tile.cls, tile.initkwargs = TileView, {}  # where drf-spectacular looks for the documentation
    return tile


def fresh(request: HttpRequest, tileset: Tileset, key: str, z: int, x: int, y: int) -> HttpResponse:
    """Make a tile, if the key is of today and open to whoever asks; keep it if it is open to all."""
    inside = tiles.MIN_ZOOM <= z <= tileset.max_zoom
    if inside and (grant := tile_grants.known(request, key)):
        made = tiles.render(tileset, grant.source, z, x, y, ask=grant.query, given=grant.params)
        if made.told == grant.marks:
            return packed_answer(request, grant.source, made, (key, z, x, y))
        tile_grants.forget(request, key)
    source = tile_grants.find(request, tileset, key)
    if source is None:
        raise NoTile(_("These tiles are out of date or not open to you; read tiles.json again."))
    made = tiles.render(tileset, source, z, x, y) if inside else tiles.Made(b"")
    return packed_answer(request, source, made, (key, z, x, y))


def packed_answer(
    request: HttpRequest, source: tiles.Source, made: tiles.Made, address: tuple[str, int, int, int]
) -> HttpResponse:
    """What was made, compressed; a public tile is kept."""
    if not made.data:
        response = HttpResponse(status=204)
        response.headers["Cache-Control"] = FOREVER if source.is_public else "private, no-store"
        return response
    if source.is_public:
        packed = tiles.pack(made.data)
        tiles.store(*address, packed)
        response = answer(request, packed, 'W/"{}-{}-{}-{}"'.format(*address))
    else:
        response = answer(request, tiles.pack(made.data, level=1), "")  # it is packed each time it is asked for
        response.headers["Cache-Control"] = "private, no-store"
    if made.grain:
        response.headers["X-Tile-Grain"] = str(made.grain)
    return response


def answer(request: HttpRequest, packed: bytes, etag: str) -> HttpResponse:
    if etag and etag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response = HttpResponse(status=304)
    elif "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        response = HttpResponse(packed, content_type=MVT)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(gzip.decompress(packed), content_type=MVT)
    response.headers["Vary"] = "Accept-Encoding"
    if etag:
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = FOREVER
    return response


class VectorLayer(serializers.Serializer):
    id = serializers.CharField()
    fields = serializers.DictField(child=serializers.CharField(allow_blank=True))
    minzoom = serializers.IntegerField()
    maxzoom = serializers.IntegerField()


class TileJSON(serializers.Serializer):
    tilejson = serializers.CharField()
    name = serializers.CharField()
    scheme = serializers.CharField()
    tiles = serializers.ListField(child=serializers.CharField())
    minzoom = serializers.IntegerField()
    maxzoom = serializers.IntegerField()
    bounds = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)
    vector_layers = VectorLayer(many=True)
    attribution = serializers.CharField()


def tilejson(
    request: HttpRequest, tileset: Tileset, key: str, *, name: str, bounds: Iterable[float], attribution: str
) -> dict[str, Any]:
    """TileJSON 3.0 of a tileset; the address of its tiles holds the key of today."""
    root = request.build_absolute_uri("/")[:-1]
    return described(tileset, key, name=name, bounds=bounds, attribution=attribution, root=root)


def described(
    tileset: Tileset, key: str, *, name: str, bounds: Iterable[float], attribution: str, root: str = ""
) -> dict[str, Any]:
    """The same for a page of ours, which saves its scripts a question: addresses without the host."""
    return {
        "tilejson": "3.0.0",
        "name": name,
        "scheme": "xyz",
        "tiles": [f"{root}/api/v1/tiles/{key}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": tiles.MIN_ZOOM,
        "maxzoom": tileset.max_zoom,
        "bounds": [round(value, 7) for value in bounds],
        "vector_layers": [
            {
                "id": layer.name,
                "fields": dict.fromkeys(layer.fields, ""),
                "minzoom": layer.zooms[0],
                "maxzoom": min(layer.zooms[1], tileset.max_zoom),
            }
            for layer in tileset.layers
        ],
        "attribution": attribution,
    }
