"""Comparing versions through the page, the API and the section of a case; and digests that follow from the rows."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from planning import comparing, frozen, profiles, writing, zone_changes
from planning.judging import Draft, Features
from planning.models import PlanVersion
from planning.views.comparing import section
from portal.geo import crs
from tests import world
from tests.grid import cell, geos
from tests.planning.test_import_real_plans import PROFILE
from tests.planning.test_pages_upload import good_file, judged
from tests.rows import shared
from villages.models import Village

FIELD, HOME = "0102", "070301"


def changed_rows() -> list[str]:
    """Row 1 becomes forest; the rest stays."""
    rows = world.plan_rows()
    rows[0] = "0301"
    return rows


@shared
def second(public_version, village, cast) -> PlanVersion:
    """A draft after the version in notice: zone 1 has another class."""
    return world.make_version(village, by=cast.planner, rows=changed_rows())


def address(version: PlanVersion, **query: str) -> str:
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/versions/{version.pk}/compare/" + (f"?{text}" if text else "")


def test_the_page_says_in_plain_words_what_becomes_of_which_land(second, as_user):
    client = as_user("planner")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(address(second))
    assert page.status_code == 200
    html = page.content.decode()
    ha = crs.area_m2([cell(0, 0, 10, 1)])[0] / 10_000
    assert f"{ha:.2f} ha ({ha * 15:.1f} mu) of Irrigated dry field become Arbor forest" in html
    assert page.context["unchanged"] == 9
    assert [row["fate"] for row in page.context["rows"]] == ["recoded"]


def test_margins_of_the_table_are_the_areas_of_the_classes(second, as_user, public_version):
    totals = {row["code"]: row for row in as_user("planner").get(address(second)).context["totals"]}
    for version, side in ((public_version, "before"), (second, "after")):
        for code in {z.code for z in version.zones.all()}:
            stored = sum(z.area_m2 for z in version.zones.filter(code=code))
            assert totals[code][side] == pytest.approx(stored, abs=0.1)


def test_a_draft_is_compared_only_by_those_who_see_it(second, public_version, as_user):
    assert as_user("planner").get(address(second)).status_code == 200
    for client in (as_user(), as_user("villager"), as_user("other_committee"), as_user("stranger")):
        assert client.get(address(second)).status_code == 404
        assert client.get(address(public_version, **{"with": second.pk})).status_code == 404
        assert client.get(f"/api/v1/versions/{second.pk}/compare/").status_code == 404
        assert client.get(f"/api/v1/versions/{public_version.pk}/compare/?with={second.pk}").status_code == 404
        assert client.get(f"/api/v1/versions/{second.pk}/digest/").status_code == 404
        page = client.get(address(public_version))
        assert page.status_code == 200
        assert second.pk not in page.content.decode()


def test_a_version_of_another_plan_is_nothing_to_compare_with(second, cast, as_user):
    foreign = world.make_version(world.make_village(world.OTHER, col=20), by=cast.other_committee)
    assert as_user("township").get(address(second, **{"with": foreign.pk})).status_code == 404
    assert as_user("township").get(address(second, **{"with": "no-such-id"})).status_code == 404
    assert as_user("township").get(address(second, **{"with": second.pk})).status_code == 404


def test_the_first_version_says_that_there_is_nothing_before_it(public_version, as_user):
    page = as_user().get(address(public_version))
    assert page.status_code == 200
    assert "old" not in page.context or not page.context["old"]
    assert as_user().get(f"/api/v1/versions/{public_version.pk}/compare/").status_code == 404


def test_older_and_newer_are_told_apart_whichever_page_was_opened(second, public_version, as_user):
    page = as_user("planner").get(address(public_version, **{"with": second.pk}))
    assert (page.context["old"].pk, page.context["new"].pk) == (public_version.pk, second.pk)


def test_one_zone_can_be_asked_for(second, as_user):
    client = as_user("planner")
    assert len(client.get(address(second, zone="1")).context["rows"]) == 1
    assert client.get(address(second, zone="2")).context["rows"] == []
    assert client.get(address(second, zone="²")).context["rows"] == []
    assert client.get(address(second, gone="9" * 30)).context["rows"] == []


def test_the_api_tells_the_same_page_by_page(second, as_user):
    client = as_user("planner")
    first = client.get(f"/api/v1/versions/{second.pk}/compare/?page_size=4").json()
    assert first["counts"] == {"recoded": 1, "moved": 0, "split": 0, "merged": 0, "gone": 0, "new": 0, "same": 9}
    [change, *_same] = first["results"]
    assert (change["fate"], change["old"], change["new"]) == ("recoded", [1], [1])
    assert change["land"][0]["before"] == FIELD
    assert "水浇地" in change["sentences"][0]
    count, link = len(first["results"]), first["next"]
    while link:
        page = client.get(link).json()
        count, link = count + len(page["results"]), page["next"]
    assert count == 10
    before = {}
    for row in first["matrix"]:
        before[row["before"]] = before.get(row["before"], 0) + row["area_m2"]
    assert before[FIELD] == pytest.approx(crs.area_m2([cell(0, 0, 10, 5)])[0], rel=1e-6)


def test_the_api_refuses_parameters_it_does_not_know(second, as_user):
    client = as_user("planner")
    assert client.get(f"/api/v1/versions/{second.pk}/compare/?mit=1").status_code == 400
    assert client.get(f"/api/v1/versions/{second.pk}/compare/?cursor=x").status_code == 400


def test_the_case_says_how_much_changed(second, public_version, cast):
    said = section(second, cast.planner)["compare"]
    assert said["count"] == 1
    assert "1" in said["sentence"]
    assert section(public_version, cast.planner) == {"compare": None}


def test_what_was_compared_once_is_not_computed_again(second, public_version, django_assert_num_queries):
    comparing.compare(public_version, second)
    with django_assert_num_queries(0):
        again = comparing.compare(public_version, second)
    assert comparing.counts(again)["recoded"] == 1


# --- digests


@pytest.fixture
def stored(village, as_user, run_jobs) -> PlanVersion:
    return PlanVersion.objects.get(pk=judged(as_user("planner"), good_file(), run_jobs).result["version"])


def verified(**options) -> str:
    out = io.StringIO()
    call_command("verify_versions", stdout=out, **options)
    return out.getvalue()


def test_an_imported_version_is_what_was_frozen(stored, as_user):
    assert "0 differ" in verified()
    said = as_user("planner").get(f"/api/v1/versions/{stored.pk}/digest/").json()
    assert said == {"digest": stored.digest, "recomputed": stored.digest, "equal": True}


def test_projects_and_other_layers_belong_to_the_digest(village, cast):
    draft = Draft(
        codes=[HOME], geoms=shapely.multipolygons([[cell(0, 0).geoms[0]]]), labels=["a" * 60], areas=[12.5],
        remarks=["备注"], file_codes=["1104K"], attributes=[{"x": 0.1, "y": 3, "z": "字"}],
        projects=[{
            "name": "路", "kind": "", "budget_wan": None, "funding_source": "", "starts_in": 2026, "ends_in": None,
            "state": "proposed", "remark": "", "geom": shapely.Point(116.8, 36.1),
        }],
        features=[
            Features("ZZ", [{"a": 1.0, "b": None, "c": "字"}], shapely.points([[116.8, 36.1]])),
            Features("AA", [{"d": 2.5}], shapely.points([[116.8, 36.1]])),
            Features("EMPTY", [], np.array([], dtype=object)),
        ],
    )  # fmt: skip
    writing.write(draft, village, by=cast.planner)
    assert "0 differ" in verified(village=village.code)


def behind_the_portal(change: str, version: PlanVersion) -> None:
    table = change.split()[1]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(change, [version.pk])
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_a_version_frozen_before_words_were_part_of_the_digest_still_holds(stored, as_user):
    earlier = writing.digest_of(frozen.draft_of_rows(stored), edition=1)
    behind_the_portal(f"UPDATE planning_planversion SET digest = '{earlier}' WHERE id = %s", stored)
    assert earlier != stored.digest
    assert "0 differ" in verified()


@pytest.mark.parametrize(
    "change",
    [
        "code = '0301'",
        "label = 'x'",
        "remark = 'x'",
        "attributes = '{\"a\": 1}'",
    ],
)
def test_a_row_changed_behind_the_portal_is_found(stored, as_user, change):
    behind_the_portal(f"UPDATE planning_zone SET {change} WHERE version_id = %s AND number = 3", stored)
    with pytest.raises(CommandError):
        verified()
    assert as_user("planner").get(f"/api/v1/versions/{stored.pk}/digest/").json()["equal"] is False


# --- real data: statutory plans as they were published, and one as a planner might have revised it


@shared
def taiwan(db) -> Village:
    world.make_divisions()
    profiles.save(name="taiwan", title="台湾都市计划使用分区", content=json.loads(PROFILE.read_text("utf-8")), by=None)
    shape = shapely.MultiPolygon([shapely.box(119.9, 21.8, 122.1, 25.4)])
    return Village.objects.create(division_id=world.FAR, short_name="瑞穗", geom=geos(shape), source="test")


def zones_of_plan(path: Path) -> zone_changes.Zones:
    call_command("import_plan", str(path), "--village", world.FAR, "--profile", "taiwan", "--json")
    return comparing.zones_of(PlanVersion.objects.order_by("number").last())


def test_a_real_plan_against_a_revision_finds_what_was_done_and_nothing_else(taiwan, shared_data, capsys):
    old = zones_of_plan(shared_data / "zoning_taiwan" / "U0210.json")
    assert "0 differ" in verified()
    area = crs.area_m2(old.geoms)
    [recoded, divided] = [int(row) for row in area.argsort()[-2:]]
    west, south, east, north = shapely.bounds(old.geoms[divided])
    halves = [
        shapely.intersection(old.geoms[divided], box)
        for box in (
            shapely.box(west, south, (west + east) / 2, north),
            shapely.box((west + east) / 2, south, east, north),
        )
    ]
    geoms, codes = list(old.geoms), list(old.codes)
    codes[recoded] = next(code for code in codes if code != codes[recoded])
    geoms[divided] = halves[0]
    new = zone_changes.Zones(
        [*old.numbers, len(geoms) + 1], [*codes, codes[divided]], np.array([*geoms, halves[1]], dtype=object)
    )
    found = zone_changes.compare(old, new)
    told = {c.fate: c for c in comparing.changed(found)}
    assert set(told) == {"recoded", "split"}
    assert told["recoded"].old == [old.numbers[recoded]]
    assert told["recoded"].land[0][2] == pytest.approx(area[recoded])
    assert (told["split"].old, told["split"].new) == ([old.numbers[divided]], [old.numbers[divided], len(geoms) + 1])
    assert sum(m2 for _a, _b, m2 in found.matrix) == pytest.approx(area.sum(), rel=1e-9)


def test_two_real_plans_of_neighbouring_towns_share_no_zone(taiwan, shared_data, capsys):
    one = zones_of_plan(shared_data / "zoning_taiwan" / "U0210.json")
    other = zones_of_plan(shared_data / "zoning_taiwan" / "U0209.json")
    found = zone_changes.compare(one, other)
    kept = {"same", "recoded", "moved", "split", "merged"}
    assert not {c.fate for c in found.changes} & kept
    assert len(found.changes) == len(one.numbers) + len(other.numbers)
