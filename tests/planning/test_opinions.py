"""Opinions: given by those asked, pinned, never changed; each answered once with what becomes of it."""

import io
import threading

import pytest
from django.db import DatabaseError, connection, transaction
from openpyxl import load_workbook

from planning import gates, reviews, workflow
from planning.models import Opinion, OpinionAnswer, PlanVersion, ReviewRequest
from portal.errors import PortalError
from portal.models import AuditEntry, Membership, Notification
from tests import world
from tests.planning.review_case import add_member, asked, beyond_notice, make_late, opened, working_day
from tests.rows import shared


@shared
def joint(version) -> PlanVersion:
    return world.advance(version, "joint_review")


@shared
def request_(joint, cast) -> ReviewRequest:
    return opened(joint, cast)


def give(client, request, **changed):
    body = {"stance": "change", "text": "宅基地离河太近。", **changed}
    return client.post(f"/api/v1/reviews/{request.pk}/opinions/", body, content_type="application/json")


def finish(client, request):
    return client.post(f"/api/v1/reviews/{request.pk}/finish/", {}, content_type="application/json")


def answer(client, opinion, **changed):
    body = {"outcome": "adopted", "reason": "", **changed}
    return client.post(f"/api/v1/opinions/{opinion}/answer/", body, content_type="application/json")


def code(answered) -> str:
    return answered.json()["error"]["code"]


