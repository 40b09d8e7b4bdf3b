"""What holds for every address, found by walking the resolver: content policy, no change by reading, CSRF, cookies (XS-2, CS-1 to CS-3)."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client
from django.urls import resolve

from portal.models import User
from tests import world
from tests.portal.every_address import every_address, fill

pytestmark = pytest.mark.django_db
WHO = [None, "committee", "reviewer", "administrator"]
# Take neither cookie nor session for who they are, and nothing but JSON, which no form of another site can send.
NO_SESSION = {
    "api-token", "api-login", "api-password-by-link", "api-second-factor-begin", "api-second-factor-set-up",
}  # fmt: skip
# Written while reading, on purpose: how long a session rests, and who has looked at personal data.
KEPT_WHILE_READING = {"sessions.Session", "portal.AuditEntry", "portal.AuditLink"}


@pytest.fixture
def client_of(cast, as_user):
    User.objects.create_superuser("root")

    def make(name: str | None) -> Client:
        if name != "administrator":
            return as_user(name)
        client = Client()
        client.force_login(User.objects.get(username="root"))
        return client

    return make


@dataclass
class Walk:
    """What one person was answered at every address, and which tables changed meanwhile."""

    answers: dict[str, tuple[int, dict[str, str], str]]
    changed: set[str]


WALKS: dict[str | None, Walk] = {}  # by person: one walk serves several tests


@pytest.fixture
def walk(client_of, public_version):
    def make(name: str | None) -> Walk:
        if name not in WALKS:
            client, answers, before = client_of(name), {}, contents()
            for address in every_address():
                url = fill(address, public_version)
                client.head(url)
                answer = client.get(url)
                kind = answer.headers.get("Content-Type", "")
                text = answer.content.decode() if kind.startswith("text/html") else ""
                answers[url] = (answer.status_code, dict(answer.headers), text)
            after = contents()
            WALKS[name] = Walk(answers, {label for label in after if after[label] != before[label]})
        return WALKS[name]

    return make


@pytest.mark.parametrize("name", WHO)
def test_every_page_has_the_content_policy_and_nothing_inline(walk, name):
    pages = 0
    for url, (status, headers, html) in walk(name).answers.items():
        assert status < 500 or url == "/readyz", url  # no worker runs here
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy, url
        for directive in (
            "default-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ):
            assert directive in policy, url
        assert headers["X-Content-Type-Options"] == "nosniff", url
        assert headers["Referrer-Policy"] == "same-origin", url
        assert headers["Permissions-Policy"].startswith("geolocation=(self), camera=()"), url
        if html and not url.startswith("/admin/"):
            pages += status == 200
            check_nothing_inline(html, url)
    assert pages >= (9 if name is None else 15)


@pytest.mark.parametrize("name", WHO)
def test_reading_changes_nothing(walk, name):
    assert walk(name).changed == set()


def check_nothing_inline(html: str, url: str) -> None:
    assert not re.search(r"<[^>]+\sstyle\s*=", html), f"{url} has an inline style"
    assert not re.search(r"<style[\s>]", html), f"{url} has a style element"
    assert not re.search(r"<[^>]+\son[a-z]+\s*=\s*[\"']", html), f"{url} has an event handler"
    assert "javascript:" not in html.lower(), url
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", html, flags=re.S):
        is_data = 'type="application/json"' in attributes
        assert is_data or ("src=" in attributes and not body.strip()), f"{url} has an inline script"
    for tag, source in re.findall(r"<(script|img|iframe|link)[^>]+(?:src|href)=\"([^\"]+)\"", html):
        own = ("/", "#", "?", "data:image/svg+xml;base64,") if tag == "img" else ("/", "#", "?")
        assert source.startswith(own), f"{url} loads {source}"


def contents() -> dict[str, str]:
    """A digest of all rows of each table."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label not in KEPT_WHILE_READING and model._meta.managed:
            rows = model.objects.order_by("pk").values_list() if hasattr(model, "objects") else []
            plain = [[getattr(value, "hexewkb", value) for value in row] for row in rows]
            found[model._meta.label] = hashlib.sha256(repr(plain).encode()).hexdigest()
    return found


def test_every_unsafe_method_of_every_address_needs_the_csrf_token(client_of, public_version):
    client_of(None)
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="root"))
    before, refused = contents(), 0
    for address in every_address():
        if address.name in NO_SESSION:
            continue
        url = fill(address, public_version)
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(url, "{}", content_type="application/json")
            assert answer.status_code in (403, 404, 405), (method, url, answer.status_code)
            if answer.status_code == 404:  # only where nothing is reached at all: tiles, the administration's pages
                assert "/tiles/" in url or "/admin/" in url, (method, url)
            refused += answer.status_code == 403
    assert refused > 250
    assert contents() == before
    assert client.get("/api/v1/me/").json()["signed_in"]


