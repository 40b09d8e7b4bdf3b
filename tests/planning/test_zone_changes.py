"""What becomes of zones between two versions: fates, areas, slivers, margins that are totals."""

import time
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from planning.zone_changes import SLIVER_M2, Comparison, Zones, compare
from portal.geo import crs
from tests.grid import STEP, cell

FIELD, HOME, ROAD = "0101", "070301", "1207"


def zones(*rows: tuple[int, str, shapely.Geometry]) -> Zones:
    numbers, codes, geoms = zip(*rows, strict=True) if rows else ((), (), ())
    return Zones(list(numbers), list(codes), np.array(geoms, dtype=object))


def fates(found: Comparison) -> dict[int, tuple[str, list[int]]]:
    return found.went


def shifted(shape: shapely.Geometry, metres: float) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: points + np.array([metres / 90_000, 0.0]))


def test_the_same_outline_is_the_same_zone_whatever_its_number_and_wherever_its_ring_begins():
    ring = list(cell(0, 0).geoms[0].exterior.coords)[:-1]
    turned = shapely.MultiPolygon([shapely.Polygon([*ring[2:], *ring[:2]])])
    found = compare(zones((1, FIELD, cell(0, 0))), zones((7, FIELD, turned)))
    assert fates(found) == {1: ("same", [7])}
    assert found.changes[0].land == []


def test_another_class_on_the_same_outline_is_recoded_and_tells_the_area():
    found = compare(zones((1, FIELD, cell(0, 0))), zones((1, HOME, cell(0, 0))))
    assert fates(found) == {1: ("recoded", [1])}
    [(before, after, m2)] = found.changes[0].land
    assert (before, after) == (FIELD, HOME)
    assert m2 == pytest.approx(crs.area_m2([cell(0, 0)])[0])


def test_a_border_that_moves_moves_both_zones_and_splits_none():
    old = zones((1, FIELD, cell(0, 0, 5, 1)), (2, HOME, cell(5, 0, 5, 1)))
    new = zones((1, FIELD, cell(0, 0, 4, 1)), (2, HOME, cell(4, 0, 6, 1)))
    found = compare(old, new)
    assert fates(found) == {1: ("moved", [1]), 2: ("moved", [2])}
    for change in found.changes:
        [(before, after, m2)] = change.land
        assert (before, after) == (FIELD, HOME)
        assert m2 == pytest.approx(crs.area_m2([cell(4, 0)])[0], rel=1e-6)


def test_a_zone_cut_in_two_is_split_into_both():
    old = zones((1, FIELD, cell(0, 0, 4, 1)))
    new = zones((1, FIELD, cell(0, 0, 3, 1)), (2, HOME, cell(3, 0)))
    found = compare(old, new)
    assert fates(found) == {1: ("split", [1, 2])}
    assert [c.fate for c in found.changes] == ["split"]
    assert [row[:2] for row in found.changes[0].land] == [(FIELD, HOME)]


def test_zones_drawn_together_are_merged_and_told_once():
    old = zones((1, FIELD, cell(0, 0)), (2, FIELD, cell(1, 0)), (3, ROAD, cell(2, 0)))
    new = zones((1, FIELD, cell(0, 0, 2, 1)), (2, ROAD, cell(2, 0)))
    found = compare(old, new)
    assert fates(found) == {1: ("merged", [1]), 2: ("merged", [1]), 3: ("same", [2])}
    assert [(c.fate, c.old, c.new) for c in found.changes] == [("merged", [1, 2], [1]), ("same", [3], [2])]


def test_a_zone_may_be_split_while_a_part_of_it_is_merged_with_another():
    old = zones((1, FIELD, cell(0, 0, 4, 1)), (2, FIELD, cell(4, 0)))
    new = zones((1, FIELD, cell(0, 0, 2, 1)), (2, FIELD, cell(2, 0, 3, 1)))
    found = compare(old, new)
    assert fates(found) == {1: ("split", [1, 2]), 2: ("merged", [2])}


def test_a_zone_whose_land_left_the_plan_is_gone_and_one_on_other_land_is_new():
    found = compare(zones((1, FIELD, cell(0, 0))), zones((1, HOME, cell(5, 5))))
    assert fates(found) == {1: ("gone", [])}
    assert [(c.fate, c.old, c.new) for c in found.changes] == [("gone", [1], []), ("new", [], [1])]
    assert {row[:2] for c in found.changes for row in c.land} == {(FIELD, ""), ("", HOME)}


def test_a_zone_divided_among_its_neighbours_names_all_of_them():
    old = zones((1, ROAD, cell(2, 0)), (2, FIELD, cell(0, 0, 2, 1)), (3, FIELD, cell(3, 0, 2, 1)))
    new = zones((2, FIELD, cell(0, 0, 2.5, 1)), (3, FIELD, cell(2.5, 0, 2.5, 1)))
    assert fates(compare(old, new))[1] == ("split", [2, 3])


