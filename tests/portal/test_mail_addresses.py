"""The address for news by mail: given, confirmed by the link, forgotten; whose it is, and when there is no mail."""

import datetime

import pytest
from django.core import mail as outbox
from django.core import signing
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal import mail_addresses, people
from portal.errors import PortalError
from portal.models import AuditEntry, Consent, Notification, Person
from portal.tasks import forget_ended
from tests.portal.mail_case import (
    ADDRESS,
    _mail_is_set_up,  # noqa: F401
    give,
    link_in,
    run,
    tell,
)

# --- the address


def test_an_address_is_given_confirmed_by_the_link_and_then_gets_the_news(cast, as_user, run_jobs):
    villager = as_user("villager")
    villager.cookies["django_language"] = "en"
    assert villager.post("/me/email/", {"address": ADDRESS, "how_often": "once"}).status_code == 302
    run_jobs()
    letter = outbox.outbox.pop()
    assert (letter.to, letter.subject) == ([ADDRESS], "Please confirm your e-mail address")
    tell(cast.villager)
    assert not Notification.objects.filter(by_mail=True).exists()  # not confirmed yet

    link = link_in(letter, "confirm")
    anybody = Client(headers={"host": "evil.example"})
    assert anybody.get(link).status_code == 200
    assert (
        Person.objects.get(pk=cast.villager.pk).email_confirmed_at is None
    )  # a program that opens links confirms nothing
    assert anybody.post(link).status_code == 200
    assert Client().post(link).status_code == 403  # used up
    tell(cast.villager, 2)
    assert run() == {"sent": 1}
    letter = outbox.outbox.pop()
    assert letter.subject == "1 message from the Village Planning Portal"
    assert "version 2, is in force" in letter.body
    assert "https://plan.example.gov.cn/versions/x/" in letter.body
    assert "<a href=" in letter.alternatives[0][0]
    html = villager.get("/me/").content.decode()
    assert "l***@example.com" in html
    assert ADDRESS not in html


def test_the_address_lies_sealed_and_is_in_the_copy_but_in_no_record(reader, as_user):
    with connection.cursor() as cursor:
        cursor.execute("SELECT email FROM portal_person WHERE user_id = %s", [reader.pk])
        assert cursor.fetchone()[0].startswith("v1:")
    assert as_user("villager").post("/api/v1/me/copy/").json()["identity"]["email"] == ADDRESS
    assert ADDRESS not in str(list(AuditEntry.objects.values()))


def test_a_link_ends_with_its_day_with_another_address_and_with_the_consent(cast, time_machine):
    time_machine.move_to("2026-12-01T09:00:00+08:00", tick=False)
    give(cast.villager)
    first = mail_addresses.confirm_link(mail_addresses.consent_to_mail(cast.villager))
    token = first.rsplit("/", 2)[1]
    give(cast.villager, "other@example.com")
    newer = mail_addresses.confirm_link(mail_addresses.consent_to_mail(cast.villager)).rsplit("/", 2)[1]
    for wrong in (token, newer[:-1] + "0", "a", signing.dumps({"consent": 1}, salt="other")):
        with pytest.raises(PortalError):
            mail_addresses.confirm(wrong)
    time_machine.move_to("2026-12-02T09:00:01+08:00", tick=False)
    with pytest.raises(PortalError):
        mail_addresses.confirm(newer)
    assert Person.objects.get(pk=cast.villager.pk).email_confirmed_at is None
    assert Client().post("/api/v1/mail/confirm/", {"token": newer}, "application/json").status_code == 403


