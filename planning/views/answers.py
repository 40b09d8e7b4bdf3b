"""The page on which committee, planner and township answer comments, several at once, and put themes right."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from planning import answering, answers, below, themes
from planning.models import Adoption, PlanVersion
from planning.views.heard import seen_version
from planning.views.moderation import seen_comment
from planning.views.trails import version_trail
from portal.errors import NotAllowed, PortalError
from portal.models import User


def workable(user: User, pk: str) -> PlanVersion:
    """The version, for whoever answers its comments."""
    version = seen_version(user, pk)
    if not answers.may_answer(user, version):
        raise NotAllowed(_("Only the village committee, its planner or the township may answer."))
    return version


@require_http_methods(["GET", "POST"])
def version_answers(request: HttpRequest, pk: str) -> HttpResponse:
    """Comments put together by zone, theme or words; choose some, answer once. What is refused is said, and kept."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("version-answers", args=[pk]))
    version = workable(request.user, pk)
    if request.method == "GET":
        return page(request, version)
    given = request.POST
    chosen = given.getlist("comments")
    try:
        rows = answers.answer_many(
            answers.named(version, chosen),
            by=request.user,
            text=given.get("text", ""),
            adoption=given.get("adoption", ""),
        )
    except PortalError as error:
        field = {"comments": "chosen", "adoption": "adoption-adopted"}.get(error.code, "id_text")
        told = {"errors": [{"field": field, "text": str(error.message)}], "chosen": chosen}
        return page(
            request,
            version,
            status=error.status,
            **told,
            text=given.get("text", ""),
            adoption=given.get("adoption", ""),
        )
    count = len(rows)
    messages.success(
        request,
        ngettext("%(count)d comment was answered. The answer is public now.", "%(count)d comments were answered. The answer is public now.", count)
        % {"count": count},
    )  # fmt: skip
    return redirect(f"{request.path}?{request.GET.urlencode()}" if request.GET else request.path)


def page(request: HttpRequest, version: PlanVersion, *, status: int = 200, **kept: Any) -> HttpResponse:
    by = request.GET.get("by", "zone")
    by = by if by in answering.BY else "zone"
    theme = request.GET.get("theme", "")
    theme = theme if theme in themes.listed() else ""
    everything = request.GET.get("show") == "all"
    comments = answering.to_work_on(version, request.user, everything=everything, theme=theme)
    below.attach(comments, version, request.user)
    context = {
        "version": version, "village": version.village, "progress": answering.progress(version),
        "groups": answering.groups(comments, by), "by": by, "ways": answering.BY.items(), "everything": everything,
        "theme": theme, "themes": themes.choices(), "adoptions": Adoption.choices, "most": answering.MOST,
        "cut": len(comments) == answering.MOST, "trail": version_trail(version, _("Answer comments")), **kept,
    }  # fmt: skip
    return render(request, "planning/answers.html", context, status=status)


@require_POST
def comment_theme(request: HttpRequest, pk: str) -> HttpResponse:
    """Put the theme of a comment right, and go back to the page of work."""
    comment = seen_comment(request.user, pk)
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("version-answers", args=[comment.version_id]))
    themes.set_theme(comment, request.POST.get("theme", ""), by=request.user)
    messages.success(request, _("The theme was changed."))
    back = reverse("version-answers", args=[comment.version_id])
    return redirect(f"{back}?{request.GET.urlencode()}#c-{comment.pk}" if request.GET else f"{back}#c-{comment.pk}")
