"""The door for photos: a JPEG, PNG or WebP in; two new JPEGs made from its pixels, and nothing else of the file, out.

The file is told by its bytes, never by its name. It is decoded by the reading child; what the child hands back is looked
at again here, marker by marker, so that even a child that was taken over can give out pixels only.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from portal.geo import handover, sandbox
from portal.geo.archive import ArchiveLimits
from portal.geo.issues import Refused, refusal
from portal.geo.source import Limits, Options

__all__ = ["LIMITS", "LONGEST", "PIXELS", "SMALL", "Made", "Refused", "kind_of", "read"]

PIXELS = 50_000_000
LONGEST, SMALL = 2000, 480
"""longest side of the kept photo and of the small one, px"""
LARGE_FILE, SMALL_FILE = "large.jpg", "small.jpg"
LIMITS = Limits(
    seconds=30, cpu_seconds=20, memory_bytes=1280 * 2**20, file_bytes=15 * 2**20, json_bytes=2**20,
    archive=ArchiveLimits(members=0, total_bytes=30 * 2**20), values=PIXELS, longest=LONGEST,
)  # fmt: skip
"""`values`: pixels; 50 million of four channels are 200 MB, twice while they are turned into others"""

_JFIF = b"JFIF\0"
_TABLES = {0xDB, 0xC4, 0xDD}  # quantisation, Huffman codes, restart interval
_FRAMES = {0xC0, 0xC2}
_APP0, _SCAN, _END = 0xE0, 0xDA, b"\xff\xd9"
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


@dataclass(frozen=True)
class Made:
    """A photo made anew: its JPEG, a small one, and the size of the first in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int


def read(path: str | Path, *, limits: Limits = LIMITS) -> Made:
    """Make the photo at `path` anew, in a jailed process. Raises Refused."""
    path = Path(path)
    size = path.stat().st_size
    if size == 0:
        raise refusal("file_empty")
    if size > limits.file_bytes:
        raise refusal("file_too_large", limit_mb=limits.file_bytes >> 20)
    with path.open("rb") as stream:
        kind = kind_of(stream.read(32))
    with sandbox.job_folder() as folder:
        shutil.copyfile(path, folder / f"input.{kind}")
        handover.write_task(folder, kind, "photo", Options(), limits)
        sandbox.run_child(folder, limits)
        return receive(folder, limits)


def kind_of(start: bytes) -> str:
    """`jpg`, `png` or `webp`, by the first bytes."""
    if start.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "webp"
    raise refusal("photo_heic" if start[4:8] == b"ftyp" and start[8:12] in _HEIC else "photo_type")


def receive(folder: Path, limits: Limits) -> Made:
    """The child's two pictures. Raises Refused with its reason, or `crashed` for what is no plain JPEG of an agreed size."""
    try:
        answer = json.loads(handover.content(folder / handover.ANSWER, limits.json_bytes))
        if "refused" in answer:
            raise Refused(list(handover.stated_issues(answer["refused"])))
        large, small = (handover.content(folder / name, limits.file_bytes) for name in (LARGE_FILE, SMALL_FILE))
        width, height = size_of_plain_jpeg(large)
        if max(width, height) > limits.longest or max(size_of_plain_jpeg(small)) > SMALL:
            raise ValueError("larger than agreed")
        return Made(large, small, width, height)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise refusal("crashed") from error


def size_of_plain_jpeg(data: bytes) -> tuple[int, int]:
    """Width and height, px, of a JPEG that has pictures and tables in it and nothing else; ValueError for any other.

    No EXIF, XMP, ICC profile, comment or thumbnail passes, and nothing after the end.
    """
    if not data.startswith(b"\xff\xd8"):
        raise ValueError("no JPEG")
    at, size = 2, (0, 0)
    while data[at : at + 2] != _END:
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        segment = data[at + 4 : at + 2 + length]
        if length < 2 or len(segment) != length - 2:
            raise ValueError("a segment is cut")
        if marker == _APP0:
            if not segment.startswith(_JFIF) or len(segment) != 14 or segment[-2:] != b"\0\0":
                raise ValueError("more than a plain head")
        elif marker in _FRAMES:
            size = int.from_bytes(segment[3:5], "big"), int.from_bytes(segment[1:3], "big")
        elif marker not in _TABLES and marker != _SCAN:
            raise ValueError("something besides pixels")
        at += 2 + length
        if marker == _SCAN:
            at = _after_scan(data, at)
    if at + 2 != len(data) or not all(size):
        raise ValueError("something after the end, or no picture")
    return size


def _after_scan(data: bytes, at: int) -> int:
    """Where the coded pixels that begin at `at` end: at the next marker that is neither a stuffed byte nor a restart."""
    while (at := data.find(b"\xff", at)) >= 0:
        following = data[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7:
            return at
        at += 2
    raise ValueError("the pixels never end")
