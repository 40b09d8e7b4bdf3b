"""A coverage stays a coverage, whatever is done to it: random steps on a village of 10 x 10 cells, and plans with hairs."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.geo import crs, partition_steps
from portal.geo.partition import Board, Impossible
from portal.geo.partition_check import measured, settled, tidied, whole
from tests.grid import SOUTH, STEP, WEST, cell

OUTLINE = cell(0, 0, 10, 10)
VILLAGE_M2 = crs.area_m2([OUTLINE])[0]
ROWS = {n: cell(0, n - 1, 10, 1) for n in range(1, 11)}


def lonlat(col: float, row: float) -> list[float]:
    return [round(WEST + col * STEP, 9), round(SOUTH + row * STEP, 9)]


def polygon(*corners: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([lonlat(*c) for c in corners])


def counter(after: int):
    numbers = itertools.count(after + 1)
    return lambda: next(numbers)


class Plan:
    """Zones, the steps made on them, and the way back."""

    def __init__(self, zones: dict[int, shapely.Geometry]) -> None:
        self.zones = dict(zones)
        self.numbers = counter(max(zones))
        self.done: list[dict[int, shapely.Geometry | None]] = []
        self.undone: list[dict[int, shapely.Geometry | None]] = []

    def step(self, change) -> bool:
        """Make a step; a refused one changes nothing."""
        board = Board(self.zones, OUTLINE)
        try:
            change(board, self)
            made = settled(board)
        except Impossible:
            return False
        self.done.append(self.swap(made))
        self.undone = []
        return True

    def swap(self, rows: dict[int, shapely.Geometry | None]) -> dict[int, shapely.Geometry | None]:
        """Put rows in place and answer what was there."""
        before = {number: self.zones.get(number) for number in rows}
        self.zones = {n: s for n, s in sorted({**self.zones, **rows}.items()) if s is not None}
        return before

    def undo(self) -> None:
        if self.done:
            self.undone.append(self.swap(self.done.pop()))

    def redo(self) -> None:
        if self.undone:
            self.done.append(self.swap(self.undone.pop()))

    def check(self) -> None:
        shapes = list(self.zones.values())
        assert shapely.is_valid(shapes).all()
        assert whole(shapes)
        assert crs.area_m2(shapes).sum() == pytest.approx(VILLAGE_M2, rel=1e-6)


coordinate = st.one_of(
    st.floats(-0.5, 10.5).map(lambda x: round(x, 4)),
    st.integers(0, 10).map(float),
    st.sampled_from([2.00005, 2.9999, 7.5]),
)
point = st.tuples(coordinate, coordinate)


@st.composite
def steps(draw):
    kind = draw(st.sampled_from(["place", "split", "merge", "move", "insert", "remove", "delete", "undo", "redo"]))
    return kind, draw(st.lists(point, min_size=3, max_size=6)), draw(st.integers(0, 10**6))


def some(numbers, at: int):
    return sorted(numbers)[at % len(numbers)]


def corner(board: Board, at: int) -> np.ndarray:
    corners = np.unique(shapely.get_coordinates(list(board.stored.values())), axis=0)
    return np.round(corners[at % len(corners)], 9)


def edge(board: Board, at: int) -> np.ndarray:
    ring = shapely.get_coordinates(shapely.get_parts(board.stored[some(board.stored, at)])[0].exterior)
    n = at // 7 % (len(ring) - 1)
    return np.round(ring[n : n + 2], 9)


def change_of(kind: str, points: list[tuple[float, float]], at: int):
    """What a drawn step does to a board."""
    places = np.array([lonlat(*p) for p in points])

    def change(board: Board, plan: Plan) -> None:
        zone = some(board.zones, at)
        if kind == "place":
            partition_steps.place(board, shapely.Polygon(places), plan.numbers)
        elif kind == "split":
            partition_steps.split(board, zone, shapely.LineString(places), plan.numbers)
        elif kind in ("merge", "delete"):
            partition_steps.merge(board, [zone], partition_steps.neighbour(board, zone))
        elif kind == "move":
            source = corner(board, at)
            partition_steps.move(board, [(source, source + (places[0] - places[1]) / 20)])
        elif kind == "insert":
            ends = edge(board, at)
            partition_steps.insert(board, ends, ends.mean(axis=0) + (places[0] - places[1]) / 50)
        else:
            partition_steps.remove(board, corner(board, at)[None])

    return change


@settings(max_examples=60)
@given(st.lists(steps(), min_size=4, max_size=14))
def test_whatever_is_drawn_the_village_stays_covered_once(made):
    plan = Plan(ROWS)
    for kind, points, at in made:
        if kind in ("undo", "redo"):
            getattr(plan, kind)()
        else:
            plan.step(change_of(kind, points, at))
        plan.check()
    while plan.done:
        plan.undo()
    assert {n: s.wkb for n, s in plan.zones.items()} == {n: s.wkb for n, s in ROWS.items()}


def test_vertices_that_were_there_keep_every_bit():
    """Coordinates with more digits than nine, as those of a file in metres have."""
    shifted = {n: shapely.transform(s, lambda xy: xy + 1.23456789e-10) for n, s in ROWS.items()}
    board = Board(shifted, shapely.transform(OUTLINE, lambda xy: xy + 1.23456789e-10))
    partition_steps.split(board, 2, shapely.LineString([lonlat(2.5, 0.5), lonlat(2.5, 2.5)]), counter(10))
    made = settled(board)
    before = {tuple(xy) for s in shifted.values() for xy in shapely.get_coordinates(s).tolist()}
    new = {tuple(xy) for s in made.values() for xy in shapely.get_coordinates(s).tolist()} - before
    assert {(round(x, 8), round(y, 8)) for x, y in new} == {(116.8025, 36.101), (116.8025, 36.102)}
    assert all(round(n, 9) == n for place in new for n in place)


def test_a_line_drawn_beside_a_corner_goes_through_it():
    board = Board(ROWS, OUTLINE)
    near = 3e-8  # degrees, 3 mm
    ends = [[lonlat(3, 0)[0] + near, lonlat(3, 0)[1] - 1e-4], [lonlat(3, 1)[0] + near, lonlat(3, 1)[1] + 1e-4]]
    partition_steps.split(board, 1, shapely.LineString(ends), counter(10))
    made = settled(board)
    assert set(made) == {1, 11}  # no neighbour needs a new corner
    assert {tuple(xy) for xy in shapely.get_coordinates(made[11]).round(9).tolist()} <= {
        tuple(xy) for xy in shapely.get_coordinates(ROWS[1]).round(9).tolist()
    }


def test_borders_with_different_corners_get_the_same_ones():
    """Two rectangles whose common border has a corner on one side only, a millimetre off."""
    west = shapely.MultiPolygon([polygon((0, 0), (5, 0), (5, 10), (0, 10))])
    east = shapely.MultiPolygon([polygon((5, 0), (10, 0), (10, 10), (5, 10), (5.00001, 5))])
    outline = polygon((0, 0), (5, 0), (10, 0), (10, 10), (5, 10), (0, 10))
    assert not whole([west, east])
    tidy = tidied(np.array([west, east], object), outline)
    assert whole(tidy)
    assert crs.area_m2(tidy) == pytest.approx(crs.area_m2([west, east]), abs=1)


def test_a_coverage_is_left_alone_and_a_wide_gap_stays_and_is_measured():
    shapes = np.array(list(ROWS.values()), object)
    assert tidied(shapes, OUTLINE) is shapes
    rest = {n: s for n, s in ROWS.items() if n != 4}
    assert tidied(np.array(list(rest.values()), object), OUTLINE).tolist() == list(rest.values())
    unfilled, overlap, outside = measured(Board(rest, OUTLINE))
    assert (unfilled, overlap, outside) == (pytest.approx(VILLAGE_M2 / 10, rel=1e-3), 0, 0)


def test_overlap_and_land_beyond_the_village_are_measured():
    wide = {**ROWS, 11: cell(9, 3, 2, 1)}
    unfilled, overlap, outside = measured(Board(wide, OUTLINE))
    assert unfilled == 0
    assert overlap == pytest.approx(VILLAGE_M2 / 100, rel=1e-3)
    assert outside == pytest.approx(VILLAGE_M2 / 100, rel=1e-3)


@pytest.mark.parametrize(
    ("source", "to", "reason"),
    [((5, 1), (5, 2.5), "crosses_zone"), ((5, 0), (5, -1), "leaves_village"), ((5, 0), (5, 0.5), "uncovers")],
)
def test_a_corner_goes_only_where_the_plan_stays_whole(source, to, reason):
    board = Board(ROWS, OUTLINE)
    partition_steps.move(board, [(np.array(lonlat(*source)), np.array(lonlat(*to)))])
    with pytest.raises(Impossible) as refused:
        settled(board)
    assert refused.value.reason == reason


def test_a_corner_dropped_on_an_edge_becomes_a_corner_of_both():
    """A hole in a zone is drawn out until it touches the border: the border gets the corner."""
    board = Board(ROWS, OUTLINE)
    partition_steps.place(board, polygon((2.2, 0.2), (2.8, 0.2), (2.8, 0.8)), counter(10))
    zones = {**ROWS, **settled(board)}
    board = Board(zones, OUTLINE)
    partition_steps.move(board, [(np.array(lonlat(2.8, 0.8)), np.array(lonlat(2.8, 1 - 2e-5)))])
    made = settled(board)
    assert set(made) == {1, 2, 11}
    assert shapely.coverage_is_valid(list({**zones, **made}.values()))
