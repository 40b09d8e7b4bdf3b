"""Handing in a large file over a bad line: cut, resumed, paused, recognised; nothing is sent twice."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from planning.models import PlanVersion
from planning.views import handing_in
from portal.models import PartialUpload, Upload
from tests import world
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.planning.test_api_uploads import geojson

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

PIECE = 64 * 1024
NEW = f"/uploads/new/?village={world.LIUGOU}"
PIECES = re.compile(r"/uploads/resumable/\w{12}/")


@pytest.fixture
def site(browser, transactional_db, live_server, cast, village, monkeypatch, tmp_path) -> SimpleNamespace:
    """A planner with a file of nine pieces."""
    monkeypatch.setattr(handing_in, "PIECE_BYTES", PIECE)
    path = tmp_path / "liugou.geojson"
    path.write_bytes(geojson(world.plan_rows()) + b" " * (8 * PIECE))
    return SimpleNamespace(planner=cast.planner, file=path, size=path.stat().st_size)


class Line:
    """The line between browser and portal: lets `pieces` pieces through, then breaks until it is mended."""

    def __init__(self, page: Page, pieces: int) -> None:
        self.page, self.left, self.offsets = page, pieces, []
        page.route(PIECES, self.answer)

    def answer(self, route: Route) -> None:
        if route.request.method == "PATCH":
            if self.left <= 0:
                route.abort("connectionreset")
                return
            self.left -= 1
            self.offsets.append(int(route.request.headers["upload-offset"]))
        elif self.left <= 0:
            route.abort("connectionreset")
            return
        route.continue_()

    def mend(self) -> None:
        self.left = 10_000


def hand_in(page: Page, file: Path) -> None:
    page.set_input_files("#id_file", file)
    page.get_by_role("button", name="Hand in and check").click()


def status(page: Page):
    return page.locator("[data-upload-word]")


def arrived(page: Page, run_jobs) -> Upload:
    """The upload whose page the browser was led to, judged."""
    page.wait_for_url(re.compile(r"/uploads/\w{12}/"))
    run_jobs()
    return Upload.objects.get(pk=page.url.rstrip("/").rsplit("/", 1)[1])


def test_a_line_that_breaks_in_the_middle_costs_one_piece(site, open_page, run_jobs, trouble_wanted):
    page = open_page(NEW, language="en", user=site.planner)
    line = Line(page, 4)
    hand_in(page, site.file)
    expect(status(page)).to_contain_text("Trying again")
    assert PartialUpload.objects.get().offset == 4 * PIECE
    line.mend()
    upload = arrived(page, run_jobs)
    assert line.offsets == [n * PIECE for n in range(9)]
    assert Path(upload.file.path).read_bytes() == site.file.read_bytes()
    expect(page.get_by_role("heading", name="Accepted")).to_be_visible(timeout=15000)
    assert PlanVersion.objects.get().number == 1
    # Waited for, not asked: the page may be on its way from "being checked" to the report.
    page.wait_for_function("!Object.keys(localStorage).some((k) => k.startsWith('tus::'))")


def test_a_session_that_ends_in_the_middle_costs_no_piece(site, open_page, run_jobs, trouble_wanted):
    page = open_page(NEW, language="en", user=site.planner)
    line = Line(page, 4)
    hand_in(page, site.file)
    expect(status(page)).to_contain_text("Trying again")
    Session.objects.all().delete()
    line.mend()
    expect(status(page)).to_contain_text("You were signed out")
    expect(status(page).get_by_role("link", name="Sign in")).to_have_attribute("href", "/login/")
    sign_in(page, site.planner)
    page.get_by_role("button", name="Continue").click()
    arrived(page, run_jobs)
    assert line.offsets == [n * PIECE for n in range(9)]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_after_the_tab_was_closed_the_page_offers_to_go_on(size, site, open_page, run_jobs, axe, trouble_wanted):
    first = open_page(NEW, language="en", user=site.planner, size=size)
    Line(first, 4)
    first.fill("#id_note", "第一稿")
    hand_in(first, site.file)
    expect(status(first)).to_contain_text("Trying again")
    assert axe(first) == []
    page = first.context.new_page()
    first.close()
    page.goto(first.url)
    offer = page.locator("[data-upload-unfinished]")
    expect(offer).to_contain_text("liugou.geojson")
    expect(offer).to_contain_text("49 % is sent")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    line = Line(page, 100)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose the file and go on").focus()
        page.keyboard.press("Enter")
    chooser.value.set_files(site.file)
    upload = arrived(page, run_jobs)
    assert line.offsets == [n * PIECE for n in range(4, 9)]
    assert upload.options["note"] == "第一稿"
    assert (upload.size, upload.state) == (site.size, "accepted")


def test_another_file_than_the_unfinished_one_is_not_taken_for_it(site, open_page, tmp_path, trouble_wanted):
    page = open_page(NEW, language="en", user=site.planner)
    Line(page, 2)
    hand_in(page, site.file)
    expect(status(page)).to_contain_text("Trying again")
    page.unroute(PIECES)
    page.reload()
    other = tmp_path / "other" / "liugou.geojson"
    other.parent.mkdir()
    other.write_bytes(site.file.read_bytes() + b" ")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose the file and go on").click()
    chooser.value.set_files(other)
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary")).to_contain_text("another file than liugou.geojson")
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("[data-upload-unfinished]")).to_be_hidden()
    assert not PartialUpload.objects.exists()


def test_pause_continue_and_discard_by_keys(site, open_page, trouble_wanted):
    page = open_page(NEW, language="en", user=site.planner)
    line = Line(page, 3)
    hand_in(page, site.file)
    pause = page.locator("[data-upload-pause]")
    expect(pause).to_be_focused()
    expect(status(page)).to_contain_text("Trying again")
    page.keyboard.press("Enter")
    expect(pause).to_have_text("Continue")
    expect(status(page)).to_contain_text("Paused")
    line.left = 2
    page.keyboard.press("Enter")
    expect(pause).to_have_text("Pause")
    expect(status(page)).to_contain_text("Trying again")
    assert line.offsets == [n * PIECE for n in range(5)]
    line.mend()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Hand in and check")).to_be_focused()
    expect(page.locator("[data-upload-progress]")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(page.locator("[data-upload-unfinished]")).to_be_hidden()
    assert not PartialUpload.objects.exists()


def test_a_file_that_was_handed_in_before_is_known_before_a_byte_is_sent(site, open_page, run_jobs, axe):
    page = open_page(NEW, language="en", user=site.planner)
    hand_in(page, site.file)
    first = arrived(page, run_jobs)
    page.goto(page.url.replace(f"/{first.pk}/", "/new/"))
    line = Line(page, 100)
    hand_in(page, site.file)
    box = page.locator("[data-upload-known] .notice")
    expect(box).to_be_focused()
    expect(box).to_contain_text("accepted as version 1")
    expect(box.get_by_role("link")).to_have_attribute("href", f"/uploads/{first.pk}/")
    assert axe(page) == []
    assert line.offsets == []
    box.get_by_role("button", name="Hand it in all the same").click()
    second = arrived(page, run_jobs)
    assert second.pk != first.pk
    assert second.sha256 == first.sha256


def test_without_cryptography_the_server_knows_the_file_at_the_end(site, open_page, run_jobs):
    page = open_page(NEW, language="en", user=site.planner)
    hand_in(page, site.file)
    first = arrived(page, run_jobs)
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    page.goto(page.url.replace(f"/{first.pk}/", "/new/"))
    hand_in(page, site.file)
    expect(page.locator("[data-upload-known]")).to_contain_text("accepted as version 1")
    assert Upload.objects.count() == 1
