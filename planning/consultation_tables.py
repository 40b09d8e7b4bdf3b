"""Tables of comments from an earlier consultation (意见征集): which columns they have, and what stands in their rows.

Read like every table that is handed in: in the jail, with the encoding recognised; what would have to be guessed is a
fault with its row and column. Exports of Polis (comments.csv) are known as they are.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from planning import themes
from portal.geo import tables
from portal.geo.tables import Refused, Sheet, column_letters
from villages.tables import texts
from villages.tables.columns import CellFault, Column, parse, plain
from villages.tables.rows import HEADER_WITHIN, match

TEXT_CHARS = 2000
MOST_ROWS = 5000
LIMITS = replace(
    tables.LIMITS,
    seconds=60,
    cpu_seconds=60,
    file_bytes=20 * 2**20,
    rows=20_000,
    text_chars=20_000,
    values=600_000,
    lines=True,
)
"""more rows are read than are taken, so that the sentence can say how many there are"""
MOST_AGREES = 2_000_000
EMPTY, REJECTED = "empty", "rejected"
LEFT_OUT = {
    EMPTY: gettext_noop("%(count)d without any text"),
    REJECTED: gettext_noop("%(count)d taken away by the moderator of that consultation"),
}
"""why a row is not taken in; counted, and told before and after"""

COLUMNS = (
    Column("text", "意见内容", "Comment", "text", gettext_noop("What was said, at most 2000 characters"), "", True,
           ("comment-body", "body", "text", "意见", "内容", "意见建议", "意见和建议", "建议", "留言", "留言内容", "群众意见", "comment text"),
           length=TEXT_CHARS),
    Column("said_on", "日期", "Date", "day", gettext_noop("When it was said"), "", False,
           ("datetime", "时间", "提出时间", "提出日期", "留言时间", "征集时间", "timestamp", "created")),
    Column("author", "提出人编号", "Participant", "participant", gettext_noop("A number that tells participants apart; names are not kept"), "", False,
           ("author-id", "author", "参与者", "参与人", "提出人", "参与者编号", "姓名", "村民", "participant-id")),
    Column("agrees", "赞成", "Agrees", "whole", gettext_noop("How many agreed"), "", False,
           ("赞成数", "赞成人数", "同意", "同意数", "支持", "支持数", "点赞数", "附议数", "agree"), least=0, most=MOST_AGREES),
    Column("disagrees", "反对", "Disagrees", "whole", gettext_noop("How many disagreed"), "", False,
           ("反对数", "反对人数", "不同意", "不赞成", "disagree"), least=0, most=MOST_AGREES),
    Column("moderated", "审核", "Moderated", "verdict", gettext_noop("What its moderator decided: 1 accepted, 0 not looked at, -1 taken away"), "", False,
           ("审核结果", "审核状态", "是否通过", "moderation", "mod")),
    Column("zone", "图斑号", "Zone", "whole", gettext_noop("Number of the zone it is about"), "", False,
           ("图斑", "图斑编号", "地块号", "地块编号", "地块"), least=1, most=2_000_000_000),
    Column("lon", "经度", "Longitude", "number", gettext_noop("Longitude, degrees (CGCS2000)"), "", False, ("lng",), least=-180, most=180),
    Column("lat", "纬度", "Latitude", "number", gettext_noop("Latitude, degrees (CGCS2000)"), "", False, (), least=-90, most=90),
    Column("theme", "主题", "Theme", "theme", gettext_noop("What it is about"), "", False, ("类别", "意见类别", "分类", "topic")),
)  # fmt: skip
BY_NAME = {column.name: column for column in COLUMNS}

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_POLIS = re.compile(r"[A-Za-z]{3} ([A-Za-z]{3}) (\d{1,2}) \d{2}:\d{2}:\d{2} \S+ (\d{4})")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?")
_ACCEPTED = {"1", "通过", "已通过", "是", "accepted", "approved", "yes"}
_OPEN = {"0", "未审核", "待审核", "unmoderated"}
_REJECTED = {"-1", "不通过", "未通过", "驳回", "否", "rejected", "no"}
_SHORT_NUMBER = re.compile(r"\d{1,6}")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell or a row, and where it stands in the file."""

    row: int | None
    column: str
    header: str
    text: str

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "column": self.column, "header": self.header, "text": self.text}

    def __str__(self) -> str:
        if self.row is None:
            return self.text
        place = {"row": self.row, "column": self.column, "header": self.header, "text": self.text}
        if not self.column:
            return _("Row %(row)s: %(text)s") % place
        return _("Row %(row)s, column %(column)s (%(header)s): %(text)s") % place


