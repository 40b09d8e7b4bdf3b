"""The public pages of a version: who sees them, and what they say."""

import datetime

import pytest
from django.utils import translation

from indicators import plain_words, runs
from indicators.models import IndicatorValue, StructureRow, Target
from indicators.views.public import days_left
from planning import answers, conflicts, participation
from planning.models import LandUseClass, PlanVersion
from tests import world
from tests.grid import centre
from tests.rows import shared


@pytest.fixture
def english(as_user):
    """english("planner") gives a client whose pages are English."""

    def make(name: str | None = None):
        client = as_user(name)
        client.cookies["django_language"] = "en"
        return client

    return make


@shared
def judged(public_version) -> PlanVersion:
    runs.judge(public_version)
    public_version.refresh_from_db()
    return public_version


def said(client, version, tail: str = "") -> str:
    return client.get(f"/versions/{version.pk}/{tail}").content.decode()


@pytest.mark.parametrize("tail", ["", "list/"])
@pytest.mark.parametrize(
    ("who", "status"),
    [(None, 404), ("stranger", 404), ("villager", 404), ("other_committee", 404), ("planner", 200), ("reviewer", 200)],
)
def test_a_draft_is_shown_to_staff_only(as_user, version, who, status, tail):
    assert as_user(who).get(f"/versions/{version.pk}/{tail}").status_code == status


@pytest.mark.parametrize("tail", ["", "list/"])
def test_a_public_version_is_shown_to_everybody(as_user, judged, tail):
    assert as_user().get(f"/versions/{judged.pk}/{tail}").status_code == 200


def test_changes_are_told_in_hectares_and_mu(english, judged):
    """The orchard (row 8) becomes homesteads: 10 cells of about 90 m x 111 m."""
    page = said(english(), judged)
    run = runs.newest(judged)
    orchard = run.structure.get(code="0201").base_m2
    name = LandUseClass.objects.get(code="02", code_version="2023").name_en
    assert f"{name} shrinks by <strong>{orchard / 10_000:.2f} ha ({orchard * 3 / 2000:.1f} mu)" in page
    assert "grows by" in page


def test_what_grows_and_what_shrinks_is_the_same_land(judged):
    told = plain_words.changes(runs.newest(judged).structure.all())
    assert sum(c.difference_m2 * (1 if c.grows else -1) for c in told) == pytest.approx(0, abs=1)


def test_housing_is_told_by_its_second_level_and_farmland_by_its_first(db):
    rows = [
        StructureRow(code=c, base_m2=b, plan_m2=p)
        for c, b, p in [("0101", 9e4, 4e4), ("0102", 1e4, 3e4), ("070301", 0, 3e4)]
    ]
    with translation.override("zh-hans"):
        told = {c.name: (c.base_m2, c.plan_m2) for c in plain_words.changes(rows)}
    assert told == {"耕地": (1e5, 7e4), "农村宅基地": (0, 3e4)}


def test_a_change_as_wide_as_a_line_is_left_out(db):
    assert plain_words.changes([StructureRow(code="0101", base_m2=5000, plan_m2=5099)]) == []


def test_a_class_that_is_in_no_list_keeps_its_code(db):
    (change,) = plain_words.changes([StructureRow(code="9901", base_m2=0, plan_m2=5000)])
    assert change.name == "99"


@pytest.mark.parametrize(("target", "word"), [(10.0, "kept"), (10_000.0, "not kept")])
def test_a_target_is_told_with_whether_it_is_kept(english, judged, target, word):
    Target.objects.create(village=judged.village, code="1", value=target, source="示例", issued_on="2024-01-01")
    page = said(english(), judged)
    assert f">{word}<" in page


def test_a_target_met_to_the_two_decimals_it_is_issued_in_is_kept():
    target = Target(value=80.0, source="示例", binding=True)

    def figure(code, value):
        return plain_words.figure(IndicatorValue(code=code, value=value, unit="ha"), target)

    assert figure("1", 79.9962).met
    assert figure("1", 79.994).met is False
    assert figure("4", 80.004).met


def test_residents_read_the_few_figures_that_matter_first(english, judged):
    Target.objects.create(village=judged.village, code="6", value=0.5, source="示例", issued_on="2024-01-01")
    run = runs.newest(judged)
    figures = plain_words.figures(run)
    told = plain_words.telling(figures)
    assert len(told) == plain_words.TOLD_FIGURES < len(figures)
    assert told[0].code == "6"
    assert told[0].light == "missed"
    assert all(figure.value is not None for figure in told)
    page = said(english(), judged)
    assert page.count('class="figure"') == len(told)
    assert f"All {len(figures)} indicators" in page


