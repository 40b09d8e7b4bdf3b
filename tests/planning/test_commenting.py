"""What a comment may be about, over the API and by the form: areas, projects, photos, and what is told of them to whom."""

import json

import pytest

from planning import moderation, participation
from planning.comment_shapes import MOST_POINTS, MOST_SHOWN, area_of, outline
from planning.models import Channel, Comment, Project
from portal.errors import PortalError
from tests.grid import cell, centre, geos
from tests.rows import shared

pytestmark = pytest.mark.django_db


def ring(col: float = 3, row: float = 3, size: float = 2) -> list[list[float]]:
    west, south, east, north = geos(cell(col, row, size, size)).extent
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def area(**changes) -> dict:
    return {"type": "Polygon", "coordinates": [ring()], **changes}


def say(client, version, **body):
    return client.post(f"/api/v1/versions/{version.pk}/comments/", json.dumps(body), "application/json")


@shared
def project(public_version) -> Project:
    return public_version.projects.order_by("number").first()


def test_an_area_is_kept_with_a_pin_and_told_to_everybody(public_version, as_user):
    answer = say(as_user("villager"), public_version, text="这一片积水", shape=area())
    assert answer.status_code == 201, answer.content
    comment = Comment.objects.get()
    assert comment.shape.contains(comment.geom)
    told = as_user().get(f"/api/v1/versions/{public_version.pk}/comments/").json()["results"][0]
    assert told["shape"]["type"] == "Polygon"
    assert (told["place"], told["zone"], told["project"]) == (
        {"lon": comment.geom.x, "lat": comment.geom.y},
        None,
        None,
    )
    page = as_user().get(f"/versions/{public_version.pk}/").content.decode()
    assert '"shape": {"type": "Polygon"' in page


def test_several_areas_are_one_comment(public_version, as_user):
    parts = [[ring(1, 1, 1)], [ring(5, 5, 1)]]
    assert (
        say(
            as_user("villager"), public_version, text="两处", shape=area(type="MultiPolygon", coordinates=parts)
        ).status_code
        == 201
    )
    assert Comment.objects.get().shape.num_geom == 2


BOWTIE = [[116.801, 36.101], [116.803, 36.103], [116.803, 36.101], [116.801, 36.103], [116.801, 36.101]]
WRONG = {
    "a word": "POLYGON((0 0,1 0,1 1,0 0))",
    "a list": [1, 2],
    "nothing in it": {},
    "another kind": {"type": "Point", "coordinates": [116.8, 36.1]},
    "a line": {"type": "LineString", "coordinates": [[116.8, 36.1], [116.81, 36.11]]},
    "a collection": {"type": "GeometryCollection", "geometries": []},
    "more than a geometry": {**area(), "crs": {"type": "name"}},
    "kind of a wrong type": area(type=["Polygon"]),
    "no rings": area(coordinates=[]),
    "too deep": area(coordinates=[[ring()]]),
    "not deep enough": area(coordinates=ring()),
    "very deep": area(coordinates=json.loads("[" * 300 + "]" * 300)),
    "two corners": area(coordinates=[[[116.8, 36.1], [116.81, 36.1], [116.8, 36.1]]]),
    "open ring": area(coordinates=[ring()[:-1]]),
    "crossing itself": area(coordinates=[BOWTIE]),
    "a height": area(coordinates=[[[*place, 5] for place in ring()]]),
    "words for figures": area(coordinates=[[["116.8", "36.1"]] * 5]),
    "true for a figure": area(coordinates=[[[True, False]] * 5]),
    "null for a figure": area(coordinates=[[[None, None]] * 5]),
    "beyond the earth": area(coordinates=[[[181, 36], [182, 36], [182, 37], [181, 36]]]),
    "a figure without end": area(coordinates=[[[10**400, 36.1]] * 5]),
    "another village": area(coordinates=[[[100, 30], [100.1, 30], [100.1, 30.1], [100, 30]]]),
    "too many corners": area(coordinates=[[[116.8 + n * 1e-7, 36.1] for n in range(MOST_POINTS + 1)]]),
    "too many parts": area(type="MultiPolygon", coordinates=[[ring()]] * (MOST_POINTS + 1)),
}  # fmt: skip


