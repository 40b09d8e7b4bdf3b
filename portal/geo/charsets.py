"""Which encoding the text of a Shapefile is in. GDAL reads an undeclared one as Latin-1, without a word."""

import json
import re
from collections.abc import Iterable, Sequence

from portal.geo.source import Samples

# Names found in .cpg files, without case, blanks, hyphens and underscores. Only text encodings that appear in practice:
# `codecs.lookup` would also take "zip" and "rot13".
_NAMES = {
    "utf8": "utf-8", "65001": "utf-8", "cp65001": "utf-8",
    "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030", "936": "gb18030", "cp936": "gb18030",
    "ansi936": "gb18030", "54936": "gb18030", "oem936": "gb18030", "euccn": "gb18030",
    "big5": "cp950", "950": "cp950", "cp950": "cp950", "ansi950": "cp950", "oem950": "cp950", "big5hkscs": "big5hkscs",
    "932": "cp932", "cp932": "cp932", "shiftjis": "cp932", "sjis": "cp932", "ansi932": "cp932",
    "949": "cp949", "cp949": "cp949", "euckr": "cp949",
    "iso88591": "latin-1", "88591": "latin-1", "latin1": "latin-1", "1252": "cp1252", "cp1252": "cp1252",
    "ansi1252": "cp1252", "windows1252": "cp1252", "ascii": "ascii", "usascii": "ascii",
}  # fmt: skip

LANGUAGE_DRIVERS = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "cp950", 0x78: "cp950", 0x13: "cp932", 0x7B: "cp932"}
"""LDID, byte 29 of a .dbf. 0x00, 0x03 and 0x57 say nothing: programs write them whatever the text is in."""

_TAIWAN = re.compile(r"TWD.?(19)?(67|97)|Taiwan|Hong.?Kong|HK.?(19)?80|Macau", re.IGNORECASE)


def known(name: str) -> str | None:
    """Python's name for an encoding as users and .cpg files write it, or None."""
    return _NAMES.get(re.sub(r"[\s_-]", "", name).lower())


def candidates(prj: str) -> list[str]:
    """Encodings to try on undeclared text, likeliest first. Big5 and GB18030 often decode each other's bytes, and then
    only the place the file is from tells them apart."""
    chinese = ["cp950", "big5hkscs", "gb18030"] if _TAIWAN.search(prj) else ["gb18030", "cp950", "big5hkscs"]
    return ["utf-8", *chinese]


def detect(texts: Iterable[bytes], prj: str) -> list[str]:
    """The candidates that decode every one of `texts` strictly; `ascii` alone where nothing needs an encoding."""
    texts = {text for text in texts if not text.isascii()}
    if not texts:
        return ["ascii"]
    found = [encoding for encoding in candidates(prj) if all(decodes(text, encoding) for text in texts)]
    if found[:1] == ["utf-8"] and not any(_has_three_byte_character(text) for text in texts):
        found = [*found[1:], "utf-8"]
    return found


def _has_three_byte_character(text: bytes) -> bool:
    """Chinese in UTF-8 takes three bytes a character. Short GBK texts such as 住宅 are by chance valid UTF-8 too, but
    then of two-byte characters: Hebrew, Arabic, Armenian."""
    return any(character >= "\u0800" for character in text.decode("utf-8"))


def family(encoding: str) -> str:
    return "big5" if encoding in ("cp950", "big5hkscs") else encoding


def decodes(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def without_half_character(text: bytes, encoding: str) -> bytes | None:
    """`text` less the bytes of a character that the field's width cut in two, or None if it is wrong elsewhere too."""
    for cut in (1, 2, 3):
        if len(text) > cut and decodes(text[:-cut], encoding):
            return text[:-cut]
    return None


SHOWN = {"UTF-8": "utf-8", "GB18030": "gb18030", "BIG5": "cp950"}
"""the encodings a person chooses between, by looking at samples"""
SAMPLES, SAMPLE_CHARS = 10, 40


def samples(texts: Iterable[bytes]) -> Samples:
    """Up to ten texts that are not ASCII as each encoding reads them; what it cannot read shows as \ufffd."""
    chosen: dict[bytes, None] = {}
    for text in texts:
        if not text.isascii():
            chosen[text] = None
        if len(chosen) == SAMPLES:
            break
    if not chosen:
        return {}
    return {
        shown: [" ".join(text.decode(encoding, "replace").split())[:SAMPLE_CHARS] for text in chosen]
        for shown, encoding in SHOWN.items()
    }


def as_param(found: Samples) -> str:
    """Samples as JSON text, for the params of a refusal."""
    return json.dumps(found, ensure_ascii=False)


def note(found: Sequence[str]) -> dict:
    """The remark on an encoding that was found out: `found` as from `detect`."""
    others = [name for name in found if family(name) != family(found[0])]
    if others and found[0] != "utf-8":
        return {"reason": "encoding_ambiguous", "encoding": found[0], "other": others[0]}
    return {"reason": "encoding_detected", "encoding": found[0]}


def unescaped(text: str) -> str:
    """CAD programs write a character their code page lacks as its number: \\U+5B85."""
    return re.sub(r"\\U\+([0-9A-Fa-f]{4})", lambda found: chr(int(found.group(1), 16)), text)
