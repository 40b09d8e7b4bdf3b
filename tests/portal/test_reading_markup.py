"""GML, CityGML and KML are read as they are meant: features, codes, axis order, holes, curves, folders."""

import numpy as np
import pyogrio
import pytest
import shapely

from portal.geo import crs, readers
from portal.geo.issues import Refused
from tests import shapes

HECTARE = pytest.approx(10_000, rel=1e-4)


def notes(layer: readers.Layer) -> set[str]:
    return {note["reason"] for note in layer.notes}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (shapes.gml(), "plan.gml"),
        (shapes.archive({"deep/plan.gml": shapes.gml(), "deep/plan.xsd": b"<x/>"}), "plan.zip"),
        (shapes.gml(shapes.gml_feature(MC="宅基地", GHYDYHDM="0703"), encoding="GB2312"), "plan.gml"),
        (shapes.gml(shapes.gml_feature(MC="宅基地", GHYDYHDM="0703"), encoding="utf-16"), "plan.gml"),
    ],
    ids=["gml", "zipped", "gb2312", "utf-16"],
)
def test_a_gml_gives_the_zone_with_its_code_and_place(read, content, name):
    (layer,) = read(content, name).layers
    assert layer.name == "GHYDYH"
    assert layer.rows["GHYDYHDM"].tolist() == ["0703"]
    assert crs.area_m2(layer.geometry)[0] == HECTARE
    assert layer.geometry[0].bounds[0] == pytest.approx(116.778, abs=0.01)
    assert layer.raw_bounds == (480_000, 4_000_000, 480_100, 4_000_100)
    if "MC" in layer.fields:
        assert layer.rows["MC"][0] == "宅基地"


@pytest.mark.parametrize(
    ("srs", "north_first"),
    [
        ("urn:ogc:def:crs:EPSG::4490", True),
        ("urn:x-ogc:def:crs:EPSG:6.9:4490", True),
        ("http://www.opengis.net/def/crs/EPSG/0/4490", True),
        ("http://www.opengis.net/gml/srs/epsg.xml#4490", False),
        ("EPSG:4490", False),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", False),
    ],
)
def test_the_axis_order_is_the_one_the_name_of_the_system_means(read, srs, north_first):
    ring = shapes.degrees() if north_first else [(y, x) for x, y in shapes.degrees()]  # the maker writes y before x
    layer = read(shapes.gml(shapes.gml_feature(shapes.gml_polygon(ring, srs))), "a.gml").layers[0]
    assert layer.geometry[0].equals(shapely.Polygon(shapes.degrees()))


def test_gml_2_with_coordinates_and_inner_boundaries(read):
    outer = " ".join(f"{x},{y}" for x, y in shapes.square())
    inner = " ".join(f"{x},{y}" for x, y in shapes.square(480_020, 4_000_020, 10))
    polygon = (
        '<gml:Polygon srsName="EPSG:4548"><gml:outerBoundaryIs><gml:LinearRing><gml:coordinates decimal="." cs="," ts=" ">'
        f"{outer}</gml:coordinates></gml:LinearRing></gml:outerBoundaryIs><gml:innerBoundaryIs><gml:LinearRing>"
        f"<gml:coordinates>{inner}</gml:coordinates></gml:LinearRing></gml:innerBoundaryIs></gml:Polygon>"
    )
    layer = read(shapes.gml(shapes.gml_feature(polygon)), "a.gml").layers[0]
    assert crs.area_m2(layer.geometry)[0] == pytest.approx(10_000 - 100, rel=1e-4)
    assert len(layer.geometry[0].interiors) == 1


def test_the_system_of_the_envelope_holds_for_geometries_that_name_none(read):
    before = f'<gml:boundedBy><gml:Envelope srsName="{shapes.URN_4548}"><gml:lowerCorner>0 0</gml:lowerCorner></gml:Envelope></gml:boundedBy>'
    bare = shapes.gml_polygon(shapes.square()).replace(f' srsName="{shapes.URN_4548}"', "")
    layer = read(shapes.gml(shapes.gml_feature(bare), before=before), "a.gml").layers[0]
    assert crs.area_m2(layer.geometry)[0] == HECTARE


