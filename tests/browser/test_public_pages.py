"""What residents see and do, in a real browser: on a phone, on a desk, with keys, without scripts, in both languages."""

import re

import pytest
from playwright.sync_api import expect

from indicators.models import Run
from planning import participation
from planning.models import Comment, LandUseClass, PlanVersion, Zone
from tests import world
from tests.browser.conftest import DESK, PHONE, packed_size

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the server runs in another thread

LIMIT_KB = 150  # scripts and styles of the version page, packed: a cheap phone on a slow line


def tap_middle(page, dx: float = 0, dy: float = 0) -> None:
    box = page.locator("[data-map-box]")
    box.scroll_into_view_if_needed()
    area = box.bounding_box()
    box.click(position={"x": area["width"] / 2 + dx, "y": area["height"] / 2 + dy})


def public_addresses(portal) -> list[str]:
    return [
        "/", "/?q=没有", "/villages/", f"/villages/?under={world.TOWN}", f"/villages/{world.LIUGOU}/", portal.page,
        f"{portal.page}list/", f"{portal.page}summary/", f"{portal.page}my-place/", f"{portal.page}my-place/?zone=9",
        f"{portal.page}heard/", f"{portal.page}consultations/", f"{portal.page}indicators/", "/login/", "/join/", "/following/",
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh-hans"), (PHONE, "en"), (DESK, "zh-hans")])
def test_public_pages_have_no_serious_faults_of_accessibility(portal, open_page, axe, size, language):
    """As they are, and on a phone in large type too."""
    for address in public_addresses(portal):
        page = open_page(address, size=size, language=language)
        for large in (False, True) if size == PHONE else (False,):
            if large:
                page.locator("#elder-toggle").click()
            assert axe(page) == [], (address, large)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], f"{address} scrolls sideways"
        page.context.close()
    missing = open_page("/versions/nothere22222/", size=size, language=language, status=404)
    assert axe(missing) == []


def test_a_page_for_those_who_sign_in_has_no_serious_faults(portal, open_page, axe):
    page = open_page(portal.page, size=PHONE, user=portal.cast.villager)
    tap_middle(page)
    expect(page.locator(".sentences li").first).to_be_visible()
    assert axe(page) == []
    page = open_page(f"{portal.page}comments/", size=PHONE, user=portal.cast.villager)
    page.evaluate("document.querySelector('#id_text').value = '   '")
    page.get_by_role("button", name="Send the comment").or_(page.locator("main form button[type=submit]")).first.click()
    expect(page.locator(".error-summary")).to_be_focused()
    assert axe(page) == []


def test_a_resident_taps_a_place_and_pins_a_comment(portal, open_page):
    page = open_page(portal.page, size=PHONE, language="en", user=portal.cast.villager)
    tap_middle(page)
    panel = page.locator("[data-map-panel]")
    expect(panel.get_by_role("heading")).to_have_text(re.compile(r"Zone \d+"))
    expect(panel.locator(".sentences")).to_contain_text("It is now")
    panel.get_by_role("button", name="Comment on this place").click()
    expect(page.locator("[data-pinned-text]")).to_contain_text("in zone")
    expect(page.locator("#id_text")).to_be_focused()
    page.fill("#id_text", "这里要留一条排水沟")
    page.get_by_role("button", name="Send the comment").click()
    comment = page.locator("article.comment", has_text="这里要留一条排水沟")
    expect(comment).to_be_visible()
    expect(comment).to_contain_text("柳**")
    expect(comment).not_to_contain_text("柳大爷")
    stored = Comment.objects.get(text="这里要留一条排水沟")
    assert stored.zone is not None
    assert stored.zone.geom.contains(stored.geom)


def test_two_quick_presses_make_one_comment(portal, open_page):
    page = open_page(portal.page, size=PHONE, user=portal.cast.villager)
    page.fill("#id_text", "只此一条")
    page.evaluate(
        """() => { const f = document.querySelector('#comment-form form'); f.requestSubmit(); f.requestSubmit(); }"""
    )
    expect(page.locator("article.comment", has_text="只此一条")).to_have_count(1)
    assert Comment.objects.filter(text="只此一条").count() == 1


