"""What a comment would change, in a real browser: a resident asks on a phone, the planner opens the answer as a drawing."""

import pytest
from playwright.sync_api import Page, expect

from indicators.models import WhatIf
from planning import participation
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_a_resident_asks_for_the_own_comment_and_sees_what_would_change(portal, open_page, run_jobs, axe):
    comment = participation.post_comment(portal.version, by=portal.cast.villager, text="果园应保留", zone=9)
    page = open_page(portal.page, size=PHONE, language="en", user=portal.cast.villager)
    page.locator(f"#comment-{comment.pk}").get_by_role("link", name="What if this were adopted?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What if this were adopted?")
    assert (overflow(page), axe(page)) == (0, [])
    page.locator("label.choice", has_text="as it is today").first.click()
    page.get_by_role("button", name="Show what would change").click()
    expect(page.locator("[data-job]")).to_be_visible()
    run_jobs()
    expect(page.locator(".what-if-said li").first).to_contain_text("that the draft plans as")
    expect(page.locator(".map-side-name")).to_have_text(["The draft as it is", "If this were adopted"])
    assert (overflow(page), axe(page)) == (0, [])
    page.click("#elder-toggle")
    assert overflow(page) <= 0
    page.get_by_role("link", name="Open the comment").click()
    expect(page.locator(f"#comment-{comment.pk} .comment__fate")).to_be_visible()


def test_the_planner_draws_the_land_and_opens_the_answer_as_a_drawing(portal, open_page, run_jobs, axe):
    comment = participation.post_comment(portal.version, by=portal.cast.villager, text="村里应有停车的地方")
    page = open_page(f"/comments/{comment.pk}/what-if/", size=DESK, language="en", user=portal.cast.planner)
    page.get_by_role("button", name="Draw another area").click()
    corners = page.locator("[data-map-box]")
    for x, y in ((300, 150), (380, 150), (380, 230), (300, 230)):
        corners.click(position={"x": x, "y": y})
    page.get_by_role("button", name="Finish the area").click()
    expect(page.locator("[data-area-said]")).to_contain_text("mu")
    assert (overflow(page), axe(page)) == (0, [])
    page.select_option("#id_other", "1208")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.locator("[data-job]")).to_be_visible()
    run_jobs()
    expect(page.locator(".what-if-said li").first).to_contain_text("that the draft plans as")
    what_if = WhatIf.objects.get()
    page = open_page(f"/what-ifs/{what_if.pk}/", size=DESK, language="zh-hans", user=portal.cast.planner)
    expect(page.locator(".map-stage")).to_have_count(2)
    expect(page.locator(".what-if-conflict").first).to_be_visible()
    assert (overflow(page), axe(page)) == (0, [])
    page.locator("form[action$='/drawing/'] button").click()
    page.wait_for_url("**/drawings/**")
    expect(page.locator("h1")).to_be_visible()
    again = open_page(f"/what-ifs/{what_if.pk}/", size=PHONE, scripts=False)
    expect(again.locator(".what-if-said li").first).to_be_visible()
