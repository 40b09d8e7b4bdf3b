"""The pages of the joint review do what the API does, without scripts, and keep what was written."""

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from planning import conditions, reviews
from planning.models import Condition, Opinion, OpinionAnswer, PlanVersion, ReviewRequest
from planning.views import reviews as pages
from tests import world
from tests.planning.review_case import asked, beyond_notice, make_late, opened, working_day
from tests.rows import shared


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@shared
def joint(version) -> PlanVersion:
    return world.advance(version, "joint_review")


@pytest.fixture
def in_english(as_user):
    """as_user, reading English."""

    def make(name=None):
        client = as_user(name)
        client.cookies["django_language"] = "en"
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return make


def case(version, user) -> str:
    """The section of the case page as the person reads it."""
    request = RequestFactory().get("/")
    request.user, request.LANGUAGE_CODE = user, "en"
    return render_to_string(
        "planning/case/reviews.html", {"version": version, **pages.section(version, user)}, request=request
    )


def test_the_county_asks_from_a_form_that_says_what_is_wrong(joint, cast, in_english):
    address = reverse("review-ask", args=[joint.pk])
    assert 'value="department:agriculture"' in case(joint, cast.reviewer)
    wrong = in_english("reviewer").post(address, {"whom": "expert:expert", "due_on": "2020-01-01", "note": "基本农田"})
    page = wrong.content.decode()
    assert wrong.status_code == 400
    assert 'href="#id_due_on"' in page
    assert "基本农田" in page
    for whom in ("department:agriculture", "expert:expert"):
        done = in_english("reviewer").post(address, {"whom": whom, "due_on": working_day().isoformat()})
        assert done["Location"] == f"/versions/{joint.pk}/case/#reviews"
    assert ReviewRequest.objects.count() == 2
    assert in_english("reviewer").get(address).status_code == 200
    assert in_english("planner").post(address, {"whom": "expert:expert", "due_on": working_day()}).status_code == 403
    assert in_english("expert").get(address).status_code == 404
    assert "/login/" in in_english().get(address)["Location"]


def test_only_whom_the_county_may_ask_is_offered_the_form(joint, cast):
    assert "id_ask_whom" in case(joint, cast.leader)
    for who in ("township", "planner", "province"):
        assert "id_ask_whom" not in case(joint, getattr(cast, who))


def test_before_the_declaration_the_page_says_nothing_of_the_plan(joint, cast, in_english):
    request = asked(joint, cast)
    expert, address = in_english("expert"), f"/reviews/{request.pk}/"
    page = expert.get(address).content.decode()
    assert "Before you read" in page
    assert "id_stance" not in page
    refused = expert.post(f"{address}opinions/", {"stance": "agree", "text": "好"})
    assert refused.status_code == 403
    assert "Zone 8" not in refused.content.decode()
    assert "declare first" in refused.content.decode()
    silent = expert.post(f"{address}declaration/", {"conflict": "yes", "text": " "})
    assert silent.status_code == 400
    assert 'href="#id_conflict_text"' in silent.content.decode()
    assert expert.post(f"{address}declaration/", {"conflict": "no"})["Location"] == address
    page = expert.get(address).content.decode()
    assert "id_stance" in page
    assert "Zone 8" in page


def test_whoever_declares_a_conflict_is_led_back_to_the_list(joint, cast, in_english):
    request = asked(joint, cast)
    done = in_english("expert").post(f"/reviews/{request.pk}/declaration/", {"conflict": "yes", "text": "持股"})
    assert done["Location"] == "/reviews/"
    assert "Conflict of interest" in case(joint, cast.reviewer)
    assert "持股" in in_english("reviewer").get(f"/reviews/{request.pk}/").content.decode()


