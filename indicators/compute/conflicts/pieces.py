"""From overlapping polygons to findings: the pieces of zones that are in conflict, sorted by what they are.

A piece of conflict is
  legacy     where the base year already had the same there (现状已有),
  technical  a connected rest smaller than 100 m² or nowhere 1 m wide: lines drawn at different scales (技术性),
  real       everything else (实质性).
One row per zone and category (and, where several grounds are asked, per ground); a row below 1 m² is misfit of lines and
left out.

Measured on an equal-area plane through the zones: areas are ellipsoidal, lengths true to 5e-6. "Nowhere 1 m wide" means
that shrinking the part by 0.5 m on all sides leaves nothing; GEOS shrinks to within 1 cm.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from indicators.compute.conflicts.sheets import Sheet, base_of, near, sheet_of
from indicators.compute.frames import CheckResult, Frames, Layer, Piece, shapes
from indicators.compute.overlay import NOISE_M2, cut, mended
from indicators.compute.standard import CodeSet, Standard

REAL, TECHNICAL, LEGACY = "real", "technical", "legacy"
NOTHING = np.empty(0, dtype=object)


class Parts(NamedTuple):
    """Connected parts of conflicts on the plane: position of their zone, shape, m², category. Plain arrays, because a
    polygon that is checked while it is drawn has one or two, and making a table of them would take longer than cutting."""

    at: np.ndarray
    geom: np.ndarray
    area_m2: np.ndarray
    category: np.ndarray

    def take(self, which: np.ndarray) -> "Parts":
        return Parts(*(column[which] for column in self))

    def with_those(self, other: "Parts") -> "Parts":
        return Parts(*(np.concatenate(columns) for columns in zip(self, other, strict=True)))


def overlaps(
    frames: Frames, zones: Layer, ground: np.ndarray, standard: Standard, *, existing: np.ndarray = NOTHING,
    detail: Mapping[str, Any] | None = None,
) -> list[Piece]:  # fmt: skip
    """Pieces of zones inside a ground (polygons in lon/lat, which may overlap): legacy where they lie in `existing`.

    Where nobody recorded what stood there, nothing can be legacy, and each piece says so.
    """
    zones = touching(zones, ground)
    if not len(zones):
        return []
    if existing is not NOTHING and not has_base(frames):
        detail = {**(detail or {}), "base_unknown": True}
    sheet = sheet_of(frames, shapes(zones))
    legacy, rest = sheet.divided(shapes(zones), ground, existing)
    parts = parts_of(legacy, standard, LEGACY).with_those(sorted_parts(rest, standard))
    return rows(zones, parts, sheet, standard, detail)


def new_parts(zones: Layer, built: np.ndarray, sheet: Sheet) -> np.ndarray:
    """Each zone without what was built there in the base year, on the plane."""
    _, new = sheet.split(sheet.flatten(shapes(zones)), sheet.flatten(near(built, shapes(zones))))
    return new


def new_inside(
    frames: Frames, zones: Layer, ground: np.ndarray, built: np.ndarray, standard: Standard,
    detail: Mapping[str, Any] | None = None,
) -> list[Piece]:  # fmt: skip
    """Pieces of zones inside a ground that were not built in the base year; there is no legacy among them."""
    zones = touching(zones, ground)
    if not len(zones):
        return []
    sheet = sheet_of(frames, shapes(zones))
    inside, _ = sheet.split(new_parts(zones, built, sheet), sheet.flatten(ground))
    return rows(zones, sorted_parts(inside, standard), sheet, standard, detail)


def changed_use_inside(
    frames: Frames, zones: Layer, ground: np.ndarray, standard: Standard, detail: Mapping[str, Any] | None = None
) -> list[Piece]:  # fmt: skip
    """Pieces of zones inside a ground: legacy where the base year had the same class of the first level."""
    zones = touching(zones, ground)
    first = np.array([code[:2] for code in zones["code"]], object)
    return joined(
        overlaps(
            frames, zones.take(np.flatnonzero(first == code)), ground, standard,
            existing=base_of(frames, CodeSet("same", frozenset([code]))), detail=detail,
        )
        for code in sorted(set(first))
    )  # fmt: skip


def touching(frame: Layer, ground: np.ndarray) -> Layer:
    """Rows whose bounding box meets that of one of the polygons: the rest need not be looked at."""
    if not len(frame) or not len(ground):
        return frame.take([])
    return frame.take(np.unique(shapely.STRtree(shapes(frame)).query(ground)[1]))


def apart(grounds: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Grounds without what the ones before them cover: the first that is asked counts, nothing counts twice."""
    taken, left = NOTHING, []
    for ground in grounds:
        left.append(cut(ground, taken)[1] if len(taken) and len(ground) else ground)
        taken = np.concatenate([taken, ground])
    return left


def parts_of(shapes_: np.ndarray, standard: Standard, category: str) -> Parts:
    """Connected parts that are more than rounding.

    Where one layer has a vertex on the straight edge of the other, the two part by a centimetre as soon as either is
    projected: a strip of 900 m that encloses 7 m² and means nothing. Its mean width, 2 · area / perimeter, tells it.
    """
    geom, at = shapely.get_parts(shapes_, return_index=True)
    area = shapely.area(geom)
    width = 2 * area / np.maximum(shapely.length(geom), 1e-9)
    named = np.full(len(geom), category, dtype=object)
    return Parts(at, geom, area, named).take((area > NOISE_M2) & (width >= standard.limits["noise_width_m"]))


def sorted_parts(shapes_: np.ndarray, standard: Standard) -> Parts:
    """Connected parts with their category, technical or real."""
    parts = parts_of(shapes_, standard, REAL)
    technical = parts.area_m2 < standard.limits["technical_m2"]
    technical[~technical] = is_narrow(parts.geom[~technical], standard.limits["technical_width_m"])
    parts.category[technical] = TECHNICAL
    return parts


