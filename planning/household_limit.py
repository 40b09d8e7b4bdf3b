"""How many comments the accounts of one household write a day together (每户每日条数): one slip gives no village of voices.

Whose identity was verified, or who holds an office, is known as a person and has the limit of a person alone.
"""

import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from planning.models import PlanVersion
from portal import grades
from portal.errors import TooMany
from portal.grades import Grade
from portal.models import User
from villages.models import Household


def count(version: PlanVersion, by: User) -> None:
    """Count a comment to the household that invited its author, in the transaction that keeps it; TooMany past the limit.

    The household keeps a number and no names, so that who has left it meanwhile is counted too."""
    if grades.of(by, version.division_code) != Grade.INVITED:
        return
    household = Household.objects.select_for_update(of=("self",), no_key=True).get(members__user=by)
    today = timezone.localdate()
    written = household.comments if household.comments_on == today else 0
    if written >= settings.HOUSEHOLD_COMMENTS_A_DAY:
        again = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + datetime.timedelta(days=1)
        raise TooMany(
            _("Your household has written %(count)d comments today, as many as one household may. From %(when)s on you can "
              "write again; nothing that you sent is lost. Whose identity was verified writes on.")
            % {"count": written, "when": f"{again:%Y-%m-%d %H:%M}"},
            code="comments_a_household", data={"again": again.isoformat(), "limit": written},
        )  # fmt: skip
    household.comments_on, household.comments = today, written + 1
    household.save(update_fields=["comments_on", "comments"])
