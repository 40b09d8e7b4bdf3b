"""Finding a village, and the page of one village. They stand here because both show plans (imports run planning -> villages)."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.db.models import Extent
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Substr
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from planning import commissions, freshness, identify
from planning.maps import named, parcel_legend, village_tools
from planning.models import Channel, Comment, Plan, PlanVersion, State
from planning.models.participation import WAITS
from portal.models import User
from villages import finding, household_codes
from villages.maps import base_map, hamlets_on_map, legend_lines
from villages.models import Division, Village
from villages.rules import may_import, may_see_base_data
from villages.tables.kinds import KINDS

PER_PAGE = 60
CARDS = 12  # public notices on a page


@dataclass
class Township:
    """A township of the list with what it holds."""

    code: str
    name: str
    villages: int
    notices: int = 0


@dataclass
class County:
    """A county of the list with its townships."""

    code: str
    name: str
    townships: list[Township] = field(default_factory=list)


@require_GET
def village_list(request: HttpRequest) -> HttpResponse:
    """Search, the public notices that run now, and all villages by county and township."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:50]
    under = request.GET.get("under", "")
    context: dict[str, Any] = {"words": words, "trail": [(_("Villages"), "")]}
    if words:
        context |= looked_for(words)
    elif township := Division.objects.filter(pk=under, level=Division.Level.TOWNSHIP).select_related("parent").first():
        villages = Village.objects.filter(division__parent=township)
        context |= {"township": township, "page": page_of(request, villages)}
        context["trail"] = [(_("Villages"), reverse("village-list")), (township.name, "")]
    else:
        running = Paginator(notices(), CARDS).get_page(request.GET.get("page"))
        context |= {"notices": running, "counties": counties(), "map_options": overview_map()}
    return render(request, "villages/village_list.html", context)


def looked_for(words: str) -> dict[str, Any]:
    """What was found, each with the version the public reads there; villages that begin alike where there is nothing."""
    hits = finding.find(words)
    drafts = identify.newest_public([hit.village.pk for hit in hits])
    return {
        "found": [{"hit": hit, "village": hit.village, "version": drafts.get(hit.village.pk)} for hit in hits],
        "is_cut": len(hits) == finding.MOST,
        "suggestions": [] if hits else finding.suggest(words),
    }


def page_of(request: HttpRequest, villages: QuerySet[Village]) -> Any:
    """A page of villages, each with the number of its public notices."""
    rows = (
        villages.select_related("division__parent__parent")
        .defer("geom", "geom_web")
        .annotate(notices=Count("plans__versions", filter=Q(plans__versions__state=State.NOTICE)))
        .order_by("division_id")
    )
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def notices(open_on: datetime.date | None = None) -> QuerySet[PlanVersion]:
    """Versions in public notice, those that end first at the top, each with the number of comments its page lists for a
    stranger; `open_on`: only those that take comments that day."""
    listed = Comment.objects.filter(version=OuterRef("pk")).exclude(channel=Channel.IMPORT).exclude(WAITS)
    counted = listed.order_by().values("version").annotate(n=Count("pk")).values("n")
    still_open = {"notice__closes_on__gte": open_on} if open_on else {}
    return (
        PlanVersion.objects.filter(state=State.NOTICE, **still_open)
        .select_related("plan__village__division__parent", "notice")
        .defer("plan__village__geom", "plan__village__geom_web")
        .annotate(comment_count=Coalesce(Subquery(counted), 0))
        .order_by("notice__closes_on", "pk")
    )


def counties() -> list[County]:
    """Counties and townships that have villages, with the number of villages and of public notices."""
    prefix = Substr("division_id", 1, 9)
    villages = dict(Village.objects.annotate(town=prefix).order_by().values_list("town").annotate(Count("pk")))
    running = dict(
        PlanVersion.objects.filter(state=State.NOTICE)
        .annotate(town=Substr("plan__village_id", 1, 9))
        .order_by()
        .values_list("town")
        .annotate(Count("pk"))
    )
    names = dict(Division.objects.filter(level__in=(3, 4)).values_list("code", "name"))
    groups: dict[str, County] = {}
    for town, count in sorted(villages.items()):
        code = town[:6].ljust(12, "0")
        county = groups.setdefault(code, County(code, names.get(code, code)))
        town_code = town.ljust(12, "0")
        county.townships.append(Township(town_code, names.get(town_code, town_code), count, running.get(town, 0)))
    return list(groups.values())


def overview_map() -> dict[str, Any] | None:
    """The map of all village outlines: of the county if there is one, else of the city or province above them."""
    bounds = Village.objects.aggregate(bounds=Extent("geom"))["bounds"]
    if bounds is None:
        return None
    first, last = ends_of_codes()
    level = max((length for length in (2, 4, 6) if first[:length] == last[:length]), default=0)
    if not level:
        return None
    return {
        "bounds": [round(x, 6) for x in bounds],
        "tiles": {"overview": reverse("api-division-tiles", args=[first[:level].ljust(12, "0")])},
        "identify": reverse("api-identify"),
        "marked": list(PlanVersion.objects.filter(state=State.NOTICE).values_list("plan__village_id", flat=True)),
        "villageUrl": reverse("village", args=["0" * 12]),
        "ready": _("The map is ready. Tap a village."),
    }


def ends_of_codes() -> tuple[str, str]:
    """The smallest and the largest village code: what both begin with, all begin with."""
    ends = Village.objects.aggregate(first=Min("division_id"), last=Max("division_id"))
    return ends["first"], ends["last"]


@require_GET
def village(request: HttpRequest, code: str) -> HttpResponse:
    """One village: what is known of it, its plans, its land in the base year."""
    villages = Village.objects.select_related("division__parent__parent")
    row = get_object_or_404(villages, pk=code)
    lines = legend_lines(row)
    open_data = may_see_base_data(request.user, row.code)
    town = row.division.parent
    context = {
        "village": row,
        "facts": row.facts.all(),
        "plans": plans_of(row, request.user),
        "commission": commissions.of_village(row),
        "may_commission": request.user.has_perm("planning.commission", row),
        "may_upload": request.user.has_perm("planning.upload_plan", row),
        "may_import": may_import(request.user, KINDS["facts"], row.code),
        "may_code": household_codes.may_make(request.user, row.code),
        "open_data": open_data,
        "legend_now": parcel_legend(row) if open_data else [],
        "legend_lines": lines if open_data else [],
        "facilities": row.facilities.all() if open_data else [],
        "map_options": {
            **base_map(row, request.user, lines),
            "identify": reverse("api-identify"),
            "hamlets": hamlets_on_map(row),
        },
        "hamlets": row.hamlets.order_by("kind", "name"),
        "trail": [
            (_("Villages"), reverse("village-list")),
            (town.name, f"{reverse('village-list')}?under={town.code}"),
            (row.short_name, ""),
        ],
    }
    context["map_options"] |= {**village_tools(row), "classes": named(context["legend_now"])}
    return render(request, "villages/village.html", context)


def plans_of(row: Village, user: User) -> list[Plan]:
    """Plans of the village with the versions the person may see, newest first; each knows whether its results still hold."""
    versions = PlanVersion.objects.visible_to(user).select_related("notice").order_by("-number")
    plans = list(row.plans.visible_to(user).prefetch_related(Prefetch("versions", versions, to_attr="seen")))
    freshness.remember(version for plan in plans for version in plan.seen)
    return plans
