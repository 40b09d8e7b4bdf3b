"""Whether a stored version is still what it was when it was closed: its digest computed anew from the rows."""

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry

from planning import writing
from planning.judging import Draft, Features
from planning.models import PlanVersion


def digest_of_rows(version: PlanVersion) -> str:
    """The content digest as `writing.digest_of` made it from the file, from what the database holds now."""
    zones = list(version.zones.order_by("number").values_list("code", "geom"))
    projects = version.projects.order_by("number").values(*writing.PROJECT_FIELDS, "geom")
    layers: dict[str, list[tuple[dict, GEOSGeometry | None]]] = {}
    # rows were written layer after layer in the order of the file, which the names of the layers do not tell
    for layer, attributes, geom in version.features.order_by("pk").values_list("layer", "attributes", "geom"):
        layers.setdefault(layer, []).append((attributes, geom))
    draft = Draft(
        codes=[code for code, _geom in zones], geoms=shapes(geom for _code, geom in zones),
        labels=[], areas=[], remarks=[], file_codes=[], attributes=[],
        projects=[{**project, "geom": shapes([project["geom"]])[0]} for project in projects],
        features=[
            Features(layer, [attributes for attributes, _geom in rows], shapes(geom for _attributes, geom in rows))
            for layer, rows in layers.items()
        ],
    )  # fmt: skip
    return writing.digest_of(draft)


def holds(version: PlanVersion) -> bool:
    """True if the version is what was frozen."""
    return digest_of_rows(version) == version.digest


def shapes(geoms: "object") -> np.ndarray:
    """Geometries of the database as shapely's, None where there is none."""
    given = [None if geom is None else bytes(geom.wkb) for geom in geoms]
    found = np.empty(len(given), dtype=object)
    found[:] = shapely.from_wkb(given)
    return found
