"""Two people at one drawing, who may draw at all, and what becomes of a drawing in the end."""

import json
import random

import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.http import Http404

from planning import drawing_kinds, drawing_steps, drawings, imports, profiles
from planning.models import Drawing, PlanVersion
from portal.errors import NotAllowed
from portal.models import AuditEntry, Membership, Role, Upload
from tests import world
from tests.planning.drawing_case import API, Pen, at, begin, line, ring
from tests.planning.test_drawings import whole
from tests.planning.test_export_plan import content, full_file  # noqa: F401
from tests.planning.test_import_real_plans import taiwan  # noqa: F401


@pytest.fixture
def pens(version, as_user) -> tuple[Pen, Pen]:
    """The planner and the committee at the same drawing."""
    planner = begin(as_user("planner"), version=version.pk)
    return planner, Pen(as_user("committee"), planner.id)


def test_steps_on_different_zones_both_land(pens):
    planner, committee = pens
    planner.send("split", zone=2, line=line((2.5, 0.5), (2.5, 2.5)))
    told = committee.send("set", zones=[8], code="0301")
    assert [other["text"] for other in told["others"]] == ["Zone 2 split into 2 and 11"]
    assert {"2", "11", "8"} <= set(told["zones"])
    assert (told["others"][0]["by"], told["others"][0]["mine"], told["said"]["mine"]) == ("周工", False, True)
    whole(planner)


def test_of_two_steps_on_the_same_zone_the_later_is_told_and_nothing_is_lost(pens):
    planner, committee = pens
    planner.send("split", zone=2, line=line((2.5, 0.5), (2.5, 2.5)))
    error = committee.send("set", zones=[2], code="0301", status=409)
    assert (error["code"], error["data"]["zones"], error["data"]["revision"]) == ("changed_meanwhile", [1, 2, 3, 11], 1)
    news = committee.client.get(f"{API}{committee.id}/changes/?since=0").json()
    assert news["steps"][0]["text"] == "Zone 2 split into 2 and 11"
    assert news["zones"]["2"]["code"] == "0102"
    committee.revision = news["revision"]
    committee.send("set", zones=[2], code="0301")
    assert planner.drawing.zones.get(number=2).code == "0301"
    assert len(planner.areas()) == 11


def test_a_step_that_others_made_impossible_is_told_as_a_meeting(pens):
    planner, committee = pens
    planner.send("merge", zones=[2, 3], into=3)
    error = committee.send("split", zone=2, line=line((2.5, 0.5), (2.5, 2.5)), status=409)
    assert error["code"] == "changed_meanwhile"


def test_another_persons_step_is_undone_only_on_purpose(pens):
    planner, committee = pens
    planner.send("set", zones=[2], code="0301")
    assert committee.refused("undo", 409) == "changed_meanwhile"
    committee.look()
    assert committee.refused("undo", 409) == "not_yours"
    assert committee.send("undo", of_others=True)["said"]["text"] == "Undone: Zone 2: class 0301"
    assert planner.drawing.zones.get(number=2).code == "0102"


def test_a_revision_that_is_not_there_yet_is_refused(pens):
    planner, _ = pens
    planner.revision = 7
    assert planner.refused("set", zones=[2], code="0301") == "revision"


# --- who may


@pytest.mark.parametrize(
    "who", [None, "villager", "stranger", "other_committee", "township", "reviewer", "leader", "province"]
)
def test_for_all_others_there_is_no_drawing(who, pens, as_user):
    client = as_user(who)
    address = f"{API}{pens[0].id}/"
    assert client.get(API).json()["results"] == []
    assert client.get(address).status_code == 404
    assert client.get(f"{address}changes/?since=0").status_code == 404
    assert client.patch(address, {"title": "x"}, "application/json").status_code == 404
    for act in ("steps", "hand-in", "discard", "reopen"):
        body = {"revision": 0, "key": "a", "kind": "set", "zones": [1], "code": "0301"}
        assert client.post(f"{address}{act}/", body, "application/json").status_code == 404
    made = client.post(API, {"village": world.LIUGOU, "start": "outline"}, "application/json")
    assert made.status_code == (404 if who else 403)
    assert pens[0].drawing.revision == 0
    assert Drawing.objects.count() == 1


def test_outsiders_see_nothing_of_a_drawing_anywhere(pens, as_user):
    pens[0].send("set", zones=[1], label="SECRETLABEL")
    for who in ("villager", "township", None):
        client = as_user(who)
        for address in (f"/villages/{world.LIUGOU}/", "/api/v1/plans/", f"/api/v1/villages/{world.LIUGOU}/"):
            text = client.get(address).content.decode()
            assert pens[0].id not in text
            assert "SECRETLABEL" not in text


# --- put away, handed in


