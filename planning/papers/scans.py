"""Marked sheets (纸图): taken in as photographs, read in the background, their marks put right by hand and made comments.

Marks lie on the ground (EPSG:4490). Pages point at pixels of the flat page; the way there and back is the page's own frame.
"""

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GeometryCollection, GEOSGeometry
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from PIL import Image

from planning import participation, photos
from planning.models import Channel, Comment, PlanVersion, Scan, ScanMark, Sheet, Zone
from planning.papers import faults, jailed, printing
from planning.papers.plate import PER_MM, Plate, millimetres, pixels
from planning.sheets import content
from portal import jobs, retention
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.geo import crs
from portal.geo import photos as picture_door
from portal.geo.reasons import REASONS
from portal.models import Job, User
from portal.resumable import check_room

KIND = "planning.read_paper"
LONGEST = 3600
"""pixels of the longer side of a kept photograph: 8 to a mm on A3"""
FILE_BYTES = 25 * 2**20
MOST_AT_ONCE = 20
MOST_MARKS = 200
AROUND_MM = 9.0
"""mm around a mark on its picture"""
LIMITS = replace(picture_door.LIMITS, file_bytes=FILE_BYTES, longest=LONGEST)


def seen(user: User, pk: str) -> Scan:
    """The one way to a marked sheet; strangers get 404."""
    return get_object_or_404(
        Scan.objects.visible_to(user).select_related("version__plan__village", "sheet", "job"), pk=pk
    )


def of_version(version: PlanVersion) -> QuerySet[Scan]:
    return version.scans.select_related("sheet", "job", "by").prefetch_related("marks")


# --- taking in


def receive(version: PlanVersion, file: File, *, by: User) -> Scan:
    """Keep one photograph, made anew from its pixels, and begin to read it. The same file again is the same scan."""
    check(version, by)
    if file.size > FILE_BYTES:
        raise PortalError(_("The photo is larger than %(limit)d MB. Please send a smaller one.") % {"limit": FILE_BYTES >> 20}, code="photo")  # fmt: skip
    check_room(file.size)
    data = b"".join(file.chunks())
    digest = hashlib.sha256(data).hexdigest()
    if known := version.scans.filter(digest=digest).first():
        return known
    made = made_anew(data)
    with transaction.atomic():
        PlanVersion.objects.select_for_update(of=("self",), no_key=True).get(pk=version.pk)
        if known := version.scans.filter(digest=digest).first():
            return known
        row = Scan(version=version, name=Path(file.name or "").name.replace("\x00", "")[:200], digest=digest, by=by)
        row.file.save("photo.jpg", ContentFile(made), save=False)
        row.save(force_insert=True)
        record("paper.received", row, by=by, after={"version": version.pk})
        begin(row, by)
    return row


def check(version: PlanVersion, by: User) -> None:
    if not by.has_perm("planning.enter_comment", version):
        raise NotAllowed(_("Only the village committee, its planner or the township enters comments for others."))


def made_anew(data: bytes) -> bytes:
    """The photograph through the jail of uploads: pixels alone."""
    with photos.NamedTemporaryFile(prefix="paper-") as copy:
        copy.write(data)
        copy.flush()
        try:
            return picture_door.read(copy.name, limits=LIMITS).large
        except picture_door.Refused as refused:
            params = refused.issues[0].params
            raise PortalError(_(REASONS[params["reason"]]).format(**params), code="photo", data={"reason": params["reason"]}) from refused  # fmt: skip


def begin(row: Scan, by: User) -> None:
    row.job = jobs.start(KIND, by=by, scan=row.pk)
    row.state, row.fault = Scan.State.WAITS, ""
    row.save(update_fields=["job", "state", "fault"])


def choose(row: Scan, *, by: User, sheet: str, page: int) -> None:
    """Say by hand which sheet and page a photograph shows, and read it again."""
    check(row.version, by)
    chosen = row.version.sheets.filter(pk=sheet).first()
    if chosen is None or page_of(chosen, page) is None:
        raise PortalError(_("This version has no such sheet."), code="sheet")
    if row.marks.exclude(comment=None).exists():
        raise Conflict(_("Marks of this sheet are comments already."), code="entered")
    with transaction.atomic():
        row.sheet, row.page = chosen, page
        row.save(update_fields=["sheet", "page"])
        record("paper.sheet_chosen", row, by=by, after={"sheet": chosen.pk, "page": page})
        begin(row, by)


