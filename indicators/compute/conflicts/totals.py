"""Conflicts of sums: K10 construction in all (建设用地总规模), K14 facility farmland (设施农用地)."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from indicators.compute.conflicts.pieces import (
    REAL,
    TECHNICAL,
    checked,
    joined,
    multi,
    not_applicable,
    of_codes,
    partly,
    without_place,
)
from indicators.compute.frames import CheckResult, Frames, Piece, shapes
from indicators.compute.standard import Standard
from indicators.compute.structure import M2_PER_HA


def construction_in_all(frames: Frames, standard: Standard) -> CheckResult:
    """K10: Σ construction of the plan (07-16, 2301) > what was issued for indicator 4, or, where nothing was, > the base year.

    One row without a place; its area is what lies above. Less than 100 m² is rounding of the issued hectares (technical).
    """
    if not len(frames.plan):
        return not_applicable("no_plan")
    issued = frames.village.get("target_4")
    if issued is None and not len(frames.base):
        return not_applicable("no_base")
    planned, stood = (float(of_codes(f, standard["construction"])["area_m2"].sum()) for f in (frames.plan, frames.base))
    limit = stood if issued is None else float(issued) * M2_PER_HA
    over = planned - limit
    if over < standard.limits["misfit_m2"]:
        return checked(())
    detail = {
        "value_ha": round(planned / M2_PER_HA, 4),
        "limit_ha": round(limit / M2_PER_HA, 4),
        "against": "base" if issued is None else "issued",
    }
    category = TECHNICAL if over < standard.limits["technical_m2"] else REAL
    return checked([without_place("4", over, detail, category)])


def facility_farmland_too_large(frames: Frames, standard: Standard) -> CheckResult:
    """K14: facility farmland (0602*) of more than its share of cropland and orchards (rule `facility_share_max`, by class,
    of A(01, 02) of the plan), or a zone of it larger than one may be (rule `facility_zone_max_m2`, by class).

    The share gives a row without a place with the area above it; a zone that is too large is a row with its whole area. Without
    cropland and orchards there is nothing to take a share of, and only the zones are checked.
    """
    shares, largest = standard.rules.get("facility_share_max"), standard.rules.get("facility_zone_max_m2", {})
    if shares is None:
        return not_applicable("no_rule")
    if not len(frames.plan):
        return not_applicable("no_plan")
    areas = areas_by_code(frames.plan)
    tilled = sum(area for code, area in areas.items() if code in standard["cropland_orchard"])
    if not tilled:
        return partly("no_tilled_land", too_large(frames, largest))
    found = [without_place(*row) for row in over_share(areas, shares, tilled, standard)]
    return checked(joined([found, too_large(frames, largest)]))


def over_share(
    areas: Mapping[str, float], shares: Mapping[str, float | None], tilled: float, standard: Standard
) -> Iterator[tuple[str, float, dict[str, Any]]]:
    for code, share in shares.items():
        area = area_of(areas, (code,), ())
        if share is not None and area - share * tilled >= standard.limits["misfit_m2"]:
            yield code, area - share * tilled, {"value_pct": round(100 * area / tilled, 2), "limit_pct": 100 * share}


def too_large(frames: Frames, largest: Mapping[str, float | None]) -> list[Piece]:
    found = []
    limits = {code: limit for code, limit in largest.items() if limit is not None}
    columns = (frames.plan[name].to_numpy() for name in ("number", "code", "area_m2"))
    for number, code, area, geom in zip(*columns, shapes(frames.plan), strict=True):
        limit = min((limits[prefix] for prefix in limits if code.startswith(prefix)), default=math.inf)
        if area > limit:
            detail = {"value_m2": round(float(area), 2), "limit_m2": float(limit)}
            found.append(Piece(int(number), code, REAL, float(area), multi(np.array([geom], object))[0], "", detail))
    return found


def areas_by_code(frame: pd.DataFrame) -> dict[str, float]:
    """Area in m² of each class of a layer."""
    areas: dict[str, float] = {}
    for code, area in zip(frame["code"], frame["area_m2"], strict=True):
        areas[code] = areas.get(code, 0.0) + float(area)
    return areas


def area_of(areas: Mapping[str, float], codes: tuple[str, ...], without: tuple[str, ...]) -> float:
    """Area in m² of the classes that begin with `codes` and not with `without`."""
    return sum(area for code, area in areas.items() if code.startswith(codes) and not code.startswith(without))