def test_a_drawing_put_away_takes_no_steps_until_it_is_reopened(pens):
    planner, _ = pens
    assert planner.post("discard")["state"] == "discarded"
    assert planner.refused("set", 409, zones=[1], code="0301") == "state"
    assert planner.post("discard", 409)["code"] == "state"
    assert planner.post("reopen")["state"] == "open"
    planner.send("set", zones=[1], code="0301")
    verbs = list(AuditEntry.objects.filter(verb__startswith="drawing.").order_by("id").values_list("verb", flat=True))
    assert verbs == ["drawing.opened", "drawing.discarded", "drawing.reopened"]


def test_what_is_handed_in_goes_the_way_of_a_file_and_becomes_a_version(pens, run_jobs):
    planner, _ = pens
    planner.send("place", geometry=ring((2, 0.5), (4, 0.5), (4, 1.5), (2, 1.5)), code="070301", label="新")
    planner.send("project", name="道路硬化", budget_wan="12.50")
    answer = planner.post("hand-in", 202, revision=planner.revision, note="新村址")
    assert answer["url"].endswith(f"/uploads/{answer['upload']}/")
    assert planner.refused("set", 409, zones=[1], code="0301") == "state"
    run_jobs()
    upload = Upload.objects.get(pk=answer["upload"])
    assert upload.state == "accepted", list(upload.issues.values_list("code", "params"))
    made = PlanVersion.objects.get(pk=upload.result["version"])
    assert (made.number, made.note, made.based_on.number) == (2, "新村址", 1)
    areas = planner.areas()
    assert dict(made.zones.values_list("number", "area_m2")) == pytest.approx(areas, rel=1e-9)
    assert list(made.projects.values_list("name", flat=True)) == ["村卫生所改造", "道路硬化"]
    assert planner.post("reopen", 409)["code"] == "state"
    assert planner.look()["newer"] is None


def test_a_check_alone_keeps_the_drawing_open(pens, run_jobs):
    planner, _ = pens
    answer = planner.post("hand-in", 202, revision=0, check_only=True)
    run_jobs()
    assert Upload.objects.get(pk=answer["upload"]).result["checked_only"]
    assert PlanVersion.objects.count() == 1
    planner.send("set", zones=[1], code="0301")


def test_zones_without_a_class_cannot_be_handed_in(village, as_user):
    pen = begin(as_user("planner"), "outline")
    pen.send("split", zone=1, line=line((5, -1), (5, 11)))
    error = pen.post("hand-in", 400, revision=1)
    assert (error["code"], error["data"]["zones"]) == ("no_class", [1, 2])
    assert not Upload.objects.exists()


def test_a_drawing_that_changed_since_it_was_looked_at_is_not_handed_in(pens):
    planner, committee = pens
    committee.send("set", zones=[1], code="0301")
    assert planner.post("hand-in", 409, revision=planner.revision)["code"] == "changed_meanwhile"


def test_a_refused_drawing_is_reopened_and_drawn_on(pens, run_jobs, village):
    planner, _ = pens
    answer = planner.post("hand-in", 202, revision=0)
    assert planner.post("reopen", 409)["code"] == "state"  # it is being checked
    Upload.objects.filter(pk=answer["upload"]).update(state="refused", result={})
    assert planner.post("reopen")["state"] == "open"
    planner.send("set", zones=[1], code="0301")


def test_a_version_stored_meanwhile_is_told_and_asked_about(pens, run_jobs, cast, village):
    planner, _ = pens
    world.make_version(village, by=cast.committee)
    assert planner.look()["newer"]["number"] == 2
    answer = planner.post("hand-in", 202, revision=0)
    run_jobs()
    upload = Upload.objects.get(pk=answer["upload"])
    assert upload.result["overtaken"]["number"] == 2
    assert PlanVersion.objects.count() == 2
    assert planner.post("reopen")["state"] == "open"


def unchanged(client, village, version, run_jobs) -> PlanVersion:
    """A version opened and handed in as it is."""
    body = {"village": village.code, "start": "version", "version": version.pk}
    made = client.post(API, json.dumps(body), "application/json")
    assert made.status_code == 201, made.content
    answer = client.post(f"{API}{made.json()['id']}/hand-in/", {"revision": 0}, "application/json").json()
    run_jobs()
    upload = Upload.objects.get(pk=answer["upload"])
    assert upload.state == "accepted", list(upload.issues.values_list("code", "params"))
    return PlanVersion.objects.get(pk=upload.result["version"])


def test_a_version_handed_in_unchanged_is_the_same_plan(full_file, village, as_user, run_jobs):  # noqa: F811
    first = imports.import_plan(full_file, name="full.gpkg", village=village).version
    second = unchanged(as_user("planner"), village, first, run_jobs)
    assert (second.digest, second.layout) == (first.digest, first.layout)
    assert content(second) == content(first)
    assert second.features.count() == first.features.count() == 2


