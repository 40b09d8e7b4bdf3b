"""File Geodatabases: a folder of tables, unpacked under names of ours and looked at before GDAL opens it.

Of its files GDAL gets the tables alone. Indexes, locks and metadata are not needed to read, and are one parser less.
"""

import re
import struct
from pathlib import Path

from portal.geo import ogr
from portal.geo.archive import Member
from portal.geo.issues import refusal
from portal.geo.source import Limits, Options, SourceLayer

DRIVER = "OpenFileGDB"
_FILE = re.compile(r"^(a[0-9a-f]{8}\.gdbtable|a[0-9a-f]{8}\.gdbtablx)$", re.IGNORECASE)
_CATALOG = "a00000001"
_HEADER = 40
_VERSIONS = (3, 4)
_MAX_FIELDS_BYTES = 4 * 2**20


def folders(members: list[Member]) -> list[str]:
    """The geodatabases of an archive. Their files lie directly in a folder whose name ends in `.gdb`, and nowhere else."""
    found: dict[str, None] = {}
    for member in members:
        if member.extension in ("gdbtable", "gdbtablx"):
            folder, _, name = member.name.rpartition("/")
            inside = [part for part in folder.casefold().split("/") if part.endswith(".gdb")]
            if len(inside) != 1 or not folder.casefold().endswith(".gdb") or not _FILE.match(name):
                raise refusal("gdb_folder", member=member.name)
            found[folder] = None
    return list(found)


def read(members: list[Member], options: Options, limits: Limits) -> list[SourceLayer]:
    folder = _together(members)
    for table in sorted(folder.glob("*.gdbtable")):
        check_table(table, limits)
    if not (folder / f"{_CATALOG}.gdbtable").exists():
        raise refusal("gdb_damaged")
    names = ogr.layer_names(DRIVER, folder)
    wanted = [name for name in names if options.layers is None or name in options.layers]
    if not wanted:
        raise refusal("no_layer")
    if len(wanted) > limits.layers:
        raise refusal("too_many_layers", count=len(wanted), limit=limits.layers)
    return [_layer(folder, name, limits) for name in wanted]


def _layer(folder: Path, name: str, limits: Limits) -> SourceLayer:
    layer = ogr.read_layer(DRIVER, folder, name, limits)
    if ogr.stated_rows(DRIVER, folder, name) != len(layer.wkb):  # GDAL leaves out rows it cannot find, without a word
        raise refusal("gdb_damaged")
    if any(layer.wkb) and ogr.has_curves(DRIVER, folder, name):
        layer.notes.append({"reason": "curves_linearised"})
    return layer


def _together(members: list[Member]) -> Path:
    """The tables in a folder of our own, each with the name that its content is found by."""
    tables = [member for member in members if member.extension in ("gdbtable", "gdbtablx")]
    folder = tables[0].path.parent / "own.gdb"
    folder.mkdir()
    for member in tables:
        (folder / member.name.rpartition("/")[2].lower()).hardlink_to(member.path)
    return folder


def check_table(path: Path, limits: Limits) -> None:
    """The header of a table against its size and its index: what lies or was cut off here ends here."""
    size, index = path.stat().st_size, path.with_suffix(".gdbtablx")
    if not index.exists() or size < _HEADER:
        raise refusal("gdb_damaged")
    with path.open("rb") as stream:
        header = stream.read(_HEADER)
        version, rows = struct.unpack_from("<II", header)
        stated, fields_at = struct.unpack_from("<QQ", header, 24)
        stream.seek(min(fields_at, size))
        fields = stream.read(4)
    if version not in _VERSIONS or stated > size or fields_at + 4 > size or len(fields) < 4:
        raise refusal("gdb_damaged")
    if struct.unpack("<I", fields)[0] > min(_MAX_FIELDS_BYTES, size - fields_at):
        raise refusal("gdb_damaged")
    if version == 3 and rows > limits.rows:  # 3 is the version with 32-bit numbers of rows
        raise refusal("too_many_rows", layer=path.stem, limit=limits.rows)
    _check_index(index, version)


def _check_index(path: Path, version: int) -> None:
    """Blocks of 1024 offsets each, of 4 to 6 bytes."""
    size = path.stat().st_size
    if size < 16:
        raise refusal("gdb_damaged")
    with path.open("rb") as stream:
        own, blocks, _rows, width = struct.unpack("<4I", stream.read(16))
    if own != version or width not in (4, 5, 6) or blocks * 1024 * width > size:
        raise refusal("gdb_damaged")
