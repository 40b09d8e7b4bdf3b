"""A real browser against a live server: Chromium from the machine, no network but ours."""

import asyncio
import gzip
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.db import connections

# Playwright's loop runs in this thread, so Django takes every query of a test for one inside async code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from indicators import runs
from planning import answers, participation
from planning.models import PlanVersion
from tests import world

# Two cores that also run a database, a server and another test process need more than the default of five seconds.
expect.set_options(timeout=15_000)

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK = (360, 640), (1280, 800)
# Without the background flags Chromium calls home at every start.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


def pytest_collection_modifyitems(items) -> None:
    """A test whose browser stumbles (a page that navigates while it is asked) runs once more; wrong answers do not."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["playwright._impl._errors"]))


@pytest.fixture(scope="session")
def browser(django_db_setup) -> Iterator[Browser]:
    kept = getattr(connections["default"], "_test_serialized_contents", None)
    with sync_playwright() as playwright:
        # While Playwright's loop runs Django hands out another connection: it must know the rows of migrations too,
        # and be closed before the test database is dropped.
        connections["default"]._test_serialized_contents = kept
        # A browser keeps its lines open, and each has a thread of the server: they must not keep database connections too.
        connections.settings["default"]["CONN_MAX_AGE"] = 0
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        let_go(opened)
        connections.close_all()


@pytest.fixture
def portal(browser, transactional_db, live_server, settings, cast, village) -> SimpleNamespace:
    """For tests marked django_db(transaction=True, serialized_rollback=True), which keeps the rows of migrations.

    A village with one judged version in public notice and a comment with an answer; base data open, as in the demo.
    """
    settings.DEMO = True
    version = world.make_version(village, by=cast.planner)
    runs.judge(version)
    version = world.publish(PlanVersion.objects.get(pk=version.pk), cast.township)
    comment = participation.post_comment(version, by=cast.villager, text="我家门前的路多宽？", zone=8)
    answers.answer(comment, by=cast.committee, text="按四米设计。", adoption="explained")
    participation.post_comment(version, by=cast.stranger, text="支持", lon=116.8055, lat=36.1025)
    return SimpleNamespace(
        url=live_server.url, cast=cast, village=village, version=version, page=f"/versions/{version.pk}/"
    )


class Traffic:
    """Requests the live server is answering now. A page that is closed leaves its last ones behind, and the tables must
    not be emptied under them: PostgreSQL would call it a deadlock."""

    def __init__(self) -> None:
        self.open, self.changed, self.lock = 0, time.monotonic(), threading.Lock()
        request_started.connect(self.begin)
        request_finished.connect(self.end)

    def begin(self, **kwargs) -> None:
        self.count(1)

    def end(self, **kwargs) -> None:
        self.count(-1)

    def count(self, step: int) -> None:
        with self.lock:
            self.open, self.changed = self.open + step, time.monotonic()

    def wait_for_silence(self, quiet: float = 0.1, patience: float = 20.0) -> None:
        """Until nothing has been asked or answered for `quiet` seconds."""
        until = time.monotonic() + patience
        while (self.open > 0 or time.monotonic() - self.changed < quiet) and time.monotonic() < until:
            time.sleep(0.05)


IDLE = "() => new Promise((done) => requestIdleCallback(() => setTimeout(done, 30), {timeout: 2000}))"


class Asked:
    """Requests of a page that have no answer yet. Playwright's "networkidle" waits for half a second in which nothing is
    asked; a page whose scripts have nothing left to do, and that waits for nothing, is as ready at once."""

    QUIET = 0.1  # seconds without a question, longer than a script waits between two of them

    def __init__(self, page: Page) -> None:
        self.page, self.open, self.changed = page, set(), time.monotonic()
        page.on("request", self.begin)
        page.on("requestfinished", self.end)
        page.on("requestfailed", self.end)

    def begin(self, request) -> None:
        self.open.add(request)
        self.changed = time.monotonic()

    def end(self, request) -> None:
        self.open.discard(request)
        self.changed = time.monotonic()

    def wait_until_answered(self, *, scripts: bool, patience: float = 30.0) -> None:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if scripts:  # a busy page answers late, however slow the machine is
                with suppress(PlaywrightError):  # the page went on to another one
                    self.page.evaluate(IDLE)
            else:
                self.page.wait_for_timeout(30)
            if not self.open and time.monotonic() - self.changed > self.QUIET:
                return


@pytest.fixture(scope="session")
def traffic() -> Traffic:
    return Traffic()


@pytest.fixture
def open_page(browser, live_server, request, traffic) -> Iterator[Callable[..., Page]]:
    """open_page("/path", size=PHONE, language="en", user=…): a page of a fresh visitor; whatever goes wrong in it fails the test."""
    contexts, troubles = [], []

    def open_one(
        path: str,
        *,
        size: tuple[int, int] = DESK,
        language: str = "zh-hans",
        user=None,
        scripts: bool = True,
        status: int = 200,
    ) -> Page:
        touch = size[0] < 600
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=touch,
            is_mobile=touch,
            java_script_enabled=scripts,
            reduced_motion="reduce",  # maps and pages jump: a click never meets what is still gliding
        )
        contexts.append(context)
        if language:
            context.add_cookies(
                [{"name": django_settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}]
            )
        if user:
            context.add_cookies(
                [{"name": django_settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": live_server.url}]
            )
        page = context.new_page()
        watch(page, troubles, live_server.url)
        asked = Asked(page)
        answer = page.goto(live_server.url + path)
        assert answer.status == status
        asked.wait_until_answered(scripts=scripts)
        return page

    yield open_one
    for context in contexts:
        let_go(context)
    traffic.wait_for_silence()
    if "trouble_wanted" not in request.fixturenames:
        assert not troubles


def let_go(thing: Browser | BrowserContext, seconds: float = 20.0) -> None:
    """Close it, but wait no longer than that: Playwright's own close knows no limit, and has once waited for ever after a download."""
    with suppress(TimeoutError):
        thing._sync(asyncio.wait_for(thing._impl_obj.close(reason=None), seconds))


@pytest.fixture
def trouble_wanted() -> None:
    """For tests that break something on purpose."""


def session_of(user) -> str:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def sign_in(page: Page, user) -> None:
    """As if somebody had signed in in another tab: another session, and another token against forged requests."""
    address = urlsplit(page.url)
    cookie = {"name": django_settings.SESSION_COOKIE_NAME, "value": session_of(user)}
    page.context.add_cookies([{**cookie, "url": f"{address.scheme}://{address.netloc}"}])
    page.context.clear_cookies(name=django_settings.CSRF_COOKIE_NAME)


def watch(page: Page, troubles: list[str], home: str) -> None:
    """Write down script errors, refusals of the content policy, failed requests and requests that leave the portal."""
    page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    page.on("console", lambda m: troubles.append(f"console: {m.text}") if is_fault(m) else None)
    page.on("response", lambda r: troubles.append(f"{r.status} {r.url}") if r.status >= 500 else None)
    page.on(
        "request",
        lambda r: (
            None
            if urlsplit(r.url).scheme in ("data", "blob") or r.url.startswith(home)
            else troubles.append(f"leaves the portal: {r.url}")
        ),
    )


def is_fault(message) -> bool:
    """Refused answers (400, 404) are wanted by some tests and are looked at by their status."""
    return message.type == "error" and not message.text.startswith("Failed to load resource")


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """axe(page): serious and critical faults of accessibility, as rule: element."""
    source = AXE.read_text("utf-8")

    def look(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['html'][:160]}"
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]

    return look


def packed_size(body: bytes) -> int:
    return len(gzip.compress(body, 6))