@pytest.mark.parametrize("name", ["L0309", "U0209"])
def test_a_real_plan_handed_in_unchanged_is_the_same_plan(name, taiwan, shared_data, cast, as_user, run_jobs):  # noqa: F811
    """Real zones, whose coordinates have all the digits of a double; rules as lenient as those they were stored with."""
    source = shared_data / "zoning_taiwan" / f"{name}.json"
    first = imports.import_plan(source, name=source.name, village=taiwan, profile="taiwan").version
    rules = {**profiles.by_name(profiles.DEFAULT).content, "rules": profiles.by_name("taiwan").rules}
    profiles.save(name=profiles.DEFAULT, title="lenient", content=rules, by=None)
    Membership.objects.create(user=cast.planner, role=Role.PLANNER, division_code=taiwan.code)
    second = unchanged(as_user("planner"), taiwan, first, run_jobs)
    assert (second.digest, second.layout) == (first.digest, first.layout)


def test_many_steps_through_the_api_and_back_leave_every_byte(version, as_user):
    """A day's work of two people, then all of it undone."""
    pen = begin(as_user("planner"), version=version.pk)
    rows = {zone.number: (zone.code, zone.label, zone.geom.wkb) for zone in pen.drawing.zones.all()}
    dice = random.Random(6)
    made = 0
    for turn in range(40):
        col, row = dice.uniform(0, 9), dice.uniform(0, 9)
        number = dice.choice(sorted(pen.areas()))
        kind, body = dice.choice(
            [
                ("place", {"geometry": ring((col, row), (col + 1, row), (col + 0.5, row + 1.2)), "code": "0301"}),
                ("split", {"zone": number, "line": line((col, -1), (col + 0.3, 11))}),
                ("delete", {"zone": number}),
                ("set", {"zones": [number], "code": "0201"}),
                ("undo", {}),
                ("redo", {}),
            ]
        )
        body = {"revision": pen.revision, "key": f"d{turn}", "kind": kind, **body}
        answer = pen.client.post(f"{API}{pen.id}/steps/", json.dumps(body), "application/json")
        assert answer.status_code in (200, 400), answer.content
        if answer.status_code == 200:
            pen.revision, made = answer.json()["revision"], made + 1
            whole(pen)
    assert made > 25
    while pen.look()["undo"]:
        pen.send("undo")
    back = {zone.number: (zone.code, zone.label, zone.geom.wkb) for zone in pen.drawing.zones.all()}
    assert back == rows


def test_nobody_else_begins_a_drawing_by_whatever_way(pens, village, cast):
    with pytest.raises(NotAllowed):
        drawings.begin(village, by=cast.township, start="outline")
    body = {"revision": 0, "key": "a", "kind": "set", "zones": [1], "code": "0301"}
    with pytest.raises(Http404):
        drawing_steps.take(pens[0].id, by=cast.township, body=body)


def test_a_drawing_has_a_limit_of_zones(pens, monkeypatch, as_user):
    monkeypatch.setattr(drawing_kinds, "MAX_ZONES", 10)
    assert pens[0].refused("split", zone=2, line=line((2.5, 0.5), (2.5, 2.5))) == "too_many"
    assert len(pens[0].areas()) == 10
    monkeypatch.setattr(drawings, "MAX_ZONES", 50)
    body = {"village": world.LIUGOU, "start": "parcels"}
    answer = as_user("planner").post(API, body, "application/json")
    assert answer.json()["error"]["code"] == "too_many"


def test_a_plan_drawn_from_the_land_as_it_is_passes_the_check(village, as_user, run_jobs):
    """Zones without a label, split ones, a hole, a road across the village: none is a fault of the file."""
    pen = begin(as_user("committee"), "parcels")
    pen.send("place", geometry=ring((0, 4.2), (10, 4.7), (10, 4.75), (0, 4.25)), code="1207")
    pen.send("place", geometry=ring((2.2, 0.2), (2.8, 0.2), (2.8, 0.8)), code="0301", label="新")
    pen.send("split", zone=12, line=line((1.3, 0.5), (1.6, 2.5)))
    pen.send("move", moves=[[at(6, 6), at(6.2, 6.3)]])
    whole(pen)
    answer = pen.post("hand-in", 202, revision=pen.revision)
    run_jobs()
    upload = Upload.objects.get(pk=answer["upload"])
    assert upload.state == "accepted", list(upload.issues.values_list("code", "level", "params"))
    assert {code[0] for code in upload.issues.values_list("code", flat=True)} <= {"L"}  # of the plan's content
    made = PlanVersion.objects.get(pk=upload.result["version"])
    assert (made.number, made.based_on) == (1, None)


def test_parcels_that_cross_themselves_are_named_and_not_opened(village, as_user):
    bow = "MULTIPOLYGON(((116.8 36.1, 116.801 36.101, 116.801 36.1, 116.8 36.101, 116.8 36.1)))"
    village.parcels.filter(number=7).update(geom=GEOSGeometry(bow, srid=4490))
    answer = as_user("planner").post(API, {"village": world.LIUGOU, "start": "parcels"}, "application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_shape")
    assert not Drawing.objects.exists()
