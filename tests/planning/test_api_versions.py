"""Plans and versions over the API: what they hold, who sees them, history, steps."""

import pytest
from shapely.geometry import shape

from planning import answers, participation
from planning.api import shapes
from planning.models import Finding, LandUseClass, PlanVersion, State, WorkflowRule
from portal.geo.crs import area_m2
from portal.models import AuditEntry
from tests import world
from tests.grid import cell, geos
from tests.rows import shared

pytestmark = pytest.mark.django_db

STAFF = {"planner", "committee", "township", "reviewer", "leader", "province"}
PARTS = (
    "",
    "zones/",
    "findings/",
    "projects/",
    "indicators/",
    "structure/",
    "comments/",
    "history/",
    "steps/",
    "tiles.json",
)


@shared
def finding(public_version) -> Finding:
    return Finding.objects.create(
        version=public_version, number=1, code="K1", severity="block", category="real", area_m2=5000,
        zone=public_version.zones.get(number=9), geom=geos(cell(0, 8)),
    )  # fmt: skip


def v(version: PlanVersion, part: str = "") -> str:
    return f"/api/v1/versions/{version.pk}/{part}"


@pytest.mark.parametrize("part", PARTS)
def test_a_draft_is_there_only_for_staff_of_its_division(part, version, as_user):
    for who in (*world.CAST, None):
        assert as_user(who).get(v(version, part)).status_code == (200 if who in STAFF else 404), who


@pytest.mark.parametrize("part", PARTS)
def test_what_was_opened_to_the_public_is_there_for_all(part, public_version, as_user):
    for who in (*world.CAST, None):
        assert as_user(who).get(v(public_version, part)).status_code == 200, who


def test_no_list_and_no_identify_gives_away_a_draft(version, as_user):
    place = "lon=116.8035&lat=36.1085"
    for who in ("other_committee", "villager", None):
        client = as_user(who)
        assert client.get("/api/v1/plans/").json()["results"] == []
        assert client.get(f"/api/v1/plans/{version.plan_id}/").status_code == 404
        assert client.get(f"{v(version, 'identify/')}?{place}").status_code == 404
        answer = client.get(f"/api/v1/identify/?{place}")
        assert answer.json()["version"] is None
        assert version.pk not in answer.content.decode()


def test_a_version_says_what_it_is_and_where_its_parts_are(public_version, client):
    body = client.get(v(public_version)).json()
    assert (body["id"], body["number"], body["state"], body["zones"]) == (public_version.pk, 1, "notice", 10)
    assert body["plan"]["village"] == {"code": world.LIUGOU, "name": "柳沟村"}
    assert body["notice"]["opens_on"] < body["notice"]["closes_on"]
    assert body["created_by"] == "周*"
    for name, address in body["links"].items():
        query = "?lon=116.8035&lat=36.1085" if name == "identify" else ""
        assert client.get(address + query).status_code == 200, name


def test_an_older_returned_version_stays_readable_and_a_new_draft_is_not_shown(public_version, village, cast, client):
    world.send_back(public_version, by=cast.reviewer, note="重做")
    world.make_version(village, by=cast.planner)
    body = client.get(f"/api/v1/plans/?village={world.LIUGOU}").json()["results"]
    assert [(x["number"], x["state"]) for x in body[0]["versions"]] == [(1, "returned")]
    assert client.get(f"/api/v1/plans/{public_version.plan_id}/").json() == body[0]


def test_plans_are_paged_by_village(client, cast):
    for n, code in enumerate((world.LIUGOU, world.OTHER, world.FAR)):
        world.publish(world.make_version(world.make_village(code, col=20 * n), by=cast.planner), by=None)
    first = client.get("/api/v1/plans/?page_size=2").json()
    second = client.get(first["next"]).json()
    codes = [p["village"]["code"] for p in first["results"] + second["results"]]
    assert codes == [world.LIUGOU, world.OTHER, world.FAR]
    assert second["next"] is None


def test_zones_carry_code_name_colour_and_the_area_of_their_geometry(public_version, client):
    answer = client.get(v(public_version, "zones/"), {"page_size": 4})
    body = answer.json()
    assert [f["id"] for f in body["features"]] == [1, 2, 3, 4]
    p = body["features"][0]["properties"]
    assert set(p) == set(shapes.ZoneProperties().fields)
    assert set(body["features"][0]["geometry"]) == {"type", "coordinates"}
    assert (p["code"], p["name"], p["label"], p["colour"]) == ("0102", "水浇地", "Z1", "#F5F8DC")
    assert p["area_m2"] == pytest.approx(area_m2([shape(body["features"][0]["geometry"])])[0], rel=1e-6)
    english = client.get(v(public_version, "zones/"), headers={"Accept-Language": "en"}).json()
    assert english["features"][0]["properties"]["name"] == "Irrigated dry field"
    rest = client.get(client.get(body["next"]).json()["next"]).json()
    assert [f["id"] for f in rest["features"]] == [9, 10]
    assert rest["next"] is None


def test_findings_name_their_check_its_law_and_the_zone(finding, public_version, client):
    (feature,) = client.get(v(public_version, "findings/")).json()["features"]
    p = feature["properties"]
    assert set(p) == set(shapes.FindingProperties().fields)
    assert (p["code"], p["zone"], p["severity"], p["category"]) == ("K1", 9, "block", "real")
    assert "土地管理法" in p["law"]
    assert p["name"] != "K1"


