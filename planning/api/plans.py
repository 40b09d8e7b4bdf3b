"""Land-use classes and plans."""

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from planning import freshness
from planning.api.shapes import ClassShape, PlanDetail
from planning.models import LandUseClass, Plan, PlanVersion
from portal.api_shapes import errors, read_query, results
from portal.pagination import PageQuery, keyset


class PlanQuery(PageQuery):
    village = serializers.RegexField(r"^\d{12}$", required=False, help_text="Code of a village.")


@extend_schema(operation_id="land_use_classes", tags=["plans"], responses={200: results("Class", ClassShape)})
@api_view(["GET"])
def land_use_classes(request: Request) -> Response:
    """All land-use classes (用地用海分类) with their official colours; one page, they are few."""
    return Response({"results": ClassShape(LandUseClass.objects.all(), many=True).data, "next": None})


@extend_schema(
    operation_id="plans",
    tags=["plans"],
    parameters=[PlanQuery],
    responses={200: results("Plan", PlanDetail), **errors(400)},
)
@api_view(["GET"])
def plan_list(request: Request) -> Response:
    """Plans you may see, by village, each with the versions you may see."""
    query = read_query(request, PlanQuery)
    rows = visible_plans(request)
    if "village" in query:
        rows = rows.filter(village=query["village"])
    page, follow = keyset(request, rows, ["village_id", "id"], query)
    freshness.remember(version for plan in page for version in plan.seen)
    return Response({"results": PlanDetail(page, many=True, context={"request": request}).data, "next": follow})


@extend_schema(operation_id="plan", tags=["plans"], responses={200: PlanDetail, **errors(404)})
@api_view(["GET"])
def plan(request: Request, id: str) -> Response:
    """One plan with the versions you may see."""
    found = get_object_or_404(visible_plans(request), pk=id)
    freshness.remember(found.seen)
    return Response(PlanDetail(found, context={"request": request}).data)


def visible_plans(request: Request) -> "Plan.objects":
    seen = PlanVersion.objects.visible_to(request.user).order_by("number")
    rows = Plan.objects.visible_to(request.user).select_related("village").defer("village__geom", "village__geom_web")
    return rows.prefetch_related(Prefetch("versions", seen, to_attr="seen"))
