"""The OpenAPI document names every address of the API, without a warning, and the API has no others."""

import io
import re

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

META = {"/api/v1/schema/", "/api/v1/docs/"}  # the document itself and its page


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> set[str]:
    """Every address below `before`, written as OpenAPI writes it."""
    found = set()
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= addresses(pattern.url_patterns, here)
        else:
            found.add(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", here))
    return found


@pytest.fixture(scope="module")
def document(django_db_setup) -> dict:
    from drf_spectacular.generators import SchemaGenerator

    return SchemaGenerator().get_schema(request=None, public=True)


def test_the_document_and_the_addresses_agree(document):
    ours = {a for a in addresses(get_resolver().url_patterns) if a.startswith("/api/v1/")}
    assert len(ours) > 30
    assert ours - META == set(document["paths"])


def test_the_document_is_valid_and_without_warnings():
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert "openapi: 3" in out.getvalue()


def test_every_operation_says_what_it_is_for_and_how_it_answers(document):
    for address, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), (method, address)
            answers = operation["responses"]
            assert any(status.startswith("2") for status in answers), (method, address)
            assert "{" not in address or "404" in answers, (method, address)


@pytest.mark.django_db
def test_the_page_of_the_api_loads_under_the_content_security_policy(client):
    page = client.get("/api/v1/docs/")
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    html = page.content.decode()
    assert "<style" not in html
    assert " style=" not in html
    sources = re.findall(r"<script([^>]*)>(.*?)</script>", html, flags=re.S)
    assert len(sources) == 3
    for attributes, inline in sources:
        assert not inline.strip()
        address = re.search(r'src="([^"]+)"', attributes).group(1).replace("&amp;", "&")
        assert address.startswith("/")
    script = client.get(address)
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert b"SwaggerUIBundle" in script.content
    assert b"/schema/" in script.content


@pytest.mark.django_db
def test_the_document_is_served_as_json(client):
    answer = client.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    assert "/api/v1/villages/{code}/" in answer.json()["paths"]
