"""Reading the map: layers, figures of the view, measuring, coordinates, plans side by side, addresses that restore a view."""

import re

import pytest
from playwright.sync_api import expect
from pyproj import Geod

from planning.models import Finding
from tests import world
from tests.browser.conftest import DESK, PHONE
from tests.grid import SOUTH, STEP, WEST, cell, geos

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the server runs in another thread

GEOD = Geod(a=6378137, rf=298.257222101)


def at(col: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of a corner of the grid (tests/grid.py)."""
    return WEST + col * STEP, SOUTH + row * STEP


def address_of(page) -> str:
    return page.evaluate("window.location.hash")


def view_of(portal, lon: float, lat: float, zoom: float = 16, rest: str = "") -> str:
    return f"{portal.page}#map={zoom}/{lat}/{lon}{rest}"


def point_of(page, lon: float, lat: float) -> dict:
    """Pixels of a place in the map's box, from the view that the address names."""
    zoom, mid_lat, mid_lon = (float(x) for x in re.match(r"#map=([^&]+)", address_of(page)).group(1).split("/"))
    return page.evaluate(
        """([zoom, lat0, lon0, lat, lon]) => {
            const world = 256 * 2 ** zoom, box = document.querySelector('[data-map-box]').getBoundingClientRect();
            const y = (lat) => { const s = Math.sin(lat * Math.PI / 180); return world * (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)); };
            return {x: box.width / 2 + world * (lon - lon0) / 360, y: box.height / 2 + y(lat) - y(lat0)};
        }""",
        [zoom, mid_lat, mid_lon, lat, lon],
    )


def tools(page):
    page.get_by_role("button", name="Layers and tools").click()
    panel = page.locator("[data-map-tool-panel]")
    expect(panel.get_by_text("Planned land use").first).to_be_visible()
    return panel


def unfold(panel, title: str):
    panel.locator("summary", has_text=title).click()
    return panel.locator("details.tool", has=panel.page.locator("summary", has_text=title))


def conflict(version) -> None:
    Finding.objects.create(
        version=version, number=900, code="K1", severity="block", category="real", area_m2=4200,
        zone=version.zones.get(number=9), geom=geos(cell(3, 8, 3, 1)),
    )  # fmt: skip


def test_an_official_reads_layers_figures_and_zones_with_the_mouse(portal, open_page, axe):
    conflict(portal.version)
    lon, lat = at(5, 8)
    page = open_page(view_of(portal, lon, lat), size=DESK, language="en", user=portal.cast.township)
    panel = tools(page)
    layers = panel.locator("details.tool").first  # unfolded from the first
    assert re.search(r"Planned land use\s*10", layers.inner_text())
    assert re.search(r"Village construction boundary\s*1", layers.inner_text())
    assert re.search(r"Clinic\s*1", layers.inner_text())
    layers.get_by_label("Ecological red line").uncheck()
    layers.get_by_label("Projects").uncheck()
    assert "&off=STBHHX,projects" in address_of(page)

    legend = unfold(panel, "Land in this view")
    expect(legend.locator("li", has_text="070301")).to_contain_text("2 · ")
    panel.locator("summary", has_text="Land in this view").click()

    finder = unfold(panel, "Find zones")
    finder.get_by_label("Class: code").fill("07")
    expect(finder.get_by_role("status")).to_contain_text("Zones that match: 2")
    finder.get_by_label("State").select_option("conflict")
    expect(finder.get_by_role("status")).to_contain_text("Zones that match: 1")
    finder.get_by_role("button", name="Go there Zone 9").click()
    expect(page.locator("[data-map-status]")).to_have_text("Shown on the map: Zone 9")
    assert axe(page) == []

    remembered = address_of(page)
    assert "zone=9" in remembered
    assert "code=07&state=conflict" in remembered
    again = open_page(portal.page + remembered, size=DESK, language="en", user=portal.cast.township)
    again.get_by_role("button", name="Layers and tools").click()
    panel = again.locator("[data-map-tool-panel]")
    expect(panel.get_by_role("status")).to_contain_text("Zones that match: 1")
    expect(unfold(panel, "Layers").get_by_label("Ecological red line")).not_to_be_checked()
    assert address_of(again) == remembered


def test_a_resident_measures_and_reads_a_place_on_the_phone(portal, open_page, axe):
    conflict(portal.version)
    lon, lat = at(5, 8)
    page = open_page(view_of(portal, lon, lat, 16), size=PHONE, language="en")
    panel = tools(page)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    unfold(panel, "Measure").get_by_role("button", name="Measure a distance").click()
    expect(panel).to_be_hidden()
    for col in (4, 6):
        spot = point_of(page, *at(col, 8))
        page.locator("[data-map-box]").tap(position=spot)
    figure = page.locator(".task-figure")
    wanted = GEOD.inv(*at(4, 8), *at(6, 8))[2]
    expect(figure).to_contain_text("Distance: ")
    metres = float(re.search(r"([\d.]+) m", figure.inner_text()).group(1))
    assert metres == pytest.approx(wanted, abs=4)  # a finger is no pencil
    page.get_by_role("button", name="Undo the last point").click()
    expect(figure).to_have_text("Points: 1")
    page.get_by_role("button", name="Stop measuring").click()
    expect(page.locator(".map-task")).to_be_hidden()

    page.locator("[data-map-box]").tap(position=point_of(page, *at(4.5, 8.5)))
    place = page.locator("[data-map-panel]")
    expect(place.get_by_role("heading", name="Zone 9")).to_be_visible()
    place.locator("summary", has_text="All layers here").click()
    expect(place).to_contain_text("Village construction boundary")
    expect(place).to_contain_text("Construction on permanent basic farmland")
    place.locator("summary", has_text="Coordinates").click()
    expect(place.locator(".coordinates")).to_contain_text("Gauss-Kruger, zone 39")
    assert axe(page) == []
    place.get_by_role("button", name="Go there 村卫生所", exact=True).click()
    expect(page.locator("[data-map-status]")).to_contain_text("Shown on the map: 村卫生所")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_an_area_is_measured_and_a_place_is_found_with_keys_alone(portal, open_page):
    lon, lat = at(5, 5)
    page = open_page(view_of(portal, lon, lat, 17), language="en")
    panel = tools(page)
    panel.locator("summary", has_text="Coordinates").focus()
    page.keyboard.press("Enter")
    panel.get_by_label("Go to coordinates").fill("nowhere")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("alert")).to_contain_text("This is no place.")
    panel.get_by_label("Go to coordinates").fill("116°48′12″E 36°06′18″N")
    page.keyboard.press("Enter")
    expect(page.locator("[data-map-status]")).to_contain_text("116.8033333, 36.1050000")
    assert address_of(page).startswith("#map=17/36.10500/116.8033")
    panel.locator("summary", has_text="Measure").focus()
    page.keyboard.press("Enter")
    panel.get_by_role("button", name="Measure an area").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-map-box]")).to_be_focused()
    expect(page.locator(".map-cross")).to_be_visible()
    places = []
    for keys in ((), ("ArrowRight", "ArrowRight"), ("ArrowDown", "ArrowDown"), ("ArrowUp",)):
        for key in keys:
            before = address_of(page)
            page.keyboard.press(key)
            page.wait_for_function("before => window.location.hash !== before", arg=before)
        places.append([float(x) for x in address_of(page).split("&")[0].split("/")[1:]])
        page.keyboard.press("Enter")
    figure = page.locator(".task-figure")
    page.keyboard.press("Backspace")
    expect(figure).to_contain_text("Area: ")
    wanted = abs(GEOD.polygon_area_perimeter([p[1] for p in places[:3]], [p[0] for p in places[:3]])[0])
    told = float(re.search(r"Area: ([\d,.]+) m²", figure.inner_text()).group(1).replace(",", ""))
    assert told == pytest.approx(wanted, rel=0.02)  # the address names places to a metre
    page.keyboard.press("Escape")
    expect(figure).to_have_count(0)


