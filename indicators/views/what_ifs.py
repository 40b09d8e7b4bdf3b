"""Pages of what-ifs (假如采纳): ask what a comment would change, read the answer, open it as a drawing."""

from typing import Any

import shapely
from django.contrib.auth.views import redirect_to_login
from django.contrib.gis.geos import GEOSGeometry
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators import whatif_land, whatif_words, whatifs
from indicators.drawn import as_geojson
from indicators.models import WhatIf
from indicators.whatif_links import may_ask
from planning import maps
from planning.comment_shapes import area_in
from planning.models import DECIDED, ENDED, Comment, PlanVersion
from planning.participation_names import shown_name
from planning.views.trails import version_trail
from portal.errors import NotAllowed, PortalError
from portal.models import User
from portal.pages import saying
from villages.rules import may_check_drawn

SHAPE_CHARS = 200_000
"""of the GeoJSON of an area in a form: more than its corners need"""
MARGIN = 0.6
"""how much ground around the land the maps show, as a share of its size"""


def seen_what_if(user: User, pk: str) -> WhatIf:
    """The one way to a what-if; strangers get 404."""
    rows = WhatIf.objects.visible_to(user).select_related(
        "version__plan__village__division__parent", "comment__author", "comment__zone", "job", "by"
    )
    return get_object_or_404(rows, pk=pk)


def public_comment(user: User, pk: str) -> Comment:
    """A comment one may ask about: public, on a version the person may see. Held and hidden ones are 404 for everybody."""
    rows = Comment.objects.filter(version__in=PlanVersion.objects.visible_to(user), hidden_at=None)
    rows = rows.exclude(pk__in=Comment.objects.waiting().values("pk"))
    return get_object_or_404(
        rows.select_related("version__plan__village__division__parent", "author", "zone", "project"), pk=pk
    )


@require_http_methods(["GET", "POST"])
def what_if_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask what a comment would change: which class the land should become, and which zone is meant where it says none."""
    comment = public_comment(request.user, pk)
    version, page = comment.version, reverse("what-if-new", args=[comment.pk])
    if not request.user.is_authenticated:
        return redirect_to_login(page)
    if not request.user.has_perm("indicators.ask_what_if", comment):
        raise NotAllowed(_("Only who wrote the comment and staff of the division may ask what it would change."))
    whatifs.must_be_open(version)
    given = {name: request.POST.get(name, "").strip()[:20] for name in ("code", "other", "zone")}
    given["shape"] = request.POST.get("shape", "").strip()[:SHAPE_CHARS]
    errors, status = [], 200
    if request.method == "POST":
        try:
            return redirect("what-if", pk=asked(comment, given, request.user).pk)
        except NotAllowed:
            raise
        except PortalError as error:
            field = "zone" if error.code in ("zone", "no_land") else "other"
            errors, status = [{"field": f"id_{field}", "text": str(error.message)}], error.status
    land = whatif_land.meant(comment)
    context = {
        "comment": comment,
        "name": shown_name(comment, request.user),
        "version": version,
        "village": version.village,
        "given": given,
        "errors": errors,
        "needs_land": land is None,
        "zone": None if land is None else whatif_land.zone_meant(comment),
        "area_m2": None if land is None else whatif_land.area_m2(land),
        "choices": whatif_land.suggestions(version, land, request.user),
        "classes": whatif_land.all_classes(),
        "asked": WhatIf.objects.visible_to(request.user).filter(comment=comment).count(),
        "trail": version_trail(version, _("What if this were adopted?")),
        "may_draw": may_check_drawn(request.user, version.division_code),
        "map_options": map_of(version, request.user, land, None),
    }
    return render(request, "indicators/what_if_new.html", context, status=status)


def asked(comment: Comment, given: dict[str, str], by: User) -> WhatIf:
    """The what-if that a form asks for."""
    code, zone = given["code"] if given["code"] not in ("", "other") else given["other"], given["zone"]
    if not code:
        raise PortalError(_("Choose what the land should become."), code="code")
    if zone and not (zone.isascii() and zone.isdigit() and len(zone) < 9):
        raise PortalError(_("Write the number of one zone of the plan, such as 12."), code="zone")
    geom = area_in(given["shape"])
    needs_zone = geom is None and whatif_land.meant(comment) is None
    return whatifs.ask(comment, code=code, by=by, geom=geom, zone=int(zone) if zone and needs_zone else None)


@require_GET
def what_if_page(request: HttpRequest, pk: str) -> HttpResponse:
    """What would change: in sentences, on two maps, in figures; and what happens next."""
    row = seen_what_if(request.user, pk)
    version, user = row.version, request.user
    done = row.state == WhatIf.State.DONE
    told = whatif_words.tell(row, user) if done else None
    stale = bool(done and whatifs.stale([row]))
    job = row.job if row.state == WhatIf.State.WAITS else None
    context = {
        "what_if": row,
        "comment": row.comment,
        "name": shown_name(row.comment, user),
        "version": version,
        "village": version.village,
        "class_name": whatif_words.class_name(row.code),
        "told": told,
        "stale": stale,
        "may_again": may_ask(user, row.comment, version) and (stale or row.state == WhatIf.State.FAILED),
        "may_draw": done and version.state not in (*ENDED, *DECIDED) and user.has_perm("planning.upload_plan", version),
        "job": job,
        "watch": job is not None and job.created_by_id == user.pk,
        "why_failed": whatif_words.why_failed(row) if row.state == WhatIf.State.FAILED else "",
        "next": whatif_words.what_next(row),
        "comment_url": row.comment.get_absolute_url(),
        "trail": version_trail(version, _("What if")),
        "map_options": map_of(version, user, row.geom, row),
    }
    return render(request, "indicators/what_if.html", context)


def map_of(version: PlanVersion, user: User, land: GEOSGeometry | None, row: WhatIf | None) -> dict[str, Any]:
    """The map of the plan around some land, and the change to draw over it; without land the map of the village."""
    options = {
        **maps.version_map(version, user),
        "picture": "",
        "print": "",
        "ready": _("The map is ready. The land that is asked about has a thick line around it."),
    }
    if land is None:
        return {**options, "change": {"shape": None}, "ready": _("The map is ready.")}
    shape = as_geojson(shapely.from_wkb(bytes(land.wkb)))
    change: dict[str, Any] = {"shape": shape}
    if row is not None:
        known = maps.classes([row.code])
        change = {
            "shape": row.result.get("shape") or shape,
            "colour": known[row.code].colour if row.code in known else maps.UNKNOWN_COLOUR,
            "before": _("The draft as it is"),
            "after": _("If this were adopted"),
        }
    west, south, east, north = land.extent
    wide = max(east - west, north - south) * MARGIN
    return {**options, "bounds": [west - wide, south - wide, east + wide, north + wide], "change": change}


@require_POST
def what_if_again(request: HttpRequest, pk: str) -> HttpResponse:
    """Have a what-if computed again that failed or is out of date."""
    row = seen_what_if(request.user, pk)
    page = reverse("what-if", args=[row.pk])
    if not request.user.is_authenticated:
        return redirect_to_login(page)
    with saying(request):
        whatifs.again(row, by=request.user)
    return redirect(page)


@require_POST
def what_if_drawing(request: HttpRequest, pk: str) -> HttpResponse:
    """Open the changed plan as a drawing, for whoever may hand it in."""
    row = seen_what_if(request.user, pk)
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("what-if", args=[row.pk]))
    return redirect("drawing", pk=whatifs.as_drawing(row, by=request.user).pk)
