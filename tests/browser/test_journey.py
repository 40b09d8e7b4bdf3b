"""The main job, end to end, in a browser with a real worker: from a file to a public draft that residents comment on
and an official decides. The resident holds a phone, the others sit at a desk. Screenshots: .local/screenshots."""

import os
import re
import subprocess
import sys

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from indicators.demo import make_targets
from planning import demo
from planning.models import PlanVersion
from portal.models import AuditEntry, Job
from tests.browser.conftest import DESK, PHONE, ROOT
from tests.conftest import DATA
from villages.demo_load import load_county

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
WAIT = 60_000  # ms; jobs run in the worker meanwhile
SHOTS = ROOT / ".local" / "screenshots"


@pytest.fixture
def worker(transactional_db, settings):
    """A Celery worker on the test database, stopped by its own process id."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DB_NAME": connection.settings_dict["NAME"],
        "TEST_MEDIA_ROOT": settings.MEDIA_ROOT,
    }
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "--pool=solo", "--loglevel=WARNING"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    yield process
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def county(transactional_db, settings):
    """The demo county with its people, without any plan."""
    settings.DEMO = True
    load_county()
    demo.make_rules()
    make_targets()
    return demo.make_people()


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(800)  # tiles fade in
    page.screenshot(path=SHOTS / f"journey-{name}.png")


def hand_in(page: Page, file: str, note: str = "") -> None:
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1", page.url) + f"/uploads/new/?village={demo.LIUGOU}")
    page.set_input_files("input[type=file]", DATA / file)
    page.fill("[name=note]", note)
    page.click("[data-upload-button]")
    page.wait_for_url(re.compile(r"/uploads/\w{12}/"), timeout=WAIT)


def verdict(page: Page) -> str:
    """The words of the verdict, when the job is done."""
    heading = page.locator(".notice h2, .error-summary h2").first
    expect(heading).to_be_visible(timeout=WAIT)
    return heading.inner_text()


def press(page: Page, step: str, note: str = "") -> None:
    """Make a step on the review page and wait for the new state."""
    form = page.locator(f"form.step--{step}")
    if note:
        form.locator("textarea").fill(note)
    with page.expect_navigation():
        form.locator("button[type=submit]").click()


def newest() -> PlanVersion:
    return PlanVersion.objects.order_by("-number").first()


def state(version: PlanVersion) -> str:
    version.refresh_from_db()
    return version.state


def test_from_a_file_to_a_decision(worker, county, live_server, open_page):
    people = county
    planner = open_page("/desk/", size=DESK, user=people["demo_planner"])

    # 1. a bad file is refused, its fault shown in a table and on the map; a good one becomes a version
    hand_in(planner, "bad_overlap.geojson")
    verdict(planner)
    expect(planner.locator("table").get_by_text("G5").first).to_be_visible()
    shot(planner, "1-refused")
    assert not PlanVersion.objects.exists()
    hand_in(planner, "liugou_v1.gpkg", "第一稿")
    verdict(planner)
    shot(planner, "2-accepted")
    first = newest()
    assert first.zones.count() > 300

    # 3. the job computes structure table, indicators and conflicts
    for _ in range(120):
        if Job.objects.filter(kind="indicators.judge_version", state=Job.State.DONE).exists():
            break
        planner.wait_for_timeout(500)
    first.refresh_from_db()
    assert first.checked_at
    assert {f.code for f in first.findings.filter(category="real", severity="block")} == {"K1", "K3", "K4", "K10"}

    # 4. the township opens the public draft; a passer-by reads on a phone what it means
    review = f"/versions/{first.pk}/review/"
    township = open_page(review, size=DESK, user=people["demo_township"])
    press(township, "open_notice")
    assert state(first) == "notice"
    passer_by = open_page(f"/versions/{first.pk}/", size=PHONE)
    box = passer_by.locator("[data-map-box]")
    box.scroll_into_view_if_needed()
    area = box.bounding_box()
    box.click(position={"x": area["width"] / 2, "y": area["height"] / 2})
    expect(passer_by.locator(".sentences li").first).to_be_visible(timeout=WAIT)
    shot(passer_by, "3-phone-tapped")

    # 5. a resident signs in and comments; the committee answers; both are public, the name masked
    resident = open_page(f"/login/?next=/versions/{first.pk}/", size=PHONE)
    resident.fill("[name=username]", "demo_resident")
    resident.fill("[name=password]", demo.DEMO_PASSWORD)
    resident.click("main form button[type=submit]")
    resident.wait_for_url(f"**/versions/{first.pk}/**")
    resident.fill("#comment-form textarea", "新宅基地占了村南的水浇地，能不能换个地方？")
    with resident.expect_navigation():
        resident.click("#comment-form button[type=submit]")
    comment = first.comments.get()
    shot(resident, "4-phone-commented")
    committee = open_page(f"/comments/{comment.pk}/reply/", size=DESK, user=people["demo_committee"])
    committee.fill("main form textarea", "采纳，第二稿改到建设边界以内。")
    with committee.expect_navigation():
        committee.click("main form button[type=submit]")
    passer_by.reload()
    text = passer_by.locator("main").inner_text()
    assert "采纳，第二稿改到建设边界以内。" in text
    assert "柳**" in text
    assert "柳大娘" not in text

    # 6. the county reviewer sees it all on one page and returns it with reasons
    township.goto(live_server.url + review)
    press(township, "close_notice")
    reviewer = open_page(review, size=DESK, user=people["demo_reviewer"])
    for part in (re.compile(r"^K1 "), "耕地", "采纳，第二稿改到建设边界以内。"):
        expect(reviewer.locator("main").get_by_text(part).first).to_be_visible()
    expect(reviewer.locator("form.step--approve ul.missing")).to_be_visible()
    shot(reviewer, "5-review")
    press(reviewer, "return", "新增宅基地压占永久基本农田，请修改。")
    assert state(first) == "returned"

    # the changed plan is a new version; the old one stays as it was
    digest = first.digest
    hand_in(planner, "liugou_v2.zip", "按退回意见修改")
    verdict(planner)
    second = newest()
    assert second.number == 2
    for _ in range(120):
        second.refresh_from_db()
        if second.checked_at:
            break
        planner.wait_for_timeout(500)
    review = f"/versions/{second.pk}/review/"
    township.goto(live_server.url + review)
    press(township, "open_notice")
    township.goto(live_server.url + review)
    press(township, "close_notice")
    reviewer.goto(live_server.url + review)
    shot(reviewer, "6-second-version")
    press(reviewer, "approve")
    assert state(second) == "approved"
    shot(reviewer, "7-approved")
    first.refresh_from_db()
    assert (first.digest, first.state) == (digest, "returned")

    # every step is on the record with who, when, before and after
    steps = AuditEntry.objects.filter(verb__startswith="version.", before__state__isnull=False).order_by("id")
    assert [(e.actor.username, e.before["state"], e.after["state"]) for e in steps] == [
        ("demo_township", "draft", "notice"),
        ("demo_township", "notice", "review"),
        ("demo_reviewer", "review", "returned"),
        ("demo_township", "draft", "notice"),
        ("demo_township", "notice", "review"),
        ("demo_reviewer", "review", "approved"),
    ]
