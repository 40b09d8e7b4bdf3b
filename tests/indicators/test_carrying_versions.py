"""Conflicts from computation to computation and from version to version, over real edits of a plan: a zone is moved, split,
merged, widened; exceptions hold as far as they go."""

import json
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from indicators import carrying, runs
from planning import waivers
from planning.models import Finding, Plan, PlanVersion, State, WorkflowRule, Zone
from tests import world
from tests.grid import cell, geos
from tests.rows import shared
from villages.models import ControlLine, Village

# The test village: rows 0-3 are permanent basic farmland, rows 7-8 lie within the construction boundary.
HOME = ("070301", "A")


def version_of(village: Village, *zones: tuple[str, str, Any], by: Any = None) -> PlanVersion:
    """A closed draft version with these zones: class, label, shape."""
    plan, _ = Plan.objects.get_or_create(village=village, defaults={"name": "柳沟村村庄规划"})
    version = PlanVersion.objects.create(plan=plan, number=plan.versions.count() + 1, created_by=by)
    Zone.objects.bulk_create(
        Zone(version=version, number=n, code=code, label=label, geom=geos(shape))
        for n, (code, label, shape) in enumerate(zones, 1)
    )
    version.digest = f"{version.pk:x<64}"
    version.save(update_fields=["digest"])
    return version


def judged(village: Village, *zones: tuple[str, str, Any], by: Any = None) -> PlanVersion:
    version = version_of(village, *zones, by=by)
    runs.judge(version)
    version.refresh_from_db()
    return version


def k1(version: PlanVersion) -> list[Finding]:
    return list(version.findings.filter(code="K1").select_related("zone"))


def changes(client: Client, version: PlanVersion) -> dict[str, Any]:
    return client.get(f"/api/v1/versions/{version.pk}/findings/changes/").json()


