"""Whatever goes wrong under /api/, the answer has one shape: {"error": {"code", "message", "data"?}}."""

import json

import pytest
from django.test import Client

from tests.test_api_inventory import META, addresses

pytestmark = pytest.mark.django_db

FILL = {
    "{id}": "zzzzzzzzzzzz",
    "{code}": "999999999999",
    "{name}": "no-such-profile",
    "{key}": "vzzzzzzzzzzzz-000000000000",
    "{z}": "14",
    "{x}": "1",
    "{y}": "1",
}
METHODS = ("get", "post", "put", "patch", "delete")


def api_addresses() -> list[str]:
    from django.urls import get_resolver

    found = sorted(a for a in addresses(get_resolver().url_patterns) if a.startswith("/api/v1/"))
    return [a for a in found if a not in META]


def fill(address: str) -> str:
    for name, value in FILL.items():
        address = address.replace(name, value)
    return address


def assert_shape(answer, status: int | None = None) -> dict:
    assert answer.headers["Content-Type"] == "application/json", answer.content[:200]
    assert status is None or answer.status_code == status, answer.content
    body = answer.json()
    assert set(body) == {"error"}
    assert {"code", "message"} <= set(body["error"]) <= {"code", "message", "data"}
    assert body["error"]["code"]
    assert body["error"]["message"]
    return body["error"]


