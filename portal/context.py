"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portal.browser_strings import browser_strings
from portal.rules import STAFF, prefixes


def portal(request: HttpRequest) -> dict[str, Any]:
    return {
        "DEMO": settings.DEMO,
        "other_language": "en" if request.LANGUAGE_CODE == "zh-hans" else "zh-hans",
        "BROWSER_STRINGS": browser_strings(),
        "desk_url": desk_url(request),
    }


def desk_url(request: HttpRequest) -> str:
    """Where the person's work waits; empty for visitors and residents."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not prefixes(user, STAFF):
        return ""
    try:
        return reverse("desk")
    except NoReverseMatch:
        return ""
