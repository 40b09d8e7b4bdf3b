"""The review page: everything an official needs on one page, and the steps of the workflow from it."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from indicators import runs
from indicators.models import Target
from planning import participation
from planning.models import Comment, Finding, PlanVersion, State, Step, WorkflowRule
from portal import jobs
from portal.models import AuditEntry, Upload, UploadIssue
from tests import world
from tests.grid import cell, geos
from tests.rows import shared
from villages.models import Village

# Homesteads on the first row lie on permanent farmland (K1) and outside the boundary (K4).
BAD_ROWS = ["070301", *world.plan_rows()[1:]]


@shared
def closing_early(db):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )


@shared
def issued(village) -> Target:
    """More construction land than the plan takes, so that it is held to this and not to the base year (K10)."""
    return Target.objects.create(village=village, code="4", value=90, source="县下达", issued_on="2024-01-01")


@shared
def in_review(public_version, cast, closing_early, issued) -> PlanVersion:
    """Submitted for approval, with its decision letter."""
    runs.judge(public_version)
    version = world.advance(public_version, "submitted")
    world.write_decision(version)
    return version


@shared
def conflicting(village, cast, closing_early, issued) -> PlanVersion:
    """Submitted in spite of its real conflicts, so that only they stand in the way."""
    version = world.make_version(village, rows=BAD_ROWS, by=cast.planner)
    runs.judge(version)
    version = world.put(world.publish(version, cast.township), "submitted")
    world.write_decision(version)
    return version


def address(version: PlanVersion) -> str:
    return reverse("review", args=[version.pk])


def move(client: Client, version: PlanVersion, name: str, **fields: str) -> Any:
    return client.post(reverse("version-move", args=[version.pk]), {"name": name, **fields})


ROLES = [
    ("planner", 200), ("committee", 200), ("township", 200), ("reviewer", 200), ("leader", 200), ("province", 200),
    ("villager", 404), ("other_committee", 404), ("stranger", 404), (None, 302),
]  # fmt: skip


@pytest.mark.parametrize(("who", "status"), ROLES)
def test_officials_and_authors_of_the_division_open_it_even_a_public_version_stays_closed_to_others(
    who, status, public_version, as_user
):
    assert as_user(who).get(address(public_version)).status_code == status


@pytest.mark.parametrize(("who", "status"), ROLES)
def test_a_draft_is_reviewed_by_the_same_people(who, status, version, as_user):
    assert as_user(who).get(address(version)).status_code == status


def test_there_is_no_page_for_a_version_that_is_not(db, as_user):
    client = as_user("reviewer")
    assert client.get("/versions/222222222222/review/").status_code == 404
    assert client.get("/versions/x%00/review/").status_code == 404


def test_the_structure_table_adds_up_to_the_village_in_both_years(in_review, as_user):
    context = as_user("reviewer").get(address(in_review)).context
    total = context["structure"][-1]
    village_ha = Village.objects.get().area_m2 / 10_000
    assert total.kind == "total"
    assert total.base_ha == pytest.approx(village_ha, abs=0.005)
    assert total.plan_ha == pytest.approx(village_ha, abs=0.005)
    assert context["total_fits"]
    leaves = [line for line in context["structure"] if line.kind == "row"]
    for side in ("base_ha", "plan_ha"):
        assert sum(Decimal(str(getattr(line, side))) for line in leaves) == Decimal(str(getattr(total, side)))
    assert total.base_mu == pytest.approx(total.base_ha * 15)


def test_a_table_that_does_not_fit_the_village_says_so(in_review, as_user):
    runs.newest(in_review).structure.filter(code="0102").update(plan_m2=1)
    page = as_user("reviewer").get(address(in_review))
    assert not page.context["total_fits"]


def test_indicators_stand_against_their_targets_with_what_they_were_made_of(in_review, village, as_user):
    Target.objects.create(village=village, code="1", value=1.0, source="泰自然资〔2024〕1号", issued_on="2024-01-01")
    Target.objects.filter(code="4").update(value=0.5, source="泰自然资〔2024〕1号")
    page = as_user("reviewer").get(address(in_review))
    rows = {row.figure.code: row for row in page.context["indicators"]}
    assert [rows[code].light for code in ("1", "4", "6")] == ["kept", "missed", "none"]
    assert page.context["missed"] == sum(row.light == "missed" for row in rows.values()) > 0
    per_person = rows["7"]
    assert per_person.value.denominator == 1200
    assert per_person.value.numerator == pytest.approx(per_person.figure.value * 1200)
    html = page.content.decode()
    assert per_person.indicator.formula in html
    assert "泰自然资〔2024〕1号" in html


def test_conflicts_are_grouped_real_ones_first_with_law_and_advice(conflicting, as_user):
    Finding.objects.create(
        version=conflicting,
        number=90,
        code="K3",
        severity="block",
        category="legacy",
        area_m2=500,
        geom=geos(cell(0, 5)),
    )
    Finding.objects.create(
        version=conflicting,
        number=91,
        code="K1",
        severity="block",
        category="technical",
        area_m2=5,
        geom=geos(cell(0, 5)),
    )
    page = as_user("reviewer").get(address(conflicting))
    groups = page.context["groups"]
    assert [(g.category, g.code) for g in groups] == [
        ("real", "K1"),
        ("real", "K4"),
        ("legacy", "K3"),
        ("technical", "K1"),
        ("record", "K11"),
        ("record", "K18"),
    ]
    html = page.content.decode()
    assert groups[0].check.law in html
    assert str(groups[0].check.action) in html
    assert [row.finding.zone.number for row in groups[0].rows] == [1]


def test_what_changed_since_the_last_version_is_counted_by_class(conflicting, village, cast, as_user):
    world.send_back(conflicting, by=cast.reviewer, note="压占永久基本农田")
    second = world.make_version(village, by=cast.planner)
    runs.judge(second)
    since = as_user("reviewer").get(address(second)).context["since"]
    row_m2 = village.parcels.filter(number__lte=10).values_list("area_m2", flat=True)
    assert since.older == conflicting
    assert {c.name: round(c.change_m2) for c in since.classes} == {
        "水浇地": round(sum(row_m2)), "一类农村宅基地": -round(sum(row_m2))
    }  # fmt: skip
    counts = {str(name): (before, after) for name, before, after in since.counts}
    assert list(counts.values()) == [(10, 10), (2, 0), (0, 0), (0, 0), (0, 0)]


def test_a_first_version_has_nothing_before_it(in_review, as_user):
    assert as_user("reviewer").get(address(in_review)).context["since"] is None


def test_comments_and_answers_are_there_and_the_committee_answers_from_here(public_version, as_user, cast):
    comment = participation.post_comment(public_version, by=cast.villager, text="<b>路</b>太窄", zone=10)
    page = as_user("committee").get(address(public_version))
    html = page.content.decode()
    assert "&lt;b&gt;路&lt;/b&gt;太窄" in html
    assert page.context["unanswered"] == 1
    reply = reverse("reply-new", args=[comment.pk])
    assert f'action="{reply}"' in html
    back = as_user("committee").post(
        reply, {"text": "改为五米", "adoption": "adopted", "next": address(public_version)}
    )
    assert back.url == f"{address(public_version)}#comment-{comment.pk}"
    assert as_user("reviewer").get(address(public_version)).context["unanswered"] == 0
    assert reply not in as_user("reviewer").get(address(public_version)).content.decode()


def test_warnings_of_the_file_are_on_the_page(version, as_user, cast):
    upload = Upload.objects.create(
        division_code=world.LIUGOU, name="a.gpkg", size=1, sha256="0" * 64, state="accepted", created_by=cast.planner
    )
    UploadIssue.objects.create(upload=upload, code="G8", level="warning")
    PlanVersion.objects.filter(pk=version.pk).update(upload=upload)
    page = as_user("reviewer").get(address(version))
    assert [(q["code"], q["count"]) for q in page.context["quality"]] == [("G8", 1)]
    assert reverse("upload", args=[upload.pk]) in page.content.decode()


def test_figures_of_changed_base_data_are_called_stale(in_review, village, as_user):
    client = as_user("reviewer")
    assert client.get(address(in_review)).context["stale"] is False
    village.parcels.filter(number=1).update(code="0103")
    Village.objects.filter(pk=village.pk).update(revision=village.revision + 1)
    assert client.get(address(in_review)).context["stale"] is True


def test_before_the_computation_the_page_says_so_and_shows_its_progress(version, as_user, cast):
    page = as_user("reviewer").get(address(version))
    assert page.context["run"] is None
    job = jobs.start("indicators.judge_version", by=cast.planner, version=version.pk)
    assert as_user("planner").get(address(version)).context["watch"]
    assert reverse("job", args=[job.pk]) not in as_user("reviewer").get(address(version)).content.decode()


STEPS = {
    "township": {"draft": ["resume", "withdraw"], "notice": ["close_notice"], "submitted": []},
    "reviewer": {"draft": [], "notice": ["return"], "submitted": ["return"]},
    "leader": {"draft": [], "notice": ["return"], "submitted": ["approve", "return"]},
    "planner": {"draft": ["ask_villagers", "withdraw"], "notice": [], "submitted": []},
    "committee": {"draft": ["ask_villagers", "withdraw"], "notice": [], "submitted": []},
    "province": {"draft": [], "notice": [], "submitted": []},
}


@pytest.mark.parametrize("who", STEPS)
def test_the_decision_panel_offers_what_the_table_allows(who, version, cast, as_user, closing_early):
    client = as_user(who)
    for state in ("draft", "notice", "submitted"):
        steps = client.get(address(version)).context["steps"]
        assert [s["name"] for s in steps] == STEPS[who][state], state
        if state == "draft":
            version = world.publish(version, cast.township)
        elif state == "notice":
            version = world.advance(version, "submitted")


def test_what_is_missing_for_a_step_is_said_before_it_is_tried(conflicting, as_user):
    steps = {s["name"]: s for s in as_user("leader").get(address(conflicting)).context["steps"]}
    assert len(steps["approve"]["missing"]) == 1
    assert steps["return"]["missing"] == []


def test_the_leader_approves_and_the_step_is_on_record(in_review, as_user, cast):
    response = move(as_user("leader"), in_review, "approve", note="同意")
    assert response.url == address(in_review)
    in_review.refresh_from_db()
    assert in_review.state == State.APPROVED
    page = as_user("reviewer").get(address(in_review))
    act = page.context["acts"][0]
    assert (act.entry.actor, str(act.from_state), str(act.to_state), act.note) == (
        cast.leader,
        str(State.SUBMITTED.label),
        str(State.APPROVED.label),
        "同意",
    )


def test_a_return_carries_its_reasons_to_the_authors(conflicting, as_user):
    move(as_user("reviewer"), conflicting, "return", note="一、压占永久基本农田\n二、<script>", zone="1", text="改")
    page = as_user("planner").get(address(conflicting)).content.decode()
    assert "一、压占永久基本农田" in page
    assert "二、&lt;script&gt;" in page
    assert f"{reverse('upload-new')}?village={world.LIUGOU}" in page


def test_a_refused_step_says_why_and_keeps_the_note(conflicting, as_user):
    client = as_user("leader")
    response = move(client, conflicting, "approve", note="想了很久的话")
    assert response.url == f"{address(conflicting)}#decision"
    page = client.get(address(conflicting))
    assert [m.level_tag for m in page.context["messages"]] == ["error"]
    assert page.context["kept"]["note"] == "想了很久的话"
    conflicting.refresh_from_db()
    assert conflicting.state == State.SUBMITTED


def test_a_kept_note_stands_in_its_own_form_until_a_step_succeeds(in_review, as_user):
    client = as_user("leader")
    move(client, in_review, "return", note="  ")
    Finding.objects.create(
        version=in_review, number=900, code="K1", severity="block", category="real", area_m2=500, geom=geos(cell(0, 0))
    )
    move(client, in_review, "approve", note="留着的话")
    Finding.objects.all().delete()
    assert "留着的话</textarea>" in client.get(address(in_review)).content.decode()
    assert "留着的话</textarea>" in client.get(address(in_review)).content.decode()
    move(client, in_review, "approve", note="留着的话")
    assert "留着的话</textarea>" not in client.get(address(in_review)).content.decode()


@pytest.mark.parametrize(
    ("who", "name"),
    [*((who, "approve") for who in ("planner", "committee", "township", "province")), ("reviewer", "open_notice")],
)
def test_those_without_the_right_are_told_and_nothing_moves(who, name, in_review, as_user):
    answer = move(as_user(who), in_review, name)
    assert answer.status_code == 403
    assert "您没有办理这一步的权限" in answer.content.decode()
    in_review.refresh_from_db()
    assert in_review.state == State.SUBMITTED


@pytest.mark.parametrize("who", ["villager", "other_committee", "stranger"])
def test_strangers_move_nothing(who, in_review, as_user):
    assert move(as_user(who), in_review, "approve").status_code == 404
    in_review.refresh_from_db()
    assert in_review.state == State.SUBMITTED


def test_whoever_is_signed_out_is_led_back_after_signing_in(in_review, as_user):
    assert move(as_user(), in_review, "approve").url == f"{reverse('login')}?next={address(in_review)}"


@pytest.mark.parametrize("name", ["", "nonsense", "x" * 500, "\x00"])
def test_a_step_that_is_not_possible_is_said_in_words(name, in_review, as_user):
    client = as_user("reviewer")
    assert move(client, in_review, name).status_code == 302
    assert [m.level_tag for m in client.get(address(in_review)).context["messages"]] == ["error"]


def test_moving_needs_a_post_with_a_token(in_review, cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.reviewer)
    assert move(client, in_review, "approve").status_code == 403
    assert client.get(reverse("version-move", args=[in_review.pk])).status_code == 405


def test_two_officials_who_decide_at_once_get_one_decision_and_one_explanation(in_review, as_user):
    first, second = as_user("leader"), as_user("reviewer")
    move(first, in_review, "approve")
    move(second, in_review, "return", note="补充材料", page="3", text="补充材料")
    assert [m.level_tag for m in second.get(address(in_review)).context["messages"]] == ["error"]
    assert [s.name for s in Step.objects.filter(version=in_review)].count("approve") == 1
    assert not Step.objects.filter(version=in_review, name="return").exists()


def test_looking_changes_nothing(conflicting, as_user):
    before = (AuditEntry.objects.count(), Step.objects.count(), Comment.objects.count())
    client = as_user("reviewer")
    client.get(address(conflicting))
    client.head(address(conflicting))
    assert (AuditEntry.objects.count(), Step.objects.count(), Comment.objects.count()) == before


def test_the_page_asks_the_database_no_more_for_more_findings_and_comments(in_review, as_user, cast):
    client = as_user("reviewer")

    def questions() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(address(in_review))
        return len(caught)

    def add(count: int, start: int) -> None:
        for n in range(start, start + count):
            Finding.objects.create(
                version=in_review,
                number=n,
                code="K1",
                severity="block",
                category="real",
                area_m2=n,
                zone=in_review.zones.first(),
                geom=geos(cell(0, 0)),
            )
            Comment.objects.create(version=in_review, author=cast.villager, text="好", created_at=timezone.now())

    add(2, 901)
    client.get(address(in_review))
    few = questions()
    add(20, 910)
    assert questions() == few


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("state", State.values[1:])
def test_every_state_has_its_page_in_both_languages(state, language, version, as_user):
    world.put(version, state)
    client = as_user("planner")
    client.cookies["django_language"] = language
    assert client.get(address(version)).status_code == 200