@pytest.mark.parametrize("address", api_addresses())
@pytest.mark.parametrize("method", METHODS)
def test_every_address_and_method_answers_well_or_in_the_shape(address, method, cast, settings):
    settings.DEMO = True
    for client in (Client(), signed_in(cast.reviewer)):
        answer = getattr(client, method)(fill(address))
        assert answer.status_code < 500
        if answer.status_code >= 400:
            assert_shape(answer)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", [a for a in api_addresses() if "{" in a and "{key}" not in a])
def test_what_does_not_exist_is_404(address, cast):
    answer = signed_in(cast.reviewer).get(fill(address))
    assert_shape(answer, 405 if answer.status_code == 405 else 404)


@pytest.mark.parametrize("path", ["", "v1/", "v1/nothing/", "v1/plans/../x/", "v1/versions/%00/", "v2/villages/"])
def test_an_address_that_does_not_exist_is_404(path, client):
    assert assert_shape(client.get(f"/api/{path}"), 404)["code"] == "not_found"
    assert_shape(client.post(f"/api/{path}"), 404)


def test_an_address_without_its_last_slash_is_sent_to_it(client):
    answer = client.get("/api/v1/villages?q=a")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/api/v1/villages/?q=a")


def test_a_method_that_is_not_offered_is_405(client):
    assert assert_shape(client.delete("/api/v1/villages/"), 405)["code"] == "method_not_allowed"
    assert assert_shape(client.post("/api/v1/tiles/c370983-0-0/14/1/1.mvt"), 405)["code"] == "method_not_allowed"


BAD_JSON = [
    "{",
    "[" * 100_000,
    '{"name": NaN}',
    '{"name": "a", "name": "b"}',
    "\x00",
    '"text"',
    "[]",
    "null",
    "12",
]


@pytest.mark.parametrize("body", BAD_JSON, ids=lambda body: body[:12])
def test_a_body_that_cannot_be_read_is_400(body, public_version, as_user):
    answer = as_user("township").post(f"/api/v1/versions/{public_version.pk}/steps/", body, "application/json")
    assert_shape(answer, 400)


def test_bytes_that_are_no_utf8_are_400(public_version, as_user):
    answer = as_user("township").post(
        f"/api/v1/versions/{public_version.pk}/steps/", b'{"name": "\xff"}', "application/json"
    )
    assert_shape(answer, 400)


def test_a_body_of_another_kind_is_415(public_version, as_user):
    answer = as_user("township").post(f"/api/v1/versions/{public_version.pk}/steps/", "<a/>", "application/xml")
    assert_shape(answer, 415)


def test_a_body_larger_than_a_megabyte_is_413(client):
    answer = client.post("/api/v1/token/", json.dumps({"username": "x" * 2**20}), "application/json")
    assert_shape(answer, 413)


def test_an_answer_in_a_form_we_do_not_have_is_406(client):
    assert_shape(client.get("/api/v1/plans/", headers={"Accept": "text/csv"}), 406)


@pytest.mark.parametrize(
    "query",
    ["page_size=1001", "page_size=0", "page_size=1e9", "cursor=%00", "ordering=author", "q__startswith=a", "level=9"],
)
def test_parameters_that_are_not_right_are_400_and_named(query, client):
    error = assert_shape(client.get(f"/api/v1/divisions/?{query}"), 400)
    assert error["data"]["fields"].keys() == {query.split("=")[0]}


@pytest.mark.parametrize("cursor", ["x", "-1", "99999999999999999999", "1.5", "٣", "~"])
def test_a_made_up_cursor_is_400(cursor, public_version, client):
    for part in ("zones", "findings", "projects", "comments"):
        answer = client.get(f"/api/v1/versions/{public_version.pk}/{part}/", {"cursor": cursor})
        assert "cursor" in assert_shape(answer, 400)["data"]["fields"]


def test_the_words_are_in_the_language_that_was_asked_for(client):
    english = client.get("/api/v1/villages/1/", headers={"Accept-Language": "en"})
    assert assert_shape(english, 404)["message"] == "Not found."


NASTY = [
    "", " ", "0", "-1", "1e309", "NaN", "null", "true", "9" * 400, "%", "%25", "_", "'", "'; SELECT 1 --", "\x00", "\ud7ff",
    "\u202e", "😀" * 60, "../..", "1,2", "[]", "{}", "٣", "370983101204\n",
]  # fmt: skip


def test_no_parameter_whatever_stands_in_it_is_a_fault_of_ours(public_version, as_user, settings, cast):
    """Every query parameter of the document with every nasty value, on objects that exist."""
    from drf_spectacular.generators import SchemaGenerator

    settings.DEMO = True
    client = as_user("planner")
    real = {"{id}": public_version.pk, "{code}": public_version.plan.village_id, "{name}": "ghydyh"}
    tried = 0
    for address, operations in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        for name, value in real.items():
            address = address.replace(name, value)
        for parameter in operations.get("get", {}).get("parameters", []):
            if parameter["in"] != "query":
                continue
            for value in NASTY:
                answer = client.get(address, {"lon": "116.805", "lat": "36.105", parameter["name"]: value})
                assert answer.status_code < 500, (address, parameter["name"], value)
                if answer.status_code >= 400:
                    assert_shape(answer)
                tried += 1
    assert tried > 500


BODIES = [
    {}, [], "x", 1, None, True, {"name": None}, {"name": []}, {"name": {}}, {"name": "x" * 100_000}, {"text": None}, {"text": 1},
    {"username": [], "password": {}}, {"username": "a", "password": None}, {"lon": 1e308, "lat": -1e308, "text": "a"},
    {"name": "a", "title": "b", "content": {"format": "1"}}, {"name": "a", "title": "b", "content": {"zones": []}},
]  # fmt: skip


def test_no_body_is_a_fault_of_ours(public_version, as_user, cast):
    from drf_spectacular.generators import SchemaGenerator

    client, tried = as_user("planner"), 0
    for address, operations in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        if "post" not in operations or "logout" in address:
            continue
        for body in BODIES:
            answer = client.post(address.replace("{id}", public_version.pk), json.dumps(body), "application/json")
            assert answer.status_code < 500, (address, body)
            if answer.status_code >= 400:
                assert_shape(answer)
            tried += 1
    assert tried > 100


def test_a_fault_of_ours_has_the_same_shape_and_tells_nothing(client, db, monkeypatch):
    from planning import identify

    def fault(*args, **kwargs):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(identify, "village_at", fault)
    client.raise_request_exception = False
    answer = client.get("/api/v1/identify/?lon=116.8&lat=36.1")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "server_error"
    assert b"secret" not in answer.content
