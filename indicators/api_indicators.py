"""REST API of the numbers of a version: indicators, each with the shapes that made it, balance ledgers, and files."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, renderer_classes
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from indicators import exports, ledger_words, members, passports, runs
from indicators.comparison import Median, medians
from indicators.lights import ORDER
from indicators.models import Run, Target
from planning.models import PlanVersion
from portal.api_shapes import GeoJSONRenderer, errors, feature, read_query
from portal.pagination import PageQuery, next_url, number_after


class TargetShape(serializers.ModelSerializer):
    class Meta:
        model = Target
        fields = ["value", "binding", "source", "issued_on"]


class BoundShape(serializers.Serializer):
    kind = serializers.ChoiceField(["at_least", "at_most"])
    value = serializers.FloatField()
    origin = serializers.ChoiceField(["target", "rule"], help_text="Issued to the village, or a limit of a profile.")
    binding = serializers.BooleanField()


class MedianShape(serializers.Serializer):
    value = serializers.FloatField()
    villages = serializers.IntegerField(help_text="Of how many villages it is the median.")


class InputShape(serializers.Serializer):
    name = serializers.CharField(help_text="Layer, or `village.<fact>`.")
    text = serializers.CharField()
    digest = serializers.CharField(allow_blank=True, help_text="Digest of the content that was read.")


class IndicatorShape(serializers.Serializer):
    code = serializers.CharField(help_text="Number in the catalogue, docs/indicators.md.")
    name = serializers.CharField()
    unit = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="Null: `note` says why.")
    base_value = serializers.FloatField(allow_null=True, help_text="The same figure in the base year.")
    change = serializers.FloatField(allow_null=True, help_text="value less base_value.")
    numerator = serializers.FloatField(allow_null=True)
    numerator_unit = serializers.CharField(allow_blank=True)
    denominator = serializers.FloatField(allow_null=True)
    denominator_unit = serializers.CharField(allow_blank=True)
    base_numerator = serializers.FloatField(allow_null=True)
    base_denominator = serializers.FloatField(allow_null=True)
    scale = serializers.FloatField(help_text="value = numerator / denominator · scale.")
    parts = serializers.ListField(child=serializers.DictField(), help_text="Rows of a value made of several.")
    target = TargetShape(allow_null=True, help_text="What was issued to the village.")
    bounds = BoundShape(many=True, help_text="Everything the value is held to; the worst decides.")
    light = serializers.ChoiceField(list(ORDER), help_text="none: no target and no limit, or no value.")
    light_text = serializers.CharField()
    met = serializers.BooleanField(allow_null=True, help_text="Whether target and limits are kept.")
    near = serializers.FloatField(help_text="Share of a limit within which a value is near it.")
    binding = serializers.BooleanField(help_text="约束性 (true) or 预期性 (false).")
    sample = serializers.BooleanField(help_text="The target or limit is a sample nobody checked.")
    rule_source = serializers.CharField(allow_blank=True, help_text="Document of the target or source of the limit.")
    township_median = MedianShape(allow_null=True)
    county_median = MedianShape(allow_null=True)
    formula = serializers.CharField()
    source = serializers.CharField(help_text="Where the definition stands.")
    sources = serializers.DictField(help_text="What the value was computed from.")
    inputs = InputShape(many=True)
    members = serializers.URLField(allow_null=True, help_text="The shapes that made the number; null: it has none.")
    note = serializers.CharField(allow_blank=True)


class Indicators(serializers.Serializer):
    computed = serializers.BooleanField(help_text="False: not computed yet, `results` is empty.")
    computed_at = serializers.DateTimeField(allow_null=True)
    digest = serializers.CharField(allow_null=True, help_text="Names everything the run was computed from.")
    stale = serializers.BooleanField(help_text="True: something it was computed from has changed since.")
    results = IndicatorShape(many=True)


class OneIndicator(IndicatorShape):
    computed_at = serializers.DateTimeField()
    digest = serializers.CharField()
    stale = serializers.BooleanField()


class MemberProperties(serializers.Serializer):
    row = serializers.IntegerField()
    layer = serializers.CharField(help_text="plan, base, lines, facilities, roads, …")
    number = serializers.CharField(allow_null=True, help_text="Its number in that layer.")
    label = serializers.CharField(allow_blank=True)
    code = serializers.CharField(help_text="Land-use class or kind.")
    name = serializers.CharField(help_text="What the code means.")
    colour = serializers.CharField()
    area_m2 = serializers.FloatField(allow_null=True, help_text="What was counted of it; null for points and lines.")
    note = serializers.CharField(allow_blank=True)


class MemberShapes(serializers.Serializer):
    type = serializers.CharField()
    features = feature("Member", MemberProperties, many=True)
    next = serializers.URLField(allow_null=True)
    total = serializers.IntegerField(help_text="Shapes that made the number, those you may not see included.")
    total_m2 = serializers.FloatField(help_text="Their area; where the number is an area, its numerator.")
    hidden = serializers.IntegerField(help_text="Shapes of internal base data that are left out here.")
    hidden_m2 = serializers.FloatField()


class Ledgers(serializers.Serializer):
    computed = serializers.BooleanField(help_text="False: not computed yet, the rest is empty.")
    computed_at = serializers.DateTimeField(allow_null=True)
    digest = serializers.CharField(allow_null=True)
    stale = serializers.BooleanField()
    sentences = serializers.DictField(
        child=serializers.CharField(),
        help_text="Each ledger in words; `base` alone where there are no base-year parcels.",
    )
    ledgers = serializers.DictField(
        help_text="compensation 占补平衡, turnover 进出平衡, cropland, construction 建设用地指标; m², not rounded."
    )
    matrices = serializers.ListField(
        child=serializers.DictField(), help_text="Change matrices by 三大类 and 三生, with margins; m²."
    )
    changes = serializers.ListField(
        child=serializers.DictField(), help_text="Change matrix by class: base_code, plan_code, area_m2."
    )


def visible(request: Request, id: str) -> PlanVersion:
    return get_object_or_404(PlanVersion.objects.visible_to(request.user).with_plan(), pk=id)


def computed(found: PlanVersion) -> Run:
    """The newest run; what was not computed is not there."""
    run = runs.newest(found)
    if run is None:
        raise Http404
    run.version = found
    return run


def state(run: Run) -> dict[str, Any]:
    return {"computed_at": run.computed_at, "digest": run.digest, "stale": runs.is_stale(run)}


@extend_schema(operation_id="version_indicators", tags=["indicators"], responses={200: Indicators, **errors(404)})
@api_view(["GET"])
def indicators(request: Request, id: str) -> Response:
    """Indicators (规划指标) with numerator, denominator, target, limits, light, medians and sources."""
    found = visible(request, id)
    run = runs.newest(found)
    if run is None:
        return Response({"computed": False, "computed_at": None, "digest": None, "stale": False, "results": []})
    run.version = found
    rows = passports.of_run(run, medians(found.plan.village))
    answer = {"computed": True, **state(run), "results": [shown(request, row) for row in rows]}
    return Response(Indicators(answer).data)


@extend_schema(operation_id="version_indicator", tags=["indicators"], responses={200: OneIndicator, **errors(404)})
@api_view(["GET"])
def indicator(request: Request, id: str, code: str) -> Response:
    """One number of a version; 404 before the first computation, and where the indicator does not apply."""
    found = visible(request, id)
    run = computed(found)
    row = passports.of_code(run, code, medians(found.plan.village))
    if row is None:
        raise Http404
    return Response(OneIndicator({**shown(request, row), **state(run)}).data)


def shown(request: Request, row: passports.Passport) -> dict[str, Any]:
    figure, value = row.figure, row.value
    where = {"id": value.run.version_id, "code": row.code}
    return {
        "code": row.code, "name": figure.name, "unit": value.unit, "value": value.value, "base_value": value.base_value,
        "change": row.change, "numerator": value.numerator, "numerator_unit": value.sources.get("numerator_unit", ""),
        "denominator": value.denominator, "denominator_unit": value.sources.get("denominator_unit", ""),
        "base_numerator": value.base_numerator, "base_denominator": value.base_denominator, "scale": row.indicator.scale,
        "parts": value.parts, "target": figure.target, "bounds": figure.bounds, "light": row.light,
        "light_text": str(row.light_text), "met": figure.met, "near": figure.near, "binding": figure.binding,
        "sample": row.sample, "rule_source": row.rule_source, "township_median": median(row.township),
        "county_median": median(row.county), "formula": row.indicator.formula, "source": row.indicator.source,
        "sources": value.sources, "inputs": inputs(row), "note": str(figure.note),
        "members": request.build_absolute_uri(reverse("api-version-members", kwargs=where)) if row.has_map else None,
    }  # fmt: skip


def median(found: Median | None) -> dict[str, Any] | None:
    return found and {"value": found.value, "villages": found.villages}


def inputs(row: passports.Passport) -> list[dict[str, str]]:
    names = row.indicator.inputs
    return [
        {"name": name, "text": str(passports.input_name(name)), "digest": row.digests.get(name, "")} for name in names
    ]


@extend_schema(
    operation_id="version_indicator_members",
    tags=["indicators"],
    parameters=[PageQuery],
    responses={200: MemberShapes, **errors(400, 404)},
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def member_shapes(request: Request, id: str, code: str) -> Response:
    """The shapes that made a number (数值图斑), the largest first; 404 where a number comes from a table alone.

    Planned zones are as public as the version. Parcels, control lines and facilities are for staff of the division; whoever
    may not see them is told how many there are and how large.
    """
    found, query = visible(request, id), read_query(request, PageQuery)
    run = computed(found)
    row = passports.of_code(run, code)
    made = row and members.members_of(run, code, request.user)
    if made is None:
        raise Http404
    begin, size = number_after(query), query["page_size"]
    page = made.features[begin : begin + size]
    told = members.named([feature["properties"] for feature in page])
    page = [{**feature, "properties": properties} for feature, properties in zip(page, told, strict=True)]
    more = begin + size if begin + size < len(made.features) else None
    return Response(
        {
            "type": "FeatureCollection", "features": page, "next": next_url(request, more), "total": made.total,
            "total_m2": made.total_m2, "hidden": made.hidden, "hidden_m2": made.hidden_m2,
        }
    )  # fmt: skip


@extend_schema(operation_id="version_ledgers", tags=["indicators"], responses={200: Ledgers, **errors(404)})
@api_view(["GET"])
def ledgers(request: Request, id: str) -> Response:
    """Balance ledgers: 占补平衡, 进出平衡, construction quota, and what became what."""
    found = visible(request, id)
    run = runs.newest(found)
    if run is None or not run.ledgers:
        empty = {"computed": False, "computed_at": None, "digest": None, "stale": False}
        return Response({**empty, "sentences": {}, "ledgers": {}, "matrices": [], "changes": []})
    run.version = found
    if not runs.has_base(run):
        nothing = {"sentences": {"base": ledger_words.NO_BASE}, "ledgers": {}, "matrices": [], "changes": []}
        return Response(Ledgers({"computed": True, **state(run), **nothing}).data)
    built = run.ledgers["construction"]
    answer = {
        "computed": True, **state(run), "ledgers": run.ledgers,
        "sentences": {
            **{ledger.key: ledger.sentence for ledger in ledger_words.balances(run)},
            "quality": ledger_words.quality_sentence(run.ledgers["compensation"]["quality"]),
            "construction": ledger_words.construction_sentence(built),
            "flex": ledger_words.flex_sentence(built["flex"]),
        },
        "matrices": [matrix_json(matrix) for matrix in ledger_words.matrices(run)],
        "changes": list(run.changes.values("base_code", "plan_code", "area_m2")),
    }  # fmt: skip
    return Response(Ledgers(answer).data)


def matrix_json(matrix: ledger_words.Matrix) -> dict[str, Any]:
    keys = [name["key"] for name in matrix.names]
    return {
        "key": matrix.key,
        "title": str(matrix.title),
        "groups": [{"key": name["key"], "name": str(name["name"])} for name in matrix.names],
        "cells": [
            {"base": row["key"], "plan": key, "area_m2": cell}
            for row in matrix.rows
            for key, cell in zip(keys, row["cells"], strict=True)
        ],
        "base": {row["key"]: row["total"] for row in matrix.rows},
        "plan": dict(zip(keys, matrix.total, strict=True)),
        "total_m2": matrix.total_m2,
    }


def binary(kind: str) -> dict[tuple[int, str], OpenApiResponse]:
    return {(200, kind): OpenApiResponse(OpenApiTypes.BINARY)}


@extend_schema(
    operation_id="version_indicators_xlsx", tags=["indicators"], responses={**binary(exports.XLSX), **errors(404)}
)
@api_view(["GET"])
def indicators_xlsx(request: Request, id: str) -> HttpResponse:
    """Indicators, structure table, ledgers and change matrix as a workbook."""
    return exports.response(visible(request, id), "indicators.xlsx")


@extend_schema(
    operation_id="version_indicators_csv", tags=["indicators"], responses={**binary("text/csv"), **errors(404)}
)
@api_view(["GET"])
def indicators_csv(request: Request, id: str) -> HttpResponse:
    """The indicators as CSV (UTF-8)."""
    return exports.response(visible(request, id), "indicators.csv")


@extend_schema(operation_id="version_changes_csv", tags=["indicators"], responses={**binary("text/csv"), **errors(404)})
@api_view(["GET"])
def changes_csv(request: Request, id: str) -> HttpResponse:
    """The change matrix (用地转移矩阵) by class as CSV (UTF-8)."""
    return exports.response(visible(request, id), "changes.csv")


urlpatterns = [
    path("versions/<id:id>/indicators/", indicators, name="api-version-indicators"),
    path("versions/<id:id>/indicators/<slug:code>/", indicator, name="api-version-indicator"),
    path("versions/<id:id>/indicators/<slug:code>/members/", member_shapes, name="api-version-members"),
    path("versions/<id:id>/ledgers/", ledgers, name="api-version-ledgers"),
    path("versions/<id:id>/indicators.xlsx", indicators_xlsx, name="api-version-indicators-xlsx"),
    path("versions/<id:id>/indicators.csv", indicators_csv, name="api-version-indicators-csv"),
    path("versions/<id:id>/changes.csv", changes_csv, name="api-version-changes-csv"),
]
