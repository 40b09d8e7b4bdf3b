"""Repairs are offered with what they change, made only with a person's consent, and never to what was accepted before."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from shapely.geometry import Polygon, mapping

from planning import imports
from planning.models import PlanVersion
from portal.models import AuditEntry, Upload
from tests import world
from tests.grid import SOUTH, STEP, WEST, cell

pytestmark = pytest.mark.django_db


def plan(shapes: list[Any] | None = None) -> bytes:
    shapes = shapes or [cell(0, n, 10, 1) for n in range(10)]
    features = [
        {"type": "Feature", "properties": {"YDYHFLDM": code}, "geometry": mapping(shape)}
        for code, shape in zip(world.plan_rows(), shapes, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "name": "GHYDYH", "features": features}).encode()


def spiked() -> list[Any]:
    """The first row goes out along its southern edge and back again: the same ground, but no valid outline."""
    shapes: list[Any] = [cell(0, n, 10, 1) for n in range(10)]
    ring = list(shapes[0].geoms[0].exterior.coords)
    ring[1:1] = [(WEST + 0.5 * STEP, SOUTH + 0.5 * STEP), ring[0]]
    shapes[0] = Polygon(ring)
    assert not shapes[0].is_valid
    return shapes


def doubled() -> list[Any]:
    """A vertex of the second row stands there twice."""
    shapes: list[Any] = [cell(0, n, 10, 1) for n in range(10)]
    ring = list(shapes[1].geoms[0].exterior.coords)
    ring[3:3] = [ring[3]]
    shapes[1] = Polygon(ring)
    return shapes


def handed_in(village, cast, run_jobs, content: bytes, **options: Any) -> Upload:
    file = SimpleUploadedFile("plan.geojson", content)
    upload = imports.receive(file, name="plan.geojson", village=village, by=cast.planner, options=options)
    run_jobs()
    upload.refresh_from_db()
    return upload


@pytest.fixture
def refused(village, cast, run_jobs) -> Upload:
    upload = handed_in(village, cast, run_jobs, plan(spiked()), note="第二稿")
    assert upload.state == Upload.State.REFUSED
    assert {i.code for i in upload.issues.all()} >= {"G1"}
    return upload


def test_an_invalid_outline_is_offered_to_be_rebuilt_with_the_area_that_changes(refused):
    (offer,) = refused.result["offers"]
    assert (offer["kind"], offer["features"], offer["rows"][0]["row"]) == ("make_valid", 1, 1)
    assert offer["area_change_m2"] == pytest.approx(
        abs(offer["rows"][0]["area_after_m2"] - offer["rows"][0]["area_before_m2"])
    )
    assert offer["shapes"][0]["before"]["type"] == "Polygon"
    assert offer["cured"] == offer["faults"] == 1


def test_nothing_is_offered_for_a_good_file(village, cast, run_jobs):
    upload = handed_in(village, cast, run_jobs, plan())
    assert upload.state == Upload.State.ACCEPTED
    assert upload.result["offers"] == []


def test_an_overlap_of_metres_is_no_matter_of_repairs(village, cast, run_jobs):
    shapes = [cell(0, n, 10, 2 if n == 1 else 1) for n in range(10)]
    assert handed_in(village, cast, run_jobs, plan(shapes)).result["offers"] == []


def test_repairs_need_consent(refused, as_user):
    client, address = as_user("planner"), reverse("upload-again", args=[refused.pk])
    for said in ({"repairs": "make_valid"}, {"consent": "on"}, {"repairs": "burn", "consent": "on"}):
        answer = client.post(address, {"choose_repairs": "1", **said}, follow=True)
        assert "notice--error" in answer.content.decode(), said
    refused.refresh_from_db()
    assert refused.state == Upload.State.REFUSED
    assert "repairs" not in refused.options


def test_with_consent_the_repaired_plan_becomes_a_version_that_says_so(refused, as_user, run_jobs, cast):
    client = as_user("planner")
    said = {"choose_repairs": "1", "repairs": ["make_valid"], "consent": "on"}
    client.post(reverse("upload-again", args=[refused.pk]), said)
    run_jobs()
    refused.refresh_from_db()
    assert refused.state == Upload.State.ACCEPTED, list(refused.issues.values_list("code", "params"))
    version = PlanVersion.objects.get()
    assert version.zones.get(number=1).geom.valid
    assert version.note.startswith("第二稿 ")
    assert version.report["repairs"][0]["features"] == 1
    assert refused.result["repaired"][0]["rows"][0]["row"] == 1
    assert AuditEntry.objects.get(verb="upload.judged_again").after == {"repairs": ["make_valid"]}
    assert AuditEntry.objects.get(verb="upload.repaired").after["repairs"][0]["kind"] == "make_valid"
    page = client.get(reverse("upload", args=[refused.pk]))
    assert page.context["repaired"][0]["features"] == 1


def test_repairs_of_an_accepted_file_leave_its_version_alone(village, cast, as_user, run_jobs):
    upload = handed_in(village, cast, run_jobs, plan(doubled()))
    assert upload.state == Upload.State.ACCEPTED
    before = PlanVersion.objects.get()
    (offer,) = upload.result["offers"]
    assert offer["kind"] == "duplicates"
    address = f"/api/v1/uploads/{upload.pk}/again/"
    made = as_user("planner").post(address, {"repairs": ["duplicates"]}, "application/json").json()["id"]
    run_jobs()
    assert made != upload.pk
    after = Upload.objects.get(pk=made)
    assert after.result["repaired"][0]["kind"] == "duplicates"
    old, new = PlanVersion.objects.order_by("number")
    assert old.digest == before.digest
    assert old.zones.get(number=2).geom.num_coords == new.zones.get(number=2).geom.num_coords + 1


def test_consent_holds_for_the_file_as_it_was_read(refused, as_user, run_jobs):
    client, address = as_user("planner"), f"/api/v1/uploads/{refused.pk}/again/"
    client.post(address, {"repairs": ["make_valid"]}, "application/json")
    run_jobs()
    made = client.post(address, {"crs": "EPSG:4490"}, "application/json").json()["id"]
    assert "repairs" not in Upload.objects.get(pk=made).options


def test_the_api_tells_what_is_on_offer(refused, as_user):
    body = as_user("planner").get(f"/api/v1/uploads/{refused.pk}/questions/").json()
    assert body["offers"][0]["kind"] == "make_valid"
    assert body["offers"][0]["rows"][0]["row"] == 1
    assert body["worklist"] == []
