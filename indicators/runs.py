"""Judge a version: structure table, indicators, conflicts; kept under the digest of everything they came from."""

import hashlib
import json
import time
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators.catalogue import INDICATORS
from indicators.checks import CHECKS
from indicators.compute import ENGINE
from indicators.compute.frames import CheckResult, Frames, Measure
from indicators.compute.standard import Standard, load_standard
from indicators.compute.structure import structure
from indicators.findings import write_findings
from indicators.frames import frames_of
from indicators.models import IndicatorValue, Run, StructureRow
from planning.models import PlanVersion
from portal import jobs
from portal.audit import record
from portal.models import User


def judge(version: PlanVersion, *, by: User | None = None, progress: jobs.Progress = jobs.quiet) -> Run:
    """Compute a version unless its inputs are those of a stored run; returns the run that holds now."""
    version = PlanVersion.objects.with_plan().get(pk=version.pk)
    standard = load_standard()
    sources = sources_of(version, standard)
    digest = hashlib.sha256(json.dumps(sources, sort_keys=True).encode()).hexdigest()
    if (known := version.runs.filter(digest=digest).first()) and version.checked_at:
        return known
    began = time.monotonic()
    progress(10, _("Reading parcels, zones and control lines"))
    frames = frames_of(version)
    progress(25, _("Computing the structure table"))
    rows = structure(frames.base, frames.plan)
    measures = {}
    for n, (code, indicator) in enumerate(INDICATORS.items()):
        progress(30 + 30 * n // len(INDICATORS), _("Computing: %(name)s") % {"name": indicator.name})
        measures[code] = indicator.function(frames, standard)
    checks = {}
    for n, (code, check) in enumerate(CHECKS.items()):
        progress(60 + 30 * n // len(CHECKS), _("Checking: %(name)s") % {"name": check.name})
        checks[code] = check.function(frames, standard)
    progress(95, _("Storing the results"))
    return store(version, digest, sources, frames, rows, measures, checks, seconds=time.monotonic() - began, by=by)


def sources_of(version: PlanVersion, standard: Standard) -> dict[str, Any]:
    """The names of everything a result depends on: two runs with the same names have the same results."""
    village = version.plan.village
    return {
        "engine": ENGINE,
        "standard": standard.version,
        "plan": f"{version.pk} {version.digest}",
        "village": f"{village.code} revision {village.revision}",
        "base_year": village.base_year,
        # a line that comes into force or expires changes the answer although no row changes
        "lines": list(village.control_lines.valid_on().order_by("number").values_list("number", flat=True)),
    }


@transaction.atomic
def store(
    version: PlanVersion, digest: str, sources: dict[str, Any], frames: Frames, rows: Any,
    measures: dict[str, Measure], checks: dict[str, CheckResult], *, seconds: float, by: User | None,
) -> Run:  # fmt: skip
    """Write a run, its values and the findings of the version; of two workers that computed the same, one writes."""
    PlanVersion.objects.select_for_update().get(pk=version.pk)
    if known := version.runs.filter(digest=digest).first():
        known.delete()
    notes = [{"check": code, "note": result.note} for code, result in checks.items() if result.status != "checked"]
    run = Run.objects.create(
        version=version,
        digest=digest,
        village_area_m2=frames.village["area_m2"],
        sources=sources,
        notes=notes,
        seconds=seconds,
    )
    StructureRow.objects.bulk_create(
        StructureRow(run=run, code=r.code, base_m2=r.base_m2, plan_m2=r.plan_m2) for r in rows.itertuples()
    )
    IndicatorValue.objects.bulk_create(value_row(run, code, m) for code, m in measures.items())
    write_findings(version, checks)
    PlanVersion.objects.filter(pk=version.pk).update(checked_at=timezone.now())
    record("version.judged", version, by=by, after={"run": run.pk, "digest": digest})
    return run


def value_row(run: Run, code: str, measure: Measure) -> IndicatorValue:
    units = {"numerator_unit": measure.numerator_unit, "denominator_unit": measure.denominator_unit}
    return IndicatorValue(
        run=run, code=code, value=measure.value, base_value=measure.base_value, unit=measure.unit, numerator=measure.numerator,
        denominator=measure.denominator, base_numerator=measure.base_numerator, base_denominator=measure.base_denominator,
        parts=list(measure.parts), note=measure.note, sources={**units, "inputs": list(INDICATORS[code].inputs)},
    )  # fmt: skip


def structure_rows(run: Run) -> list[dict[str, Any]]:
    """Disjoint rows by class as recorded, ha; either column adds up to the village area."""
    return [{"code": r.code, "base_ha": r.base_m2 / 10_000, "plan_ha": r.plan_m2 / 10_000} for r in run.structure.all()]


def newest(version: PlanVersion) -> Run | None:
    """The run of a version that was computed last, or None if it was never computed."""
    return version.runs.prefetch_related("values", "structure").first()


def is_stale(run: Run) -> bool:
    """Whether base data, lines or counting rules changed since the run was computed."""
    return run.sources != sources_of(run.version, load_standard())