# --- reading


def read(row: Scan, *, progress: jobs.Progress = jobs.quiet) -> None:
    """Find sheet, place and marks. A photograph that cannot be read says why; that is an answer, no error."""
    if row.marks.exclude(comment=None).exists():
        return  # a second message of the queue, after marks were entered
    try:
        if not row.file:
            raise jailed.Fault("gone")
        with row.file.open("rb") as stream:
            photo = stream.read()
        if row.sheet is None:
            progress(5, _("Looking for the code of the sheet"))
            row.sheet, row.page = named(row.version, *jailed.code_in(photo, lambda share: progress(8, "")))
        page = page_of(row.sheet, row.page)
        if page is None:
            raise jailed.Fault("other_sheet")
        progress(15, _("Drawing the printed page"))
        original = printing.printed(row.sheet, row.page)
        progress(30, _("Laying the photograph flat and looking for marks"))
        found = jailed.read_page(photo, original, page, lambda share: progress(30 + int(60 * share), _("Looking for marks")))  # fmt: skip
    except jailed.Fault as fault:
        row.state, row.fault = Scan.State.FAILED, fault.code
        row.save(update_fields=["state", "fault", "sheet", "page"])
        return
    keep(row, found)


def named(version: PlanVersion, pk: str, page: int) -> tuple[Sheet, int]:
    """The sheet of a code, if it is one of this version."""
    sheet = Sheet.objects.filter(pk=pk).select_related("version__plan").first()
    if sheet is None or sheet.version.plan_id != version.plan_id:
        raise jailed.Fault("other_sheet")
    if sheet.version_id != version.pk:
        raise jailed.Fault("other_version")
    return sheet, page


def page_of(sheet: Sheet | None, number: int | None) -> dict[str, Any] | None:
    return next((page for page in sheet.pages if page["number"] == number), None) if sheet else None


@transaction.atomic
def keep(row: Scan, found: jailed.Page) -> None:
    plate = plate_of(row)
    per_mm = plate.scale / 1000
    row.marks.all().delete()
    row.flat.save("flat.jpg", ContentFile(found.flat), save=False)
    row.fit = {
        "corners": found.corners, "pixels_per_mm": PER_MM, "error_m": round(found.error_mm * per_mm, 2), "places": found.places,
        "blind": round(found.blind, 3), "by": found.by, "errors_m": {},
    }  # fmt: skip
    for number, mark in enumerate(found.marks, 1):
        row.fit["errors_m"][str(number)] = round(mark.error_mm * per_mm, 2)
        ScanMark.objects.create(
            scan=row, number=number, kind=mark.kind, geom=on_ground(row, mark.shape), colour=mark.colour, box=mark.box
        )
    row.state, row.fault = Scan.State.READ, ""
    row.save()


def failed(job: Job) -> None:
    """The scan says so when its job ended without an answer."""
    Scan.objects.filter(pk=job.args["scan"], state=Scan.State.WAITS).update(state=Scan.State.FAILED, fault="stopped")


# --- paper and ground


def plate_of(row: Scan) -> Plate:
    page = page_of(row.sheet, row.page)
    if page is None:
        raise Conflict(_("The photo is not read yet."), code="not_read")
    return Plate.of(page)


def plane_of(sheet: Sheet) -> Any:
    return crs.resolve(sheet.crs) if sheet.crs.startswith("EPSG:") else content.plane(sheet.version.village)


def on_ground(row: Scan, shape: shapely.Geometry) -> GEOSGeometry:
    """A shape in mm on paper as one in EPSG:4490."""
    metres = shapely.transform(shape, plate_of(row).metres)
    return GEOSGeometry(memoryview(shapely.to_wkb(crs.to_storage([metres], plane_of(row.sheet))[0])), srid=4490)


def on_page(row: Scan, geom: GEOSGeometry) -> shapely.Geometry:
    """The way back, in pixels of the flat page."""
    shape = shapely.from_wkb(bytes(geom.wkb))
    metres = crs.transform([shape], crs.storage_crs(), plane_of(row.sheet))[0]
    plate = plate_of(row)
    return shapely.transform(metres, lambda xy: pixels(plate.on_paper(xy)))