def test_conflicts_are_told_by_kind_with_law_and_zones(english, village, cast):
    rows = world.plan_rows()
    rows[1] = "070301"  # homesteads on permanent basic farmland
    version = world.make_version(village, rows=rows, by=cast.planner)
    runs.judge(version)
    version = world.publish(PlanVersion.objects.get(pk=version.pk), cast.township)
    page = said(english(), version)
    assert "Construction on permanent basic farmland" in page
    assert "A real conflict" in page
    assert "土地管理法" in page
    real = [g for g in plain_words.conflict_groups(version) if g.category == "real"]
    assert any(g.zones == [2] for g in real)
    assert "Conflict: Construction on permanent basic farmland" in said(english(), version, "list/")


def test_no_conflict_is_told_as_a_finding_not_as_silence(english, judged):
    judged.findings.all().delete()
    assert "No conflict was found" in said(english(), judged)


def test_before_the_computation_the_page_says_what_happens_next(english, public_version):
    PlanVersion.objects.filter(pk=public_version.pk).update(checked_at=None)
    page = said(english(), public_version)
    assert "have not been computed yet" in page
    assert "has not been checked for conflicts yet" in page
    assert "not checked yet" in said(english(), public_version, "list/")


@pytest.mark.parametrize(("today", "left"), [("2026-03-01", 9), ("2026-03-10", 0), ("2026-03-12", -2)])
def test_days_of_the_notice_are_counted_to_its_last_day(public_version, today, left):
    public_version.notice.closes_on = datetime.date(2026, 3, 10)
    assert days_left(public_version, datetime.date.fromisoformat(today)) == left


def test_a_version_out_of_notice_counts_no_days(public_version, cast):
    returned = world.send_back(public_version, by=cast.reviewer, note="改")
    assert days_left(returned) is None


def test_an_older_version_leads_to_the_newer_one(english, judged, cast):
    world.send_back(judged, by=cast.reviewer, note="宅基地占了基本农田")
    newer = world.publish(world.make_version(judged.village, by=cast.planner), cast.township)
    page = said(english(), judged)
    assert f"/versions/{newer.pk}/" in page
    assert "was returned to be reworked" in page
    assert "宅基地占了基本农田" in page


def test_a_newer_draft_is_not_betrayed_to_the_public(as_user, judged, cast):
    draft = world.make_version(judged.village, by=cast.planner)
    assert draft.pk not in said(as_user(), judged)


def test_the_list_tells_what_each_zone_is_and_will_be(english, judged):
    page = said(english("committee"), judged, "list/")
    assert page.count("data-zone=") == 10
    row = page[page.index('data-zone="9 ') :]
    assert "Orchard" in row[: row.index("</tr>")]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [("9", [9]), ("Z3", [3]), ("0301", [6, 7]), ("Homestead", [8, 9]), ("宅基地", [8, 9]), ("nothing", [])],
)
def test_the_list_is_filtered_by_the_server(english, judged, words, numbers):
    response = english().get(f"/versions/{judged.pk}/list/", {"q": words})
    shown = sorted(row.zone.number for group in response.context["groups"] for row in group.rows)
    assert [n for n in shown if n in numbers] == numbers
    assert len(shown) == len(numbers) or words == "Homestead"


@pytest.mark.parametrize("words", ["9" * 40, "\x00", "<b>", "²", "%"])
def test_nonsense_in_the_filter_finds_nothing_and_breaks_nothing(as_user, judged, words):
    assert as_user().get(f"/versions/{judged.pk}/list/", {"q": words}).status_code == 200


def test_base_data_of_the_list_are_for_those_who_may_see_them(as_user, judged):
    assert "果园" not in said(as_user(), judged, "list/")
    assert "果园" in said(as_user("committee"), judged, "list/")


def test_pins_stand_at_the_place_or_in_the_zone(as_user, judged, cast):
    participation.post_comment(judged, by=cast.villager, text="在这里", lon=116.8055, lat=36.1025)
    participation.post_comment(judged, by=cast.villager, text="三号", zone=3)
    participation.post_comment(judged, by=cast.villager, text="全部")
    pins = as_user().get(f"/versions/{judged.pk}/").context["map_options"]["pins"]
    assert [p["number"] for p in pins] == [1, 2]
    assert (pins[0]["lon"], pins[0]["lat"]) == (116.8055, 36.1025)


def test_the_place_chosen_before_signing_in_is_in_the_form(as_user, judged):
    page = as_user("villager").get(f"/versions/{judged.pk}/", {"lon": "116.8055", "lat": "36.1025", "zone": "3"})
    assert page.context["form"]["zone"].value() == "3"
    assert page.context["form"]["lon"].value() == "116.8055"


