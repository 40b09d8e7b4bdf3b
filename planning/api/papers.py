"""Marked sheets by the API: hand in photographs, look at the marks, make them comments on behalf."""

import json
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning.models import Scan, ScanMark, Zone
from planning.papers import scans
from planning.views.paper_marks import picture_of
from planning.views.papers import paper_version, picture
from portal.api_parsers import JSONBody, UploadForm
from portal.api_shapes import StrictSerializer, errors, read_body, require_user
from portal.bodies import takes_files

PIXELS = "Pixels of the flat page, x to the right and y downwards: [[x, y], …]."


class PaperBody(StrictSerializer):
    file = serializers.FileField(
        max_length=255, allow_empty_file=True, help_text="JPEG, PNG or WebP, at most 25 MB and 50 million pixels."
    )


class SheetBody(StrictSerializer):
    sheet = serializers.CharField(max_length=12, help_text="Id of a printed map of this version.")
    page = serializers.IntegerField(min_value=1, max_value=999)


class EnterBody(StrictSerializer):
    text = serializers.CharField(max_length=2000, help_text="What the mark says.")
    said_on = serializers.DateField(help_text="The day it was marked, within the public notice.")
    speaker = serializers.CharField(max_length=50, required=False, default="", allow_blank=True, help_text="Who marked it; sealed, shown masked.")  # fmt: skip
    zone = serializers.IntegerField(min_value=1, max_value=2_000_000_000, required=False, default=None, allow_null=True)


class AsideBody(StrictSerializer):
    aside = serializers.BooleanField(default=True, help_text="false takes the mark in again.")


