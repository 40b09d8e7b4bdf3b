"""Pages of what waits for a person, and of what is late."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from planning import held, ics, late
from planning import waiting as rules
from planning.views.board import division_seen
from portal.models import User

ROWS, PAGE = 20, 40


@login_required
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits, by kind; of one kind alone in pages."""
    heaps = rules.heaps(request.user)
    chosen = next((heap for heap in heaps if heap.kind == request.GET.get("kind")), None)
    page = None
    if chosen:
        page = Paginator(range(chosen.total), PAGE).get_page(request.GET.get("page"))
        shown = [(chosen, chosen.items(request.user, page.start_index() - 1, page.end_index()))]
    else:
        shown = [(heap, heap.items(request.user, 0, ROWS)) for heap in heaps]
    context = {
        "keeps_words": bool(held.divisions(request.user)), "heaps": heaps, "shown": shown, "chosen": chosen, "page": page, "total": sum(heap.total for heap in heaps),
        "late": late.total(request.user), "trail": [(_("My desk"), reverse("desk")), (_("Waits for me"), "")],
    }  # fmt: skip
    return render(request, "planning/waiting.html", context)


@login_required
@require_GET
def late_list(request: HttpRequest) -> HttpResponse:
    """What is late in the person's divisions, the longest late first."""
    page = Paginator(late.rows(request.user), PAGE).get_page(request.GET.get("page"))
    trail = [(_("My desk"), reverse("desk")), (_("Late"), "")]
    return render(request, "planning/late.html", {"page": page, "trail": trail})


@login_required
@require_GET
def deadlines_ics(request: HttpRequest) -> HttpResponse:
    """The person's deadlines as a calendar file."""
    return person_file(request.user)


@login_required
@require_GET
def division_ics(request: HttpRequest, code: str) -> HttpResponse:
    """The deadlines of a division as a calendar file, for its officials."""
    division = division_seen(request.user, code)
    return calendar_file(ics.of_division(division.pk, division.name, settings.SITE_URL))


def person_file(user: User) -> HttpResponse:
    return calendar_file(ics.of_person(user, settings.SITE_URL))


def calendar_file(text: str) -> HttpResponse:
    headers = {"Content-Disposition": 'attachment; filename="deadlines.ics"'}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)
