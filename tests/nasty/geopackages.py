"""GeoPackages that are programs, or broken."""

import random

from tests import shapes
from tests.nasty.corpus import nasty


@nasty("plan.gpkg", "gpkg_view")
def gpkg_with_endless_view():
    return _endless_gpkg()


@nasty("plan.gpkg", "gpkg_damaged")
def gpkg_with_overwritten_pages():
    good = bytearray(shapes.geopackage([shapes.square(side=10 + n) for n in range(300)]))
    noise = random.Random(7)
    for page in range(2, len(good) // 4096):
        good[page * 4096 : page * 4096 + 64] = noise.randbytes(64)
    return bytes(good)


@nasty("plan.gpkg", "gpkg_not")
def sqlite_but_not_gpkg():
    good = bytearray(shapes.geopackage())
    good[68:72] = bytes(4)
    return bytes(good)


@nasty("plan.gpkg", "gpkg_trigger")
def gpkg_with_trigger():
    return shapes.geopackage(more_sql="CREATE TRIGGER t AFTER INSERT ON GHYDYH BEGIN DELETE FROM GHYDYH; END;")


@nasty("plan.gpkg", "gpkg_trigger")
def gpkg_with_trigger_under_a_standard_name():
    return shapes.geopackage(
        more_sql="CREATE TRIGGER rtree_GHYDYH_geom_insert AFTER INSERT ON GHYDYH BEGIN "
        "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('x;', 'features'); DELETE FROM GHYDYH; END;"
    )


@nasty("plan.gpkg")
def gpkg_with_the_triggers_of_the_standard():
    return shapes.geopackage(
        more_sql=_INDEX + "CREATE TRIGGER rtree_GHYDYH_geom_delete AFTER DELETE ON GHYDYH WHEN old.geom NOT NULL BEGIN "
        "DELETE FROM rtree_GHYDYH_geom WHERE id = OLD.fid; END;"
    )


_INDEX = "CREATE VIRTUAL TABLE rtree_GHYDYH_geom USING rtree(id, minx, maxx, miny, maxy);"


@nasty("plan.gpkg")
def gpkg_with_an_index_that_lies():
    """Boxes of rows that are not there, and none of those that are: nothing is looked up in it."""
    boxes = "".join(f"INSERT INTO rtree_GHYDYH_geom VALUES ({n}, 0, 1e30, 0, 1e30);" for n in range(5, 500))
    extension = (
        "CREATE TABLE gpkg_extensions (table_name, column_name, extension_name, definition, scope);"
        "INSERT INTO gpkg_extensions VALUES ('GHYDYH', 'geom', 'gpkg_rtree_index', 'x', 'write-only');"
    )
    return shapes.geopackage(more_sql=_INDEX + boxes + extension)


@nasty("plan.gpkg")
def gpkg_with_an_index_of_garbage():
    """Nothing is looked up in it, so all rows are there."""
    return shapes.geopackage(
        more_sql=_INDEX + "INSERT INTO rtree_GHYDYH_geom VALUES (1, 0, 1, 0, 1);"
        "UPDATE rtree_GHYDYH_geom_node SET data = randomblob(65536);"
    )


@nasty("plan.gpkg", "gpkg_virtual")
def gpkg_with_a_virtual_table_that_says_rtree():
    return shapes.geopackage(more_sql="CREATE VIRTUAL TABLE rtree_words USING fts4(text /* USING rtree(a, b, c) */);")


@nasty("plan.gpkg")
def gpkg_with_curves():
    return shapes.geopackage(kind="GEOMETRY", wkb=shapes.curve_wkb(480_000, 4_000_000, 100))


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
