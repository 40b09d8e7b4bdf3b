"""Marked sheets (纸图): photographs come in, and each shows its flat page, its marks, and the plan beside it."""

from datetime import date
from typing import Any

import shapely
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from planning import maps
from planning.comment_shapes import outline
from planning.models import PlanVersion, Scan, ScanMark, Sheet, Zone
from planning.models.papers import READERS
from planning.papers import faults, scans
from planning.views.paper_marks import INK, MarkForm, coloured
from planning.views.photos import HEADERS
from planning.views.trails import version_trail
from portal.bodies import takes_files
from portal.errors import PortalError
from portal.models import User
from portal.rules import has_role
from portal.written_numbers import starred_numbers


def paper_version(user: User, pk: str) -> PlanVersion:
    """The one way to a version on these pages; strangers get 404."""
    version = get_object_or_404(PlanVersion.objects.visible_to(user).with_plan(), pk=pk)
    if not has_role(user, READERS, version.division_code):
        raise Http404
    return version


@takes_files
@login_required
@require_http_methods(["GET", "POST"])
def paper_list(request: HttpRequest, pk: str) -> HttpResponse:
    """The photographs of marked sheets of a version; POST takes new ones in."""
    version = paper_version(request.user, pk)
    refused: list[tuple[str, str]] = []
    status = 200
    if request.method == "POST":
        taken, refused = take_in(version, request)
        if taken and not refused:
            messages.success(request, ngettext("%(count)d photo is being read.", "%(count)d photos are being read.", taken) % {"count": taken})  # fmt: skip
            return redirect("papers", pk=pk)
        status = 400 if refused else 200
    rows = [listed(row) for row in scans.of_version(version)]
    context = {
        "version": version, "village": version.village, "rows": rows, "waits": any(row["row"].state == "waits" for row in rows),
        "sheets": per_sheet(version), "errors": [{"field": "id_photos", "text": f"{name}: {said}"} for name, said in refused],
        "trail": version_trail(version, _("Marked sheets"), desk=reverse("version", args=[version.pk])), "most": scans.MOST_AT_ONCE,
        "limit_mb": settings.UPLOAD_MAX_BYTES >> 20, "most_mb": scans.FILE_BYTES >> 20,
    }  # fmt: skip
    return render(request, "planning/papers.html", context, status=status)


def take_in(version: PlanVersion, request: HttpRequest) -> tuple[int, list[tuple[str, str]]]:
    """How many photographs were kept, and names of the others with what is wrong with them."""
    files = request.FILES.getlist("photos")
    refused = []
    if not files:
        refused.append((_("Photos"), _("Choose at least one photo.")))
    if len(files) > scans.MOST_AT_ONCE:
        refused.append((_("Photos"), _("At most %(most)d photos at once.") % {"most": scans.MOST_AT_ONCE}))
    taken = 0
    for file in files[: scans.MOST_AT_ONCE]:
        try:
            scans.receive(version, file, by=request.user)
            taken += 1
        except PortalError as error:
            refused.append((file.name, str(error.message)))
    return taken, refused


def listed(row: Scan) -> dict[str, Any]:
    marks = list(row.marks.all())
    entered, aside = sum(bool(m.comment_id) for m in marks), sum(m.set_aside for m in marks)
    return {"row": row, "state": faults.STATES[row.state], "fault": scans.said(row), "marks": len(marks), "entered": entered, "left": len(marks) - entered - aside}  # fmt: skip


def per_sheet(version: PlanVersion) -> list[dict[str, Any]]:
    """How many photographs, marks and comments there are of each printed page."""
    counted: dict[tuple[str, int], dict[str, Any]] = {}
    for row in scans.of_version(version).exclude(sheet=None):
        entry = counted.setdefault((row.sheet_id, row.page), {"sheet": row.sheet, "page": row.page, "photos": 0, "marks": 0, "comments": 0})  # fmt: skip
        marks = list(row.marks.all())
        entry["photos"] += 1
        entry["marks"] += len(marks)
        entry["comments"] += sum(bool(mark.comment_id) for mark in marks)
    return list(counted.values())


@login_required
@require_GET
def paper(request: HttpRequest, pk: str) -> HttpResponse:
    """One marked sheet: its flat page with numbered marks, the plan with the same marks, and what becomes of each."""
    return page_of(request, scans.seen(request.user, pk))


