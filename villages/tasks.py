"""Celery tasks of villages: three lines each."""

from portal.jobs import Run, job_task
from portal.models import Job
from villages.models import TableImport
from villages.tables import imports


def mark_failed(job: Job) -> None:
    """The table says so when its job ended without a verdict; one that was being stored waits for a new word."""
    row = TableImport.objects.brief().filter(pk=job.args["table"])
    row.filter(state=TableImport.State.WAITING).update(state=TableImport.State.FAILED)
    row.filter(state=TableImport.State.STORING).update(state=TableImport.State.READY)


@job_task(imports.JOB, on_failure=mark_failed)
def import_table(job: Run, table: str, act: str) -> dict:
    row = imports.run(TableImport.objects.brief().get(pk=table), act, by=job.by, progress=job.step)
    return {"state": row.state, "issues": len(row.issues)}
