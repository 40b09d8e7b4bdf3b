"""An exception from asking to confirming, in a real browser: by keys, without scripts, on a phone."""

from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import expect

from indicators import runs
from planning import waivers
from planning.models import PlanVersion, Waiver
from tests import world
from tests.browser.conftest import DESK, PHONE
from villages.models import Village

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

BAD_ROWS = ["070301", *world.plan_rows()[1:]]  # homesteads on permanent farmland, outside the boundary
PAYLOAD = '<img src=x onerror="window.__xss=1">'
PDF = b"%PDF-1.7\n%%EOF"


@pytest.fixture
def office(browser, transactional_db, live_server, settings, cast, village) -> SimpleNamespace:
    """A first version, and a second one with an exception, one that waits, and results that are out of date."""
    settings.DEMO = True
    runs.judge(world.make_version(village, by=cast.planner))
    version = world.make_version(village, rows=BAD_ROWS, by=cast.planner)
    runs.judge(version)
    version = world.publish(PlanVersion.objects.get(pk=version.pk), cast.township)
    done = waivers.confirm(asked(version, "K4", cast.leader), by=cast.reviewer)
    waiting = asked(version, "K1", cast.reviewer)
    village.facts.filter(code="population").update(value=1300)
    Village.objects.filter(pk=village.pk).update(revision=village.revision + 1)
    return SimpleNamespace(cast=cast, village=village, version=version, done=done, waiting=waiting)


def asked(version: PlanVersion, code: str, by: object) -> Waiver:
    finding = version.findings.filter(code=code).first()
    document = ContentFile(PDF, name=f"{PAYLOAD}.pdf")
    return waivers.propose(
        finding, reason=f"省级重点项目{PAYLOAD}", document=document, document_number="鲁自然资函〔2026〕12号", by=by
    )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_of_exceptions_have_no_serious_faults_of_accessibility_and_run_nothing_from_data(
    office, open_page, axe, language
):
    free = next(f for f in office.version.findings.filter(category="real", severity="block") if f.code != "K1")
    addresses = [
        (f"/exceptions/{office.waiting.pk}/", office.cast.leader), (f"/exceptions/{office.done.pk}/", office.cast.planner),
        (f"/versions/{office.version.pk}/findings/{free.number}/exception/", office.cast.reviewer),
        (f"/versions/{office.version.pk}/review/", office.cast.leader), (f"/versions/{office.version.pk}/", None),
        ("/desk/", office.cast.leader),
    ]  # fmt: skip
    for address, user in addresses:
        page = open_page(address, language=language, user=user)
        page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        assert axe(page) == [], address
        assert page.evaluate("window.__xss") is None, address
        for width in (DESK[0], PHONE[0]):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{address} is too wide at {width}"
        page.context.close()


def test_two_officials_grant_an_exception_without_scripts_on_a_phone(office, open_page):
    free = next(f for f in office.version.findings.filter(category="real", severity="block") if f.code != "K1")
    address = f"/versions/{office.version.pk}/findings/{free.number}/exception/"
    page = open_page(address, size=PHONE, user=office.cast.reviewer, scripts=False, language="en")
    page.locator("form.card-box button[type=submit]").click()
    expect(page.locator(".error-summary")).to_contain_text("Please give the reason.")
    page.fill("#id_reason", "Provincial project")
    page.fill("#id_document_number", "12")
    page.set_input_files("#id_document", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.locator("form.card-box button[type=submit]").click()
    waiver = Waiver.objects.get(reason="Provincial project")
    assert page.url.endswith(f"/exceptions/{waiver.pk}/")
    expect(page.locator("button", has_text="Confirm")).to_have_count(0)
    page.context.close()
    page = open_page(f"/exceptions/{waiver.pk}/", size=PHONE, user=office.cast.leader, scripts=False, language="en")
    page.locator("form", has=page.locator("input[value=confirm]")).locator("button").click()
    expect(page.locator(".tag--exception")).to_have_text("Confirmed")
    page.context.close()
    assert office.version.findings.get(pk=free.pk).waiver_id == waiver.pk


def test_the_second_person_confirms_by_keys_from_the_desk(office, open_page):
    page = open_page("/desk/", user=office.cast.leader, language="en")
    link = page.locator(f"a[href='/exceptions/{office.waiting.pk}/']")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/exceptions/**")
    page.locator("#note-confirm").focus()
    page.keyboard.type("agreed")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".tag--exception")).to_be_visible()
    office.waiting.refresh_from_db()
    assert (office.waiting.state, office.waiting.decision_note) == ("confirmed", "agreed")


def test_whoever_sees_results_out_of_date_may_have_them_computed_again(office, open_page):
    page = open_page(f"/versions/{office.version.pk}/review/", user=office.cast.leader, scripts=False, language="en")
    page.locator(".stale-band button").click()
    expect(page.locator(".job-box")).to_be_visible()
    expect(page.locator(".stale-band button")).to_have_count(0)
