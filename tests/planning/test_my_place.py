"""What changes at my place: sentences checked by hand against the grid of tests/world.py, and who may ask for which place."""

import datetime
import logging

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone

from planning import my_place, participation
from planning.models import Finding, Notice, PlanVersion
from portal.models import AuditEntry
from tests import world
from tests.grid import cell, centre, geos
from villages.models import ControlLine, Hamlet, Household, HouseholdMember

pytestmark = pytest.mark.django_db

ORCHARD, FIELD, FOREST = centre(5, 8), centre(2, 1), centre(2, 5)


@pytest.fixture
def english(client):
    client.cookies["django_language"] = "en"
    return client


def page(version) -> str:
    return f"/versions/{version.pk}/my-place/"


def api(version) -> str:
    return f"/api/v1{page(version)}"


@pytest.fixture
def ask(client):
    def asked(version, place, who=None, **query):
        lon, lat = place or (None, None)
        query = {"lon": lon, "lat": lat} if place else query
        answer = (who or client).get(api(version), query, headers={"accept-language": "en"})
        assert answer.status_code == 200, answer.content
        return answer.json()

    return asked


def said(answer, key) -> list[str]:
    return next((s["sentences"] for s in answer["sections"] if s["key"] == key), [])


def test_an_orchard_that_becomes_homesteads_changes(ask, public_version, as_user, settings):
    settings.DEMO = True
    answer = ask(public_version, ORCHARD)
    assert answer["changes"] is True
    assert answer["badge"]["word"] == "Yes, it changes"
    assert (
        answer["badge"]["line"] == "Orchard becomes First-class rural homestead."
        or "becomes" in answer["badge"]["line"]
    )
    # a cell is 0.001° by 0.001°: at 36.1° north 90.05 m by 110.95 m, 9,991 m², 15.0 mu; a zone has ten of them
    assert (answer["now"]["code"], answer["now"]["mu"]) == ("0201", 15.0)
    assert answer["now"]["area_m2"] == pytest.approx(90.05 * 110.95, rel=1e-3)
    assert (answer["planned"]["code"], answer["planned"]["zone"], answer["planned"]["mu"]) == ("070301", 9, 149.9)
    assert said(answer, "now")[1] == "The plot has 15.0 mu (9,991 m²)."
    assert said(answer, "lines") == [
        "Village construction boundary: You may apply to build. Get the township’s permit first."
    ]
    # clinic and project stand in the middle of the cell to the south, 0.001° of latitude away
    assert said(answer, "projects") == ["村卫生所改造: 111 m away, 2026 to 2027, 350,000 yuan."]
    assert said(answer, "facilities") == ["村卫生所: 111 m."]


def test_a_field_stays_and_may_not_be_built_on(ask, public_version):
    answer = ask(public_version, FIELD)
    assert (answer["changes"], answer["badge"]["word"]) == (False, "No, it stays")
    assert [(line["kind"], line["may_build"]) for line in answer["lines"]] == [("YJJBNT", "no")]
    assert said(answer, "projects") == []


def test_the_same_use_told_more_exactly_is_no_change():
    exact, rough = {"code": "070301"}, {"code": "0703"}
    assert my_place.changes(rough, exact) is my_place.changes(exact, rough) is False
    assert my_place.changes({"code": "0201"}, exact) is True
    assert my_place.changes(None, exact) is my_place.changes(exact, None) is None


def test_every_kind_of_line_has_a_sentence_with_its_law_in_both_languages():
    data = my_place.line_sentences()
    assert data["sample"] is True
    assert all(data[name] for name in ("source", "date"))
    assert set(data["kinds"]) == set(ControlLine.Kind.values)
    for kind, row in data["kinds"].items():
        assert row["may_build"] in ("yes", "ask", "no"), kind
        assert all(row[name] for name in ("law", "zh", "en")), kind
        assert len(row["en"].split()) <= 12, kind


