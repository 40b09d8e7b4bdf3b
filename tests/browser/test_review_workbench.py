"""The review page as a workbench: conflicts by keyboard with the map following, changes under a slider, on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import test_staff_pages
from tests.browser.conftest import PHONE

office, review = test_staff_pages.office, test_staff_pages.review
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

CHOSEN = "path.leaflet-interactive[stroke-width='6']"


def scale(page: Page) -> str:
    return page.locator(".leaflet-control-scale-line").inner_text()


def tab(page: Page, name: str):
    return page.locator(f"[data-tab='{name}']")


def test_conflicts_are_stepped_through_by_keys_the_map_follows_and_points_go_with_the_return(office, open_page, axe):
    page = open_page(review(office.version), language="en", user=office.cast.leader)
    expect(page.locator("path.leaflet-interactive").first).to_be_attached()
    expect(tab(page, "findings")).to_have_attribute("aria-selected", "true")
    rows, said = page.locator("[data-finding]"), page.locator("[data-step-said]")
    count, whole = rows.count(), scale(page)
    page.keyboard.press("j")
    expect(rows.first).to_have_attribute("aria-current", "true")
    expect(rows.first.locator(".finding__more")).to_be_visible()
    expect(said).to_contain_text(f"1 of {count}. ")
    expect(page.locator("[data-step-at]")).to_have_text(f"1 of {count}")
    expect(page.locator(CHOSEN)).to_have_count(1)
    expect(page.locator(".leaflet-control-scale-line")).not_to_have_text(whole)
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    expect(rows.first.locator(".finding__more")).to_be_hidden()
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(said).to_contain_text("first conflict")
    rows.first.locator("summary").focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1).locator("summary")).to_be_focused()
    number = rows.nth(1).get_attribute("data-number")
    assert page.url.endswith(f"#finding-{number}")
    colleague = open_page(f"{review(office.version)}#finding-{number}", language="en", user=office.cast.reviewer)
    expect(colleague.locator("[data-finding][aria-current='true']")).to_have_attribute("data-number", number)
    other = rows.first.get_attribute("data-number")
    colleague.evaluate("number => { window.location.hash = `finding-${number}`; }", other)
    expect(colleague.locator("[data-finding][aria-current='true']")).to_have_attribute("data-number", other)
    page.keyboard.press("p")
    expect(page.locator("[data-point-count]").first).to_have_text("1")
    page.keyboard.press("?")
    expect(page.locator("[data-keys]")).to_be_visible()
    page.keyboard.press("j")  # nothing moves behind the dialog
    page.keyboard.press("Escape")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    assert axe(page) == []

    page.keyboard.press("7")
    expect(page.locator("#panel-decision")).to_be_visible()
    note = page.locator("#note-return")
    note.focus()
    page.keyboard.type("jk7?")
    expect(note).to_have_value("jk7?")
    note.fill("")
    page.keyboard.press("Escape")
    tab(page, "decision").focus()
    page.keyboard.press("Home")
    expect(tab(page, "findings")).to_be_focused()
    expect(page.locator("#panel-findings")).to_be_visible()
    finding = office.version.findings.get(number=int(rows.nth(1).get_attribute("data-number")))
    page.locator("[data-points-form] button").click()
    page.wait_for_url("**/return/**")
    expect(page.locator("#rule-1")).to_have_value(finding.code)
    expect(page.locator("#zone-1")).to_have_value(str(finding.zone.number))
    expect(page.locator("#text-1")).not_to_have_value("")


def test_changes_lie_under_a_slider_and_every_row_with_a_place_leads_there(office, open_page, axe):
    page = open_page(f"{review(office.version)}#changes", language="en", user=office.cast.reviewer)
    expect(tab(page, "changes")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#panel-findings")).to_be_hidden()
    row, whole = page.locator("[data-change]").first, scale(page)
    expect(row).to_contain_text("Zone 1")
    expect(row.locator(".change-figures")).to_contain_text(re.compile(r"mu\s+\d"))
    row.locator("[data-show]").focus()
    page.keyboard.press("Enter")
    expect(row).to_have_attribute("aria-current", "true")
    expect(page.locator(".leaflet-control-scale-line")).not_to_have_text(whole)
    page.locator("[data-swipe-toggle]").click()
    page.locator("#swipe").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-swipe-border]")).to_have_attribute("style", re.compile("left: 1%"))
    expect(page.locator(".leaflet-tile-pane")).to_have_attribute("style", re.compile(r"clip-path: polygon\("))
    assert axe(page) == []
    page.locator("[data-swipe-toggle]").click()
    expect(page.locator("[data-swipe-border]")).to_be_hidden()
    expect(page.locator(".leaflet-tile-pane")).not_to_have_attribute("style", re.compile("clip-path"))

    kind = page.locator("#panel-changes .chips a").nth(1)
    kind.click()
    expect(page.locator("#panel-changes .chips a").nth(1)).to_have_attribute("aria-current", "true")
    assert page.url.endswith("?kind=recoded#changes")
    page.locator(".leaflet-marker-icon.pin").first.focus()
    page.keyboard.press("Enter")
    expect(tab(page, "comments")).to_have_attribute("aria-selected", "true")
    expect(page.locator("article[data-comment]").first).to_have_attribute("aria-current", "true")
    page.locator(".bench-foot a[href='#decision']").click()
    expect(page.locator("#decision")).to_be_visible()
    page.emulate_media(media="print")
    for name in ("findings", "changes", "indicators", "opinions", "comments", "history", "decision"):
        expect(page.locator(f"#panel-{name}")).to_be_visible()


def test_a_version_before_that_cannot_be_had_is_asked_for_again(office, open_page):
    page = open_page(f"{review(office.version)}#changes", language="en", user=office.cast.reviewer)
    first = office.version.plan.versions.get(number=1)
    page.route(f"**/versions/{first.pk}/tiles.json", lambda route: route.abort(), times=1)
    button, said = page.locator("[data-swipe-toggle]"), page.locator("[data-map-status]")
    button.click()
    expect(said).to_have_text("The portal does not answer. Check the connection and try again.")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-swipe-border]")).to_have_count(0)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-swipe-border]")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_on_a_phone_the_map_stays_above_the_lists_and_the_decision_below(language, office, open_page, axe):
    page = open_page(review(office.version), size=PHONE, language=language, user=office.cast.leader)
    expect(page.locator("path.leaflet-interactive").first).to_be_attached()
    page.locator("[data-step='1']").tap()
    row = page.locator("[data-finding]").first
    expect(row).to_have_attribute("aria-current", "true")
    page.wait_for_function(  # between the map and the foot
        """() => { const { top, bottom } = document.querySelector(".finding.is-current summary").getBoundingClientRect();
                   return top >= 0.45 * innerHeight && bottom <= innerHeight - 50; }"""
    )
    frame = page.locator(".map-frame").bounding_box()
    assert abs(frame["height"] - 0.45 * PHONE[1]) < 2
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    for name in ("changes", "indicators", "opinions", "comments", "history", "decision", "findings"):
        tab(page, name).evaluate("node => node.click()")
        expect(page.locator(f"#panel-{name}")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], name
        assert axe(page) == [], name
    page.locator(".bench-foot a[href='#decision']").tap()
    expect(page.locator(".step--return")).to_be_visible()
    assert page.locator(".map-frame").bounding_box()["y"] <= 0.5
