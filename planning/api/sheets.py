"""Maps on paper by the API: order one, ask how far it is, take the file."""

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.request import Request
from rest_framework.response import Response

from planning.api.versions import visible
from planning.sheets import orders
from planning.sheets.making import TYPES
from planning.sheets.pages import SCALES, SIZES
from planning.views.sheets import person, state_of, stop, taken
from portal.api_parsers import JSONBody
from portal.api_shapes import Degrees, StrictSerializer, errors, read_body
from portal.models import Job


class OrderBody(StrictSerializer):
    what = serializers.ChoiceField(
        orders.WHAT, default="village", help_text="The whole village, a view (bbox), or one zone."
    )
    bbox = serializers.ListField(
        child=Degrees(min_value=-180, max_value=180), min_length=4, max_length=4, default=None, allow_null=True,
        help_text="West, south, east, north in EPSG:4490, degrees; for a view.",
    )  # fmt: skip
    zone = serializers.IntegerField(min_value=1, max_value=2_000_000_000, default=None, allow_null=True)
    paper = serializers.ChoiceField(list(SIZES), default="A4")
    upright = serializers.BooleanField(default=False)
    scale = serializers.ChoiceField(
        SCALES, default=None, allow_null=True, help_text="Denominator; null: what fits on one page."
    )
    language = serializers.ChoiceField(["zh-hans", "en"], default="zh-hans")
    theme = serializers.ChoiceField(
        orders.THEMES, default="plan", help_text="plan, or base: the land use of the base year."
    )
    lines = serializers.BooleanField(
        default=False, help_text="Control lines and public facilities; for staff of the village."
    )
    findings = serializers.BooleanField(default=False)
    numbers = serializers.BooleanField(default=True)
    form = serializers.ChoiceField(orders.FORMS, default="pdf")
    dpi = serializers.ChoiceField(orders.DPI, default=150, help_text="Of a PNG.")

    def validate(self, values: dict) -> dict:
        if values["what"] == "view" and values["bbox"] is None:
            raise serializers.ValidationError({"bbox": ["A view needs it."]})
        if values["what"] == "zone" and values["zone"] is None:
            raise serializers.ValidationError({"zone": ["A zone needs it."]})
        if values["bbox"] is not None:
            west, south, east, north = values["bbox"]
            if west >= east or south >= north or south < -90 or north > 90:
                raise serializers.ValidationError({"bbox": ["West, south, east, north, in this order."]})
            values["bbox"] = tuple(values["bbox"])
        return values


class SheetPageShape(serializers.Serializer):
    number = serializers.IntegerField()
    scale = serializers.IntegerField(help_text="Denominator.")
    is_index = serializers.BooleanField(help_text="Shows where the other pages lie.")
    extent = serializers.ListField(
        child=serializers.FloatField(), help_text="West, south, east, north of the frame, m in `crs`."
    )
    frame = serializers.ListField(
        child=serializers.FloatField(), help_text="x, y, width, height of the map on paper, mm."
    )
    marks = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()), help_text="Middles of the corner marks, mm."
    )
    paper = serializers.ListField(child=serializers.FloatField(), help_text="Width and height of the paper, mm.")


class SheetShape(serializers.Serializer):
    id = serializers.CharField()
    version = serializers.CharField()
    options = serializers.DictField()
    state = serializers.ChoiceField(Job.State.choices)
    state_text = serializers.CharField(allow_blank=True)
    percent = serializers.IntegerField()
    message = serializers.CharField(allow_blank=True)
    final = serializers.BooleanField()
    ready = serializers.BooleanField(help_text="The file is there. Files are kept 30 days; order again after that.")
    name = serializers.CharField(allow_blank=True)
    file = serializers.CharField(allow_null=True)
    crs = serializers.CharField(allow_blank=True, help_text="The plane of the extents: EPSG:n.")
    pages = SheetPageShape(many=True)
    may_cancel = serializers.BooleanField()


@extend_schema(
    operation_id="sheet_new", tags=["sheets"], request=OrderBody,
    responses={202: SheetShape, **errors(400, 403, 404, 429)},
)  # fmt: skip
@api_view(["POST"])
@parser_classes([JSONBody])
def sheet_new(request: Request, id: str) -> Response:
    """Order a printed map (图幅) of a version: PDF or PNG at a true scale. The same order again answers with the same sheet."""
    version = visible(request, id)
    order = orders.Order(**read_body(request, OrderBody))
    row = orders.place_order(version, order, by=person(request))
    return Response(SheetShape(state_of(row, request.user)).data, status=202)


@extend_schema(operation_id="sheet", tags=["sheets"], responses={200: SheetShape, **errors(404)})
@api_view(["GET"])
def sheet(request: Request, id: str) -> Response:
    """How far a sheet is; when it is ready, its file, and which ground each page shows."""
    return Response(SheetShape(state_of(orders.open_sheet(request.user, id), request.user)).data)


@extend_schema(
    operation_id="sheet_file", tags=["sheets"],
    responses={**{(200, kind): OpenApiResponse(OpenApiTypes.BINARY) for kind in TYPES.values()}, **errors(404)},
)  # fmt: skip
@api_view(["GET"])
def sheet_file(request: Request, id: str) -> FileResponse:
    """The PDF, the picture, or an archive of pictures if there are several pages."""
    return taken(orders.open_sheet(request.user, id))


@extend_schema(operation_id="sheet_cancel", tags=["sheets"], request=None, responses={200: SheetShape, **errors(404)})
@api_view(["POST"])
@parser_classes([JSONBody])
def sheet_cancel(request: Request, id: str) -> Response:
    """Stop drawing a sheet that you ordered."""
    row = orders.open_sheet(request.user, id)
    if row.created_by_id is None or not request.user.is_authenticated or row.created_by_id != request.user.pk:
        raise Http404
    return Response(SheetShape(state_of(stop(row, request.user), request.user)).data)
