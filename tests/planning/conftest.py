"""Rows that tests of exceptions start from."""

from indicators import runs
from planning.models import PlanVersion, WorkflowRule
from tests import world
from tests.planning.waiver_case import BAD_ROWS
from tests.rows import shared


@shared
def conflicting(village, cast) -> PlanVersion:
    """A draft with one real conflict of K1 and one of K4."""
    version = world.make_version(village, rows=BAD_ROWS, by=cast.planner)
    runs.judge(version)
    return version


@shared
def closing_early(db):
    WorkflowRule.objects.create(
        division_code=world.COUNTY, notice_days=30, closing_early=True, source="test", valid_from="2020-01-01"
    )
