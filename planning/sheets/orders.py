"""Asking for a map on paper: what may be asked, who may have it, and the row and job it becomes."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

import shapely
from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from planning.models import PlanVersion, Sheet
from planning.sheets import content
from planning.sheets import pages as paging
from portal import jobs
from portal.audit import record
from portal.errors import NotAllowed, PortalError, TooMany
from portal.geo import crs
from portal.models import Job, User
from villages.rules import may_see_base_data

KIND = "planning.draw_sheets"
EDITION = 2
"""raised whenever the same order would be drawn differently"""
MOST_PAGES = 24
MOST_PIXELS = 220_000_000
OPEN_OF_ONE, OPEN_OF_STRANGERS = 3, 6
"""orders of one person, and of all who are not signed in, that may wait or be drawn at a time"""
DPI = (150, 300)
FORMS = ("pdf", "png")
WHAT = ("village", "view", "zone")
THEMES = ("plan", "base")
UNDER_WAY = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True)
class Order:
    """What is to be printed, and how. `scale` None: what fits on one page; `bbox` in degrees: west, south, east, north."""

    what: str = "village"
    bbox: tuple[float, float, float, float] | None = None
    zone: int | None = None
    paper: str = "A4"
    upright: bool = False
    scale: int | None = None
    language: str = "zh-hans"
    theme: str = "plan"
    lines: bool = False
    findings: bool = False
    numbers: bool = True
    form: str = "pdf"
    dpi: int = 150

    @property
    def holds_base(self) -> bool:
        return self.theme == "base" or self.lines


class NotPrintable(PortalError):
    """The order cannot be drawn; the message says which choice helps."""

    code = "not_printable"


def order_of(sheet: Sheet) -> Order:
    options = dict(sheet.options)
    if options["bbox"]:
        options["bbox"] = tuple(options["bbox"])
    return Order(**options)


def place_order(version: PlanVersion, order: Order, *, by: User | None) -> Sheet:
    """The sheet that was asked for: one that is there already, or a new one with the job that draws it."""
    check(version, order, by=by)
    key = key_of(version, order)
    if (there := drawn_already(version, key)) is not None:
        return there
    waiting = Job.objects.filter(kind=KIND, state__in=UNDER_WAY, created_by=by).count()
    if waiting >= (OPEN_OF_ONE if by else OPEN_OF_STRANGERS):
        raise TooMany(_("Other maps are being drawn at the moment. Wait until they are ready and order again."))
    with transaction.atomic():
        sheet = register(version, order, by=by, key=key)
        sheet.job = jobs.start(KIND, by=by, sheet=sheet.pk)
        sheet.save(update_fields=["job"])
    return sheet


def register(version: PlanVersion, order: Order, *, by: User | None, key: str = "") -> Sheet:
    """The row of an order; its number stands in the QR code of every page."""
    sheet = Sheet.objects.create(
        version=version, key=key or key_of(version, order), options=asdict(order), holds_base=order.holds_base, created_by=by
    )  # fmt: skip
    record("sheet.ordered", sheet, by=by, after={"version": version.pk, **asdict(order)})
    return sheet


def drawn_already(version: PlanVersion, key: str) -> Sheet | None:
    """The same order, drawn or being drawn."""
    rows = version.sheets.filter(key=key).select_related("job")
    return next((row for row in rows if (row.file or (row.job and row.job.state in UNDER_WAY))), None)


def key_of(version: PlanVersion, order: Order) -> str:
    """Names everything a drawing is made from. Of what is open to the public one drawing serves all; a draft is dated by the day."""
    day = "" if version.is_public else timezone.localdate().isoformat()
    lines = list(version.village.control_lines.valid_on().values_list("pk", flat=True)) if order.lines else []
    made_from = [
        EDITION, version.pk, version.digest, version.checked_at, version.state, version.village.revision, sorted(lines),
        settings.SITE_URL, day, asdict(order),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(made_from, default=str, sort_keys=True).encode()).hexdigest()


def check(version: PlanVersion, order: Order, *, by: User | None) -> None:
    """Refuses what the person may not have, and what would take too much paper."""
    if order.holds_base and not (by and may_see_base_data(by, version.division_code)) and not settings.DEMO:
        raise NotAllowed(
            _(
                "Control lines and the land use of the base year are open to staff of the village only. Order the plan alone."
            )
        )
    spread(version, order)


def spread(version: PlanVersion, order: Order) -> tuple[paging.Layout, list[paging.Page], shapely.Geometry]:
    """Paper, pages and the ground that is printed; refuses more pages or pixels than are drawn at once."""
    place = paging.layout(order.paper, order.upright)
    shape = ground(version, order)
    extent = tuple(float(x) for x in shape.bounds)
    if paging.count(place, extent, order.scale) > 40 * MOST_PAGES:
        raise too_many(order, paging.count(place, extent, order.scale))
    found = paging.pages(place, shape, order.scale)
    if len(found) > MOST_PAGES:
        raise too_many(order, len(found))
    pixels = len(found) * place.width * place.height * (order.dpi / 25.4) ** 2
    if order.form == "png" and pixels > MOST_PIXELS:
        raise NotPrintable(
            _("%(count)s pages of %(paper)s as pictures with %(dpi)s dpi are too large. Order a PDF, or 150 dpi.")
            % {"count": len(found), "paper": order.paper, "dpi": order.dpi}
        )
    return place, found, shape


def too_many(order: Order, count: int) -> NotPrintable:
    return NotPrintable(
        _("At 1:%(scale)s this takes %(count)s pages of %(paper)s; %(most)s are drawn at once. Choose a smaller scale, larger paper or a part of the village.")
        % {"scale": order.scale, "count": count, "paper": order.paper, "most": MOST_PAGES}
    )  # fmt: skip


def ground(version: PlanVersion, order: Order) -> shapely.Geometry:
    """What is printed, on the plane of the village."""
    village = version.village
    system = content.plane(village)
    if order.what == "village":
        return content.on_plane(system, [village.geom])[0]
    if order.what == "zone":
        zone = zone_shape(version, order)
        west, south, east, north = zone.bounds
        return zone.envelope.buffer(max(40.0, 0.5 * max(east - west, north - south)), join_style="mitre")
    return crs.transform([shapely.segmentize(seen(village, order), 0.01)], crs.storage_crs(), system)[0]


def zone_shape(version: PlanVersion, order: Order) -> shapely.Geometry:
    geom = version.zones.filter(number=order.zone).values_list("geom", flat=True).first()
    if geom is None:
        raise NotPrintable(_("This version has no zone %(number)s.") % {"number": order.zone})
    return content.on_plane(content.plane(version.village), [geom])[0]


def seen(village: Any, order: Order) -> shapely.Geometry:
    """The view in degrees, as far as the village and its surroundings go."""
    west, south, east, north = village.geom.extent
    wide, high = max(east - west, 0.01), max(north - south, 0.01)
    around = shapely.box(west - wide, south - high, east + wide, north + high)
    view = shapely.intersection(shapely.box(*order.bbox), around) if order.bbox else shapely.Polygon()
    if view.area < 1e-10:
        raise NotPrintable(
            _("This part of the map does not show %(village)s. Move the map there and order again.")
            % {"village": village.short_name}
        )
    return view


# --- who may have it


def seen_sheet(user: User, pk: str) -> Sheet:
    """The sheet, by number, for whoever may see its version; strangers get 404."""
    return get_object_or_404(Sheet.objects.visible_to(user).select_related("version__plan__village", "job"), pk=pk)


def open_sheet(user: User, pk: str) -> Sheet:
    """The same for its content: what shows base data is for those who may see that."""
    sheet = seen_sheet(user, pk)
    if sheet.holds_base and not may_see_base_data(user, sheet.division_code):
        raise Http404
    return sheet