@pytest.mark.parametrize("drawn", WRONG.values(), ids=WRONG)
def test_what_is_no_area_of_the_village_is_refused_in_words(drawn, public_version, as_user):
    answer = say(as_user("villager"), public_version, text="这里", shape=drawn)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["message"]
    page = as_user("villager").post(
        f"/versions/{public_version.pk}/comments/", {"text": "这里", "shape": json.dumps(drawn)}
    )
    assert page.status_code == 400
    assert "这里" in page.content.decode()
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "[NaN]",
        '{"type":"Polygon","coordinates":[[[NaN,1],[2,Infinity],[3,4],[1,1]]]}',
        "[" * 5000,
        "{",
        "x\ud800",
    ],
)
def test_a_shape_of_a_form_that_is_no_json_is_refused(text, public_version, as_user):
    answer = as_user("villager").post(
        f"/versions/{public_version.pk}/comments/", {"text": "这里", "shape": text.encode("utf-8", "surrogatepass")}
    )
    assert answer.status_code == 400
    assert not Comment.objects.exists()


def test_the_form_takes_an_area_and_the_same_key_makes_one_comment(public_version, as_user):
    for _ in range(2):
        as_user("villager").post(
            f"/versions/{public_version.pk}/comments/", {"text": "这一片", "shape": json.dumps(area()), "once": "k"}
        )
    assert Comment.objects.get().shape.geom_type == "Polygon"


