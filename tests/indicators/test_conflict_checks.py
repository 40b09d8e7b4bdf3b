"""K1, K3 and K4 on zones drawn by hand: what conflicts, how large, and of which category."""

import numpy as np
import pytest
import shapely
from django.utils import translation

from indicators.checks import CHECKS
from indicators.compute.conflicts import is_narrow
from indicators.compute.standard import load_standard
from planning import conflicts
from portal.geo.crs import area_m2
from tests.indicators.frames_for_tests import PLANE, SIDE, cells, frames, in_lonlat, layer, rect, stars

STANDARD = load_standard()
FIELDS = ("0101", rect(0, 0, SIDE, SIDE))
HOME, FARMLAND = rect(100, 100, 50, 40), rect(0, 0, 120, 500)


def check(code, base, plan, lines):
    return CHECKS[code].function(frames(base, plan, lines), STANDARD)


def found(result):
    return {(row.zone, row.category): round(row.area_m2, 2) for row in result.pieces.itertuples()}


@pytest.mark.parametrize(("code", "kind"), [("K1", "YJJBNT"), ("K3", "STBHHX")])
def test_construction_inside_a_line_is_a_real_conflict(code, kind):
    result = check(code, [FIELDS], [("0703", HOME), ("0101", rect(0, 0, 100, 100))], [(kind, FARMLAND)])
    assert result.status == "checked"
    assert found(result) == {(1, "real"): 800.0}
    piece = result.pieces.iloc[0]
    assert piece["code"] == "0703"
    assert piece["geom"].geom_type == "MultiPolygon"
    assert area_m2([piece["geom"]])[0] == pytest.approx(800, abs=0.01)


@pytest.mark.parametrize(("code", "kind"), [("K1", "YJJBNT"), ("K3", "STBHHX")])
def test_what_stood_there_in_the_base_year_is_legacy(code, kind):
    base = [("0101", rect(0, 0, 100, 1000)), ("0801", rect(100, 90, 10, 60))]
    result = check(code, base, [("0703", HOME)], [(kind, FARMLAND)])
    assert found(result) == {(1, "legacy"): 400.0, (1, "real"): 400.0}


def test_facility_farmland_conflicts_with_farmland_but_not_with_the_red_line():
    zone = [("060202", HOME)]
    assert found(check("K1", [FIELDS], zone, [("YJJBNT", FARMLAND)])) == {(1, "real"): 800.0}
    assert found(check("K3", [FIELDS], zone, [("STBHHX", FARMLAND)])) == {}


@pytest.mark.parametrize("code", ["0601", "2302", "1704", "0101"])
def test_land_that_is_not_construction_never_conflicts(code):
    lines = [("YJJBNT", FARMLAND), ("STBHHX", FARMLAND), ("CZJSBJ", rect(900, 900, 10, 10))]
    assert all(found(check(name, [FIELDS], [(code, HOME)], lines)) == {} for name in ("K1", "K3", "K4"))


def test_overlapping_lines_count_once():
    lines = [("YJJBNT", FARMLAND), ("YJJBNT", rect(50, 0, 70, 500))]
    assert found(check("K1", [FIELDS], [("0703", HOME)], lines)) == {(1, "real"): 800.0}


@pytest.mark.parametrize(
    ("overlap", "category"),
    [
        (rect(100, 100, 9.99, 10), "technical"),  # 99.9 m²
        (rect(100, 100, 10.01, 10), "real"),
        (rect(100, 0, 0.97, 500), "technical"),  # 485 m², nowhere 1 m wide
        (rect(100, 0, 1.03, 500), "real"),
    ],
)
def test_small_and_narrow_parts_are_technical(overlap, category):
    zone = rect(100, 0, 50, 500)
    assert list(check("K1", [FIELDS], [("0703", zone)], [("YJJBNT", overlap)]).pieces["category"]) == [category]


