"""Judge a version: structure table, change matrix, indicators, conflicts; kept with everything they came from."""

import time
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from indicators import applying, digests, kept, refusals, works
from indicators.applying import Ruling
from indicators.catalogue import INDICATORS
from indicators.checks import CHECKS, Check
from indicators.compute.frames import CheckResult, Measure
from indicators.digests import Inputs
from indicators.findings import write_findings
from indicators.models import ChangeRow, IndicatorValue, Run, StructureRow
from planning.models import PlanVersion
from portal import jobs
from portal.audit import record
from portal.errors import Conflict
from portal.models import User

TRIES = 3
"""how often a computation begins anew because its inputs changed meanwhile"""


def judge(version: PlanVersion, *, by: User | None = None, progress: jobs.Progress = jobs.quiet) -> Run:
    """Compute a version unless its inputs are those of its newest run; returns the run that holds now."""
    for _try in range(TRIES):
        version = PlanVersion.objects.with_plan().get(pk=version.pk)
        ruling, inputs = applying.ruling(version.plan.village), digests.of_version(version)
        sources = sources_of(ruling, inputs)
        last = version.runs.first()
        if last and last.digest == digests.digest_of(sources) and version.checked_at:
            return last
        began = time.monotonic()
        progress(5, _("Reading parcels, zones and control lines"))
        with refusals.spoken():
            found = kept.results_of(
                version,
                ruling.works,
                ruling.standard,
                inputs,
                lambda share, title: progress(5 + int(90 * share), title),
            )
        if digests.around(PlanVersion.objects.with_plan().get(pk=version.pk)).items() <= inputs.items():
            progress(95, _("Storing the results"))
            return store(version, ruling, sources, inputs, found, seconds=time.monotonic() - began, by=by)
    raise Conflict(_("The data of the village keep changing. Compute the version again in a moment."))


def sources_of(ruling: Ruling, inputs: Inputs) -> dict[str, Any]:
    """The names of everything a run depends on: two runs with the same names have the same results."""
    return {**ruling.names, "inputs": {name: inputs.get(name, "") for name in ruling.looked_at}}


@transaction.atomic
def store(
    version: PlanVersion, ruling: Ruling, sources: dict[str, Any], inputs: Inputs, found: dict[str, Any], *,
    seconds: float, by: User | None,
) -> Run:  # fmt: skip
    """Write a run, its values and the findings of the version; of two workers that computed the same, one writes."""
    PlanVersion.objects.select_for_update().get(pk=version.pk)
    digest = digests.digest_of(sources)
    last = version.runs.first()
    if last and last.digest == digest and PlanVersion.objects.filter(pk=version.pk, checked_at__isnull=False).exists():
        return last
    version.runs.filter(digest=digest).delete()  # of a time when everything was as it is again today
    results = {code: found[f"c{code}"] for code in ruling.checks}
    run = Run.objects.create(
        version=version,
        digest=digest,
        village_area_m2=version.plan.village.area_m2,
        sources={
            **sources,
            "plan": f"{version.pk} {version.digest}",
            "village": f"{version.plan.village.code} revision {version.plan.village.revision}",
            "results": {work.name: kept.key_of(work, ruling.standard, inputs) for work in ruling.works},
        },
        ledgers=found[works.LEDGERS],
        notes=[
            note_of(code, result, ruling.checks[code]["severity"])
            for code, result in results.items()
            if result.status != "checked"
        ],
        seconds=seconds,
    )
    StructureRow.objects.bulk_create(StructureRow(run=run, **row) for row in found[works.STRUCTURE].to_dict("records"))
    ChangeRow.objects.bulk_create(ChangeRow(run=run, **row) for row in found[works.CHANGES].to_dict("records"))
    IndicatorValue.objects.bulk_create(
        value_row(run, code, found[f"i{code}"], rule) for code, rule in ruling.indicators.items()
    )
    write_findings(version, results, checks_here(ruling))
    PlanVersion.objects.filter(pk=version.pk).update(checked_at=timezone.now())
    record("version.judged", version, by=by, after={"run": run.pk, "digest": digest})
    return run


def note_of(code: str, result: CheckResult, severity: str) -> dict[str, Any]:
    """What a run keeps of a check that was not made, or (`partly`) not whole; `named` are the words the note speaks of."""
    named = {"named": list(result.named)} if result.named else {}
    partly = {"partly": True} if result.status == "partly" else {}
    return {"check": code, "note": result.note, "severity": severity, **named, **partly}


def checks_here(ruling: Ruling) -> dict[str, Check]:
    """The checks that apply, as severe as profiles say."""
    return {code: replace(CHECKS[code], severity=rule["severity"]) for code, rule in ruling.checks.items()}


def value_row(run: Run, code: str, measure: Measure, rule: dict[str, Any]) -> IndicatorValue:
    units = {"numerator_unit": measure.numerator_unit, "denominator_unit": measure.denominator_unit}
    return IndicatorValue(
        run=run, code=code, value=measure.value, base_value=measure.base_value, unit=measure.unit, numerator=measure.numerator,
        denominator=measure.denominator, base_numerator=measure.base_numerator, base_denominator=measure.base_denominator,
        parts=list(measure.parts), rule=rule, note=measure.note, sources={**units, "inputs": list(INDICATORS[code].inputs)},
    )  # fmt: skip


def structure_rows(run: Run) -> list[dict[str, Any]]:
    """Disjoint rows by class as recorded, ha; either column adds up to the village area."""
    return [{"code": r.code, "base_ha": r.base_m2 / 10_000, "plan_ha": r.plan_m2 / 10_000} for r in run.structure.all()]


def newest(version: PlanVersion) -> Run | None:
    """The run of a version that was computed last, or None if it was never computed."""
    return version.runs.prefetch_related("values", "structure").first()


def has_base(run: Run) -> bool:
    """Whether there were base-year parcels when it was computed: without any, nobody knows what changes."""
    return any(row.base_m2 for row in run.structure.all())


def is_stale(run: Run) -> bool:
    """Whether anything the run looked at changed since: base data, lines, facts, what lies near, profiles, formulas.

    Reads digests, no layer; a rule or a parcel that changed back makes it fresh again.
    """
    version = run.version
    ruling, now = applying.ruling(version.plan.village), digests.around(version)
    return differs(run.digest, run.sources, ruling, now)


def differs(digest: str, sources: dict[str, Any], ruling: Ruling, now: Inputs) -> bool:
    return digests.digest_of(sources_of(ruling, {**sources.get("inputs", {}), **now})) != digest


def stale_versions(versions: QuerySet[PlanVersion]) -> tuple[set[str], set[str]]:
    """Of these versions, those that were never computed, and those whose newest run is out of date; by a handful of
    queries for a whole county."""
    last = Run.objects.filter(version=OuterRef("pk")).order_by("-computed_at")
    found = versions.with_plan().annotate(run=Subquery(last.values("pk")[:1]))
    found = list(found.defer("report", "plan__village__geom_web"))
    runs = {r[0]: r for r in Run.objects.filter(pk__in=[v.run for v in found]).values_list("pk", "digest", "sources")}
    missing = {v.pk for v in found if v.run is None or v.checked_at is None}
    villages = {v.plan.village_id: v.plan.village for v in found if v.pk not in missing}
    rulings = applying.rulings(villages.values())
    around = digests.around_all(v for v in found if v.pk not in missing)
    stale = {
        pk for v in found if (pk := v.pk) not in missing
        and differs(*runs[v.run][1:], rulings[v.plan.village_id], around[pk])
    }  # fmt: skip
    return missing, stale
