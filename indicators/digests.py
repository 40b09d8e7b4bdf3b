"""Digests of everything a result can depend on: one for each layer of frames and each fact of a village.

They name content, not rows: a parcel stored again unchanged changes nothing. What belongs to a village alone is digested
once per revision and kept (`LayerDigest`); what comes near from elsewhere has no revision and is looked at each time.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import shapely
from django.db.models import prefetch_related_objects

from indicators.compute.frames import LAYERS
from indicators.frames import DEGREES, NEAR_M, facts_of
from indicators.models import LayerDigest
from planning.models import PlanVersion
from portal.geo import sql
from villages.models import ControlLine, Village

OF_VERSION = ("plan", "projects", "features")
"""never change once a version is closed"""
KEPT = ("base", "lines", "households")
NEAR = ("roads", "corridors", "facilities")
ROOM = NEAR_M * DEGREES * 1.001  # the index compares boxes in single precision: rather one road too many

Inputs = dict[str, str]


def of_version(version: PlanVersion) -> Inputs:
    """Every input of a version's results by name: layers as in LAYERS, facts as `village.<key>`."""
    (text,) = sql.row("indicators/digest_version", version=version.pk)
    return {**dict.fromkeys(OF_VERSION, ""), **json.loads(text), **around(version)}


def around(version: PlanVersion) -> Inputs:
    """The inputs of a version that may change under it; cheap, no geometry of a layer is read."""
    return around_all([version])[version.pk]


def around_all(versions: Iterable[PlanVersion]) -> dict[str, Inputs]:
    """The same for many versions, by a handful of queries for all of them; versions come with_plan()."""
    versions = list(versions)
    villages = {v.plan.village_id: v.plan.village for v in versions}
    known = of_villages(villages.values())
    return {v.pk: {**known[v.plan.village_id], "village.target_year": str(v.plan.target_year)} for v in versions}


def of_villages(villages: Iterable[Village]) -> dict[str, Inputs]:
    """Layers and facts of villages, by village."""
    villages = list(villages)
    codes = [v.code for v in villages]
    prefetch_related_objects(villages, "facts", "targets")
    kept, valid, near = kept_layers(villages), valid_lines(codes), layers_near(codes)
    return {
        v.code: {
            **kept[v.code],
            # a line that comes into force or expires changes the answer although no row changes
            "lines": digest_of([kept[v.code]["lines"], valid.get(v.code, [])]),
            **dict.fromkeys(NEAR, ""),
            **near.get(v.code, {}),
            **{f"village.{key}": fact_digest(value) for key, value in facts_of(v).items()},
        }
        for v in villages
    }


def kept_layers(villages: list[Village]) -> dict[str, Inputs]:
    """Digests of the layers with a revision. It was read before the rows are: what changes meanwhile has a newer one."""
    codes = [v.code for v in villages]
    known: dict[str, Inputs] = {}
    for row in LayerDigest.objects.filter(village__in=codes).values_list("village_id", "revision", "layer", "digest"):
        known.setdefault(f"{row[0]} {row[1]}", {})[row[2]] = row[3]
    found = {v.code: known.get(f"{v.code} {v.revision}", {}) for v in villages}
    if missing := [v for v in villages if set(found[v.code]) < set(KEPT)]:
        (text,) = sql.row("indicators/digest_layers", codes=[v.code for v in missing])
        made = json.loads(text)
        for v in missing:
            found[v.code] = {**dict.fromkeys(KEPT, ""), **made.get(v.code, {})}
        LayerDigest.objects.bulk_create(
            [
                LayerDigest(village=v, layer=layer, revision=v.revision, digest=digest)
                for v in sorted(missing, key=lambda v: v.code)
                for layer, digest in found[v.code].items()
            ],
            update_conflicts=True, unique_fields=["village", "layer"], update_fields=["revision", "digest"],
        )  # fmt: skip
    return found


def valid_lines(codes: list[str]) -> dict[str, list[int]]:
    """Numbers of the control lines that are valid today, those without ground too."""
    found: dict[str, list[int]] = {}
    rows = ControlLine.objects.known_on().filter(village__in=codes).order_by("village_id", "number")
    for code, number in rows.values_list("village_id", "number"):
        found.setdefault(code, []).append(number)
    return found


def layers_near(codes: list[str]) -> dict[str, Inputs]:
    (text,) = sql.row("indicators/digest_near", codes=codes, room=ROOM)
    return json.loads(text)


def fact_digest(value: Any) -> str:
    """Readable where it can be: a figure says more than its digest."""
    if isinstance(value, shapely.Geometry):
        return hashlib.sha256(shapely.to_wkb(value)).hexdigest()
    return "" if value is None else str(value)


def fact_names(inputs: Iterable[str]) -> set[str]:
    """The facts among inputs, without their prefix."""
    return {name.removeprefix("village.") for name in inputs if name.startswith("village.")}


def layer_names(inputs: Iterable[str]) -> set[str]:
    return {name for name in inputs if name in LAYERS}


def digest_of(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
