"""Thousands of damaged files: our own parsers refuse what they cannot read, and never fail in another way."""

import random
from pathlib import Path

import pytest
import shapely

from portal.geo import archive, crs, dbf, dxf, filegdb, geojson, geopackage, gml, kml, shapefile
from portal.geo.archive import ArchiveLimits
from portal.geo.issues import Refused
from portal.geo.source import Limits, Options
from tests import shapes

LIMITS = Limits()
RINGS = [shapes.square(480_000 + 200 * number) for number in range(5)]
PARTS = shapes.shapefile(RINGS, rows=[(b"0703", "宅基地".encode("gbk"))] * 5)
DIFFERENT = {"type": "MultiPolygon", "coordinates": [[shapes.degrees(), shapes.degrees(116.8002, 36.1002, 0.0001)]]}


def read_table(path: Path) -> None:
    table = dbf.read_table(path, max_rows=1000, max_fields=100, layer="Z")
    dbf.decode(table, declared=None, prj="", layer="Z")


def read_crs(path: Path) -> None:
    try:
        found = crs.resolve(path.read_bytes().decode("utf-8", "replace"))
        crs.misplaced([shapely.Point(480_000, 4_000_000)], found)
        crs.to_storage([shapely.Point(480_000, 4_000_000)], found)
    except crs.UnknownCRS:
        raise Refused([]) from None


def unpack(path: Path) -> None:
    archive.unpack(path, path.parent / "out", ArchiveLimits(total_bytes=2**20))


GML = shapes.gml(shapes.gml_feature(MC="中文"), shapes.gml_feature(shapes.gml_polygon(RINGS[0], hole=RINGS[0])))
FOLDER = f"<Folder><name>地</name>{shapes.placemark(shapes.kml_polygon(height=3))}</Folder>"
HATCH = [(0, "HATCH"), (8, "填充"), (91, 1), (92, 3), (72, 0), (73, 1), (93, 4), *shapes.dxf_outline()[4:]]
GDB = shapes.filegdb(rings=RINGS)


def check_table(path: Path) -> None:
    path.with_suffix(".gdbtablx").write_bytes(GDB["a00000009.gdbtablx"])
    filegdb.check_table(path, Limits(rows=1000))


def check_index(path: Path) -> None:
    path.with_suffix(".gdbtable").write_bytes(GDB["a00000009.gdbtable"])
    filegdb.check_table(path.with_suffix(".gdbtable"), LIMITS)


READERS = {
    "shp": (PARTS["shp"], lambda path: shapefile.check_shapes(path, "Z", LIMITS)),
    "dbf": (PARTS["dbf"], read_table),
    "prj": (PARTS["prj"], read_crs),
    "zip": (shapes.zipped(PARTS), unpack),
    "geojson": (shapes.geojson(shapes.feature(A="中文", B=[1, None]), shapes.feature(geometry=DIFFERENT)),
                lambda path: geojson.read(path, "Z", LIMITS)),
    "gpkg": (shapes.geopackage(RINGS), geopackage.check_database),
    "gml": (GML, lambda path: gml.read(path, Options(), LIMITS)),
    "kml": (shapes.kml(FOLDER, shapes.placemark()), lambda path: kml.read(path, "Z", Options(), LIMITS)),
    "dxf": (shapes.dxf(shapes.dxf_outline(bulge=0.5), HATCH), lambda path: dxf.read(path, Options(), LIMITS)),
    "gdbtable": (GDB["a00000009.gdbtable"][:80], check_table),
    "gdbtablx": (GDB["a00000009.gdbtablx"][:32], check_index),
}  # fmt: skip


def mutated(good: bytes, chance: random.Random) -> bytes:
    """Cut somewhere, or a few bytes replaced, doubled or dropped."""
    if chance.random() < 0.15:
        return good[: chance.randrange(len(good))]
    made = bytearray(good)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        at = chance.randrange(len(made))
        act = chance.random()
        if act < 0.8:
            made[at] = chance.choice([0, 255, 128, ord("9"), ord("["), chance.randrange(256)])
        elif act < 0.9:
            made[at:at] = made[at : at + chance.randrange(1, 9)]
        else:
            del made[at : at + chance.randrange(1, 9)]
    return bytes(made)


@pytest.mark.parametrize("kind", READERS)
def test_a_damaged_file_is_read_or_refused(kind, tmp_path):
    good, read = READERS[kind]
    chance, outcomes = random.Random(20260), {"read": 0, "refused": 0}
    (tmp_path / "out").mkdir()
    for number in range(100 if kind == "prj" else 500):  # PROJ needs 20 ms for each text
        path = tmp_path / f"upload{number}.{kind}"
        path.write_bytes(mutated(good, chance))
        try:
            read(path)
            outcomes["read"] += 1
        except Refused:
            outcomes["refused"] += 1
        for made in (tmp_path / "out").iterdir():
            made.unlink()
    assert outcomes["refused"] > 20