def test_a_visitor_is_sent_to_sign_in_and_comes_back_to_the_chosen_place(portal, open_page):
    page = open_page(portal.page, size=PHONE, language="en")
    tap_middle(page)
    page.get_by_role("button", name="Comment on this place").click()
    page.wait_for_url("**/login/**")
    page.fill("#id_username", "villager")
    page.fill("#id_password", "right-horse-battery")
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/versions/**")
    expect(page.locator("[data-pinned-text]")).to_contain_text("in zone")
    assert page.input_value("#id_lon").startswith("116.80")
    assert page.input_value("#id_zone")


def test_comments_and_lists_work_without_scripts(portal, open_page):
    page = open_page(portal.page, size=PHONE, language="en", user=portal.cast.villager, scripts=False)
    expect(page.locator(".map-frame")).to_be_hidden()
    page.select_option("#id_zone", "9")
    page.fill("#id_text", "第九地块不要动")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.locator("article.comment", has_text="第九地块不要动")).to_contain_text("Zone 9")
    page.goto(f"{portal.url}{portal.page}list/?q=9")
    expect(page.locator("[data-zone]")).to_have_count(1)
    expect(page.locator("[data-zone]")).to_contain_text("Orchard")


def test_the_map_is_read_with_keys_alone(portal, open_page):
    page = open_page(portal.page, language="en")
    box = page.locator("[data-map-box]")
    box.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".map-cross")).to_be_visible()
    page.wait_for_timeout(500)  # the map glides
    page.keyboard.press("Enter")
    heading = page.locator("[data-map-panel] h2")
    expect(heading).to_have_text(re.compile(r"Zone \d+"))
    expect(heading).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).to_be_focused()
    expect(heading).to_have_text("Tap a place on the map")


def test_the_cross_stands_where_enter_reads(portal, open_page):
    page = open_page(portal.page)
    page.locator("[data-map-box]").focus()
    page.keyboard.press("ArrowLeft")
    middles = page.evaluate(
        """() => ['.map-cross', '[data-map-box]'].map((name) => document.querySelector(name).getBoundingClientRect())
            .map((box) => [box.x + box.width / 2, box.y + box.height / 2])"""
    )
    assert middles[0] == pytest.approx(middles[1], abs=1.5)


def test_a_place_outside_the_village_is_said_so(portal, open_page):
    page = open_page(portal.page, language="en")
    area = page.locator("[data-map-box]").bounding_box()
    tap_middle(page, dx=-area["width"] / 2 + 60)
    expect(page.locator("[data-map-panel]")).to_contain_text("lies outside 柳沟村")


def test_a_lost_connection_is_said_in_words(portal, open_page, trouble_wanted):
    page = open_page(portal.page, language="en")
    page.route("**/identify/**", lambda route: route.abort())
    tap_middle(page)
    expect(page.locator("[data-map-status]")).to_contain_text("does not answer")
    expect(page.locator("[data-map-status]")).to_have_attribute("data-level", "error")


def test_tiles_that_do_not_come_are_said_in_words(portal, open_page, live_server, trouble_wanted):
    page = open_page("/login/", language="en")
    page.route("**/*.mvt", lambda route: route.fulfill(status=503, body="busy"))
    page.goto(live_server.url + portal.page)
    expect(page.locator("[data-map-status]")).to_contain_text("could not be loaded")


def test_the_switch_changes_map_and_legend(portal, open_page):
    page = open_page(portal.page)
    expect(page.locator("[data-legend-of=plan]")).to_be_visible()
    expect(page.locator("[data-legend-of=now]")).to_be_hidden()
    page.locator("[data-map-mode=now]").click()
    expect(page.locator("[data-legend-of=now]")).to_be_visible()
    expect(page.locator("[data-legend-of=plan]")).to_be_hidden()
    expect(page.locator("[data-map-mode=now]")).to_have_attribute("aria-pressed", "true")


def colour_at(page, col: float, row: float) -> list[int]:
    """Red, green, blue that the map shows over a cell of the grid (tests/grid.py)."""
    return page.evaluate(
        """([lon, lat]) => {
            const x = lon / 360 + 0.5, s = Math.sin(lat * Math.PI / 180);
            const y = 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
            for (const canvas of document.querySelectorAll('canvas.leaflet-tile')) {
                const [tx, ty, z] = canvas.key.split(':').map(Number);
                const px = (x * 2 ** z - tx) * canvas.width, py = (y * 2 ** z - ty) * canvas.height;
                if (px >= 0 && py >= 0 && px < canvas.width && py < canvas.height)
                    return [...canvas.getContext('2d').getImageData(px, py, 1, 1).data].slice(0, 3);
            }
            return [];
        }""",
        [116.80 + (col + 0.5) * 0.001, 36.10 + (row + 0.5) * 0.001],
    )


def test_the_map_shows_the_official_colours(portal, open_page):
    page = open_page(portal.page)
    page.wait_for_timeout(600)  # tiles are painted a moment after they came
    field, homestead = colour_at(page, 2, 1), colour_at(page, 2, 8)
    assert field == [0xF5, 0xF8, 0xDC]  # 0102 水浇地
    planned = Zone.objects.get(version=portal.version, number=9).code
    assert planned == "070301"
    page.locator("[data-map-mode=now]").click()
    page.wait_for_timeout(600)
    assert colour_at(page, 2, 8) != homestead  # an orchard today, homesteads in the plan


