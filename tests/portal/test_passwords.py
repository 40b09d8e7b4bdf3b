"""Weak passwords are refused, and a forgotten one is set anew by a link that counts once (AU-10, AU-12)."""

import threading

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from portal import passwords
from portal.models import AuditEntry, OneTimeLink, User

RIGHT = "right-horse-battery"
NEW = "three wet lanterns hum"

WEAK = [
    "short7!", "12345678", "88888888", "password", "qwertyuiop", "1qaz2wsx3edc", "asdfghjkl1", "feicheng2026",
    "Feicheng@123", "taishan888", "liugoucun1", "chaoquan123", "guihua2035", "cunzhuangguihua", "village-planning",
    "P@ssw0rd2026", "admin12345", "woaini1314", "肥城市村庄规划2026", "19491001", "zhouplanner1", "aabbaabb", "shandongtaian",
]  # fmt: skip
STRONG = [
    NEW,
    RIGHT,
    "Kx7#mPq2vLw9",
    "黄昏的灯塔没有猫",
    "z" + "y4 tree-House " * 5,
    "correct horse battery staple and more " * 2,
]


@pytest.mark.parametrize("password", WEAK)
def test_what_is_guessed_first_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password, User(username="zhouplanner", full_name="周工"))


@pytest.mark.parametrize("password", STRONG)
def test_good_passwords_are_taken_also_long_ones(password):
    validate_password(password, User(username="zhouplanner", full_name="周工"))


@pytest.mark.django_db
class TestChange:
    def change(self, client, **form):
        return client.post("/account/sign-in/password/", {"old": RIGHT, "password": NEW, "again": NEW, **form})

    def test_the_new_password_signs_in_and_the_act_is_on_record(self, cast, as_user):
        assert self.change(as_user("villager")).status_code == 302
        assert Client().post("/login/", {"username": "villager", "password": NEW}).status_code == 302
        assert AuditEntry.objects.filter(verb="account.password_changed", actor=cast.villager).exists()

    @pytest.mark.parametrize(
        "wrong", [{"old": "other"}, {"again": "differs"}, {"password": "12345678", "again": "12345678"}]
    )
    def test_a_wrong_form_changes_nothing(self, cast, as_user, wrong):
        answer = self.change(as_user("villager"), **wrong)
        assert answer.status_code == 200
        assert "error-summary" in answer.content.decode()
        assert User.objects.get(username="villager").check_password(RIGHT)

    def test_through_the_api(self, cast, as_user):
        client = as_user("villager")
        address = "/api/v1/account/password/"
        refused = client.post(address, {"old": RIGHT, "password": "feicheng2026"}, "application/json")
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "password")
        assert client.post(address, {"old": "no", "password": NEW}, "application/json").status_code == 400
        assert client.post(address, {"old": RIGHT, "password": NEW}, "application/json").json() == {"done": True}
        assert client.get("/api/v1/me/").json()["signed_in"]
        assert Client().post(address, {"old": NEW, "password": RIGHT}, "application/json").status_code == 403


@pytest.fixture
def administrator(cast):
    from portal.models import Membership, Role

    user = User.objects.create_user("administrator", password=RIGHT, full_name="管理员")
    Membership.objects.create(user=user, role=Role.ADMINISTRATOR, division_code="370983000000")
    return user


def token_of(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[1]


def use(token: str, password: str = NEW):
    return Client().post(f"/password/{token}/", {"password": password, "again": password})


@pytest.mark.django_db
class TestLink:
    def test_its_host_is_that_of_the_settings_whatever_the_request_claims(self, administrator, cast, settings):
        settings.SITE_URL = "https://plan.example.gov.cn"
        client = Client(headers={"Host": "evil.example"})
        client.force_login(administrator)
        page = client.post("/accounts/villager/link/").content.decode()
        assert "https://plan.example.gov.cn/password/" in page
        assert "evil.example" not in page

    def test_it_sets_the_password_once_and_ends_what_was_locked(self, administrator, cast):
        for _n in range(5):
            Client().post("/login/", {"username": "villager", "password": "wrong"})
        link = passwords.make_link(cast.villager, by=administrator)
        token = token_of(link)
        assert Client().get(f"/password/{token}/").status_code == 200
        assert use(token).headers["Location"] == "/login/"
        assert Client().post("/login/", {"username": "villager", "password": NEW}).status_code == 302
        assert use(token, "another long lantern").status_code == 404
        assert Client().get(f"/password/{token}/").status_code == 404
        verbs = AuditEntry.objects.filter(verb__startswith="account.").values_list("verb", flat=True)
        assert {"account.link_made", "account.password_set_by_link"} <= set(verbs)

    def test_it_does_not_sign_in_past_the_second_factor(self, administrator, cast, settings):
        settings.SECOND_FACTOR = True
        client = Client()
        client.post(
            f"/password/{token_of(passwords.make_link(cast.planner, by=administrator))}/",
            {"password": NEW, "again": NEW},
        )
        assert not client.get("/api/v1/me/").json()["signed_in"]
        assert client.post("/login/", {"username": "planner", "password": NEW}).headers["Location"] == "/login/set-up/"

    def test_it_ends_after_a_quarter_of_an_hour(self, administrator, cast, time_machine):
        time_machine.move_to("2026-11-27T12:00:00+08:00")
        token = token_of(passwords.make_link(cast.villager, by=administrator))
        time_machine.shift(14 * 60 + 50)
        assert Client().get(f"/password/{token}/").status_code == 200
        time_machine.shift(11)
        assert use(token).status_code == 404

    def test_a_newer_one_ends_it(self, administrator, cast):
        first = token_of(passwords.make_link(cast.villager, by=administrator))
        second = token_of(passwords.make_link(cast.villager, by=administrator))
        assert use(first).status_code == 404
        assert use(second).status_code == 302

    def test_wrong_old_and_used_ones_get_the_same_answer_and_a_closed_account_none(self, administrator, cast):
        used = token_of(passwords.make_link(cast.villager, by=administrator))
        use(used)
        closed = token_of(passwords.make_link(cast.stranger, by=User.objects.create_superuser("root2")))
        User.objects.filter(pk=cast.stranger.pk).update(is_active=False)
        by_link = "/api/v1/account/password/by-link/"
        answers = [
            Client().post(by_link, {"token": token, "password": NEW}, "application/json")
            for token in (used, closed, "A" * 43)
        ]
        assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}

    def test_a_weak_password_does_not_use_it_up(self, administrator, cast):
        token = token_of(passwords.make_link(cast.villager, by=administrator))
        assert use(token, "12345678").status_code == 200
        answer = Client().post(
            "/api/v1/account/password/by-link/", {"token": token, "password": NEW}, "application/json"
        )
        assert answer.json() == {"done": True}

    def test_only_its_digest_is_kept(self, administrator, cast):
        token = token_of(passwords.make_link(cast.villager, by=administrator))
        assert len(token) >= 43
        assert token not in str(OneTimeLink.objects.values())


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_ten_who_use_a_link_at_once_one_sets_the_password(administrator, cast):
    token = token_of(passwords.make_link(cast.villager, by=administrator))
    outcomes: list[str] = []

    def try_it(n: int) -> None:
        try:
            passwords.use_link(token, f"{NEW} number {n}")
            outcomes.append("set")
        except passwords.PortalError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it, args=[n]) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 9 + ["set"]
