"""Supporting a comment and taking it back, by a button that needs no scripts."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from planning import supports
from planning.views.moderation import seen_comment
from portal.api_throttles import SupportThrottle
from portal.errors import TooMany
from portal.pages import saying


@require_POST
def comment_support(request: HttpRequest, pk: str) -> HttpResponse:
    """Support a comment, or take it back (`wanted` is “no”); then the page at that comment again."""
    comment = seen_comment(request.user, pk)
    page = comment.get_absolute_url()
    if not request.user.is_authenticated:
        return redirect_to_login(page)
    if not SupportThrottle().allow_request(request, None):
        raise TooMany(_("That was often in a short time. Please go on in an hour."))
    change = supports.take_back if request.POST.get("wanted") == "no" else supports.support
    with saying(request):
        change(comment, by=request.user)
    return redirect(page)
