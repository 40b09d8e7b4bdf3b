"""Joint review: whom the county may ask, until when; what those asked see before, while and after they are asked."""

import datetime

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from planning import reviews
from planning.models import Declaration, PlanVersion, ReviewRequest
from portal.errors import PortalError
from portal.models import AuditEntry, CalendarDay, Membership, Notification
from tests import world
from tests.planning.review_case import add_member, asked, beyond_notice, opened, working_day
from tests.rows import shared


@shared
def joint(version) -> PlanVersion:
    return world.advance(version, "joint_review")


def ask(client, version, **changed):
    body = {"expert": "expert", "due_on": working_day().isoformat(), **changed}
    body = {k: v for k, v in body.items() if v is not None}
    return client.post(f"/api/v1/versions/{version.pk}/reviews/", body, content_type="application/json")


def declare(client, request, conflict, text=""):
    address = f"/api/v1/reviews/{request.pk}/declaration/"
    return client.post(address, {"conflict": conflict, "text": text}, content_type="application/json")


def code(answer) -> str:
    return answer.json()["error"]["code"]


ASKING = {"reviewer": 201, "leader": 201, "planner": 403, "committee": 403, "township": 403, "province": 403,
          "villager": 404, "other_committee": 404, "stranger": 404, "expert": 404, "agriculture": 404, None: 404}  # fmt: skip


@pytest.mark.parametrize("who", ASKING)
def test_who_may_ask(who, joint, as_user):
    assert ask(as_user(who), joint).status_code == ASKING[who]
    assert ReviewRequest.objects.count() == (ASKING[who] == 201)


def test_asking_is_on_record_has_a_deadline_and_is_told(joint, cast, as_user):
    answer = ask(as_user("reviewer"), joint, note="是否占用基本农田？")
    row = ReviewRequest.objects.get()
    assert answer.json()["who"] == "规划专家"
    assert (row.deadline.kind, row.deadline.due_on, row.deadline.met_at) == ("opinion", row.due_on, None)
    assert AuditEntry.objects.get(verb="review.asked").actor == cast.reviewer
    told = Notification.objects.get(kind="opinion_asked")
    assert (told.user, told.url) == (cast.expert, f"/reviews/{row.pk}/")


def test_a_department_is_told_by_all_its_members_and_by_nobody_elses(joint, cast):
    second = add_member("second", "department", "agriculture")
    add_member("water", "department", "water")
    asked(joint, cast, "agriculture")
    assert set(Notification.objects.filter(kind="opinion_asked").values_list("user", flat=True)) == {
        cast.agriculture.pk, second.pk,
    }  # fmt: skip


@pytest.mark.parametrize("state", ["draft", "round1", "joint_review", "assembly", "notice", "submitted"])
def test_one_may_ask_in_the_first_round_and_in_joint_review_only(state, version, as_user):
    if state != "draft":
        version = beyond_notice(version, state)
    before = ReviewRequest.objects.count()
    answer = ask(as_user("reviewer"), version)
    if state in ("round1", "joint_review"):
        assert answer.status_code == 201
    else:
        assert (answer.status_code, code(answer)) == (409, "wrong_state")
        assert ReviewRequest.objects.count() == before


def test_the_day_for_an_answer_is_a_working_day_to_come(joint, as_user):
    today = timezone.localdate()
    saturday = today + datetime.timedelta(days=(5 - today.weekday()) % 7 or 7)
    CalendarDay.objects.update_or_create(division_code="", day=saturday, defaults={"working": False})
    for day in (today, today - datetime.timedelta(days=3), saturday, today + datetime.timedelta(days=800),
                datetime.date(9999, 12, 26)):  # fmt: skip
        answer = ask(as_user("reviewer"), joint, due_on=day.isoformat())
        assert (answer.status_code, code(answer)) == (400, "due_on"), day
    CalendarDay.objects.filter(day=saturday).update(working=True)  # a make-up day of the county
    assert ask(as_user("reviewer"), joint, due_on=saturday.isoformat()).status_code == 201


