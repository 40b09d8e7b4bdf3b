"""REST API of judgement: the structure table of a version, and where the other parts are."""

from typing import Any

from django.urls import include, path
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api_indicators import visible
from indicators.catalogue import STRUCTURE_ROWS
from indicators.compute.structure import official_table
from indicators.models import Run
from indicators.runs import newest, structure_rows
from indicators.structure_lines import known
from planning import freshness
from planning.models import LandUseClass, PlanVersion
from portal.api_shapes import errors


class ClassRow(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    base_ha = serializers.FloatField(allow_null=True)
    plan_ha = serializers.FloatField()


class TableRow(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    depth = serializers.IntegerField()
    kind = serializers.ChoiceField(["row", "subtotal", "total"])
    codes = serializers.ListField(child=serializers.CharField())
    base_ha = serializers.FloatField(allow_null=True)
    base_pct = serializers.FloatField(allow_null=True)
    plan_ha = serializers.FloatField()
    plan_pct = serializers.FloatField(allow_null=True)
    change_ha = serializers.FloatField(allow_null=True)


class Total(serializers.Serializer):
    base_ha = serializers.FloatField(allow_null=True)
    plan_ha = serializers.FloatField()


class Structure(serializers.Serializer):
    computed = serializers.BooleanField(help_text="False: not computed yet, `rows` and `table` are empty.")
    computed_at = serializers.DateTimeField(allow_null=True)
    stale = serializers.BooleanField(help_text="True: something it was computed from has changed since.")
    rows = ClassRow(
        many=True,
        help_text="By class as recorded; disjoint, not rounded; they add up to `total`. Without base-year parcels `base_ha` is null.",
    )
    table = TableRow(many=True, help_text="国土空间用途结构调整表 as printed, with subtotals and rounded areas.")
    total = Total()
    village_ha = serializers.FloatField(help_text="Ellipsoidal area of the village.")


@extend_schema(operation_id="version_structure", tags=["indicators"], responses={200: Structure, **errors(404)})
@api_view(["GET"])
def structure(request: Request, id: str) -> Response:
    """The structure table (国土空间用途结构调整表): base year against plan, by class and as the official table."""
    found = visible(request, id)
    run = newest(found)
    rows = structure_rows(run) if run else []
    table = official_table(rows) if rows else []
    total = {side: sum(row[side] for row in rows) for side in ("base_ha", "plan_ha")}
    if run:
        rows, table, (total,) = known(run, rows), known(run, table), known(run, [total])
    answer = {
        "computed": run is not None,
        "computed_at": run.computed_at if run else None,
        "stale": run is not None and freshness.is_stale(found),
        "rows": with_names(rows),
        "table": [{**line, "name": row_name(line)} for line in table],
        "total": total,
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
    path("", include("indicators.api_indicators")),
    path("", include("indicators.api_profiles")),
    path("", include("indicators.api_findings")),
    path("", include("indicators.api_summary")),
    path("", include("indicators.api_what_ifs")),
    path("versions/<id:id>/structure/", structure, name="api-version-structure"),
]
