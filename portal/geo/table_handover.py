"""How sheets get from the reading child to the process that asked: one JSON line per row, then an answer that counts.

The receiving side trusts nothing of it: counts, types and lengths are checked again.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from portal.geo.handover import ANSWER, plain, stated_issues, stated_note
from portal.geo.issues import Refused, refusal
from portal.geo.source import Limits

ROWS = "rows.ndjson"
_VALUES = (str, int, float, bool, type(None))
_LARGEST = 2**63


@dataclass
class SourceSheet:
    """A sheet as its format reader finds it: `rows` gives each row's number and values while it is read."""

    name: str
    encoding: str
    rows: Iterable[tuple[int, list[Any]]]
    notes: list[dict] = field(default_factory=list)


# --- child's side


def write_sheets(folder: Path, sheets: Iterable[SourceSheet], limits: Limits, jail: list[str]) -> None:
    described = []
    room = _Room(limits)
    with (folder / ROWS).open("w", encoding="utf-8") as lines:
        for sheet in sheets:
            sheet.name = plain(sheet.name) or "sheet"
            count = _write_rows(lines, sheet, room)
            if count:
                described.append({"name": sheet.name, "encoding": sheet.encoding, "notes": sheet.notes, "count": count})
    if not described:
        raise refusal("sheets_hidden")
    with (folder / ANSWER).open("w", encoding="utf-8") as answer:
        json.dump({"sheets": described, "jail": jail}, answer, ensure_ascii=False, allow_nan=False)


@dataclass
class _Room:
    """What may still be handed over."""

    limits: Limits
    rows: int = 0
    values: int = 0

    def take(self, row: int, values: list[Any], sheet: str) -> None:
        self.rows += 1
        self.values += len(values)
        if self.rows > self.limits.rows:
            raise refusal("sheet_too_long", layer=sheet, limit=self.limits.rows)
        if len(values) > self.limits.fields:
            raise refusal("sheet_too_wide", layer=sheet, row=row, limit=self.limits.fields)
        if self.values > self.limits.values:
            raise refusal("too_many_values", limit=self.limits.values)


def _write_rows(lines: TextIO, sheet: SourceSheet, room: _Room) -> int:
    count = 0
    for number, values in sheet.rows:
        while values and values[-1] is None:
            values.pop()
        if not values:
            continue
        room.take(number, values, sheet.name)
        for position, value in enumerate(values):
            if type(value) is str:
                if not value.isprintable() or len(value) > room.limits.text_chars:
                    values[position] = _cleaned(value, number, position, room.limits, sheet.name)
            elif type(value) is int and abs(value) >= _LARGEST:
                raise refusal("cell_number", layer=sheet.name, row=number, column=position + 1)
        lines.write(json.dumps([number, *values], ensure_ascii=False, allow_nan=False))
        lines.write("\n")
        count += 1
    return count


def _cleaned(value: str, row: int, position: int, limits: Limits, sheet: str) -> str | None:
    """Without control characters, on one line unless lines stay; None where nothing is left."""
    if len(value) > limits.text_chars:
        raise refusal("cell_too_long", layer=sheet, row=row, column=position + 1, limit=limits.text_chars)
    lines = value.splitlines() if limits.lines else [value]
    return "\n".join(plain(line, limits.text_chars) for line in lines).strip() or None


# --- receiving side


def receive(folder: Path, limits: Limits) -> Iterator[dict[str, Any]]:
    """The child's sheets. Raises Refused with its reasons, or `crashed` for an answer that is not of the agreed shape."""
    try:
        with _regular(folder / ANSWER) as stream:
            answer = json.loads(stream.read(limits.file_bytes))
        if "refused" in answer:
            raise Refused(list(stated_issues(answer["refused"])))
        if len(answer["sheets"]) > limits.layers:
            raise refusal("too_many_layers", count=len(answer["sheets"]), limit=limits.layers)
        room = _Room(limits)
        with _regular(folder / ROWS) as lines:
            yield from [_sheet(stated, lines, room) for stated in answer["sheets"]]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise refusal("crashed") from error


def _regular(path: Path) -> TextIO:
    """A regular file; a link planted in the job folder is not followed."""
    return open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), encoding="utf-8")


def _sheet(stated: dict, lines: TextIO, room: _Room) -> dict[str, Any]:
    name, encoding = stated["name"], stated["encoding"]
    if not all(isinstance(text, str) and len(text) <= 100 for text in (name, encoding)):
        raise ValueError("names are not texts")
    numbers, rows = [], []
    for _ in range(stated["count"]):
        number, *values = json.loads(next(lines, ""))
        if type(number) is not int or (numbers and number <= numbers[-1]) or number < 1:
            raise ValueError("rows are not counted upwards")
        _check(values, room.limits)
        room.take(number, values, name)
        numbers.append(number)
        rows.append(values)
    header = ["" if value is None else str(value) for value in rows.pop(0)]
    width = len(header)
    for row in rows:
        row.extend([None] * (width - len(row)))
    notes = [stated_note(note) for note in stated["notes"][:1000]]
    return {
        "name": name, "header": header, "rows": rows, "numbers": numbers[1:], "header_row": numbers[0],
        "encoding": encoding, "notes": notes,
    }  # fmt: skip


def _check(values: list, limits: Limits) -> None:
    for value in values:
        kind = type(value)
        if kind not in _VALUES or (kind is str and len(value) > limits.text_chars):
            raise ValueError("values are not plain")
