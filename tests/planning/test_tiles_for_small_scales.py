"""Small scales: what a job makes ready for large versions, and what keeps every tile small."""

import gzip
import math

import mapbox_vector_tile
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.utils import timezone
from shapely.geometry import shape

from planning import generalised
from planning import tiles as version_tiles
from planning.models import Finding, LandUseClass, PlanVersion, State, Zone
from portal import jobs
from portal.geo import generalised as coverage
from portal.geo import layers, tiles
from portal.models import Job
from tests import world
from tests.grid import SOUTH, WEST, geos
from tests.planning.test_tiles_of_versions import decode, tile_at

pytestmark = pytest.mark.django_db
SIDE, STEP = 25, 0.002
CODES = ("0101", "0103", "0301", "0703", "1207")


@pytest.fixture
def kept(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path / "tiles"


@pytest.fixture
def large(version, monkeypatch, kept):
    """A draft of 625 zones 200 m wide, in blocks of at most 200, with more than is cut live. Their borders have a bend each."""
    monkeypatch.setattr(generalised, "FEWEST", 500)
    monkeypatch.setattr(coverage.blocks, "__defaults__", (200,))
    plan = version.plan
    made = PlanVersion.objects.create(plan=plan, number=2, created_by=version.created_by)
    Zone.objects.bulk_create(
        Zone(version=made, number=n, code=code, geom=GEOSGeometry(shapely.MultiPolygon([ring]).wkt, srid=4490))
        for n, (code, ring) in enumerate(quilt(), 1)
    )
    made.digest = made.layout = f"{made.pk:x<64}"
    made.save(update_fields=["digest", "layout"])
    return made


def quilt() -> list[tuple[str, shapely.Polygon]]:
    """Classes and squares side by side; neighbours share the bend in the middle of their border."""
    lon, lat = [[start + n * STEP for n in range(SIDE + 1)] for start in (WEST, SOUTH)]

    def side(a: tuple, b: tuple) -> list[tuple]:
        return [a, ((a[0] + b[0]) / 2 + STEP / 40, (a[1] + b[1]) / 2 + STEP / 40)]

    found = []
    for i in range(SIDE):
        for j in range(SIDE):
            sw, se, ne, nw = (lon[i], lat[j]), (lon[i + 1], lat[j]), (lon[i + 1], lat[j + 1]), (lon[i], lat[j + 1])
            ring = side(sw, se) + side(se, ne) + side(ne, nw) + side(nw, sw)
            found.append((CODES[(i // 3 + j // 7 + (i * j) % 2) % len(CODES)], shapely.Polygon(ring)))
    return found


def areas(name: str, z: int) -> dict[str, float]:
    """Share of each class in the ready tiles of a zoom, each tile clipped to itself."""
    sums: dict[str, float] = {}
    for file in (layers.folder() / name / str(z)).glob("*.mvt"):
        for feature in mapbox_vector_tile.decode(file.read_bytes())["zones"]["features"]:
            inside = shapely.make_valid(shape(feature["geometry"])).intersection(shapely.box(0, 0, 4096, 4096)).area
            sums[feature["properties"]["code"]] = sums.get(feature["properties"]["code"], 0) + inside
    return {code: area / sum(sums.values()) for code, area in sums.items()}


@pytest.mark.parametrize(("z", "off"), [(13, 0.01), (12, 0.01), (11, 0.03)])
def test_each_class_keeps_its_share_of_the_land(large, z, off):
    generalised.run(large)
    whole = {c: sum(p.area for k, p in quilt() if k == c) / sum(p.area for _k, p in quilt()) for c in CODES}
    shares = areas(version_tiles.layer_name(large), z)
    assert set(shares) == set(CODES)
    assert all(abs(shares[code] / whole[code] - 1) < off for code in CODES)


def test_colours_are_right_and_numbers_stay_until_zones_grow_together(large, as_user):
    generalised.run(large)
    colour = LandUseClass.objects.get(code="0101", code_version="2023").colour
    for z, numbered in ((13, True), (12, False)):
        zones = decode(as_user("planner").get(address(large, z)))["zones"]["features"]
        assert {f["properties"]["code"]: f["properties"]["colour"] for f in zones}["0101"] == colour
        assert all(("number" in f["properties"]) is numbered for f in zones)
    assert len(zones) < 625


def address(version: PlanVersion, z: int, key: str = "") -> str:
    z, x, y = tile_at(WEST + 0.004, SOUTH + 0.004, z)
    return f"/api/v1/tiles/{key or version_tiles.key(version)}/{z}/{x}/{y}.mvt"


def test_ready_layers_of_a_draft_are_not_public_and_strangers_get_404(large, as_user, kept):
    generalised.run(large)
    assert layers.is_made(version_tiles.layer_name(large), 12)
    assert not (kept / "public").exists()
    for who in (None, "villager", "stranger"):
        assert as_user(who).get(address(large, 12)).status_code == 404, who
    answer = as_user("planner").get(address(large, 12))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert not (kept / "public").exists()


def test_opening_a_version_seeds_its_tiles(version, cast, run_jobs, kept, client, django_assert_num_queries):
    public = world.publish(version, cast.township)
    run_jobs()
    public.refresh_from_db()
    folder = kept / "public" / version_tiles.key(public)
    assert {int(p.name) for p in folder.iterdir()} == set(range(8, 14))
    with django_assert_num_queries(0):
        assert client.get(address(public, 12)).status_code == 200


def test_a_tile_asked_for_before_the_seed_is_made_at_once(version, cast, client, kept):
    public = world.publish(version, cast.township)
    assert Job.objects.filter(kind=generalised.KIND, state=Job.State.QUEUED).count() == 1
    assert client.get(address(public, 12)).status_code == 200


def test_new_findings_have_large_public_versions_seeded_again_and_the_old_tiles_go(large, kept, run_jobs):
    PlanVersion.objects.filter(pk=large.pk).update(published_at=timezone.now())
    large.refresh_from_db()
    generalised.run(large)
    before = version_tiles.key(large)
    Finding.objects.create(
        version=large, number=1, code="K1", severity="block", category="real", area_m2=1, geom=geos(cell_of(3))
    )
    PlanVersion.objects.filter(pk=large.pk).update(checked_at=timezone.now())
    large.refresh_from_db()
    generalised.changed(large)
    run_jobs()
    assert [p.name for p in (kept / "public").iterdir()] == [version_tiles.key(large)] != [before]
    packed = tiles.stored(version_tiles.key(large), *tile_at(WEST + 0.007, SOUTH + 0.007, 13))
    assert b"findings" in gzip.decompress(packed)


def cell_of(n: int) -> shapely.MultiPolygon:
    west, south = WEST + n * STEP, SOUTH + n * STEP
    return shapely.MultiPolygon([shapely.box(west, south, west + STEP, south + STEP)])


def test_a_seed_that_was_overtaken_writes_nothing_under_its_old_key(large, kept, monkeypatch):
    PlanVersion.objects.filter(pk=large.pk).update(published_at=timezone.now())
    large.refresh_from_db()
    PlanVersion.objects.filter(pk=large.pk).update(checked_at=timezone.now())
    assert generalised.seed(large) == 0
    assert not (kept / "public").exists()


def test_the_layers_of_an_older_draft_go(large, kept):
    generalised.run(large)
    newer = world.make_version(large.plan.village, number=3)
    generalised.run(newer)
    assert not (layers.folder() / version_tiles.layer_name(large)).exists()


def test_a_cancelled_job_leaves_whole_zooms_only_and_goes_on_there(large):
    seen = []

    def stop(percent: int, words: str) -> None:
        seen.append(words)
        if "12" in words:  # in whatever language
            raise jobs.Cancelled

    with pytest.raises(jobs.Cancelled):
        generalised.run(large, stop)
    name = version_tiles.layer_name(large)
    assert [p.name for p in (layers.folder() / name).iterdir()] == ["13"]
    written = (layers.folder() / name / "13").stat().st_mtime_ns
    assert generalised.make(large) > 0
    assert {p.name for p in (layers.folder() / name).iterdir()} == {"8", "9", "10", "11", "12", "13"}
    assert (layers.folder() / name / "13").stat().st_mtime_ns == written
    assert generalised.make(large) == 0


def test_small_drafts_need_no_job_and_large_ones_get_one(version, large):
    Job.objects.all().delete()
    assert generalised.prepare(version) is None
    assert generalised.prepare(large).kind == generalised.KIND
    assert generalised.prepare(large) is None
    assert version.state == State.DRAFT


def ragged(n: int, corners: int = 400) -> shapely.MultiPolygon:
    """A disc 300 m wide whose border has teeth of 5 m."""
    west, south = WEST + 0.0004 * (n % 16), SOUTH + 0.0004 * (n // 16)
    ring = []
    for k in range(corners):
        reach, angle = 0.0016 * (1 + 0.03 * (k % 2)), 2 * math.pi * k / corners
        ring.append((west + reach * math.cos(angle), south + reach * math.sin(angle)))
    return shapely.MultiPolygon([shapely.Polygon(ring)])


@pytest.mark.parametrize("z", [13, 14, 15])
def test_what_would_be_too_large_is_made_with_less_detail_but_with_every_zone(version, as_user, kept, monkeypatch, z):
    dense = PlanVersion.objects.create(plan=version.plan, number=2, created_by=version.created_by)
    Zone.objects.bulk_create(Zone(version=dense, number=n, code="0101", geom=geos(ragged(n))) for n in range(1, 101))
    client = as_user("planner")
    where = address(dense, z)
    full = client.get(where)
    assert "X-Tile-Grain" not in full.headers
    monkeypatch.setattr(tiles, "LARGEST", len(full.content) * 2 // 3)
    answer = client.get(where)
    assert answer.headers["X-Tile-Grain"] in ("8", "16", "32")
    assert len(answer.content) <= tiles.LARGEST
    numbers = [{f["properties"]["number"] for f in decode(a)["zones"]["features"]} for a in (full, answer)]
    assert numbers[0] == numbers[1]


def test_a_role_that_is_taken_away_ends_the_next_tile(version, as_user, cast, kept):
    client = as_user("planner")
    assert [client.get(address(version, z)).status_code for z in (14, 15, 16)] == [200, 200, 200]
    cast.planner.memberships.update(valid_to="2020-01-01")
    assert client.get(address(version, 17)).status_code == 404


def test_a_session_that_ends_ends_the_next_tile(version, as_user, kept):
    client = as_user("planner")
    assert [client.get(address(version, z)).status_code for z in (14, 15)] == [200, 200]
    session = client.session
    cookies = client.cookies.copy()
    session.flush()
    client.cookies = cookies
    assert client.get(address(version, 16)).status_code == 404


def test_a_map_asks_for_the_tiles_of_a_draft_with_one_query_each(version, as_user, kept, django_assert_num_queries):
    client = as_user("planner")
    for z in (13, 14):  # the first request writes its time into the session
        client.get(address(version, z))
    with django_assert_num_queries(1):
        assert client.get(address(version, 15)).status_code == 200
    PlanVersion.objects.filter(pk=version.pk).update(checked_at="2030-01-01T00:00Z")
    assert client.get(address(version, 16, key=version_tiles.key(version))).status_code == 404


def test_the_picture_of_a_large_plan_comes_with_its_ready_layer(large, as_user, monkeypatch):
    monkeypatch.setattr(generalised, "PICTURED", 500)
    address = f"/versions/{large.pk}/picture.png"
    assert as_user("planner").get(address).status_code == 404
    generalised.make(large)
    assert as_user("planner").get(address).content.startswith(b"\x89PNG")