@pytest.mark.parametrize(
    "address",
    ["", "liu", "a@b", "a@example.com\nBcc: x@example.com", "a@example.com\r\nX: y", "a\x00@example.com", f"{'a' * 200}@example.com",
     "a@example.com,b@example.com", "Liu <a@example.com>"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_words(cast, as_user, address):
    with pytest.raises(PortalError):
        give(cast.villager, address)
    assert as_user("villager").post("/me/email/", {"address": address, "how_often": "once"}).status_code in (302, 400)
    assert not Person.objects.exclude(email="").filter(email__isnull=False, email_confirmed_at__isnull=False).exists()
    kept = Person.objects.filter(pk=cast.villager.pk).first()
    assert kept is None or (kept.email in ("", address.split("\n")[0].strip()) and "\n" not in kept.email)


def test_nobody_floods_a_box_with_letters_of_confirmation(cast):
    for user in (cast.villager, cast.stranger, cast.planner):
        give(user)
    with pytest.raises(PortalError) as refused:
        give(cast.committee)
    assert refused.value.status == 429
    for number in range(4):
        give(cast.villager, f"a{number}@example.com")
    with pytest.raises(PortalError) as refused:
        give(cast.villager, "b@example.com")
    assert refused.value.status == 429


def test_an_address_that_nobody_confirmed_is_forgotten_after_a_week(cast, reader, time_machine):
    give(cast.stranger, "other@example.com")
    tell(reader)
    time_machine.move_to(timezone.now() + datetime.timedelta(days=6))
    assert mail_addresses.forget_unconfirmed() == 0
    time_machine.move_to(timezone.now() + datetime.timedelta(days=2))
    forget_ended()
    assert Person.objects.get(pk=cast.stranger.pk).email == ""
    assert not people.has_agreed(cast.stranger, "email")
    assert Person.objects.get(pk=reader.pk).email == ADDRESS
    assert run() == {"sent": 1}


def test_only_the_person_gives_or_changes_an_address(cast, as_user):
    with pytest.raises(PortalError):
        mail_addresses.give_address(cast.villager, by=cast.committee, address=ADDRESS, how_often="once", language="en")
    with pytest.raises(PortalError):
        mail_addresses.choose(cast.villager, by=cast.committee, how_often="daily", language="en")
    assert as_user().post("/me/email/", {"address": ADDRESS}).status_code == 302
    assert as_user().post("/api/v1/me/email/", {"address": ADDRESS}, "application/json").status_code == 403


def test_without_a_mail_server_the_page_says_so_and_nothing_waits(reader, as_user, settings):
    settings.MAIL_SET_UP = False
    client = as_user("villager")
    client.cookies["django_language"] = "en"
    page = client.get("/me/").content.decode()
    assert "E-mail is not set up here." in page
    assert "No more e-mail: take out my address" in page
    answer = client.post(
        "/api/v1/me/email/", {"address": ADDRESS}, "application/json", headers={"accept-language": "en"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_mail")
    tell(reader)
    assert not Notification.objects.filter(by_mail=True).exists()
    assert run() == {}
    assert (
        client.post("/me/consents/email/", {"agree": "0"}).status_code == 302
    )  # what is kept can be taken back even so
    assert Person.objects.get(pk=reader.pk).email == ""


def test_the_api_does_what_the_page_does(cast, as_user):
    client = as_user("villager")
    assert client.get("/api/v1/me/email/").json()["address"] == ""
    told = client.post("/api/v1/me/email/", {"address": ADDRESS, "how_often": "daily"}, "application/json").json()
    assert (told["address"], told["confirmed_at"], told["how_often"]) == ("l***@example.com", None, "daily")
    assert client.patch("/api/v1/me/email/", {"how_often": "once"}, "application/json").status_code == 409
    token = mail_addresses.confirm_link(mail_addresses.consent_to_mail(cast.villager)).rsplit("/", 2)[1]
    assert Client().post("/api/v1/mail/confirm/", {"token": token}, "application/json").status_code == 204
    told = client.patch("/api/v1/me/email/", {"how_often": "once"}, "application/json").json()
    assert told["how_often"] == "once"
    assert told["confirmed_at"]
    assert client.delete("/api/v1/me/consents/email/").status_code == 200
    assert client.get("/api/v1/me/email/").json()["address"] == ""
    assert Consent.objects.filter(purpose="email").count() == 2  # each stays on record
