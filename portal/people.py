"""Personal data of people with an account (个人信息): given with consent, verified, looked at with a purpose, taken out, erased.

What people said about plans stays: it belongs to the record of the plan, without their name once they have erased it.
"""

import datetime
import re
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import id_numbers, kept, lockout, notify
from portal.api_throttles import LoginThrottle
from portal.audit import account, record
from portal.errors import Conflict, NotAllowed, PortalError, TooMany
from portal.models import AuditEntry, Consent, Person, Role, SecondFactor, User
from portal.models.accounts import ERASED
from portal.rules import AUDITORS, prefixes
from portal.sealing import digest, digests, masked

EDITION = "2026-11"  # of the words a person agrees to (docs/privacy.md)
VERIFIERS = (Role.COMMITTEE, Role.TOWNSHIP)
LOOKS, LOOKS_WITHIN = 200, datetime.timedelta(minutes=5)
PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)
IDENTITY = ("full_name", "phone", "id_number", "address")


class WrongPassword(PortalError):
    code = "password"


class LookFor(models.TextChoices):
    """For which purposes staff may look at somebody's data."""

    VERIFY = "verify", gettext_lazy("to verify the identity")
    CONTACT = "contact", gettext_lazy("to call back about a comment")
    ASKED = "asked", gettext_lazy("because the person asks for it")
    AUTHORITY = "authority", gettext_lazy("because an authority orders it by law")
    ACCOUNTS = "accounts", gettext_lazy("to look after the account")


PURPOSES = [choice for choice in LookFor.choices if choice[0] != LookFor.ACCOUNTS]
"""purposes that staff of a village choose from; the other one is the administration's"""


def visible_to(user: User) -> QuerySet[User]:
    """Residents of the villages for which the user is committee or township."""
    mine = Q(pk__in=[])
    for prefix in prefixes(user, VERIFIERS):
        mine |= Q(division_code__startswith=prefix)
    residents = Role.RESIDENT
    codes = apps.get_model("portal", "Membership").objects.active().filter(mine, role=residents)
    return User.objects.filter(pk__in=codes.values("user"), is_active=True).select_related("person").order_by("pk")


def person_of(user: User) -> Person:
    """The row of a person's identity; an unsaved one if nothing was given."""
    return Person.objects.filter(pk=user.pk).first() or Person(user=user)


def has_agreed(user: User, purpose: str) -> bool:
    return user.consents.filter(purpose=purpose, withdrawn_at=None).exists()


@transaction.atomic
def agree(user: User, purpose: str, *, by: User, guardian: str = "") -> Consent:
    """Put a consent on record, for oneself; for a child with the name of the guardian who agrees."""
    own(user, by)
    given = user.consents.select_for_update().filter(purpose=purpose, withdrawn_at=None).first()
    if given and guardian.strip() in ("", given.guardian):
        return given
    if given:
        user.consents.filter(pk=given.pk).update(withdrawn_at=timezone.now())
    consent = Consent.objects.create(user=user, purpose=purpose, edition=EDITION, guardian=guardian.strip()[:50])
    record("consent.given", consent, by=by, after={"purpose": purpose, "edition": EDITION, "guardian": bool(guardian)})
    return consent


@transaction.atomic
def take_back(user: User, purpose: str, *, by: User) -> None:
    """Withdraw a consent; what was kept only because of it goes at once."""
    own(user, by)
    agreed = user.consents.filter(purpose=purpose, withdrawn_at=None).update(withdrawn_at=timezone.now())
    if not agreed and not (purpose == Consent.Purpose.PLACE and kept.has_places(user)):
        raise Conflict(_("You have not agreed to this, so there is nothing to take back."), code="not_given")
    record("consent.taken_back", user, by=by, after={"purpose": purpose})
    if purpose == Consent.Purpose.IDENTITY:
        forget_identity(user, by=by)
    elif purpose == Consent.Purpose.PLACE:
        kept.forget_places(user)
    elif purpose == Consent.Purpose.EMAIL:
        forget_address(user)


