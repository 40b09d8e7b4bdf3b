"""Archives that lead outside, burst, lie or hold two truths."""

import io
import struct
import zipfile
import zlib

from tests import shapes
from tests.nasty.corpus import nasty


@nasty("plan.zip", "zip_path")
def zip_slip():
    return shapes.archive({**_members(), "../../../../tmp/slipped.shp": b"x"})


@nasty("plan.zip", "zip_path")
def zip_absolute_path():
    return shapes.archive({**_members(), "/tmp/slipped.shp": b"x"})


@nasty("plan.zip", "zip_path")
def zip_backslash():
    return shapes.archive({**_members(), "..\\..\\slipped.shp": b"x"})


@nasty("plan.zip", "zip_path")
def zip_drive_letter():
    return shapes.archive({**_members(), "C:slipped.shp": b"x"})


@nasty("plan.zip", "zip_symlink")
def zip_symlink(canaries):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, content in _members().items():
            if not name.endswith(".dbf"):
                opened.writestr(name, content)
        link = zipfile.ZipInfo("GHYDYH.dbf")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        opened.writestr(link, canaries.secret_file)
    return made.getvalue()


@nasty("plan.zip", "zip_symlink")
def zip_device():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        device = zipfile.ZipInfo("GHYDYH.dbf")
        device.create_system, device.external_attr = 3, 0o020666 << 16
        opened.writestr(device, b"")
    return made.getvalue()


@nasty("plan.zip", "zip_ratio")
def zip_bomb_flat():
    return shapes.archive({**_members(), "GHYDYH.dbf": bytes(60 * 2**20)})


@nasty("plan.zip", "zip_too_large")
def zip_bomb_many():
    return shapes.archive({f"part{number}.dbf": bytes(19 * 2**20) for number in range(27)})


@nasty("plan.zip", "zip_nested")
def zip_nested():
    return shapes.archive({f"{n}.zip": shapes.archive({"a.shp": bytes(2**20)}) for n in range(10)})


@nasty("plan.zip", "zip_nested")
def zip_nested_in_disguise():
    return shapes.archive({**_members(), "GHYDYH.txt": shapes.archive({"a.shp": b"x"})})


@nasty("plan.zip", "zip_too_many_members")
def zip_of_20000_entries():
    return shapes.archive({f"e{number}": b"" for number in range(20_000)})


@nasty("plan.zip", "zip_size_lies")
def zip_directory_lies():
    """The central directory says ten bytes, the entry holds more."""
    good = bytearray(shapes.archive({"a.dbf": bytes(5000)}))
    struct.pack_into("<I", good, good.rindex(b"PK\x01\x02") + 24, 10)
    return bytes(good)


@nasty("plan.zip", "zip_size_lies")
def zip_both_headers_lie():
    good = bytearray(shapes.archive({"a.dbf": bytes(5000)}))
    struct.pack_into("<I", good, good.rindex(b"PK\x01\x02") + 24, 10)
    struct.pack_into("<I", good, 22, 10)
    return bytes(good)


@nasty("plan.zip", "zip_overlap")
def zip_overlapping_entries():
    """Two directory entries, one body: the trick of the bombs that nest nothing."""
    good = shapes.archive({"a.dbf": bytes(5000), "b.dbf": bytes(5000)})
    second = good.rindex(b"PK\x01\x02")
    return good[: second + 42] + struct.pack("<I", 0) + good[second + 46 :]


