"""Who may see the facts of a village, and who may hand in its tables."""

from typing import TYPE_CHECKING

from django.conf import settings

from portal.models import User
from portal.rules import STAFF, has_role

if TYPE_CHECKING:
    from villages.tables.kinds import Kind


def may_see_base_data(user: User, village_code: str) -> bool:
    """Precise parcels and control lines are internal (内部): staff of the division, or everyone in the demo, where they are drawn."""
    return settings.DEMO or has_role(user, STAFF, village_code)


def may_check_drawn(user: User, village_code: str) -> bool:
    """To be told what a polygon conflicts with is to be told where control lines run: who may see these, may ask."""
    return may_see_base_data(user, village_code)


def may_import(user: User, kind: "Kind", division_code: str) -> bool:
    """Committee and planner for their village, the county for all of its villages, administrators the divisions."""
    return has_role(user, kind.roles, division_code)
