"""A table from its file to the rows of a village, a county or a country, and back.

`receive` keeps a file and starts the job that checks it; `check` says what is wrong or what storing it would change;
`store` does it, all or nothing; `undo` puts back what stood there before. Page, API and command call these.
"""

import datetime
import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import jobs, retention
from portal.audit import record
from portal.errors import Conflict, NotAllowed, PortalError
from portal.geo import tables
from portal.geo.issues import Issue, Refused
from portal.models import User
from villages.models import TableImport, Village
from villages.rules import may_import
from villages.tables import kinds, marking, rows, upsert, workbooks
from villages.tables.kinds import Changes, Kind, Row, Scope

State = TableImport.State
JOB = "villages.import_table"


def receive(
    file: File, *, kind: str, name: str, division_code: str, by: User | None, encoding: str = "", store: bool = False
) -> TableImport:
    """Keep a table and start the job that checks it; with `store` the job also stores it if nothing is wrong."""
    row = keep(file, kind=kind, name=name, division_code=division_code, by=by, encoding=encoding)
    _start(row, "store" if store else "check", by)
    return row


def keep(file: File, *, kind: str, name: str, division_code: str, by: User | None, encoding: str = "") -> TableImport:
    found = kinds.by_name(kind)
    check_right(by, found, division_code)
    check_scope(found, division_code)
    if file.size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise PortalError(_("The file is larger than %(limit)d MB.") % {"limit": limit}, code="too_large")
    if not file.size:
        raise PortalError(_("The file is empty."), code="empty")
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    with transaction.atomic():
        row = TableImport(
            kind=kind, division_code=division_code, name=Path(name).name[:255], size=file.size,
            sha256=digest.hexdigest(), encoding=encoding, created_by=by,
        )  # fmt: skip
        row.file.save("file", file, save=False)
        row.save(force_insert=True)
        record("table.received", row, by=by, after={"kind": kind, "division": division_code, "sha256": row.sha256})
    return row


def check_right(by: User | None, kind: Kind, division_code: str) -> None:
    if by is not None and not may_import(by, kind, division_code):
        raise NotAllowed(_("Your role does not allow you to hand in this table here."))


def check_scope(kind: Kind, division_code: str) -> None:
    if kind.village_only and not Village.objects.filter(pk=division_code).exists():
        raise PortalError(_("This table is handed in for one village."), code="scope")


def _start(row: TableImport, act: str, by: User | None) -> None:
    with transaction.atomic():
        row.state = State.STORING if row.state == State.READY else State.WAITING
        row.job = jobs.start(JOB, by=by, table=row.pk, act=act)
        row.save(update_fields=["state", "job"])


def start_storing(row: TableImport, *, by: User) -> TableImport:
    """The person has seen what would change and says so: store it."""
    check_right(by, kinds.by_name(row.kind), row.division_code)
    with transaction.atomic():
        row = TableImport.objects.brief().select_for_update().get(pk=row.pk)
        if row.state != State.READY:
            raise Conflict(_("Only a table that was checked and has no error can be stored."))
        if not row.file:
            raise Conflict(_("The file of this table is no longer kept. Hand the table in again."))
        _start(row, "store", by)
    return row


def run(row: TableImport, act: str, *, by: User | None, progress: jobs.Progress = jobs.quiet) -> TableImport:
    """The work of the job: check, or check and store. A table is always read again: what it meets may have changed."""
    kind, scope = kinds.by_name(row.kind), Scope(row.division_code, by, row.name)
    check_right(by, kind, row.division_code)
    taken = read(row, kind, scope, progress)
    if not taken.issues:
        with transaction.atomic():
            done = _take_in(row, act, kind, scope, taken, progress)
        if done:
            return done
    return _refuse(row, taken, by)


def _take_in(
    row: TableImport, act: str, kind: Kind, scope: Scope, taken: rows.Taken, progress: jobs.Progress
) -> TableImport | None:
    """Compare with what is on record and store if that was asked for; None if something does not fit it."""
    now = TableImport.objects.brief().select_for_update().get(pk=row.pk)
    if now.state in (State.STORED, State.UNDONE):  # a worker died after storing and before saying so
        return now
    _lock(taken.rows)
    progress(45, _("Looking at %(count)d rows") % {"count": len(taken.rows)})
    found = rows.Issues()
    found.extend(kind.check(taken.rows, scope))
    if found.kept:
        taken.issues = found.kept
        return None
    changes = kind.compare(taken.rows, scope, progress)
    if act == "check":
        return _ready(row, taken, changes, scope.by)
    return _store(row, kind, scope, taken, changes, progress)


def read(row: TableImport, kind: Kind, scope: Scope, progress: jobs.Progress) -> rows.Taken:
    """The rows of the file, or what is wrong with it."""

    def alive(_share: float) -> None:
        progress(5, _("Reading the file"))

    alive(0)
    try:
        sheets = tables.read(Path(row.file.path), name=row.name, encoding=row.encoding or None, progress=alive)
    except Refused as refused:
        return rows.Taken([], refused.issues, [])
    taken = rows.take(sheets, kind, scope, progress)
    taken.notes = [note for sheet in sheets for note in sheet.notes if note["reason"] != "merged"]
    taken.encoding = sheets[0].encoding
    taken.sheets = [workbooks.beginning(sheet) for sheet in sheets]
    return taken


