"""Good files of each kind are read as they are meant: rows, codes, texts, places, and what was done to them is said."""

import numpy as np
import pytest
import shapely

from portal.geo import crs, readers
from portal.geo.archive import ArchiveLimits
from portal.geo.issues import Refused
from portal.geo.readers import Limits
from tests import shapes


def notes(layer: readers.Layer) -> set[str]:
    return {note["reason"] for note in layer.notes}


HECTARE = pytest.approx(10_000, rel=1e-4)


# --- the three kinds


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (shapes.zipped(shapes.shapefile()), "plan.zip"),
        (shapes.geopackage(), "plan.gpkg"),
        (shapes.archive({"deep/er/plan.gpkg": shapes.geopackage()}), "PLAN.ZIP"),
        (shapes.geojson(shapes.feature(shapes.square()), name="GHYDYH",
                        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}), "plan.geojson"),
        (shapes.archive({"GHYDYH.json": shapes.geojson(shapes.feature(shapes.square()),
                        crs={"type": "name", "properties": {"name": "EPSG:4548"}})}), "plan.zip"),
    ],
    ids=["shapefile", "geopackage", "zipped geopackage", "geojson", "zipped geojson"],
)  # fmt: skip
def test_each_kind_of_file_gives_the_same_zone(read, content, name):
    layer = read(content, name).layer("ghydyh")
    assert layer.name == "GHYDYH"
    assert layer.rows["GHYDYHDM"].tolist() == ["0703"]
    assert crs.area_m2(layer.geometry)[0] == HECTARE
    assert layer.crs_text.startswith("EPSG:4548 ")
    assert layer.geometry[0].bounds[0] == pytest.approx(116.778, abs=0.01)


def test_the_zone_prefix_and_a_local_meridian_are_read_by_their_prj(read):
    zone = read(shapes.zipped(shapes.shapefile([shapes.square(39_480_000)], prj=shapes.PRJ_ZONE)), "a.zip").layers[0]
    local = read(shapes.zipped(shapes.shapefile(prj=shapes.PRJ_LOCAL)), "a.zip").layers[0]
    assert zone.geometry[0].bounds[0] == pytest.approx(116.778, abs=0.01)
    assert local.geometry[0].bounds[0] - zone.geometry[0].bounds[0] == pytest.approx(0.25, abs=1e-6)


def test_several_shapefiles_in_folders_are_several_layers(read):
    names = ["310基础要素/JQYDYH", "320规划要素/GHYDYH", "320规划要素/ZDXM"]
    members = {f"{name}.{part}": content for name in names for part, content in shapes.shapefile().items()}
    noise = {
        "__MACOSX/320/._GHYDYH.shp": b"x",
        "readme.docx": b"PK\x03\x04 text",
        "320规划要素/GHYDYH.shp.xml": b"<x/>",
    }
    reading = read(shapes.archive({**members, **noise}), "plan.zip")
    assert [layer.name for layer in reading.layers] == ["JQYDYH", "GHYDYH", "ZDXM"]
    wanted = read(shapes.archive({**members, **noise}), "plan.zip", layers=["GHYDYH"])
    assert [layer.name for layer in wanted.layers] == ["GHYDYH"]


def test_layers_of_one_name_in_two_folders_stay_apart(read):
    members = {f"{folder}/DK.{part}": c for folder in "ab" for part, c in shapes.shapefile().items()}
    assert [layer.name for layer in read(shapes.archive(members), "a.zip").layers] == ["DK", "DK_2"]


def test_parts_of_a_shapefile_may_differ_in_capital_letters(read):
    parts = shapes.shapefile()
    members = {"a.SHP": parts["shp"], "A.dbf": parts["dbf"], "a.Shx": parts["shx"], "a.PRJ": parts["prj"]}
    assert len(read(shapes.archive(members), "a.zip").layers[0].rows) == 1


def test_a_layer_that_is_not_there_is_named(read):
    with pytest.raises(Refused) as raised:
        read(shapes.geojson(), "a.geojson").layer("GHYDYH")
    assert raised.value.issues[0].params == {"reason": "layer_missing", "layer": "GHYDYH"}


