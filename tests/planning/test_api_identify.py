"""What a place is and will be, in plain words."""

import pytest
from django.utils import timezone
from pyproj import Geod

from planning import moderation, participation
from planning.models import ENDED, Finding, PlanVersion, Project
from tests import world
from tests.grid import SOUTH, STEP, WEST, cell, centre, geos

pytestmark = pytest.mark.django_db
DRAFT, WITHDRAWN = "This is a draft", "This version was withdrawn"
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


@pytest.mark.parametrize("state", ["submitted", "in_force", *ENDED])
def test_the_public_reads_the_version_that_stands_and_not_one_that_ended(public_version, client, state):
    """A newer version was opened too, and is in each state in turn; at the place it makes other land."""
    newer = world.make_version(public_version.plan.village, rows=["1001"] * 10)
    PlanVersion.objects.filter(pk=newer.pk).update(published_at=timezone.now())
    world.put(newer, state)
    stands = public_version if state in ENDED else newer
    assert ask(client, *centre(3, 8)).json()["version"]["id"] == stands.pk
    found = client.get("/villages/", {"q": "柳沟"}).content.decode()
    assert f"/versions/{stands.pk}/" in found
    world.put(public_version, "superseded")
    assert ask(client, *centre(3, 8)).json()["version"]["id"] == newer.pk  # where nothing stands: the one opened last


def test_a_draft_that_was_withdrawn_is_no_draft_any_more(version, as_user):
    client = as_user("planner")
    client.cookies["django_language"] = "en"
    for state, said, unsaid in (("draft", DRAFT, WITHDRAWN), ("withdrawn", WITHDRAWN, DRAFT)):
        world.put(version, state)
        page = client.get(f"/versions/{version.pk}/").content.decode()
        assert said in page
        assert unsaid not in page


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
    with django_assert_max_num_queries(4):
        ask(client, *centre(3, 8))


def test_every_layer_is_told_with_its_place(public_version, cast, as_user):
    participation.post_comment(public_version, by=cast.villager, text="门前的路多宽？", zone=8)
    lon, lat = centre(4, 7)
    body = ask(as_user("committee"), lon, lat, public_version).json()
    assert body["now"]["number"] == 75
    assert body["now"]["bbox"] == pytest.approx([WEST + 4 * STEP, SOUTH + 7 * STEP, WEST + 5 * STEP, SOUTH + 8 * STEP])
    assert (body["planned"]["label"], len(body["planned"]["bbox"])) == ("Z8", 4)
    assert [(line["kind"], line["number"], len(line["bbox"])) for line in body["lines"]] == [("CZJSBJ", 3, 4)]
    (clinic,) = body["facilities"]
    assert (clinic["kind"], clinic["kind_text"], clinic["name"]) == ("11", "村卫生所", "村卫生所")
    assert clinic["distance_m"] == pytest.approx(90, abs=1)
    (comment,) = body["comments"]
    assert (comment["number"], comment["words"], comment["answered"]) == (1, "门前的路多宽？", False)
    assert len(body["projects"][0]["bbox"]) == 4


def test_where_parcels_lines_and_facilities_lie_is_told_to_staff_only(public_version, as_user):
    body = ask(as_user(), *centre(4, 7), public_version).json()
    assert (body["now"]["code"], body["now"]["number"], body["now"]["bbox"]) == ("070301", None, None)
    assert [(line["kind"], line["number"], line["bbox"], line["area_m2"]) for line in body["lines"]] == [
        ("CZJSBJ", None, None, None)
    ]
    assert body["facilities"] == []


def test_a_conflict_that_names_a_household_is_told_to_staff_only(public_version, as_user):
    Finding.objects.create(
        version=public_version, number=1, code="K9", severity="warn", category="real", area_m2=250, geom=geos(cell(3, 8)),
        detail={},
    )  # fmt: skip
    assert [c["code"] for c in ask(as_user("township"), *centre(3, 8), public_version).json()["conflicts"]] == ["K9"]
    assert ask(as_user(), *centre(3, 8), public_version).json()["conflicts"] == []


def test_the_words_of_a_hidden_comment_are_not_told(public_version, cast, as_user):
    comment = participation.post_comment(public_version, by=cast.villager, text="骂人的话", zone=8)
    moderation.hide(comment, by=cast.township, reason="骂人")
    (told,) = ask(as_user(), *centre(4, 7), public_version).json()["comments"]
    assert (told["number"], told["words"]) == (1, "")


def test_a_comment_that_waits_for_a_look_is_told_to_its_author_and_who_looks(public_version, cast, as_user):
    comment = participation.post_comment(public_version, by=cast.villager, text="样例违禁词", zone=8)
    assert comment.waits
    address = f"/api/v1/versions/{public_version.pk}/legend/"
    for who, seen in (("villager", 1), ("township", 1), ("committee", 0), ("stranger", 0), (None, 0)):
        assert len(ask(as_user(who), *centre(4, 7), public_version).json()["comments"]) == seen, who
        assert as_user(who).get(address).json()["comments"] == seen, who
    moderation.release(comment, by=cast.township)
    assert len(ask(as_user(), *centre(4, 7), public_version).json()["comments"]) == 1