def test_a_surface_in_several_patches_and_curves_of_arcs(read):
    patches = "".join(
        f"<gml:PolygonPatch><gml:exterior>{shapes.gml_ring(shapes.square(480_000 + 300 * n))}</gml:exterior></gml:PolygonPatch>"
        for n in range(2)
    )
    surface = f'<gml:Surface srsName="{shapes.URN_4548}"><gml:patches>{patches}</gml:patches></gml:Surface>'
    circle = (
        f'<gml:Polygon srsName="{shapes.URN_4548}"><gml:exterior><gml:Ring><gml:curveMember><gml:Curve><gml:segments>'
        "<gml:Arc><gml:posList>4000000 480000 4000100 480100 4000000 480200</gml:posList></gml:Arc>"
        "<gml:Arc><gml:posList>4000000 480200 3999900 480100 4000000 480000</gml:posList></gml:Arc>"
        "</gml:segments></gml:Curve></gml:curveMember></gml:Ring></gml:exterior></gml:Polygon>"
    )
    layer = read(shapes.gml(shapes.gml_feature(surface), shapes.gml_feature(circle)), "a.gml").layers[0]
    area = crs.area_m2(layer.geometry)
    assert layer.geometry[0].geom_type == "MultiPolygon"
    assert area[0] == pytest.approx(20_000, rel=1e-4)
    assert area[1] == pytest.approx(np.pi * 100**2, rel=1e-3)
    assert "curves_linearised" in notes(layer)


def test_values_of_one_name_in_two_places_are_told_apart_and_repeated_ones_joined(read):
    feature = (
        "<app:A><app:code codeSpace='list.xml'>0101</app:code><app:code>0103</app:code><app:x><app:v>1</app:v></app:x>"
        f"<app:y><app:v>2</app:v></app:y><app:g>{shapes.gml_polygon(shapes.square())}</app:g></app:A>"
    )
    layer = read(shapes.gml(feature), "a.gml").layers[0]
    assert layer.rows.iloc[0].to_dict() == {
        "code": "0101; 0103", "code_codeSpace": "list.xml", "x.v": "1", "y.v": "2",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (shapes.gml(shapes.gml_feature(shapes.gml_polygon(shapes.square()[:-1]))), "ring_not_closed"),
        (shapes.gml(shapes.gml_feature(shapes.gml_polygon([(480_000, 4e6)] * 3))), "too_few_points"),
        (shapes.gml().replace(b"480000 ", b"nan ", 1), "gml_coordinates"),
        (shapes.gml().replace(b"480000 ", b"", 1), "gml_coordinates"),
        (shapes.gml(shapes.gml_feature(), shapes.gml_feature(shapes.gml_polygon(shapes.square(), "EPSG:4490"))), "crs_mixed"),
        (shapes.gml(shapes.gml_feature("<gml:Solid/>")), "geometry_type"),
        (shapes.gml(shapes.gml_feature(shapes.gml_polygon(shapes.square(), ""))), "crs_missing"),
        (shapes.gml()[:-30], "xml_invalid"),
        (shapes.gml().replace(b"UTF-8", b"rot13"), "xml_encoding"),
        (shapes.gml(shapes.gml_feature(MC="@")).replace(b"@", b"\xff"), "xml_invalid"),
        (shapes.gml(shapes.gml_feature(MC="@"), encoding="gbk").replace(b"@", b"\xff\xff"), "xml_encoding"),
        (shapes.kml(shapes.placemark("<Point><coordinates>116,</coordinates></Point>")), "kml_coordinates"),
        (shapes.kml(shapes.placemark("<Model/>")), "geometry_type"),
        (shapes.kml("<Folder/>"), "no_layer"),
    ],
)  # fmt: skip
def test_faults_are_named(read, content, reason):
    name = "a.kml" if b"<kml" in content else "a.gml"
    with pytest.raises(Refused) as refused:
        read(content, name)
    assert refused.value.issues[0].params["reason"] == reason


