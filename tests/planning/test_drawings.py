"""Drawing a plan step by step through the API; areas are compared in the database."""

import pytest
import shapely

from tests.planning.drawing_case import Pen, at, begin, line, ring

CELL_M2 = pytest.approx(9990, rel=0.01)


@pytest.fixture
def pen(version, as_user) -> Pen:
    """The planner, who draws on from version 1: ten rows of ten cells, zone n is row n-1."""
    return begin(as_user("planner"), version=version.pk)


def whole(pen: Pen) -> None:
    """The zones of the drawing cover the village once, and share their vertices."""
    zones = list(pen.drawing.zones.all())
    shapes = [shapely.from_wkb(bytes(zone.geom.wkb)) for zone in zones]
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    village = pen.drawing.village
    assert sum(zone.area_m2 for zone in zones) == pytest.approx(village.area_m2, rel=1e-6)


def test_a_zone_is_drawn_over_others_and_takes_their_land(pen):
    before = pen.areas()
    told = pen.send("place", geometry=ring((2, 0.5), (4, 0.5), (4, 1.5), (2, 1.5)), code="070301", label="新")
    assert told["said"]["text"] == "Zone 11 drawn"
    assert set(told["zones"]) == {"1", "2", "11"}
    after = pen.areas()
    assert after[11] == pytest.approx(before[1] / 5, rel=1e-4)
    assert after[1] == pytest.approx(before[1] * 0.9, rel=1e-4)
    assert (told["zones"]["11"]["code"], told["zones"]["11"]["label"]) == ("070301", "新")
    whole(pen)


def test_a_zone_drawn_inside_another_makes_a_hole_in_it(pen):
    told = pen.send("place", geometry=ring((2.2, 0.2), (2.8, 0.2), (2.8, 0.8), (2.2, 0.8)), code="0301")
    assert len(told["zones"]["1"]["geometry"]["coordinates"][0]) == 2
    assert set(told["zones"]) == {"1", "11"}
    whole(pen)


def test_what_is_drawn_beyond_the_village_is_clipped(pen):
    told = pen.send("place", geometry=ring((-1, 0), (1, 0), (1, 2), (-1, 2)), code="0301")
    assert told["totals"]["outside_m2"] == 0
    before = pen.drawing.village.area_m2
    assert pen.areas()[11] == pytest.approx(before / 50, rel=1e-3)
    whole(pen)
    assert pen.refused("place", geometry=ring((-3, 0), (-1, 0), (-1, 2), (-3, 2)), code="0301") == "outside_village"


def test_a_road_across_zones_cuts_them_and_the_larger_part_keeps_the_number(pen):
    told = pen.send("place", geometry=ring((3, -0.5), (3.1, -0.5), (3.1, 10.5), (3, 10.5)), code="1207")
    assert len(pen.areas()) == 21
    east, west = told["zones"]["1"], told["zones"]["12"]
    assert (east["code"], west["code"], west["label"]) == ("0102", "0102", "Z1")
    assert east["area_m2"] > west["area_m2"]
    whole(pen)


def test_a_zone_drawn_over_whole_zones_leaves_nothing_of_them(pen):
    told = pen.send("place", geometry=ring((0, 0), (10, 0), (10, 2), (0, 2)), code="0301")
    assert (told["zones"]["1"], told["zones"]["2"]) == (None, None)
    assert set(pen.areas()) == {3, 4, 5, 6, 7, 8, 9, 10, 11}
    whole(pen)


def test_a_zone_is_split_and_its_neighbours_get_the_new_corners(pen):
    before = pen.areas()
    told = pen.send("split", zone=2, line=line((2.5, 0.5), (2.5, 2.5)))
    assert told["said"]["text"] == "Zone 2 split into 2 and 11"
    assert set(told["zones"]) == {"1", "2", "3", "11"}
    after = pen.areas()
    assert after[2] + after[11] == pytest.approx(before[2], rel=1e-6)
    assert after[2] > after[11]
    assert told["zones"]["11"]["label"] == "Z2"
    whole(pen)


def test_a_line_that_ends_inside_a_zone_does_not_split_it(pen):
    assert pen.refused("split", zone=2, line=line((2.5, 0.5), (2.5, 1.5))) == "does_not_cross"
    assert pen.refused("split", zone=77, line=line((2.5, 0.5), (2.5, 1.5))) == "no_zone"
    assert pen.drawing.revision == 0


def test_zones_are_merged_if_they_touch(pen):
    before = pen.areas()
    told = pen.send("merge", zones=[2, 3], into=3)
    assert (told["zones"]["2"], told["zones"]["3"]["code"]) == (None, "0102")
    assert pen.areas()[3] == pytest.approx(before[2] + before[3], rel=1e-6)
    whole(pen)
    assert pen.refused("merge", zones=[1, 5], into=1) == "apart"
    assert pen.refused("merge", zones=[1], into=1) == "zones"


