"""Areas of overlap by formula must be those that GEOS clips, whatever the polygons share."""

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.compute import overlay
from indicators.compute.bounds import all_pairs
from indicators.compute.crossings import close_blocks, overlap_areas
from indicators.compute.edges import EdgeSet
from indicators.compute.overlay import pair_areas, pair_areas_kept, pair_pieces, united
from indicators.compute.plane import Plane
from indicators.compute.rings import Rings
from portal.geo.crs import area_m2
from tests.indicators.frames_for_tests import cells, in_lonlat, rect, stars

SPLIT_NOISE_M2 = 1e-3
"""30 parcels in four quarters are 120 pieces, of which few meet a line in less than the 1 cm² that counts as touching"""

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a machine that others load too

HOLED = shapely.box(0, 0, 100, 100).difference(shapely.box(20, 20, 60, 60))


def polygons_on(coordinates):
    """Valid multipolygons whose vertices are drawn from few places, so that vertices and edges often coincide."""
    ring = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9, unique=True)
    return st.lists(ring, min_size=1, max_size=3).map(_valid).filter(lambda shape: not shape.is_empty)


def _valid(rings):
    shapes = [shapely.make_valid(shapely.Polygon([(10.0 * x, 10.0 * y) for x, y in ring])) for ring in rings]
    return shapely.multipolygons(overlay.polygons_of(shapely.union_all(shapes)))


def by_formula(a, b):
    """Areas of all pairs by crossings.py alone, NaN where it leaves the answer to GEOS; and GEOS's own."""
    one, other = EdgeSet.of(a, None), EdgeSet.of(b, None)
    pairs = all_pairs(one, other)
    ours = overlap_areas(one, other, pairs, close_blocks(one, other, pairs))
    return ours, shapely.area(shapely.intersection(a[pairs.a], b[pairs.b]))


GRID = polygons_on(st.integers(0, 5))
ANYWHERE = polygons_on(st.floats(0, 6, allow_nan=False, allow_subnormal=False))


@unhurried
@given(st.lists(GRID, min_size=1, max_size=6), st.lists(GRID | ANYWHERE, min_size=1, max_size=6))
def test_formula_and_geos_agree_on_polygons_that_share_vertices_and_edges(first, second):
    ours, theirs = by_formula(np.array(first, object), np.array(second, object))
    answered = ~np.isnan(ours)
    assert np.abs(ours - theirs)[answered].max(initial=0) < 1e-6


@unhurried
@given(GRID)
def test_a_polygon_overlaps_itself_with_all_of_its_area(shape):
    ours, _ = by_formula(np.array([shape], object), np.array([shape], object))
    assert np.isnan(ours[0]) or ours[0] == pytest.approx(shape.area)


def test_lines_along_parcel_edges_need_no_geos():
    """The case that matters: real farmland lines follow parcel edges, and clipping those is slow."""
    parcels = cells(300, seed=4)
    lines = np.array([shapely.coverage_union_all(parcels[i : i + 20]) for i in range(0, 300, 20)], object)
    ours, theirs = by_formula(parcels, lines)
    assert not np.isnan(ours).any()
    assert np.abs(ours - theirs).max() < 1e-6


@pytest.mark.parametrize("seed", [5, 6])
def test_overlaps_with_parcels_that_tile_the_village_add_up_to_the_lines(seed):
    parcels, lines = in_lonlat(*cells(2000, seed)), in_lonlat(*stars(60, seed))
    _, line, area = pair_areas(parcels, lines)
    assert np.bincount(line, area) == pytest.approx(area_m2(lines), rel=1e-8, abs=0.001)


@unhurried
@given(st.lists(GRID, min_size=1, max_size=5), st.lists(GRID | ANYWHERE, min_size=1, max_size=5))
def test_kept_edges_give_what_fresh_ones_give(first, second):
    first, second = in_lonlat(*first), in_lonlat(*second)
    plane = Plane.around(first, second)
    one, other = EdgeSet.of(first, plane), EdgeSet.of(second, plane)
    fresh = pair_areas(first, second)
    for _again in range(2):
        for ours, theirs in zip(pair_areas_kept(one, other), fresh, strict=True):
            assert ours.tolist() == theirs.tolist()
    turned = pair_areas_kept(other, one)
    assert sorted(zip(turned[1], turned[0], strict=True)) == sorted(zip(fresh[0], fresh[1], strict=True))
    assert turned[2].sum() == pytest.approx(fresh[2].sum(), abs=1e-6)