def is_narrow(polygons: np.ndarray, width_m: float) -> np.ndarray:
    """Whether a polygon (in metres) is nowhere `width_m` wide: shrunk by half of it, nothing is left.

    A polygon without holes has an inscribed circle of radius area / perimeter at least, so most need no shrinking,
    which costs seconds for outlines of 100,000 vertices.
    """
    half = width_m / 2
    broad = (shapely.get_num_interior_rings(polygons) == 0) & (shapely.area(polygons) > half * shapely.length(polygons))
    narrow = ~broad
    narrow[narrow] = shapely.is_empty(shapely.buffer(polygons[narrow], -half))
    return narrow


def rows(
    zones: Layer, parts: Parts, sheet: Sheet, standard: Standard, detail: Mapping[str, Any] | None = None
) -> list[Piece]:  # fmt: skip
    """Parts put together by zone and category, in lon/lat, in the order of zones."""
    if not len(parts.at):
        return []
    number, category = np.asarray(zones["number"])[parts.at].astype(np.int64), parts.category.astype(str)
    order = np.lexsort((category, number))
    parts, number, category = parts.take(order), number[order], category[order]
    first = np.flatnonzero(np.r_[True, (number[1:] != number[:-1]) | (category[1:] != category[:-1])])
    area = np.add.reduceat(parts.area_m2, first)
    group = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(number)]))
    kept = area >= standard.limits["misfit_m2"]
    if not kept.any():
        return []
    geom = multi(mended(sheet.plane.lift(shapely.multipolygons(parts.geom, indices=group)[kept])))
    first = first[kept]
    codes = np.asarray(zones["code"])[parts.at[first]]
    columns = (number[first].tolist(), codes, parts.category[first], area[kept].tolist(), geom)
    return [Piece(*values, "", dict(detail or {})) for values in zip(*columns, strict=True)]


def without_place(subject: str, area_m2: float, detail: Mapping[str, Any], category: str = REAL) -> Piece:
    """A conflict that lies in no zone and nowhere on the map."""
    return Piece(None, "", category, float(area_m2), None, subject, dict(detail))


def joined(found: Iterable[Sequence[Piece]]) -> list[Piece]:
    """Pieces of several in the order of their zones, those of no zone first."""
    return sorted(
        (piece for some in found for piece in some), key=lambda piece: -1 if piece.zone is None else piece.zone
    )


def multi(geoms: np.ndarray) -> np.ndarray:
    """Polygons as MultiPolygons, the type findings are stored in."""
    single = shapely.get_type_id(geoms) == shapely.GeometryType.POLYGON
    geoms = geoms.copy()
    geoms[single] = [shapely.multipolygons([geom]) for geom in geoms[single]]
    return geoms


def has_base(frames: Frames) -> bool:
    """Whether the village has base-year parcels (基期图斑): without any, nothing is known of what stood where."""
    return len(frames.base) > 0


def checked(found: Sequence[Piece]) -> CheckResult:
    return CheckResult("checked", found)


def partly(note: str, found: Sequence[Piece], named: Sequence[str] = ()) -> CheckResult:
    """The check was made but for what the note says."""
    return CheckResult("partly", found, note, tuple(named))


def beside_base(frames: Frames, found: Sequence[Piece]) -> CheckResult:
    """What was found where it matters what stood there before: without base-year parcels a part of the answer is missing."""
    return partly("base_unknown", found) if found and not has_base(frames) else checked(found)


def not_applicable(note: str, named: Sequence[str] = ()) -> CheckResult:
    """The check was not made, which is not the same as passed."""
    return CheckResult("not_applicable", (), note, tuple(named))


def of_codes(frame: Layer, codes: CodeSet) -> Layer:
    """The rows of these classes."""
    return frame.take(np.flatnonzero(codes.mask(frame["code"])))


def rule_codes(standard: Standard, name: str) -> CodeSet | None:
    """The classes a rule lists by prefix; None where no profile states it."""
    stated = standard.rules.get(name)
    return None if stated is None else CodeSet(name, frozenset(stated))


def column(frame: Layer, name: str) -> np.ndarray:
    """A column of a layer, without values where the layer came without it."""
    return np.asarray(frame[name], object) if name in frame else np.full(len(frame), None, object)


def levels_of(lines: Layer) -> list[str]:
    """The level of each control line; `unstated` where none is given."""
    return [(str(level).strip() if isinstance(level, str) else "") or "unstated" for level in column(lines, "level")]


def read_levels(
    lines: Layer, kind: str, asked: Collection[str], standard: Standard
) -> tuple[list[str], list[str]]:  # fmt: skip
    """The level of each line of a kind in the words of the rules, and the words that no rule lists.

    What is written otherwise is read by the rule `line_levels`; a word nobody lists counts as unstated, so that a line does
    not become milder because somebody wrote it in his own way.
    """
    rule = standard.rules.get("line_levels", {})
    words, not_asked = rule.get("words", {}).get(kind, {}), rule.get("not_asked", {}).get(kind, ())
    stated = levels_of(lines)
    read = [level if level in asked else words.get(level, level) for level in stated]
    known = {*asked, *not_asked, "unstated"}
    unlisted = sorted({said for said, level in zip(stated, read, strict=True) if level not in known})
    return [level if level in known else "unstated" for level in read], unlisted


def by_level(lines: Layer, levels: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Polygons of the lines of each level, in the order of levels."""
    ground, level_of = shapes(lines), np.array(levels, object)
    for level in sorted(set(levels)):
        yield level, ground[level_of == level]