def page_of(request: HttpRequest, row: Scan, *, form: MarkForm | None = None, error: PortalError | None = None, status: int = 200) -> HttpResponse:  # fmt: skip
    version = row.version
    read = row.state in (Scan.State.READ, Scan.State.DONE)
    rows = list(row.marks.select_related("comment")) if read else []
    zones, entered = scans.zones_of(row, rows), [mark.comment for mark in rows if mark.comment]
    # marks of a sheet were mostly made on one day: it stays for the next one
    day = max(entered, key=lambda comment: comment.created_at).said_on if entered else None
    marks = [shown(mark, row, form, zones.get(mark.pk), day) for mark in rows]
    context = {
        "scan": row, "version": version, "village": version.village, "fault": scans.said(row), "marks": marks, "job": row.job,
        "trail": version_trail(
            version, (_("Marked sheets"), reverse("papers", args=[version.pk])), row.name or row.pk, desk=reverse("version", args=[version.pk])
        ),
        "choices": choices(version) if row.state == Scan.State.FAILED or not read else [],
        "state": faults.STATES[row.state],
        "errors": [{"field": error_field(form), "text": error.message}] if error else None,
    }  # fmt: skip
    if read:
        plate = scans.plate_of(row)
        context |= {
            "size": plate.size, "scale": plate.scale, "blind": round(100 * row.fit.get("blind", 0)),
            "map_options": maps.version_map(version, request.user),
            "shapes": {"type": "FeatureCollection", "features": [feature(m["mark"]) for m in marks]},
        }  # fmt: skip
    return render(request, "planning/paper.html", context, status=status)


def error_field(form: MarkForm | None) -> str:
    return next((form[name].id_for_label for name in form.errors), form["text"].id_for_label) if form else "marks"


def shown(mark: ScanMark, row: Scan, form: MarkForm | None, zone: Zone | None, day: date | None) -> dict[str, Any]:
    """A mark as the page draws it: pixels of the flat page, words, the zone it lies on, its form."""
    mark.scan = row
    shape = scans.on_page(row, mark.geom)
    x, y = scans.pin_of(shape)
    is_open = not mark.comment_id and not mark.set_aside
    own = form if form is not None and form.mark == mark else None
    return {
        "mark": mark, "points": " ".join(f"{px:.1f},{py:.1f}" for px, py in shapely.get_coordinates(shape)), "x": round(x, 1),
        "y": round(y, 1), "area": scans.area_m2(mark), "zone": zone, "open": is_open, "ink": INK.get(mark.colour, ""),
        "stroke": coloured(mark.colour), "error": row.fit.get("errors_m", {}).get(str(mark.number), row.fit.get("error_m")),
        "picture": bool(row.flat), "words": starred_numbers(mark.comment.text) if mark.comment else "",
        "form": (own or MarkForm(mark=mark, zone=zone, day=day)) if is_open else None,
    }  # fmt: skip


def feature(mark: ScanMark) -> dict[str, Any]:
    geometry = outline(mark.geom) if mark.kind != "spot" else {"type": "Point", "coordinates": list(mark.geom.coords)}
    return {"type": "Feature", "geometry": geometry, "properties": {"number": mark.number, "colour": coloured(mark.colour)}}  # fmt: skip


def choices(version: PlanVersion) -> list[tuple[Sheet, list[dict[str, Any]]]]:
    """Sheets of a version with their pages, for choosing by hand."""
    rows = Sheet.objects.filter(version=version).exclude(pages=[])[:20]
    return [(row, row.pages) for row in rows]


@login_required
@require_POST
def paper_sheet(request: HttpRequest, pk: str) -> HttpResponse:
    """Say by hand which sheet and page a photograph shows."""
    row = scans.seen(request.user, pk)
    sheet, _dash, page = request.POST.get("sheet", "").partition("-")
    try:
        scans.choose(
            row, by=request.user, sheet=sheet[:12], page=int(page) if page.isdecimal() and len(page) < 4 else 0
        )
    except PortalError as error:
        return page_of(request, row, error=error, status=error.status)
    return redirect("paper", pk=pk)


@login_required
@require_GET
def paper_flat(request: HttpRequest, pk: str) -> HttpResponse:
    return picture(scans.seen(request.user, pk), "flat")


@login_required
@require_GET
def paper_photo(request: HttpRequest, pk: str) -> HttpResponse:
    return picture(scans.seen(request.user, pk), "file")


def picture(row: Scan, name: str) -> HttpResponse:
    """Handwriting is personal data: never kept by a browser or on the way."""
    file = getattr(row, name)
    if not file:
        raise Http404
    try:
        stream = file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    headers = {**HEADERS, "Cache-Control": "private, no-store"}
    return FileResponse(stream, content_type="image/jpeg", filename=f"paper-{row.pk}.jpg", headers=headers)
