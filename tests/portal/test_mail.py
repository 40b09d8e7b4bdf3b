"""News by e-mail: to a confirmed address with consent, one letter each, never twice, ended by one click, naming nobody."""

import re
import smtplib
import threading

import pytest
from django.core import mail as outbox
from django.core import signing
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal import mail, mail_addresses, notify, people
from portal.errors import PortalError
from portal.models import AuditEntry, Consent, Notification, Person, User
from tests import world
from tests.portal.mail_case import (
    ADDRESS,
    _mail_is_set_up,  # noqa: F401
    give,
    run,
    tell,
)

# --- the letters


def test_all_that_waits_goes_in_one_letter_and_only_once(reader, cast):
    for number in range(3):
        tell(reader, number)
    tell(cast.stranger)
    assert run() == {"sent": 1}
    assert run() == {}
    (letter,) = outbox.outbox
    assert letter.subject == "3 messages from the Village Planning Portal"
    assert Notification.objects.filter(mailed_at__isnull=False).count() == 3


def test_an_address_is_confirmed_by_two_at_once_only_once(cast, monkeypatch):
    give(cast.villager)
    consent = mail_addresses.consent_to_mail(cast.villager)
    monkeypatch.setattr(mail_addresses, "confirmable", lambda token: consent)  # both have looked before one has written
    mail_addresses.confirm("a")
    with pytest.raises(PortalError):
        mail_addresses.confirm("a")
    assert AuditEntry.objects.filter(verb="person.address_confirmed").count() == 1


def test_who_took_the_consent_back_meanwhile_gets_no_letter(reader):
    tell(reader)
    Consent.objects.filter(user=reader).update(withdrawn_at=timezone.now())
    assert run() == {"sent": 0}
    assert not outbox.outbox
    assert not Notification.objects.filter(by_mail=True).exists()


def test_what_was_read_before_is_not_sent(reader):
    tell(reader)
    notify.mark_read(reader)
    assert run() == {"sent": 0}
    assert not outbox.outbox


def test_a_letter_names_nobody_and_repeats_no_words_of_people(reader):
    notify.tell([reader], "opinion_given", plan="规划", number=1, who="王小明")
    notify.tell([reader], "comment_hidden", plan="规划", reason="提到了李四")
    notify.tell([reader], "area_answered", answers="1 comment was answered", area="张三家的地", place="柳沟村")
    run()
    (letter,) = outbox.outbox
    everything = letter.body + letter.alternatives[0][0]
    assert not re.search("王小明|李四|张三", everything)
    assert reader.full_name not in everything
    assert "your area" in everything


def test_letters_are_in_the_language_in_which_they_were_asked_for(reader):
    mail_addresses.choose(reader, by=reader, how_often="once", language="zh-hans")
    tell(reader)
    run()
    assert "柳沟村村庄规划" in outbox.outbox[0].body
    assert "is in force" not in outbox.outbox[0].body


def test_once_a_day_means_at_eight_in_the_morning_of_shanghai(cast, time_machine):
    time_machine.move_to("2026-12-01T10:00:00+08:00", tick=False)
    give(cast.villager, how_often="daily")
    Person.objects.filter(pk=cast.villager.pk).update(email_confirmed_at=timezone.now())
    tell(cast.villager, 1)
    for moment, letters in (("2026-12-01T23:50", 0), ("2026-12-02T07:59", 0), ("2026-12-02T08:00", 1)):
        time_machine.move_to(f"{moment}:00+08:00", tick=False)
        mail.send_due(timezone.now())
        assert len(outbox.outbox) == letters, moment
    tell(cast.villager, 2)
    for moment, letters in (("2026-12-02T09:00", 1), ("2026-12-03T08:10", 2)):
        time_machine.move_to(f"{moment}:00+08:00", tick=False)
        mail.send_due(timezone.now())
        assert len(outbox.outbox) == letters, moment


class Down(EmailBackend):
    """A server that does not answer, until it does."""

    trouble: Exception | None = None

    def send_messages(self, messages):
        if Down.trouble:
            raise Down.trouble
        return super().send_messages(messages)