def test_days_left_and_the_way_to_the_form(ask, public_version, as_user):
    closes = public_version.notice.closes_on
    left = (closes - timezone.localdate()).days
    answer = ask(public_version, ORCHARD)
    assert answer["notice"] == {"closes_on": closes.isoformat(), "days_left": left}
    assert f"{left} days are left." in said(answer, "do")
    assert answer["links"]["comment"].startswith("/login/?next=")
    form = ask(public_version, ORCHARD, as_user("villager"))["links"]["comment"]
    lon, lat = ORCHARD
    assert form == f"/versions/{public_version.pk}/?zone=9&lon={lon:.7f}&lat={lat:.7f}#comment-form"


def test_after_the_notice_nothing_is_to_be_done(ask, public_version, cast):
    world.put(public_version, "quality_check")
    answer = ask(public_version, ORCHARD)
    assert answer["notice"] is None
    assert said(answer, "do") == ["Comments are not taken at the moment."]


def test_comments_near_are_counted_hidden_ones_and_those_held_are_not(ask, public_version, cast, as_user):
    assert said(ask(public_version, ORCHARD), "comments") == ["Nobody has said anything about this place yet."]
    first = participation.post_comment(public_version, by=cast.villager, text="太近了", zone=9)
    near = participation.post_comment(
        public_version, by=cast.stranger, text="好", lon=ORCHARD[0], lat=ORCHARD[1] - 0.002
    )
    far = participation.post_comment(
        public_version, by=cast.stranger, text="远", lon=ORCHARD[0], lat=ORCHARD[1] - 0.004
    )
    assert far != near
    assert ask(public_version, ORCHARD)["comments"]["count"] == 2
    first.hidden_at, first.hidden_by, first.hidden_reason = timezone.now(), cast.township, "违法"
    first.save()
    assert ask(public_version, ORCHARD)["comments"]["count"] == 1
    participation.post_comment(public_version, by=cast.stranger, text="样例违禁词", zone=9)
    counts = {
        who: ask(public_version, ORCHARD, as_user(who))["comments"]["count"] for who in (None, "stranger", "township")
    }
    assert counts == {None: 1, "stranger": 2, "township": 2}


def test_a_conflict_the_version_before_had_here_is_told_as_settled(ask, public_version, cast):
    ground = geos(cell(5, 8))
    for number, code in enumerate(("K1", "K9"), 1):
        Finding.objects.create(
            version=public_version,
            number=number,
            code=code,
            severity="block",
            category="real",
            area_m2=9993,
            geom=ground,
        )
    assert len(said(ask(public_version, ORCHARD), "conflicts")) == 1  # K9 names a household
    world.send_back(public_version, by=cast.reviewer)
    world.put(public_version, "superseded")
    newer = world.make_version(public_version.village, by=cast.planner)
    newer = world.publish(PlanVersion.objects.get(pk=newer.pk), cast.township)
    assert [row["code"] for row in ask(newer, ORCHARD)["settled"]] == ["K1"]
    assert ask(newer, FIELD)["settled"] == []


def test_facilities_are_told_to_who_may_see_the_base_data(ask, public_version, as_user):
    assert ask(public_version, ORCHARD)["facilities"] == []
    assert ask(public_version, ORCHARD, as_user("committee"))["facilities"][0]["distance_m"] == 111


# --- ways in


@pytest.fixture
def hamlet(village):
    return Hamlet.objects.create(village=village, name="前柳沟", geom=Point(*ORCHARD, srid=4490), source="t")


@pytest.fixture
def household(village, cast):
    row = Household.objects.create(village=village, number="101204-007", head_name="柳某", persons=3, place=Point(*ORCHARD, srid=4490))  # fmt: skip
    HouseholdMember.objects.create(household=row, user=cast.villager)
    return row


def test_a_hamlet_and_a_zone_lead_to_their_place(ask, public_version, hamlet, client):
    answer = ask(public_version, None, hamlet=hamlet.pk)
    assert (answer["place"]["name"], answer["planned"]["zone"]) == ("前柳沟", 9)
    assert ask(public_version, None, zone=2)["planned"]["zone"] == 2
    for query in ({"hamlet": 999_999}, {"hamlet": "x"}, {"zone": 11}, {"zone": 9_999_999_999}):
        assert client.get(api(public_version), query).status_code == 404, query


