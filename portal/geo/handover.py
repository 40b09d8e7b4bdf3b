"""How layers get from the reading child to the web process: one JSON file and one file of plain 2D WKB.

The child is not trusted: it may have been taken over by what it read. So the receiving side checks every count, every
type and the frame of every geometry before a library sees it.
"""

import json
import math
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from portal.geo.issues import Issue, Refused, refusal
from portal.geo.reasons import CODES, NOTES
from portal.geo.source import Bounds, Limits, Options, Samples, SourceLayer

ANSWER, GEOMETRY, TASK = "answer.json", "geometry.bin", "task.json"

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_VALUES = (str, int, float, bool, type(None))
_MAX_ISSUES = 1000
_MAX_SAMPLES = 10
_MAX_SAMPLES_TEXT = 8000


@dataclass(frozen=True)
class Received:
    name: str
    fields: list[str]
    columns: list[list]
    wkb: list[bytes | None]
    crs: str
    encoding: str
    notes: list[dict]
    raw_bounds: Bounds | None
    samples: Samples


# --- child's side


def write_task(folder: Path, kind: str, stem: str, options: Options, limits: Limits) -> None:
    task = {"kind": kind, "stem": stem, "options": asdict(options), "limits": asdict(limits)}
    (folder / TASK).write_text(json.dumps(task), encoding="utf-8")


def write_refusal(folder: Path, refused: Refused) -> None:
    issues = [{"row": i.row, "layer": i.layer, "params": i.params} for i in refused.issues]
    (folder / ANSWER).write_text(json.dumps({"refused": issues}), encoding="utf-8")


def write_layers(folder: Path, layers: list[SourceLayer], jail: list[str]) -> None:
    """`wkb` of the layers must be in the storage CRS by now."""
    described = []
    with (folder / GEOMETRY).open("wb") as blob:
        for layer in layers:
            blob.writelines(wkb for wkb in layer.wkb if wkb)
            described.append(
                {
                    "name": layer.name,
                    "fields": layer.fields,
                    "columns": layer.columns,
                    "crs": layer.crs,
                    "encoding": layer.encoding,
                    "notes": layer.notes,
                    "raw_bounds": layer.raw_bounds,
                    "samples": layer.samples,
                    "sizes": [len(wkb or b"") for wkb in layer.wkb],
                }
            )
    with (folder / ANSWER).open("w", encoding="utf-8") as answer:
        json.dump({"layers": described, "jail": jail}, answer, ensure_ascii=False, allow_nan=False)


def clean(layer: SourceLayer, limits: Limits) -> None:
    """Take control characters out of names and texts, refuse half characters and endless texts, make names unique."""
    cleaned = 0
    for field, column in zip(layer.fields, layer.columns, strict=True):
        for position, value in enumerate(column):
            if not isinstance(value, str) or (value.isascii() and value.isprintable() and len(value) < 200):
                continue
            if len(value) > limits.text_chars:
                raise refusal(
                    "text_too_long", layer=layer.name, row=position + 1, field=plain(field), limit=limits.text_chars
                )
            if _SURROGATES.search(value):
                raise refusal("json_surrogate", layer=plain(layer.name), row=position + 1, field=plain(field))
            column[position] = _CONTROLS.sub("", value)
            cleaned += column[position] != value
    if cleaned:
        layer.notes.append({"reason": "text_cleaned", "count": cleaned})
    layer.samples = {name: [plain(text) for text in texts] for name, texts in layer.samples.items()}
    layer.name = plain(layer.name) or "layer"
    layer.fields = unique([plain(field) or "field" for field in layer.fields])


def plain(name: str, most: int = 100) -> str:
    """A name that can be shown and stored: one line, no control characters, not endless."""
    return " ".join(_SURROGATES.sub("", _CONTROLS.sub("", name)).split())[:most]


def unique(names: list[str]) -> list[str]:
    taken: set[str] = set()
    made = []
    for name in names:
        number, candidate = 2, name
        while candidate in taken:
            candidate, number = f"{name}_{number}", number + 1
        taken.add(candidate)
        made.append(candidate)
    return made


# --- receiving side


def receive(folder: Path, limits: Limits) -> list[Received]:
    """The child's layers. Raises Refused with its reasons, or `crashed` for an answer that is not of the agreed shape."""
    try:
        answer = json.loads(content(folder / ANSWER, limits.file_bytes))
        if "refused" in answer:
            raise Refused(list(stated_issues(answer["refused"])))
        blob = content(folder / GEOMETRY, 64 * limits.vertices + 64 * limits.rows)
        return list(_layers(answer["layers"], blob, limits))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, struct.error, RecursionError) as error:
        raise refusal("crashed") from error


