"""REST API of what becomes of conflicts: which are new, still there or fixed; and having a version computed again."""

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes, renderer_classes
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from indicators import carrying, staleness
from planning import freshness
from planning.api.shapes import FindingProperties, absolute
from planning.api.versions import STALE, finding_page, visible
from planning.models import PlanVersion
from portal.api_parsers import JSONBody
from portal.api_shapes import GeoJSONRenderer, StrictSerializer, errors, features, read_body, require_user
from portal.pagination import PageQuery


class Against(serializers.Serializer):
    id = serializers.CharField()
    number = serializers.IntegerField()


class Counts(serializers.Serializer):
    new = serializers.IntegerField()
    still = serializers.IntegerField()
    fixed = serializers.IntegerField()


class Started(serializers.Serializer):
    job = serializers.CharField(help_text="Follow it at `jobs/{id}/`.")
    url = serializers.URLField(help_text="Address of the job.")


class NoBody(StrictSerializer):
    pass


def older_seen(request: Request, version: PlanVersion) -> PlanVersion | None:
    """The version that conflicts are held against, if the person may see it."""
    older = carrying.before(version) if version.checked_at else None
    seen = PlanVersion.objects.visible_to(request.user).with_plan()
    return seen.filter(pk=older.pk).first() if older else None


@extend_schema(
    operation_id="version_finding_changes",
    tags=["plans"],
    parameters=[PageQuery],
    responses={
        200: features(
            "FixedFinding",
            FindingProperties,
            against=Against(allow_null=True),
            counts=Counts(allow_null=True),
            stale=STALE,
        ),
        **errors(400, 404),
    },
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def finding_changes(request: Request, id: str) -> HttpResponse:
    """Conflicts of the version before that are fixed in this one (已消除), and how many are new (新增) and still there (仍在).
    `against` is null where there is no version before that you may see."""
    version = visible(request, id)
    older = older_seen(request, version)
    told = {"against": None, "counts": None, "stale": freshness.is_stale(version)}
    if older is None:
        return finding_page(request, version, keys=[], told=told)
    gone = list(carrying.fixed(version).values_list("key", flat=True))
    kinds = list(version.findings.values_list("carried", flat=True))
    told["against"] = {"id": older.pk, "number": older.number}
    told["counts"] = {"new": kinds.count("new"), "still": kinds.count("still"), "fixed": len(gone)}
    return finding_page(request, older, keys=gone, told=told)


@extend_schema(
    operation_id="version_judge",
    tags=["indicators"],
    request=NoBody,
    responses={202: Started, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def judge(request: Request, id: str) -> Response:
    """Have areas, indicators and conflicts computed again; what still holds is not computed twice."""
    version = visible(request, id)
    by = require_user(request)
    read_body(request, NoBody)
    job = staleness.compute_again(version, by=by)
    return Response({"job": job.pk, "url": absolute(request, "api-job", id=job.pk)}, status=202)


urlpatterns = [
    path("versions/<id:id>/findings/changes/", finding_changes, name="api-version-finding-changes"),
    path("versions/<id:id>/judge/", judge, name="api-version-judge"),
]
