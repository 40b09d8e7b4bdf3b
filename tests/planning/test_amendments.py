"""Amendments: the shortest procedure a changed plan may take is judged by what its zones differ in."""

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from planning import amendments, workflow
from planning.models import PlanVersion, State, Track, WorkflowRule, Zone
from portal.errors import Conflict, NotAllowed
from tests import world
from tests.grid import cell, geos
from tests.rows import shared
from villages.models import Village

# rows 0-3 of the test village lie on permanent farmland, the west half of rows 5 and 6 inside the ecological line
FARMLAND, FREE = 1, 10


@shared
def in_force(version):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )
    return world.advance(version, "in_force")


def amended(village, by, **rows: str) -> PlanVersion:
    """The next version: as the plan in force, but zone n<number> has another class."""
    planned = world.plan_rows()
    for name, code in rows.items():
        planned[int(name.removeprefix("n")) - 1] = code
    version = world.make_version(village, rows=planned, by=by)
    PlanVersion.objects.filter(pk=version.pk).update(checked_at=timezone.now())
    return PlanVersion.objects.with_plan().get(pk=version.pk)


def redrawn(village, by, last_rows: float) -> PlanVersion:
    """The next version with the border between the zones 9 and 10 moved to `last_rows` rows from the north end."""
    last = village.plans.get().versions.order_by("number").last()
    version = PlanVersion.objects.create(plan=last.plan, number=last.number + 1, created_by=by)
    for zone in last.zones.all():
        geom = zone.geom
        if zone.number == 9:
            geom = geos(cell(0, 8, 10, 2 - last_rows))
        elif zone.number == 10:
            geom = geos(cell(0, 10 - last_rows, 10, last_rows))
        Zone.objects.create(version=version, number=zone.number, code=zone.code, label=zone.label, geom=geom)
    version.digest = version.layout = "e" * 64
    version.save(update_fields=["digest", "layout"])
    return PlanVersion.objects.with_plan().get(pk=version.pk)


def test_a_first_plan_takes_the_whole_procedure(version):
    assert amendments.least_track(version).track == Track.FULL


def test_a_plan_with_the_same_zones_is_maintenance(in_force, village, cast):
    version = amended(village, cast.planner)
    found = amendments.least_track(version)
    assert (found.track, found.moved_m2) == (Track.MAINTENANCE, 0)


def test_another_class_on_free_land_is_a_local_adjustment_of_that_area(in_force, village, cast):
    version = amended(village, cast.planner, n10="1001")
    found = amendments.least_track(version)
    assert found.track == Track.LOCAL
    assert found.moved_m2 == pytest.approx(version.zones.get(number=10).area_m2, rel=1e-6)


@pytest.mark.parametrize(("zone", "line"), [("n1", "Permanent basic farmland"), ("n6", "Ecological red line")])
def test_another_class_inside_a_binding_line_is_a_major_amendment(zone, line, in_force, village, cast):
    version = amended(village, cast.planner, **{zone: "1001"})
    with translation.override("en"):
        found = amendments.least_track(version)
    assert found.track == Track.FULL
    assert line in found.why


def test_a_line_that_is_not_valid_any_more_does_not_bind(in_force, village, cast):
    village.control_lines.filter(kind="YJJBNT").update(valid_to="2023-01-01")
    assert amendments.least_track(amended(village, cast.planner, n1="1001")).track == Track.LOCAL


def test_a_border_moved_by_a_finger_is_fitted_and_one_moved_by_a_metre_is_not(in_force, village, cast):
    fitted = redrawn(village, cast.planner, 1 + 1e-6)  # a tenth of a millimetre over nine hundred metres
    found = amendments.least_track(fitted)
    assert (found.track, found.moved_m2 < 1) == (Track.MAINTENANCE, True)
    moved = redrawn(village, cast.planner, 1.01)
    found = amendments.least_track(moved)
    assert found.track == Track.LOCAL
    assert 900 < found.moved_m2 < 1200  # 1.1 m by 900 m


def test_zones_that_are_only_divided_change_no_land(in_force, village, cast):
    version = redrawn(village, cast.planner, 1)
    assert amendments.least_track(version).track == Track.MAINTENANCE


def test_another_type_of_the_village_is_a_major_amendment(in_force, village, cast):
    Village.objects.filter(pk=village.pk).update(type="TSBH")
    version = amended(village, cast.planner)
    assert amendments.least_track(version).track == Track.FULL


def choose(client, version, track):
    return client.post(f"/api/v1/versions/{version.pk}/track/", {"track": track}, content_type="application/json")


