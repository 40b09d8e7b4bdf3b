"""Who may see the facts of a village."""

from django.conf import settings

from portal.models import User
from portal.rules import STAFF, has_role


def may_see_base_data(user: User, village_code: str) -> bool:
    """Precise parcels and control lines are internal (内部): staff of the division, or everyone in the demo, where they are drawn."""
    return settings.DEMO or has_role(user, STAFF, village_code)
