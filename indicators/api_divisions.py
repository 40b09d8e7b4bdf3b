"""REST API of divisions' judgement: figures added up from villages, and judging all of them."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from indicators import lights, rollup_book, rollups, sweeps
from indicators.api import TableRow, Total, row_name, with_names
from indicators.compute.structure import official_table
from indicators.models import Sweep
from portal.api_shapes import StrictSerializer, errors, read_body, read_query, require_user
from portal.errors import Conflict, NotAllowed
from villages.models import Division


class PlansQuery(StrictSerializer):
    plans = serializers.ChoiceField(
        [rollups.IN_FORCE, rollups.NEWEST],
        default=rollups.IN_FORCE,
        help_text="Of each village the version in force, else the newest that was judged; or always the newest.",
    )


class NamedVillage(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class VillageWithout(NamedVillage):
    note = serializers.CharField(allow_blank=True, help_text="Why it has no value.")


class TargetSum(serializers.Serializer):
    value = serializers.FloatField(help_text="Sum of the targets issued to villages.")
    villages = serializers.IntegerField(help_text="How many villages have one.")
    reached = serializers.FloatField(help_text="What these villages have. Both sums are of figures to two decimals.")
    light = serializers.ChoiceField(choices=lights.ORDER)
    light_text = serializers.CharField()
    met = serializers.BooleanField(allow_null=True)


class RollupRow(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="numerator / denominator · scale, or the sum.")
    base_value = serializers.FloatField(allow_null=True)
    change = serializers.FloatField(allow_null=True, help_text="Of the villages that have both years.")
    numerator = serializers.FloatField(allow_null=True)
    numerator_unit = serializers.CharField(allow_blank=True)
    denominator = serializers.FloatField(allow_null=True)
    denominator_unit = serializers.CharField(allow_blank=True)
    scale = serializers.FloatField()
    villages = serializers.IntegerField(help_text="Villages with a value; only they are in the sums.")
    without = serializers.IntegerField(help_text="Villages without a value.")
    without_named = VillageWithout(many=True, help_text="The first of them.")
    otherwise = serializers.IntegerField(help_text="Villages measured in other units, which do not add up with these.")
    target = TargetSum(allow_null=True, help_text="Where targets add up (ha).")


class Scope(serializers.Serializer):
    division = NamedVillage()
    plans = serializers.ChoiceField([rollups.IN_FORCE, rollups.NEWEST])
    drafts = serializers.BooleanField(help_text="True: you are staff of the division, so drafts count, too.")
    villages = serializers.IntegerField()
    judged = serializers.IntegerField(help_text="Villages whose plan counts.")
    in_force = serializers.IntegerField(help_text="Of these, villages whose version is in force.")
    stale = serializers.IntegerField(
        allow_null=True, help_text="Villages whose results are out of date; null: too many to ask, see their counties."
    )
    left_out = NamedVillage(many=True, help_text="The first of the villages without a plan that counts.")


class DivisionIndicators(Scope):
    results = RollupRow(many=True)


class RollupClass(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    base_ha = serializers.FloatField()
    plan_ha = serializers.FloatField()


class ChangeCell(serializers.Serializer):
    base_code = serializers.CharField()
    plan_code = serializers.CharField()
    area_m2 = serializers.FloatField()


class DivisionStructure(Scope):
    rows = RollupClass(many=True, help_text="By class as recorded; disjoint, not rounded.")
    table = TableRow(many=True, help_text="国土空间用途结构调整表 with subtotals and rounded areas.")
    total = Total()
    changes = ChangeCell(many=True, help_text="用地转移矩阵: what was one class and is planned as another.")


class SweepFailure(NamedVillage):
    version = serializers.CharField()
    error = serializers.CharField()


class SweepShape(serializers.Serializer):
    id = serializers.CharField()
    state = serializers.ChoiceField(Sweep.State.choices)
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    total = serializers.IntegerField(help_text="Versions that were due.")
    waiting = serializers.IntegerField()
    taken = serializers.IntegerField(help_text="Being computed.")
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    percent = serializers.IntegerField()
    job = serializers.CharField(help_text="The job behind the progress bar.")
    failures = SweepFailure(many=True)


class CheckState(serializers.Serializer):
    division = NamedVillage()
    nothing_due = serializers.BooleanField(help_text="POST only: every plan is judged by what holds today.")
    sweep = SweepShape(allow_null=True, help_text="The last one; null: never begun.")


class CheckBody(StrictSerializer):
    retry = serializers.BooleanField(default=False, help_text="Try the failed ones of the running one again.")


def scope(found: rollups.Rollup) -> dict[str, Any]:
    names = ("plans", "drafts", "villages", "judged", "in_force", "stale", "left_out")
    return {"division": found.division, **{name: getattr(found, name) for name in names}}


@extend_schema(
    operation_id="division_indicators",
    tags=["divisions"],
    parameters=[PlansQuery],
    responses={200: DivisionIndicators, **errors(400, 404)},
)
@api_view(["GET"])
def indicators(request: Request, code: str) -> Response:
    """Indicators of a township, county, city or province: areas and counts of its villages added up, ratios divided anew.

    Of plans that were opened to the public; for staff of the division also of drafts.
    """
    division = get_object_or_404(Division, pk=code)
    found = rollups.rollup(division, request.user, **read_query(request, PlansQuery), tables=False)
    return Response(DivisionIndicators({**scope(found), "results": [shown(row) for row in found.rows]}).data)


def shown(row: rollups.Row) -> dict[str, Any]:
    names = (
        "value", "base_value", "change", "numerator", "numerator_unit", "denominator", "denominator_unit", "villages", "without",
        "otherwise",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "code": row.indicator.code,
        "name": row.indicator.name,
        "unit": row.indicator.unit,
        "scale": row.indicator.scale,
        "without_named": row.named,
        "target": row.targets,
    }


@extend_schema(
    operation_id="division_structure",
    tags=["divisions"],
    parameters=[PlansQuery],
    responses={200: DivisionStructure, **errors(400, 404)},
)
@api_view(["GET"])
def structure(request: Request, code: str) -> Response:
    """Structure table and change matrix of a division: areas of its villages added up, class by class."""
    division = get_object_or_404(Division, pk=code)
    found = rollups.rollup(division, request.user, **read_query(request, PlansQuery), values=False)
    rows = found.structure
    answer = {
        **scope(found),
        "rows": with_names(rows),
        "table": [{**line, "name": row_name(line)} for line in official_table(rows)] if rows else [],
        "total": {side: sum(row[side] for row in rows) for side in ("base_ha", "plan_ha")},
        "changes": found.changes,
    }
    return Response(DivisionStructure(answer).data)


@extend_schema(
    operation_id="division_xlsx",
    tags=["divisions"],
    parameters=[PlansQuery],
    responses={(200, rollup_book.XLSX): OpenApiResponse(OpenApiTypes.BINARY), **errors(400, 404)},
)
@api_view(["GET"])
def workbook(request: Request, code: str) -> HttpResponse:
    """Indicators, structure table and change matrix of a division as a workbook."""
    division = get_object_or_404(Division, pk=code)
    found = rollups.rollup(division, request.user, **read_query(request, PlansQuery))
    answer = HttpResponse(rollup_book.workbook(found), content_type=rollup_book.XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{division.code}.xlsx"'
    return answer


# --- judging all villages


def watched(request: Request, code: str) -> Division:
    """The division, for its staff; strangers are told that there is nothing."""
    division = get_object_or_404(Division, pk=code)
    if not request.user.has_perm("indicators.see_division", division):
        raise Http404
    return division


def may_check(request: Request, division: Division) -> None:
    if not require_user(request).has_perm("indicators.check_division", division):
        raise NotAllowed(_("Only officials of the division may have all its villages computed."))


def state(division: Division, *, nothing_due: bool = False) -> dict[str, Any]:
    sweep = sweeps.last(division)
    said = sweep and {
        "id": sweep.pk,
        "state": sweep.state,
        "started_at": sweep.created_at,
        "finished_at": sweep.finished_at,
        "job": sweeps.job_of(sweep).pk,
        "failures": [{**row, "code": row["village"]} for row in sweeps.failures(sweep)],
        **sweeps.progress(sweep),
    }
    return CheckState({"division": division, "nothing_due": nothing_due, "sweep": said}).data


@extend_schema(
    operation_id="division_check", methods=["GET"], tags=["divisions"], responses={200: CheckState, **errors(404)}
)
@extend_schema(
    operation_id="division_check_start",
    methods=["POST"],
    tags=["divisions"],
    request=CheckBody,
    responses={202: CheckState, 200: CheckState, **errors(400, 403, 404)},
)
@api_view(["GET", "POST"])
def check(request: Request, code: str) -> Response:
    """GET: how far the computation of all villages is. POST begins it, or goes on with the one that runs (202); 200 and
    `nothing_due` if every plan is judged by what holds today. GET is for staff of the division, POST for its officials."""
    division = watched(request, code)
    if request.method == "GET":
        return Response(state(division))
    may_check(request, division)
    body = read_body(request, CheckBody)
    sweep = sweeps.start_or_resume(division, request.user)
    if sweep and body["retry"]:
        sweeps.retry_failed(sweep)
    return Response(state(division, nothing_due=sweep is None), status=202 if sweep else 200)


@extend_schema(
    operation_id="division_check_cancel",
    tags=["divisions"],
    request=None,
    responses={200: CheckState, **errors(403, 404, 409)},
)
@api_view(["POST"])
def check_cancel(request: Request, code: str) -> Response:
    """Stop the computation of all villages; what was computed stays. Officials of the division."""
    division = watched(request, code)
    may_check(request, division)
    sweep = sweeps.last(division)
    if sweep is None or not sweeps.cancel(sweep, by=request.user):
        raise Conflict(_("No computation of this division is running."))
    return Response(state(division))


urlpatterns = [
    path("divisions/<code:code>/indicators/", indicators, name="api-division-indicators"),
    path("divisions/<code:code>/structure/", structure, name="api-division-structure"),
    path("divisions/<code:code>/indicators.xlsx", workbook, name="api-division-xlsx"),
    path("divisions/<code:code>/check/", check, name="api-division-check"),
    path("divisions/<code:code>/check/cancel/", check_cancel, name="api-division-check-cancel"),
]
