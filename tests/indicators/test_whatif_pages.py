"""Pages and API of what-ifs: the question from a comment, the answer in words, who sees and who may ask."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators import runs, whatifs
from indicators.models import WhatIf
from planning import answers, moderation, participation
from planning.models import Comment, Drawing, Finding, PlanVersion
from portal.models import AuditEntry, Job
from tests import world
from tests.indicators.what_if_case import drawn_comment, rectangle
from tests.rows import shared

ROOM = "/api/v1"


@shared
def judged(public_version):
    runs.judge(public_version)
    return PlanVersion.objects.get(pk=public_version.pk)


@shared
def comment(judged, cast):
    return participation.post_comment(judged, by=cast.villager, text="果园应保留", zone=9)


@pytest.fixture
def answered(comment, cast, run_jobs) -> WhatIf:
    row = whatifs.ask(comment, code="0201", by=cast.villager)
    run_jobs()
    return WhatIf.objects.get(pk=row.pk)


@pytest.fixture
def as_user(as_user, settings):
    """The same, reading English."""

    def make(name=None):
        client = as_user(name)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        return client

    return make


def post(client, url, **body):
    return client.post(url, json.dumps(body), "application/json")


def get(client, url):
    return client.get(url)


def test_a_resident_asks_from_the_comment_and_reads_the_answer(comment, as_user, run_jobs):
    client = as_user("villager")
    form = get(client, reverse("what-if-new", args=[comment.pk]))
    assert "Zone 9" in form.content.decode()
    sent = client.post(form.request["PATH_INFO"], {"code": "0201"})
    page = get(client, sent.url)
    assert page.context["watch"]
    run_jobs()
    text = get(client, sent.url).content.decode()
    assert "that the draft plans as" in text
    assert "not a decision" in text
    assert "If adopted" in text
    version = get(client, reverse("version", args=[comment.version_id])).content.decode()
    assert sent.url in version


def test_everybody_reads_the_answer_to_a_public_comment_and_nobody_that_of_a_hidden_one(answered, as_user, cast):
    url = reverse("what-if", args=[answered.pk])
    for name in (None, "stranger", "planner", "reviewer"):
        assert get(as_user(name), url).status_code == 200
        assert get(as_user(name), f"{ROOM}/what-ifs/{answered.pk}/").status_code == 200
    moderation.hide(answered.comment, by=cast.township, reason="写了电话号码")
    for name in (None, "villager", "planner", "township"):
        assert get(as_user(name), url).status_code == 404
        assert get(as_user(name), f"{ROOM}/what-ifs/{answered.pk}/").status_code == 404
        assert get(as_user(name), f"{ROOM}/versions/{answered.version_id}/what-ifs/").json()["results"] == []
    assert post(as_user("villager"), f"{ROOM}/comments/{answered.comment_id}/what-ifs/", code="0301").status_code == 404
    assert get(as_user("villager"), reverse("what-if-new", args=[answered.comment_id])).status_code == 404
    assert WhatIf.objects.count() == 1


def test_a_comment_that_waits_for_a_look_is_not_there_to_ask_about(comment, cast, as_user):
    comment = Comment.objects.create(
        version=comment.version,
        author=cast.villager,
        text="?",
        zone=comment.zone,
        held_at=timezone.now(),
        held_why="all",
    )
    for name in (None, "villager", "township"):
        assert get(as_user(name), reverse("what-if-new", args=[comment.pk])).status_code == 404
        assert post(as_user(name), f"{ROOM}/comments/{comment.pk}/what-ifs/", code="0201").status_code == 404


def test_what_a_held_comment_or_an_unseen_draft_would_change_is_told_to_nobody(judged, cast, as_user, village):
    held = {"held_at": timezone.now(), "held_why": "all"}
    for n, (version, more) in enumerate(((judged, held), (world.make_version(village, by=cast.planner), {}))):
        zone = version.zones.get(number=9)
        comment = Comment.objects.create(version=version, author=cast.villager, text="?", zone=zone, **more)
        row = WhatIf.objects.create(
            version=version, comment=comment, geom=zone.geom, code="0201", key=str(n), by=cast.villager
        )
        for name in (None, "villager", "stranger"):
            assert get(as_user(name), reverse("what-if", args=[row.pk])).status_code == 404
            assert get(as_user(name), f"{ROOM}/what-ifs/{row.pk}/").status_code == 404


def test_only_the_author_and_staff_of_the_division_may_ask(comment, as_user):
    url = f"{ROOM}/comments/{comment.pk}/what-ifs/"
    assert {name: post(as_user(name), url, code="0301").status_code for name in (
        None, "stranger", "other_committee", "villager", "committee", "planner", "township", "reviewer",
    )} == {
        None: 403, "stranger": 403, "other_committee": 403, "villager": 202, "committee": 202, "planner": 202, "township": 202,
        "reviewer": 202,
    }  # fmt: skip
    assert WhatIf.objects.count() == 1  # the same question is one row
    assert AuditEntry.objects.filter(verb="what_if.asked").count() == 1
    page = reverse("what-if-new", args=[comment.pk])
    assert as_user().get(page).status_code == 302
    assert as_user("stranger").get(page).status_code == 403


def test_who_may_not_see_base_data_is_not_told_what_the_land_is_and_gives_no_area(answered, comment, as_user):
    told = {name: get(as_user(name), f"{ROOM}/what-ifs/{answered.pk}/").json() for name in ("villager", "planner")}
    assert [row["base"] for row in told["villager"]["moved"]] == [""]
    assert [row["base"] for row in told["planner"]["moved"]] == ["0201"]
    assert any("as it is today" in said for said in told["planner"]["sentences"])
    assert not any("as it is today" in said for said in told["villager"]["sentences"])
    url, area = f"{ROOM}/comments/{comment.pk}/what-ifs/", json.loads(rectangle(1, 1, 2, 2).geojson)
    assert post(as_user("villager"), url, code="0301", geometry=area).status_code == 403
    assert post(as_user("planner"), url, code="0301", geometry=area).status_code == 202


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": "9999"}, "code"),
        ({"code": "070301"}, "unchanged"),
        ({"code": "0201", "zone": 77}, "zone"),
        ({"code": "0201", "geometry": json.loads(rectangle(15, 0, 2, 2).geojson)}, "outside_village"),
        ({"code": "0201", "geometry": json.loads(rectangle(1, 1, 1e-6, 1e-6).geojson)}, "too_small"),
        ({"code": "0201", "geometry": json.loads(rectangle(90, 0, 2, 2).geojson)}, "shape"),
    ],
)
def test_what_cannot_be_asked_is_said_in_words(comment, as_user, body, code):
    answer = post(as_user("planner"), f"{ROOM}/comments/{comment.pk}/what-ifs/", **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert not WhatIf.objects.exists()


def test_a_comment_on_the_whole_plan_asks_for_a_zone(judged, cast, as_user, run_jobs):
    comment = participation.post_comment(judged, by=cast.villager, text="路太窄")
    client, page = as_user("villager"), reverse("what-if-new", args=[comment.pk])
    assert 'name="zone"' in get(client, page).content.decode()
    drawn = {"code": "0301", "shape": rectangle(1, 1, 2, 2).geojson}
    assert client.post(page, drawn).status_code == 403
    assert as_user("planner").post(page, drawn).status_code == 302
    WhatIf.objects.all().delete()
    assert as_user("planner").post(page, {**drawn, "shape": "{"}).status_code == 400
    refused = client.post(page, {"code": "0102", "zone": "77"})
    assert (refused.status_code, refused.context["errors"][0]["field"]) == (400, "id_zone")
    sent = client.post(page, {"code": "other", "other": "0102", "zone": "6"})
    assert sent.status_code == 302
    run_jobs()
    assert WhatIf.objects.get().result["zones"] == [6]


def test_one_may_ask_so_often_a_day(comment, cast, as_user, settings):
    settings.WHAT_IFS_A_DAY = 1
    url = f"{ROOM}/comments/{comment.pk}/what-ifs/"
    assert post(as_user("villager"), url, code="0201").status_code == 202
    assert post(as_user("villager"), url, code="0201").status_code == 202  # the same again costs nothing
    refused = post(as_user("villager"), url, code="0301")
    assert refused.status_code == 429
    assert refused.json()["error"]["data"]["again"]
    page = as_user("villager").post(reverse("what-if-new", args=[comment.pk]), {"code": "0301"})
    assert page.status_code == 429
    assert post(as_user("planner"), url, code="0301").status_code == 202


def test_a_comment_has_so_many_what_ifs(comment, cast, monkeypatch):
    monkeypatch.setattr(whatifs, "MOST", 1)
    whatifs.ask(comment, code="0201", by=cast.villager)
    with pytest.raises(whatifs.Conflict) as refused:
        whatifs.ask(comment, code="0301", by=cast.villager)
    assert refused.value.code == "enough"


def test_the_same_question_of_another_comment_is_not_computed_again(answered, judged, cast):
    other = participation.post_comment(judged, by=cast.stranger, text="同意保留果园", zone=9)
    jobs = Job.objects.count()
    row = whatifs.ask(other, code="0201", by=cast.stranger)
    assert (row.state, row.result) == (WhatIf.State.DONE, answered.result)
    assert Job.objects.count() == jobs


def test_nothing_of_the_version_changes_and_the_copy_leaves_no_rows(judged, comment, cast, run_jobs):
    def rows():
        return (
            PlanVersion.objects.values_list("digest", "checked_at", "state")[::1],
            list(Finding.objects.order_by("pk").values_list("pk", "key", "area_m2")),
            judged.zones.count(), judged.runs.count(), WhatIf._meta.apps.get_model("indicators.StoredResult").objects.count(),
        )  # fmt: skip

    before = rows()
    whatifs.ask(comment, code="0201", by=cast.villager)
    run_jobs()
    assert rows() == before


def test_it_is_marked_when_the_lines_change_and_can_be_computed_again(answered, as_user, village, run_jobs):
    village.control_lines.filter(kind="YJJBNT").delete()
    village.save()
    url = reverse("what-if", args=[answered.pk])
    page = get(as_user(), url)
    assert page.context["stale"]
    assert "Out of date" in page.content.decode()
    assert not page.context["may_again"]
    assert get(as_user(), f"{ROOM}/what-ifs/{answered.pk}/").json()["stale"]
    assert as_user("stranger").post(reverse("what-if-again", args=[answered.pk])).status_code == 403
    assert post(as_user("villager"), f"{ROOM}/what-ifs/{answered.pk}/again/").status_code == 202
    run_jobs()
    assert not get(as_user(), url).context["stale"]


def test_a_failure_says_why_and_can_be_tried_again(comment, cast, as_user, run_jobs, monkeypatch):
    from indicators import whatif_result

    def broken(*args, **kwargs):
        raise whatifs.Conflict("The ground is too complex.")

    with monkeypatch.context() as patched:
        patched.setattr(whatif_result, "compute", broken)
        row = whatifs.ask(comment, code="0201", by=cast.villager)
        run_jobs()
    url = reverse("what-if", args=[row.pk])
    assert "The ground is too complex." in get(as_user("villager"), url).content.decode()
    as_user("villager").post(reverse("what-if-again", args=[row.pk]))
    run_jobs()
    assert WhatIf.objects.get(pk=row.pk).state == WhatIf.State.DONE


def test_a_cancelled_computation_says_so(comment, cast, as_user):
    from portal import jobs

    row = whatifs.ask(comment, code="0201", by=cast.villager)
    jobs.cancel(row.job)
    assert WhatIf.objects.get(pk=row.pk).state == WhatIf.State.FAILED
    assert get(as_user(), reverse("what-if", args=[row.pk])).status_code == 200


def test_a_decided_version_is_no_draft_to_ask_about(comment, judged, as_user):
    world.put(judged, "withdrawn")
    assert post(as_user("planner"), f"{ROOM}/comments/{comment.pk}/what-ifs/", code="0201").status_code == 409


def test_the_planner_opens_it_as_a_drawing_and_nobody_else(judged, cast, as_user, run_jobs):
    comment = drawn_comment(judged, cast.villager, rectangle(2, 2.5, 3, 1.2))
    row = whatifs.ask(comment, code="070301", by=cast.villager)
    run_jobs()
    url = reverse("what-if-drawing", args=[row.pk])
    assert as_user().post(url).status_code == 302
    assert {
        name: as_user(name).post(url).status_code for name in ("villager", "township", "reviewer")
    } == dict.fromkeys(("villager", "township", "reviewer"), 403)
    assert not Drawing.objects.exists()
    assert as_user("planner").post(url).url == as_user("planner").post(url).url
    drawing = Drawing.objects.get()
    assert drawing.zones.filter(code="070301").count() == judged.zones.filter(code="070301").count() + 1
    told = post(as_user("planner"), f"{ROOM}/what-ifs/{row.pk}/drawing/")
    assert (told.status_code, told.json()["drawing"]) == (201, drawing.pk)


def test_the_list_of_a_version_and_the_review_page_lead_to_it(answered, as_user):
    (row,) = get(as_user(), f"{ROOM}/versions/{answered.version_id}/what-ifs/").json()["results"]
    assert (row["id"], row["state"], row["stale"]) == (answered.pk, "done", False)
    review = get(as_user("reviewer"), reverse("review", args=[answered.version_id])).content.decode()
    assert reverse("what-if", args=[answered.pk]) in review


def test_whoever_answers_finds_it_beside_the_comment(answered, as_user, cast):
    link = reverse("what-if", args=[answered.pk])
    for page in (
        reverse("version-answers", args=[answered.version_id]),
        reverse("reply-new", args=[answered.comment_id]),
    ):
        assert link in get(as_user("committee"), page).content.decode()
    answers.answer(answered.comment, by=cast.committee, text="采纳", adoption="adopted")
    assert "was answered" in get(as_user(), link).content.decode()
