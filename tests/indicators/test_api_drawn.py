"""Checking one polygon while it is drawn, through the API: who may, what is refused and why, what is answered."""

import json

import pytest
import shapely
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from planning.models import Finding, PlanVersion, Zone
from portal.models import AuditEntry
from tests import world
from tests.grid import cell
from villages.models import Parcel

ADDRESS = f"/api/v1/villages/{world.LIUGOU}/check/"
MAY = ["planner", "committee", "township", "reviewer", "leader", "province"]
MAY_NOT = ["villager", "other_committee", "stranger", None]


def ask(client, geometry, code="0703", address=ADDRESS, **more):
    body = geometry if isinstance(geometry, str) else json.dumps({"geometry": geometry, "code": code, **more})
    return client.post(address, body, content_type="application/json")


def square(col=2, row=1, cols=1, rows=1):
    """Cells of the test village as GeoJSON; rows 0 to 3 are permanent basic farmland."""
    return json.loads(shapely.to_geojson(cell(col, row, cols, rows)))


def places(*corners):
    """Corners of the grid as longitude and latitude."""
    return [[round(116.80 + col * 0.001, 9), round(36.10 + row * 0.001, 9)] for col, row in corners]


def ring(*corners):
    """A polygon through corners of the grid, closed."""
    return {"type": "Polygon", "coordinates": [[*places(*corners), *places(corners[0])]]}


def refusal(answer, status=400):
    assert answer.status_code == status, answer.content
    return answer.json()["error"]


# --- who may


@pytest.mark.parametrize("who", MAY)
def test_staff_of_the_division_may_ask(village, as_user, who):
    assert ask(as_user(who), square()).status_code == 200


@pytest.mark.parametrize("who", MAY_NOT)
def test_control_lines_are_internal_so_others_are_told_that_there_is_nothing(village, as_user, who):
    answer = ask(as_user(who), square())
    assert answer.status_code == 404
    assert answer.content == ask(as_user(who), square(), address="/api/v1/villages/370983999999/check/").content


@pytest.mark.parametrize("who", MAY_NOT)
def test_what_is_wrong_with_a_polygon_is_no_way_to_learn_of_a_village(village, as_user, who):
    assert ask(as_user(who), {"type": "Point"}).status_code == 404


def test_in_the_demo_everybody_signed_in_may(village, as_user, settings):
    settings.DEMO = True
    assert ask(as_user("stranger"), square()).status_code == 200
    assert refusal(ask(as_user(), square()), 403)["message"]


def test_a_draft_is_compared_only_for_those_who_see_it(version, as_user, settings):
    assert ask(as_user("planner"), square(), version=version.pk).json()["zones"]
    settings.DEMO = True
    assert ask(as_user("stranger"), square(), version=version.pk).status_code == 404
    assert ask(as_user("planner"), square(), version="nothinghere1").status_code == 404


def test_a_version_of_another_village_is_none_of_this_one(version, as_user):
    other = world.make_version(world.make_village(world.OTHER, col=20))
    assert ask(as_user("reviewer"), square(), version=other.pk).status_code == 404


# --- what is answered


def test_a_homestead_on_farmland_is_told_in_words_numbers_and_shapes(version, as_user):
    answer = ask(as_user("planner"), square(), version=version.pk).json()
    found = {row["code"]: row for row in answer["conflicts"]}
    assert found["K1"]["severity"] == "block"
    assert found["K1"]["category"] == "real"
    assert found["K1"]["area_m2"] == pytest.approx(answer["area_m2"], rel=1e-6)
    assert found["K1"]["geometry"]["type"] == "MultiPolygon"
    assert all(found["K1"][name] for name in ("name", "category_text", "law", "action", "sentence"))
    assert [row["code"] for row in answer["now"]] == ["0102"]
    assert [row["number"] for row in answer["zones"]] == [2]
    assert answer["outside"] == {"area_m2": 0.0, "geometry": None}
    assert answer["version"] == version.pk
    assert answer["profiles"]


def test_the_answer_is_what_the_document_says(version, as_user):
    from indicators.api_drawn import Drawn

    answer = ask(as_user("planner"), square(9, 6, 2, 2), version=version.pk).json()
    assert answer["conflicts"]
    assert answer["outside"]["area_m2"] > 0
    said = Drawn(answer).data
    assert json.loads(json.dumps(said)) == answer


