"""How often one may ask the API: by address without sign-in, by person after it; each in windows of a minute."""

import pytest
from django.test import Client

from portal import tokens
from portal.api_throttles import PersonThrottle, StrangerThrottle

pytestmark = pytest.mark.django_db
ASK = "/api/v1/villages/"


@pytest.fixture
def rates(monkeypatch, time_machine):
    time_machine.move_to("2026-11-27T12:00:05+08:00", tick=False)
    monkeypatch.setattr(StrangerThrottle, "rate", "3/min", raising=False)
    monkeypatch.setattr(PersonThrottle, "rate", "5/min", raising=False)
    return time_machine


def statuses(client: Client, times: int, address: str = "10.0.0.9") -> list[int]:
    return [client.get(ASK, REMOTE_ADDR=address).status_code for _n in range(times)]


def test_strangers_are_counted_by_address_and_told_when_to_come_back(rates):
    assert statuses(Client(), 4) == [200, 200, 200, 429]
    refused = Client().get(ASK, REMOTE_ADDR="10.0.0.9")
    assert refused.json()["error"]["code"] == "throttled"
    assert refused.headers["Retry-After"] == "55"
    assert statuses(Client(), 1, "10.0.0.10") == [200]
    rates.shift(60)
    assert statuses(Client(), 1) == [200]


def test_people_are_counted_by_themselves_wherever_they_are(rates, cast, as_user):
    statuses(Client(), 4)
    assert statuses(as_user("villager"), 3) == [200] * 3
    with_token = Client(headers={"Authorization": f"Token {tokens.issue(cast.villager)}"})
    assert statuses(with_token, 3, "10.0.0.77") == [200, 200, 429]
    assert statuses(as_user("planner"), 1) == [200]


def test_without_the_counter_the_portal_stays_open(rates, monkeypatch):
    from redis.exceptions import ConnectionError

    def broken(*args, **kwargs):
        raise ConnectionError("down")

    monkeypatch.setattr(StrangerThrottle.cache, "add", broken)
    assert statuses(Client(), 5) == [200] * 5
