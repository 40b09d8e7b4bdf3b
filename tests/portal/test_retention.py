"""What is kept too long goes, by rules with a source, with a dry run and a proof; the record of acts stays."""

import datetime
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from portal import people, tasks
from portal.celery import app
from portal.models import AuditEntry, Consent, Notification, Person, RetentionRule, User
from portal.retention import KINDS

pytestmark = pytest.mark.django_db
NUMBER = "11010519491231002X"


@pytest.fixture
def known(cast) -> User:
    """The villager after having given everything; nobody else has a name that could go."""
    User.objects.filter(pk=cast.stranger.pk).update(full_name="")
    people.agree(cast.villager, "identity", by=cast.villager)
    people.record_identity(cast.villager, by=cast.villager, full_name="柳大爷", phone="13812345678", id_number=NUMBER)
    return cast.villager


@pytest.fixture
def later(monkeypatch):
    """later(days): the clock so many days on."""
    now = timezone.now

    def move(days: int) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now() + datetime.timedelta(days=days))

    return move


def applied(**options) -> dict[str, int]:
    out = StringIO()
    call_command("apply_retention", stdout=out, **options)
    return {line.split(":")[0]: int(line.split(": ")[1].split(" ")[0]) for line in out.getvalue().splitlines()}


def days_of(kind: str) -> int:
    return RetentionRule.objects.get(kind=kind).days


def test_every_kind_has_a_rule_with_source_and_says_that_the_value_is_a_sample():
    rules = {rule.kind: rule for rule in RetentionRule.objects.all()}
    assert rules.keys() == KINDS.keys()
    for rule in rules.values():
        assert "示例值" in rule.source
        assert "法" in rule.source
        assert rule.counted_from


def test_an_identity_nobody_verified_goes_after_its_days_and_not_a_day_before(known, later):
    later(days_of("unverified_identity") - 1)
    assert applied()["unverified_identity"] == 0
    later(days_of("unverified_identity") + 1)
    assert applied(dry_run=True)["unverified_identity"] == 1
    assert Person.objects.get().id_number == NUMBER
    assert applied()["unverified_identity"] == 1
    person = Person.objects.get()
    assert (person.phone, person.id_number, person.id_digest) == ("", "", None)
    assert User.objects.get(pk=known.pk).full_name == ""
    assert applied()["unverified_identity"] == 0


def test_a_name_alone_that_nobody_verified_goes_too(cast, later):
    people.agree(cast.villager, "identity", by=cast.villager)
    people.record_identity(cast.villager, by=cast.villager, full_name="柳大爷")
    written = User.objects.create_user("written", full_name="柳二爷")  # by somebody else, who asked for no consent
    later(days_of("unverified_identity") - 1)
    assert applied()["unverified_identity"] == 0
    later(days_of("unverified_identity") + 1)
    applied()
    assert {User.objects.get(pk=user.pk).full_name for user in (cast.villager, written)} == {""}
    assert applied(dry_run=True)["unverified_identity"] == 0


def test_the_name_of_an_office_stays_with_its_acts_also_when_it_has_ended(cast, later):
    cast.planner.memberships.update(valid_to=timezone.localdate() - datetime.timedelta(days=1))
    later(4000)
    applied()
    assert User.objects.get(pk=cast.planner.pk).full_name == cast.planner.full_name
    assert User.objects.get(pk=cast.township.pk).full_name == cast.township.full_name


def test_a_verified_name_alone_goes_when_the_account_was_long_unused(known, cast, later):
    people.verify_identity(known, by=cast.committee)
    Person.objects.filter(pk=known.pk).update(phone="", id_number="", address="")
    later(days_of("unverified_identity") + 1)
    applied()
    assert User.objects.get(pk=known.pk).full_name
    later(days_of("unused_identity") + 1)
    applied()
    assert User.objects.get(pk=known.pk).full_name == ""


def test_a_verified_identity_stays_until_the_account_was_long_unused(known, cast, later):
    people.verify_identity(known, by=cast.committee)
    later(days_of("unverified_identity") + 1)
    applied()
    assert Person.objects.get().id_number == NUMBER
    User.objects.filter(pk=known.pk).update(last_login=timezone.now())
    later(days_of("unused_identity") + 1)
    assert applied()["unused_identity"] == 0
    later(days_of("unverified_identity") + days_of("unused_identity") + 3)
    assert applied()["unused_identity"] == 1
    assert Person.objects.get().id_number == ""


def test_messages_sessions_and_guardians_go_when_their_time_is_over(cast, later):
    read = Notification.objects.create(user=cast.planner, kind="step_made", read_at=timezone.now())
    unread = Notification.objects.create(user=cast.planner, kind="step_made")
    Session.objects.create(session_key="a" * 32, session_data="x", expire_date=timezone.now())
    people.agree(cast.villager, "contact", by=cast.villager, guardian="柳父")
    people.take_back(cast.villager, "contact", by=cast.villager)
    later(days_of("ended_session") + 1)
    assert applied()["ended_session"] == 1
    assert Notification.objects.filter(pk=read.pk).exists()
    later(days_of("read_message") + 1)
    assert applied()["read_message"] == 1
    assert list(Notification.objects.all()) == [unread]
    later(days_of("guardian_of_withdrawn_consent") + 1)
    assert applied()["guardian_of_withdrawn_consent"] == 1
    assert Consent.objects.get().guardian == ""


def test_the_record_stays_and_holds_the_proof(known, later):
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    later(days_of("unverified_identity") + 1)
    applied()
    assert before <= set(AuditEntry.objects.values_list("pk", flat=True))
    proof = AuditEntry.objects.get(verb="retention.applied", after__kind="unverified_identity")
    assert proof.after["rows"] == 1
    assert AuditEntry.objects.filter(verb="person.forgotten", object_id=str(known.pk)).exists()


def test_a_dry_run_changes_nothing_at_all(known, later):
    later(4000)
    count = AuditEntry.objects.count()
    assert applied(dry_run=True)["unverified_identity"] == 1
    assert AuditEntry.objects.count() == count
    assert Person.objects.get().phone


def test_the_rule_that_holds_is_the_last_that_has_begun(known, later):
    today = timezone.localdate()
    RetentionRule.objects.create(kind="unverified_identity", days=5, counted_from="x", source="x", valid_from=today)
    RetentionRule.objects.create(
        kind="unverified_identity", days=1, counted_from="x", source="x", valid_from=today + datetime.timedelta(days=30)
    )
    later(3)
    assert applied()["unverified_identity"] == 0
    later(6)
    assert applied()["unverified_identity"] == 1


def test_the_scheduler_applies_it_and_anchors_the_record(known, later, settings, tmp_path):
    settings.AUDIT_ANCHOR = str(tmp_path / "anchors" / "audit.txt")
    later(4000)
    tasks.apply_retention()
    assert Person.objects.get().id_number == ""
    connection.check_constraints()  # the chain is written when a transaction commits
    tasks.anchor_audit()
    assert len((tmp_path / "anchors" / "audit.txt").read_text().split()) == 4


def test_every_task_of_the_schedule_is_one_of_ours(settings):
    app.loader.import_default_modules()
    for entry in ("anchor-audit", "retention"):
        assert settings.CELERY_BEAT_SCHEDULE[entry]["task"] in app.tasks
