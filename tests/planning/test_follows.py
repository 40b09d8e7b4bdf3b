"""Following a plan, a village or an area: who may, how much, what followers are told, once, and with few queries."""

import datetime
import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from planning import answers, follow_news, follows, moderation, participation
from planning.models import Comment, Follow, PlanVersion, State
from portal import notify, people
from portal.errors import NotAllowed, PortalError
from portal.models import AuditEntry, Job, Notification, User
from tests import world
from tests.grid import cell, geos

MANY = 1000
FIELD = cell(2, 2, 3, 2)  # rows 3 and 4 of the village: zones 3 and 4


def area_of(shape=FIELD) -> GEOSGeometry:
    return geos(shape)


def follow_area(user, village, name="我的地", shape=FIELD) -> Follow:
    return follows.follow(by=user, village=village, area=area_of(shape), name=name)


def told(user, kind) -> list[str]:
    with translation.override("en"):
        return [notify.words(row) for row in user.notifications.filter(kind=kind).order_by("pk")]


def second_version(village, cast, run_jobs=None) -> PlanVersion:
    """A newer version in public notice, in which zones 3 and 9 have another use."""
    rows = world.plan_rows()
    rows[2], rows[8] = "0201", "0301"
    return world.publish(world.make_version(village, rows=rows, by=cast.planner), cast.township)


# --- beginning and ending


def test_a_village_a_plan_and_an_area_are_followed_once_each(public_version, village, cast):
    for _click in range(2):
        follows.follow(by=cast.villager, village=village)
        follows.follow(by=cast.villager, village=village, plan=public_version.plan)
    follow_area(cast.villager, village)
    assert sorted(map(follows.kind_of, follows.of_user(cast.villager))) == ["area", "plan", "village"]
    assert AuditEntry.objects.filter(verb="follow.begun").count() == 3
    assert "我的地" not in str(list(AuditEntry.objects.values()))
    row = follows.of_user(cast.villager).get(area__isnull=False)
    follows.rename(row, by=cast.villager, name="  老屋\n和院子 ")
    row.refresh_from_db()
    assert row.name == "老屋 和院子"
    follows.unfollow(row, by=cast.villager)
    assert follows.of_user(cast.villager).count() == 2


def test_who_is_not_signed_in_follows_nothing(village):
    with pytest.raises(NotAllowed):
        follows.follow(by=AnonymousUser(), village=village)


def test_only_a_plan_that_one_may_see_is_followed(version, village, cast, as_user):
    with pytest.raises(PortalError):
        follows.follow(by=cast.villager, village=village, plan=version.plan)
    answer = as_user("villager").post("/api/v1/follows/", {"plan": version.plan_id}, "application/json")
    assert answer.status_code == 404
    follows.follow(by=cast.planner, village=village, plan=version.plan)


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "Point", "coordinates": [116.8, 36.1]},
        {"type": "Polygon", "coordinates": [[[116.8, 36.1], [116.81, 36.11], [116.81, 36.1], [116.8, 36.11], [116.8, 36.1]]]},
        {"type": "Polygon", "coordinates": [[[10, 10], [11, 10], [11, 11], [10, 10]]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[116.8 + n / 1e6, 36.1 + n * n / 1e9] for n in range(2100)] + [[116.8, 36.1]]]},
        {"type": "LineString", "coordinates": [[116.8, 36.1], [116.81, 36.1]]},
        "x",
    ],
)  # fmt: skip
def test_an_area_that_cannot_be_kept_is_refused_in_words(village, as_user, shape):
    body = {"village": village.pk, "area": shape}
    answer = as_user("villager").post("/api/v1/follows/", body, "application/json")
    assert answer.status_code == 400, answer.content
    page = as_user("villager").post(f"/villages/{village.pk}/follow/area/", {"area": json.dumps(shape), "name": "x"})
    assert page.status_code == 400
    assert not Follow.objects.exists()


def test_one_person_follows_so_many_and_no_more(village, cast, monkeypatch):
    monkeypatch.setattr(follows, "MOST", 3)
    for _number in range(3):
        follow_area(cast.villager, village)
    with pytest.raises(PortalError) as refused:
        follow_area(cast.villager, village)
    assert refused.value.status == 409
    follow_area(cast.stranger, village)


