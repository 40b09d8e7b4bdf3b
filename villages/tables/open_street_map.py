"""Roads and facilities of a county from a JSON of OpenStreetMap extracts: several FeatureCollections and a list `pois`.

Points become facilities of the village whose outline holds them; those in no village are named, not guessed. Roads
belong to the county. A second import of the same file changes nothing.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import record
from portal.errors import NotAllowed, PortalError
from portal.geo import readers
from portal.jobs import quiet
from portal.models import User
from villages.models import Division, Road, Village
from villages.rules import may_import
from villages.tables import facilities, upsert
from villages.tables.kinds import KINDS, Row, Scope

SOURCE = "© OpenStreetMap contributors, ODbL 1.0"
"""the notice the licence asks for, kept with every row"""
MAPPING = Path(__file__).resolve().parent.parent / "data" / "osm_facilities.json"

HARDENED = {
    **dict.fromkeys(("paved", "asphalt", "concrete", "paving_stones", "sett", "bricks", "metal", "chipseal"), True),
    **dict.fromkeys(
        ("unpaved", "gravel", "fine_gravel", "compacted", "dirt", "earth", "ground", "sand", "grass", "mud"), False
    ),
}
"""what the tag `surface` says of a road; any other value says nothing"""


@dataclass
class Outcome:
    """What the file held and what became of it."""

    collections: list[tuple[str, int]]
    facilities: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    unplaced: list[dict[str, Any]] = field(default_factory=list)
    roads: int = 0


def import_file(path: Path, *, name: str, county: Division, by: User | None) -> Outcome:
    """Store the facilities and roads of the file, all or nothing. Raises Refused for what is no such file."""
    if by is not None and not may_import(by, KINDS["facilities"], county.code):
        raise NotAllowed(_("Your role does not allow you to hand in this table here."))
    layers = {layer.name: layer for layer in readers.read(path, name=name).layers}
    outcome = Outcome([(name, len(layer.rows)) for name, layer in layers.items()])
    if not {"pois", "roads"} & layers.keys():
        raise PortalError(_("The file has neither a list “pois” nor a collection “roads”."), code="osm")
    with transaction.atomic():
        if "pois" in layers:
            _facilities(layers["pois"], Scope(county.code, by), outcome)
        if "roads" in layers:
            outcome.roads = _roads(layers["roads"], county)
        after = {"facilities": outcome.facilities, "roads": outcome.roads, "unplaced": len(outcome.unplaced)}
        record("osm.imported", county, by=by, after=after)
    return outcome


def _facilities(layer: readers.Layer, scope: Scope, outcome: Outcome) -> None:
    villages = list(Village.objects.under(scope.prefix).select_for_update().order_by("pk"))
    outlines = shapely.STRtree([shapely.from_wkb(bytes(village.geom.wkb)) for village in villages])
    names: Counter = Counter()
    rows = []
    for number, (said, point) in enumerate(zip(layer.rows.to_dict("records"), layer.geometry, strict=True), 1):
        kind, name = kind_of(said), str(said.get("name") or said.get("type") or "")[:80]
        inside = outlines.query(point, predicate="within") if point is not None else []
        if not len(inside):
            outcome.unplaced.append({"row": number, "name": name, "kind": kind})
            continue
        village = villages[min(inside)].pk
        names[village, kind, name] += 1
        if names[village, kind, name] > 1:  # five banks of one name are five banks
            name = f"{name}（{names[village, kind, name]}）"
        values = {"village": village, "kind": kind, "name": name, "lon": point.x, "lat": point.y, "source": SOURCE}
        rows.append(Row(layer.name, number, values, {}))
        outcome.kinds[kind] = outcome.kinds.get(kind, 0) + 1
    changes = facilities.TARGET.compare(rows, scope, quiet)
    facilities.TARGET.write(changes, scope, quiet)
    upsert.touch(changes.villages)
    outcome.facilities = {"new": changes.new, "changed": changes.changed, "unchanged": changes.unchanged}


@lru_cache
def mapping() -> list[dict[str, Any]]:
    return json.loads(MAPPING.read_text("utf-8"))["rules"]


def kind_of(said: dict[str, Any]) -> str:
    """The facility type of a point: the first rule whose type and one of whose words fit; 99 其他 if none does."""
    name, stated = str(said.get("name") or ""), said.get("type")
    for rule in mapping():
        if rule.get("type") in (None, stated) and (
            not rule.get("words") or any(word in name for word in rule["words"])
        ):
            return rule["kind"]
    return "99"


def _roads(layer: readers.Layer, county: Division) -> int:
    """Replace what an earlier file of this source gave the county."""
    Road.objects.filter(division=county, source=SOURCE).delete()
    made = [
        Road(
            division=county, name=str(said.get("name") or "")[:100], kind=str(said.get("hw") or said.get("highway") or "road")[:30],
            width_m=width(said.get("width")), hardened=HARDENED.get(str(said.get("surface")).split(":")[0]), geom=multi(line),
            source=SOURCE,
        )
        for said, line in zip(layer.rows.to_dict("records"), layer.geometry, strict=True)
        if line is not None and line.geom_type in ("LineString", "MultiLineString")
    ]  # fmt: skip
    return len(Road.objects.bulk_create(made, batch_size=upsert.BATCH))


def width(value: Any) -> float | None:
    try:
        found = float(str(value).removesuffix("m").strip())
    except ValueError:
        return None
    return found if 0 < found < 200 else None


def multi(line: Any) -> GEOSGeometry:
    lines = shapely.multilinestrings([line]) if line.geom_type == "LineString" else line
    return GEOSGeometry(memoryview(shapely.to_wkb(lines)), srid=4490)
