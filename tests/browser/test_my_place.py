"""A villager's way in: from the first page to what changes at home and the form, on a cheap phone; and by the phone's position."""

import pytest
from django.contrib.gis.geos import Point
from playwright.sync_api import Page, expect

from tests import world
from tests.browser.conftest import PHONE
from tests.grid import centre
from villages.models import Hamlet

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

# a phone in a village: 400 kbit/s, an answer takes half a second
SLOW = {"offline": False, "latency": 250, "downloadThroughput": 50_000, "uploadThroughput": 25_000}


@pytest.fixture
def hamlet(portal) -> Hamlet:
    place = Point(*centre(5, 8), srid=4490)
    return Hamlet.objects.create(village=portal.village, name="前柳沟", geom=place, source="演示数据")


def throttle(page: Page) -> None:
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_from_the_first_page_to_the_form_by_hamlet_and_tap(portal, hamlet, open_page, axe):
    page = open_page("/", size=PHONE, language="en", user=portal.cast.villager)
    throttle(page)
    page.get_by_role("button", name="Larger type").tap()
    fits(page)
    assert axe(page) == []
    page.get_by_role("searchbox", name="Find my village").fill("前柳沟")
    page.get_by_role("button", name="Search").tap()
    page.get_by_role("link", name="What changes at 前柳沟").tap()
    expect(page.get_by_role("heading", name="Yes, it changes")).to_be_visible()
    fits(page)
    expect(page.locator("[data-map-status]")).to_have_text("The map is ready. Tap your house or field.")
    assert axe(page) == []

    # a tap on the yards south of it
    box = page.locator("[data-map-box]")
    box.scroll_into_view_if_needed()
    size = box.bounding_box()
    page.touchscreen.tap(size["x"] + size["width"] / 2, size["y"] + size["height"] * 0.62)
    page.wait_for_url("**/my-place/?lon=*")
    expect(page.get_by_role("heading", name="No, it stays")).to_be_visible()
    expect(page.get_by_text("This is zone 8")).to_be_visible()
    page.get_by_role("link", name="Say what I think").first.tap()
    page.wait_for_url("**/?zone=8&lon=*#comment-form")
    expect(page.locator("#comment-form [name=zone]")).to_have_value("8")
    assert float(page.locator("#comment-form [name=lat]").input_value()) == pytest.approx(centre(5, 7)[1], abs=0.001)


def test_the_position_is_asked_for_and_a_refusal_is_no_dead_end(portal, hamlet, open_page):
    page = open_page(f"{portal.page}my-place/", size=PHONE, language="en")
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))

    def agree() -> None:
        page.get_by_role("button", name="Use my position").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("It is not kept")).to_be_visible()
        expect(page.get_by_role("button", name="Yes, once")).to_be_focused()
        page.keyboard.press("Enter")

    agree()
    expect(page.get_by_text("Your phone did not tell where you are.")).to_be_visible()
    expect(page.get_by_role("button", name="Use my position")).to_be_focused()
    assert page.url.endswith("/my-place/")

    lon, lat = centre(5, 8)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 10})
    agree()
    expect(page.get_by_role("heading", name="Yes, it changes")).to_be_visible()
    expect(page.get_by_text("Where you are now")).to_be_visible()
    link = page.get_by_role("link", name="Say what I think").first.get_attribute("href")
    assert "zone%3D9" in link
    assert "lon" not in link
    assert not [url for url in addresses if f"{lon:.4f}" in url or f"{lat:.4f}" in url]
    page.goto(f"{portal.url}/")
    agree()
    page.wait_for_url(f"**/villages/{world.LIUGOU}/")
    # the same by keyboard alone, at the cross in the middle of the map
    page.goto(f"{portal.url}{portal.page}my-place/?hamlet={hamlet.pk}")
    expect(page.locator("[data-map-status]")).to_have_text("The map is ready. Tap your house or field.")
    page.locator("[data-map-box]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/my-place/?lon=*")
    expect(page.get_by_role("heading", name="Yes, it changes")).to_be_visible()
