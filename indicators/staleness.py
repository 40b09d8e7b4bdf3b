"""Results that are out of date: planning is told which (planning.freshness), people are shown and may have them computed again."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from indicators import runs
from planning import freshness
from planning.models import ENDED, PlanVersion
from portal import jobs
from portal.errors import Conflict, NotAllowed
from portal.models import Job, User
from portal.rules import STAFF, has_role

KIND = "indicators.judge_version"
ON_RECORD = ENDED
"""states in which results are on record as they were"""


@freshness.answered_by
def out_of_date(versions: QuerySet[PlanVersion]) -> set[str]:
    """Ids of the versions whose newest run no longer holds."""
    return runs.stale_versions(versions)[1]


def band(version: PlanVersion, user: User) -> dict[str, Any]:
    """What every page that shows results says of their age: templates/includes/stale_band.html."""
    stale = freshness.is_stale(version) if has_role(user, STAFF, version.division_code) else told_stale(version)
    run = version.runs.first() if stale else None
    return {
        "stale": stale,
        "stale_since": run.computed_at if run else None,
        "computing": running(version) if stale else None,
        "may_judge": stale and version.state not in ON_RECORD and user.has_perm("planning.judge", version),
    }


def told_stale(version: PlanVersion) -> bool:
    """The same for readers, asked anew every few seconds: on the day a draft is published there are dozens in a second."""
    return cache.get_or_set(f"stale:{version.pk}", lambda: freshness.is_stale(version), settings.STALE_KEPT_SECONDS)


def running(version: PlanVersion) -> Job | None:
    """The computation of a version that waits or is under way."""
    newest = Job.objects.filter(kind=KIND, args__version=version.pk).order_by("-created_at").first()
    return newest if newest and not newest.is_final else None


@transaction.atomic
def compute_again(version: PlanVersion, *, by: User) -> Job:
    """Start the computation of a version; what is computed already and still holds is not computed twice."""
    if not by.has_perm("planning.judge", version):
        raise NotAllowed(_("Only those who work for the division may have a version computed."))
    version = PlanVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if version.state in ON_RECORD:
        raise Conflict(
            _("The version is now “%(state)s”; its results are on record as they were.")
            % {"state": version.get_state_display()},
            code="wrong_state",
        )
    if job := running(version):
        if job.created_by_id == by.pk:
            return job
        raise Conflict(_("The version is being computed already."), code="running")
    return jobs.start(KIND, by=by, version=version.pk)
