"""Marked sheets in a real browser: photographed with a phone, entered at a desk by keyboard, read by the public."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from planning.models import Comment, Scan
from planning.papers.plate import Plate
from planning.sheets import making, orders
from tests.browser.conftest import DESK, PHONE
from tests.planning.paper_photos import Pen, Scene, cross, draw, photograph, render, ring

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

SHOTS = os.environ.get("PAPER_SHOTS")


def shot(page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def photo_of_a_marked_sheet(portal) -> bytes:
    order = orders.Order(what="zone", zone=8, paper="A4", scale=None)
    sheet = orders.register(portal.version, order, by=portal.cast.committee)
    making.make(sheet)
    plate = Plate.of(sheet.pages[0])
    x, y, wide, high = plate.frame
    pens = [
        Pen("area", "red", ring(x + 0.4 * wide, y + 0.45 * high, 16, 11, seed=3), width=1.1),
        Pen("spot", "blue", cross(x + 0.7 * wide, y + 0.6 * high, 3), width=1.1),
    ]
    with sheet.file.open("rb") as stream:
        picture = render(stream.read(), 1)
    return photograph(draw(picture, pens), Scene(turn=12, tilt=(10, 4), shadow=0.3, size=(2400, 1800)))[0]


def test_a_marked_sheet_comes_back_as_public_comments(portal, open_page, axe, run_jobs):
    committee = portal.cast.committee
    page = open_page(f"/versions/{portal.version.pk}/papers/", size=PHONE, user=committee, language="zh-hans")
    photo = photo_of_a_marked_sheet(portal)
    blank = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(blank, "JPEG")
    page.locator("#id_photos").set_input_files([
        {"name": "会议1.jpg", "mimeType": "image/jpeg", "buffer": photo},
        {"name": "白纸.jpg", "mimeType": "image/jpeg", "buffer": blank.getvalue()},
    ])  # fmt: skip
    assert axe(page) == []
    assert overflow(page) <= 0
    shot(page, "list-before-phone")
    # each photo is a request of its own; the line breaks under the second one, which is sent again on a press
    sent = []
    address = f"**/api/v1/versions/{portal.version.pk}/papers/"
    page.route(address, lambda route: (sent.append(1), route.abort() if len(sent) == 2 else route.continue_()))
    page.locator("form[enctype] button[type=submit]").click()
    again = page.locator("[data-papers-again]")
    expect(again).to_be_visible()
    expect(page.locator(".paper-sent--lost")).to_have_count(1)
    expect(page.locator(".paper-sent--lost")).to_contain_text("白纸.jpg")
    assert axe(page) == []
    assert overflow(page) <= 0
    shot(page, "list-one-lost-phone")
    assert list(Scan.objects.values_list("name", flat=True)) == ["会议1.jpg"]
    again.click()
    expect(page.locator("[data-papers-wait]")).to_be_visible()
    page.unroute(address)
    assert len(sent) == 3
    run_jobs()
    page.reload()
    row = Scan.objects.get(name="会议1.jpg")
    assert Scan.objects.get(name="白纸.jpg").state == "failed"
    assert (row.state, row.fault) == ("read", "")
    shot(page, "list-phone")

    page = open_page(f"/papers/{row.pk}/", size=DESK, user=committee, language="en")
    expect(page.get_by_role("heading", name="Marks", exact=True)).to_be_visible()
    assert axe(page) == []
    shot(page, "sheet-desk")
    first, second = row.marks.filter(kind__in=("area", "spot")).order_by("number")[:2]
    page.locator(f"#id_m{second.number}-text").fill("Typed before the first was entered: ")
    for mark in (first, second):
        text = page.locator(f"#id_m{mark.number}-text")
        text.focus()
        page.keyboard.press("End")
        page.keyboard.type(f"Keep this open, mark {mark.number}")
        while page.evaluate("document.activeElement.type") != "submit":
            page.keyboard.press("Tab")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.locator(f"#mark-{mark.number}")).to_contain_text("Entered as a comment")
    assert list(Comment.objects.filter(channel="paper").order_by("created_at").values_list("text", flat=True)) == [
        f"Keep this open, mark {first.number}",
        f"Typed before the first was entered: Keep this open, mark {second.number}",
    ]

    # a mark that was not found is set by the keys
    before = row.marks.count()
    page.get_by_role("button", name="Place", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-paper-stage]")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert row.marks.count() == before + 1

    page = open_page(portal.page, size=PHONE, language="zh-hans")
    expect(page.get_by_text("Keep this open").first).to_be_visible()

    page = open_page(f"/papers/{row.pk}/", size=PHONE, user=committee, language="zh-hans")
    assert overflow(page) <= 0
    assert axe(page) == []
    shot(page, "sheet-phone")