class PointsField(serializers.ListField):
    """Places on the flat page."""

    child = serializers.ListField(
        child=serializers.FloatField(min_value=-100_000, max_value=100_000), min_length=2, max_length=2
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_length": 1, "max_length": 500, "help_text": PIXELS, **options})


class PlaceBody(StrictSerializer):
    points = PointsField(help_text=f"One: the pin goes there. Several: the new outline. {PIXELS}")


class MarkBody(PlaceBody):
    kind = serializers.ChoiceField(ScanMark.Kind.choices)


class MarkShape(serializers.ModelSerializer):
    geometry = serializers.SerializerMethodField(help_text="GeoJSON, EPSG:4490.")
    area_m2 = serializers.SerializerMethodField(help_text="Ellipsoidal area of a ring, m2.")
    error_m = serializers.SerializerMethodField(help_text="How far off the mark may be on the ground, m.")
    zone = serializers.SerializerMethodField(help_text="Number of the zone it lies on.")
    picture = serializers.SerializerMethodField()

    class Meta:
        model = ScanMark
        fields = ["number", "kind", "colour", "geometry", "area_m2", "error_m", "zone", "picture", "comment", "set_aside"]  # fmt: skip

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_geometry(self, mark: ScanMark) -> dict:
        return json.loads(mark.geom.geojson)

    def get_area_m2(self, mark: ScanMark) -> float | None:
        found = scans.area_m2(mark)
        return None if found is None else round(found, 1)

    def get_error_m(self, mark: ScanMark) -> float | None:
        fit = mark.scan.fit
        return fit.get("errors_m", {}).get(str(mark.number), fit.get("error_m"))

    def get_zone(self, mark: ScanMark) -> int | None:
        zone = self.zones(mark.scan).get(mark.pk)
        return zone.number if zone else None

    def zones(self, row: Scan) -> dict[int, Zone]:
        """Asked for once, of all marks that are shown."""
        if not hasattr(self, "found"):
            shown = [self.instance] if isinstance(self.instance, ScanMark) else list(row.marks.all())
            self.found = scans.zones_of(row, shown)
        return self.found

    def get_picture(self, mark: ScanMark) -> str:
        return reverse("api-paper-mark-picture", args=[mark.scan_id, mark.number])


class PaperShape(serializers.ModelSerializer):
    fault_text = serializers.SerializerMethodField(help_text="What to do next.")
    error_m = serializers.SerializerMethodField(help_text="How far off a mark may be on the ground, m.")
    job = serializers.CharField(
        source="job_id", allow_null=True, help_text="GET /api/v1/jobs/<id>/ says how far it is."
    )
    marks = serializers.SerializerMethodField()
    comments = serializers.SerializerMethodField()

    class Meta:
        model = Scan
        fields = ["id", "version", "name", "state", "fault", "fault_text", "sheet", "page", "error_m", "job", "at", "marks", "comments"]  # fmt: skip

    def get_fault_text(self, row: Scan) -> str:
        return scans.said(row)

    def get_error_m(self, row: Scan) -> float | None:
        return row.fit.get("error_m")

    def get_marks(self, row: Scan) -> int:
        return len(row.marks.all())

    def get_comments(self, row: Scan) -> int:
        return sum(bool(mark.comment_id) for mark in row.marks.all())


class OnePaperShape(PaperShape):
    marks = MarkShape(many=True)
    flat = serializers.SerializerMethodField(
        help_text="Address of the flat page as JPEG; null when it is kept no longer."
    )
    photo = serializers.SerializerMethodField(help_text="Address of the photograph; null when it is kept no longer.")

    class Meta(PaperShape.Meta):
        fields = [*PaperShape.Meta.fields, "flat", "photo"]

    def get_flat(self, row: Scan) -> str | None:
        return reverse("api-paper-flat", args=[row.pk]) if row.flat else None

    def get_photo(self, row: Scan) -> str | None:
        return reverse("api-paper-photo", args=[row.pk]) if row.file else None


@extend_schema(methods=["GET"], operation_id="version_papers", tags=["papers"], responses={200: PaperShape(many=True), **errors(403, 404)})  # fmt: skip
@extend_schema(
    methods=["POST"], operation_id="version_paper_new", tags=["papers"], request={"multipart/form-data": PaperBody},
    responses={201: PaperShape, **errors(400, 403, 404, 413)},
)  # fmt: skip
@takes_files
@api_view(["GET", "POST"])
@parser_classes([UploadForm])
def version_papers(request: Request, id: str) -> Response:
    """Photographs of marked sheets (纸图) of a version; POST hands one in, which is then read in the background."""
    user = require_user(request)
    version = paper_version(user, id)
    if request.method == "POST":
        row = scans.receive(version, read_body(request, PaperBody)["file"], by=user)
        return Response(PaperShape(row).data, status=201)
    return Response(PaperShape(scans.of_version(version), many=True).data)


@extend_schema(operation_id="paper", tags=["papers"], responses={200: OnePaperShape, **errors(403, 404)})
@api_view(["GET"])
def paper(request: Request, id: str) -> Response:
    """A marked sheet with its marks on the ground."""
    return Response(OnePaperShape(scans.seen(require_user(request), id)).data)


JPEG = {(200, "image/jpeg"): OpenApiTypes.BINARY, **errors(403, 404)}


@extend_schema(operation_id="paper_flat", tags=["papers"], responses=JPEG)
@api_view(["GET"])
def flat(request: Request, id: str) -> HttpResponse:
    """The sheet laid flat; places of marks are pixels of it."""
    return picture(scans.seen(require_user(request), id), "flat")


@extend_schema(operation_id="paper_photo", tags=["papers"], responses=JPEG)
@api_view(["GET"])
def photo(request: Request, id: str) -> HttpResponse:
    """The photograph as it came."""
    return picture(scans.seen(require_user(request), id), "file")


@extend_schema(operation_id="paper_mark_picture", tags=["papers"], responses=JPEG)
@api_view(["GET"])
def mark_picture(request: Request, id: str, number: int) -> HttpResponse:
    """The part of the flat page that shows a mark."""
    return picture_of(scans.seen(require_user(request), id), number)


@extend_schema(
    operation_id="paper_sheet", tags=["papers"], request=SheetBody, responses={202: PaperShape, **errors(400, 403, 404, 409)}
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def paper_sheet(request: Request, id: str) -> Response:
    """Say which sheet and page a photograph shows, where its code cannot be read."""
    user = require_user(request)
    row = scans.seen(user, id)
    scans.choose(row, by=user, **read_body(request, SheetBody))
    return Response(PaperShape(row).data, status=202)


@extend_schema(operation_id="paper_mark_new", tags=["papers"], request=MarkBody, responses={201: MarkShape, **errors(400, 403, 404, 409)})  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def mark_new(request: Request, id: str) -> Response:
    """Add a mark that was not found."""
    user = require_user(request)
    mark = scans.add(scans.seen(user, id), by=user, **read_body(request, MarkBody))
    return Response(MarkShape(mark).data, status=201)


@extend_schema(
    operation_id="paper_mark_enter", tags=["papers"], request=EnterBody, responses={200: MarkShape, **errors(400, 403, 404, 409)}
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def mark_enter(request: Request, id: str, number: int) -> Response:
    """Make a mark a comment on behalf (代录); a second time changes nothing."""
    user = require_user(request)
    mark = scans.mark_of(scans.seen(user, id), number)
    scans.enter(mark, by=user, **read_body(request, EnterBody))
    return told(mark)


@extend_schema(
    operation_id="paper_mark_aside", tags=["papers"], request=AsideBody, responses={200: MarkShape, **errors(403, 404, 409)}
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def mark_aside(request: Request, id: str, number: int) -> Response:
    """Put a mark aside: a stain, a shadow, a note without a place."""
    user = require_user(request)
    mark = scans.mark_of(scans.seen(user, id), number)
    scans.put_aside(mark, by=user, **read_body(request, AsideBody))
    return told(mark)


@extend_schema(
    operation_id="paper_mark_place", tags=["papers"], request=PlaceBody, responses={200: MarkShape, **errors(400, 403, 404, 409)}
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def mark_place(request: Request, id: str, number: int) -> Response:
    """Put the place or the outline of a mark right."""
    user = require_user(request)
    mark = scans.mark_of(scans.seen(user, id), number)
    points = [tuple(point) for point in read_body(request, PlaceBody)["points"]]
    if len(points) == 1:
        scans.move(mark, by=user, x=points[0][0], y=points[0][1])
    else:
        scans.redraw(mark, by=user, points=points)
    return told(mark)


def told(mark: ScanMark) -> Response:
    return Response(MarkShape(ScanMark.objects.select_related("scan__version").get(pk=mark.pk)).data)