def test_the_words_are_in_the_readers_language(village, as_user):
    client = as_user("planner")
    body = json.dumps({"geometry": square(), "code": "0703"})
    english = client.post(ADDRESS, body, content_type="application/json", headers={"Accept-Language": "en"}).json()
    chinese = client.post(ADDRESS, body, content_type="application/json", headers={"Accept-Language": "zh"}).json()
    assert english["now"][0]["name"].isascii()
    assert not chinese["now"][0]["name"].isascii()
    assert english["conflicts"][0]["area_m2"] == chinese["conflicts"][0]["area_m2"]


def test_a_polygon_of_several_parts_with_a_hole(village, as_user):
    one, two = square(1, 1)["coordinates"][0], square(4, 1, 3, 3)["coordinates"][0]
    hole = square(5, 2)["coordinates"][0][0]
    answer = ask(as_user("planner"), {"type": "MultiPolygon", "coordinates": [one, [*two, hole]]})
    assert answer.status_code == 200
    alone = ask(as_user("planner"), square(1, 1)).json()["area_m2"]
    assert answer.json()["area_m2"] == pytest.approx(9 * alone, rel=1e-3)


def test_heights_are_left_out(village, as_user):
    shape = square()
    shape["coordinates"][0][0] = [[*place, 12.5] for place in shape["coordinates"][0][0]]
    assert ask(as_user("planner"), shape).json()["area_m2"] == ask(as_user("planner"), square()).json()["area_m2"]


def test_nothing_is_stored(version, as_user):
    client = as_user("planner")
    before = (AuditEntry.objects.count(), Zone.objects.count(), Finding.objects.count(), PlanVersion.objects.count())
    ask(client, square(), version=version.pk)
    ask(client, ring((1, 1), (2, 2), (2, 1), (1, 2)))
    after = (AuditEntry.objects.count(), Zone.objects.count(), Finding.objects.count(), PlanVersion.objects.count())
    assert before == after


def test_the_number_of_queries_does_not_grow_with_the_ground(version, as_user):
    client = as_user("planner")
    counts = []
    for shape in (square(), square(0, 0, 10, 10)):
        ask(client, shape, version=version.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert ask(client, shape, version=version.pk).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 14, counts


def test_no_parcel_is_read_that_its_box_does_not_meet(village, as_user):
    from indicators import drawn_ground

    read = {}
    original = drawn_ground.read

    def watched(*args):
        rows = original(*args)
        for layer, number, *_rest in rows:
            read.setdefault(layer, []).append(number)
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawn_ground, "read", watched)
        ask(as_user("planner"), ring((2.2, 1.2), (2.8, 1.2), (2.8, 1.8), (2.2, 1.8)))
    assert Parcel.objects.count() == 100
    assert sorted(read["base"]) == [0, 13]
    assert len([number for number in read["lines"] if number]) == 1


# --- what is refused


BOW_TIE = ring((1, 1), (2, 2), (2, 1), (1, 2))
OPEN = {"type": "Polygon", "coordinates": [places((1, 1), (2, 1), (2, 2), (1, 2))]}
FAULTS = {
    "self_intersection": BOW_TIE,
    "ring_not_closed": OPEN,
    "too_few_points": {"type": "Polygon", "coordinates": [places((1, 1), (2, 1), (1, 1))]},
    "no_area": ring((1, 1), (2, 1), (3, 1)),
    "hole_outside": {"type": "Polygon", "coordinates": [ring((1, 1), (2, 1), (2, 2))["coordinates"][0],
                                                        ring((5, 5), (6, 5), (6, 6))["coordinates"][0]]},
    "outside": ring((40, 40), (41, 40), (41, 41)),
    "coordinates_swapped": {"type": "Polygon", "coordinates": [[p[::-1] for p in ring((1, 1), (2, 1), (2, 2))["coordinates"][0]]]},
    "coordinates_not_degrees": {"type": "Polygon", "coordinates": [[[39500000.0, 4000000.0], [39500100.0, 4000000.0],
                                                                    [39500100.0, 4000100.0], [39500000.0, 4000000.0]]]},
    "not_polygon": {"type": "LineString", "coordinates": places((1, 1), (2, 1))},
    "coordinates_not_finite": {"type": "Polygon", "coordinates": [[[116.801, 36.101], [10**400, 36.101], [116.802, 36.102], [116.801, 36.101]]]},
    "json_coordinates": {"type": "Polygon", "coordinates": [[["116.801", "36.101"], *places((2, 1), (2, 2), (1, 1))]]},
}  # fmt: skip