def zones_of(row: Scan, marks: Sequence[ScanMark]) -> dict[int, Zone]:
    """By mark (its key) the zone it lies on, or most of it; one question for all marks of a sheet."""
    on = GeometryCollection(*(mark.geom for mark in marks), srid=4490)
    zones = row.version.zones.filter(geom__intersects=on).order_by("number") if marks else []
    land = [(zone, shapely.from_wkb(bytes(zone.geom.wkb))) for zone in zones]
    found = {}
    for mark in marks:
        shape = shapely.from_wkb(bytes(mark.geom.wkb))
        if parts := [(zone, ground.intersection(shape).area) for zone, ground in land if ground.intersects(shape)]:
            found[mark.pk] = max(parts, key=lambda part: part[1])[0]
    return found


def area_m2(mark: ScanMark) -> float | None:
    """Ellipsoidal area of a ring in m2."""
    if mark.kind != ScanMark.Kind.AREA:
        return None
    return float(crs.area_m2([shapely.from_wkb(bytes(mark.geom.wkb))])[0])


def picture(mark: ScanMark) -> bytes:
    """The part of the flat page that shows a mark, as JPEG."""
    row = mark.scan
    if not row.flat:
        raise Conflict(_("The photo is not kept any more."), code="gone")
    left, top, right, low = on_page(row, mark.geom).bounds
    if mark.box:
        x, y, wide, high = mark.box
        left, top, right, low = min(left, x), min(top, y), max(right, x + wide), max(low, y + high)
    edge = AROUND_MM * PER_MM
    with row.flat.open("rb") as stream, Image.open(stream, formats=["JPEG"]) as flat:
        box = (max(left - edge, 0), max(top - edge, 0), min(right + edge, flat.width), min(low + edge, flat.height))
        cut = flat.crop(tuple(round(value) for value in box)).convert("RGB")
    cut.thumbnail((640, 480))
    file = BytesIO()
    cut.save(file, "JPEG", quality=80)
    return file.getvalue()


# --- what people do with marks


def mark_of(row: Scan, number: int) -> ScanMark:
    return get_object_or_404(row.marks.select_related("comment"), number=number)


@transaction.atomic
def enter(mark: ScanMark, *, by: User, text: str, said_on: datetime.date, speaker: str = "", zone: int | None = None) -> Comment:  # fmt: skip
    """Make a mark a comment on behalf (代录) of whoever drew it; a second time gives the same comment."""
    mark = ScanMark.objects.select_for_update(of=("self",)).select_related("scan__version").get(pk=mark.pk)
    if mark.comment_id:
        return mark.comment
    spot = mark.kind == ScanMark.Kind.SPOT
    comment = participation.enter_comment(
        mark.scan.version, by=by, channel=Channel.PAPER, text=text, said_on=said_on, speaker=speaker, zone=zone,
        lon=mark.geom.x if spot else None, lat=mark.geom.y if spot else None, shape=None if spot else mark.geom,
        once=f"paper-{mark.pk}",
    )  # fmt: skip
    mark.comment, mark.set_aside = comment, False
    mark.save(update_fields=["comment", "set_aside"])
    record("paper.mark_entered", mark.scan, by=by, after={"mark": mark.number, "comment": comment.pk})
    settle(mark.scan)
    return comment


@transaction.atomic
def put_aside(mark: ScanMark, *, by: User, aside: bool = True) -> None:
    """Leave a mark out, or take it in again: a stain, a shadow, a note without a place."""
    check(mark.scan.version, by)
    mark = free(mark)
    mark.set_aside = aside
    mark.save(update_fields=["set_aside"])
    record("paper.mark_aside" if aside else "paper.mark_back", mark.scan, by=by, after={"mark": mark.number})
    settle(mark.scan)


@transaction.atomic
def move(mark: ScanMark, *, by: User, x: float, y: float) -> None:
    """Carry a mark so that its pin lies at (x, y), pixels of the flat page."""
    check(mark.scan.version, by)
    mark = free(mark)
    shape = on_page(mark.scan, mark.geom)
    pin = pin_of(shape)
    reshape(mark, shapely.transform(shape, lambda xy: xy + np.array([x - pin[0], y - pin[1]])), by)


