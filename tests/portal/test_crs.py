"""The one door to coordinate systems: names and texts, the way to storage, ellipsoidal area."""

import math
import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.geo import crs
from tests import shapes


@pytest.mark.parametrize(
    ("text", "described"),
    [
        (4490, "EPSG:4490"),
        ("EPSG:4548", "EPSG:4548"),
        ("4527", "EPSG:4527"),
        ("urn:ogc:def:crs:EPSG::3826", "EPSG:3826"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4490"),
        ("EPSG:3857", "EPSG:3857"),
        (shapes.PRJ, "EPSG:4548"),
        (shapes.PRJ_ZONE, "EPSG:4527"),
        ("\ufeff" + shapes.PRJ, "EPSG:4548"),
    ],
)
def test_names_numbers_and_esri_texts_are_recognised(text, described):
    assert crs.describe(crs.resolve(text)).startswith(described + " ")


def test_a_local_central_meridian_is_used_as_it_stands_and_not_taken_for_a_zone_nearby():
    local = crs.resolve(shapes.PRJ_LOCAL)
    assert "EPSG" not in crs.describe(local)
    point = crs.to_storage([shapely.Point(500_000, 4_000_000)], local)[0]
    assert point.x == pytest.approx(117.25, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("EPSG:4214", "datum_forbidden"),
        ("EPSG:2437", "datum_forbidden"),
        ("EPSG:4610", "datum_forbidden"),
        ("EPSG:2384", "datum_forbidden"),
        (shapes.PRJ.replace("D_China_2000", "D_Xian_1980"), "datum_forbidden"),
        (
            shapes.PRJ.replace("D_China_2000", "D_Beijing_1954").replace("6378137.0,298.257222101", "6378245.0,298.3"),
            "datum_forbidden",
        ),
        (
            shapes.PRJ.replace("D_China_2000", "D_Local").replace("6378137.0,298.257222101", "6378140.0,298.257"),
            "datum_forbidden",
        ),
        ("EPSG:99999", "crs_unknown"),
        ("EPSG:5737", "crs_unknown"),
        ("EPSG:4978", "crs_unknown"),
        ("+proj=longlat +datum=WGS84", "crs_unknown"),
        ("http://127.0.0.1/crs", "crs_unknown"),
        ("/etc/passwd", "crs_unknown"),
        ("GEOGCS[", "crs_unknown"),
        ("", "crs_unknown"),
    ],
)
def test_what_may_not_be_used_is_refused_with_its_reason(text, reason):
    with pytest.raises(crs.UnknownCRS) as refused:
        crs.resolve(text)
    assert refused.value.reason == reason


def test_a_datum_that_proj_could_only_guess_at_is_refused():
    with pytest.raises(crs.UnknownCRS) as refused:
        crs.to_storage([shapely.Point(139, 35)], "EPSG:4301")  # Tokyo: hundreds of metres away without its grid
    assert refused.value.reason == "datum_unsupported"


def test_storage_is_longitude_first_and_flat():
    placed = crs.to_storage([shapely.Point(500_000, 4_000_000, 77.0), None], "EPSG:4548")
    assert placed[0].x == pytest.approx(117, abs=1e-9)
    assert 36 < placed[0].y < 37
    assert not placed[0].has_z
    assert placed[1] is None


def test_zone_prefix_and_central_meridian_form_name_the_same_place():
    plain = crs.to_storage([shapely.Point(480_000, 4_000_000)], shapes.PRJ)
    prefixed = crs.to_storage([shapely.Point(39_480_000, 4_000_000)], shapes.PRJ_ZONE)
    assert shapely.equals_exact(plain, prefixed, 1e-11).all()


def test_going_to_gauss_kruger_and_back_keeps_a_tenth_of_a_millimetre():
    there = crs.gauss_kruger(117)
    point = shapely.Point(480_123.456, 4_000_765.432)
    back = crs.transform(crs.to_storage([point], there), crs.storage_crs(), there)[0]
    assert point.distance(back) < 1e-4


@pytest.mark.parametrize(("lon", "epsg"), [(116.8, 4548), (105.4, 4544), (75.2, 4534), (134.9, 4554), (121.4, 4549)])
def test_the_local_crs_is_the_zone_of_the_nearest_meridian(lon, epsg):
    assert crs.local_metric_crs(np.array([shapely.Point(lon, 36).buffer(0.01)])).to_epsg() == epsg


def test_the_local_crs_outside_china_measures_all_the_same():
    square = crs.transform(
        [shapely.box(9, 50, 9.001, 50.001)], crs.storage_crs(), crs.local_metric_crs(shapely.Point(9, 50))
    )[0]
    assert square.area == pytest.approx(crs.area_m2([shapely.box(9, 50, 9.001, 50.001)])[0], rel=1e-6)


