"""REST API of judgement: indicators and the structure table of a version, from its newest run."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import include, path
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from indicators import plain_words
from indicators.catalogue import INDICATORS, STRUCTURE_ROWS
from indicators.compute.structure import official_table
from indicators.models import IndicatorValue, Run, Target
from indicators.runs import newest, structure_rows
from planning.models import LandUseClass, PlanVersion
from portal.api_shapes import errors


class TargetShape(serializers.ModelSerializer):
    class Meta:
        model = Target
        fields = ["value", "binding", "source", "issued_on"]


class IndicatorShape(serializers.Serializer):
    code = serializers.CharField(help_text="Number in the catalogue, docs/indicators.md.")
    name = serializers.CharField()
    unit = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="Null: `note` says why.")
    base_value = serializers.FloatField(allow_null=True, help_text="The same figure in the base year.")
    numerator = serializers.FloatField(allow_null=True)
    denominator = serializers.FloatField(allow_null=True)
    target = TargetShape(allow_null=True, help_text="What was issued to the village.")
    met = serializers.BooleanField(allow_null=True, help_text="Whether the target is kept.")
    binding = serializers.BooleanField(help_text="约束性 (true) or 预期性 (false).")
    formula = serializers.CharField()
    source = serializers.CharField(help_text="Where the definition stands.")
    sources = serializers.DictField(help_text="What the value was computed from.")
    note = serializers.CharField(allow_blank=True)


class Indicators(serializers.Serializer):
    computed = serializers.BooleanField(help_text="False: not computed yet, `results` is empty.")
    computed_at = serializers.DateTimeField(allow_null=True)
    results = IndicatorShape(many=True)


class ClassRow(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    base_ha = serializers.FloatField()
    plan_ha = serializers.FloatField()


class TableRow(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    depth = serializers.IntegerField()
    kind = serializers.ChoiceField(["row", "subtotal", "total"])
    codes = serializers.ListField(child=serializers.CharField())
    base_ha = serializers.FloatField()
    base_pct = serializers.FloatField(allow_null=True)
    plan_ha = serializers.FloatField()
    plan_pct = serializers.FloatField(allow_null=True)
    change_ha = serializers.FloatField()


class Total(serializers.Serializer):
    base_ha = serializers.FloatField()
    plan_ha = serializers.FloatField()


class Structure(serializers.Serializer):
    computed = serializers.BooleanField(help_text="False: not computed yet, `rows` and `table` are empty.")
    computed_at = serializers.DateTimeField(allow_null=True)
    rows = ClassRow(many=True, help_text="By class as recorded; disjoint, not rounded; they add up to `total`.")
    table = TableRow(many=True, help_text="国土空间用途结构调整表 as printed, with subtotals and rounded areas.")
    total = Total()
    village_ha = serializers.FloatField(help_text="Ellipsoidal area of the village.")


def visible(request: Request, id: str) -> PlanVersion:
    return get_object_or_404(PlanVersion.objects.visible_to(request.user).with_plan(), pk=id)


@extend_schema(operation_id="version_indicators", tags=["indicators"], responses={200: Indicators, **errors(404)})
@api_view(["GET"])
def indicators(request: Request, id: str) -> Response:
    """Indicators (规划指标) with numerator, denominator, target and sources."""
    found = visible(request, id)
    run = newest(found)
    if run is None:
        return Response({"computed": False, "computed_at": None, "results": []})
    targets = {t.code: t for t in Target.objects.filter(village=found.plan.village_id)}
    values = {v.code: v for v in run.values.all()}
    results = [shown(values[code], targets.get(code)) for code in INDICATORS if code in values]
    return Response(Indicators({"computed": True, "computed_at": run.computed_at, "results": results}).data)


def shown(value: IndicatorValue, target: Target | None) -> dict[str, Any]:
    indicator, figure = INDICATORS[value.code], plain_words.figure(value, target)
    return {
        "code": value.code,
        "name": indicator.name,
        "unit": value.unit,
        "value": value.value,
        "base_value": value.base_value,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "target": target,
        "met": figure.met,
        "binding": indicator.binding == "binding",
        "formula": indicator.formula,
        "source": indicator.source,
        "sources": value.sources,
        "note": str(figure.note),
    }


@extend_schema(operation_id="version_structure", tags=["indicators"], responses={200: Structure, **errors(404)})
@api_view(["GET"])
def structure(request: Request, id: str) -> Response:
    """The structure table (国土空间用途结构调整表): base year against plan, by class and as the official table."""
    found = visible(request, id)
    run = newest(found)
    rows = structure_rows(run) if run else []
    answer = {
        "computed": run is not None,
        "computed_at": run.computed_at if run else None,
        "rows": with_names(rows),
        "table": [{**line, "name": row_name(line)} for line in official_table(rows)] if rows else [],
        "total": {side: sum(row[side] for row in rows) for side in ("base_ha", "plan_ha")},
        "village_ha": village_m2(found, run) / 10_000,
    }
    return Response(Structure(answer).data)


def village_m2(version: PlanVersion, run: Run | None) -> float:
    """The area the run was made with, so that an answer agrees with itself; before a run, today's."""
    return run.village_area_m2 if run else version.plan.village.area_m2


def with_names(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    classes = LandUseClass.objects.filter(code_version="2023", code__in=[row["code"] for row in rows])
    names = {c.code: c.name for c in classes}
    return [{**row, "name": names.get(row["code"], row["code"])} for row in rows]


def row_name(line: dict[str, Any]) -> str:
    """The standard term in Chinese; its translation in any other language."""
    return str(STRUCTURE_ROWS[line["key"]]) if get_language() == "en" else line["name_zh"]


urlpatterns = [
    path("", include("indicators.api_profiles")),
    path("versions/<id:id>/indicators/", indicators, name="api-version-indicators"),
    path("versions/<id:id>/structure/", structure, name="api-version-structure"),
]