def test_a_corner_moves_in_all_zones_that_share_it(pen):
    before = pen.areas()
    told = pen.send("move", moves=[[at(5, 1), at(5, 1.5)]])
    assert set(told["zones"]) == {"1", "2"}
    after = pen.areas()
    assert after[1] - before[1] == pytest.approx(before[2] - after[2], rel=1e-4)
    assert after[1] > before[1]
    whole(pen)


@pytest.mark.parametrize(
    ("source", "to", "code"),
    [((5, 1), (5, 2.5), "crosses_zone"), ((5, 0), (5, -1), "leaves_village"), ((5, 0), (5, 0.5), "uncovers"), ((5.5, 1), (5.5, 1.2), "no_corner")],
)  # fmt: skip
def test_a_corner_that_would_break_the_plan_stays(pen, source, to, code):
    before = pen.areas()
    assert pen.refused("move", moves=[[at(*source), at(*to)]]) == code
    assert pen.areas() == before


def test_a_corner_is_added_to_a_shared_edge_and_taken_out_again(pen):
    before = pen.areas()
    told = pen.send("insert", edge=[at(4, 1), at(5, 1)], to=at(4.5, 1.3))
    assert set(told["zones"]) == {"1", "2"}
    whole(pen)
    pen.send("remove", nodes=[at(4.5, 1.3)])
    assert pen.areas() == pytest.approx(before, rel=1e-6)
    whole(pen)
    assert pen.refused("insert", edge=[at(4, 1), at(6, 1)], to=at(5, 1.3)) == "no_edge"
    assert pen.refused("remove", nodes=[at(0, 1)]) == "three_meet"


def test_class_label_and_remark_are_set_for_several_zones(pen):
    told = pen.send("set", zones=[1, 2], code="0301", remark="退耕还林")
    assert {told["zones"][n]["code"] for n in ("1", "2")} == {"0301"}
    assert told["zones"]["1"]["remark"] == "退耕还林"
    assert told["totals"]["by_code"][1]["count"] == 4
    assert pen.refused("set", zones=[1], code="9999") == "code"
    assert pen.refused("set", zones=[1]) == "nothing"


def test_a_deleted_zone_goes_to_the_neighbour_with_the_longest_border(pen):
    before = pen.areas()
    pen.send("split", zone=2, line=line((2, 0.5), (2, 2.5)))
    told = pen.send("delete", zone=11)
    assert told["said"]["text"] == "Zone 11 taken out, its land added to zone 1"
    assert pen.areas()[1] > before[1]
    pen.send("delete", zone=4, to=5)
    assert pen.areas()[5] == pytest.approx(before[4] + before[5], rel=1e-6)
    whole(pen)


def test_a_number_is_never_given_twice(pen):
    pen.send("split", zone=2, line=line((2, 0.5), (2, 2.5)))
    pen.send("merge", zones=[2, 11], into=2)
    assert "12" in pen.send("split", zone=3, line=line((2, 1.5), (2, 3.5)))["zones"]
    pen.send("undo")
    assert "13" in pen.send("split", zone=3, line=line((3, 1.5), (3, 3.5)))["zones"]


def test_projects_are_written_and_taken_out(pen):
    told = pen.send("project", name="道路硬化", project_kind="道路", budget_wan="12.50", starts_in=2026, ends_in=2027,
                    geometry=line((1, 1), (3, 3)))  # fmt: skip
    assert told["projects"]["2"]["budget_wan"] == 12.5
    assert told["projects"]["2"]["kind"] == "道路"
    told = pen.send("project", number=2, state="approved", geometry=None)
    assert (told["projects"]["2"]["name"], told["projects"]["2"]["geometry"]) == ("道路硬化", None)
    assert pen.send("project_remove", number=2)["projects"]["2"] is None
    assert pen.refused("project_remove", number=2) == "no_project"
    assert pen.refused("project", name="") == "invalid"
    assert pen.refused("project", project_kind="x") == "name"
    assert pen.refused("project", name="a", starts_in=2030, ends_in=2026) == "years"
    assert pen.refused("project", name="a", geometry={"type": "Point", "coordinates": [100, 30]}) == "outside_village"