@pytest.mark.parametrize("name", sorted(NO_SESSION))
def test_what_needs_no_token_takes_no_form_and_no_session(cast, name):
    url = fill(next(a for a in every_address() if a.name == name), None)
    assert resolve(url).func.cls.authentication_classes == []
    form = {"username": "villager", "password": "right-horse-battery"}
    answer = Client().post(url, form)  # multipart, as a form of another site
    assert answer.status_code == 415
    if name != "api-token":  # hands out a token in its answer, which another site cannot read
        assert Client().post(url, "a=b", content_type="application/x-www-form-urlencoded").status_code == 415
    assert Client().post(url, "{}", content_type="text/plain").status_code == 415


def test_no_view_is_exempt_from_the_check_by_hand():
    root = Path(__file__).resolve().parent.parent.parent
    for app in ("portal", "villages", "planning", "indicators"):
        for path in (root / app).rglob("*.py"):
            assert "csrf_exempt" not in path.read_text("utf-8"), path


def test_signing_in_and_out_by_a_form_of_another_site_is_refused(cast):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/login/", {"username": "villager", "password": "right-horse-battery"}).status_code == 403
    client.force_login(cast.villager)
    assert client.post("/logout/").status_code == 403
    assert client.get("/logout/").status_code == 405
    assert client.get("/api/v1/me/").json()["signed_in"]


def test_cookies_are_for_this_site_only_and_out_of_reach_of_scripts(client_of, public_version, settings):
    client = Client()
    client.post("/login/", {"username": "villager", "password": "right-horse-battery"})
    client.post("/language/en/")
    for address in every_address():
        client.get(fill(address, public_version))
    assert set(client.cookies) == {"sessionid", "csrftoken", "device", "django_language"}
    for name, morsel in client.cookies.items():
        assert morsel["httponly"], name
        assert morsel["samesite"] == "Lax", name
        assert morsel["path"] == "/", name
        assert not morsel["domain"], name


def test_over_https_cookies_are_secure(cast, settings):
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.COOKIE_PREFIX = "__Host-"
    client = Client()
    client.get("/login/", secure=True)
    client.post("/login/", {"username": "villager", "password": "right-horse-battery"}, secure=True)
    client.post("/language/en/", secure=True)
    assert "__Host-device" in client.cookies
    assert all(morsel["secure"] for morsel in client.cookies.values())


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "https://evil.example", "https:evil.example", "\\\\evil.example", "/\\evil.example", "///evil.example",
        "javascript:alert(1)", "http://testserver@evil.example/", "%2F%2Fevil.example", " //evil.example", "\t//evil.example",
    ],
)  # fmt: skip
def test_after_signing_in_nobody_is_led_to_another_site(cast, target):
    answer = Client().post("/login/", {"username": "villager", "password": "right-horse-battery", "next": target})
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert location == "/" or (location.startswith("%2F")), location
    page = Client().post("/language/en/", {"next": target}).headers["Location"]
    assert not re.match(r"(?i)[a-z]+:|//|\\|/\\", page), page


def test_after_signing_in_people_come_back_to_where_they_were(cast):
    answer = Client().post(
        "/login/", {"username": "villager", "password": "right-horse-battery", "next": "/villages/?q=a"}
    )
    assert answer.headers["Location"] == "/villages/?q=a"


def test_no_page_of_ours_names_another_site_to_load_from():
    root = Path(__file__).resolve().parent.parent.parent
    allowed = re.compile(r"https?://(www\.w3\.org/(2000/svg|1999/xlink)|127\.0\.0\.1|localhost)")
    for folder, kinds in (("static/js", ("*.js",)), ("static/css", ("*.css",)), ("templates", ("*.html",))):
        for kind in kinds:
            for path in (root / folder).rglob(kind):
                for found in re.findall(
                    r"(?:src|href|import|url|fetch)\W{1,3}(https?://[^\s\"')]+)", path.read_text("utf-8")
                ):
                    assert allowed.match(found), (path, found)


def test_the_walk_reaches_what_it_should(public_version):
    routes = {address.route for address in every_address()}
    for route in ("/login/", "/accounts/<str:username>/link/", "/api/v1/token/", "/villages/", "/healthz"):
        assert route in routes
    assert len(routes) > 150
    assert any(public_version.pk in fill(a, public_version) for a in every_address())
    assert any(world.LIUGOU in fill(a, public_version) for a in every_address())
