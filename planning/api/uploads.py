"""Uploaded plan files: hand one in, follow its verdict, read what is wrong with it."""

import json

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db.models import Count, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes, renderer_classes
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from planning import imports, issue_texts, overtaken, recognition
from planning.api.shapes import absolute
from planning.quality import report
from portal.api_kernel import JobShape
from portal.api_parsers import UploadForm
from portal.api_shapes import (
    GeoJSONRenderer,
    StrictSerializer,
    errors,
    features,
    read_body,
    read_query,
    require_user,
    results,
)
from portal.bodies import takes_files
from portal.models import Upload, UploadIssue
from portal.pagination import MAX_NUMBER, PageQuery, keyset, next_url, number_after
from portal.views import job_json
from villages.models import Village


class UploadBody(StrictSerializer):
    file = serializers.FileField(
        max_length=255,
        help_text="GeoPackage, zipped Shapefile or File Geodatabase, GeoJSON, GML, KML or DXF.",
        allow_empty_file=True,
    )
    village = serializers.RegexField(r"^\d{12}$", help_text="Code of the village whose plan it is.")
    profile = serializers.SlugField(required=False, default="", max_length=60, allow_blank=True)
    crs = serializers.CharField(
        required=False, max_length=100, help_text="Only if the file does not say it, such as EPSG:4527."
    )
    encoding = serializers.CharField(required=False, max_length=20, help_text="Only if the file does not say it.")
    note = serializers.CharField(required=False, max_length=300, help_text="What changed.")
    check_only = serializers.BooleanField(
        required=False, default=False, help_text="Judge the file in full, but store no version."
    )
    based_on = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_NUMBER,
        help_text="Number of the newest version you had seen, 0 for none: if another one was stored since, the file is held "
        "and `overtaken` says by whom.",
    )  # fmt: skip
    again = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Take the file although it was handed in before (409 `known` otherwise).",
    )


class Accepted(serializers.Serializer):
    id = serializers.CharField()
    job = serializers.CharField()
    url = serializers.URLField()


class DifferenceShape(serializers.Serializer):
    title = serializers.CharField()
    land = serializers.ListField(child=serializers.CharField(), help_text="How much of which land becomes what.")


class OvertakenShape(serializers.Serializer):
    version = serializers.CharField(help_text="Id of the version that was stored meanwhile.")
    number = serializers.IntegerField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    total = serializers.IntegerField(help_text="How many changes there are from that version to your file.")
    changes = DifferenceShape(many=True, help_text="The first 50 of them.")
    discarded = serializers.BooleanField(help_text="It was decided not to store the file.")


class UploadShape(serializers.ModelSerializer):
    village = serializers.CharField(source="division_code")
    state = serializers.ChoiceField(Upload.State.choices)
    state_text = serializers.CharField(source="get_state_display")
    version = serializers.SerializerMethodField(help_text="Id of the version it became, once accepted.")
    zones = serializers.SerializerMethodField()
    checked_only = serializers.SerializerMethodField(help_text="Judged, but not handed in: there is no version.")
    issues = serializers.SerializerMethodField(help_text="How many errors and warnings.")
    score = serializers.SerializerMethodField(help_text="Of the quality report, 0 to 100; null until it is judged.")
    blocking = serializers.SerializerMethodField(
        help_text="Errors that refuse the file or stop the public notice of its plan; null until it is judged."
    )
    overtaken = serializers.SerializerMethodField(
        help_text="Not stored, because a version came between: discard it, or judge it `again` with `after` its number."
    )
    job = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = [
            "id", "name", "village", "size", "sha256", "options", "state", "state_text", "version", "zones", "checked_only",
            "issues", "score", "blocking", "overtaken", "job", "created_at",
        ]  # fmt: skip

    def get_version(self, upload: Upload) -> str | None:
        return upload.result.get("version")

    def get_zones(self, upload: Upload) -> int:
        return upload.result.get("zones", 0)

    def get_checked_only(self, upload: Upload) -> bool:
        return bool(upload.result.get("checked_only"))

    def get_score(self, upload: Upload) -> float | None:
        return upload.result.get("report", {}).get("score")

    def get_blocking(self, upload: Upload) -> int | None:
        told = upload.result.get("report")
        return report.count(told, "error") if told else None

    def get_overtaken(self, upload: Upload) -> OvertakenShape(allow_null=True):
        asked = overtaken.in_words(upload.result.get("overtaken"))
        return OvertakenShape(asked).data if asked else None

    def get_issues(self, upload: Upload) -> dict[str, int]:
        levels = list(upload.issues.values_list("level", flat=True))
        return {"errors": levels.count("error"), "warnings": levels.count("warning")}

    def get_job(self, upload: Upload) -> JobShape(allow_null=True):
        return job_json(upload.job) if upload.job else None


class UploadListed(UploadShape):
    """A file in a list: its issues are counted by the database."""

    def get_issues(self, upload: Upload) -> dict[str, int]:
        return {"errors": upload.errors, "warnings": upload.warnings}


class IssueProperties(serializers.Serializer):
    code = serializers.CharField(help_text="The rule, such as G5.")
    rule = serializers.CharField()
    level = serializers.ChoiceField(["error", "warning"])
    layer = serializers.CharField(allow_blank=True)
    row = serializers.IntegerField(allow_null=True, help_text="Number of the feature in the file, from 1.")
    text = serializers.CharField()


class LayerShape(serializers.Serializer):
    name = serializers.CharField()
    rows = serializers.IntegerField()
    crs = serializers.CharField(allow_blank=True)
    encoding = serializers.CharField(allow_blank=True, allow_null=True)


