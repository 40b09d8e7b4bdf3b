"""The drawing board in a real browser: by mouse, by touch, by keyboard, without a line, and with two people; areas are compared in the database."""

import json
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from planning import drawing_steps, drawings
from planning.models import Drawing, PlanVersion
from portal import basemaps
from tests import world
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.browser.drawing_board import CELL_M2, Board, cells, drag, overflow
from tests.browser.test_sheet_pages import TILE, named
from tests.browser.test_staff_pages import worker  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

ROW_M2 = pytest.approx(99_900, rel=0.002)  # ten cells of the grid


@pytest.fixture
def drawn(browser, transactional_db, live_server, settings, cast, village) -> SimpleNamespace:
    """The planner's drawing, begun from a version: zone n is row n-1 of the village, ten cells wide."""
    settings.DEMO = True
    version = world.make_version(village, by=cast.planner)
    drawing = drawings.begin(village, by=cast.planner, start="version", version=version)
    return SimpleNamespace(cast=cast, village=village, drawing=drawing, page=f"/drawings/{drawing.pk}/")


@pytest.fixture
def board(drawn, open_page) -> Callable[..., Board]:
    def open_board(**given) -> Board:
        page = open_page(drawn.page, **{"language": "en", "user": drawn.cast.planner, **given})
        return Board(page, drawn.drawing)

    return open_board


def test_by_mouse_a_plan_is_drawn_split_merged_reshaped_and_handed_in(drawn, board, axe, worker, settings):  # noqa: F811
    settings.BASE_MAPS = basemaps.read(json.dumps([named("/ground/{z}/{x}/{y}.png", "县影像")]), https=False)
    desk = board(size=(1440, 900))
    page = desk.page
    page.route("**/ground/**", lambda route: route.fulfill(body=TILE, content_type="image/png"))
    plain = desk.opacity(7.3, 3.3)
    page.get_by_label("Base map", exact=True).select_option(label="县影像")
    expect(page.locator(".leaflet-basemap-pane img.leaflet-tile-loaded").first).to_be_visible()
    assert desk.opacity(7.3, 3.3) < 0.6 * plain, "the picture is seen through the zones"
    page.get_by_label("Base map", exact=True).select_option(label="None")
    desk.tool("zone")
    desk.choose_class("fresh", "0301")
    for corner in ((2, 2.3), (4, 2.3), (4, 3.6)):
        desk.click(*corner)
    page.mouse.move(*desk.at(2, 3.6))
    expect(page.locator("[data-figures]")).to_contain_text("mu")
    expect(page.locator("[data-fresh-check]")).to_contain_text("permanent basic farmland")
    page.mouse.dblclick(*desk.at(2, 3.6))
    desk.did("Zone 11 drawn")
    assert desk.areas()[11] == pytest.approx(2.6 * 9990, rel=0.01)
    desk.whole()

    desk.click(7, 7.5)
    desk.tool("split")
    desk.click(5, 7)
    desk.click(5, 8)
    page.locator("[data-finish]").click()
    desk.did("Zone 8 split into 8 and 12")
    assert desk.areas()[8] == pytest.approx(desk.areas()[12], rel=1e-3)

    page.keyboard.press("Escape")
    desk.tool("merge")
    desk.click(5, 0.5)
    desk.click(5, 1.5)
    page.locator("[data-merge]").click()
    desk.did("Zones 1, 2 merged into zone 1")
    assert desk.areas()[1] == pytest.approx(2 * 99_900, rel=0.002)

    desk.tool("select")
    desk.click(8, 4.5)
    desk.tool("corners")
    page.mouse.move(*desk.at(8, 5))
    page.mouse.down()
    page.mouse.move(*desk.at(8, 5.2), steps=3)
    page.mouse.move(*desk.at(8, 5.4), steps=3)
    page.mouse.up()
    desk.did("1 corner moved, zones 5, 6")
    after = desk.areas()
    assert after[5] - 99_900 == pytest.approx(0.4 * 9990, rel=0.06)
    assert after[5] + after[6] == pytest.approx(2 * 99_900, rel=0.002)
    desk.whole()

    page.keyboard.press("Control+z")
    desk.did("Zones 1, 2 merged into zone 1")
    assert desk.areas()[5] == ROW_M2
    page.get_by_role("button", name="Redo: 1 corner moved").click()
    desk.did("1 corner moved, zones 5, 6")
    assert desk.areas() == after

    page.keyboard.press("v")
    desk.click(5, 8.5)
    desk.choose_class("one", "0201")
    desk.did("Zone 9: class 0201")
    assert drawn.drawing.zones.get(number=9).code == "0201"

    desk.tool("project")
    page.fill("#project-name", "村内道路")
    page.locator("[data-project-draw=line]").click()
    desk.click(1, 0.5)
    desk.click(3, 0.5)
    page.locator("[data-finish]").click()
    page.get_by_role("button", name="Save the project").click()
    desk.did("Project “村内道路” written")
    assert drawn.drawing.projects.get(name="村内道路").geom.geom_type == "LineString"
    assert axe(page) == []

    page.get_by_role("button", name="Hand in and check").click()
    page.wait_for_url("**/uploads/*/")
    expect(page.get_by_role("heading", name="Accepted")).to_be_visible(timeout=60_000)
    made = PlanVersion.objects.order_by("-number").first()
    kept = sorted(made.zones.values_list("area_m2", flat=True))
    assert kept == pytest.approx(sorted(after.values()), rel=1e-6)
    assert sum(kept) == pytest.approx(drawn.village.area_m2, rel=1e-6)


