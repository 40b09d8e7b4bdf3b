"""Hiding a comment with a reason, showing it again, and letting out one that waits for a look, from the pages."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from planning import moderation
from planning.models import Comment, PlanVersion
from portal.errors import NotAllowed, PortalError
from portal.models import User
from portal.pages import saying


def seen_comment(user: User, pk: str) -> Comment:
    """The one way to a comment: on a version the person may see; strangers get 404."""
    seen = Comment.objects.seen_by(user).filter(version__in=PlanVersion.objects.visible_to(user))
    return get_object_or_404(seen.for_page().select_related("version__plan__village"), pk=pk)


@require_http_methods(["GET", "POST"])
def comment_hide(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask for the reason, then hide the comment; what is wrong is said on the same page, with what was written."""
    comment = seen_comment(request.user, pk)
    page = comment.get_absolute_url()
    if not request.user.is_authenticated:
        return redirect_to_login(page)
    if not moderation.may_moderate(request.user, comment.division_code):
        raise NotAllowed(_("Only the township or the county may hide a comment or show it again."))
    moderation.mark([comment], request.user)
    context = {"comment": comment, "version": comment.version, "back": page, "reason": request.POST.get("reason", "")}
    if request.method == "POST":
        try:
            moderation.hide(comment, by=request.user, reason=context["reason"])
        except PortalError as error:
            context["errors"] = [{"field": "id_reason", "text": str(error.message)}]
            return render(request, "planning/comment_hide.html", context, status=error.status)
        messages.success(request, _("The comment is hidden; its author was told why."))
        return redirect(page)
    return render(request, "planning/comment_hide.html", context)


@require_POST
def comment_show(request: HttpRequest, pk: str) -> HttpResponse:
    """Show a hidden comment again."""
    comment = seen_comment(request.user, pk)
    page = comment.get_absolute_url()
    if not request.user.is_authenticated:
        return redirect_to_login(page)
    with saying(request):
        moderation.show_again(comment, by=request.user)
    return redirect(page)


@require_POST
def comment_release(request: HttpRequest, pk: str) -> HttpResponse:
    """Let out a comment that waits for a look; what stands in the way is said on the page it was done on."""
    comment = seen_comment(request.user, pk)
    page, back = reverse("version", args=[comment.version_id]), request.POST.get("next", "")
    if not request.user.is_authenticated:
        return redirect_to_login(comment.get_absolute_url())
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = page
    with saying(request):
        moderation.release(comment, by=request.user)
        messages.success(request, _("The comment is public; its author and the committee were told."))
    return redirect(f"{back}#comment-{comment.pk}")