def test_one_finger_scrolls_the_page_and_full_screen_gives_the_map_all_fingers(portal, open_page):
    page = open_page(portal.page, size=PHONE)
    style = "getComputedStyle(document.querySelector('[data-map-box]')).touchAction"
    assert set(page.evaluate(style).split()) == {"pan-x", "pan-y"}
    page.locator("[data-map-full]").click()
    assert page.evaluate(style) == "none"
    expect(page.locator("main h1")).not_to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("[data-map-full]")).to_be_focused()
    assert set(page.evaluate(style).split()) == {"pan-x", "pan-y"}


def test_where_am_i_asks_only_when_pressed(portal, open_page):
    page = open_page(portal.page, language="en")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 116.805, "latitude": 36.105, "accuracy": 12})
    expect(page.locator(".pin--here")).to_have_count(0)
    page.get_by_role("button", name="Where am I?").click()
    expect(page.locator("[data-map-status]")).to_contain_text("within about 12 m")
    expect(page.locator(".pin--here")).to_have_count(1)


def test_larger_type_is_kept_from_page_to_page(portal, open_page):
    page = open_page("/villages/", size=PHONE)
    before = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    page.locator("#elder-toggle").click()
    page.goto(portal.url + portal.page)
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= before * 1.2
    expect(page.locator("#elder-toggle")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_buttons_and_links_of_the_map_are_large_enough_for_a_finger(portal, open_page):
    page = open_page(portal.page, size=PHONE)
    tap_middle(page)
    expect(page.locator(".sentences li").first).to_be_visible()
    small = page.evaluate(
        """() => [...document.querySelectorAll('.map-frame button, .map-frame a, .map-frame label, .site-header a, .site-header button, .pin')]
            .filter((node) => node.offsetParent).map((node) => [node.textContent.trim(), node.getBoundingClientRect()])
            .filter(([text, box]) => box.width && (box.height < 44 || box.width < 44)).map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
    )
    assert small == []


def test_pins_lead_to_their_comments(portal, open_page):
    page = open_page(portal.page, language="en")
    expect(page.locator(".pin--answered")).to_have_count(1)
    page.get_by_role("button", name="Comment 2", exact=True).click()
    expect(page).to_have_url(re.compile(r"#comment-\w{12}$"))


def test_markup_in_names_and_comments_stays_text(portal, open_page):
    evil = "<img src=x onerror=document.title='taken'>"
    participation.post_comment(portal.version, by=portal.cast.stranger, text=evil)
    LandUseClass.objects.filter(code_version="2023").update(name_zh=evil)
    portal.village.short_name = evil
    portal.village.save(update_fields=["short_name"])
    for address in (portal.page, f"{portal.page}list/", f"/villages/{world.LIUGOU}/"):
        page = open_page(address)
        if "list" not in address:
            tap_middle(page)
            page.wait_for_timeout(500)
        assert page.title() != "taken"
        assert page.locator("img[src=x]").count() == 0
        assert "<img src=x" in page.locator("main").inner_text()


def test_a_version_that_is_not_computed_says_what_happens_next(portal, open_page):
    Run.objects.all().delete()
    PlanVersion.objects.update(checked_at=None)
    page = open_page(portal.page, language="en")
    expect(page.locator("main")).to_contain_text("have not been computed yet")
    expect(page.locator("main")).to_contain_text("has not been checked for conflicts yet")


def test_typing_narrows_the_list(portal, open_page):
    page = open_page(f"{portal.page}list/", language="en")
    expect(page.locator("[data-zone]:visible")).to_have_count(10)
    page.fill("#filter", "0301")
    expect(page.locator("[data-zone]:visible")).to_have_count(2)
    expect(page.locator("#shown")).to_have_text("Zones shown: 2 of 10.")


def test_the_version_page_is_light(portal, open_page, live_server):
    page = open_page("/login/")
    bodies = {}
    page.on(
        "response",
        lambda r: bodies.update({r.url: r.body()}) if r.url.split("?")[0].endswith((".js", ".css")) else None,
    )
    page.goto(live_server.url + portal.page)
    page.wait_for_load_state("networkidle")
    total = sum(packed_size(body) for body in bodies.values()) / 1024
    assert 60 < total < LIMIT_KB, {url: packed_size(body) for url, body in bodies.items()}


def test_on_paper_there_are_no_controls(portal, open_page):
    page = open_page(f"{portal.page}list/")
    page.emulate_media(media="print")
    for gone in (".site-header", ".site-footer", "[data-print]", "#filter"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator("[data-zone]").first).to_be_visible()


def test_scripts_speak_the_language_of_the_page_not_of_the_browser(portal, open_page):
    page = open_page(portal.page, language="")  # a visitor who chose nothing, with an English browser
    assert page.evaluate("navigator.language").startswith("en")
    tap_middle(page)
    expect(page.locator(".sentences li").first).to_contain_text("现在是")
    assert "It is now" not in page.locator("[data-map-panel]").inner_text()
