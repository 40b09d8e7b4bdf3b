"""Signing in on the page: guessing is slowed down, whatever address the visitor claims to have."""

import pytest

from portal.api_throttles import LoginThrottle

RIGHT = "right-horse-battery"


@pytest.fixture
def three_a_minute(monkeypatch):
    monkeypatch.setattr(LoginThrottle, "rate", "3/min", raising=False)


def sign_in(client, password, **headers):
    return client.post("/login/", {"username": "planner", "password": password}, **headers)


def test_the_right_password_leads_to_the_desk_or_home(client, cast):
    assert sign_in(client, RIGHT).status_code == 302


def test_the_fourth_guess_in_a_minute_is_refused_in_words_even_if_it_is_right(client, cast, three_a_minute):
    for n in range(3):
        assert sign_in(client, "wrong", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=f"1.2.3.{n}").status_code == 200
    answer = sign_in(client, RIGHT, REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR="9.9.9.9")
    assert answer.status_code == 429
    assert "请等一分钟再试" in answer.content.decode()
    assert sign_in(client, RIGHT, REMOTE_ADDR="10.0.0.10").status_code == 302
