"""File Geodatabases whose folder, catalogue or tables are not what they say."""

import random
import struct

from tests import shapes
from tests.nasty.corpus import nasty


def damaged(name: str, at: int, content: bytes) -> bytes:
    parts = shapes.filegdb()
    good = bytearray(parts[name])
    good[at : at + len(content)] = content
    return shapes.zipped_gdb({**parts, name: bytes(good)})


@nasty("plan.zip", "gdb_damaged")
def gdb_without_catalogue():
    return shapes.zipped_gdb({name: part for name, part in shapes.filegdb().items() if "00000001" not in name})


@nasty("plan.zip", "unreadable", "gdb_damaged", "no_layer")
def gdb_with_catalogue_of_noise():
    return damaged("a00000001.gdbtable", 40, random.Random(3).randbytes(300))


@nasty("plan.zip", "gdb_damaged")
def gdb_catalogue_cut_off():
    parts = shapes.filegdb()
    return shapes.zipped_gdb({**parts, "a00000001.gdbtable": parts["a00000001.gdbtable"][:30]})


@nasty("plan.zip", "too_many_rows")
def gdb_table_of_four_billion_rows():
    return damaged("a00000009.gdbtable", 4, b"\xff\xff\xff\xff")


@nasty("plan.zip", "gdb_damaged")
def gdb_table_larger_than_its_file():
    return damaged("a00000009.gdbtable", 24, struct.pack("<Q", 2**40))


@nasty("plan.zip", "gdb_damaged")
def gdb_fields_outside_the_file():
    return damaged("a00000009.gdbtable", 32, struct.pack("<Q", 2**62))


@nasty("plan.zip", "gdb_damaged")
def gdb_field_description_of_two_gigabytes():
    parts = shapes.filegdb()
    at = struct.unpack_from("<Q", parts["a00000009.gdbtable"], 32)[0]
    return damaged("a00000009.gdbtable", at, struct.pack("<I", 2**31))


@nasty("plan.zip", "gdb_damaged")
def gdb_index_of_two_billion_blocks():
    return damaged("a00000009.gdbtablx", 4, struct.pack("<I", 2**31 - 1))


@nasty("plan.zip", "unreadable", "gdb_damaged")
def gdb_rows_anywhere():
    """Offsets of rows that point into the header, behind the end and at each other."""
    return damaged("a00000009.gdbtablx", 16, random.Random(5).randbytes(400))


@nasty("plan.zip", "gdb_damaged")
def gdb_index_missing():
    return shapes.zipped_gdb({name: part for name, part in shapes.filegdb().items() if name != "a00000009.gdbtablx"})


@nasty("plan.zip", "gdb_folder")
def gdb_in_gdb():
    return shapes.zipped_gdb(shapes.filegdb(), "outer.gdb/inner.gdb")


@nasty("plan.zip", "gdb_folder")
def gdb_files_below_the_folder():
    return shapes.zipped_gdb(shapes.filegdb(), "plan.gdb/tables")


@nasty("plan.zip", "gdb_folder")
def gdb_files_without_their_folder():
    return shapes.archive(shapes.filegdb())


@nasty("plan.zip", "gdb_folder")
def gdb_table_under_a_name_of_its_own():
    return shapes.zipped_gdb({**shapes.filegdb(), "passwd.gdbtable": b"x"})


@nasty("plan.zip", "zip_path")
def gdb_that_leaves_the_archive():
    return shapes.zipped_gdb(shapes.filegdb(), "plan.gdb/../../../tmp/slipped.gdb")


@nasty("plan.zip", "zip_symlink")
def gdb_link_to_another_file(canaries):
    made = bytearray(shapes.zipped_gdb({**shapes.filegdb(), "a0000000b.gdbtable": canaries.secret_file.encode()}))
    at = made.rindex(b"PK\x01\x02")
    made[at + 5] = 3
    struct.pack_into("<I", made, at + 38, 0o120777 << 16)
    return bytes(made)


@nasty("plan.zip")
def gdb_with_indexes_of_noise():
    noise = random.Random(7).randbytes(4096)
    return shapes.zipped_gdb(
        {**shapes.filegdb(), "a00000009.spx": noise, "a00000009.gdbindexes": noise, "a1.atx": noise}
    )
