"""DXF drawings: layers by name, outlines, hatches, arcs and texts in whatever encoding; File Geodatabases: tables whole."""

import numpy as np
import pyogrio
import pytest
import shapely

from portal.geo import crs, readers
from portal.geo.issues import Refused
from tests import shapes

HECTARE = pytest.approx(10_000, rel=1e-4)


@pytest.fixture
def read(tmp_path):
    def read_bytes(content: bytes, name: str = "plan.dxf", **options) -> readers.Reading:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return readers.read(path, name=name, **{"crs": "EPSG:4548", **options})

    return read_bytes


@pytest.fixture
def refused(read):
    def issue(content: bytes, name: str = "plan.dxf", **options):
        with pytest.raises(Refused) as raised:
            read(content, name, **options)
        return raised.value.issues[0]

    return issue


def notes(layer: readers.Layer) -> dict[str, dict]:
    return {note["reason"]: note for note in layer.notes}


def area(layer: readers.Layer) -> list[float]:
    return crs.area_m2(layer.geometry).tolist()


# --- DXF


def test_each_layer_of_a_drawing_is_a_layer_with_its_outlines(read):
    point = [(0, "POINT"), (8, "井"), (10, 480_010.0), (20, 4_000_010.0), (30, 55.0)]
    line = [(0, "LINE"), (8, "道路"), (10, 480_000), (20, 4_000_000), (11, 480_100), (21, 4_000_000)]
    text = [(0, "TEXT"), (8, "注记"), (10, 480_000), (20, 4_000_000), (1, "宅基地 \\U+7530")]
    data = [(1001, "SOUTH"), (1000, "300000"), (1000, "0703")]
    reading = read(shapes.dxf([*shapes.dxf_outline(layer="住宅"), *data], point, line, text))
    assert [layer.name for layer in reading.layers] == ["住宅", "井", "道路", "注记"]
    zones, wells, roads, texts = reading.layers
    assert area(zones) == [HECTARE]
    assert zones.rows["XDATA"][0] == "300000; 0703"
    assert (wells.geometry[0].geom_type, roads.geometry[0].geom_type) == ("Point", "LineString")
    assert texts.rows["TEXT"][0] == "宅基地 田"
    assert "z_dropped" in notes(wells)
    assert zones.crs_text.startswith("EPSG:4548 ")
    assert zones.raw_bounds == (480_000, 4_000_000, 480_100, 4_000_100)


def test_old_polylines_closed_by_flag_or_by_their_last_vertex_are_polygons(read):
    def polyline(ring, flag):
        vertices = [pair for x, y in ring for pair in ((0, "VERTEX"), (8, "A"), (10, x), (20, y))]
        return [(0, "POLYLINE"), (8, "A"), (70, flag), *vertices, (0, "SEQEND"), (8, "A")]

    ring = shapes.square()
    layer = read(shapes.dxf(polyline(ring[:-1], 1), polyline(ring, 0), polyline(ring[:-1], 0))).layers[0]
    assert [geom.geom_type for geom in layer.geometry] == ["Polygon", "Polygon", "LineString"]
    assert area(layer)[:2] == [HECTARE, HECTARE]


def test_bulges_circles_and_ellipses_become_short_lines_with_a_note(read):
    pair = [(0, "LWPOLYLINE"), (8, "A"), (90, 2), (70, 1)]
    pair += [(10, 480_000), (20, 4_000_000), (42, 1), (10, 480_200), (20, 4_000_000), (42, 1)]
    circle = [(0, "CIRCLE"), (8, "A"), (10, 480_000), (20, 4_000_000), (40, 100)]
    ellipse = [
        (0, "ELLIPSE"),
        (8, "A"),
        (10, 480_000),
        (20, 4_000_000),
        (11, 100),
        (21, 0),
        (40, 0.5),
        (41, 0),
        (42, 6.283185307179586),
    ]
    arc = [(0, "ARC"), (8, "A"), (10, 480_000), (20, 4_000_000), (40, 100), (50, 0), (51, 90)]
    layer = read(shapes.dxf(pair, circle, ellipse, arc)).layers[0]
    disc = np.pi * 100**2
    assert area(layer)[:3] == [
        pytest.approx(disc, rel=2e-3),
        pytest.approx(disc, rel=2e-3),
        pytest.approx(disc / 2, rel=2e-3),
    ]
    assert layer.geometry[3].geom_type == "LineString"
    assert "curves_linearised" in notes(layer)


def test_a_bulge_bends_to_the_right_of_its_edge_as_seen_from_the_start(read):
    half = [
        (0, "LWPOLYLINE"),
        (8, "A"),
        (90, 2),
        (70, 0),
        (10, 480_000),
        (20, 4_000_000),
        (42, 1),
        (10, 480_100),
        (20, 4_000_000),
    ]
    line = read(shapes.dxf(half)).layers[0].geometry[0]
    assert line.bounds[1] < line.coords[0][1] - 0.0004  # 50 m to the south


