"""A village's numbers beside the middle of its township and county: medians, not means, so that one odd village changes
little. Only versions that are open to the public count: a median must not give drafts away."""

import json
from dataclasses import dataclass

from django.core.cache import cache

from planning.models import DECIDED, ENDED
from portal.geo import sql
from villages.models import Village

LEAST_VILLAGES = 3
"""Below this a median says nothing."""

KEEP_SECONDS = 300


@dataclass(frozen=True)
class Median:
    """The middle value of an indicator and of how many villages."""

    value: float
    villages: int


def medians(village: Village) -> dict[str, dict[str, Median | None]]:
    """By code of the indicator: `township` and `county`, None where too few villages have a value."""
    township, county = village.code[:9], village.code[:6]
    key = f"indicator-medians:{township}"
    found = cache.get(key)
    if found is None:
        (text,) = sql.row(
            "indicators/medians", county=county, township=township, decided=list(DECIDED), ended=list(ENDED)
        )
        found = json.loads(text)
        cache.set(key, found, KEEP_SECONDS)
    return {
        code: {where: _median(row[where], row[f"in_{where}"]) for where in ("township", "county")}
        for code, row in found.items()
    }


def _median(value: float | None, villages: int) -> Median | None:
    return Median(value, villages) if value is not None and villages >= LEAST_VILLAGES else None
