"""What a place is and will be, in plain words."""

import pytest
from pyproj import Geod

from planning.models import Finding, Project
from tests import world
from tests.grid import cell, centre, geos

pytestmark = pytest.mark.django_db
GEOD = Geod(a=6378137, rf=298.257222101)


def ask(client, lon, lat, version=None, language="zh-hans"):
    address = f"/api/v1/versions/{version.pk}/identify/" if version else "/api/v1/identify/"
    return client.get(address, {"lon": lon, "lat": lat}, headers={"Accept-Language": language})


def test_a_place_is_told_as_it_is_and_as_it_is_planned(public_version, client):
    lon, lat = centre(3, 8)
    body = ask(client, lon, lat).json()
    assert body["village"] == {"code": world.LIUGOU, "name": "柳沟村"}
    assert body["version"]["id"] == public_version.pk
    assert (body["now"]["code"], body["now"]["name"]) == ("0201", "果园")
    assert (body["planned"]["zone"], body["planned"]["code"]) == (9, "070301")
    assert [line["kind"] for line in body["lines"]] == ["CZJSBJ"]
    assert body["conflicts"] == []
    assert ask(client, lon, lat, public_version).json() == body


def test_the_sentences_say_it_in_english_when_asked(public_version, client):
    sentences = ask(client, *centre(3, 8), language="en").json()["sentences"]
    assert sentences[0] == "It is now Orchard (1.00 ha)."
    assert sentences[1].startswith("It is planned as ")
    assert "No conflict was found here." in sentences
    assert ask(client, *centre(3, 0), language="en").json()["sentences"][1] == "It stays Irrigated dry field."


def test_a_conflict_at_the_place_is_told_and_one_elsewhere_is_not(public_version, client):
    for number, col in ((1, 3), (2, 6)):
        Finding.objects.create(
            version=public_version, number=number, code="K1", severity="block", category="real", area_m2=4200,
            geom=geos(cell(col, 8)),
        )  # fmt: skip
    body = ask(client, *centre(3, 8), language="en").json()
    assert [(c["code"], c["category"]) for c in body["conflicts"]] == [("K1", "real")]
    assert "Conflict: Construction on permanent basic farmland, 0.42 ha." in body["sentences"]
    assert ask(client, *centre(4, 8)).json()["conflicts"] == []


def test_projects_are_near_by_metres_on_the_ellipsoid(public_version, client):
    project = Project.objects.get()
    lon, lat = centre(5, 3.4)  # south of the project
    metres = GEOD.inv(lon, lat, project.geom.x, project.geom.y)[2]
    assert 350 < metres < 500
    (near,) = ask(client, lon, lat).json()["projects"]
    assert near["distance_m"] == pytest.approx(metres, abs=1)
    assert ask(client, *centre(0, 0)).json()["projects"] == []


def test_expired_lines_do_not_hold(public_version, village, client):
    village.control_lines.filter(kind="CZJSBJ").update(valid_to="2023-01-01")
    assert ask(client, *centre(3, 8)).json()["lines"] == []


def test_a_place_outside_every_village_is_404_with_words(public_version, client):
    for lon, lat in [(0, 0), (180, 90), (-180, -90), (116.9, 36.3)]:
        for version in (None, public_version):
            answer = ask(client, lon, lat, version)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "outside")


def test_a_place_on_a_border_has_one_answer(public_version, client):
    body = ask(client, 116.801, 36.101).json()
    assert body["now"]["code"] == "0102"
    assert body["planned"]["zone"] == 1


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"lon": 1},
        {"lon": "x", "lat": 1},
        {"lon": "nan", "lat": "nan"},
        {"lon": 181, "lat": 0},
        {"lon": 1, "lat": "inf"},
    ],
)
def test_what_is_no_place_is_400(query, client):
    assert client.get("/api/v1/identify/", query).status_code == 400


def test_a_village_without_a_public_plan_still_says_what_is_there(version, client):
    body = ask(client, *centre(3, 8), language="en").json()
    assert (body["version"], body["planned"]) == (None, None)
    assert body["sentences"][:2] == [
        "It is now Orchard (1.00 ha).",
        "No plan of this village is open to the public yet.",
    ]


def test_the_answer_takes_few_queries(public_version, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        ask(client, *centre(3, 8))
