"""Pages of drawing a plan in the browser: the drawings of a village, and the drawing board."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from planning import drawing_reading, drawings
from planning.models import Drawing, PlanVersion
from planning.views.uploads import own_villages
from portal.errors import PortalError
from portal.models import User
from villages.maps import base_map, legend_lines
from villages.models import Village

VERSIONS = 20
"""the newest ones, offered to begin with"""


def own_village(user: User, code: str) -> Village:
    """The village, if the person may hand in its plan; strangers get 404."""
    return get_object_or_404(own_villages(user).select_related("division__parent__parent"), pk=code)


def own_drawing(user: User, pk: str) -> Drawing:
    """The drawing, if the person may draw the village's plan; strangers get 404."""
    rows = Drawing.objects.visible_to(user).select_related(
        "village__division__parent", "based_on", "upload", "changed_by", "created_by"
    )
    return get_object_or_404(rows, pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def drawing_list(request: HttpRequest, code: str) -> HttpResponse:
    """The drawings of a village, and three ways to begin one (POST)."""
    village = own_village(request.user, code)
    error, given = "", {"start": "", "version": "", "title": ""}
    if request.method == "POST":
        given |= {name: request.POST.get(name, "").strip() for name in given}
        try:
            return redirect("drawing", pk=begun(village, given, request.user).pk)
        except PortalError as refused:
            error = refused.message
    rows = Drawing.objects.filter(village=village).select_related("based_on", "upload", "changed_by", "created_by")
    found = list(rows.annotate(zone_count=Count("zones")))
    versions = list(
        PlanVersion.objects.visible_to(request.user).filter(plan__village=village).order_by("-number")[:VERSIONS]
    )
    context = {
        "village": village, "versions": versions, "error": error, "given": given,
        "has_parcels": village.parcels.exists(),
        "open": [d for d in found if d.state == Drawing.State.OPEN],
        "handed_in": [d for d in found if d.state == Drawing.State.HANDED_IN],
        "discarded": [d for d in found if d.state == Drawing.State.DISCARDED],
        "trail": [*trail(village), (_("Drawings"), "")],
    }  # fmt: skip
    return render(request, "planning/drawings.html", context, status=400 if error else 200)


def begun(village: Village, given: dict[str, str], by: User) -> Drawing:
    """The drawing a form asks for."""
    start, version = given["start"], None
    if start not in Drawing.Start.values:
        raise PortalError(_("Choose what to begin with."), code="start")
    if start == Drawing.Start.VERSION:
        version = PlanVersion.objects.visible_to(by).filter(plan__village=village, pk=given["version"][:12]).first()
    return drawings.begin(village, by=by, start=start, version=version, title=given["title"][:100])


def trail(village: Village) -> list[tuple[str, str]]:
    return [
        (_("Villages"), reverse("village-list")),
        (village.short_name, reverse("village", args=[village.code])),
    ]


@login_required
@require_GET
def drawing(request: HttpRequest, pk: str) -> HttpResponse:
    """The drawing board; what was handed in or put away can be looked at."""
    row = own_drawing(request.user, pk)
    village = row.village
    context = {
        "drawing": row, "village": village, "draw_options": options(row, request.user),
        "newer": drawing_reading.newer(row),
        "trail": [*trail(village), (_("Drawings"), reverse("drawings", args=[village.code])), (str(row), "")],
    }  # fmt: skip
    return render(request, "planning/draw.html", context)


def options(row: Drawing, user: User) -> dict[str, Any]:
    """What the scripts of the board are told: the map, and where the API answers."""
    code = row.village_id
    base = base_map(row.village, user, legend_lines(row.village))
    tiles = dict(base["tiles"])
    if row.based_on:
        tiles["version"] = reverse("api-version-tiles", args=[row.based_on.pk])
    return {
        **base,
        "tiles": tiles,
        "me": user.username,
        "sign_in": f"{reverse('login')}?next={reverse('drawing', args=[row.pk])}",
        "drawing": reverse("api-drawing", args=[row.pk]),
        "changes": reverse("api-drawing-changes", args=[row.pk]),
        "steps": reverse("api-drawing-steps", args=[row.pk]),
        "hand_in": reverse("api-drawing-hand-in", args=[row.pk]),
        "discard": reverse("api-drawing-discard", args=[row.pk]),
        "reopen": reverse("api-drawing-reopen", args=[row.pk]),
        "classes": reverse("api-land-use-classes"),
        "check": reverse("api-village-check", args=[code]),
        "parcels": reverse("api-village-parcels", args=[code]),
        "upload": reverse("upload", args=["2" * 12]).replace("2" * 12, "{id}"),
        "drawings": reverse("drawings", args=[code]),
    }


@login_required
@require_POST
def drawing_discard(request: HttpRequest, pk: str) -> HttpResponse:
    """Put a drawing away; it stays in the list below."""
    row = drawings.discard(own_drawing(request.user, pk).pk, by=request.user)
    messages.info(request, _("The drawing was put away. You can reopen it below."))
    return redirect("drawings", code=row.village_id)


@login_required
@require_POST
def drawing_reopen(request: HttpRequest, pk: str) -> HttpResponse:
    """Draw on."""
    drawings.reopen(own_drawing(request.user, pk).pk, by=request.user)
    return redirect("drawing", pk=pk)


@login_required
@require_POST
def drawing_rename(request: HttpRequest, pk: str) -> HttpResponse:
    """Give a drawing another name."""
    row = own_drawing(request.user, pk)
    if "title" not in request.POST:
        raise Http404
    drawings.rename(row.pk, by=request.user, title=request.POST["title"].strip()[:100])
    return redirect("drawings", code=row.village_id)
