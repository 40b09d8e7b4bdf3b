"""A version back out as a GeoPackage (成果导出): read again it is the same plan, class by class and vertex by vertex."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from planning import profiles
from planning.models import LandUseClass, PlanVersion
from planning.schema import LayerSpec, Profile
from portal.geo.package import PackageLayer, write


def write_geopackage(version: PlanVersion, path: Path) -> None:
    """Zones, projects and every layer that was kept, under the names of the default profile, in EPSG:4490."""
    write_rows(path, list(version.zones.all()), list(version.projects.all()), list(version.features.all()))


def write_rows(path: Path, zones: list[Any], projects: list[Any], features: list[Any]) -> None:
    """The same from rows of a version, or of a drawing that is to become one."""
    profile = profiles.by_name(profiles.DEFAULT)
    write(path, [zone_layer(zones, profile), *project_layer(projects, profile), *feature_layers(features)])


def names_of(spec: LayerSpec | None) -> dict[str, str]:
    """What the portal calls a field -> what the profile calls it."""
    return {field.means: field.name for field in spec.fields if field.means} if spec else {}


def zone_layer(zones: list[Any], profile: Profile) -> PackageLayer:
    """图层 GHYDYH. The area field is the ellipsoidal area of today, rounded to 0.01 m² as the databases have it."""
    spec = profile.layer("zones")
    names = names_of(spec)
    classes = dict(LandUseClass.objects.filter(code_version="2023").values_list("code", "name_zh"))
    columns: dict[str, list[Any]] = {
        names.get("label", "BSM"): [z.label or None for z in zones],
        names.get("code", "YDYHFLDM"): [z.code for z in zones],
        names.get("code_name", "YDYHFLMC"): [classes.get(z.code) for z in zones],
        names.get("file_code", "YDMJDM"): [z.file_code or None for z in zones],
        names.get("area_m2", "TBMJ"): [round(z.area_m2, 2) for z in zones],
        names.get("remark", "BZ"): [z.remark or None for z in zones],
    }
    columns |= spread([z.attributes for z in zones])
    return PackageLayer(spec.name if spec else "GHYDYH", without_empty(columns), geometries(zones))


def project_layer(projects: list[Any], profile: Profile) -> list[PackageLayer]:
    if not projects:
        return []
    spec = profile.layer("projects")
    names = names_of(spec)
    words = {state: word for word, state in profile.states.items()}
    columns = {
        names.get("name", "XMMC"): [p.name for p in projects],
        names.get("kind", "XMLX"): [p.kind or None for p in projects],
        names.get("budget_wan", "TZE"): [None if p.budget_wan is None else float(p.budget_wan) for p in projects],
        names.get("funding_source", "ZJLY"): [p.funding_source or None for p in projects],
        names.get("starts_in", "KSNF"): [p.starts_in for p in projects],
        names.get("ends_in", "JSNF"): [p.ends_in for p in projects],
        names.get("state", "XMZT"): [words.get(p.state) for p in projects],
        names.get("remark", "BZ"): [p.remark or None for p in projects],
    }
    return [PackageLayer(spec.name if spec else "ZDXM", without_empty(columns), geometries(projects))]


def feature_layers(kept: list[Any]) -> Iterable[PackageLayer]:
    """The layers the portal kept as they came, each with the columns it came with."""
    rows: dict[str, list[Any]] = {}
    for feature in kept:
        rows.setdefault(feature.layer, []).append(feature)
    for layer, features in rows.items():
        shapes = geometries(features)
        spatial = any(shape is not None for shape in shapes)
        columns = spread([feature.attributes for feature in features])
        yield PackageLayer(layer, columns, shapes if spatial else None)


def spread(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Attributes by row as columns, in the order in which they first appear."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def without_empty(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: values for name, values in columns.items() if any(v is not None for v in values)}


def geometries(rows: list[Any]) -> np.ndarray:
    wkb = [None if row.geom is None else bytes(row.geom.wkb) for row in rows]
    return shapely.from_wkb(np.array(wkb, dtype=object))
