"""A file that does not say where it is: systems are proposed from its numbers, and a person confirms one."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from planning import imports, proposals
from planning.models import PlanVersion
from portal.models import AuditEntry, Upload
from tests import shapes, world
from tests.planning.plan_files import zipped_plan, zone_rings

pytestmark = pytest.mark.django_db


def handed_in(village, cast, run_jobs, content: bytes, **options: Any) -> Upload:
    file = SimpleUploadedFile("plan.zip", content)
    upload = imports.receive(file, name="plan.zip", village=village, by=cast.planner, options=options)
    run_jobs()
    upload.refresh_from_db()
    return upload


def bounds(rings: list[shapes.Ring]) -> proposals.Bounds:
    xs, ys = zip(*(xy for ring in rings for xy in ring), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    "system",
    ["EPSG:4490", "EPSG:4527", "EPSG:4548", "EPSG:4498", "EPSG:4547", "EPSG:4549"],
)
def test_the_system_a_file_was_made_in_is_proposed_first(system, swapped, village):
    found = proposals.propose(bounds(zone_rings(system, swapped=swapped)), village)["proposals"]
    assert (found[0]["crs"], found[0]["swap_axes"]) == (system, swapped)
    assert found[0]["distance_km"] == 0
    assert found[0]["share_in_village"] > 0.7  # a box is turned on the way, the more the farther from the meridian


@pytest.mark.parametrize(
    ("zone", "system"),
    [(25, "EPSG:4513"), (39, "EPSG:4527"), (45, "EPSG:4533"), (13, "EPSG:4491"), (20, "EPSG:4498"), (23, "EPSG:4501")],
)
def test_the_zone_number_of_the_easting_names_the_system(zone, system):
    assert proposals.of_zone(zone) == [system]


@pytest.mark.parametrize("zone", [0, 12, 24, 46, 99])
def test_a_number_that_is_no_zone_of_china_names_none(zone):
    assert proposals.of_zone(zone) == []


def test_systems_that_say_the_same_are_proposed_once(village):
    """A zone of 6 degrees without its number has the meridian, and so the numbers, of one of 3 degrees."""
    found = proposals.propose(bounds(zone_rings("EPSG:4509")), village)["proposals"]
    assert [p["crs"] for p in found] == ["EPSG:4548"]


def test_of_a_file_from_elsewhere_nothing_is_proposed_and_the_nearest_is_named(village):
    found = proposals.propose((500_000, 2_500_000, 501_000, 2_501_000), village)
    assert found["proposals"] == []
    assert found["nearest"]["distance_km"] > 1000


@pytest.mark.parametrize(
    "numbers", [(0, 0, 0, 0), (1e9, 1e9, 1e9, 1e9), (-1e308, -1e308, 1e308, 1e308), (5e5, -9e6, 6e5, 9e6)]
)
def test_numbers_without_sense_propose_nothing_and_break_nothing(numbers, village):
    assert proposals.propose(numbers, village)["proposals"] == []


def test_a_file_without_a_system_is_refused_with_proposals_and_becomes_a_version_when_one_is_confirmed(
    village, cast, as_user, run_jobs
):
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4548"))
    assert upload.state == Upload.State.REFUSED
    assert not PlanVersion.objects.exists()
    client = as_user("planner")
    page = client.get(reverse("upload", args=[upload.pk]))
    first = page.context["place"]["proposals"][0]
    assert first["value"] == "EPSG:4548"
    assert "EPSG:4548" in page.content.decode()
    said = {"choose_crs": "1", "crs": first["value"], "cgcs2000": "on"}
    assert client.post(reverse("upload-again", args=[upload.pk]), said).url == reverse("upload", args=[upload.pk])
    run_jobs()
    upload.refresh_from_db()
    assert upload.state == Upload.State.ACCEPTED, list(upload.issues.values_list("code", "params"))
    assert upload.options["crs"] == "EPSG:4548"
    zone = PlanVersion.objects.get().zones.get(number=1)
    assert zone.geom.extent == pytest.approx((116.8, 36.1, 116.81, 36.101), abs=1e-8)
    entry = AuditEntry.objects.get(verb="upload.judged_again")
    assert (entry.actor, entry.after) == (cast.planner, {"crs": "EPSG:4548", "swap_axes": False})


def test_swapped_axes_are_confirmed_too(village, cast, as_user, run_jobs):
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4548", swapped=True))
    client = as_user("planner")
    first = client.get(reverse("upload", args=[upload.pk])).context["place"]["proposals"][0]
    assert first["value"] == "EPSG:4548 yx"
    client.post(reverse("upload-again", args=[upload.pk]), {"choose_crs": "1", "crs": first["value"], "cgcs2000": "on"})
    run_jobs()
    assert Upload.objects.get(pk=upload.pk).state == Upload.State.ACCEPTED


@pytest.mark.parametrize(
    "said",
    [
        {"crs": "EPSG:4548"},
        {"cgcs2000": "on"},
        {"crs": "EPSG:99999", "cgcs2000": "on"},
        {"crs": "EPSG:2436", "cgcs2000": "on"},
    ],
)
def test_without_a_persons_word_or_with_a_system_that_may_not_be_nothing_is_judged(
    said, village, cast, as_user, run_jobs
):
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4548"))
    client = as_user("planner")
    answer = client.post(reverse("upload-again", args=[upload.pk]), {"choose_crs": "1", **said}, follow=True)
    assert "notice--error" in answer.content.decode()
    upload.refresh_from_db()
    assert (upload.state, upload.options.get("crs")) == (Upload.State.REFUSED, None)


def test_a_zone_number_that_the_system_does_not_have_is_asked_about(village, cast, as_user, run_jobs):
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4527", prj=shapes.PRJ))
    assert upload.issues.get().params["reason"] == "crs_zone_prefix"
    assert upload.result["proposals"][0]["crs"] == "EPSG:4527"


def test_a_file_that_names_another_meridian_lies_elsewhere_and_the_right_one_is_proposed(village, cast, run_jobs):
    wrong = shapes.GK_117.format(name="CM_120E", easting=500000.0, meridian=120.0)
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4548", prj=wrong))
    assert "C2" in {i.code for i in upload.issues.all()}
    assert upload.result["proposals"][0]["crs"] == "EPSG:4548"


def test_for_a_system_nobody_knows_the_numbers_are_asked(village, cast, run_jobs):
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4548", prj="LOCAL SYSTEM OF THE COUNTY"))
    assert upload.issues.get().params["reason"] == "crs_unknown"
    assert upload.result["proposals"][0]["crs"] == "EPSG:4548"


def test_a_file_that_says_xian_80_is_told_to_convert_and_offered_nothing(village, cast, as_user, run_jobs):
    xian = shapes.PRJ.replace("D_China_2000", "D_Xian_1980").replace("6378137.0,298.257222101", "6378140.0,298.257")
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4548", prj=xian))
    assert upload.issues.get().params["reason"] == "datum_forbidden"
    assert "proposals" not in upload.result


def test_a_file_of_another_place_says_so(village, cast, as_user, run_jobs):
    far = shapes.zipped(shapes.shapefile([shapes.square(500_000, 2_500_000)], prj=None))
    upload = handed_in(village, cast, run_jobs, far)
    page = as_user("planner").get(reverse("upload", args=[upload.pk]), headers={"Accept-Language": "en"})
    assert page.context["place"]["proposals"] == []
    assert "EPSG:" in page.content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [("planner", 302), ("committee", 302), ("township", 403), ("villager", 404), ("stranger", 404), (None, 302)],
)
def test_only_authors_of_the_village_choose(who, status, village, cast, as_user, run_jobs):
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4548"))
    said = {"choose_crs": "1", "crs": "EPSG:4548", "cgcs2000": "on"}
    assert as_user(who).post(reverse("upload-again", args=[upload.pk]), said).status_code == status
    upload.refresh_from_db()
    assert (upload.state == Upload.State.WAITING) == (who in ("planner", "committee"))


# --- the same through the API


def test_the_api_proposes_and_takes_a_choice(village, cast, as_user, run_jobs):
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4527"))
    client, address = as_user("planner"), f"/api/v1/uploads/{upload.pk}/"
    body = client.get(f"{address}proposals/", headers={"Accept-Language": "en"}).json()
    assert body["proposals"][0]["crs"] == "EPSG:4527"
    assert "39" in body["proposals"][0]["label"]
    assert body["raw_bounds"][0] > 39_000_000
    answer = client.post(f"{address}again/", {"crs": "EPSG:4527"}, "application/json")
    assert (answer.status_code, answer.json()["id"]) == (202, upload.pk)
    waiting = client.post(f"{address}again/", {"crs": "EPSG:4548"}, "application/json")
    assert (waiting.status_code, waiting.json()["error"]["code"]) == (409, "state")
    run_jobs()
    assert client.get(address).json()["state"] == "accepted"


@pytest.mark.parametrize(
    "body",
    [{"crs": "EPSG:2436"}, {"crs": "+proj=utm"}, {"encoding": "zip"}, {"state": "accepted"}, {"repairs": ["burn"]},
     {"decisions": {"GHYDYH": {"0": "0101"}}}, {"decisions": {"GHYDYH": {"1": "9999"}}}, {"decisions": ["0101"]},
     {"profile": "none-such"}, {"swap_axes": "perhaps"}],
)  # fmt: skip
def test_choices_that_are_none_are_400_and_change_nothing(body, village, cast, as_user, run_jobs):
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4548"))
    answer = as_user("planner").post(f"/api/v1/uploads/{upload.pk}/again/", body, "application/json")
    assert answer.status_code == 400, answer.content
    upload.refresh_from_db()
    assert upload.state == Upload.State.REFUSED
    assert upload.options == {"profile": "ghydyh"}


def test_of_an_accepted_file_a_new_upload_begins(village, cast, as_user, run_jobs):
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4548"), crs="EPSG:4548")
    assert upload.state == Upload.State.ACCEPTED
    answer = as_user("planner").post(f"/api/v1/uploads/{upload.pk}/again/", {"encoding": "GB18030"}, "application/json")
    run_jobs()
    made = Upload.objects.get(pk=answer.json()["id"])
    assert made.pk != upload.pk
    assert (made.state, made.options["crs"], made.options["encoding"]) == ("accepted", "EPSG:4548", "GB18030")
    assert PlanVersion.objects.count() == 2
    assert Upload.objects.get(pk=upload.pk).options == upload.options


@pytest.mark.parametrize("who", [*world.CAST, None])
def test_proposals_and_questions_are_open_to_whoever_sees_the_upload(who, village, cast, as_user, run_jobs):
    upload = handed_in(village, cast, run_jobs, zipped_plan("EPSG:4548"))
    seen = who in ("planner", "committee", "township", "reviewer", "leader", "province")
    for part in ("proposals", "questions"):
        assert as_user(who).get(f"/api/v1/uploads/{upload.pk}/{part}/").status_code == (200 if seen else 404)
