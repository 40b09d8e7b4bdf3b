"""The codes of a file that need a person (需人工判定的地类): each zone on the map, its value, and the class it shall have."""

import json
from collections import Counter
from typing import Any

import shapely
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from planning import imports, issue_texts, profiles
from planning.models import LandUseClass, PlanVersion
from planning.views import questions
from planning.views.uploads import staff_upload
from portal.errors import PortalError
from portal.geo import readers
from portal.models import Upload
from portal.pages import saying
from villages.models import Village

ROWS = 100
KEPT = 600  # seconds the outlines of a page are kept: looking again must not read the file again
DIGITS = 8  # decimals of a degree on the map: a millimetre


@login_required
@require_http_methods(["GET", "POST"])
def upload_codes(request: HttpRequest, pk: str) -> HttpResponse:
    """The worklist; saved decisions have the file judged again with them."""
    upload = staff_upload(request.user, pk)
    village = get_object_or_404(Village.objects.select_related("division__parent"), pk=upload.division_code)
    items = numbered(upload)
    if request.method == "POST":
        return saved(request, upload, items)
    if upload.state == Upload.State.WAITING:
        messages.info(request, _("The file is still being checked."))
        return redirect("upload", pk=upload.pk)
    page = Paginator(items, ROWS).get_page(request.GET.get("page"))
    context = {
        "upload": upload, "village": village, "page": page, "values": by_value(items),
        "total": len(items), "decided": sum(bool(i["decided"]) for i in items),
        "may_hand_in": request.user.has_perm("planning.upload_plan", village),
        "classes": LandUseClass.objects.filter(code_version="2023"),
    }  # fmt: skip
    name_choices([*page.object_list, *context["values"]], {c.code: c for c in context["classes"]})
    if items:
        shapes = outlines(request, upload, page)
        context |= {"map_options": map_options(village, shapes), "shapes": collection(page, shapes)}
    return render(request, "planning/upload_codes.html", context)


def numbered(upload: Upload) -> list[dict[str, Any]]:
    """The items of the worklist with a number each, by which the form names them."""
    return [{**item, "n": n} for n, item in enumerate(upload.result.get("worklist", []), 1)]


def by_value(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each value of the file once, with how many zones have it: one choice may be made for all of them."""
    counts = Counter(item["value"] for item in items)
    decided = Counter(item["value"] for item in items if item["decided"])
    first = {item["value"]: item for item in reversed(items)}
    return [
        {
            "value": value,
            "count": count,
            "open": count - decided[value],
            "choices": first[value]["choices"],
            "proposed": first[value]["proposed"],
            "n": n,
        }
        for n, (value, count) in enumerate(counts.most_common(), 1)
    ]


def name_choices(rows: list[dict[str, Any]], classes: dict[str, LandUseClass]) -> None:
    """The classes a row may have, as codes with names."""
    for row in rows:
        codes = dict.fromkeys([row["proposed"], *row["choices"]])
        row["options"] = [classes[code] for code in codes if code in classes]


# --- what a person says


def saved(request: HttpRequest, upload: Upload, items: list[dict[str, Any]]) -> HttpResponse:
    """Take over the decisions of the form and have the file judged again."""
    with saying(request):
        decisions = chosen(request.POST, items)
        if not decisions:
            raise PortalError(_("Nothing was changed: choose a class for at least one zone."), code="decisions")
        made = imports.again(upload, by=request.user, decisions=decisions)
        return redirect("upload", pk=made.pk)
    return redirect(request.get_full_path())


def chosen(said: QueryDict, items: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Decisions that differ from what is decided: those for a value first, those for a zone on top."""
    values = {row["value"]: said.get(f"value-{row['n']}", "") for row in by_value(items)}
    seen = "seen" in said  # a script has shown the choice for a value in the rows of the page: they say what is meant
    found: dict[str, dict[str, str]] = {}
    for item in items:
        before = item["decided"] or ""
        own = said.get(f"zone-{item['n']}")
        changed = own is not None and (seen or own != before)
        code = own if changed else values[item["value"]] or before
        if code != before:
            found.setdefault(item["layer"], {})[str(item["row"])] = code
    return found


# --- the map


def outlines(request: HttpRequest, upload: Upload, page: Page) -> dict[tuple[str, int], dict[str, Any]]:
    """GeoJSON outlines of the zones of a page by layer and row; of a file that was not stored, read again."""
    wanted = {(item["layer"], item["row"]) for item in page}
    version = PlanVersion.objects.filter(pk=upload.result.get("version") or "").first()
    if version is not None:
        zones = version.zones.filter(number__in=[row for _layer, row in wanted])
        layer = page[0]["layer"]
        return {
            (layer, n): json.loads(g) for n, g in zones.annotate(g=AsGeoJSON("geom", DIGITS)).values_list("number", "g")
        }
    key = f"worklist-{upload.pk}-{upload.job_id}-{page.number}"
    found = cache.get(key)
    if found is None:
        try:
            found = read_again(upload, wanted)
        except readers.Refused as refused:
            messages.warning(request, " ".join(issue_texts.text(i.code, i.params) for i in refused.issues[:3]))
            found = {}
        cache.set(key, found, KEPT)
    return found


def read_again(upload: Upload, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], dict[str, Any]]:
    profile = profiles.by_name(upload.options.get("profile", ""))
    reading = imports.read_stored(upload, profile, layers=sorted({layer for layer, _row in wanted}))
    found = {}
    for layer in reading.layers:
        for row in (row for name, row in wanted if name == layer.name and row <= len(layer.geometry)):
            geom = layer.geometry[row - 1]
            if geom is not None:
                found[layer.name, row] = json.loads(
                    shapely.to_geojson(shapely.set_precision(geom, 10**-DIGITS, "pointwise"))
                )
    return found


def map_options(village: Village, shapes: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    boxes = [list(shapely.from_geojson(json.dumps(g)).bounds) for g in shapes.values()]
    return questions.map_options(village, boxes, ready=_("The map is ready. Choose a row, or click a zone on the map."))


def collection(page: Page, shapes: dict[tuple[str, int], dict[str, Any]]) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "geometry": shapes[item["layer"], item["row"]],
            "properties": {"number": item["n"], "decided": bool(item["decided"])},
        }
        for item in page
        if (item["layer"], item["row"]) in shapes
    ]
    return {"type": "FeatureCollection", "features": features}
