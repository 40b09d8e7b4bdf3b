"""Three comments answered at once by keyboard at a desk, and what the resident reads of it on a phone."""

import pytest
from playwright.sync_api import expect

from planning import participation
from planning.models import Reply
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the server runs in another thread


def test_the_committee_answers_three_by_keyboard_and_the_resident_reads_what_became_of_it(portal, open_page, axe):
    version, cast = portal.version, portal.cast
    for text in ("村口的路太窄，车进不来。", "村口的路太窄了，车都进不来！", "村口的路太窄，消防车进不来。"):
        participation.post_comment(version, by=cast.villager, text=text, zone=6)

    work = open_page(f"/versions/{version.pk}/answers/?by=words", size=DESK, language="en", user=cast.committee)
    assert axe(work) == []
    expect(work.get_by_text("Answered 1 of 5")).to_be_visible()
    work.get_by_role("button", name="Choose all of these").first.focus()
    work.keyboard.press("Enter")
    expect(work.locator("[data-chosen-count]").first).to_have_text("Chosen 3")
    work.get_by_label("Not adopted").focus()
    work.keyboard.press("Space")
    work.get_by_label("Official answer").focus()
    work.keyboard.type("路宽受两侧老屋所限，改为设错车道。")
    work.keyboard.press("Tab")
    work.keyboard.press("Enter")
    expect(work.get_by_text("3 comments were answered")).to_be_visible()
    expect(work.get_by_text("Answered 4 of 5")).to_be_visible()
    assert Reply.objects.filter(adoption="not_adopted").values("batch").distinct().count() == 1

    for language in ("zh-hans", "en"):
        phone = open_page(f"/versions/{version.pk}/heard/", size=PHONE, language=language, user=cast.villager)
        assert axe(phone) == []
        place = phone.locator("#zone-6")
        expect(place.locator(".heard-said")).to_have_count(3)
        expect(place.locator(".heard-said .heard-state--not_adopted")).to_have_count(3)
        expect(place.get_by_text("改为设错车道")).to_have_count(1)
        expect(phone.locator("a[download]")).to_have_count(2)
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    with phone.expect_download() as taken:
        phone.locator("a[download][href$='docx']").click()
    assert taken.value.suggested_filename.endswith(".docx")
