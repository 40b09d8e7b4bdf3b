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


def _damaged(part: str, damage: Callable[[bytes], bytes]) -> bytes:
    parts = shapes.shapefile()
    return shapes.zipped({**parts, part: damage(parts[part])})
