"""The second factor (两步验证): a code of six figures from an app on the telephone (TOTP, RFC 6238), or a recovery code.

The arithmetic is that of `cryptography`. What is ours: the key lies sealed, a code counts once (kept in the row, not in a
cache that may be lost), five wrong codes lock for a quarter of an hour, recovery codes are kept as digests only.
"""

import base64
import datetime
import hmac
import json
import os
import secrets
import time
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import audit, qr
from portal.errors import Conflict, NotAllowed, PortalError
from portal.lockout import Locked
from portal.models import SecondFactor, User
from portal.sealing import digest, seal, unseal

STEP_SECONDS = 30
TRIES, LOCK = 5, datetime.timedelta(minutes=15)
SET_UP_SECONDS = 15 * 60
RECOVERY_CODES = 10
ISSUER = "村庄规划门户"
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another


class WrongCode(PortalError):
    code = "code"


class CodeNeeded(PortalError):
    """The password is right; a program must send the code with it."""

    code = "code_needed"


def is_asked_of(user: User) -> bool:
    """Who acts for others needs it; whoever set it up is asked for it."""
    return has_one(user) or (settings.SECOND_FACTOR and user.holds_office)


def has_one(user: User) -> bool:
    return SecondFactor.objects.filter(user=user).exists()


def begin(user: User) -> str:
    """A sealed offer with a new key; nothing holds before it comes back with a right code."""
    offer = {"for": "second factor", "hash": user.get_session_auth_hash(), "at": time.time()}
    return seal(json.dumps({**offer, "key": base64.b32encode(os.urandom(20)).decode()}))


def key_of(offer: str, user: User) -> str:
    """The key (base32) of an offer that was made to this person as they are now; else refused."""
    try:
        said = json.loads(unseal(offer)) if offer.startswith("v1:") else {}
    except ValueError:
        said = {}
    fresh = said.get("for") == "second factor" and time.time() - said["at"] < SET_UP_SECONDS
    if not fresh or not hmac.compare_digest(said["hash"], user.get_session_auth_hash()):
        raise PortalError(_("Setting up took too long. Please sign in again and begin anew."), code="offer")
    return said["key"]


def address_of(key: str, user: User) -> str:
    """The otpauth:// address that apps read."""
    return totp(key).get_provisioning_uri(user.username, ISSUER)


def picture_of(key: str, user: User) -> bytes:
    """The same as a QR picture (SVG)."""
    return qr.svg(address_of(key, user))


def totp(key: str) -> TOTP:
    return TOTP(base64.b32decode(key), 6, SHA1(), STEP_SECONDS)  # noqa: S303  what authenticator apps understand


def matching_step(key: str, code: str, after: int) -> int | None:
    """The half minute whose code this is, newer than `after`; a clock may be half a minute off."""
    now = int(time.time()) // STEP_SECONDS
    for step in (now - 1, now, now + 1):
        if step > after and hmac.compare_digest(totp(key).generate(step * STEP_SECONDS), code.encode()):
            return step
    return None


@transaction.atomic
def set_up(user: User, offer: str, code: str) -> list[str]:
    """Take the key of the offer into use, proved by a code; answers the recovery codes, which are shown this once."""
    key = key_of(offer, user)
    User.objects.select_for_update().get(pk=user.pk)
    if has_one(user):
        raise Conflict(_("The second factor is set up already. Sign in with its code."))
    step = matching_step(key, plain(code), 0)
    if step is None:
        raise WrongCode(_("This code is not right. Enter the code that your app shows now."))
    codes = new_codes()
    factor = SecondFactor.objects.create(user=user, key=key, last_step=step, recovery_codes=digests(codes))
    audit.record("account.second_factor_set", user, by=user, after={"set_at": factor.set_at.isoformat()})
    return codes


def check(user: User, code: str) -> None:
    """Return if the code is right and was not used before; refuse with words otherwise."""
    outcome = judge(user, plain(code))
    if outcome == "locked":
        raise Locked(_("Five wrong codes: the second factor is locked for 15 minutes. Then try again."))
    if outcome == "wrong":
        raise WrongCode(_("This code is not right. Enter the code that your app shows now, each code only once."))


@transaction.atomic
def judge(user: User, code: str) -> str:
    """right, wrong or locked; counts what was wrong and uses up what was right."""
    factor = SecondFactor.objects.select_for_update().filter(user=user).first()
    if factor is None:
        return "wrong"
    now = timezone.now()
    if factor.failures >= TRIES:
        if now - factor.failed_at < LOCK:
            return "locked"
        factor.failures = 0
    step, recovery = matching_step(factor.key, code, factor.last_step), digest(code)
    if step is not None:
        factor.last_step = step
    elif recovery in factor.recovery_codes:
        factor.recovery_codes.remove(recovery)
        audit.record("account.recovery_code_used", user, by=user, after={"left": len(factor.recovery_codes)})
    else:
        factor.failures, factor.failed_at = factor.failures + 1, now
        factor.save(update_fields=["failures", "failed_at"])
        if factor.failures == TRIES:
            audit.record("account.second_factor_locked", user, by=None, after={"minutes": 15})
        return "wrong"
    factor.failures = 0
    factor.save(update_fields=["last_step", "recovery_codes", "failures"])
    return "right"


def renew_codes(user: User, code: str) -> list[str]:
    """New recovery codes in place of the old ones, for a right code; shown this once."""
    check(user, code)
    return replace_codes(user)


@transaction.atomic
def replace_codes(user: User) -> list[str]:
    codes = new_codes()
    SecondFactor.objects.filter(user=user).update(recovery_codes=digests(codes))
    audit.record("account.recovery_codes_renewed", user, by=user)
    return codes


def give_up(user: User, code: str) -> None:
    """Remove the own second factor, for a right code: to set up another telephone, or as a resident who wants none."""
    check(user, code)
    remove(user, by=user)


@transaction.atomic
def remove(user: User, *, by: User, reason: str = "") -> None:
    """Remove it and sign the person out everywhere; who must have one sets it up at the next sign-in.

    Whether `by` may do this was decided before: by a right code (give_up), or by portal/administering.py.
    """
    if not SecondFactor.objects.filter(user=user).delete()[0]:
        raise NotAllowed(_("No second factor is set up for this account."))
    user.sessions_ended += 1
    user.save(update_fields=["sessions_ended"])
    audit.record("account.second_factor_removed", user, by=by, after={"reason": reason} if reason else None)


def new_codes() -> list[str]:
    """Eight letters each, 39 bits, with a dash to read by."""
    words = ["".join(secrets.choice(LETTERS) for _n in range(8)) for _m in range(RECOVERY_CODES)]
    return [f"{word[:4]}-{word[4:]}" for word in words]


def plain(code: str) -> str:
    """As people type it: blanks and dashes do not count, nor do capitals."""
    return "".join(code.replace("-", "").split()).lower()


def digests(codes: list[str]) -> list[str]:
    return [digest(plain(code)) for code in codes]


def state_of(user: User) -> dict[str, Any]:
    """What the own page and the API tell about it."""
    factor = SecondFactor.objects.filter(user=user).first()
    return {
        "set_up": factor is not None,
        "set_at": factor.set_at if factor else None,
        "recovery_codes_left": len(factor.recovery_codes) if factor else 0,
        "required": settings.SECOND_FACTOR and user.holds_office,
    }
