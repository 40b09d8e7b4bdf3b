"""Moving a version along the workflow from its review page."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from planning.models import PlanVersion
from planning.views import returns
from portal.models import User
from portal.pages import saying
from portal.rules import STAFF, prefixes

KEPT_NOTE = 5000  # characters of a note kept for the next try
SESSION_KEY = "kept_note"


def staff_versions(user: User) -> QuerySet[PlanVersion]:
    """Versions of the divisions the user works for; that a version is public does not open its review page."""
    seen = Q(pk__in=[])
    for prefix in prefixes(user, STAFF):
        seen |= Q(plan__village__division__code__startswith=prefix)
    return PlanVersion.objects.with_plan().filter(seen)


def staff_version(user: User, pk: str) -> PlanVersion:
    """The one way to a version on the pages of officials and authors; strangers get 404."""
    return get_object_or_404(staff_versions(user), pk=pk)


@require_POST
def version_move(request: HttpRequest, pk: str) -> HttpResponse:
    """Make one step of the workflow; what stands in the way is said on the review page, and the note is kept."""
    review = reverse("review", args=[pk])
    if not request.user.is_authenticated:
        return redirect_to_login(review)
    version = staff_version(request.user, pk)
    name, note = request.POST.get("name", "")[:40], request.POST.get("note", "").replace("\x00", "")
    with saying(request):
        moved = returns.made(request, version, name, note)
        request.session.pop(SESSION_KEY, None)
        messages.success(request, _("Done: the version is now “%(state)s”.") % {"state": moved.get_state_display()})
        return redirect(review)
    request.session[SESSION_KEY] = {"version": version.pk, "name": name, "note": note[:KEPT_NOTE]}
    return redirect(f"{review}#decision")


def kept_note(request: HttpRequest, version: PlanVersion) -> dict[str, str]:
    """The note of a step that failed, to be put into the form again; kept until a step of the session succeeds."""
    kept = request.session.get(SESSION_KEY) or {}
    return kept if kept.get("version") == version.pk else {}
