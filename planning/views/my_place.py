"""The page "what changes at my place": choose it by map, name, number or position; read the answer; say what you think."""

import math
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from planning import my_place as telling
from planning import places
from planning.identify import Outside
from planning.maps import version_map
from planning.models import PlanVersion
from planning.places import MAP, POSITION, WAYS, Place
from portal.errors import PortalError
from portal.rules import STAFF, has_role
from villages import finding
from villages.maps import hamlets_on_map, legend_lines
from villages.rules import may_see_base_data

AROUND = 0.0022
"""degrees of latitude shown to each side of a place: about 250 m"""


@require_http_methods(["GET", "POST"])
def my_place(request: HttpRequest, pk: str) -> HttpResponse:
    """GET chooses a place by an address that can be kept; POST takes the person's own position, which no address holds."""
    version = get_object_or_404(
        PlanVersion.objects.visible_to(request.user).with_plan().select_related("notice"), pk=pk
    )
    context: dict[str, Any] = {"told": None, "hits": None, "words": request.GET.get("q", "").strip()[: finding.LONGEST]}
    status, place = 200, None
    try:
        if context["words"]:
            context["hits"] = places.search(version, request.user, context["words"])
            if len(context["hits"]) == 1:
                (hit,) = context["hits"]
                return redirect(f"{request.path}?{urlencode({hit.way: hit.key})}")
        elif place := asked_for(request, version):
            context["told"] = telling.tell(version, place, request.user)
    except PortalError as error:
        context["error"], status = error.message, error.status
        if isinstance(error, Outside) and place:
            context["other"] = finding.village_at(place.lon, place.lat)
    context |= around(request, version, context["told"])
    return render(request, "planning/my_place.html", context, status=status)


def asked_for(request: HttpRequest, version: PlanVersion) -> Place | None:
    """The place of the address or of the form; None if none was chosen yet."""
    if request.method == "POST":
        return at(request.POST, POSITION)
    for way in WAYS:
        if way in request.GET:
            return places.chosen(version, request.user, way, request.GET[way].replace("\x00", ""))
    return at(request.GET, MAP) if "lon" in request.GET else None


def at(given: Any, way: str) -> Place:
    """A place of two numbers."""
    try:
        lon, lat = float(given.get("lon", "")), float(given.get("lat", ""))
    except ValueError:
        lon = lat = math.nan
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise PortalError(_("This is no place. Tap the map, or look for a hamlet."), code="place")
    return Place(lon, lat, way)


def around(request: HttpRequest, version: PlanVersion, told: dict[str, Any] | None) -> dict[str, Any]:
    """What the page shows beside the answer: map, hamlets, ways in."""
    village = version.village
    options = version_map(version, request.user, legend_lines(village))
    del options["print"]  # of the page there is one button for paper
    options |= {
        "hamlets": hamlets_on_map(village),
        "here": request.path,
        "ready": _("The map is ready. Tap your house or field."),
    }
    if told:
        lon, lat = told["place"]["lon"], told["place"]["lat"]
        wide = AROUND / max(math.cos(math.radians(lat)), 0.2)
        options["bounds"] = [round(x, 6) for x in (lon - wide, lat - AROUND, lon + wide, lat + AROUND)]
        options["place"] = {"lon": lon, "lat": lat, "zone": told["planned"] and told["planned"]["zone"]}
        del options["picture"]  # it shows the whole village
    return {
        "version": version,
        "village": village,
        "map_options": options,
        "hamlets": village.hamlets.order_by("kind", "name"),
        "own": places.own_household(version, request.user),
        "is_staff": has_role(request.user, STAFF, village.code),
        "open_data": may_see_base_data(request.user, village.code),
        "trail": [
            (village.short_name, reverse("village", args=[village.code])),
            (version.plan.name, reverse("version", args=[version.pk])),
            (_("My place"), ""),
        ],
    }  # fmt: skip
