"""Photos of a comment from a phone: two are added, one is taken out again, the line breaks; and without any script."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from planning.models import Comment, Photo
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the server runs in another thread


def photo(name: str, colour: str, size=(2600, 1800)) -> dict:
    out = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (36.0, 6.0, 18.0), 3: "E", 4: (116.0, 48.0, 18.0)})
    Image.new("RGB", size, colour).save(out, "JPEG", exif=exif)
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


ROAD, WELL = photo("IMG_1.jpg", "brown"), photo("IMG_2.jpg", "teal")


def test_a_resident_sends_a_photo_from_a_phone_and_takes_another_one_out(portal, open_page, axe, trouble_wanted):
    page = open_page(portal.page, size=PHONE, language="en", user=portal.cast.villager)
    box = page.locator("[data-photos]")
    choose = box.get_by_label("Choose photos")
    expect(box.get_by_label("Take a photo")).to_have_attribute("capture", "environment")
    choose.set_input_files([ROAD, WELL])
    expect(box.locator("li[data-state=sent]")).to_have_count(2)
    assert Photo.objects.count() == 2
    assert all(max(row.width, row.height) == 2000 for row in Photo.objects.all())
    for button in box.locator(".btn:visible, .photo__words input").all():
        assert button.bounding_box()["height"] >= 44
    box.get_by_label("What does photo 2 show?").fill("The well behind the school")
    box.get_by_role("button", name="Remove photo 1").focus()
    page.keyboard.press("Enter")
    expect(box.locator("li.photo")).to_have_count(1)
    expect(box.get_by_role("button", name="Remove photo 1")).to_be_focused()
    expect(box.get_by_label("What does photo 1 show?")).to_have_value("The well behind the school")
    expect(box.get_by_role("status")).to_contain_text("removed")
    assert axe(page) == []

    # the line breaks in the middle of the next one, and comes back
    page.route("**/photos/", lambda route: route.abort())
    choose.set_input_files(photo("IMG_3.jpg", "olive"))
    expect(box.locator("li[data-state=lost]")).to_contain_text("The connection was lost")
    page.unroute("**/photos/")
    box.get_by_role("button", name="Send it again").tap()
    expect(box.locator("li[data-state=sent]")).to_have_count(2)

    page.locator("#id_text").fill("The well needs a cover")
    page.get_by_role("button", name="Send the comment").tap()
    article = page.locator("article.comment", has_text="The well needs a cover")
    expect(article.get_by_role("img", name="The well behind the school")).to_be_visible()
    expect(article.locator("img")).to_have_count(2)
    expect(box.locator("li.photo")).to_have_count(0)
    comment = Comment.objects.get(text="The well needs a cover")
    assert [row.words for row in comment.photos.all()] == ["The well behind the school", ""]
    assert Photo.objects.filter(comment=None).count() == 0
    stranger = open_page(portal.page, size=PHONE, language="en")
    small = stranger.get_by_role("img", name="The well behind the school")
    small.scroll_into_view_if_needed()
    expect(small).to_have_js_property("complete", True)
    assert small.evaluate("image => image.naturalWidth") == 480
    assert axe(stranger) == []


def test_without_scripts_the_photo_goes_with_the_form(portal, open_page):
    page = open_page(f"{portal.page}comments/", size=PHONE, user=portal.cast.villager, scripts=False)
    page.locator("#id_text").fill("路面坏了")
    page.locator("#id_photo").set_input_files([ROAD, {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"<svg/>"}])
    with page.expect_navigation():
        page.locator("form.comment-form [type=submit]").click()
    expect(page.locator("#id_text")).to_have_value("路面坏了")
    expect(page.locator("input[name=photos]")).to_be_checked()
    page.locator("li.photo input[type=text]").fill("村口的路")
    with page.expect_navigation():
        page.locator("form.comment-form [type=submit]").click()
    article = page.locator("article.comment", has_text="路面坏了")
    expect(article.get_by_role("img", name="村口的路")).to_be_visible()
    with page.expect_navigation():
        article.get_by_role("link", name="村口的路").click()
    assert page.url.endswith(".jpg")
