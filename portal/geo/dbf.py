"""The attribute table of a Shapefile, read strictly: bytes that are no text in the encoding are found, with their row."""

import mmap
import struct
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

from portal.geo import charsets
from portal.geo.issues import Refused, refusal
from portal.geo.source import Samples, Value

_DELETED = 0x2A
_FIELD = 32


@dataclass(frozen=True)
class Field:
    raw_name: bytes
    kind: str
    start: int
    width: int
    decimals: int

    def texts(self, records: list[memoryview]) -> list[bytes]:
        return [bytes(record[self.start : self.start + self.width]).rstrip(b" \0") for record in records]


@dataclass(frozen=True)
class Table:
    fields: list[Field]
    records: list[memoryview]
    kept: list[int]
    """0-based record numbers that are not marked as deleted, in file order"""
    total: int
    language_driver: int


@dataclass(frozen=True)
class Decoded:
    names: list[str]
    columns: list[list[Value]]
    encoding: str
    notes: list[dict]
    samples: Samples


def read_table(path: Path, *, max_rows: int, max_fields: int, layer: str) -> Table:
    size = path.stat().st_size
    if size < 33:
        raise refusal("dbf_damaged", layer=layer)
    with path.open("rb") as stream:
        view = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    total, header, length = struct.unpack_from("<IHH", view, 4)
    fields = _fields(bytes(view[:header]), length, layer)
    if len(fields) > max_fields:
        raise refusal("too_many_fields", layer=layer, count=len(fields), limit=max_fields)
    if header + total * length > size + 1:  # some writers count the end mark, some leave it out
        raise refusal("dbf_truncated", layer=layer)
    if total > max_rows:
        raise refusal("too_many_rows", layer=layer, limit=max_rows)
    kept = [number for number in range(total) if view[header + number * length] != _DELETED]
    records = [view[header + number * length : header + (number + 1) * length] for number in kept]
    return Table(fields, records, kept, total, view[29])


def _fields(header: bytes, length: int, layer: str) -> list[Field]:
    fields, start = [], 1
    end = header.find(b"\r", _FIELD)
    while end >= 0 and (end - _FIELD) % _FIELD:  # a carriage return inside a descriptor is not the end mark
        end = header.find(b"\r", end + 1)
    for at in range(_FIELD, end, _FIELD):
        name, kind, width, decimals = struct.unpack_from("<11sc4xBB", header, at)
        if kind == b"C":
            width, decimals = width + 256 * decimals, 0
        fields.append(Field(name.split(b"\0")[0].strip(), kind.decode("latin-1"), start, width, decimals))
        start += width
    if not fields or start != length or any(field.width == 0 for field in fields):
        raise refusal("dbf_damaged", layer=layer)
    return fields


def decode(table: Table, *, declared: str | None, prj: str, layer: str) -> Decoded:
    """Names and values. `declared` is the encoding the user, the .cpg or the table itself names; None: found out."""
    try:
        return _decoded(table, declared, prj, layer)
    except Refused as refused:
        for issue in refused.issues:
            if "encoding" in issue.params:  # what a person needs to choose another one
                texts = (text for field in table.fields if field.kind == "C" for text in field.texts(table.records))
                issue.params["samples"] = charsets.as_param(charsets.samples(chain(_raw_names(table), texts)))
        raise


def _decoded(table: Table, declared: str | None, prj: str, layer: str) -> Decoded:
    notes: list[dict] = []
    encoding = declared or _detected(table, prj, layer, notes)
    names = [_name(field, encoding, position, layer) for position, field in enumerate(table.fields, start=1)]
    columns = [
        _column(table, field, name, encoding, layer, notes) for field, name in zip(table.fields, names, strict=True)
    ]
    texts = (v.encode(encoding) for column in columns for v in column if isinstance(v, str) and not v.isascii())
    return Decoded(names, columns, encoding, notes, charsets.samples(chain(_raw_names(table), texts)))


def _raw_names(table: Table) -> list[bytes]:
    return [field.raw_name for field in table.fields]


