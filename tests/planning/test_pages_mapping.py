"""The mapping page: what a person says about a refused file becomes a profile, and the file is judged with it."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from shapely.geometry import mapping

from planning import profiles
from planning.models import MappingProfile, PlanVersion
from portal.models import AuditEntry, Upload
from tests import world
from tests.grid import cell

# The plan of the test village in words a planning office might use; 宅基地 and 林 are in no list.
WORDS = ["水浇地"] * 5 + ["林"] * 2 + ["宅基地"] * 2 + ["1207"]
CLASSES = {"林": "0301", "宅基地": "070301"}


def file_in_words(words: list[str] = WORDS) -> SimpleUploadedFile:
    features = [
        {
            "type": "Feature",
            "properties": {"DLMC": word, "OTHER": f"x{n}", "REM": "旧" if n == 3 else ""},
            "geometry": mapping(cell(0, n, 10, 1)),
        }
        for n, word in enumerate(words)
    ]
    body = {"type": "FeatureCollection", "name": "zones_2026", "features": features}
    return SimpleUploadedFile("村规划.geojson", json.dumps(body).encode())


@pytest.fixture
def refused(village, as_user, run_jobs) -> Upload:
    fields = {"village": village.code, "profile": "ghydyh", "file": file_in_words()}
    as_user("planner").post(reverse("upload-new"), fields)
    run_jobs()
    upload = Upload.objects.get()
    assert upload.state == Upload.State.REFUSED
    return upload


def address(upload: Upload) -> str:
    return reverse("upload-mapping", args=[upload.pk])


def form_of(page: Any, **changes: str) -> dict[str, str]:
    """What a browser would send: every field as the page shows it."""
    context = page.context
    fields = {s["name"]: s["value"] for s in context["selects"]}
    values = {f"class-{v['n']}": v["typed"] for v in [*context["unmatched"], *context["matched"]]}
    shown = {
        "shown_layer": context["preview"]["layer"],
        "shown_code": fields["code"],
        "layer": context["preview"]["layer"],
    }
    names = {"name": context["draft"].name, "title": context["draft"].title}
    return {**fields, **values, **shown, **names, **changes}


def filled(page: Any, **changes: str) -> dict[str, str]:
    classes = {f"class-{v['n']}": CLASSES[v["value"]] for v in page.context["unmatched"]}
    return form_of(page, **{**classes, **changes})


def test_values_that_are_no_class_come_first_with_their_counts(refused, as_user):
    context = as_user("planner").get(address(refused)).context
    assert [(v["value"], v["count"], v["typed"]) for v in context["unmatched"]] == [("林", 2, ""), ("宅基地", 2, "")]
    assert context["unmatched_zones"] == 4
    assert {v["value"]: v["typed"] for v in context["matched"]} == {"水浇地": "0102", "1207": "1207"}
    assert len(context["preview"]["rows"]) == 10


def test_the_mapping_is_kept_as_a_profile_and_the_file_accepted_with_it(refused, as_user, run_jobs):
    client = as_user("planner")
    response = client.post(address(refused), filled(client.get(address(refused)), title="村规划院格式"))
    assert response.status_code == 302
    assert response.url == reverse("upload", args=[refused.pk])
    run_jobs()
    refused.refresh_from_db()
    assert refused.state == Upload.State.ACCEPTED
    version = PlanVersion.objects.get()
    assert [z.code for z in version.zones.all()] == ["0102"] * 5 + ["0301"] * 2 + ["070301"] * 2 + ["1207"]
    profile = MappingProfile.objects.get(title="村规划院格式")
    assert profile.name == f"{world.LIUGOU}-1"
    assert profile.content["codes"] == {"水浇地": "0102", **CLASSES}
    assert profile.content["layers"][0]["name"] == "zones_2026"
    assert AuditEntry.objects.filter(verb="profile.saved").count() == 1


@pytest.mark.parametrize("typed", ["0301", "0301 乔木林地", "乔木林地", "Arbor forest", " 0301 "])
def test_a_class_may_be_typed_by_code_or_by_name(typed, refused, as_user):
    client = as_user("planner")
    page = client.get(address(refused))
    place = next(f"class-{v['n']}" for v in page.context["unmatched"] if v["value"] == "林")
    assert client.post(address(refused), filled(page, **{place: typed})).status_code == 302
    assert MappingProfile.objects.get(name__startswith=world.LIUGOU).content["codes"]["林"] == "0301"


@pytest.mark.parametrize(("typed", "said"), [("", "林"), ("0399", "0399"), ("<b>林子</b>", "&lt;b&gt;")])
def test_a_value_without_a_class_is_named_and_nothing_is_kept(typed, said, refused, as_user):
    client = as_user("planner")
    page = client.get(address(refused))
    place = next(f"class-{v['n']}" for v in page.context["unmatched"] if v["value"] == "林")
    response = client.post(address(refused), filled(page, **{place: typed}, title="留着"))
    assert response.status_code == 400
    assert [e["field"] for e in response.context["errors"]] == [f"id_{place}"]
    html = response.content.decode()
    assert said in html
    assert 'value="留着"' in html  # what was typed stays
    assert f'href="#id_{place}"' in html
    assert not MappingProfile.objects.exclude(created_by=None).exists()


def test_another_column_is_looked_at_before_it_is_kept(refused, as_user):
    client = as_user("planner")
    response = client.post(address(refused), filled(client.get(address(refused)), code="OTHER"))
    assert response.status_code == 302
    assert "code=OTHER" in response.url
    assert not MappingProfile.objects.exclude(created_by=None).exists()
    page = client.get(response.url)
    assert {v["value"] for v in page.context["unmatched"]} == {f"x{n}" for n in range(10)}
    assert page.context["draft"].columns["code"] == "OTHER"


def test_the_values_of_the_column_the_profile_took_are_shown_first(village, as_user, run_jobs):
    """A class no edition knows stands in YDYHFLDM; that a column of names beside it fits better does not matter."""
    features = [
        {"type": "Feature", "properties": {"NAME": "水浇地", "ydyhfldm": code}, "geometry": mapping(cell(0, n, 10, 1))}
        for n, code in enumerate([*world.plan_rows()[:9], "0799"])
    ]
    file = SimpleUploadedFile("a.geojson", json.dumps({"type": "FeatureCollection", "features": features}).encode())
    as_user("planner").post(reverse("upload-new"), {"village": village.code, "profile": "ghydyh", "file": file})
    run_jobs()
    context = as_user("planner").get(address(Upload.objects.get())).context
    assert context["draft"].columns["code"] == "ydyhfldm"
    assert [v["value"] for v in context["unmatched"]] == ["0799"]


def test_the_other_columns_are_kept_while_looking(refused, as_user):
    client = as_user("planner")
    response = client.post(address(refused), form_of(client.get(address(refused)), remark="REM", show="1"))
    assert client.get(response.url).context["draft"].columns["remark"] == "REM"


def test_without_a_class_column_there_is_nothing_to_keep(refused, as_user):
    client = as_user("planner")
    response = client.post(address(refused), form_of(client.get(address(refused)), code="", shown_code=""))
    assert response.status_code == 400
    assert response.context["errors"][0]["field"] == "id_code"


@pytest.mark.parametrize(
    ("name", "place"), [("ghydyh", "id_name"), ("mit Leerzeichen", "id_name"), ("", "id_name"), ("村", "id_name")]
)
def test_a_name_that_is_taken_or_no_name_is_refused_at_its_field(name, place, refused, as_user):
    client = as_user("planner")
    response = client.post(address(refused), filled(client.get(address(refused)), name=name))
    assert response.status_code == 400
    assert [e["field"] for e in response.context["errors"]] == [place]
    refused.refresh_from_db()
    assert refused.state == Upload.State.REFUSED
    assert refused.options["profile"] == profiles.DEFAULT


@pytest.mark.parametrize(
    "query", [{"layer": "nowhere"}, {"code": "nowhere"}, {"layer": "\x00", "code": "\x00", "label": "\x00"}]
)
def test_an_address_with_nonsense_shows_the_stored_preview(query, refused, as_user):
    assert as_user("planner").get(address(refused), query).context["preview"]["layer"] == "zones_2026"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("planner", 200), ("committee", 200), ("township", 403), ("reviewer", 403), ("villager", 404),
        ("other_committee", 404), ("stranger", 404), (None, 302),
    ],
)  # fmt: skip
def test_only_authors_of_the_village_make_a_mapping(who, status, refused, as_user):
    client = as_user(who)
    assert client.get(address(refused)).status_code == status
    if status != 200:
        assert client.post(address(refused), {"name": "x", "code": "DLMC"}).status_code == status
        assert not MappingProfile.objects.exclude(created_by=None).exists()


def test_an_accepted_or_unreadable_file_has_no_mapping_page(refused, as_user):
    client = as_user("planner")
    for changes in ({"state": "accepted"}, {"state": "waiting"}, {"result": {}}):
        Upload.objects.filter(pk=refused.pk).update(**changes)
        assert client.get(address(refused)).url == reverse("upload", args=[refused.pk])


def test_without_a_token_nothing_is_kept(refused, cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.planner)
    assert client.post(address(refused), {"name": "x"}).status_code == 403
