"""From sheets to rows of a kind: find the header, match the columns, turn every cell into a value or a fault."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from portal.geo.issues import ERROR, Issue
from portal.geo.tables import Sheet
from portal.jobs import Progress, quiet
from portal.sealing import starred, without_numbers
from villages.tables.columns import CellFault, Column, header_parts, parse, unit_fits
from villages.tables.kinds import Kind, Row, Scope, cell_issue

HEADER_WITHIN = 6
"""rows at the top of a sheet that may be titles before the header"""
MOST_ISSUES = 1000
TOLD_EVERY = 20_000
_MERGED = re.compile(r"([A-Z]+)(\d+)(?::[A-Z]+(\d+))?")


@dataclass
class Found:
    """A header in a sheet: where it stands and the place of each column, from 0."""

    sheet: Sheet
    header_row: int
    header: list[str]
    places: dict[str, int]
    rows: Iterator[tuple[int, list[Any]]]


@dataclass
class Taken:
    """What was read: rows, faults, and the headers nobody asked for."""

    rows: list[Row]
    issues: list[Issue]
    ignored: list[str]
    notes: list[dict[str, Any]] = field(default_factory=list)
    encoding: str = ""
    sheets: list[Sheet] = field(default_factory=list)
    """the beginning of each sheet, for giving a refused table back"""


def take(sheets: list[Sheet], kind: Kind, scope: Scope, progress: Progress = quiet) -> Taken:
    """The rows of all sheets that have the columns of the kind. Faults beyond the first thousand are only counted."""
    columns = columns_for(kind, scope)
    tables = [found for sheet in sheets if (found := locate(sheet, columns))]
    most = max((len(table.places) for table in tables), default=0)
    # a sheet of explanations may name a column too
    whole = [table for table in tables if not missing(table, columns) and 2 * len(table.places) > most]
    if not whole:
        return Taken([], list(_no_table(tables, columns)), [])
    rows: list[Row] = []
    issues = Issues()
    ignored = []
    for table in whole:
        issues.extend(_of_header(table, columns))
        issues.extend(_merged(table))
        _take_rows(table, columns, scope, rows, issues, progress)
        used = set(table.places.values())
        ignored += [text for at, text in enumerate(table.header) if text and at not in used]
    if not rows and not issues.kept:
        issues.add(Issue("T3", ERROR, whole[0].sheet.name, None, {"reason": "no_rows"}))
    issues.extend(_twice(rows, kind))
    return Taken(rows, issues.kept, ignored[:50])


class Issues:
    """Faults, of which the first thousand are kept and the others counted."""

    def __init__(self) -> None:
        self.listed: list[Issue] = []
        self.more = 0

    def add(self, issue: Issue) -> None:
        if len(self.listed) < MOST_ISSUES:
            self.listed.append(issue)
        else:
            self.more += 1

    def extend(self, issues: Iterator[Issue]) -> None:
        for issue in issues:
            self.add(issue)

    @property
    def kept(self) -> list[Issue]:
        last = [Issue("T3", ERROR, "", None, {"reason": "more", "count": self.more})] if self.more else []
        return [*self.listed, *last]


def columns_for(kind: Kind, scope: Scope) -> list[Column]:
    """Of a single village's table the village's code may be left out."""
    return [
        replace(column, required=False) if column.name == "village" and scope.is_village else column
        for column in kind.columns
    ]


def locate(sheet: Sheet, columns: list[Column]) -> Found | None:
    """The row near the top that has most of the columns; titles may stand above it."""
    tops = [(sheet.header_row, sheet.header), *zip(sheet.numbers, sheet.rows, strict=True)][:HEADER_WITHIN]
    best: Found | None = None
    for at, (number, texts) in enumerate(tops):
        header = ["" if text is None else str(text) for text in texts]
        places = match(header, columns)
        if places and (best is None or len(places) > len(best.places)):
            rest = itertools.islice(zip(sheet.numbers, sheet.rows, strict=True), at, None)
            best = Found(sheet, number, header, places, rest)
    return best


def match(header: list[str], columns: list[Column]) -> dict[str, int]:
    """Place of each column, by its Chinese or English name or an alias; the likeliest name goes first."""
    there: dict[str, int] = {}
    for at, text in enumerate(header):
        there.setdefault(header_parts(text)[0], at)
    there.pop("", None)
    return {
        column.name: there[bare]
        for column in columns
        if (bare := next((n for name in column.names if (n := header_parts(name)[0]) in there), None)) is not None
    }


def missing(found: Found, columns: list[Column]) -> list[Column]:
    return [column for column in columns if column.required and column.name not in found.places]


def _no_table(tables: list[Found], columns: list[Column]) -> Iterator[Issue]:
    best = max(tables, key=lambda t: len(t.places), default=None)
    if best is None or len(best.places) * 2 < sum(column.required for column in columns):
        wanted = "、".join(column.zh for column in columns if column.required)
        yield Issue("T1", ERROR, best.sheet.name if best else "", None, {"reason": "no_sheet", "wanted": wanted})
        return
    for column in missing(best, columns):
        wanted = {"reason": "column_missing", "wanted": f"{column.zh} / {column.en}"}
        yield Issue("T1", ERROR, best.sheet.name, best.header_row, wanted)


def _of_header(found: Found, columns: list[Column]) -> Iterator[Issue]:
    bare = [header_parts(text) for text in found.header]
    for column in columns:
        at = found.places.get(column.name)
        if at is None:
            continue
        name, unit = bare[at]
        place = (found.sheet.name, found.header_row, at + 1, found.header[at])
        if not unit_fits(column, unit):
            yield cell_issue("T1", *place, "column_unit", found=unit, wanted=column.unit)
        for again in [i for i, (other, _bracket) in enumerate(bare) if other == name][1:]:
            yield cell_issue("T1", *place[:2], again + 1, found.header[again], "column_twice")


def _merged(found: Found) -> Iterator[Issue]:
    """Merged cells below the header: only the first of them has a value, the others would silently be empty."""
    for note in found.sheet.notes:
        cells = _MERGED.fullmatch(str(note.get("cells", ""))) if note["reason"] == "merged" else None
        if cells and int(cells.group(3) or cells.group(2)) > found.header_row:
            at = sum((ord(letter) - 64) * 26**power for power, letter in enumerate(reversed(cells.group(1))))
            header = found.header[at - 1] if at <= len(found.header) else ""
            yield cell_issue(
                "T2", found.sheet.name, int(cells.group(2)), at, header, "merged", cells=note["cells"]
            )  # fmt: skip


def _take_rows(
    found: Found, columns: list[Column], scope: Scope, rows: list[Row], issues: Issues, progress: Progress
) -> None:  # fmt: skip
    places = {name: at + 1 for name, at in found.places.items()}
    there = [(column, found.places[column.name]) for column in columns if column.name in found.places]
    absent = {column.name: None for column in columns if column.name not in found.places}
    name = found.sheet.name
    personal = any(column.personal for column in columns)
    for number, cells in found.rows:
        if number % TOLD_EVERY == 0:
            progress(25, _("Row %(number)d") % {"number": number})
        values: dict[str, Any] = dict(absent)
        faults = []
        for column, at in there:
            value = cells[at] if at < len(cells) else None
            if value is None:
                values[column.name] = None
                if column.required:
                    faults.append((column, at, "empty", {}))
                continue
            try:
                values[column.name] = parse(value, column)
            except CellFault as fault:
                faults.append((column, at, fault.reason, veiled(fault) if personal else fault.params))
        if all(cells[at] is None for _there, at in there if at < len(cells)):
            continue
        for _faulty, at, reason, params in faults:
            issues.add(cell_issue("T2", name, number, at + 1, found.header[at], reason, **params))
        if not faults:
            if scope.is_village and values.get("village", "") is None:
                values["village"] = scope.division_code
            rows.append(Row(name, number, values, places))


def veiled(fault: CellFault) -> dict[str, Any]:
    """What is said of a bad cell of a table about people: where columns are mixed up, a name may stand in any of them."""
    if "value" not in fault.params or fault.reason == "spreadsheet_error":
        return fault.params
    value = without_numbers(fault.params["value"])
    return fault.params | {"value": starred(value) if any(sign.isalpha() for sign in value) else value}


def _twice(rows: list[Row], kind: Kind) -> Iterator[Issue]:
    first: dict[tuple, Row] = {}
    for row in rows:
        key = tuple(row.values[name] for name in kind.key)
        seen = first.setdefault(key, row)
        if seen is not row:
            words = " · ".join(str(part) for part in key)
            last = kind.column(kind.key[-1])
            yield row.fault("T3", last.name, "twice", last.zh, other=seen.number, key=words)