def test_each_connected_part_is_judged_by_itself_and_parts_of_a_kind_are_one_row():
    lines = [("YJJBNT", rect(x, 0, 5, 10)) for x in (0, 20, 40)] + [("YJJBNT", rect(60, 0, 20, 10))]
    result = check("K1", [FIELDS], [("0703", rect(0, 0, 100, 10))], lines)
    assert found(result) == {(1, "technical"): 150.0, (1, "real"): 200.0}
    technical = result.pieces.set_index("category").loc["technical", "geom"]
    assert len(technical.geoms) == 3


def test_less_than_a_square_metre_is_misfit_of_lines():
    zone = [("0703", rect(0, 0, 100, 10))]
    assert found(check("K1", [FIELDS], zone, [("YJJBNT", rect(0, 9.991, 100, 10))])) == {}
    assert found(check("K1", [FIELDS], zone, [("YJJBNT", rect(0, 9.97, 100, 10))])) == {(1, "technical"): 3.0}


def test_a_strip_of_less_than_two_centimetres_is_rounding_whatever_its_area():
    zone = [("0703", rect(0, 0, 500, 10))]
    assert found(check("K1", [FIELDS], zone, [("YJJBNT", rect(0, 9.985, 500, 10))])) == {}  # 7.5 m²


def test_touching_a_line_is_no_conflict():
    result = check("K1", [FIELDS], [("0703", HOME)], [("YJJBNT", rect(0, 0, 100, 500))])
    assert result.pieces.empty
    assert result.status == "checked"


@pytest.mark.parametrize("code", ["K1", "K3"])
def test_without_lines_of_the_kind_the_check_does_not_apply(code):
    result = check(code, [FIELDS], [("0703", HOME)], [("ZHFXQ", FARMLAND)])
    assert (result.status, result.note, len(result.pieces)) == ("not_applicable", "no_lines_of_kind", 0)


def test_without_any_construction_boundary_new_construction_cannot_be_checked():
    result = check("K4", [FIELDS], [("0703", HOME)], [("YJJBNT", FARMLAND)])
    assert (result.status, result.note) == ("not_applicable", "no_construction_boundary")
    assert result.pieces.empty


def test_new_construction_must_lie_in_either_boundary():
    lines = [("CZJSBJ", rect(0, 0, 120, 500)), ("CZKFBJ", rect(130, 0, 500, 500))]
    assert found(check("K4", [FIELDS], [("0703", HOME)], lines)) == {(1, "real"): 400.0}


def test_construction_of_the_base_year_may_stay_outside_the_boundary():
    base = [("0703", rect(100, 100, 30, 40)), ("0101", rect(130, 100, 100, 40))]
    result = check("K4", base, [("0801", HOME)], [("CZJSBJ", rect(500, 500, 10, 10))])
    assert found(result) == {(1, "real"): 800.0}


@pytest.mark.parametrize("code", ["1201", "1202", "1206", "1311", "1506", "1002"])
def test_some_classes_may_lie_outside_the_boundary(code):
    assert found(check("K4", [FIELDS], [(code, HOME)], [("CZJSBJ", rect(500, 500, 10, 10))])) == {}


def test_an_empty_plan_conflicts_with_nothing():
    lines = [("YJJBNT", FARMLAND), ("STBHHX", FARMLAND), ("CZJSBJ", FARMLAND)]
    results = [check(code, [FIELDS], [], lines) for code in ("K1", "K3", "K4")]
    assert [(r.status, len(r.pieces)) for r in results] == [("checked", 0)] * 3


def test_without_base_year_parcels_nobody_knows_what_is_new_construction():
    result = check("K4", [], [("0703", HOME)], [("CZJSBJ", rect(500, 500, 10, 10))])
    assert (result.status, result.note, len(result.pieces)) == ("not_applicable", "no_base", 0)


