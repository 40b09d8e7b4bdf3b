"""What became of every zone from one version to another: pure geometry on arrays, no database, no words.

Zones of one version do not overlap (quality rule G5), so zones with the same outline in both need no overlay.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import shapely

from portal.geo import crs

FATES = ("recoded", "moved", "split", "merged", "gone", "new", "same")

MOSTLY = 0.5
"""a zone made for more than this share of the land of an older one is its child: the older zone goes on in it"""
PART = 0.05
"""the least share of a zone without a child that is named as a part"""
OUTLINE_M = 0.01
"""metres: outlines that lie no further apart on average are the same (survey coordinates are given to the centimetre)"""
SLIVER_M2 = 1.0
"""m²: differences of area below this are slivers of drawing, not changes"""


@dataclass(frozen=True)
class Zones:
    """The zones of a version: lists that run parallel, outlines in lon/lat (EPSG:4490)."""

    numbers: list[int]
    codes: list[str]
    geoms: np.ndarray


@dataclass
class Change:
    """One thing that happened: the zones before, the zones after, and the land that changed its class by it."""

    fate: str
    old: list[int]
    new: list[int]
    box: list[float]
    """west, south, east, north of all of them"""
    land: list[tuple[str, str, float]] = field(default_factory=list)
    """class before, class after, m²; an empty class is land outside the plan"""


@dataclass
class Comparison:
    """All changes; where each old zone went; area by class before and after, whose margins are the totals of the classes."""

    changes: list[Change]
    went: dict[int, tuple[str, list[int]]]
    """number of an old zone -> its fate and the numbers of the zones that go on with it"""
    matrix: list[tuple[str, str, float]]
    old_areas: dict[int, float]
    new_areas: dict[int, float]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Overlay:
    """Pieces that zones have in common: row of the old zone, row of the new one, ellipsoidal area in m²."""

    left: np.ndarray
    right: np.ndarray
    area: np.ndarray
    old_area: np.ndarray
    new_area: np.ndarray
    alike: dict[int, int]
    """old row -> new row with the same outline"""


def compare(old: Zones, new: Zones) -> Comparison:
    """Compare two versions zone by zone.

    `same` and `recoded` have the same outline (see OUTLINE_M, SLIVER_M2), `recoded` another class; `moved` has another
    outline; `split` goes on in several zones, `merged` in one together with others; `gone` has no land left in the plan,
    `new` goes on with no old zone. Areas are ellipsoidal (椭球面积). In the matrix the row of a class sums up to its area
    before and the column to its area after; what lies outside of the other version has an empty class.
    """
    overlay = _overlay(old, new)
    pieces = _Pieces(overlay)
    fates = _fates(old, new, overlay, pieces)
    return Comparison(
        changes=_changes(old, new, fates, pieces, overlay),
        went={old.numbers[i]: (fate, [new.numbers[j] for j in into]) for i, (fate, into) in fates.items()},
        matrix=_matrix(old, new, overlay),
        old_areas=dict(zip(old.numbers, overlay.old_area.tolist(), strict=True)),
        new_areas=dict(zip(new.numbers, overlay.new_area.tolist(), strict=True)),
    )


def _overlay(old: Zones, new: Zones) -> _Overlay:
    old_area, new_area = crs.area_m2(old.geoms), crs.area_m2(new.geoms)
    alike = _identical(old.geoms, new.geoms)
    rest_old = np.setdiff1d(np.arange(len(old.geoms)), list(alike.keys()))
    rest_new = np.setdiff1d(np.arange(len(new.geoms)), list(alike.values()))
    tree = shapely.STRtree(new.geoms[rest_new])
    a, b = tree.query(old.geoms[rest_old], predicate="intersects")
    left, right = rest_old[a], rest_new[b]
    area = crs.area_m2(shapely.intersection(old.geoms[left], new.geoms[right])) if len(left) else np.zeros(0)
    there = area > 0
    left, right, area = left[there], right[there], area[there]
    apart = (old_area[left] - area) + (new_area[right] - area)
    outline = crs.perimeter_m(old.geoms[left]) if len(left) else np.zeros(0)
    near = apart <= np.maximum(SLIVER_M2, OUTLINE_M * outline)
    nearly = dict(zip(left[near].tolist(), right[near].tolist(), strict=True))
    known = np.array(list(alike.items()), dtype=int).reshape(-1, 2)
    return _Overlay(
        np.r_[known[:, 0], left], np.r_[known[:, 1], right], np.r_[old_area[known[:, 0]], area],
        old_area, new_area, {**alike, **nearly},
    )  # fmt: skip


def _identical(old: np.ndarray, new: np.ndarray) -> dict[int, int]:
    """Rows whose outlines are the same points, wherever their rings begin."""
    rows = {wkb: row for row, wkb in enumerate(shapely.to_wkb(shapely.normalize(new)))}
    found = ((row, rows.pop(wkb, None)) for row, wkb in enumerate(shapely.to_wkb(shapely.normalize(old))))
    return {row: other for row, other in found if other is not None}


class _Pieces:
    """The pieces by old and by new zone, in which zones each old one goes on, and which old ones become one zone."""

    def __init__(self, overlay: _Overlay) -> None:
        self.of_old: dict[int, list[tuple[int, float]]] = {i: [] for i in range(len(overlay.old_area))}
        self.of_new: dict[int, list[tuple[int, float]]] = {j: [] for j in range(len(overlay.new_area))}
        for i, j, m2 in zip(overlay.left.tolist(), overlay.right.tolist(), overlay.area.tolist(), strict=True):
            self.of_old[i].append((j, m2))
            self.of_new[j].append((i, m2))
        self.into = {i: self._goes_on(i, overlay) for i in self.of_old}
        self.sources: dict[int, set[int]] = {j: set() for j in self.of_new}
        for i, into in self.into.items():
            for j, m2 in self.of_old[i]:
                if into == [j] or (j in into and m2 > MOSTLY * overlay.new_area[j]):
                    self.sources[j].add(i)

    def _goes_on(self, i: int, overlay: _Overlay) -> list[int]:
        """The children of a zone, and where most of it lies; without a child all zones that hold a part of it."""
        if i in overlay.alike:
            return [overlay.alike[i]]
        whole = overlay.old_area[i]
        children = {j for j, m2 in self.of_old[i] if m2 > MOSTLY * overlay.new_area[j]}
        if children:
            return sorted(children | {j for j, m2 in self.of_old[i] if m2 > MOSTLY * whole})
        return sorted(j for j, m2 in self.of_old[i] if m2 >= max(SLIVER_M2, PART * whole))


def _fates(old: Zones, new: Zones, overlay: _Overlay, pieces: _Pieces) -> dict[int, tuple[str, list[int]]]:
    """Old row -> its fate and the new rows that go on with it."""
    found = {}
    for i, into in pieces.into.items():
        if i in overlay.alike:
            found[i] = ("same" if old.codes[i] == new.codes[into[0]] else "recoded", into)
        elif not into:
            found[i] = ("gone", [])
        elif len(into) > 1:
            found[i] = ("split", into)
        else:
            found[i] = ("moved" if pieces.sources[into[0]] == {i} else "merged", into)
    return found


def _changes(
    old: Zones, new: Zones, fates: dict[int, tuple[str, list[int]]], pieces: _Pieces, overlay: _Overlay
) -> list[Change]:
    """One change for each old zone; zones that become one zone are told together; then the new zones."""
    boxes_old, boxes_new = shapely.bounds(old.geoms), shapely.bounds(new.geoms)
    events: list[tuple[str, list[int], list[int]]] = []
    merged: dict[int, set[int]] = {}
    for i, (fate, into) in fates.items():
        if fate == "merged":
            merged.setdefault(into[0], set()).update(pieces.sources[into[0]])
        else:
            events.append((fate, [i], into))
    events += [("merged", sorted(rows), [j]) for j, rows in merged.items()]
    continued = {j for _fate, into in fates.values() for j in into}
    events += [("new", [], [j]) for j in range(len(new.numbers)) if j not in continued]
    changes = []
    for fate, before, after in events:
        boxes = np.vstack([boxes_old[before], boxes_new[after]])
        box = [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()]
        land = [] if fate == "same" else _land(old, new, before, after, pieces, overlay)
        changes.append(Change(fate, [old.numbers[i] for i in before], [new.numbers[j] for j in after], box, land))
    order = {fate: rank for rank, fate in enumerate(FATES)}
    return sorted(changes, key=lambda change: (order[change.fate], (change.new or change.old)[0]))


def _land(
    old: Zones, new: Zones, before: list[int], after: list[int], pieces: _Pieces, overlay: _Overlay
) -> list[tuple[str, str, float]]:
    """Land of these zones that has another class than before, largest first; slivers are left out."""
    touched = {(i, j): m2 for i in before for j, m2 in pieces.of_old[i]}
    touched |= {(i, j): m2 for j in after for i, m2 in pieces.of_new[j]}
    sums: dict[tuple[str, str], float] = {}
    for (i, j), m2 in touched.items():
        pair = (old.codes[i], new.codes[j])
        sums[pair] = sums.get(pair, 0.0) + m2
    for i in before:
        pair = (old.codes[i], "")
        sums[pair] = sums.get(pair, 0.0) + overlay.old_area[i] - sum(m2 for _j, m2 in pieces.of_old[i])
    for j in after:
        pair = ("", new.codes[j])
        sums[pair] = sums.get(pair, 0.0) + overlay.new_area[j] - sum(m2 for _i, m2 in pieces.of_new[j])
    told = [(a, b, float(m2)) for (a, b), m2 in sums.items() if a != b and m2 >= SLIVER_M2]
    return sorted(told, key=lambda row: -row[2])


def _matrix(old: Zones, new: Zones, overlay: _Overlay) -> list[tuple[str, str, float]]:
    """Class before, class after, m². What has no counterpart is the rest to the total, so the margins are the totals."""
    sums: dict[tuple[str, str], float] = {}
    left_over = dict.fromkeys(old.codes, 0.0)
    taken = dict.fromkeys(new.codes, 0.0)
    for code, m2 in zip(old.codes, overlay.old_area.tolist(), strict=True):
        left_over[code] += m2
    for code, m2 in zip(new.codes, overlay.new_area.tolist(), strict=True):
        taken[code] += m2
    for i, j, m2 in zip(overlay.left.tolist(), overlay.right.tolist(), overlay.area.tolist(), strict=True):
        a, b = old.codes[i], new.codes[j]
        sums[a, b] = sums.get((a, b), 0.0) + m2
        left_over[a] -= m2
        taken[b] -= m2
    sums |= {(code, ""): rest for code, rest in left_over.items()}
    sums |= {("", code): rest for code, rest in taken.items()}
    return [(a, b, m2) for (a, b), m2 in sorted(sums.items())]
