"""A map on paper: the form, the progress, the file. API and pages answer with the same bytes."""

from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from planning.models import PlanVersion, Sheet
from planning.models.papers import READERS
from planning.sheets import making, orders
from planning.sheets import pages as paging
from planning.sheets.pages import SCALES, SIZES
from planning.views.trails import version_trail
from portal import jobs
from portal.errors import PortalError
from portal.models import User
from portal.rules import has_role
from portal.views import job_json
from villages.rules import may_see_base_data

FIT = "fit"


class SheetForm(forms.Form):
    """What the page asks; `order` makes of it what the API takes."""

    what = forms.ChoiceField(
        label=gettext_lazy("What to print"), widget=forms.RadioSelect, initial="village",
        choices=[
            ("village", gettext_lazy("The whole village")), ("view", gettext_lazy("The part of the map I was looking at")),
            ("zone", gettext_lazy("One zone with its surroundings")),
        ],
    )  # fmt: skip
    zone = forms.IntegerField(
        label=gettext_lazy("Number of the zone"), min_value=1, max_value=2_000_000_000, required=False
    )
    bbox = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100)
    theme = forms.ChoiceField(
        label=gettext_lazy("Land use"), choices=[("plan", gettext_lazy("As planned")), ("base", gettext_lazy("As it is (base year)"))]
    )  # fmt: skip
    lines = forms.BooleanField(label=gettext_lazy("Control lines and public facilities"), required=False)
    findings = forms.BooleanField(label=gettext_lazy("Conflicts"), required=False)
    numbers = forms.BooleanField(label=gettext_lazy("Numbers and codes of the zones"), required=False, initial=True)
    paper = forms.ChoiceField(label=gettext_lazy("Paper"), choices=[(name, name) for name in SIZES], initial="A3")
    upright = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=[("", gettext_lazy("Lying (landscape)")), ("yes", gettext_lazy("Upright"))], required=False
    )  # fmt: skip
    scale = forms.ChoiceField(
        label=gettext_lazy("Scale"), initial=FIT,
        choices=[(FIT, gettext_lazy("To fit one page")), *((str(n), f"1:{n:,}") for n in SCALES)],
    )  # fmt: skip
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the sheet"), choices=[("zh-hans", "中文"), ("en", "English")]
    )
    form = forms.ChoiceField(
        label=gettext_lazy("File"),
        choices=[("pdf", gettext_lazy("PDF, for printing")), ("png150", gettext_lazy("Picture (PNG), 150 dpi")), ("png300", gettext_lazy("Picture (PNG), 300 dpi"))],
    )  # fmt: skip

    def __init__(self, *args: Any, base: bool, box: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not base:  # what somebody may not have is not offered
            del self.fields["theme"], self.fields["lines"]
        self.box = box_of(box or self.data.get("bbox", ""))
        if self.box is None:
            self.fields["what"].choices = [c for c in self.fields["what"].choices if c[0] != "view"]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("what") == "zone" and not values.get("zone") and "zone" not in self.errors:
            self.add_error("zone", _("Write the number of the zone, as the map and the list name it."))
        return values

    def order(self) -> orders.Order:
        values = self.cleaned_data
        return orders.Order(
            what=values["what"],
            bbox=self.box if values["what"] == "view" else None,
            zone=values["zone"] if values["what"] == "zone" else None,
            paper=values["paper"],
            upright=values["upright"] == "yes",
            scale=None if values["scale"] == FIT else int(values["scale"]),
            language=values["language"],
            theme=values.get("theme", "plan"),
            lines=values.get("lines", False),
            findings=values["findings"],
            numbers=values["numbers"],
            form=values["form"][:3],
            dpi=300 if values["form"] == "png300" else 150,
        )


def is_tall(version: PlanVersion) -> bool:
    """Whether the village is shown at a larger scale on paper that stands."""
    extent = orders.ground(version, orders.Order()).bounds
    lying, standing = (paging.fitting(paging.layout("A3", upright), extent) for upright in (False, True))
    return standing < lying


def box_of(text: str) -> tuple[float, float, float, float] | None:
    """West, south, east, north of an address; None if it is none."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    whole = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (west, south, east, north) if whole else None


@require_http_methods(["GET", "POST"])
def sheet_new(request: HttpRequest, pk: str) -> HttpResponse:
    """What is to be printed, and how; POST orders it."""
    version = get_object_or_404(PlanVersion.objects.visible_to(request.user).with_plan(), pk=pk)
    base = may_see_base_data(request.user, version.division_code)
    error = None
    if request.method == "POST":
        form = SheetForm(request.POST, base=base)
        if form.is_valid():
            try:
                made = orders.place_order(version, form.order(), by=person(request))
                return redirect("sheet", made.pk)
            except PortalError as refused:
                error = refused
    else:
        box, zone = request.GET.get("bbox", ""), request.GET.get("zone", "")
        initial = {
            "bbox": box, "language": "en" if get_language() == "en" else "zh-hans", "lines": base,
            "upright": "yes" if is_tall(version) else "",
        }  # fmt: skip
        if zone.isdecimal():
            initial |= {"what": "zone", "zone": zone[:9]}
        elif box_of(box):
            initial |= {"what": "view"}
        form = SheetForm(initial=initial, base=base, box=box)
    context = {
        "version": version, "village": version.village, "form": form, "most": orders.MOST_PAGES,
        "errors": [{"field": "id_scale", "text": error.message}] if error else None, "trail": version_trail(version, _("Print the map")),
    }  # fmt: skip
    return render(request, "planning/sheet_new.html", context, status=error.status if error else 200)


@require_GET
def sheet(request: HttpRequest, pk: str) -> HttpResponse:
    """How far it is, and then the file."""
    row = orders.open_sheet(request.user, pk)
    order = orders.order_of(row)
    context = {
        "sheet": row, "order": order, "version": row.version, "village": row.version.village, "job": row.job,
        "scale": row.pages[-1]["scale"] if row.pages else order.scale,
        "may_cancel": may_cancel(request.user, row), "trail": version_trail(row.version, _("Printed map")),
        "again": reverse("sheet-new", args=[row.version_id]),
        "takes_back": has_role(request.user, READERS, row.division_code),
    }  # fmt: skip
    return render(request, "planning/sheet.html", context)


@require_GET
def sheet_file(request: HttpRequest, pk: str) -> FileResponse:
    return taken(orders.open_sheet(request.user, pk))


@require_GET
def sheet_preview(request: HttpRequest, pk: str) -> FileResponse:
    row = orders.open_sheet(request.user, pk)
    if not row.preview:
        raise Http404
    return FileResponse(row.preview.open(), content_type="image/png")


@require_GET
def sheet_place(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """Where the QR code of a page leads: the version, for whoever may see it."""
    row = orders.seen_sheet(request.user, pk)
    if not any(page["number"] == number for page in row.pages):
        raise Http404
    return redirect("version", row.version_id)


def taken(row: Sheet) -> FileResponse:
    """The file of a sheet, as an attachment under its own name."""
    if not row.file:
        raise Http404
    kind = making.content_type(row)
    return FileResponse(row.file.open(), as_attachment=True, filename=row.name, content_type=kind)


def person(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def may_cancel(user: User, row: Sheet) -> bool:
    """Whoever ordered it; several may wait for the same one."""
    return bool(row.job and not row.job.is_final and user.is_authenticated and row.created_by_id == user.pk)


def state_of(row: Sheet, user: User) -> dict[str, Any]:
    """Progress and file of a sheet, in the words of a job; page and API watch it."""
    told = (
        job_json(row.job)
        if row.job
        else {"state": "done", "state_text": "", "percent": 100, "message": "", "final": True}
    )
    ready = bool(row.file)
    return {
        **{name: told[name] for name in ("state", "state_text", "percent", "message", "final")},
        "id": row.pk, "version": row.version_id, "options": row.options, "ready": ready, "name": row.name,
        "file": reverse("api-sheet-file", args=[row.pk]) if ready else None, "crs": row.crs, "pages": row.pages,
        "may_cancel": may_cancel(user, row),
    }  # fmt: skip


def stop(row: Sheet, user: User) -> Sheet:
    if may_cancel(user, row):
        jobs.cancel(row.job)
        row.job.refresh_from_db()
    return row
