"""Tells planning which results are out of date (planning.freshness)."""

from django.db.models import QuerySet

from indicators import runs
from planning import freshness
from planning.models import PlanVersion


@freshness.answered_by
def out_of_date(versions: QuerySet[PlanVersion]) -> set[str]:
    """Ids of the versions whose newest run no longer holds."""
    return runs.stale_versions(versions)[1]
