"""Nicknames: what the public reads in place of a resident's name; never an office, never somebody else's."""

import json

import pytest

from planning import answers, participation
from planning.models import WatchedWord
from portal import nicknames, people
from portal.errors import PortalError
from portal.models import AuditEntry, Membership, Role, User
from tests import world
from tests.rows import shared
from villages import household_codes, joining
from villages.models import Household

pytestmark = pytest.mark.django_db
API = "/api/v1/me/nickname/"


def choose(client, nickname):
    return client.put(API, {"nickname": nickname}, "application/json")


@shared
def neighbour(village, cast) -> User:
    """Somebody of the village who is called 山里人."""
    household = Household.objects.create(village=village, number="001", head_name="柳大山", persons=4)
    code = household_codes.make(village, by=cast.committee)[0].code
    assert household.pk
    return joining.join(code, password="sunny-tractor-42-walnut", nickname="山里人", agreed=True)


def test_it_stands_in_front_and_the_name_behind(public_version, cast, as_user):
    comment = participation.post_comment(public_version, by=cast.villager, text="路太窄")
    assert choose(as_user("villager"), "南坡老柳").json()["public_name"] == "南坡老柳"
    address = f"/api/v1/versions/{public_version.pk}/comments/"
    assert as_user().get(address).json()["results"][0]["author"] == "南坡老柳"
    assert as_user("committee").get(address).json()["results"][0]["author"] == "柳大爷"
    assert "南坡老柳" in as_user().get(f"/versions/{public_version.pk}/").content.decode()
    assert comment.text == "路太窄"


@pytest.mark.parametrize(
    "wrong",
    [
        "一",
        "太长" * 11,
        "村委会小王",
        "镇 政·府",
        "ADM1N",
        "王书记",
        "аdmin",
        "柳沟村委会",
        "潮泉镇",
        "打我13812345678",
        "……",
        "县领导",
    ],
)
def test_what_could_be_an_office_or_a_number_is_refused(cast, as_user, wrong):
    answer = choose(as_user("villager"), wrong)
    assert answer.status_code == 400, wrong
    assert User.objects.get(pk=cast.villager.pk).nickname == ""


def test_the_real_name_of_an_official_is_refused(cast, as_user):
    cast.planner.full_name = "周建国"
    cast.planner.save()
    assert choose(as_user("villager"), "周 建国").status_code == 400
    assert choose(as_user("villager"), "周建设").status_code == 200


def test_a_listed_word_is_refused_where_it_is_listed(cast, as_user):
    WatchedWord.objects.create(word="黑老大", division_code=world.TOWN, source="test", listed_on="2026-01-01")
    assert choose(as_user("villager"), "我是黑-老大").status_code == 400
    WatchedWord.objects.update(division_code="370983108000")
    assert choose(as_user("villager"), "我是黑-老大").status_code == 200


def test_a_neighbours_nickname_is_taken(neighbour, as_user, cast):
    assert choose(as_user("villager"), "山里 人").status_code == 400
    assert choose(as_user("stranger"), "山里人").status_code == 200  # of another village


def test_once_a_day_and_cleared_at_any_time(cast, as_user, time_machine):
    time_machine.move_to("2026-11-28T10:00:00+08:00")
    client = as_user("villager")
    assert choose(client, "南坡老柳").status_code == 200
    assert choose(client, "南坡老柳").status_code == 200  # nothing changes
    assert choose(client, "北坡老柳").status_code == 429
    assert client.delete(API).json()["public_name"] == "柳**"
    assert choose(client, "北坡老柳").status_code == 429
    time_machine.move_to("2026-11-29T00:01:00+08:00")
    client = as_user("villager")
    assert choose(client, "北坡老柳").status_code == 200
    acts = AuditEntry.objects.filter(verb__startswith="nickname.")
    assert [act.verb for act in acts.order_by("pk")] == ["nickname.chosen", "nickname.cleared", "nickname.chosen"]
    assert "老柳" not in str(list(acts.values()))


@pytest.mark.parametrize("who", ["committee", "planner", "township", "leader", "expert"])
def test_an_office_has_none(cast, as_user, who):
    answer = choose(as_user(who), "南坡老柳")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "office")
    assert 'name="nickname"' not in as_user(who).get("/me/").content.decode()


def test_who_comes_to_an_office_stands_under_the_name_again(public_version, cast, as_user):
    choose(as_user("villager"), "南坡老柳")
    comment = participation.post_comment(public_version, by=cast.villager, text="路太窄")
    Membership.objects.create(user=cast.villager, role=Role.COMMITTEE, division_code=world.LIUGOU)
    answers.answer(comment, by=User.objects.get(pk=cast.villager.pk), text="会拓宽。", adoption="adopted")
    page = as_user().get(f"/versions/{public_version.pk}/").content.decode()
    assert "南坡老柳" not in page
    assert "南坡老柳" not in str(as_user().get(f"/api/v1/versions/{public_version.pk}/comments/").json())


def test_many_names_on_a_page_cost_one_question(public_version, cast, django_assert_max_num_queries):
    for name in ("villager", "stranger", "committee"):
        participation.post_comment(public_version, by=getattr(cast, name), text=name)
        User.objects.filter(pk=getattr(cast, name).pk).update(nickname=f"昵称{name}")
    rows = list(public_version.comments.for_page())
    with django_assert_max_num_queries(0):
        assert [row.author.masked_name for row in rows] == ["昵称villager", "昵称stranger", "柳**"]


def test_staff_who_compare_cards_read_no_nickname(cast, as_user):
    choose(as_user("villager"), "南坡老柳")
    page = as_user("committee").get("/people/?show=all").content.decode()
    assert "柳**" in page
    assert "南坡老柳" not in page


def test_the_page_sets_and_clears_it(cast, as_user):
    client = as_user("villager")
    assert client.post("/me/nickname/", {"nickname": "南坡老柳"}).status_code == 302
    assert "南坡老柳" in client.get("/me/").content.decode()
    wrong = client.post("/me/nickname/", {"nickname": "村委会"})
    assert wrong.status_code == 400
    assert "#nick_nickname" in wrong.content.decode() or "nick_nickname" in wrong.content.decode()
    assert client.post("/me/nickname/", {"nickname": ""}).status_code == 302
    assert User.objects.get(pk=cast.villager.pk).nickname == ""


def test_a_copy_holds_nickname_and_household_and_erasing_takes_both(neighbour):
    copy = people.copy_of(neighbour, by=neighbour)
    assert copy["account"]["nickname"] == "山里人"
    assert copy["villages.HouseholdMember"][0]["household__number"] == "001"
    assert "柳大山" not in json.dumps(copy, default=str, ensure_ascii=False)
    people.erase(neighbour, by=neighbour)
    gone = User.objects.get(pk=neighbour.pk)
    assert gone.nickname == ""
    assert not hasattr(gone, "household_member")


def test_somebody_signed_out_has_no_nickname_to_change(client, cast):
    assert choose(client, "南坡老柳").status_code == 403
    assert client.delete(API).status_code == 403
    with pytest.raises(PortalError):
        nicknames.choose("村长", by=cast.villager)