def content(path: Path, most: int) -> bytes:
    """Content of a regular file of bounded size; a link planted in the job folder is not followed."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(handle, "rb") as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise refusal("output_too_large")
    return content


def stated_issues(stated: list) -> Iterator[Issue]:
    for issue in stated[:_MAX_ISSUES]:
        params = {str(key): _param(str(key), value) for key, value in issue["params"].items()}
        row = issue["row"] if isinstance(issue["row"], int) else None
        yield Issue(CODES[params["reason"]], layer=plain(str(issue["layer"])), row=row, params=params)


def _param(name: str, value: Any) -> Any:
    """Numbers and short texts that JSON of the database can hold: a NUL in the text of a .prj once ended an import as
    our fault. Cut in the middle, the samples would be no JSON; they are escaped in it."""
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    return str(value)[:_MAX_SAMPLES_TEXT] if name == "samples" else plain(str(value), 300)


def _layers(stated: list, blob: bytes, limits: Limits) -> Iterator[Received]:
    start = vertices = values = 0
    if len(stated) > limits.layers:
        raise refusal("too_many_layers", count=len(stated), limit=limits.layers)
    for layer in stated:
        received = _layer(layer, limits)
        wkb = []
        for size in layer["sizes"]:
            piece = blob[start : start + size]
            if size < 0 or len(piece) != size:
                raise ValueError("sizes and geometries disagree")
            start += size
            wkb.append(piece or None)
            vertices += count_vertices(piece) if piece else 0
            if vertices > limits.vertices:
                raise refusal("too_many_vertices", layer=received.name, limit=limits.vertices)
        values += len(wkb) * len(received.fields)
        if values > limits.values:
            raise refusal("too_many_values", limit=limits.values)
        received.wkb.extend(wkb)
        yield received


def _layer(layer: dict, limits: Limits) -> Received:
    name, fields, columns, rows = layer["name"], layer["fields"], layer["columns"], len(layer["sizes"])
    if rows > limits.rows:
        raise refusal("too_many_rows", layer=str(name)[:100], limit=limits.rows)
    if len(fields) > limits.fields:
        raise refusal("too_many_fields", layer=str(name)[:100], count=len(fields), limit=limits.fields)
    texts = [name, layer["crs"], layer["encoding"], *fields]
    if not all(isinstance(text, str) and len(text) <= 1000 for text in texts) or len(set(fields)) != len(fields):
        raise ValueError("names are not texts")
    if any("\0" in text for text in [name, *fields]):
        raise ValueError("names hold what no name holds")
    if len(columns) != len(fields) or any(len(column) != rows for column in columns):
        raise ValueError("columns and rows disagree")
    for column in columns:
        if not all(
            type(v) in _VALUES and (type(v) is not str or (len(v) <= limits.text_chars and "\0" not in v))
            for v in column
        ):
            raise ValueError("values are not plain")
    notes = [stated_note(note) for note in layer["notes"][:100]]
    bounds = None if layer["raw_bounds"] is None else _bounds(layer["raw_bounds"])
    return Received(
        name,
        fields,
        columns,
        [],
        plain(layer["crs"], 300),
        plain(layer["encoding"]),
        notes,
        bounds,
        _samples(layer["samples"]),
    )


def _bounds(stated: list) -> Bounds:
    minx, miny, maxx, maxy = stated
    if not all(type(number) in (int, float) and math.isfinite(number) for number in stated):
        raise ValueError("bounds are not numbers")
    return float(minx), float(miny), float(maxx), float(maxy)


def _samples(stated: dict) -> Samples:
    if len(stated) > _MAX_SAMPLES or any(len(texts) > _MAX_SAMPLES for texts in stated.values()):
        raise ValueError("too many samples")
    return {plain(str(name), 40): [plain(str(text)) for text in texts] for name, texts in stated.items()}


def stated_note(note: dict) -> dict[str, Any]:
    if note["reason"] not in NOTES:
        raise ValueError("unknown note")
    return {str(key): value if isinstance(value, int) else plain(str(value), 300) for key, value in note.items()}


def count_vertices(wkb: bytes) -> int:
    """Vertices of a little-endian 2D WKB of a simple type, walking its frame; ValueError for anything else. Done here
    because a parser meets a hostile nesting or count only after it has followed it."""
    end, vertices = _walk(wkb, 0, (1, 2, 3, 4, 5, 6))
    if end != len(wkb):
        raise ValueError("bytes left over")
    return vertices


def _walk(wkb: bytes, at: int, allowed: tuple[int, ...]) -> tuple[int, int]:
    order, kind = struct.unpack_from("<BI", wkb, at)
    if order != 1 or kind not in allowed:
        raise ValueError("not a plain geometry")
    at += 5
    if kind == 1:
        return at + 16, 1
    (count,) = struct.unpack_from("<I", wkb, at)
    at += 4
    if kind == 2:
        return at + 16 * count, count
    vertices = 0
    for _ in range(count):
        if kind == 3:
            (points,) = struct.unpack_from("<I", wkb, at)
            at += 4 + 16 * points
        else:
            at, points = _walk(wkb, at, (kind - 3,))
        vertices += points
    return at, vertices