def of_k1(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [row["properties"] for row in answer["features"] if row["properties"]["code"] == "K1"]


def change_an_input(village: Village) -> None:
    """Something that alters digests and no conflict: a road-side line far away in the village."""
    ControlLine.objects.create(
        village=village, number=90, kind="STBHHX", geom=geos(cell(9, 9, 0.5, 0.5)), source=world.DRAWN
    )
    Village.objects.filter(pk=village.pk).update(revision=village.revision + 1)
    village.refresh_from_db()


def test_computing_again_keeps_names_and_a_first_version_has_nothing_to_be_held_against(village, as_user):
    version = judged(village, (*HOME, cell(0, 0, 2, 1)), ("070301", "B", cell(5, 0, 2, 1)))
    before = {row.key: row.area_m2 for row in k1(version)}
    assert len(before) == 2
    assert {(row.carried, row.first_version) for row in k1(version)} == {("", 1)}
    change_an_input(village)
    runs.judge(version)
    assert version.runs.count() == 2
    assert {row.key: row.area_m2 for row in k1(version)} == before
    told = changes(as_user("planner"), version)
    assert (told["against"], told["features"]) == (None, [])


def test_a_zone_that_stays_is_still_there_and_one_that_moved_off_the_farmland_is_fixed(village, as_user):
    first = judged(village, (*HOME, cell(0, 0, 2, 1)), ("070301", "B", cell(5, 0, 2, 1)))
    # numbers shift by a new zone in front; A stays, B moves into the boundary, C is new on the farmland
    second = judged(
        village, ("0703", "C", cell(8, 2, 2, 1)), (*HOME, cell(0, 0, 2, 1)), ("070301", "B", cell(5, 7, 2, 1))
    )
    a, b = k1(first)
    new, still = k1(second)
    assert (new.zone.label, new.carried, new.first_version) == ("C", "new", 2)
    assert (still.zone.number, still.key, still.carried, still.first_version) == (2, a.key, "still", 1)
    assert still.carried_from == [a.key]
    told = changes(as_user("planner"), second)
    assert told["against"] == {"id": first.pk, "number": 1}
    assert [(row["key"], row["zone"]) for row in of_k1(told)] == [(b.key, 2)]
    assert told["counts"]["fixed"] == len(told["features"]) == carrying.fixed(second).count()
    assert told["counts"]["new"] == second.findings.filter(carried="new").count()


def test_both_halves_of_a_split_zone_go_on_from_it(village, as_user):
    first = judged(village, (*HOME, cell(0, 0, 4, 1)))
    second = judged(village, ("070301", "A1", cell(0, 0, 1, 1)), ("070301", "A2", cell(1, 0, 3, 1)))
    (whole,) = k1(first)
    small, large = k1(second)
    assert [row.carried for row in (small, large)] == ["still", "still"]
    assert small.carried_from == large.carried_from == [whole.key]
    assert len({small.key, large.key}) == 2
    assert whole.key in (small.key, large.key)
    assert not of_k1(changes(as_user("planner"), second))


def test_two_zones_made_one_are_one_conflict_that_both_went_into(village):
    first = judged(village, ("070301", "A1", cell(0, 0, 1, 1)), ("070301", "A2", cell(1, 0, 3, 1)))
    second = judged(village, (*HOME, cell(0, 0, 4, 1)))
    (one,) = k1(second)
    assert one.carried == "still"
    assert one.carried_from == sorted(row.key for row in k1(first))
    assert not carrying.fixed(second).filter(code="K1").exists()


def test_names_hold_over_three_versions_and_through_one_that_was_never_computed(village):
    first = judged(village, (*HOME, cell(0, 0, 2, 1)))
    version_of(village, (*HOME, cell(0, 0, 2, 1)))
    third = judged(village, (*HOME, cell(0.1, 0, 2, 1)))
    assert (k1(third)[0].key, k1(third)[0].first_version) == (k1(first)[0].key, 1)


def test_an_older_version_computed_later_is_taken_into_account(village):
    first = version_of(village, (*HOME, cell(0, 0, 2, 1)))
    second = judged(village, (*HOME, cell(0, 0, 2, 1)))
    assert k1(second)[0].carried == ""
    runs.judge(first)
    assert (k1(second)[0].carried, k1(second)[0].first_version) == ("still", 1)


def test_conflicts_from_before_they_had_names_are_named_when_a_newer_version_comes(village):
    first = judged(village, (*HOME, cell(0, 0, 2, 1)))
    first.findings.update(key="", found_as="", carried="", first_version=None)
    second = judged(village, (*HOME, cell(0, 0, 2, 1)))
    assert k1(second)[0].carried == "still"
    assert k1(second)[0].carried_from == [k1(first)[0].key]
    assert not carrying.fixed(second).filter(code="K1").exists()


# Exceptions


def granted(version: PlanVersion, cast: Any) -> str:
    row = k1(version)[0]
    document = ContentFile(b"%PDF-1.4 ", name="批复.pdf")
    waiver = waivers.propose(row, reason="省级重点项目", document=document, document_number="1号", by=cast.reviewer)
    return waivers.confirm(waiver, by=cast.leader).pk


def told_of(client: Client, version: PlanVersion) -> list[dict[str, Any]]:
    rows = client.get(f"/api/v1/versions/{version.pk}/findings/").json()["features"]
    return [row["properties"] for row in rows if row["properties"]["code"] == "K1"]


def test_an_exception_survives_computing_again_and_goes_on_into_the_next_version(village, cast, as_user):
    first = judged(village, (*HOME, cell(0, 0, 2, 1)))
    waiver = granted(first, cast)
    change_an_input(village)
    runs.judge(first)
    assert [(row.category, row.found_as, row.waiver_id) for row in k1(first)] == [("exception", "real", waiver)]
    second = judged(village, ("0703", "C", cell(8, 2, 2, 1)), (*HOME, cell(0, 0, 2, 1)))
    told = {row["zone"]: row for row in told_of(as_user("planner"), second)}
    assert (told[1]["category"], told[1]["waiver"]) == ("real", None)
    assert (told[2]["category"], told[2]["waiver"]["id"], told[2]["carried"]) == ("exception", waiver, "still")


@pytest.mark.parametrize(
    ("shape", "category"),
    [
        (cell(0, 0, 2, 1), "exception"),
        (cell(0, 0, 1, 1), "exception"),  # smaller: within what was granted
        (cell(0, 0, 2.0005, 1), "exception"),  # 5 m² beyond, of 20,000 m²
        (cell(0, 0, 2.1, 1), "real"),  # 1,000 m² beyond
        (cell(1, 0, 2, 1), "real"),  # half of it elsewhere
        (cell(5, 0, 2, 1), "real"),  # somewhere else altogether
    ],
)
def test_an_exception_goes_no_further_than_the_conflict_it_was_granted_for(shape, category, village, cast, as_user):
    waiver = granted(judged(village, (*HOME, cell(0, 0, 2, 1))), cast)
    second = judged(village, ("070301", "other label", shape))
    (told,) = told_of(as_user("planner"), second)
    assert told["category"] == category
    elsewhere = shape.bounds[0] > 116.804
    outgrown = {"waiver_outgrown": waiver, "waiver_why": "area"} if category == "real" and not elsewhere else {}
    assert {k: v for k, v in told["detail"].items() if k.startswith("waiver")} == outgrown


def test_how_far_beyond_is_a_rule_of_the_division(village, cast):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, exception_more_m2=5000, exception_more_percent=10, source="test",
        valid_from="2020-01-01",
    )  # fmt: skip
    granted(judged(village, (*HOME, cell(0, 0, 2, 1))), cast)
    second = judged(village, (*HOME, cell(0, 0, 2.1, 1)))
    assert k1(second)[0].category == "exception"


