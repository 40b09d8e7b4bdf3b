"""Drawing an ordered map and keeping its file."""

import io
import time
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from planning.models import DECIDED, ENDED, PlanVersion, Sheet, State
from planning.sheets import content, drawing, margin, orders
from planning.sheets import pages as paging
from planning.sheets.paper import Paper
from portal import jobs
from portal.errors import PortalError
from portal.templatetags.portal import day, ha, mu

SECONDS = 240
KEEP = timedelta(days=30)
"""how long a file stays; ordered again after that, it is drawn again"""
PREVIEW_DPI = 96
TYPES = {".pdf": "application/pdf", ".png": "image/png", ".zip": "application/zip"}


def make(sheet: Sheet, *, progress: jobs.Progress = jobs.quiet) -> None:
    """Draw all pages in the language of the order, and keep the file with what each page shows."""
    order = orders.order_of(sheet)
    began = time.monotonic()

    def step(percent: int, message: str) -> None:
        progress(percent, message)
        if time.monotonic() - began > SECONDS:
            raise PortalError(_("Drawing took too long. Order fewer pages, or a part of the village."))

    with translation.override(order.language):
        pdf, pages, place, found = drawn(sheet, order, step)
        name = name_of(sheet, order, pages)
    sheet.preview.save("preview.png", ContentFile(pictures(pdf, PREVIEW_DPI, only_first=True)[0]), save=False)
    suffix, data = in_form(pdf, order, step)
    sheet.name = name + suffix
    sheet.crs = found.plane_name
    sheet.pages = [as_json(place, page) for page in pages]
    sheet.file.save(f"sheet{suffix}", ContentFile(data), save=False)
    sheet.save(update_fields=["name", "crs", "pages", "file", "preview"])


def drawn(
    sheet: Sheet, order: orders.Order, step: Any
) -> tuple[bytes, list[paging.Page], paging.Layout, content.Content]:
    """The PDF of an order, with its pages, where the map lies on them, and what they show."""
    place, pages, shape = orders.spread(sheet.version, order)
    step(2, _("Reading the plan"))
    found = content.gather(
        sheet.version, base=order.theme == "base", lines=order.lines, findings=order.findings, around=shape
    )
    if order.what == "zone":
        found.chosen = orders.zone_shape(sheet.version, order)
    return draw(sheet, order, place, pages, found, step), pages, place, found


def pdf_of(sheet: Sheet) -> bytes:
    """The sheet drawn again, when its file is gone: for comparing a photograph of the paper with."""
    order = orders.order_of(sheet)
    with translation.override(order.language):
        return drawn(sheet, order, jobs.quiet)[0]


def draw(sheet: Sheet, order: orders.Order, place: paging.Layout, pages: list[paging.Page], found: content.Content, step: Any) -> bytes:  # fmt: skip
    """The PDF: the one drawing of a sheet, from which pictures are made as well."""
    paper = Paper(place)
    imprint = imprint_of(sheet, order)
    paper.set_title(f"{imprint.title} {imprint.subject}")
    paper.set_lang("en" if order.language == "en" else "zh-CN")
    paper.set_creation_date(sheet.created_at)
    tiles = [page for page in pages if not page.is_index]
    for page in pages:
        step(
            5 + 75 * page.number // len(pages),
            _("Page %(page)s of %(pages)s") % {"page": page.number, "pages": len(pages)},
        )
        paper.add_page()
        drawing.draw_map(paper, page, found, numbers=order.numbers, tiles=tiles)
        margin.draw_margin(paper, page, found, imprint, pages)
    return bytes(paper.output())


