"""Signing in (登录): name and password, then the second factor of whoever needs it, then a session with a new id.

Between the two steps a person is a stranger to every page: the session only remembers who may try a code.
"""

import time

from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from portal import audit, lockout, second_factor
from portal.api_throttles import forgive
from portal.errors import NotAllowed, PortalError
from portal.models import User

PENDING, PENDING_SECONDS = "pending", 15 * 60
BACKEND = "django.contrib.auth.backends.ModelBackend"


class WrongCredentials(PortalError):
    code = "credentials"


def check_password(request: HttpRequest, username: str, password: str) -> User:
    """The person; one answer for every way in which name or password can be wrong."""
    lockout.refuse_guessed(request, username)
    user = auth.authenticate(request, username=username, password=password)
    lockout.refuse_locked(request, username)
    if user is None:
        raise WrongCredentials(_("User name or password is wrong."))
    lockout.forget_failures(username, lockout.client_address(request))
    forgive(request)
    return user


def check_at_once(request: HttpRequest, username: str, password: str, code: str) -> User:
    """For programs: name, password and, of whoever needs one, the code in one request."""
    user = check_password(request, username, password)
    if not second_factor.is_asked_of(user):
        return user
    if not second_factor.has_one(user):
        raise NotAllowed(
            _("Your role needs a second factor. Set it up on the sign-in page, or through account/second-factor/begin/."),
            code="second_factor",
        )  # fmt: skip
    if not code:
        raise second_factor.CodeNeeded(_("Send the code of your second factor as well."))
    second_factor.check(user, code)
    return user


def wait_for_code(request: HttpRequest, user: User, back: str) -> None:
    """Remember who has given the right password; the session gets a new id, so that nobody waits in it."""
    request.session.flush()
    offer = "" if second_factor.has_one(user) else second_factor.begin(user)
    request.session[PENDING] = {
        "user": user.pk, "hash": user.get_session_auth_hash(), "at": time.time(), "back": back, "offer": offer,
    }  # fmt: skip


def who_waits(request: HttpRequest) -> User | None:
    """Who gave the right password a moment ago, if nothing has changed about the account since."""
    pending = request.session.get(PENDING)
    if not pending or time.time() - pending["at"] > PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    return user if user and constant_time_compare(pending["hash"], user.get_session_auth_hash()) else None


@transaction.atomic
def open_session(request: HttpRequest, user: User, *, by_code: bool) -> None:
    """Sign in for this browser: a new session id (Django's login), and the marks portal/sessions.py looks at."""
    request.session.pop(PENDING, None)
    auth.login(request, user, backend=BACKEND)
    request.session["began"] = request.session["seen"] = time.time()
    request.session["by_code"] = by_code
    audit.record("account.signed_in", user, by=user, after={"second_factor": by_code})
