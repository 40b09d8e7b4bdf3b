"""Codes of the survey that stand for several classes: a worklist on the map, decided by a person zone by zone."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from shapely.geometry import mapping

from planning import imports, profiles
from planning.models import MappingProfile, PlanVersion
from portal.models import AuditEntry, Upload
from tests.grid import cell

pytestmark = pytest.mark.django_db

SURVEYED = (
    ["0102"] * 4 + ["1006"] * 3 + ["0702", "0809", "1004"]
)  # three farm tracks and a public utility need a person


def plan(codes: list[str]) -> bytes:
    features = [
        {"type": "Feature", "properties": {"DLBM": code}, "geometry": mapping(cell(0, n, 10, 1))}
        for n, code in enumerate(codes)
    ]
    return json.dumps({"type": "FeatureCollection", "name": "DLTB", "features": features}).encode()


def hand_in(village, cast, run_jobs, codes: list[str]) -> Upload:
    content = {
        "format": 2,
        "code_edition": "survey3",
        "layers": [
            {
                "name": "DLTB",
                "role": "zones",
                "required": True,
                "fields": [{"name": "DLBM", "means": "code", "required": True}],
            }
        ],
    }
    if not MappingProfile.objects.filter(name="survey").exists():
        profiles.save(name="survey", title="三调", content=content, by=None)
    file = SimpleUploadedFile("dltb.geojson", plan(codes))
    upload = imports.receive(file, name="dltb.geojson", village=village, by=cast.planner, profile="survey")
    run_jobs()
    upload.refresh_from_db()
    return upload


@pytest.fixture
def upload(village, cast, run_jobs) -> Upload:
    return hand_in(village, cast, run_jobs, SURVEYED)


def address(upload: Upload) -> str:
    return reverse("upload-codes", args=[upload.pk])


def newest() -> Upload:
    return Upload.objects.order_by("-created_at").first()


def test_the_worklist_shows_each_zone_with_its_value_its_choices_and_its_place(upload, as_user):
    page = as_user("planner").get(address(upload))
    items = list(page.context["page"])
    assert [(i["row"], i["value"]) for i in items] == [(5, "1006"), (6, "1006"), (7, "1006"), (9, "0809")]
    assert {"060101", "060102"} <= {c.code for c in items[0]["options"]}
    assert (page.context["total"], page.context["decided"]) == (4, 0)
    shapes = page.context["shapes"]["features"]
    assert [f["properties"]["number"] for f in shapes] == [1, 2, 3, 4]
    assert shapes[0]["geometry"]["type"] in ("Polygon", "MultiPolygon")
    assert address(upload) in as_user("planner").get(reverse("upload", args=[upload.pk])).content.decode()


def test_a_class_for_a_value_and_another_for_one_zone(upload, as_user, run_jobs, cast):
    client = as_user("planner")
    form = {"value-1": "060102", "zone-1": "060101", "zone-2": "", "zone-3": "", "zone-4": ""}
    assert client.post(address(upload), form).status_code == 302
    run_jobs()
    made = newest()
    assert made.options["decisions"] == {"DLTB": {"5": "060101", "6": "060102", "7": "060102"}}
    version = PlanVersion.objects.get(pk=made.result["version"])
    assert [z.code for z in version.zones.order_by("number")][4:7] == ["060101", "060102", "060102"]
    assert version.report["decisions"]["decided"] == 3
    page = client.get(address(made))
    assert (page.context["total"], page.context["decided"]) == (4, 3)
    entry = AuditEntry.objects.get(verb="upload.judged_again")
    assert (entry.actor, entry.after) == (cast.planner, {"decisions": {"060101": 1, "060102": 2}})


def test_later_decisions_add_to_earlier_ones_and_an_empty_one_takes_back(upload, as_user, run_jobs):
    client = as_user("planner")
    client.post(address(upload), {"zone-1": "060101", "zone-4": "1301"})
    run_jobs()
    made = newest()
    client.post(address(made), {"zone-1": "", "zone-2": "060102", "zone-4": "1301", "seen": "1"})
    run_jobs()
    assert newest().options["decisions"] == {"DLTB": {"6": "060102", "9": "1301"}}


def test_rows_a_script_has_filled_say_what_is_meant(upload, as_user, run_jobs):
    """The choice for a value was shown in its rows, and the person took one back."""
    form = {"value-1": "060102", "zone-1": "060102", "zone-2": "", "zone-3": "060102", "zone-4": "", "seen": "1"}
    as_user("planner").post(address(upload), form)
    assert newest().options["decisions"] == {"DLTB": {"5": "060102", "7": "060102"}}


def test_the_zones_of_a_refused_file_are_read_again_for_the_map(village, cast, as_user, run_jobs, monkeypatch):
    upload = hand_in(village, cast, run_jobs, [*SURVEYED[:9], "9999"])
    assert upload.state == Upload.State.REFUSED
    client = as_user("planner")
    assert len(client.get(address(upload)).context["shapes"]["features"]) == 4
    monkeypatch.setattr(imports, "read_stored", None)  # the second look comes from the cache
    assert len(client.get(address(upload)).context["shapes"]["features"]) == 4


def test_without_open_codes_the_page_says_so(village, cast, as_user, run_jobs):
    upload = hand_in(village, cast, run_jobs, ["0102"] * 10)
    page = as_user("planner").get(address(upload))
    assert page.context["total"] == 0
    assert 'class="empty"' in page.content.decode()


@pytest.mark.parametrize("form", [{}, {"zone-1": "9999"}, {"zone-1": "<b>"}, {"value-1": "0"}])
def test_nothing_or_nonsense_changes_nothing(form, upload, as_user):
    answer = as_user("planner").post(address(upload), form, follow=True)
    assert answer.status_code == 200
    assert "notice--error" in answer.content.decode()
    assert Upload.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [
        ("planner", 200, 302), ("committee", 200, 302), ("township", 200, 403), ("reviewer", 200, 403),
        ("villager", 404, 404), ("other_committee", 404, 404), (None, 302, 302),
    ],
)  # fmt: skip
def test_staff_read_the_worklist_and_authors_decide(who, reads, writes, upload, as_user):
    client = as_user(who)
    assert client.get(address(upload)).status_code == reads
    assert client.post(address(upload), {"zone-1": "060101"}).status_code == writes
    assert (Upload.objects.count() == 2) == (who in ("planner", "committee"))


def test_decisions_come_through_the_api_too(upload, as_user, run_jobs):
    client = as_user("planner")
    items = client.get(f"/api/v1/uploads/{upload.pk}/questions/").json()["worklist"]
    assert [i["row"] for i in items] == [5, 6, 7, 9]
    assert {i["decided"] for i in items} == {None}
    body: dict[str, Any] = {"decisions": {"DLTB": {str(i["row"]): i["choices"][0] for i in items}}}
    answer = client.post(f"/api/v1/uploads/{upload.pk}/again/", body, "application/json")
    assert answer.status_code == 202
    run_jobs()
    after = client.get(f"/api/v1/uploads/{answer.json()['id']}/questions/").json()["worklist"]
    assert all(i["decided"] for i in after)


def test_a_long_worklist_comes_in_pages(upload, as_user):
    item = upload.result["worklist"][0]
    upload.result["worklist"] = [{**item, "row": n % 10 + 1} for n in range(250)]
    upload.save(update_fields=["result"])
    page = as_user("planner").get(address(upload), {"page": "2"})
    assert (page.context["page"].number, len(page.context["page"])) == (2, 100)
