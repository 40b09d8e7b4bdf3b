"""DXF drawings that unfold, lie or refer."""

from tests import shapes
from tests.nasty.corpus import nasty


def insert(name: str, columns: int = 1) -> list[tuple[int, object]]:
    return [(0, "INSERT"), (8, "A"), (2, name), (10, 480_000), (20, 4_000_000), (70, columns), (71, columns)]


def block(name: str, *inside: list[tuple[int, object]], path: str = "") -> list[tuple[int, object]]:
    return [
        (0, "BLOCK"),
        (8, "0"),
        (2, name),
        (70, 4 if path else 0),
        (1, path),
        *[p for i in inside for p in i],
        (0, "ENDBLK"),
    ]


def placed(entity: list[tuple[int, object]]) -> bytes:
    """In a drawing without coordinate system: what it leads to is asked about, once all of it was read."""
    return shapes.dxf(entity)


@nasty("plan.dxf", "crs_missing")
def dxf_block_bomb():
    """Ten references to a block of ten references, nine levels deep."""
    levels = [pair for n in range(1, 10) for pair in block(f"B{n}", *[insert(f"B{n - 1}", 10)] * 10)]
    return shapes.dxf(insert("B9", 1000), blocks=[*block("B0", list(shapes.dxf_outline())), *levels])


@nasty("plan.dxf", "crs_missing")
def dxf_block_of_itself():
    return shapes.dxf(insert("B"), blocks=block("B", insert("B")))


@nasty("plan.dxf", "crs_missing")
def dxf_block_in_another_file(canaries):
    return shapes.dxf(insert("X"), blocks=block("X", path=canaries.secret_file))


@nasty("plan.dxf", "no_layer")
def dxf_image_elsewhere(canaries):
    return shapes.dxf([(0, "IMAGE"), (8, "A"), (10, 480_000), (20, 4_000_000), (1, canaries.secret_file)])


@nasty("plan.dxf", "dxf_numbers")
def dxf_hatch_of_two_billion_loops():
    return shapes.dxf(
        [(0, "HATCH"), (8, "A"), (91, 2**31 - 1), (92, 2), (72, 0), (73, 1), (93, 2**31 - 1), (10, 1), (20, 1)]
    )


@nasty("plan.dxf", "coordinates_not_finite")
def dxf_arc_of_infinite_radius():
    return shapes.dxf([(0, "CIRCLE"), (8, "A"), (10, 0), (20, 0), (40, "1e999")])


@nasty("plan.dxf", "coordinates_not_finite", "dxf_numbers")
def dxf_arc_of_infinite_angle():
    return shapes.dxf([(0, "ARC"), (8, "A"), (10, 0), (20, 0), (40, 1), (50, "nan"), (51, "inf")])


@nasty("plan.dxf", "dxf_binary")
def dxf_binary():
    return b"AutoCAD Binary DXF\r\n\x1a\0" + bytes(100)


@nasty("plan.zip", "dwg")
def dwg_as_dxf_in_zip():
    return shapes.archive({"plan.dxf": b"AC1018" + bytes(100)})


@nasty("plan.dxf", "dxf_damaged")
def dxf_without_an_end():
    return shapes.dxf()[:-20]


@nasty("plan.dxf", "too_many_layers")
def dxf_of_5000_layers():
    return shapes.dxf(*[shapes.dxf_outline(layer=f"L{number}") for number in range(5000)])


@nasty("plan.dxf", "bytes_in_no_encoding")
def dxf_with_bytes_of_no_encoding():
    return shapes.dxf(shapes.dxf_outline(layer="@@@@")).replace(b"@@@@", b"\xff\xfe\xff ")


@nasty("plan.dxf", "crs_missing")
def dxf_with_control_characters_in_names():
    return shapes.dxf(shapes.dxf_outline(layer="A\0\x1b\u202eB"), encoding="utf-8", version="AC1027")