def imprint_of(sheet: Sheet, order: orders.Order) -> margin.Imprint:
    """The words of the sheet, in the language that is active."""
    version = sheet.version
    village, year = version.village, version.plan.target_year
    base = order.theme == "base"
    town = village.division.parent.name if village.division.parent else ""
    rows = [
        (_("Plan"), version.plan.name),
        (_("Village"), f"{town} {village.short_name} ({village.code})".strip()),
        (_("Version"), _("%(number)s · %(state)s") % {"number": version.number, "state": version.get_state_display()}),
        (_("Period"), f"{village.base_year}–{year}"),
        (_("Area"), _("%(ha)s ha / %(mu)s mu") % {"ha": ha(village.area_m2), "mu": mu(village.area_m2)}),
        (_("Printed on"), day(timezone.localtime(sheet.created_at))),
    ]
    subject = _("Existing land use, %(year)s") % {"year": village.base_year} if base else _("Planned land use, %(year)s") % {"year": year}  # fmt: skip
    site = settings.SITE_URL.rstrip("/")
    return margin.Imprint(
        title=version.plan.name,
        subject=subject,
        band="" if base else band_of(version),
        rows=rows,
        source=village.source,
        address=lambda page: site + reverse("sheet-place", args=[sheet.pk, page]),
        legend_title=_("Areas of the whole village on the ellipsoid"),
    )


def band_of(version: PlanVersion) -> str:
    """What stands across the head of a plan that does not bind."""
    words = {"state": version.get_state_display()}
    if version.state in DECIDED:
        return ""
    if version.state == State.DRAFT:
        return _("Draft, not in force")
    if version.state in ENDED:
        return _("%(state)s: this version does not apply") % words
    return _("Not in force: %(state)s") % words


def as_json(place: paging.Layout, page: paging.Page) -> dict[str, Any]:
    """What a photograph of the page is read by: where frame and marks are on paper, and which ground the frame shows."""
    return {
        "number": page.number, "scale": page.scale, "is_index": page.is_index,
        "extent": [round(x, 3) for x in page.extent], "frame": list(place.frame),
        "marks": [list(mark) for mark in place.marks], "paper": [place.width, place.height],
    }  # fmt: skip


def name_of(sheet: Sheet, order: orders.Order, pages: list[paging.Page]) -> str:
    part = {"village": "", "view": _("detail"), "zone": _("zone %(number)s") % {"number": order.zone}}[order.what]
    theme = _("existing") if order.theme == "base" else _("planned")
    words = [
        sheet.version.village.short_name,
        f"v{sheet.version.number}",
        theme,
        part,
        f"1-{pages[-1].scale}",
        order.paper,
    ]
    return "-".join(word.replace(" ", "_") for word in words if word)[:150]


def in_form(pdf: bytes, order: orders.Order, step: Any) -> tuple[str, bytes]:
    """Suffix and bytes of what was asked for: the PDF, a picture, or an archive of pictures."""
    if order.form == "pdf":
        return ".pdf", pdf
    step(85, _("Making pictures"))
    made = pictures(pdf, order.dpi)
    if len(made) == 1:
        return ".png", made[0]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for page, picture in enumerate(made, 1):
            archive.writestr(f"{page:02}.png", picture)
    return ".zip", packed.getvalue()


def pictures(pdf: bytes, dpi: int, *, only_first: bool = False) -> list[bytes]:
    """The pages as PNG files that know their resolution."""
    import pypdfium2  # late: a library of megabytes that only the worker needs

    made = []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in [document[0]] if only_first else document:
            picture = page.render(scale=dpi / 72).to_pil()
            file = io.BytesIO()
            picture.convert("RGB").save(file, "PNG", dpi=(dpi, dpi), compress_level=4)
            made.append(file.getvalue())
    return made


def content_type(sheet: Sheet) -> str:
    return TYPES[Path(sheet.name).suffix]


def prune() -> int:
    """Remove the files of old sheets; their rows stay, because the paper does."""
    old = Sheet.objects.filter(created_at__lt=timezone.now() - KEEP).exclude(file="")
    count = 0
    for sheet in old.iterator():
        sheet.file.delete(save=False)
        sheet.preview.delete(save=False)
        sheet.save(update_fields=["file", "preview"])
        count += 1
    return count