@pytest.mark.parametrize(
    "whom",
    [
        {"expert": "nobody"}, {"expert": "villager"}, {"expert": "reviewer"}, {"expert": None}, {"expert": None, "department": "water"},
        {"department": "agriculture"},
    ],
)  # fmt: skip
def test_exactly_one_expert_or_department_with_somebody_to_answer_is_asked(whom, joint, as_user):
    answer = ask(as_user("reviewer"), joint, **whom)
    assert (answer.status_code, code(answer)) == (400, "whom")


def test_an_expert_whose_time_is_over_is_not_asked(joint, cast, as_user):
    Membership.objects.filter(user=cast.expert).update(valid_to=timezone.localdate() - datetime.timedelta(days=1))
    assert code(ask(as_user("reviewer"), joint)) == "whom"


def test_the_same_is_not_asked_twice_but_again_after_a_call_back(joint, cast, as_user):
    first = asked(joint, cast)
    assert (ask(as_user("leader"), joint).status_code, code(ask(as_user("leader"), joint))) == (409, "asked")
    reviews.call_back(first, by=cast.leader)
    assert ask(as_user("leader"), joint).status_code == 201


def test_an_expert_who_handed_in_the_plan_is_not_asked(village, cast, as_user):
    Membership.objects.create(user=cast.planner, role="expert", division_code=world.COUNTY)
    version = world.advance(world.make_version(village, by=cast.planner), "joint_review")
    answer = ask(as_user("reviewer"), version, expert="planner")
    assert (answer.status_code, code(answer)) == (400, "whom")


def sees(client, version) -> bool:
    return client.get(f"/api/v1/versions/{version.pk}/zones/").status_code == 200


def test_whoever_is_asked_reads_the_plan_only_after_declaring_no_interest(joint, cast, as_user):
    expert = as_user("expert")
    assert not sees(expert, joint)
    request = asked(joint, cast)
    assert not sees(expert, joint)
    page = expert.get(f"/reviews/{request.pk}/")
    assert page.status_code == 200
    assert "map-options" not in page.content.decode()
    assert declare(expert, request, False).status_code == 204
    assert sees(expert, joint)
    assert "map-options" in expert.get(f"/reviews/{request.pk}/").content.decode()
    assert not sees(as_user("agriculture"), joint)


def test_each_member_of_a_department_declares_for_themselves(joint, cast, as_user):
    second = add_member("second", "department", "agriculture")
    cast.second = second
    request = opened(joint, cast, "agriculture")
    assert sees(as_user("agriculture"), joint)
    assert not sees(as_user("second"), joint)
    assert declare(as_user("second"), request, True, "家在该村").status_code == 204
    assert not sees(as_user("second"), joint)
    assert sees(as_user("agriculture"), joint)  # the colleague goes on
    request.refresh_from_db()
    assert request.cancelled_at is None


def test_a_conflict_ends_the_request_of_an_expert_and_the_asker_is_told(joint, cast, as_user):
    request = opened(joint, cast)
    assert declare(as_user("expert"), request, True, "本人持有该村企业股份").status_code == 204
    request.refresh_from_db()
    assert request.cancelled_at is not None
    assert request.deadline.met_at is not None
    assert not sees(as_user("expert"), joint)
    assert as_user("expert").get(f"/reviews/{request.pk}/").status_code == 404
    told = Notification.objects.get(kind="opinion_conflict")
    assert (told.user, told.values["who"]) == (cast.reviewer, "规划专家")
    answer = ask(as_user("reviewer"), joint)
    assert (answer.status_code, code(answer)) == (409, "conflict_of_interest")


def test_a_member_who_finds_a_conflict_later_reads_no_more(joint, cast, as_user):
    request = opened(joint, cast, "agriculture")
    assert sees(as_user("agriculture"), joint)
    assert declare(as_user("agriculture"), request, True, "刚得知亲属在该村").status_code == 204
    assert not sees(as_user("agriculture"), joint)
    page = as_user("agriculture").get(f"/reviews/{request.pk}/")
    assert page.status_code == 200
    assert "map-options" not in page.content.decode()


def test_a_conflict_is_said_in_words_and_not_taken_back(joint, cast, as_user):
    request = asked(joint, cast, "agriculture")
    assert (declare(as_user("agriculture"), request, True).status_code, Declaration.objects.count()) == (400, 0)
    declare(as_user("agriculture"), request, True, "亲属在该村")
    answer = declare(as_user("agriculture"), request, False)
    assert (answer.status_code, code(answer)) == (409, "conflict_of_interest")
    assert not sees(as_user("agriculture"), joint)
    with pytest.raises(DatabaseError), transaction.atomic():
        Declaration.objects.update(conflict=False)