@pytest.mark.parametrize(("code", "kind"), [("K1", "YJJBNT"), ("K3", "STBHHX")])
def test_without_base_year_parcels_an_overlap_says_that_nothing_is_known_of_what_stood_there(code, kind):
    result = check(code, [], [("0703", HOME)], [(kind, FARMLAND)])
    assert (result.status, result.note) == ("partly", "base_unknown")
    assert found(result) == {(1, "real"): 800.0}
    with translation.override("en"):
        assert "what stood there" in conflicts.sentence(code, "real", 800.0, result.pieces.iloc[0]["detail"])
    free = check(code, [], [("0101", HOME)], [(kind, FARMLAND)])
    assert (free.status, free.note) == ("checked", "")


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_categories_split_the_overlap_without_rest_or_repetition(seed):
    """On parcels and lines nobody drew by hand: the rows of a zone are disjoint and make up zone ∩ lines."""
    village = list(zip(np.resize(["0703", "0101", "0801", "060201"], 300), in_lonlat(*cells(300, seed)), strict=True))
    base = list(zip(np.resize(["0101", "0703", "0301"], 300), in_lonlat(*cells(300, seed + 50)), strict=True))
    lines = [("YJJBNT", line) for line in in_lonlat(*stars(8, seed))]
    pieces = check("K1", base, village, lines).pieces
    union = shapely.union_all(PLANE.flatten([line for _, line in lines]))
    rows = {zone: PLANE.flatten(np.asarray(group["geom"], object)) for zone, group in pieces.groupby("zone")}
    assert set(pieces["category"]) == {"real", "technical", "legacy"}
    for number, (code, zone) in enumerate(village, start=1):
        expected = shapely.area(shapely.intersection(PLANE.flatten([zone])[0], union)) if code != "0101" else 0
        got = shapely.area(rows.get(number, np.zeros(0, object)))
        assert got.sum() == pytest.approx(expected, abs=3), "rows under 1 m² are left out, of three categories"
        assert shapely.union_all(rows.get(number, np.zeros(0, object))).area == pytest.approx(got.sum(), abs=1e-3)


def test_zones_keep_the_numbers_of_the_version():
    drawn = frames([FIELDS], [("0703", HOME), ("0703", rect(90, 300, 20, 20))], [("YJJBNT", FARMLAND)])
    drawn.plan["number"] = [41, 7]
    result = CHECKS["K1"].function(drawn, STANDARD)
    assert found(result) == {(7, "real"): 400.0, (41, "real"): 800.0}


def test_zones_in_a_plain_frame_without_geopandas_are_checked_alike():
    drawn = frames([FIELDS], [("0703", HOME)], [("YJJBNT", FARMLAND)])
    plain = [
        frame.drop(columns="geom").assign(geom=np.asarray(frame["geom"], object)) for frame in (drawn.base, drawn.plan)
    ]
    assert type(plain[0]) is not type(layer())
    assert found(CHECKS["K1"].function(type(drawn)(*plain, drawn.lines, drawn.village), STANDARD)) == {
        (1, "real"): 800.0
    }


def test_width_is_that_of_the_widest_place():
    ring = shapely.box(0, 0, 100, 100)
    shapes = {
        "frame 0.8 m wide": ring.difference(shapely.box(0.8, 0.8, 99.2, 99.2)),
        "frame 1.2 m wide": ring.difference(shapely.box(1.2, 1.2, 98.8, 98.8)),
        "strip with a broad end": shapely.box(0, 0, 300, 0.5).union(shapely.box(300, 0, 303, 3)),
        "wedge": shapely.Polygon([(0, 0), (400, 0), (400, 0.95)]),
    }
    narrow = is_narrow(np.array(list(shapes.values()), object), 1.0)
    assert dict(zip(shapes, narrow.tolist(), strict=True)) == {
        "frame 0.8 m wide": True,
        "frame 1.2 m wide": False,
        "strip with a broad end": False,
        "wedge": True,
    }
