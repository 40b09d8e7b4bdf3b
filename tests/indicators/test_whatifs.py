"""What a comment would change, held against the changed plan imported and judged in full; who may ask, and how often."""

import io

import pytest
from django.core.management import CommandError, call_command

from indicators import runs, whatif_result, whatifs
from indicators.demo import CAR_PARK, make_what_if
from indicators.models import WhatIf
from planning import participation
from planning.models import PlanVersion, Zone
from tests.indicators.what_if_case import (
    as_version,
    check_against,
    computed,
    drawn_comment,
    rectangle,
    several,
)
from tests.rows import shared


@shared
def judged(public_version):
    runs.judge(public_version)
    return PlanVersion.objects.get(pk=public_version.pk)


def test_land_cut_out_of_several_zones_is_judged_as_the_changed_plan_would_be(judged, cast, run_jobs):
    comment = drawn_comment(judged, cast.villager, rectangle(2, 2.5, 3, 5.2))
    what_if = computed(whatifs.ask(comment, code="070301", by=cast.villager))
    kinds = {(row["code"], row["kind"]) for row in what_if.result["conflicts"]}
    assert {("K1", "new"), ("K3", "new")} <= kinds
    check_against(what_if, judged, as_version(what_if, cast.planner, run_jobs))


def test_a_whole_zone_keeps_its_number_and_is_judged_as_the_changed_plan_would_be(judged, cast, run_jobs):
    comment = participation.post_comment(judged, by=cast.villager, text="果园应保留", zone=9)
    what_if = computed(whatifs.ask(comment, code="0201", by=cast.villager))
    assert what_if.result["zones"] == [9]
    (row,) = what_if.result["moved"]
    assert (row["base"], row["before"]) == ("0201", "070301")
    zone = Zone.objects.get(version=judged, number=9)
    assert row["m2"] == pytest.approx(zone.area_m2, rel=1e-6)
    check_against(what_if, judged, as_version(what_if, cast.planner, run_jobs))


def test_parts_of_one_area_are_cut_one_after_the_other(judged, cast, run_jobs):
    area = several(rectangle(1, 1.5, 1, 1), rectangle(2, 2.5, 2, 0.2), rectangle(8, 9.5, 4, 1))
    comment = drawn_comment(judged, cast.planner, area)
    what_if = computed(whatifs.ask(comment, code="0301", by=cast.planner))
    assert what_if.result["asked_m2"] > what_if.result["area_m2"] + 1  # the rest lies outside the village
    check_against(what_if, judged, as_version(what_if, cast.planner, run_jobs))


def test_a_conflict_that_shrinks_is_one_row_with_both_areas(judged, cast):
    """Half of the new homesteads would be given back; what is too much in all is half as much."""
    comment = drawn_comment(judged, cast.villager, rectangle(0, 8, 5, 1))
    what_if = computed(whatifs.ask(comment, code="0201", by=cast.villager))
    (row,) = (row for row in what_if.result["conflicts"] if row["code"] == "K10")
    assert row["kind"] == "smaller"
    assert row["after_m2"] == pytest.approx(row["before_m2"] / 2, rel=1e-3)
    figure = next(row for row in what_if.result["indicators"] if row["code"] == "4")
    assert (figure["verdict"], figure["delta"]) == ("better", pytest.approx(-row["after_m2"] / 10_000, rel=1e-3))


def test_things_that_hang_together_are_one_group():
    groups = whatif_result.Groups(5)
    groups.join(0, 3)
    groups.join(3, 4)
    assert sorted(map(sorted, groups.all())) == [[0, 3, 4], [1], [2]]


def test_the_command_prints_the_answer_and_keeps_nothing(judged, cast):
    comment = participation.post_comment(judged, by=cast.villager, text="果园应保留", zone=9)
    said = io.StringIO()
    call_command("what_if", comment.pk, "0201", stdout=said)
    assert "9.99" in said.getvalue()
    assert not WhatIf.objects.exists()
    with pytest.raises(CommandError):
        call_command("what_if", comment.pk, "9999")
    with pytest.raises(CommandError):
        call_command("what_if", "222222222222", "0201")


def test_the_demo_shows_one(judged, cast):
    participation.post_comment(judged, by=cast.villager, text="想改成停车场", zone=1)
    make_what_if()
    make_what_if()
    what_if = WhatIf.objects.get()
    assert (what_if.state, what_if.code) == (WhatIf.State.DONE, CAR_PARK)
    assert {"K1", "K4"} <= {row["code"] for row in what_if.result["conflicts"] if row["kind"] == "new"}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_that_takes_too_long_is_stopped_and_says_so(public_version, cast, run_jobs, settings):
    settings.JUDGE_SECONDS = 0
    comment = participation.post_comment(public_version, by=cast.villager, text="果园应保留", zone=9)
    whatifs.ask(comment, code="0201", by=cast.villager)
    run_jobs()
    what_if = WhatIf.objects.select_related("job").get()
    assert (what_if.state, what_if.result) == (WhatIf.State.FAILED, {})
    assert "0" in what_if.job.message
    settings.JUDGE_SECONDS = 300
    whatifs.again(what_if, by=cast.villager)
    run_jobs()
    assert WhatIf.objects.get().state == WhatIf.State.DONE
