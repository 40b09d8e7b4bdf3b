"""What a comment would change, held against the changed plan imported and judged in full; who may ask, and how often."""

import pytest

from indicators import runs, whatifs
from planning import participation
from planning.models import PlanVersion, Zone
from tests.indicators.what_if_case import (
    as_version,
    check_against,
    computed,
    drawn_comment,
    rectangle,
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
