"""From the printed slip to the public comment on a phone, and entering for others at a meeting: in a browser, both languages."""

from io import BytesIO
from urllib.parse import urlsplit

import pypdfium2
import pytest
from playwright.sync_api import expect

from planning.models import Comment
from portal.models import User
from tests.browser.conftest import DESK, PHONE, ROOT
from villages import household_codes, joining
from villages.models import Household

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PASSWORD = "sunny-tractor-42-walnut"


@pytest.fixture
def households(portal) -> list[Household]:
    return [
        Household.objects.create(village=portal.village, number=f"{n:03d}", head_name="柳大山", persons=4)
        for n in range(1, 4)
    ]


def addresses(pdf: bytes) -> list[str]:
    """Where the QR codes of the first page lead."""
    zxingcpp = pytest.importorskip("zxingcpp")
    picture = pypdfium2.PdfDocument(BytesIO(pdf))[0].render(scale=2.5, grayscale=True).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def test_from_the_printed_slip_to_the_public_comment(portal, households, open_page):
    office = open_page(f"/villages/{portal.village.code}/household-codes/", language="en", user=portal.cast.committee)
    office.get_by_label("002").check()
    office.get_by_label("Only those I tick below").check()
    with office.expect_download() as waiting:
        office.get_by_role("button", name="Make the slips").click()
    (address,) = addresses(waiting.value.path().read_bytes())
    office.reload()
    expect(office.get_by_role("row", name="002")).to_contain_text("holds until")

    phone = open_page(urlsplit(address).path, size=PHONE, language="en")
    expect(phone.locator("h1")).to_have_text("Join with a code")
    expect(phone.locator(".lead")).to_contain_text(portal.village.short_name)
    phone.get_by_label("What shall we call you in public?").fill("山里人")
    phone.get_by_label("Think of a password").fill("12345678")
    phone.get_by_label("Show what I type").check()
    expect(phone.get_by_label("Think of a password")).to_have_attribute("type", "text")
    phone.get_by_role("button", name="Open my account").click()
    expect(phone.locator(".error-summary")).to_contain_text("agree")
    phone.get_by_label("I agree that this is kept.").check()
    phone.get_by_role("button", name="Open my account").click()
    expect(phone.locator(".error-summary")).to_contain_text("password")
    phone.get_by_label("Think of a password").fill(PASSWORD)
    phone.get_by_role("button", name="Open my account").click()
    name = phone.locator(".join-name__large")
    expect(name).to_have_text(User.objects.get(nickname="山里人").username)
    phone.get_by_role("link", name="To the plan of my village").click()
    expect(phone.locator("h1")).to_contain_text(portal.village.short_name)
    phone.goto(f"{portal.url}/versions/{portal.version.pk}/comments/")
    phone.fill("#id_text", "村口的路灯坏了三年")
    phone.get_by_role("button", name="Send the comment").click()
    expect(phone.locator("article.comment").last).to_contain_text("村口的路灯坏了三年")

    stranger = open_page(portal.page, size=PHONE, language="en")
    said = stranger.locator("article.comment", has_text="村口的路灯坏了三年")
    expect(said).to_contain_text("山里人")


def test_one_comment_after_the_other_is_entered_at_the_meeting(portal, open_page):
    page = open_page(f"/versions/{portal.version.pk}/comments/enter/", language="en", user=portal.cast.committee)
    page.get_by_label("Marked or written on paper").check()
    page.get_by_label("Who said it").fill("柳大娘")
    page.get_by_label("What was said").fill("井水发黄")
    box = page.locator("[data-map-box]")
    box.scroll_into_view_if_needed()
    box.click()
    expect(page.locator("[data-pinned-text]")).to_contain_text("in zone")
    page.get_by_role("button", name="Enter and go on").click()
    expect(page.get_by_role("heading", name="Entered today 1")).to_be_visible()
    expect(page.get_by_label("Marked or written on paper")).to_be_checked()
    expect(page.get_by_label("What was said")).to_be_focused()
    first = Comment.objects.get(text="井水发黄")
    assert first.geom is not None
    assert first.zone is not None
    page.keyboard.type("再要一盏路灯")
    page.context.set_offline(True)  # what was typed outlives the line, and the browser's own page of the fault
    page.get_by_label("What was said").press("Tab")
    page.get_by_role("button", name="Enter and go on").press("Enter")
    expect(page.get_by_label("What was said")).to_have_count(0)
    page.context.set_offline(False)
    page.goto(f"{portal.url}/versions/{portal.version.pk}/comments/enter/")
    expect(page.get_by_label("What was said")).to_have_value("再要一盏路灯")
    page.get_by_role("button", name="Enter and go on").press("Enter")
    expect(page.get_by_role("heading", name="Entered today 2")).to_be_visible()
    expect(page.get_by_label("What was said")).to_have_value("")
    page.locator(".desk-row", has_text="井水发黄").get_by_role("button").click()
    expect(page.locator(".desk-row", has_text="井水发黄")).to_contain_text("Reported as a mistake")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_fit_phone_and_desk_and_have_no_serious_faults_of_accessibility(
    portal, households, open_page, axe, language
):
    slips = household_codes.make(portal.village, by=portal.cast.committee)
    member = joining.join(slips[0].code, password=PASSWORD, nickname="山里人", agreed=True)
    pages = [
        ("/join/", None, 200), (f"/join/{slips[1].code}/", None, 200), ("/join/K7MP3WQHD9A/", None, 404),
        ("/join/", portal.cast.stranger, 200), ("/join/done/", member, 200), ("/me/", member, 200),
        (f"/villages/{portal.village.code}/household-codes/", portal.cast.committee, 200),
        (f"/versions/{portal.version.pk}/comments/enter/", portal.cast.committee, 200),
        (f"/versions/{portal.version.pk}/comments/enter/table/", portal.cast.committee, 200),
    ]  # fmt: skip
    for n, (address, user, status) in enumerate(pages):
        page = open_page(address, language=language, user=user, status=status, size=PHONE)
        assert axe(page) == [], (address, user)
        for size in (PHONE, DESK):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], (address, size)
            shot = ROOT / ".local" / "screenshots" / f"joining_{n}_{language}_{size[0]}.png"
            page.screenshot(path=shot, full_page=True)
        page.context.close()
