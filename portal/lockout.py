"""Guessing is stopped by account and address (django-axes, in the database), and slowed by address (portal/api_throttles.py)."""

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import audit, notify
from portal.errors import TooMany
from portal.models import User

FAILURES, MINUTES = 5, 15


class Locked(TooMany):
    code = "locked"


def client_address(request: HttpRequest) -> str | None:
    """The visitor's address: only what proxies of ours (TRUSTED_PROXIES) wrote into X-Forwarded-For is believed."""
    hops = settings.REST_FRAMEWORK["NUM_PROXIES"]
    claimed = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if hops and claimed:
        return claimed[-min(hops, len(claimed))]
    return request.META.get("REMOTE_ADDR")


def refuse_locked(request: HttpRequest, username: str) -> None:
    """After a try: refuse in words if this name is locked for this address; the same for names that do not exist."""
    if not getattr(request, "axes_locked_out", False):
        return
    if getattr(request, "axes_failures_since_start", None) == FAILURES:  # this very try has locked it
        user = User.objects.filter(username=username).first()
        if user:
            audit.record("account.locked", user, by=None, after={"minutes": MINUTES})
            # once a day: whoever guesses must not be able to bury its owner's other notices
            page, today = reverse("account-sign-in"), timezone.localdate()
            notify.tell([user], "account_locked", url=page, once=f"locked:{today}", minutes=MINUTES)
    raise Locked(
        _(
            "Too many wrong attempts for this user name from your address: it is locked for %(minutes)d minutes. "
            "If you have forgotten the password, ask your administrator for a one-time link."
        )
        % {"minutes": MINUTES}
    )


def forget_failures(username: str, address: str | None = None) -> None:
    """After a right password (for the address), or a new one (everywhere)."""
    AxesProxyHandler.reset_attempts(username=username, ip_address=address)
