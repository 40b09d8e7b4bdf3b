"""GeoJSON that readers understand each in their own way, or choke on."""

from tests import shapes
from tests.nasty.corpus import nasty


@nasty("plan.geojson", "json_nan")
def nan_and_infinity():
    return shapes.geojson().replace(b"36.1]", b"NaN]", 1).replace(b"116.8,", b"Infinity,", 1)


@nasty("plan.geojson", "coordinates_not_degrees")
def numbers_of_1e308():
    return shapes.geojson(shapes.feature(shapes.square(1e308, 1e308, 1e307)))


@nasty("plan.geojson", "coordinates_not_finite")
def numbers_that_become_infinite():
    return shapes.geojson().replace(b"116.8,", b"1e999,")


@nasty("plan.geojson", "number_too_large")
def integer_of_400_digits():
    return shapes.geojson(shapes.feature(MJ=10**400))


@nasty("plan.geojson", "json_number")
def integer_of_5000_digits():
    return shapes.geojson(shapes.feature(MJ=0)).replace(b'"MJ": 0', b'"MJ": 1' + b"0" * 5000)


@nasty("plan.geojson", "number_too_large")
def integer_beyond_64_bits():
    return shapes.geojson(shapes.feature(MJ=2**63))


@nasty("plan.geojson", "ring_not_closed")
def ring_not_closed():
    return shapes.geojson(shapes.feature(shapes.degrees()[:-1]))


@nasty("plan.geojson", "too_few_points")
def ring_of_two_points():
    return shapes.geojson(shapes.feature([(117, 36), (117, 36)]))


@nasty("plan.geojson", "json_coordinates")
def coordinates_are_words():
    polygon = {"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}
    return shapes.geojson(shapes.feature(geometry=polygon))


@nasty("plan.geojson", "json_depth")
def collections_nested_300_times():
    geometry: dict = {"type": "Point", "coordinates": [117, 36]}
    for _ in range(300):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    return shapes.geojson(shapes.feature(geometry=geometry))


@nasty("plan.geojson", "json_depth")
def brackets_nested_200000_times():
    return b'{"type": "FeatureCollection", "features": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"


@nasty("plan.geojson", "json_depth")
def property_nested_deeply():
    value: list = []
    for _ in range(100):
        value = [value]
    return shapes.geojson(shapes.feature(A=value))


@nasty("plan.geojson", "too_many_fields")
def five_thousand_fields():
    return shapes.geojson(shapes.feature(**{f"f{number}": 1 for number in range(5000)}))


@nasty("plan.geojson", "text_too_long")
def text_of_ten_megabytes():
    return shapes.geojson(shapes.feature(A="x" * 10 * 2**20))


@nasty("plan.geojson")
def nul_and_bidi_in_text():
    return shapes.geojson(shapes.feature(A="nul\0 and \u202egpj.exe", **{"b\0\u2066": "\ufeffx"}))


@nasty("plan.geojson", "json_surrogate")
def lone_surrogate():
    return shapes.geojson(shapes.feature(A="@")).replace(b'"@"', b'"\\ud800"')


@nasty("plan.geojson", "json_encoding")
def bad_utf8():
    return shapes.geojson(shapes.feature(A="@")).replace(b"@", b"\xff\xc0")


@nasty("plan.geojson", "json_encoding")
def utf16():
    return shapes.geojson().decode().encode("utf-16")


@nasty("plan.geojson", "json_duplicate_key")
def duplicate_keys():
    return shapes.geojson().replace(b'{"GHYDYHDM"', b'{"GHYDYHDM": "0601", "GHYDYHDM"', 1)


@nasty("plan.geojson", "json_invalid")
def json_cut_off():
    return shapes.geojson()[:-20]


@nasty("plan.geojson", "json_feature")
def features_are_numbers():
    return b'{"type": "FeatureCollection", "features": [1, 2, 3]}'
