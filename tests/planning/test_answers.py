"""Official answers: what becomes of a comment, one answer to several, who gives it, and what still waits."""

import pytest

from planning import alike, answering, answers, gates, participation
from planning.models import Comment, Reply
from portal.errors import NotAllowed, PortalError
from portal.models import AuditEntry

pytestmark = pytest.mark.django_db
HELD = "这里有样例违禁词，请看"


@pytest.fixture
def three(public_version, cast) -> list[Comment]:
    """Two comments that say nearly the same, and one that does not."""
    said = (("村口的路太窄，车进不来。", 3), ("村口的路太窄了，车都进不来！", 4), ("想要一个幼儿园", None))
    return [participation.post_comment(public_version, by=cast.villager, text=t, zone=z) for t, z in said]


def give(client, version, comments, **body):
    told = {"comments": [comment.pk for comment in comments], "text": "按五米修。", "adoption": "adopted", **body}
    return client.post(f"/api/v1/versions/{version.pk}/answers/", told, "application/json")


def test_one_answer_goes_to_several_and_each_author_is_told(three, public_version, cast, as_user):
    answer = give(as_user("committee"), public_version, three)
    assert answer.status_code == 201
    rows = answer.json()["results"]
    assert [(r["replies"][0]["text"], r["replies"][0]["adoption"]) for r in rows] == [("按五米修。", "adopted")] * 3
    assert len({row["replies"][0]["batch"] for row in rows}) == 1
    assert cast.villager.notifications.filter(kind="comment_answered").count() == 3
    entries = AuditEntry.objects.filter(verb="comment.answered")
    assert {entry.after["adoption"] for entry in entries} == {"adopted"}
    assert len({entry.after["batch"] for entry in entries}) == 1


def test_all_are_answered_or_none(three, public_version, cast, as_user):
    held = participation.post_comment(public_version, by=cast.villager, text=HELD)
    assert give(as_user("committee"), public_version, [*three, held]).status_code == 409
    assert not Reply.objects.exists()
    assert give(as_user("committee"), public_version, [*three[:2], Comment(pk="aaaaaaaaaaaa")]).status_code == 400
    assert not Reply.objects.exists()
    assert not AuditEntry.objects.filter(verb="comment.answered").exists()


def test_a_comment_of_another_version_is_not_answered_along(three, public_version, cast):
    from tests import world

    other = world.publish(world.make_version(public_version.village, by=cast.planner), cast.township)
    strange = participation.post_comment(other, by=cast.villager, text="别的")
    with pytest.raises(PortalError):
        answers.answer_many([three[0], strange], by=cast.committee, text="好", adoption="explained")
    with pytest.raises(PortalError):
        answers.named(public_version, [three[0].pk, strange.pk])
    assert not Reply.objects.exists()