# --- text


def with_text(text: bytes, **options) -> bytes:
    return shapes.zipped(shapes.shapefile(rows=[(b"0703", text)], **options))


@pytest.mark.parametrize(
    ("options", "encoding"),
    [
        ({"cpg": "GBK"}, "gbk"),
        ({"cpg": "936"}, "gbk"),
        ({"cpg": "UTF-8"}, "utf-8"),
        ({"cpg": "Big5"}, "big5"),
        ({"language_driver": 0x4D}, "gbk"),
        ({"language_driver": 0x4F}, "big5"),
        ({"language_driver": 0x57}, "gbk"),
        ({}, "gbk"),
        ({}, "utf-8"),
        ({"prj": shapes.PRJ.replace("CGCS2000_3_Degree_GK_CM_117E", "TWD_1997_TM_Taiwan")}, "big5"),
    ],
)
def test_chinese_text_is_read_in_the_encoding_it_is_in(read, options, encoding):
    layer = read(with_text("農村宅基地".encode(encoding), **options), "a.zip").layers[0]
    assert layer.rows["MC"][0] == "農村宅基地"
    declared = "cpg" in options or options.get("language_driver") in (0x4D, 0x4F)
    assert bool({"encoding_detected", "encoding_ambiguous"} & notes(layer)) is not declared


def test_text_two_encodings_could_mean_is_remarked(read):
    layer = read(with_text("住宅".encode("gbk")), "a.zip").layers[0]
    assert layer.rows["MC"][0] == "住宅"
    assert layer.notes == [{"reason": "encoding_ambiguous", "encoding": "gb18030", "other": "cp950"}]


def test_a_chinese_field_name_cut_in_the_middle_of_a_character_keeps_its_whole_ones(read):
    name = "权属单位名称".encode()[:10]
    layer = read(shapes.zipped(shapes.shapefile(fields=[(name, "C", 12)], rows=[["国有".encode()]])), "a.zip")
    assert layer.layers[0].fields == ["权属单"]


def test_a_text_cut_by_the_width_of_its_field_loses_the_half_character_and_says_so(read):
    fields = [(b"MC", "C", 5)]
    layer = read(
        shapes.zipped(shapes.shapefile(fields=fields, rows=[["宅基地".encode("gbk")]], cpg="GBK")), "a.zip"
    ).layers[0]
    assert layer.rows["MC"][0] == "宅基"
    assert "text_cut" in notes(layer)


def test_text_wrong_in_its_declared_encoding_is_refused_with_field_and_row(refused):
    rows = [(b"0703", b"plain"), (b"0703", "宅基地".encode("gbk"))]
    issue = refused(shapes.zipped(shapes.shapefile([shapes.square()] * 2, rows=rows, cpg="UTF-8")), "a.zip")
    assert (issue.code, issue.layer, issue.row) == ("F1", "GHYDYH", 2)
    assert issue.params["field"] == "MC"
    assert issue.params["encoding"] == "utf-8"


def test_an_unknown_cpg_is_passed_over_and_an_unknown_choice_refused(read, refused):
    layer = read(with_text("宅基地".encode("gbk"), cpg="KLINGON"), "a.zip").layers[0]
    assert layer.rows["MC"][0] == "宅基地"
    assert "cpg_ignored" in notes(layer)
    assert refused(with_text(b"x"), "a.zip", encoding="rot13").params["reason"] == "encoding_unknown"


def test_member_names_in_gbk_without_the_utf8_flag_are_read(read):
    content = shapes.zipped(shapes.shapefile(), stem="eightbyt")
    content = content.replace(b"eightbyt", "规划用地".encode("gbk"))
    assert read(content, "a.zip").layers[0].name == "规划用地"


# --- values


def test_values_keep_their_type_and_codes_their_zeros(read):
    fields = [(b"DM", "C", 4), (b"MJ", "N", 12), (b"N", "N", 6), (b"RQ", "D", 8), (b"YN", "L", 1)]
    rows = [[b"0101", b"1234.56", b"7", b"20260105", b"T"], [b"", b"", b"******", b"", b"?"]]
    layer = read(shapes.zipped(shapes.shapefile([shapes.square()] * 2, fields=fields, rows=rows)), "a.zip").layers[0]
    assert layer.rows.iloc[0].tolist() == ["0101", 1234.56, 7, "2026-01-05", True]
    assert layer.rows.iloc[1].tolist() == [None] * 5


