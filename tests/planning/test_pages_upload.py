"""Handing in a plan file through the pages: form, verdict, issues on table and map, who may look."""

import csv
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse
from shapely.geometry import mapping

from planning.models import PlanVersion
from portal.models import AuditEntry, Job, Upload, UploadIssue
from portal.models.files import Upload as UploadModel
from tests import world
from tests.grid import cell, geos

NEW = "/uploads/new/"


def plan_file(
    codes: list[str], *, name: str = "liugou.geojson", field: str = "YDYHFLDM", shapes: list | None = None
) -> SimpleUploadedFile:
    """A GeoJSON of zones: row n of the village (10 x 10 cells) has the nth code."""
    shapes = shapes or [cell(0, n, 10, 1) for n in range(len(codes))]
    features = [
        {"type": "Feature", "properties": {field: code, "BSM": f"Z{n}"}, "geometry": mapping(shape)}
        for n, (code, shape) in enumerate(zip(codes, shapes, strict=True), 1)
    ]
    body = {"type": "FeatureCollection", "name": "GHYDYH", "features": features}
    return SimpleUploadedFile(name, json.dumps(body).encode(), "application/geo+json")


def good_file(**kwargs: Any) -> SimpleUploadedFile:
    return plan_file(world.plan_rows(), **kwargs)


def overlapping_file() -> SimpleUploadedFile:
    """The second row is as high as two: it covers the third."""
    shapes = [cell(0, n, 10, 2 if n == 1 else 1) for n in range(10)]
    return plan_file(world.plan_rows(), shapes=shapes)


def hand_in(client: Client, file: SimpleUploadedFile, **fields: str) -> Any:
    return client.post(NEW, {"village": world.LIUGOU, "profile": "ghydyh", "file": file, **fields})


def judged(client: Client, file: SimpleUploadedFile, run_jobs: Any, **fields: str) -> Upload:
    response = hand_in(client, file, **fields)
    assert response.status_code == 302, response.content.decode()[:3000]
    run_jobs()
    return Upload.objects.get(pk=response.url.rstrip("/").rsplit("/", 1)[1])


def test_a_good_file_becomes_a_version_and_the_page_leads_to_it(village, as_user, run_jobs, cast):
    client = as_user("planner")
    response = hand_in(client, good_file(), note="第一稿")
    upload = Upload.objects.get()
    assert response.url == reverse("upload", args=[upload.pk])
    waiting = client.get(response.url)
    assert reverse("job", args=[upload.job_id]) in waiting.content.decode()
    run_jobs()
    version = PlanVersion.objects.get()
    assert version.note == "第一稿"
    page = client.get(response.url)
    assert page.context["verdict"] == "accepted"
    assert reverse("review", args=[version.pk]) in page.content.decode()


def test_while_the_check_runs_the_page_can_be_followed_without_scripts(village, as_user):
    client = as_user("planner")
    page = client.get(hand_in(client, good_file()).url).content.decode()
    assert '<noscript><meta http-equiv="refresh"' in page


def test_a_file_with_an_error_stores_nothing_and_names_rule_row_and_place(village, as_user, run_jobs):
    client = as_user("planner")
    upload = judged(client, overlapping_file(), run_jobs)
    assert not PlanVersion.objects.exists()
    page = client.get(reverse("upload", args=[upload.pk]))
    assert page.context["verdict"] == "refused"
    rules = {(r["code"], r["level"]) for r in page.context["rules"]}
    assert ("G5", "error") in rules
    issue = next(i for i in page.context["page"] if i.code == "G5")
    assert issue.text in page.content.decode()
    shown = {f["properties"]["number"] for f in page.context["map_data"]["features"]}
    assert issue.number in shown


def test_the_rules_can_be_looked_at_one_by_one(village, as_user, run_jobs):
    client = as_user("planner")
    upload = judged(
        client,
        plan_file([*world.plan_rows()[:9], "9999"], shapes=[cell(0, n, 10, 2 if n == 1 else 1) for n in range(10)]),
        run_jobs,
    )
    address = reverse("upload", args=[upload.pk])
    every = client.get(address).context
    only = client.get(address, {"rule": "error-S4"}).context
    assert {i.code for i in only["page"]} == {"S4"}
    assert every["page"].paginator.count > only["page"].paginator.count
    assert (
        client.get(address, {"rule": "error-XX", "page": "\x00"}).context["page"].paginator.count
        == every["page"].paginator.count
    )


def test_a_refused_file_offers_a_mapping_and_another_try(village, as_user, run_jobs):
    client = as_user("planner")
    upload = judged(client, plan_file(["住宅"] * 10), run_jobs)
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert reverse("upload-mapping", args=[upload.pk]) in page
    assert f"{NEW}?village={world.LIUGOU}" in page


def test_an_unreadable_file_is_refused_in_words_and_offers_no_mapping(village, as_user, run_jobs):
    client = as_user("planner")
    upload = judged(client, SimpleUploadedFile("plan.zip", b"PK\x03\x04 not really"), run_jobs)
    page = client.get(reverse("upload", args=[upload.pk]))
    assert page.context["verdict"] == "refused"
    assert page.context["errors_total"] == 1
    assert reverse("upload-mapping", args=[upload.pk]) not in page.content.decode()


def test_a_check_that_was_stopped_says_so(village, as_user):
    client = as_user("planner")
    address = hand_in(client, good_file()).url
    upload = Upload.objects.get()
    assert client.post(reverse("upload-cancel", args=[upload.pk])).url == address
    assert client.get(address).context["verdict"] == "failed"


