"""Check one polygon while it is drawn: what it would conflict with, what the ground is now, which zones it would replace.

The checks are those of `checks.CHECKS` that can judge a single polygon, handed the polygon as a plan of one zone, so the
answer is what judging the finished plan would find for it. Nothing is stored.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import shapely
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from indicators import drawn_ground
from indicators.applying import Ruling, ruling
from indicators.catalogue import NOTES
from indicators.checks import CHECKS, Check, severity_of
from indicators.compute.bounds import TooComplex
from indicators.compute.edges import EdgeSet
from indicators.compute.frames import CheckResult, Frames, Layer, shapes
from indicators.compute.overlay import pair_areas_kept, polygonal
from indicators.compute.plane import Plane
from indicators.compute.standard import Standard
from indicators.drawn_ground import Around
from indicators.drawn_outline import DECIMALS, BadOutline, outline
from indicators.models import JudgementProfile
from planning import conflicts
from planning.models import Finding, LandUseClass, PlanVersion
from portal.errors import PortalError
from portal.geo.sql import TookTooLong
from villages.models import Village

M2_PER_HA, M2_PER_MU = 10_000.0, 10_000.0 / 15
EDITION = "2023"
REPLACED = 0.5
"""share of a zone, and of the polygon, from which drawing is taken to replace that zone"""


class UnknownClass(PortalError):
    code = "land_use_class"


class TooMuch(PortalError):
    """What lies around is too much for an answer while drawing; the plan as a whole can still be checked."""

    code = "too_much"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Too much lies under this polygon to check it while drawing. Draw a smaller or simpler one, or check the "
                "plan as a whole."
            )
        )


def check_drawn(village: Village, geometry: Any, code: str, *, version: PlanVersion | None = None) -> dict[str, Any]:
    """The answer for a polygon (GeoJSON in lon/lat of EPSG:4490) planned as a class; raises PortalError for bad input.

    `version` is a version of the village whose zones the polygon is compared with; whoever asks must be allowed to see it.
    """
    polygon = outline(geometry)
    rules = rules_of(village)
    try:
        return answer(village, polygon, code, rules, version)
    except (TookTooLong, TooComplex) as error:
        raise TooMuch from error


def answer(
    village: Village, polygon: shapely.Geometry, code: str, rules: Ruling, version: PlanVersion | None
) -> dict[str, Any]:
    checks = {c: CHECKS[c] for c in rules.checks if CHECKS[c].drawn}
    found = around(village, polygon, code, checks, rules.standard, version)
    names = names_of({code, *found.frames.base["code"], *found.zones["code"]})
    if code not in names:
        raise UnknownClass(_("“%(code)s” is no land-use class of the edition in force.") % {"code": code})
    outside = outside_of(found.outline, polygon, village)
    results = {c: result_of(check, found.frames, rules.standard) for c, check in checks.items()}
    parcels, planned = overlaid(found, polygon)
    now, zones = ground_now(parcels, names), zones_there(planned, names)
    return {
        "village": village.code,
        "code": code,
        "name": names[code],
        "area_m2": found.area_m2,
        "area_ha": found.area_m2 / M2_PER_HA,
        "area_mu": found.area_m2 / M2_PER_MU,
        "conflicts": [row for c, result in results.items() for row in told(c, result, rules.checks[c]["severity"])],
        "not_checked": not_checked(results, rules.checks),
        "now": now,
        "unrecorded_m2": max(found.area_m2 - outside["area_m2"] - sum(row["area_m2"] for row in now), 0.0),
        "outside": outside,
        "version": version.pk if version else None,
        "zones": zones,
        "replaces": replaced(zones, found.area_m2),
        "profiles": list(rules.profiles),
    }


def rules_of(village: Village) -> Ruling:
    """What holds for the village today. Editions of profiles never change, so what they say together is merged once."""
    above = ["", *(village.code[:digits] for digits in (2, 4, 6, 9, 12))]
    rows = JudgementProfile.objects.in_force(timezone.localdate()).filter(division_code__in=above)
    editions = tuple(rows.order_by("pk").values_list("pk", flat=True))
    return _rules(village.code, village.type, village.terrain, editions)


@lru_cache(maxsize=64)
def _rules(code: str, _type: str, _terrain: str, _editions: tuple[int, ...]) -> Ruling:
    return ruling(Village.objects.defer("geom", "geom_web").get(pk=code))


def around(
    village: Village, polygon: shapely.Geometry, code: str, checks: dict[str, Check], standard: Standard,
    version: PlanVersion | None,
) -> Around:  # fmt: skip
    """What lies around, if it is little enough to be answered while somebody waits."""
    layers = {name for check in checks.values() for name in check.inputs}
    found = drawn_ground.around(village, polygon, code, layers, reach_m(standard), version)
    if found.too_much:
        raise TooMuch
    found.frames.sheet.check(on_plane(found), len(found.frames.base) + len(found.zones))
    return found


def on_plane(found: Around) -> np.ndarray:
    """Parcels of the base year, zones of the version, lines and the polygon, on the plane the checks measure on."""
    layers = (found.frames.base, found.zones, found.frames.lines, found.frames.plan)
    return found.frames.sheet.flatten(np.concatenate([shapes(layer) for layer in layers]))


def reach_m(standard: Standard) -> float:
    """How far away a road or a pipeline still matters: the largest setback in force, and half of a wide road."""
    distances = [float(v) for v in standard.rules.get("setbacks_m", {}).values() if isinstance(v, int | float)]
    return max(distances, default=0.0) + drawn_ground.HALF_ROAD_M


def outside_of(village_outline: shapely.Geometry, polygon: shapely.Geometry, village: Village) -> dict[str, Any]:
    """The part of the polygon outside the village; wholly outside is a mistake of place."""
    if not shapely.intersects(village_outline, polygon):
        said = _("The polygon lies outside %(village)s.") % {"village": village.short_name}
        raise BadOutline("outside", said, tuple(shapely.get_coordinates(polygon)[0]))
    if shapely.covers(village_outline, polygon):
        return {"area_m2": 0.0, "geometry": None}
    pair = np.array([polygon, village_outline], object)
    plane = Plane.around(pair[:1])
    flat = plane.flatten(pair)
    rest = polygonal(np.array([shapely.difference(flat[0], flat[1])], object))
    area = float(shapely.area(rest)[0])
    return {"area_m2": area, "geometry": as_geojson(plane.lift(rest)[0]) if area else None}


def result_of(check: Check, frames: Frames, standard: Standard) -> CheckResult:
    return check.function(frames, standard)


def told(code: str, result: CheckResult, rule: str) -> list[dict[str, Any]]:
    """The conflicts of one check, in words and as shapes."""
    return [
        {
            "code": code,
            "name": conflicts.name(code),
            "severity": severity_of(rule, piece.detail),
            "category": piece.category,
            "category_text": str(Finding.Category(piece.category).label),
            "law": CHECKS[code].law,
            "action": str(CHECKS[code].action),
            "sentence": conflicts.sentence(code, piece.category, piece.area_m2, piece.detail),
            "area_m2": piece.area_m2,
            "subject": piece.subject,
            "detail": piece.detail,
            "geometry": as_geojson(piece.geom),
        }
        for piece in result.found
    ]


def not_checked(results: dict[str, CheckResult], applying: dict[str, Any]) -> list[dict[str, str]]:
    """Every check that was not made, and why: not the same as passed."""
    notes = {c: str(NOTES.get(r.note, r.note)) for c, r in results.items() if r.status == "not_applicable"}
    for code, check in CHECKS.items():
        if code not in applying:
            notes[code] = _("The profile of the village does not ask for this check.")
        elif not check.drawn:
            notes[code] = _("This is judged on the plan as a whole.")
    return [{"code": code, "name": conflicts.name(code), "why": notes[code]} for code in CHECKS if code in notes]


class Overlaid(NamedTuple):
    """What the polygon overlies: rows of a frame, each with its share of the polygon in m²."""

    rows: Layer
    area_m2: list[float]


def overlaid(found: Around, polygon: shapely.Geometry) -> tuple[Overlaid, Overlaid]:
    """Parcels of the base year and zones of the version under the polygon, measured on the plane the checks measure on."""
    base, zones, sheet = found.frames.base, found.zones, found.frames.sheet
    edges, which = sheet.edges(on_plane(found))
    shape, _, m2 = pair_areas_kept(edges, EdgeSet.of(sheet.flatten(np.array([polygon], object)), None))
    area = np.bincount(shape, m2, minlength=len(edges))[which]
    now, planned = area[: len(base)], area[len(base) : len(base) + len(zones)]
    return (
        Overlaid(base.take(np.flatnonzero(now)), now[now > 0].tolist()),
        Overlaid(zones.take(np.flatnonzero(planned)), planned[planned > 0].tolist()),
    )


def ground_now(parcels: Overlaid, names: dict[str, str]) -> list[dict[str, Any]]:
    """Area (m²) of the polygon by base-year class, the largest first."""
    sums: dict[str, float] = {}
    for code, m2 in zip(parcels.rows["code"].tolist(), parcels.area_m2, strict=True):
        sums[code] = sums.get(code, 0.0) + m2
    order = sorted(sums, key=lambda code: (-sums[code], code))
    return [{"code": code, "name": names.get(code, code), "area_m2": sums[code]} for code in order]


def zones_there(zones: Overlaid, names: dict[str, str]) -> list[dict[str, Any]]:
    """Zones of the version the polygon overlies, the most covered first; `share` is that of the zone."""
    columns = (zones.rows[name].tolist() for name in ("number", "code", "label", "area_m2"))
    rows = [
        {
            "number": number, "code": code, "name": names.get(code, code), "label": label,
            "area_m2": m2, "share": min(m2 / whole, 1.0),
        }
        for number, code, label, whole, m2 in zip(*columns, zones.area_m2, strict=True)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row["area_m2"], row["number"]))


def replaced(zones: list[dict[str, Any]], area_m2: float) -> int | None:
    """The zone that is mostly covered by the polygon and covers most of it: the same ground drawn anew."""
    first = zones[0] if zones else None
    same = first and first["share"] > REPLACED and first["area_m2"] > REPLACED * area_m2
    return first["number"] if same else None


def names_of(codes: set[str]) -> dict[str, str]:
    rows = LandUseClass.objects.filter(code__in=codes, code_version=EDITION).values_list("code", "name_zh", "name_en")
    english = get_language() == "en"
    return {code: (name_en if english else name_zh) for code, name_zh, name_en in rows}


def as_geojson(geom: shapely.Geometry | None) -> dict[str, Any] | None:
    """GeoJSON of a polygon or several, with the decimals everything is answered with."""
    if geom is None:
        return None
    rings, part = shapely.get_rings(shapely.get_parts(geom), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    places, ends = np.round(xy, DECIMALS).tolist(), np.cumsum(np.bincount(ring, minlength=len(rings))).tolist()
    polygons: list[list[list[list[float]]]] = [[] for _ in range(shapely.get_num_geometries(geom))]
    for n, start, end in zip(part.tolist(), [0, *ends], ends, strict=False):
        polygons[n].append(places[start:end])
    several = geom.geom_type == "MultiPolygon"
    return {"type": geom.geom_type, "coordinates": polygons if several else polygons[0]}
