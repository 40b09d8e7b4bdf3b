"""The case of a version in a real browser: readable on a phone, in both languages, without scripts and by keys."""

from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from indicators import runs
from planning import commissions, returns, workflow
from planning.models import PlanVersion, WorkflowRule
from tests import world
from tests.browser.conftest import DESK, PHONE, ROOT
from tests.planning.test_returns import SHAPE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

PAYLOAD = '<img src=x onerror="window.__xss=1">'
PDF = b"%PDF-1.7\n%%EOF"
SCREENSHOTS = ROOT / ".local" / "screenshots"


@pytest.fixture
def office(browser, transactional_db, live_server, settings, cast, village) -> SimpleNamespace:
    """A version returned with two points, and the next one at its quality check, one point answered."""
    settings.DEMO = True
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )
    commissions.commission(village, by=cast.township, number="肥自然资〔2026〕8号", issued_on=timezone.localdate())
    first = world.make_version(village, by=cast.planner)
    runs.judge(first)
    first = world.advance(first, "quality_check")
    points = [
        {"zone": 9, "rule": "K4", "text": f"退到建设边界内{PAYLOAD}", "suggestion": SHAPE},
        {"page": "第12页", "text": "人口数与村庄概况不一致"},
    ]
    first = returns.return_with_items(first, points, by=cast.reviewer, note="请修改后重报")
    second = world.make_version(village, by=cast.planner)
    PlanVersion.objects.filter(pk=second.pk).update(layout=first.layout, checked_at=timezone.now())
    second = PlanVersion.objects.with_plan().get(pk=second.pk)
    one = first.return_items.first()
    returns.answer(one, second, by=cast.planner, accepted=False, reason=f"已批在建{PAYLOAD}")
    second = workflow.move(second, "resume", by=cast.township)
    return SimpleNamespace(cast=cast, village=village, first=first, second=second, item=one)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_of_a_case_have_no_serious_faults_of_accessibility_and_run_nothing_from_data(
    office, open_page, axe, language
):
    other = world.make_version(world.make_village(world.OTHER, col=20), by=office.cast.other_committee)
    other = world.advance(other, "round1")
    empty = world.make_version(world.make_village(world.FAR, col=40), by=None)
    letter = world.advance(PlanVersion.objects.get(pk=office.second.pk), "submitted")
    world.write_decision(letter, body=f"批复{PAYLOAD}")
    addresses = [
        (f"/versions/{office.first.pk}/case/", office.cast.planner), (f"/versions/{office.second.pk}/case/", office.cast.leader),
        (f"/versions/{office.second.pk}/return/", office.cast.reviewer),
        (f"/versions/{office.second.pk}/decision/", office.cast.leader),
        (f"/versions/{office.second.pk}/decision/write/", office.cast.leader),
        (f"/versions/{office.second.pk}/track/", office.cast.planner),
        (f"/versions/{other.pk}/case/", office.cast.township), (f"/versions/{other.pk}/rounds/new/", office.cast.township),
        (f"/versions/{other.pk}/assemblies/new/", office.cast.township),
        (f"/versions/{empty.pk}/case/", office.cast.leader), (f"/villages/{world.FAR}/commission/", office.cast.leader),
    ]  # fmt: skip
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for number, (address, user) in enumerate(addresses):
        page = open_page(address, language=language, user=user)
        page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        assert axe(page) == [], address
        assert page.evaluate("window.__xss") is None, address
        for width in (DESK[0], PHONE[0]):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{address} is too wide at {width}"
            page.screenshot(path=SCREENSHOTS / f"case-{number}-{language}-{width}.png", full_page=True)
        page.context.close()


def test_the_line_of_states_says_what_is_done_now_and_ahead(office, open_page):
    page = open_page(f"/versions/{office.second.pk}/case/", user=office.cast.leader, language="en")
    expect(page.locator(".stage--now")).to_contain_text("Quality check")
    expect(page.locator(".stage[aria-current=step]")).to_have_count(1)
    expect(page.locator(".stage--done")).to_have_count(2)  # commissioned, draft
    expect(page.locator(".stage--left_out")).to_have_count(4)  # the noticed layout came back: these were not made again
    expect(page.locator(".stage--ahead")).to_have_count(5)


def test_an_assembly_is_recorded_on_a_phone_without_scripts_and_opens_the_notice(
    browser, transactional_db, live_server, settings, cast, village, open_page
):
    version = world.advance(world.make_version(village, by=cast.planner), "assembly")
    page = open_page(f"/versions/{version.pk}/case/", size=PHONE, user=cast.township, scripts=False, language="en")
    expect(page.locator(".step--open_notice .missing")).to_contain_text("not recorded")
    page.locator("a[href$='/assemblies/new/']").click()
    for name, value in {
        "place": "village hall", "entitled": "30", "present": "24", "in_favour": "12", "against": "11", "abstained": "1",
        "summary": "agreed",
    }.items():  # fmt: skip
        page.fill(f"#id_{name}", value)
    page.select_option("#id_form", "representatives")
    for kind in ("minutes", "photo"):
        page.set_input_files(f"#id_{kind}", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.locator("form.card-box button[type=submit]").click()
    expect(page.locator("#assemblies + article")).to_contain_text("13 needed")
    page.locator("a[href$='/assemblies/new/']").click()
    page.select_option("#id_form", "representatives")
    for name, value in {
        "place": "village hall", "entitled": "30", "present": "24", "in_favour": "20", "against": "3", "abstained": "1",
        "summary": "agreed",
    }.items():  # fmt: skip
        page.fill(f"#id_{name}", value)
    for kind in ("minutes", "photo"):
        page.set_input_files(f"#id_{kind}", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.locator("form.card-box button[type=submit]").click()
    expect(page.locator("#assemblies + article .tag--fixed")).to_be_visible()
    page.locator(".step--open_notice button").click()
    expect(page.locator(".stage--now")).to_contain_text("Public notice")
    version.refresh_from_db()
    assert version.state == "notice"


def test_a_point_is_settled_by_keys(office, open_page):
    page = open_page(f"/versions/{office.second.pk}/case/", user=office.cast.reviewer, language="en")
    point = page.locator(f"#point-{office.item.pk}")
    point.locator("input[value=yes]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("agreed")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"#point-{office.item.pk} .tag--fixed")).to_be_visible()
    office.item.refresh_from_db()
    assert office.item.answer.settled is True
