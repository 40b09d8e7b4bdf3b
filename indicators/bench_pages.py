"""The resident's page in a real browser: on a cheap phone's processor and line, and moving over the whole county.

The page of a demo village and of a version of the benchmark county, served as in the demo (gunicorn, hashed and compressed files).
Needs Chromium and the development packages (Playwright).
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management import call_command

from indicators import bench_county, bench_tiles
from indicators.bench import Row
from indicators.bench_county import County
from planning import generalised
from planning.models import PlanVersion
from villages.models import Village

TIMES = 5
FIRST = 2.0  # seconds until the plan is on the screen
MOVED = 4.0  # seconds until the map that can be moved has its first tile
SCRIPTS_KB = 250.0
LONGEST_TASK = 0.2  # seconds in which the page would not answer a finger
SMOOTH = 0.05  # seconds between two frames
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
PROCESSOR = 4  # so many times slower than this machine
PHONE = {"viewport": {"width": 360, "height": 640}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
WATCH = """
const fill = CanvasRenderingContext2D.prototype.fill;
window.painted = 0; window.pictured = 0; window.tasks = []; window.frames = [];
CanvasRenderingContext2D.prototype.fill = function (...how) {
  if (!window.painted && this.canvas.classList.contains("leaflet-tile")) {
    window.painted = -1;
    requestAnimationFrame(() => setTimeout(() => (window.painted = performance.now())));
  }
  return fill.apply(this, how);
};
document.addEventListener("load", (event) => {
  if (event.target.dataset && "mapPicture" in event.target.dataset) requestAnimationFrame(() => setTimeout(() => (window.pictured = performance.now())));
}, true);
new PerformanceObserver((list) => list.getEntries().forEach((e) => window.tasks.push(e.duration))).observe({type: "longtask", buffered: true});
"""
"""the plan's picture, the first fill of a tile's canvas, each with the frame after it; tasks of more than 50 ms"""
FRAMES = """() => { let last = performance.now(); const next = (now) => { window.frames.push(now - last); last = now; requestAnimationFrame(next); };
window.tasks.length = 0; requestAnimationFrame(next); }"""


@dataclass
class Visit:
    """What a browser saw of one visit: seconds to the plan on the screen (its picture or a tile) and to the first tile of the map
    that can be moved, kB by kind as they came, number of requests."""

    content: float
    painted: float
    scripts: float
    whole: float
    requests: int


def pages(county: County, village: Village) -> Iterator[Row]:
    """First map content, weight and long tasks of both pages."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("pages are left out: Playwright is not installed (requirements-dev.txt)", file=sys.stderr)
        return
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread
    collected()
    whole = bench_county.version(county, village)
    generalised.run(whole)
    call_command("seed_demo", verbosity=0)
    demo = PlanVersion.objects.filter(published_at__isnull=False).exclude(plan__village=village).order_by("pk").first()
    with bench_tiles.server(STATIC_ROOT=str(bench_county.FOLDER / "static")) as wire, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS
        )
        for name, version in (("demo village", demo), ("county", whole)):
            yield from weighed(
                name, [visit(browser, f"{wire.address}/versions/{version.pk}/") for _ in range(TIMES + 1)][1:]
            )
        yield from moved(browser, f"{wire.address}/versions/{whole.pk}/")
        browser.close()


def collected() -> None:
    """Scripts and styles under hashed names and compressed, as the portal serves them."""
    if not (settings.BASE_DIR / "static" / "dist").is_dir():
        raise RuntimeError("The front end is not built: ./run build")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "-v0"]
    ignored = [part for name in ("drf_spectacular_sidecar", "admin", "gis", "rest_framework") for part in ("-i", name)]
    env = {**os.environ, "STATIC_ROOT": str(bench_county.FOLDER / "static"), "DEBUG": "false"}
    subprocess.run([*command, *ignored], env=env, cwd=settings.BASE_DIR, check=True)  # noqa: S603


def visit(browser: Any, address: str) -> Visit:
    """One visit with nothing kept from before."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    line = context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    line.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
    line.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"] / 1000}))
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    line.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR})
    page.add_init_script(WATCH)
    page.goto(address, wait_until="commit")
    painted = first_painted(page)
    pictured = page.evaluate("window.pictured") / 1000 or painted
    page.wait_for_load_state("networkidle")
    context.close()
    scripts = sum(size for request, size in sizes.items() if kinds.get(request) == "Script")
    return Visit(min(pictured, painted), painted, scripts, sum(sizes.values()), len(sizes))


def first_painted(page: Any, patience: float = 60.0) -> float:
    """Seconds from the start of the navigation to the first painted tile; asked again and again, for the page allows no eval."""
    end = time.monotonic() + patience
    while (painted := page.evaluate("window.painted")) <= 0:
        if time.monotonic() > end:
            raise RuntimeError("no tile was painted")
        page.wait_for_timeout(50)
    return painted / 1000


def weighed(name: str, visits: list[Visit]) -> Iterator[Row]:
    painted = statistics.median(v.painted for v in visits)
    scripts, whole = (statistics.median(getattr(v, kind) for v in visits) for kind in ("scripts", "whole"))
    content = statistics.median(v.content for v in visits)
    yield Row(f"page-first-content, {name}", content, "the goal", FIRST, content / FIRST, 1.0)
    yield Row(f"page-first-tile, {name}", painted, "the goal", MOVED, painted / MOVED, 1.0)
    yield Row(f"page-scripts, {name}", scripts, "the goal", SCRIPTS_KB, scripts / SCRIPTS_KB, 1.0, "kB")
    print(f"  {name}: {whole:.0f} kB in {visits[0].requests} requests", file=sys.stderr)


def moved(browser: Any, address: str) -> Iterator[Row]:
    """Dragging and zooming over the county by mouse, with a processor as it is: long tasks, and frames that came late."""
    context = browser.new_context(**DESK)
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address)
    first_painted(page)
    page.wait_for_load_state("networkidle")
    box = page.locator("[data-map-box]")
    box.scroll_into_view_if_needed()
    at = box.bounding_box()
    x, y = at["x"] + at["width"] / 2, at["y"] + at["height"] / 2
    page.evaluate(FRAMES)
    page.mouse.move(x, y)
    for _step in range(4):
        for dx, dy in ((-150, -80), (120, 90)):
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + dx, y + dy, steps=15)
            page.mouse.up()
            page.wait_for_timeout(400)
        page.keyboard.press("+") if box.evaluate("(b) => (b.focus(), document.activeElement === b)") else None
        page.wait_for_timeout(1200)
    tasks, frames = page.evaluate("[window.tasks, window.frames]")
    context.close()
    longest = max(tasks, default=0) / 1000
    late = sum(frame > SMOOTH * 1000 for frame in frames)
    print(f"  moving: {len(frames)} frames, {late} late, {len(tasks)} long tasks", file=sys.stderr)
    yield Row("page-longest-task, county moved", longest, "the goal", LONGEST_TASK, longest / LONGEST_TASK, 1.0)
    usual = sorted(frames)[int(len(frames) * 0.95)] / 1000
    yield Row("page-frames, county moved, 95 %", usual, "the goal", SMOOTH, usual / SMOOTH, 1.0)
