"""The pages of numbers in a real browser: wide and narrow, both languages, larger type, by keyboard, without scripts."""

import os

import pytest
from playwright.sync_api import Page, expect

from indicators.models import Target
from tests import world
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
SHOTS = os.environ.get("SHOTS")  # a folder to put pictures of the pages in


@pytest.fixture
def numbers(portal):
    """The version of the portal with some targets: one kept, one missed, one near."""
    run = portal.version.runs.first()
    value = dict(run.values.values_list("code", "value"))
    for code, target in (("1", value["1"]), ("4", value["4"] * 0.9), ("10", value["10"] * 1.02), ("2", value["2"])):
        Target.objects.create(
            village_id=world.LIUGOU,
            code=code,
            value=round(target, 2),
            source="示例参数（演示）",
            issued_on="2024-01-01",
        )
    return portal


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_are_readable_and_without_serious_faults(size, language, numbers, open_page, axe):
    for part in ("indicators/", "indicators/4/", "indicators/24/", "ledgers/"):
        page = open_page(f"{numbers.page}{part}", size=size, language=language)
        assert overflow(page) <= 0, part
        assert axe(page) == [], part
        shot(page, f"{part.strip('/').replace('/', '-')}-{size[0]}-{language}")