def _lock(taken: list[Row]) -> None:
    """Two imports into one village follow each other."""
    codes = sorted({code for row in taken if (code := row.values.get("village"))})
    list(Village.objects.select_for_update().filter(pk__in=codes).order_by("pk").values_list("pk", flat=True))


def _refuse(row: TableImport, taken: rows.Taken, by: User | None) -> TableImport:
    """The verdict, and with it the table with its bad cells marked: who sees the one may take the other at once."""
    row.issues = [_as_json(issue) for issue in taken.issues]
    marking.make(row, taken.sheets)
    with transaction.atomic():
        row.state, row.result = State.REFUSED, _remarks(taken)
        row.save(update_fields=["issues", "state", "result", "marked"])
        record("table.refused", row, by=by, after={"kind": row.kind, "issues": len(row.issues)})
    return row


def _as_json(issue: Issue) -> dict[str, Any]:
    return {"code": issue.code, "level": issue.level, "sheet": issue.layer, "row": issue.row, "params": issue.params}


def _remarks(taken: rows.Taken) -> dict[str, Any]:
    return {
        "rows": len(taken.rows), "ignored": taken.ignored, "notes": taken.notes[:50], "encoding": taken.encoding
    }  # fmt: skip


def _ready(row: TableImport, taken: rows.Taken, changes: Changes, by: User | None) -> TableImport:
    row.issues = []
    row.state = State.READY
    row.result = {**_remarks(taken), **changes.counts(), "examples": changes.examples}
    row.save(update_fields=["issues", "state", "result"])
    record("table.checked", row, by=by, after={"kind": row.kind, **changes.counts()})
    return row


def _store(
    row: TableImport, kind: Kind, scope: Scope, taken: rows.Taken, changes: Changes, progress: jobs.Progress
) -> TableImport:
    """Inside the transaction of the check: rows, revision, record and what stood there before, or nothing."""
    progress(60, _("Storing %(count)d rows") % {"count": changes.new + changes.changed})
    before = kind.write(changes, scope, progress)
    upsert.touch(changes.villages)
    row.issues, row.state, row.stored_at = [], State.STORED, timezone.now()
    row.result = {
        **_remarks(taken), **changes.counts(), "examples": changes.examples, "villages": sorted(changes.villages)[:2000],
        **({"version": before["version"]} if "version" in before else {}),
    }  # fmt: skip
    row.before = {**before, "villages": sorted(changes.villages)}
    row.save(update_fields=["issues", "state", "stored_at", "result", "before"])
    record(
        "table.stored", row, by=scope.by,
        after={"kind": row.kind, "division": row.division_code, **changes.counts(), "villages": sorted(changes.villages)[:200]},
    )  # fmt: skip
    return row


@transaction.atomic
def undo(row: TableImport, *, by: User | None) -> TableImport:
    """Put back what stood there before, unless a later import wrote over the same division."""
    kind = kinds.by_name(row.kind)
    check_right(by, kind, row.division_code)
    row = TableImport.objects.select_for_update().get(pk=row.pk)
    if row.state != State.STORED or kind.undo is None:
        raise Conflict(_("Only a stored table can be taken back."))
    if not row.file:
        raise Conflict(
            _("What was there before this table is no longer kept. Hand in a table with the values that should hold.")
        )
    villages = row.before.get("villages", [])
    list(Village.objects.select_for_update().filter(pk__in=villages).order_by("pk").values_list("pk", flat=True))
    if later := later_than(row):
        raise Conflict(
            _("“%(name)s” was stored later and may have changed the same rows. Take that one back first.")
            % {"name": later.name}
        )
    kind.undo(row.before)
    upsert.touch(villages)
    row.state, row.before = State.UNDONE, {}
    row.save(update_fields=["state", "before"])
    record("table.undone", row, by=by, after={"kind": row.kind, "division": row.division_code})
    return row


def later_than(row: TableImport) -> TableImport | None:
    """A later import of the same kind into the same division, one below it or one above it."""
    prefix = Scope(row.division_code, None).prefix
    later = TableImport.objects.brief().filter(kind=row.kind, state=State.STORED, stored_at__gt=row.stored_at)
    return next(
        (
            one
            for one in later.order_by("stored_at")
            if one.division_code.startswith(prefix)
            or row.division_code.startswith(Scope(one.division_code, None).prefix)
        ),
        None,
    )


def import_file(
    path: Path, *, kind: str, name: str, division_code: str, by: User | None, encoding: str = "", store: bool = True,
    progress: jobs.Progress = jobs.quiet,
) -> TableImport:  # fmt: skip
    """Everything at once for a file on disk: keep, check and store it, without a job."""
    with path.open("rb") as stream:
        row = keep(File(stream), kind=kind, name=name, division_code=division_code, by=by, encoding=encoding)
    return run(row, "store" if store else "check", by=by, progress=progress)


def over(before: datetime.datetime) -> QuerySet[TableImport]:
    """Tables about people whose file and former values have been kept long enough."""
    about_people = [kind.name for kind in kinds.KINDS.values() if kind.personal]
    old = Q(stored_at__lt=before) | Q(stored_at=None, created_at__lt=before)
    return TableImport.objects.brief().filter(old, kind__in=about_people).exclude(file="")


def forget(rows: QuerySet[TableImport]) -> None:
    """What the tables brought stays; only they cannot be stored or taken back any more."""
    for row in rows:
        row.file.delete(save=False)
        row.marked.delete(save=False)
        row.before = {}
        row.save(update_fields=["file", "marked", "before"])


retention.KINDS["household_table"] = (over, forget)
