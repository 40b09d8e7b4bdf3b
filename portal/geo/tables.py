"""The door for tables: Excel (.xlsx) and CSV in; sheets of plain values, or a refusal, out.

Values are text, whole and decimal numbers, booleans, None, and dates as ISO text. Formulas are never run and never
kept: only the values the spreadsheet program computed are read. Rows that are wholly empty are left out; `numbers` says
where the others stand, counted as a spreadsheet counts, so that the first row of the file is 1.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from portal.geo import handover, sandbox, table_handover
from portal.geo.archive import ArchiveLimits, extension_of
from portal.geo.issues import Refused, refusal
from portal.geo.source import Limits, Options

__all__ = ["LIMITS", "Refused", "Sheet", "column_letters", "read", "sniff"]

LIMITS = Limits(
    seconds=120,
    cpu_seconds=120,
    file_bytes=100 * 2**20,
    archive=ArchiveLimits(members=500, total_bytes=200 * 2**20),
    layers=50,
    rows=1_000_000,
    fields=100,
    text_chars=2000,
    values=20_000_000,
)
"""`rows` of all sheets that hold something, `fields` columns of a sheet, `values` cells of all sheets"""
XLSX_ROWS = 200_000
"""a workbook is read ten times slower than a CSV: more rows than these would not be done in time"""

_SNIFFED = 4096
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_TEXT = (b"PK\x03\x04", b"PK\x05\x06", b"SQLite format 3\0", b"%PDF", b"\x1f\x8b", _COMPOUND)


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, or a CSV as its only sheet. `header` is its first row that is not empty."""

    name: str
    header: list[str]
    rows: list[list[Any]]
    numbers: list[int]
    """row of the spreadsheet in which each of `rows` stands"""
    header_row: int
    encoding: str
    notes: list[dict]


def read(
    path: str | Path,
    *,
    name: str,
    limits: Limits = LIMITS,
    encoding: str | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> list[Sheet]:
    """Read the table at `path` that its sender called `name`, in a jailed process. Raises Refused.

    `progress` is called again and again while the process reads; what it raises ends the reading.
    """
    path = Path(path)
    kind = sniff(path, name, limits)
    if kind == "xlsx":
        limits = replace(limits, rows=min(limits.rows, XLSX_ROWS))
    stem = Path(name.replace("\\", "/")).stem
    with sandbox.job_folder() as folder:
        shutil.copyfile(path, folder / f"input.{kind}")
        handover.write_task(folder, kind, stem, Options(encoding=encoding), limits)
        sandbox.run_child(folder, limits, progress)
        return [Sheet(**stated) for stated in table_handover.receive(folder, limits)]


def sniff(path: Path, name: str, limits: Limits = LIMITS) -> str:
    """`xlsx` or `csv`, where name and first bytes agree."""
    size = path.stat().st_size
    if size == 0:
        raise refusal("file_empty")
    if size > limits.file_bytes:
        raise refusal("file_too_large", limit_mb=limits.file_bytes >> 20)
    extension = extension_of(name.replace("\\", "/"))
    with path.open("rb") as stream:
        start = stream.read(_SNIFFED)
    if extension == "xls":
        raise refusal("xls_old")
    if extension == "xlsm":
        raise refusal("xlsx_macro")
    if extension not in ("xlsx", "csv"):
        raise refusal("table_type", extension=extension[:20])
    if extension == "xlsx":
        if start.startswith(_COMPOUND):
            raise refusal("xlsx_password")
        if not start.startswith(b"PK\x03\x04"):
            raise refusal("table_not", extension=extension)
    elif start.startswith(_NO_TEXT) or start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"<", b"{"):
        raise refusal("table_not", extension=extension)
    return extension


def column_letters(number: int) -> str:
    """The letters a spreadsheet gives the column, counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
