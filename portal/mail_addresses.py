"""Where news go by e-mail (电子邮件): an address given with consent, confirmed by a link sent to it, taken back by one click.

How often and in which language a person wants mail is part of what was agreed to, and stands with the edition of the words:
"2026-11 zh daily". Choosing anew is a new consent; no consent is ever changed.
"""

import datetime
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import jobs, people
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError, TooMany
from portal.models import Consent, Person, User
from portal.sealing import digest, digests

EMAIL = Consent.Purpose.EMAIL
LINK_LIFE = datetime.timedelta(hours=24)
UNCONFIRMED_LIFE = datetime.timedelta(days=7)
ASKED_A_DAY, TO_ONE_A_DAY = 5, 3
"""letters of confirmation within a day that one person may ask for, and that one address may get, whoever asks"""
ADDRESS_CHARS = 200
CONFIRM, STOP = "portal.mail.confirm", "portal.mail.stop"
DAY = 24 * 3600


class HowOften(models.TextChoices):
    """When a person wants mail: soon after something happened, or gathered once a day."""

    AT_ONCE = "once", gettext_lazy("At once")
    DAILY = "daily", gettext_lazy("Once a day, at 8 in the morning")


@dataclass(frozen=True)
class Terms:
    """What a person agreed to besides the words: language of the mail, and how often."""

    language: str
    how_often: str


def terms_of(consent: Consent) -> Terms:
    parts = consent.edition.split()
    return Terms("en" if "en" in parts else "zh-hans", HowOften.DAILY if "daily" in parts else HowOften.AT_ONCE)


def edition_of(language: str, how_often: str) -> str:
    return f"{people.EDITION} {'en' if language == 'en' else 'zh'} {HowOften(how_often).value}"


def consent_to_mail(user: User) -> Consent | None:
    return user.consents.filter(purpose=EMAIL, withdrawn_at=None).first()


@transaction.atomic
def give_address(user: User, *, by: User, address: str, how_often: str, language: str) -> Person:
    """Keep an address together with the consent to send news there, and send a link that confirms it. TooMany: see above."""
    people.own(user, by)
    if not settings.MAIL_SET_UP:
        raise Conflict(
            _("E-mail is not set up here. What you are told stands on the page of notifications."), code="no_mail"
        )
    address = checked(address)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    check_rate(user, address)
    consent = agree_anew(user, edition_of(language, how_often))
    person, _new = Person.objects.select_for_update().get_or_create(user=user)
    person.email, person.email_confirmed_at, person.erased_at = address, None, None
    person.save(update_fields=["email", "email_confirmed_at", "erased_at"])
    record("person.address_given", person, by=by, after={"fields": ["email"]})
    jobs.start("portal.send_confirmation", by=by, consent=consent.pk)
    return person


@transaction.atomic
def choose(user: User, *, by: User, how_often: str, language: str) -> Consent:
    """Another rhythm or language for mail to an address that is confirmed."""
    people.own(user, by)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    held = consent_to_mail(user)
    if held is None or people.person_of(user).email_confirmed_at is None:
        raise Conflict(_("Please give your e-mail address first and confirm it."), code="not_given")
    edition = edition_of(language, how_often)
    return held if held.edition == edition else agree_anew(user, edition)


def agree_anew(user: User, edition: str) -> Consent:
    user.consents.filter(purpose=EMAIL, withdrawn_at=None).update(withdrawn_at=timezone.now())
    consent = Consent.objects.create(user=user, purpose=EMAIL, edition=edition)
    record("consent.given", consent, by=user, after={"purpose": EMAIL.value, "edition": edition, "guardian": False})
    return consent


def checked(address: str) -> str:
    """An address as it can be written to; what could become a second line of a header is no address."""
    address = address.strip(" ")
    wrong = PortalError(_("This is not an e-mail address: please write it like name@example.com."), code="address")
    if len(address) > ADDRESS_CHARS or not address.isprintable():
        raise wrong
    try:
        validate_email(address)
    except ValidationError:
        raise wrong from None
    return address


def check_rate(user: User, address: str) -> None:
    """Nobody fills the box of somebody else with letters of confirmation."""
    since = timezone.now() - datetime.timedelta(days=1)
    key = f"mail-confirm:{digest(address)[:24]}"
    cache.add(key, 0, timeout=DAY)
    asked = user.consents.filter(purpose=EMAIL, given_at__gt=since).count()  # choosing anew counts too
    if asked >= ASKED_A_DAY or cache.get(key, 0) >= TO_ONE_A_DAY:
        raise TooMany(
            _("Several letters were sent within a day. Please look for them, or try again tomorrow."), code="letters"
        )
    cache.incr(key)


