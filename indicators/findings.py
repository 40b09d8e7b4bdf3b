"""Conflicts of a version as rows: written after each computation, with their names, exceptions and history."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from indicators import carrying
from indicators.checks import CHECKS, Check, severity_of
from indicators.compute.frames import CheckResult
from planning import waived
from planning.models import Finding, PlanVersion, Zone
from portal.geo import copy

PLAIN = [
    "version", "number", "code", "severity", "category", "found_as", "subject", "area_m2", "key", "carried", "first_version",
]  # fmt: skip


def write_findings(
    version: PlanVersion, results: Mapping[str, CheckResult], checks: Mapping[str, Check] = CHECKS
) -> None:
    """Replace the findings of a version by those of the checks, numbered in the order of check, zone and category.

    `checks` says how severe each is here. A conflict that was there before keeps its key, and its exception as far as that
    goes. The caller holds the lock of the version.
    """
    zones = {z.number: z for z in version.zones.only("number", "code", "label", "version_id")}
    rows = [(code, row, multi(row.geom)) for code, result in results.items() for row in result.pieces.itertuples()]
    findings = list(drafts(version, rows, zones, checks))
    conflicts = [
        carrying.conflict_of(finding, finding.zone.label if finding.zone else "", shape)
        for finding, (_code, _row, shape) in zip(findings, rows, strict=True)
    ]
    carrying.carry(version, carrying.before(version), findings, conflicts, carrying.conflicts_of(version))
    granted = waived.granted_to(version.plan)
    for finding, (_code, _row, shape) in zip(findings, rows, strict=True):
        waived.sort(finding, shape, waived.land_use_of(finding), granted)
    version.findings.all().delete()
    write(findings, [shape for _code, _row, shape in rows])
    if newer := carrying.after(version):
        carrying.carry_again(newer, version)


def drafts(
    version: PlanVersion, rows: list[tuple[str, Any, Any]], zones: Mapping[int, Zone], checks: Mapping[str, Check]
) -> Iterator[Finding]:
    """What the checks found as rows that are not stored yet."""
    for number, (code, row, _shape) in enumerate(rows, 1):
        yield Finding(
            version=version, number=number, code=code, severity=severity_of(checks[code].severity, row.detail or {}),
            category=row.category, found_as=row.category, zone=None if pd.isna(row.zone) else zones[int(row.zone)], subject=(row.subject or "")[:60],
            detail=row.detail or {}, area_m2=row.area_m2,
        )  # fmt: skip


def multi(geom: shapely.Geometry | None) -> shapely.Geometry | None:
    """The shape of a finding in the type it is stored in."""
    if geom is None or isinstance(geom, shapely.MultiPolygon):
        return geom
    return shapely.multipolygons([geom])


def write(findings: list[Finding], shapes: list[shapely.Geometry | None]) -> None:
    """Store findings by COPY, five times as fast as row by row: a village may have hundreds, and each has a shape."""
    geoms = copy.as_hex(np.array(shapes, dtype=object))
    copy.copy_rows(
        Finding,
        [*PLAIN, "zone", "waiver", "detail", "carried_from", "geom"],
        (
            (
                f.version_id, *(getattr(f, name) for name in PLAIN[1:]), f.zone_id, f.waiver_id, json.dumps(f.detail, ensure_ascii=False),
                json.dumps(f.carried_from), geom,
            )
            for f, geom in zip(findings, geoms, strict=True)
        ),
    )  # fmt: skip