@dataclass
class Row:
    """A comment of the table; `number` is the row of the spreadsheet."""

    number: int
    text: str
    said_on: datetime.date | None = None
    author: str = ""
    agrees: int = 0
    disagrees: int = 0
    rejected: bool = False
    zone: int | None = None
    lon: float | None = None
    lat: float | None = None
    theme: str = ""


@dataclass
class Table:
    """What was read of a file: rows to take in, those left out by reason, and what is wrong."""

    sheet: str = ""
    encoding: str = ""
    headers: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    """name of a column -> its header in the file"""
    read: int = 0
    rows: list[Row] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    twice: list[tuple[int, int]] = field(default_factory=list)
    """rows whose text stands in an earlier row already, with that row"""
    faults: list[Fault] = field(default_factory=list)

    @property
    def ignored(self) -> list[str]:
        """Headers nobody asked for."""
        used = set(self.columns.values())
        return [header for header in self.headers if header and header not in used]


def read(
    path: Path, name: str, *, encoding: str = "", columns: dict[str, str] | None = None, rejected: bool = False
) -> Table:
    """The table at `path` that its sender called `name`. `columns` says by hand which header is which column ("" for none);
    `rejected`: rows that the moderator of that consultation had taken away are taken in too."""
    try:
        sheets = tables.read(path, name=name, limits=LIMITS, encoding=encoding or None)
    except Refused as refused:
        return Table(
            faults=[Fault(None, "", "", texts.text(issue.code, issue.params)) for issue in refused.issues[:100]]
        )
    sheet, places, header, rest = located(sheets, columns or {})
    table = Table(sheet.name, sheet.encoding, header, {column: header[at] for column, at in places.items()})
    if "text" not in places:
        table.faults.append(Fault(None, "", "", _("No column holds the comments. Say which one does.")))
        return table
    take(table, rest, places, rejected)
    if table.read > MOST_ROWS:
        said = _(
            "The table has %(count)d rows; at most %(most)d are taken at once. Please split it into several files."
        )
        table.faults = [Fault(None, "", "", said % {"count": table.read, "most": MOST_ROWS})]
    return table


def located(
    sheets: list[Sheet], said: dict[str, str]
) -> tuple[Sheet, dict[str, int], list[str], list[tuple[int, list[Any]]]]:
    """The sheet and header row with most of the columns; titles may stand above it."""
    best = None
    for sheet in sheets:
        every = [(sheet.header_row, sheet.header), *zip(sheet.numbers, sheet.rows, strict=True)]
        for at, (_number, cells) in enumerate(every[:HEADER_WITHIN]):
            header = ["" if cell is None else str(cell)[:100] for cell in cells]
            places = match(header, list(COLUMNS)) | {
                name: header.index(wanted) for name, wanted in said.items() if name in BY_NAME and wanted in header
            }
            places = {name: place for name, place in places.items() if said.get(name, "-") != ""}
            rank = ("text" in places, len(places))
            if best is None or rank > best[0]:
                best = (rank, sheet, places, header, every[at + 1 :])
    return best[1:]


