"""The comparison of two versions in a real browser: list and map, by finger and by keyboard, in both languages."""

import os
import re
from types import SimpleNamespace

import pytest
from django.test import Client
from playwright.sync_api import expect

from planning import causes, participation
from planning.models import PlanVersion
from tests.browser.conftest import DESK, PHONE, ROOT
from tests.grid import cell, geos
from tests.planning.test_pages_upload import good_file, judged

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def compared(portal) -> SimpleNamespace:
    """A second version: zone 1 has another class, zone 4 is split; the change of zone 1 has a comment as its cause."""
    comment = participation.post_comment(
        portal.version, by=portal.cast.villager, text="这里应该种树，不要占用水浇地。", zone=1
    )
    second = PlanVersion.objects.create(plan=portal.version.plan, number=2, created_by=portal.cast.planner)
    for zone in portal.version.zones.exclude(number=4):
        code = "0301" if zone.number == 1 else zone.code
        second.zones.create(number=zone.number, code=code, geom=zone.geom)
    second.zones.create(number=4, code="0102", geom=geos(cell(0, 3, 6, 1)))
    second.zones.create(number=11, code="070301", geom=geos(cell(6, 3, 4, 1)))
    PlanVersion.objects.filter(pk=second.pk).update(digest="second")
    second = PlanVersion.objects.with_plan().get(pk=second.pk)
    causes.say_cause(second, second.zones.get(number=1), comment, by=portal.cast.planner)
    portal.second, portal.comment = second, comment
    portal.compare = f"/versions/{second.pk}/compare/"
    return portal


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_comparison_and_the_comments_are_readable_and_without_serious_faults(
    size, language, compared, open_page, axe
):
    planner = compared.cast.planner
    page = open_page(compared.compare, size=size, language=language, user=planner)
    assert page.locator("[data-change]").count() == 2
    expect(page.locator("canvas.leaflet-tile, .leaflet-tile").first).to_be_visible()
    page.locator("details.cause-offers summary").first.click()
    assert overflow(page) <= 0
    assert axe(page) == []
    if os.environ.get("SCREENSHOTS"):
        page.screenshot(path=ROOT / ".local" / "screenshots" / f"compare-{size[0]}-{language}.png", full_page=True)
    old = open_page(compared.page, size=size, language=language, user=planner)
    expect(old.locator(".comment__fate").first).to_be_visible()
    assert overflow(old) <= 0
    assert axe(old) == []


def test_the_border_moves_by_keyboard_and_by_dragging_and_cuts_both_plans(compared, open_page):
    page = open_page(compared.compare, user=compared.cast.planner)
    slider, border = page.locator("[data-swipe]"), page.locator("[data-swipe-border]")
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("1")
    assert border.evaluate("node => node.style.left") == "1%"
    border.locator("span").scroll_into_view_if_needed()
    handle = border.locator("span").bounding_box()
    box = page.locator("[data-map-box]").bounding_box()
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    expect(slider).to_have_value("75")
    clips = page.evaluate(
        "['.leaflet-before-pane', '.leaflet-tile-pane'].map((s) => document.querySelector(s).style.clipPath)"
    )
    assert all(clip.startswith("polygon(") for clip in clips)
    assert clips[0] != clips[1]


def test_a_row_leads_the_map_to_its_zones_by_keyboard(compared, open_page):
    page = open_page(compared.compare, user=compared.cast.planner)
    width = lambda: page.locator(".leaflet-control-scale-line").first.inner_text()  # noqa: E731
    whole = width()
    page.locator("[data-change^=split] [data-show]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("li.is-current")).to_have_count(1)
    expect(page.locator(".leaflet-control-scale-line").first).not_to_have_text(whole)


def test_without_scripts_the_list_says_it_all(compared, open_page):
    page = open_page(compared.compare, user=compared.cast.planner, scripts=False, language="en")
    expect(page.locator("[data-change]")).to_have_count(2)
    expect(page.locator(".land-list li")).to_have_count(2)
    expect(page.locator(".cause a").first).to_have_attribute("href", re.compile(r"#comment-"))
    expect(page.locator(".compare-map")).to_be_hidden()


def test_the_later_editor_and_the_moderator_have_readable_pages(compared, open_page, axe, run_jobs):
    planner, township = compared.cast.planner, compared.cast.township
    client = Client()
    client.force_login(planner)
    held = judged(client, good_file(), run_jobs, based_on=f"{compared.village.pk}:1")
    pages = ((f"/uploads/{held.pk}/", planner), (f"/comments/{compared.comment.pk}/hide/", township))
    for size in (PHONE, DESK):
        for language in ("zh-hans", "en"):
            for path, user in pages:
                page = open_page(path, size=size, language=language, user=user)
                assert overflow(page) <= 0
                assert axe(page) == []
                if os.environ.get("SCREENSHOTS"):
                    name = f"{path.strip('/').split('/')[0]}-{size[0]}-{language}.png"
                    page.screenshot(path=ROOT / ".local" / "screenshots" / f"compare-{name}", full_page=True)
    page = open_page(pages[0][0], user=planner)
    expect(page.locator("button[name=store_after]")).to_have_attribute("value", "2")
