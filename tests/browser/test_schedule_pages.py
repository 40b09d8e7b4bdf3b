"""Dates, what waits, what is late, the board and notifications in a real browser: by keys, on a phone, without scripts."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from planning.models import Deadline, PlannedDate
from portal import notify, workdays
from tests import world
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def office(browser, transactional_db, live_server, settings, cast, village) -> SimpleNamespace:
    """A version in joint review that is late, one in notice, a draft with a planned day; three things told."""
    settings.DEMO = True
    version = world.advance(world.make_version(village, by=cast.planner), "joint_review")
    Deadline.objects.filter(version=version).update(
        began_on=timezone.localdate() - timedelta(days=40), due_on=timezone.localdate() - timedelta(days=6)
    )
    other = world.advance(world.make_version(world.make_village(world.OTHER, col=20), by=cast.planner), "notice")
    far = world.make_version(world.make_village(world.FAR, col=40), by=cast.planner)
    PlannedDate.objects.create(
        version=far, state="assembly", on=workdays.add(timezone.localdate(), 60), by=cast.reviewer
    )
    for number in range(3):
        notify.tell(
            [cast.reviewer], "notice_opened", plan=other.plan.name, number=number, day=date(2026, 12, 1), url="/desk/"
        )
    return SimpleNamespace(cast=cast, version=version, other=other, far=far)


def addresses(office) -> list[str]:
    new = workdays.add(timezone.localdate(), 40)
    return [
        "/waiting/", "/late/", f"/divisions/{world.COUNTY}/board/", f"/divisions/{world.COUNTY}/board/?late=1", "/notifications/",
        f"/versions/{office.version.pk}/case/", f"/versions/{office.version.pk}/schedule/?state=assembly&on={new}",
        f"/versions/{office.version.pk}/schedule/", "/desk/",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_of_dates_have_no_serious_faults_of_accessibility_and_fit_a_phone(office, open_page, axe, language):
    for address in addresses(office):
        page = open_page(address, language=language, user=office.cast.reviewer)
        page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        assert axe(page) == [], address
        for width in (DESK[0], PHONE[0]):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{address} is too wide at {width}"
        page.context.close()


def test_a_day_is_moved_without_scripts_on_a_phone_after_seeing_what_moves(office, open_page):
    page = open_page(
        f"/versions/{office.version.pk}/case/", size=PHONE, user=office.cast.township, scripts=False, language="en"
    )
    page.locator("summary", has_text="Move a day").click()
    new = workdays.add(timezone.localdate(), 60)
    page.select_option("#id_move_state", "assembly")
    page.fill("#id_move_on", new.isoformat())
    page.locator("form", has=page.locator("#id_move_on")).locator("button").click()
    expect(page.locator("h2", has_text="What moves")).to_be_visible()
    expect(page.locator("tr", has_text="Public notice")).to_contain_text("+")
    assert not PlannedDate.objects.filter(version=office.version).exists()
    page.locator("form[method=post] button", has_text="Move the day").click()
    expect(page.locator("[role=status]")).to_contain_text("The day was moved")
    assert PlannedDate.objects.get(version=office.version).on == new


def test_what_was_told_is_opened_by_keys_from_the_bell(office, open_page):
    page = open_page("/desk/", user=office.cast.reviewer, language="en")
    before = notify.unread(office.cast.reviewer)
    expect(page.locator(".header-bell__count")).to_contain_text(str(before))
    page.locator(".header-bell").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/notifications/")
    page.locator(".told button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")
    expect(page.locator(".header-bell__count")).to_contain_text(str(before - 1))
