"""Whether a stored version is still what it was when it was closed: its digest computed anew from the rows."""

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry

from planning import writing
from planning.judging import Draft, Features
from planning.models import PlanVersion

ZONE_FIELDS = ["code", "geom", "label", "file_area_m2", "remark", "file_code", "attributes"]


def digest_of_rows(version: PlanVersion) -> str:
    """The content digest as `writing.digest_of` made it from the file, from what the database holds now.

    A version is held against the edition of the digest it was frozen by, which is the only one it can equal.
    """
    draft = draft_of_rows(version)
    newest = writing.digest_of(draft)
    earlier = (writing.digest_of(draft, edition=edition) for edition in range(writing.EDITION - 1, 0, -1))
    return version.digest if newest != version.digest and version.digest in earlier else newest


def draft_of_rows(version: PlanVersion) -> Draft:
    zones = list(version.zones.order_by("number").values_list(*ZONE_FIELDS))
    projects = version.projects.order_by("number").values(*writing.PROJECT_FIELDS, "geom")
    layers: dict[str, list[tuple[dict, GEOSGeometry | None]]] = {}
    # rows were written layer after layer in the order of the file, which the names of the layers do not tell
    for layer, attributes, geom in version.features.order_by("pk").values_list("layer", "attributes", "geom"):
        layers.setdefault(layer, []).append((attributes, geom))
    codes, geoms, labels, areas, remarks, file_codes, attributes = zip(*zones, strict=True) if zones else [[]] * 7
    return Draft(
        codes=list(codes), geoms=shapes(geoms), labels=list(labels), areas=list(areas), remarks=list(remarks),
        file_codes=list(file_codes), attributes=list(attributes),
        projects=[{**project, "geom": shapes([project["geom"]])[0]} for project in projects],
        features=[
            Features(layer, [attributes for attributes, _geom in rows], shapes(geom for _attributes, geom in rows))
            for layer, rows in layers.items()
        ],
    )  # fmt: skip


def holds(version: PlanVersion) -> bool:
    """True if the version is what was frozen."""
    return digest_of_rows(version) == version.digest


def shapes(geoms: "object") -> np.ndarray:
    """Geometries of the database as shapely's, None where there is none."""
    given = [None if geom is None else bytes(geom.wkb) for geom in geoms]
    found = np.empty(len(given), dtype=object)
    found[:] = shapely.from_wkb(given)
    return found
