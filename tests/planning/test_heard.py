"""What residents said and what came of it: figures that add up, place by place, on over a split and a merge of zones."""

import datetime
import itertools
import random
from collections import Counter

import pytest
from django.conf import settings
from django.utils import timezone
from shapely.geometry import MultiPolygon

from planning import answers, causes, heard, heard_places, moderation, participation, supports, themes
from planning.models import Adoption, Comment, PlanVersion, Reply, Zone
from tests import world
from tests.grid import cell, centre, geos
from tests.rows import shared

pytestmark = pytest.mark.django_db
WAITS = "这里有样例违禁词，请看"


def say(version, cast, text, **about) -> Comment:
    return participation.post_comment(version, by=cast.villager, text=text, **about)


@shared
def talked(public_version, cast) -> PlanVersion:
    """One comment for each state, on zones, a project, a place and the whole, one hidden, one held."""
    by = cast.committee
    said = [
        ("路太窄", {"zone": 3}, "adopted"), ("路要加宽", {"zone": 3}, "not_adopted"), ("路灯不亮", {"zone": 4}, "partly"),
        ("要幼儿园", {"project": 1}, "explained"), ("厕所在哪里", {}, "open"), ("公示看不懂", {}, None),
    ]  # fmt: skip
    for text, about, adoption in said:
        comment = say(public_version, cast, text, **about)
        if adoption:
            answers.answer(comment, by=by, text=f"答：{text}", adoption=adoption)
    lon, lat = centre(5, 3)  # in zone 4
    hidden = say(public_version, cast, "骂人", lon=lon, lat=lat)
    moderation.hide(hidden, by=cast.township, reason="辱骂他人")
    say(public_version, cast, WAITS)
    return public_version


def test_the_figures_add_up(talked):
    rows = heard.read(talked)
    figures = heard.figures(talked, rows)
    assert figures.comments == len(rows) == 7
    assert sum(figures.states.values()) == figures.comments
    assert (figures.answered, figures.to_answer, figures.held) == (4, 7, 1)
    assert figures.to_answer - figures.answered == talked.comments.to_answer().count() == 3
    assert figures.hidden == [("辱骂他人", 1)]
    assert sum(sum(row.values()) for row in heard.by_theme(rows).values()) == figures.comments
    assert sum(len(said) for said in heard.by_place(rows).values()) == figures.comments
    assert heard.by_theme(rows)["roads"] == {"adopted": 1, "not_adopted": 1, "partly": 1}


@pytest.mark.parametrize("seed", range(3))
def test_sums_hold_whatever_was_said_and_answered(public_version, cast, seed):
    """Every comment is in one theme, one place and one state, with any mix of channels, answers, supports and hiding."""
    dice, now = random.Random(seed), timezone.now()
    zones = list(public_version.zones.all())
    comments = Comment.objects.bulk_create(
        Comment(
            version=public_version, author=cast.villager, text=dice.choice(["路", "同意", "水浇地", "征地补偿", "祠堂"]),
            zone=dice.choice([None, *zones]), theme=dice.choice(["", "", "roads", "no such theme"]),
            agreed_before=dice.choice([0, 0, 7]), channel=dice.choice(["portal", "meeting", "paper"]),
            **dice.choice([{}, {}, {"hidden_at": now, "hidden_reason": dice.choice(["一", "二"])}, {"held_at": now, "held_why": "all"}]),
        )
        for _n in range(60)
    )  # fmt: skip
    states = ["", *Adoption.values]
    given = [
        (comment, dice.choice(states))
        for comment in comments
        if not comment.waits
        for _again in range(dice.randrange(3))
    ]
    Reply.objects.bulk_create(Reply(comment=c, author=cast.committee, text="答", adoption=state) for c, state in given)
    rows = heard.read(public_version)
    figures = heard.figures(public_version, rows)
    assert figures.comments + figures.held == 60
    assert sum(figures.states.values()) == figures.comments
    assert set(figures.states) <= set(answers.STATES)
    per_theme = heard.by_theme(rows)
    assert set(per_theme) <= set(themes.listed())
    total = sum((Counter(row) for row in per_theme.values()), Counter())
    assert total == Counter(figures.states)
    assert sum(len(said) for said in heard.by_place(rows).values()) == figures.comments
    assert figures.to_answer - figures.answered == public_version.comments.to_answer().count()
    assert sum(count for _reason, count in figures.hidden) == sum(c.hidden_at is not None for c in comments)


