"""Nicknames (前台昵称): what the public reads in place of the real name, if a person wants it so. Officials have none."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit import record
from portal.errors import Conflict, PortalError, TooMany
from portal.folding import fold
from portal.models import AuditEntry, Membership, Role, User

LEAST, MOST = 2, 20
WORDS = Path(__file__).resolve().parent / "data" / "office_words.txt"
# a telephone or identity number would be published by it
MANY_DIGITS = re.compile(r"(\d\D?){7}")
NO_OFFICE = (Role.RESIDENT, Role.ENTERPRISE)
_refused: list[Callable[[str, str], bool]] = []


def also_refused(function: Callable[[str, str], bool]) -> Callable[[str, str], bool]:
    """Register what else is refused: higher apps know more words. It is asked with the nickname and a division's code."""
    _refused.append(function)
    return function


@lru_cache(maxsize=1)
def office_words() -> frozenset[str]:
    lines = [line for line in WORDS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return frozenset(plain(word) for line in lines for word in line.split())


def plain(text: str) -> str:
    """Folded; a 1 may stand for an i as well as for an l."""
    return fold(text).replace("i", "l")


def checked(nickname: str, division_codes: Iterable[str], *, of: User | None = None) -> str:
    """The nickname, if it may stand in front in these divisions; PortalError says what is wrong with it."""
    name = " ".join("".join(sign for sign in nickname if sign.isprintable()).split())
    folded = plain(name)
    if not LEAST <= len(name) <= MOST or len(folded) < LEAST:
        raise PortalError(
            _("Please write a nickname of %(least)d to %(most)d characters, with letters in it.")
            % {"least": LEAST, "most": MOST},
            code="nickname",
        )
    if MANY_DIGITS.search(name):
        raise PortalError(_("A nickname is public: please do not write a number of yours into it."), code="nickname")
    codes = list(division_codes)
    if any(word in folded for word in office_words()) or any(named_like_an_official(folded, code) for code in codes):
        raise PortalError(
            _("This nickname could be taken for an office or an official. Please choose another one."), code="nickname"
        )
    if any(refuses(name, code) for refuses in _refused for code in codes):
        raise PortalError(_("This nickname cannot be used. Please choose another one."), code="nickname")
    if any(taken(folded, code, of) for code in codes):
        raise PortalError(_("Somebody of your village has this nickname. Please choose another one."), code="nickname")
    return name


def named_like_an_official(folded: str, division_code: str) -> bool:
    """Whether it is the real name of somebody who holds an office over the division."""
    above = {division_code[:length].ljust(12, "0") for length in (2, 4, 6, 9, 12)}
    offices = Membership.objects.active().filter(division_code__in=above).exclude(role__in=NO_OFFICE)
    return any(
        row.user.full_name and plain(row.user.full_name) == folded for row in offices.select_related("user").iterator()
    )


def taken(folded: str, division_code: str, of: User | None) -> bool:
    """Whether another resident of the village has it."""
    others = User.objects.exclude(nickname="").filter(
        memberships__role=Role.RESIDENT, memberships__division_code=division_code, is_active=True
    )
    names = others.exclude(pk=of.pk if of else None).values_list("nickname", flat=True)
    return any(plain(name) == folded for name in names.iterator())


@transaction.atomic
def choose(nickname: str, *, by: User) -> None:
    """Set or change the own nickname, once a day."""
    user = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if user.holds_office:
        raise Conflict(_("You hold an office: what you write stands under your name."), code="office")
    nickname = checked(nickname, {m.division_code for m in user.active_memberships()}, of=user)
    if nickname == user.nickname:
        return
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    if AuditEntry.objects.filter(actor=user, verb="nickname.chosen", at__gte=midnight).exists():
        raise TooMany(
            _("You have changed your nickname today. You can change it again tomorrow."), code="nickname_today"
        )
    keep(user, nickname, by, "nickname.chosen")


@transaction.atomic
def clear(*, by: User) -> None:
    """Go without a nickname: the real name stands there again, masked."""
    user = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if user.nickname:
        keep(user, "", by, "nickname.cleared")


def keep(user: User, nickname: str, by: User, verb: str) -> None:
    user.nickname = by.nickname = nickname
    user.save(update_fields=["nickname"])
    record(verb, user, by=by)