def test_nobody_sees_renames_or_ends_what_others_follow(village, cast, as_user):
    row = follow_area(cast.villager, village)
    other = as_user("committee")
    assert row.name not in other.get("/following/").content.decode()
    assert other.get("/api/v1/follows/").json() == {"results": []}
    for answer in (
        other.post(f"/following/{row.pk}/name/", {"name": "x"}),
        other.post(f"/following/{row.pk}/end/"),
        other.delete(f"/api/v1/follows/{row.pk}/"),
        other.patch(f"/api/v1/follows/{row.pk}/", {"name": "x"}, "application/json"),
    ):
        assert answer.status_code == 404
    for act in (
        lambda: follows.unfollow(row, by=cast.committee),
        lambda: follows.rename(row, by=cast.committee, name=""),
    ):
        with pytest.raises(PortalError):
            act()


def test_without_an_account_the_pages_say_kindly_what_to_do(public_version, village, as_user):
    client = as_user()
    client.cookies["django_language"] = "en"
    assert "Please sign in first" in client.get("/following/").content.decode()
    assert client.post(f"/villages/{village.pk}/follow/").headers["Location"].startswith("/login/?next=")
    assert client.get("/api/v1/follows/").status_code == 403
    page = client.get(f"/villages/{village.pk}/").content.decode()
    assert "you are told when something happens here" in page


def test_the_button_of_a_page_begins_and_ends_it(public_version, village, cast, as_user):
    client = as_user("villager")
    page = f"/versions/{public_version.pk}/"
    answer = client.post(f"/villages/{village.pk}/follow/", {"plan": public_version.plan_id, "next": page})
    assert answer.headers["Location"] == page
    row = Follow.objects.get()
    assert row.plan == public_version.plan
    assert f"/following/{row.pk}/end/" in client.get(page).content.decode()
    assert (
        client.post(f"/following/{row.pk}/end/", {"next": "//evil.example"}).headers["Location"]
        == f"/villages/{village.pk}/"
    )
    assert not Follow.objects.exists()


def test_the_api_lists_begins_names_and_ends(village, as_user):
    client = as_user("villager")
    shape = json.loads(area_of().json)
    row = client.post(
        "/api/v1/follows/", {"village": village.pk, "area": shape, "name": "田"}, "application/json"
    ).json()
    assert (row["kind"], row["title"], row["area"]["type"]) == ("area", "田", "MultiPolygon")
    assert client.patch(f"/api/v1/follows/{row['id']}/", {"name": "家"}, "application/json").json()["name"] == "家"
    assert [each["name"] for each in client.get("/api/v1/follows/").json()["results"]] == ["家"]
    assert client.delete(f"/api/v1/follows/{row['id']}/").status_code == 204
    assert client.post("/api/v1/follows/", {}, "application/json").status_code == 400
    assert client.get("/api/v1/follows/").json() == {"results": []}


def test_erasing_ends_all_and_taking_back_the_place_ends_areas(village, cast):
    follows.follow(by=cast.villager, village=village)
    follow_area(cast.villager, village)
    people.agree(cast.villager, "place", by=cast.villager)
    people.take_back(cast.villager, "place", by=cast.villager)
    assert [follows.kind_of(row) for row in follows.of_user(cast.villager)] == ["village"]
    people.erase(cast.villager, by=cast.villager)
    assert not Follow.objects.exists()


# --- what followers are told


def test_a_step_is_told_by_a_job_and_only_if_somebody_follows(version, village, cast):
    world.publish(version, cast.township)
    assert not Job.objects.filter(kind=follow_news.KIND).exists()
    follows.follow(by=cast.villager, village=village)
    second_version(village, cast)
    assert Job.objects.filter(kind=follow_news.KIND).exists()
    assert not cast.villager.notifications.exists()  # no step waits for followers


def test_followers_hear_of_the_public_notice_once(version, village, cast, run_jobs):
    follows.follow(by=cast.villager, village=village)
    world.publish(version, cast.township)
    follows.follow(by=cast.villager, village=village, plan=version.plan)
    run_jobs()
    follow_news.tell_of_state(version.pk, State.NOTICE)
    (sentence,) = told(cast.villager, "notice_opened")
    assert "is open until" in sentence
    assert cast.villager.notifications.get(kind="notice_opened").url == f"/versions/{version.pk}/"
    assert not cast.stranger.notifications.exists()


def test_of_what_is_not_public_nobody_is_told(version, village, cast, run_jobs):
    follows.follow(by=cast.villager, village=village)
    follow_area(cast.villager, village)
    world.advance(version, "round1", by=cast.committee)
    run_jobs()
    for state in State.values:
        follow_news.tell_of_state(version.pk, state)
    assert not cast.villager.notifications.exists()


def test_an_official_who_follows_is_told_once(version, village, cast, run_jobs):
    follows.follow(by=cast.committee, village=village)
    world.publish(version, cast.township)
    run_jobs()
    assert cast.committee.notifications.filter(kind="notice_opened").count() == 1


