"""Pictures of every page with a map, for docs/screens.md:  ./run screenshots  (the demo must be running).

Taken at the widths of a phone, a tablet and a desk, of pages as people meet them and while they work with them; looked at by
a person before they are committed. What a picture needs and the demo does not have (a file with faults, a marked sheet) is
handed in first, once. `./run screenshots http://127.0.0.1:8000 review paper` takes those two only.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import APIRequestContext, Browser, Locator, Page, Playwright, sync_playwright

from tests.planning.paper_photos import Pen, Scene, cross, draw, photograph, render, ring

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
FILES = ROOT / "tests" / "data"
SIZES = {360: 640, 768: 1024, 1440: 900}
LIUGOU = "370983101204"
PASSWORD = "demo-2035"
PATIENCE = 120


class Shot(NamedTuple):
    """A picture: the page, who looks ("" is a visitor), and what is done on the page before it is taken."""

    name: str
    path: str
    account: str = ""
    act: Callable[[Page], None] | None = None


class Demo:
    """The API of the running demo, as its accounts use it."""

    def __init__(self, playwright: Playwright, home: str) -> None:
        self.playwright, self.home = playwright, home
        self.clients: dict[str, APIRequestContext] = {}

    def client(self, account: str) -> APIRequestContext:
        if account not in self.clients:
            headers = {}
            if account:
                said = {"username": account, "password": PASSWORD}
                token = self.client("").post("/api/v1/token/", data=said).json()["token"]
                headers = {"Authorization": f"Token {token}"}
            self.clients[account] = self.playwright.request.new_context(
                base_url=self.home, extra_http_headers=headers, timeout=60_000
            )
        return self.clients[account]

    def get(self, path: str, account: str = "") -> Any:
        return self.client(account).get(f"/api/v1/{path}").json()

    def post(self, path: str, account: str, **body: Any) -> Any:
        answer = self.client(account).post(f"/api/v1/{path}", **body)
        if not answer.ok and answer.status != 409:
            raise RuntimeError(f"{path}: {answer.status} {answer.text()[:300]}")
        return answer.json()

    def wait(self, path: str, account: str, done: Callable[[Any], bool]) -> Any:
        until = time.monotonic() + PATIENCE
        while not done(found := self.get(path, account)):
            if time.monotonic() > until:
                raise TimeoutError(f"{path} was not ready in time: {found}")
            time.sleep(1)
        return found

    def upload(self, name: str) -> str:
        """The page of a file of tests/data that was judged without being stored; handed in if it is not known."""
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": (FILES / name).read_bytes()}
        told = self.post("uploads/", "demo_planner", multipart={"village": LIUGOU, "check_only": "true", "file": file})
        pk = told["error"]["data"]["upload"] if "error" in told else told["id"]
        self.wait(f"uploads/{pk}/", "demo_planner", lambda row: not row["job"] or row["job"]["final"])
        return f"/uploads/{pk}/"

    def sheet(self, version: str, **order: Any) -> Any:
        """A printed map that is ready."""
        row = self.post(f"versions/{version}/sheets/", "demo_committee", data=order)
        return self.wait(f"sheets/{row['id']}/", "demo_committee", lambda row: row["final"])

    def paper(self, version: str) -> str:
        """The page of a photograph of a marked sheet that was read; marked, photographed and sent if there is none."""
        known = [row for row in self.get(f"versions/{version}/papers/", "demo_committee") if row["marks"]]
        if known:
            return f"/papers/{known[0]['id']}/"
        sheet = self.sheet(version, what="zone", zone=250, paper="A4")
        x, y, wide, high = sheet["pages"][0]["frame"]
        pens = [
            Pen("area", "red", ring(x + 0.4 * wide, y + 0.45 * high, 16, 11, seed=3), width=1.1),
            Pen("spot", "blue", cross(x + 0.7 * wide, y + 0.6 * high, 3), width=1.1),
        ]
        page = render(self.client("demo_committee").get(f"/api/v1/sheets/{sheet['id']}/file/").body(), 1)
        photo, _corners = photograph(draw(page, pens), Scene(turn=12, tilt=(10, 4), shadow=0.3, size=(2400, 1800)))
        file = {"name": "会议.jpg", "mimeType": "image/jpeg", "buffer": photo}
        pk = self.post(f"versions/{version}/papers/", "demo_committee", multipart={"file": file})["id"]
        self.wait(f"papers/{pk}/", "demo_committee", lambda row: row["state"] != "waits")
        return f"/papers/{pk}/"

    def begun(self, version: str) -> str:
        """The page of a drawing from the version; begun if there is none yet."""
        rows = self.get(f"drawings/?village={LIUGOU}", "demo_planner")["results"]
        body = {"village": LIUGOU, "start": "version", "version": version}
        return f"/drawings/{(rows or [self.post('drawings/', 'demo_planner', data=body)])[0]['id']}/"


def shots(demo: Demo) -> list[Shot]:
    plan = demo.get(f"plans/?village={LIUGOU}")["results"][0]
    newest = max(plan["versions"], key=lambda version: version["number"])["id"]
    of = f"/versions/{newest}"
    what_if = demo.get(f"versions/{newest}/what-ifs/")["results"][0]["id"]
    comment = demo.get(f"versions/{newest}/comments/")["results"][0]["id"]
    asked = demo.get("reviews/?done=true", "demo_agriculture")["results"][0]["id"]
    return [
        Shot("home", "/"),
        Shot("villages", "/villages/"),
        Shot("village", f"/villages/{LIUGOU}/"),
        Shot("plan", f"{of}/"),
        Shot("plan-place", f"{of}/", act=read_a_place),
        Shot("plan-layers", f"{of}/", "demo_planner", open_layers),
        Shot("plan-filter", f"{of}/", act=find_zones),
        Shot("plan-measure", f"{of}/", act=measure),
        Shot("plan-swipe", f"{of}/", "demo_planner", swipe),
        Shot("indicator", f"{of}/indicators/1/"),
        Shot("compare", f"{of}/compare/"),
        Shot("review", f"{of}/review/", "demo_reviewer", step_to_a_conflict),
        Shot("review-request", f"/reviews/{asked}/", "demo_agriculture"),
        Shot("case", f"{of}/case/", "demo_reviewer"),
        Shot("summary", f"{of}/summary/"),
        Shot("report", f"{of}/report/", "demo_reviewer"),
        Shot("print", f"{of}/sheets/"),
        Shot("sheet", f"/sheets/{demo.sheet(newest, what='village', paper='A4')['id']}/", "demo_committee", see_the_sheet),
        Shot("upload", demo.upload("bad_overlap.geojson"), "demo_planner", show_an_issue),
        Shot("codes", f"{demo.upload('ask_codes.geojson')}codes/", "demo_planner"),
        Shot("drawings", f"/villages/{LIUGOU}/drawings/", "demo_planner"),
        Shot("board", demo.begun(newest), "demo_planner"),
        Shot("board-zone", demo.begun(newest), "demo_planner", draw_a_zone),
        Shot("my-place", f"{of}/my-place/?zone=1"),
        Shot("comment", f"{of}/comments/", "demo_resident"),
        Shot("heard", f"{of}/heard/"),
        Shot("what-if-new", f"/comments/{comment}/what-if/", "demo_planner"),
        Shot("what-if", f"/what-ifs/{what_if}/"),
        Shot("follow", f"/villages/{LIUGOU}/follow/area/", "demo_resident"),
        Shot("answers", f"{of}/answers/", "demo_committee"),
        Shot("enter", f"{of}/comments/enter/", "demo_committee"),
        Shot("papers", f"{of}/papers/", "demo_committee"),
        Shot("paper", demo.paper(newest), "demo_committee"),
    ]  # fmt: skip


def tap(page: Page, across: float, down: float) -> None:
    """A place of the map, as shares of its width and height."""
    box = page.locator("[data-map-box]").first
    size = box.bounding_box()
    box.click(position={"x": across * size["width"], "y": down * size["height"]})


def see(page: Page, part: str = ".map-stage", *, block: str = "start") -> None:
    """Scroll until a part of the page stands at the head or the foot of the picture."""
    where = {"block": block, "behavior": "instant"}
    page.locator(part).first.evaluate("(node, where) => node.scrollIntoView(where)", where)


def read_a_place(page: Page) -> None:
    tap(page, 0.46, 0.55)
    page.locator("[data-panel-body] .sentences").wait_for()
    see(page)


def section(page: Page, title: str) -> Locator:
    """A section of the layers and tools, unfolded."""
    if page.locator("[data-map-tool-panel]").is_hidden():
        page.locator("[data-map-tools]").click()
    page.locator(".layer-tree fieldset").first.wait_for()  # unfolded from the first
    found = page.locator("details.tool", has=page.locator("summary", has_text=title))
    found.locator("summary").click()
    return found


def open_layers(page: Page) -> None:
    page.locator("[data-map-tools]").click()
    page.locator(".layer-tree fieldset").first.wait_for()
    see(page)


def find_zones(page: Page) -> None:
    section(page, "查找地块").locator("#map-code").fill("07")
    page.locator(".found-zones li").first.wait_for()
    see(page)


def measure(page: Page) -> None:
    section(page, "测量").get_by_role("button", name="量面积").click()
    for across, down in ((0.3, 0.3), (0.62, 0.26), (0.68, 0.66), (0.34, 0.72)):
        tap(page, across, down)
    see(page, "[data-map-task]", block="end")


def swipe(page: Page) -> None:
    section(page, "对比").get_by_role("button", name="卷帘对照").click()
    page.locator("#map-swipe").wait_for()
    see(page, "[data-map-task]", block="end")


def step_to_a_conflict(page: Page) -> None:
    page.locator("[data-step='1']").evaluate("(node) => node.click()")  # map and list get the whole height
    placed = page.locator("[data-finding][data-placed]").first
    placed.locator("summary").evaluate("(node) => node.click()")
    page.locator("[data-finding][data-placed][aria-current]").wait_for()
    placed.evaluate("(node) => node.scrollIntoView({block: 'nearest', behavior: 'instant'})")


def see_the_sheet(page: Page) -> None:
    page.locator(".sheet-preview").scroll_into_view_if_needed()


def show_an_issue(page: Page) -> None:
    page.locator("[data-issue] [data-show]").first.click()
    see(page, ".map-frame")


def unfold_board(page: Page, *, is_open: bool) -> None:
    """On a phone the panel of the board lies folded over the map."""
    toggle = page.locator("[data-sheet-toggle]")
    if toggle.is_visible() and (toggle.get_attribute("aria-expanded") == "true") != is_open:
        toggle.click()


def draw_a_zone(page: Page) -> None:
    """The outline is not finished: the drawing stays as it is."""
    page.locator("#board-loading").wait_for(state="hidden")
    page.locator("button[data-tool=zone]").click()
    unfold_board(page, is_open=True)
    picker = page.locator("[data-fresh-picker]")
    picker.locator(".picker__now").click()
    picker.locator(".picker__search").fill("070301")
    picker.locator("[role=option]").first.click()
    unfold_board(page, is_open=False)
    for across, down in ((0.36, 0.3), (0.58, 0.28), (0.62, 0.5), (0.4, 0.52)):
        tap(page, across, down)
    page.locator("[data-fresh-check] .live__row, [data-fresh-check] .live--good").first.wait_for(state="attached")
    unfold_board(page, is_open=True)


def sign_in(page: Page, home: str, account: str) -> None:
    page.goto(f"{home}/login/")
    page.fill("[name=username]", account)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/login/" not in url)


def take(browser: Browser, home: str, listed: list[Shot]) -> None:
    for width, height in SIZES.items():
        contexts = {}
        for name, path, account, act in listed:
            if account not in contexts:
                contexts[account] = browser.new_context(
                    viewport={"width": width, "height": height}, has_touch=width < 1000, is_mobile=width < 600
                )
                if account:
                    sign_in(contexts[account].new_page(), home, account)
            page = contexts[account].new_page()
            page.goto(home + path)
            page.wait_for_load_state("networkidle")
            frame = page.locator(".map-frame").first
            if frame.count() and frame.bounding_box()["y"] > height / 2:  # the head of a page is the same everywhere
                see(page, ".map-frame")
            if act:
                act(page)
                page.wait_for_load_state("networkidle")
            page.wait_for_timeout(700)  # the canvas is painted after the last tile came
            page.screenshot(path=FOLDER / f"{name}-{width}.jpg", type="jpeg", quality=72)
            print(name, width, page.title())
            page.close()


def main(home: str, names: list[str]) -> None:
    """All pictures, or those with these names."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        take(chromium, home, [shot for shot in shots(Demo(playwright, home)) if not names or shot.name in names])
        chromium.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000", sys.argv[2:])
