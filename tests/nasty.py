"""Files that must not get through, after the corpus of threats.md section 4, each with what must become of it.

`CASES` holds them: a file name, the content (made on demand, given where the canaries are) and the reasons that are
right answers. No reasons: the file is accepted, and what is dangerous in it has been made harmless.
"""

import gzip
import io
import json
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from tests import shapes


@dataclass(frozen=True)
class Canaries:
    """What no reader may touch: a listener that must stay silent, and a file whose content must never appear."""

    url: str
    secret_file: str


@dataclass(frozen=True)
class Case:
    name: str
    filename: str
    make: Callable[[Canaries], bytes]
    reasons: frozenset[str]

    def __str__(self) -> str:
        return self.name


CASES: list[Case] = []


def nasty(filename: str, *reasons: str) -> Callable:
    """Register a maker under its function's name."""

    def register(make: Callable) -> Callable:
        wrapped = make if make.__code__.co_argcount else lambda _, make=make: make()
        CASES.append(Case(make.__name__, filename, wrapped, frozenset(reasons)))
        return make

    return register


# --- one type disguised as another: GDAL would open all of these


def vrt(source: str) -> bytes:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource>'
        "<SrcLayer>secret</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


@nasty("plan.geojson", "not_what_it_says")
def vrt_as_geojson(canaries):
    return vrt(canaries.secret_file)


@nasty("plan.gpkg", "not_what_it_says")
def vrt_as_gpkg(canaries):
    return vrt(canaries.secret_file)


@nasty("plan.kml", "type_unsupported")
def vrt_as_kml(canaries):
    return vrt(canaries.secret_file)


@nasty("plan.csv", "type_unsupported")
def vrt_as_csv(canaries):
    return vrt(canaries.secret_file)


@nasty("plan.zip", "shp_truncated")
def vrt_as_shp_in_zip(canaries):
    return shapes.zipped({**shapes.shapefile(), "shp": vrt(canaries.secret_file)})


@nasty("plan.zip", "json_invalid")
def vrt_as_geojson_in_zip(canaries):
    return shapes.archive({"plan.geojson": vrt(canaries.secret_file)})


@nasty("plan.zip", "gpkg_not")
def vrt_as_gpkg_in_zip(canaries):
    return shapes.archive({"plan.gpkg": vrt(canaries.secret_file) + b" " * 100})


@nasty("plan.geojson", "not_what_it_says")
def vrt_over_http(canaries):
    return vrt(f"/vsicurl/{canaries.url}/plan.geojson")


@nasty("plan.geojson", "not_what_it_says")
def vrt_to_database(canaries):
    return vrt(f"PG:host={canaries.url.removeprefix('http://').replace(':', ' port=')}")


@nasty("plan.json", "not_what_it_says")
def wfs_as_json(canaries):
    return f"<OGRWFSDataSource><URL>{canaries.url}/wfs</URL></OGRWFSDataSource>".encode()


@nasty("plan.geojson", "json_not_geojson")
def esri_json(canaries):
    return json.dumps({"geometryType": "esriGeometryPolygon", "url": canaries.url, "features": []}).encode()


@nasty("plan.geojson", "json_not_geojson")
def topojson():
    return json.dumps({"type": "Topology", "objects": {}, "arcs": []}).encode()


@nasty("plan.geojson", "not_what_it_says")
def zip_as_geojson():
    return shapes.zipped(shapes.shapefile())


@nasty("plan.zip", "not_what_it_says")
def tar_gz_as_zip():
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as opened:
        link = tarfile.TarInfo("plan.dbf")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        opened.addfile(link)
    return made.getvalue()


@nasty("plan.geojson.gz", "type_unsupported")
def gzip_bomb():
    return gzip.compress(bytes(20 * 2**20))


@nasty("plan.geojson", "file_empty")
def nothing_at_all():
    return b""


# --- coordinate systems that are instructions