def test_whoever_follows_an_area_hears_how_many_zones_of_it_differ_and_which(version, village, cast, run_jobs):
    follow_area(cast.villager, village, "my field")
    follow_area(cast.stranger, village, "far away", cell(0, 6, 2, 1))  # row 7 of the village stays as it is
    world.publish(version, cast.township)
    run_jobs()
    assert told(cast.villager, "area_new") == [
        f"{version.plan.name}, version 1, can be read now. In “my field” it has 2 zones (3, 4)."
    ]
    newer = second_version(village, cast)
    run_jobs()
    follow_news.tell_of_state(newer.pk, State.NOTICE)
    assert told(cast.villager, "area_changed") == [
        f"{newer.plan.name}, version 2, can be read now. In “my field” zone 3 differs from version 1."
    ]
    assert told(cast.stranger, "area_changed") == []
    assert cast.villager.notifications.get(kind="area_changed").url == f"/versions/{newer.pk}/compare/"


def test_zones_that_only_touch_an_area_are_none_of_it(version, village, cast, run_jobs):
    follow_area(cast.villager, village, "strip", cell(2, 2, 3, 1))  # touches zones 2 and 4
    world.publish(version, cast.township)
    run_jobs()
    assert "zone 3" in told(cast.villager, "area_new")[0]
    assert "2 zones" not in told(cast.villager, "area_new")[0]


def test_the_end_of_a_notice_is_told_at_each_stage_once_and_not_in_the_night(public_version, village, cast):
    follows.follow(by=cast.villager, village=village)
    ends = public_version.notice.closes_on

    def at(days: int, hour: int = 9) -> int:
        day = ends - datetime.timedelta(days=days)
        return follow_news.tell_today(datetime.datetime.combine(day, datetime.time(hour), follow_news.SHANGHAI))

    stages = sorted(follow_news.procedures.of_version(public_version).reminders("notice"))
    assert at(stages[0], 7) == 0
    assert [at(stages[0]), at(stages[0], 11)] == [1, 0]
    assert "left" in told(cast.villager, "notice_ends_soon")[0]
    assert at(stages[-1] + 1) == 0
    assert at(-1) == 0


def test_answers_in_an_area_are_told_once_a_day_together(public_version, village, cast):
    follow_area(cast.villager, village, "my field")
    inside = [
        participation.post_comment(public_version, by=cast.stranger, text=f"意见{n}", lon=116.803, lat=36.1025)
        for n in range(2)
    ]
    outside = participation.post_comment(public_version, by=cast.stranger, text="别处", lon=116.809, lat=36.109)
    own = participation.post_comment(public_version, by=cast.villager, text="我的", lon=116.803, lat=36.1025)
    hidden = participation.post_comment(public_version, by=cast.stranger, text="骂人", lon=116.803, lat=36.1025)
    for comment in (*inside, outside, own, hidden):
        answers.answer(comment, by=cast.committee, text="好。", adoption="adopted")
    moderation.hide(hidden, by=cast.township, reason="侮辱他人")
    today = timezone.localdate() + datetime.timedelta(days=1)  # the day after the answers
    before = cast.villager.notifications.count()
    assert follow_news.tell_answers(today) == 1
    assert follow_news.tell_answers(today) == 0
    assert told(cast.villager, "area_answered") == ["In “my field” (柳沟村) 2 comments were answered."]
    assert cast.villager.notifications.count() == before + 1
    assert follow_news.tell_answers(today + datetime.timedelta(days=1)) == 0
    assert Comment.objects.count() == 5


def test_many_followers_cost_as_few_queries_as_a_few(version, village, cast, monkeypatch):
    monkeypatch.setattr(follow_news, "BATCH", 500)
    world.publish(version, cast.township)
    newer = second_version(village, cast)
    users = User.objects.bulk_create([User(username=f"u{n}") for n in range(MANY)])
    rest = len(users) // 5
    Follow.objects.bulk_create([Follow(user=user, village=village) for user in users[rest:]])
    area = follows.area_to_follow(village, area_of())
    Follow.objects.bulk_create(
        [Follow(user=user, village=village, area=area, name=f"地{user.pk}") for user in users[:rest]]
    )
    with CaptureQueriesContext(connection) as asked:
        assert follow_news.tell_of_state(newer.pk, State.NOTICE) == MANY
    assert len(asked) < 20 + 3 * MANY / follow_news.BATCH
    assert Notification.objects.filter(kind="notice_opened", user__username__startswith="u").count() == MANY - rest
    assert Notification.objects.filter(kind="area_changed").count() == rest
