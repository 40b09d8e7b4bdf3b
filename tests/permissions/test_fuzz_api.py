"""Thousands of calls made from the OpenAPI document, by people of every role: none is answered by a fault of ours (5xx).

`./run fuzz-api 10000` makes ten thousand; the test run a few hundred. Half of the calls speak of things that exist.
"""

import time
from collections import Counter
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.core.errors import SerializationNotPossible

from tests.permissions.addresses import Address
from tests.permissions.scene import DRAFT, PUBLIC, values

WHO = [
    "anonymous", "villager", "planner", "committee", "township", "reviewer", "leader", "agriculture", "expert", "province",
    "administrator",
]  # fmt: skip
TOKEN = "a" * 32
FORGET_EVERY = 25  # calls, after which the throttles' counts are cleared: they are another test's subject


@pytest.fixture
def _one_connection():
    """A server closes its connection after a request; here all calls share the one that will be rolled back."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_one_connection")
def test_no_call_from_the_document_is_answered_by_a_fault(scene, request):
    calls, chosen = request.config.getoption("--api-calls"), request.config.getoption("--api-seed")
    document = SchemaGenerator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(document)
    schema.app = with_an_address(WSGIHandler())
    operations = [found.ok() for found in schema.get_all_operations()]
    each = max(1, -(-calls // len(operations)))
    answers, faults, began = Counter(), [], time.monotonic()
    for number, operation in enumerate(operations):
        fuzz(operation, each, chosen + number, scene, answers, faults)
    print(
        f"fuzz-api {chosen}: {answers.total()} calls of {len(operations)} operations in {time.monotonic() - began:.0f} s: {dict(sorted(answers.items()))}"
    )
    assert not faults, "\n".join(dict.fromkeys(faults))
    assert answers.total() >= min(calls, each * len(operations)) * 0.6
    assert {200, 400, 404} <= set(answers)


def with_an_address(app: Any) -> Any:
    """What every server says and a test's does not: where the call comes from."""
    return lambda environ, start_response: app(environ | {"REMOTE_ADDR": "192.0.2.7"}, start_response)


def fuzz(operation: Any, count: int, chosen: int, scene: SimpleNamespace, answers: Counter, faults: list[str]) -> None:
    """Call one operation so many times."""

    @seed(chosen)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), who=st.sampled_from(WHO), of=st.sampled_from(["", DRAFT, PUBLIC, DRAFT]))
    def one(case: Any, who: str, of: str) -> None:
        if answers.total() % FORGET_EVERY == 0:
            cache.clear()
        known = real(case, scene, of)
        status = send(case, scene, who)
        answers[status] += 1
        if status >= 500:
            faults.append(
                f"{status} {case.method} {case.path} {known} as {who}: query {case.query!r} body {case.body!r}"[:600]
            )

    with suppress(SerializationNotPossible):  # pieces of files are bytes, which no schema describes
        one()


def real(case: Any, scene: SimpleNamespace, of: str) -> dict[str, Any]:
    """Put things that exist into the address, where there are any of that kind."""
    if not of or not case.path_parameters:
        return case.path_parameters
    route = case.path.lstrip("/").replace("{", "<").replace("}", ">")
    address = Address("", route)
    there = values(scene, of)
    names = [key.split(":")[1] for key in address.keys]
    for name, key in zip(names, address.keys, strict=True):
        if there.get(key) is not None:
            case.path_parameters[name] = there[key]
    return case.path_parameters


def send(case: Any, scene: SimpleNamespace, who: str) -> int:
    """Make the call as a browser of that person would: with the session, and with the token against forged forms."""
    cookies = {name: morsel.value for name, morsel in scene.clients[who].cookies.items()} | {"csrftoken": TOKEN}
    with transaction.atomic():
        response = case.call(cookies=cookies, headers={"X-CSRFToken": TOKEN})
        transaction.set_rollback(True)
    return response.status_code
