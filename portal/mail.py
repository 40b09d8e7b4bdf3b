"""Letters (电子邮件): what people were told and want by e-mail too, one letter for each person and run; and the confirmation.

A letter says what the page of notifications says, without names, reasons or words of people: mail is read by others on its way.
"""

import hashlib
import logging
import smtplib
import time
from collections import Counter
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Min
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal import mail_addresses, notify
from portal.mail_addresses import EMAIL, HowOften
from portal.models import Consent, Notification, Person

logger = logging.getLogger(__name__)

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAILY_HOUR = 8
ROWS = 50
"""messages in one letter; more go with the next run"""
RUN_SECONDS = 480
"""a run ends before Celery's limit; the next one goes on"""
FIRST_WAIT, LONGEST_WAIT = 600, 4 * 3600
"""seconds without a try after a fault: doubled with each further one"""
TROUBLE = (smtplib.SMTPException, OSError)
NOT_IN_MAIL = {
    "who": gettext_lazy("Somebody"),
    "reason": gettext_lazy("the reason stands on the portal"),
    "area": gettext_lazy("your area"),
}
"""values that a person wrote or that name one, and what a letter says in their place"""


def send_due(now: datetime) -> Counter:
    """Send what is due; how many letters went and how many did not. A server that does not answer is left alone for a while."""
    done: Counter = Counter()
    if not settings.MAIL_SET_UP or cache.get("mail-rests:server"):
        return done
    until, connection = time.monotonic() + RUN_SECONDS, get_connection()
    with timezone.override(SHANGHAI):
        for number in due(now):
            if time.monotonic() > until:
                break
            if cache.get(f"mail-rests:{number}"):
                continue
            try:
                connection.open()  # one line for all letters
                done["sent"] += send_to(number, connection, now)
                rested("server")
            except smtplib.SMTPRecipientsRefused:
                rest(str(number))
                done["refused"] += 1
            except TROUBLE as error:
                logger.warning("the mail server does not take letters: %s", type(error).__name__)
                rest("server")
                done["failed"] += 1
                break
    close(connection)
    return done


def close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except TROUBLE:
        logger.info("the line to the mail server was gone already")


def rest(whom: str) -> None:
    """No further try for a while, twice as long as after the fault before."""
    wait = min(cache.get(f"mail-waits:{whom}", FIRST_WAIT // 2) * 2, LONGEST_WAIT)
    cache.set(f"mail-waits:{whom}", wait, 2 * LONGEST_WAIT)
    cache.set(f"mail-rests:{whom}", True, wait - 30)  # the scheduler comes by every ten minutes, not to the second


def rested(whom: str) -> None:
    cache.delete(f"mail-waits:{whom}")


def due(now: datetime) -> list[int]:
    """People for whom a letter is due, who waited longest first."""
    waiting = Notification.objects.filter(by_mail=True, mailed_at=None, user__is_active=True).order_by()
    first = dict(waiting.values_list("user").annotate(first=Min("created_at")))
    consents = Consent.objects.filter(user__in=first, purpose=EMAIL, withdrawn_at=None)
    how_often = {consent.user_id: mail_addresses.terms_of(consent).how_often for consent in consents}
    morning = timezone.localtime(now, SHANGHAI).replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)

    def is_due(number: int) -> bool:
        return how_often.get(number) != HowOften.DAILY or first[number] < morning <= now

    return sorted(filter(is_due, first), key=lambda number: first[number])


@transaction.atomic
def send_to(number: int, connection: BaseEmailBackend, now: datetime) -> int:
    """One letter with all that one person is to get, marked as sent together with its going out: 1, or 0 if there is none.

    The row of the person is held meanwhile: of two senders at once one goes on to the next person.
    """
    people = Person.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).select_related("user")
    person = people.filter(pk=number).first()
    waiting = Notification.objects.filter(user=number, by_mail=True, mailed_at=None)
    if person is None:
        return 0
    waiting.filter(read_at__isnull=False).update(by_mail=False)  # known already
    consent = mail_addresses.consent_to_mail(person.user)
    if consent is None or person.email_confirmed_at is None or not person.email:
        waiting.update(by_mail=False)
        return 0
    rows = list(waiting.order_by("id")[:ROWS])
    if not rows:
        return 0
    letter = news_letter(person, consent, rows)
    letter.connection = connection
    letter.send()
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=now)
    return 1


def news_letter(person: Person, consent: Consent, rows: list[Notification]) -> EmailMultiAlternatives:
    """What a person was told, in the language chosen for mail."""
    token = mail_addresses.stop_token(person)
    told = "-".join(str(row.pk) for row in rows)
    headers = {
        # the same letter has the same name, should a server that took it have said that it did not
        "Message-ID": f"<{hashlib.sha256(told.encode()).hexdigest()[:32]}@{urlsplit(settings.SITE_URL).hostname}>",
        "List-Unsubscribe": f"<{mail_addresses.absolute('api-mail-stop', token)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    with translation.override(mail_addresses.terms_of(consent).language):
        subject = ngettext(
            "%(count)d message from the Village Planning Portal", "%(count)d messages from the Village Planning Portal", len(rows)
        ) % {"count": len(rows)}  # fmt: skip
        context = {
            "news": [(words(row), urljoin(settings.SITE_URL, row.url or "/notifications/")) for row in rows],
            "stop": mail_addresses.absolute("mail-stop", token), "all": mail_addresses.absolute("notifications"),
        }  # fmt: skip
        return letter_to(person, subject, "news", context, headers)


def words(row: Notification) -> str:
    """The sentence of a notification as a letter may say it."""
    return notify.words(row, instead={name: str(text) for name, text in NOT_IN_MAIL.items()})


def confirmation(consent: Consent) -> None:
    """Send the link that confirms an address, if it still waits for that."""
    person = Person.objects.filter(pk=consent.user_id, email_confirmed_at=None).exclude(email="").first()
    if person is None or consent.withdrawn_at is not None:
        return
    with translation.override(mail_addresses.terms_of(consent).language):
        subject = _("Please confirm your e-mail address")
        letter_to(person, subject, "confirm", {"link": mail_addresses.confirm_link(consent)}, {}).send()


def letter_to(
    person: Person, subject: str, template: str, context: dict[str, Any], headers: dict[str, str]
) -> EmailMultiAlternatives:
    context = {"language": translation.get_language(), **context}
    text = render_to_string(f"mail/{template}.txt", context)
    letter = EmailMultiAlternatives(
        subject,
        text,
        settings.DEFAULT_FROM_EMAIL,
        [person.email],
        headers={"Auto-Submitted": "auto-generated", **headers},
    )
    letter.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    return letter
