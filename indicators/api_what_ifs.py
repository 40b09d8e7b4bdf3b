"""REST API of what-ifs (假如采纳): what would change if a comment were adopted."""

from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from indicators import whatif_words, whatifs
from indicators.api_findings import NoBody
from indicators.api_indicators import BoundShape
from indicators.drawn import as_geojson
from indicators.models import WhatIf
from indicators.views.what_ifs import public_comment, seen_what_if
from planning import maps
from planning.api.drawing_bodies import Shape
from planning.api.shapes import absolute
from planning.api.versions import visible
from planning.models import Finding
from portal.api_parsers import JSONBody
from portal.api_shapes import Geometry, StrictSerializer, errors, read_body, read_query, require_user, results
from portal.models import User
from portal.pagination import MAX_NUMBER, PageQuery, keyset


class WhatIfBody(StrictSerializer):
    code = serializers.CharField(max_length=6, help_text="Land-use class (2023 edition) that the land should become.")
    zone = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MAX_NUMBER,
        help_text="Number of the zone that is meant; without it the land of the comment.",
    )  # fmt: skip
    geometry = Shape(
        "Polygon", "MultiPolygon", required=False, allow_null=True,
        help_text="An area instead, longitude and latitude in EPSG:4490; for staff of the division.",
    )  # fmt: skip


class MovedShape(serializers.Serializer):
    before = serializers.CharField(source="before_code", help_text="Class of the plan as it is.")
    before_name = serializers.CharField(source="before")
    base = serializers.CharField(
        source="base_code", help_text="Class of the base year; empty where you may not know it."
    )
    base_name = serializers.CharField(source="base")
    area_m2 = serializers.FloatField(source="m2")


class WhatIfConflictShape(serializers.Serializer):
    code = serializers.CharField(help_text="The check, docs/indicators.md.")
    name = serializers.CharField()
    law = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(list(whatif_words.KINDS))
    kind_text = serializers.CharField()
    severity = serializers.ChoiceField(Finding.Severity.choices)
    category = serializers.ChoiceField(Finding.Category.choices)
    category_text = serializers.CharField()
    reasons = serializers.CharField(allow_blank=True)
    before_m2 = serializers.FloatField()
    after_m2 = serializers.FloatField()
    zones = serializers.ListField(child=serializers.IntegerField())


class WhatIfFigureShape(serializers.Serializer):
    code = serializers.CharField(help_text="Number in the catalogue, docs/indicators.md.")
    name = serializers.CharField()
    unit = serializers.CharField()
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)
    delta = serializers.FloatField(allow_null=True, help_text="after less before, not rounded.")
    target = serializers.FloatField(allow_null=True, help_text="What was issued to the village.")
    bounds = BoundShape(many=True)
    light_before = serializers.CharField(help_text="missed, near, kept or none, as of an indicator.")
    light_after = serializers.CharField(help_text="The same if the comment were adopted.")
    verdict = serializers.ChoiceField(list(whatif_words.VERDICTS))
    verdict_text = serializers.CharField()


class WhatIfShape(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.CharField()
    comment = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="Name of the class.")
    state = serializers.ChoiceField(WhatIf.State.choices)
    state_text = serializers.CharField()
    message = serializers.CharField(allow_blank=True, help_text="Why it could not be computed.")
    stale = serializers.BooleanField(help_text="True: base data, control lines or rules changed since.")
    asked_at = serializers.DateTimeField()
    job = serializers.CharField(allow_null=True, help_text="Follow it at `jobs/{id}/`; null for all but who asked.")
    page = serializers.URLField(help_text="The page that shows it.")
    geometry = Geometry(help_text="The land that would become the class, within the village once it is computed.")
    area_m2 = serializers.FloatField(allow_null=True, help_text="Ellipsoidal area; null before it is computed.")
    sentences = serializers.ListField(child=serializers.CharField())
    moved = MovedShape(many=True)
    conflicts = WhatIfConflictShape(many=True, help_text="Those that differ; with severity `info`: for the record.")
    indicators = WhatIfFigureShape(many=True)
    next = serializers.CharField(help_text="What happens next.")


class WhatIfBrief(serializers.Serializer):
    id = serializers.CharField()
    comment = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(WhatIf.State.choices)
    stale = serializers.BooleanField()
    asked_at = serializers.DateTimeField()
    url = serializers.URLField()


class DrawingMade(serializers.Serializer):
    drawing = serializers.CharField(help_text="Read it at `drawings/{id}/`.")
    url = serializers.URLField()


