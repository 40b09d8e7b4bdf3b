"""The pages of numbers in a real browser: wide and narrow, both languages, larger type, by keyboard, without scripts."""

import pytest
from playwright.sync_api import Page, expect

from indicators import runs
from indicators.models import Target
from planning.models import PlanVersion
from tests import world
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PAGES = ("indicators/", "indicators/4/", "indicators/22/", "ledgers/")


@pytest.fixture
def numbers(portal):
    """A draft in which fields are built over and homesteads given back, with targets: kept, missed, near."""
    rows = world.plan_rows()
    rows[3], rows[4], rows[6], rows[7] = "1701", "070301", "0201", "0102"
    version = world.make_version(portal.village, rows=rows, by=portal.cast.planner)
    value = dict(runs.judge(version).values.values_list("code", "value"))
    for code, target in (("1", value["1"]), ("4", value["4"] * 0.9), ("10", value["10"] * 1.02)):
        Target.objects.create(
            village=portal.village, code=code, value=round(target, 2), source="示例参数（演示）", issued_on="2024-01-01"
        )
    runs.judge(version)
    portal.version = PlanVersion.objects.get(pk=version.pk)
    portal.page = f"/versions/{version.pk}/"
    return portal


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_are_readable_and_without_serious_faults(size, language, numbers, open_page, axe):
    for part in PAGES:
        page = open_page(f"{numbers.page}{part}", size=size, language=language, user=numbers.cast.planner)
        assert overflow(page) <= 0, part
        assert axe(page) == [], part


def test_larger_type_fits_a_phone(numbers, open_page):
    for part in PAGES:
        page = open_page(f"{numbers.page}{part}", size=PHONE, language="en", user=numbers.cast.planner)
        page.click("#elder-toggle")
        assert overflow(page) <= 0, part


def test_lights_are_words_and_shapes_and_drawings_stand_beside_their_tables(numbers, open_page):
    page = open_page(f"{numbers.page}indicators/", language="en", user=numbers.cast.planner)
    row = page.locator("tr", has=page.get_by_role("link", name="Homestead land", exact=True))
    expect(row).to_contain_text("Near the limit")
    expect(page.locator(".stale-band")).to_have_count(0)
    marks = page.locator("svg.radar .radar__dot").count()
    assert marks == page.locator(".radar-split tbody tr").count() >= 3
    page.goto(page.url.replace("indicators/", "ledgers/"))
    assert page.locator("svg.sankey").count() == page.locator(".matrix-table").count() == 2


def test_a_row_of_the_list_leads_to_its_shape_by_keyboard(numbers, open_page):
    page = open_page(f"{numbers.page}indicators/4/", language="en", user=numbers.cast.planner)
    expect(page.locator("path.leaflet-interactive")).to_have_count(3)
    page.locator("[data-show]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("tr.is-current")).to_have_count(1)


def test_numbers_are_read_without_scripts(numbers, open_page):
    page = open_page(f"{numbers.page}indicators/", language="en", user=numbers.cast.planner, scripts=False)
    page.get_by_role("link", name="Construction land", exact=True).click()
    expect(page.locator(".number-card")).to_contain_text("Missed")
    expect(page.locator(".member-table tbody tr")).to_have_count(3)
    expect(page.locator(".member-table tfoot")).to_be_visible()
