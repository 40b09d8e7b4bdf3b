"""An earlier consultation: the committee looks at the file on a phone and takes it in, a stranger reads it."""

import pytest
from playwright.sync_api import expect

from planning.models import Consultation
from tests.browser.conftest import PHONE
from tests.planning.test_consultations import as_csv

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the server runs in another thread


def test_the_committee_takes_in_a_consultation_and_a_stranger_reads_it(portal, open_page, axe):
    page = open_page(portal.page, size=PHONE, language="en", user=portal.cast.committee)
    with page.expect_navigation():
        page.get_by_role("link", name="Take in what people said in an earlier consultation").tap()
    page.get_by_label("How was the consultation called?").fill("Questionnaire 2025")
    page.get_by_label("Where does the file come from?").fill("The township")
    page.get_by_label("File with the comments").set_input_files(
        {"name": "意见.csv", "mimeType": "text/csv", "buffer": as_csv()}
    )
    assert axe(page) == []
    with page.expect_navigation():
        page.get_by_role("button", name="Look at the file").tap()
    expect(page.get_by_text("4 comments would be taken in.")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("Take in also what the moderator of that consultation had taken away").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Look again").tap()
    assert not Consultation.objects.exists()
    with page.expect_navigation():
        page.get_by_role("button", name="Take in 5 comments").tap()
    expect(page.get_by_text("5 comments were taken in.")).to_be_visible()
    assert axe(page) == []

    stranger = open_page(portal.page, size=PHONE, language="en")
    folded = stranger.locator("details", has_text="Questionnaire 2025")
    expect(folded.get_by_text("希望保留村口的老槐树")).to_be_hidden()
    folded.locator("summary").tap()
    expect(folded.get_by_text("希望保留村口的老槐树")).to_be_visible()
    expect(folded.locator("article").first).to_contain_text("agreed 1200, disagreed 0")
    assert axe(stranger) == []
    assert stranger.evaluate("document.documentElement.scrollWidth <= innerWidth")
