"""The page of a division's board: all plans under way, by state; of a city or province the divisions below, counted."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from planning import board, board_overview
from portal.models import User
from portal.rules import OFFICIALS, has_role
from villages.models import Division


def division_seen(user: User, code: str) -> Division:
    """A division above the village, for the officials of it or above it; all others are told that there is nothing."""
    division = get_object_or_404(Division.objects.select_related("parent"), pk=code, level__lt=Division.Level.VILLAGE)
    if not has_role(user, OFFICIALS, code):
        raise Http404
    return division


@login_required
@require_GET
def division_board(request: HttpRequest, code: str) -> HttpResponse:
    """The board, of the whole county or of one township of it, and of what is late alone."""
    division = division_seen(request.user, code)
    if division.level < Division.Level.COUNTY:
        return render(request, "planning/board_overview.html", overview(division))
    towns = list(Division.objects.filter(parent=division, level=Division.Level.TOWNSHIP).order_by("code"))
    town = next((t for t in towns if t.pk == request.GET.get("town")), None)
    only_late = request.GET.get("late") == "1"
    place = town or division
    columns = board.columns(place.pk, only_late=only_late)
    context = {
        "division": division, "towns": towns, "town": town, "only_late": only_late, "columns": columns,
        "total": sum(len(column.cards) for column in columns), "late": sum(column.late for column in columns),
        "in_force": board.in_force(place.pk),
        "trail": [(_("My desk"), reverse("desk")), (_("Board of %(name)s") % {"name": division.name}, "")],
    }  # fmt: skip
    return render(request, "planning/board.html", context)


def overview(division: Division) -> dict[str, Any]:
    lines = board_overview.lines(division)
    return {
        "division": division, "lines": lines, "states": [state.label for state in board.COLUMNS],
        "total": sum(line.total for line in lines), "late": sum(line.late for line in lines),
        "in_force": sum(line.in_force for line in lines),
        "trail": [(_("My desk"), reverse("desk")), (_("Board of %(name)s") % {"name": division.name}, "")],
    }  # fmt: skip
