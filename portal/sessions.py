"""How long a session lasts, and what it must have shown: twelve hours at most, half an hour of rest for who acts for others."""

import datetime
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from portal.models import AccessToken, OneTimeLink, User

REST_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 60 * 60
BACKGROUND = "X-Background"
"""header of what a page asks by itself again and again (static/js/lib/request.js); forged, it shortens one's own session only"""
WRITE_EVERY = 60  # the sign of life is written once a minute, not at every request


class SessionLimitsMiddleware:
    """Stands behind authentication: whose session is over is a stranger from here on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request.user
        request.user = SimpleLazyObject(lambda: within_limits(request, known))  # read only by views that ask who it is
        return self.get_response(request)


def within_limits(request: HttpRequest, user: User | AnonymousUser) -> User | AnonymousUser:
    """The person of the session, or nobody if the session is over."""
    if not user.is_authenticated:
        if auth.SESSION_KEY in request.session:  # of an account that is closed
            request.session.flush()
        return user
    reason = why_over(request, user)
    if not reason:
        return user
    request.user = user  # logout asks who it is
    auth.logout(request)
    if not request.path.startswith("/api/"):
        messages.info(request, reason)
    return request.user


def why_over(request: HttpRequest, user: User) -> str:
    """Why the session must end now, in words; empty, and a sign of life noted, if it need not."""
    session, now = request.session, time.time()
    began, seen = session.setdefault("began", now), session.setdefault("seen", now)
    if now - began > LONGEST_SECONDS:
        return _("You were signed out: a session lasts twelve hours. Please sign in again.")
    if user.holds_office and now - seen > REST_SECONDS:
        return _("You were signed out: nothing happened for half an hour. Please sign in again.")
    if settings.SECOND_FACTOR and user.holds_office and not session.get("by_code"):
        return _("Your role needs a second factor. Please sign in again and set it up.")
    if now - seen > WRITE_EVERY and BACKGROUND not in request.headers:
        session["seen"] = now
    return ""


def forget_ended() -> int:
    """Delete what nobody can use any more: sessions, tokens and links whose time is over. What was done with them is on record."""
    now = timezone.now()
    ended = (Session.objects.filter(expire_date__lt=now), AccessToken.objects.filter(expires_at__lt=now))
    old_links = OneTimeLink.objects.filter(expires_at__lt=now - datetime.timedelta(days=1))
    return sum(rows.delete()[0] for rows in (*ended, old_links))
