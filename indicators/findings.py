"""Conflicts of a version as rows: written after each computation, with their names, exceptions and history."""

from collections.abc import Mapping

import pandas as pd
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

from indicators.checks import CHECKS, Check
from indicators.compute.frames import CheckResult
from planning.models import Finding, PlanVersion


def write_findings(
    version: PlanVersion, results: Mapping[str, CheckResult], checks: Mapping[str, Check] = CHECKS
) -> None:
    """Replace the findings of a version by those of the checks, numbered in the order of check, zone and category;
    `checks` says how severe each is here."""
    version.findings.all().delete()
    zone_ids = dict(version.zones.values_list("number", "id"))
    rows = [(code, row) for code, result in results.items() for row in result.pieces.itertuples()]
    Finding.objects.bulk_create(
        Finding(
            version=version, number=n, code=code, severity=checks[code].severity, category=row.category, found_as=row.category,
            zone_id=None if pd.isna(row.zone) else zone_ids[row.zone], subject=row.subject, detail=row.detail, area_m2=row.area_m2,
            geom=multi(row.geom),
        )
        for n, (code, row) in enumerate(rows, 1)
    )  # fmt: skip


def multi(geom: shapely.Geometry | None) -> MultiPolygon | None:
    if geom is None:
        return None
    found = GEOSGeometry(memoryview(shapely.to_wkb(geom)), srid=4490)
    return found if isinstance(found, MultiPolygon) else MultiPolygon(found, srid=4490)
