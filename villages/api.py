"""REST API of facts: divisions, villages, parcels, control lines, facilities, and the tiles of both."""

import json

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api_shapes import Division as DivisionShape
from portal.api_shapes import GeoJSONRenderer, errors, feature, features, read_query, results
from portal.api_tiles import TileJSON, tilejson
from portal.geo import sql
from portal.models.accounts import division_prefix
from portal.pagination import PageQuery, feature_page, keyset, number_after
from villages import tiles
from villages.models import ControlLine, Division, Fact, Village, VillageType
from villages.rules import may_see_base_data


class DivisionQuery(PageQuery):
    parent = serializers.RegexField(r"^\d{12}$", required=False)
    level = serializers.ChoiceField(Division.Level.choices, required=False)
    q = serializers.CharField(required=False, max_length=50, help_text="Part of the name or of the code.")


class DivisionRow(serializers.ModelSerializer):
    level_text = serializers.CharField(source="get_level_display", read_only=True)
    parent = serializers.CharField(source="parent_id", allow_null=True, read_only=True)

    class Meta:
        model = Division
        fields = ["code", "name", "level", "level_text", "parent"]


class DivisionDetail(DivisionRow):
    ancestors = DivisionShape(many=True)
    links = serializers.DictField(child=serializers.URLField())

    class Meta(DivisionRow.Meta):
        fields = [*DivisionRow.Meta.fields, "ancestors", "links"]


class VillageQuery(PageQuery):
    under = serializers.RegexField(
        r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", default="", help_text="Code of a division, or its significant digits."
    )
    q = serializers.CharField(default="", max_length=50, help_text="Part of the name or of the code.")


class VillageProperties(serializers.Serializer):
    code = serializers.CharField(help_text="12 digits; names repeat, even inside one county.")
    name = serializers.CharField()
    short_name = serializers.CharField()
    township = serializers.CharField(allow_null=True)
    township_code = serializers.CharField(allow_null=True)
    type = serializers.ChoiceField(VillageType.choices)
    type_text = serializers.CharField()
    area_ha = serializers.FloatField(help_text="Ellipsoidal area (椭球面积), hectares.")
    base_year = serializers.IntegerField()
    population = serializers.FloatField(allow_null=True, help_text="Registered population, latest figure.")
    resident_population = serializers.FloatField(allow_null=True)
    households = serializers.FloatField(allow_null=True)
    source = serializers.CharField()


class FactShape(serializers.ModelSerializer):
    name = serializers.CharField(source="get_code_display")

    class Meta:
        model = Fact
        fields = ["code", "name", "value", "unit", "year", "source"]


class VillageDetail(VillageProperties):
    facts = FactShape(many=True)
    plans = serializers.ListField(child=serializers.CharField(), help_text="Ids of the plans you may see.")
    links = serializers.DictField(child=serializers.URLField())


class ParcelProperties(serializers.Serializer):
    number = serializers.IntegerField()
    code = serializers.CharField(help_text="Land-use class, 2023 edition.")
    survey_code = serializers.CharField(allow_blank=True, help_text="Class of the land survey (DLBM), untouched.")
    area_m2 = serializers.FloatField(help_text="Ellipsoidal area, m².")
    source = serializers.CharField()


class ControlLineProperties(serializers.Serializer):
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(ControlLine.Kind.choices)
    kind_text = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    level = serializers.CharField(allow_blank=True)
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)
    area_m2 = serializers.FloatField(help_text="Ellipsoidal area, m².")
    source = serializers.CharField()


class FacilityProperties(serializers.Serializer):
    number = serializers.IntegerField()
    kind = serializers.CharField(help_text="Two-digit facility type.")
    name = serializers.CharField()
    source = serializers.CharField()


def link(request: Request, name: str, **kwargs: str) -> str:
    return request.build_absolute_uri(reverse(name, kwargs=kwargs))


@extend_schema(
    operation_id="divisions",
    tags=["villages"],
    parameters=[DivisionQuery],
    responses={200: results("Division", DivisionRow), **errors(400)},
)
@api_view(["GET"])
def division_list(request: Request) -> Response:
    """Administrative divisions, ordered by code."""
    query = read_query(request, DivisionQuery)
    rows = Division.objects.all()
    if "parent" in query:
        rows = rows.filter(parent=query["parent"])
    if "level" in query:
        rows = rows.filter(level=query["level"])
    if "q" in query:
        rows = rows.filter(name__contains=query["q"]) | rows.filter(code__contains=query["q"])
    page, follow = keyset(request, rows, ["code"], query)
    return Response({"results": DivisionRow(page, many=True).data, "next": follow})


@extend_schema(operation_id="division", tags=["villages"], responses={200: DivisionDetail, **errors(404)})
@api_view(["GET"])
def division(request: Request, code: str) -> Response:
    """One division with the divisions above it."""
    found = get_object_or_404(Division, pk=code)
    found.ancestors = Division.objects.filter(pk__in=found.ancestor_codes()).order_by("level")
    children = link(request, "api-divisions")
    found.links = {
        "children": f"{children}?parent={code}",
        "villages": f"{link(request, 'api-villages')}?under={division_prefix(code)}",
        "tiles": link(request, "api-division-tiles", code=code),
    }
    return Response(DivisionDetail(found).data)


