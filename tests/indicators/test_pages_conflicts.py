"""What pages say of conflicts: new, still there, fixed; exceptions with who asked and who confirmed; for residents in plain words."""

import pytest
from django.urls import reverse

from indicators import runs
from planning import waivers
from planning.models import PlanVersion
from tests import world
from tests.grid import cell
from tests.indicators.test_carrying_versions import HOME, granted, judged, k1
from tests.planning.waiver_case import NUMBER, proposed
from tests.rows import shared


def review(client, version: PlanVersion, **query: str) -> str:
    page = client.get(reverse("review", args=[version.pk]), query)
    assert page.status_code == 200
    return page.content.decode()


@shared
def two(village, cast) -> tuple[PlanVersion, PlanVersion]:
    """Of two conflicts with farmland one stays and one is gone; a third is new."""
    first = judged(village, (*HOME, cell(0, 0, 2, 1)), ("070301", "B", cell(5, 0, 2, 1)), by=cast.planner)
    second = judged(
        village,
        ("0703", "C", cell(8, 2, 2, 1)),
        (*HOME, cell(0, 0, 2, 1)),
        ("070301", "B", cell(5, 7, 2, 1)),
        by=cast.planner,
    )
    return first, second


def test_the_review_says_what_is_new_still_there_and_fixed(two, as_user):
    first, second = two
    html = review(as_user("reviewer"), second)
    new, still = k1(second)
    rows = {row.number: html.split(f'id="finding-{row.number}"')[1].split("</details>")[0] for row in (new, still)}
    assert "tag--new" in rows[new.number]
    assert "tag--still" in rows[still.number]
    fixed = review(as_user("reviewer"), second, since="fixed", check="K1", part="findings")
    assert fixed.count('data-finding="fixed-') == 1
    assert ">B</span>" in fixed
    assert "since=fixed" not in review(as_user("reviewer"), first)


def test_a_version_without_one_before_it_says_nothing_of_new(two, as_user):
    html = review(as_user("reviewer"), two[0])
    assert "tag--new" not in html
    assert "tag--still" not in html


MAY_ASK = {"reviewer": True, "leader": True, "planner": False, "township": False, "province": False}


@pytest.mark.parametrize("who", MAY_ASK)
def test_only_who_may_ask_for_an_exception_is_offered_to(who, two, as_user):
    html = review(as_user(who), two[1])
    assert ("/exception/" in html) is MAY_ASK[who]


def test_an_exception_stands_with_who_asked_and_who_confirmed(two, cast, as_user):
    waiver = waivers.Waiver.objects.get(pk=granted(two[1], cast))
    html = review(as_user("planner"), two[1])
    row = html.split(f'href="{reverse("waiver", args=[waiver.pk])}"')[1].split("</details>")[0]
    assert str(cast.reviewer) in row
    assert str(cast.leader) in row
    only = review(as_user("planner"), two[1], exception="covered")
    assert only.count("data-finding=") == 1


def test_one_that_waits_is_shown_with_the_conflict_and_on_the_desks(village, cast, as_user):
    version = world.make_version(village, rows=["070301", *world.plan_rows()[1:]], by=cast.planner)
    runs.judge(version)
    waiver = proposed(version, cast.reviewer)
    address = reverse("waiver", args=[waiver.pk])
    assert address in review(as_user("leader"), version)
    section = {
        who: next(s for s in as_user(who).get("/desk/").context["sections"] if s.key == "exceptions")
        for who in ("leader", "reviewer")
    }
    assert [(row.url, row.primary) for row in section["leader"].rows] == [(address, True)]
    assert [(row.url, row.primary) for row in section["reviewer"].rows] == [(address, False)]
    waivers.confirm(waiver, by=cast.leader)
    assert not next(s for s in as_user("leader").get("/desk/").context["sections"] if s.key == "exceptions").rows


def test_what_outgrew_its_exception_says_so_and_leads_to_it(village, cast, as_user):
    waiver = granted(judged(village, (*HOME, cell(0, 0, 2, 1)), by=cast.planner), cast)
    second = judged(village, (*HOME, cell(0, 0, 3, 1)), by=cast.planner)
    assert reverse("waiver", args=[waiver]) in review(as_user("planner"), second)


def test_residents_read_of_an_exception_with_reason_and_number_but_get_no_file(village, cast, as_user):
    version = world.make_version(village, rows=["070301", *world.plan_rows()[1:]], by=cast.planner)
    runs.judge(version)
    version = world.publish(version, cast.township)
    waiver = proposed(version, cast.reviewer)
    page = f"/versions/{version.pk}/"
    assert NUMBER not in as_user().get(page).content.decode()
    waivers.confirm(waiver, by=cast.leader)
    html = as_user().get(page).content.decode()
    assert NUMBER in html
    assert waiver.reason in html
    assert "/exceptions/" not in html
    assert cast.leader.full_name not in html
    place = as_user().get(f"/api/v1/versions/{version.pk}/identify/?lon=116.805&lat=36.1005").json()
    assert {c["category"] for c in place["conflicts"] if c["code"] == "K1"} == {"exception"}


def test_history_keeps_every_act_on_an_exception(two, cast, as_user):
    granted(two[1], cast)
    acts = [act["verb"] for act in as_user("planner").get(f"/api/v1/versions/{two[1].pk}/history/").json()["acts"]]
    assert {"waiver.proposed", "waiver.confirmed"} <= set(acts)
    html = review(as_user("planner"), two[1])
    assert "waiver.proposed" not in html  # in words