def test_undo_brings_back_every_byte_and_redo_does_it_again(pen):
    rows = list(pen.drawing.zones.values_list("number", "code", "label", "geom"))
    pen.send("place", geometry=ring((2, 0.5), (4, 0.5), (4, 1.5), (2, 1.5)), code="070301")
    pen.send("split", zone=3, line=line((2.5, 1.5), (2.5, 3.5)))
    made = list(pen.drawing.zones.values_list("number", "code", "label", "geom"))
    assert pen.send("undo")["redo"]["kind"] == "split"
    told = pen.send("undo")
    assert told["undo"] is None
    back = list(pen.drawing.zones.values_list("number", "code", "label", "geom"))
    assert [(*row[:3], row[3].wkb) for row in back] == [(*row[:3], row[3].wkb) for row in rows]
    pen.send("redo")
    assert pen.send("redo")["redo"] is None
    again = list(pen.drawing.zones.values_list("number", "code", "label", "geom"))
    assert [(*row[:3], row[3].wkb) for row in again] == [(*row[:3], row[3].wkb) for row in made]
    assert pen.refused("redo") == "nothing"
    pen.send("undo")
    assert pen.send("set", zones=[1], label="新")["redo"] is None


def test_a_step_sent_twice_happens_once(pen):
    first = pen.send("split", key="once", zone=2, line=line((2.5, 0.5), (2.5, 2.5)))
    pen.revision = 0
    second = pen.send("split", key="once", zone=2, line=line((2.5, 0.5), (2.5, 2.5)))
    assert second == first
    assert pen.drawing.revision == 1


@pytest.mark.parametrize("start", ["parcels", "outline"])
def test_a_drawing_begins_with_the_land_as_it_is_or_with_the_empty_village(start, village, as_user):
    pen = begin(as_user("committee"), start)
    seen = pen.look()
    whole(pen)
    assert seen["totals"]["unfilled_m2"] == 0
    if start == "parcels":
        assert (seen["totals"]["zones"], seen["totals"]["no_code"]) == (100, 0)
    else:
        assert (seen["totals"]["zones"], seen["totals"]["no_code"]) == (1, 1)
        pen.send("place", geometry=ring((0, 0), (5, 0), (5, 5), (0, 5)), code="0102")
        whole(pen)


def test_land_without_a_zone_is_measured_and_filled(village, as_user):
    village.parcels.filter(number__in=[1, 2, 55]).delete()
    pen = begin(as_user("planner"), "parcels")
    gap = pen.look()["totals"]["unfilled_m2"]
    assert gap == pytest.approx(3 * village.area_m2 / 100, rel=1e-3)
    told = pen.send("place", geometry=ring((0, 0), (1, 0), (1, 1), (0, 1)), code="0301")
    assert told["totals"]["unfilled_m2"] == pytest.approx(gap * 2 / 3, rel=1e-3)
    told = pen.send("fill", code="0201")
    assert (told["totals"]["unfilled_m2"], told["totals"]["zones"]) == (0, 100)
    assert pen.send("undo")["totals"]["unfilled_m2"] == pytest.approx(gap * 2 / 3, rel=1e-3)
    pen.send("redo")
    whole(pen)
    assert pen.refused("fill", code="0201") == "nothing_to_fill"


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "dance"}, {"kind": []}, {"kind": "place", "geometry": {"type": "Point", "coordinates": [1, 2]}, "code": "0301"},
        {"kind": "place", "geometry": {"type": "Polygon", "coordinates": [[[1, 2], [3]]]}, "code": "0301"},
        {"kind": "place", "geometry": {"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}, "code": "0301"},
        {"kind": "place", "geometry": {"type": "Polygon", "coordinates": []}, "code": "0301"},
        {"kind": "place", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "code": "0301"},
        {"kind": "place", "geometry": {"type": "Polygon", "coordinates": [[[0, 0]] * 3000]}, "code": "0301"},
        {"kind": "split", "zone": 1, "line": {"type": "LineString", "coordinates": [[1, 1]]}}, {"kind": "split", "zone": 1},
        {"kind": "move", "moves": [[[1, 2]]]}, {"kind": "move", "moves": [[[1, 2], [3, 4, 5]]]}, {"kind": "move", "moves": [[[1, 2], [3, 400]]]},
        {"kind": "set", "zones": [], "code": "0301"}, {"kind": "fill", "code": "0301", "nonsense": 1},
        {"kind": "move", "moves": [[[1, 2], [3, 10**400]]]}, {"kind": "split", "zone": 1, "line": {"type": "LineString", "coordinates": [[1, 2], [3, 10**400]]}},
    ],
)  # fmt: skip
def test_a_body_that_means_nothing_is_refused_and_named(pen, body):
    kind = body.pop("kind")
    assert pen.refused(kind, **body) == "invalid"


def test_an_outline_that_crosses_itself_or_is_a_speck_is_refused_in_words(pen):
    bow = ring((2, 0.2), (4, 0.8), (4, 0.2), (2, 0.8))
    assert pen.refused("place", geometry=bow, code="0301") == "drawn_crosses_itself"
    speck = ring((2, 0.2), (2.00000001, 0.2), (2, 0.20000001))
    assert pen.refused("place", geometry=speck, code="0301") in ("too_small", "invalid")
