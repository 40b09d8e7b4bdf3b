"""DXF drawings (text form) by our own parser: outlines, hatches, lines, points and texts of model space, by drawing layer.

Blocks are never opened, so a drawing cannot grow while it is read: a reference to one is a point that names it. A
drawing has no coordinate system; a person must choose it.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from portal.geo import charsets, dxf_shapes
from portal.geo.dxf_shapes import Entity
from portal.geo.handover import plain
from portal.geo.issues import Refused, refusal
from portal.geo.source import Limits, Options, Samples, SourceLayer
from portal.geo.sparse import SparseLayers

_OWN_TEXT = {b"TEXT", b"MTEXT"}
_CODEPAGES = {"936": "gb18030", "950": "cp950", "932": "cp932", "949": "cp949"}
_UTF8_FROM = b"AC1021"
"""AutoCAD 2007: since then texts are UTF-8 whatever $DWGCODEPAGE says"""


def read(path: Path, options: Options, limits: Limits) -> list[SourceLayer]:
    if path.stat().st_size > limits.json_bytes:
        raise refusal("file_too_large", limit_mb=limits.json_bytes >> 20)
    with path.open("rb") as stream:
        start = stream.read(32)
        if start.startswith(b"AutoCAD Binary DXF"):
            raise refusal("dxf_binary")
        if start.startswith(b"AC10"):
            raise refusal("dwg")
        stream.seek(0)
        drawing = _Drawing(stream, limits)
    encoding, notes, samples = _encoding(drawing, options)
    return _layers(drawing, encoding, notes, samples, options, limits)


class _Drawing:
    """The header's two words about text, and the entities of model space, their texts still bytes."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self.header: dict[bytes, bytes] = {}
        self.entities: list[Entity] = []
        self.polyline: Entity | None = None
        self.limits = limits
        if not self._sections(_pairs(stream)):
            raise refusal("dxf_damaged", line=0)

    def _sections(self, pairs: Iterator[tuple[int, bytes]]) -> bool:
        """True once the mark at the end of the file is reached."""
        for code, value in pairs:
            if (code, value) == (0, b"EOF"):
                return True
            if code == 2 and value == b"HEADER":
                self._header(pairs)
            elif code == 2 and value == b"ENTITIES":
                self._entities(pairs)
            elif code == 2:  # classes, tables, blocks, objects: nothing in them is drawn by itself
                for inner in pairs:
                    if inner == (0, b"ENDSEC"):
                        break
        return False

    def _header(self, pairs: Iterator[tuple[int, bytes]]) -> None:
        variable = b""
        for code, value in pairs:
            if (code, value) == (0, b"ENDSEC"):
                return
            if code == 9:
                variable = value
            elif variable in (b"$ACADVER", b"$DWGCODEPAGE"):
                self.header[variable] = value

    def _entities(self, pairs: Iterator[tuple[int, bytes]]) -> None:
        open_entity: Entity | None = None
        for code, value in pairs:
            if code == 0:
                open_entity = self._next(open_entity, value)
                if value == b"ENDSEC":
                    return
            elif open_entity is not None:
                open_entity.pairs.append((code, value))

    def _next(self, finished: Entity | None, kind: bytes) -> Entity | None:
        """Keep what ends here. The vertices that follow a polyline, up to the end of their sequence, belong to it."""
        if finished is not None and finished.kind == b"VERTEX":
            if self.polyline is not None:
                self.polyline.vertices.append(finished)
        elif finished is not None:
            self.polyline = finished if finished.kind == b"POLYLINE" else None
            if finished.kind not in (b"SEQEND", b"ATTRIB"):
                self._keep(finished)
        return None if kind == b"ENDSEC" else Entity(kind, [])

    def _keep(self, entity: Entity) -> None:
        if entity.first(67) == b"1":  # paper space: frames and legends of the printed sheet
            return
        if len(self.entities) >= self.limits.rows:
            raise refusal("too_many_rows", layer="DXF", limit=self.limits.rows)
        self.entities.append(entity)


