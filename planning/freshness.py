"""Whether what was computed for a version still holds: base data, lines and rules may have changed since.

What a result depends on is known to whoever computed it, which planning may not import: `indicators` registers the answer
here, and everything that shows or uses results asks here, so that the page, the API and the gate of a step agree.
"""

from collections.abc import Callable, Iterable

from django.db.models import QuerySet

from planning.asked_above import Asked
from planning.models import PlanVersion

_answers: Asked[Callable[[QuerySet[PlanVersion]], set[str]]] = Asked()
answered_by = _answers.register
"""registers the function that knows: of versions, the ids of those whose results are out of date"""


def is_stale(version: PlanVersion) -> bool:
    """True if an input changed since the version was computed; one that never was is not out of date, it is not computed."""
    known = getattr(version, "out_of_date", None)
    return bool(stale_among([version])) if known is None else known


def remember(versions: Iterable[PlanVersion]) -> None:
    """Ask once for all rows of a page: each then knows by itself whether it is `out_of_date`."""
    versions = list(versions)
    stale = stale_among(versions)
    for version in versions:
        version.out_of_date = version.pk in stale


def stale_among(versions: Iterable[PlanVersion]) -> set[str]:
    """Ids of the versions whose results are out of date; as many queries for a page of them as for one."""
    computed = [version.pk for version in versions if version.checked_at]
    if not computed:
        return set()
    return set().union(*(answer(PlanVersion.objects.filter(pk__in=computed)) for answer in _answers))
