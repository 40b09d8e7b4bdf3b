"""Pictures of every page with a map, for docs/screens.md:  ./run screenshots  (the demo must be running).

Taken at the widths of a phone, a tablet and a desk; looked at by a person before they are committed.
"""

import json
import sys
from pathlib import Path
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
SIZES = {360: 640, 768: 1024, 1440: 900}
LIUGOU = "370983101204"
PASSWORD = "demo-2035"


def asked(home: str, path: str, body: dict | None = None, token: str = "") -> dict:
    """What the API answers; a body is posted."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(home + path, data, headers)) as answer:  # the demo on this machine
        return json.load(answer)


def pages(home: str) -> list[tuple[str, str, str]]:
    """(name, path, account): what is pictured, and who looks; "" is a visitor."""
    plan = asked(home, f"/api/v1/plans/?village={LIUGOU}")["results"][0]
    newest = max(plan["versions"], key=lambda version: version["number"])["id"]
    return [
        ("home", "/", ""),
        ("villages", "/villages/", ""),
        ("village", f"/villages/{LIUGOU}/", ""),
        ("plan", f"/versions/{newest}/", ""),
        ("indicator", f"/versions/{newest}/indicators/1/", ""),
        ("compare", f"/versions/{newest}/compare/", ""),
        ("review", f"/versions/{newest}/review/", "demo_reviewer"),
        ("case", f"/versions/{newest}/case/", "demo_reviewer"),
        ("summary", f"/versions/{newest}/summary/", ""),
        ("report", f"/versions/{newest}/report/", "demo_reviewer"),
        ("print", f"/versions/{newest}/sheets/", ""),
        ("drawings", f"/villages/{LIUGOU}/drawings/", "demo_planner"),
        ("board", begun(home, newest), "demo_planner"),
        ("my-place", f"/versions/{newest}/my-place/?zone=1", ""),
        ("comment", f"/versions/{newest}/comments/", "demo_resident"),
        ("heard", f"/versions/{newest}/heard/", ""),
        ("what-if", f"/what-ifs/{asked(home, f'/api/v1/versions/{newest}/what-ifs/')['results'][0]['id']}/", ""),
        ("follow", f"/villages/{LIUGOU}/follow/area/", "demo_resident"),
        ("answers", f"/versions/{newest}/answers/", "demo_committee"),
        ("enter", f"/versions/{newest}/comments/enter/", "demo_committee"),
        ("papers", f"/versions/{newest}/papers/", "demo_committee"),
    ]


def begun(home: str, version: str) -> str:
    """The page of a drawing from the newest version; begun if there is none yet."""
    token = asked(home, "/api/v1/token/", {"username": "demo_planner", "password": PASSWORD})["token"]
    rows = asked(home, f"/api/v1/drawings/?village={LIUGOU}", token=token)["results"]
    body = {"village": LIUGOU, "start": "version", "version": version}
    return f"/drawings/{(rows or [asked(home, '/api/v1/drawings/', body, token)])[0]['id']}/"


def sign_in(page: Page, home: str, account: str) -> None:
    page.goto(f"{home}/login/")
    page.fill("[name=username]", account)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/login/" not in url)


def take(browser: Browser, home: str) -> None:
    listed = pages(home)
    for width, height in SIZES.items():
        contexts = {}
        for name, path, account in listed:
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
                frame.evaluate("(node) => node.scrollIntoView({block: 'start'})")
            page.wait_for_timeout(700)  # the canvas is painted after the last tile came
            page.screenshot(path=FOLDER / f"{name}-{width}.jpg", type="jpeg", quality=72)
            print(name, width, page.title())
            page.close()


if __name__ == "__main__":
    home = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        take(chromium, home)
        chromium.close()
