"""What a planner decides about a file, in a real browser: coordinate system, encoding, repairs, codes."""

from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from planning import imports
from portal.models import Job, Upload
from tests.browser.conftest import DESK, PHONE
from tests.planning import test_choices_codes as codes
from tests.planning import test_choices_repairs as repairs
from tests.planning.plan_files import zipped_plan

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the server runs in another thread

REMARK = "村民点、公共服务".encode("gb18030")


@pytest.fixture
def files(browser, transactional_db, live_server, settings, cast, village, run_jobs) -> SimpleNamespace:
    """A file without a coordinate system, one with an invalid outline, one with codes that need a person."""
    settings.DEMO = True

    def hand_in(name: str, content: bytes, **options: str) -> Upload:
        file = SimpleUploadedFile(name, content)
        upload = imports.receive(file, name=name, village=village, by=cast.planner, options=options)
        run_jobs()
        return Upload.objects.get(pk=upload.pk)

    place = hand_in("no_prj.zip", zipped_plan("EPSG:4548", remark=REMARK))
    repair = hand_in("invalid.geojson", repairs.plan(repairs.spiked()))
    text = hand_in("gbk.zip", zipped_plan("EPSG:4548", remark=REMARK, codes=["9999"] * 10), crs="EPSG:4548")
    survey = codes.hand_in(village, cast, run_jobs, codes.SURVEYED)
    return SimpleNamespace(cast=cast, village=village, place=place, repair=repair, text=text, survey=survey)


def page_of(upload: Upload) -> str:
    return f"/uploads/{upload.pk}/"


def addresses(files: SimpleNamespace) -> list[str]:
    pages = [page_of(u) for u in (files.place, files.repair, files.text, files.survey)]
    return [*pages, f"{page_of(files.survey)}codes/"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_of_decisions_have_no_serious_faults_of_accessibility(files, open_page, axe, language):
    for address in addresses(files):
        page = open_page(address, language=language, user=files.cast.planner)
        page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        assert axe(page) == [], address
        for width in (DESK[0], PHONE[0]):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{address} scrolls at {width}"
        page.context.close()


def test_a_planner_confirms_a_coordinate_system_by_keys(files, open_page):
    page = open_page(page_of(files.place), language="en", user=files.cast.planner)
    expect(page.locator("#crs [data-map-status]")).to_contain_text("Each box")
    page.locator("[data-place='1'] [data-show]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-place='1']")).to_have_attribute("aria-current", "true")
    page.locator("#id_cgcs2000").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-job-state]")).to_be_visible()
    assert Upload.objects.get(pk=files.place.pk).options["crs"] == "EPSG:4548"
    assert Job.objects.filter(state=Job.State.QUEUED).count() == 1


def test_without_scripts_a_system_a_repair_and_an_encoding_are_chosen(files, open_page):
    page = open_page(page_of(files.place), user=files.cast.planner, scripts=False)
    page.check("input[name=crs]")
    page.check("#id_cgcs2000")
    page.click("button[name=choose_crs]")
    page = open_page(page_of(files.repair), user=files.cast.planner, scripts=False)
    page.check("input[name=repairs]")
    page.check("#id_consent")
    page.click("button[name=choose_repairs]")
    page = open_page(page_of(files.text), user=files.cast.planner, scripts=False)
    page.check("#encoding input[name=encoding] >> nth=-1")
    page.click("button[name=choose_encoding]")
    waiting = Upload.objects.filter(state=Upload.State.WAITING)
    assert {u.pk for u in waiting} == {files.place.pk, files.repair.pk, files.text.pk}
    assert Upload.objects.get(pk=files.text.pk).options["encoding"]


def test_the_right_text_is_seen_among_the_encodings(files, open_page):
    page = open_page(page_of(files.text), language="en", user=files.cast.planner)
    expect(page.locator("#encoding")).to_have_attribute("open", "")  # another encoding is possible too
    expect(page.locator("#encoding .is-used")).to_contain_text("GB18030")
    expect(page.locator("#encoding td", has_text="村民点、公共服务").first).to_be_visible()


def test_codes_are_decided_on_table_and_map(files, open_page):
    page = open_page(f"{page_of(files.survey)}codes/", language="en", user=files.cast.planner)
    expect(page.locator("[data-map-status]")).to_contain_text("Choose a row")
    page.select_option("select[name=value-1]", "060102")
    expect(page.locator("[data-decided-words]")).to_have_text("3 of 4 zones decided")
    page.locator("#id_zone-1").focus()
    expect(page.locator("[data-zone='1']")).to_have_attribute("aria-current", "true")
    page.select_option("#id_zone-1", "060101")
    page.select_option("#id_zone-2", "")
    expect(page.locator("[data-decided-words]")).to_have_text("2 of 4 zones decided")
    page.locator("path.leaflet-interactive").last.click()
    page.get_by_role("button", name="Save the decisions").click()
    expect(page.locator("[data-job-state]")).to_be_visible()
    made = Upload.objects.order_by("-created_at").first()
    assert made.options["decisions"] == {"DLTB": {"5": "060101", "7": "060102"}}


def test_codes_are_decided_without_scripts(files, open_page):
    page = open_page(f"{page_of(files.survey)}codes/", user=files.cast.planner, scripts=False)
    page.select_option("select[name=value-1]", "060102")
    page.click("form[data-worklist] button[type=submit]")
    made = Upload.objects.order_by("-created_at").first()
    assert made.options["decisions"] == {"DLTB": {"5": "060102", "6": "060102", "7": "060102"}}
