"""Celery tasks of indicators: three lines each."""

from indicators import runs
from planning.models import PlanVersion
from portal.jobs import Run, job_task


@job_task("indicators.judge_version")
def judge_version(job: Run, version: str) -> dict:
    run = runs.judge(PlanVersion.objects.get(pk=version), by=job.by, progress=job.step)
    return {"run": run.pk, "findings": run.version.findings.count()}