@nasty("plan.zip", "zip_unreadable")
def zip_truncated():
    good = shapes.zipped(shapes.shapefile())
    return good[: len(good) // 2]


@nasty("plan.zip", "zip_prefix")
def zip_with_script_before():
    """Starts like a ZIP and holds another before the real one: which of the two is read depends on the reader."""
    return shapes.archive({"a.shp": b"x"}) + shapes.zipped(shapes.shapefile())


@nasty("plan.zip", "not_what_it_says")
def html_and_zip_polyglot():
    return b"<html><script>alert(1)</script></html>" + shapes.zipped(shapes.shapefile())


@nasty("plan.zip", "zip_prefix")
def zip_with_html_after():
    return shapes.zipped(shapes.shapefile()) + b"<html><script>alert(1)</script></html>"


@nasty("plan.zip", "zip_encrypted")
def zip_encrypted():
    good = bytearray(shapes.archive({"GHYDYH.shp": b"x" * 50}))
    for at in (6, good.rindex(b"PK\x01\x02") + 8):
        good[at] |= 1
    return bytes(good)


@nasty("plan.zip", "zip_method")
def zip_with_another_method():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as opened:
        opened.writestr("GHYDYH.shp", b"x" * 50)
    return made.getvalue()


@nasty("plan.zip", "zip_duplicate")
def zip_case_clash():
    return shapes.archive({**_members(), "ghydyh.DBF": b"other"})


@nasty("plan.zip", "zip_empty")
def zip_empty():
    return shapes.archive({})


@nasty("plan.zip", "no_layer")
def zip_without_layer():
    return shapes.archive({"readme.txt": b"nothing here", "photo.jpg": b"\xff\xd8"})


@nasty("plan.zip", "zip_mixed")
def zip_of_two_kinds():
    return shapes.archive({**_members(), "plan.geojson": shapes.geojson()})


@nasty("plan.zip")
def zip_with_control_characters_in_names():
    stem = "CON\n\u202eevil\"'"
    return shapes.archive({f"{stem}.{extension}": content for extension, content in shapes.shapefile().items()})


@nasty("plan.zip", "zip_overlap")
def zip_bomb_of_quoted_headers():
    """Each entry's data is the next entry's header, quoted as a stored block, and all of that one's data."""
    kernel, names = zlib.compress(bytes(2**20), 9, -15), [f"p{number}.dbf".encode() for number in range(20)]
    size, tail, heads = 2**20, kernel, []
    crc = zlib.crc32(bytes(2**20))
    for name in reversed(names):
        head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(tail), size, len(name), 0) + name
        heads.append((name, len(tail), size))
        tail = struct.pack("<BHH", 0, len(head), len(head) ^ 0xFFFF) + head + tail
        size += len(head)
    body = tail[5:]  # the first header is not quoted by another
    central = b""
    for name, packed, unpacked in reversed(heads):
        at = body.index(name) - 30
        central += struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, packed, unpacked, len(name), *[0] * 5, at
        )
        central += name
    return body + central + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 20, 20, len(central), len(body), 0)


@nasty("plan.zip", "zip_size_lies")
def zip64_sizes_lie():
    """The ZIP64 extra of the directory says ten bytes."""
    good = shapes.archive({"a.dbf": bytes(5000)})
    at, end = good.rindex(b"PK\x01\x02"), good.rindex(b"PK\x05\x06")
    extra = struct.pack("<HHQ", 1, 8, 10)
    entry = bytearray(good[at:end])
    struct.pack_into("<I", entry, 24, 0xFFFFFFFF)
    struct.pack_into("<H", entry, 30, len(extra))
    name_end = 46 + struct.unpack_from("<H", entry, 28)[0]
    central = bytes(entry[:name_end]) + extra + bytes(entry[name_end:])
    tail = bytearray(good[end:])
    struct.pack_into("<I", tail, 12, len(central))
    return good[:at] + central + bytes(tail)


@nasty("plan.zip", "zip_too_many_members", "zip_prefix", "zip_unreadable")
def zip64_directory_of_more_entries_than_the_end_says():
    members = {f"e{number}": b"" for number in range(600)}
    good = shapes.archive(members)
    end = good.rindex(b"PK\x05\x06")
    size, at = struct.unpack_from("<II", good, end + 12)
    large = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 600, 600, size, at)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    tail = bytearray(good[end:])
    struct.pack_into("<HH", tail, 8, 1, 1)
    return good[:end] + large + locator + bytes(tail)


@nasty("plan.zip", "not_what_it_says")
def seven_zip_as_zip():
    return b"7z\xbc\xaf\x27\x1c\0\4" + bytes(200)


@nasty("plan.zip", "not_what_it_says")
def rar_as_zip():
    return b"Rar!\x1a\x07\x01\0" + bytes(200)


@nasty("plan.7z", "type_unsupported")
def seven_zip():
    return b"7z\xbc\xaf\x27\x1c\0\4" + bytes(200)


@nasty("plan.zip", "zip_nested")
def seven_zip_in_zip_under_another_name():
    return shapes.archive({**_members(), "GHYDYH.sbn": b"7z\xbc\xaf\x27\x1c\0\4"})


@nasty("plan.zip", "no_layer")
def docx_as_zip(canaries):
    relations = f'<Relationships><Relationship Target="{canaries.url}" TargetMode="External"/></Relationships>'
    return shapes.archive({"[Content_Types].xml": b"<Types/>", "word/_rels/document.xml.rels": relations.encode()})


@nasty("plan.gpkg", "not_what_it_says")
def xlsx_as_gpkg():
    return shapes.archive({"xl/workbook.xml": b'<!DOCTYPE x SYSTEM "http://x/"><workbook/>'})


@nasty("plan.kmz", "kmz")
def kmz_with_overlay(canaries):
    overlay = f"<GroundOverlay><Icon><href>{canaries.url}/a.png</href></Icon></GroundOverlay>"
    return shapes.archive({"doc.kml": shapes.kml(overlay)})


@nasty("plan.zip", "zip_nested")
def kmz_in_zip():
    return shapes.archive({"doc.kmz": shapes.archive({"doc.kml": shapes.kml()})})


def _members() -> dict[str, bytes]:
    return {f"GHYDYH.{extension}": content for extension, content in shapes.shapefile().items()}
