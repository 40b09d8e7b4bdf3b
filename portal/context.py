"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from portal import notify
from portal.browser_strings import browser_strings
from portal.models import Role
from portal.rules import STAFF, prefixes


def portal(request: HttpRequest) -> dict[str, Any]:
    return {
        "DEMO": settings.DEMO,
        "other_language": "en" if request.LANGUAGE_CODE == "zh-hans" else "zh-hans",
        "BROWSER_STRINGS": browser_strings(),
        "desk_url": desk_url(request),
        "unread": unread(request),
    }


def unread(request: HttpRequest) -> Any:
    """How many notifications a person has not read; counted only by a page that says it."""
    user = getattr(request, "user", None)
    return SimpleLazyObject(lambda: notify.unread(user) if user is not None and user.is_authenticated else 0)


def desk_url(request: HttpRequest) -> str:
    """Where the person's work waits; empty for visitors and residents."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not prefixes(user, (*STAFF, Role.DEPARTMENT, Role.EXPERT)):
        return ""
    try:
        return reverse("desk")
    except NoReverseMatch:
        return ""
