"""The only place where rows of the database become frames for computing."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
import shapely
from django.contrib.gis.geos import Polygon
from django.db.models import Q, QuerySet

from indicators.compute.frames import LAYERS, Frames, no_rows
from planning.models import PlanVersion
from villages.models import Corridor, Facility, Fact, Road, Village

NEAR_M = 1000
"""roads, corridors and facilities this far outside the village still matter: setbacks, the way to a clinic"""
DEGREES = 1 / 60_000
"""degrees that are at least a metre of longitude up to 57° north; for boxes only"""


def frames_of(version: PlanVersion, layers: Collection[str] = tuple(LAYERS)) -> Frames:
    """What is measured of a version; a layer that is not asked for is left empty."""
    village = version.plan.village
    sources = {
        "base": village.parcels.order_by("number"),
        "plan": version.zones.order_by("number"),
        "lines": village.control_lines.known_on().order_by("number"),
        "roads": near(Road, village).order_by("id"),
        "corridors": near(Corridor, village).order_by("id"),
        "facilities": near_facilities(village),
        "households": village.household_rows.order_by("number"),
        "projects": version.projects.order_by("number"),
        "features": version.features.order_by("layer", "number"),
    }
    return Frames(
        **{layer: table(rows, layer) if layer in layers else no_rows(layer) for layer, rows in sources.items()},
        village=facts_of(village) | {"target_year": version.plan.target_year},
    )


def facts_of(village: Village) -> dict[str, Any]:
    """The facts of a village and what it is; unknown facts are missing. `target_4` is what was issued for indicator 4, ha."""
    facts = {code: fact.value for code in Fact.Code.values if (fact := village.fact(code))}
    issued = {target.code: target.value for target in village.targets.all()}
    return {
        **facts,
        "area_m2": village.area_m2,
        "geom": polygons([village.geom])[0],
        "type": village.type,
        "terrain": village.terrain,
        "base_year": village.base_year,
        "target_4": issued.get("4"),
    }


def near(model: type[Road] | type[Corridor], village: Village) -> QuerySet:
    """Lines of the village or of a division above it that come into its widened bounding box."""
    codes = [village.code, f"{village.code[:9]}000", f"{village.code[:6]}000000"]
    return model.objects.filter(division__code__in=codes, geom__bboverlaps=surroundings(village))


def near_facilities(village: Village) -> QuerySet:
    """Facilities of the village, and those of others in its widened bounding box."""
    near_by = Q(village=village) | Q(geom__bboverlaps=surroundings(village))
    return Facility.objects.filter(near_by).order_by("id")


def surroundings(village: Village) -> Polygon:
    """The bounding box of the village, NEAR_M wider on all sides."""
    west, south, east, north = village.geom.extent
    room = NEAR_M * DEGREES
    box = Polygon.from_bbox((west - room, south - room, east + room, north + room))
    box.srid = 4490
    return box


def table(rows: QuerySet, layer: str) -> pd.DataFrame:
    """A queryset as the frame of a layer, with the geometries in `geom`."""
    columns = LAYERS[layer]
    if layer == "households":
        return pd.DataFrame(list(rows.values_list(*columns)), columns=columns)
    values = list(rows.values_list(*columns, "geom"))
    frame = pd.DataFrame([v[:-1] for v in values], columns=columns)
    frame["geom"] = polygons([v[-1] for v in values])
    return frame


def polygons(geoms: list[Any]) -> np.ndarray:
    """Geometries of the database as shapely's; None stays None."""
    return np.asarray(shapely.from_wkb([None if g is None else bytes(g.wkb) for g in geoms]), dtype=object)
