"""Where a file does not say where it is, or says it wrongly, a person is asked with all that a proposal needs."""

import json

import pytest
import shapely

from portal.geo import crs
from portal.geo.issues import Refused
from tests import shapes

BOUNDS = ("minx", "miny", "maxx", "maxy")


def turned(ring: shapes.Ring) -> shapes.Ring:
    return [(y, x) for x, y in ring]


@pytest.mark.parametrize(
    ("content", "name", "reason", "bounds"),
    [
        (shapes.zipped(shapes.shapefile(prj=None)), "a.zip", "crs_missing", (480_000, 4_000_000, 480_100, 4_000_100)),
        (
            shapes.zipped(shapes.shapefile([shapes.square(39_480_000)])),
            "a.zip",
            "crs_zone_prefix",
            (39_480_000, 4_000_000, 39_480_100, 4_000_100),
        ),
        (
            shapes.geojson(shapes.feature(shapes.square())),
            "a.json",
            "coordinates_not_degrees",
            (480_000, 4_000_000, 480_100, 4_000_100),
        ),
        (
            shapes.geojson(shapes.feature(turned(shapes.degrees(116.5, 36, 0.25)))),
            "a.json",
            "coordinates_swapped",
            (36, 116.5, 36.25, 116.75),
        ),
        (
            shapes.zipped(shapes.shapefile([turned(shapes.square())])),
            "a.zip",
            "coordinates_swapped",
            (4_000_000, 480_000, 4_000_100, 480_100),
        ),
    ],
    ids=["missing", "zone", "metres", "swapped", "northing first"],
)
def test_a_refusal_of_a_place_says_where_the_coordinates_lie(refused, content, name, reason, bounds):
    issue = refused(content, name)
    assert (issue.code, issue.params["reason"]) == ("C1", reason)
    assert tuple(issue.params[key] for key in BOUNDS) == bounds
    assert all(type(issue.params[key]) is float for key in BOUNDS)


def test_coordinates_outside_a_projection_are_refused_with_their_bounds(refused):
    europe = {"type": "name", "properties": {"name": "EPSG:3035"}}
    issue = refused(shapes.geojson(shapes.feature(shapes.square(1e9, 1e9)), crs=europe), "a.json")
    assert (issue.code, issue.params["reason"]) == ("C1", "coordinates_outside")
    assert issue.params["minx"] == 1e9


def test_axes_are_swapped_only_on_a_persons_word_and_with_a_note(read):
    degrees = shapes.geojson(shapes.feature(turned(shapes.degrees())))
    metres = shapes.zipped(shapes.shapefile([turned(shapes.square())]))
    for content, name in ((degrees, "a.json"), (metres, "a.zip")):
        layer = read(content, name, swap_axes=True).layers[0]
        assert {"reason": "axes_swapped"} in layer.notes
        assert layer.geometry[0].bounds[0] == pytest.approx(116.79, abs=0.02)
    assert layer.raw_bounds == (4_000_000, 480_000, 4_000_100, 480_100)
    assert crs.area_m2(layer.geometry)[0] == pytest.approx(10_000, rel=1e-4)


def test_swapping_what_was_right_is_found_out(refused):
    assert refused(shapes.geojson(), "a.json", swap_axes=True).params["reason"] == "coordinates_swapped"


def test_every_layer_says_where_its_own_coordinates_lie(read):
    layer = read(shapes.geopackage([shapes.square(), shapes.square(480_500)]), "a.gpkg").layers[0]
    assert layer.raw_bounds == (480_000, 4_000_000, 480_600, 4_000_100)
    empty = read(shapes.geojson(shapes.feature(geometry=None)), "a.json").layers[0]
    assert empty.raw_bounds is None


def test_the_same_layer_in_two_systems_is_one_if_a_person_says_so(read, refused):
    six = shapes.GK_117.format(name="Zone_20", easting=20500000.0, meridian=117.0)
    parts = {"a": shapes.shapefile(), "b": shapes.shapefile([shapes.square(20_480_000)], prj=six)}
    members = {f"{folder}/DLTB.{part}": c for folder in parts for part, c in parts[folder].items()}
    assert refused(shapes.archive(members), "a.zip").params == {"reason": "crs_mixed", "layer": "DLTB"}
    members |= {f"b/DLTB.{part}": c for part, c in shapes.shapefile([shapes.square(480_500)], prj=six).items()}
    layers = read(shapes.archive(members), "a.zip", crs="EPSG:4548").layers
    assert [layer.name for layer in layers] == ["DLTB", "DLTB_2"]


def test_an_outline_of_the_whole_world_does_not_cross_the_antimeridian(read, refused):
    world = [(-180, -90), (-180, 90), (180, 90), (180, -90), (-180, -90)]
    assert read(shapes.geojson(shapes.feature(world)), "a.json").layers[0].geometry[0].equals(shapely.Polygon(world))
    fiji = [(179, -17), (-179, -17), (-179, -16), (179, -16), (179, -17)]
    content = shapes.geojson(shapes.feature(), shapes.feature(fiji))
    assert refused(content, "a.json").params == {"reason": "antimeridian", "layer": "a", "row": 2}


