"""Comments follow their zone into later versions and say what became of it."""

import pytest
from django.conf import settings
from shapely.geometry import MultiPolygon

from planning import following, participation
from planning.models import PlanVersion, Zone
from tests import world
from tests.grid import cell, geos
from tests.rows import shared

pytestmark = pytest.mark.django_db


@shared
def commented(village, cast) -> PlanVersion:
    """A version in notice with a comment on each of six zones, and one on the plan as a whole."""
    version = world.make_version(village, by=cast.planner)
    version = world.publish(version, cast.township)
    for number in range(1, 7):
        participation.post_comment(version, by=cast.villager, text=f"意见{number}", zone=number)
    participation.post_comment(version, by=cast.villager, text="总的来说很好")
    return version


@shared
def revised(commented, cast) -> PlanVersion:
    """Zone 1 stays, 2 has another class, 3 another outline, 4 is split, 5 merged with 7, 6 left out."""
    version = PlanVersion.objects.create(plan=commented.plan, number=2, created_by=cast.planner)
    code = {zone.number: zone.code for zone in commented.zones.all()}
    shapes = [
        (code[1], cell(0, 0, 10, 1)),
        ("070301", cell(0, 1, 10, 1)),
        (code[3], cell(0, 2, 8, 1)),
        (code[4], cell(0, 3, 5, 1)),
        ("070301", cell(5, 3, 5, 1)),
        (code[5], MultiPolygon([*cell(0, 4, 10, 1).geoms, *cell(0, 6, 10, 1).geoms])),
    ]
    for number, (land, shape) in enumerate(shapes, 1):
        geom = geos(shape)
        Zone.objects.create(version=version, number=number, code=land, geom=geom)
    PlanVersion.objects.filter(pk=version.pk).update(digest="revised")
    return PlanVersion.objects.get(pk=version.pk)


FATES = [
    ("same", [1]), ("recoded", [2]), ("moved", [3]), ("split", [4, 5]), ("merged", [6]), ("gone", []),
]  # fmt: skip


def test_each_comment_says_what_became_of_its_zone(commented, revised, cast):
    comments = list(commented.comments.for_page())
    followed = following.onward(commented, comments, cast.planner)
    pinned = [comment for comment in comments if comment.zone]
    assert [(followed[c.pk].fate, followed[c.pk].zones) for c in pinned] == FATES
    assert len(followed) == len(pinned)


def test_the_page_of_the_comment_and_of_the_newer_version_say_it_with_a_link(commented, revised, cast, as_user):
    world.publish(revised, cast.township)
    client = as_user()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    old = client.get(f"/versions/{commented.pk}/").content.decode()
    assert "The zone was split; in version 2 this is about zones 4, 5." in old
    assert f'href="/versions/{revised.pk}/compare/?with={commented.pk}&amp;zone=4"' in old
    new = client.get(f"/versions/{revised.pk}/")
    assert len(new.context["earlier"]) == 6
    html = new.content.decode()
    assert "意见4" in html
    assert f'href="/versions/{commented.pk}/?comment=' in html


def test_a_draft_is_not_given_away_by_the_comments_that_follow_into_it(commented, revised, as_user):
    for client in (as_user(), as_user("villager")):
        page = client.get(f"/versions/{commented.pk}/").content.decode()
        assert revised.pk not in page
        said = client.get(f"/api/v1/versions/{commented.pk}/comments/").json()["results"]
        assert {row["follows"] for row in said} == {None}
        assert client.get(f"/api/v1/versions/{revised.pk}/earlier-comments/").status_code == 404


def test_the_api_tells_where_comments_are_now(commented, revised, as_user):
    client = as_user("committee")
    said = client.get(f"/api/v1/versions/{commented.pk}/comments/").json()["results"]
    assert [(r["follows"]["fate"], r["follows"]["zones"]) for r in said if r["zone"]] == FATES
    assert said[0]["follows"]["version"] == {"id": revised.pk, "number": 2}
    assert said[-1]["follows"] is None
    earlier = client.get(f"/api/v1/versions/{revised.pk}/earlier-comments/").json()["results"]
    assert [(r["zone"], r["follows"]["fate"]) for r in earlier] == list(enumerate((f for f, _z in FATES), 1))


def test_the_oldest_version_has_no_comments_of_earlier_ones(commented, as_user):
    assert as_user().get(f"/versions/{commented.pk}/").context["earlier"] == []