def _detected(table: Table, prj: str, layer: str, notes: list[dict]) -> str:
    declared = charsets.LANGUAGE_DRIVERS.get(table.language_driver)
    if declared:
        return declared
    texts = {text for field in table.fields if field.kind == "C" for text in field.texts(table.records)}
    found = charsets.detect(texts, prj)
    if not found:  # values that fill their field may end in half a character
        uncut = {
            t for field in table.fields if field.kind == "C" for t in field.texts(table.records) if len(t) < field.width
        }
        found = charsets.detect(uncut, prj)
    if not found:
        raise _undecodable(table, charsets.candidates(prj)[0], layer, tried=charsets.candidates(prj))
    if found == ["ascii"]:
        return _name_encoding(table, prj)
    notes.append(charsets.note(found))
    return found[0]


def _name_encoding(table: Table, prj: str) -> str:
    """The values are plain ASCII, yet the field names may be Chinese, and cut at ten bytes."""
    names = [field.raw_name for field in table.fields if not field.raw_name.isascii()]
    for encoding in charsets.candidates(prj):
        if all(charsets.decodes(name, encoding) or charsets.without_half_character(name, encoding) for name in names):
            return encoding
    return "latin-1"


def _name(field: Field, encoding: str, position: int, layer: str) -> str:
    raw = field.raw_name
    if not charsets.decodes(raw, encoding):
        raw = charsets.without_half_character(raw, encoding) if len(raw) >= 9 else None
    if raw is None:
        raise refusal("name_not_in_encoding", layer=layer, field=position, encoding=encoding)
    return raw.decode(encoding) or f"field_{position}"


def _column(table: Table, field: Field, name: str, encoding: str, layer: str, notes: list[dict]) -> list[Value]:
    raw = field.texts(table.records)
    if field.kind == "C":
        return [_text(text, field, name, encoding, row, layer, notes) for row, text in enumerate(raw, start=1)]
    convert = {"N": _number, "F": _number, "L": _logical, "D": _date}.get(field.kind)
    if convert is None:  # memos live in another file; binary types are not written by GIS programs
        notes.append({"reason": "field_left_out", "field": name, "type": field.kind})
        return [None] * len(raw)
    values = [convert(text.strip()) for text in raw]
    if field.kind == "D":
        wrong = sum(value is None and bool(text.strip(b" \0")) for text, value in zip(raw, values, strict=True))
        if wrong:
            notes.append({"reason": "date_left_out", "field": name, "count": wrong})
    for row, value in enumerate(values, start=1):
        if isinstance(value, int) and abs(value) >= 2**63:
            raise refusal("number_too_large", layer=layer, row=row, field=name)
    return values


def _text(raw: bytes, field: Field, name: str, encoding: str, row: int, layer: str, notes: list[dict]) -> str | None:
    try:
        return raw.decode(encoding) or None
    except UnicodeDecodeError:
        whole = charsets.without_half_character(raw, encoding) if len(raw) == field.width else None
        if whole is None:
            raise refusal("bytes_not_in_encoding", layer=layer, row=row, field=name, encoding=encoding) from None
        if not any(note["reason"] == "text_cut" for note in notes):
            notes.append({"reason": "text_cut"})
        return whole.decode(encoding)


def _undecodable(table: Table, encoding: str, layer: str, *, tried: list[str]) -> Exception:
    """Names the first text that no candidate decodes or, where each fails elsewhere, the first that the likeliest does not."""
    first = None
    for field in table.fields:
        for row, text in enumerate(field.texts(table.records) if field.kind == "C" else [], start=1):
            failing = [name for name in tried if not charsets.decodes(text, name)]
            if len(failing) == len(tried) or (first is None and encoding in failing):
                first = (field.raw_name.decode("ascii", "replace"), row)
            if len(failing) == len(tried):
                break
    name, row = first or ("?", 1)
    return refusal("bytes_in_no_encoding", layer=layer, row=row, field=name, encoding=", ".join(tried))


def _number(text: bytes) -> int | float | None:
    """None for blanks and for the asterisks that programs write when a number does not fit."""
    try:
        return int(text) if text.lstrip(b"+-").isdigit() else float(text)
    except ValueError:
        return None


def _logical(text: bytes) -> bool | None:
    return True if text in (b"T", b"t", b"Y", b"y") else False if text in (b"F", b"f", b"N", b"n") else None


def _date(text: bytes) -> str | None:
    """`20260105` as ISO 8601; None for 00000000, 0000-00-00 and the 31st of February."""
    digits = text.decode("latin-1")
    if len(digits) != 8 or not digits.isascii() or not digits.isdigit():
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return None