def test_two_plans_lie_beside_each_other(portal, open_page, axe):
    newer = world.publish(world.make_version(portal.village, rows=world.BASE_ROWS), portal.cast.township)
    page = open_page(f"/versions/{newer.pk}/", size=DESK, language="en")
    panel = tools(page)
    compare = unfold(panel, "Compare")
    compare.get_by_label("Put beside this plan").select_option(label="Version 1")
    compare.get_by_role("button", name="Side by side").click()
    second = page.locator(".map-stage--beside .map")
    expect(second.locator("canvas").first).to_be_visible()
    expect(page.locator(".map-side-name")).to_have_text(["Version 1", "Version 2"])
    assert f"with={portal.version.pk}&how=sides" in address_of(page)
    page.locator("[data-map-box]").focus()
    page.keyboard.press("+")
    page.wait_for_timeout(500)  # the map glides
    scales = page.locator(".map-stage .leaflet-tile-container canvas")
    expect(scales.first).to_be_visible()
    assert axe(page) == []

    phone = open_page(f"/versions/{newer.pk}/{address_of(page)}", size=PHONE, language="en")
    boxes = [phone.locator(".map-stage--beside .map"), phone.locator("[data-map-box]")]
    for box in boxes:
        expect(box).to_be_visible()
    upper, lower = (box.bounding_box() for box in boxes)
    assert upper["y"] + upper["height"] <= lower["y"] + 4
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    phone.get_by_role("button", name="One map again").click()
    expect(boxes[0]).to_have_count(0)

    compare.get_by_label("Put beside this plan").select_option(label="Land today (base year)")
    compare.get_by_role("button", name="Swipe").click()
    expect(second).to_have_count(0)
    page.get_by_label("Border between").fill("30")
    cut = page.evaluate("document.querySelector('.leaflet-tile-pane').style.clipPath")
    assert cut.startswith("polygon(")
    page.get_by_role("button", name="One map again").click()
    assert page.evaluate("document.querySelector('.leaflet-tile-pane').style.clipPath") == ""
    assert "how=" not in address_of(page)


