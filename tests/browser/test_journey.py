"""The main job, end to end, in a browser with a real worker: from a file through the whole procedure to a plan in force.
The villagers and their committee hold phones, the officials sit at desks. Screenshots: .local/screenshots."""

import os
import re
import subprocess
import sys

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from indicators.demo import make_targets
from planning import demo
from planning.models import PlanVersion
from portal import workdays
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


def press(page: Page, version: PlanVersion, step: str) -> None:
    """Make a step on the page of the case, after looking at it anew."""
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1", page.url) + f"/versions/{version.pk}/case/")
    with page.expect_navigation():
        page.locator(f"section.step--{step} form button[type=submit]").click()


def send(page: Page, form: str) -> None:
    with page.expect_navigation():
        page.locator(form).locator("button[type=submit]").last.click()


def newest() -> PlanVersion:
    return PlanVersion.objects.order_by("-number").first()


def state(version: PlanVersion) -> str:
    version.refresh_from_db()
    return version.state


PDF = {"name": "会议记录.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n1 0 obj << >> endobj\n%%EOF"}
PHOTO = {"name": "会场.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)}


def test_from_a_file_to_a_plan_in_force(worker, county, live_server, open_page):
    people = county
    planner = open_page("/desk/", size=DESK, user=people["demo_planner"])

    # a bad file is refused, its fault shown in a table and on the map; a good one becomes a version and is computed
    hand_in(planner, "bad_overlap.geojson")
    verdict(planner)
    expect(planner.locator("table").get_by_text("G5").first).to_be_visible()
    shot(planner, "1-refused")
    assert not PlanVersion.objects.exists()
    hand_in(planner, "liugou_v2.zip", "第一稿")
    verdict(planner)
    version = newest()
    assert version.zones.count() > 300
    for _ in range(240):
        if Job.objects.filter(kind="indicators.judge_version", state=Job.State.DONE).exists():
            break
        planner.wait_for_timeout(250)
    version.refresh_from_db()
    assert version.checked_at
    case = f"/versions/{version.pk}/case/"

    # the planner asks the villagers; the committee records what they said, on a phone
    press(planner, version, "ask_villagers")
    committee = open_page(f"/versions/{version.pk}/rounds/new/", size=PHONE, user=people["demo_committee"])
    committee.fill("#id_people", "46")
    committee.fill("#id_summary", "大家同意把新宅基地放在村西。")
    committee.set_input_files("#id_minutes", PDF)
    send(committee, "main form.card-box")
    expect(committee.locator("main").get_by_text("大家同意把新宅基地放在村西。")).to_be_visible()
    shot(committee, "2-phone-round")
    township = open_page(case, size=DESK, user=people["demo_township"])
    press(township, version, "send_to_review")

    # the county reviewer asks a department; it declares, gives an opinion, completes it; the planner answers
    reviewer = open_page(case, size=DESK, user=people["demo_reviewer"])
    ask = "form[action$='/reviews/new/']"
    reviewer.select_option(f"{ask} [name=whom]", "department:agriculture")
    reviewer.fill(f"{ask} [name=due_on]", workdays.add(timezone.localdate(), 5, demo.LIUGOU).isoformat())
    send(reviewer, ask)
    asked = version.requests.get()
    department = open_page(f"/reviews/{asked.pk}/", size=DESK, user=people["demo_agriculture"])
    send(department, "form:has(input[value=no])")
    department.select_option("#id_stance", "change")
    department.fill("#id_text", "请保留村南的灌溉水渠。")
    send(department, "#opinion-form")
    send(department, "form[action$='/finish/']")
    opinion = version.opinions.get()
    planner.goto(f"{live_server.url}/opinions/{opinion.pk}/answer/")
    planner.select_option("#id_outcome", "adopted")
    send(planner, "main form.card-box")
    press(reviewer, version, "to_assembly")

    # the committee records the assembly with its proofs; the portal counts the quorum
    committee.goto(f"{live_server.url}/versions/{version.pk}/assemblies/new/")
    committee.select_option("#id_form", "representatives")
    committee.fill("#id_place", "村委会")
    for field, count in {"entitled": 42, "present": 36, "in_favour": 33, "against": 2, "abstained": 1}.items():
        committee.fill(f"#id_{field}", str(count))
    committee.fill("#id_summary", "同意报批。")
    committee.set_input_files("#id_minutes", PDF)
    committee.set_input_files("#id_photo", PHOTO)
    send(committee, "main form.card-box")
    shot(committee, "3-phone-assembly")
    assert version.assemblies.get().documents.count() == 2

    # the township opens the notice; a passer-by reads on a phone what it means; a resident comments, the committee answers
    press(township, version, "open_notice")
    assert state(version) == "notice"
    passer_by = open_page(f"/versions/{version.pk}/", size=PHONE)
    box = passer_by.locator("[data-map-box]")
    box.scroll_into_view_if_needed()
    area = box.bounding_box()
    box.click(position={"x": area["width"] / 2, "y": area["height"] / 2})
    expect(passer_by.locator(".sentences li").first).to_be_visible(timeout=WAIT)
    resident = open_page(f"/login/?next=/versions/{version.pk}/", size=PHONE)
    resident.fill("[name=username]", "demo_resident")
    resident.fill("[name=password]", demo.DEMO_PASSWORD)
    resident.click("main form button[type=submit]")
    resident.wait_for_url(f"**/versions/{version.pk}/**")
    resident.fill("#comment-form textarea", "卫生室门口能不能修坡道？")
    send(resident, "#comment-form")
    comment = version.comments.get()
    shot(resident, "4-phone-commented")
    committee.goto(f"{live_server.url}/comments/{comment.pk}/reply/")
    committee.check("#adoption-adopted")
    committee.fill("main form textarea", "采纳，门口设坡道和扶手。")
    send(committee, "main form:has(textarea)")
    passer_by.reload()
    text = passer_by.locator("main").inner_text()
    assert "采纳，门口设坡道和扶手。" in text
    assert "柳**" in text
    assert "柳大娘" not in text
    press(township, version, "close_notice")
    press(township, version, "submit")

    # the leader finds what is missing, writes the letter, approves; a second person publishes
    leader = open_page(case, size=DESK, user=people["demo_leader"])
    expect(leader.locator("section.step--approve ul.missing")).to_be_visible()
    shot(leader, "5-case-before-letter")
    leader.goto(f"{live_server.url}/versions/{version.pk}/decision/write/")
    leader.fill("#id_number", "演示政字〔2026〕18号")
    send(leader, "main form:has(#id_number)")
    press(leader, version, "approve")
    assert state(version) == "approved"
    shot(leader, "6-approved")
    press(township, version, "publish")
    press(reviewer, version, "file")
    press(reviewer, version, "enter_force")
    assert state(version) == "in_force"
    passer_by.goto(f"{live_server.url}/versions/{version.pk}/decision/")
    expect(passer_by.locator("main")).to_contain_text("演示政字〔2026〕18号")
    shot(passer_by, "7-phone-letter")

    # every step is on the record with who, when, before and after
    steps = AuditEntry.objects.filter(verb__startswith="version.", before__state__isnull=False).order_by("id")
    assert [(e.actor.username, e.after["state"]) for e in steps] == [
        ("demo_planner", "round1"), ("demo_township", "joint_review"), ("demo_reviewer", "assembly"),
        ("demo_township", "notice"), ("demo_township", "quality_check"), ("demo_township", "submitted"),
        ("demo_leader", "approved"), ("demo_township", "published"), ("demo_reviewer", "filed"),
        ("demo_reviewer", "in_force"),
    ]  # fmt: skip