def test_corners_are_counted_over_all_parts_before_anything_is_made_of_them():
    line = [[116.8 + n * 1e-6, 36.1 + n * n * 1e-9] for n in range(MOST_POINTS // 2)]
    line.append(line[0])  # closed, so that only the sum of both is too much
    with pytest.raises(PortalError, match=str(MOST_POINTS)):
        area_of(area(type="MultiPolygon", coordinates=[[line], [line]]))


def test_an_outline_for_a_page_has_few_corners_however_many_were_drawn(public_version, cast):
    import math

    lon, lat = centre(4, 4)
    many = [[lon + 0.002 * math.cos(n / 150 * math.pi), lat + 0.002 * math.sin(n / 150 * math.pi)] for n in range(300)]
    shape = area_of(area(coordinates=[[*many, many[0]]]))
    comment = participation.post_comment(public_version, by=cast.villager, text="圆", shape=shape)
    shown = outline(comment.shape)
    assert len(shown["coordinates"][0]) <= MOST_SHOWN < comment.shape.num_coords


def test_a_project_is_commented_on_and_one_that_is_not_there_is_refused(public_version, as_user, project):
    answer = say(as_user("villager"), public_version, text="早点修", project=project.number)
    assert answer.json()["project"] == project.number
    assert say(as_user("villager"), public_version, text="早点修", project=999).status_code == 400
    page = as_user().get(f"/versions/{public_version.pk}/").content.decode()
    assert page.count(project.name) > 1
    form = as_user("villager").post(
        f"/versions/{public_version.pk}/comments/", {"text": "修", "project": project.number}
    )
    assert form.status_code == 302
    assert Comment.objects.filter(project=project).count() == 2


@pytest.mark.parametrize("photos", ["x", [1], ["a" * 13], ["zzzzzzzzzzzz"], ["a", "b", "c", "d", "e"], {"a": 1}])
def test_photos_that_are_not_there_are_refused(photos, public_version, as_user):
    assert say(as_user("villager"), public_version, text="看", photos=photos).status_code == 400
    assert not Comment.objects.exists()


def test_what_was_drawn_with_a_hidden_comment_is_not_told(public_version, as_user, cast):
    comment = participation.post_comment(public_version, by=cast.villager, text="电话", shape=area_of(area()))
    moderation.hide(comment, by=cast.township, reason="含有他人电话")
    address = f"/api/v1/comments/{comment.pk}/"
    for who, told in ((None, False), ("stranger", False), ("villager", True), ("township", True)):
        assert bool(as_user(who).get(address).json()["shape"]) is told, who
    assert '"shape": {' not in as_user("stranger").get(f"/versions/{public_version.pk}/").content.decode()


@shared
def entered(public_version, cast) -> Comment:
    """Said at a meeting by somebody with a name, entered by the committee."""
    return participation.enter_comment(
        public_version, by=cast.committee, channel=Channel.MEETING, text="村口要有路灯", speaker="赵铁柱",
        said_on=public_version.notice.opens_on,
    )  # fmt: skip


def test_who_said_it_at_the_meeting_is_masked_and_who_entered_it_is_never_its_author(
    public_version, as_user, cast, entered
):
    told = as_user().get(f"/api/v1/comments/{entered.pk}/").json()
    assert (told["author"], told["on_behalf"], told["channel"]) == ("赵**", True, "meeting")
    assert told["said_on"] == public_version.notice.opens_on.isoformat()
    assert told["came"]
    assert as_user("committee").get(f"/api/v1/comments/{entered.pk}/").json()["mine"] is False
    for who in (None, "villager", "committee", "township"):
        page = as_user(who).get(f"/versions/{public_version.pk}/").content.decode()
        article = page.split(f'id="comment-{entered.pk}"')[1].split("</article>")[0]
        assert "赵**" in article, who
        assert "赵铁柱" not in article, who
        assert cast.committee.full_name not in article, who
        assert cast.committee.masked_name not in article, who


def test_a_comment_without_a_name_is_of_a_villager(public_version, as_user, cast):
    on = {"said_on": public_version.notice.opens_on, "channel": Channel.PAPER}
    comment = participation.enter_comment(public_version, by=cast.committee, text="路灯", **on)
    client = as_user()
    client.cookies["django_language"] = "en"
    page = client.get(f"/versions/{public_version.pk}/").content.decode()
    article = page.split(f'id="comment-{comment.pk}"')[1].split("</article>")[0]
    assert "A villager" in article
    assert "Written on paper" in article
    assert "On behalf" in article


def test_the_list_is_in_the_order_asked_for_and_can_leave_out_what_is_answered(public_version, as_user, cast):
    from planning import answers, supports

    old, mid, new = (participation.post_comment(public_version, by=cast.villager, text=f"意见{n}") for n in "一二三")
    supports.support(mid, by=cast.committee)
    answers.answer(old, by=cast.committee, text="好", adoption="adopted")

    def order(**query) -> list[str]:
        page = as_user().get(f"/versions/{public_version.pk}/", query).content.decode()
        return [part.split('"')[0] for part in page.split('<article class="comment" id="comment-')[1:]]

    assert order() == order(order="x\x00") == [old.pk, mid.pk, new.pk]
    assert order(order="newest") == [new.pk, mid.pk, old.pk]
    assert order(order="supported") == [mid.pk, old.pk, new.pk]
    assert order(unanswered="1") == [mid.pk, new.pk]

    def told(query: str) -> list[str]:
        """The same over the API, one comment a page."""
        address, seen = f"/api/v1/versions/{public_version.pk}/comments/?page_size=1&{query}", []
        while address:
            body = as_user().get(address).json()
            seen += [row["id"] for row in body["results"]]
            address = body["next"]
        return seen

    assert told("order=oldest") == [old.pk, mid.pk, new.pk]
    assert told("order=newest") == [new.pk, mid.pk, old.pk]
    assert told("order=supported") == [mid.pk, old.pk, new.pk]
    assert told("unanswered=true") == [mid.pk, new.pk]
    wrong = f"/api/v1/versions/{public_version.pk}/comments/?order=supported&cursor=x~2026-01-01T00:00:00~{old.pk}"
    assert as_user().get(wrong).status_code == 400
    assert as_user().get(f"/api/v1/versions/{public_version.pk}/comments/?order=best").status_code == 400


def test_more_comments_ask_the_database_no_more_questions(public_version, as_user, cast, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert as_user("villager").get(f"/api/v1/versions/{public_version.pk}/comments/").status_code == 200
        return len(asked)

    participation.post_comment(public_version, by=cast.villager, text="一", shape=area_of(area()))
    few = questions()
    for n in range(5):
        participation.post_comment(public_version, by=cast.stranger, text=f"又{n}", zone=n + 1)
    assert questions() <= few + 1


def test_many_comments_come_in_pages_and_each_has_an_address(public_version, as_user, cast, monkeypatch):
    monkeypatch.setattr("planning.comment_lists.ON_A_PAGE", 2)
    said = [participation.post_comment(public_version, by=cast.villager, text=f"意见{n}", zone=n) for n in (1, 2, 3)]
    address = f"/versions/{public_version.pk}/"

    def shown(**query) -> list[str]:
        page = as_user().get(address, query).content.decode()
        assert all(f'"id": "{comment.pk}"' in page for comment in said), "every pin is on the map"
        return [part.split('"')[0] for part in page.split('<article class="comment" id="comment-')[1:]]

    first, second, third = (comment.pk for comment in said)
    assert shown() == shown(comment="nobody") == [first, second]
    assert shown(page="2") == shown(comment=third) == [third]
    assert shown(order="newest", comment=first) == [first]
    answer = as_user("committee").post(f"/comments/{third}/support/")
    assert answer.headers["Location"] == f"{address}?comment={third}#comment-{third}"
