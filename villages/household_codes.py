"""Household codes (户码): printed for each household, by which its people open accounts of their own: identity of the first grade.

A code is eleven characters, ten drawn and one that checks them. Only a keyed digest is kept: who reads the database cannot use
it, and a lost slip is replaced by a new code, which ends the one before.
"""

import datetime
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.models import User
from portal.people import VERIFIERS
from portal.rules import has_role
from portal.sealing import digest, digests
from portal.templatetags.portal import day
from villages.models import Household, HouseholdCode, Village

ALPHABET = "23456789ABCDEFGHJKMNPQRTUVWXY"
"""29 letters and figures: none of 0 O, 1 I L, and S and Z, which are read as 5 and 2"""
DRAWN = 10
"""characters drawn at random: 29^10, 48 bits"""
GROUPS = (4, 4, 3)
MISREAD = str.maketrans({"S": "5", "Z": "2"})
DAYS, DAYS_AFTER_NOTICE, MOST_DAYS = 180, 30, 400
MOST_AT_ONCE = 600


@dataclass(frozen=True)
class Open:
    """A plan of a village that residents can comment on now, with the last day of its notice."""

    name: str
    closes_on: datetime.date


@dataclass(frozen=True)
class Slip:
    """What is printed for a household: the only place where its code stands."""

    household: Household
    code: str
    valid_to: datetime.date

    @property
    def address(self) -> str:
        # the host comes from the settings: a forged Host header must not be printed for a whole village
        return urljoin(settings.SITE_URL, reverse("join-code", args=[self.code]))


_open_plans: list[Callable[[Village], Open | None]] = []


def knows_open_plan(function: Callable[[Village], Open | None]) -> Callable[[Village], Open | None]:
    """Register who knows the plan that is open for comment: plans are known one layer above."""
    _open_plans.append(function)
    return function


def open_plan(village: Village) -> Open | None:
    """The plan slips are printed for, if one is in public notice."""
    return next((found for function in _open_plans if (found := function(village))), None)


# --- the characters


def new_code() -> str:
    drawn = "".join(secrets.choice(ALPHABET) for _n in range(DRAWN))
    return drawn + check_character(drawn)


def check_character(drawn: str) -> str:
    """Finds every single wrong character and every two that changed places: weights and 29 have no common divisor."""
    return ALPHABET[sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(drawn, 1)) % len(ALPHABET)]


def grouped(code: str) -> str:
    """K7MP-3WQH-D9X: as it is printed and read out."""
    parts, rest = [], code
    for length in GROUPS:
        parts, rest = [*parts, rest[:length]], rest[length:]
    return "-".join(parts)


def read(text: str) -> str:
    """A code as somebody typed it, small letters and signs between allowed; empty if it cannot be one."""
    signs = "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum()).translate(MISREAD)
    right = len(signs) == DRAWN + 1 and set(signs) <= set(ALPHABET) and check_character(signs[:DRAWN]) == signs[DRAWN]
    return signs if right else ""


def digest_of(code: str) -> str:
    return digest(f"household code {code}")


def digests_of(code: str) -> list[str]:
    """By all keys: a code lives on while the key it was made with is kept."""
    return digests(f"household code {code}")


# --- making and ending


def may_make(user: User, village_code: str) -> bool:
    """The committee of the village and its township, who also verify identities."""
    return has_role(user, VERIFIERS, village_code)


def last_day(village: Village) -> datetime.date:
    """Until when new codes hold if nobody says otherwise: some weeks longer than the notice of the plan, or half a year."""
    found = open_plan(village)
    if found:
        return found.closes_on + datetime.timedelta(days=DAYS_AFTER_NOTICE)
    return timezone.localdate() + datetime.timedelta(days=DAYS)


@transaction.atomic
def make(
    village: Village, *, by: User, households: Iterable[int] | None = None, missing: bool = False,
    valid_to: datetime.date | None = None,
) -> list[Slip]:  # fmt: skip
    """New codes for households (all, those chosen, or only those `missing` one); the ones before end. Nothing keeps what it
    returns: it has to be printed at once."""
    check(village, by)
    today = timezone.localdate()
    valid_to = valid_to or last_day(village)
    if not today <= valid_to <= today + datetime.timedelta(days=MOST_DAYS):
        raise PortalError(
            _("The codes must hold until a day between today and %(last)s.")
            % {"last": day(today + datetime.timedelta(days=MOST_DAYS))},
            code="valid_to",
        )
    rows = village.household_rows.select_for_update().order_by("number")
    if households is not None:
        rows = rows.filter(pk__in=list(households))
    if missing:
        rows = rows.exclude(codes__in=HouseholdCode.objects.filter(ended_at=None, valid_to__gte=today))
    chosen = list(rows)
    if not chosen:
        raise Conflict(
            _("There is no household to make a code for. Hand in the table of households first, or choose some."),
            code="no_households",
        )
    if len(chosen) > MOST_AT_ONCE:
        raise Conflict(
            _("At most %(most)d codes are made at once, and these are %(count)d. Choose some of them.")
            % {"most": MOST_AT_ONCE, "count": len(chosen)},
            code="many",
        )
    slips = [Slip(household, new_code(), valid_to) for household in chosen]
    HouseholdCode.objects.filter(household__in=chosen, ended_at=None).update(ended_at=timezone.now())
    HouseholdCode.objects.bulk_create(
        HouseholdCode(household=s.household, digest=digest_of(s.code), made_by=by, valid_to=valid_to) for s in slips
    )
    record("household_codes.made", village, by=by, after={"households": len(slips), "valid_to": valid_to})
    return slips


@transaction.atomic
def end(household: Household, *, by: User) -> None:
    """A code that is lost or in wrong hands opens no account any more; accounts opened with it stay."""
    check(household.village, by)
    if not HouseholdCode.objects.filter(household=household, ended_at=None).update(ended_at=timezone.now()):
        raise Conflict(_("This household has no code that holds."), code="no_code")
    record("household_code.ended", household.village, by=by, after={"household": household.number})


def check(village: Village, by: User) -> None:
    if not may_make(by, village.code):
        raise NotAllowed(_("Only the village committee and the township make codes for households."))


# --- looking


def households(village: Village) -> QuerySet[Household]:
    """Households with the code that holds, and how many accounts were opened and verified; nobody is named."""
    holding = HouseholdCode.objects.filter(household__village=village, ended_at=None)
    verified = Q(members__user__person__verified_at__isnull=False)
    rows = village.household_rows.annotate(
        accounts=Count("members", distinct=True), verified=Count("members", filter=verified, distinct=True)
    )
    return rows.order_by("number").prefetch_related(Prefetch("codes", holding, to_attr="holding"))


def as_row(household: Household) -> dict[str, Any]:
    """What the list says of a household."""
    code = household.holding[0] if household.holding else None
    return {
        "id": household.pk, "number": household.number, "accounts": household.accounts, "verified": household.verified,
        "made_at": code and code.made_at, "valid_to": code and code.valid_to,
        "holds": bool(code and code.valid_to >= timezone.localdate()),
        "used_up": bool(code and code.uses >= settings.HOUSEHOLD_CODE_ACCOUNTS),
    }  # fmt: skip


@transaction.atomic
def look(village: Village, *, by: User) -> QuerySet[Household]:
    """The list of households, for who may make codes; who has looked is on the record, as with everything about people."""
    check(village, by)
    record("households.seen", village, by=by)
    return households(village)
