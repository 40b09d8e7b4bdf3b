"""Who was turned away, who failed to sign in, who left: on the record, and never so often that it fills it.

Written after the answer was made, outside any transaction of the request, which a refusal has rolled back. A person or an
address gets ROWS rows a minute; beyond that one at the 100th, the 1,000th … refusal, which tells the number.
"""

import logging
import time
from typing import Any

from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.core.cache import cache
from django.db import DatabaseError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError
from rest_framework.throttling import BaseThrottle

from portal import audit
from portal.models import User
from portal.sealing import digest

ROWS, ALL_ROWS = 10, 600
REFUSED = (401, 403, 404, 429)
# Parts of an address that name an object; others may be secrets (a one-time link) or a person's name.
NAMING = ("id", "pk", "code", "number", "seq", "name", "key")
logger = logging.getLogger(__name__)


def note_refusal(request: HttpRequest, response: HttpResponse) -> None:
    """Record an answer that refused something of ours; addresses that lead nowhere are none."""
    match = request.resolver_match
    if response.status_code not in REFUSED or match is None or not match.url_name:
        return
    user = request.user if hasattr(request, "user") and request.user.is_authenticated else None
    told = {"status": response.status_code, "method": request.method}
    parts = {name: value for name, value in match.kwargs.items() if name in NAMING}
    note(request, "access.refused", user, match.view_name, f"/{match.route}", {**told, **parts})


@receiver(user_login_failed)
def note_failed_sign_in(
    request: HttpRequest | None = None, credentials: dict[str, Any] | None = None, **_: Any
) -> None:
    """Whose account was tried; a name that nobody has may be a password in the wrong field, and is not kept."""
    if request is None:
        return
    user = User.objects.filter(username=(credentials or {}).get("username") or "").first()
    label = audit.account(user) if user else "no such account"
    note(request, "account.sign_in_failed", None, str(user.pk) if user else "", label, {}, object_type="portal.User")


@receiver(user_logged_out)
def note_signed_out(user: User | None = None, **_: Any) -> None:
    if isinstance(user, User):
        audit.record("account.signed_out", user, by=user)


def note(
    request: HttpRequest,
    verb: str,
    user: User | None,
    object_id: str,
    label: str,
    told: dict[str, Any],
    object_type: str = "request",
) -> None:
    """One row, if the limit allows it. A record that cannot be written now is a line in the log, not a fault of the page."""
    address = BaseThrottle().get_ident(request) or ""  # a server behind a socket of files knows none
    try:
        times = is_told(f"account-{user.pk}" if user else f"address-{digest(address)[:16]}", ROWS)
        if not times or not is_told("all", ALL_ROWS):
            return
        more = {"times": times} if times > ROWS else {}
        after = {**told, "address": blurred(address), **more}
        audit.write(verb, object_type, object_id, label, by=user, name="visitor", after=after)
    except (RedisError, OSError, DatabaseError) as error:
        logger.warning("%s of %s is not on the record: %s", verb, label, error)


def is_told(who: str, rows: int) -> int:
    """Which refusal of this minute it is, if it gets a row; else 0."""
    key = f"refused:{who}:{int(time.time() // 60)}"
    cache.add(key, 0, timeout=120)
    try:
        times = cache.incr(key)
    except ValueError:  # the cache was emptied in between
        times = 1
    return times if times <= rows or (times >= 100 and str(times).strip("0") == "1") else 0


def blurred(address: str | None) -> str:
    """An address without its last part, and a keyed digest by which the same one is known again."""
    address = address or ""
    near = address.rpartition("." if "." in address else ":")[0]
    return f"{near}.* {digest(address)[:8]}"