def test_an_opinion_is_written_completed_and_answered_on_pages(joint, cast, in_english):
    request = opened(joint, cast)
    expert, address = in_english("expert"), f"/reviews/{request.pk}/"
    wrong = expert.post(f"{address}opinions/", {"stance": "", "text": "路太窄", "zone": "8"})
    assert wrong.status_code == 400
    assert 'href="#id_stance"' in wrong.content.decode()
    assert "路太窄" in wrong.content.decode()
    both = expert.post(f"{address}opinions/", {"stance": "change", "text": "路太窄", "zone": "8", "clause": "第三章"})
    assert 'href="#id_clause"' in both.content.decode()
    for _twice in range(2):
        done = expert.post(f"{address}opinions/", {"stance": "change", "text": "路太窄", "zone": "8", "once": "k"})
    opinion = Opinion.objects.get()
    assert done["Location"] == f"{address}#opinion-{opinion.pk}"
    assert expert.post(f"{address}finish/")["Location"] == address
    assert "My opinion is complete" not in expert.get(address).content.decode()

    assert "1 without answer" in case(joint, cast.committee)
    assert f"/opinions/{opinion.pk}/answer/" in case(joint, cast.committee)
    assert f"/opinions/{opinion.pk}/answer/" not in case(joint, cast.reviewer)
    answer = reverse("opinion-answer", args=[opinion.pk])
    wrong = in_english("committee").post(answer, {"outcome": "not", "reason": ""})
    assert 'href="#id_reason"' in wrong.content.decode()
    done = in_english("committee").post(answer, {"outcome": "not", "reason": "规范允许"})
    assert done["Location"] == f"/versions/{joint.pk}/case/#opinion-{opinion.pk}"
    second = in_english("planner").post(answer, {"outcome": "adopted", "reason": "我写的话"})
    assert second.status_code == 409
    assert "柳沟村委会" in second.content.decode()
    assert "我写的话" in second.content.decode()
    assert OpinionAnswer.objects.get().outcome == "not"
    assert "规范允许" in expert.get(address).content.decode()
    assert in_english("stranger").get(answer).status_code == 404


def test_those_asked_see_in_the_case_what_is_theirs(joint, cast):
    request, other = opened(joint, cast), opened(joint, cast, "agriculture")
    reviews.give_opinion(request, by=cast.expert, stance="object", text="占用耕地")
    reviews.give_opinion(other, by=cast.agriculture, stance="change", text="改水渠")
    page = case(joint, cast.agriculture)
    assert "改水渠" in page
    assert "占用耕地" not in page
    assert request.pk not in page
    reviews.finish(other, by=cast.agriculture)
    page = case(joint, cast.agriculture)
    assert "占用耕地" in page
    assert cast.expert.full_name not in page
    assert "/answer/" not in page


def test_requests_lie_in_three_heaps(joint, cast, in_english):
    expert = in_english("expert")
    assert "Nothing waits for your answer" in expert.get("/reviews/").content.decode()
    request = opened(joint, cast)
    page = expert.get("/reviews/").content.decode()
    assert f"/reviews/{request.pk}/" in page
    assert "late-title" not in page
    make_late(request)
    page = expert.get("/reviews/").content.decode()
    assert "late-title" in page
    assert "1 day late" in page
    reviews.finish(request, by=cast.expert)
    page = expert.get("/reviews/").content.decode()
    assert "late-title" not in page
    assert "Complete, late" in page
    assert in_english("villager").get("/reviews/").status_code == 200
    assert "/login/" in in_english().get("/reviews/")["Location"]


def test_the_desk_shows_what_is_asked_and_what_waits_for_an_answer(joint, cast, in_english):
    assert 'href="/desk/"' in in_english("expert").get("/villages/").content.decode()
    request = opened(joint, cast)
    for who, there in {"expert": True, "agriculture": False, "reviewer": False}.items():
        assert (f"/reviews/{request.pk}/" in in_english(who).get("/desk/").content.decode()) is there, who
    make_late(request)
    assert "1 day late" in in_english("expert").get("/desk/").content.decode()
    reviews.give_opinion(request, by=cast.expert, stance="object", text="不行")
    reviews.finish(request, by=cast.expert)
    assert f"/reviews/{request.pk}/" not in in_english("expert").get("/desk/").content.decode()
    assert "1 opinion without answer" in in_english("planner").get("/desk/").content.decode()
    reviews.answer(Opinion.objects.get(), by=cast.planner, outcome="adopted")
    assert "without answer</p>" not in in_english("planner").get("/desk/").content.decode()


