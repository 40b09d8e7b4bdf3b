"""The record of acts read: who may, by which filters, and taken away as a table."""

import csv
import datetime
import json
import re
from collections.abc import Iterator

from django.db.models import Q, QuerySet
from django.utils import timezone

from portal import audit
from portal.models import AuditEntry, User
from portal.rules import may_audit
from portal.spreadsheets import guarded

HEAD = ("number", "at", "who", "verb", "object_type", "object_id", "object", "before", "after")
BATCH = 2000
BOM = "\ufeff"


def visible_to(user: User) -> QuerySet[AuditEntry]:
    """The record is one for the whole installation: all of it for who may read it, nothing for others."""
    return AuditEntry.objects.all() if may_audit(user) else AuditEntry.objects.none()


def entries(
    user: User, *, object: str = "", person: str = "", verb: str = "", day: datetime.date | None = None
) -> QuerySet[AuditEntry]:
    """Rows about an object ("portal.User 12" or a number alone), by a person, of an act, on a day of Asia/Shanghai; newest first."""
    rows = visible_to(user).order_by("-pk")
    if object.strip():
        kind, _space, number = object.strip().rpartition(" ")
        rows = rows.filter(object_id=number, **({"object_type": kind} if kind else {}))
    if person.strip():
        rows = rows.filter(by(person.strip()))
    if verb.strip():
        rows = rows.filter(verb__startswith=verb.strip())
    if day:
        begin = timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
        rows = rows.filter(at__gte=begin, at__lt=begin + datetime.timedelta(days=1))
    return rows


def by(person: str) -> Q:
    """Acts of an account by its number, or by the name it has now or had then."""
    if number := re.fullmatch(r"account ([0-9]{1,18})", person):
        return Q(actor_id=int(number[1]))
    known = User.objects.filter(username=person).values_list("pk", flat=True).first()
    return Q(actor_id=known) if known else Q(actor_name=person)


def page(rows: QuerySet[AuditEntry], *, before: int | None, size: int) -> tuple[list[AuditEntry], int | None]:
    """Rows older than number `before`, and before which the next page goes on."""
    found = list((rows.filter(pk__lt=before) if before else rows)[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None


def export(user: User, **about: object) -> Iterator[str]:
    """Lines of CSV that a spreadsheet program opens without running anything; the export is on the record first."""
    rows = entries(user, **about)
    told = {name: value for name, value in about.items() if value}
    audit.write("audit.exported", "portal.AuditEntry", "", "record of acts", by=user, after=told)
    return lines(rows)


def lines(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield BOM + writer.writerow(HEAD)
    for row in rows.iterator(chunk_size=BATCH):
        at = timezone.localtime(row.at).isoformat(timespec="milliseconds")
        values = [json.dumps(value, ensure_ascii=False) if value else "" for value in (row.before, row.after)]
        cells = (row.pk, at, row.actor_name, row.verb, row.object_type, row.object_id, row.object_label, *values)
        yield writer.writerow([guarded(cell) for cell in cells])


class Echo:
    """A file for csv.writer that answers the line instead of keeping it."""

    def write(self, line: str) -> str:
        return line
