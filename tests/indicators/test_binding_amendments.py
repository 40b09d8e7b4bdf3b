"""An amendment that makes a binding indicator worse takes the whole procedure, wherever its zones lie."""

from django.utils import translation

from indicators import runs
from indicators.models import IndicatorValue
from planning import amendments, gates
from planning.models import PlanVersion, Track, WorkflowRule
from tests import world
from tests.rows import shared


@shared
def in_force(version):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )
    runs.judge(version)
    version.findings.all().delete()
    return world.advance(version, "in_force")


def amended(village, by, row: int, code: str, *, judged: bool = True) -> PlanVersion:
    """The next version: as the plan in force, but one row of the village has another class."""
    rows = world.plan_rows()
    rows[row] = code
    version = world.make_version(village, rows=rows, by=by)
    if judged:
        runs.judge(version)
    return PlanVersion.objects.with_plan().get(pk=version.pk)


def test_less_cropland_outside_every_line_is_a_major_amendment_and_says_so_in_figures(in_force, village, cast):
    """Row 4 is a field on no binding line; as homesteads it costs cropland retained and adds construction land."""
    version = amended(village, cast.planner, 4, "070301")
    with translation.override("en"):
        found = amendments.least_track(version)
    assert found.track == Track.FULL
    was, now = (
        v.runs.first().values.get(code="1").value for v in (in_force, version)
    )  # fmt: skip
    assert f"Cropland retained {was:,.2f} → {now:,.2f} ha" in found.why
    assert "Construction land" in found.why
    assert "Forest land retained" not in found.why


def test_what_gets_better_or_is_only_expected_leaves_the_procedure_short(in_force, village, cast):
    """Homesteads of row 8 given back to an orchard: less construction land."""
    assert amendments.least_track(amended(village, cast.planner, 8, "0201")).track == Track.LOCAL
    IndicatorValue.objects.filter(run__version=in_force).update(rule={"binding": "expected"})
    worse = amended(village, cast.planner, 4, "070301")
    IndicatorValue.objects.filter(run__version=worse).update(rule={"binding": "expected"})
    assert amendments.least_track(worse).track == Track.LOCAL


def test_the_gate_of_the_step_finds_what_was_not_computed_when_the_procedure_was_chosen(in_force, village, cast):
    version = amended(village, cast.planner, 4, "070301", judged=False)
    chosen = amendments.choose_track(version, "local", by=cast.planner)
    assert gates.track_fits(chosen) is None
    runs.judge(chosen)
    with translation.override("en"):
        assert "Cropland retained" in gates.track_fits(chosen)


def test_a_difference_below_two_decimals_is_none(in_force, village, cast):
    version = amended(village, cast.planner, 8, "0201")
    IndicatorValue.objects.filter(run__version=in_force, code="1").update(value=40.0)
    now = IndicatorValue.objects.filter(run__version=version, code="1")
    now.update(value=39.996)
    assert amendments.least_track(version).track == Track.LOCAL
    now.update(value=39.98)
    assert amendments.least_track(version).track == Track.FULL
