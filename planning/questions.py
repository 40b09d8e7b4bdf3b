"""What a file leaves open for a person to decide, found while it was read and judged, and kept in Upload.result."""

import json
from collections.abc import Iterable
from typing import Any

from planning import proposals
from portal.geo import handover
from portal.geo.issues import Issue
from villages.models import Village

SAMPLES = 10
TEXT = 80
LAYERS = 20


def of_refusal(issues: list[Issue], village: Village) -> dict[str, Any]:
    """Of a file that could not be read: coordinate systems, encodings."""
    found: dict[str, Any] = {}
    if proposals.wanted(issues):
        bounds = proposals.joined(bounds_of(issue.params) for issue in issues)
        found |= proposals.propose(bounds, village) if bounds else {}
    if samples := [s for issue in issues if (s := samples_of_refusal(issue))]:
        found["samples"] = samples
    return found


def of_reading(layers: Iterable[Any], issues: list[Issue], village: Village) -> dict[str, Any]:
    """Of a file that was read: encodings of its layers, coordinate systems if it lies in another place."""
    layers = list(layers)
    found: dict[str, Any] = {"samples": [samples_of_layer(x) for x in layers[:LAYERS] if x.samples]}
    if proposals.wanted(issues):
        bounds = proposals.joined(x.raw_bounds for x in layers)
        found |= proposals.propose(bounds, village) if bounds else {}
    return found


def bounds_of(params: dict[str, Any]) -> tuple[float, ...] | None:
    values = tuple(params.get(name) for name in ("minx", "miny", "maxx", "maxy"))
    return values if all(isinstance(v, int | float) for v in values) else None


def samples_of_layer(layer: Any) -> dict[str, Any]:
    return {"layer": layer.name, "encoding": layer.encoding, "samples": cut(layer.samples)}


def samples_of_refusal(issue: Issue) -> dict[str, Any] | None:
    """The sample texts a refusal carries as JSON; what the reading process sends is not trusted to be any."""
    try:
        stated = json.loads(issue.params.get("samples", ""))
    except (TypeError, ValueError):
        return None
    samples = cut(stated) if isinstance(stated, dict) else {}
    return {"layer": issue.layer, "encoding": "", "samples": samples} if samples else None


def cut(samples: dict[str, Any]) -> dict[str, list[str]]:
    """Up to ten texts of each encoding, none endless or with characters that no database takes."""
    return {
        handover.plain(str(name), 20): [handover.plain(str(text), TEXT) for text in texts[:SAMPLES]]
        for name, texts in list(samples.items())[:6]
        if isinstance(texts, list)
    }