class ValueShape(serializers.Serializer):
    value = serializers.CharField()
    count = serializers.IntegerField()
    code = serializers.CharField(allow_null=True, help_text="The class it becomes; null: not known.")


class NoteShape(serializers.Serializer):
    layer = serializers.CharField()
    text = serializers.CharField(help_text="What the reader did by itself, such as leaving out heights.")


class Preview(serializers.Serializer):
    layers = LayerShape(many=True)
    layer = serializers.CharField()
    fields = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField(allow_blank=True)))
    columns = serializers.DictField(child=serializers.CharField(), help_text="Our field -> guessed column.")
    values = ValueShape(many=True)
    notes = NoteShape(many=True)


def visible_uploads(request: Request) -> QuerySet[Upload]:
    """One's own uploads, and those for divisions one works for."""
    return recognition.visible_to(request.user).select_related("job")


@takes_files
@extend_schema(
    methods=["GET"],
    operation_id="uploads",
    tags=["uploads"],
    parameters=[PageQuery],
    responses={200: results("UploadListed", UploadListed), **errors(400)},
)
@extend_schema(
    methods=["POST"],
    operation_id="upload_new",
    tags=["uploads"],
    request={"multipart/form-data": UploadBody},
    responses={202: Accepted, **errors(400, 403, 404, 409, 413, 415)},
)
@api_view(["GET", "POST"])
@parser_classes([UploadForm])
def upload_list(request: Request) -> Response:
    """Your own plan files and those for divisions you work for, newest first (GET); hand one in (POST).

    A job judges it and, if it has no error, stores it as the next version.
    """
    if request.method == "POST":
        return upload_new(request)
    rows = visible_uploads(request).annotate(errors=counted("error"), warnings=counted("warning"))
    page, follow = keyset(request, rows, ["-created_at", "-id"], read_query(request, PageQuery))
    return Response({"results": UploadListed(page, many=True).data, "next": follow})


def counted(level: str) -> Coalesce:
    """Issues of a level, counted for the rows of the page alone."""
    issues = UploadIssue.objects.filter(upload=OuterRef("pk"), level=level).order_by().values("upload")
    return Coalesce(Subquery(issues.annotate(count=Count("pk")).values("count")), 0)


def upload_new(request: Request) -> Response:
    user = require_user(request)
    body = read_body(request, UploadBody)
    village = get_object_or_404(Village, pk=body["village"])
    options = {name: body[name] for name in ("crs", "encoding", "note", "check_only") if body.get(name)}
    options |= {"based_on": body["based_on"]} if "based_on" in body else {}
    upload = imports.receive(
        body["file"], name=body["file"].name, village=village, by=user, profile=body["profile"], options=options,
        again=body["again"],
    )  # fmt: skip
    answer = {"id": upload.pk, "job": upload.job_id, "url": absolute(request, "api-upload", id=upload.pk)}
    return Response(answer, status=202)


@extend_schema(operation_id="upload", tags=["uploads"], responses={200: UploadShape, **errors(404)})
@api_view(["GET"])
def upload(request: Request, id: str) -> Response:
    """The verdict on an uploaded file, and the job that judges it."""
    return Response(UploadShape(get_object_or_404(visible_uploads(request), pk=id)).data)


@extend_schema(
    operation_id="upload_issues",
    tags=["uploads"],
    parameters=[PageQuery],
    responses={200: features("Issue", IssueProperties), **errors(400, 404)},
)
@api_view(["GET"])
@renderer_classes([GeoJSONRenderer, JSONRenderer])
def issues(request: Request, id: str) -> HttpResponse:
    """What is wrong with the file, in your language; an issue of the file as a whole has no geometry."""
    found, query = get_object_or_404(visible_uploads(request), pk=id), read_query(request, PageQuery)
    rows = found.issues.order_by("pk")
    # Row ids run through all uploads; outside they are counted from this upload's first one.
    before = (rows.aggregate(first=Min("pk"))["first"] or 1) - 1
    size = query["page_size"]
    page = list(
        rows.filter(pk__gt=before + number_after(query)).annotate(json=AsGeoJSON("geom", precision=9))[: size + 1]
    )
    parts = [feature_text(row, row.pk - before) for row in page[:size]]
    follow = json.dumps(next_url(request, page[size - 1].pk - before if len(page) > size else None))
    return HttpResponse(
        f'{{"type":"FeatureCollection","features":[{",".join(parts)}],"next":{follow}}}',
        content_type="application/geo+json",
    )


def feature_text(issue: UploadIssue, number: int) -> str:
    """One issue as GeoJSON; the geometry goes out as the database wrote it."""
    properties = {
        "code": issue.code,
        "rule": issue_texts.rule(issue.code),
        "level": issue.level,
        "layer": issue.layer,
        "row": issue.row,
        "text": issue_texts.text(issue.code, issue.params),
    }
    return f'{{"type":"Feature","id":{number},"geometry":{issue.json or "null"},"properties":{json.dumps(properties)}}}'


@extend_schema(operation_id="upload_preview", tags=["uploads"], responses={200: Preview, **errors(404)})
@api_view(["GET"])
def preview(request: Request, id: str) -> Response:
    """For the mapping: layers, fields, ten rows, guessed columns, and the codes that match no class."""
    found = get_object_or_404(visible_uploads(request), pk=id).result.get("preview")
    if not found:
        raise NotFound
    notes = [{"layer": note["layer"], "text": issue_texts.note(note)} for note in found.get("notes", [])]
    return Response({**found, "notes": notes})
