"""A resident on a phone: follows an area drawn by touch, hears of a new version, and gets mail until one click ends it."""

import os
import re

import pytest
from django.core import mail as outbox
from django.utils import timezone
from playwright.sync_api import expect

from planning.models import Follow
from portal import mail
from portal.models import Person
from tests import world
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the server runs in another thread
SHOTS = os.environ.get("FOLLOW_SHOTS")


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def press(page, said, key: str):
    """Move the map by a key and set a corner at the cross, as often as it takes: a key during a move is not heard."""
    before = said.text_content()
    for _try in range(20):
        page.keyboard.press(key)
        page.keyboard.press("Enter")
        if said.text_content() != before:
            break
    return said


def next_version(portal):
    """The next version, in public notice: zones 5 and 6, in the middle of the village, have another use."""
    rows = world.plan_rows()
    rows[4], rows[5] = "0201", "0201"
    return world.publish(world.make_version(portal.village, rows=rows, by=portal.cast.planner), portal.cast.township)


def test_an_area_drawn_by_touch_is_followed_and_named_when_a_new_version_changes_it(portal, open_page, axe, run_jobs):
    page = open_page(f"/villages/{portal.village.pk}/", size=PHONE, user=portal.cast.villager)
    page.get_by_role("button", name="关注", exact=True).tap()
    expect(page.get_by_role("button", name="已关注")).to_be_visible()
    page.get_by_role("link", name="只关注一块地").tap()
    box = page.locator("[data-map-box]")
    expect(page.locator("[data-map-status]")).to_contain_text("地图")
    size = box.bounding_box()
    middle = (size["width"] / 2, size["height"] / 2)
    page.get_by_role("button", name="关注这块地").tap()  # without corners it says what to do
    expect(page.locator("[data-map-status]")).to_contain_text("三个")
    for x, y in ((-60, -50), (60, -50), (60, 50), (-60, 50)):
        box.tap(position={"x": middle[0] + x, "y": middle[1] + y})
    expect(page.locator("[data-area-said]")).to_contain_text("亩")
    page.get_by_label("取个名字").fill("我的地")
    shot(page, "area-phone")
    assert axe(page) == []
    page.get_by_role("button", name="关注这块地").tap()
    expect(page.get_by_role("heading", name="我的地")).to_be_visible()
    shot(page, "following-phone")
    assert axe(page) == []
    assert Follow.objects.filter(user=portal.cast.villager, area__isnull=False).count() == 1
    page.locator("#elder-toggle").tap()
    assert axe(page) == []
    shot(page, "following-large")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    newer = next_version(portal)
    run_jobs()
    page.goto(f"{portal.url}/notifications/")
    news = page.locator(".told", has_text="我的地")
    expect(news).to_contain_text(re.compile("2 ?个地块"))
    shot(page, "notifications-phone")
    news.get_by_role("button").tap()
    expect(page).to_have_url(re.compile(f"/versions/{newer.pk}/compare/"))

    desk = open_page("/following/", size=DESK, user=portal.cast.villager, language="en")
    assert axe(desk) == []
    shot(desk, "following-desk")
    desk.goto(f"{portal.url}/villages/{portal.village.pk}/follow/area/")
    desk.locator("[data-map-box]").focus()
    said = desk.locator("[data-area-said]")
    for key, words in (("Enter", "Corners: 1"), ("ArrowRight", "Corners: 2"), ("ArrowDown", "mu")):
        expect(press(desk, said, key)).to_contain_text(words)
    desk.keyboard.press("Backspace")
    expect(said).to_contain_text("Corners: 2")
    expect(press(desk, said, "ArrowUp")).to_contain_text("mu")
    shot(desk, "area-desk")
    assert axe(desk) == []


def test_an_address_is_confirmed_by_the_link_and_taken_back_by_one_click(portal, open_page, axe, run_jobs, settings):
    settings.MAIL_SET_UP, settings.SITE_URL = True, portal.url
    villager = portal.cast.villager
    page = open_page("/me/", size=PHONE, user=villager)
    page.get_by_label("电子邮箱").fill("liu@example.com")
    shot(page, "me-phone")
    assert axe(page) == []
    page.locator("form[action='/me/email/'] button").tap()
    expect(page.locator("#mail ~ dl")).to_contain_text("l***@example.com")
    run_jobs()
    link = re.search(r"\S+/mail/confirm/\S+", outbox.outbox.pop().body)[0].removeprefix(portal.url)
    letter = open_page(link, size=PHONE, language="en")  # another device, nobody signed in
    assert axe(letter) == []
    shot(letter, "confirm-phone")
    letter.locator("main form button").tap()
    expect(letter.get_by_role("heading", name="Your address is confirmed")).to_be_visible()

    Follow.objects.create(user=villager, village=portal.village)
    next_version(portal)
    run_jobs()
    assert mail.send_due(timezone.now())["sent"] == 1
    sent = outbox.outbox.pop()
    assert "公示" in sent.body
    stop = re.search(r"\S+/mail/stop/\S+", sent.body)[0].removeprefix(portal.url)
    stopping = open_page(stop, size=PHONE)
    assert axe(stopping) == []
    stopping.locator("main form button").tap()
    expect(stopping.locator("main .notice")).to_be_visible()
    shot(stopping, "stopped-phone")
    assert Person.objects.get(pk=villager.pk).email == ""
