"""Plans drawn in the browser (在线绘制): begun from a version, the land as it is or an empty village; put away, handed in."""

import tempfile
from pathlib import Path
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from planning import drawing_reading, drawing_rows, export, imports
from planning.change_words import listed
from planning.drawing_kinds import MAX_ZONES, too_many
from planning.drawing_steps import held, must_be_open
from planning.models import Drawing, DrawnProject, DrawnZone, PlanVersion
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.geo.partition import Board
from portal.geo.partition_check import measured, tidied
from portal.models import Upload, User
from villages.models import Village

MAX_VERTICES = 500_000
NAMED = 10
"""numbers of zones that a refusal lists"""
Start = Drawing.Start


@transaction.atomic
def begin(village: Village, *, by: User, start: str, version: PlanVersion | None = None, title: str = "") -> Drawing:
    """A new drawing. Borders of the zones it begins with get the same vertices on both sides; nothing else is changed."""
    if not by.has_perm("planning.upload_plan", village):
        raise NotAllowed(
            _("Only the planner or the committee of %(village)s may draw its plan.") % {"village": village}
        )
    if (start == Start.VERSION) != (version is not None):
        raise PortalError(_("Choose the version to begin with."), code="version")
    zones = first_zones(village, start, version)
    shapes = shapely.from_wkb([bytes(zone.geom.wkb) for zone in zones])
    if len(zones) > MAX_ZONES:
        raise too_many()
    if shapely.get_num_coordinates(shapes).sum() > MAX_VERTICES:
        text = _("The plan has more than %(limit)s corners. Draw it in a GIS and hand it in as a file.")
        raise PortalError(text % {"limit": f"{MAX_VERTICES:,}"}, code="too_many")
    if not shapely.is_valid(shapes).all():
        number = zones[int((~shapely.is_valid(shapes)).argmax())].number
        text = _("The outline of number %(number)d crosses itself. Correct it in a GIS and hand the plan in as a file.")
        raise PortalError(text % {"number": number}, code="invalid_shape")
    outline = shapely.from_wkb(bytes(village.geom.wkb))
    tidy = tidied(shapes, outline)
    board = Board(dict(enumerate(tidy)), outline)
    unfilled, overlap, outside = measured(board)
    drawing = Drawing.objects.create(
        village=village, title=title, start=start, based_on=version, created_by=by, changed_by=by, unfilled_m2=unfilled,
        overlap_m2=overlap, outside_m2=outside,
    )  # fmt: skip
    for zone, old, new in zip(zones, shapes, tidy, strict=True):
        zone.drawing = drawing
        if new is not old:
            zone.geom = GEOSGeometry(drawing_rows.as_hex(new))
    DrawnZone.objects.bulk_create(zones, batch_size=500)
    DrawnProject.objects.bulk_create(first_projects(drawing))
    after = {"village": village.code, "start": start, "version": version.pk if version else None}
    record("drawing.opened", drawing, by=by, after=after)
    return drawing


def first_zones(village: Village, start: str, version: PlanVersion | None) -> list[DrawnZone]:
    """What a drawing begins with. An empty village is one zone without a class, so that its land is never without a zone."""
    if start == Start.VERSION:
        return [
            DrawnZone(
                number=z.number, code=z.code, label=z.label, remark=z.remark, file_code=z.file_code,
                attributes=z.attributes, geom=z.geom,
            )
            for z in version.zones.defer("geom_web").order_by("number")[: MAX_ZONES + 1]
        ]  # fmt: skip
    if start == Start.PARCELS:
        parcels = village.parcels.defer("geom_web").order_by("number")[: MAX_ZONES + 1]
        zones = [DrawnZone(number=n, code=p.code, geom=p.geom) for n, p in enumerate(parcels, 1)]
        if not zones:
            text = _("No parcels of the base year are stored for this village. Begin with the empty village instead.")
            raise PortalError(text, code="no_parcels")
        return zones
    return [DrawnZone(number=1, geom=village.geom)]


def first_projects(drawing: Drawing) -> list[DrawnProject]:
    projects = drawing.based_on.projects.order_by("number") if drawing.based_on else []
    names = drawing_rows.PROJECT_FIELDS
    return [
        DrawnProject(drawing=drawing, number=p.number, geom=p.geom, **{name: getattr(p, name) for name in names})
        for p in projects
    ]