@transaction.atomic
def redraw(mark: ScanMark, *, by: User, points: list[tuple[float, float]]) -> None:
    """Give a mark another outline or place: pixels of the flat page."""
    check(mark.scan.version, by)
    mark = free(mark)
    reshape(mark, drawn(mark.kind, points), by)


def reshape(mark: ScanMark, shape: shapely.Geometry, by: User) -> None:
    mark.geom = on_ground(mark.scan, in_millimetres(mark.scan, shape))
    mark.box = []
    mark.save(update_fields=["geom", "box"])
    record("paper.mark_moved", mark.scan, by=by, after={"mark": mark.number})


@transaction.atomic
def add(row: Scan, *, by: User, kind: str, points: list[tuple[float, float]]) -> ScanMark:
    """A mark that was not found, drawn by hand on the flat page."""
    check(row.version, by)
    Scan.objects.select_for_update(of=("self",)).get(pk=row.pk)
    last = row.marks.aggregate(last=Max("number"))["last"] or 0
    if last >= MOST_MARKS:
        raise Conflict(_("This sheet has %(most)d marks already.") % {"most": MOST_MARKS}, code="marks")
    geom = on_ground(row, in_millimetres(row, drawn(kind, points)))
    mark = ScanMark.objects.create(scan=row, number=last + 1, kind=kind, geom=geom)
    record("paper.mark_added", row, by=by, after={"mark": mark.number})
    settle(row)
    return mark


def drawn(kind: str, points: list[tuple[float, float]]) -> shapely.Geometry:
    least = {"spot": 1, "line": 2, "area": 3}.get(kind)
    if least is None or not least <= len(points) <= 500:
        raise PortalError(
            _("Please draw a place, a line of two places, or an area of three places at least."), code="points"
        )
    shape = jailed.shape_of(kind, points)
    if not shape.is_valid:
        raise PortalError(_("The line of the area crosses itself; please draw it again."), code="points")
    return shape


def in_millimetres(row: Scan, shape: shapely.Geometry) -> shapely.Geometry:
    """Pixels of the flat page as mm, within the frame of the map and a little around it."""
    x, y, wide, high = plate_of(row).frame
    shape = shapely.transform(shape, millimetres)
    if not shapely.box(x - 2, y - 2, x + wide + 2, y + high + 2).contains(shape):
        raise PortalError(_("The place lies outside the map of the sheet."), code="points")
    return shape


def pin_of(shape: shapely.Geometry) -> tuple[float, float]:
    """Where the number of a mark stands: on an area inside, on a line in its middle."""
    point = shape.interpolate(0.5, normalized=True) if shape.geom_type == "LineString" else shape.representative_point()
    return point.x, point.y


def free(mark: ScanMark) -> ScanMark:
    mark = ScanMark.objects.select_for_update(of=("self",)).select_related("scan__version").get(pk=mark.pk)
    if mark.comment_id:
        raise Conflict(_("This mark is a comment already."), code="entered")
    return mark


def settle(row: Scan) -> None:
    """Done when each mark is entered or put aside."""
    marks = list(row.marks.all())
    done = bool(marks) and all(mark.comment_id or mark.set_aside for mark in marks)
    state = Scan.State.DONE if done else Scan.State.READ
    Scan.objects.filter(pk=row.pk).update(state=state)
    row.state = state


def said(row: Scan) -> str:
    """Why a photograph was not read."""
    return _("Reading was stopped. Send the photo again, or choose the sheet by hand.") if row.fault == "stopped" else faults.words(row.fault)  # fmt: skip


# --- how long


def old(before: datetime.datetime) -> QuerySet[Scan]:
    """Scans whose pictures are over; marks and comments stay."""
    return Scan.objects.filter(at__lt=before).exclude(file="", flat="")


def forget(rows: QuerySet[Scan]) -> None:
    for row in rows:
        for file in (row.file, row.flat):
            if file:
                file.delete(save=False)
        row.save(update_fields=["file", "flat"])


retention.KINDS["marked_sheet"] = (old, forget)