def test_a_link_opened_where_the_page_already_is_restores_what_it_says(portal, open_page):
    newer = world.publish(world.make_version(portal.village, rows=world.BASE_ROWS), portal.cast.township)
    lon, lat = at(5, 8)
    page = open_page(f"/versions/{newer.pk}/", language="en")
    go = lambda rest: page.evaluate("hash => { window.location.hash = hash; }", f"#map=16/{lat:.5f}/{lon:.5f}{rest}")  # noqa: E731
    both = f"&with={portal.version.pk}&how=sides&code=07&from=0.5"
    go(both)
    expect(page.locator(".map-side-name")).to_have_text(["Version 1", "Version 2"])
    page.get_by_role("button", name="Layers and tools").click()
    panel = page.locator("[data-map-tool-panel]")
    expect(panel.get_by_label("Class: code")).to_have_value("07")
    expect(panel.get_by_label("From (mu)")).to_have_value("0.5")
    page.wait_for_function("rest => window.location.hash.endsWith(rest)", arg=both)
    go("&code=01")
    expect(panel.get_by_label("Class: code")).to_have_value("01")
    expect(panel.get_by_label("From (mu)")).to_have_value("")
    expect(page.locator(".map-side-name")).to_have_count(0)
    page.wait_for_function("() => window.location.hash.endsWith('&code=01')")
    page.locator("[data-map-box]").focus()
    page.keyboard.press("+")
    page.wait_for_function("() => !window.location.hash.startsWith('#map=16/')")
    assert address_of(page).endswith("&code=01")


def test_a_plan_that_cannot_be_had_is_not_put_beside(portal, open_page, trouble_wanted):
    newer = world.publish(world.make_version(portal.village, rows=world.BASE_ROWS), portal.cast.township)
    page = open_page(f"/versions/{newer.pk}/", language="en")
    older = f"**/versions/{portal.version.pk}/tiles.json"
    page.route(older, lambda route: route.abort())
    compare = unfold(tools(page), "Compare")
    said, task = page.locator("[data-map-status]"), page.locator(".map-task")
    for way in ("Swipe", "Side by side"):
        compare.get_by_label("Put beside this plan").select_option(label="Version 1")
        compare.get_by_role("button", name=way).click()
        expect(said).to_have_text("The portal does not answer. Check the connection and try again.")
        expect(said).to_have_attribute("data-level", "error")
        expect(task).to_be_hidden()
        expect(page.locator(".map-side-name")).to_have_count(0)
        assert "with=" not in address_of(page)
        page.evaluate("document.querySelector('[data-map-status]').textContent = ''")
    page.unroute(older)
    page.route("**/tiles/v*/**", lambda route: route.abort())  # of the half that comes: the map's own tiles are here
    compare.get_by_role("button", name="Swipe").click()
    expect(task).to_be_visible()
    expect(said).to_contain_text("Part of the map could not be loaded.")
    page.get_by_role("button", name="One map again").click()
    expect(said).to_contain_text("The map is ready.")


def test_a_stranger_is_offered_only_what_is_open(portal, open_page, settings):
    settings.DEMO = False
    page = open_page(portal.page, language="en")
    panel = tools(page)
    text = panel.inner_text()
    assert "Control lines" not in text
    assert "Public facilities" not in text
    assert "Land today" not in text
    assert "Projects" in text
    without = open_page(portal.page, language="en", scripts=False)
    expect(without.locator(".map-frame")).to_be_hidden()
    expect(without.locator("main")).to_contain_text("Planned land use")
