"""Signing in, setting up the second factor and looking after accounts, in a real browser, on a phone and on a desk."""

import base64
import time

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import expect

from portal.models import Membership, Role, SecondFactor, User
from tests import world
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the server runs in another thread


def code_of(key: str, later: int = 0) -> str:
    return TOTP(base64.b32decode(key), 6, SHA1(), 30).generate(time.time() + later).decode()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_official_sets_up_the_second_factor_and_comes_where_they_wanted(portal, open_page, axe, settings, scripts):
    settings.SECOND_FACTOR = True
    page = open_page("/login/?next=/account/sign-in/", size=PHONE, language="en", scripts=scripts)
    page.fill("#id_username", "planner")
    page.fill("#id_password", "right-horse-battery")
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Set up the second factor")).to_be_visible()
    picture = page.locator("img.qr")
    expect(picture).to_be_visible()
    if scripts:
        assert axe(page) == []
        assert picture.evaluate("node => node.complete && node.naturalWidth > 0")
    page.get_by_text("I cannot scan").click()
    key = page.locator(".key").inner_text().replace(" ", "")
    page.fill("#id_code", "000000")
    page.get_by_role("button", name="Take it into use").click()
    expect(page.locator(".error-summary")).to_contain_text("This code is not right")
    page.fill("#id_code", code_of(key))
    page.get_by_role("button", name="Take it into use").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("link", name="I have written them down").click()
    expect(page.locator("main")).to_contain_text("10 recovery codes are left")
    page.locator(".site-header").get_by_role("button", name="Sign out").click()
    page.goto(f"{portal.url}/login/")
    page.fill("#id_username", "planner")
    page.fill("#id_password", "right-horse-battery")
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.fill("#id_code", code_of(key, 30))
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.locator(".site-header").get_by_role("button", name="Sign out")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_of_signing_in_have_no_serious_faults_of_accessibility(portal, open_page, axe, size, language):
    administrator = User.objects.create_user("county_admin", password="right-horse-battery", full_name="管理员")
    Membership.objects.create(user=administrator, role=Role.ADMINISTRATOR, division_code=world.COUNTY)
    SecondFactor.objects.create(user=administrator, key="A" * 32)
    SecondFactor.objects.create(user=portal.cast.planner, key="A" * 32)
    page = open_page("/login/", size=size, language=language)
    look(page, axe, "login", size, language)
    page.fill("#id_username", "planner")
    page.fill("#id_password", "right-horse-battery")
    with page.expect_navigation():
        page.locator("main button[type=submit]").click()
    look(page, axe, "code", size, language)
    page = open_page("/account/sign-in/", size=size, language=language, user=administrator)
    for name, address in [
        ("own", "/account/sign-in/"), ("password", "/account/sign-in/password/"), ("accounts", "/accounts/"),
        ("nobody", "/accounts/?q=nobody"), ("account", "/accounts/planner/"),
    ]:  # fmt: skip
        page.goto(portal.url + address)
        look(page, axe, name, size, language)
    with page.expect_navigation():
        page.locator("form[action$='/link/'] button").click()
    look(page, axe, "link", size, language)
    link = page.locator("#link").input_value()
    page.goto(portal.url + "/" + link.split("/", 3)[3])
    look(page, axe, "new password", size, language)


def look(page, axe, name: str, size: tuple[int, int], language: str) -> None:
    expect(page.locator("main h1"), name).to_have_count(1)
    assert axe(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0], f"{name} scrolls sideways"
