"""What covers most of each zone in the base year."""

from planning.models import PlanVersion
from portal.geo import sql


def largest_now(version: PlanVersion, numbers: list[int]) -> dict[int, str]:
    """The base-year class that covers most of each zone, by zone number."""
    (rows,) = sql.row("planning/zone_now", village=version.division_code, version=version.pk, numbers=numbers)
    return {row["zone"]: row["code"] for row in rows}
