"""A plan version and what it holds: zones, findings, projects, tiles, its history, the steps it may make."""

import json
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes, renderer_classes
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from planning import conflicts, freshness, returns, tiles, workflow
from planning import identify as identifying
from planning.api.returns import PointBody
from planning.api.shapes import (
    FindingProperties,
    History,
    Identify,
    PossibleSteps,
    ProjectProperties,
    VersionDetail,
    ZoneProperties,
    name_for,
)
from planning.models import Finding, PlanVersion, Project, Step, Waiver
from planning.step_labels import step_label
from portal import names_shown
from portal.api_parsers import JSONBody
from portal.api_shapes import (
    GeoJSONRenderer,
    PlaceQuery,
    StrictSerializer,
    errors,
    features,
    read_body,
    read_query,
    require_user,
)
from portal.api_tiles import TileJSON, tilejson
from portal.errors import PortalError
from portal.models import AuditEntry, User
from portal.pagination import PageQuery, feature_page, number_after
from portal.rules import STAFF, has_role

MAX_ACTS = 500


class StepBody(StrictSerializer):
    name = serializers.CharField(max_length=20, help_text="open_notice, close_notice, return or approve.")
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=5000, help_text="Reasons.")
    points = PointBody(
        many=True, required=False, default=list, max_length=returns.MOST_ITEMS, help_text="Of a return: at least one."
    )


def visible(request: Request, id: str) -> PlanVersion:
    """The version if the person may see it; for all others there is none (404)."""
    return get_object_or_404(PlanVersion.objects.visible_to(request.user).with_plan(), pk=id)


def detailed(request: Request, id: str) -> PlanVersion:
    rows = PlanVersion.objects.visible_to(request.user).with_plan().select_related("notice", "created_by")
    return get_object_or_404(rows.annotate(zone_count=Count("zones")), pk=id)


@extend_schema(operation_id="version", tags=["plans"], responses={200: VersionDetail, **errors(404)})
@api_view(["GET"])
def version(request: Request, id: str) -> Response:
    """One version, with links to everything it holds."""
    return Response(VersionDetail(detailed(request, id), context={"request": request}).data)


@extend_schema(operation_id="version_tiles", tags=["tiles"], responses={200: TileJSON, **errors(404)})
@api_view(["GET"])
def tile_json(request: Request, id: str) -> Response:
    """TileJSON of a version: zones, findings, projects."""
    found = visible(request, id)
    village = found.plan.village
    return Response(
        tilejson(
            request,
            tiles.VERSIONS,
            tiles.key(found),
            name=str(found),
            bounds=village.geom.extent,
            attribution=village.source,
        )
    )


