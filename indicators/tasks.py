"""Celery tasks of indicators: three lines each."""

from celery import shared_task
from django.utils import translation

from indicators import guard, kept, sweeps, whatifs
from indicators.models import WhatIf
from planning import generalised
from planning.models import PlanVersion
from portal import jobs
from portal.jobs import Run, job_task
from portal.models import Job

SLICE = 20
"""seconds a worker gives to a sweep before it lets what else waits have its turn"""


@job_task("indicators.judge_version")
def judge_version(job: Run, version: str) -> dict:
    run = guard.judge(PlanVersion.objects.get(pk=version), by=job.by, progress=job.step)
    generalised.changed(run.version)
    return {"run": run.pk, "findings": run.version.findings.count()}


@job_task(whatifs.KIND, on_failure=whatifs.job_ended)
def what_if(job: Run, what_if: str) -> dict:
    row = whatifs.answer(WhatIf.objects.get(pk=what_if), progress=job.step)
    return {"what_if": row.pk}


@shared_task(name=sweeps.KIND)
def sweep_worker(job_id: str) -> None:
    """One message, one worker; all have the same job, whose row is the progress bar. A message too many does no harm."""
    job = Job.objects.filter(pk=job_id).exclude(state__in=Job.FINAL).first()
    sweep = job and sweeps.Sweep.objects.filter(pk=job.args["sweep"]).first()
    if sweep:
        with translation.override(job.args.get("_language")):
            if guard.work(sweep, seconds=SLICE):
                jobs.send(job)


jobs.ON_FAILURE[sweeps.KIND] = sweeps.job_ended


@shared_task(name="indicators.prune_results")
def prune_results() -> int:
    return kept.prune()