@transaction.atomic
def record_identity(
    user: User, *, by: User, full_name: str = "", phone: str = "", id_number: str = "", address: str = ""
) -> Person:
    """Keep or correct who somebody is; what is left empty stays. A new name or number must be verified anew."""
    own(user, by)
    consent = user.consents.filter(purpose=Consent.Purpose.IDENTITY, withdrawn_at=None).first()
    if consent is None:
        raise Conflict(_("Please agree first that these data are kept."), code="agree")
    values = {
        "full_name": named(full_name), "phone": phone_number(phone), "id_number": identity_number(id_number),
        "address": address.replace("\x00", "").strip()[:200],
    }  # fmt: skip
    if values["id_number"] and id_numbers.is_child(values["id_number"], timezone.localdate()) and not consent.guardian:
        raise PortalError(
            _("Who is under 14 needs a guardian: please name the parent or guardian who agrees."), code="guardian"
        )
    person, _new = Person.objects.select_for_update().get_or_create(user=user)
    held = {"full_name": user.full_name, **{name: getattr(person, name) for name in IDENTITY[1:]}}
    changed = [name for name in IDENTITY if values[name] and values[name] != held[name]]
    if not changed:
        return person
    user.full_name = values["full_name"] or user.full_name
    for name in IDENTITY[1:]:
        setattr(person, name, values[name] or held[name])
    if {"full_name", "id_number"} & set(changed):
        person.verified_at = person.verified_by = None
    person.erased_at = None
    keep_once(person)
    user.save(update_fields=["full_name"])
    record("person.recorded", person, by=by, after={"fields": changed})
    return person


def keep_once(person: Person) -> None:
    """Store the row; one person has one account, also when two ask at the same moment."""
    taken = Conflict(
        _(
            "An account with this identity number exists already. Please sign in with that one; if you have forgotten "
            "it, or somebody else uses your number, ask your village committee."
        ),
        code="taken",
    )
    person.id_digest = digest(person.id_number) if person.id_number else None
    others = Person.objects.exclude(pk=person.pk)
    if person.id_number and others.filter(id_digest__in=digests(person.id_number)).exists():
        raise taken
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise taken from None


def named(text: str) -> str:
    text = " ".join(text.replace("\x00", "").split())
    if len(text) > 50:
        raise PortalError(_("Please write the name in at most 50 characters."), code="full_name")
    return text


def phone_number(text: str) -> str:
    """A mobile number without the spaces and the +86 it may have been written with."""
    number = re.sub(r"[\s-]", "", text).removeprefix("+86")
    if number and not PHONE.fullmatch(number):
        raise PortalError(_("Please write a mobile number of 11 digits."), code="phone")
    return number


def identity_number(text: str) -> str:
    number = re.sub(r"\s", "", text).upper()
    if not number:
        return ""
    if not id_numbers.is_right(number) or id_numbers.born(number) > timezone.localdate():
        raise PortalError(
            _("This is not a valid identity number: please compare its 18 digits with your card."), code="id_number"
        )
    return number


@transaction.atomic
def verify_identity(user: User, *, by: User) -> Person:
    """The committee or township of the person's village has compared the data with the identity card."""
    meets(by, user)
    person = Person.objects.select_for_update(of=("self",)).filter(pk=user.pk).first()
    if person is None or not (person.id_number and user.full_name):
        raise Conflict(_("Name and identity number were not given yet."), code="not_given")
    if person.verified_at:
        raise Conflict(_("This identity is verified already."), code="verified")
    person.verified_at, person.verified_by = timezone.now(), by
    person.save(update_fields=["verified_at", "verified_by"])
    record("person.verified", person, by=by)
    for function in _after_verifying:
        function(user)
    return person


_after_verifying: list[Callable[[User], None]] = []


def when_verified(function: Callable[[User], None]) -> Callable[[User], None]:
    """Register what else happens in the transaction that verifies a person: higher apps know what waited for it."""
    _after_verifying.append(function)
    return function


@transaction.atomic
def look(user: User, *, by: User, purpose: str) -> dict[str, str]:
    """A person's data in full, for staff with a purpose; each look is on the record, and many are told to overseers."""
    meets(by, user)
    if purpose == LookFor.CONTACT and not has_agreed(user, Consent.Purpose.CONTACT):
        raise NotAllowed(_("This person has not agreed to be called. Please answer in writing on the portal."))
    person = person_of(user)
    looked(person, by=by, purpose=purpose)
    return {"full_name": user.full_name, **{name: getattr(person, name) for name in IDENTITY[1:]}}


def looked(person: Person, *, by: User, purpose: str) -> None:
    """Put a look on record; auditors and administrators are told of many."""
    record("person.seen", person, by=by, after={"purpose": LookFor(purpose).value})
    seen = AuditEntry.objects.filter(verb="person.seen", actor=by, at__gt=timezone.now() - LOOKS_WITHIN).count()
    if seen > LOOKS:
        hour = f"{timezone.localtime():%Y-%m-%d %H}"
        codes = [membership.division_code for membership in person.user.active_memberships()]
        watchers = notify.holders(AUDITORS, codes[0] if codes else "")
        notify.tell(
            watchers,
            "many_looks",
            url="/audit/?verb=person.seen",
            once=f"looks:{by.pk}:{hour}",
            who=account(by),
            looks=seen,
        )