def hatch(*paths, layer="A"):
    pairs = [(0, "HATCH"), (8, layer), (10, 0), (20, 0), (30, 0), (2, "SOLID"), (70, 1), (71, 0), (91, len(paths))]
    return [*pairs, *[pair for path in paths for pair in path], (75, 0), (76, 1), (98, 0)]


def loop(ring):
    corners = [pair for x, y in ring[:-1] for pair in ((10, x), (20, y))]
    return [(92, 3), (72, 0), (73, 1), (93, len(ring) - 1), *corners, (97, 0)]


def test_hatches_are_polygons_with_their_holes_and_islands(read):
    rings = [shapes.square(), shapes.square(480_010, 4_000_010, 50), shapes.square(480_020, 4_000_020, 10)]
    layer = read(shapes.dxf(hatch(*map(loop, rings)))).layers[0]
    assert layer.geometry[0].geom_type == "MultiPolygon"
    assert area(layer) == [pytest.approx(10_000 - 2_500 + 100, rel=1e-4)]


def test_a_hatch_bounded_by_lines_and_an_arc_is_closed_where_they_meet(read):
    edges = [
        (92, 1), (93, 2), (72, 1), (10, 480_000), (20, 4_000_000), (11, 480_200), (21, 4_000_000),
        (72, 2), (10, 480_100), (20, 4_000_000), (40, 100), (50, 0), (51, 180), (73, 1), (97, 0),
    ]  # fmt: skip
    layer = read(shapes.dxf(hatch(edges))).layers[0]
    assert area(layer) == [pytest.approx(np.pi * 100**2 / 2, rel=2e-3)]


def test_what_has_no_outline_is_left_out_and_said(read):
    solid = [(0, "3DSOLID"), (8, "A"), (1, "x")]
    paper = [*shapes.dxf_outline(), (67, 1)]
    block = [(0, "INSERT"), (8, "A"), (2, "树"), (10, 480_000), (20, 4_000_000)]
    (symbols, zones) = read(shapes.dxf(solid, paper, shapes.dxf_outline(), block)).layers
    assert len(zones.rows) == 1
    assert symbols.rows["BLOCK"][0] == "树"
    assert notes(zones)["dxf_left_out"]["count"] == 1
    assert notes(zones)["dxf_blocks"]["count"] == 1


@pytest.mark.parametrize(
    ("options", "encoding", "found"),
    [
        ({"codepage": "ANSI_936"}, "gbk", "gb18030"),
        ({"codepage": "ANSI_950"}, "big5", "cp950"),
        ({"codepage": "ANSI_1252"}, "gbk", "gb18030"),
        ({"codepage": None}, "gbk", "gb18030"),
        ({"codepage": "ANSI_936"}, "utf-8", "utf-8"),
        ({"version": "AC1027"}, "utf-8", "utf-8"),
        ({"version": "AC1027"}, "gbk", "gb18030"),
    ],
)
def test_texts_are_read_in_the_encoding_they_are_in(read, options, encoding, found):
    content = shapes.dxf(shapes.dxf_outline(layer="農村宅基地用地"), encoding=encoding, **options)
    layer = read(content).layers[0]
    assert layer.name == "農村宅基地用地"
    assert layer.encoding == found
    assert layer.samples["GB18030" if encoding == "gbk" else "BIG5" if encoding == "big5" else "UTF-8"] == [
        "農村宅基地用地"
    ]


def test_a_chosen_encoding_goes_before_the_code_page(read, refused):
    content = shapes.dxf(shapes.dxf_outline(layer="宅基"), encoding="big5", codepage="ANSI_936")
    assert read(content, encoding="Big5").layers[0].name == "宅基"
    issue = refused(content, encoding="utf-8")
    assert issue.params["reason"] == "bytes_not_in_encoding"
    assert '"BIG5": ["宅基"]' in issue.params["samples"]


def test_a_drawing_asks_for_its_coordinate_system_with_its_bounds_and_not_those_of_a_stray(refused):
    stray = [(0, "POINT"), (8, "0"), (10, 0.0), (20, 0.0)]
    issue = refused(shapes.dxf(stray, shapes.dxf_outline()), crs=None)
    assert issue.code == "C1"
    assert issue.params == {
        "reason": "crs_missing", "layer": "0703", "minx": 480_000.0, "miny": 4_000_000.0, "maxx": 480_100.0, "maxy": 4_000_100.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (shapes.dxf()[:-30], "dxf_damaged"),
        (shapes.dxf().replace(b" 70\r\n", b"abc\r\n", 1), "dxf_damaged"),
        (shapes.dxf(shapes.dxf_outline([("x", 1), (2, 3), (4, 5), (6, 7)])), "dxf_numbers"),
        (shapes.dxf(shapes.dxf_outline([("inf", 1), (2, 3), (4, 5), (6, 7)])), "coordinates_not_finite"),
        (shapes.dxf([(0, "HATCH"), (8, "A"), (91, 2_000_000_000)]), "dxf_numbers"),
        (shapes.dxf([(0, "3DFACE"), (8, "A")]), "no_layer"),
    ],
)
def test_faults_of_a_drawing_are_named(refused, content, reason):
    assert refused(content).params["reason"] == reason


