"""Joining with the code of a household (凭户码加入): an account without an office in between, known to be of the village.

A wrong, an ended, an old and a used-up code get one answer, so that guessing teaches nothing.
"""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import joining, people
from portal.api_throttles import AllCodesThrottle, CodeThrottle, forgive
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError, TooMany
from portal.models import User
from villages.household_codes import digests_of, read
from villages.models import HouseholdCode, HouseholdMember

_after_joining: list[Callable[[User], None]] = []


class WrongCode(PortalError):
    """One answer for every way in which a code can be no use."""

    code = "household_code"


def when_joined(function: Callable[[User], None]) -> Callable[[User], None]:
    """Register what else happens in the transaction by which an account comes to a household: what waited for it is let out."""
    _after_joining.append(function)
    return function


def holding(text: str, *, locked: bool = False) -> HouseholdCode:
    """The code somebody typed or scanned, if it opens an account today."""
    code = read(text)
    rows = HouseholdCode.objects.filter(
        digest__in=digests_of(code), ended_at=None, valid_to__gte=timezone.localdate()
    ).select_related("household__village")
    found = (rows.select_for_update(of=("self",)) if locked else rows).first() if code else None
    if found is None or found.uses >= settings.HOUSEHOLD_CODE_ACCOUNTS:
        raise WrongCode(
            _("This code opens no account. Please compare each character with your slip. If it is right, the code is used up or "
              "has been replaced: ask your village committee for a new one.")
        )  # fmt: skip
    return found


@transaction.atomic
def join(code: str, *, password: str, nickname: str = "", agreed: bool = False) -> User:
    """Open an account with a household's code: a resident of its village, invited by it."""
    found = holding(code, locked=True)
    village = found.household.village_id
    user = joining.open_resident(division_code=village, password=password, nickname=nickname, agreed=agreed)
    return settle(user, found)


@transaction.atomic
def add(code: str, *, by: User, agreed: bool = False) -> User:
    """Add a household to the account one has: it is a resident of that village from now on."""
    if not agreed:
        raise PortalError(_("Please agree first that these data are kept."), code="agreed")
    user = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    found = holding(code, locked=True)
    if HouseholdMember.objects.filter(user=user).exists():
        raise Conflict(
            _("Your account belongs to a household already. You can take it out on the page “My data” and then add another one."),
            code="member",
        )  # fmt: skip
    joining.make_resident(user, found.household.village_id)
    return settle(user, found)


def settle(user: User, code: HouseholdCode) -> User:
    member = HouseholdMember.objects.create(user=user, household=code.household, code=code)
    HouseholdCode.objects.filter(pk=code.pk).update(uses=F("uses") + 1)
    record("household.joined", member, by=user, after={"village": code.household.village_id})
    for function in _after_joining:
        function(user)
    return user


@transaction.atomic
def leave(user: User, *, by: User) -> None:
    """Take the household out of one's account, as easily as it was added; the account and what it said stay. The code opens no
    other account in its place."""
    if by.pk != user.pk:
        raise NotAllowed(_("Only the person can do this."))
    member = HouseholdMember.objects.select_for_update().filter(user=user).first()
    if member is None:
        raise Conflict(_("Your account belongs to no household."), code="no_member")
    record("household.left", member, by=by, after={"village": member.household.village_id})
    member.delete()


def tried(request: HttpRequest, text: str) -> HouseholdCode:
    """The code that came with a request, if it opens an account. Those that open none are counted, by address and all together."""
    if not all(throttle.count(request) for throttle in (CodeThrottle(), AllCodesThrottle())):
        raise TooMany(
            _("Too many wrong codes were tried. Please wait some minutes and try again; your code stays good.")
        )
    found = holding(text)
    forgive(request)
    return found


@people.when_erased
def forget_household(user: User) -> None:
    """Who closes the account belongs to no household here any more."""
    HouseholdMember.objects.filter(user=user).delete()