@transaction.atomic
def rename(pk: str, *, by: User, title: str) -> Drawing:
    drawing = held(pk, by)
    before, drawing.title, drawing.changed_by = drawing.title, title, by
    drawing.save(update_fields=["title", "changed_by", "changed_at"])
    record("drawing.renamed", drawing, by=by, before={"title": before}, after={"title": title})
    return drawing


@transaction.atomic
def discard(pk: str, *, by: User) -> Drawing:
    """Put a drawing away. It stays and can be reopened."""
    drawing = held(pk, by)
    must_be_open(drawing)
    return _become(drawing, Drawing.State.DISCARDED, "drawing.discarded", by)


@transaction.atomic
def reopen(pk: str, *, by: User) -> Drawing:
    """Draw on: what was put away, or what was handed in and not stored."""
    drawing = held(pk, by)
    if drawing.state == Drawing.State.OPEN:
        raise Conflict(_("The drawing is open already."), code="state")
    if drawing.state == Drawing.State.HANDED_IN and drawing.upload:
        if drawing.upload.state == Upload.State.WAITING:
            raise Conflict(_("The drawing is being checked. Wait for the verdict."), code="state")
        if drawing.upload.result.get("version"):
            raise Conflict(_("The drawing became a version of the plan. Start a new one from it."), code="state")
    return _become(drawing, Drawing.State.OPEN, "drawing.reopened", by)


def _become(drawing: Drawing, state: str, verb: str, by: User) -> Drawing:
    before, drawing.state, drawing.changed_by = drawing.state, state, by
    drawing.save(update_fields=["state", "changed_by", "changed_at", "upload"])
    record(verb, drawing, by=by, before={"state": before}, after={"state": state, "revision": drawing.revision})
    return drawing


@transaction.atomic
def hand_in(pk: str, *, by: User, revision: int, note: str = "", check_only: bool = False) -> Drawing:
    """Hand a drawing in as a file like any other: the same check judges it, and the same question is asked if somebody
    stored a version meanwhile."""
    drawing = held(pk, by)
    must_be_open(drawing)
    if revision != drawing.revision:
        text = _("The drawing was changed meanwhile. Look at it once more before you hand it in.")
        raise Conflict(text, code="changed_meanwhile", data={"revision": drawing.revision})
    zones = list(drawing.zones.all())
    must_have_classes(zones)
    options: dict[str, Any] = {
        "based_on": drawing.based_on.number if drawing.based_on else 0,
        "after": drawing_reading.seen_number(drawing),
    }
    options |= {name: value for name, value in (("note", note), ("check_only", check_only)) if value}
    features = list(drawing.based_on.features.all()) if drawing.based_on else []
    with tempfile.TemporaryDirectory(prefix="drawing-") as folder:
        path = Path(folder) / "plan.gpkg"
        export.write_rows(path, zones, list(drawing.projects.all()), features)
        with path.open("rb") as stream:
            name = f"{drawing.title or drawing.village.short_name}.gpkg"
            drawing.upload = imports.receive(
                File(stream), name=name, village=drawing.village, by=by, options=options, again=True
            )
    if check_only:
        drawing.save(update_fields=["upload", "changed_at"])
        return drawing
    return _become(drawing, Drawing.State.HANDED_IN, "drawing.handed_in", by)


def must_have_classes(zones: list[DrawnZone]) -> None:
    bare = [zone.number for zone in zones if not zone.code]
    if bare:
        first = listed(bare[:NAMED]) + (" …" if len(bare) > NAMED else "")
        text = ngettext(
            "%(count)d zone has no class yet: %(numbers)s. Choose a class for it before you hand the plan in.",
            "%(count)d zones have no class yet: %(numbers)s. Choose a class for each before you hand the plan in.",
            len(bare),
        )
        raise PortalError(text % {"count": len(bare), "numbers": first}, code="no_class", data={"zones": bare[:NAMED]})
    if not zones:
        raise PortalError(_("The drawing has no zone. Draw one first."), code="empty")