def test_whole_numbers_of_a_geopackage_stay_whole_beside_blanks(read):
    layer = read(shapes.geopackage([shapes.square(), shapes.square(480_200)]), "a.gpkg").layers[0]
    assert layer.rows["PLOTS"].tolist() == [7, None]
    assert isinstance(layer.rows["PLOTS"][0], int)


def test_json_values_that_are_lists_become_text_and_missing_ones_blank(read):
    content = shapes.geojson(shapes.feature(A=[1, {"b": None}], B="001"), shapes.feature(C=True))
    layer = read(content, "a.geojson").layers[0]
    assert layer.fields == ["A", "B", "C"]
    assert layer.rows.iloc[0].tolist() == ['[1, {"b": null}]', "001", None]
    assert layer.rows.iloc[1].tolist() == [None, None, True]


def test_deleted_rows_are_left_out_with_their_shapes(read):
    parts = shapes.shapefile([shapes.square(), shapes.square(480_500)], rows=[(b"0601", b"gone"), (b"0703", b"kept")])
    at = parts["dbf"].index(b" 0601")
    parts["dbf"] = parts["dbf"][:at] + b"*" + parts["dbf"][at + 1 :]
    layer = read(shapes.zipped(parts), "a.zip").layers[0]
    alone = read(shapes.zipped(shapes.shapefile([shapes.square(480_500)])), "a.zip").layers[0]
    assert layer.rows["MC"].tolist() == ["kept"]
    assert layer.geometry[0].equals_exact(alone.geometry[0], 1e-12)
    assert "rows_deleted" in notes(layer)


def test_a_byte_order_mark_before_json_is_left_out(read):
    assert "bom" in notes(read(b"\xef\xbb\xbf" + shapes.geojson(), "a.json").layers[0])


def test_a_single_feature_is_a_layer_named_after_the_file(read):
    layer = read(shapes.geojson(shapes.feature()).split(b'"features": [')[1][:-2], "村庄规划.geojson").layers[0]
    assert (layer.name, len(layer.rows)) == ("村庄规划", 1)


def test_a_layer_without_features_is_empty_and_not_an_error(read):
    layer = read(b'{"type": "FeatureCollection", "features": []}', "a.geojson").layers[0]
    assert len(layer.rows) == len(layer.geometry) == 0


# --- geometry and coordinates


def test_geojson_without_crs_is_taken_as_longitude_and_latitude_on_cgcs2000(read):
    layer = read(shapes.geojson(), "a.geojson").layers[0]
    assert layer.geometry[0].equals(shapely.Polygon(shapes.degrees()))
    assert "crs_assumed" in notes(layer)


def test_heights_are_dropped_with_a_note(read):
    ring = [[x, y, 88.8] for x, y in shapes.degrees()]
    flat = read(
        shapes.geojson(shapes.feature(geometry={"type": "Polygon", "coordinates": [ring]})), "a.geojson"
    ).layers[0]
    packed = read(shapes.geopackage(wkb=shapes.polygon_z_wkb(shapes.square())), "a.gpkg").layers[0]
    for layer in (flat, packed):
        assert not layer.geometry[0].has_z
        assert "z_dropped" in notes(layer)


def test_curves_become_lines_with_a_note(read):
    content = shapes.geopackage(kind="CURVEPOLYGON", wkb=shapes.curve_wkb(480_000, 4_000_000, 100))
    layer = read(content, "a.gpkg").layers[0]
    assert layer.geometry[0].geom_type == "Polygon"
    assert crs.area_m2(layer.geometry)[0] == pytest.approx(np.pi * 100**2, rel=2e-3)
    assert "curves_linearised" in notes(layer)


