"""Vector tiles of base data and of the overview."""

import pytest

from tests import world
from tests.grid import centre
from tests.planning.test_tiles_of_versions import decode, tile_at
from villages.models import Division, Village
from villages.tiles import base_key, overview_key

pytestmark = pytest.mark.django_db
STAFF = ("planner", "committee", "township", "reviewer", "leader", "province")


@pytest.fixture
def kept(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path / "tiles" / "public"


def address(key: str, z: int = 11) -> str:
    z, x, y = tile_at(*centre(5, 5), z)
    return f"/api/v1/tiles/{key}/{z}/{x}/{y}.mvt"


def test_base_tiles_hold_parcels_lines_outline_and_facilities(village, as_user, kept):
    layers = decode(as_user("planner").get(address(base_key(village))))
    assert {name: len(layer["features"]) for name, layer in layers.items()} == {
        "parcels": 100, "control_lines": 3, "outline": 1, "facilities": 1,
    }  # fmt: skip
    parcel = next(f["properties"] for f in layers["parcels"]["features"] if f["properties"]["number"] == 1)
    assert parcel == {"number": 1, "code": "0102", "colour": "#F5F8DC"}


def test_base_tiles_are_for_staff_and_not_kept(village, as_user, kept):
    for who in (*world.CAST, None):
        for path in (address(base_key(village)), f"/api/v1/villages/{village.pk}/tiles.json"):
            assert as_user(who).get(path).status_code == (200 if who in STAFF else 404), who
    assert not kept.exists()


def test_in_the_demo_they_are_open_and_kept_and_closed_again_with_it(village, client, kept, settings):
    settings.DEMO = True
    where = address(base_key(village))
    assert client.get(where).headers["Cache-Control"].startswith("public")
    assert len(list(kept.rglob("*.mvt.gz"))) == 1
    settings.DEMO = False
    assert client.get(where).status_code == 404


def test_a_change_of_the_base_data_makes_the_old_key_invalid(village, client, kept, settings):
    settings.DEMO = True
    old = base_key(village)
    Village.objects.filter(pk=village.pk).update(revision=2)
    village.refresh_from_db()
    assert base_key(village) != old
    assert client.get(address(old)).status_code == 404
    assert client.get(address(base_key(village))).status_code == 200


def test_a_line_that_expires_makes_a_new_key_on_that_day(village, client, kept, settings, time_machine):
    settings.DEMO = True
    village.control_lines.filter(number=1).update(valid_to="2035-12-31")
    time_machine.move_to("2035-12-31T12:00:00+08:00")
    before = base_key(village)
    assert len(decode(client.get(address(before)))["control_lines"]["features"]) == 3
    time_machine.move_to("2036-01-01T12:00:00+08:00")
    after = base_key(village)
    assert after != before
    assert len(decode(client.get(address(after)))["control_lines"]["features"]) == 2


def test_the_overview_shows_the_villages_of_a_division_to_all(village, client, kept):
    world.make_village(world.OTHER, col=12)
    body = client.get(f"/api/v1/divisions/{world.COUNTY}/tiles.json").json()
    key = overview_key(Division.objects.get(pk=world.COUNTY))
    assert f"/tiles/{key}/" in body["tiles"][0]
    assert body["bounds"] == pytest.approx([116.80, 36.10, 116.822, 36.11])
    villages = decode(client.get(address(key)))["villages"]["features"]
    assert {v["properties"]["name"] for v in villages} == {"柳沟村", "下寨村"}
    assert set(villages[0]["properties"]) == {"code", "name", "type"}
    assert client.get(address(key, z=body["maxzoom"] + 1)).status_code == 204


def test_the_overview_changes_when_a_village_does_or_goes(village, kept):
    county = Division.objects.get(pk=world.COUNTY)
    other = world.make_village(world.OTHER, col=12)
    keys = {overview_key(county)}
    Village.objects.filter(pk=village.pk).update(revision=2)
    keys.add(overview_key(county))
    other.delete()
    keys.add(overview_key(county))
    assert len(keys) == 3


def test_a_division_without_villages_has_no_tiles(village, client):
    assert client.get("/api/v1/divisions/370983108000/tiles.json").status_code == 404
