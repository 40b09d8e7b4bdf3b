"""GeoPackages that are programs, or broken."""

import random

from tests import shapes
from tests.nasty.corpus import nasty


@nasty("plan.gpkg", "gpkg_view")
def gpkg_with_endless_view():
    return _endless_gpkg()


@nasty("plan.gpkg", "gpkg_view", "gpkg_damaged")
def gpkg_with_overwritten_pages():
    good = bytearray(shapes.geopackage([shapes.square(side=10 + n) for n in range(300)]))
    noise = random.Random(7)
    for page in range(2, len(good) // 4096):
        good[page * 4096 : page * 4096 + 64] = noise.randbytes(64)
    return bytes(good)


@nasty("plan.gpkg", "gpkg_not")
def sqlite_but_not_gpkg():
    good = bytearray(_endless_gpkg())
    good[68:72] = bytes(4)
    return bytes(good)


@nasty("plan.gpkg", "gpkg_trigger")
def gpkg_with_trigger():
    return shapes.geopackage(more_sql="CREATE TRIGGER t AFTER INSERT ON GHYDYH BEGIN DELETE FROM GHYDYH; END;")


@nasty("plan.gpkg", "gpkg_virtual")
def gpkg_with_virtual_table():
    return shapes.geopackage(more_sql="CREATE VIRTUAL TABLE words USING fts4(text);")


@nasty("plan.gpkg", "gpkg_generated")
def gpkg_with_computed_column():
    return shapes.geopackage(more_sql="ALTER TABLE GHYDYH ADD COLUMN big TEXT AS (hex(zeroblob(100000000)));")


@nasty("plan.gpkg", "gpkg_damaged")
def gpkg_cut_off():
    return shapes.geopackage()[:6000]


@nasty("plan.gpkg", "geometry_type", "unreadable")
def gpkg_with_garbage_for_geometry():
    return shapes.geopackage(wkb=b"\x01\x03\x00\x00\x00\xff\xff\xff\x7f")


@nasty("plan.gpkg", "crs_missing")
def gpkg_without_crs():
    return shapes.geopackage(srs=-1)


def _endless_gpkg() -> bytes:
    return shapes.geopackage(
        more_sql="""
        CREATE VIEW endless AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n)
          SELECT fid, NULL AS geom FROM n WHERE fid < 0;
        INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('endless', 'features', 'e', 4548);
        INSERT INTO gpkg_geometry_columns VALUES ('endless', 'geom', 'POLYGON', 4548, 0, 0);
        """
    )
