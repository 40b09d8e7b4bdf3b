"""Handing in a plan file over the API, and mapping profiles."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from planning.api import uploads
from planning.models import MappingProfile, PlanVersion
from portal.models import Job, Upload
from tests import world
from tests.grid import cell

pytestmark = pytest.mark.django_db


def geojson(rows: list[str], *, bad: bool = False) -> bytes:
    """A plan of ten rows as a file; `bad` gives row 3 a code nobody knows and lets row 5 overlap row 4."""
    features = []
    for n, code in enumerate(rows):
        shape = cell(0, n - 0.5 if bad and n == 4 else n, 10, 1)
        properties = {"YDYHFLDM": "9999" if bad and n == 2 else code}
        features.append({"type": "Feature", "geometry": shape.__geo_interface__, "properties": properties})
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    return json.dumps({"type": "FeatureCollection", "name": "GHYDYH", "crs": crs, "features": features}).encode()


def send(client, content: bytes, name: str = "plan.geojson", **body):
    file = SimpleUploadedFile(name, content)
    return client.post("/api/v1/uploads/", {"file": file, "village": world.LIUGOU, **body})


def test_a_planner_hands_in_a_plan_and_it_becomes_a_version(village, as_user, run_jobs):
    client = as_user("planner")
    answer = send(client, geojson(world.plan_rows()), note="第一稿")
    assert answer.status_code == 202, answer.content
    assert Job.objects.get(pk=answer.json()["job"]).created_by.username == "planner"
    waiting = client.get(answer.json()["url"]).json()
    assert (waiting["state"], waiting["version"], waiting["job"]["state"]) == ("waiting", None, "queued")
    run_jobs()
    body = client.get(answer.json()["url"]).json()
    assert set(body) == set(uploads.UploadShape().fields)
    assert (body["state"], body["zones"], body["issues"]["errors"]) == ("accepted", 10, 0), body
    version = PlanVersion.objects.get(pk=body["version"])
    assert (version.note, version.created_by.username) == ("第一稿", "planner")
    assert client.get(f"/api/v1/versions/{version.pk}/zones/").json()["features"][0]["properties"]["code"] == "0102"


def test_a_bad_file_stores_nothing_but_its_issues(village, as_user, run_jobs):
    client = as_user("planner")
    address = send(client, geojson(world.plan_rows(), bad=True)).json()["url"]
    run_jobs()
    body = client.get(address).json()
    assert (body["state"], body["version"]) == ("refused", None)
    assert not PlanVersion.objects.exists()
    features, following = [], f"{address}issues/?page_size=1"
    while following:
        page = client.get(following, headers={"Accept-Language": "en"}).json()
        features += page["features"]
        following = page["next"]
    assert len(features) == body["issues"]["errors"] + body["issues"]["warnings"]
    assert [f["id"] for f in features] == list(range(1, len(features) + 1))
    assert set(features[0]["properties"]) == set(uploads.IssueProperties().fields)
    found = {(f["properties"]["code"], f["properties"]["row"]) for f in features}
    assert ("S4", 3) in found
    assert any(code == "G5" for code, _row in found)
    overlap = next(f for f in features if f["properties"]["code"] == "G5")
    assert overlap["geometry"]["type"] in ("Polygon", "MultiPolygon", "GeometryCollection")
    assert "9999" in " ".join(f["properties"]["text"] for f in features)


def test_the_files_one_may_see_are_listed_newest_first(village, cast, as_user, run_jobs):
    client = as_user("planner")
    for bad in (False, True):
        send(client, geojson(world.plan_rows(), bad=bad))
        run_jobs()
    whole = client.get("/api/v1/uploads/").json()
    newest, oldest = whole["results"]
    assert (newest["state"], oldest["state"], whole["next"]) == ("refused", "accepted", None)
    for row in (newest, oldest):
        assert row == client.get(f"/api/v1/uploads/{row['id']}/").json()
    first = client.get("/api/v1/uploads/", {"page_size": 1}).json()
    assert first["results"] == [newest]
    assert client.get(first["next"]).json() == {"results": [oldest], "next": None}
    for who in ("committee", "township", "reviewer"):
        assert len(as_user(who).get("/api/v1/uploads/").json()["results"]) == 2, who
    for who in (None, "stranger", "villager", "other_committee"):
        assert as_user(who).get("/api/v1/uploads/").json() == {"results": [], "next": None}, who
    assert client.get("/api/v1/uploads/", {"nonsense": "1"}).status_code == 400


def test_a_preview_helps_to_map_the_file(village, as_user, run_jobs):
    client = as_user("planner")
    address = send(client, geojson(world.plan_rows(), bad=True)).json()["url"]
    assert client.get(f"{address}preview/").status_code == 404
    run_jobs()
    body = client.get(f"{address}preview/").json()
    assert set(body) == set(uploads.Preview().fields)
    assert body["columns"]["code"] == "YDYHFLDM"
    assert len(body["rows"]) == 10
    assert [v["value"] for v in body["values"] if v["code"] is None] == ["9999"]


@pytest.mark.parametrize("who", [*world.CAST, None])
def test_only_planner_and_committee_of_the_village_may_hand_in(who, village, as_user):
    answer = send(as_user(who), geojson(world.plan_rows()))
    assert answer.status_code == (202 if who in ("planner", "committee") else 403)
    assert Upload.objects.exists() == (answer.status_code == 202)


def test_an_upload_is_seen_by_its_sender_and_staff_of_the_division(village, as_user):
    address = send(as_user("planner"), geojson(world.plan_rows())).json()["url"]
    may = {"planner", "committee", "township", "reviewer", "leader", "province"}
    for who in (*world.CAST, None):
        for part in ("", "issues/"):
            assert as_user(who).get(address + part).status_code == (200 if who in may else 404), who


def test_a_file_that_is_too_large_is_refused_by_its_length(village, as_user, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    answer = send(as_user("planner"), b"x" * 100_000)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    slightly = send(as_user("planner"), b"x" * 2000)
    assert (slightly.status_code, slightly.json()["error"]["code"]) == (400, "too_large")
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    "body", [{"village": "1"}, {"profile": "none-such"}, {"profile": "../x"}, {"state": "accepted"}, {"note": "a\x00"}]
)
def test_wrong_parts_of_the_form_are_400(body, village, as_user):
    answer = send(as_user("planner"), geojson(world.plan_rows()), **body)
    assert answer.status_code == 400, answer.content
    assert not Upload.objects.exists()


def test_a_village_that_does_not_exist_is_404(village, as_user):
    assert send(as_user("planner"), b"x", village=world.FAR).status_code == 404


def test_json_is_no_upload(village, as_user):
    answer = as_user("planner").post("/api/v1/uploads/", {"village": world.LIUGOU}, "application/json")
    assert answer.status_code == 415


def test_a_file_that_climbs_out_of_its_archive_is_refused_in_words(village, as_user, run_jobs):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../etc/passwd.shp", b"x")
    client = as_user("planner")
    address = send(client, packed.getvalue(), "../../plan.zip").json()["url"]
    run_jobs()
    body = client.get(address).json()
    assert (body["state"], body["name"]) == ("refused", "plan.zip")
    (issue,) = client.get(f"{address}issues/").json()["features"]
    assert issue["properties"]["code"] == "F2"
    assert issue["geometry"] is None


CONTENT = {
    "format": 1,
    "zones": {"layers": ["DK"], "fields": {"code": ["DM"]}, "codes": {"住": "0703"}},
}


def test_a_profile_is_stored_and_read_and_stored_again_as_its_next_edition(cast, as_user):
    client = as_user("planner")
    body = {"name": "hz-2024", "title": "杭州 2024", "content": CONTENT}
    assert client.post("/api/v1/profiles/", body, "application/json").status_code == 201
    again = client.post("/api/v1/profiles/", body, "application/json")
    assert (again.status_code, again.json()["edition"]) == (201, 2)
    assert as_user().get("/api/v1/profiles/hz-2024/").json()["content"] == CONTENT
    names = [p["name"] for p in as_user().get("/api/v1/profiles/").json()["results"]]
    assert names == sorted(set(MappingProfile.objects.values_list("name", flat=True)))


@pytest.mark.parametrize(
    "change",
    [{"name": "a b"}, {"name": ""}, {"content": {}}, {"content": []}, {"content": {**CONTENT, "more": 1}}, {"sourec": "x"},
     {"content": {**CONTENT, "zones": {"layers": ["a\x00"], "fields": {"code": ["DM"]}}}}],
)  # fmt: skip
def test_a_profile_that_is_not_right_is_400(change, cast, as_user):
    body = {"name": "mine", "title": "t", "content": CONTENT, **change}
    answer = as_user("planner").post("/api/v1/profiles/", body, "application/json")
    assert answer.status_code == 400, answer.content
    assert not MappingProfile.objects.filter(name="mine").exists()


def test_residents_store_no_profiles(cast, as_user):
    body = {"name": "mine", "title": "t", "content": CONTENT}
    for who in ("villager", "stranger", None):
        assert as_user(who).post("/api/v1/profiles/", body, "application/json").status_code == 403