def test_an_opinion_is_pinned_to_a_zone_to_a_clause_or_to_the_whole(request_, as_user):
    expert = as_user("expert")
    zone = give(expert, request_, zone=8, stance="object").json()
    clause = give(expert, request_, clause="第三章第十二条").json()
    whole = give(expert, request_, score=82).json()
    assert (zone["zone"], zone["clause"], zone["stance"]) == (8, "", "object")
    assert (clause["zone"], clause["clause"]) == (None, "第三章第十二条")
    assert (whole["zone"], whole["clause"], whole["score"], whole["late"]) == (None, "", 82, False)
    assert AuditEntry.objects.filter(verb="review.opinion_given").count() == 3


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"zone": 99}, "zone"), ({"zone": 8, "clause": "第三章"}, "clause"), ({"zone": 8, "score": 50}, "score"),
        ({"text": "  "}, "invalid"), ({"text": "长" * 5001}, "invalid"), ({"stance": "perhaps"}, "invalid"), ({"score": 101}, "invalid"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_opinion_is_said(changed, wrong, request_, as_user):
    refused = give(as_user("expert"), request_, **changed)
    assert (refused.status_code, code(refused)) == (400, wrong)
    assert not Opinion.objects.exists()


def test_departments_give_no_score(joint, cast, as_user):
    request = opened(joint, cast, "agriculture")
    assert code(give(as_user("agriculture"), request, score=50)) == "score"


def test_nobody_gives_an_opinion_before_declaring_or_unasked(joint, cast, as_user):
    request = asked(joint, cast)
    assert code(give(as_user("expert"), request)) == "undeclared"
    assert code(finish(as_user("expert"), request)) == "undeclared"
    for who, status in {
        "reviewer": 403,
        "leader": 403,
        "planner": 403,
        "agriculture": 404,
        "villager": 404,
        None: 404,
    }.items():
        assert give(as_user(who), request).status_code == status, who
        assert finish(as_user(who), request).status_code == status, who
    request.refresh_from_db()
    assert not Opinion.objects.exists()
    assert request.done_at is None


def test_whoever_handed_in_the_plan_gives_no_opinion_on_it(joint, cast, as_user):
    Membership.objects.create(
        user=cast.planner, role="department", department="agriculture", division_code=world.COUNTY
    )
    request = opened(joint, cast, "agriculture")
    reviews.declare_interest(request, by=cast.planner, conflict=False)
    assert code(give(as_user("planner"), request)) == "own_plan"
    assert code(finish(as_user("planner"), request)) == "own_plan"
    assert give(as_user("agriculture"), request).status_code == 201


def test_an_opinion_never_changes_a_correction_is_a_further_one(request_, cast, as_user):
    give(as_user("expert"), request_)
    for change in ({"text": "别的"}, {"stance": "agree"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Opinion.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Opinion.objects.all().delete()
    finish(as_user("expert"), request_)
    assert give(as_user("expert"), request_, text="更正：是第七地块。").status_code == 201
    assert Opinion.objects.count() == 2


def test_the_same_key_gives_the_same_opinion(request_, as_user):
    first, second = (give(as_user("expert"), request_, once="k1").json() for _ in range(2))
    assert first["id"] == second["id"]
    assert Opinion.objects.count() == 1


def test_the_same_key_on_another_request_is_another_opinion(village, request_, cast, as_user):
    give(as_user("expert"), request_, once="k1")
    other = world.advance(world.make_version(world.make_village(world.OTHER, row=20), by=cast.planner), "joint_review")
    assert give(as_user("expert"), opened(other, cast), once="k1").status_code == 201
    assert Opinion.objects.count() == 2


def test_a_late_opinion_is_taken_and_marked_until_the_step_is_over(request_, joint, cast, as_user):
    make_late(request_)
    assert give(as_user("expert"), request_, stance="agree").json()["late"] is True
    assert "late" in as_user("reviewer").get(f"/api/v1/reviews/{request_.pk}/").json()
    workflow.move(PlanVersion.objects.get(pk=joint.pk), "to_assembly", by=cast.reviewer)
    refused = give(as_user("expert"), request_)
    assert (refused.status_code, code(refused)) == (409, "wrong_state")
    assert code(finish(as_user("expert"), request_)) == "wrong_state"


def test_in_the_first_round_one_may_be_asked_but_gives_no_opinion_yet(version, cast, as_user):
    request = opened(world.advance(version, "round1"), cast)
    assert code(give(as_user("expert"), request)) == "wrong_state"


def test_no_point_means_no_objection_and_the_gate_opens(request_, joint, cast, as_user):
    assert gates.opinions_in(joint) is not None
    done = finish(as_user("expert"), request_)
    assert done.status_code == 200
    assert done.json()["done_at"]
    assert gates.opinions_in(joint) is None
    request_.refresh_from_db()
    assert (request_.done_by, request_.deadline.met_at) == (cast.expert, request_.done_at)
    assert Notification.objects.get(kind="opinion_given").user == cast.reviewer


def test_an_opinion_is_completed_once_by_one_member(joint, cast, as_user):
    cast.second = add_member("second", "department", "agriculture")
    request = opened(joint, cast, "agriculture")
    reviews.declare_interest(request, by=cast.second, conflict=False)
    assert finish(as_user("agriculture"), request).status_code == 200
    again = finish(as_user("second"), request)
    assert (again.status_code, code(again)) == (409, "done")
    assert "县农业农村局" in again.json()["error"]["message"]


def listed(client, version) -> list[str]:
    return [o["text"] for o in client.get(f"/api/v1/versions/{version.pk}/opinions/").json()["results"]]


def test_the_opinions_of_others_are_read_when_ones_own_is_complete(request_, joint, cast, as_user):
    other = opened(joint, cast, "agriculture")
    give(as_user("agriculture"), other, text="占用水浇地")
    give(as_user("expert"), request_, text="路网不通")
    for who in ("reviewer", "leader", "township", "committee", "planner", "province"):
        assert listed(as_user(who), joint) == ["占用水浇地", "路网不通"], who
    assert listed(as_user("expert"), joint) == ["路网不通"]
    assert "占用水浇地" not in as_user("expert").get(f"/versions/{joint.pk}/opinions/").content.decode()
    assert as_user("expert").get(f"/api/v1/reviews/{other.pk}/opinions/").status_code == 404
    finish(as_user("expert"), request_)
    assert listed(as_user("expert"), joint) == ["占用水浇地", "路网不通"]
    assert listed(as_user("agriculture"), joint) == ["占用水浇地"]
    for who in ("villager", "other_committee", "stranger", None):
        assert as_user(who).get(f"/api/v1/versions/{joint.pk}/opinions/").status_code == 404, who


def test_experts_are_masked_for_each_other_and_named_for_staff(request_, joint, cast, as_user):
    other = opened(joint, cast, "agriculture")
    give(as_user("expert"), request_)
    finish(as_user("agriculture"), other)

    def names(who):
        return [o["who"] for o in as_user(who).get(f"/api/v1/versions/{joint.pk}/opinions/").json()["results"]]

    assert names("agriculture") == ["规**"]
    assert names("planner") == ["规划专家"]


ANSWERING = {"committee": 201, "planner": 201, "township": 201, "reviewer": 403, "leader": 403, "province": 403, "expert": 403,
             "agriculture": 404, "other_committee": 404, "villager": 404, None: 404}  # fmt: skip


@pytest.mark.parametrize("who", ANSWERING)
def test_who_may_answer(who, request_, as_user):
    opinion = give(as_user("expert"), request_).json()["id"]
    assert answer(as_user(who), opinion).status_code == ANSWERING[who]
    assert OpinionAnswer.objects.count() == (ANSWERING[who] == 201)


def test_partly_and_not_need_a_reason(request_, cast, as_user):
    opinion = give(as_user("expert"), request_).json()["id"]
    for outcome in ("not", "partly"):
        refused = answer(as_user("planner"), opinion, outcome=outcome, reason="  ")
        assert (refused.status_code, code(refused)) == (400, "reason")
    told = answer(as_user("planner"), opinion, outcome="not", reason="河道管理范围外").json()["answer"]
    assert (told["outcome"], told["reason"]) == ("not", "河道管理范围外")
    assert Notification.objects.get(kind="opinion_answered").user == cast.expert
    with pytest.raises(DatabaseError), transaction.atomic():
        OpinionAnswer.objects.update(outcome="adopted")


def test_nobody_answers_an_opinion_of_ones_own(joint, cast, as_user):
    Membership.objects.create(user=cast.agriculture, role="township", division_code=world.TOWN)
    opinion = give(as_user("agriculture"), opened(joint, cast, "agriculture")).json()["id"]
    refused = answer(as_user("agriculture"), opinion)
    assert (refused.status_code, code(refused)) == (403, "own_opinion")


def test_the_second_answer_is_refused_and_told_what_the_first_says(request_, as_user):
    opinion = give(as_user("expert"), request_).json()["id"]
    answer(as_user("planner"), opinion, outcome="not", reason="不在河道内")
    second = answer(as_user("committee"), opinion)
    assert (second.status_code, code(second)) == (409, "answered")
    assert second.json()["error"]["data"]["reason"] == "不在河道内"
    assert "周工" in second.json()["error"]["message"]


def test_opinions_are_answered_after_a_return_but_not_when_the_plan_is_decided(request_, joint, cast, as_user):
    opinion = give(as_user("expert"), request_).json()["id"]
    world.send_back(PlanVersion.objects.get(pk=joint.pk), by=cast.reviewer, note="请修改")
    assert answer(as_user("planner"), opinion).status_code == 201


def test_a_decided_plan_takes_no_more_answers(request_, joint, cast, as_user):
    give(as_user("expert"), request_, stance="agree")
    reviews.finish(request_, by=cast.expert)
    version = beyond_notice(PlanVersion.objects.get(pk=joint.pk), "approved")
    refused = answer(as_user("planner"), version.opinions.get().pk)
    assert (refused.status_code, code(refused)) == (409, "wrong_state")


def test_an_unanswered_opinion_holds_the_joint_review_up(request_, joint, cast, as_user):
    opinion = give(as_user("expert"), request_).json()["id"]
    reviews.finish(request_, by=cast.expert)
    with pytest.raises(PortalError, match="1"):
        workflow.move(PlanVersion.objects.get(pk=joint.pk), "to_assembly", by=cast.reviewer)
    answer(as_user("planner"), opinion)
    moved = workflow.move(PlanVersion.objects.get(pk=joint.pk), "to_assembly", by=cast.reviewer)
    assert moved.state == "assembly"


def test_the_list_of_what_was_adopted_is_a_workbook_without_formulas(request_, joint, cast, as_user):
    opinion = give(as_user("expert"), request_, text='=HYPERLINK("http://x","y")', score=70).json()["id"]
    answer(as_user("planner"), opinion, outcome="not", reason="+1")
    reviews.finish(opened(joint, cast, "agriculture"), by=cast.agriculture)
    for address in (f"/versions/{joint.pk}/opinions.xlsx", f"/api/v1/versions/{joint.pk}/opinions.xlsx"):
        file = as_user("reviewer").get(address)
        assert file.status_code == 200
        rows = list(load_workbook(io.BytesIO(file.content)).active.iter_rows(values_only=True))
        assert (rows[1][1], rows[1][4], rows[1][5], rows[1][8]) == (
            "规划专家",
            '\'=HYPERLINK("http://x","y")',
            70,
            "'+1",
        )
        assert rows[2][0] == 2
        assert as_user("stranger").get(address).status_code == 404


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("act", ["answer", "once", "finish", "ask"])
def test_of_many_at_once_exactly_one_writes(act):
    cast, village = world.make_cast(), world.make_village()
    joint = world.advance(world.make_version(village, by=cast.planner), "joint_review")
    request = opened(joint, cast)
    opinion = reviews.give_opinion(request, by=cast.expert, stance="change", text="太近", once="k0")
    people = [cast.planner, cast.committee, cast.township] * 4
    works = {
        "answer": lambda n: reviews.answer(opinion, by=people[n], outcome="adopted", reason=str(n)),
        "once": lambda n: reviews.give_opinion(request, by=cast.expert, stance="change", text="x", once="k1"),
        "finish": lambda n: reviews.finish(request, by=cast.expert),
        "ask": lambda n: reviews.ask(
            joint, by=[cast.reviewer, cast.leader][n % 2], department="agriculture", due_on=working_day()
        ),
    }
    told, gate = [], threading.Barrier(len(people))

    def run(n: int) -> None:
        try:
            gate.wait()
            told.append(str(works[act](n).pk))
        except PortalError as error:
            told.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(people))]
    [t.start() for t in threads]
    [t.join() for t in threads]
    if act == "once":
        assert len(set(told)) == 1
        assert Opinion.objects.filter(text="x").count() == 1
        assert len(told) == len(people)
    else:
        refused, verb = {
            "answer": ("answered", "review.opinion_answered"), "finish": ("done", "review.finished"), "ask": ("asked", "review.asked"),
        }[act]  # fmt: skip
        assert told.count(refused) == len(people) - 1
        # the expert was asked before
        assert AuditEntry.objects.filter(verb=verb).count() == (2 if act == "ask" else 1)