def test_officials_read_a_request_and_call_it_back_on_its_page(joint, cast, in_english):
    request = asked(joint, cast)
    address = f"/reviews/{request.pk}/"
    page = in_english("reviewer").get(address).content.decode()
    assert "call-back" in page
    assert "id_stance" not in page
    assert "call-back" not in in_english("planner").get(address).content.decode()
    assert in_english("planner").post(f"{address}call-back/").status_code == 403
    assert in_english("agriculture").post(f"{address}call-back/").status_code == 404
    assert "/login/" in in_english().post(f"{address}call-back/")["Location"]
    assert in_english("leader").post(f"{address}call-back/")["Location"] == address
    assert in_english("expert").get(address).status_code == 404
    assert "Called back" in case(joint, cast.reviewer)


def test_conditions_are_set_taken_out_and_met_from_the_case(version, cast, in_english):
    submitted = beyond_notice(version, "submitted")
    new = reverse("condition-new", args=[submitted.pk])
    assert "id_condition_text" in case(submitted, cast.leader)
    assert "id_condition_text" not in case(submitted, cast.township)
    assert in_english("leader").post(new, {"text": ""}).status_code == 400
    for text in ("补签字", "改路宽"):
        done = in_english("leader").post(new, {"text": text, "zone": "3"})
        assert done["Location"] == f"/versions/{submitted.pk}/case/#conditions"
    in_english("leader").post(reverse("condition-drop", args=[submitted.pk, 2]))
    assert list(Condition.objects.values_list("text", flat=True)) == ["补签字"]
    assert in_english("stranger").post(reverse("condition-drop", args=[submitted.pk, 1])).status_code == 404
    met = reverse("condition-met", args=[submitted.pk, 1])
    assert in_english("leader").post(met, {"note": "好"}).status_code == 409
    assert in_english("leader").get(met).status_code == 200
    for who in ("township", "committee", "province"):  # no form whose sending would be refused
        assert in_english(who).get(new).status_code == in_english(who).post(new, {"text": "x"}).status_code == 403
        assert in_english(who).get(met).status_code == in_english(who).post(met, {"note": "x"}).status_code == 403
    assert "补签字" in case(submitted, cast.planner)
    reviews.declare_interest(submitted.requests.get(), by=cast.agriculture, conflict=False)
    assert "补签字" not in case(submitted, cast.agriculture)


def test_the_list_of_what_was_adopted_says_no_objection_too(joint, cast, in_english):
    request = opened(joint, cast)
    address = f"/versions/{joint.pk}/opinions/"
    assert "There is no opinion to read yet" in in_english("reviewer").get(address).content.decode()
    reviews.finish(request, by=cast.expert)
    page = in_english("reviewer").get(address).content.decode()
    assert "No objection" in page
    assert "规划专家" in page
    assert in_english("villager").get(address).status_code == 404
    assert "/login/" in in_english().get(address)["Location"]


def test_words_of_others_stay_words(joint, cast, in_english):
    request = opened(joint, cast)
    reviews.give_opinion(request, by=cast.expert, stance="change", text="<script>x()</script>", clause="<b>3</b>")
    for page in (in_english("expert").get(f"/reviews/{request.pk}/").content.decode(), case(joint, cast.planner),
                 in_english("planner").get(f"/versions/{joint.pk}/opinions/").content.decode()):  # fmt: skip
        assert "<script>x()" not in page
        assert "<b>3</b>" not in page
        assert "&lt;script&gt;" in page


def test_conditions_show_who_set_and_met_them(version, cast):
    submitted = beyond_notice(version, "submitted")
    condition = conditions.set_condition(submitted, by=cast.leader, text="补签字")
    Condition.objects.filter(pk=condition.pk).update(met_at=condition.set_at, met_by=cast.reviewer, met_note="已补")
    page = case(submitted, cast.planner)
    assert "县领导" in page
    assert "已补" in page
