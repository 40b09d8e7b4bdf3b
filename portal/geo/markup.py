"""XML as a stream of finished elements: no document type, no entities, nothing fetched, no nesting without end."""

import codecs
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # data classes only: defusedxml does the parsing

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from portal.geo import charsets
from portal.geo.issues import refusal
from portal.geo.source import Limits

_DEPTH = 100
_CHUNK = 1 << 16
_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\bencoding\s*=\s*["']([^"']{1,40})["'][^>]*\?>""")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Ancestors = list[Element]
"""the open elements above one, outermost first, with their attributes but without content"""


@lru_cache(maxsize=1000)
def local(tag: str) -> str:
    return tag.rpartition("}")[2]


@lru_cache(maxsize=1000)
def namespace(tag: str) -> str:
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def subtrees(path: Path, limits: Limits, keep: Callable[[str, Ancestors], bool]) -> Iterator[tuple[Element, Ancestors]]:
    """Each outermost element that `keep` wants, with all its content, as soon as it ends; the rest is let go."""
    if path.stat().st_size > limits.json_bytes:
        raise refusal("file_too_large", limit_mb=limits.json_bytes >> 20)
    target = _Target(keep)
    with path.open("rb") as stream:
        start = stream.read(_CHUNK)
        encoding = _encoding(start)
        decode = codecs.getincrementaldecoder(encoding)("strict").decode if encoding else None
        parser = DefusedXMLParser(target=target, encoding="utf-8" if decode else None, forbid_dtd=True)
        chunk = start
        try:
            while chunk:
                parser.feed(decode(chunk).encode() if decode else chunk)
                yield from target.taken()
                chunk = stream.read(_CHUNK)
            parser.close()
        except ParseError as error:
            raise refusal("xml_invalid", line=error.position[0]) from error
        except DefusedXmlException as error:
            raise refusal("xml_dtd") from error
        except (UnicodeError, LookupError) as error:
            raise refusal("xml_encoding") from error
    yield from target.taken()


def _encoding(start: bytes) -> str | None:
    """Python's name of the declared encoding, None where the parser knows it itself. It knows no Chinese one."""
    declared = _DECLARED.match(start)
    if not declared or start.startswith(_UTF16):
        return None
    name = declared.group(1).decode("ascii", "replace")
    if name.lower() in ("utf-8", "utf-16"):
        return None
    encoding = charsets.known(name)
    if encoding is None:
        raise refusal("xml_encoding")
    return encoding


class _Target:
    """What the parser tells its events to."""

    def __init__(self, keep: Callable[[str, Ancestors], bool]) -> None:
        self.keep = keep
        self.ancestors: Ancestors = []
        self.builder = TreeBuilder()
        self.depth = 0
        """of the element being kept; 0: none is"""
        self.done: list[tuple[Element, Ancestors]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.depth + len(self.ancestors) >= _DEPTH:
            raise refusal("xml_depth")
        if self.depth or self.keep(tag, self.ancestors):
            self.depth += 1
            self.builder.start(tag, attributes)
        else:
            self.ancestors.append(Element(tag, attributes))

    def data(self, text: str) -> None:
        if self.depth:
            self.builder.data(text)

    def end(self, tag: str) -> None:
        if not self.depth:
            self.ancestors.pop()
            return
        self.builder.end(tag)
        self.depth -= 1
        if self.depth == 0:
            self.done.append((self.builder.close(), list(self.ancestors)))
            self.builder = TreeBuilder()

    def close(self) -> None:
        pass

    def taken(self) -> list[tuple[Element, Ancestors]]:
        done, self.done = self.done, []
        return done


def numbers(text: str | None, separators: str = " ") -> list[float]:
    """Coordinates as text. ValueError for words, and for the names of numbers that Python knows and XML has not."""
    text = (text or "").translate(str.maketrans(dict.fromkeys(separators, " ")))
    if not text.isascii() or "n" in text.lower() or "_" in text:  # nan, inf, infinity, 1_000
        raise ValueError(text[:40])
    return [float(part) for part in text.split()]
