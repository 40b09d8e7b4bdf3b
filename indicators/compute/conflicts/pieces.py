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

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from indicators.compute.frames import PIECES, CheckResult, Frames, shapes
from indicators.compute.overlay import NOISE_M2, cut, mended
from indicators.compute.plane import Plane
from indicators.compute.standard import CodeSet, Standard

REAL, TECHNICAL, LEGACY = "real", "technical", "legacy"
NOTHING = np.empty(0, dtype=object)
NO_PIECES = pd.DataFrame(columns=PIECES)


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
    zones: pd.DataFrame, ground: np.ndarray, standard: Standard, *, existing: np.ndarray = NOTHING,
    detail: Mapping[str, Any] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Pieces of zones inside a ground (polygons in lon/lat, which may overlap): legacy where they lie in `existing`."""
    zones = touching(zones, ground)
    if not len(zones):
        return no_pieces()
    plane = Plane.around(shapes(zones))
    inside, _ = split(plane.flatten(shapes(zones)), plane.flatten(ground))
    legacy, rest = split(inside, plane.flatten(near(existing, zones)))
    parts = parts_of(legacy, standard, LEGACY).with_those(sorted_parts(rest, standard))
    return rows(zones, parts, plane, standard, detail)


def new_parts(zones: pd.DataFrame, built: np.ndarray, plane: Plane) -> np.ndarray:
    """Each zone without what was built there in the base year, on the plane."""
    _, new = split(plane.flatten(shapes(zones)), plane.flatten(near(built, zones)))
    return new


def new_inside(
    zones: pd.DataFrame, ground: np.ndarray, built: np.ndarray, standard: Standard, detail: Mapping[str, Any] | None = None
) -> pd.DataFrame:  # fmt: skip
    """Pieces of zones inside a ground that were not built in the base year; there is no legacy among them."""
    zones = touching(zones, ground)
    if not len(zones):
        return no_pieces()
    plane = Plane.around(shapes(zones))
    inside, _ = split(new_parts(zones, built, plane), plane.flatten(ground))
    return rows(zones, sorted_parts(inside, standard), plane, standard, detail)


def changed_use_inside(
    zones: pd.DataFrame, ground: np.ndarray, base: pd.DataFrame, standard: Standard, detail: Mapping[str, Any] | None = None
) -> pd.DataFrame:  # fmt: skip
    """Pieces of zones inside a ground: legacy where the base year had the same class of the first level."""
    zones = touching(zones, ground)
    first, base_first = (np.array([code[:2] for code in frame["code"]], object) for frame in (zones, base))
    return joined(
        overlaps(zones[first == code], ground, standard, existing=shapes(base)[base_first == code], detail=detail)
        for code in sorted(set(first))
    )


def split(polygons: np.ndarray, cutters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`cut`, but polygons that lie in one cutter are taken whole: most zones are a parcel of the base year unchanged."""
    whole = np.zeros(len(polygons), bool)
    whole[shapely.STRtree(cutters).query(polygons, predicate="covered_by")[0]] = True
    inside, outside = polygons.copy(), np.full(len(polygons), shapely.MultiPolygon(), object)
    inside[~whole], outside[~whole] = cut(polygons[~whole], cutters)
    return inside, outside


def touching(frame: pd.DataFrame, ground: np.ndarray) -> pd.DataFrame:
    """Rows whose bounding box meets that of one of the polygons: the rest need not be looked at."""
    if not len(frame) or not len(ground):
        return frame.iloc[:0]
    return frame.iloc[np.unique(shapely.STRtree(shapes(frame)).query(ground)[1])]


def near(polygons: np.ndarray, zones: pd.DataFrame) -> np.ndarray:
    """Those of the polygons whose bounding box meets that of a zone."""
    if not len(polygons) or not len(zones):
        return NOTHING
    return polygons[np.unique(shapely.STRtree(polygons).query(shapes(zones))[1])]


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
    zones: pd.DataFrame, parts: Parts, plane: Plane, standard: Standard, detail: Mapping[str, Any] | None = None
) -> pd.DataFrame:  # fmt: skip
    """Parts put together by zone and category, in lon/lat, in the order of zones."""
    if not len(parts.at):
        return no_pieces()
    number, category = zones["number"].to_numpy()[parts.at], parts.category.astype(str)
    order = np.lexsort((category, number))
    parts, number, category = parts.take(order), number[order], category[order]
    first = np.flatnonzero(np.r_[True, (number[1:] != number[:-1]) | (category[1:] != category[:-1])])
    area = np.add.reduceat(parts.area_m2, first)
    group = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(number)]))
    kept = area >= standard.limits["misfit_m2"]
    if not kept.any():
        return no_pieces()
    geom = shapely.multipolygons(parts.geom, indices=group)[kept]
    first = first[kept]
    columns = {
        "zone": number[first].astype(np.int64),
        "code": zones["code"].to_numpy()[parts.at[first]],
        "category": parts.category[first],
        "area_m2": area[kept],
        "geom": multi(mended(plane.lift(geom))),
        "subject": [""] * len(first),
        "detail": [dict(detail or {}) for _ in first],
    }
    return pd.DataFrame(columns, columns=PIECES)


def without_place(subject: str, area_m2: float, detail: Mapping[str, Any], category: str = REAL) -> tuple[Any, ...]:
    """The row of a conflict that lies in no zone and nowhere on the map."""
    return (None, "", category, float(area_m2), None, subject, dict(detail))


def listed(found: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Rows made one by one as pieces; zones may be missing."""
    return pd.DataFrame(
        {column: pd.Series(values, dtype=object) for column, values in zip(PIECES, _turned(found), strict=True)}
    )


def _turned(found: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(values) for values in zip(*found, strict=True)] if found else [[] for _ in PIECES]


def joined(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Pieces of several tables in the order of their zones."""
    full = [table for table in tables if len(table)]
    if not full:
        return no_pieces()
    return pd.concat(full).sort_values("zone", kind="stable", ignore_index=True, na_position="first")


def multi(geoms: np.ndarray) -> np.ndarray:
    """Polygons as MultiPolygons, the type findings are stored in."""
    single = shapely.get_type_id(geoms) == shapely.GeometryType.POLYGON
    geoms = geoms.copy()
    geoms[single] = [shapely.multipolygons([geom]) for geom in geoms[single]]
    return geoms


def no_pieces() -> pd.DataFrame:
    return NO_PIECES.copy()


def checked(pieces: pd.DataFrame) -> CheckResult:
    return CheckResult("checked", pieces)


def not_applicable(note: str) -> CheckResult:
    """The check was not made, which is not the same as passed."""
    return CheckResult("not_applicable", no_pieces(), note)


def of_codes(frame: pd.DataFrame, codes: CodeSet) -> pd.DataFrame:
    """The rows of these classes."""
    return frame[codes.mask(frame["code"])]


def rule_codes(standard: Standard, name: str) -> CodeSet | None:
    """The classes a rule lists by prefix; None where no profile states it."""
    stated = standard.rules.get(name)
    return None if stated is None else CodeSet(name, frozenset(stated))


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column of a layer, without values where the layer came without it."""
    return frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=object)


def levels_of(frames: Frames, *kinds: str) -> pd.Series:
    """The level of each control line of these kinds; `unstated` where none is given."""
    of_kinds = frames.lines["kind"].isin(kinds)
    known = [str(level).strip() if isinstance(level, str) else "" for level in column(frames.lines, "level")[of_kinds]]
    return pd.Series([level or "unstated" for level in known], index=of_kinds.index[of_kinds], dtype=object)