def test_by_touch_on_a_phone_zones_are_drawn_split_merged_reshaped_and_undone(drawn, board, axe):
    phone = board(size=PHONE)
    page = phone.page
    assert overflow(page) <= 0
    for button in page.locator(".board-tools button").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE[0]
        assert min(box["width"], box["height"]) >= 44
    assert page.locator("[data-sheet]").bounding_box()["y"] - phone.at(0, 10)[1] > 250, "most of the map is seen"
    assert axe(page) == []
    page.emulate_media(reduced_motion="reduce")  # the page jumps to the map instead of gliding
    page.locator("[data-tool=zone]").tap()
    for corner in ((3, 4.2), (7, 4.2), (7, 4.8), (3, 4.8)):
        page.touchscreen.tap(*phone.at(*corner))
    page.locator("[data-finish]").tap()
    expect(page.locator("[data-fresh-picker] .picker__search")).to_be_focused()
    phone.type_class("fresh", "0703")
    phone.did("Zone 11 drawn")
    rows = {
        number: phone.areas()[number] for number in (5, 11, 12)
    }  # a finger is coarse: the corners of the parcels are taken
    assert rows == {5: cells(3), 11: cells(4), 12: cells(3)}
    phone.whole()

    page.touchscreen.tap(*phone.at(5, 7.5))
    page.locator("[data-tool=split]").tap()
    page.touchscreen.tap(*phone.at(6, 7))
    page.touchscreen.tap(*phone.at(6, 8))
    page.locator("[data-finish]").tap()
    phone.did("Zone 8 split into 8 and 13")
    parts = phone.areas()
    assert (parts[8], parts[13]) == (cells(6), cells(4))

    page.locator("[data-tool=merge]").tap()
    page.touchscreen.tap(*phone.at(5, 8.5))
    page.locator("[data-sheet-toggle]").tap()
    page.locator("[data-merge]").tap()
    phone.did("Zones 8, 9 merged into zone 8")
    merged = phone.areas()
    assert (merged[8], merged[13], 9 in merged) == (cells(16), cells(4), False)
    phone.whole()
    page.locator("[data-undo]").tap()
    phone.did("Zone 8 split into 8 and 13")
    assert phone.areas() == parts
    page.locator("[data-redo]").tap()
    phone.did("Zones 8, 9 merged into zone 8")
    assert phone.areas() == merged

    page.locator("[data-tool=select]").tap()
    for _ in range(2):
        phone.zoom_in(page.locator(".leaflet-control-zoom-in").tap)
    page.touchscreen.tap(*phone.at(5.5, 5.5))
    expect(page.locator("[data-sheet-toggle]")).to_contain_text("Zone 6")
    page.locator("[data-tool=corners]").tap()
    handle = page.locator(".handle--corner").first.bounding_box()
    assert min(handle["width"], handle["height"]) >= 44
    drag(page, phone.at(5, 6), phone.at(5.3, 5.7))
    phone.did("1 corner moved, zones 6, 7")
    moved = phone.areas()
    assert merged[6] - moved[6] == pytest.approx(0.3 * CELL_M2, rel=0.1)
    assert moved[6] + moved[7] == cells(20)
    phone.whole()
    page.locator("[data-undo]").tap()
    phone.did("Zones 8, 9 merged into zone 8")
    assert phone.areas() == merged


