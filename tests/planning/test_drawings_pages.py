"""The page of a village's drawings, the drawing board, and the ways to and from them."""

import pytest
from django.conf import settings

from planning.models import Drawing
from tests import world

LIST = f"/villages/{world.LIUGOU}/drawings/"


@pytest.fixture
def planner(as_user):
    client = as_user("planner")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def test_a_drawing_is_begun_named_put_away_and_reopened(version, planner):
    assert "Nothing is being drawn." in planner.get(LIST).content.decode()
    answer = planner.post(LIST, {"start": "version", "version": version.pk, "title": "方案一"})
    drawing = Drawing.objects.get()
    assert answer["Location"] == f"/drawings/{drawing.pk}/"
    board = planner.get(answer["Location"])
    assert board.context["draw_options"]["steps"] == f"/api/v1/drawings/{drawing.pk}/steps/"
    assert board.context["draw_options"]["upload"] == "/uploads/{id}/"
    page = planner.get(LIST).content.decode()
    assert "方案一" in page
    assert "10 zones" in page
    assert "周工" in page
    planner.post(f"/drawings/{drawing.pk}/discard/")
    assert "1 drawing put away" in planner.get(LIST).content.decode()
    assert planner.post(f"/drawings/{drawing.pk}/reopen/")["Location"] == f"/drawings/{drawing.pk}/"
    planner.post(f"/drawings/{drawing.pk}/rename/", {"title": "方案二"})
    drawing.refresh_from_db()
    assert (drawing.title, drawing.state) == ("方案二", "open")


@pytest.mark.parametrize(
    "form", [{}, {"start": "version"}, {"start": "version", "version": "x" * 12}, {"start": "now"}]
)
def test_a_form_that_says_too_little_is_answered_in_words(form, version, planner):
    answer = planner.post(LIST, form)
    assert answer.status_code == 400
    assert answer.context["error"]
    assert not Drawing.objects.exists()


def test_the_pages_lead_to_the_drawings_and_back(version, planner, as_user):
    assert LIST in planner.get(f"/villages/{world.LIUGOU}/").content.decode()
    assert LIST in planner.get(f"/uploads/new/?village={world.LIUGOU}").content.decode()
    assert LIST not in as_user("township").get(f"/villages/{world.LIUGOU}/").content.decode()


@pytest.mark.parametrize("who", ["villager", "stranger", "other_committee", "township", "reviewer", "province"])
def test_for_all_others_there_are_no_drawings(who, version, planner, as_user):
    planner.post(LIST, {"start": "version", "version": version.pk})
    drawing = Drawing.objects.get()
    client = as_user(who)
    for address in (LIST, f"/drawings/{drawing.pk}/"):
        assert client.get(address).status_code == 404
    for act in ("discard", "reopen", "rename"):
        assert client.post(f"/drawings/{drawing.pk}/{act}/", {"title": "x"}).status_code == 404
    assert as_user().get(LIST).status_code == 302
