"""Names of conflicts across computations and versions: which finding is which one of before.

Two findings are the same conflict if check and category are the same and
- they name the same subject (a household, a project, an indicator); or
- their shapes overlap: area(a ∩ b) / min(area(a), area(b)) ≥ share, so that halves and unions of a zone still count; or
- no shape of before lies there, and their zones bear the same label in the file, which no other finding of theirs bears; or
- neither has a subject or a place: then they speak of the whole village.

Ratios of areas do not depend on the unit, so shapes are compared in degrees: within a village the error is below 1e-3.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

SUBJECT, SAME_SHAPE, LABEL, WHOLE = 3.0, 2.0, 0.2, 0.1
"""how strongly two findings belong together; an overlap counts with its share, 0 to 1, plus 0.5"""
OVERLAP = 0.5
MANY_VERTICES = 200_000
"""shapes with more vertices together are compared by their boxes: this is about a name, not about an area"""
PLACES = 5  # decimals of a degree in the name of a place, about a metre


@dataclass(frozen=True)
class Conflict:
    """What identifies a finding; `key` is its name if it has one, `first` the number of the version it was first seen in."""

    code: str
    category: str
    subject: str = ""
    label: str = ""
    geom: shapely.Geometry | None = None
    key: str = ""
    first: int | None = None


@dataclass(frozen=True)
class Name:
    """The key of a finding, and the findings of the version before that it goes on from, by position."""

    key: str
    goes_on: tuple[int, ...] = ()


@dataclass(frozen=True)
class Match:
    """A finding (position), one of before that is the same conflict (position), and how strongly they belong together."""

    new: int
    old: int
    strength: float


def names(found: Sequence[Conflict], own: Sequence[Conflict], before: Sequence[Conflict], share: float) -> list[Name]:
    """A name for each finding: the one it had in this version (`own`), else the one of the conflict of the version before
    that it goes on from, else a new one made of check, category and place. No two findings share a name: of two halves
    of a conflict the one that fits better keeps it.
    """
    kept = _one_to_one(matches(found, own, share))
    earlier = matches(found, before, share)
    goes_on = defaultdict(list)
    for match in earlier:
        goes_on[match.new].append(match.old)
    keys = {new: own[old].key for new, old in kept.items() if own[old].key}
    taken = set(keys.values())
    for match in earlier:
        key = before[match.old].key
        if match.new not in keys and key and key not in taken:
            keys[match.new] = key
            taken.add(key)
    taken |= {conflict.key for conflict in before}
    for at, conflict in enumerate(found):
        if at not in keys:
            keys[at] = unused(new_key(conflict), taken)
            taken.add(keys[at])
    return [Name(keys[at], tuple(goes_on[at])) for at in range(len(found))]


def matches(new: Sequence[Conflict], old: Sequence[Conflict], share: float) -> list[Match]:
    """Pairs that are the same conflict, the strongest first. A conflict may go on in several, and several in one."""
    groups: dict[tuple[str, str], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, conflicts in enumerate((new, old)):
        for at, conflict in enumerate(conflicts):
            groups[conflict.code, conflict.category][side].append(at)
    found = [match for a, b in groups.values() if a and b for match in _in_group(new, a, old, b, share)]
    return sorted(found, key=lambda m: (-m.strength, m.new, m.old))


def _in_group(
    new: Sequence[Conflict], a: list[int], old: Sequence[Conflict], b: list[int], share: float
) -> Iterable[Match]:
    """Matches among findings of one check and category."""
    named = _by(old, b, "subject")
    yield from (Match(i, j, SUBJECT) for i in a for j in named.get(new[i].subject, ()))
    a = [i for i in a if not new[i].subject]
    b = [j for j in b if not old[j].subject]
    found = list(_by_shape(new, a, old, b, share))
    yield from found
    matched, continued = {m.new for m in found}, {m.old for m in found}
    left_a, left_b = [i for i in a if i not in matched], {j for j in b if j not in continued}
    labels_a, labels_b = _by(new, a, "label"), _by(old, b, "label")
    for i in left_a:
        bearers = labels_b.get(new[i].label, ())
        if len(bearers) == 1 == len(labels_a.get(new[i].label, ())) and bearers[0] in left_b:
            yield Match(i, bearers[0], LABEL)
    yield from (Match(i, j, WHOLE) for i in left_a for j in sorted(left_b) if _whole(new[i]) and _whole(old[j]))


def _by(conflicts: Sequence[Conflict], positions: list[int], name: str) -> dict[str, list[int]]:
    found = defaultdict(list)
    for at in positions:
        if value := getattr(conflicts[at], name):
            found[value].append(at)
    return dict(found)


def _whole(conflict: Conflict) -> bool:
    return conflict.geom is None and not conflict.label


def _by_shape(
    new: Sequence[Conflict], a: list[int], old: Sequence[Conflict], b: list[int], share: float
) -> Iterable[Match]:
    """Pairs with the same shape, or whose shapes overlap by `share` of the smaller one. Where nothing moved, and that is
    nearly always, the bytes are equal and nothing has to be cut."""
    a = [i for i in a if new[i].geom is not None]
    b = [j for j in b if old[j].geom is not None]
    written = defaultdict(list)
    for j, text in zip(b, _bytes(old, b), strict=True):
        written[text].append(j)
    moved = []
    for i, text in zip(a, _bytes(new, a), strict=True):
        yield from (Match(i, j, SAME_SHAPE) for j in written.get(text, ()))
        if text not in written:
            moved.append(i)
    if moved and b:
        yield from _overlapping(new, moved, old, b, share)


def _bytes(conflicts: Sequence[Conflict], positions: list[int]) -> list[bytes]:
    return [shapely.to_wkb(conflicts[at].geom, include_srid=False, byte_order=1) for at in positions]


def _overlapping(
    new: Sequence[Conflict], a: list[int], old: Sequence[Conflict], b: list[int], share: float
) -> Iterable[Match]:
    left = np.array([new[i].geom for i in a], object)
    right = np.array([old[j].geom for j in b], object)
    pairs = shapely.STRtree(right).query(left)
    for i, j in pairs.T:
        one, other = _comparable(left[i], right[j])
        smaller = min(one.area, other.area)
        part = shapely.intersection(one, other).area / smaller if smaller > 0 else 0.0
        if part >= share:
            yield Match(a[i], b[j], OVERLAP + min(part, 1.0))


def _comparable(*geoms: shapely.Geometry) -> list[shapely.Geometry]:
    """Two shapes as they are if they can be cut in no time, else their boxes."""
    if sum(int(shapely.get_num_coordinates(g)) for g in geoms) > MANY_VERTICES:
        return [shapely.envelope(g) for g in geoms]
    return [g if shapely.is_valid(g) else shapely.make_valid(g) for g in geoms]


def _one_to_one(found: Sequence[Match]) -> dict[int, int]:
    """Each finding with the one of before it fits best; none is given twice."""
    pairs: dict[int, int] = {}
    used: set[int] = set()
    for match in found:
        if match.new not in pairs and match.old not in used:
            pairs[match.new] = match.old
            used.add(match.old)
    return pairs


def new_key(conflict: Conflict) -> str:
    """The name of a conflict nobody has named: check and twelve hex digits made of its category and subject, or place."""
    place = conflict.subject or f"{_place(conflict.geom)}|{conflict.label if conflict.geom is None else ''}"
    return f"{conflict.code}-{hashlib.sha256(f'{conflict.category}|{place}'.encode()).hexdigest()[:12]}"


def _place(geom: shapely.Geometry | None) -> str:
    if geom is None or shapely.is_empty(geom):
        return ""
    point = shapely.point_on_surface(geom)
    return f"{point.x:.{PLACES}f} {point.y:.{PLACES}f}"


def unused(key: str, taken: set[str]) -> str:
    """The key itself, or with the next number that is free."""
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free
