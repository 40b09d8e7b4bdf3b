"""Good files made byte by byte, without the library that will read them: Shapefiles, GeoPackages, GeoJSON, archives.

Nasty files (tests/nasty.py) are these, damaged on purpose.
"""

import io
import json
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

Ring = list[tuple[float, float]]

GK_117 = (
    'PROJCS["CGCS2000_3_Degree_GK_{name}",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{easting}],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],'
    'UNIT["Meter",1.0]]'
)
PRJ = GK_117.format(name="CM_117E", easting=500000.0, meridian=117.0)
PRJ_ZONE = GK_117.format(name="Zone_39", easting=39500000.0, meridian=117.0)
PRJ_LOCAL = GK_117.format(name="Local", easting=500000.0, meridian=117.25)


def square(x: float = 480_000, y: float = 4_000_000, side: float = 100) -> Ring:
    """A closed ring, clockwise as Shapefiles want their outlines, in metres of GK_117 unless told otherwise."""
    return [(x, y), (x, y + side), (x + side, y + side), (x + side, y), (x, y)]


def degrees(lon: float = 116.8, lat: float = 36.1, side: float = 0.001) -> Ring:
    return square(lon, lat, side)


# --- Shapefile


def shapefile(
    rings: Sequence[Ring] | None = None,
    *,
    fields: Sequence[tuple[bytes, str, int]] = ((b"GHYDYHDM", "C", 10), (b"MC", "C", 20)),
    rows: Sequence[Sequence[bytes]] = ((b"0703", b"zone"),),
    prj: str | None = PRJ,
    cpg: str | None = None,
    language_driver: int = 0,
) -> dict[str, bytes]:
    """The parts of a polygon Shapefile by extension; one ring per row."""
    records = [polygon_record(ring) for ring in (rings if rings is not None else [square()])]
    parts = {
        "shp": shp(records),
        "shx": shx(records),
        "dbf": dbf(fields, rows, language_driver),
    }
    if prj is not None:
        parts["prj"] = prj.encode()
    if cpg is not None:
        parts["cpg"] = cpg.encode()
    return parts


def polygon_record(ring: Ring) -> bytes:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    head = struct.pack("<i4d2ii", 5, min(xs), min(ys), max(xs), max(ys), 1, len(ring), 0)
    return head + b"".join(struct.pack("<2d", x, y) for x, y in ring)


