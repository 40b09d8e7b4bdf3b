"""The quality report in a real browser: wide and narrow, both languages, by keyboard, and a file that is only checked."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from planning.models import PlanVersion
from portal.models import Upload
from tests.browser.conftest import DESK, PHONE
from tests.planning.test_pages_upload import good_file, judged, overlapping_file, plan_file
from tests.world import plan_rows

UPLOAD = re.compile(r"/uploads/\w{12}/$")
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def files(browser, transactional_db, live_server, settings, village, as_user, run_jobs, cast) -> SimpleNamespace:
    """Three files of a planner: refused for an overlap, a draft with wrong content, a good one."""
    settings.DEMO = True
    client = as_user("planner")
    given = [overlapping_file(), plan_file(["070301", *plan_rows()[1:]], name="second.geojson"), good_file()]
    refused, blocked, good = (judged(client, file, run_jobs) for file in given)
    return SimpleNamespace(refused=refused, blocked=blocked, good=good, planner=cast.planner)


def address(upload: Upload) -> str:
    return f"/uploads/{upload.pk}/report/"


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_report_is_readable_and_without_serious_faults(size, language, files, open_page, axe):
    for upload in (files.refused, files.blocked):
        page = open_page(address(upload), size=size, language=language, user=files.planner)
        assert overflow(page) <= 0
        assert axe(page) == []
        score = page.locator(".score strong")
        expect(score).to_have_text(f"{upload.result['report']['score']:g}")
        assert score.bounding_box()["y"] < size[1]
        assert page.locator(".trend circle").count() == 3


def test_a_row_leads_to_its_place_by_keyboard(files, open_page):
    page = open_page(address(files.refused), user=files.planner)
    button = page.locator("[data-show]").first
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("tr.is-current")).to_have_count(1)


def test_a_failed_rule_leads_to_its_issues_on_the_page_of_the_file(files, open_page):
    page = open_page(address(files.refused), user=files.planner)
    page.locator(".rule-table a.tag--error").first.click()
    page.wait_for_url(re.compile(r"rule=error-"))
    expect(page.locator("#issues tbody tr").first).to_be_visible()


def test_the_report_reads_without_scripts(files, open_page):
    page = open_page(address(files.refused), user=files.planner, scripts=False)
    expect(page.locator(".rule-table")).to_contain_text("G5")
    expect(page.locator("#issues")).to_contain_text("G5")


def test_a_planner_checks_a_file_looks_at_the_report_and_hands_it_in(files, open_page, run_jobs, tmp_path):
    path = Path(tmp_path) / "third.geojson"
    rows = plan_rows()
    rows[8] = "0201"
    path.write_bytes(plan_file(rows).read())
    page = open_page("/uploads/new/", user=files.planner)
    before = PlanVersion.objects.count()
    page.set_input_files("input[type=file]", path)
    page.check("[name=check_only]")
    page.click("[data-upload-button]")
    page.wait_for_url(UPLOAD)
    run_jobs()
    page.reload()
    expect(page.locator(".report-card")).to_be_visible()
    assert PlanVersion.objects.count() == before
    page.locator(".report-card a").click()
    page.wait_for_url("**/report/")
    page.locator("button[name=hand_in]").click()
    page.wait_for_url(UPLOAD)
    run_jobs()
    assert PlanVersion.objects.count() == before + 1


def test_the_form_remembers_that_a_file_was_only_to_be_checked(files, open_page, tmp_path: Any):
    path = Path(tmp_path) / "plan.geojson"
    path.write_bytes(overlapping_file().read().replace(b"GHYDYH", b"ghydyh"))
    page = open_page("/uploads/new/", user=files.planner, size=PHONE, language="en")
    page.check("[name=check_only]")
    page.set_input_files("input[type=file]", path)
    page.click("[data-upload-button]")
    page.wait_for_url(UPLOAD)
    assert Upload.objects.order_by("-created_at").first().options["check_only"] is True
