"""A version as a file to take away, for the staff of its village; API and pages answer with the same bytes."""

import tempfile
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from planning import export
from planning.models import PlanVersion
from portal.audit import record
from portal.models import User
from portal.rules import STAFF, has_role

CONTENT_TYPE = "application/geopackage+sqlite3"


@require_GET
def version_geopackage(request: HttpRequest, pk: str) -> FileResponse:
    """The plan as a GeoPackage that can be handed in again. Exact coordinates stay with the staff of the division."""
    return packaged(exportable(request.user, pk), request.user)


def exportable(user: User, pk: str) -> PlanVersion:
    """The version if the user works for its division or one above it; for all others there is none."""
    version = get_object_or_404(PlanVersion.objects.visible_to(user).with_plan(), pk=pk)
    if not has_role(user, STAFF, version.division_code):
        raise Http404
    return version


def packaged(version: PlanVersion, by: User) -> FileResponse:
    """Written to a file of its own that is gone from the folder as soon as it is open."""
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        path = Path(folder) / "plan.gpkg"
        export.write_geopackage(version, path)
        stream = path.open("rb")
    record("version.exported", version, by=by, after={"bytes": stream.seek(0, 2)})
    stream.seek(0)
    name = f"{version.division_code}-v{version.number}.gpkg"
    return FileResponse(stream, as_attachment=True, filename=name, content_type=CONTENT_TYPE)
