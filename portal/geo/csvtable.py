"""CSV by the standard library, strictly: a ragged row or an open quote is an error, never a guess.

Everything stays text: codes keep their leading zeros, and what looks like a formula is text like any other.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from portal.geo import charsets
from portal.geo.issues import refusal
from portal.geo.source import Limits, Options
from portal.geo.table_handover import SourceSheet

_DELIMITERS = ",;\t"
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}
_SAMPLE = 1 << 20
_COMMON = {"gb18030": (0xB0, 0xD7, 0xA1), "cp950": (0xA4, 0xC6, 0x40), "big5hkscs": (0xA4, 0xC6, 0x40)}
"""lead bytes of the common characters of an encoding, and the least trail byte they have"""


def read(path: Path, stem: str, options: Options, limits: Limits) -> SourceSheet:
    raw = path.read_bytes()
    notes: list[dict] = []
    text, encoding = _decoded(raw, options.encoding, notes)
    del raw
    first, start = _first_line(text)
    delimiter = _delimiter(first)
    if delimiter != ",":
        notes.append({"reason": "delimiter", "delimiter": _NAMES[delimiter]})
    return SourceSheet(stem, encoding, _rows(text, start, delimiter, limits), notes)


# --- text


def _decoded(raw: bytes, chosen: str | None, notes: list[dict]) -> tuple[str, str]:
    encoding = _encoding(raw, chosen, notes)
    try:
        text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise refusal("csv_encoding", row=line, encoding=encoding) from error
    if (at := text.find("\0")) >= 0:
        raise refusal("csv_nul", row=text.count("\n", 0, at) + 1)
    return text, encoding


def _encoding(raw: bytes, chosen: str | None, notes: list[dict]) -> str:
    """The uploader's choice, a byte order mark, or what decodes every line; between two, what makes common characters."""
    if chosen:
        if (known := charsets.known(chosen)) is None:
            raise refusal("encoding_unknown", encoding=ascii(chosen[:40])[1:-1])
        return known
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):  # what Excel calls Unicode text
        return "utf-16"
    if raw.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    if (at := raw.find(b"\0")) >= 0:
        raise refusal("csv_nul", row=raw.count(b"\n", 0, at) + 1)
    if raw.isascii():
        return "ascii"
    found = charsets.detect(raw.splitlines(), "")
    if not found:
        raise refusal("csv_no_encoding", row=_worst_line(raw), encoding="UTF-8, GB18030, Big5")
    if found[0] != "utf-8":
        found = sorted(found, key=lambda encoding: -_common_share(raw[:_SAMPLE], encoding))
    other = next((e for e in found if charsets.family(e) != charsets.family(found[0])), None)
    if found[0] != "utf-8":
        reason = {"reason": "encoding_ambiguous", "other": other} if other else {"reason": "encoding_detected"}
        notes.append({**reason, "encoding": found[0]})
    return found[0]


def _common_share(raw: bytes, encoding: str) -> float:
    """Share of the two-byte characters of `raw` that are common ones in `encoding`: Big5 read as GB18030 makes rare
    characters, and the other way round."""
    if encoding not in _COMMON:
        return 0.0
    low, high, trail = _COMMON[encoding]
    pairs = common = at = 0
    while at < len(raw) - 1:
        if raw[at] < 0x81:
            at += 1
            continue
        pairs += 1
        common += low <= raw[at] <= high and raw[at + 1] >= trail
        at += 2
    return common / pairs if pairs else 0.0


def _worst_line(raw: bytes) -> int:
    for number, line in enumerate(raw.splitlines(), 1):
        if not any(charsets.decodes(line, encoding) for encoding in charsets.candidates("")):
            return number
    return 1


# --- rows


def _first_line(text: str) -> tuple[str, int]:
    """The first line that says something, and where the rows begin: Excel writes `sep=;` before them."""
    head = text[:_SAMPLE]
    lines = head.splitlines()
    if lines and lines[0].lower().startswith("sep="):
        return lines[0], len(lines[0])
    return next((line for line in lines if line.strip()), ""), 0


def _delimiter(line: str) -> str:
    if line.lower().startswith("sep="):
        return line[4:5] if line[4:5] in _DELIMITERS and line[4:5] else ","
    bare = "".join(line.split('"')[::2])  # what stands outside of quotes
    counts = Counter(character for character in bare if character in _DELIMITERS)
    return max(_DELIMITERS, key=lambda character: counts[character])


def _rows(text: str, start: int, delimiter: str, limits: Limits) -> Iterator[tuple[int, list]]:
    """Rows as a spreadsheet counts them: a line break inside quotes does not begin a new one."""
    csv.field_size_limit(4 * limits.text_chars)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, wanted = 0, None
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                raise refusal("cell_too_long", row=number, column=1, limit=limits.text_chars) from error
            raise refusal("csv_quote", row=number) from error
        values = [value.strip() or None for value in row]
        if (start and number == 1) or not any(values):
            continue
        if wanted is None:
            wanted = len(values)
        elif len(values) != wanted and (len(values) < wanted or any(values[wanted:])):
            raise refusal("csv_ragged", row=number, count=len(values), wanted=wanted)
        yield number, values
