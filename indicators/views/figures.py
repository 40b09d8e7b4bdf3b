"""Pages of the numbers of a version: all indicators, one indicator with its map, the balance ledgers, and their files."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from indicators import charts, exports, ledger_words, members, passports, runs
from indicators.comparison import medians
from indicators.models import Run
from indicators.views.public import head, seen_version
from planning import maps
from planning.models import PlanVersion
from planning.views.trails import version_trail
from villages.rules import may_see_base_data

LISTED = 200
"""Shapes in the list beside the map; the interface has them all."""

AXES = 12
"""A radar with more axes cannot be read."""

MEMBER_COLOURS = {"plan": "#5b2a9d", "base": "#0b4f8a"}
OTHER_COLOUR = "#9a3412"

LAYERS = {
    "plan": passports.INPUTS["plan"],
    "base": passports.INPUTS["base"],
    "lines": passports.INPUTS["lines"],
    "roads": passports.INPUTS["roads"],
    "facilities": passports.INPUTS["facilities"],
    "features": passports.INPUTS["features"],
    "corridors": passports.INPUTS["corridors"],
    "projects": passports.INPUTS["projects"],
}


def framed(request: HttpRequest, version: PlanVersion, *trail: tuple[str, str]) -> dict[str, Any]:
    """What the three pages begin with: head of the version with the age of its results, way back, newest run."""
    top = head(request, version)
    run = runs.newest(version)
    if run:
        run.version = version
    return {**top, "trail": version_trail(version, *trail), "run": run}


@require_GET
def indicators_page(request: HttpRequest, pk: str) -> HttpResponse:
    """All indicators of a version by group, with target, light, change and medians; a radar and bars beside the table."""
    version = seen_version(request.user, pk)
    context = framed(request, version, (_("Indicators"), ""))
    run = context["run"]
    if run:
        rows = passports.of_run(run, medians(version.village))
        context |= {
            "groups": passports.by_group(rows),
            "counts": passports.counts(rows),
            "compared": any(row.township or row.county for row in rows),
            "radar": radar_of(rows),
            "bars": bars_of(rows),
            "any_sample": any(row.sample for row in rows),
        }
    return render(request, "indicators/indicators.html", context)


def radar_of(rows: list[passports.Passport]) -> dict[str, Any] | None:
    """The radar of what is held to something: which share of its bound each number reaches, the worst of several."""
    held = [row for row in rows if row.figure.value is not None and row.figure.bounds]
    held.sort(key=lambda row: (row.figure.target is None, not row.figure.binding))
    axes = []
    for row in held[:AXES]:
        reached = [bound.share(row.figure.value) for bound in row.figure.bounds]
        share = None if None in reached else min(reached)
        axes.append({"row": row, "share": share, "percent": None if share is None else share * 100})
    drawing = charts.radar([axis["share"] for axis in axes])
    if drawing is None:
        return None
    for axis, label, dot in zip(axes, drawing["labels"], drawing["dots"], strict=True):
        axis |= {"label": label, "dot": dot}
    return {**drawing, "marks": axes, "more": len(held) - len(axes)}


def bars_of(rows: list[passports.Passport]) -> list[dict[str, Any]]:
    """Each number as a bar beside its base year and its bounds, on a scale of its own."""
    found = []
    for row in rows:
        drawn = charts.bars(row.figure.value, row.figure.base, [bound.value for bound in row.figure.bounds])
        if drawn and (row.figure.base is not None or row.figure.bounds):
            found.append({**drawn, "row": row})
    return found


@require_GET
def indicator_page(request: HttpRequest, pk: str, code: str) -> HttpResponse:
    """One number: what it means, how it was computed, what it is held to, and the map of the shapes that made it."""
    version = seen_version(request.user, pk)
    all_url = reverse("version-indicators", args=[pk])
    context = framed(request, version, (_("Indicators"), all_url))
    run = context["run"]
    row = run and passports.of_code(run, code, medians(version.village))
    if not row:
        raise Http404
    made = members.members_of(run, code, request.user)
    context["trail"].append((row.figure.name, ""))
    context |= {
        "row": row,
        "shares": [
            {"bound": bound, "room": room, "lack": None if room is None else -room}
            for bound in row.figure.bounds
            for room in [None if row.figure.value is None else bound.room(row.figure.value)]
        ],
        "bar": charts.bars(row.figure.value, row.figure.base, [bound.value for bound in row.figure.bounds]),
        "made": made,
        "open_data": may_see_base_data(request.user, version.division_code),
        **(members_table(made) if made else {}),
    }
    if made and made.features:
        context["map_options"] = map_of_members(request, version, code)
        context["legend_layers"] = [
            {"name": LAYERS.get(layer, layer), "colour": MEMBER_COLOURS.get(layer, OTHER_COLOUR)}
            for layer in sorted({f["properties"]["layer"] for f in made.features})
        ]
    return render(request, "indicators/indicator.html", context)


def members_table(made: members.Members) -> dict[str, Any]:
    """The list beside the map: the largest shapes with their classes; what they add up to."""
    rows = members.named([feature["properties"] for feature in made.features[:LISTED]])
    for row in rows:
        row |= {"layer_name": LAYERS.get(row["layer"], row["layer"]), "is_land": row["layer"] in members.LAND}
    return {
        "listed": rows,
        "unlisted": len(made.features) - len(rows) + made.left_out,
        "unlisted_m2": made.total_m2 - made.hidden_m2 - sum(row["area_m2"] or 0.0 for row in rows),
    }


def map_of_members(request: HttpRequest, version: PlanVersion, code: str) -> dict[str, Any]:
    where = reverse("api-version-members", args=[version.pk, code])
    return {
        **maps.version_map(version, request.user),
        "members": f"{where}?page_size=1000",
        "colours": MEMBER_COLOURS,
        "colour": OTHER_COLOUR,
        "ready": _("The map is ready. Choose a row of the list or a shape on the map."),
    }


@require_GET
def ledgers_page(request: HttpRequest, pk: str) -> HttpResponse:
    """The balance ledgers of cropland and construction land, and what became what as drawings and tables."""
    version = seen_version(request.user, pk)
    context = framed(request, version, (_("Ledgers"), ""))
    run: Run | None = context["run"]
    if run and run.ledgers:
        built = run.ledgers["construction"]
        context |= {
            "ledgers": run.ledgers,
            "balances": ledger_words.balances(run),
            "quality": run.ledgers["compensation"]["quality"],
            "quality_sentence": ledger_words.quality_sentence(run.ledgers["compensation"]["quality"]),
            "inner": [
                {**row, "base_name": ledger_words.KINDS[row["base"]], "plan_name": ledger_words.KINDS[row["plan"]]}
                for row in run.ledgers["cropland"]["inner"]
            ],
            "built": built,
            "built_from": ledger_words.named(built["increase_from"]),
            "given_to": ledger_words.named(built["reduction_to"]),
            "built_sentence": ledger_words.construction_sentence(built),
            "flex_sentence": ledger_words.flex_sentence(built["flex"]),
            "matrices": ledger_words.matrices(run),
            "flows": ledger_words.flows(run),
            "has_base": runs.has_base(run),
        }
    return render(request, "indicators/ledgers.html", context)


@require_GET
def numbers_file(request: HttpRequest, pk: str, name: str) -> HttpResponse:
    """A table of a version as a file; whoever may see the version may take it away."""
    return exports.response(seen_version(request.user, pk), name)
