"""A table with what was said at one meeting (会议意见表): columns 姓名, 意见, 地块号. All rows are entered, or none."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from planning import held, participation, themes
from planning.models import Comment, PlanVersion, Zone
from portal.audit import record
from portal.errors import PortalError, TooLarge
from portal.geo import tables
from portal.geo.issues import Refused
from portal.models import User
from villages.tables import texts

MOST_ROWS, SHOWN = 500, 8
LIMITS = replace(tables.LIMITS, seconds=60, cpu_seconds=60, file_bytes=5 * 2**20, rows=5000)
HEADERS = {
    "speaker": ("姓名", "村民", "发言人", "name"),
    "text": ("意见", "意见内容", "内容", "comment"),
    "zone": ("地块号", "地块编号", "地块", "zone"),
}
"""column -> what stands above it, in small letters"""


@dataclass(frozen=True)
class Said:
    """A row: its number in the file, who, what, about which zone."""

    row: int
    speaker: str
    text: str
    zone: str


def enter_table(version: PlanVersion, file: File, *, by: User, channel: str, said_on: date) -> int:
    """Enter every row on behalf of who said it; how many were new. The same file handed in again, whoever does it, enters
    nothing twice. People who comment meanwhile wait for the rows to be stored and for nothing else."""
    rows, digest = read(file)
    zones = {zone.number: zone for zone in version.zones.filter(number__in=numbers(rows)).defer("geom", "geom_web")}
    check(rows, zones)
    with transaction.atomic():
        version = participation.entering(version, by=by, channel=channel, said_on=said_on)
        key = f"table-{digest[:24]}-"
        known = set(version.comments.filter(once__startswith=key).values_list("once", flat=True))
        new = [said for said in rows if f"{key}{said.row}" not in known]
        reasons = held.why_each(version, by, [said.text for said in new])
        comments = Comment.objects.bulk_create(
            Comment(
                version=version, author=by, channel=channel, said_on=said_on, text=participation.text_of(said.text),
                speaker=participation.speaker_of(said.speaker), zone=zones.get(int(said.zone)) if said.zone else None,
                theme=themes.guess(said.text), once=f"{key}{said.row}", **reason,
            )
            for said, reason in zip(new, reasons, strict=True)
        )  # fmt: skip
        if comments:
            after = {"channel": channel, "rows": len(comments), "comments": [comment.pk for comment in comments]}
            record("comment.table_entered", version, by=by, after=after)
            for one in {comment.waits: comment for comment in comments}.values():
                participation.tell_of(one)
    return len(comments)


def numbers(rows: list[Said]) -> set[int]:
    return {int(said.zone) for said in rows if re.fullmatch(r"\d{1,9}", said.zone, re.ASCII)}


def check(rows: list[Said], zones: dict[int, Zone]) -> None:
    """All that is wrong with the rows, in one go."""
    faults = []
    for said in rows:
        try:
            if said.zone and not numbers([said]):
                raise PortalError(_("“%(zone)s” is no number of a zone.") % {"zone": said.zone[:20]})
            if said.zone and int(said.zone) not in zones:
                raise PortalError(_("This version has no zone %(number)s.") % {"number": int(said.zone)})
            if not said.text:
                raise PortalError(_("There is no comment in this row."))
            participation.text_of(said.text)
        except PortalError as error:
            faults.append(_("Row %(row)d: %(what)s") % {"row": said.row, "what": error.message})
    if faults:
        more = [_("and %(count)d more") % {"count": len(faults) - SHOWN}] if len(faults) > SHOWN else []
        head = _("Nothing was entered, because rows of the table are wrong.")
        raise PortalError(" ".join([head, *faults[:SHOWN], *more]), code="table", data={"rows": faults})


def read(file: File) -> tuple[list[Said], str]:
    """The rows of a table, and the digest of the file."""
    if file.size > LIMITS.file_bytes:
        raise TooLarge(_("The file is larger than %(limit)d MB.") % {"limit": LIMITS.file_bytes >> 20})
    digest = hashlib.sha256()
    with NamedTemporaryFile(prefix="meeting-") as copy:
        for chunk in file.chunks():
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        try:
            sheet = tables.read(Path(copy.name), name=file.name or "", limits=LIMITS)[0]
        except Refused as refused:
            raise PortalError(
                " ".join(texts.text(issue.code, issue.params) for issue in refused.issues[:3]), code="table"
            ) from refused
    places = {name: place for name, known in HEADERS.items() if (place := place_of(sheet.header, known)) is not None}
    if "text" not in places:
        raise PortalError(
            _("No column holds the comments. Its first row must say 意见; 姓名 and 地块号 may stand beside it."),
            code="table",
        )
    rows = list(said_in(sheet, places))
    if not 1 <= len(rows) <= MOST_ROWS:
        raise PortalError(
            _("The table has %(count)d comments; one to %(most)d are entered at once.") % {"count": len(rows), "most": MOST_ROWS},
            code="table",
        )  # fmt: skip
    return rows, digest.hexdigest()


def place_of(header: list[str], known: tuple[str, ...]) -> int | None:
    names = [str(name or "").strip().lower() for name in header]
    return next((names.index(name) for name in known if name in names), None)


def said_in(sheet: tables.Sheet, places: dict[str, int]) -> Iterator[Said]:
    for number, cells in zip(sheet.numbers, sheet.rows, strict=True):
        values = {name: plain(cells[at]) if at < len(cells) else "" for name, at in places.items()}
        if any(values.values()):
            yield Said(number, values.get("speaker", ""), values["text"], values.get("zone", ""))


def plain(cell: Any) -> str:
    """A cell as text; a number of a zone that a spreadsheet made a decimal of is whole again."""
    return "" if cell is None else re.sub(r"^(\d+)\.0$", r"\1", str(cell).strip())