@pytest.mark.parametrize(("metres", "fate"), [(0.0005, "same"), (0.004, "same"), (0.5, "moved")])
def test_a_hair_of_redrawing_is_no_change_and_half_a_metre_is(metres, fate):
    found = compare(zones((1, FIELD, cell(0, 0))), zones((1, FIELD, shifted(cell(0, 0), metres))))
    assert fates(found)[1][0] == fate


def test_a_touching_neighbour_is_no_part():
    found = compare(zones((1, FIELD, cell(0, 0))), zones((1, HOME, cell(1, 0))))
    assert fates(found) == {1: ("gone", [])}


def test_versions_without_zones_can_be_compared():
    assert compare(zones(), zones()).changes == []
    assert [c.fate for c in compare(zones(), zones((1, FIELD, cell(0, 0)))).changes] == ["new"]
    assert [c.fate for c in compare(zones((1, FIELD, cell(0, 0))), zones()).changes] == ["gone"]


def test_five_thousand_zones_of_which_every_outline_moved_take_seconds():
    """Every pair of 5,000 zones would be 25 million overlays; neighbours alone are some ten thousand."""
    columns, rows = 100, 50
    numbers = list(range(1, columns * rows + 1))
    geoms = np.array([cell(n % columns, n // columns) for n in range(columns * rows)], dtype=object)
    moved = np.array([shifted(geom, 5) for geom in geoms], dtype=object)
    codes = [(FIELD, HOME, ROAD)[n % 3] for n in numbers]
    began = time.process_time()
    found = compare(Zones(numbers, codes, geoms), Zones(numbers, codes, moved))
    assert time.process_time() - began < 8
    assert {fate for fate, _into in found.went.values()} == {"moved"}


CODES = st.sampled_from([FIELD, HOME, ROAD])
CUTS = st.lists(st.integers(1, 39), unique=True, max_size=6).map(sorted)


@st.composite
def strips(draw: st.DrawFn) -> Zones:
    """A band of 40 quarter cells cut anywhere, some strips left out: what a village redrawn at will looks like."""
    edges = [0, *draw(CUTS), 40]
    rows = []
    for west, east in pairwise(edges):
        if draw(st.integers(0, 9)):
            rows.append((len(rows) + 1, draw(CODES), cell(west / 4, 0, (east - west) / 4, 1)))
    return zones(*rows)


@given(strips(), strips())
def test_the_margins_of_the_matrix_are_the_totals_and_the_rest_is_what_lies_outside(old, new):
    found = compare(old, new)
    before, after = crs.area_m2(old.geoms), crs.area_m2(new.geoms)
    for code in (FIELD, HOME, ROAD):
        row = sum(m2 for a, _b, m2 in found.matrix if a == code)
        column = sum(m2 for _a, b, m2 in found.matrix if b == code)
        assert row == pytest.approx(sum(before[i] for i, c in enumerate(old.codes) if c == code), abs=1e-6)
        assert column == pytest.approx(sum(after[j] for j, c in enumerate(new.codes) if c == code), abs=1e-6)
    # the rest is not only what makes the sums right: it is the land that the other version does not cover
    covered = shapely.union_all(new.geoms) if len(new.geoms) else shapely.Polygon()
    for code in set(old.codes):
        shapes = shapely.union_all(old.geoms[[i for i, c in enumerate(old.codes) if c == code]])
        outside = crs.area_m2([shapely.difference(shapes, covered)])[0]
        assert {(a, b): m2 for a, b, m2 in found.matrix}[code, ""] == pytest.approx(outside, abs=SLIVER_M2)


@given(strips(), strips())
def test_every_zone_of_both_versions_is_told_of_and_parts_are_true(old, new):
    found = compare(old, new)
    assert set(found.went) == set(old.numbers)
    assert {n for c in found.changes for n in c.old} == set(old.numbers)
    assert {n for c in found.changes for n in c.new} == set(new.numbers)
    shape = dict(zip(new.numbers, new.geoms, strict=True))
    for number, geom in zip(old.numbers, old.geoms, strict=True):
        for into in found.went[number][1]:
            assert shapely.intersection(geom, shape[into]).area > 0
        if found.went[number][0] == "gone":
            assert all(
                shapely.intersection(geom, other).area < 1e-3 * STEP**2 + geom.area * 0.05 for other in new.geoms
            )


@given(strips())
def test_a_version_against_itself_is_the_same_everywhere(one):
    assert {fate for fate, _into in compare(one, one).went.values()} <= {"same"}
