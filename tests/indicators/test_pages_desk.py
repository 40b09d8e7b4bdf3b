"""The desk: what waits for a person by role, each row with one next action."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from indicators.views.desk_sections import Row, Section
from planning import answers, participation, workflow
from planning.models import Finding, Notice, Plan, PlanVersion, State, Step, WorkflowRule
from portal.models import Membership, Upload, UploadIssue, User
from tests import world
from tests.grid import cell, geos
from tests.rows import shared
from villages.models import Village

DESK = "/desk/"


@shared
def closing_early(db):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )


def heaps(client: Any) -> dict[str, Section]:
    return {section.key: section for section in client.get(DESK).context["sections"]}


def rows(client: Any, key: str) -> list[Row]:
    return heaps(client)[key].rows


HEAPS = {
    "planner": {"returned", "drafts", "comments", "villages", "uploads"},
    "committee": {"returned", "drafts", "comments", "villages", "uploads"},
    "township": {"drafts", "ready", "notices", "comments"},
    "reviewer": {"review", "exceptions", "county-notices", "county-returned"},
    "leader": {"review", "exceptions", "county-notices", "county-returned"},
    "province": set(),
    "villager": {"mine"},
}


@pytest.mark.parametrize("who", HEAPS)
def test_every_role_finds_its_own_heaps_and_words_for_the_empty_ones(who, village, as_user):
    page = as_user(who).get(DESK)
    sections = page.context["sections"]
    assert {s.key for s in sections} == HEAPS[who]
    html = page.content.decode()
    for section in sections:
        if not section.rows:
            assert str(section.empty) in html


def test_visitors_are_asked_to_sign_in(db, as_user):
    assert as_user().get(DESK).url == f"{reverse('login')}?next={DESK}"


def test_a_person_without_a_role_is_told_whom_to_ask(db, client):
    client.force_login(User.objects.create_user("new"))
    page = client.get(DESK)
    assert page.context["roles"] == []
    assert [s.key for s in page.context["sections"]] == ["mine"]


def test_a_planner_hands_in_the_plan_of_each_of_his_villages(version, village, as_user):
    row = rows(as_user("planner"), "villages")[0]
    assert row.url == f"{reverse('upload-new')}?village={village.code}"
    assert row.version == version


def test_villages_of_others_are_not_on_the_desk(village, as_user):
    world.make_village(world.OTHER, col=20)
    assert [r.url[-12:] for r in rows(as_user("planner"), "villages")] == [world.LIUGOU]
    assert [r.url[-12:] for r in rows(as_user("other_committee"), "villages")] == [world.OTHER]


def test_last_files_show_their_verdict_and_what_to_do(village, cast, as_user):
    for state in ("accepted", "refused", "failed", "waiting"):
        upload = Upload.objects.create(
            division_code=village.code,
            name=f"{state}.zip",
            size=1,
            sha256="0" * 64,
            state=state,
            created_by=cast.planner,
        )
        UploadIssue.objects.create(upload=upload, code="G5", level="error")
    Upload.objects.create(
        division_code=world.OTHER, name="other.zip", size=1, sha256="0" * 64, created_by=cast.other_committee
    )
    found = rows(as_user("committee"), "uploads")
    assert [(r.title, r.verdict) for r in found] == [
        ("waiting.zip", "failed"),
        ("failed.zip", "failed"),
        ("refused.zip", "refused"),
        ("accepted.zip", "accepted"),
    ]  # fmt: skip  a file that waits without a job was not checked


def test_a_returned_plan_waits_with_its_reasons_until_a_newer_version_is_there(public_version, village, cast, as_user):
    world.send_back(public_version, by=cast.reviewer, note="压占永久基本农田")
    row = rows(as_user("committee"), "returned")[0]
    assert "压占永久基本农田" in row.facts
    assert row.url == f"{reverse('upload-new')}?village={village.code}"
    world.make_version(village, by=cast.planner)
    assert rows(as_user("committee"), "returned") == []


def test_reasons_of_the_village_itself_are_shown_like_those_of_the_county(version, cast, as_user):
    voted = world.hold_assembly(world.advance(version, "assembly"), in_favour=5, against=19, abstained=0).version
    workflow.move(voted, "vote_down", by=cast.committee, note="多数村民不同意宅基地位置")
    assert "多数村民不同意宅基地位置" in rows(as_user("planner"), "returned")[0].facts
    assert "多数村民不同意宅基地位置" in as_user("planner").get(f"/versions/{voted.pk}/review/").content.decode()


def test_committee_planner_and_township_are_asked_for_answers(public_version, cast, as_user):
    comment = participation.post_comment(public_version, by=cast.villager, text="路太窄")
    url = f"{reverse('review', args=[public_version.pk])}#comments"
    assert [(r.url, r.primary) for r in rows(as_user("committee"), "comments")] == [(url, True)]
    assert [(r.url, r.primary) for r in rows(as_user("planner"), "comments")] == [(url, True)]
    assert [(r.url, r.primary) for r in rows(as_user("township"), "comments")] == [(url, True)]
    answers.answer(comment, by=cast.committee, text="改为五米", adoption="adopted")
    assert rows(as_user("committee"), "comments") == []


def test_only_unanswered_comments_are_counted(public_version, cast, as_user):
    first = participation.post_comment(public_version, by=cast.villager, text="一")
    participation.post_comment(public_version, by=cast.villager, text="二")
    participation.post_comment(public_version, by=cast.villager, text="三")
    answers.answer(first, by=cast.committee, text="好", adoption="explained")
    answers.answer(first, by=cast.committee, text="再说一句", adoption="explained")
    client = as_user("committee")
    client.cookies["django_language"] = "en"
    assert rows(client, "comments")[0].facts[0] == "2 comments without answer"


def test_a_plan_waits_for_whoever_takes_the_next_step_and_says_what_it_lacks(version, as_user):
    assert not rows(as_user("planner"), "drafts")[0].primary
    version = world.advance(version, "round1")
    row = rows(as_user("township"), "drafts")[0]
    assert row.url == reverse("review", args=[version.pk])
    assert not row.primary
    world.hold_round(version)
    assert rows(as_user("township"), "drafts")[0].primary


def test_a_notice_runs_with_its_days_and_is_ready_when_nothing_is_missing(public_version, as_user, time_machine):
    client = as_user("township")
    client.cookies["django_language"] = "en"
    left = (public_version.notice.closes_on - timezone.localdate()).days
    found = heaps(client)
    assert found["ready"].rows == []
    assert found["notices"].rows[0].facts[0].startswith(f"{left} days left")
    time_machine.move_to(f"{public_version.notice.closes_on + timedelta(days=1)}T08:00:00+08:00")
    client = as_user("township")  # the session of a month ago is over
    found = heaps(client)
    assert found["notices"].rows == []
    assert found["ready"].rows[0].url == f"{reverse('review', args=[public_version.pk])}#decision"


def test_the_county_sees_what_waits_longest_first(village, cast, as_user, closing_early):
    far = world.make_village(world.FAR, col=40)
    waiting = []
    for place in (village, far):
        waiting.append(world.advance(world.make_version(place, by=cast.planner), "quality_check"))
    found = rows(as_user("reviewer"), "review")
    assert [r.version.pk for r in found] == [v.pk for v in waiting]
    Finding.objects.create(
        version=waiting[0], number=1, code="K1", severity="block", category="real", area_m2=500, geom=geos(cell(0, 0))
    )
    client = as_user("leader")
    client.cookies["django_language"] = "en"
    assert "1 real conflict" in rows(client, "review")[0].facts
    assert rows(as_user("township"), "ready") == []


def test_a_township_sees_nothing_of_the_next_one(village, cast, as_user):
    far = world.make_village(world.FAR, col=40)
    world.make_version(far, by=cast.planner)
    assert rows(as_user("township"), "drafts") == []


def test_the_province_counts_by_county_and_state(version, village, cast, as_user):
    second = world.make_version(village, by=cast.planner)
    world.put(world.make_version(village, by=cast.planner), "notice")
    world.put(second, "submitted")
    counts = as_user("province").get(DESK).context["counts"]
    assert [(c["name"], c["total"]) for c in counts] == [("肥城市", 3)]
    found = {state: n for state, n in zip(State.values, counts[0]["counts"], strict=True) if n}
    assert found == {"draft": 1, "notice": 1, "submitted": 1}
    assert as_user("reviewer").get(DESK).context["counts"] == []


def test_a_resident_finds_the_own_comments_with_their_answers(public_version, cast, as_user):
    comment = participation.post_comment(public_version, by=cast.villager, text="路太窄")
    row = rows(as_user("villager"), "mine")[0]
    assert row.url == f"{reverse('version', args=[public_version.pk])}?comment={comment.pk}#comment-{comment.pk}"
    assert not row.primary
    answers.answer(comment, by=cast.committee, text="改为五米", adoption="adopted")
    assert rows(as_user("villager"), "mine")[0].primary
    assert rows(as_user("stranger"), "mine") == []


def test_a_role_that_is_over_opens_nothing(version, cast, as_user):
    Membership.objects.filter(user=cast.township).update(valid_to=timezone.localdate() - timedelta(days=1))
    assert set(heaps(as_user("township"))) == {"mine"}


def make_notices(village: Village, count: int) -> None:
    """Versions in public notice, each of a plan of its own."""
    today = timezone.localdate()
    for n in range(count):
        plan = Plan.objects.create(village=village, name=f"规划 {n}")
        version = PlanVersion.objects.create(plan=plan, number=1, published_at=timezone.now())
        world.put(version, State.NOTICE)
        Notice.objects.create(version=version, opens_on=today, closes_on=today + timedelta(days=n))


def test_more_than_twenty_rows_are_counted(village, as_user):
    make_notices(village, 25)
    section = heaps(as_user("reviewer"))["county-notices"]
    assert (len(section.rows), section.total, section.more) == (20, 25, 5)


def test_the_desk_of_the_county_asks_the_database_no_more_for_more_rows(village, as_user):
    client = as_user("reviewer")

    def questions() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(DESK)
        return len(caught)

    make_notices(village, 1)
    client.get(DESK)
    few = questions()
    make_notices(village, 8)
    assert questions() == few


def test_looking_changes_nothing(public_version, as_user):
    before = Step.objects.count()
    for who in HEAPS:
        as_user(who).get(DESK)
    assert Step.objects.count() == before
    assert as_user("reviewer").post(DESK).status_code == 405


@pytest.mark.parametrize("who", HEAPS)
def test_the_desk_speaks_both_languages(who, public_version, as_user):
    client = as_user(who)
    client.cookies["django_language"] = "en"
    assert "My desk" in client.get(DESK).content.decode()