def shown(request: Request, row: WhatIf, user: User) -> dict[str, Any]:
    """A what-if as the API answers it."""
    done = row.state == WhatIf.State.DONE
    told = whatif_words.tell(row, user) if done else None
    exact = {figure["code"]: figure for figure in row.result.get("indicators", [])}
    mine = row.job is not None and row.job.created_by_id == user.pk
    return WhatIfShape(
        {
            "id": row.pk, "version": row.version_id, "comment": row.comment_id, "code": row.code,
            "name": whatif_words.class_name(row.code), "state": row.state, "state_text": row.get_state_display(),
            "message": whatif_words.why_failed(row) if row.state == WhatIf.State.FAILED else "",
            "stale": bool(done and whatifs.stale([row])), "asked_at": row.at, "job": row.job_id if mine else None,
            "page": request.build_absolute_uri(reverse("what-if", args=[row.pk])),
            "geometry": row.result.get("shape") or as_geojson(shapely.from_wkb(bytes(row.geom.wkb))),
            "area_m2": told.area_m2 if told else None, "sentences": told.sentences if told else [],
            "moved": told.moved if told else [], "conflicts": [*told.conflicts, *told.record] if told else [],
            "indicators": [
                {
                    "code": f.code, "name": f.name, "unit": f.unit, "before": f.before, "after": f.after, "delta": f.delta,
                    "target": exact[f.code]["target"],
                    "bounds": [{**bound, "binding": f.binding} for bound in exact[f.code]["bounds"]],
                    "light_before": f.light_before, "light_after": f.light_after, "verdict": f.verdict,
                    "verdict_text": f.verdict_text,
                }
                for f in (told.figures if told else [])
            ],
            "next": whatif_words.what_next(row),
        }
    ).data  # fmt: skip


@extend_schema(
    operation_id="comment_what_if_new",
    tags=["participation"],
    request=WhatIfBody,
    responses={202: WhatIfShape, **errors(400, 403, 404, 409, 429)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def what_if_new(request: Request, id: str) -> Response:
    """Ask what would change if the land of a comment became another class (假如采纳). The same question is one what-if.

    For the author of the comment and staff of the division; comments that wait for a look or are hidden are none (404)."""
    comment = public_comment(request.user, id)
    by = require_user(request)
    body = read_body(request, WhatIfBody)
    shape = body.get("geometry")
    geom = None if shape is None else GEOSGeometry(shapely.to_wkb(shape, hex=True), srid=4490)
    row = whatifs.ask(comment, code=body["code"], by=by, zone=body.get("zone"), geom=geom)
    return Response(shown(request, seen_what_if(by, row.pk), by), status=202)


@extend_schema(operation_id="what_if", tags=["participation"], responses={200: WhatIfShape, **errors(404)})
@api_view(["GET"])
def what_if(request: Request, id: str) -> Response:
    """A what-if: land moved, conflicts gone and new, indicators before and after."""
    return Response(shown(request, seen_what_if(request.user, id), request.user))


@extend_schema(
    operation_id="what_if_again",
    tags=["participation"],
    request=NoBody,
    responses={202: WhatIfShape, **errors(400, 403, 404, 409, 429)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def what_if_again(request: Request, id: str) -> Response:
    """Have a what-if computed again that failed or is out of date; one that still holds stays as it is."""
    row = seen_what_if(request.user, id)
    by = require_user(request)
    read_body(request, NoBody)
    whatifs.again(row, by=by)
    return Response(shown(request, seen_what_if(by, row.pk), by), status=202)


@extend_schema(
    operation_id="what_if_drawing",
    tags=["participation"],
    request=NoBody,
    responses={201: DrawingMade, **errors(400, 403, 404, 409)},
)
@api_view(["POST"])
@parser_classes([JSONBody])
def what_if_drawing(request: Request, id: str) -> Response:
    """Open the changed plan as a drawing (在线绘制), for whoever may hand the plan in; asked twice, it is the same drawing."""
    row = seen_what_if(request.user, id)
    by = require_user(request)
    read_body(request, NoBody)
    drawing = whatifs.as_drawing(row, by=by)
    return Response({"drawing": drawing.pk, "url": absolute(request, "api-drawing", id=drawing.pk)}, status=201)


@extend_schema(
    operation_id="version_what_ifs",
    tags=["participation"],
    parameters=[PageQuery],
    responses={200: results("WhatIf", WhatIfBrief), **errors(400, 404)},
)
@api_view(["GET"])
def what_ifs(request: Request, id: str) -> Response:
    """The what-ifs of a version's comments, the oldest first."""
    version = visible(request, id)
    rows = WhatIf.objects.visible_to(request.user).filter(version=version).defer("result")
    page, follow = keyset(request, rows, ["at", "id"], read_query(request, PageQuery))
    for row in page:
        row.version = version
    stale, known = whatifs.stale(page), maps.classes(row.code for row in page)
    brief = [
        {
            "id": row.pk, "comment": row.comment_id, "code": row.code, "name": known[row.code].name if row.code in known else row.code,
            "state": row.state, "stale": row.pk in stale, "asked_at": row.at,
            "url": absolute(request, "api-what-if", id=row.pk),
        }
        for row in page
    ]  # fmt: skip
    return Response({"results": WhatIfBrief(brief, many=True).data, "next": follow})


urlpatterns = [
    path("comments/<id:id>/what-ifs/", what_if_new, name="api-what-if-new"),
    path("what-ifs/<id:id>/", what_if, name="api-what-if"),
    path("what-ifs/<id:id>/again/", what_if_again, name="api-what-if-again"),
    path("what-ifs/<id:id>/drawing/", what_if_drawing, name="api-what-if-drawing"),
    path("versions/<id:id>/what-ifs/", what_ifs, name="api-version-what-ifs"),
]