def test_null_and_empty_geometries_keep_their_rows(read):
    content = shapes.geojson(
        shapes.feature(geometry=None), shapes.feature(), shapes.feature(geometry={"type": "Polygon", "coordinates": []})
    )
    geometry = read(content, "a.geojson").layers[0].geometry
    assert [geom is None for geom in geometry] == [True, False, True]


def test_points_lines_and_polygons_of_one_file_are_kept(read):
    point = {"type": "Point", "coordinates": [117, 36]}
    lines = {"type": "MultiLineString", "coordinates": [[[117, 36], [117.1, 36]]]}
    content = shapes.geojson(shapes.feature(geometry=point), shapes.feature(geometry=lines), shapes.feature())
    geometry = read(content, "a.geojson").layers[0].geometry
    assert [geom.geom_type for geom in geometry] == ["Point", "MultiLineString", "Polygon"]


def test_a_hole_stays_a_hole(read):
    rings = [shapes.degrees(), [(x, y) for x, y in shapes.degrees(116.8004, 36.1004, 0.0002)]]
    layer = read(
        shapes.geojson(shapes.feature(geometry={"type": "Polygon", "coordinates": rings})), "a.geojson"
    ).layers[0]
    assert len(layer.geometry[0].interiors) == 1


def test_a_shapefile_without_prj_asks_and_takes_the_uploaders_answer(read, refused):
    content = shapes.zipped(shapes.shapefile(prj=None))
    assert refused(content, "a.zip").code == "C1"
    layer = read(content, "a.zip", crs="EPSG:4548").layers[0]
    assert crs.area_m2(layer.geometry)[0] == HECTARE
    assert "crs_chosen" in notes(layer)


def test_a_whole_world_polygon_is_read_for_the_checks_to_judge(read):
    world = shapes.feature([(-180, -90), (-180, 90), (180, 90), (180, -90), (-180, -90)])
    assert read(shapes.geojson(world), "a.geojson").layers[0].geometry[0].area == 360 * 180


# --- limits


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(file_bytes=100), "file_too_large"),
        (Limits(json_bytes=100), "file_too_large"),
        (Limits(rows=2), "too_many_rows"),
        (Limits(vertices=14), "too_many_vertices"),
        (Limits(fields=0), "too_many_fields"),
        (Limits(values=2), "too_many_values"),
        (Limits(text_chars=3), "text_too_long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_limits_are_kept_and_named(refused, limits, reason):
    content = shapes.geojson(*[shapes.feature(DM="農村宅基地")] * 3)
    issue = refused(content, "a.geojson", limits=limits)
    assert (issue.code, issue.params["reason"]) == ("F3", reason)


def test_limits_hold_for_shapefiles_geopackages_and_archives(refused):
    three = [shapes.square()] * 3
    packed = shapes.zipped(shapes.shapefile(three, rows=[(b"0703", b"a")] * 3))
    assert refused(packed, "a.zip", limits=Limits(rows=2)).params["reason"] == "too_many_rows"
    assert refused(packed, "a.zip", limits=Limits(vertices=14)).params["reason"] == "too_many_vertices"
    assert refused(packed, "a.zip", limits=Limits(fields=1)).params["reason"] == "too_many_fields"
    assert refused(packed, "a.zip", limits=Limits(layers=0)).params["reason"] == "too_many_layers"
    assert refused(shapes.geopackage(three), "a.gpkg", limits=Limits(rows=2)).params["reason"] == "too_many_rows"
    assert (
        refused(shapes.geopackage(three), "a.gpkg", limits=Limits(vertices=14)).params["reason"] == "too_many_vertices"
    )
    small = Limits(archive=ArchiveLimits(members=3))
    assert refused(packed, "a.zip", limits=small).params == {"reason": "zip_too_many_members", "limit": 3}


def test_an_honest_table_of_blanks_may_shrink_a_thousandfold(read):
    rows = [(b"0703", b"")] * 3000
    fields = ((b"GHYDYHDM", "C", 4), (b"BZ", "C", 254))
    content = shapes.zipped(shapes.shapefile([shapes.square()] * 3000, fields=fields, rows=rows))
    assert len(read(content, "a.zip").layers[0].rows) == 3000
