"""Base maps and printing in a real browser: a base map is chosen, fails, comes shifted; a view is printed."""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from portal import basemaps
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

SHOTS = os.environ.get("SHEET_SHOTS")
# a picture of 8 by 8 pixels in one green
TILE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000080000000808020000004b6d29dc000000154944415478da63dc7262150336c0c480030c4e0900b0850236602394"
    "610000000049454e44ae426082"
)


def shot(page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def named(url: str, name: str, datum: str = "cgcs2000") -> dict[str, object]:
    return {"kind": "xyz", "url": url, "name": {"zh-hans": name, "en": name}, "attribution": f"来源 {name}", "datum": datum, "approval": "GS(2024)0650号"}  # fmt: skip


def origin_of(page) -> tuple[float, float]:
    """Where tile column 0 of the base map would begin, and how many pixels 360 degrees are."""
    return page.evaluate("""() => {
        const tile = document.querySelector('.leaflet-basemap-pane img');
        const [z, x] = new URL(tile.src).pathname.split('/').slice(-3).map(Number);
        const {left, width} = tile.getBoundingClientRect();
        return [left - x * width, width * 2 ** z];
    }""")


def test_base_maps_are_chosen_kept_and_left_when_they_do_not_answer(portal, open_page, settings):
    plain = open_page(portal.page, language="en")
    expect(plain.locator("[data-map-basemaps]")).to_contain_text("No base map is set")
    rows = [named("/ground/{z}/{x}/{y}.png", "县影像"), named("/gone/{z}/{x}/{y}.png", "坏底图"), named("/ground/{z}/{x}/{y}.png", "偏移底图", "gcj02")]  # fmt: skip
    settings.BASE_MAPS = basemaps.read(json.dumps(rows), https=False)
    page = open_page(portal.page, language="en")
    page.route("**/ground/**", lambda route: route.fulfill(body=TILE, content_type="image/png"))
    switch, note = page.get_by_label("Base map", exact=True), page.locator("[data-map-basemaps] p")
    assert switch.input_value() == ""
    switch.select_option(label="县影像")
    expect(note).to_have_text("Base map: 来源 县影像 · Map approval number: GS(2024)0650号")
    expect(page.locator(".leaflet-basemap-pane img.leaflet-tile-loaded").first).to_be_visible()
    true, around = origin_of(page)
    shot(page, "basemap-desk")
    page.reload()
    assert switch.input_value() == "map1"  # this device remembers
    switch.select_option(label="坏底图")
    expect(note).to_have_text("坏底图 does not answer. The map goes on without it.")
    assert switch.input_value() == ""
    expect(page.locator(".leaflet-basemap-pane img")).to_have_count(0)
    switch.select_option(label="偏移底图")
    expect(note).to_contain_text("not for measuring")
    expect(page.locator(".leaflet-basemap-pane img.leaflet-tile-loaded").first).to_be_visible()
    shifted, _ = origin_of(page)
    assert true - shifted == pytest.approx(0.00567 / 360 * around, rel=0.02)  # degrees that gcoord shifts a place here
    switch.select_option(label="None")
    expect(note).to_be_empty()


def test_a_view_is_printed(portal, open_page, axe, run_jobs):
    page = open_page(portal.page, size=DESK, language="en", user=portal.cast.planner)
    link = page.locator("a[data-map-print]")
    assert "bbox" not in link.get_attribute("href")  # the whole village is seen
    for _ in range(2):
        page.get_by_role("button", name="Zoom in").click()
    page.wait_for_function("document.querySelector('a[data-map-print]').href.includes('bbox=')")
    link.click()
    assert page.get_by_label("The part of the map I was looking at").is_checked()
    zone = page.get_by_label("Number of the zone")
    expect(zone).to_be_hidden()
    page.get_by_label("One zone with its surroundings").check()
    page.get_by_role("button", name="Draw the map").click()
    expect(page.get_by_role("alert")).to_contain_text("Write the number of the zone")
    zone.fill("8")
    assert axe(page) == []
    shot(page, "sheet-new-desk")
    page.get_by_label("Scale").select_option("2000")
    page.get_by_role("button", name="Draw the map").click()
    expect(page.locator("[data-sheet-job]")).to_be_visible()
    assert run_jobs()
    with page.expect_download() as taken:
        page.get_by_role("link", name=".pdf").click()
    assert taken.value.suggested_filename.endswith("zone_8-1-2000-A3.pdf")
    assert axe(page) == []
    shot(page, "sheet-desk")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_fit_a_phone_and_need_no_scripts(language, portal, open_page, axe, run_jobs):
    page = open_page(f"/versions/{portal.version.pk}/sheets/", size=PHONE, language=language)
    assert overflow(page) <= 0
    assert axe(page) == []
    shot(page, f"sheet-new-phone-{language}")
    page = open_page(f"/versions/{portal.version.pk}/sheets/", size=PHONE, language=language, scripts=False)
    page.locator("form.sheet-form button[type=submit]").click()
    run_jobs()
    page.reload()
    expect(page.locator("a[download]")).to_be_visible()
    assert overflow(page) <= 0
    shot(page, f"sheet-phone-{language}")
