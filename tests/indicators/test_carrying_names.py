"""Names of conflicts, on squares: what is the same conflict, what continues it, what is new."""

import time

import shapely
from hypothesis import given
from hypothesis import strategies as st

from indicators.compute.carrying import Conflict, matches, names, new_key

SHARE = 0.5


def at(x: float, width: float = 1.0, *, code: str = "K1", category: str = "real", **more: object) -> Conflict:
    """A conflict on a square (or a rectangle one high) at x."""
    return Conflict(code, category, geom=shapely.multipolygons([shapely.box(x, 0, x + width, 1)]), **more)


def keys(found: list[Conflict], own: list[Conflict] = (), before: list[Conflict] = ()) -> list[str]:
    return [name.key for name in names(found, list(own), list(before), SHARE)]


def test_the_same_places_have_the_same_names_whatever_their_order():
    first = keys([at(0), at(5)])
    assert len(set(first)) == 2
    assert keys([at(5), at(0)]) == first[::-1]


def test_a_name_says_the_check_and_fits_its_column():
    assert new_key(at(0)).startswith("K1-")
    assert len(new_key(at(0))) <= 64


def test_what_moved_a_little_keeps_its_name_and_what_went_away_gives_it_to_nobody():
    own = [at(0, key="K1-a"), at(5, key="K1-b")]
    assert keys([at(0.2), at(9)], own=own)[0] == "K1-a"
    assert keys([at(0.2), at(9)], own=own)[1] not in ("K1-a", "K1-b")


def test_an_overlap_below_the_share_is_another_conflict():
    own = [at(0, key="K1-a")]
    assert keys([at(0.49)], own=own) == ["K1-a"]
    assert keys([at(0.51)], own=own) != ["K1-a"]


def test_two_categories_of_one_zone_are_two_conflicts():
    own = [at(0, key="K1-a", label="Z1")]
    assert keys([at(0, category="legacy", label="Z1")], own=own) != ["K1-a"]
    assert keys([at(0, code="K4", label="Z1")], own=own) != ["K1-a"]


def test_of_two_halves_one_keeps_the_name_and_both_go_on_from_the_whole():
    before = [at(0, 10, key="K1-a")]
    found = names([at(0, 3), at(3, 7)], [], before, SHARE)
    assert [name.goes_on for name in found] == [(0,), (0,)]
    assert sum(name.key == "K1-a" for name in found) == 1
    assert len({name.key for name in found}) == 2


def test_a_union_goes_on_from_both_its_parts():
    before = [at(0, 3, key="K1-a"), at(3, 7, key="K1-b")]
    (found,) = names([at(0, 10)], [], before, SHARE)
    assert set(found.goes_on) == {0, 1}
    assert found.key in ("K1-a", "K1-b")


def test_its_own_name_goes_before_that_of_the_version_before():
    assert keys([at(0)], own=[at(0, key="K1-own")], before=[at(0, key="K1-old")]) == ["K1-own"]
    assert keys([at(0)], before=[at(0, key="K1-old")]) == ["K1-old"]


def test_a_zone_that_moved_is_found_by_its_label_if_only_one_bears_it():
    before = [at(0, key="K1-a", label="宅-3")]
    assert keys([at(50, label="宅-3")], before=before) == ["K1-a"]
    assert keys([at(50, label="宅-4")], before=before) != ["K1-a"]
    assert "K1-a" not in keys([at(50, label="宅-3"), at(60, label="宅-3")], before=before)


def test_a_label_does_not_count_where_the_place_is_taken_up_by_another():
    before = [at(0, key="K1-a", label="甲")]
    found = names([at(0, label="乙"), at(50, label="甲")], [], before, SHARE)
    assert found[0].key == "K1-a"
    assert found[1].goes_on == ()


def test_subjects_without_a_place_are_told_apart_by_their_name():
    before = [Conflict("K9", "real", subject="17", key="K9-a"), Conflict("K9", "real", subject="18", key="K9-b")]
    found = names([Conflict("K9", "real", subject="18"), Conflict("K9", "real", subject="19")], [], before, SHARE)
    assert (found[0].key, found[0].goes_on) == ("K9-b", (1,))
    assert found[1].goes_on == ()


def test_what_speaks_of_the_whole_village_is_one_conflict():
    before = [Conflict("K10", "real", key="K10-a")]
    assert keys([Conflict("K10", "real")], before=before) == ["K10-a"]


def test_a_shape_that_crosses_itself_breaks_nothing():
    bow = shapely.multipolygons([shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])])
    assert len(matches([Conflict("K1", "real", geom=bow)], [at(0, key="K1-a")], SHARE)) == 1


def test_shapes_of_a_hundred_thousand_vertices_are_compared_by_their_boxes():
    teeth = [(i / 1e5, (i % 2) * 0.9 + 0.05) for i in range(100_001)]
    comb = shapely.multipolygons([shapely.Polygon([*teeth, (1, 2), (0, 2)])])
    moved = shapely.transform(comb, lambda xy: xy + 1e-7)
    assert matches([Conflict("K1", "real", geom=comb)], [Conflict("K1", "real", geom=moved)], SHARE)


squares = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4), st.sampled_from(["real", "technical"])), max_size=8)


@given(squares, squares)
def test_names_are_never_given_twice_and_hold_when_nothing_moves(one, other):
    def conflicts(rows: list[tuple[int, int, str]]) -> list[Conflict]:
        return [at(x, width, category=category) for x, width, category in rows]

    def named(rows: list[tuple[int, int, str]], found: list[str]) -> list[Conflict]:
        return [at(x, w, category=c, key=key) for (x, w, c), key in zip(rows, found, strict=True)]

    first = keys(conflicts(one))
    assert len(set(first)) == len(first)
    second = keys(conflicts(other), before=named(one, first))
    assert len(set(second)) == len(second)
    again = keys(conflicts(other), own=named(other, second), before=named(one, first))
    assert sorted(again) == sorted(second)
    if len(set(other)) == len(other):
        assert again == second


def test_a_large_village_is_named_in_no_time():
    rows = [at(2 * n, key=f"K1-{n}") for n in range(2000)]
    moved = [at(2 * n + 0.1) for n in range(2000)]
    began = time.monotonic()
    assert keys(moved, before=rows) == [row.key for row in rows]
    assert time.monotonic() - began < 5
