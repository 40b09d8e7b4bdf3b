"""The desk (工作台): what waits for a person, by role; for those who oversee, how many versions stand where."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.db.models.functions import Substr
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from indicators.views.desk_sections import AUTHORS, sections
from planning import late, waiting
from planning.models import PlanVersion, State
from planning.waiting import within
from portal.models import Membership, Role
from portal.rules import OFFICIALS, prefixes
from villages.models import Division
from villages.tables.visible import kinds_of

OVERSEERS = (Role.CITY, Role.PROVINCE, Role.ADMINISTRATOR)


@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    user = request.user
    context = {
        "sections": sections(user),
        "counts": state_counts(overseen := prefixes(user, OVERSEERS)),
        "oversees": bool(overseen),
        "states": State.labels,
        "roles": roles(user.active_memberships()),
        "may_upload": bool(prefixes(user, AUTHORS)),
        "may_import": bool(kinds_of(user)),
        "judged": Division.objects.filter(
            pk__in=[m.division_code for m in user.active_memberships() if m.role in OFFICIALS]
        ),
        "waits": waiting.total(user),
        "late": late.total(user),
    }
    return render(request, "indicators/desk.html", context)


def roles(memberships: list[Membership]) -> list[tuple[str, str]]:
    """The person's roles with the names of their divisions."""
    names = dict(Division.objects.filter(pk__in=[m.division_code for m in memberships]).values_list("pk", "name"))
    return [(m.get_role_display(), names.get(m.division_code, m.division_code)) for m in memberships]


def state_counts(codes: list[str]) -> list[dict[str, Any]]:
    """Numbers of versions by county and state, for those who oversee."""
    if not codes:
        return []
    found = (
        PlanVersion.objects.filter(within(codes, "plan__village__division__code"))
        .annotate(county=Substr("plan__village_id", 1, 6))
        .order_by()
        .values_list("county", "state")
        .annotate(Count("pk"))
    )
    table: dict[str, dict[str, int]] = {}
    for county, state, count in found:
        table.setdefault(county, {})[state] = count
    names = dict(Division.objects.filter(level=Division.Level.COUNTY).values_list("code", "name"))
    return [
        {
            "name": names.get(county.ljust(12, "0"), county),
            "url": f"{reverse('village-list')}?q={county}",
            "counts": [row.get(state, 0) for state in State.values],
            "total": sum(row.values()),
        }
        for county, row in sorted(table.items())
    ]
