"""A version as a GeoPackage."""

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request

from planning.views.exports import CONTENT_TYPE, exportable, packaged
from portal.api_shapes import errors


@extend_schema(
    operation_id="version_geopackage",
    tags=["plans"],
    responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY, **errors(404)},
)
@api_view(["GET"])
def geopackage(request: Request, id: str) -> FileResponse:
    """The plan as a GeoPackage that can be handed in again as the same plan; for the staff of its village."""
    return packaged(exportable(request.user, id), request.user)
