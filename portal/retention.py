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
from portal.models import Consent, Membership, Notification, Person, RetentionRule, Role, User


class Applied(NamedTuple):
    """What a rule found: rows older than `before`, which went unless it was only tried."""

    rule: RetentionRule
    before: datetime.datetime
    rows: int


def unverified(before: datetime.datetime) -> QuerySet[User]:
    """Counted from the consent; of who was never asked for one, because somebody else wrote the name, from the account."""
    given = Consent.objects.filter(purpose=Consent.Purpose.IDENTITY, withdrawn_at=None)
    agreed = Q(pk__in=given.filter(given_at__lt=before).values("user"))
    never_asked = Q(date_joined__lt=before) & ~Q(pk__in=given.values("user"))
    return known().filter(agreed | never_asked, person__verified_at=None)


def unused(before: datetime.datetime) -> QuerySet[User]:
    return known().filter(Q(last_login__lt=before) | Q(last_login=None, date_joined__lt=before))


def known() -> QuerySet[User]:
    """People of whom something is kept that can be forgotten; a name alone is, unless it stands for the acts of an office."""
    numbers = Person.objects.exclude(phone="", id_number="", address="")
    offices = Membership.objects.exclude(role__in=(Role.RESIDENT, Role.ENTERPRISE))
    named = ~Q(full_name="") & Q(is_staff=False, is_superuser=False) & ~Q(pk__in=offices.values("user"))
    return User.objects.filter(Q(pk__in=numbers.values("pk")) | named).order_by("pk")


def guardians(before: datetime.datetime) -> QuerySet[Consent]:
    return Consent.objects.filter(withdrawn_at__lt=before).exclude(guardian="")


def speakers(before: datetime.datetime) -> QuerySet:
    """Comments entered on behalf of somebody whose name is still kept with them."""
    return apps.get_model("planning.Comment").objects.filter(created_at__lt=before).exclude(speaker="")


def forget(users: QuerySet[User]) -> None:
    for user in users:
        people.forget_identity(user, by=None)


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