@pytest.mark.parametrize("name", ["plan.kml", "plan.zip"])
def test_folders_of_a_kml_are_layers_and_extended_data_their_fields(read, name):
    schema = '<Schema id="s"><SimpleField name="DM" type="int"/><SimpleField name="MJ" type="double"/></Schema>'
    data = (
        '<ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="DM">0101</SimpleData>'
        '<SimpleData name="MJ">12.5</SimpleData></SchemaData><Data name="BZ"><value>地</value></Data></ExtendedData>'
    )
    road = shapes.placemark("<LineString><coordinates>116.8,36.1,3 116.9,36.2,4</coordinates></LineString>")
    content = shapes.kml(
        schema,
        f"<Folder><name>规划用地</name>{shapes.placemark(shapes.kml_polygon(height=0), more=data)}</Folder>",
        f"<Folder><name>道路</name>{road}</Folder>",
        f"<Folder><name>道路</name>{road}</Folder>",
        shapes.placemark("<MultiGeometry><Point><coordinates>116.8,36.1</coordinates></Point></MultiGeometry>"),
    )
    content = content if name.endswith("kml") else shapes.archive({"doc.kml": content})
    reading = read(content, name)
    assert [layer.name for layer in reading.layers][:3] == ["规划用地", "道路", "道路_2"]
    zones, roads, _, rest = reading.layers
    assert zones.rows.iloc[0].to_dict() == {"name": "zone", "DM": "0101", "MJ": 12.5, "BZ": "地"}
    assert zones.geometry[0].equals_exact(shapely.Polygon(shapes.degrees()), 1e-9)
    assert "z_dropped" not in notes(zones)
    assert "z_dropped" in notes(roads)
    assert rest.geometry[0].geom_type == "Point"
    assert [layer.name for layer in read(content, name, layers=["规划用地"]).layers] == ["规划用地"]


# --- round trips with the other program that people use


def written(tmp_path, driver: str, extension: str, system: str, **options) -> bytes:
    """Two polygons and their codes as GDAL writes them."""
    path = tmp_path / f"made.{extension}"
    rings = (
        [shapes.square(), shapes.square(480_500)]
        if system == "EPSG:4548"
        else [shapes.degrees(), shapes.degrees(116.9)]
    )
    wkb = np.array([shapely.to_wkb(shapely.Polygon(ring)) for ring in rings], dtype=object)
    columns = [
        np.array(["0101", "0703"], dtype=object),
        np.array(["宅基地", "<&>"], dtype=object),
        np.array([1.5, 2.0]),
    ]
    pyogrio.raw.write(
        path,
        wkb,
        columns,
        ["DLBM", "MC", "MJ"],
        layer="DLTB",
        driver=driver,
        geometry_type="Polygon",
        crs=system,
        **options,
    )
    return path.read_bytes()


@pytest.mark.parametrize(
    ("driver", "extension", "system", "options"),
    [
        ("GML", "gml", "EPSG:4548", {}),
        ("GML", "gml", "EPSG:4548", {"FORMAT": "GML2"}),
        ("GML", "gml", "EPSG:4490", {"FORMAT": "GML3"}),
        ("GML", "gml", "EPSG:4490", {"FORMAT": "GML3.2", "SRSNAME_FORMAT": "OGC_URL"}),
        ("KML", "kml", "EPSG:4326", {}),
        ("LIBKML", "kml", "EPSG:4326", {}),
        ("GPKG", "gpkg", "EPSG:4548", {}),
    ],
    ids=["gml", "gml2", "gml3", "gml3.2", "kml", "libkml", "gpkg"],
)
def test_what_gdal_writes_is_read_back_the_same(read, tmp_path, driver, extension, system, options):
    layer = read(written(tmp_path, driver, extension, system, **options), f"made.{extension}").layers[0]
    assert layer.name.upper() == "DLTB"
    assert layer.rows["DLBM"].tolist() == ["0101", "0703"]
    assert layer.rows["MC"].tolist() == ["宅基地", "<&>"]
    assert layer.rows["MJ"].astype(float).tolist() == [1.5, 2.0]
    if system == "EPSG:4548":
        assert np.allclose(crs.area_m2(layer.geometry), 10_000, rtol=1e-4)
    else:
        assert layer.geometry[1].equals_exact(shapely.Polygon(shapes.degrees(116.9)), 1e-9)
