"""The public pages of a plan version: with a map, and the same without one."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from indicators import digests, plain_words, runs, staleness, unmade
from indicators.models import Run
from indicators.zones_now import largest_now
from planning import below, comment_lists, comparing, consultations, following, maps, moderation
from planning.models import Finding, LandUseClass, PlanVersion, State, Waiver, Zone
from planning.step_labels import step_label
from planning.unmade import of_protected
from planning.views.comments import form_context, new_form
from planning.views.consultations import on_page
from portal.models import User
from villages.maps import legend_lines
from villages.rules import may_see_base_data

ZONES_PER_PAGE = 500


@dataclass(frozen=True)
class ZoneRow:
    """A zone of the list: what it is, what it will be, whether it conflicts."""

    zone: Zone
    now: str
    conflicts: list[str]


@dataclass(frozen=True)
class ZoneGroup:
    """Zones of one planned class."""

    code: str
    name: str
    colour: str
    rows: list[ZoneRow]


def seen_version(user: User, pk: str) -> PlanVersion:
    """The one way to a version here; strangers get 404."""
    return get_object_or_404(PlanVersion.objects.visible_to(user).with_plan().select_related("notice"), pk=pk)


@require_GET
def version_page(request: HttpRequest, pk: str) -> HttpResponse:
    """What a draft means: map, changes, indicators, conflicts, projects, comments."""
    version = seen_version(request.user, pk)
    village = version.village
    run = runs.newest(version)
    lines = legend_lines(village)
    open_data = may_see_base_data(request.user, village.code)
    listed = comment_lists.listed(version, request.user, request.GET)
    below.attach(listed["comments"], version, request.user)
    context = {
        **head(request, version),
        "run": run,
        **derived(version, run),
        **listed,
        "looked_at": version.comments.waiting().count(),
        "earlier": following.earlier(version, request.user),
        "earlier_consultations": on_page(version, request.user),
        "may_take_in": consultations.may_take_in(request.user, version) and version.state in consultations.OPEN,
        "older": comparing.before(version, request.user),
        "may_moderate": moderation.may_moderate(request.user, version.division_code),
        **form_context(
            version, request.user, new_form(version, request.GET) if may_comment(request.user, version) else None
        ),
        "login_url": f"{reverse('login')}?next={request.path}",
        "may_reply": request.user.has_perm("planning.reply", version),
        "open_data": open_data,
        "legend_plan": maps.zone_legend(version),
        "legend_now": maps.parcel_legend(village) if open_data else [],
        "legend_lines": lines if open_data else [],
        "map_options": {**maps.version_map(version, request.user, lines), "pins": listed["pins"]},
        "steps": steps(version),
    }
    classes = maps.named([*context["legend_now"], *context["legend_plan"]])
    context["map_options"] |= {**maps.version_tools(version, request.user), "classes": classes}
    return render(request, "indicators/version.html", context)


def derived(version: PlanVersion, run: Run | None) -> dict[str, Any]:
    """What a version that does not change any more means, in words: made only when the page has none kept under `stamp`.

    On the day a draft is published everybody reads the same sentences; the template keeps them for a minute, by language.
    """
    waived = Waiver.objects.filter(findings__version=version).distinct().order_by("pk").values_list("pk", "state")
    figures = SimpleLazyObject(lambda: plain_words.figures(run) if run else [])
    left = SimpleLazyObject(lambda: unmade.told(run) if run else [])
    return {
        "stamp": digests.digest_of(
            [version.pk, str(version.checked_at), run.pk if run else None, list(map(list, waived))]
        ),
        "has_base": SimpleLazyObject(lambda: bool(run) and runs.has_base(run)),
        "changes": SimpleLazyObject(lambda: plain_words.changes(run.structure.all()) if run else []),
        "figures": SimpleLazyObject(lambda: plain_words.telling(list(figures))),
        "figure_count": SimpleLazyObject(lambda: len(figures)),
        "conflicts": SimpleLazyObject(lambda: parted(plain_words.conflict_groups(version))),
        "unmade": left,
        "unmade_protected": SimpleLazyObject(lambda: of_protected(left)),
        "any_conflict": plain_words.told(version).exists(),
        "projects": version.projects.all(),
    }


def parted(groups: list[plain_words.ConflictGroup]) -> dict[str, Any]:
    """What residents should read, and apart from it the misfits of drawn lines that mean nothing to them."""
    misfits = [group for group in groups if group.category == Finding.Category.TECHNICAL]
    return {"any": bool(groups), "told": [group for group in groups if group not in misfits], "misfits": misfits}


def head(request: HttpRequest, version: PlanVersion) -> dict[str, Any]:
    """What the top of both pages says: state, days of the notice, newer versions."""
    village = version.village
    newer = [other for other in comparing.others(version, request.user) if other.number > version.number]
    return {
        "version": version,
        "village": village,
        "newer": newer[-1] if newer else None,
        "days_left": days_left(version),
        "last_step": version.steps.last(),
        "is_staff": request.user.has_perm("planning.review", version),
        **staleness.band(version, request.user),
        "trail": [
            (_("Villages"), reverse("village-list")),
            (village.short_name, reverse("village", args=[village.code])),
            (_("Version %(number)s") % {"number": version.number}, ""),
        ],
    }


def days_left(version: PlanVersion, today: datetime.date | None = None) -> int | None:
    """Days of the public notice that remain: 0 on its last day, negative afterwards; None if it is not in notice."""
    if version.state != State.NOTICE or not hasattr(version, "notice"):
        return None
    return (version.notice.closes_on - (today or timezone.localdate())).days


def may_comment(user: User, version: PlanVersion) -> bool:
    return version.state == State.NOTICE and user.has_perm("planning.comment", version)


def steps(version: PlanVersion) -> list[dict[str, Any]]:
    """The way of the version so far, in the words of the workflow table."""
    return [
        {"at": step.at, "label": step_label(step.name), "note": step.note if step.to_state == State.RETURNED else ""}
        for step in version.steps.all()
    ]  # fmt: skip


@require_GET
def version_list(request: HttpRequest, pk: str) -> HttpResponse:
    """Every zone in words, grouped by what is planned; filtered by the server, so that it works without scripts."""
    version = seen_version(request.user, pk)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:50]
    zones = found_zones(version, words).defer("geom", "geom_web").order_by("code", "number")
    page = Paginator(zones, ZONES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **head(request, version),
        "words": words,
        "page": page,
        "total": version.zones.count(),
        "groups": grouped(version, list(page), open_data=may_see_base_data(request.user, version.division_code)),
    }
    context["trail"] = [
        *context["trail"][:-1],
        (context["trail"][-1][0], reverse("version", args=[version.pk])),
        (_("List"), ""),
    ]
    return render(request, "indicators/version_list.html", context)


def found_zones(version: PlanVersion, words: str) -> QuerySet[Zone]:
    """Zones by number, number in the file, code or name of the class."""
    if not words:
        return version.zones.all()
    named = LandUseClass.objects.filter(Q(name_zh__contains=words) | Q(name_en__icontains=words), code_version="2023")
    match = Q(label__iexact=words) | Q(code__in=named.values("code")) | Q(remark__icontains=words)
    if words.isascii() and words.isdigit():
        match |= Q(code__startswith=words)
        if len(words) < 9:
            match |= Q(number=int(words))
    return version.zones.filter(match)


def grouped(version: PlanVersion, zones: list[Zone], *, open_data: bool) -> list[ZoneGroup]:
    """Zones of a page by planned class, each with what covers most of it now and the conflicts on it."""
    now = largest_now(version, [z.number for z in zones]) if open_data else {}
    known = maps.classes([*(z.code for z in zones), *now.values()])
    name = {code: known[code].name if code in known else code for code in {*(z.code for z in zones), *now.values()}}
    conflicts = conflicts_by_zone(version)
    groups: dict[str, ZoneGroup] = {}
    for zone in zones:
        colour = known[zone.code].colour if zone.code in known else maps.UNKNOWN_COLOUR
        group = groups.setdefault(zone.code, ZoneGroup(zone.code, name[zone.code], colour, []))
        group.rows.append(ZoneRow(zone, name.get(now.get(zone.number, ""), ""), conflicts.get(zone.number, [])))
    return list(groups.values())


def conflicts_by_zone(version: PlanVersion) -> dict[int, list[str]]:
    """Sentences of the findings on each zone, by zone number."""
    found: dict[int, list[str]] = {}
    for finding in version.findings.select_related("zone").defer("geom", "zone__geom", "zone__geom_web"):
        if finding.zone:
            said = plain_words.conflicts.sentence(finding.code, finding.category, finding.area_m2, finding.detail)
            found.setdefault(finding.zone.number, []).append(said)
    return found