def test_projects_are_features_and_one_without_a_place_has_no_geometry(version, village, as_user):
    body = as_user("planner").get(v(version, "projects/")).json()
    assert set(body["features"][0]["properties"]) == set(shapes.ProjectProperties().fields)
    assert body["features"][0]["properties"]["budget_wan"] == 35
    assert body["features"][0]["geometry"]["type"] == "Point"


def test_the_classes_are_all_there_with_their_colours(client):
    rows = client.get("/api/v1/land-use-classes/").json()["results"]
    assert len(rows) == LandUseClass.objects.count() >= 175
    homestead = next(r for r in rows if r["code"] == "0703")
    assert (homestead["name"], homestead["big_class"], homestead["colour"]) == ("农村宅基地", "construction", "#FFD380")


def test_names_are_masked_for_all_but_staff_of_the_division(public_version, cast, as_user):
    comment = participation.post_comment(public_version, by=cast.villager, text="路太窄")
    answers.answer(comment, by=cast.committee, text="改", adoption="adopted")
    for who in (*world.CAST, None):
        client = as_user(who)
        texts = client.get(v(public_version, "comments/")).content.decode()
        texts += (
            client.get(v(public_version, "history/")).content.decode() + client.get(v(public_version)).content.decode()
        )
        for name in ("潮泉镇", "周工", "柳沟村委会"):
            assert (name in texts) == (who in STAFF), (who, name)
        assert ("柳大爷" in texts) == (who in ("committee", "township")), who
        assert '"villager"' not in texts


def test_the_history_tells_steps_and_acts_with_values_for_staff_only(public_version, cast, as_user):
    world.send_back(public_version, by=cast.reviewer, note="压占永久基本农田")
    public = as_user().get(v(public_version, "history/")).json()
    assert [(s["name"], s["to_state"], s["note"]) for s in public["steps"][-2:]] == [
        ("open_notice", "notice", ""),
        ("return", "returned", "压占永久基本农田"),
    ]
    assert [a["verb"] for a in public["acts"][:3]] == ["version.return_listed", "version.return", "version.open_notice"]
    assert public["acts_total"] == len(public["steps"]) + 1 == 6
    assert all("after" not in act for act in public["acts"])
    staff = as_user("leader").get(v(public_version, "history/")).json()
    assert staff["acts"][1]["before"] == {"state": "notice"}
    assert staff["acts"][1]["by"] == "县审查员"


@pytest.mark.parametrize("who", [*world.CAST, None])
def test_a_step_is_made_only_by_the_role_of_the_table(who, version, as_user):
    version = world.hold_assembly(world.advance(version, "assembly")).version
    answer = as_user(who).post(v(version, "steps/"), {"name": "open_notice"}, "application/json")
    expected = 200 if who == "township" else 403 if who in STAFF else 404
    assert answer.status_code == expected, answer.content
    version.refresh_from_db()
    assert version.state == (State.NOTICE if expected == 200 else State.ASSEMBLY)


def test_a_step_that_lacks_something_is_409_and_says_what(public_version, as_user):
    client = as_user("township")
    answer = client.post(v(public_version, "steps/"), {"name": "close_notice"}, "application/json")
    assert answer.status_code == 409
    (missing,) = answer.json()["error"]["data"]["missing"]
    possible = client.get(v(public_version, "steps/")).json()
    assert [(s["name"], s["missing"]) for s in possible["allowed"]] == [("close_notice", [missing])]


def test_a_step_answers_the_version_as_it_is_now(public_version, as_user):
    client = as_user("reviewer")
    assert client.post(v(public_version, "steps/"), {"name": "return"}, "application/json").status_code == 400
    said = {"name": "return", "note": "重做", "points": [{"zone": 1, "text": "改为耕地"}]}
    body = client.post(v(public_version, "steps/"), said, "application/json").json()
    assert body["state"] == "returned"
    again = client.post(v(public_version, "steps/"), said, "application/json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "wrong_state")


@pytest.mark.parametrize("extra", [{"state": "approved"}, {"by": 1}, {"version": "x"}])
def test_nothing_else_can_be_written_with_a_step(extra, public_version, as_user):
    body = {"name": "return", "note": "重做", **extra}
    assert as_user("reviewer").post(v(public_version, "steps/"), body, "application/json").status_code == 400
    assert not AuditEntry.objects.filter(verb="version.return").exists()


def test_a_rule_of_the_county_shows_in_what_is_missing_and_only_the_demo_closes_a_notice_early(
    public_version, as_user, settings
):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )
    for demo in (True, False):
        settings.DEMO = demo
        possible = as_user("township").get(v(public_version, "steps/")).json()
        assert (possible["allowed"][0]["missing"] == []) is demo


def test_lists_are_read_with_a_fixed_number_of_queries(public_version, cast, client, django_assert_max_num_queries):
    for n in range(12):
        comment = participation.post_comment(public_version, by=cast.villager, text=f"意见{n}")
        answers.answer(comment, by=cast.committee, text="答", adoption="explained")
    # beside them: versions their zones may have followed into, photos, supports, roles, how many wait for a look
    with django_assert_max_num_queries(10):
        client.get(v(public_version, "comments/"))
    with django_assert_max_num_queries(2):
        client.get(v(public_version, "zones/"))
    with django_assert_max_num_queries(5):
        client.get(v(public_version, "history/"))