def test_an_exception_for_homes_is_none_for_a_factory_in_their_place(village, cast):
    waiver = granted(judged(village, (*HOME, cell(0, 0, 2, 1))), cast)
    second = judged(village, ("1001", "A", cell(0, 0, 2, 1)))
    (row,) = k1(second)
    assert (row.category, row.detail["waiver_outgrown"], row.detail["waiver_why"]) == ("real", waiver, "land_use")


def test_both_halves_of_a_zone_with_an_exception_are_covered(village, cast):
    waiver = granted(judged(village, (*HOME, cell(0, 0, 4, 1))), cast)
    second = judged(village, ("070301", "A1", cell(0, 0, 1, 1)), ("070301", "A2", cell(1, 0, 3, 1)))
    assert [(row.category, row.waiver_id) for row in k1(second)] == [("exception", waiver)] * 2


def test_what_outgrew_an_exception_may_be_given_another(village, cast):
    first = granted(judged(village, (*HOME, cell(0, 0, 2, 1))), cast)
    second = judged(village, (*HOME, cell(0, 0, 3, 1)))
    assert k1(second)[0].category == "real"
    waivers.withdraw(waivers.Waiver.objects.get(pk=first), by=cast.leader)
    assert granted(second, cast)
    assert (k1(second)[0].category, "waiver_outgrown" in k1(second)[0].detail) == ("exception", False)


def test_confirming_touches_no_version_that_is_decided(village, cast):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )
    first = judged(village, (*HOME, cell(0, 0, 2, 1)), by=cast.planner)
    world.send_back(world.publish(first, cast.township), by=cast.leader, note="退回")
    second = judged(village, (*HOME, cell(0, 0, 2, 1)), by=cast.planner)
    granted(second, cast)
    assert k1(first)[0].category == "real"
    assert k1(second)[0].category == "exception"
    assert PlanVersion.objects.get(pk=first.pk).state == State.RETURNED


def test_tiles_of_a_version_are_named_anew_when_an_exception_changes_a_category(village, cast, as_user):
    version = judged(village, (*HOME, cell(0, 0, 2, 1)))
    before = as_user("planner").get(f"/api/v1/versions/{version.pk}/tiles.json").json()["tiles"]
    granted(version, cast)
    assert as_user("planner").get(f"/api/v1/versions/{version.pk}/tiles.json").json()["tiles"] != before


# Findings without a place


@shared
def placeless(village, cast) -> PlanVersion:
    """A public version with findings that have neither zone nor shape, nor an area."""
    version = judged(village, (*HOME, cell(0, 0, 2, 1)), by=cast.planner)
    for number, (code, subject) in enumerate([("K9", "17"), ("K10", "4"), ("K99", "")], 90):
        Finding.objects.create(
            version=version, number=number, code=code, severity="warn", category="real", found_as="real", subject=subject,
            key=f"{code}-{number}", detail={"limit": 264.0}, area_m2=0,
        )  # fmt: skip
    return world.publish(version, cast.township)


PAGES = ["/versions/{}/", "/versions/{}/list/", "/versions/{}/review/", "/api/v1/versions/{}/findings/",
         "/api/v1/versions/{}/findings/changes/", "/api/v1/versions/{}/identify/?lon=116.805&lat=36.1005", "/desk/"]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_findings_without_a_place_break_no_page(address, placeless, as_user):
    for who in ("reviewer", "planner"):
        assert as_user(who).get(address.format(placeless.pk)).status_code == 200


def test_findings_without_a_place_break_no_tile(placeless, as_user):
    tiles = as_user().get(f"/api/v1/versions/{placeless.pk}/tiles.json").json()["tiles"][0]
    address = tiles.replace("{z}", "15").replace("{x}", "27015").replace("{y}", "12812")
    assert as_user().get(address).status_code in (200, 204)


def test_findings_without_a_place_are_listed_with_what_they_concern(placeless, as_user):
    rows = as_user("planner").get(f"/api/v1/versions/{placeless.pk}/findings/").json()["features"]
    found = {row["properties"]["number"]: row for row in rows}
    assert found[90]["geometry"] is None
    assert (found[90]["properties"]["zone"], found[90]["properties"]["subject"]) == (None, "17")
    number = found[90]["id"]
    document = ContentFile(b"%PDF-1.4 ", name="a.pdf")
    sent = {"reason": "继承", "document_number": "2号", "document": document}
    answer = as_user("reviewer").post(f"/api/v1/versions/{placeless.pk}/findings/{number}/waiver/", sent)
    assert (answer.status_code, answer.json()["subject"]) == (201, "17")


def test_what_names_a_household_is_for_staff_only(placeless, as_user):
    assert "K9-90" not in json.dumps(as_user().get(f"/api/v1/versions/{placeless.pk}/findings/").json())
