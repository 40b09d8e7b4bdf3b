"""The page of the drawing board as a person uses it: places in cells of the grid, by mouse and by finger."""

import math
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from planning.models import Drawing
from tests.grid import SOUTH, STEP, WEST

CELL_M2 = 9990


def cells(count: float) -> object:
    """The size of so many cells of the grid, in m²."""
    return pytest.approx(count * CELL_M2, rel=0.002)


def world_px(lon: float, lat: float) -> tuple[float, float]:
    """The plane of the map at zoom 0."""
    sine = math.sin(math.radians(lat))
    return 256 * (lon / 360 + 0.5), 256 * (0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi))


class Board:
    """The page of somebody who draws; places are told in cells of the grid."""

    def __init__(self, page: Page, drawing: Drawing) -> None:
        self.page, self.drawing, self.zoomed = page, drawing, 0
        expect(page.locator("#board-loading")).to_be_hidden()

    def at(self, col: float, row: float) -> tuple[float, float]:
        """Where a corner of the grid is in the window, as long as nobody moved the map off its middle."""
        box = self.page.locator("[data-map-box]").bounding_box()
        west, north = world_px(WEST, SOUTH + 10 * STEP)
        east, south = world_px(WEST + 10 * STEP, SOUTH)
        rooms = (box["width"] - 24) / (east - west), (box["height"] - 24) / (south - north)
        scale = 2 ** (math.floor(4 * math.log2(min(rooms))) / 4 + self.zoomed)
        x, y = world_px(WEST + col * STEP, SOUTH + row * STEP)
        middle = (west + east) / 2, (north + south) / 2
        return (
            box["x"] + box["width"] / 2 + (x - middle[0]) * scale,
            box["y"] + box["height"] / 2 + (y - middle[1]) * scale,
        )

    def tool(self, name: str) -> None:
        self.page.locator(f"[data-tool={name}]").click()

    def click(self, *place: float) -> None:
        self.page.mouse.click(*self.at(*place))

    def glide(self, key: str) -> None:
        """An arrow key, and the map at rest again."""
        self.page.keyboard.press(key)
        expect(self.page.locator(".leaflet-pan-anim")).to_have_count(0)

    def zoom_in(self, act: Callable[[], None]) -> None:
        scale = self.page.locator(".leaflet-control-scale-line")
        before = scale.inner_text()
        act()
        expect(scale).not_to_have_text(before)
        self.zoomed += 1

    def choose_class(self, box: str, code: str) -> None:
        self.page.locator(f"[data-{box}-picker] .picker__now").click()
        self.type_class(box, code)

    def type_class(self, box: str, code: str) -> None:
        self.page.locator(f"[data-{box}-picker] .picker__search").fill(code)
        self.page.keyboard.press("Enter")

    def did(self, text: str) -> None:
        """The step is done and kept."""
        expect(self.page.locator("[data-last]")).to_have_text(text)
        expect(self.page.locator("[data-saved]")).to_have_text("All changes are saved.")

    def opacity(self, *place: float) -> int:
        """0 to 255, of the zones as they are painted there."""
        self.page.wait_for_timeout(100)  # painted once per frame
        x, y = self.at(*place)
        return self.page.evaluate(
            """([x, y]) => {
                const canvas = document.querySelector('.board-canvas');
                const {left, top, width} = canvas.getBoundingClientRect();
                const ratio = canvas.width / width;
                return canvas.getContext('2d').getImageData((x - left) * ratio, (y - top) * ratio, 1, 1).data[3];
            }""",
            [x, y],
        )

    def areas(self) -> dict[int, float]:
        return dict(self.drawing.zones.values_list("number", "area_m2"))

    def whole(self) -> None:
        """Nothing was lost: the zones are as large as the village, none lies on another."""
        self.drawing.refresh_from_db()
        assert sum(self.areas().values()) == pytest.approx(self.drawing.village.area_m2, rel=1e-6)
        assert (self.drawing.unfilled_m2, self.drawing.overlap_m2) == (0, 0)


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A finger put down, moved and lifted."""
    client = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [start]),
        *(("touchMove", [between(start, end, k / 5)]) for k in range(1, 6)),
        ("touchEnd", []),
    ):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})


def between(a: tuple[float, float], b: tuple[float, float], part: float) -> tuple[float, float]:
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
