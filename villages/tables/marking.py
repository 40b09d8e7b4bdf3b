"""The refused table with its bad cells marked (标出问题的表): made once by the check, then only handed out."""

from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.fields.files import FieldFile

from portal.audit import record
from portal.geo import tables
from portal.geo.issues import Refused
from portal.models import User
from villages.models import TableImport
from villages.models.tables import marked_path
from villages.tables import kinds, workbooks


def make(row: TableImport, sheets: list[tables.Sheet]) -> None:
    """Write the workbook beside the file of the table, over what a check that was cut off may have left there."""
    row.marked.storage.delete(marked_path(row, ""))
    row.marked.save("marked", ContentFile(workbooks.marked(row, sheets)), save=False)


def hand_out(row: TableImport, *, by: User) -> FieldFile:
    """The marked table; of a table about people the look is put on record. One refused before it was kept is made now, once."""
    if row.file and kinds.by_name(row.kind).personal:
        record("table.read_out", row, by=by, after={"kind": row.kind, "division": row.division_code})
    if row.marked:
        return row.marked
    with transaction.atomic():
        now = TableImport.objects.brief().select_for_update().get(pk=row.pk)
        if not now.marked:
            make(now, read(now))
            now.save(update_fields=["marked"])
    return now.marked


def read(row: TableImport) -> list[tables.Sheet]:
    """The sheets of the file; none if it cannot be read or is no longer kept: then the list of faults stands alone."""
    if not row.file:
        return []
    try:
        return tables.read(Path(row.file.path), name=row.name, encoding=row.encoding or None)
    except Refused:
        return []
