"""Shapefiles whose parts are missing, cut or lying."""

import struct
from collections.abc import Callable

from tests import shapes
from tests.nasty.corpus import nasty


@nasty("plan.zip", "shp_part_missing")
def shp_without_dbf():
    return shapes.zipped({part: content for part, content in shapes.shapefile().items() if part != "dbf"})


@nasty("plan.zip", "shp_part_missing")
def shp_without_shx():
    return shapes.zipped({part: content for part, content in shapes.shapefile().items() if part != "shx"})


@nasty("plan.zip", "shp_truncated")
def shp_truncated():
    return _damaged("shp", lambda content: content[:140])


@nasty("plan.zip", "shp_counts")
def shp_with_two_billion_points():
    return _damaged("shp", lambda content: content[:148] + struct.pack("<i", 2**31 - 1) + content[152:])


@nasty("plan.zip", "shp_counts")
def shp_with_negative_parts():
    return _damaged("shp", lambda content: content[:144] + struct.pack("<i", -5) + content[148:])


@nasty("plan.zip", "shp_counts")
def shp_part_starts_outside():
    return _damaged("shp", lambda content: content[:152] + struct.pack("<i", 77) + content[156:])


@nasty("plan.zip", "shp_counts")
def shp_of_unknown_type():
    return _damaged("shp", lambda content: content[:108] + struct.pack("<i", 99) + content[112:])


@nasty("plan.zip", "dbf_truncated")
def dbf_of_two_billion_rows():
    return _damaged("dbf", lambda content: content[:4] + struct.pack("<I", 2_000_000_000) + content[8:])


@nasty("plan.zip", "dbf_damaged")
def dbf_header_cut():
    return _damaged("dbf", lambda content: content[:40])


@nasty("plan.zip", "dbf_damaged")
def dbf_field_without_width():
    return _damaged("dbf", lambda content: content[:48] + b"\0" + content[49:])


@nasty("plan.zip", "shp_dbf_count")
def dbf_with_more_rows_than_shapes():
    return shapes.zipped(shapes.shapefile(rows=[(b"0703", b"a"), (b"0703", b"b")]))


@nasty("plan.zip", "bytes_in_no_encoding")
def dbf_with_bytes_of_no_encoding():
    return shapes.zipped(shapes.shapefile(rows=[(b"0703", b"\xff\xfe\xff end")]))


@nasty("plan.zip", "bytes_not_in_encoding")
def dbf_in_gbk_said_to_be_utf8():
    return shapes.zipped(shapes.shapefile(rows=[(b"0703", "宅基地".encode("gbk"))], cpg="UTF-8"))


@nasty("plan.zip")
def cpg_is_a_path():
    return shapes.zipped(shapes.shapefile(rows=[(b"0703", "宅基地".encode("gbk"))], cpg="../../../etc/passwd"))


@nasty("plan.zip")
def dbf_with_formula_html_and_sql():
    fields = [(b'a";drop--', "C", 40), (b"<b>", "C", 40)]
    return shapes.zipped(shapes.shapefile(fields=fields, rows=[(b"=HYPERLINK(1)", b"<img src=x onerror=alert(1)>")]))


@nasty("plan.zip", "too_many_fields")
def dbf_of_500_fields():
    fields = [(f"F{number}".encode(), "C", 1) for number in range(500)]
    return shapes.zipped(shapes.shapefile(fields=fields, rows=[[b"x"] * 500]))


@nasty("plan.zip", "geometry_type")
def shp_of_multipatches():
    patch = struct.pack("<i4d2i", 31, 480_000, 4e6, 480_100, 4_000_100, 1, 4) + struct.pack("<2i", 0, 2)
    patch += b"".join(struct.pack("<2d", *corner) for corner in shapes.square()[:4]) + struct.pack("<6d", *[0.0] * 6)
    parts = shapes.shapefile()
    return shapes.zipped({**parts, "shp": shapes.shp([patch]), "shx": shapes.shx([patch])})


@nasty("plan.zip")
def shp_with_measures():
    return _with_third(25)


@nasty("plan.zip")
def shp_with_heights_and_no_measures():
    return _with_third(15)


def _with_third(kind: int) -> bytes:
    """A polygon whose record carries a third value for each vertex."""
    ring = shapes.square()
    record = struct.pack("<i", kind) + shapes.polygon_record(ring)[4:]
    record += struct.pack(f"<2d{len(ring)}d", 0, 9, *range(len(ring)))
    return shapes.zipped({**shapes.shapefile(), "shp": shapes.shp([record]), "shx": shapes.shx([record])})


@nasty("plan.zip")
def dbf_with_memo_and_no_dbt():
    fields = [(b"DM", "C", 4), (b"BZ", "M", 10)]
    return shapes.zipped(shapes.shapefile(fields=fields, rows=[(b"0703", b"         1")]))


@nasty("plan.zip")
def dbf_with_dates_that_are_none():
    fields = [(b"A", "D", 8), (b"B", "D", 8), (b"C", "C", 10)]
    return shapes.zipped(shapes.shapefile(fields=fields, rows=[(b"00000000", b"20260231", b"0000-00-00")]))


@nasty("plan.zip")
def dbf_of_256_fields():
    """One more than dBASE allows and many programs read."""
    fields = [(f"F{number}".encode(), "C", 1) for number in range(256)]
    return shapes.zipped(shapes.shapefile(fields=fields, rows=[[b"x"] * 256]))


@nasty("plan.zip", "shp_truncated")
def shp_that_says_it_is_larger_than_two_gigabytes():
    return _damaged("shp", lambda content: content[:24] + struct.pack(">i", 2**31 - 1) + content[28:])


def _damaged(part: str, damage: Callable[[bytes], bytes]) -> bytes:
    parts = shapes.shapefile()
    return shapes.zipped({**parts, part: damage(parts[part])})