def test_a_shorter_procedure_than_the_differences_ask_for_is_refused_with_the_reason(in_force, village, as_user, cast):
    version = amended(village, cast.planner, n1="1001")
    answer = choose(as_user("planner"), version, "local")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "track_too_short")
    assert answer.json()["error"]["data"] == {"least": "full"}
    version.refresh_from_db()
    assert (version.track, version.amends) == ("full", None)
    version = amended(village, cast.planner, n10="1001")
    assert choose(as_user("planner"), version, "maintenance").status_code == 409
    told = choose(as_user("planner"), version, "local").json()
    assert (told["track"], told["amends"], told["least"]) == ("local", in_force.pk, "local")


def test_the_gate_refuses_what_the_database_was_told_by_hand(in_force, village, cast):
    version = amended(village, cast.planner, n1="1001")
    PlanVersion.objects.filter(pk=version.pk).update(track="maintenance", amends=in_force)
    with translation.override("en"), pytest.raises(Conflict) as caught:
        workflow.move(version, "open_notice", by=cast.township)
    assert "too short" in caught.value.data["missing"][-1]
    same = amended(village, cast.planner)
    PlanVersion.objects.filter(pk=same.pk).update(track="maintenance", amends=None)  # it names nothing that it amends
    with pytest.raises(Conflict):
        workflow.move(same, "open_notice", by=cast.township)


def test_without_a_plan_in_force_there_is_no_shorter_procedure(version, as_user):
    assert choose(as_user("planner"), version, "maintenance").status_code == 409


def test_the_procedure_is_chosen_only_while_the_version_is_a_draft(in_force, village, as_user, cast):
    version = amended(village, cast.planner)
    assert choose(as_user("planner"), version, "maintenance").status_code == 200
    workflow.move(version, "open_notice", by=cast.township)
    answer = choose(as_user("planner"), version, "full")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")


WHO = {
    "planner": 200, "committee": 200, "township": 200, "reviewer": 403, "leader": 403, "province": 403, "villager": 404,
    "other_committee": 404, "stranger": 404, "expert": 404,
}  # fmt: skip


@pytest.mark.parametrize("who", WHO)
def test_who_chooses_the_procedure(who, in_force, village, as_user, cast):
    assert choose(as_user(who), amended(village, cast.planner), "local").status_code == WHO[who]


def test_a_local_adjustment_goes_its_shorter_way_and_takes_the_place_of_the_plan_in_force(
    in_force, village, cast, settings
):
    settings.DEMO = True  # where a notice may close early
    version = amendments.choose_track(amended(village, cast.planner, n10="1001"), "local", by=cast.committee)
    version = workflow.move(version, "to_assembly", by=cast.committee)
    world.hold_assembly(version)
    version = workflow.move(version, "open_notice", by=cast.township)
    version = workflow.move(version, "close_notice", by=cast.township)
    assert version.state == State.SUBMITTED
    world.write_decision(version)
    version = workflow.move(version, "approve", by=cast.reviewer)
    for step, by in (("publish", cast.township), ("file", cast.reviewer), ("enter_force", cast.reviewer)):
        version = workflow.move(version, step, by=by)
    in_force.refresh_from_db()
    assert (version.state, in_force.state) == (State.IN_FORCE, State.SUPERSEDED)


def test_a_notice_of_a_maintenance_is_as_long_as_its_procedure_says(in_force, village, cast):
    version = amendments.choose_track(amended(village, cast.planner), "maintenance", by=cast.planner)
    version = workflow.move(version, "open_notice", by=cast.township)
    assert (version.notice.closes_on - version.notice.opens_on).days == 7


def test_the_page_says_the_shortest_procedure_and_chooses_it(in_force, village, as_user, cast):
    version = amended(village, cast.planner, n10="1001")
    client, address = as_user("planner"), reverse("track", args=[version.pk])
    assert client.get(address).status_code == 200
    page = client.post(address, {"track": "maintenance"})
    assert page.status_code == 409
    assert "error-summary" in page.content.decode()
    assert client.post(address, {"track": "local"}).headers["Location"] == reverse("case", args=[version.pk])
    assert as_user("reviewer").get(address).status_code == 403


def test_somebody_without_the_right_is_refused_by_the_function_itself(in_force, village, cast):
    with pytest.raises(NotAllowed):
        amendments.choose_track(amended(village, cast.planner), "local", by=cast.leader)


def test_land_that_loses_its_zone_is_counted(in_force, village, cast):
    last = in_force.plan.versions.order_by("number").last()
    version = PlanVersion.objects.create(plan=last.plan, number=last.number + 1, created_by=cast.planner)
    for zone in last.zones.exclude(number=10):
        Zone.objects.create(version=version, number=zone.number, code=zone.code, geom=zone.geom)
    version.digest = version.layout = "d" * 64
    version.save(update_fields=["digest", "layout"])
    found = amendments.least_track(PlanVersion.objects.with_plan().get(pk=version.pk))
    assert (found.track, round(found.moved_m2)) == (Track.LOCAL, round(last.zones.get(number=10).area_m2))
