"""What planners, committees and officials see and do, in a real browser on a desk, in both languages."""

import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import expect

from indicators import runs
from planning import answers, participation, workflow
from planning.models import MappingProfile, PlanVersion, State, WorkflowRule
from portal.celery import app
from portal.models import Job, Upload, UploadIssue
from tests import world
from tests.browser.conftest import DESK, PHONE
from tests.grid import cell, geos

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the server runs in another thread

BAD_ROWS = ["070301", *world.plan_rows()[1:]]  # homesteads on permanent farmland, outside the boundary
PAYLOAD = '<img src=x onerror="window.__xss=1"><script>window.__xss=1</script>'


@pytest.fixture
def office(browser, transactional_db, live_server, settings, cast, village) -> SimpleNamespace:
    """A first version returned, a second one under review with conflicts and comments; two files, refused and accepted."""
    settings.DEMO = True
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )
    first = notice(village, cast)
    world.send_back(first, by=cast.reviewer, note="一、请补充")
    second = notice(village, cast, rows=BAD_ROWS)
    comment = participation.post_comment(second, by=cast.villager, text=f"我家门前的路多宽？{PAYLOAD}", zone=8)
    answers.answer(comment, by=cast.committee, text="按四米设计。", adoption="explained")
    second = world.put(workflow.move(second, "close_notice", by=cast.township), "submitted")
    upload = Upload.objects.create(
        division_code=village.code, name=f"{PAYLOAD}.gpkg", size=2048, sha256="0" * 64, state="refused", created_by=cast.planner,
        options={"profile": "ghydyh"}, result={"preview": preview()},
    )  # fmt: skip
    for n in range(3):
        UploadIssue.objects.create(
            upload=upload, code="G5", level="error", layer=PAYLOAD[:100], row=n + 1, geom=geos(cell(2 * n, 3)),
            params={"reason": "overlap", "other": n + 2, "area": 900.0, "area_m2": 900.0},
        )  # fmt: skip
    UploadIssue.objects.create(upload=upload, code="G8", level="warning", layer="GHYDYH", row=9, geom=geos(cell(7, 7)))
    return SimpleNamespace(cast=cast, village=village, version=second, first=first, upload=upload)


def notice(village: Any, cast: Any, **kwargs: Any) -> PlanVersion:
    version = world.make_version(village, by=cast.planner, **kwargs)
    runs.judge(version)
    return world.publish(PlanVersion.objects.get(pk=version.pk), cast.township)


def preview() -> dict[str, Any]:
    values = [
        {"value": "住宅", "count": 4, "code": None},
        {"value": PAYLOAD, "count": 1, "code": None},
        {"value": "0102", "count": 5, "code": "0102"},
    ]
    return {
        "layers": [{"name": "zones", "rows": 10, "crs": "EPSG:4490", "encoding": "utf-8"}], "layer": "zones",
        "fields": ["CODE", "AREA"], "rows": [["住宅", "100.5"], ["0102", "20"]], "columns": {"code": "CODE", "area_m2": "AREA"}, "values": values,
    }  # fmt: skip


def write_plan(folder: Path, rows: list[str], *, broken: bool = False) -> Path:
    """A GeoJSON of the village's ten rows; broken: the second row covers the third."""
    features = [
        {
            "type": "Feature",
            "properties": {"YDYHFLDM": code},
            "geometry": cell(0, n, 10, 2 if broken and n == 1 else 1).__geo_interface__,
        }
        for n, code in enumerate(rows)
    ]
    path = folder / "liugou.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "name": "GHYDYH", "features": features}), "utf-8")
    return path


@pytest.fixture
def worker(transactional_db):
    """A worker in a thread of its own: does queued jobs until the test ends."""
    over = threading.Event()

    def work() -> None:
        from django.db import connections

        app.loader.import_default_modules()
        while not over.wait(0.3):
            for job in Job.objects.filter(state=Job.State.QUEUED):
                app.tasks[job.kind](job.pk)
        connections.close_all()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    over.set()
    thread.join(30)


def review(version: PlanVersion) -> str:
    return f"/versions/{version.pk}/review/"