@unhurried
@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(1, 6))
def test_lines_that_follow_parcel_edges_are_exact(seed, side, lines):
    """Lines are unions of cells of a crooked grid, so that every vertex and edge of them is a parcel's, too."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0))
    corners = np.stack([x, y], -1) * 50 + rng.uniform(-12, 12, (side + 1, side + 1, 2))
    ring = [(0, 0), (0, 1), (1, 1), (1, 0)]
    parcels = np.array(
        [shapely.Polygon([corners[r + i, c + j] for i, j in ring]) for r in range(side) for c in range(side)], object
    )
    owner = rng.integers(0, lines, len(parcels))
    unions = np.array([shapely.coverage_union_all(parcels[owner == n]) for n in range(lines)], object)
    whole = shapely.area(parcels)
    ours, _ = by_formula(parcels, unions[~shapely.is_empty(unions)])
    assert not np.isnan(ours).any()  # by formula, not by GEOS
    i, j, area = pair_areas(in_lonlat(*parcels), in_lonlat(*unions))
    assert sorted(zip(i.tolist(), j.tolist(), strict=True)) == list(enumerate(owner.tolist()))
    assert area == pytest.approx(whole[i], rel=1e-6)


def test_edges_on_two_planes_are_not_compared():
    one = EdgeSet.of([rect(0, 0, 10, 10)], Plane(116.8, 36.2))
    with pytest.raises(ValueError, match="two planes"):
        pair_areas_kept(one, EdgeSet.of([rect(0, 0, 10, 10)], Plane(116.9, 36.2)))


def test_rings_that_run_the_wrong_way_round_are_turned():
    right = in_lonlat(HOLED, shapely.box(50, 50, 90, 90))
    wrong = np.array([shapely.reverse(shape) for shape in right], object)
    assert pair_areas(wrong, right)[2] == pytest.approx(pair_areas(right, right)[2], abs=1e-6)


def test_overlaps_are_those_geos_would_clip():
    parcels, lines = cells(500, seed=7), stars(40, seed=7)
    i, j, area = pair_areas(in_lonlat(*parcels), in_lonlat(*lines))
    clipped = shapely.area(shapely.intersection(parcels[i], lines[j]))
    assert np.abs(area - clipped).max() < 1e-3
    assert area.sum() == pytest.approx(shapely.area(lines).sum(), abs=0.01)


@unhurried
@given(st.integers(0, 1000), st.floats(50, 950), st.floats(50, 950))
def test_splitting_parcels_changes_no_total(seed, x, y):
    parcels, lines = cells(30, seed), in_lonlat(*stars(4, seed))
    quarters = [shapely.box(*bounds) for bounds in ((0, 0, x, y), (x, 0, 1e3, y), (0, y, x, 1e3), (x, y, 1e3, 1e3))]
    split = np.concatenate([overlay.polygonal(shapely.intersection(parcels, quarter)) for quarter in quarters])
    whole = np.bincount(*_line_areas(in_lonlat(*parcels), lines), len(lines))
    again = np.bincount(*_line_areas(in_lonlat(*split[~shapely.is_empty(split)]), lines), len(lines))
    # Each piece below 1 cm² counts as none, and a cut end rounded to 1e-8 m moves an edge of 100 m by 1e-6 m².
    assert again == pytest.approx(whole, rel=1e-8, abs=SPLIT_NOISE_M2)


def _line_areas(parcels, lines):
    _, line, area = pair_areas(parcels, lines)
    return line, area


def test_polygons_that_only_touch_do_not_overlap():
    parcel = rect(0, 0, 100, 100)
    along_edge, at_corner, in_hole = rect(100, 0, 50, 100), rect(100, 100, 10, 10), rect(20, 20, 40, 40)
    assert not len(pair_areas([parcel], [along_edge, at_corner])[0])
    assert not len(pair_areas(in_lonlat(HOLED), [in_hole])[0])


def test_holes_and_parts_count_as_they_should():
    parcels = in_lonlat(HOLED, shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(50, 50, 60, 60)]))
    i, j, area = pair_areas(parcels, [rect(0, 0, 55, 55)])
    assert i.tolist() == [0, 1]
    assert j.tolist() == [0, 0]
    assert area == pytest.approx([55 * 55 - 35 * 35, 100 + 25], abs=0.001)


def test_areas_of_covered_parcels_are_the_stored_ones():
    parcels = np.array([rect(0, 0, 100, 100), rect(200, 200, 30, 30)], object)
    _, _, area = pair_areas(parcels, [rect(-10, -10, 500, 500)], a_area=np.array([10_000.004, 899.998]))
    assert area == pytest.approx([10_000.004, 899.998], abs=1e-9)


def test_missing_and_empty_polygons_overlap_nothing():
    nothing = np.array([None, shapely.Polygon(), shapely.MultiPolygon()], object)
    assert not len(pair_areas(nothing, [rect(0, 0, 10, 10)])[0])
    assert not len(pair_areas([], [])[0])


def test_points_and_lines_are_refused():
    with pytest.raises(ValueError, match="only polygons"):
        Rings.of(np.array([shapely.Point(0, 0)], object))


def test_pieces_have_the_areas_measured_without_them():
    parcels, lines = in_lonlat(*cells(200, seed=8)), in_lonlat(*stars(20, seed=8))
    i, j, area = pair_areas(parcels, lines)
    pieces = pair_pieces(parcels, lines)
    order = np.lexsort((pieces.ia, pieces.ib))
    assert pieces.ia[order].tolist() == i.tolist()
    assert pieces.ib[order].tolist() == j.tolist()
    assert pieces.area_m2[order] == pytest.approx(area, abs=1e-3)
    assert area_m2(pieces.geom[order]) == pytest.approx(area, rel=1e-6, abs=0.001)
    assert shapely.is_valid(pieces.geom).all()


def test_a_covered_parcel_keeps_its_own_vertices():
    parcel = rect(10, 10, 20, 20)
    piece = pair_pieces([parcel], [rect(0, 0, 100, 100)]).geom[0]
    assert piece.equals_exact(parcel, 1e-10)


def test_ground_under_two_lines_is_united_once():
    assert shapely.area(united(np.array([shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10)], object))).sum() == 150


def test_a_collection_keeps_its_polygons_and_a_line_keeps_nothing():
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.LineString([(2, 2), (3, 3)])])
    kept = overlay.polygonal(np.array([mixed, shapely.LineString([(0, 0), (1, 1)])], object))
    assert [geom.geom_type for geom in kept] == ["MultiPolygon", "MultiPolygon"]
    assert shapely.area(kept).tolist() == [1, 0]
