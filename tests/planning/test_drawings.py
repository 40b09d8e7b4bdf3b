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
