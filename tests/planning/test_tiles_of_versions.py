"""Vector tiles of a version: what is in them, who gets them, how they are kept."""

import gzip
import math

import mapbox_vector_tile
import pytest

from planning import tiles as version_tiles
from planning.models import Finding, PlanVersion
from portal.geo import tiles
from tests import world
from tests.grid import cell, centre, geos

pytestmark = pytest.mark.django_db


def tile_at(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    n = 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return z, int((lon + 180) / 360 * n), int(y * n)


def address(version, z=16, lon=None, lat=None, key=None) -> str:
    middle = centre(5, 5)
    z, x, y = tile_at(lon or middle[0], lat or middle[1], z)
    return f"/api/v1/tiles/{key or version_tiles.key(version)}/{z}/{x}/{y}.mvt"


def decode(answer) -> dict:
    content = gzip.decompress(answer.content) if answer.headers.get("Content-Encoding") else answer.content
    return mapbox_vector_tile.decode(content)


@pytest.fixture
def kept(settings, tmp_path):
    """The folder of finished public tiles, empty."""
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path / "tiles" / "public"


def test_a_tile_holds_zones_with_official_colours_findings_and_projects(public_version, client, kept):
    Finding.objects.create(
        version=public_version, number=1, code="K1", severity="block", category="real", area_m2=1, geom=geos(cell(5, 5))
    )
    layers = decode(client.get(address(public_version, z=11)))
    assert set(layers) == {"zones", "findings", "projects"}
    zones = {f["properties"]["number"]: f["properties"] for f in layers["zones"]["features"]}
    assert len(zones) == 10
    assert zones[1] == {"number": 1, "code": "0102", "colour": "#F5F8DC"}
    assert layers["findings"]["features"][0]["properties"]["category"] == "real"
    assert layers["projects"]["features"][0]["geometry"]["type"] == "Point"
    assert layers["zones"]["extent"] == 4096


def test_what_a_household_has_is_in_no_tile(public_version, client, kept):
    Finding.objects.create(
        version=public_version, number=1, code="K9", severity="warn", category="real", area_m2=1, geom=geos(cell(5, 5))
    )
    assert "findings" not in decode(client.get(address(public_version, z=11)))


def test_a_zone_lies_in_the_tile_where_it_lies_on_the_ground(public_version, client, kept):
    """Corner of a cell by hand: Web Mercator of its longitude and latitude, in tile units from the upper left."""
    z, _x, y = tile_at(*centre(5, 5), 16)
    features = decode(client.get(address(public_version, z=16)))["zones"]["features"]
    (row,) = [f for f in features if f["properties"]["number"] == 6]
    ys = {round(p[1]) for p in flat(row["geometry"]["coordinates"])}
    for corner in (5, 6):
        lat = 36.10 + corner * 0.001
        merc = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
        assert any(abs((y + 1 - merc) * 4096 - value) <= 1 for value in ys), (corner, ys)


def flat(coordinates) -> list:
    if isinstance(coordinates[0], int | float):
        return [coordinates]
    return [point for part in coordinates for point in flat(part)]


def test_a_public_tile_is_kept_and_then_served_without_database_or_session(
    public_version, client, cast, kept, django_assert_num_queries
):
    first = client.get(address(public_version), headers={"Accept-Encoding": "gzip"})
    (file,) = kept.rglob("*.mvt.gz")
    assert file.read_bytes() == first.content
    client.force_login(cast.villager)
    with django_assert_num_queries(0):
        again = client.get(address(public_version), headers={"Accept-Encoding": "gzip"})
    assert again.content == first.content
    assert again.headers["Content-Encoding"] == "gzip"
    assert again.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert again.headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in again.headers
    assert again.headers["ETag"] == first.headers["ETag"]


def test_a_client_without_gzip_gets_it_plain_and_one_that_has_it_gets_304(public_version, client, kept):
    packed = client.get(address(public_version), headers={"Accept-Encoding": "gzip"})
    plain = client.get(address(public_version))
    assert "Content-Encoding" not in plain.headers
    assert plain.content == gzip.decompress(packed.content)
    same = client.get(address(public_version), headers={"If-None-Match": packed.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_the_tile_of_a_draft_is_for_staff_only_and_never_kept(version, as_user, kept):
    where = address(version)
    for who in (*world.CAST, None):
        answer = as_user(who).get(where)
        expected = 200 if who in ("planner", "committee", "township", "reviewer", "leader", "province") else 404
        assert answer.status_code == expected, who
        if expected == 200:
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert "ETag" not in answer.headers
    assert not kept.exists()
    assert as_user().get(where).json()["error"]["code"] == "not_found"


def test_a_draft_that_is_opened_gives_its_tiles_to_all(version, cast, client, kept):
    key = version_tiles.key(version)
    published = world.publish(version, cast.township)
    assert version_tiles.key(published) != key  # the results were stored in between
    assert client.get(address(published, key=key)).status_code == 404
    assert client.get(address(published)).status_code == 200


def test_new_findings_make_a_new_key_and_the_old_tiles_go(public_version, client, kept):
    old = address(public_version)
    client.get(old)
    PlanVersion.objects.filter(pk=public_version.pk).update(checked_at="2030-01-01T00:00Z")
    public_version.refresh_from_db()
    assert client.get(address(public_version)).status_code == 200
    assert client.get(old).status_code == 404
    assert [p.name for p in kept.iterdir()] == [version_tiles.key(public_version)]


def test_a_tile_with_nothing_in_it_is_204_and_not_kept(public_version, client, kept):
    answer = client.get(address(public_version, lon=100.0, lat=30.0))
    assert (answer.status_code, answer.content) == (204, b"")
    for z in (0, 7, 19, 30):
        assert client.get(address(public_version, z=z)).status_code == 204
    assert not kept.exists()


@pytest.mark.parametrize("place", ["31/0/0", "14/16384/0", "14/0/16384", "99999999999/1/1", "0/1/0"])
def test_a_number_that_is_no_tile_is_400(place, public_version, client):
    answer = client.get(f"/api/v1/tiles/{version_tiles.key(public_version)}/{place}.mvt")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "tile_number")


@pytest.mark.parametrize(
    "key",
    [
        "vzzzzzzzzzzzz-000000000000",
        "../../etc",
        "v",
        "x370983101204-1",
        "b370983101204-1-1",
        "c370983-9-9",
        "v%00",
        "b1-1-1",
    ],
)
def test_a_made_up_key_is_404(key, village, client):
    assert client.get(f"/api/v1/tiles/{key}/14/13500/6400.mvt").status_code == 404


@pytest.mark.parametrize("z", range(8, 19))
def test_every_zoom_has_its_tile(z, public_version, client, kept):
    answer = client.get(address(public_version, z=z))
    assert answer.status_code == 200
    assert "zones" in decode(answer)


def test_a_full_disk_does_not_stop_the_map(public_version, client, kept, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    assert client.get(address(public_version)).status_code == 200


def test_a_tile_is_written_whole_or_not_at_all(kept):
    tiles.store("c37-1-1", 14, 1, 2, b"whole")
    assert tiles.stored("c37-1-1", 14, 1, 2) == b"whole"
    assert [p.name for p in kept.rglob("*") if p.is_file()] == ["2.mvt.gz"]


def test_tilejson_names_tiles_layers_and_bounds(public_version, client, kept):
    body = client.get(f"/api/v1/versions/{public_version.pk}/tiles.json").json()
    assert (body["tilejson"], body["minzoom"], body["maxzoom"]) == ("3.0.0", 8, 18)
    assert body["bounds"] == pytest.approx([116.80, 36.10, 116.81, 36.11])
    assert {layer["id"]: set(layer["fields"]) for layer in body["vector_layers"]}["zones"] == {
        "number",
        "code",
        "colour",
    }
    assert body["attribution"] == world.DRAWN
    z, x, y = tile_at(*centre(5, 5), 14)
    (template,) = body["tiles"]
    answer = client.get(template.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y)))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
