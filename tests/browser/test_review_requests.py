"""The joint review in a real browser: an expert on a phone without scripts, a zone chosen on the map, no faults in two languages."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from indicators import runs
from planning import reviews
from planning.models import Opinion, PlanVersion
from tests import world
from tests.browser.conftest import DESK, PHONE
from tests.planning.review_case import asked, opened

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

PAYLOAD = '<img src=x onerror="window.__xss=1">'


@pytest.fixture
def office(browser, transactional_db, live_server, settings, cast, village) -> SimpleNamespace:
    """A version in joint review: the expert has declared and given two points, the department has not declared yet."""
    settings.DEMO = True
    version = world.make_version(village, by=cast.planner)
    runs.judge(version)
    version = world.advance(PlanVersion.objects.get(pk=version.pk), "joint_review")
    expert, department = opened(version, cast), asked(version, cast, "agriculture")
    object_ = reviews.give_opinion(
        expert, by=cast.expert, stance="object", text=f"新建宅基地占用果园，请移出。{PAYLOAD}", zone=9
    )
    reviews.give_opinion(expert, by=cast.expert, stance="change", text="补充防洪标准。", clause="第三章第十二条")
    reviews.answer(object_, by=cast.planner, outcome="partly", reason="移出一半。")
    return SimpleNamespace(cast=cast, version=version, expert=expert, department=department)


def look(page, name: str) -> None:
    """A picture for whoever wants to look, where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_of_the_joint_review_have_no_serious_faults_and_run_nothing_from_data(office, open_page, axe, language):
    version, cast = office.version, office.cast
    opinion = Opinion.objects.get(answer=None)
    addresses = [
        ("/reviews/", cast.expert), (f"/reviews/{office.expert.pk}/", cast.expert), (f"/reviews/{office.department.pk}/", cast.agriculture),
        (f"/reviews/{office.expert.pk}/", cast.leader), (f"/versions/{version.pk}/opinions/", cast.leader),
        (f"/versions/{version.pk}/reviews/new/", cast.leader), (f"/opinions/{opinion.pk}/answer/", cast.planner),
        (f"/versions/{version.pk}/case/", cast.leader), (f"/versions/{version.pk}/case/", cast.planner), ("/desk/", cast.expert),
    ]  # fmt: skip
    for number, (address, user) in enumerate(addresses):
        page = open_page(address, language=language, user=user)
        page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        assert axe(page) == [], address
        assert page.evaluate("window.__xss") is None, address
        for width in (DESK[0], PHONE[0]):
            page.set_viewport_size({"width": width, "height": 800})
            look(page, f"reviews-{number}-{language}-{width}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{address} is too wide at {width}"
        page.context.close()


def test_a_department_declares_writes_and_completes_on_a_phone_without_scripts(office, open_page):
    page = open_page("/desk/", size=PHONE, user=office.cast.agriculture, scripts=False, language="en")
    page.locator(f"a[href='/reviews/{office.department.pk}/']").click()
    expect(page.locator("#opinion-form")).to_have_count(0)
    page.locator("form", has=page.locator("input[value=no]")).locator("button").click()
    form = page.locator("#opinion-form")
    form.locator("button[type=submit]").click()
    expect(page.locator(".error-summary")).to_contain_text("Please write your opinion.")
    page.select_option("#id_stance", "change")
    page.select_option("#id_zone", "3")
    page.fill("#id_text", "Keep the ditch")
    page.locator("#opinion-form button[type=submit]").click()
    expect(page.locator("article.comment")).to_contain_text("Keep the ditch")
    page.locator("form[action$='/finish/'] button").click()
    expect(page.locator(".page-head .tag").first).to_have_text("Complete")
    page.context.close()
    assert office.version.opinions.get(text="Keep the ditch").zone.number == 3


def test_a_tap_on_the_map_chooses_the_zone_of_the_opinion(office, open_page):
    page = open_page(f"/reviews/{office.expert.pk}/", user=office.cast.expert, language="en")
    box = page.locator("[data-map-box]")
    box.focus()
    page.keyboard.press("Enter")  # reads the place in the middle
    page.locator("[data-map-panel] button.btn-primary").click()
    expect(page.locator("#id_text")).to_be_focused()
    assert page.locator("#id_zone").input_value() in ("5", "6")
