"""Find my village (找我的村): by 12-digit code, name, township, or the name of a hamlet in it; and the village at a place.

Every stage asks an index (docs/my-place.md has the measurements): a county has some hundred villages, a province 100,000.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.gis.geos import Point
from django.db.models import Q, QuerySet

from villages.models import Division, Hamlet, Village

MOST = 60
"""villages told; whoever gets as many should write more of the name"""
LONGEST = 50
SUGGESTED = 8
READ = 200
"""hamlets or divisions of a name that are looked at"""
# 山东省肥城市潮泉镇柳沟村: what stands behind the last of these is the village
_ABOVE = re.compile(r"[省市县区镇乡]|街道")
_UNSEEN = re.compile(r"[\x00\s\u200b\u3000]+")


@dataclass(frozen=True)
class Found:
    """A village, why it was found (code, name, part, township or hamlet), and the named place in it that was meant."""

    village: Village
    why: str
    hamlet: Hamlet | None = None


def tidy(text: str) -> str:
    """What is looked for: without blanks, which Chinese names do not have."""
    return _UNSEEN.sub("", text)[:LONGEST]


def find(text: str, most: int = MOST) -> list[Found]:
    """Villages that a text may mean, the likeliest first: code, name, beginning of the name, hamlet of that name, township,
    then names and hamlets that hold it somewhere."""
    words = tidy(text)
    found = _found(words, most) if words else []
    if words and not found and (last := _ABOVE.split(words)[-1]) and last != words:
        found = _found(last, most)
    return found


def _found(words: str, most: int) -> list[Found]:
    met: dict[str, Found] = {}
    for one in _stages(words, most):
        met.setdefault(one.village.pk, one)
        if len(met) == most:
            break
    return list(met.values())


def _stages(words: str, most: int) -> Iterator[Found]:
    if words.isascii() and words.isdigit():
        yield from _villages(Q(division__code__startswith=words), "code", most)
        return
    yield from _villages(Q(short_name=words), "name", most)
    yield from _villages(Q(pk__in=_divisions(Division.Level.VILLAGE, name=words)), "name", most)
    yield from _villages(Q(short_name__startswith=words), "name", most)
    yield from _hamlets(Q(name__startswith=words), words)
    towns = _divisions(Division.Level.TOWNSHIP, name__startswith=words)
    yield from _villages(Q(division__parent__in=towns), "township", most)
    yield from _villages(Q(short_name__contains=words), "part", most)
    yield from _hamlets(Q(name__contains=words), words)


def _rows(condition: Q) -> QuerySet[Village]:
    """Without the outlines: hundreds of corners nobody asked for."""
    rows = Village.objects.filter(condition).select_related("division__parent__parent")
    return rows.defer("geom", "geom_web").order_by("division_id")


def _divisions(level: int, **named: str) -> list[str]:
    """Codes, asked for by themselves: with a condition on two tables at once no index would be used."""
    return list(Division.objects.filter(level=level, **named).values_list("pk", flat=True)[:READ])


def _villages(condition: Q, why: str, most: int) -> Iterator[Found]:
    return (Found(village, why) for village in _rows(condition)[:most])


def _hamlets(condition: Q, words: str) -> Iterator[Found]:
    """Those of exactly this name first; the likeliest of a village stands for it."""
    hamlets = list(Hamlet.objects.filter(condition).order_by("village_id", "name")[:READ])
    villages = _rows(Q(pk__in={hamlet.village_id for hamlet in hamlets})).in_bulk()
    for hamlet in sorted(hamlets, key=lambda hamlet: hamlet.name != words):
        yield Found(villages[hamlet.village_id], "hamlet", hamlet)


def suggest(text: str) -> list[Village]:
    """Villages whose name begins as the text does, for whoever found nothing: two characters, then one."""
    words = tidy(text)
    for start in (words[:2], words[:1]):
        if start and (rows := list(_rows(Q(short_name__startswith=start))[:SUGGESTED])):
            return rows
    return []


def village_at(lon: float, lat: float) -> Village | None:
    """The village a place lies in; of two that share a border, the one with the smaller code."""
    rows = Village.objects.filter(geom__intersects=Point(lon, lat, srid=4490)).select_related(
        "division__parent__parent"
    )
    return rows.defer("geom", "geom_web").order_by("division_id").first()
