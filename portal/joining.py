"""A resident's account that somebody opens without an office: a user name that is easy to write down, a password, a role."""

import secrets

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal import nicknames, passwords
from portal.audit import record
from portal.errors import PortalError
from portal.models import Membership, Role, User
from portal.models.accounts import JOINED
from portal.people import EDITION

DIGITS, TRIES = 7, 20


@transaction.atomic
def open_resident(*, division_code: str, password: str, nickname: str, agreed: bool) -> User:
    """Make an account with the role of a resident in a village, for somebody who has agreed to what is kept."""
    if not agreed:
        raise PortalError(_("Please agree first that these data are kept."), code="agreed")
    nickname = nicknames.checked(nickname, [division_code]) if nickname.strip() else ""
    user = named_account(password, nickname)
    Membership.objects.create(user=user, role=Role.RESIDENT, division_code=division_code)
    said = {"division": division_code, "edition": EDITION, "nickname": bool(nickname)}
    record("account.joined", user, by=user, after=said)
    return user


def named_account(password: str, nickname: str) -> User:
    """An account under a free name: `cun` (村) and seven figures, drawn so that names of neighbours say nothing of each other."""
    for _try in range(TRIES):
        username = f"{JOINED}{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        passwords.checked(password, User(username=username))
        try:
            with transaction.atomic():
                return User.objects.create_user(username, password=password, nickname=nickname)
        except IntegrityError:
            continue
    raise PortalError(_("No account could be opened just now. Please try again."), code="busy")


def make_resident(user: User, division_code: str) -> None:
    """Give an account that is there the role of a resident in a village, if it has not got it."""
    Membership.objects.get_or_create(user=user, role=Role.RESIDENT, division_code=division_code, department="")
    user.__dict__.pop("_active_memberships", None)