def village_params(**given: object) -> dict[str, object]:
    """Parameters of the query `villages/villages`, all villages unless said otherwise."""
    types = json.dumps({value: str(label) for value, label in VillageType.choices})
    return {"after": "", "under": "%", "q": "", "types": types, **given}


@extend_schema(
    operation_id="villages",
    tags=["villages"],
    parameters=[VillageQuery],
    responses={200: features("Village", VillageProperties), **errors(400)},
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def village_list(request: Request) -> HttpResponse:
    """Villages with their outlines, ordered by code."""
    query = read_query(request, VillageQuery)
    under = division_prefix(query["under"]) if len(query["under"]) == 12 else query["under"]
    params = village_params(after=query.get("cursor", ""), under=f"{under}%", q=query["q"])
    return feature_page(request, "villages/villages", query, **params)


@extend_schema(
    operation_id="village", tags=["villages"], responses={200: feature("VillageDetail", VillageDetail), **errors(404)}
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def village(request: Request, code: str) -> Response:
    """One village: outline, facts with year and source, the plans you may see."""
    found = get_object_or_404(Village, pk=code)
    text, _last = sql.row("villages/villages", limit=1, **village_params(under=code))
    (answer,) = json.loads(text)
    answer["properties"] |= {
        "facts": FactShape(found.facts.all(), many=True).data,
        "plans": list(found.plans.visible_to(request.user).values_list("pk", flat=True)),
        "links": {
            name: link(request, f"api-village-{name}", code=code)
            for name in ("parcels", "control-lines", "facilities", "tiles")
        },
    }
    return Response(answer)


def base_village(request: Request, code: str) -> Village:
    """The village, for those who may see its precise base data; the others are told that there is nothing."""
    if not may_see_base_data(request.user, code):
        raise Http404
    return get_object_or_404(Village, pk=code)


@extend_schema(
    operation_id="village_parcels",
    tags=["villages"],
    parameters=[PageQuery],
    responses={200: features("Parcel", ParcelProperties), **errors(400, 404)},
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def parcel_list(request: Request, code: str) -> HttpResponse:
    """Base-year parcels (现状图斑): for staff of the division; in the demo, where they are drawn, for everyone."""
    base_village(request, code)
    query = read_query(request, PageQuery)
    return feature_page(request, "villages/parcels", query, village=code, after=number_after(query))


@extend_schema(
    operation_id="village_control_lines",
    tags=["villages"],
    parameters=[PageQuery],
    responses={200: features("ControlLine", ControlLineProperties), **errors(400, 404)},
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def control_line_list(request: Request, code: str) -> HttpResponse:
    """Control lines (控制线) with the days they are valid; who may see them: as parcels."""
    base_village(request, code)
    query = read_query(request, PageQuery)
    kinds = json.dumps({value: str(label) for value, label in ControlLine.Kind.choices})
    return feature_page(request, "villages/control_lines", query, village=code, after=number_after(query), kinds=kinds)


@extend_schema(
    operation_id="village_facilities",
    tags=["villages"],
    parameters=[PageQuery],
    responses={200: features("Facility", FacilityProperties), **errors(400, 404)},
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def facility_list(request: Request, code: str) -> HttpResponse:
    """Public facilities; who may see them: as parcels."""
    base_village(request, code)
    query = read_query(request, PageQuery)
    return feature_page(request, "villages/facilities", query, village=code, after=number_after(query))


@extend_schema(operation_id="village_tiles", tags=["tiles"], responses={200: TileJSON, **errors(404)})
@api_view(["GET"])
def village_tiles(request: Request, code: str) -> Response:
    """TileJSON of the base data of a village; who may see it: as parcels."""
    found = base_village(request, code)
    return Response(
        tilejson(
            request,
            tiles.BASE,
            tiles.base_key(found),
            name=found.short_name,
            bounds=found.geom.extent,
            attribution=found.source,
        )
    )


@extend_schema(operation_id="division_tiles", tags=["tiles"], responses={200: TileJSON, **errors(404)})
@api_view(["GET"])
def division_tiles(request: Request, code: str) -> Response:
    """TileJSON of the outlines of all villages of a division."""
    found = get_object_or_404(Division, pk=code)
    bounds, source = tiles.overview_bounds(found)
    if bounds is None:
        raise Http404
    return Response(
        tilejson(request, tiles.OVERVIEW, tiles.overview_key(found), name=found.name, bounds=bounds, attribution=source)
    )


urlpatterns = [
    path("divisions/", division_list, name="api-divisions"),
    path("divisions/<code:code>/", division, name="api-division"),
    path("divisions/<code:code>/tiles.json", division_tiles, name="api-division-tiles"),
    path("villages/", village_list, name="api-villages"),
    path("villages/<code:code>/", village, name="api-village"),
    path("villages/<code:code>/parcels/", parcel_list, name="api-village-parcels"),
    path("villages/<code:code>/control-lines/", control_line_list, name="api-village-control-lines"),
    path("villages/<code:code>/facilities/", facility_list, name="api-village-facilities"),
    path("villages/<code:code>/tiles.json", village_tiles, name="api-village-tiles"),
]
