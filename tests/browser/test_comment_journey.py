"""A resident comments: on a cheap phone whose line goes away, and by keyboard alone by what a screen reader says."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from planning import answers
from planning.models import Comment, Support
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the server runs in another thread

SLOW = {"offline": False, "latency": 120, "downloadThroughput": 200_000, "uploadThroughput": 60_000}  # bytes a second


def line(page: Page):
    """The phone's line: line(offline=True) cuts it, line() is a slow one."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def set_to(**changes) -> None:
        session.send("Network.emulateNetworkConditions", {**SLOW, **changes})

    return set_to


def tap(page: Page, across: float, down: float) -> None:
    """A finger on the map, at a share of its width and height."""
    area = page.locator("[data-map-box]").bounding_box()
    page.touchscreen.tap(area["x"] + area["width"] * across, area["y"] + area["height"] * down)


def test_a_resident_on_a_phone_draws_an_area_loses_the_line_and_is_answered(portal, open_page, axe, trouble_wanted):
    page = open_page(portal.page, size=PHONE, language="en", user=portal.cast.villager)
    page.reload()
    cut = line(page)
    cut()
    page.locator("[data-map-box]").scroll_into_view_if_needed()
    expect(page.locator("[data-map-status]")).to_contain_text("The map is ready")

    # the own place: what it becomes, and a comment on it
    tap(page, 0.5, 0.5)
    page.locator("[data-map-panel]").get_by_role("button", name="Comment on this place").tap()
    expect(page.get_by_role("radio", name="A place on the map")).to_be_checked()
    expect(page.locator("[data-pinned-text]")).to_contain_text("in zone")

    # rather an area: three corners, one taken back and set anew, its size in mu
    page.get_by_role("radio", name="An area that I draw").check()
    page.get_by_role("button", name="Draw the area on the map").tap()
    bar = page.locator("[data-map-task]")
    for corner in ((0.4, 0.4), (0.6, 0.4), (0.9, 0.9)):
        tap(page, *corner)
    expect(bar).to_contain_text("mu (")
    assert axe(page) == []
    seen = page.viewport_size["height"]
    for name in ("Finish the area", "Undo the last corner", "Stop drawing"):  # map and buttons are seen at once
        place = bar.get_by_role("button", name=name).bounding_box()
        assert place["y"] >= 0
        assert place["y"] + place["height"] <= seen, name
    bar.get_by_role("button", name="Undo the last corner").tap()
    expect(bar.get_by_role("button", name="Finish the area")).to_be_disabled()
    tap(page, 0.6, 0.6)
    bar.get_by_role("button", name="Finish the area").tap()
    expect(page.locator("[data-area-text]")).to_contain_text(re.compile(r"[\d.]+ mu"))
    expect(page.locator("#id_text")).to_be_focused()
    page.locator("#id_text").fill("这一片雨天积水，要先修排水沟")
    assert axe(page) == []

    # the line goes: nothing is lost, also when the page is closed and opened again
    cut(offline=True)
    page.get_by_role("button", name="Send the comment").tap()
    expect(page.locator("[data-draft]")).to_contain_text("No connection. Your comment is kept on this device")
    assert not Comment.objects.filter(shape__isnull=False).exists()
    kept = json.loads(
        page.evaluate("Object.entries(localStorage).find(([name]) => name.startsWith('comment-draft:'))[1]")
    )
    assert (kept["text"], kept["wanted"]) == ("这一片雨天积水，要先修排水沟", True)
    page.get_by_role("button", name="Send it now").tap()
    cut()

    # it is back: the comment is there once, with its area, and nothing is left on the phone
    article = page.locator("article.comment", has_text="这一片雨天积水")
    expect(article).to_contain_text("柳**")
    expect(article).to_contain_text("Thank you")
    expect(article).to_contain_text("An area of")
    comment = Comment.objects.get(text="这一片雨天积水，要先修排水沟")
    assert comment.shape.contains(comment.geom)
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('comment-draft:'))") == []
    article.get_by_role("button", name="Show on the map").tap()
    expect(page.locator("[data-map-status]")).to_contain_text("The map shows the place of comment 3")

    answers.answer(comment, by=portal.cast.committee, text="采纳，今年修。", adoption="adopted")
    page.reload()
    expect(page.locator(f"#comment-{comment.pk}")).to_contain_text("采纳，今年修。")
    assert Comment.objects.filter(author=portal.cast.villager).count() == 2


