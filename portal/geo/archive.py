"""Own inspection of ZIP archives while they are unpacked. GDAL reads `../`, duplicates and prefixed archives happily;
so nothing of an archive reaches it that was not looked at here and written under a name of ours."""

import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.geo.issues import refusal

WANTED = {
    "shp", "shx", "dbf", "prj", "cpg", "gpkg", "geojson", "json", "gml", "kml", "dxf", "gdbtable", "gdbtablx",
}  # fmt: skip
NESTED = {"zip", "7z", "rar", "gz", "tgz", "bz2", "xz", "zst", "tar", "kmz", "jar", "iso"}
OFFICE = {"docx", "xlsx", "pptx", "odt", "ods"}
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_UTF8_FLAG, _ENCRYPTED, _STRONG, _MASKED = 0x800, 0x1, 0x40, 0x2000
_CHUNK = 1 << 16
_EOCD = 22


@dataclass(frozen=True)
class ArchiveLimits:
    members: int = 500
    total_bytes: int = 500 * 2**20
    ratio: int = 100
    ratio_floor: int = 20 * 2**20
    """bytes below which the ratio is not judged: an honest attribute table of blanks packs a thousandfold"""


@dataclass(frozen=True)
class Member:
    name: str
    path: Path
    """where the content was written, under a name of our own"""

    @property
    def stem(self) -> str:
        return self.name.rsplit(".", 1)[0]

    @property
    def extension(self) -> str:
        return extension_of(self.name)


def extension_of(name: str) -> str:
    base = name.rsplit("/", 1)[-1]
    return base.rsplit(".", 1)[-1].lower() if "." in base else ""


def unpack(archive: Path, folder: Path, limits: ArchiveLimits) -> list[Member]:
    """Inspect every entry, then write the useful ones into `folder` as `m0.shp`, `m1.dbf`, … Raises Refused."""
    with _inspected(archive, limits) as (opened, files):
        return list(_write(opened, files, folder, limits))


def contents(archive: Path, limits: ArchiveLimits) -> Iterator[tuple[str, bytes]]:
    """Name and content of every entry, inspected and counted as above, for files that are archives themselves (.xlsx)."""
    total = 0
    with _inspected(archive, limits) as (opened, files):
        for entry, name in files:
            content = b"".join(_inflated(opened, entry, name, limits, limits.total_bytes - total))
            total += len(content)
            yield name, content


@contextmanager
def _inspected(archive: Path, limits: ArchiveLimits) -> Iterator[tuple[zipfile.ZipFile, list]]:
    """The opened archive and its entries with their names, every one of them looked at."""
    try:
        if _claimed_members(archive) > limits.members:
            raise refusal("zip_too_many_members", limit=limits.members)
        with zipfile.ZipFile(archive) as opened:
            entries = [(entry, _decoded_name(entry)) for entry in opened.infolist()]
            _check_directory(archive, entries, limits)
            files = [(entry, name) for entry, name in entries if not name.endswith("/")]
            for entry, name in files:
                _check_nested(opened, entry, name)
            yield opened, files
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, struct.error, NotImplementedError) as error:
        raise refusal("zip_unreadable") from error


def _claimed_members(archive: Path) -> int:
    """Number of entries in the end record, read before zipfile builds an object for each of them."""
    size = archive.stat().st_size
    with archive.open("rb") as stream:
        stream.seek(max(0, size - _EOCD - 65535))
        tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _EOCD:
        raise refusal("zip_unreadable")
    count, comment = struct.unpack_from("<H", tail, at + 10)[0], struct.unpack_from("<H", tail, at + 20)[0]
    if len(tail) - at != _EOCD + comment:
        raise refusal("zip_prefix")
    return count


