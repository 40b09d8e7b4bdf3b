"""What lies in a view of the map, counted and measured; and the zones somebody looks for."""

import pytest
from pyproj import Geod

from planning import participation
from planning.models import Finding
from tests import world
from tests.grid import SOUTH, STEP, WEST, cell, geos

pytestmark = pytest.mark.django_db
GEOD = Geod(a=6378137, rf=298.257222101)


def box(col, row, cols, rows):
    west, south = WEST + col * STEP, SOUTH + row * STEP
    return f"{west},{south},{west + cols * STEP},{south + rows * STEP}"


def area_of(col, row, cols=1, rows=1):
    """Of a rectangle of the grid whose sides follow the parallels."""
    ring = [(WEST + (col + c * cols / 50) * STEP, SOUTH + row * STEP) for c in range(51)]
    ring += [(WEST + (col + cols - c * cols / 50) * STEP, SOUTH + (row + rows) * STEP) for c in range(51)]
    return abs(GEOD.polygon_area_perimeter(*zip(*ring, strict=True))[0])


def legend_of(client, version, bbox=None):
    return client.get(f"/api/v1/versions/{version.pk}/legend/", {"bbox": bbox} if bbox else {})


def rows_of(answer, layer="plan", key="code"):
    return {row[key]: (row["count"], row["area_m2"]) for row in answer.json()[layer]}


def test_without_a_view_everything_is_counted(public_version, as_user):
    answer = legend_of(as_user("planner"), public_version)
    plan = rows_of(answer)
    assert {code: count for code, (count, _m2) in plan.items()} == {"0102": 5, "0301": 2, "070301": 2, "1207": 1}
    total = sum(public_version.zones.values_list("area_m2", flat=True))
    assert sum(m2 for _count, m2 in plan.values()) == pytest.approx(total, abs=1e-6)
    assert rows_of(answer, "now")["0201"][0] == 10
    assert rows_of(answer, "lines", "kind")["YJJBNT"][0] == 1
    assert [(f["kind"], f["symbol"], f["count"]) for f in answer.json()["facilities"]] == [("11", "clinic", 1)]
    assert [(p["kind"], p["count"]) for p in answer.json()["projects"]] == [("公共服务", 1)]


def test_shapes_across_the_border_of_the_view_count_with_the_part_inside(public_version, as_user):
    answer = legend_of(as_user("planner"), public_version, box(2.5, 7.5, 3, 1))
    plan = rows_of(answer)
    assert set(plan) == {"070301"}
    count, m2 = plan["070301"]
    assert count == 2
    assert m2 == pytest.approx(area_of(2.5, 7.5, 3, 1), rel=1e-6)
    now = rows_of(answer, "now")
    assert (now["070301"][0], now["0201"][0]) == (4, 4)
    assert now["0201"][1] == pytest.approx(
        area_of(2.5, 8, 3, 0.5), rel=2e-6
    )  # sides of parcels run straight, 0.1 mm beside


def test_an_empty_view_has_nothing(public_version, client):
    assert legend_of(client, public_version, "0,0,1,1").json()["plan"] == []


def test_conflicts_and_comments_are_counted_where_they_are(public_version, cast, client):
    Finding.objects.create(
        version=public_version, number=1, code="K1", severity="block", category="real", area_m2=1, geom=geos(cell(3, 8))
    )
    participation.post_comment(public_version, by=cast.villager, text="路", zone=9)
    everything = legend_of(client, public_version).json()
    assert (everything["conflicts"], everything["comments"]) == (1, 1)
    elsewhere = legend_of(client, public_version, box(0, 0, 2, 2)).json()
    assert (elsewhere["conflicts"], elsewhere["comments"]) == (0, 0)


def test_base_data_is_for_whoever_may_see_it(public_version, as_user):
    seen, unseen = legend_of(as_user("committee"), public_version), legend_of(as_user(), public_version)
    for layer in ("now", "lines", "facilities"):
        assert seen.json()[layer]
        assert unseen.json()[layer] is None
    assert unseen.json()["plan"] == seen.json()["plan"]


