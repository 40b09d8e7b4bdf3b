"""Shapefiles: the parts are checked by us, byte by byte where they can lie; GDAL only assembles the polygons."""

import struct
from itertools import pairwise
from pathlib import Path

from portal.geo import charsets, dbf, ogr
from portal.geo.archive import Member
from portal.geo.issues import refusal
from portal.geo.source import Limits, Options, SourceLayer

_POINTS, _PARTED, _MULTIPOINT = {1, 11, 21}, {3, 5, 13, 15, 23, 25}, {8, 18, 28}
_WITH_Z = {11, 13, 15, 18, 21, 23, 25, 28}
_MAX_PRJ = 100_000


def stems(members: list[Member]) -> list[str]:
    """Path without extension of each Shapefile in an archive, in archive order; parts may differ in capital letters."""
    return [member.stem for member in members if member.extension == "shp"]


def read(stem: str, members: list[Member], options: Options, limits: Limits) -> SourceLayer:
    parts = {member.extension: member.path for member in members if member.stem.casefold() == stem.casefold()}
    layer = stem.rsplit("/", 1)[-1]
    for part in ("dbf", "shx"):
        if part not in parts:
            raise refusal("shp_part_missing", layer=layer, part=part)
    prj = _small_text(parts.get("prj"))
    shapes, with_z = check_shapes(parts["shp"], layer, limits)
    table = dbf.read_table(parts["dbf"], max_rows=limits.rows, max_fields=limits.fields, layer=layer)
    if shapes != table.total:
        raise refusal("shp_dbf_count", layer=layer, shapes=shapes, records=table.total)
    notes = [{"reason": "z_dropped"}] if with_z else []
    declared = _declared_encoding(parts.get("cpg"), options, layer, notes)
    decoded = dbf.decode(table, declared=declared, prj=prj, layer=layer)
    if len(table.kept) < table.total:
        notes.append({"reason": "rows_deleted", "count": table.total - len(table.kept)})
    geometries = ogr.read_by_number(_together(parts, parts["shp"].parent), table.kept, layer)
    return SourceLayer(
        name=layer,
        fields=decoded.names,
        columns=decoded.columns,
        wkb=geometries,
        crs=prj,
        encoding=decoded.encoding,
        notes=notes + decoded.notes,
        samples=decoded.samples,
    )


def check_shapes(path: Path, layer: str, limits: Limits) -> tuple[int, bool]:
    """Walk every record header: number of shapes, and whether there are heights. Lying counts and cut files end here."""
    data = path.read_bytes()
    if len(data) < 100 or struct.unpack_from(">i", data)[0] != 9994:
        raise refusal("shp_truncated", layer=layer)
    end = 2 * struct.unpack_from(">i", data, 24)[0]
    if end > len(data) or end < 100:
        raise refusal("shp_truncated", layer=layer)
    at, shapes, vertices, with_z = 100, 0, 0, False
    while at < end:
        if at + 12 > end:
            raise refusal("shp_truncated", layer=layer)
        content = 2 * struct.unpack_from(">i", data, at + 4)[0]
        if content < 4 or at + 8 + content > end:
            raise refusal("shp_truncated", layer=layer)
        shapes += 1
        if shapes > limits.rows:
            raise refusal("too_many_rows", layer=layer, limit=limits.rows)
        kind, points = _shape(data, at + 8, content, shapes, layer)
        with_z = with_z or kind in _WITH_Z
        vertices += points
        if vertices > limits.vertices:
            raise refusal("too_many_vertices", layer=layer, limit=limits.vertices)
        at += 8 + content
    return shapes, with_z


def _shape(data: bytes, at: int, content: int, row: int, layer: str) -> tuple[int, int]:
    """Type and number of points of one record, after checking that they fit into it."""
    kind = struct.unpack_from("<i", data, at)[0]
    if kind == 0:
        return kind, 0
    if kind in _POINTS and content >= 20:
        return kind, 1
    if kind in _PARTED and content >= 44:
        parts, points = struct.unpack_from("<2i", data, at + 36)
        if parts < 0 or points < 0 or 44 + 4 * parts + 16 * points > content:
            raise refusal("shp_counts", layer=layer, row=row)
        starts = struct.unpack_from(f"<{parts}i", data, at + 44)
        if any(not 0 <= a <= b for a, b in pairwise([*starts, points])) or (points and not parts):
            raise refusal("shp_counts", layer=layer, row=row)
        return kind, points
    if kind in _MULTIPOINT and content >= 40:
        points = struct.unpack_from("<i", data, at + 36)[0]
        if points < 0 or 40 + 16 * points > content:
            raise refusal("shp_counts", layer=layer, row=row)
        return kind, points
    if kind == 31:
        raise refusal("geometry_type", layer=layer, row=row, type="MultiPatch")
    raise refusal("shp_counts", layer=layer, row=row)


def _declared_encoding(cpg: Path | None, options: Options, layer: str, notes: list[dict]) -> str | None:
    if options.encoding:
        encoding = charsets.known(options.encoding)
        if encoding is None:
            raise refusal("encoding_unknown", layer=layer, encoding=options.encoding[:40])
        return encoding
    text = _small_text(cpg).strip()
    if not text:
        return None
    encoding = charsets.known(text)
    if encoding is None:
        notes.append({"reason": "cpg_ignored", "text": ascii(text[:40])[1:-1]})
    return encoding


def _small_text(path: Path | None) -> str:
    """Content of a .prj or .cpg; a text too long for either is cut, and then means nothing to its reader."""
    if path is None:
        return ""
    with path.open("rb") as stream:
        return stream.read(_MAX_PRJ).decode("utf-8-sig", "replace").strip("\0 \r\n\t")


def _together(parts: dict[str, Path], folder: Path) -> Path:
    """The three parts GDAL needs, under one stem. No .cpg, no .prj, no .qix: it gets nothing to interpret."""
    stem = parts["shp"].stem
    for part in ("shp", "shx", "dbf"):
        target = folder / f"{stem}.ready.{part}"
        target.unlink(missing_ok=True)
        target.hardlink_to(parts[part])
    return folder / f"{stem}.ready.shp"
