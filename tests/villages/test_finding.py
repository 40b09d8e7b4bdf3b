"""Find my village: by code, name, township, hamlet and place; the likeliest first, and nothing is kept of a position."""

import pytest
from django.contrib.gis.geos import Point

from portal.models import AuditEntry
from tests import world
from villages import finding
from villages.models import Hamlet

pytestmark = pytest.mark.django_db

FIND, AT = "/api/v1/villages/find/", "/api/v1/villages/at/"


@pytest.fixture
def three(village):
    """柳沟村, 下寨村 and 五埠村, with hamlets of which one is named like a village."""
    world.make_village(world.OTHER, col=20)
    world.make_village(world.FAR, col=40)
    rows = [(world.LIUGOU, "hamlet", "前柳沟"), (world.FAR, "group", "三组"), (world.OTHER, "place", "五埠村旧址")]
    for code, kind, name in rows:
        Hamlet.objects.create(village_id=code, kind=kind, name=name, geom=Point(116.805, 36.105, srid=4490), source="t")
    return village


def found(words: str) -> list[tuple[str, str]]:
    return [(one.village.pk, one.why) for one in finding.find(words)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (world.LIUGOU, [(world.LIUGOU, "code")]),
        ("370983101", [(world.LIUGOU, "code"), (world.OTHER, "code")]),
        ("柳沟村", [(world.LIUGOU, "name")]),
        ("柳沟村委会", [(world.LIUGOU, "name")]),
        (" 柳 沟　村\x00", [(world.LIUGOU, "name")]),
        ("柳", [(world.LIUGOU, "name")]),
        ("前柳沟", [(world.LIUGOU, "hamlet")]),
        ("三组", [(world.FAR, "hamlet")]),
        ("五埠村", [(world.FAR, "name"), (world.OTHER, "hamlet")]),
        ("潮泉", [(world.LIUGOU, "township"), (world.OTHER, "township")]),
        ("沟", [(world.LIUGOU, "part")]),
        ("山东省肥城市潮泉镇下寨村", [(world.OTHER, "name")]),
        ("101204", []),
        ("没有", []),
        ("%", []),
        ("_沟", []),
        ("", []),
    ],
)
def test_a_village_is_found_by_what_people_write(three, words, expected):
    assert found(words) == expected


def test_whoever_finds_nothing_is_told_of_villages_that_begin_alike(three, client):
    answer = client.get(FIND, {"q": "柳林"}).json()
    assert answer["results"] == []
    assert [row["code"] for row in answer["suggestions"]] == [world.LIUGOU]


def test_the_api_tells_why_and_which_hamlet(three, client):
    (row,) = client.get(FIND, {"q": "前柳沟"}).json()["results"]
    assert (row["name"], row["township"], row["county"], row["why"]) == ("柳沟村", "潮泉镇", "肥城市", "hamlet")
    assert (row["hamlet"]["name"], row["hamlet"]["lon"]) == ("前柳沟", 116.805)
    assert client.get(FIND).status_code == 400


def test_a_place_is_asked_in_the_address_or_kept_out_of_it(three, client):
    place = {"lon": 116.8055, "lat": 36.1025}
    assert client.get(AT, place).json()["code"] == world.LIUGOU
    answer = client.post(AT, place, content_type="application/json")
    assert answer.json() == {"code": world.LIUGOU, "name": "柳沟村", "township": "潮泉镇", "county": "肥城市"}
    assert client.post(AT, {"lon": 0, "lat": 0}, content_type="application/json").status_code == 404
    assert client.post(AT, {"lon": 116.8}, content_type="application/json").status_code == 400
    assert not AuditEntry.objects.filter(verb__contains="village").exists()


def test_no_stage_costs_more_for_more_villages(three, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        finding.find("没有这样的名字")
