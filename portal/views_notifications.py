"""The page of what the portal tells a person, and marking it as read."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal import notify

ROWS = 30


@login_required
@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    """The newest first; those not read yet are marked."""
    page = Paginator(request.user.notifications.order_by("-id"), ROWS).get_page(request.GET.get("page"))
    rows = [(row, notify.words(row)) for row in page]
    return render(request, "portal/notifications.html", {"page": page, "rows": rows})


@login_required
@require_POST
def read_one(request: HttpRequest, key: str) -> HttpResponse:
    """Mark one as read and go where it is dealt with."""
    row = get_object_or_404(request.user.notifications, once=key)
    notify.mark_read(request.user, key)
    return redirect(row.url or "notifications")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    notify.mark_read(request.user)
    return redirect("notifications")