@nasty("plan.geojson", "crs_link")
def crs_by_link(canaries):
    return shapes.geojson(crs={"type": "link", "properties": {"href": f"{canaries.url}/crs", "type": "proj4"}})


@nasty("plan.geojson", "crs_link")
def crs_name_is_url(canaries):
    return shapes.geojson(crs={"type": "name", "properties": {"name": f"{canaries.url}/crs"}})


@nasty("plan.geojson", "crs_link")
def crs_name_and_link(canaries):
    return shapes.geojson(crs={"type": "name", "properties": {"name": "EPSG:4490", "href": canaries.url}})


@nasty("plan.geojson", "crs_unknown")
def crs_name_is_proj_string(canaries):
    name = f"+proj=pipeline +step +proj=hgridshift +grids={canaries.secret_file.replace('/', '|')}"
    return shapes.geojson(crs={"type": "name", "properties": {"name": name}})


@nasty("plan.geojson", "crs_missing")
def crs_is_null():
    return shapes.geojson(crs=None)


@nasty("plan.zip", "crs_unknown")
def prj_is_url(canaries):
    return shapes.zipped(shapes.shapefile(prj=f"{canaries.url}/4490.prj"))


@nasty("plan.zip", "crs_unknown")
def prj_is_pipeline(canaries):
    return shapes.zipped(shapes.shapefile(prj=f"+proj=pipeline +step +proj=hgridshift +grids={canaries.secret_file}"))


@nasty("plan.zip", "crs_unknown")
def prj_names_grids_in_wkt(canaries):
    inner = shapes.PRJ.replace(
        'UNIT["Meter",1.0]', f'UNIT["Meter",1.0],EXTENSION["PROJ4","+nadgrids={canaries.secret_file}"]'
    )
    return shapes.zipped(shapes.shapefile(prj=inner))


@nasty("plan.zip", "crs_unknown")
def prj_of_a_megabyte():
    return shapes.zipped(shapes.shapefile(prj="GEOGCS[" * 150_000))


@nasty("plan.zip", "crs_unknown")
def prj_nested_deeply():
    return shapes.zipped(shapes.shapefile(prj="GEOGCS[" * 1_300))


@nasty("plan.zip", "crs_missing")
def shp_without_prj():
    return shapes.zipped(shapes.shapefile(prj=None))


@nasty("plan.geojson", "datum_forbidden")
def xian_1980():
    return shapes.geojson(crs={"type": "name", "properties": {"name": "EPSG:2384"}})


@nasty("plan.geojson", "coordinates_not_degrees")
def metres_labelled_degrees():
    return shapes.geojson(shapes.feature(shapes.square()))


@nasty("plan.geojson", "coordinates_swapped")
def latitude_first():
    return shapes.geojson(shapes.feature([(y, x) for x, y in shapes.degrees()]))


@nasty("plan.zip", "crs_zone_prefix")
def zone_prefix_not_declared():
    return shapes.zipped(shapes.shapefile([shapes.square(39_480_000)]))


# --- archives


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


# --- Shapefiles that lie


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


# --- JSON


@nasty("plan.geojson", "json_nan")
def nan_and_infinity():
    return shapes.geojson().replace(b"36.1]", b"NaN]", 1).replace(b"116.8,", b"Infinity,", 1)


@nasty("plan.geojson", "coordinates_not_degrees")
def numbers_of_1e308():
    return shapes.geojson(shapes.feature(shapes.square(1e308, 1e308, 1e307)))


@nasty("plan.geojson", "coordinates_not_finite")
def numbers_that_become_infinite():
    return shapes.geojson().replace(b"116.8,", b"1e999,")


@nasty("plan.geojson", "number_too_large")
def integer_of_400_digits():
    return shapes.geojson(shapes.feature(MJ=10**400))


@nasty("plan.geojson", "number_too_large")
def integer_of_5000_digits():
    return shapes.geojson(shapes.feature(MJ=0)).replace(b'"MJ": 0', b'"MJ": 1' + b"0" * 5000)


