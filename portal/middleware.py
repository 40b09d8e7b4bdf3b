"""What every request and answer has: a language, and what the page may ask of the device."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from portal.errors import PortalError, answer

LANGUAGES = dict(settings.LANGUAGES)


class LanguageMiddleware:
    """Chinese first: a page turns English only by choice; an API client chooses by Accept-Language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if language not in LANGUAGES:
            accepts = request.headers.get("Accept-Language", "").lower()
            english = request.path.startswith("/api/") and accepts.startswith("en")
            language = "en" if english else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class PermissionsMiddleware:
    """A page may ask where the device is, with its owner's consent, and nothing else; nor may whatever is framed in it."""

    POLICY = "geolocation=(self), camera=(), microphone=(), payment=(), usb=()"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.POLICY)
        return response


class UnreadQueryMiddleware:
    """The API ignores no parameter: an address that takes none says so, as those that take some do (StrictSerializer)."""

    OPEN = ("/api/v1/schema/", "/api/v1/docs/")  # the document and its page, whose parameters are their library's

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        asked = request.method == "GET" and request.path.startswith("/api/v1/") and request.path not in self.OPEN
        if not (asked and request.GET and response.status_code == 200) or getattr(request, "query_was_read", False):
            return response
        told = {name[:100]: [_("There is no such parameter.")] for name in request.GET}
        return answer(request, PortalError(_("Some values are not right."), code="invalid", data={"fields": told}))
