"""Tileset of a plan version: zones, findings, projects."""

import hashlib
from collections.abc import Callable

from planning.conflicts import PERSONAL
from planning.models import PlanVersion
from portal.geo.tiles import Layer, Source, Tileset
from portal.models import User
from portal.rules import STAFF, has_role

ZONE_TABLE = """planning_zone t
    LEFT JOIN planning_landuseclass c ON c.code = t.code AND c.code_version = '2023'"""
THIS = "t.version_id = %(version)s"
# what a household has is nobody else's business, and a tile does not ask who looks: staff read its place in the list
OF_NOBODY = "t.code NOT IN (" + ", ".join(f"'{code}'" for code in sorted(PERSONAL)) + ")"

LAYERS = (
    Layer(
        "zones",
        ZONE_TABLE,
        {"number": "t.number", "code": "t.code", "colour": "c.colour"},
        THIS,
        ready="zones-{version}-{digest}",
    ),
    Layer(
        "findings",
        "planning_finding t",
        {"number": "t.number", "code": "t.code", "category": "t.category", "severity": "t.severity"},
        f"{THIS} AND {OF_NOBODY}",
        web="ST_Transform(t.geom, 3857)",
    ),
    Layer(
        "projects",
        "planning_project t",
        {"number": "t.number", "name": "t.name", "kind": "t.kind"},
        THIS,
        web="ST_Transform(t.geom, 3857)",
    ),
)


def key(version: PlanVersion) -> str:
    """Content never changes, findings may be computed again: the key names both."""
    made_from = f"{version.digest} {version.checked_at.isoformat() if version.checked_at else ''}"
    return f"v{version.pk}-{hashlib.sha256(made_from.encode()).hexdigest()[:12]}"


def params(version: PlanVersion) -> dict[str, str]:
    """What the layers are asked with; the digest names the ready layer (planning.generalised)."""
    return {"version": version.pk, "digest": version.digest[:12]}


def layer_name(version: PlanVersion) -> str:
    return LAYERS[0].ready.format(**params(version))


def find(tile_key: str, user: Callable[[], User]) -> Source | None:
    try:
        version = PlanVersion.objects.only("digest", "checked_at", "published_at", "plan_id").get(pk=tile_key[1:13])
    except PlanVersion.DoesNotExist:
        return None
    if key(version) != tile_key:
        return None
    by_role = False
    if not version.is_public:
        seeing = user()
        if not PlanVersion.objects.visible_to(seeing).filter(pk=version.pk).exists():
            return None
        by_role = has_role(seeing, STAFF, version.division_code)
    return source(version, by_role=by_role)


def source(version: PlanVersion, *, by_role: bool = False) -> Source:
    """What its tiles are made from; findings and projects, of which many versions have none, are not asked for then."""
    held = {"findings": version.findings, "projects": version.projects}
    empty = frozenset(name for name, rows in held.items() if not rows.exists())
    return Source(params(version), version.is_public, empty, by_role)


VERSIONS = Tileset(
    LAYERS, find, watched="(SELECT v::text FROM planning_planversion v WHERE v.id = substr(%(key)s, 2, 12))"
)