def addresses(office: SimpleNamespace) -> list[tuple[str, Any]]:
    cast = office.cast
    return [
        ("/desk/", cast.committee), ("/desk/", cast.reviewer), ("/desk/", cast.province), ("/uploads/new/", cast.planner),
        (f"/uploads/{office.upload.pk}/", cast.planner), (f"/uploads/{office.upload.pk}/mapping/", cast.planner),
        (review(office.version), cast.reviewer), (review(office.first), cast.committee),
        (f"/divisions/{world.COUNTY}/judgement/", cast.reviewer),
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_staff_pages_have_no_serious_faults_of_accessibility_and_run_nothing_from_data(
    office, open_page, axe, language
):
    for address, user in addresses(office):
        page = open_page(address, language=language, user=user)
        page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        assert axe(page) == [], (address, user)
        assert page.evaluate("window.__xss") is None, address
        for width in (DESK[0], PHONE[0]):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (
                f"{address} scrolls sideways at {width}"
            )
        page.context.close()  # an open page holds connections of the server, and these hold the database's


def test_staff_pages_work_without_scripts(office, open_page):
    for address, user in addresses(office)[3:6]:
        page = open_page(address, user=user, scripts=False)
        expect(page.locator("h1")).to_be_visible()
        page.context.close()
    page = open_page(review(office.version), user=office.cast.reviewer, scripts=False)
    page.fill("#note-return", "请修改")
    page.locator(".step--return button").click()
    page.fill("#zone-1", "1")
    page.fill("#text-1", "请改为耕地")
    page.locator("button.btn-danger").click()
    assert PlanVersion.objects.get(pk=office.version.pk).state == State.RETURNED


def test_a_planner_follows_an_issue_to_its_place_by_keys_and_back_by_the_map(office, open_page):
    page = open_page(f"/uploads/{office.upload.pk}/", language="en", user=office.cast.planner)
    expect(page.locator("[data-map-status]")).to_contain_text("Choose a row")
    before = page.locator(".leaflet-control-scale-line").inner_text()
    row, other = page.locator("tr[data-issue='2']"), page.locator("tr[data-issue='1']")
    row.locator("[data-show]").focus()
    page.keyboard.press("Enter")
    expect(row).to_have_attribute("aria-current", "true")
    expect(page.locator(".leaflet-control-scale-line")).not_to_have_text(before)
    other.locator("td").first.click()
    expect(other).to_have_attribute("aria-current", "true")
    expect(row).not_to_have_attribute("aria-current", "true")
    row.locator("[data-show]").click()
    shape = page.locator("path.leaflet-interactive").last  # the chosen shape is drawn last
    page.evaluate("document.querySelectorAll('[data-issue]').forEach((r) => r.removeAttribute('aria-current'))")
    shape.click()
    expect(row).to_have_attribute("aria-current", "true")


def test_a_good_file_goes_from_the_form_to_the_review_page(office, open_page, worker, tmp_path):
    page = open_page(f"/uploads/new/?village={world.LIUGOU}", language="en", user=office.cast.planner)
    page.set_input_files("#id_file", write_plan(tmp_path, world.plan_rows()))
    page.fill("#id_note", "第三稿")
    page.get_by_role("button", name="Hand in and check").click()
    page.wait_for_url("**/uploads/*/")
    expect(page.get_by_role("heading", name="Accepted")).to_be_visible(timeout=60000)
    made = PlanVersion.objects.order_by("-number").first()
    for _ in range(240):  # its tiles have another address once it was computed, and a page open meanwhile asks for both
        made.refresh_from_db()
        if made.checked_at:
            break
        page.wait_for_timeout(250)
    page.get_by_role("link", name="Open the version").click()
    expect(page.locator("h1")).to_contain_text("柳沟村")
    assert made.note == "第三稿"


def test_a_broken_file_is_refused_with_its_place_and_stores_nothing(office, open_page, worker, tmp_path):
    count = PlanVersion.objects.count()
    page = open_page("/uploads/new/", language="en", user=office.cast.planner)
    page.set_input_files("#id_file", write_plan(tmp_path, world.plan_rows(), broken=True))
    page.get_by_role("button", name="Hand in and check").click()
    expect(page.get_by_role("heading", name="Refused")).to_be_visible(timeout=60000)
    expect(page.locator("tr[data-issue]").first).to_be_visible()
    page.locator(".chips a", has_text="Overlap").click()
    expect(page.locator(".chips a[aria-current]")).to_contain_text("Overlap")
    assert PlanVersion.objects.count() == count


def test_a_file_of_the_wrong_kind_is_not_even_sent(office, open_page, tmp_path):
    page = open_page("/uploads/new/", language="en", user=office.cast.planner)
    wrong = tmp_path / "plan.dwg"
    wrong.write_bytes(b"AC1027")
    page.set_input_files("#id_file", wrong)
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("button", name="Hand in and check").click()
    expect(page.locator(".error-summary")).to_contain_text(".gpkg")
    page.locator(".error-summary a").click()
    expect(page.locator("#id_file")).to_be_focused()
    assert Upload.objects.count() == 1


def test_what_the_server_says_about_the_form_is_shown_beside_it(office, open_page, tmp_path, trouble_wanted):
    page = open_page("/uploads/new/", language="en", user=office.cast.planner)
    page.set_input_files("#id_file", write_plan(tmp_path, world.plan_rows()))
    page.locator("details.more summary").click()
    page.fill("#id_crs", "EPSG:2327")
    page.get_by_role("button", name="Hand in and check").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary a")).to_have_attribute("href", "#id_crs")
    page.fill("#id_crs", "")
    page.get_by_role("button", name="Hand in and check").click()
    page.wait_for_url("**/uploads/*/")


def test_the_check_can_be_stopped_from_its_page(office, open_page, tmp_path):
    page = open_page("/uploads/new/", language="en", user=office.cast.planner)
    page.set_input_files("#id_file", write_plan(tmp_path, world.plan_rows()))
    page.get_by_role("button", name="Hand in and check").click()
    page.get_by_role("button", name="Stop the check").click()
    expect(page.get_by_role("heading", name="The file was not checked")).to_be_visible()


def test_a_mapping_is_typed_with_keys_and_every_missing_class_is_named(office, open_page, trouble_wanted):
    page = open_page(f"/uploads/{office.upload.pk}/mapping/", language="en", user=office.cast.planner)
    page.fill("#id_class-0", "070301")
    expect(page.locator("tr", has=page.locator("#id_class-0")).locator("[data-class-name]")).to_contain_text(
        "一类农村宅基地"
    )
    page.get_by_role("button", name="Keep the mapping").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary li")).to_have_count(1)
    page.locator(".error-summary a").click()
    expect(page.locator("#id_class-1")).to_be_focused()
    page.keyboard.type("0301")
    page.get_by_role("button", name="Keep the mapping").click()
    page.wait_for_url(f"**/uploads/{office.upload.pk}/")
    codes = MappingProfile.objects.get(name=f"{world.LIUGOU}-1").content["codes"]
    assert codes == {"住宅": "070301", PAYLOAD: "0301"}


def test_a_leader_goes_from_a_conflict_to_the_map_and_returns_the_version_with_reasons(office, open_page):
    page = open_page(review(office.version), language="en", user=office.cast.leader)
    expect(page.locator("path.leaflet-interactive").first).to_be_attached()
    before = page.locator(".leaflet-control-scale-line").inner_text()
    first, second = page.locator("[data-finding]").first, page.locator("[data-finding]").nth(1)
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("aria-current", "true")
    expect(page.locator(".leaflet-control-scale-line")).not_to_have_text(before)
    second.locator("summary").click()
    expect(second).to_have_attribute("aria-current", "true")
    second.locator("[data-point]").check()
    page.locator(".bench-foot a[href='#decision']").click()
    expect(page.locator(".step--approve")).to_contain_text("Not possible yet")
    page.locator(".step--return textarea").fill("一、新增宅基地压占永久基本农田")
    page.locator(".step--return button").click()
    expect(page.locator("#note")).to_have_value("一、新增宅基地压占永久基本农田")
    expect(page.locator("#zone-1")).to_have_value("1")
    page.get_by_role("button", name="Return the version").click()
    page.wait_for_url("**/case/**")
    assert PlanVersion.objects.get(pk=office.version.pk).state == State.RETURNED
    page.goto(f"{page.url.split('/versions/')[0]}{review(office.version)}#history")
    expect(page.locator("#panel-history")).to_contain_text("一、新增宅基地压占永久基本农田")


def test_a_pin_leads_to_its_comment_and_a_place_is_read_out(office, open_page):
    page = open_page(review(office.version), language="en", user=office.cast.reviewer)
    page.locator(".leaflet-marker-icon.pin").first.click()
    expect(page.locator("[data-tab='comments']")).to_have_attribute("aria-selected", "true")
    expect(page.locator("article.comment").first).to_have_attribute("aria-current", "true")
    page.locator("article.comment").first.locator("[data-show]").click()
    box = page.locator("[data-map-box]")
    box.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-map-status]")).to_contain_text("It is now")


def test_the_committee_answers_from_the_review_page_and_comes_back_to_the_comment(office, open_page):
    comment = participation_comment(office)
    page = open_page(f"{review(comment.version)}#comments", language="en", user=office.cast.committee)
    page.check(f"#adoption-{comment.pk}-adopted")
    page.fill(f"#reply-{comment.pk}", "改为五米。")
    page.locator(f"#comment-{comment.pk}").get_by_role("button", name="Publish the answer").click()
    page.wait_for_url(f"**/review/#comment-{comment.pk}")
    expect(page.locator(f"#comment-{comment.pk} .reply")).to_contain_text("改为五米。")


def participation_comment(office: SimpleNamespace) -> Any:
    version = notice(office.village, office.cast)
    return participation.post_comment(version, by=office.cast.villager, text="路太窄", zone=10)


def test_a_note_half_written_asks_before_it_is_lost(office, open_page):
    page = open_page(f"{review(office.version)}#decision", language="en", user=office.cast.reviewer)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("#note-return").press_sequentially("一、")
    page.locator(".brand").click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(page.locator("#note-return")).to_have_value("一、")
