"""Two versions of a plan beside each other: the list in plain words first, then the map; and why a zone was changed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from planning import causes, change_words, comparing, maps
from planning.models import PlanVersion, Zone
from planning.views.trails import version_trail
from planning.zone_changes import Change, Comparison
from portal.models import User
from portal.pages import saying
from villages.maps import legend_lines
from villages.rules import may_see_base_data

PER_PAGE = 200


def seen_version(user: User, pk: str) -> PlanVersion:
    """The one way to a version here; strangers get 404."""
    return get_object_or_404(PlanVersion.objects.visible_to(user).with_plan(), pk=pk)


def section(version: PlanVersion, user: User) -> dict[str, Any]:
    """What a case says about the version before: one sentence with a link (templates/planning/case/compare.html)."""
    older = comparing.before(version, user)
    if older is None:
        return {"compare": None}
    count = len(comparing.changed(comparing.compare(older, version)))
    return {"compare": {"older": older, "count": count, "sentence": change_words.summary(older.number, count)}}


@require_GET
def version_compare(request: HttpRequest, pk: str) -> HttpResponse:
    """What changed between two versions, zone by zone; by default since the version before."""
    version = seen_version(request.user, pk)
    others = comparing.others(version, request.user)
    wanted = request.GET.get("with", "")
    context = {
        "version": version,
        "village": version.village,
        "others": others,
        "trail": version_trail(version, _("Comparison of versions")),
    }
    if not wanted and comparing.before(version, request.user) is None:
        return render(request, "planning/compare.html", context)
    old, new = comparing.pair(version, request.user, wanted)
    found = comparing.compare(old, new)
    names = change_words.names_in(found)
    changes = comparing.changed(found)
    shown = chosen(changes, request.GET.get("zone", ""), request.GET.get("gone", ""))
    page = Paginator(changes if shown is None else shown, PER_PAGE).get_page(request.GET.get("page"))
    rows = [row_of(change, found, names) for change in page.object_list]
    add_causes(rows, old, new, request.user)
    lines = legend_lines(version.village) if may_see_base_data(request.user, version.division_code) else []
    context |= {
        "old": old, "new": new, "page": page, "rows": rows, "filtered": shown is not None, "total": len(changes),
        "counts": [(change_words.FATES[fate], n) for fate, n in comparing.counts(found).items() if n],
        "unchanged": comparing.counts(found)["same"],
        "land": change_words.land(comparing.moved_land(found), names),
        "totals": [{**row, "name": names[row["code"]]} for row in comparing.class_totals(found)],
        "may_say": causes.may_say(request.user, new),
        "map_options": map_options(old, new, request.user, lines), "legend_plan": maps.legend({row["code"]: row["after"] for row in comparing.class_totals(found)}), "legend_lines": lines,
        "places": {row["key"]: {"box": row["box"], "old": row["old"], "new": row["new"]} for row in rows},
        "back": request.get_full_path(),
    }  # fmt: skip
    return render(request, "planning/compare.html", context)


def chosen(changes: list[Change], zone: str, gone: str) -> list[Change] | None:
    """Changes of one zone of the newer version, or of one that is gone in it; None: no zone was asked for."""
    number = zone or gone
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return []
    return [c for c in changes if (int(number) in c.new if zone else c.fate == "gone" and int(number) in c.old)]


def row_of(change: Change, found: Comparison, names: dict[str, str]) -> dict[str, Any]:
    """A change in words, with a key that is its own on the page."""
    number = change.old[0] if change.old and change.fate != "merged" else change.new[0]
    return {
        "key": f"{change.fate}-{number}", "fate": change.fate, "fate_text": change_words.FATES[change.fate],
        "title": change_words.title(change), "sizes": change_words.sizes(change, found),
        "land": change_words.land(change.land, names), "box": change.box, "old": change.old, "new": change.new,
    }  # fmt: skip


def add_causes(rows: list[dict[str, Any]], old: PlanVersion, new: PlanVersion, user: User) -> None:
    """Put to each row what led to it, and for the authors what else was said about its zones."""
    said = causes.causes_of(old, new, user)
    offered = causes.suggestions(old, new, user) if causes.may_say(user, new) else {}
    for row in rows:
        sides = [("new", n) for n in row["new"]] or [("old", n) for n in row["old"]]
        row["causes"] = unique(reason for side in sides for reason in said.get(side, []))
        known = {reason.value for reason in row["causes"]}
        more = unique(reason for n in row["old"] for reason in offered.get(n, []))
        row["offers"] = [reason for reason in more if reason.value not in known]


def unique(reasons: Any) -> list[causes.Reason]:
    return list({reason.value: reason for reason in reasons}.values())


def map_options(old: PlanVersion, new: PlanVersion, user: User, lines: list[Any]) -> dict[str, Any]:
    """The map of the newer version, and the tiles of the older one for its left half."""
    options = maps.version_map(new, user, lines)
    before = {**options["tiles"], "version": reverse("api-version-tiles", args=[old.pk])}
    return {
        **options,
        "before": before,
        "ready": _("The map is ready. The slider moves the border between the two plans."),
    }


@require_http_methods(["GET", "POST"])
def cause_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Say what led to the change of some zones, or take it back; a page of its own for what is not offered in the list."""
    page = reverse("version-compare", args=[pk])
    if not request.user.is_authenticated:
        return redirect_to_login(page)
    version = seen_version(request.user, pk)
    causes.check_right(version, request.user)
    given = request.POST if request.method == "POST" else request.GET
    zones = zones_of(version, given.getlist("zone"), given.get("of", ""), request.user)
    back = given.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = page
    context = {
        "version": version,
        "zones": zones,
        "of": given.get("of", ""),
        "back": back,
        "trail": version_trail(version, _("Comparison of versions")),
    }
    if request.method == "POST":
        with saying(request):
            write(version, zones, request.POST, request.user)
            messages.success(request, _("Taken back.") if "take_back" in request.POST else _("The cause was recorded."))
        return redirect(back)
    context["groups"] = [
        (label, [causes.reason_of(thing, request.user) for thing in causes.things(version, kind, request.user)])
        for kind, label in (("comment", _("Comments")), ("opinion", _("Opinions")), ("item", _("Points of a return")))
    ]
    return render(request, "planning/cause_new.html", context)


def zones_of(version: PlanVersion, numbers: list[str], of: str, user: User) -> list[Zone]:
    """The zones a form names: of the version, or of the older version `of`; 404 for what is not there."""
    owner = seen_version(user, of) if of and len(of) == 12 and of.isalnum() else version
    wanted = {int(n) for n in numbers if n.isascii() and n.isdigit() and len(n) < 10}
    zones = list(owner.zones.filter(number__in=wanted).select_related("version").defer("geom", "geom_web"))
    if not zones or len(zones) != len(set(numbers)):
        raise Http404
    return zones


@transaction.atomic
def write(version: PlanVersion, zones: list[Zone], said: Any, by: User) -> None:
    thing = causes.find(version, said.get("what", ""), by)
    for zone in zones:
        if "take_back" in said:
            causes.take_back(version, zone, thing, by=by)
        else:
            causes.say_cause(version, zone, thing, by=by)