def test_what_gdal_writes_as_dxf_is_read_back_the_same(read, tmp_path):
    path = tmp_path / "made.dxf"
    wkb = np.array([shapely.to_wkb(shapely.Polygon(shapes.square()))], dtype=object)
    pyogrio.raw.write(path, wkb, [np.array(["住宅"], dtype=object)], ["Layer"], driver="DXF", geometry_type="Polygon")
    layer = read(path.read_bytes(), "made.dxf").layers[0]
    assert layer.name == "住宅"
    assert area(layer) == [HECTARE]
    zipped = read(shapes.archive({"图/made.dxf": path.read_bytes()}), "plan.zip").layers[0]
    assert area(zipped) == [HECTARE]


# --- File Geodatabase


def test_a_zipped_geodatabase_gives_its_layers(read):
    content = shapes.zipped_gdb(shapes.filegdb(rings=[shapes.square(), shapes.square(480_500)]), "成果/村庄规划.gdb")
    layer = read(content, "plan.zip", crs=None).layer("GHYDYH")
    assert layer.rows["GHYDYHDM"].tolist() == ["0703", "0703"]
    assert layer.rows["MC"][1] == "宅基地"
    assert area(layer) == [HECTARE, HECTARE]
    assert layer.crs_text.startswith("EPSG:4548 ")


def test_heights_of_a_geodatabase_are_dropped_with_a_note(read):
    layer = read(shapes.zipped_gdb(shapes.filegdb(heights=True)), "plan.zip", crs=None).layers[0]
    assert not layer.geometry[0].has_z
    assert "z_dropped" in notes(layer)


def test_a_geodatabase_in_capital_letters_with_locks_and_indexes_is_read_without_them(read):
    parts = {name.upper(): content for name, content in shapes.filegdb().items()}
    parts |= {"A00000009.SPX": b"nonsense", "_gdb.PC.1.2.sr.lock": b"", "a00000004.FDO_UUID.atx": b"nonsense"}
    assert area(read(shapes.zipped_gdb(parts, "PLAN.GDB"), "plan.zip", crs=None).layers[0]) == [HECTARE]


def test_tables_without_geometry_are_layers_of_a_geodatabase_and_of_a_geopackage(read, tmp_path):
    for driver, name in (("OpenFileGDB", "made.gdb"), ("GPKG", "made.gpkg")):
        path = tmp_path / name
        columns = [np.array(["0601"], dtype=object), np.array([12.5])]
        pyogrio.raw.write(path, None, columns, ["DM", "MJ"], layer="GHZBB", driver=driver, geometry_type=None)
        if path.is_dir():
            content = shapes.zipped_gdb({part.name: part.read_bytes() for part in path.iterdir()})
            layer = read(content, "plan.zip", crs=None).layer("GHZBB")
        else:
            layer = read(path.read_bytes(), name, crs=None).layer("GHZBB")
        assert layer.rows.iloc[0].tolist() == ["0601", 12.5]
        assert layer.geometry[0] is None
        assert layer.raw_bounds is None


def test_a_geodatabase_beside_another_kind_of_file_or_in_two_folders_is_refused(refused):
    parts = shapes.filegdb()
    two = {f"{folder}.gdb/{name}": content for folder in "ab" for name, content in parts.items()}
    assert refused(shapes.archive(two), "plan.zip").params["reason"] == "zip_mixed"
    mixed = {**{f"a.gdb/{name}": content for name, content in parts.items()}, "b.geojson": shapes.geojson()}
    assert refused(shapes.archive(mixed), "plan.zip").params["reason"] == "zip_mixed"


def test_limits_hold_for_geodatabases_drawings_and_markup(refused):
    rings = [shapes.square(480_000 + 200 * n) for n in range(3)]
    many = {
        "plan.zip": shapes.zipped_gdb(shapes.filegdb(rings=rings)),
        "plan.dxf": shapes.dxf(*map(shapes.dxf_outline, rings)),
        "plan.gml": shapes.gml(*[shapes.gml_feature(shapes.gml_polygon(ring)) for ring in rings]),
        "plan.kml": shapes.kml(*[shapes.placemark()] * 3),
    }
    for name, content in many.items():
        chosen = {"crs": "EPSG:4490" if name.endswith("kml") else "EPSG:4548"}
        few_rows = readers.Limits(rows=40 if name == "plan.zip" else 2)
        if name != "plan.zip":  # the tables of the geodatabase itself have more rows than two
            assert refused(content, name, limits=few_rows, **chosen).params["reason"] == "too_many_rows"
        assert (
            refused(content, name, limits=readers.Limits(vertices=14), **chosen).params["reason"] == "too_many_vertices"
        )
        assert refused(content, name, limits=readers.Limits(fields=0), **chosen).params["reason"] == "too_many_fields"
        assert refused(content, name, limits=readers.Limits(layers=0), **chosen).params["reason"] == "too_many_layers"
