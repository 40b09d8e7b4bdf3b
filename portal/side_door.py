"""Django's administration (/admin/) is a side door: only by the host names of ADMIN_HOSTS, only for staff with a second factor."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse


class AdministrationMiddleware:
    """Stands behind portal.sessions. It decides before any view of the administration, its sign-in page included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: Any, kwargs: Any) -> HttpResponse | None:
        """404 for a host or a person that has no business there; strangers on the right host sign in first."""
        if request.resolver_match.app_names[:1] != ["admin"]:
            return None
        if host_of(request) not in settings.ADMIN_HOSTS:
            raise Http404
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff:
            raise Http404
        return None


def host_of(request: HttpRequest) -> str:
    """The host name without its port."""
    host = request.get_host()
    return host[: host.rindex("]") + 1] if host.startswith("[") else host.partition(":")[0]
