"""Joining with the code of a household: one page, no office in between; guessing teaches nothing and shuts no village out."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from planning import held, participation, procedures
from planning.models import Comment, WorkflowRule
from portal import access_log, grades, people
from portal.api_throttles import AllCodesThrottle, CodeThrottle, CommentThrottle, LoginThrottle
from portal.grades import Grade
from portal.models import AuditEntry, Membership, Person, Role, User
from tests import world
from tests.rows import shared
from villages import household_codes, joining
from villages.models import Household, HouseholdCode, HouseholdMember

pytestmark = pytest.mark.django_db
PASSWORD = "sunny-tractor-42-walnut"
API = "/api/v1/join/"
BORN = "37098319900101123"


@shared
def code(village, cast) -> str:
    household = Household.objects.create(village=village, number="001", head_name="柳大山", persons=4)
    return household_codes.make(village, by=cast.committee, households=[household.pk])[0].code


def form(code, **more):
    return {"code": code, "password": PASSWORD, "agreed": "on", **more}


def ask(client, code, **more):
    return client.post(API, {"code": code, "password": PASSWORD, "agreed": True, **more}, "application/json")


def test_scan_fill_in_and_comment(code, public_version):
    client = Client()
    page = client.get(f"/join/{code}/")
    assert page.status_code == 200
    assert "柳沟村" in page.content.decode()
    assert household_codes.grouped(code) in page.content.decode()
    answer = client.post("/join/", form(household_codes.grouped(code).lower(), nickname="山里人"))
    assert answer.headers["Location"] == "/join/done/"
    done = client.get("/join/done/").content.decode()
    user = User.objects.get(nickname="山里人")
    assert re.fullmatch(r"cun\d{7}", user.username)
    assert user.username in done
    assert [(m.role, m.division_code) for m in user.active_memberships()] == [(Role.RESIDENT, world.LIUGOU)]
    assert grades.of(user, world.LIUGOU) == Grade.INVITED
    comment = client.post(
        f"/api/v1/versions/{public_version.pk}/comments/", {"text": "路太窄"}, "application/json"
    ).json()
    assert comment["held"] is None
    seen = Client().get(f"/api/v1/versions/{public_version.pk}/comments/").json()["results"][0]
    assert (seen["text"], seen["author"]) == ("路太窄", "山里人")
    client.post("/logout/")
    assert client.post("/login/", {"username": user.username, "password": PASSWORD}).status_code == 302


def test_who_takes_no_nickname_is_a_villager(code, public_version):
    user = joining.join(code, password=PASSWORD, agreed=True)
    assert user.masked_name in ("村民", "Villager")
    assert user.username not in Client().get(f"/versions/{public_version.pk}/").content.decode()


def test_joining_is_on_record_without_name_or_code(code):
    answer = ask(Client(), code, nickname="山里人")
    assert answer.status_code == 201
    assert answer.json()["village"] == world.LIUGOU
    entry = AuditEntry.objects.get(verb="account.joined")
    assert entry.after == {"division": world.LIUGOU, "edition": people.EDITION, "nickname": True}
    rows = str(list(AuditEntry.objects.values()))
    for secret in (code, PASSWORD, "山里人", "柳大山", answer.json()["username"]):
        assert secret not in rows


@pytest.mark.parametrize("agreed", [{}, {"agreed": False}])
def test_nothing_is_kept_of_who_has_not_agreed(code, agreed):
    answer = Client().post(API, {"code": code, "password": PASSWORD, **agreed}, "application/json")
    assert answer.status_code == 400
    page = Client().post("/join/", {"code": code, "password": PASSWORD})
    assert page.status_code == 400
    assert not HouseholdMember.objects.exists()


def test_a_weak_password_is_refused_in_words_at_its_field(code):
    page = Client().post("/join/", form(code, password="12345678"))
    assert page.status_code == 400
    assert "#id_password" in page.content.decode()
    assert ask(Client(), code, password="").status_code == 400
    assert not HouseholdMember.objects.exists()


def wrong_ones(code):
    """A code that was never made, one that ended, one that is too old, one that is used up."""
    row = HouseholdCode.objects.get(digest=household_codes.digest_of(code))
    yield household_codes.new_code()
    HouseholdCode.objects.update(valid_to=timezone.localdate() - datetime.timedelta(days=1))
    yield code
    HouseholdCode.objects.update(valid_to=timezone.localdate(), ended_at=timezone.now())
    yield code
    HouseholdCode.objects.update(ended_at=None)
    HouseholdCode.objects.filter(pk=row.pk).update(uses=8)
    yield code


def test_wrong_ended_old_and_used_up_codes_get_one_answer(code):
    answers, pages = [], []
    for wrong in wrong_ones(code):
        answer = ask(Client(), wrong)
        answers.append((answer.status_code, answer.content))
        page = Client().post("/join/", form(wrong)).content.decode()
        pages.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page).replace(wrong, "CODE"))
        assert Client().get(f"/join/{wrong}/").status_code == 404
    assert len(set(answers)) == 1
    assert answers[0][0] == 400
    assert len(set(pages)) == 1
    assert ask(Client(), "K7MP").content == answers[0][1]


def test_a_code_opens_as_many_accounts_as_the_setting_says(code, settings):
    settings.HOUSEHOLD_CODE_ACCOUNTS = 2
    assert [ask(Client(), code).status_code for _n in range(3)] == [201, 201, 400]


@pytest.fixture
def few_tries(monkeypatch):
    monkeypatch.setattr(CodeThrottle, "rate", "3/min", raising=False)
    monkeypatch.setattr(AllCodesThrottle, "rate", "6/hour", raising=False)


def test_codes_are_guessed_slowly_by_address_and_by_all_together(code, few_tries, settings):
    def guess(address, what=None):
        given = {"code": what or household_codes.new_code(), "agreed": True, "password": PASSWORD}
        return Client().post(API, given, "application/json", REMOTE_ADDR=address).status_code

    assert [guess("10.0.0.1") for _n in range(4)] == [400, 400, 400, 429]
    assert guess("10.0.0.1", code) == 429  # the right one too, else it would be told by it
    assert Client().get(f"/join/{code}/", REMOTE_ADDR="10.0.0.1").status_code == 429
    assert guess("10.0.0.2", code) == 201
    assert [guess(f"10.0.1.{n}") for n in range(4)].count(429) >= 1
    assert guess("10.0.2.1", code) == 429


def test_a_village_behind_one_address_joins_at_once(code, few_tries, settings):
    settings.HOUSEHOLD_CODE_ACCOUNTS = 50
    assert [ask(Client(), code).status_code for _n in range(30)] == [201] * 30
    assert {Client().get(f"/join/{code}/").status_code for _n in range(30)} == {200}


def test_a_whole_village_behind_one_address_signs_in_and_comments(public_version, monkeypatch, settings):
    monkeypatch.setattr(LoginThrottle, "rate", "20/min", raising=False)
    monkeypatch.setattr(CommentThrottle, "rate", "30/hour", raising=False)
    users = User.objects.bulk_create(User(username=f"resident{n}") for n in range(60))
    users[0].set_password(PASSWORD)
    User.objects.filter(username__startswith="resident").update(password=users[0].password)
    for n in range(60):
        signed_in = Client().post("/login/", {"username": f"resident{n}", "password": PASSWORD}, REMOTE_ADDR="10.0.0.9")
        assert signed_in.status_code == 302, n
    for n in range(0, 60, 6):
        client = Client()
        client.force_login(User.objects.get(username=f"resident{n}"))
        sent = client.post(
            f"/api/v1/versions/{public_version.pk}/comments/",
            {"text": "支持"},
            "application/json",
            REMOTE_ADDR="10.0.0.9",
        )
        assert sent.status_code == 201, n
    # a guesser at that address is still slowed down
    answers = [
        Client().post("/login/", {"username": f"name{n}", "password": "x"}, REMOTE_ADDR="10.0.0.9").status_code
        for n in range(30)
    ]
    assert answers.count(200) == 20


def test_somebody_with_an_account_adds_the_household_and_stays_signed_in(code, as_user, cast):
    client = as_user("stranger")
    page = client.get(f"/join/{code}/").content.decode()
    assert 'name="password"' not in page
    assert client.post("/join/", {"code": code, "agreed": "on"}).status_code == 302
    assert client.get("/join/done/").status_code == 200
    assert client.get("/api/v1/me/").json()["signed_in"]
    assert grades.of(User.objects.get(pk=cast.stranger.pk), world.LIUGOU) == Grade.INVITED
    assert (
        grades.of(User.objects.get(pk=cast.stranger.pk), world.FAR) == Grade.UNVERIFIED
    )  # its own village, where nobody invited it
    again = ask(client, code)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "member")


def test_the_household_is_taken_out_as_easily(code, as_user, cast):
    joining.add(code, by=cast.villager, agreed=True)
    client = as_user("villager")
    assert client.post("/me/household/leave/").status_code == 302
    assert not HouseholdMember.objects.exists()
    assert client.post("/api/v1/me/household/leave/", content_type="application/json").status_code == 409
    assert AuditEntry.objects.filter(verb="household.left").count() == 1
    with pytest.raises(people.NotAllowed):
        joining.leave(cast.villager, by=cast.committee)


def test_an_invitation_counts_in_its_own_village_alone(code, public_version, cast):
    other = world.make_village(world.OTHER, col=20)
    elsewhere = world.publish(world.make_version(other, by=cast.planner), cast.township)
    user = joining.join(code, password=PASSWORD, agreed=True)
    assert not participation.post_comment(public_version, by=user, text="本村的").waits
    assert participation.post_comment(elsewhere, by=user, text="别村的").waits


def test_a_comment_that_waited_is_public_when_its_author_joins(code, public_version, cast):
    Person.objects.filter(user=cast.stranger).delete()
    comment = participation.post_comment(public_version, by=cast.stranger, text="等着")
    assert comment.waits
    assert "户码" in held.told(comment) or "Join with a code" in held.told(comment)
    joining.add(code, by=cast.stranger, agreed=True)
    comment.refresh_from_db()
    assert not comment.waits
    assert Comment.objects.get(pk=comment.pk).released_by is None


def test_where_the_procedure_wants_the_card_an_invitation_is_not_enough(code, version, cast):
    # an edition from before there were grades
    content = {**procedures.shipped(), "comments": {"a_day": 20, "first_look": "unverified", "look_within": 3}}
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, source="test", valid_from="2020-01-01", procedure=content
    )
    public = world.publish(version, cast.township)
    user = joining.join(code, password=PASSWORD, agreed=True)
    comment = participation.post_comment(public, by=user, text="等核实")
    assert comment.waits
    assert "户码" not in held.told(comment)
    people.agree(user, "identity", by=user)
    people.record_identity(user, by=user, full_name="柳小山", id_number=BORN + check_digit(BORN))
    people.verify_identity(user, by=cast.committee)
    comment.refresh_from_db()
    assert not comment.waits
    assert grades.of(User.objects.get(pk=user.pk), world.FAR) == Grade.VERIFIED


def check_digit(first: str) -> str:
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return "10X98765432"[sum(w * int(d) for w, d in zip(weights, first, strict=True)) % 11]


def test_offices_read_the_grade_and_nobody_else(code, public_version, as_user, cast):
    user = joining.join(code, password=PASSWORD, nickname="山里人", agreed=True)
    participation.post_comment(public_version, by=user, text="甲")
    participation.post_comment(public_version, by=cast.villager, text="乙")
    address = f"/api/v1/versions/{public_version.pk}/comments/"
    told = {
        who: [(row["identity"], row["unverified"]) for row in as_user(who).get(address).json()["results"]]
        for who in ("committee", "township", "villager", "province", None)
    }
    offices, others = [("invited", True), ("verified", False)], [(None, None), (None, None)]
    assert told == {"committee": offices, "township": offices, "villager": others, "province": others, None: others}


def test_a_role_ends_other_sessions_but_not_that_of_who_joins(code, cast, as_user):
    first, second = as_user("stranger"), as_user("stranger")
    first.post("/join/", {"code": code, "agreed": "on"})
    assert first.get("/api/v1/me/").json()["signed_in"]
    assert not second.get("/api/v1/me/").json()["signed_in"]
    assert Membership.objects.filter(user=cast.stranger).count() == 2


def test_the_log_of_requests_holds_no_code(code):
    line = access_log.without_secrets(f'GET /join/{code}/ HTTP/1.1" 200')
    assert code not in line
    assert line.startswith("GET /join/…/ HTTP")
    for address, cut in (
        ("/password/abc-def_1/", "/password/…/"),
        ("/mail/stop/abc:def/", "/mail/stop/…/"),
        ("/join/done/", "/join/done/"),
        ("/join/", "/join/"),
        ("/versions/2222222222ab/", "/versions/2222222222ab/"),
    ):
        assert access_log.without_secrets(address) == cut


def test_joining_lets_nothing_out_where_the_card_is_wanted(code, version, cast):
    content = {**procedures.shipped(), "comments": {"a_day": 20, "first_look": "unverified", "look_within": 3}}
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, source="test", valid_from="2020-01-01", procedure=content
    )
    public = world.publish(version, cast.township)
    Person.objects.filter(user=cast.stranger).delete()
    comment = participation.post_comment(public, by=cast.stranger, text="等核实")
    joining.add(code, by=cast.stranger, agreed=True)
    comment.refresh_from_db()
    assert comment.waits
