"""Rules of coordinates (数学基础): an allowed system, and a place in the county."""

import math
import re
from collections.abc import Iterable, Iterator

import numpy as np
import shapely
from django.contrib.gis.db.models import Extent

from planning.quality.case import Case
from planning.quality.registry import NotApplicable, rule, tolerances
from portal.geo.issues import Issue
from villages.models import Village

METRES_OF_DEGREE = 111_320.0
COUNTY = 6  # digits of a division code that name the county
_EPSG = re.compile(r"EPSG:\d+")


@rule("C1")
def allowed_system(case: Case) -> Iterable[Issue] | NotApplicable:
    """Every layer with geometries is in one of the coordinate systems the profile names."""
    allowed = case.profile.content.get("crs_allowed")
    if not allowed:
        return NotApplicable("any_crs")
    return (
        Issue("C1", layer=m.layer.name, params={"reason": "crs_not_allowed", "value": m.layer.crs_text, "wanted": ", ".join(allowed)})
        for m in case.matched
        if m.layer.crs_text and epsg(m.layer.crs_text) not in allowed
    )  # fmt: skip


def epsg(text: str) -> str:
    """`EPSG:4490` out of what a layer says of its system, else the text."""
    found = _EPSG.match(text)
    return found.group() if found else text


@rule("C2")
def inside_county(case: Case) -> Iterator[Issue]:
    """No zone lies outside the box around all villages on record of the county, widened by the margin (坐标在县域内).

    Other layers may reach beyond it, such as a town's roads where few villages are on record, but not lie there altogether.
    """
    box = county_box(case.village, tolerances(case.profile.rules, "C2")["county_margin_m"])
    for matched in case.matched:
        bounds = shapely.bounds(matched.layer.geometry)
        with np.errstate(invalid="ignore"):
            if matched.spec.role == "zones":
                outside = (bounds[:, :2] < box[:2]).any(axis=1) | (bounds[:, 2:] > box[2:]).any(axis=1)
            else:
                apart = (bounds[:, 2:] < box[:2]).any(axis=1) | (bounds[:, :2] > box[2:]).any(axis=1)
                outside = apart & (apart | np.isnan(bounds[:, 0])).all()
        if outside.any():
            row = int(outside.argmax()) + 1
            params = {"reason": "outside_county", "value": shown(bounds[row - 1]), "wanted": shown(box)}
            yield Issue("C2", layer=matched.layer.name, row=row, params=params, geom=matched.layer.geometry[row - 1])


def county_box(village: Village, margin_m: float) -> np.ndarray:
    extent = Village.objects.under(village.code[:COUNTY]).aggregate(box=Extent("geom"))["box"]
    west, south, east, north = extent
    up = margin_m / METRES_OF_DEGREE
    aside = up / math.cos(math.radians((south + north) / 2))
    return np.array([west - aside, south - up, east + aside, north + up])


def shown(bounds: np.ndarray) -> str:
    return "{:.4f}, {:.4f} – {:.4f}, {:.4f}".format(*bounds)
