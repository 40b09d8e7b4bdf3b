"""Feicheng's OpenStreetMap extracts: several collections in one JSON, facilities into the village that holds them, roads as lines."""

import json

import pytest
from django.core.management import call_command

from portal.geo import readers
from tests import world
from tests.grid import geos
from villages.models import Facility, Road, Village
from villages.tables.open_street_map import SOURCE, kind_of, mapping, width

pytestmark = pytest.mark.django_db


@pytest.fixture
def feicheng(shared_data):
    return shared_data / "osm_roads_facilities" / "walkability_osm_370983.json"


def run(path, capsys, **options):
    call_command("import_osm", path, county="370983", json=True, **options)
    return json.loads(capsys.readouterr().out)


def test_the_collections_are_listed_and_what_lies_in_no_village_is_named(feicheng, village, capsys):
    answer = run(feicheng, capsys)
    assert answer["collections"] == [["cells", 169], ["pois", 17], ["roads", 223], ["buildings", 2], ["greens", 2]]
    assert len(answer["unplaced"]) == 17
    assert answer["unplaced"][6] == {"row": 7, "name": "肥城市第一高级中学", "kind": "07"}
    assert answer["roads"] == Road.objects.filter(division=world.COUNTY, source=SOURCE).count() == 223
    assert Road.objects.filter(name="文化路", kind="tertiary").exists()


def test_facilities_go_to_the_village_that_holds_them_and_come_once(feicheng, village, capsys):
    import shapely

    Village.objects.filter(pk=village.pk).update(
        geom=geos(shapely.MultiPolygon([shapely.box(116.73, 36.17, 116.78, 36.20)]))
    )
    answer = run(feicheng, capsys)
    assert (answer["facilities"], answer["unplaced"]) == ({"new": 17, "changed": 0, "unchanged": 0}, [])
    assert answer["kinds"] == {"99": 10, "04": 2, "07": 5}
    stored = Facility.objects.filter(village=village, source=SOURCE)
    assert set(stored.filter(kind="99", name__startswith="银行").values_list("name", flat=True)) == {
        "银行",
        "银行（2）",
        "银行（3）",
    }
    revision = Village.objects.get(pk=village.pk).revision
    again = run(feicheng, capsys)
    assert again["facilities"] == {"new": 0, "changed": 0, "unchanged": 17}
    assert Road.objects.count() == 223
    assert Village.objects.get(pk=village.pk).revision == revision


def test_the_surface_says_whether_a_road_is_hardened(tmp_path, village, capsys):
    said = {"a": "asphalt", "b": "gravel", "c": "concrete:plates", "d": "wood", "e": None}
    line = {"type": "LineString", "coordinates": [[116.8, 36.1], [116.801, 36.1]]}
    features = [
        {"type": "Feature", "geometry": line, "properties": {"hw": "service", "name": name, "surface": surface}}
        for name, surface in said.items()
    ]
    path = tmp_path / "roads.json"
    path.write_text(json.dumps({"id": 1, "roads": {"type": "FeatureCollection", "features": features}}), "utf-8")
    run(path, capsys)
    found = dict(Road.objects.filter(division=world.COUNTY).values_list("name", "hardened"))
    assert found == {"a": True, "b": False, "c": True, "d": None, "e": None}


def test_nested_collections_are_layers_of_any_upload(tmp_path):
    square = {"type": "Polygon", "coordinates": [[[116, 36], [116.1, 36], [116.1, 36.1], [116, 36]]]}
    nested = {
        "name": "x", "GHYDYH": {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": square, "properties": {"c": "01"}}]},
        "places": [{"lng": 116.5, "lat": 36.5, "n": 1}], "numbers": [1, 2], "rows": [{"a": 1}],
    }  # fmt: skip
    path = tmp_path / "a.json"
    path.write_text(json.dumps(nested))
    zones, places = readers.read(path, name="a.json").layers
    assert (zones.name, zones.fields, places.name, places.fields) == ("GHYDYH", ["c"], "places", ["n"])
    assert (places.geometry[0].x, places.geometry[0].y) == (116.5, 36.5)
    path.write_text('{"a": [1], "b": {"c": 2}}')
    with pytest.raises(readers.Refused, match="json_not_geojson"):
        readers.read(path, name="a.json")


def test_kinds_are_data_with_a_fallback():
    assert kind_of({"type": "school", "name": "桃都小学"}) == "08"
    assert kind_of({"type": "hospital", "name": "x"}) == "11"
    assert kind_of({"type": "shop", "name": None}) == "99"
    from villages.tables.facilities import FACILITY_KINDS

    assert {rule["kind"] for rule in mapping()} <= FACILITY_KINDS.keys()
    assert (width("6 m"), width("x"), width(None), width(-1)) == (6.0, None, None, None)


def test_who_is_not_of_the_county_may_not_and_other_files_are_refused(feicheng, village, cast, tmp_path):
    from django.core.management import CommandError

    with pytest.raises(CommandError):
        call_command("import_osm", feicheng, county="370983", user="township")
    call_command("import_osm", feicheng, county="370983", user="reviewer", json=True)
    path = tmp_path / "a.json"
    path.write_text("[1]")
    with pytest.raises(SystemExit):
        call_command("import_osm", path, county="370983")