def test_whoever_declared_a_conflict_is_told_nothing_more_of_the_version(joint, cast, as_user):
    cast.second = add_member("second", "department", "agriculture")
    request = asked(joint, cast, "agriculture")
    declare(as_user("second"), request, True, "亲属在该村")
    assert reviews.people_of(request) == [cast.agriculture]


def test_a_conflict_also_holds_for_a_second_request_on_the_same_version(joint, cast, as_user):
    first = asked(joint, cast, "agriculture")
    declare(as_user("agriculture"), first, True, "亲属在该村")
    reviews.call_back(first, by=cast.reviewer)
    second = asked(joint, cast, "agriculture")
    assert declare(as_user("agriculture"), second, False).status_code == 409
    assert not sees(as_user("agriculture"), joint)


def test_only_those_asked_declare(joint, cast, as_user):
    request = asked(joint, cast)
    for who, status in {"reviewer": 403, "township": 403, "agriculture": 404, "villager": 404, None: 404}.items():
        assert declare(as_user(who), request, False).status_code == status, who
    assert not Declaration.objects.exists()


def test_after_a_call_back_there_is_nothing_to_see(joint, cast, as_user):
    request = opened(joint, cast)
    address = f"/api/v1/reviews/{request.pk}/call-back/"
    for who, status in {"expert": 403, "planner": 403, "township": 403, "stranger": 404, None: 404}.items():
        assert as_user(who).post(address, {}, content_type="application/json").status_code == status, who
    assert as_user("reviewer").post(address, {}, content_type="application/json").status_code == 200
    expert = as_user("expert")
    assert not sees(expert, joint)
    for path in (f"/reviews/{request.pk}/", f"/versions/{joint.pk}/", f"/versions/{joint.pk}/opinions/",
                 f"/api/v1/reviews/{request.pk}/", f"/api/v1/versions/{joint.pk}/opinions/"):  # fmt: skip
        assert expert.get(path).status_code == 404, path
    assert expert.get("/api/v1/reviews/").json()["results"] == []
    assert Notification.objects.get(kind="opinion_called_back").user == cast.expert
    assert as_user("reviewer").get(f"/reviews/{request.pk}/").status_code == 200
    assert as_user("leader").post(address, {}, content_type="application/json").status_code == 409


def test_what_is_complete_is_not_called_back(joint, cast):
    request = opened(joint, cast)
    reviews.finish(request, by=cast.expert)
    with pytest.raises(PortalError) as caught:
        reviews.call_back(request, by=cast.reviewer)
    assert caught.value.code == "done"


def test_an_expert_whose_time_ends_sees_the_version_no_more(joint, cast, as_user):
    opened(joint, cast)
    Membership.objects.filter(user=cast.expert).update(valid_to=timezone.localdate() - datetime.timedelta(days=1))
    assert not sees(as_user("expert"), joint)


def test_whom_one_can_ask_is_told_only_to_whoever_may_ask(joint, as_user):
    told = as_user("reviewer").get(f"/api/v1/versions/{joint.pk}/reviewers/").json()
    assert [d["code"] for d in told["departments"]] == ["agriculture"]
    assert told["experts"] == [{"account": "expert", "name": "规划专家"}]
    assert as_user("planner").get(f"/api/v1/versions/{joint.pk}/reviewers/").status_code == 403
    assert as_user("expert").get(f"/api/v1/versions/{joint.pk}/reviewers/").status_code == 404
    assert as_user().get(f"/api/v1/versions/{joint.pk}/reviewers/").status_code == 404


def test_a_public_version_does_not_open_its_review(public_version, as_user):
    for who in (None, "villager", "expert", "other_committee"):
        assert as_user(who).get(f"/api/v1/versions/{public_version.pk}/opinions/").status_code == 404
        assert as_user(who).get(f"/api/v1/versions/{public_version.pk}/reviews/").status_code == 404
        assert as_user(who).get(f"/api/v1/versions/{public_version.pk}/conditions/").status_code == 404
    assert as_user("township").get(f"/api/v1/versions/{public_version.pk}/opinions/").status_code == 200
