"""Passwords (密码): which are too weak, how one is changed, and the one-time link by which a forgotten one is set anew."""

import datetime
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import administering, audit, lockout, notify, people
from portal.errors import NotAllowed, PortalError
from portal.models import OneTimeLink, User
from portal.tokens import fingerprint

LINK_LIFE = datetime.timedelta(minutes=15)
SLIP_LIFE = datetime.timedelta(days=1)
"""long enough to carry a slip home and ask a grandchild"""
WORDS = Path(__file__).resolve().parent / "data" / "local_words.txt"
LOOKALIKES = str.maketrans("@4301!$5", "aaeoliss")
ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn")


class LocalPasswords:
    """Refuses what an outsider would try first here: names of the place, of the portal and of the account, digits, keys in a row."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError if nothing is left of the password once known words, digits and signs are taken away."""
        if is_guessable(password, own_words(user)):
            raise ValidationError(
                _("This password is made of names, words or keys that are tried first. Use four words that have nothing to do with your office."),
                code="password_local",
            )  # fmt: skip

    def get_help_text(self) -> str:
        return _("Not the name of a place, of the portal or of yourself, nor keys in a row.")


@lru_cache(maxsize=1)
def local_words() -> frozenset[str]:
    lines = [line for line in WORDS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return frozenset(word for line in lines for word in line.split())


def own_words(user: User | None) -> set[str]:
    """The account's name and the person's."""
    names = [user.username, user.full_name, user.first_name, user.last_name] if user else []
    return {part for name in names for part in re.split(r"[\W\d_]+", name.lower()) if len(part) > 1}


def is_guessable(password: str, own: set[str]) -> bool:
    """True if fewer than four signs are left of it that no known word explains, or it is few signs over and over."""
    plain = password.lower()
    if len(set(plain)) < 5:
        return True
    known = sorted({*local_words(), *own}, key=len, reverse=True)
    return any(unexplained(form, known) < 4 for form in (plain, plain.translate(LOOKALIKES)))


def unexplained(text: str, known: list[str]) -> int:
    """How many letters remain without known words (longest first), runs of keys, digits and signs."""
    for word in known:
        text = text.replace(word, " ")
    for row in (*ROWS, *(row[::-1] for row in ROWS)):
        for length in range(len(row), 3, -1):
            for start in range(len(row) - length + 1):
                text = text.replace(row[start : start + length], " ")
    return len(re.sub(r"[\W\d_]", "", text))


class PasswordRefused(PortalError):
    code = "password"


def checked(password: str, user: User) -> str:
    """The password, if it is strong enough; all reasons in one error if not."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordRefused(" ".join(error.messages), data={"fields": {"password": error.messages}}) from error
    return password


@transaction.atomic
def change(user: User, old: str, new: str) -> None:
    """Change the own password. Sessions and tokens end by it (User.get_session_auth_hash)."""
    if not user.check_password(old):
        raise PasswordRefused(
            _("The present password is not right."), data={"fields": {"old": [_("The present password is not right.")]}}
        )
    user.set_password(checked(new, user))
    user.save(update_fields=["password"])
    audit.record("account.password_changed", user, by=user)


@transaction.atomic
def make_link(user: User, *, by: User) -> str:
    """A link for a person who forgot the password, to be handed over by voice or on paper; older ones end."""
    administering.check(by, user)
    audit.record("account.link_made", user, by=by, after={"minutes": 15})
    return fresh_link(user, by, timezone.now() + LINK_LIFE)


@dataclass(frozen=True)
class PasswordSlip:
    """What is printed for a resident who forgot the password (设新密码的纸条): the only place where the link stands."""

    username: str
    link: str
    until: datetime.datetime


@transaction.atomic
def make_slip(user: User, *, by: User) -> PasswordSlip:
    """A link on a slip of paper, by the committee or township of the village of a resident who stands before them; older
    links end, and the account is told."""
    people.meets(by, user)
    if user.holds_office:
        raise NotAllowed(_("This account holds an office: its administrator helps when the password is forgotten."))
    until = timezone.now() + SLIP_LIFE
    audit.record("account.slip_made", user, by=by, after={"hours": 24})
    notify.tell([user], "password_slip", url=reverse("me"), once=f"password-slip:{until.isoformat()}")
    return PasswordSlip(user.username, fresh_link(user, by, until), until)


def fresh_link(user: User, by: User, until: datetime.datetime) -> str:
    """A new one-time link; those before end."""
    OneTimeLink.objects.filter(user=user).usable().update(expires_at=timezone.now())
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(user=user, digest=fingerprint(token), made_by=by, expires_at=until)
    # The host comes from the settings: a forged Host header must not lead a person elsewhere.
    return urljoin(settings.SITE_URL, reverse("password-new", args=[token]))


def holder_of(token: str) -> User:
    """Whose link it is; one answer for a wrong, an old and a used one."""
    link = OneTimeLink.objects.usable().select_related("user").filter(digest=fingerprint(token)).first()
    if link is None or not link.user.is_active:
        raise link_ended()
    return link.user


@transaction.atomic
def use_link(token: str, new: str) -> User:
    """Set a new password by a link; it is used up in the same moment, whoever else holds it."""
    user = holder_of(token)
    checked(new, user)
    if not OneTimeLink.objects.usable().filter(digest=fingerprint(token)).update(used_at=timezone.now()):
        raise link_ended()
    user.set_password(new)
    user.save(update_fields=["password"])
    lockout.forget_failures(user.username)
    audit.record("account.password_set_by_link", user, by=user)
    return user


def link_ended() -> PortalError:
    error = PortalError(
        _("This link does not hold any more. Ask whoever gave it to you for a new one; it counts once."),
        code="link",
    )
    error.status = 404
    return error
