"""The plan in plain words: page and API say the same, in both languages, and nothing that the reader may not see."""

import html
import re

import pytest
from django.conf import settings

from indicators import runs
from planning import answers, participation
from planning.models import PlanVersion
from portal.models import Person
from tests import world
from tests.rows import shared

pytestmark = pytest.mark.django_db


@shared
def judged(public_version) -> PlanVersion:
    runs.judge(public_version)
    return PlanVersion.objects.get(pk=public_version.pk)


def told(client, version, language="en") -> dict[str, list[str]]:
    answer = client.get(f"/api/v1/versions/{version.pk}/summary/", headers={"accept-language": language})
    assert answer.status_code == 200
    return {section["key"]: section["sentences"] for section in answer.json()["sections"]}


def test_a_stranger_reads_what_changes_and_how_long_the_notice_runs(judged, as_user):
    said = told(as_user(), judged)
    assert "柳沟村" in said["plan"][0]
    assert "until 2035" in said["plan"][0]
    assert any("%" in sentence for sentence in said["plan"])
    assert any(re.search(r"(grows|shrinks) by [\d.,]+ (ha|m²) \([\d.,]+ mu\)", sentence) for sentence in said["land"])
    assert "where" not in said  # the land as it is, parcel by parcel, is not open to strangers
    assert "Each comment is answered in public" in said["comments"][0]


def test_whoever_may_see_the_land_as_it_is_reads_where_it_changes(judged, as_user):
    said = told(as_user("planner"), judged)
    assert any("zone" in sentence for sentence in said["where"])


def test_shares_and_areas_are_those_of_the_run(judged, as_user):
    run = runs.newest(judged)
    rows = list(run.changes.all())
    same = sum(r.area_m2 for r in rows if (r.base_code[:4] if r.base_code[:2] == "07" else r.base_code[:2])
               == (r.plan_code[:4] if r.plan_code[:2] == "07" else r.plan_code[:2]))  # fmt: skip
    share = f"{same / sum(r.area_m2 for r in rows) * 100:.1f} %"
    assert any(share in sentence for sentence in told(as_user(), judged)["plan"])


def test_an_unchecked_version_does_not_say_that_nothing_conflicts(version, as_user):
    assert told(as_user("planner"), version)["conflicts"] == ["It has not been checked for conflicts yet."]


def test_comments_are_counted_with_their_answers(judged, cast, as_user):
    comment = participation.post_comment(judged, by=cast.villager, text="门前的路多宽？")
    participation.post_comment(judged, by=cast.stranger, text="支持")
    answers.answer(comment, by=cast.committee, text="四米。", adoption="explained")
    assert "2 comments so far, 1 answered." in told(as_user(), judged)["comments"]


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "这是一份什么规划"), ("en", "What this plan is")])
def test_the_page_has_every_sentence_of_the_api_and_a_code_with_its_address(judged, as_user, language, word):
    client = as_user()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.get(f"/versions/{judged.pk}/summary/")
    page = html.unescape(answer.content.decode())
    assert word in page
    said = [sentence for sentences in told(client, judged, language).values() for sentence in sentences]
    assert [sentence for sentence in said if sentence not in page] == []
    assert 'src="data:image/svg+xml;base64,' in page
    assert f"http://testserver/versions/{judged.pk}/" in page


def test_the_page_tells_where_it_changes_only_to_whoever_may_see_the_land_as_it_is(judged, as_user):
    address = f"/versions/{judged.pk}/summary/"
    assert 'id="s-where"' not in as_user().get(address).content.decode()
    assert 'id="s-where"' in as_user("planner").get(address).content.decode()


def test_comments_that_wait_for_a_look_are_not_counted_among_the_public_ones(judged, cast, as_user):
    Person.objects.filter(user=cast.villager).update(verified_at=None, verified_by=None)
    assert participation.post_comment(judged, by=cast.villager, text="支持").waits
    assert not any("so far" in sentence for sentence in told(as_user(), judged)["comments"])


def test_a_draft_is_nothing_to_strangers(version, as_user):
    for path in (f"/versions/{version.pk}/summary/", f"/api/v1/versions/{version.pk}/summary/"):
        assert as_user().get(path).status_code == 404
        assert as_user("planner").get(path).status_code == 200


def test_what_was_settled_since_the_version_before_is_said(judged, cast, as_user):
    clean = world.make_version(judged.plan.village, by=cast.planner, rows=list(world.BASE_ROWS))
    runs.judge(clean)
    said = told(as_user("planner"), clean)["conflicts"]
    assert any("of the version before" in sentence for sentence in said)


def test_without_control_lines_the_summary_says_what_could_not_be_checked(village, cast, as_user):
    village.control_lines.all().delete()
    version = world.make_version(village, by=cast.planner, rows=list(world.BASE_ROWS))
    runs.judge(version)
    said = told(as_user("planner"), version)["conflicts"]
    assert not any("No real conflict" in sentence for sentence in said)
    (lines,) = [sentence for sentence in said if "No control line of this kind" in sentence]
    assert lines.startswith("Could not be checked: Construction on permanent basic farmland, ")
    assert "Construction inside the ecological red line" in lines
    assert any("New construction outside the construction boundary. No construction boundary" in s for s in said)


def test_with_the_three_lines_no_open_conflict_is_said_beside_what_was_not_checked(village, cast, as_user):
    version = world.make_version(village, by=cast.planner, rows=list(world.BASE_ROWS))
    runs.judge(version)
    said = told(as_user("planner"), version)["conflicts"]
    assert said[0].startswith("No real conflict")
    assert (
        "Could not be checked: Homes, schools or clinics in a hazard area. No control line of this kind is stored for the village."
        in said
    )


def test_without_base_year_parcels_the_summary_invents_no_growth(village, cast, as_user):
    village.parcels.all().delete()
    version = world.make_version(village, by=cast.planner)
    runs.judge(version)
    said = told(as_user("planner"), version)
    assert said["land"] == [
        "There are no base-year parcels of the village on record, so what changes was not computed."
    ]
