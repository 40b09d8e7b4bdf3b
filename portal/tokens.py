"""Access tokens for programs (访问令牌): shown once, kept as a digest, over when anything about their person changes."""

import datetime
import hashlib
import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from portal import audit
from portal.models import AccessToken, User

LIFE = datetime.timedelta(days=90)


def fingerprint(token: str) -> str:
    """What is kept of a token of 160 bits or more: nobody gets back from it."""
    return hashlib.sha256(token.encode()).hexdigest()


class AccessTokenAuthentication(TokenAuthentication):
    """“Authorization: Token …”, as in rest_framework, but against our digests."""

    def authenticate_credentials(self, key: str) -> tuple[User, AccessToken]:
        """The person, if nothing about password, roles or rights has changed since the token was given out."""
        token = AccessToken.objects.select_related("user").filter(digest=fingerprint(key)).first()
        if token is None or not holds(token):
            raise AuthenticationFailed(_("This token does not hold any more. Ask for a new one."))
        return token.user, token


def holds(token: AccessToken) -> bool:
    user = token.user
    unchanged = constant_time_compare(token.holds_for, user.get_session_auth_hash())
    return user.is_active and unchanged and token.expires_at > timezone.now()


@transaction.atomic
def issue(user: User) -> str:
    """A new token; name, password and code were checked before (portal/signing_in.py)."""
    key = secrets.token_hex(20)
    AccessToken.objects.filter(user=user, expires_at__lte=timezone.now()).delete()
    AccessToken.objects.create(
        user=user, digest=fingerprint(key), holds_for=user.get_session_auth_hash(), expires_at=timezone.now() + LIFE
    )
    audit.record("account.token_given", user, by=user, after={"days": LIFE.days})
    return key