def test_what_did_not_go_stays_and_is_tried_again_later_and_later(reader, cast, settings, time_machine):
    settings.EMAIL_BACKEND = f"{__name__}.Down"
    waits = []
    give(cast.stranger, "other@example.com")
    Person.objects.filter(pk=cast.stranger.pk).update(email_confirmed_at=timezone.now())
    Down.trouble = ConnectionRefusedError()
    tell(reader)
    tell(cast.stranger)
    for _round in range(3):
        assert run() == {"failed": 1}  # the second letter is not tried
        assert run() == {}
        waits.append(mail.cache.get("mail-waits:server"))
        mail.cache.delete("mail-rests:server")
    assert waits == [600, 1200, 2400]
    Down.trouble = None
    assert run() == {"sent": 2}
    assert Notification.objects.filter(mailed_at=None).count() == 0


def test_an_address_that_is_refused_does_not_hold_up_the_others(reader, cast, settings):
    class Picky(EmailBackend):
        def send_messages(self, messages):
            if messages[0].to == [ADDRESS]:
                raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no")})
            return super().send_messages(messages)

    settings.EMAIL_BACKEND = f"{__name__}.Picky"
    globals()["Picky"] = Picky
    give(cast.stranger, "other@example.com")
    Person.objects.filter(pk=cast.stranger.pk).update(email_confirmed_at=timezone.now())
    tell(reader)
    tell(cast.stranger)
    assert run() == {"refused": 1, "sent": 1}
    assert run() == {}
    assert Notification.objects.filter(user=reader, mailed_at=None).exists()


def test_people_with_and_without_mail_cost_the_same_queries(cast):
    users = User.objects.bulk_create([User(username=f"u{n}") for n in range(60)])
    asked = []
    for many in (users[:1], users[1:]):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            notify.tell(many, "in_force", once="x", plan="规划", number=1)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 3


# --- ending it


def test_one_click_in_the_letter_ends_it_without_signing_in(reader):
    tell(reader)
    run()
    letter = outbox.outbox[0]
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = letter.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("https://plan.example.gov.cn")
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(address, follow=True)
    assert page.status_code == 200
    assert Person.objects.get(pk=reader.pk).email == ADDRESS  # opening is not pressing
    tell(reader, 2)
    assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 204
    assert strict.post(address, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded").status_code == 204
    person = Person.objects.get(pk=reader.pk)
    assert (person.email, person.email_confirmed_at) == ("", None)
    assert not people.has_agreed(reader, "email")
    assert run() == {}
    assert not Notification.objects.filter(by_mail=True, mailed_at=None).exists()
    assert AuditEntry.objects.filter(verb="consent.taken_back").count() == 1


def test_the_button_of_the_page_ends_it_too_and_a_forged_link_does_nothing(reader):
    person = Person.objects.get(pk=reader.pk)
    token = mail_addresses.stop_token(person)
    for wrong in ("a", token[:-2] + "xx", signing.dumps({"person": reader.pk, "of": "x"}, salt="portal.mail.confirm")):
        assert Client().post(f"/mail/stop/{wrong}/").status_code == 403
        assert Client().post(f"/api/v1/mail/stop/{wrong}/").status_code == 403
    assert Client(enforce_csrf_checks=True).post(f"/mail/stop/{token}/").status_code == 403
    give(reader, "new@example.com")
    assert Client().post(f"/mail/stop/{token}/").status_code == 200  # of an address that is not kept any more
    assert people.has_agreed(reader, "email")
    token = mail_addresses.stop_token(Person.objects.get(pk=reader.pk))
    assert Client().post(f"/mail/stop/{token}/").status_code == 200
    assert not people.has_agreed(reader, "email")


def test_whoever_erases_the_own_data_gets_no_more_mail(reader, as_user):
    tell(reader)
    people.erase(reader, by=reader)
    assert Person.objects.get(pk=reader.pk).email == ""
    assert run() == {}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_senders_at_once_send_one_letter(settings):
    cast = world.make_cast()
    give(cast.villager)
    Person.objects.filter(pk=cast.villager.pk).update(email_confirmed_at=timezone.now())
    tell(cast.villager)
    settings.EMAIL_BACKEND = f"{__name__}.Slow"
    together, done = threading.Barrier(2), []

    def send():
        try:
            together.wait(10)
            done.append(mail.send_due(timezone.now()))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outbox.outbox) == 1
    assert sum(each["sent"] for each in done) == 1


class Slow(EmailBackend):
    def send_messages(self, messages):
        threading.Event().wait(0.5)
        return super().send_messages(messages)