@nasty("plan.geojson", "number_too_large")
def integer_beyond_64_bits():
    return shapes.geojson(shapes.feature(MJ=2**63))


@nasty("plan.geojson", "ring_not_closed")
def ring_not_closed():
    return shapes.geojson(shapes.feature(shapes.degrees()[:-1]))


@nasty("plan.geojson", "too_few_points")
def ring_of_two_points():
    return shapes.geojson(shapes.feature([(117, 36), (117, 36)]))


@nasty("plan.geojson", "json_coordinates")
def coordinates_are_words():
    polygon = {"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}
    return shapes.geojson(shapes.feature(geometry=polygon))


@nasty("plan.geojson", "json_depth")
def collections_nested_300_times():
    geometry: dict = {"type": "Point", "coordinates": [117, 36]}
    for _ in range(300):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    return shapes.geojson(shapes.feature(geometry=geometry))


@nasty("plan.geojson", "json_depth")
def brackets_nested_200000_times():
    return b'{"type": "FeatureCollection", "features": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"


@nasty("plan.geojson", "json_depth")
def property_nested_deeply():
    value: list = []
    for _ in range(100):
        value = [value]
    return shapes.geojson(shapes.feature(A=value))


@nasty("plan.geojson", "too_many_fields")
def five_thousand_fields():
    return shapes.geojson(shapes.feature(**{f"f{number}": 1 for number in range(5000)}))


@nasty("plan.geojson", "text_too_long")
def text_of_ten_megabytes():
    return shapes.geojson(shapes.feature(A="x" * 10 * 2**20))


@nasty("plan.geojson")
def nul_and_bidi_in_text():
    return shapes.geojson(shapes.feature(A="nul\0 and \u202egpj.exe", **{"b\0\u2066": "\ufeffx"}))


@nasty("plan.geojson", "json_surrogate")
def lone_surrogate():
    return shapes.geojson(shapes.feature(A="@")).replace(b'"@"', b'"\\ud800"')


@nasty("plan.geojson", "json_encoding")
def bad_utf8():
    return shapes.geojson(shapes.feature(A="@")).replace(b"@", b"\xff\xc0")


@nasty("plan.geojson", "json_encoding")
def utf16():
    return shapes.geojson().decode().encode("utf-16")


@nasty("plan.geojson", "json_duplicate_key")
def duplicate_keys():
    return shapes.geojson().replace(b'{"GHYDYHDM"', b'{"GHYDYHDM": "0601", "GHYDYHDM"', 1)


@nasty("plan.geojson", "json_invalid")
def json_cut_off():
    return shapes.geojson()[:-20]


@nasty("plan.geojson", "json_feature")
def features_are_numbers():
    return b'{"type": "FeatureCollection", "features": [1, 2, 3]}'


# --- SQLite


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


def _members() -> dict[str, bytes]:
    return {f"GHYDYH.{extension}": content for extension, content in shapes.shapefile().items()}


def _damaged(part: str, damage: Callable[[bytes], bytes]) -> bytes:
    parts = shapes.shapefile()
    return shapes.zipped({**parts, part: damage(parts[part])})


def crossing_combs(
    teeth: int, lon: float = 116.8, lat: float = 36.1, size: float = 0.01
) -> list[list[tuple[float, float]]]:
    """Two rings, a comb upright and one lying, whose overlay has a piece for every pair of teeth."""
    ring, step = [], size / (2 * teeth)
    for tooth in range(teeth):
        x = 2 * tooth * step
        ring += [(x, size * 1.1), (x, 0.0), (x + step, 0.0), (x + step, size * 1.1)]
    ring += [(size, size * 1.1), (size, size * 1.2), (0.0, size * 1.2)]
    ring.append(ring[0])
    return [[(lon + x, lat + y) for x, y in ring], [(lon + y, lat + x) for x, y in ring]]