def test_conflicts_of_households_are_counted_for_staff_only(public_version, as_user):
    Finding.objects.create(
        version=public_version, number=1, code="K9", severity="warn", category="real", area_m2=1, geom=geos(cell(3, 8))
    )
    assert legend_of(as_user("township"), public_version).json()["conflicts"] == 1
    assert legend_of(as_user(), public_version).json()["conflicts"] == 0


@pytest.mark.parametrize("what", ["legend", "matching"])
def test_a_draft_is_hidden_from_strangers(version, as_user, what):
    address = f"/api/v1/versions/{version.pk}/{what}/"
    assert as_user("planner").get(address).status_code == 200
    assert as_user("stranger").get(address).status_code == 404
    assert as_user().get(address).status_code == 404


@pytest.mark.parametrize("bbox", ["1,2,3", "3,2,1,4", "a,b,c,d", "nan,0,1,1", "0,0,inf,1", "0,0,1,91"])
def test_what_is_no_box_is_400(public_version, client, bbox):
    answer = client.get(f"/api/v1/versions/{public_version.pk}/legend/", {"bbox": bbox})
    assert answer.status_code == 400


def test_a_village_without_a_plan_has_a_legend_of_its_base_year(village, as_user):
    answer = as_user("committee").get(f"/api/v1/villages/{world.LIUGOU}/legend/", {"bbox": box(0, 8, 1, 1)})
    assert rows_of(answer, "now")["0201"][1] == pytest.approx(area_of(0, 8), rel=1e-5)
    assert answer.json()["plan"] is None
    assert as_user().get(f"/api/v1/villages/{world.LIUGOU}/legend/").json()["now"] is None
    assert as_user().get("/api/v1/villages/999999999999/legend/").status_code == 404


def test_names_are_in_the_readers_language(public_version, as_user):
    client = as_user("planner")
    address = f"/api/v1/versions/{public_version.pk}/legend/"
    zh = client.get(address, headers={"Accept-Language": "zh-hans"}).json()
    en = client.get(address, headers={"Accept-Language": "en"}).json()
    assert zh["plan"][0]["name"] == "水浇地"
    assert en["plan"][0]["name"] == "Irrigated dry field"
    assert en["facilities"][0]["name"] == "Clinic"


def find(client, version, **query):
    return client.get(f"/api/v1/versions/{version.pk}/matching/", query)


def test_zones_are_found_by_class_and_size(public_version, client):
    assert find(client, public_version).json()["count"] == 10
    fields = find(client, public_version, code="01").json()
    assert fields["numbers"] == [1, 2, 3, 4, 5]
    assert fields["zones"][0]["bbox"] == pytest.approx([WEST, SOUTH, WEST + 10 * STEP, SOUTH + STEP])
    least = sorted(public_version.zones.values_list("area_m2", flat=True))[6]
    assert find(client, public_version, least_m2=least).json()["count"] == 4
    assert find(client, public_version, most_m2=least).json()["count"] == 7
    for query in ({"code": "x"}, {"least_m2": -1}, {"state": "odd"}, {"colour": "red"}, {"most_m2": "nan"}):
        assert find(client, public_version, **query).status_code == 400, query


def test_zones_in_conflict_are_found_and_notes_are_none(public_version, client):
    for number, (zone, severity) in enumerate([(9, "block"), (3, "info")], 1):
        Finding.objects.create(
            version=public_version, number=number, code="K1", severity=severity, category="real", area_m2=1,
            zone=public_version.zones.get(number=zone), geom=geos(cell(3, zone - 1)),
        )  # fmt: skip
    assert find(client, public_version, state="conflict").json()["numbers"] == [9]


def test_a_zone_that_only_a_household_conflict_concerns_is_found_by_staff_only(public_version, as_user):
    Finding.objects.create(
        version=public_version, number=1, code="K9", severity="warn", category="real", area_m2=1,
        zone=public_version.zones.get(number=8), geom=geos(cell(3, 7)),
    )  # fmt: skip
    assert find(as_user("township"), public_version, state="conflict").json()["numbers"] == [8]
    assert find(as_user(), public_version, state="conflict").json()["numbers"] == []


def test_what_changes_is_told_to_whoever_may_see_the_base_data(public_version, as_user):
    assert find(as_user("committee"), public_version, state="changed").json()["numbers"] == [9]
    assert find(as_user(), public_version, state="changed").status_code == 403