def band_area(width_degrees: float, south: float, north: float) -> float:
    """Area between two meridians and two parallels in closed form, by integrating M(φ)·N(φ)·cosφ."""
    a, f = 6378137.0, 1 / 298.257222101
    e = math.sqrt(f * (2 - f))
    b2 = a * a * (1 - e * e)

    def q(latitude: float) -> float:
        s = math.sin(math.radians(latitude))
        return s / (1 - (e * s) ** 2) + math.log((1 + e * s) / (1 - e * s)) / (2 * e)

    return b2 / 2 * math.radians(width_degrees) * (q(north) - q(south))


def band(west: float, south: float, east: float, north: float, steps: int = 4000) -> shapely.Polygon:
    """The same band with its parallels in steps so small that geodesics follow them."""
    lons = np.linspace(west, east, steps)
    return shapely.Polygon([*((x, south) for x in lons), *((x, north) for x in lons[::-1])])


@pytest.mark.parametrize("south", [18.0, 36.0, 53.0])
def test_area_agrees_with_the_closed_form_of_the_ellipsoid(south):
    measured = crs.area_m2([band(116, south, 116.5, south + 0.4)])[0]
    assert measured == pytest.approx(band_area(0.5, south, south + 0.4), rel=1e-9)


def test_holes_are_taken_off_parts_added_and_orientation_does_not_matter():
    outer, hole = shapely.box(116, 36, 116.1, 36.1), shapely.box(116.02, 36.02, 116.04, 36.04)
    far = shapely.box(117, 36, 117.1, 36.1)
    whole, inner, other = crs.area_m2([outer, hole, far])
    ring, inside = list(outer.exterior.coords), list(hole.exterior.coords)
    for shell in (ring, ring[::-1]):
        for cut in (inside, inside[::-1]):
            assert crs.area_m2([shapely.Polygon(shell, [cut])])[0] == pytest.approx(whole - inner, rel=1e-12)
    both = shapely.MultiPolygon([shapely.Polygon(ring, [inside]), far])
    assert crs.area_m2([both])[0] == pytest.approx(whole - inner + other, rel=1e-12)


def test_what_has_no_area_has_zero():
    nothing = [
        None,
        shapely.Point(1, 1),
        shapely.Polygon(),
        shapely.MultiPolygon(),
        shapely.LineString([(0, 0), (1, 1)]),
    ]
    assert crs.area_m2(nothing).tolist() == [0] * 5
    assert crs.area_m2([]).tolist() == []


def test_fifty_thousand_polygons_are_measured_in_two_seconds():
    noise = np.random.default_rng(1)
    polygons = shapely.buffer(
        shapely.points(noise.uniform(116, 118, 50_000), noise.uniform(35, 37, 50_000)), 0.001, quad_segs=2
    )
    started = time.process_time()
    crs.area_m2(polygons)
    assert time.process_time() - started < 2


def test_perimeters_agree_with_geodesics_holes_included():
    ring = shapely.Point(116.8, 36.2).buffer(0.01)
    shapes = np.array(
        [shapely.box(116.8, 36.2, 116.81, 36.25), shapely.MultiPolygon([ring.difference(ring.centroid.buffer(0.002))])]
    )
    exact = [crs.GEOD.geometry_length(shape.boundary) for shape in shapes]
    assert crs.perimeter_m(shapes) == pytest.approx(exact, rel=1e-6)


def geodesic_area(polygon: shapely.Polygon) -> float:
    rings = (polygon.exterior, *polygon.interiors)
    areas = [abs(crs.GEOD.polygon_area_perimeter(*np.array(ring.coords).T.copy())[0]) for ring in rings]
    return areas[0] - sum(areas[1:])


@settings(max_examples=200, deadline=None)
@given(
    st.floats(-180, 180), st.floats(-75, 75), st.sampled_from([1, 30, 1000, 8000, 100_000]), st.integers(0, 2**32),
    st.booleans(),
)  # fmt: skip
def test_areas_agree_with_geodesics_to_a_billionth_or_to_what_geodesics_are_good_for(lon, lat, size, seed, holed):
    """The geodesic sum itself is true to some 1e-4 m2, whatever the size of the polygon."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 12)))
    radius = rng.uniform(0.3, 1, len(angle)) * size / 111_000
    ring = np.column_stack([lon + radius * np.cos(angle) / np.cos(np.radians(lat)), lat + radius * np.sin(angle)])
    middle = ring.mean(axis=0)
    polygon = shapely.Polygon(ring, [middle + (ring - middle) * 0.3] if holed else [])
    assert crs.area_m2([polygon])[0] == pytest.approx(geodesic_area(polygon), rel=1e-9, abs=4e-4)


def test_areas_do_not_depend_on_direction_and_others_than_polygons_have_none():
    square = shapely.box(116.8, 36.1, 116.81, 36.11)
    shapes = [square, shapely.reverse(square), shapely.MultiPolygon([square]), shapely.GeometryCollection([square]), None,
              shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)]), shapely.Polygon()]  # fmt: skip
    area = crs.area_m2(shapes)
    assert area[:4] == pytest.approx(geodesic_area(square), rel=1e-9)
    assert area[4:].tolist() == [0, 0, 0, 0]
    assert crs.perimeter_m(shapes)[4:].tolist() == [0, 0, 0, 0]
    assert len(crs.area_m2([])) == 0