def test_days_are_counted_to_the_first_answer_that_puts_nothing_off(public_version, cast):
    comment = say(public_version, cast, "路")
    answers.answer(comment, by=cast.committee, text="以后", adoption="open")
    assert heard.figures(public_version, heard.read(public_version)).days is None
    later = Reply(comment=comment, author=cast.committee, text="好", adoption="adopted")
    later.save()
    assert heard.read(public_version)[0].days < 1
    assert heard.days_between(comment.created_at, comment.created_at + datetime.timedelta(days=3)) == 3


def test_a_pin_counts_for_the_zone_it_lies_in(talked):
    places = heard.by_place(heard.read(talked))
    assert {place: len(said) for place, said in places.items()} == {
        ("zone", 3): 2, ("zone", 4): 2, ("project", 1): 1, ("plan", 0): 2,
    }  # fmt: skip


def test_the_page_says_what_was_said_done_and_why_not(talked, as_user):
    client = as_user()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(f"/versions/{talked.pk}/heard/")
    blocks = {block.anchor: block for block in page.context["blocks"]}
    assert [reason.text for reason in blocks["zone-3"].adopted] == ["答：路太窄"]
    assert [(reason.state, reason.text) for reason in blocks["zone-3"].why_not] == [("not_adopted", "答：路要加宽")]
    assert [reason.state for reason in blocks["zone-4"].why_not] == ["partly"]
    html = page.content.decode()
    assert "辱骂他人" in html
    assert "骂人<" not in html
    assert WAITS not in html
    assert "柳**" in html
    assert "柳大娘" not in html
    assert f'href="/versions/{talked.pk}/comments.docx"' in html
    table = page.context["table"]
    assert table["total"] == sum(table["sums"]) == sum(total for *_row, total in table["rows"]) == 7
    for name in ("version", "case"):
        assert (
            f'href="/versions/{talked.pk}/heard/"'
            in as_user("committee").get(f"/versions/{talked.pk}/{'case/' if name == 'case' else ''}").content.decode()
        )


def test_the_map_has_only_numbers_of_zones_and_of_comments(talked, as_user):
    shapes = as_user().get(f"/versions/{talked.pk}/heard/").context["shapes"]
    assert {f["properties"]["number"]: f["properties"]["count"] for f in shapes["features"]} == {3: 2, 4: 2}
    assert {key for feature in shapes["features"] for key in feature["properties"]} == {"number", "count", "colour"}


def test_the_api_says_the_same(talked, as_user):
    body = as_user().get(f"/api/v1/versions/{talked.pk}/heard/").json()
    assert body["figures"]["comments"] == 7
    assert body["figures"]["hidden"] == [{"reason": "辱骂他人", "count": 1}]
    assert sum(sum(row["states"].values()) for row in body["themes"]) == 7
    places = {(row["kind"], row["number"]): row for row in body["results"]}
    assert [reason["comments"] for reason in places["zone", 3]["why_not"]] == [[2]]
    assert "骂人" not in str(places).replace("辱骂他人", "")
    first = as_user().get(f"/api/v1/versions/{talked.pk}/heard/", {"page_size": 1}).json()
    assert len(first["results"]) == 1
    assert first["next"]


def test_a_page_of_many_comments_takes_no_more_queries(talked, cast, as_user, django_assert_max_num_queries):
    address = f"/versions/{talked.pk}/heard/"
    as_user().get(address)
    with django_assert_max_num_queries(60) as before:
        as_user().get(address)
    Comment.objects.bulk_create(
        Comment(version=talked, author=cast.villager, text="路", zone=zone)
        for zone in itertools.chain(*[talked.zones.all()] * 5)
    )
    with django_assert_max_num_queries(len(before)):
        as_user().get(address)