def test_only_whoever_handed_in_the_file_stops_its_check(village, as_user):
    hand_in(as_user("planner"), good_file())
    upload = Upload.objects.get()
    assert as_user("committee").post(reverse("upload-cancel", args=[upload.pk])).status_code == 403
    assert Job.objects.get(pk=upload.job_id).state == Job.State.QUEUED


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("planner", 200), ("committee", 200), ("township", 200), ("reviewer", 200), ("leader", 200), ("province", 200),
        ("villager", 404), ("other_committee", 404), ("stranger", 404), (None, 302),
    ],
)  # fmt: skip
def test_an_upload_is_open_to_the_staff_of_its_division_only(who, status, village, as_user, cast):
    upload = UploadModel.objects.create(
        division_code=world.LIUGOU, name="plan.gpkg", size=1, sha256="0" * 64, state="refused", created_by=cast.planner
    )
    client = as_user(who)
    for name in ("upload", "upload-issues"):
        assert client.get(reverse(name, args=[upload.pk])).status_code == status, name
    if status != 200:
        assert client.post(reverse("upload-cancel", args=[upload.pk])).status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("planner", 200),
        ("committee", 200),
        ("township", 403),
        ("reviewer", 403),
        ("villager", 403),
        ("stranger", 403),
        (None, 302),
    ],
)
def test_only_authors_see_the_form(who, status, village, as_user):
    assert as_user(who).get(NEW).status_code == status


def test_the_form_knows_only_ones_own_villages(village, as_user):
    other = world.make_village(world.OTHER, col=20)
    form = as_user("planner").get(NEW).context["form"]
    assert [v.pk for v in form.fields["village"].queryset] == [world.LIUGOU]
    assert as_user("planner").get(NEW, {"village": other.pk}).status_code == 404
    assert as_user("other_committee").get(NEW, {"village": world.LIUGOU}).status_code == 404


def test_a_plan_for_the_next_village_is_404_and_keeps_no_file(village, as_user):
    world.make_village(world.OTHER, col=20)
    response = as_user("planner").post(NEW, {"village": world.OTHER, "profile": "ghydyh", "file": good_file()})
    assert response.status_code == 404
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file", ""),
        ("profile", "nowhere"),
        ("crs", "EPSG:99"),
        ("crs", "EPSG:2327"),
        ("encoding", "latin"),
        ("village", ""),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(field, value, village, as_user):
    fields = {"village": world.LIUGOU, "profile": "ghydyh", "file": good_file(), field: value}
    response = as_user("planner").post(NEW, fields)
    assert response.status_code == 400
    assert field in response.context["form"].errors
    assert not Upload.objects.exists()


@override_settings(UPLOAD_MAX_BYTES=100)
def test_a_file_over_the_limit_is_refused_at_the_door(village, as_user):
    response = hand_in(as_user("planner"), good_file())
    assert "file" in response.context["form"].errors
    assert not Upload.objects.exists()


def test_a_file_that_was_handed_in_before_is_said_to_be_and_taken_only_if_wanted(village, as_user, cast):
    client = as_user("planner")
    hand_in(client, good_file())
    first = Upload.objects.get()
    known = hand_in(client, good_file())
    assert known.status_code == 400
    assert reverse("upload", args=[first.pk]) in known.content.decode()
    assert 'name="again"' in known.content.decode()
    assert Upload.objects.count() == 1
    assert hand_in(client, good_file(), again="on").status_code == 302
    assert Upload.objects.count() == 2


def test_without_a_token_nothing_is_taken(village, cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.planner)
    assert hand_in(client, good_file()).status_code == 403
    assert not Upload.objects.exists()


def test_looking_changes_nothing(village, as_user, run_jobs):
    client = as_user("planner")
    upload = judged(client, overlapping_file(), run_jobs)
    before = (AuditEntry.objects.count(), Job.objects.count(), UploadIssue.objects.count())
    for name in ("upload", "upload-issues", "upload-mapping"):
        client.get(reverse(name, args=[upload.pk]))
    assert (AuditEntry.objects.count(), Job.objects.count(), UploadIssue.objects.count()) == before
    assert client.get(reverse("upload-cancel", args=[upload.pk])).status_code == 405


def make_issue(cast: Any, **fields: Any) -> Upload:
    upload = Upload.objects.create(
        division_code=world.LIUGOU,
        name="<script>x</script>.gpkg",
        size=1,
        sha256="0" * 64,
        state="refused",
        created_by=cast.planner,
    )
    UploadIssue.objects.create(upload=upload, **{"code": "S4", "level": "error", **fields})
    return upload


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_a_layer_named_like_a_formula_is_text_in_the_download(start, village, as_user, cast):
    upload = make_issue(cast, layer=f"{start}HYPERLINK(1)", row=3, geom=geos(cell(1, 1)))
    response = as_user("planner").get(reverse("upload-issues", args=[upload.pk]))
    assert "attachment" in response["Content-Disposition"]
    text = response.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[1][3].startswith("'")
    assert rows[1][4] == "3"
    assert not any(c.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for c in row)


def test_names_from_the_file_are_text_on_the_page(village, as_user, cast):
    upload = make_issue(
        cast, layer="<img src=x onerror=alert(1)>", params={"reason": "unknown", "value": "<b>"}, geom=geos(cell(1, 1))
    )
    page = as_user("planner").get(reverse("upload", args=[upload.pk])).content.decode()
    assert "<img src=x" not in page
    assert "<script>x" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_state_of_an_upload_has_a_page_in_both_languages(language, village, as_user, cast):
    client = as_user("committee")
    client.cookies["django_language"] = language
    for state in Upload.State.values:
        if state == "accepted":
            continue
        upload = Upload.objects.create(
            division_code=world.LIUGOU, name="a.zip", size=5, sha256="0" * 64, state=state, created_by=cast.planner
        )
        assert client.get(reverse("upload", args=[upload.pk])).status_code == 200
