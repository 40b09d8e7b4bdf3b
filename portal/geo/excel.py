"""Workbooks (.xlsx): every part is looked at while it is inflated, and only then openpyxl reads the values.

No macro, no link to another file, no document type, no archive in the archive. Formulas are not run: a workbook whose
formulas have no stored result is refused, because the cell would silently be empty.
"""

import datetime
import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.geo import archive
from portal.geo.issues import Refused, refusal
from portal.geo.source import Limits
from portal.geo.table_handover import SourceSheet

ROWS = 1_048_576
"""rows of a sheet, by the format"""

_MAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO = re.compile(rb"macroEnabled|vbaProject|macrosheet|intlmacrosheet", re.IGNORECASE)
_EXTERNAL = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.IGNORECASE)
_HYPERLINK = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)[\"']")
_WITHOUT_RESULT = re.compile(
    rb"<c\b(?![^>]*\bt=\"str\")[^>]*><f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>|</c>)"
)
"""a formula whose result is an empty text (t="str") has one"""
_MERGED = re.compile(rb"<mergeCell\b[^>]*ref\s*=\s*[\"']([A-Z]{1,3}\d{1,7}(?::[A-Z]{1,3}\d{1,7})?)[\"']")
_MOST_MERGED = 1000


def read(path: Path, limits: Limits) -> Iterator[SourceSheet]:
    merged, unresolved = _inspect(path, limits)
    try:
        yield from _sheets(path, merged, unresolved)
    except (Refused, MemoryError, OSError):
        raise
    except Exception as error:  # openpyxl raises whatever its parsers raise: KeyError, ValueError, ParseError, …
        raise refusal("xlsx_unreadable") from error


def _sheets(path: Path, merged: dict[str, list[str]], unresolved: dict[str, int]) -> Iterator[SourceSheet]:
    mimetypes.knownfiles.clear()  # openpyxl's import would read the machine's list of types, which the jail forbids
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
    notes = [{"reason": "sheet_hidden", "sheet": name} for name in hidden]
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        part = sheet._worksheet_path
        if unresolved.get(part):
            raise refusal("xlsx_formulas", layer=sheet.title, count=unresolved[part])
        notes += [{"reason": "merged", "cells": cells} for cells in merged.get(part, [])]
        yield SourceSheet(sheet.title, "utf-8", _rows(sheet, sheet.title), notes)
        notes = []


def _rows(sheet: Any, name: str) -> Iterator[tuple[int, list]]:
    """What a sheet says of its own size is not believed: a wrong one makes readers pad or cut."""
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > ROWS:
            raise refusal("sheet_too_long", layer=name, limit=ROWS)
        if any(value is not None for value in row):
            yield number, [_value(value) for value in row]


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).strip() or None


# --- looking before reading


def _inspect(path: Path, limits: Limits) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Merged cells and formulas without a result, by part. Raises Refused for what no plain workbook holds."""
    merged: dict[str, list[str]] = {}
    unresolved: dict[str, int] = {}
    types = b""
    for name, content in archive.contents(path, limits.archive):
        lower = name.lower()
        if "vbaproject" in lower or "/macrosheets/" in lower or "/dialogsheets/" in lower:
            raise refusal("xlsx_macro")
        if "/externallinks/" in f"/{lower}":
            raise refusal("xlsx_external", member=name)
        if not lower.endswith((".xml", ".rels", ".vml")):
            continue
        _check_xml(name, content)
        if lower.endswith(".rels"):
            _check_links(name, content)
        elif lower == "[content_types].xml":
            types = content
        elif "/worksheets/" in lower:
            merged[name] = [cells.decode() for cells in _MERGED.findall(content)[:_MOST_MERGED]]
            unresolved[name] = len(_WITHOUT_RESULT.findall(content))
    if _MACRO.search(types):
        raise refusal("xlsx_macro")
    if _MAIN not in types:
        raise refusal("xlsx_unreadable")
    return merged, unresolved


def _check_xml(name: str, content: bytes) -> None:
    """No document type, so no entities; and no encoding in which one could hide from this look."""
    declared = _DECLARED.match(content.removeprefix(b"\xef\xbb\xbf"))
    if (declared and declared.group(1).lower() not in (b"utf-8", b"us-ascii", b"ascii")) or b"\0" in content:
        raise refusal("xlsx_dtd", member=name)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise refusal("xlsx_dtd", member=name)


def _check_links(name: str, content: bytes) -> None:
    """A link that a person may click is text to us; any other target outside the workbook would be fetched or read."""
    for relationship in _EXTERNAL.findall(content):
        if not _HYPERLINK.search(relationship):
            raise refusal("xlsx_external", member=name)
