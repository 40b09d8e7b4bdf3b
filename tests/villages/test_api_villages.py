"""Divisions, villages and their base data over the API."""

import pytest
from shapely.geometry import shape

from portal.geo.crs import area_m2
from tests import world
from villages import api
from villages.models import Division, Fact, Village

pytestmark = pytest.mark.django_db


def everything(client, address: str, key: str) -> list[dict]:
    """All rows of a paged list, by following `next`."""
    rows, pages = [], 0
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        rows += answer.json()[key]
        address = answer.json()["next"]
        pages += 1
        assert pages < 200
    return rows


def test_divisions_are_found_by_parent_level_and_part_of_the_name(client, village):
    def codes(**query):
        return [d["code"] for d in client.get("/api/v1/divisions/", query).json()["results"]]

    assert codes(parent=world.COUNTY) == ["370983101000", "370983108000"]
    assert codes(level=5, q="村") == [world.LIUGOU, world.OTHER, world.FAR]
    assert codes(q="柳沟") == [world.LIUGOU]
    assert codes(q="%") == []


def test_a_division_knows_what_is_above_it(client, village):
    body = client.get(f"/api/v1/divisions/{world.TOWN}/").json()
    assert [a["name"] for a in body["ancestors"]] == ["山东省", "泰安市", "肥城市"]
    assert (body["level"], body["parent"]) == (4, world.COUNTY)
    assert client.get(body["links"]["villages"]).json()["features"][0]["id"] == world.LIUGOU


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_paging_gives_every_row_once_in_order(client, village, size):
    rows = everything(client, f"/api/v1/divisions/?page_size={size}", "results")
    assert [r["code"] for r in rows] == sorted(Division.objects.values_list("code", flat=True))


def test_a_village_is_a_feature_with_its_facts_and_plans(client, public_version):
    answer = client.get(f"/api/v1/villages/{world.LIUGOU}/")
    assert answer.headers["Content-Type"] == "application/geo+json"
    body, p = answer.json(), answer.json()["properties"]
    assert (body["type"], body["id"], body["geometry"]["type"]) == ("Feature", world.LIUGOU, "MultiPolygon")
    assert set(p) == set(api.VillageDetail().fields)
    assert (p["name"], p["short_name"], p["township"]) == ("柳沟村委会", "柳沟村", "潮泉镇")
    assert (p["population"], p["resident_population"], p["households"]) == (1200, 900, 400)
    assert p["type_text"] not in ("", None)
    assert p["area_ha"] == pytest.approx(area_m2([shape(body["geometry"])])[0] / 10000, abs=1e-4)
    assert {f["code"]: (f["value"], f["unit"], f["year"]) for f in p["facts"]}["households"] == (400, "户", 2020)
    assert p["plans"] == [public_version.plan_id]


def test_the_latest_figure_counts(client, village):
    Fact.objects.create(village=village, code="population", year=2024, value=1100, unit="人", source="t")
    assert client.get(f"/api/v1/villages/{village.pk}/").json()["properties"]["population"] == 1100


def test_a_draft_plan_is_not_named_to_the_public(client, version, as_user):
    address = f"/api/v1/villages/{world.LIUGOU}/"
    assert client.get(address).json()["properties"]["plans"] == []
    assert as_user("planner").get(address).json()["properties"]["plans"] == [version.plan_id]


def test_villages_are_listed_under_a_division_with_their_outlines(client, village):
    world.make_village(world.OTHER, col=20)
    world.make_village(world.FAR, col=40)

    def codes(**query):
        body = client.get("/api/v1/villages/", query).json()
        assert body["type"] == "FeatureCollection"
        assert all(f["geometry"]["type"] == "MultiPolygon" for f in body["features"])
        return [f["properties"]["code"] for f in body["features"]]

    assert codes() == [world.LIUGOU, world.OTHER, world.FAR]
    assert codes(under="370983101") == codes(under=world.TOWN) == [world.LIUGOU, world.OTHER]
    assert codes(q="五埠") == [world.FAR]
    assert codes(under="370983101", q="五埠") == []
    assert len(everything(client, "/api/v1/villages/?page_size=1", "features")) == Village.objects.count()
    properties = client.get("/api/v1/villages/").json()["features"][0]["properties"]
    assert set(properties) == set(api.VillageProperties().fields)


LISTS = {
    "parcels": (100, api.ParcelProperties),
    "control-lines": (3, api.ControlLineProperties),
    "facilities": (1, api.FacilityProperties),
}


@pytest.mark.parametrize("part", LISTS)
def test_precise_base_data_is_for_staff_of_the_division_only(part, village, as_user):
    address = f"/api/v1/villages/{village.pk}/{part}/"
    may = {"planner", "committee", "township", "reviewer", "leader", "province"}
    for who in (*world.CAST, None):
        assert as_user(who).get(address).status_code == (200 if who in may else 404), who


@pytest.mark.parametrize("part", LISTS)
def test_in_the_demo_everyone_may_recompute_what_the_portal_says(part, village, client, settings):
    settings.DEMO = True
    count, properties = LISTS[part]
    rows = everything(client, f"/api/v1/villages/{village.pk}/{part}/?page_size=7", "features")
    assert len(rows) == count
    assert len({r["id"] for r in rows}) == count
    for row in rows:
        assert set(row["properties"]) == set(properties().fields)
        assert set(row["geometry"]) == {"type", "coordinates"}  # RFC 7946 knows no “crs” in it
        if "area_m2" in row["properties"]:
            assert row["properties"]["area_m2"] == pytest.approx(area_m2([shape(row["geometry"])])[0], rel=1e-6)


def test_next_is_an_absolute_address_that_keeps_the_filters(client, village):
    following = client.get("/api/v1/divisions/?level=5&page_size=2").json()["next"]
    assert following.startswith("http://testserver/api/v1/divisions/?")
    assert [d["code"] for d in client.get(following).json()["results"]] == [world.FAR]


def test_a_page_of_parcels_costs_few_queries(village, as_user, django_assert_max_num_queries):
    client = as_user("planner")
    client.get(f"/api/v1/villages/{village.pk}/parcels/")  # the first request of a session writes down its beginning
    with django_assert_max_num_queries(5):  # session, user, memberships, village, the page
        client.get(f"/api/v1/villages/{village.pk}/parcels/")
