"""Pages of personal data and of the record in a browser: on a phone and a desk, in both languages, by keys, without scripts."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from portal import people
from portal.models import Membership, Person, Role, User
from tests import world
from tests.browser.conftest import DESK, PHONE, ROOT

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
NUMBER = "11010519491231002X"


@pytest.fixture
def office(transactional_db, cast) -> SimpleNamespace:
    """The villager has given everything; an auditor of the county reads the record."""
    villager = cast.villager
    people.agree(villager, "identity", by=villager)
    people.record_identity(
        villager, by=villager, full_name="柳大爷", phone="13812345678", id_number=NUMBER, address="柳沟村三组7号"
    )
    people.look(villager, by=cast.township, purpose="verify")
    auditor = User.objects.create_user("auditor", full_name="审计员")
    Membership.objects.create(user=auditor, role=Role.AUDITOR, division_code=world.COUNTY)
    return SimpleNamespace(cast=cast, auditor=auditor, villager=villager)


def pages(office: SimpleNamespace) -> list[tuple[str, User]]:
    return [
        ("/me/", office.villager), ("/me/erase/", office.villager), ("/me/erase/", office.cast.committee),
        ("/people/", office.cast.committee), (f"/people/{office.villager.pk}/", office.cast.committee),
        ("/people/", office.cast.other_committee), ("/audit/", office.auditor), ("/audit/?verb=none", office.auditor),
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_of_data_fit_phone_and_desk_and_have_no_serious_faults_of_accessibility(office, open_page, axe, language):
    for n, (address, user) in enumerate(pages(office)):
        page = open_page(address, language=language, user=user)
        assert axe(page) == [], (address, user)
        for size in (DESK, PHONE):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], (address, size)
            shot = ROOT / ".local" / "screenshots" / f"own_data_{n}_{language}_{size[0]}.png"
            page.screenshot(path=shot, full_page=True)
        page.context.close()


def test_a_resident_corrects_takes_back_and_leaves_without_scripts(office, open_page):
    page = open_page("/me/", user=office.villager, language="en", scripts=False)
    page.fill("#id_phone", "123")
    page.get_by_role("button", name="Correct my data").click()
    expect(page.locator(".error-summary")).to_contain_text("11 digits")
    page.fill("#id_phone", "13900001111")
    page.get_by_role("button", name="Correct my data").click()
    expect(page.locator(".summary-list")).to_contain_text("139****1111")
    page.get_by_role("button", name="Take back").first.click()
    expect(page.locator(".summary-list")).not_to_contain_text("139****1111")
    assert Person.objects.get().phone == ""
    page.get_by_role("link", name="Close my account").click()
    page.fill("#id_password", "right-horse-battery")
    page.get_by_role("button", name="Erase my data for good").click()
    page.wait_for_load_state()
    assert not User.objects.get(pk=office.villager.pk).is_active


def test_a_committee_looks_with_a_purpose_and_verifies_by_keys(office, open_page):
    page = open_page("/people/", user=office.cast.committee, language="en")
    link = page.get_by_role("link", name="Open")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".summary-list")).to_contain_text("1101**********002X")
    page.get_by_role("button", name="Show in full").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".summary-list")).to_contain_text(NUMBER)
    page.get_by_role("button", name="agree with the card").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".lead")).to_contain_text("Verified on")
    assert Person.objects.get().verified_by == office.cast.committee