@extend_schema(
    operation_id="version_zones",
    tags=["plans"],
    parameters=[PageQuery],
    responses={200: features("Zone", ZoneProperties), **errors(400, 404)},
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def zones(request: Request, id: str) -> HttpResponse:
    """Planned zones (规划地块) in the order of the file."""
    found, query = visible(request, id), read_query(request, PageQuery)
    return feature_page(
        request, "planning/zones", query, version=found.pk, after=number_after(query), english=get_language() == "en"
    )


STALE = serializers.BooleanField(help_text="An input changed since it was computed: compute it again.")


@extend_schema(
    operation_id="version_findings",
    tags=["plans"],
    parameters=[PageQuery],
    responses={200: features("Finding", FindingProperties, stale=STALE), **errors(400, 404)},
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def findings(request: Request, id: str) -> HttpResponse:
    """Conflicts (冲突) found in the version, with the law behind each check and the exception that covers it."""
    found = visible(request, id)
    return finding_page(request, found, told={"stale": freshness.is_stale(found)})


def finding_page(
    request: Request, found: PlanVersion, *, keys: list[str] | None = None, told: dict[str, Any] | None = None
) -> HttpResponse:
    """A page of findings of a version: all of them, or those with these keys; what names persons is for staff only."""
    query, staff = read_query(request, PageQuery), has_role(request.user, STAFF, found.division_code)
    checks = {
        code: {"name": str(check.name), "law": check.law, "action": str(getattr(check, "action", ""))}
        for code, check in conflicts.CHECKS.items()
    }
    texts = {
        "checks": checks,
        "categories": {value: str(label) for value, label in Finding.Category.choices},
        "states": {value: str(label) for value, label in Waiver.State.choices},
    }
    return feature_page(
        request, "planning/findings", query, version=found.pk, after=number_after(query), keys=keys, told=told,
        staff=staff, hidden=[] if staff else sorted(conflicts.PERSONAL),
        **{name: json.dumps(text) for name, text in texts.items()},
    )  # fmt: skip


@extend_schema(
    operation_id="version_projects",
    tags=["plans"],
    parameters=[PageQuery],
    responses={200: features("Project", ProjectProperties), **errors(400, 404)},
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def projects(request: Request, id: str) -> HttpResponse:
    """Projects (近期建设项目) of the version."""
    found, query = visible(request, id), read_query(request, PageQuery)
    states = json.dumps({value: str(label) for value, label in Project.State.choices})
    return feature_page(request, "planning/projects", query, version=found.pk, after=number_after(query), states=states)


@extend_schema(
    operation_id="version_identify",
    tags=["identify"],
    parameters=[PlaceQuery],
    responses={200: Identify, **errors(400, 404)},
)
@api_view(["GET"])
def identify_in_version(request: Request, id: str) -> Response:
    """Everything that lies at a place: what it is now, what this version makes of it, lines and conflicts; projects and
    facilities near it, comments on it. Places of parcels, lines and facilities: for whoever may see the base data."""
    found, query = visible(request, id), read_query(request, PlaceQuery)
    return Response(identifying.identify(query["lon"], query["lat"], found, request.user))


@extend_schema(
    operation_id="identify", tags=["identify"], parameters=[PlaceQuery], responses={200: Identify, **errors(400, 404)}
)
@api_view(["GET"])
def identify_anywhere(request: Request) -> Response:
    """The same from the newest version that is open to the public at that place."""
    query = read_query(request, PlaceQuery)
    return Response(identifying.identify_public(query["lon"], query["lat"], request.user))


@extend_schema(operation_id="version_history", tags=["workflow"], responses={200: History, **errors(404)})
@api_view(["GET"])
def history(request: Request, id: str) -> Response:
    """Every step and act on record, with names masked for the public."""
    found = visible(request, id)
    acts = AuditEntry.objects.filter(
        Q(object_type="planning.PlanVersion", object_id=found.pk)
        | Q(object_type="planning.Comment", object_id__in=found.comments.values("pk"))
        | Q(object_type="planning.Waiver", object_id__in=found.waivers.values("pk"))
    ).exclude(verb=names_shown.VERB)
    staff = has_role(request.user, STAFF, found.division_code)
    answer = {
        "steps": [step_of(request, found, step) for step in found.steps.select_related("by")],
        "acts": [act_of(request, found, act, staff) for act in acts.select_related("actor")[:MAX_ACTS]],
        "acts_total": acts.count(),
    }
    return Response(History(answer).data)


def step_of(request: Request, found: PlanVersion, step: Step) -> dict:
    return {
        "name": step.name,
        "label": step_label(step.name),
        "from_state": step.from_state,
        "to_state": step.to_state,
        "by": name_for(request.user, step.by, found.division_code),
        "note": step.note,
        "at": step.at,
    }


def act_of(request: Request, found: PlanVersion, act: AuditEntry, staff: bool) -> dict:
    by = act.shown_actor if staff else name_for(request.user, act.actor, found.division_code)
    shown = {"verb": act.verb, "by": by, "at": act.at}
    return {**shown, "before": act.before, "after": act.after} if staff else shown


@extend_schema(
    methods=["GET"], operation_id="version_steps", tags=["workflow"], responses={200: PossibleSteps, **errors(404)}
)
@extend_schema(
    methods=["POST"],
    operation_id="version_step_new",
    tags=["workflow"],
    request=StepBody,
    responses={200: VersionDetail, **errors(400, 403, 404, 409)},
)
@api_view(["GET", "POST"])
@parser_classes([JSONBody])
def steps(request: Request, id: str) -> Response:
    """Which steps your role may make now and what is missing (GET); make one (POST)."""
    found = visible(request, id)
    if request.method == "POST":
        body = read_body(request, StepBody)
        make_step(found, by=require_user(request), **body)
        return Response(VersionDetail(detailed(request, id), context={"request": request}).data)
    answer = {
        "state": found.state,
        "state_text": found.get_state_display(),
        "allowed": [
            {
                "name": t.name, "label": t.label, "needs_note": t.needs_note, "itemised": t.itemised,
                "missing": workflow.missing(found, t),
            }
            for t in workflow.allowed(found, request.user)
        ],
    }  # fmt: skip
    return Response(PossibleSteps(answer).data)


def make_step(found: PlanVersion, *, by: User, name: str, note: str, points: list[dict[str, Any]]) -> None:
    """A step by its name; a return brings its points."""
    if not points:
        workflow.move(found, name, by=by, note=note)
    elif name == "return":
        returns.return_with_items(found, points, by=by, note=note)
    else:
        raise PortalError(_("Only a return lists points."), code="points")