def test_a_plot_is_for_who_may_see_the_base_data(ask, public_version, client, as_user):
    assert client.get(api(public_version), {"parcel": 86}).status_code == 404
    assert as_user("villager").get(api(public_version), {"parcel": 86}).status_code == 404
    answer = ask(public_version, None, as_user("committee"), parcel=86)  # the sixth of row 8
    assert answer["now"]["code"] == "0201"


def test_a_number_of_a_plot_is_no_hit_for_strangers(public_version, client, as_user):
    nothing = client.get(page(public_version), {"q": "86"})
    assert "Location" not in nothing.headers  # one hit alone leads straight to it
    assert "?parcel=86" not in nothing.content.decode()
    hit = as_user("committee").get(page(public_version), {"q": "86"})
    assert hit.headers["Location"].endswith("?parcel=86")


@pytest.mark.parametrize("demo", [False, True])
def test_a_household_is_for_its_own_people_and_the_staff_of_the_village(
    public_version, household, as_user, settings, demo
):
    settings.DEMO = demo
    statuses = {
        who: (
            as_user(who).get(api(public_version), {"household": household.number}).status_code,
            as_user(who).get(api(public_version), {"own": 1}).status_code,
        )
        for who in (None, "stranger", "villager", "committee", "other_committee", "reviewer")
    }
    assert statuses == {
        None: (404, 404), "stranger": (404, 404), "villager": (200, 200), "committee": (200, 404),
        "other_committee": (404, 404), "reviewer": (200, 404),
    }  # fmt: skip
    for who in (None, "stranger"):  # a part of the number finds nothing either
        assert household.number not in as_user(who).get(page(public_version), {"q": "007"}).content.decode()


def test_a_look_at_where_others_live_goes_on_record_and_ones_own_does_not(public_version, household, as_user):
    as_user("villager").get(page(public_version), {"own": 1})
    as_user("villager").get(page(public_version), {"household": household.number})
    assert not AuditEntry.objects.filter(verb="household.located").exists()
    as_user("committee").get(page(public_version), {"household": household.number})
    (entry,) = AuditEntry.objects.filter(verb="household.located")
    assert entry.actor.username == "committee"


def test_one_place_is_asked_at_a_time(public_version, client):
    lon, lat = ORCHARD
    for query in ({}, {"lon": lon}, {"lon": lon, "lat": lat, "zone": 1}, {"zone": 1, "hamlet": 1}, {"street": 1}):
        assert client.get(api(public_version), query).status_code == 400, query
    assert client.get(api(public_version), {"lon": 0, "lat": 0}).status_code == 404


def test_a_draft_is_not_there_for_strangers(version, client, as_user):
    assert client.get(page(version)).status_code == client.get(api(version), {"zone": 1}).status_code == 404
    assert as_user("planner").get(page(version), {"zone": 1}).status_code == 200


# --- the page


def test_the_page_answers_first_and_in_both_languages(public_version, client, hamlet, settings):
    chinese = client.get(page(public_version), {"hamlet": hamlet.pk}).content.decode()
    assert chinese.index("会变") < chinese.index("看别的位置")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    english = client.get(page(public_version), {"hamlet": hamlet.pk}).content.decode()
    assert english.index("Yes, it changes") < english.index("Another place")
    assert "前柳沟" in english
    chooser = client.get(page(public_version)).content.decode()
    assert "answer__badge" not in chooser
    assert f"?hamlet={hamlet.pk}" in chooser


def test_a_search_leads_to_the_place_or_lists_what_may_be_meant(public_version, client, hamlet, as_user):
    assert client.get(page(public_version), {"q": "前柳"}).headers["Location"].endswith(f"?hamlet={hamlet.pk}")
    assert client.get(page(public_version), {"q": "9号地块"}).headers["Location"].endswith("?zone=9")
    several = as_user("committee").get(page(public_version), {"q": "9"}).content.decode()
    assert "?zone=9" in several
    assert "?parcel=9" in several
    nothing = client.get(page(public_version), {"q": "没有"})
    assert nothing.status_code == 200
    assert 'class="empty"' in nothing.content.decode()