def _pairs(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 1
    while head := stream.readline():
        try:
            yield int(head), stream.readline().strip(b"\r\n \t")
        except ValueError as error:
            raise refusal("dxf_damaged", line=number) from error
        number += 2


def _encoding(drawing: _Drawing, options: Options) -> tuple[str, list[dict], Samples]:
    """The chosen one, UTF-8 of newer drawings, or the Chinese code page it names. `ANSI_1252` is what programs write who
    never thought about it, so there, as where nothing is named, the texts themselves are asked."""
    texts = list(dict.fromkeys(text for _, _, text in _texts(drawing) if not text.isascii()))
    declared = charsets.known(options.encoding) if options.encoding else _declared(drawing.header)
    if options.encoding and not declared:
        raise refusal("encoding_unknown", encoding=options.encoding[:40])
    if not texts:
        return declared or "ascii", [], {}
    samples = charsets.samples(texts)
    if declared and all(charsets.decodes(text, declared) for text in texts):
        return declared, [], samples
    if options.encoding:
        raise _undecodable(drawing, "bytes_not_in_encoding", [str(declared)], samples)
    found = charsets.detect(texts, "")
    if not found:
        raise _undecodable(drawing, "bytes_in_no_encoding", charsets.candidates(""), samples)
    return found[0], [charsets.note(found)], samples


def _texts(drawing: _Drawing) -> Iterator[tuple[str, int, bytes]]:
    """What the text is, the number of its entity, the text."""
    for row, entity in enumerate(drawing.entities, start=1):
        yield "LAYER", row, entity.first(8)
        yield "BLOCK", row, entity.first(2)
        for text in entity.texts():
            yield "TEXT", row, text


def _undecodable(drawing: _Drawing, reason: str, tried: list[str], samples: Samples) -> Refused:
    field, row = next(
        ((field, row) for field, row, text in _texts(drawing) if not charsets.decodes(text, tried[0])), ("TEXT", 1)
    )
    return refusal(reason, row=row, field=field, encoding=", ".join(tried), samples=charsets.as_param(samples))


def _declared(header: dict[bytes, bytes]) -> str | None:
    version = header.get(b"$ACADVER", b"")
    if version >= _UTF8_FROM:
        return "utf-8"
    return _CODEPAGES.get(header.get(b"$DWGCODEPAGE", b"").decode("ascii", "replace").rpartition("_")[2])


def _layers(
    drawing: _Drawing, encoding: str, notes: list[dict], samples: Samples, options: Options, limits: Limits
) -> list[SourceLayer]:
    layers, left_out, blocks = SparseLayers(limits), Counter[str](), 0
    for entity in drawing.entities:
        name = _text(entity.first(8) or b"0", encoding)
        if options.layers is not None and name not in options.layers:
            continue
        layer = layers.layer(name, name)
        layer.next_row()
        wkb = dxf_shapes.shape(entity, layer.outlines)
        if wkb is None:
            layer.outlines.row -= 1
            left_out[entity.kind.decode("ascii", "replace")] += 1
            continue
        blocks += entity.kind == b"INSERT"
        layer.add([((key,), value) for key, value in _attributes(entity, encoding)], wkb)
    layers.layers = {key: layer for key, layer in layers.layers.items() if layer.wkb}
    found = layers.finish(None)
    if left_out:
        kinds = ", ".join(sorted(left_out))
        notes = [*notes, {"reason": "dxf_left_out", "count": left_out.total(), "kinds": plain(kinds, 200)}]
    if blocks:
        notes = [*notes, {"reason": "dxf_blocks", "count": blocks}]
    for layer in found:
        layer.encoding, layer.samples, layer.notes = encoding, samples, [*notes, *layer.notes]
    return found


def _attributes(entity: Entity, encoding: str) -> Iterator[tuple[str, str]]:
    yield "ENTITY", entity.kind.decode("ascii", "replace")
    for name, code in (("HANDLE", 5), ("COLOR", 62), ("LINETYPE", 6)):
        if entity.first(code):
            yield name, _text(entity.first(code), encoding)
    if entity.kind == b"INSERT":
        yield "BLOCK", _text(entity.first(2), encoding)
    if entity.kind in _OWN_TEXT:
        yield "TEXT", _text(b"".join(value for code, value in entity.pairs if code in (3, 1)), encoding)
    data = [_text(value, encoding) for code, value in entity.pairs if code == 1000 and value]
    if data:  # surveying programs keep the class of a parcel in the extended data of its outline
        yield "XDATA", "; ".join(data)


def _text(raw: bytes, encoding: str) -> str:
    return charsets.unescaped(raw.decode(encoding, "replace"))
