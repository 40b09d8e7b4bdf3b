"""Handing in a table in a real browser: on a phone and on a desk, without a fault of accessibility, and back again."""

import os

import pytest
from playwright.sync_api import Page, expect

from portal.celery import app
from portal.models import Job
from tests import world
from tests.browser.conftest import DESK, PHONE
from villages.models import Fact, TableImport

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

HEAD = "村代码,指标,年份,数值,来源,附注\n"
GOOD = f"{HEAD}{world.LIUGOU},户籍人口,2020,1300,新台账,\n{world.LIUGOU},户数,2021,401,新台账,\n"
BAD = HEAD + "".join(f"{world.LIUGOU},户籍人口,{1990 + n},十{n},新台账,\n" for n in range(30))
PAYLOAD = '<img src=x onerror="window.__xss=1">'


def work() -> None:
    while job := Job.objects.filter(state=Job.State.QUEUED).first():
        app.tasks[job.kind](job.pk)


def hand_in(page: Page, text: str, name: str = "台账.csv") -> None:
    page.set_input_files("#id_file", {"name": name, "mimeType": "text/csv", "buffer": text.encode()})
    with page.expect_navigation():
        page.get_by_role("button", name="Hand in and check").click()


def seen(page: Page, axe, name: str) -> None:
    """No fault of accessibility, and nothing wider than the screen."""
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_table_is_handed_in_looked_at_stored_and_taken_back(open_page, axe, village, cast, settings, size):
    app.loader.import_default_modules()
    settings.DEMO = True
    which = "phone" if size == PHONE else "desk"
    page = open_page("/tables/", user=cast.committee, language="en", size=size)
    expect(page.get_by_text("No table was handed in yet.")).to_be_visible()
    seen(page, axe, f"1-empty-{which}")
    hand_in(page, BAD, f"{PAYLOAD}.csv")
    expect(page.get_by_role("progressbar")).to_be_visible()
    seen(page, axe, f"2-waiting-{which}")
    work()
    expect(page.get_by_role("heading", name="Refused")).to_be_visible(timeout=15000)
    seen(page, axe, f"3-refused-{which}")
    assert not page.evaluate("window.__xss")
    with page.expect_download() as download:
        page.get_by_role("link", name="Table with the bad cells marked").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    page.get_by_role("link", name="Hand in the corrected table").click()
    hand_in(page, GOOD)
    work()
    expect(page.get_by_role("button", name="Store these rows")).to_be_visible(timeout=15000)
    seen(page, axe, f"4-ready-{which}")
    with page.expect_navigation():
        page.get_by_role("button", name="Store these rows").click()
    work()
    expect(page.get_by_role("button", name="Take this import back")).to_be_visible(timeout=15000)
    seen(page, axe, f"5-stored-{which}")
    assert Fact.objects.get(village=village, code="population").value == 1300
    page.get_by_role("button", name="Take this import back").click()
    expect(page.get_by_text("The import was taken back")).to_be_visible()
    assert Fact.objects.get(village=village, code="population").value == 1200
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name="Import tables").click()
    expect(page.get_by_role("heading", name="Tables handed in before")).to_be_visible()
    assert TableImport.objects.count() == 2
    seen(page, axe, f"6-list-{which}")
