"""The first page of the public site: find my village, which drafts are open, which plans apply, what was answered."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from planning.models import Adoption, Comment, PlanVersion, Reply, State
from planning.models.participation import WAITS
from planning.views.my_place import at
from planning.views.villages import CARDS, notices, overview_map
from portal.errors import PortalError
from villages import finding

PLANS, ANSWERS = 6, 3


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return page(request)


@require_http_methods(["GET", "POST"])
def village_at(request: HttpRequest) -> HttpResponse:
    """To the page of the village a person stands in. The position comes in the body and is forgotten with the answer."""
    if request.method == "GET":
        return redirect("home")
    try:
        place = at(request.POST, "position")
    except PortalError as error:
        return page(request, error=error.message, status=error.status)
    village = finding.village_at(place.lon, place.lat)
    if village is None:
        return page(
            request, error=_("You are in no village that the portal knows. Write its name instead."), status=404
        )
    return redirect("village", code=village.pk)


def page(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    drafts = notices(open_on=timezone.localdate())
    context: dict[str, Any] = {
        "error": error,
        "notices": drafts[:CARDS],
        "notice_count": drafts.count(),
        "in_force": in_force()[:PLANS],
        "in_force_count": in_force().count(),
        "heard": heard(),
        "map_options": overview_map(),
    }
    return render(request, "villages/home.html", context, status=status)


def in_force() -> QuerySet[PlanVersion]:
    """Plans that apply, the latest first."""
    rows = PlanVersion.objects.filter(state=State.IN_FORCE).select_related("plan__village__division__parent")
    return rows.defer("plan__village__geom", "plan__village__geom_web").order_by("-published_at", "pk")


def heard() -> dict[str, Any]:
    """How many comments were answered and adopted, and the latest answers; of what everybody may read."""
    public = Comment.objects.filter(version__published_at__isnull=False, hidden_at=None).exclude(WAITS)
    replies = Reply.objects.filter(comment=OuterRef("pk"))
    answered = public.filter(Exists(replies))
    adopted = public.filter(Exists(replies.filter(adoption__in=(Adoption.ADOPTED, Adoption.PARTLY))))
    latest = Reply.objects.filter(comment__in=public).select_related("comment__version__plan").order_by("-created_at")
    return {"answered": answered.count(), "adopted": adopted.count(), "latest": latest[:ANSWERS]}
