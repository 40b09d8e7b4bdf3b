"""Celery tasks of planning: three lines each."""

from celery import shared_task
from django.utils import timezone

from planning import calendar, follow_news, generalised, imports, obligations, photos
from planning.models import PlanVersion, Scan, Sheet
from planning.papers import scans
from planning.sheets import making
from portal.jobs import Run, job_task
from portal.models import Job, Upload


def mark_failed(job: Job) -> None:
    """The upload says so when its job ended without a verdict."""
    Upload.objects.filter(pk=job.args["upload"], state=Upload.State.WAITING).update(state=Upload.State.FAILED)


@job_task("planning.import_upload", on_failure=mark_failed)
def import_upload(job: Run, upload: str) -> dict:
    row = Upload.objects.get(pk=upload)
    if row.state == Upload.State.WAITING:  # else the worker died between the verdict and the end of its job
        imports.import_upload(row, progress=job.step)
    return {
        "accepted": row.state == Upload.State.ACCEPTED,
        "version": row.result.get("version"),
        "issues": row.issues.count(),
    }


@job_task(generalised.KIND)
def prepare_tiles(job: Run, version: str) -> dict:
    return generalised.run(PlanVersion.objects.with_plan().get(pk=version), progress=job.step)


@shared_task(name="planning.keep_calendar")
def keep_calendar() -> None:
    calendar.keep(timezone.now())


@job_task("planning.draw_sheets")
def draw_sheets(job: Run, sheet: str) -> dict:
    row = Sheet.objects.select_related("version__plan__village__division__parent").get(pk=sheet)
    making.make(row, progress=job.step)
    return {"sheet": row.pk, "pages": len(row.pages)}


@shared_task(name="planning.sweep_photos")
def sweep_photos() -> None:
    photos.sweep()


@shared_task(name="planning.prune_sheets")
def prune_sheets() -> None:
    making.prune()


@job_task(follow_news.KIND)
def tell_followers(job: Run, version: str, state: str) -> dict:
    return {"told": follow_news.tell_of_state(version, state)}


@shared_task(name="planning.tell_followers_today")
def tell_followers_today() -> None:
    follow_news.tell_today(timezone.now())


@shared_task(name="planning.remind_obligations")
def remind_obligations() -> None:
    obligations.keep(timezone.now())


@job_task(scans.KIND, on_failure=scans.failed)
def read_paper(job: Run, scan: str) -> dict:
    row = Scan.objects.select_related("version__plan__village", "sheet").get(pk=scan)
    scans.read(row, progress=job.step)
    return {"scan": row.pk, "state": row.state, "marks": row.marks.count()}