# --- the links


def confirm_link(consent: Consent) -> str:
    """Holds a day, counts once: only while the address is not confirmed and no other one was given."""
    return absolute("mail-confirm", signing.dumps({"consent": consent.pk}, salt=CONFIRM))


def stop_token(person: Person) -> str:
    """Ends the mail to this address, whenever it is used; it lets nobody in."""
    return signing.dumps({"person": person.pk, "of": digest(person.email)[:16]}, salt=STOP)


def absolute(name: str, *arguments: Any) -> str:
    """The host comes from the settings: a forged Host header must not lead a person elsewhere."""
    return urljoin(settings.SITE_URL, reverse(name, args=arguments))


def confirmable(token: str) -> Consent:
    """The consent whose address a link confirms; one answer for a wrong, an old and a used one."""
    try:
        told = signing.loads(token, salt=CONFIRM, max_age=LINK_LIFE)
    except signing.BadSignature:
        raise link_ended() from None
    held = Consent.objects.filter(pk=told["consent"], purpose=EMAIL, withdrawn_at=None, user__is_active=True)
    waiting = Person.objects.filter(email_confirmed_at=None).exclude(email="")
    consent = held.filter(user__in=waiting.values("user")).select_related("user").first()
    if consent is None:
        raise link_ended()
    return consent


@transaction.atomic
def confirm(token: str) -> None:
    """The address belongs to whoever opened the link: from now on news go there."""
    consent = confirmable(token)
    person = Person.objects.select_for_update().get(pk=consent.user_id)
    if person.email_confirmed_at is not None or not person.email:
        raise link_ended()
    person.email_confirmed_at = timezone.now()
    person.save(update_fields=["email_confirmed_at"])
    record("person.address_confirmed", person, by=consent.user)


def stoppable(token: str) -> Person | None:
    """The person to whose address a link belongs, None if it is not kept any more. NotAllowed: no link of ours; Http404:
    nobody is there any more."""
    try:
        told = signing.loads(token, salt=STOP)
    except signing.BadSignature:
        raise link_ended() from None
    person = get_object_or_404(Person.objects.select_related("user"), pk=told["person"])
    if not person.email:
        return None
    known = any(constant_time_compare(told["of"], value[:16]) for value in digests(person.email))
    return person if known else None


def stop(token: str) -> None:
    """End the mail by the link of a letter (RFC 8058): the consent is taken back, the address goes. Twice does no harm."""
    person = stoppable(token)
    if person is None:
        return
    try:
        people.take_back(person.user, EMAIL, by=person.user)
    except Conflict:  # by another click at this moment
        return


@transaction.atomic
def forget_unconfirmed() -> int:
    """Take out addresses whose letter nobody answered for a week: they may be somebody else's."""
    old = Consent.objects.filter(purpose=EMAIL, withdrawn_at=None, given_at__lt=timezone.now() - UNCONFIRMED_LIFE)
    rows = list(
        old.filter(user__person__email_confirmed_at=None).select_related("user").select_for_update(of=("self",))
    )
    for consent in rows:
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=timezone.now())
        people.forget_address(consent.user)
        record("person.address_forgotten", consent.user, by=None)
    return len(rows)


def link_ended() -> NotAllowed:
    return NotAllowed(
        _("This link does not hold any more. Sign in and open “My data” to give your address or take it back."),
        code="link",
    )


# --- what is shown


def masked_address(address: str) -> str:
    """l***@example.com"""
    name, _at, host = address.partition("@")
    return f"{name[:1]}***@{host}" if host else ""


def shown(user: User) -> dict[str, Any]:
    """What the page of one's own data says of mail."""
    person, consent = people.person_of(user), consent_to_mail(user)
    terms = terms_of(consent) if consent else Terms("zh-hans", HowOften.AT_ONCE)
    return {
        "set_up": settings.MAIL_SET_UP, "address": masked_address(person.email) if consent else "",
        "confirmed_at": person.email_confirmed_at, "how_often": str(terms.how_often), "language": terms.language,
    }  # fmt: skip