@pytest.mark.parametrize("reason", FAULTS)
def test_a_polygon_that_is_none_is_refused_with_the_reason(village, as_user, reason):
    error = refusal(ask(as_user("planner"), FAULTS[reason]))
    assert error["code"] == "geometry"
    assert error["data"]["reason"] == reason
    assert error["message"]


def test_a_bow_tie_is_told_where_it_crosses(village, as_user):
    error = refusal(ask(as_user("planner"), BOW_TIE))
    assert error["data"]["place"] == pytest.approx([116.8015, 36.1015], abs=1e-9)
    assert "116.801500" in error["message"]
    assert "36.101500" in error["message"]


@pytest.mark.parametrize(
    "geometry",
    [
        None, [], "POLYGON((0 0,1 0,1 1,0 0))", {}, {"type": "Polygon"}, {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]}, {"type": "Polygon", "coordinates": "no"}, {"type": ["Polygon"], "coordinates": []},
        {"type": "Polygon", "coordinates": [[[None, None]] * 4]}, {"type": "Polygon", "coordinates": [[[True, False]] * 4]},
        {"type": "Polygon", "coordinates": [[[1, 2, 3, 4]] * 4]}, {"type": "Polygon", "coordinates": [[{}] * 4]},
        {"type": "MultiPolygon", "coordinates": [[]]}, {"type": "MultiPolygon", "coordinates": [square()["coordinates"][0][0]]},
        {"type": "GeometryCollection", "geometries": [square()]}, {"type": "Feature", "geometry": square(), "properties": {}},
        {**square(), "crs": {"type": "link", "properties": {"href": "http://127.0.0.1/"}}},
    ],
)  # fmt: skip
def test_what_is_no_polygon_at_all_is_refused(village, as_user, geometry):
    assert refusal(ask(as_user("planner"), geometry))["message"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(village, as_user, number):
    body = json.dumps({"geometry": square(), "code": "0703"}).replace("116.802", number, 1)
    assert refusal(ask(as_user("planner"), body))["message"]


def test_too_many_vertices_are_refused_with_the_limit(village, as_user, settings):
    settings.DRAWN_MAX_VERTICES = 20
    error = refusal(ask(as_user("planner"), square(1, 1, 6, 6)))
    assert error["data"]["reason"] == "too_many_vertices"
    assert "20" in error["message"]


@pytest.mark.parametrize("code", ["9999", "07031", "住宅"])
def test_a_class_that_is_not_known_is_refused(village, as_user, code):
    error = refusal(ask(as_user("planner"), square(), code=code))
    assert error["code"] == "land_use_class"
    assert code in error["message"]


def test_the_body_is_strict(village, as_user):
    client = as_user("planner")
    assert "geom" in refusal(ask(client, square(), geom=1))["data"]["fields"]
    assert "code" in refusal(ask(client, json.dumps({"geometry": square()})))["data"]["fields"]
    assert "geometry" in refusal(ask(client, json.dumps({"code": "0703"})))["data"]["fields"]
    assert refusal(ask(client, square(), code=703000000))["data"]["fields"]
    assert client.get(ADDRESS).status_code == 405
    assert client.post(ADDRESS, {"code": "0703"}).status_code == 415


def test_asking_too_often_is_stopped_for_a_while(village, as_user, monkeypatch):
    from portal.api_throttles import DrawingThrottle

    monkeypatch.setattr(DrawingThrottle, "THROTTLE_RATES", {"drawing": "2/min"})
    cache.clear()
    client = as_user("planner")
    assert [ask(client, square()).status_code for _ in range(3)] == [200, 200, 429]