def test_by_keyboard_alone_zones_are_found_split_merged_drawn_moved_and_undone(drawn, board):
    desk = board(size=DESK)
    page = desk.page
    status = page.locator("[data-map-status]")
    page.locator("[data-zone='5']").focus()
    for key in ("Enter", "s", "f", "Enter"):
        page.keyboard.press(key)
    expect(status).to_contain_text("Corner 1 is set")
    desk.glide("ArrowDown")
    page.keyboard.press("Enter")
    expect(status).to_contain_text("Corner 2 is set")
    page.keyboard.press("Enter")
    desk.did("Zone 5 split into 5 and 11")
    parts = desk.areas()
    assert (parts[5], parts[11]) == (cells(5), cells(5))

    for key in ("Escape", "m", "f", "Enter"):
        page.keyboard.press(key)
    expect(status).to_contain_text("Zone 4 is chosen")
    desk.glide("ArrowDown")
    page.keyboard.press("Enter")
    expect(status).to_contain_text("Zone 3 is chosen")
    page.locator("[data-merge]").focus()
    page.keyboard.press("Enter")
    desk.did("Zones 3, 4 merged into zone 4")
    merged = desk.areas()
    assert (merged.pop(4), 3 in merged) == (cells(20), False)
    assert merged == {number: area for number, area in parts.items() if number not in (3, 4)}
    page.keyboard.press("Control+z")
    desk.did("Zone 5 split into 5 and 11")
    assert desk.areas() == parts
    desk.whole()
    page.keyboard.press("f")
    for _ in range(2):
        desk.glide("ArrowUp")

    page.locator("[data-zone='8']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-one-title]")).to_have_text("Zone 8")
    page.keyboard.press("f")
    page.keyboard.press("z")
    page.keyboard.press("f")
    corners = (("ArrowUp", "ArrowUp"), ("ArrowRight", "ArrowRight"), ("ArrowDown", "ArrowDown"))
    page.keyboard.press("Enter")
    expect(status).to_contain_text("Corner 1 is set")
    for count, keys in enumerate(corners, 2):
        for key in keys:
            desk.glide(key)
        page.keyboard.press("Enter")
        expect(status).to_contain_text(f"Corner {count} is set")
    page.keyboard.press("Backspace")
    expect(status).to_contain_text("3 are left")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("[data-fresh-picker] .picker__search")).to_be_focused()
    page.keyboard.type("乔木")
    page.keyboard.press("Enter")
    desk.did("Zone 12 drawn")
    assert drawn.drawing.zones.get(number=12).code == "0301"
    before = desk.areas()
    (x, y), (east, south) = desk.at(5, 5), desk.at(6, 4)
    assert before[12] == pytest.approx(120 * 120 / (east - x) / (south - y) * CELL_M2, rel=0.2)  # corners snap
    desk.whole()

    page.keyboard.press("c")
    page.keyboard.press("f")
    for _ in range(2):
        desk.zoom_in(lambda: page.keyboard.press("+"))
    page.keyboard.press("Enter")
    expect(status).to_contain_text("taken up")
    desk.glide("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("[data-last]")).to_contain_text(re.compile("orner (moved|added)"))
    desk.whole()
    assert desk.areas() != before
    page.keyboard.press("Control+z")
    desk.did("Zone 12 drawn")
    assert desk.areas() == before
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and fingers")).to_be_visible()
    page.keyboard.press("Escape")


def test_steps_wait_for_the_line_and_meet_those_of_another_person(drawn, board, trouble_wanted):
    desk = board()
    page = desk.page
    saved = page.locator("[data-saved]")
    page.context.set_offline(True)
    page.locator("[data-zone='3']").click()
    desk.choose_class("one", "0301")
    page.locator("[data-zone='4']").click()
    desk.choose_class("one", "0301")
    expect(saved).to_contain_text("2 steps wait")
    assert drawn.drawing.zones.filter(code="0301", number__in=(3, 4)).count() == 0
    other = drawn.cast.committee
    told = drawing_steps.take(
        drawn.drawing.pk, by=other, body={"revision": 0, "key": "x1", "kind": "set", "zones": [9], "code": "0201"}
    )
    drawing_steps.take(
        drawn.drawing.pk,
        by=other,
        body={"revision": told["revision"], "key": "x2", "kind": "set", "zones": [4], "code": "0703"},
    )
    page.context.set_offline(False)
    meeting = page.get_by_role("alertdialog")
    expect(meeting).to_contain_text("柳沟村委会: Zone 4: class 0703")
    assert drawn.drawing.zones.get(number=3).code == "0301", "the first step met nobody"
    expect(page.locator("[data-zone='9']")).to_contain_text("0201")
    meeting.get_by_role("button", name="Do mine again").click()
    expect(saved).to_have_text("All changes are saved.")
    assert drawn.drawing.zones.get(number=4).code == "0301"

    drawing_steps.take(drawn.drawing.pk, by=other, body={"revision": Drawing.objects.get(pk=drawn.drawing.pk).revision, "key": "x3", "kind": "set", "zones": [1], "code": "0703"})  # fmt: skip
    page.locator("[data-zone='2']").click()
    desk.choose_class("one", "0301")
    expect(page.locator("[data-map-status]")).to_contain_text("柳沟村委会: Zone 1: class 0703")
    page.reload()
    expect(page.locator("[data-zone='2']")).to_contain_text("0301")
    assert page.evaluate("localStorage.length") == 0


def test_steps_of_a_session_that_has_ended_are_kept_and_sent_after_signing_in_again(drawn, board, trouble_wanted):
    desk = board(size=(1440, 900))
    page = desk.page
    saved = page.locator("[data-saved]")
    page.context.set_offline(True)
    desk.click(7, 2.5)
    desk.choose_class("one", "0301")
    desk.click(7, 7.5)
    desk.tool("split")
    desk.click(5, 7)
    desk.click(5, 8)
    page.locator("[data-finish]").click()
    expect(saved).to_contain_text("2 steps wait")
    Session.objects.all().delete()
    page.context.set_offline(False)
    expect(saved).to_contain_text("You were signed out. Your steps are kept here: 2.")
    assert drawn.drawing.zones.count() == 10
    saved.get_by_role("link", name="Sign in").click()
    page.fill("[name=username]", "planner")
    page.fill("[name=password]", "right-horse-battery")
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{drawn.page}")
    desk.did("Zone 8 split into 8 and 11")
    assert drawn.drawing.zones.get(number=3).code == "0301"
    areas = desk.areas()
    assert [areas[8], areas[11]] == [pytest.approx(5 * 9990, rel=0.01)] * 2
    desk.whole()

    sign_in(page, drawn.cast.committee)
    page.locator("[data-zone='2']").click()
    desk.choose_class("one", "0301")
    expect(saved).to_contain_text("Somebody else signed in")
    assert drawn.drawing.zones.get(number=2).code != "0301"
    sign_in(page, drawn.cast.planner)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    desk.did("Zone 2: class 0301")
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.locator("[data-map-status]")).to_contain_text("in another tab")
    second.close()
