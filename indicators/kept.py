"""Results kept under the digest of the very inputs they looked at: nothing unchanged is computed twice, neither in another
version nor after a change of something else."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from django.utils import timezone

from indicators import compute
from indicators.compute import ENGINE
from indicators.compute.bounds import check_frames
from indicators.compute.frames import LAYERS, PIECES, CheckResult, Frames, Measure, no_rows
from indicators.compute.standard import DATA, Standard
from indicators.digests import Inputs, digest_of, fact_names, layer_names
from indicators.frames import frames_of
from indicators.models import StoredResult
from planning.models import PlanVersion
from portal.geo import sql

KEEP_DAYS = 90
"""how long a result is kept that no newest run of a version uses"""


@dataclass(frozen=True)
class Work:
    """Something to compute: a name, what it looks at (layers and `village.<fact>`), and how its result becomes JSON."""

    name: str
    inputs: tuple[str, ...]
    function: Callable[..., Any]
    pack: Callable[[Any], Any]
    unpack: Callable[[Any], Any]
    title: str = ""
    given: tuple[str, ...] = ()  # works before it whose results it is handed first
    made_with: str = ""  # the digest of what else it looks at, such as the table of land-use classes


def key_of(work: Work, standard: Standard, inputs: Inputs) -> str:
    """The name of a result: two with the same name are the same."""
    columns = {layer: LAYERS[layer] for layer in sorted(layer_names(work.inputs))}
    made_from = {name: inputs.get(name, "") for name in sorted(work.inputs)}
    return digest_of([ENGINE, code_digest(), work.name, standard.digest, columns, made_from, work.made_with])


@lru_cache
def code_digest() -> str:
    """The formulas and their tables: whoever changes one and forgets to raise ENGINE is not handed old results."""
    digest = hashlib.sha256()
    for path in sorted([*Path(compute.__file__).parent.rglob("*.py"), *DATA.glob("*.json")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def results_of(
    version: PlanVersion, works: list[Work], standard: Standard, inputs: Inputs,
    progress: Callable[[float, str], None] = lambda share, title: None,
) -> dict[str, Any]:  # fmt: skip
    """The results of the works by name. Only what is not kept is computed, and only the layers it needs are read."""
    keys = {work.name: key_of(work, standard, inputs) for work in works}
    kept = dict(StoredResult.objects.filter(key__in=keys.values()).values_list("key", "payload"))
    found = {work.name: work.unpack(kept[keys[work.name]]) for work in works if keys[work.name] in kept}
    missing = [work for work in works if work.name not in found]
    if missing:
        compute_missing(version, missing, standard, keys, found, progress)
    return {work.name: found[work.name] for work in works}


def compute_missing(
    version: PlanVersion, works: list[Work], standard: Standard, keys: Mapping[str, str], found: dict[str, Any],
    progress: Callable[[float, str], None],
) -> None:  # fmt: skip
    """Compute what is missing among the results found, and keep it. Of two workers that computed the same, one writes."""
    frames = frames_of(version, set().union(*(layer_names(work.inputs) for work in works)))
    check_frames(frames)
    rows = []
    for n, work in enumerate(works):
        progress(n / len(works), work.title)
        began = time.monotonic()
        result = work.function(*(found[name] for name in work.given), seen_by(work, frames), standard)
        payload = json.loads(json.dumps(work.pack(result), default=plain))
        # what is handed on went through JSON, too: a result is the same whether it was kept or not
        found[work.name] = work.unpack(payload)
        seconds = time.monotonic() - began
        rows.append(StoredResult(key=keys[work.name], name=work.name[:20], payload=payload, seconds=seconds))
    StoredResult.objects.bulk_create(sorted(rows, key=lambda row: row.key), ignore_conflicts=True)


def seen_by(work: Work, frames: Frames) -> Frames:
    """The frames with only what the work says it looks at: an input it forgot to name is missing at once, instead of
    being out of date one day."""
    layers, facts = layer_names(work.inputs), fact_names(work.inputs)
    hidden = {layer: nothing(layer) for layer in LAYERS if layer not in layers}
    return replace(frames, village={k: v for k, v in frames.village.items() if k in facts}, **hidden)


@lru_cache
def nothing(layer: str) -> pd.DataFrame:
    """An empty layer; made once, because making one takes pandas longer than most measures take."""
    return no_rows(layer)


def plain(value: Any) -> Any:
    """NumPy's numbers as JSON's."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value)} is not kept")


def pack_measure(measure: Measure) -> dict[str, Any]:
    return asdict(measure)


def unpack_measure(kept: dict[str, Any]) -> Measure:
    return Measure(**{**kept, "parts": tuple(kept["parts"])})


def pack_check(result: CheckResult) -> dict[str, Any]:
    """Pieces as rows, their shapes as WKB in hex: every vertex comes back as it was."""
    columns = (result.pieces[name].tolist() for name in PIECES)
    rows = [
        [None if pd.isna(zone) else int(zone), code, category, area, as_hex(geom), subject, detail]
        for zone, code, category, area, geom, subject, detail in zip(*columns, strict=True)
    ]
    return {"status": result.status, "note": result.note, "named": list(result.named), "pieces": rows}


def as_hex(geom: shapely.Geometry | None) -> str | None:
    return shapely.to_wkb(geom, hex=True) if isinstance(geom, shapely.Geometry) else None


def unpack_check(kept: dict[str, Any]) -> CheckResult:
    pieces = pd.DataFrame(kept["pieces"], columns=PIECES, dtype=object)
    if len(pieces):
        pieces["geom"] = np.asarray(shapely.from_wkb(pieces["geom"].to_numpy(object)), dtype=object)
        pieces["area_m2"] = pieces["area_m2"].astype(float)
    return CheckResult(kept["status"], pieces, kept["note"], tuple(kept["named"]))


def pack_table(table: pd.DataFrame) -> dict[str, list[Any]]:
    return table.to_dict("list")


def unpack_table(kept: dict[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame(kept)


def prune(days: int = KEEP_DAYS) -> int:
    """Remove results older than that which the newest run of no version was made of; returns how many."""
    (count,) = sql.row("indicators/prune_results", before=timezone.now() - timedelta(days=days))
    return count
