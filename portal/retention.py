"""How long personal data is kept (保存期限): rules are rows with their source; what is over goes every day, with a proof.

The record of acts and what was said about plans stay: they are the archive, and name nobody who was forgotten.
"""

import datetime
from collections.abc import Callable
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal import people
from portal.audit import record
from portal.models import Consent, Notification, Person, RetentionRule


class Applied(NamedTuple):
    """What a rule found: rows older than `before`, which went unless it was only tried."""

    rule: RetentionRule
    before: datetime.datetime
    rows: int


def unverified(before: datetime.datetime) -> QuerySet[Person]:
    agreed = Consent.objects.filter(purpose=Consent.Purpose.IDENTITY, withdrawn_at=None, given_at__lt=before)
    return known().filter(verified_at=None, user__in=agreed.values("user"))


def unused(before: datetime.datetime) -> QuerySet[Person]:
    never = Q(user__last_login=None, user__date_joined__lt=before)
    return known().filter(Q(user__last_login__lt=before) | never)


def known() -> QuerySet[Person]:
    """People of whom something is kept that can be forgotten."""
    return Person.objects.exclude(phone="", id_number="", address="").select_related("user").order_by("pk")


def guardians(before: datetime.datetime) -> QuerySet[Consent]:
    return Consent.objects.filter(withdrawn_at__lt=before).exclude(guardian="")


def speakers(before: datetime.datetime) -> QuerySet:
    """Comments entered on behalf of somebody whose name is still kept with them."""
    return apps.get_model("planning.Comment").objects.filter(created_at__lt=before).exclude(speaker="")


def forget(persons: QuerySet[Person]) -> None:
    for person in persons:
        people.forget_identity(person.user, by=None)


def delete(rows: QuerySet) -> None:
    rows.delete()


# kind of a rule -> which rows are over, and what becomes of them
KINDS: dict[str, tuple[Callable[[datetime.datetime], QuerySet], Callable[[Any], None]]] = {
    "unverified_identity": (unverified, forget),
    "unused_identity": (unused, forget),
    "guardian_of_withdrawn_consent": (guardians, lambda rows: rows.update(guardian="")),
    "speaker_of_comment": (speakers, lambda rows: rows.update(speaker="")),
    "read_message": (lambda before: Notification.objects.filter(read_at__lt=before), delete),
    "ended_session": (lambda before: Session.objects.filter(expire_date__lt=before), delete),
}


def rules_today() -> list[RetentionRule]:
    """The rule of each kind that holds today: the last one that has begun."""
    begun = RetentionRule.objects.filter(valid_from__lte=timezone.localdate(), kind__in=KINDS)
    return list(begun.order_by("kind", "-valid_from").distinct("kind"))


def apply_retention(*, dry_run: bool = False) -> list[Applied]:
    """Take out what is over, each kind in one transaction with its entry in the record; only count if `dry_run`."""
    return [apply_rule(rule, dry_run=dry_run) for rule in rules_today()]


@transaction.atomic
def apply_rule(rule: RetentionRule, *, dry_run: bool) -> Applied:
    find, act = KINDS[rule.kind]
    before = timezone.now() - datetime.timedelta(days=rule.days)
    rows = find(before)
    count = rows.count()
    if count and not dry_run:
        act(rows)
        record("retention.applied", rule, by=None, after={"kind": rule.kind, "rows": count, "before": before})
    return Applied(rule, before, count)