def test_supports_bring_a_place_to_the_top(talked, cast):
    last = talked.comments.get(text="公示看不懂")
    for who in (cast.committee, cast.planner, cast.other_committee):
        supports.support(last, by=who)
    rows = heard.read(talked)
    assert next(iter(heard.by_place(rows))) == ("plan", 0)
    assert heard.figures(talked, rows).supports == 3


@pytest.fixture
def revised(public_version, cast) -> PlanVersion:
    """Zone 4 is split into 4 and 5, zones 5 and 7 become 6, zone 6 is left out; comments on 3, 4, 5 and 6 before."""
    for number in (3, 4, 5, 6):
        comment = say(public_version, cast, f"意见{number}", zone=number)
        answers.answer(comment, by=cast.committee, text=f"答{number}", adoption="adopted")
    version = PlanVersion.objects.create(plan=public_version.plan, number=2, created_by=cast.planner)
    code = {zone.number: zone.code for zone in public_version.zones.all()}
    shapes = [
        (code[1], cell(0, 0, 10, 1)), (code[2], cell(0, 1, 10, 1)), (code[3], cell(0, 2, 10, 1)), (code[4], cell(0, 3, 5, 1)),
        ("070301", cell(5, 3, 5, 1)), (code[5], MultiPolygon([*cell(0, 4, 10, 1).geoms, *cell(0, 6, 10, 1).geoms])),
    ]  # fmt: skip
    for number, (land, shape) in enumerate(shapes, 1):
        Zone.objects.create(version=version, number=number, code=land, geom=geos(shape))
    PlanVersion.objects.filter(pk=version.pk).update(digest=f"{version.pk:h<64}")
    version = PlanVersion.objects.get(pk=version.pk)
    causes.say_cause(version, version.zones.get(number=5), public_version.comments.get(zone__number=4), by=cast.planner)
    return version


def blocks_of(client, version) -> dict:
    return {block.place: block for block in client.get(f"/versions/{version.pk}/heard/").context["blocks"]}


def test_a_comment_on_a_zone_that_was_split_is_heard_at_each_new_zone(public_version, revised, cast, as_user):
    old = blocks_of(as_user(), public_version)
    assert all(not block.done for block in old.values())  # a draft is not given away
    world.publish(revised, cast.township)
    new = blocks_of(as_user(), revised)
    where = {place: [comment.text for comment, _f in block.earlier] for place, block in new.items()}
    assert where == {
        ("zone", 3): ["意见3"], ("zone", 4): ["意见4"], ("zone", 5): ["意见4"], ("zone", 6): ["意见5"], ("gone", 0): ["意见6"],
    }  # fmt: skip
    assert any("5" in effect["text"] for effect in new["zone", 5].done)
    body = as_user().get(f"/api/v1/versions/{revised.pk}/heard/").json()
    assert [row["text"] for place in body["results"] if place["number"] == 5 for row in place["earlier"]] == ["意见4"]


def test_the_page_of_the_older_version_says_what_became_of_each_zone(public_version, revised, cast, as_user):
    world.publish(revised, cast.township)
    old = blocks_of(as_user(), public_version)
    assert "4、5" in " ".join(effect["text"] for effect in old["zone", 4].done)
    assert any(effect["url"].endswith("&gone=6") for effect in old["zone", 6].done)
    links = {effect["url"] for block in old.values() for effect in block.done}
    for link in links:
        assert as_user().get(link).status_code == 200


def test_strangers_get_404_of_a_draft(version, as_user):
    assert as_user().get(f"/versions/{version.pk}/heard/").status_code == 404
    assert as_user().get(f"/api/v1/versions/{version.pk}/heard/").status_code == 404


def test_a_version_without_comments_says_so(public_version, as_user):
    assert as_user().get(f"/versions/{public_version.pk}/heard/").context["blocks"] == []
    assert heard_places.places([], []) == {}