# --- encodings, shown on samples

TEXTS = ["農村宅基地", "公路用地", "水田"]


def shapefile(encoding: str, **options) -> bytes:
    rows = [(b"0703", text.encode(encoding)) for text in TEXTS]
    return shapes.zipped(shapes.shapefile([shapes.square()] * 3, rows=rows, **options))


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", "UTF-8"), ("gbk", "GB18030"), ("big5", "BIG5")])
def test_sample_texts_are_shown_in_each_encoding(read, encoding, shown):
    layer = read(shapefile(encoding, cpg=encoding), "a.zip").layers[0]
    assert set(layer.samples) == {"UTF-8", "GB18030", "BIG5"}
    assert layer.samples[shown] == TEXTS
    others = [texts for name, texts in layer.samples.items() if name != shown]
    assert all(texts != TEXTS for texts in others)


@pytest.mark.parametrize(
    ("encoding", "cpg", "outcome"),
    [
        ("utf-8", None, "read"), ("utf-8", "UTF-8", "read"), ("utf-8", "GBK", "asked"),
        ("gbk", None, "read"), ("gbk", "GBK", "read"), ("gbk", "UTF-8", "asked"),
        ("big5", None, "read or garbled"), ("big5", "Big5", "read"), ("big5", "UTF-8", "asked"),
    ],
)  # fmt: skip
def test_each_encoding_with_without_and_with_a_wrong_cpg_is_read_or_asked_about(read, encoding, cpg, outcome):
    try:
        layer = read(shapefile(encoding, cpg=cpg), "a.zip").layers[0]
    except Refused as refused:
        issue = refused.issues[0]
        assert outcome == "asked"
        assert issue.params["reason"] == "bytes_not_in_encoding"
        shown = {"utf-8": "UTF-8", "gbk": "GB18030", "big5": "BIG5"}[encoding]
        assert json.loads(issue.params["samples"])[shown] == TEXTS
        return
    reasons = {note["reason"] for note in layer.notes}
    if outcome == "read":
        assert layer.rows["MC"].tolist() == TEXTS
    else:  # GB18030 reads many Big5 bytes too: what was taken is remarked, and the samples show the other
        assert layer.rows["MC"].tolist() == TEXTS or "encoding_ambiguous" in reasons
        assert layer.samples["BIG5"] == TEXTS
    assert cpg or reasons & {"encoding_detected", "encoding_ambiguous"}


def test_samples_are_few_short_and_without_control_characters(read):
    rows = [(b"0703", f"宅{number}\x07".encode()) for number in range(30)]
    fields = ((b"GHYDYHDM", "C", 4), ("名称".encode(), "C", 200))
    content = shapes.zipped(shapes.shapefile([shapes.square()] * 30, fields=fields, rows=rows, cpg="UTF-8"))
    samples = read(content, "a.zip").layers[0].samples["UTF-8"]
    assert samples[:2] == ["名称", "宅0"]
    assert len(samples) == 10


def test_texts_of_no_encoding_are_shown_too(refused):
    issue = refused(shapes.zipped(shapes.shapefile(rows=[(b"0703", b"\xff\xfe\xff end")])), "a.zip")
    assert issue.params["reason"] == "bytes_in_no_encoding"
    assert json.loads(issue.params["samples"])["GB18030"][0].endswith(" end")


# --- what a .dbf cannot give


def test_memos_and_impossible_dates_are_left_out_and_said(read):
    fields = [(b"BZ", "M", 10), (b"RQ", "D", 8)]
    rows = [[b"         1", b"00000000"], [b"", b"20260231"], [b"", b"20260105"], [b"", b""]]
    content = shapes.zipped(shapes.shapefile([shapes.square()] * 4, fields=fields, rows=rows))
    layer = read(content, "a.zip").layers[0]
    assert layer.rows["RQ"].tolist() == [None, None, "2026-01-05", None]
    assert {"reason": "field_left_out", "field": "BZ", "type": "M"} in layer.notes
    assert {"reason": "date_left_out", "field": "RQ", "count": 2} in layer.notes


def test_256_fields_are_all_read(read):
    fields = [(f"F{number}".encode(), "C", 3) for number in range(256)]
    row = [str(number).encode() for number in range(256)]
    layer = read(shapes.zipped(shapes.shapefile(fields=fields, rows=[row])), "a.zip").layers[0]
    assert layer.rows.iloc[0].tolist() == [str(number) for number in range(256)]


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [("plan.kmz", b"PK", "KML"), ("plan.dwg", b"AC1032", "DXF"), ("plan.shp", b"x", "ZIP")],
)
def test_what_people_have_and_we_do_not_read_is_refused_with_advice(refused, name, content, advice):
    from portal.geo import reasons

    issue = refused(content, name)
    assert advice in reasons.REASONS[issue.params["reason"]].format(**issue.params)
