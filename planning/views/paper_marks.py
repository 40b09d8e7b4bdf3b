"""Marks of a sheet: each is entered as a comment on behalf, put aside, put right, or added by hand."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from planning.models import Scan, ScanMark, Zone
from planning.papers import scans
from planning.views.photos import HEADERS
from portal.errors import PortalError
from portal.pages import add_portal_error

INK = {"red": _("red"), "blue": _("blue"), "green": _("green"), "black": _("black")}
COLOURS = {"red": "#b3001b", "blue": "#1b3fae", "green": "#14692f", "black": "#1a1a1a"}
BY_HAND = "#7a2e8e"
MOST_POINTS = 500


def coloured(ink: str) -> str:
    """The colour a mark is outlined in."""
    return COLOURS.get(ink, BY_HAND)


class MarkForm(forms.Form):
    """What makes a mark a comment."""

    text = forms.CharField(label=_("What it says"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    speaker = forms.CharField(
        label=_("Who marked it"), max_length=50, required=False, help_text=_("May be empty. It is shown masked.")
    )
    zone = forms.IntegerField(
        label=_("Zone"), required=False, min_value=1, max_value=2_000_000_000, help_text=_("May be empty.")
    )
    said_on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(
        self, *args: Any, mark: ScanMark, zone: Zone | None = None, day: date | None = None, **kwargs: Any
    ) -> None:
        last = mark.scan.version.notice.closes_on if hasattr(mark.scan.version, "notice") else timezone.localdate()
        first = {"zone": zone.number if zone else None, "said_on": day or min(timezone.localdate(), last)}
        super().__init__(*args, initial=first, prefix=f"m{mark.number}", **kwargs)
        self.mark = mark


@login_required
@require_POST
def mark_enter(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """Enter a mark as a comment on behalf of whoever drew it."""
    row = scans.seen(request.user, pk)
    mark = scans.mark_of(row, number)
    mark.scan = row
    form = MarkForm(request.POST, mark=mark)
    if form.is_valid():
        try:
            scans.enter(mark, by=request.user, **form.cleaned_data)
        except PortalError as error:
            add_portal_error(form, error)
            return again(request, row, form, error)
        messages.success(request, gettext("Mark %(number)s is a comment now.") % {"number": number})
        return onwards(row)
    return again(request, row, form, PortalError(gettext("Mark %(number)s: please look at the fields again.") % {"number": number}))  # fmt: skip


def again(request: HttpRequest, row: Scan, form: MarkForm, error: PortalError) -> HttpResponse:
    from planning.views.papers import page_of

    return page_of(request, row, form=form, error=error, status=error.status)


def onwards(row: Scan) -> HttpResponse:
    """To the next mark that waits."""
    waiting = row.marks.filter(comment=None, set_aside=False).first()
    return redirect(f"{reverse('paper', args=[row.pk])}#{f'mark-{waiting.number}' if waiting else 'marks'}")


@login_required
@require_POST
def mark_aside(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """Put a mark aside, or take it in again."""
    row = scans.seen(request.user, pk)
    scans.put_aside(scans.mark_of(row, number), by=request.user, aside=request.POST.get("back") != "1")
    return onwards(row) if request.POST.get("back") != "1" else redirect(f"{reverse('paper', args=[pk])}#mark-{number}")


@login_required
@require_POST
def mark_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Add a mark that was not found: its kind, and points in pixels of the flat page."""
    row = scans.seen(request.user, pk)
    mark = scans.add(row, by=request.user, kind=request.POST.get("kind", ""), points=points_of(request))
    return redirect(f"{reverse('paper', args=[pk])}#mark-{mark.number}")


@login_required
@require_POST
def mark_place(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """Carry the pin of a mark to another place (one point), or draw its outline anew (several)."""
    row = scans.seen(request.user, pk)
    mark, points = scans.mark_of(row, number), points_of(request)
    if len(points) == 1:
        scans.move(mark, by=request.user, x=points[0][0], y=points[0][1])
    else:
        scans.redraw(mark, by=request.user, points=points)
    return redirect(f"{reverse('paper', args=[pk])}#mark-{number}")


def points_of(request: HttpRequest) -> list[tuple[float, float]]:
    """ "x,y x,y" of a form, pixels of the flat page."""
    try:
        points = [
            tuple(float(value) for value in part.split(",")) for part in request.POST.get("points", "")[:20_000].split()
        ]
    except ValueError:
        points = []
    if not 0 < len(points) <= MOST_POINTS or any(len(p) != 2 or not all(-1e5 < v < 1e5 for v in p) for p in points):
        raise PortalError(_("Please show the place on the picture first."), code="points")
    return points


@login_required
@require_GET
def mark_picture(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """The part of the flat page that shows a mark."""
    row = scans.seen(request.user, pk)
    return picture_of(row, number)


def picture_of(row: Scan, number: int) -> HttpResponse:
    mark = scans.mark_of(row, number)
    mark.scan = row
    headers = {**HEADERS, "Cache-Control": "private, no-store"}
    return HttpResponse(scans.picture(mark), content_type="image/jpeg", headers=headers)