def test_a_place_in_the_next_village_is_told_with_the_way_there(public_version, client):
    world.make_village(world.OTHER, col=10)
    lon, lat = centre(12, 3)
    answer = client.get(page(public_version), {"lon": lon, "lat": lat})
    assert answer.status_code == 404
    assert f"/villages/{world.OTHER}/" in answer.content.decode()
    assert client.get(page(public_version), {"lon": "x", "lat": "nan"}).status_code == 400


def test_a_position_stands_in_no_address_link_record_or_log(public_version, client, as_user, caplog):
    lon, lat = f"{ORCHARD[0]:.6f}", f"{ORCHARD[1]:.6f}"
    before = AuditEntry.objects.count()
    caplog.set_level(logging.DEBUG)
    answers = [
        as_user("villager").post(page(public_version), {"lon": lon, "lat": lat}),
        client.post("/find/", {"lon": lon, "lat": lat}),
        client.post(api(public_version), {"lon": lon, "lat": lat}, content_type="application/json"),
    ]
    assert [answer.status_code for answer in answers] == [200, 302, 200]
    assert answers[1].headers["Location"] == f"/villages/{world.LIUGOU}/"
    assert f"lon={lon[:8]}" not in answers[0].content.decode()
    assert answers[2].json()["links"]["comment"].count("zone%3D9") == 1
    assert AuditEntry.objects.count() == before
    logged = [record.getMessage() for record in caplog.records if "planning_" not in record.getMessage()]
    assert not [text for text in logged if lon[:8] in text and not text.startswith("(0.")]


def test_nobody_is_told_where_a_position_outside_of_all_villages_is(client, public_version):
    lost = client.post("/find/", {"lon": 0, "lat": 0})
    assert lost.status_code == 404
    assert 'name="q"' in lost.content.decode()
    assert client.post("/find/", {"lon": "", "lat": ""}).status_code == 400
    assert client.get("/find/").headers["Location"] == "/"


# --- home


def test_home_shows_what_is_open_what_applies_and_what_was_answered(public_version, english, cast):
    comment = participation.post_comment(public_version, by=cast.villager, text="路多宽？", zone=8)
    text = english.get("/").content.decode()
    assert f"{page(public_version)}" in text
    assert "No comment was answered yet." in text
    comment.replies.create(author=cast.committee, text="四米", adoption="adopted")
    text = english.get("/").content.decode()
    assert f"#comment-{comment.pk}" in text
    world.put(public_version, "in_force")
    text = english.get("/").content.decode()
    assert "No plan is in public notice today." in text
    assert f"/versions/{public_version.pk}/" in text


def test_home_counts_no_hidden_comment(public_version, english, cast):
    comment = participation.post_comment(public_version, by=cast.villager, text="路多宽？", zone=8)
    comment.replies.create(author=cast.committee, text="四米", adoption="adopted")
    comment.hidden_at, comment.hidden_by, comment.hidden_reason = timezone.now(), cast.township, "违法"
    comment.save()
    text = english.get("/").content.decode()
    assert "No comment was answered yet." in text
    assert comment.pk not in text


def test_drafts_are_sorted_by_days_left_and_those_over_are_not_open(public_version, client, cast, time_machine):
    second = world.publish(world.make_version(world.make_village(world.OTHER, col=20), by=cast.planner), cast.township)
    closes = second.notice.closes_on
    longer = closes + datetime.timedelta(days=5)
    Notice.objects.filter(version=public_version).update(closes_on=longer)
    text = client.get("/").content.decode()
    assert text.index(page(second)) < text.index(page(public_version))
    time_machine.move_to(datetime.datetime.combine(longer, datetime.time(8), datetime.UTC))
    text = client.get("/").content.decode()
    assert page(public_version) in text
    assert page(second) not in text


def test_home_leads_staff_to_their_desk_and_an_empty_portal_says_so(client, as_user, village):
    assert "/desk/" in as_user("planner").get("/").content.decode()
    assert "/desk/" not in client.get("/").content.decode()


def test_a_hamlet_found_leads_to_its_place_on_the_draft(public_version, client, hamlet):
    text = client.get("/villages/", {"q": "前柳沟"}).content.decode()
    assert f"{page(public_version)}?hamlet={hamlet.pk}" in text
