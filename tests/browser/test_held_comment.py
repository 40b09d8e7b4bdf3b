"""A comment that waits for a look, from the one who writes it to the one who lets it out, on a phone and on a desk."""

import pytest
from playwright.sync_api import expect

from planning.models import Comment
from tests.browser.conftest import DESK, PHONE

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)  # the server runs in another thread


def test_a_comment_with_a_listed_word_goes_from_its_author_to_the_township_and_to_the_public(portal, open_page, axe):
    page = open_page(f"{portal.page}comments/", size=PHONE, user=portal.cast.villager)
    page.get_by_label("您的意见").fill("这里有样例违禁词")
    page.locator("form.card-box button[type=submit]").click()
    comment = page.locator("article.comment", has_text="样例违禁词")
    expect(comment).to_contain_text("3")
    assert axe(page) == []
    stranger = open_page(portal.page, size=PHONE, user=portal.cast.stranger)
    expect(stranger.locator("#comments ~ p.soft").first).to_contain_text("1")
    expect(stranger.get_by_text("样例违禁词")).to_have_count(0)

    office = open_page("/waiting/", size=DESK, user=portal.cast.township)
    assert axe(office) == []
    office.locator("#comments_to_look_at-title ~ ul a").click()
    held = Comment.objects.get(text="这里有样例违禁词")
    expect(office.locator("h1")).to_be_visible()
    assert axe(office) == []
    office.locator(f"#c-{held.pk} input").check()
    office.locator("#verdict-release").check()
    office.locator("#answer-box button[type=submit]").click()
    expect(office.locator("[role=alert], .messages, .notice").first).to_be_visible()
    expect(office.locator(f"#c-{held.pk}")).to_have_count(0)
    stranger.reload()
    expect(stranger.locator(f"#comment-{held.pk}")).to_contain_text("样例违禁词")

    words = open_page("/watched-words/", size=PHONE, user=portal.cast.reviewer)
    assert axe(words) == []
    expect(words.locator("tbody tr")).to_have_count(2)