def shown(user: User) -> dict[str, Any]:
    """What is shown of a person to who has not asked with a purpose: enough to tell two people apart."""
    person = person_of(user)
    return {
        "name": user.starred_name, "phone": masked(person.phone), "id_number": masked(person.id_number, 4),
        "address": masked(person.address, 3, 0), "verified_at": person.verified_at,
    }  # fmt: skip


def looks_at(user: User) -> QuerySet[AuditEntry]:
    """Who of the staff looked at a person's data, newest first: the person may know."""
    return AuditEntry.objects.filter(verb="person.seen", object_type="portal.Person", object_id=str(user.pk))


@transaction.atomic
def copy_of(user: User, *, by: User) -> dict[str, Any]:
    """Everything kept about a person, for the person: to read, and for another program."""
    own(user, by)
    person = person_of(user)
    record("person.exported", person, by=by)
    return {
        "account": {
            "username": user.username, "full_name": user.full_name, "nickname": user.nickname, "email": user.email,
            "joined": user.date_joined, "last_sign_in": user.last_login,
        },
        "identity": {
            "phone": person.phone, "id_number": person.id_number, "address": person.address, "email": person.email,
            "verified_at": person.verified_at,
        },
        "roles": list(user.memberships.values("role", "division_code", "department", "valid_from", "valid_to")),
        "consents": [
            {name: getattr(c, name) for name in ("purpose", "edition", "given_at", "withdrawn_at", "guardian")}
            for c in user.consents.all()
        ],
        "messages": list(user.notifications.values("kind", "values", "url", "created_at", "read_at")),
        "looks": [{"at": look.at, "by": look.actor_name, **look.after} for look in looks_at(user)],
        "acts": list(AuditEntry.objects.filter(actor=user).values("at", "verb", "object_type", "object_id")),
        **{label: kept.rows_of(user, label) for label in kept.ELSEWHERE},
    }  # fmt: skip


def erase_with_password(request: HttpRequest, password: str) -> None:
    """Erase whoever is signed in, if it is that person who sits there; guessing is as slow as at signing in."""
    user = request.user
    if not LoginThrottle().allow_request(request, None):
        raise TooMany(_("Too many attempts. Please wait a minute and try again."))
    if not user.check_password(password):
        raise WrongPassword(_("The password is wrong."))
    erase(user, by=user)


@transaction.atomic
def erase(user: User, *, by: User) -> None:
    """Close the account and take out everything that says who it was; what was said about plans stays, nameless."""
    own(user, by)
    if user.holds_office:
        raise Conflict(
            _("You hold an office, and its acts must have a name. Ask your administrator to end it first."),
            code="office",
        )
    user.consents.filter(withdrawn_at=None).update(withdrawn_at=timezone.now())
    user.consents.update(guardian="")
    forget_identity(user, by=by)
    kept.forget_places(user)
    forget_address(user)
    apps.get_model(kept.FOLLOWS).objects.filter(user=user).delete()
    lockout.forget_failures(user.username)
    for rows in (user.notifications, user.access_tokens, user.one_time_links, SecondFactor.objects.filter(user=user)):
        rows.all().delete()
    user.memberships.all().delete()
    user.username, user.email, user.first_name, user.last_name = f"{ERASED}{user.pk}", "", "", ""
    user.nickname = ""
    user.is_active, user.last_login = False, None
    user.set_unusable_password()
    user.save()
    for function in _after_erasing:
        function(user)
    record("person.erased", user, by=by)


_after_erasing: list[Callable[[User], None]] = []


def when_erased(function: Callable[[User], None]) -> Callable[[User], None]:
    """Register what else goes in the transaction that closes an account: higher apps know what they keep of a person."""
    _after_erasing.append(function)
    return function


def forget_identity(user: User, *, by: User | None) -> None:
    """Take out name, numbers and address; the name of who holds an office stays with the office."""
    blank = {"phone": "", "id_number": "", "address": "", "id_digest": None, "verified_at": None, "verified_by": None}
    Person.objects.filter(pk=user.pk).update(**blank, erased_at=timezone.now())
    if not user.holds_office:
        user.full_name = ""
        user.save(update_fields=["full_name"])
    record("person.forgotten", user, by=by)


def forget_address(user: User) -> None:
    """Take out the e-mail address; what was not sent yet stays on the page of notifications."""
    Person.objects.filter(pk=user.pk).update(email="", email_confirmed_at=None)
    user.notifications.filter(by_mail=True, mailed_at=None).update(by_mail=False)


def own(user: User, by: User) -> None:
    if by.pk != user.pk:
        raise NotAllowed(_("Only the person can do this."))


def meets(by: User, user: User) -> None:
    """Only the committee or township of the person's village, and nobody for oneself."""
    if by.pk == user.pk or not visible_to(by).filter(pk=user.pk).exists():
        raise NotAllowed(_("Only the village committee or the township of this person may do this."))