def shp(records: Sequence[bytes]) -> bytes:
    body = b"".join(
        struct.pack(">2i", number, len(record) // 2) + record for number, record in enumerate(records, start=1)
    )
    return _shape_header(100 + len(body)) + body


def shx(records: Sequence[bytes]) -> bytes:
    body, at = b"", 50
    for record in records:
        body += struct.pack(">2i", at, len(record) // 2)
        at += 4 + len(record) // 2
    return _shape_header(100 + len(body)) + body


def _shape_header(length: int) -> bytes:
    return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, length // 2) + struct.pack("<2i8d", 1000, 5, *([0.0] * 8))


def dbf(fields: Sequence[tuple[bytes, str, int]], rows: Sequence[Sequence[bytes]], language_driver: int = 0) -> bytes:
    length = 1 + sum(width for _, _, width in fields)
    head = struct.pack("<4BIHH17xB2x", 3, 126, 1, 1, len(rows), 33 + 32 * len(fields), length, language_driver)
    head += b"".join(struct.pack("<11sc4xBB14x", name, kind.encode(), width, 0) for name, kind, width in fields)
    body = b"".join(
        b" " + b"".join(value.ljust(width)[:width] for value, (_, _, width) in zip(row, fields, strict=True))
        for row in rows
    )
    return head + b"\r" + body + b"\x1a"


# --- archives


def zipped(parts: dict[str, bytes], stem: str = "GHYDYH") -> bytes:
    """Parts of a Shapefile, as an archive."""
    return archive({f"{stem}.{extension}": content for extension, content in parts.items()})


def archive(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return made.getvalue()


# --- GeoJSON


def feature(ring: Ring | None = None, /, *, geometry: object = ..., **properties: object) -> dict:
    polygon = {"type": "Polygon", "coordinates": [ring or degrees()]}
    return {
        "type": "Feature",
        "properties": properties or {"GHYDYHDM": "0703"},
        "geometry": polygon if geometry is ... else geometry,
    }


def geojson(*features: dict, **members: object) -> bytes:
    document = {"type": "FeatureCollection", "features": list(features or [feature()]), **members}
    return json.dumps(document, ensure_ascii=False).encode()


# --- GeoPackage

_GPKG = """
PRAGMA application_id = 0x47504B47; PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT, description TEXT,
  last_change DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE,
  max_y DOUBLE, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined cartesian SRS', -1, 'NONE', -1, 'undefined', NULL);
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', NULL);
"""
_SRS = (
    "INSERT INTO gpkg_spatial_ref_sys VALUES ('CGCS2000 / 3-degree Gauss-Kruger CM 117E', 4548, 'EPSG', 4548, ?, NULL)"
)
_LAYER = """
CREATE TABLE GHYDYH (fid INTEGER PRIMARY KEY, geom {kind}, GHYDYHDM TEXT, PLOTS INTEGER);
INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('GHYDYH', 'features', 'GHYDYH', {srs});
INSERT INTO gpkg_geometry_columns VALUES ('GHYDYH', 'geom', '{kind}', {srs}, {z}, 0);
"""


def geopackage(
    rings: Sequence[Ring] | None = None,
    *,
    more_sql: str = "",
    kind: str = "POLYGON",
    wkb: bytes | None = None,
    srs: int = 4548,
) -> bytes:
    """A GeoPackage with the layer GHYDYH; `more_sql` is run at the end, `wkb` takes the place of the first polygon."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.gpkg"
        database = sqlite3.connect(path)
        database.executescript(_GPKG)
        database.execute(_SRS, [PRJ])
        database.executescript(_LAYER.format(kind=kind, srs=srs, z=int(bool(wkb) and wkb[1:3] == b"\xeb\x03")))
        for number, ring in enumerate(rings if rings is not None else [square()], start=1):
            blob = b"GP\x00\x01" + struct.pack("<i", srs) + (wkb if wkb and number == 1 else polygon_wkb(ring))
            database.execute("INSERT INTO GHYDYH VALUES (?, ?, '0703', ?)", [number, blob, None if number > 1 else 7])
        database.commit()
        database.executescript(more_sql)
        database.commit()
        database.close()
        return path.read_bytes()


def polygon_wkb(ring: Ring) -> bytes:
    return struct.pack("<BIII", 1, 3, 1, len(ring)) + b"".join(struct.pack("<2d", x, y) for x, y in ring)


def polygon_z_wkb(ring: Ring) -> bytes:
    return struct.pack("<BIII", 1, 1003, 1, len(ring)) + b"".join(struct.pack("<3d", x, y, 55.5) for x, y in ring)


def curve_wkb(x: float, y: float, radius: float) -> bytes:
    """A circle as a CURVEPOLYGON of one CIRCULARSTRING."""
    points = [(x - radius, y), (x, y + radius), (x + radius, y), (x, y - radius), (x - radius, y)]
    string = struct.pack("<BII", 1, 8, len(points)) + b"".join(struct.pack("<2d", *point) for point in points)
    return struct.pack("<BII", 1, 10, 1) + string


# --- GML and KML

GML_HEAD = (
    '<?xml version="1.0" encoding="{encoding}"?>\n<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:app="urn:app" xmlns:xlink="http://www.w3.org/1999/xlink" {more}>'
)
URN_4548 = "urn:ogc:def:crs:EPSG::4548"


def gml(*features: str, encoding: str = "UTF-8", more: str = "", before: str = "") -> bytes:
    members = "".join(f"<gml:featureMember>{feature}</gml:featureMember>" for feature in features or [gml_feature()])
    text = GML_HEAD.format(encoding=encoding, more=more) + before + members + "</gml:FeatureCollection>"
    return text.encode(encoding)


def gml_feature(geometry: str | None = None, /, layer: str = "GHYDYH", **values: str) -> str:
    attributes = "".join(
        f"<app:{name}>{value}</app:{name}>" for name, value in (values or {"GHYDYHDM": "0703"}).items()
    )
    held = geometry if geometry is not None else gml_polygon(square())
    return f"<app:{layer}>{attributes}<app:geom>{held}</app:geom></app:{layer}>"


def gml_polygon(ring: Ring, srs: str = URN_4548, hole: Ring | None = None) -> str:
    """North first, as the registry has EPSG:4548 and as a URN means it."""
    holes = f"<gml:interior>{gml_ring(hole)}</gml:interior>" if hole else ""
    return f'<gml:Polygon srsName="{srs}"><gml:exterior>{gml_ring(ring)}</gml:exterior>{holes}</gml:Polygon>'


def gml_ring(ring: Ring) -> str:
    return f"<gml:LinearRing><gml:posList>{' '.join(f'{y} {x}' for x, y in ring)}</gml:posList></gml:LinearRing>"


def kml(*inside: str, encoding: str = "UTF-8") -> bytes:
    body = "".join(inside or [placemark()])
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}'
        "</Document></kml>"
    ).encode(encoding)


def placemark(geometry: str | None = None, name: str = "zone", more: str = "") -> str:
    return f"<Placemark><name>{name}</name>{more}{kml_polygon() if geometry is None else geometry}</Placemark>"


def kml_polygon(ring: Ring | None = None, height: float | None = None) -> str:
    tail = "" if height is None else f",{height}"
    positions = " ".join(f"{x},{y}{tail}" for x, y in ring or degrees())
    return f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{positions}</coordinates></LinearRing></outerBoundaryIs></Polygon>"


# --- DXF

Pairs = Sequence[tuple[int, object]]


def dxf(
    *entities: Pairs,
    version: str = "AC1015",
    codepage: str | None = "ANSI_936",
    encoding: str = "gbk",
    blocks: Pairs = (),
) -> bytes:
    """A drawing; each entity begins with its kind, (0, "LWPOLYLINE")."""
    head: list[tuple[int, object]] = [(0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, version)]
    head += [(9, "$DWGCODEPAGE"), (3, codepage)] if codepage else []
    body = [(0, "SECTION"), (2, "BLOCKS"), *blocks, (0, "ENDSEC"), (0, "SECTION"), (2, "ENTITIES")]
    pairs = [*head, (0, "ENDSEC"), *body, *[pair for entity in entities or [dxf_outline()] for pair in entity]]
    pairs += [(0, "ENDSEC"), (0, "EOF")]
    return "".join(f"{code:3d}\r\n{value}\r\n" for code, value in pairs).encode(encoding)


def dxf_outline(ring: Ring | None = None, layer: str = "0703", bulge: float = 0.0, closed: bool = True) -> Pairs:
    corners = (ring or square())[:-1]
    made: list[tuple[int, object]] = [(0, "LWPOLYLINE"), (8, layer), (90, len(corners)), (70, int(closed))]
    for x, y in corners:
        made += [(10, x), (20, y)] + ([(42, bulge)] if bulge else [])
    return made


# --- File Geodatabase


def filegdb(layer: str = "GHYDYH", rings: Sequence[Ring] | None = None, *, heights: bool = False) -> dict[str, bytes]:
    """The files of a geodatabase by name, as GDAL's own writer makes them: its format is not public."""
    import numpy as np
    import pyogrio
    import shapely

    polygons = [shapely.MultiPolygon([shapely.Polygon(ring)]) for ring in rings or [square()]]
    wkb = np.array([shapely.to_wkb(shapely.force_3d(p, 55) if heights else p) for p in polygons], dtype=object)
    columns = [np.array(["0703"] * len(wkb), dtype=object), np.array(["宅基地"] * len(wkb), dtype=object)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.gdb"
        pyogrio.raw.write(
            path, wkb, columns, ["GHYDYHDM", "MC"], layer=layer, driver="OpenFileGDB", crs="EPSG:4548",
            geometry_type="MultiPolygon Z" if heights else "MultiPolygon",
        )  # fmt: skip
        return {part.name: part.read_bytes() for part in path.iterdir()}


def zipped_gdb(parts: dict[str, bytes], folder: str = "plan.gdb") -> bytes:
    return archive({f"{folder}/{name}": content for name, content in parts.items()})
