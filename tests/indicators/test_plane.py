"""The plane all measures are made on: ellipsoidal areas, true lengths, and the same place for the same vertex."""

import numpy as np
import pytest
import shapely

from indicators.compute.plane import Plane
from portal.geo.crs import GEOD, area_m2
from tests.indicators.frames_for_tests import cells, in_lonlat, rect, stars


@pytest.mark.parametrize(("lon", "lat"), [(75.0, 38.0), (116.8, 36.2), (109.5, 18.2), (124.0, 53.0), (121.0, 0.0)])
def test_areas_are_those_of_the_ellipsoid_all_over_china(lon, lat):
    parcel = shapely.box(lon, lat, lon + 0.002, lat + 0.0015)
    flat = Plane.around([parcel]).flatten([parcel])
    assert shapely.area(flat)[0] == pytest.approx(area_m2([parcel])[0], rel=1e-8)


def test_a_square_of_1000_m_has_its_area_on_the_ellipsoid_to_a_hundredth_of_a_square_metre():
    assert area_m2([rect(0, 0, 1000, 1000)])[0] == pytest.approx(1_000_000, abs=0.01)


def test_parcels_20_km_from_the_middle_agree_with_geodesic_areas_to_a_millionth():
    east = [shapely.affinity.translate(cell, 20_000, 20_000) for cell in cells(200, seed=1)]
    parcels = in_lonlat(*east)
    flat = Plane(116.8, 36.2).flatten(parcels)
    apart = np.abs(shapely.area(flat) / area_m2(parcels) - 1)
    assert apart.max() < 1e-6
    assert np.median(apart) < 1e-7


def test_lengths_within_20_km_are_true_to_one_in_a_hundred_thousand():
    plane = Plane(116.8, 36.2)
    ends = plane.lift(shapely.points([[20_000, 20_000], [20_001, 20_000], [20_000, 20_001]]))
    lon, lat = shapely.get_coordinates(ends).T
    east = GEOD.inv(lon[0], lat[0], lon[1], lat[1])[2]
    north = GEOD.inv(lon[0], lat[0], lon[2], lat[2])[2]
    assert (east, north) == (pytest.approx(1, abs=1e-5), pytest.approx(1, abs=1e-5))


def test_there_and_back_moves_nothing_by_a_tenth_of_a_millimetre():
    parcels = in_lonlat(*stars(10, seed=2))
    plane = Plane.around(parcels)
    back = plane.lift(plane.flatten(parcels))
    assert np.abs(shapely.get_coordinates(back) - shapely.get_coordinates(parcels)).max() < 1e-10


def test_a_vertex_goes_to_the_same_place_whatever_stands_beside_it():
    """Shared edges stay shared only if equal vertices stay equal to the last bit."""
    points = shapely.points(np.random.default_rng(3).uniform([116, 36], [117, 37], (1003, 2)))
    plane = Plane(116.5, 36.5)
    together = shapely.get_coordinates(plane.flatten(points))
    alone = np.vstack([shapely.get_coordinates(plane.flatten(points[[i]])) for i in range(len(points))])
    assert np.array_equal(together, alone)


def test_nothing_at_all_still_gives_a_plane():
    assert Plane.around([], [None]).flatten([]).size == 0
