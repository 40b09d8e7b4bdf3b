"""Conflicts of a version as rows: written after each computation, with their names, exceptions and history."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import shapely
from django.contrib.gis.geos import GEOSGeometry

from indicators import carrying
from indicators.checks import CHECKS, Check, severity_of
from indicators.compute.frames import CheckResult
from planning import waived
from planning.models import Finding, PlanVersion, Zone


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
    Finding.objects.bulk_create(findings, batch_size=500)
    if newer := carrying.after(version):
        carrying.carry_again(newer, version)


def drafts(
    version: PlanVersion, rows: list[tuple[str, Any, Any]], zones: Mapping[int, Zone], checks: Mapping[str, Check]
) -> Iterator[Finding]:
    """What the checks found as rows that are not stored yet."""
    for number, (code, row, shape) in enumerate(rows, 1):
        yield Finding(
            version=version, number=number, code=code, severity=severity_of(checks[code].severity, row.detail or {}),
            category=row.category, found_as=row.category, zone=None if pd.isna(row.zone) else zones[int(row.zone)], subject=row.subject or "",
            detail=row.detail or {}, area_m2=row.area_m2, geom=stored(shape),
        )  # fmt: skip


def multi(geom: shapely.Geometry | None) -> shapely.Geometry | None:
    """The shape of a finding in the type it is stored in."""
    if geom is None or isinstance(geom, shapely.MultiPolygon):
        return geom
    return shapely.multipolygons([geom])


def stored(shape: shapely.Geometry | None) -> GEOSGeometry | None:
    return None if shape is None else GEOSGeometry(memoryview(shapely.to_wkb(shape)), srid=4490)
