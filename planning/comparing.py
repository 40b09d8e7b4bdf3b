"""Two versions of a plan compared: their zones read once, the result kept for good, because versions never change."""

import logging
from dataclasses import asdict
from typing import Any

import numpy as np
import shapely
from django.core.cache import cache
from django.http import Http404
from redis.exceptions import RedisError

from planning import zone_changes
from planning.models import PlanVersion
from planning.zone_changes import Change, Comparison, Zones
from portal.models import User

logger = logging.getLogger(__name__)

EDITION = 1
"""of the rules of zone_changes: another one compares everything anew"""
KEPT_SECONDS = 30 * 24 * 3600


def zones_of(version: PlanVersion) -> Zones:
    """The zones of a version as arrays."""
    rows = list(version.zones.order_by("number").values_list("number", "code", "geom"))
    geoms = np.empty(len(rows), dtype=object)
    geoms[:] = shapely.from_wkb([bytes(geom.wkb) for _number, _code, geom in rows])
    return Zones([number for number, *_rest in rows], [code for _number, code, _geom in rows], geoms)


def compare(old: PlanVersion, new: PlanVersion) -> Comparison:
    """What became of the zones of `old` in `new`. The digests name what is compared, so nothing has to be thrown away."""
    key = f"zone-changes-{EDITION}-{old.digest}-{new.digest}"
    try:
        kept = cache.get(key)
    except (RedisError, OSError) as error:  # public pages need it: without the cache they take longer, and stay
        logger.warning("the comparison is not kept: %s", error)
        return zone_changes.compare(zones_of(old), zones_of(new))
    if kept is not None:
        return Comparison(**{**kept, "changes": [Change(**change) for change in kept["changes"]]})
    found = zone_changes.compare(zones_of(old), zones_of(new))
    cache.set(key, asdict(found), KEPT_SECONDS)
    return found


def counts(found: Comparison) -> dict[str, int]:
    """How many changes there are of each fate."""
    return {fate: sum(change.fate == fate for change in found.changes) for fate in zone_changes.FATES}


def changed(found: Comparison) -> list[Change]:
    """What is not the same, as a reader wants it: other uses first."""
    return [change for change in found.changes if change.fate != "same"]


def class_totals(found: Comparison) -> list[dict[str, Any]]:
    """Each class with its area before and after; what is in one version only is 0 in the other."""
    codes = sorted({code for a, b, _m2 in found.matrix for code in (a, b) if code})
    return [
        {
            "code": code,
            "before": sum(m2 for a, _b, m2 in found.matrix if a == code),
            "after": sum(m2 for _a, b, m2 in found.matrix if b == code),
        }
        for code in codes
    ]


def moved_land(found: Comparison) -> list[tuple[str, str, float]]:
    """Land that changes its class between the versions, largest first; slivers are left out."""
    rows = [(a, b, m2) for a, b, m2 in found.matrix if a != b and m2 >= least_told(found)]
    return sorted(rows, key=lambda row: -row[2])


def least_told(found: Comparison) -> float:
    """m² below which a difference of sums is noise of measuring: a millionth of the plan, at least a sliver."""
    return max(zone_changes.SLIVER_M2, 1e-6 * sum(found.old_areas.values()))


def others(version: PlanVersion, user: User) -> list[PlanVersion]:
    """The other versions of the plan that the person may see, by number; read once for a version object and a person."""
    known = version.__dict__.setdefault("_others", {})
    if user.pk not in known:
        seen = PlanVersion.objects.visible_to(user).filter(plan=version.plan_id).exclude(pk=version.pk).defer("report")
        known[user.pk] = list(seen.order_by("number"))
        for other in known[user.pk]:
            other.plan = version.plan  # with its village, whose outline is heavy to read again
    return known[user.pk]


def before(version: PlanVersion, user: User) -> PlanVersion | None:
    """The version before this one, of those the person may see."""
    return next((other for other in reversed(others(version, user)) if other.number < version.number), None)


def pair(version: PlanVersion, user: User, with_id: str) -> tuple[PlanVersion, PlanVersion]:
    """(older, newer) of a version and another one of its plan, by default the one before. Raises Http404."""
    seen = others(version, user)
    other = next((v for v in seen if v.pk == with_id), None) if with_id else before(version, user)
    if other is None:
        raise Http404
    return (other, version) if other.number < version.number else (version, other)
