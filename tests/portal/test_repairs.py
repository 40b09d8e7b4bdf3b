"""Repairs change what they say, nothing further than the tolerance, and a second run finds nothing more to do."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.geo import crs, quality, readers, repairs
from tests.portal.test_edges import grid, moved

GK = crs.gauss_kruger(117)


def array(shapes) -> np.ndarray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def flat(shapes) -> np.ndarray:
    return crs.transform(array(shapes), crs.storage_crs(), GK)


def faults(shapes, outline=None) -> set[str]:
    """Of the tiling, to a tenth of a millimetre."""
    rules = {"tolerances": {"width_m": 0.0001, "area_m2": 0.0005}}
    return {issue.code for issue in quality.Checks("Z", shapes, outline=outline, rules=rules).tiling()}


def same(one, other) -> bool:
    return bool(shapely.equals_identical(one, other).all())


def lonlat(*rings) -> shapely.Polygon:
    shell, *holes = [[(116.8 + x * 1e-5, 36.1 + y * 1e-5) for x, y in ring] for ring in rings]
    return shapely.Polygon(shell, holes)


# --- make_valid


def test_the_three_broken_zones_of_a_real_plan_are_mended_without_a_change_of_area(shared_data):
    path = shared_data / "zoning_taiwan" / "T0207.json"
    (layer,) = readers.read(path, name="T0207.json").layers
    repaired, changes = repairs.make_valid(layer.geometry)
    assert [change.row + 1 for change in changes] == [63, 66, 75]
    assert shapely.is_valid(repaired).all()
    assert all(change.area_after_m2 == pytest.approx(change.area_before_m2, rel=1e-6) for change in changes)
    others = np.delete(np.arange(len(repaired)), [62, 65, 74])
    assert all(repaired[row] is layer.geometry[row] for row in others)
    assert repairs.make_valid(repaired)[1] == []
    (offer,) = [offer for offer in repairs.offer(layer.geometry) if offer.kind == "make_valid"]
    assert (offer.features, offer.moved_max_m) == (3, 0)


def test_a_bow_tie_becomes_its_two_halves_and_what_is_no_polygon_stays():
    bow = lonlat([(0, 0), (10, 10), (10, 0), (0, 10)])
    flat_one = lonlat([(0, 0), (5, 0), (9, 0)])
    shapes = array([bow, flat_one, None, shapely.Point(116.8, 36.1), shapely.Polygon()])
    repaired, changes = repairs.make_valid(shapes)
    assert [change.row for change in changes] == [0]
    assert repaired[0].geom_type == "MultiPolygon"
    assert len(repaired[0].geoms) == 2
    assert list(repaired[1:]) == list(shapes[1:])
    assert changes[0].area_after_m2 == pytest.approx(2 * crs.area_m2([lonlat([(0, 0), (5, 5), (0, 10)])])[0], rel=1e-6)


# --- duplicate vertices


def test_repeated_vertices_go_on_both_sides_of_a_border_alike():
    tiny = 3e-10 * 1e5  # 0.03 mm in the units of lonlat()
    left = lonlat([(0, 0), (10, 0), (10, 5), (10, 5 + tiny), (10, 10), (0, 10)])
    right = lonlat([(10, 0), (20, 0), (20, 10), (10, 10), (10, 5 + tiny), (10, 5)])
    repaired, changes = repairs.remove_duplicate_vertices(array([left, right]), 0.0001)
    assert [(change.row, change.kind) for change in changes] == [(0, "duplicates"), (1, "duplicates")]
    assert shapely.get_num_coordinates(repaired).tolist() == [6, 6]
    assert 0 < changes[0].moved_max_m <= 0.0001
    assert shapely.coverage_is_valid(repaired)
    again, more = repairs.remove_duplicate_vertices(repaired, 0.0001)
    assert more == []
    assert same(again, repaired)


def test_a_repeated_first_vertex_goes_too_and_closed_rings_and_holes_stay():
    square = [(0, 0), (0, 0), (90, 0), (90, 90), (0, 90), (0, 0)]
    hole = [(20, 20), (20, 40), (40, 40), (40, 40), (40, 20)]
    both = shapely.MultiPolygon([lonlat(square, hole), lonlat([(200, 0), (210, 0), (210, 10), (200, 0)])])
    (made,), (change,) = repairs.remove_duplicate_vertices(array([both]), 0.0001)
    assert [len(ring.coords) for part in made.geoms for ring in (part.exterior, *part.interiors)] == [5, 5, 4]
    assert change.area_after_m2 == pytest.approx(change.area_before_m2, rel=1e-9)


def test_a_feature_smaller_than_the_tolerance_is_left_alone():
    speck = lonlat([(0, 0), (1e-5, 0), (0, 1e-5)])
    made, changes = repairs.remove_duplicate_vertices(array([speck]), 1.0)
    assert changes == []
    assert made[0] is speck


# --- snap


def shaken(cells: list, seed: int, most_m: float) -> np.ndarray:
    """Every vertex of every cell moved by itself: a tiling that nowhere fits any more."""
    rng = np.random.default_rng(seed)
    rings = [np.array(shape.exterior.coords)[:-1] for shape in flat(cells)]
    return crs.to_storage(array([shapely.Polygon(ring + _disc(rng, len(ring)) * most_m) for ring in rings]), GK)


def _disc(rng: np.random.Generator, count: int) -> np.ndarray:
    angle, radius = rng.uniform(0, 2 * np.pi, count), rng.uniform(0, 1, count)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 5), st.integers(2, 5), st.integers(0, 2**32), st.booleans(), st.booleans())
def test_a_shaken_tiling_fits_again_and_nothing_moved_further_than_the_tolerance(columns, rows, seed, crooked, rimmed):
    cells = grid(columns, rows, np.random.default_rng(seed) if crooked else None, 2)
    outline = shapely.union_all(cells) if rimmed else None
    loose = shaken(cells, seed, 0.02)
    fitted, changes = repairs.snap(loose, 0.05, outline)
    assert shapely.is_valid(fitted).all()
    assert "G5" not in faults(fitted)
    assert not rimmed or not faults(fitted, outline)
    assert max(change.moved_max_m for change in changes) <= 0.05
    assert shapely.hausdorff_distance(flat(loose), flat(fitted)).max() <= 0.05 + 1e-6
    again, more = repairs.snap(fitted, 0.05, outline)
    assert more == []
    assert same(again, fitted)


def test_a_vertex_on_one_side_only_is_given_to_the_other_side():
    left, right = lonlat([(0, 0), (90, 0), (90, 90), (0, 90)]), lonlat([(90, 0), (180, 0), (180, 90), (90, 90)])
    tooth = shapely.Polygon([*right.exterior.coords[:4], (116.8009 - 4e-8, 36.1004), right.exterior.coords[0]])
    assert "G5" in faults([left, tooth])
    fitted, (change,) = repairs.snap(array([left, tooth]), 0.01)
    assert (change.row, change.kind) == (0, "snap")
    assert change.moved_max_m == pytest.approx(0.0036, abs=0.0005)
    assert fitted[1] is tooth
    assert not faults(fitted)
    assert repairs.snap(fitted, 0.01)[1] == []


def test_gaps_wider_than_the_tolerance_and_details_of_one_polygon_stay():
    left, right = lonlat([(0, 0), (90, 0), (90, 90), (0, 90)]), lonlat([(90.1, 0), (180, 0), (180, 90), (90.1, 90)])
    detail = lonlat([(200, 0), (290, 0), (290, 50), (290.01, 50), (290, 50.01), (290, 90), (200, 90)])
    shapes = array([left, right, detail])
    fitted, changes = repairs.snap(shapes, 0.02)
    assert changes == []
    assert same(fitted, shapes)


def test_what_fits_already_is_not_touched_by_a_fault_elsewhere():
    cells = grid(12, 12)
    cells[0] = moved(cells[0], 2e-4, 0)
    fitted, changes = repairs.snap(array(cells), 0.02)
    assert {change.row for change in changes} <= {0, 1, 12, 13}
    assert shapely.coverage_is_valid(fitted)


def test_a_feature_that_would_break_is_left_as_it_was():
    """Drawn to its neighbours on both sides the thin one would be nothing."""
    thin = lonlat([(90, 0), (90.02, 45), (90, 90)])
    left, right = (
        lonlat([(0, 0), (89.95, 0), (89.95, 90), (0, 90)]),
        lonlat([(90.05, 0), (180, 0), (180, 90), (90.05, 90)]),
    )
    fitted, _ = repairs.snap(array([left, thin, right]), 0.2)
    assert shapely.is_valid(fitted).all()
    assert not shapely.is_empty(fitted).any()


# --- offers


def test_an_offer_says_what_applying_it_does():
    cells = grid(4, 4)
    cells[5] = moved(cells[5], 1.5e-5, 0)
    cells[9] = shapely.Polygon([*cells[9].exterior.coords[:2], *cells[9].exterior.coords[1:]])
    bow = shapely.Polygon(np.array(cells[15].exterior.coords)[[0, 2, 1, 3, 0]])
    shapes = array([*cells[:15], bow])
    rules = {"tolerances": {"snap_m": 0.01}}
    offers = {offer.kind: offer for offer in repairs.offer(shapes, rules=rules)}
    assert list(offers) == ["make_valid", "duplicates", "snap"]
    assert [offers[kind].features for kind in ("make_valid", "duplicates")] == [1, 1]
    assert offers["make_valid"].area_change_m2 > 100
    assert offers["snap"].moved_max_m < 0.01
    fixed, changes = repairs.apply(shapes, ["snap", "duplicates", "make_valid"], rules=rules)
    assert len(changes) == sum(offer.features for offer in offers.values())
    assert sum(abs(c.area_after_m2 - c.area_before_m2) for c in changes if c.kind == "snap") == pytest.approx(
        offers["snap"].area_change_m2
    )
    assert repairs.offer(fixed, rules=rules) == []
    assert repairs.apply(shapes, [], rules=rules)[1] == []
