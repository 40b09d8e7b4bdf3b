"""Base maps under every map of a page: the halves of a swipe, the second map of a pair, the map of the review page on a phone."""

import json

import pytest
from playwright.sync_api import Page, expect

from portal import basemaps
from tests import world
from tests.browser import test_staff_pages
from tests.browser.conftest import PHONE
from tests.browser.test_map_tools import tools, unfold
from tests.browser.test_sheet_pages import TILE, named

office, review = test_staff_pages.office, test_staff_pages.review
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

OPACITY = "node => getComputedStyle(node).opacity"


@pytest.fixture
def imagery(settings) -> None:
    settings.BASE_MAPS = basemaps.read(json.dumps([named("/ground/{z}/{x}/{y}.png", "县影像")]), https=False)


def choose(page: Page) -> None:
    page.route("**/ground/**", lambda route: route.fulfill(body=TILE, content_type="image/png"))
    page.get_by_label("Base map", exact=True).select_option(label="县影像")
    expect(page.locator(".leaflet-basemap-pane img.leaflet-tile-loaded").first).to_be_visible()


def test_both_halves_of_a_comparison_are_seen_through_alike(portal, open_page, imagery, axe):
    newer = world.publish(world.make_version(portal.village, rows=world.BASE_ROWS), portal.cast.township)
    page = open_page(f"/versions/{newer.pk}/compare/", language="en")
    own, before = page.locator(".leaflet-tile-pane"), page.locator(".leaflet-before-pane")
    expect(before).to_be_attached()
    assert [pane.evaluate(OPACITY) for pane in (own, before)] == ["1", "1"]
    choose(page)
    assert [pane.evaluate(OPACITY) for pane in (own, before)] == ["0.7", "0.7"]
    assert axe(page) == []


def test_the_map_beside_lies_on_the_same_base_map(portal, open_page, imagery):
    newer = world.publish(world.make_version(portal.village, rows=world.BASE_ROWS), portal.cast.township)
    page = open_page(f"/versions/{newer.pk}/", language="en")
    choose(page)
    compare = unfold(tools(page), "Compare")
    compare.get_by_role("button", name="Side by side").click()
    beside = page.locator(".map-stage--beside .leaflet-basemap-pane img.leaflet-tile-loaded")
    expect(beside.first).to_be_visible()
    page.get_by_label("Base map", exact=True).select_option(label="None")
    expect(beside).to_have_count(0)


def test_a_reviewer_with_a_phone_chooses_a_base_map(office, open_page, imagery, axe):
    page = open_page(review(office.version), size=PHONE, language="en", user=office.cast.reviewer)
    choose(page)
    note = page.locator("[data-map-basemaps] p")
    expect(note).to_contain_text("GS(2024)0650号")
    assert page.locator(".map-frame").bounding_box()["height"] == pytest.approx(0.45 * PHONE[1], abs=2)
    assert page.locator("[data-map-box]").bounding_box()["height"] > 140
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert axe(page) == []