def test_by_keyboard_alone_an_area_is_drawn_an_alike_comment_supported_and_a_draft_kept(portal, open_page):
    page = open_page(portal.page, size=DESK, language="en", user=portal.cast.committee)
    page.get_by_role("radio", name="The plan as a whole").focus()
    page.keyboard.press("ArrowUp")  # round the group: from the first to the last
    page.get_by_role("radio", name="A zone").focus()
    page.keyboard.press("Space")
    page.get_by_role("combobox", name="Which zone?").select_option("8")
    similar = page.get_by_role("status").filter(has_text="about zone 8")
    expect(similar).to_contain_text("You can support one of them instead")
    similar.get_by_role("link", name="Look at comment 1").focus()
    page.keyboard.press("Enter")
    first = page.locator("article.comment", has_text="我家门前的路多宽？")
    expect(first).to_be_focused()
    page.get_by_role("button", name="I support this comment 1").focus()
    page.keyboard.press("Enter")
    expect(first.get_by_role("status")).to_have_text("1 person supports it")
    assert Support.objects.get().user == portal.cast.committee
    page.get_by_role("button", name="Take my support back comment 1").press("Enter")
    expect(first.get_by_role("status")).to_have_text("")
    assert not Support.objects.exists()

    page.get_by_role("radio", name="An area that I draw").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Draw the area on the map").press("Enter")
    box = page.get_by_role("application")
    expect(box).to_be_focused()
    for key in ("Enter", "ArrowRight", "Enter", "ArrowDown", "Enter", "Backspace", "Enter"):
        page.keyboard.press(key)
        page.wait_for_function("() => !document.querySelector('.leaflet-pan-anim')")
    page.get_by_role("button", name="Finish the area").press("Enter")
    expect(page.get_by_role("textbox", name="Your comment")).to_be_focused()
    page.keyboard.type("Keep this field.")
    page.get_by_role("button", name="Send the comment")  # not pressed: the page is left instead
    page.wait_for_function("() => Object.values(localStorage).some((text) => text.includes('Keep this field.'))")
    page.reload()
    expect(page.get_by_role("textbox", name="Your comment")).to_have_value("Keep this field.")
    expect(page.locator("[data-draft]")).to_contain_text("This is not sent yet")
    expect(page.locator("[data-area-text]")).to_contain_text("mu (")
    page.get_by_role("button", name="Send the comment").press("Enter")
    article = page.locator("article.comment", has_text="Keep this field.")
    expect(article).to_be_focused()
    assert Comment.objects.get(text="Keep this field.").shape.geom_type == "Polygon"

    # refused: the words stay, and the draft can be given up
    page.get_by_role("button", name="Send the comment").press("Enter")
    expect(page.locator("[data-draft]")).to_contain_text("Please write a comment")
    page.get_by_role("textbox", name="Your comment").fill("x")
    page.get_by_role("button", name="Discard the draft").press("Enter")
    expect(page.get_by_role("textbox", name="Your comment")).to_have_value("")
    expect(page.get_by_text("The draft was discarded.")).to_be_visible()
    page.get_by_role("combobox", name="Order").select_option("newest")
    expect(page.locator("article.comment").first).to_contain_text("Keep this field.")


def test_a_draft_outlives_a_session_that_ended_and_is_not_shown_to_the_next_person_on_the_phone(portal, open_page):
    page = open_page(portal.page, size=PHONE, language="en", user=portal.cast.villager)
    page.locator("#id_text").fill("路灯坏了")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Send the comment").tap()
    expect(page.locator("[data-draft]")).to_contain_text("please sign in again")
    for name, has in (("stranger", ""), ("villager", "路灯坏了")):
        page.goto(f"{portal.url}/login/?next={portal.page}%23comment-form")
        page.fill("#id_username", name)
        page.fill("#id_password", "right-horse-battery")
        page.locator("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/versions/**")
        expect(page.locator("[data-about]")).to_be_visible()
        expect(page.locator("#id_text")).to_have_value(has)
        if name == "stranger":
            page.context.clear_cookies(name="sessionid")
    expect(page.locator("[data-draft]")).to_contain_text("This is not sent yet")
    page.get_by_role("button", name="Send the comment").tap()
    expect(page.locator("article.comment", has_text="路灯坏了")).to_contain_text("Thank you")


def test_the_form_and_the_list_pass_axe_in_both_languages_and_in_large_type(portal, open_page, axe):
    for language in ("zh-hans", "en"):
        page = open_page(portal.page, size=PHONE, language=language, user=portal.cast.villager)
        page.evaluate("localStorage.setItem('elder', '1')")
        page.reload()
        expect(page.locator("[data-about]")).to_be_visible()
        for about in ("place", "area", "project", "zone"):
            page.locator(f"[name=about][value={about}]").check()
        page.locator("#id_zone").select_option("8")
        page.locator("#id_text").fill("路太窄")
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        small = page.evaluate(
            """() => [...document.querySelectorAll('#comment-form button, #comment-form select, #comment-form label, [data-comment-list] .btn')]
                .filter((node) => node.offsetParent && !node.closest('.field > label') && node.matches('button, select, .about__choice, .btn'))
                .map((node) => [node.textContent.trim(), node.getBoundingClientRect().height]).filter(([, height]) => height < 44)"""
        )
        assert small == []
