"""The page on which township and county look at several held comments at once."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from planning import answers, looking, moderation
from planning.models import PlanVersion
from planning.views.heard import seen_version
from planning.views.trails import version_trail
from portal.errors import PortalError
from portal.models import User

FIELDS = {"comments": "chosen", "verdict": "verdict-release", "reason": "id_reason"}


def looked_version(user: User, pk: str) -> PlanVersion:
    """The version, for who looks at its comments; for everybody else there is no such page."""
    version = seen_version(user, pk)
    if not moderation.may_moderate(user, version.division_code):
        raise Http404
    return version


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def comments_look(request: HttpRequest, pk: str) -> HttpResponse:
    """Choose some, say once what becomes of them. What is refused is said, and what was typed stays."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("comments-look", args=[pk]))
    version = looked_version(request.user, pk)
    if request.method != "POST":
        return page(request, version)
    given = {"verdict": request.POST.get("verdict", ""), "reason": request.POST.get("reason", "")}
    chosen = request.POST.getlist("comments")
    try:
        done = looking.look_at(version, chosen, by=request.user, **given)
    except PortalError as error:
        told = [{"field": FIELDS.get(error.code, "chosen"), "text": str(error.message)}]
        return page(request, version, status=error.status, errors=told, chosen=chosen, **given)
    text = ngettext("%(count)d comment was looked at.", "%(count)d comments were looked at.", len(done))
    messages.success(request, text % {"count": len(done)})
    return redirect(request.path)


def page(request: HttpRequest, version: PlanVersion, *, status: int = 200, **kept: Any) -> HttpResponse:
    comments = looking.held_comments(version, request.user)
    context = {
        "version": version, "comments": comments, "verdicts": looking.Verdict.choices, "most": answers.MOST_AT_ONCE,
        "cut": len(comments) == answers.MOST_AT_ONCE, "trail": version_trail(version, _("Look at comments")), **kept,
    }  # fmt: skip
    return render(request, "planning/comments_look.html", context, status=status)
