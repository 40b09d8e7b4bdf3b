"""Sign-in, token, sign-out, who am I, and jobs, over the API."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from portal import jobs
from portal.api_throttles import LoginThrottle
from portal.models import Job

pytestmark = pytest.mark.django_db
PASSWORD = "right-horse-battery"


def post(client, path, body):
    return client.post(f"/api/v1/{path}", body, "application/json")


def test_a_token_opens_what_the_person_may_see(cast, version):
    token = post(Client(), "token/", {"username": "planner", "password": PASSWORD}).json()["token"]
    headers = {"Authorization": f"Token {token}"}
    assert Client().get(f"/api/v1/versions/{version.pk}/").status_code == 404
    assert Client().get(f"/api/v1/versions/{version.pk}/", headers=headers).status_code == 200
    assert Client().get("/api/v1/me/", headers=headers).json()["name"] == "周工"


def test_a_token_may_be_asked_for_by_a_plain_form(cast):
    form = urlencode({"username": "planner", "password": PASSWORD})
    answer = Client().post("/api/v1/token/", form, "application/x-www-form-urlencoded")
    assert len(answer.json()["token"]) == 40


def test_every_wrong_sign_in_gets_the_same_answer(cast):
    cast.leader.is_active = False
    cast.leader.save()
    answers = [
        post(Client(), path, {"username": name, "password": password}).json()
        for path in ("token/", "login/")
        for name, password in [("planner", "wrong"), ("nobody", PASSWORD), ("leader", PASSWORD)]
    ]
    assert answers[0]["error"]["code"] == "credentials"
    assert all(answer == answers[0] for answer in answers)


def test_login_opens_a_session_and_logout_ends_it(cast):
    client = Client()
    assert client.get("/api/v1/me/").json() == {"signed_in": False, "username": "", "name": "", "roles": []}
    body = post(client, "login/", {"username": "township", "password": PASSWORD}).json()
    assert body["signed_in"]
    roles = client.get("/api/v1/me/").json()["roles"]
    assert [(r["role"], r["division"]) for r in roles] == [("township", "370983101000")]
    assert not post(client, "logout/", {}).json()["signed_in"]
    assert not client.get("/api/v1/me/").json()["signed_in"]


def test_login_takes_no_form_that_another_site_could_send(cast):
    assert Client().post("/api/v1/login/", {"username": "planner", "password": PASSWORD}).status_code == 415


def test_a_session_needs_the_csrf_token_to_write(cast, public_version):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.villager)
    answer = post(client, f"versions/{public_version.pk}/comments/", {"text": "a"})
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["error"]["message"]


def test_too_many_sign_ins_are_429_for_token_and_login_together(cast, monkeypatch):
    monkeypatch.setattr(LoginThrottle, "rate", "3/min", raising=False)
    statuses = [
        post(Client(), path, {"username": "planner", "password": "wrong"}).status_code
        for path in ("token/", "login/", "token/", "login/")
    ]
    assert statuses == [400, 400, 400, 429]


def test_without_the_counter_people_can_still_sign_in(cast, monkeypatch):
    from redis.exceptions import ConnectionError

    def broken(*args, **kwargs):
        raise ConnectionError("down")

    monkeypatch.setattr(LoginThrottle.cache, "get", broken)
    assert post(Client(), "token/", {"username": "planner", "password": PASSWORD}).status_code == 200


def test_a_job_is_shown_to_the_one_who_started_it_and_can_be_cancelled(cast, as_user):
    job = jobs.start("tests.nothing", by=cast.planner)
    assert as_user("planner").get(f"/api/v1/jobs/{job.pk}/").json()["state"] == "queued"
    for who in ("reviewer", "villager", None):
        assert as_user(who).get(f"/api/v1/jobs/{job.pk}/").status_code == 404
        assert post(as_user(who), f"jobs/{job.pk}/cancel/", {}).status_code == 404
    answer = post(as_user("planner"), f"jobs/{job.pk}/cancel/", {}).json()
    assert (answer["state"], answer["final"]) == ("cancelled", True)
    assert Job.objects.get().state == "cancelled"