WRONG = [
    {"adoption": ""}, {"adoption": "maybe"}, {"text": ""}, {"text": " \x00"}, {"text": "长" * 2001},
    {"text": "", "adoption": "not_adopted"}, {"text": "  ", "adoption": "partly"},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_an_answer_without_state_or_words_is_refused_in_words(three, cast, wrong):
    given = {"text": "好", "adoption": "adopted", **wrong}
    with pytest.raises(PortalError) as refused:
        answers.answer(three[0], by=cast.committee, **given)
    assert len(str(refused.value.message)) > 10
    assert not Reply.objects.exists()


def test_at_most_two_hundred_at_once(public_version):
    with pytest.raises(PortalError):
        answers.check_count(answers.MOST_AT_ONCE + 1)
    with pytest.raises(PortalError):
        answers.named(public_version, [])


@pytest.mark.parametrize("who", ["villager", "other_committee", "reviewer", "stranger"])
def test_only_committee_planner_and_township_answer_together_and_see_the_page_of_work(
    three, public_version, cast, as_user, who
):
    assert give(as_user(who), public_version, three).status_code == 403
    assert as_user(who).get(f"/versions/{public_version.pk}/answers/").status_code == 403
    assert as_user(who).get(f"/api/v1/versions/{public_version.pk}/answers/").status_code == 403
    with pytest.raises(NotAllowed):
        answers.answer_many(three, by=getattr(cast, who), text="好", adoption="adopted")
    assert not Reply.objects.exists()


def test_the_last_answer_counts_and_the_earlier_ones_stay(three, cast):
    first, *_rest = three
    answers.answer(first, by=cast.committee, text="先研究", adoption="open")
    assert answers.state(first) == "open"
    answers.answer(first, by=cast.township, text="采纳", adoption="adopted")
    fresh = Comment.objects.get(pk=first.pk)
    assert answers.state(fresh) == "adopted"
    assert [reply.text for reply in fresh.replies.all()] == ["先研究", "采纳"]


def test_a_second_click_gives_no_second_answer(three, public_version, cast):
    for _again in range(2):
        answers.answer_many(three, by=cast.committee, text="好", adoption="explained")
    assert Reply.objects.count() == 3
    assert cast.villager.notifications.filter(kind="comment_answered").count() == 3


def test_the_gate_counts_an_answer_that_puts_off_as_none_and_names_what_is_missing(three, public_version, cast):
    answers.answer(three[0], by=cast.committee, text="以后再说", adoption="open")
    answers.answer(three[1], by=cast.committee, text="采纳", adoption="adopted")
    said = gates.comments_answered(public_version)
    assert "1、3" in said
    assert said.url == f"/versions/{public_version.pk}/answers/"
    answers.answer_many([three[0], three[2]], by=cast.committee, text="说明", adoption="explained")
    assert gates.comments_answered(public_version) is None


def test_the_sentence_of_the_gate_leads_to_the_page_of_work(three, public_version, as_user):
    html = as_user("township").get(f"/versions/{public_version.pk}/case/").content.decode()
    assert f'href="/versions/{public_version.pk}/answers/"' in html


def test_a_held_comment_waits_for_no_answer(three, public_version, cast):
    participation.post_comment(public_version, by=cast.villager, text=HELD)
    assert answering.waiting_numbers(public_version) == [1, 2, 3]
    assert answering.progress(public_version).total == 3


def test_the_page_of_work_groups_filters_and_counts(three, public_version, cast, as_user):
    answers.answer(three[2], by=cast.committee, text="列入近期项目", adoption="partly")
    client, address = as_user("committee"), f"/versions/{public_version.pk}/answers/"
    page = client.get(address)
    done = page.context["progress"]
    assert (done.answered, done.total, done.left) == (1, 3, 2)
    assert done.days_left >= 0
    assert [[c.number for c in group.comments] for group in page.context["groups"]] == [[1], [2]]
    alike_ones = client.get(address, {"by": "words"}).context["groups"]
    assert [[c.number for c in group.comments] for group in alike_ones] == [[1, 2]]
    whole = client.get(address, {"by": "theme", "show": "all"}).context["groups"]
    assert [[c.number for c in group.comments] for group in whole] == [[1, 2], [3]]
    assert [
        g.comments[0].number for g in client.get(address, {"theme": "services", "show": "all"}).context["groups"]
    ] == [3]
    body = client.get(f"/api/v1/versions/{public_version.pk}/answers/", {"by": "words"}).json()
    assert (body["answered"], body["total"]) == (1, 3)
    assert body["groups"][0]["comments"] == [three[0].pk, three[1].pk]


def test_the_form_answers_the_chosen_and_keeps_what_was_written_when_refused(three, public_version, as_user):
    client, address = as_user("committee"), f"/versions/{public_version.pk}/answers/"
    chosen = [three[0].pk, three[1].pk]
    refused = client.post(address, {"comments": chosen, "text": "路修到五米"})
    assert refused.status_code == 400
    html = refused.content.decode()
    assert "路修到五米" in html
    assert html.count("checked") == 2
    assert client.post(address, {"text": "路修到五米", "adoption": "adopted"}).status_code == 400
    done = client.post(f"{address}?by=words", {"comments": chosen, "text": "路修到五米", "adoption": "adopted"})
    assert done["Location"] == f"{address}?by=words"
    assert Reply.objects.filter(adoption="adopted").count() == 2


def test_texts_that_are_alike_come_together():
    said = ["路太窄，车进不来", "要幼儿园", "路太窄了车进不来!", "", "！！", "Too narrow a road", "too narrow a ROAD."]
    assert alike.groups(said) == [[0, 2], [3, 4], [5, 6], [1]]
    assert alike.groups([]) == []