def take(table: Table, rest: list[tuple[int, list[Any]]], places: dict[str, int], rejected: bool) -> None:
    """Turn the rows below the header into comments, in the order of the file."""
    first: dict[str, int] = {}
    for number, cells in rest:
        values: dict[str, Any] = {}
        faults = []
        for name, at in places.items():
            cell = cells[at] if at < len(cells) else None
            if cell is None or (isinstance(cell, str) and not cell.strip()):
                continue
            try:
                values[name] = READERS.get(BY_NAME[name].kind, parse)(cell, BY_NAME[name])
            except CellFault as fault:
                said = texts.text("T2", {"reason": fault.reason, **fault.params})
                faults.append(Fault(number, column_letters(at + 1), table.headers[at], said))
            except DayFault as fault:
                faults.append(Fault(number, column_letters(at + 1), table.headers[at], str(fault)))
        if not values and not faults:
            continue
        table.read += 1
        taken_away = values.pop("moderated", 0) < 0
        why = EMPTY if not values.get("text") and not faults else REJECTED if taken_away and not rejected else ""
        if why:  # what is not taken in need not be right
            table.left_out[why] = table.left_out.get(why, 0) + 1
            continue
        if ("lon" in values) != ("lat" in values):
            faults.append(Fault(number, "", "", _("A place needs both longitude and latitude.")))
        if faults:
            table.faults += faults[: max(0, 1000 - len(table.faults))]
            continue
        row = Row(number=number, rejected=taken_away, **values)
        earlier = first.setdefault(plain(row.text), number)
        if earlier != number:
            table.twice.append((number, earlier))
        table.rows.append(row)


# --- cells


class DayFault(Exception):
    """A cell that is no day; its text says how to write it."""


def words_of(value: Any, column: Column) -> str:
    """The text as it was written; the line breaks of a cell stay."""
    text = str(value).strip()
    if len(text) > TEXT_CHARS:
        raise CellFault("too_long", limit=TEXT_CHARS)
    return text


def day_of(value: Any, column: Column) -> datetime.date:
    """A day as offices, spreadsheets and Polis write it; the local one that stands there."""
    text = " ".join(str(value).split())
    try:
        found = next(day_in(text))
    except (ValueError, KeyError, OverflowError, StopIteration):
        raise DayFault(_("“%(value)s” is not a day. Write it as 2026-07-28.") % {"value": text[:60]}) from None
    if found > timezone.localdate():
        raise DayFault(_("%(value)s has not come yet.") % {"value": text[:60]})
    return found


def day_in(text: str) -> Iterator[datetime.date]:
    if stated := _DAY.fullmatch(text):
        yield datetime.date(*(int(part) for part in stated.groups()))
    if stated := _POLIS.fullmatch(text):
        month, day, year = stated.groups()
        yield datetime.date(int(year), _MONTHS.index(month.lower()) + 1, int(day))
    if text.isascii() and text.isdigit() and len(text) in (10, 13):  # seconds or milliseconds since 1970
        moment = datetime.datetime.fromtimestamp(int(text[:10]), tz=datetime.UTC)
        yield timezone.localdate(moment)


def participant_of(value: Any, column: Column) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()[:100]


def verdict_of(value: Any, column: Column) -> int:
    """1 accepted, 0 not looked at, -1 taken away."""
    text = plain(int(value) if isinstance(value, float) and value.is_integer() else value)
    for verdict, words in ((1, _ACCEPTED), (0, _OPEN), (-1, _REJECTED)):
        if text in words:
            return verdict
    raise CellFault("not_in_list", value=str(value)[:60])


def theme_of(value: Any, column: Column) -> str:
    """Code of a theme of ours, by code or name; other words are left to be guessed from the comment."""
    wanted = plain(value)
    return next((t.code for t in themes.listed().values() if wanted in (plain(t.code), plain(t.zh), plain(t.en))), "")


READERS = {
    "text": words_of,
    "day": day_of,
    "participant": participant_of,
    "verdict": verdict_of,
    "theme": theme_of,
}


def pseudonyms(rows: list[Row]) -> dict[str, str]:
    """Participant as the file tells them apart -> "participant 357". Only short numbers are kept as they are: whoever is
    written down by name, telephone or identity number becomes a number in order of appearance, and the name is not kept."""
    told = {row.author for row in rows if row.author}
    if all(_SHORT_NUMBER.fullmatch(author) for author in told):
        return {author: f"participant {author}" for author in told}
    ordered = dict.fromkeys(row.author for row in rows if row.author)
    return {author: f"participant {number}" for number, author in enumerate(ordered, 1)}
