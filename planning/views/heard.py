"""The public page of what residents said and what came of it, and the table of it as a file."""

import hashlib
from collections.abc import Callable
from typing import Any

import shapely
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError

from planning import answers, heard, heard_places, maps, themes
from planning.heard import ZONE, Said
from planning.heard_places import Place
from planning.models import PlanVersion, Reply, Support
from planning.reports import statement_docx, statement_xlsx
from planning.views.trails import version_trail
from portal.models import User
from portal.rules import STAFF, has_role

PER_PAGE = 20
STEPS = ((1, "#9ecae1"), (2, "#4292c6"), (5, "#2171b5"), (10, "#08306b"))
"""from how many comments on a zone has which colour"""
MANY, KEPT_SECONDS = 500, 60
FINE_DEGREES = 1e-5
"""about a metre: how much outlines are simplified for the small map"""
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: dict[str, tuple[str, Callable[[PlanVersion], bytes]]] = {
    "xlsx": (SHEET, statement_xlsx.workbook),
    "docx": (WORD, statement_docx.document),
}


def seen_version(user: User, pk: str) -> PlanVersion:
    """The one way to a version here; strangers get 404."""
    return get_object_or_404(PlanVersion.objects.visible_to(user).with_plan().select_related("notice"), pk=pk)


@require_GET
def version_heard(request: HttpRequest, pk: str) -> HttpResponse:
    """You said, we did, why not: figures, by theme, then place by place."""
    version = seen_version(request.user, pk)
    rows = heard.read(version)
    earlier = heard_places.earlier_of(version, request.user)
    wanted = heard_places.places(rows, earlier)
    page = Paginator(list(wanted.items()), PER_PAGE).get_page(request.GET.get("page"))
    shapes = commented_zones(version, wanted)
    context = {
        "version": version, "village": version.village, "figures": heard.figures(version, rows), "page": page,
        "table": theme_table(rows), "blocks": heard_places.blocks(version, dict(page.object_list), earlier, request.user),
        "shapes": shapes, "steps": legend(shapes), "map_options": maps.version_map(version, request.user) if shapes["features"] else None,
        "is_staff": has_role(request.user, STAFF, version.division_code),
        "may_answer": answers.may_answer(request.user, version), "trail": version_trail(version, _("What was said, what came of it")),
    }  # fmt: skip
    return render(request, "planning/heard.html", context)


def theme_table(rows: list[Said]) -> dict[str, Any]:
    """Theme by state; columns that are empty everywhere are left out, the last row and column are the sums."""
    counts = heard.by_theme(rows)
    states = [state for state in answers.STATES if any(state in row for row in counts.values())]
    return {
        "states": [answers.STATES[state] for state in states],
        "rows": [
            (themes.listed()[code].name, [row.get(state, 0) for state in states], sum(row.values()))
            for code, row in counts.items()
        ],
        "sums": [sum(row.get(state, 0) for row in counts.values()) for state in states],
        "total": len(rows),
    }


def commented_zones(version: PlanVersion, wanted: dict[Place, list[Said]]) -> dict[str, Any]:
    """Zones with comments as GeoJSON, coloured by how many; only numbers, nothing of who said it."""
    counts = {number: len(said) for (kind, number), said in wanted.items() if kind == ZONE and said}
    zones = version.zones.filter(number__in=counts).values_list("number", "geom").order_by("number")
    features = [
        {
            "type": "Feature", "geometry": shapely.geometry.mapping(shapely.from_wkb(bytes(geom.wkb)).simplify(FINE_DEGREES)),
            "properties": {"number": number, "count": counts[number], "colour": colour(counts[number])},
        }
        for number, geom in zones
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def colour(count: int) -> str:
    return next(colour for least, colour in reversed(STEPS) if count >= least)


def legend(shapes: dict[str, Any]) -> list[tuple[str, str]]:
    """Colour and range of the steps that are on the map."""
    there = {feature["properties"]["colour"] for feature in shapes["features"]}
    ends = [least - 1 for least, _colour in STEPS[1:]] + [None]
    rows = []
    for (least, tone), end in zip(STEPS, ends, strict=True):
        if tone in there:
            text = f"≥ {least}" if end is None else str(least) if end == least else f"{least}–{end}"
            rows.append((tone, text))
    return rows


def written(version: PlanVersion, form: str) -> bytes:
    """The file; of very many comments it is kept for a minute, as long as nothing was added: writing 5,000 takes seconds."""
    _kind, made = FORMS[form]
    if version.comments.count() < MANY:
        return made(version)
    key = f"statement-{form}-{get_language()}-{version.pk}-{state_of_talk(version)}"
    try:
        if (kept := cache.get(key)) is None:
            kept = made(version)
            cache.set(key, kept, KEPT_SECONDS)
        return kept
    except (RedisError, OSError):
        return made(version)


def state_of_talk(version: PlanVersion) -> str:
    """Changes with every comment, answer, support and theme, and with all that is hidden or let out."""
    counts = version.comments.aggregate(Count("pk"), Count("hidden_at"), Count("released_at"))
    replies = Reply.objects.filter(comment__version=version).aggregate(Max("pk"))
    backing = Support.objects.filter(comment__version=version).aggregate(Count("pk"), Max("pk"))
    about = sorted(version.comments.order_by().values_list("theme").annotate(Count("pk")))
    return hashlib.sha256(repr([counts, replies, backing, about]).encode()).hexdigest()[:20]


@require_GET
def statement_file(request: HttpRequest, pk: str, form: str) -> HttpResponse:
    return statement_response(seen_version(request.user, pk), form)


def statement_response(version: PlanVersion, form: str) -> HttpResponse:
    """The table of comments as a file; the same bytes for everybody, names masked: files travel."""
    kind, _made = FORMS[form]
    answer = HttpResponse(written(version, form), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="comments-{version.division_code}-v{version.number}.{form}"'
    return answer
