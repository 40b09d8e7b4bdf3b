"""One slip gives a household its voices, and no more: accounts, comments a day and supports."""

import pytest
from django.test import Client
from django.utils import timezone

from planning import participation, supports
from planning.models import Comment
from portal.errors import PortalError, TooMany
from portal.models import Person, User
from tests.rows import shared
from villages import household_codes, joining
from villages.models import Household, HouseholdCode

pytestmark = pytest.mark.django_db
PASSWORD = "sunny-tractor-42-walnut"
PERSONS = 4


@shared
def code(village, cast) -> str:
    household = Household.objects.create(village=village, number="001", head_name="柳大山", persons=PERSONS)
    return household_codes.make(village, by=cast.committee, households=[household.pk])[0].code


def join(code: str) -> User:
    return joining.join(code, password=PASSWORD, agreed=True)


def verify(user: User, by: User) -> None:
    Person.objects.update_or_create(user=user, defaults={"verified_at": timezone.now(), "verified_by": by})


def test_who_leaves_frees_no_place_for_another_account(code, public_version, settings):
    for _n in range(settings.HOUSEHOLD_CODE_ACCOUNTS):
        user = join(code)
        participation.post_comment(public_version, by=user, text="一个人说很多遍")
        joining.leave(user, by=user)
    with pytest.raises(PortalError) as refused:
        join(code)
    assert refused.value.code == "household_code"
    assert Client().get(f"/join/{code}/").status_code == 404
    assert Comment.objects.count() == settings.HOUSEHOLD_CODE_ACCOUNTS


def test_adding_the_household_again_and_again_uses_the_code_up_too(code, cast, settings):
    settings.HOUSEHOLD_CODE_ACCOUNTS = 2
    for _n in range(2):
        joining.add(code, by=cast.stranger, agreed=True)
        joining.leave(cast.stranger, by=cast.stranger)
    with pytest.raises(PortalError):
        joining.add(code, by=cast.stranger, agreed=True)


def test_committee_and_township_see_that_a_code_is_used_up(code, village, as_user, settings):
    settings.HOUSEHOLD_CODE_ACCOUNTS = 1
    address = f"/api/v1/villages/{village.pk}/household-codes/"
    assert [row["used_up"] for row in as_user("committee").get(address).json()["results"]] == [False]
    user = join(code)
    joining.leave(user, by=user)
    [row] = as_user("committee").get(address).json()["results"]
    assert (row["used_up"], row["accounts"]) == (True, 0)


def test_a_new_slip_opens_accounts_again(code, village, cast, settings):
    settings.HOUSEHOLD_CODE_ACCOUNTS = 1
    join(code)
    [slip] = household_codes.make(village, by=cast.committee)
    assert join(slip.code)
    assert HouseholdCode.objects.filter(uses=1).count() == 2


def test_a_household_writes_so_many_comments_a_day_also_by_those_who_left(code, public_version, settings, time_machine):
    settings.HOUSEHOLD_COMMENTS_A_DAY = 3
    time_machine.move_to(timezone.localtime().replace(hour=12), tick=False)
    first, second, third = join(code), join(code), join(code)
    participation.post_comment(public_version, by=first, text="一")
    participation.post_comment(public_version, by=first, text="二")
    joining.leave(first, by=first)
    participation.post_comment(public_version, by=second, text="三", once="three")
    for user in (second, third):
        client = Client()
        client.force_login(user)
        answer = client.post(f"/api/v1/versions/{public_version.pk}/comments/", {"text": "四"}, "application/json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "comments_a_household")
    assert participation.post_comment(public_version, by=second, text="三", once="three")  # a retry is no other one
    assert Comment.objects.count() == 3
    time_machine.shift(24 * 3600)
    assert participation.post_comment(public_version, by=third, text="四")


def test_whose_identity_was_verified_has_the_limit_of_a_person_alone(code, public_version, cast, settings):
    settings.HOUSEHOLD_COMMENTS_A_DAY = 1
    first, second = join(code), join(code)
    verify(second, cast.committee)
    participation.post_comment(public_version, by=first, text="一")
    for text in ("二", "三"):
        participation.post_comment(public_version, by=second, text=text)
    with pytest.raises(TooMany):
        participation.post_comment(public_version, by=first, text="四")
    participation.post_comment(public_version, by=cast.villager, text="五")  # of no household


@pytest.fixture
def supported(code, public_version, cast) -> tuple[Comment, list[User]]:
    comment = participation.post_comment(public_version, by=cast.villager, text="路要宽一点")
    users = [join(code) for _n in range(8)]
    for user in users:
        supports.support(comment, by=user)
    return comment, users


def told(comment: Comment) -> tuple[int, int]:
    row = Client().get(f"/api/v1/comments/{comment.pk}/").json()["supports"]
    listed = Comment.objects.filter(pk=comment.pk).annotate(n=supports.counted(comment.version)).get().n
    assert listed == row["count"]
    return row["count"], row["unconfirmed"]


def test_of_a_household_as_many_supports_count_as_people_belong_to_it(supported, public_version, cast):
    comment, users = supported
    assert told(comment) == (PERSONS, 8 - PERSONS)
    verify(users[-1], cast.committee)  # one of the household all the same
    assert told(comment) == (PERSONS, 8 - PERSONS)
    for user in users:
        verify(user, cast.committee)
    assert told(comment) == (8, 0)


def test_households_are_counted_each_for_itself(supported, village, cast):
    comment, _users = supported
    other = Household.objects.create(village=village, number="002", head_name="柳二", persons=0)
    [slip] = household_codes.make(village, by=cast.committee, households=[other.pk])
    for _n in range(2):
        supports.support(comment, by=join(slip.code))
    assert told(comment) == (PERSONS + 1, 8 - PERSONS + 1)  # a table that says nobody is wrong about one at least
