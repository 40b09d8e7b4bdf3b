"""Finding a village and reading its page."""

import pytest
from django.core.files.base import ContentFile

from planning import consultations, participation
from planning.views import home, villages
from tests import world

LIST = "/villages/"
PAGE = f"/villages/{world.LIUGOU}/"


def text(response) -> str:
    return response.content.decode()


def test_the_start_page_leads_to_the_list_of_villages(client, village):
    assert f'href="{LIST}"' in text(client.get("/"))
    assert "潮泉镇" in text(client.get(LIST))


def test_an_empty_portal_says_so(client, db):
    client.cookies["django_language"] = "en"
    assert "There are no villages yet." in text(client.get(LIST))


def test_public_notices_come_first_and_drafts_are_not_named(client, version, cast):
    assert version.pk not in text(client.get(LIST))
    world.publish(version, cast.township)
    page = text(client.get(LIST))
    assert page.index(f"/versions/{version.pk}/") < page.index("?under=")


@pytest.mark.parametrize("words", ["柳沟", "370983101204", "37098310120", "潮泉镇"])
def test_a_village_is_found_by_name_code_and_township(client, village, words):
    assert PAGE in text(client.get(LIST, {"q": words}))


@pytest.mark.parametrize("words", ["没有这个村", "204", "%", "\x00", "x" * 500])
def test_what_is_not_found_is_said(client, village, words):
    page = client.get(LIST, {"q": words})
    assert page.status_code == 200
    assert PAGE not in text(page)


def test_two_villages_of_one_name_are_told_apart_by_township_and_code(client, village):
    other = world.make_village(world.FAR, col=20)
    other.short_name = village.short_name
    other.save(update_fields=["short_name"])
    page = text(client.get(LIST, {"q": village.short_name}))
    assert all(words in page for words in ("潮泉镇", "孙伯镇", world.LIUGOU, world.FAR))


def test_a_township_lists_its_villages(client, village):
    world.make_village(world.FAR, col=20)
    page = text(client.get(LIST, {"under": world.TOWN}))
    assert PAGE in page
    assert world.FAR not in page


def test_an_unknown_township_shows_the_whole_list(client, village):
    assert client.get(LIST, {"under": "999999999000"}).status_code == 200


def test_a_fact_is_told_with_its_year_unit_and_source(client, village):
    page = text(client.get(PAGE))
    fact = village.facts.get(code="households")
    assert f"{fact.value:.0f}" in page
    assert str(fact.year) in page
    assert fact.source in page


def test_drafts_stand_on_the_page_for_staff_only(as_user, version):
    assert version.pk not in text(as_user().get(PAGE))
    assert version.pk not in text(as_user("other_committee").get(PAGE))
    assert version.pk in text(as_user("planner").get(PAGE))


def test_a_returned_version_stays_on_the_page(as_user, public_version, cast):
    world.send_back(public_version, by=cast.reviewer, note="改")
    assert public_version.pk in text(as_user().get(PAGE))


def test_precise_base_data_are_shown_to_staff_or_in_the_demo(as_user, village, settings):
    assert "data-legend-of" not in text(as_user().get(PAGE))
    assert "data-legend-of" not in text(as_user("stranger").get(PAGE))
    assert "data-legend-of" in text(as_user("committee").get(PAGE))
    settings.DEMO = True
    assert "data-legend-of" in text(as_user().get(PAGE))


def test_an_unknown_village_is_not_found(client, village):
    assert client.get("/villages/370983101999/").status_code == 404


def test_drawn_data_say_so_on_every_page(client, public_version):
    for address in (PAGE, f"/versions/{public_version.pk}/", f"/versions/{public_version.pk}/list/"):
        assert 'class="demo-band"' in text(client.get(address)), address


def test_surveyed_data_carry_no_such_band(client, village):
    village.source = "2020年国土变更调查"
    village.save(update_fields=["source"])
    assert 'class="demo-band"' not in text(client.get(PAGE))


def test_the_list_costs_the_same_however_many_villages(client, public_version, django_assert_max_num_queries):
    with django_assert_max_num_queries(14) as before:
        client.get(LIST)
    world.make_village(world.OTHER, col=20)
    world.make_village(world.FAR, col=40)
    with django_assert_max_num_queries(len(before)):
        client.get(LIST)


def test_cards_count_what_the_page_of_the_plan_lists(client, public_version, cast):
    participation.post_comment(public_version, by=cast.villager, text="路要宽")
    participation.post_comment(public_version, by=cast.villager, text="这里有样例违禁词，请看")
    earlier = ContentFile("意见内容\n别处说过".encode("gb18030"), name="意见.csv")
    consultations.take_in(public_version, earlier, by=cast.committee, title="2025年征求意见", source="村委会")
    for address in ("/", "/villages/"):
        client.cookies["django_language"] = "en"
        assert "1 comment<" in text(client.get(address)).replace("\n", ""), address


def test_more_drafts_than_the_first_page_shows_are_told_and_lead_on(client, public_version, cast, monkeypatch):
    second = world.make_village(world.OTHER, col=10)
    world.publish(world.make_version(second, by=cast.planner), cast.township)
    monkeypatch.setattr(home, "CARDS", 1)
    monkeypatch.setattr(villages, "CARDS", 1)
    client.cookies["django_language"] = "en"
    assert "All 2 drafts" in text(client.get("/"))
    first, other = (text(client.get(f"/villages/?page={n}")) for n in (1, 2))
    assert 'rel="next"' in first
    assert public_version.plan.name in first + other
    assert second.short_name in first + other
