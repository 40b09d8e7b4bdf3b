"""Guessing is stopped by account and address (django-axes, in the database), held up by account from everywhere, and slowed by
address (portal/api_throttles.py)."""

import datetime
import logging

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from portal import audit, devices, notify
from portal.api_throttles import AccountThrottle
from portal.errors import TooMany
from portal.models import AuditEntry, Role, User

FAILURES, MINUTES = 5, 15
TOLD_LOCKS, TOLD_WITHIN = 3, datetime.timedelta(days=1)
"""so many locks of an account within a day are told to its administrators"""
logger = logging.getLogger(__name__)


class Locked(TooMany):
    code = "locked"


def client_address(request: HttpRequest) -> str | None:
    """The visitor's address: only what proxies of ours (TRUSTED_PROXIES) wrote into X-Forwarded-For is believed."""
    hops = settings.REST_FRAMEWORK["NUM_PROXIES"]
    claimed = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if hops and claimed:
        return claimed[-min(hops, len(claimed))]
    return request.META.get("REMOTE_ADDR")


def refuse_guessed(request: HttpRequest, username: str) -> None:
    """Before a try: refuse it if wrong passwords for this name came from everywhere, whether the name exists or not.

    A device on which its owner signed in before goes on, so nobody shuts the owner out; `portal.api_throttles.forgive` gives
    a right try back."""
    if devices.known(request, username):
        return
    everywhere = AccountThrottle(username)
    if everywhere.count(request):
        return
    minutes = everywhere.duration // 60
    if everywhere.told() and (user := User.objects.filter(username=username).first()):
        tell_locked(user, minutes, everywhere=True)
    raise Locked(
        _(
            "Too many wrong attempts for this user name from many places: for %(minutes)d minutes it can be used only on a device "
            "that signed in with it before. If you have none at hand, ask your administrator for a one-time link."
        )
        % {"minutes": minutes}
    )


def tell_locked(user: User, minutes: int, *, everywhere: bool) -> None:
    """Put a lock on record and tell the owner, once a day: whoever guesses must not be able to bury other notices. Locks that
    come again and again, or from everywhere, are told to the administrators of the account too."""
    audit.record("account.locked", user, by=None, after={"minutes": minutes, "everywhere": everywhere})
    page, today = reverse("account-sign-in"), timezone.localdate()
    notify.tell([user], "account_locked", url=page, once=f"locked:{today}", minutes=minutes)
    locks = AuditEntry.objects.filter(
        object_type="portal.User", object_id=str(user.pk), verb="account.locked", at__gt=timezone.now() - TOLD_WITHIN
    ).count()
    if everywhere or locks >= TOLD_LOCKS:
        codes = {membership.division_code for membership in user.active_memberships()}
        watchers = {one.pk: one for code in codes for one in notify.holders([Role.ADMINISTRATOR], code)}
        notify.tell(
            watchers.values(), "account_guessed", url=reverse("account", args=[user.username]),
            once=f"guessed:{user.pk}:{today}", who=audit.account(user), locks=locks,
        )  # fmt: skip


def refuse_locked(request: HttpRequest, username: str) -> None:
    """After a try: refuse in words if this name is locked for this address; the same for names that do not exist."""
    if not getattr(request, "axes_locked_out", False):
        return
    if getattr(request, "axes_failures_since_start", None) == FAILURES:  # this very try has locked it
        user = User.objects.filter(username=username).first()
        if user:
            tell_locked(user, MINUTES, everywhere=False)
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
    if address is None:
        try:
            AccountThrottle(username).forget()
        except (RedisError, OSError) as error:
            logger.warning("wrong passwords before the new one are still counted: %s", error)