def test_the_page_costs_no_more_with_more_comments(as_user, judged, cast, django_assert_max_num_queries):
    answers.answer(
        participation.post_comment(judged, by=cast.villager, text="a"),
        by=cast.committee,
        text="b",
        adoption="explained",
    )
    with django_assert_max_num_queries(42) as before:
        said(as_user(), judged)
    for n in range(3):
        answers.answer(
            participation.post_comment(judged, by=cast.villager, text=f"c{n}"),
            by=cast.committee,
            text="d",
            adoption="explained",
        )
    with django_assert_max_num_queries(len(before)):
        said(as_user(), judged)


def test_misfits_of_drawn_lines_stand_apart_from_conflicts(english, judged):
    zone = judged.zones.get(number=1)
    for number, category in enumerate(("technical", "legacy"), 90):
        judged.findings.create(
            number=number, code="K1", severity="block", category=category, zone=zone, area_m2=18, geom=zone.geom
        )
    page = said(english(), judged)
    assert page.index("It was there before this plan") < page.index("misfit of drawn lines, not a real conflict")
    assert page.index("misfit of drawn lines") < page.index("Two drawn lines do not fit exactly")


def test_with_misfits_alone_no_real_conflict_is_told(english, judged):
    judged.findings.all().delete()
    zone = judged.zones.get(number=1)
    judged.findings.create(
        number=1, code="K1", severity="block", category="technical", zone=zone, area_m2=18, geom=zone.geom
    )
    assert "No real conflict was found" in said(english(), judged)


ALL_CLEAR = "No conflict was found with permanent basic farmland"


def unlined(village, cast, *, lines=(), parcels=True) -> PlanVersion:
    """A public version, judged, of a village whose control lines are gone but for some kinds."""
    village.control_lines.exclude(kind__in=lines).delete()
    if not parcels:
        village.parcels.all().delete()
    version = world.make_version(village, by=cast.planner, rows=list(world.BASE_ROWS))
    runs.judge(version)
    return world.publish(PlanVersion.objects.get(pk=version.pk), cast.township)


def test_without_control_lines_nobody_is_told_that_all_is_clear(english, village, cast):
    page = said(english(), unlined(village, cast))
    assert ALL_CLEAR not in page
    assert "No real conflict was found" not in page
    assert "nobody can say yet that there is no conflict" in page
    clear = [f"<li><strong>{conflicts.name(code)}</strong>: " for code in ("K1", "K3", "K4")]
    assert [line for line in clear if line not in page] == []
    assert "Homesteads above the limit" not in page


def test_a_line_of_the_three_that_is_missing_takes_the_all_clear_away(english, village, cast):
    page = said(english(), unlined(village, cast, lines=("YJJBNT", "CZJSBJ")))
    assert ALL_CLEAR not in page
    assert "Could not be checked: Construction inside the ecological red line</p>" in page


def test_with_the_three_lines_all_is_clear_and_what_was_not_checked_is_said_beside_it(english, village, cast):
    page = said(english(), unlined(village, cast, lines=("YJJBNT", "STBHHX", "CZJSBJ")))
    assert ALL_CLEAR in page
    assert "<strong>Homes, schools or clinics in a hazard area</strong>: No control line of this kind" in page


def test_without_base_year_parcels_no_change_is_told(english, village, cast):
    page = said(english(), unlined(village, cast, lines=("YJJBNT", "STBHHX", "CZJSBJ"), parcels=False))
    assert "There are no base-year parcels of the village on record" in page
    assert "grows by" not in page
    assert ALL_CLEAR not in page
    assert "New construction outside the construction boundary</strong>: There are no base-year parcels" in page


@pytest.mark.parametrize(("lines", "clear"), [(("YJJBNT", "CZJSBJ"), False), (("YJJBNT", "STBHHX", "CZJSBJ"), True)])
def test_no_place_is_told_to_be_clear_where_a_line_of_the_three_is_missing(english, village, cast, lines, clear):
    version, client, (lon, lat) = unlined(village, cast, lines=lines), english(), centre(3, 8)
    place = {"lon": lon, "lat": lat}
    tapped = client.get(f"/api/v1/versions/{version.pk}/identify/", place, headers={"accept-language": "en"}).json()
    mine = client.get(f"/api/v1/versions/{version.pk}/my-place/", place, headers={"accept-language": "en"}).json()
    (conflicts_here,) = [s["sentences"] for s in mine["sections"] if s["key"] == "conflicts"]
    for sentences in (tapped["sentences"], conflicts_here):
        assert ("No conflict was found here." in sentences) is clear
        assert any("nobody can say yet" in sentence for sentence in sentences) is not clear