def _decoded_name(entry: zipfile.ZipInfo) -> str:
    """Chinese archivers write GBK names without the UTF-8 flag; zipfile has read those bytes as cp437."""
    name = entry.orig_filename
    if entry.flag_bits & _UTF8_FLAG:
        return name
    raw = name.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _check_directory(archive: Path, entries: list[tuple[zipfile.ZipInfo, str]], limits: ArchiveLimits) -> None:
    if not entries:
        raise refusal("zip_empty")
    if len(entries) > limits.members:
        raise refusal("zip_too_many_members", limit=limits.members)
    seen: set[str] = set()
    for entry, name in entries:
        _check_entry(entry, name)
        key = unicodedata.normalize("NFC", name.rstrip("/")).casefold()
        if key in seen:
            raise refusal("zip_duplicate", member=name)
        seen.add(key)
    if sum(entry.file_size for entry, _ in entries) > limits.total_bytes:
        raise refusal("zip_too_large", limit_mb=limits.total_bytes >> 20)
    _check_layout(archive, [entry for entry, _ in entries])


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    parts = name.split("/")
    if "\\" in name or "\0" in name or name.startswith("/") or ".." in parts or (parts[0][1:2] == ":"):
        raise refusal("zip_path", member=name)
    kind = (entry.external_attr >> 16) & 0o170000
    if kind not in (0, 0o100000, 0o040000):
        raise refusal("zip_symlink", member=name)
    if entry.flag_bits & (_ENCRYPTED | _STRONG | _MASKED):
        raise refusal("zip_encrypted", member=name)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refusal("zip_method", member=name)


def _check_layout(archive: Path, entries: list[zipfile.ZipInfo]) -> None:
    """The archive starts with its first entry, entries do not share bytes, and both directories tell one story."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    if ordered[0].header_offset != 0:
        raise refusal("zip_prefix")
    end = 0
    with archive.open("rb") as stream:
        for entry in ordered:
            if entry.header_offset < end:
                raise refusal("zip_overlap")
            stream.seek(entry.header_offset)
            signature, flags, packed, size, names, extra = struct.unpack("<4s2xH10xIIHH", stream.read(30))
            if signature != b"PK\x03\x04":
                raise refusal("zip_unreadable")
            streamed = flags & 0x8 or 0xFFFFFFFF in (packed, size)  # sizes follow the data, or are in the ZIP64 extra
            if not streamed and (packed, size) != (entry.compress_size, entry.file_size):
                raise refusal("zip_size_lies", member=_decoded_name(entry))
            end = entry.header_offset + 30 + names + extra + entry.compress_size
    if end > archive.stat().st_size:
        raise refusal("zip_unreadable")


def _check_nested(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> None:
    extension = extension_of(name)
    if extension in NESTED:
        raise refusal("zip_nested", member=name)
    with _as_stated(name), opened.open(entry) as stream:
        nested = stream.read(8).startswith(_MAGIC)
    if nested and extension not in OFFICE:
        raise refusal("zip_nested", member=name)


def _write(
    opened: zipfile.ZipFile, files: list[tuple[zipfile.ZipInfo, str]], folder: Path, limits: ArchiveLimits
) -> Iterator[Member]:
    total = 0
    for number, (entry, name) in enumerate(files):
        hidden = name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")
        if hidden or extension_of(name) not in WANTED:
            continue
        path = folder / f"m{number}.{extension_of(name)}"
        total += _inflate(opened, entry, name, path, limits, limits.total_bytes - total)
        yield Member(name, path)


def _inflate(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, path: Path, limits: ArchiveLimits, room: int
) -> int:
    with path.open("xb") as target:
        return sum(target.write(chunk) for chunk in _inflated(opened, entry, name, limits, room))


def _inflated(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, limits: ArchiveLimits, room: int
) -> Iterator[bytes]:
    """Bytes are counted as they come out: what the directory says about sizes is only a first hint."""
    written = 0
    with _as_stated(name), opened.open(entry) as source:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            _check_growth(written, entry.compress_size, name, limits, room)
            yield chunk
    if written != entry.file_size:
        raise refusal("zip_size_lies", member=name)


@contextmanager
def _as_stated(name: str) -> Iterator[None]:
    """A wrong checksum, a stream that ends early: bytes were cut or added, the entry is not what the directory says."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise refusal("zip_size_lies", member=name) from error


def _check_growth(written: int, packed: int, name: str, limits: ArchiveLimits, room: int) -> None:
    if written > room:
        raise refusal("zip_too_large", limit_mb=limits.total_bytes >> 20)
    if written > limits.ratio_floor and written > limits.ratio * max(packed, 1):
        raise refusal("zip_ratio", member=name, limit=limits.ratio)
