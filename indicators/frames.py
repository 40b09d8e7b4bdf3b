"""The only place where rows of the database become frames for computing."""

from typing import Any

import numpy as np
import pandas as pd
import shapely
from django.db.models import QuerySet

from indicators.compute.frames import Frames
from planning.models import PlanVersion
from villages.models import Fact


def frames_of(version: PlanVersion) -> Frames:
    """Everything that is measured of a version: base-year parcels, zones, valid control lines, village facts."""
    village = version.plan.village
    facts = {code: fact.value for code in Fact.Code.values if (fact := village.fact(code))}
    return Frames(
        base=table(village.parcels.order_by("number"), ["number", "code", "area_m2"]),
        plan=table(version.zones.order_by("number"), ["number", "code", "area_m2"]),
        lines=table(village.control_lines.valid_on().order_by("number"), ["number", "kind", "area_m2"]),
        village={**facts, "area_m2": village.area_m2, "geom": polygons([village.geom])[0]},
    )


def table(rows: QuerySet, columns: list[str]) -> pd.DataFrame:
    """A queryset as a frame with these columns and the polygons in `geom`."""
    values = list(rows.values_list(*columns, "geom"))
    frame = pd.DataFrame([v[:-1] for v in values], columns=columns)
    frame["geom"] = polygons([v[-1] for v in values])
    return frame


def polygons(geoms: list[Any]) -> np.ndarray:
    return np.asarray(shapely.from_wkb([bytes(g.wkb) for g in geoms]), dtype=object)
