"""Themes of comments: guessed by words, put right by whoever answers."""

import pytest

from planning import participation, themes
from portal.errors import NotAllowed, PortalError
from portal.models import AuditEntry

SAID = {
    "新宅基地占了村南的水浇地，能不能换到村西？": "housing",
    "山上要建的旅游接待点在生态红线里，怕影响水源。": "ecology",
    "我家门前的路规划多宽？消防车能不能进来？": "roads",
    "征地补偿多少钱": "money",
    "公示牌看不懂": "procedure",
    "The ROAD is too narrow for the bus": "roads",
    "厕所和污水怎么办": "water",
    "同意": "other",
    "": "other",
    "a broad view": "other",  # “road” counts at the beginning of a word only
}


@pytest.mark.parametrize("text", SAID)
def test_a_theme_is_guessed_by_the_words(text):
    assert themes.guess(text) == SAID[text]


def test_the_list_says_where_it_comes_from_and_that_it_is_a_sample():
    content = themes.content()
    assert content["sample"] is True
    assert content["source"]
    assert content["date"]
    assert list(themes.listed())[-1] == themes.OTHER
    assert all(row["zh"] and row["en"] for row in content["themes"])


@pytest.mark.django_db
def test_whoever_answers_puts_the_theme_right_and_it_is_on_record(public_version, cast, as_user):
    comment = participation.post_comment(public_version, by=cast.villager, text="路太窄")
    assert comment.theme == themes.of(comment).code == "roads"
    for who in ("villager", "reviewer", "other_committee", "stranger"):
        with pytest.raises(NotAllowed):
            themes.set_theme(comment, "water", by=getattr(cast, who))
    with pytest.raises(PortalError):
        themes.set_theme(comment, "weather", by=cast.committee)
    address = f"/api/v1/comments/{comment.pk}/theme/"
    answer = as_user("township").post(address, {"theme": "water"}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (200, "water")
    assert AuditEntry.objects.get(verb="comment.theme_set").after == {"theme": "water"}
    back = as_user("committee").post(f"/comments/{comment.pk}/theme/?by=theme", {"theme": "roads"})
    assert back["Location"] == f"/versions/{public_version.pk}/answers/?by=theme#c-{comment.pk}"
    comment.refresh_from_db()
    assert comment.theme == "roads"


@pytest.mark.django_db
def test_the_list_is_public(as_user):
    body = as_user().get("/api/v1/comment-themes/").json()
    assert [row["code"] for row in body["results"]] == list(themes.listed())
