"""Background work: a Job row per run, a task of three lines around a function that knows nothing of Celery.

@job_task("planning.import_upload")
def import_upload(job, upload_id):
    return imports.import_upload(Upload.objects.get(pk=upload_id), progress=job.step)
"""

import functools
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from portal.celery import app
from portal.errors import PortalError
from portal.models import Job, User

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
LEASE = timedelta(seconds=120)  # a running job that gave no sign of life for this long is taken up again
Progress = Callable[[int, str], None]
ON_FAILURE: dict[str, Callable[[Job], None]] = {}


class Cancelled(Exception):
    """Raised inside the work when somebody pressed cancel."""


def quiet(percent: int, message: str) -> None:
    """The progress callback of a command: nobody is watching."""


def start(kind: str, *, by: User | None, **args: Any) -> Job:
    """Create the Job row and send it after commit; if the broker is away the sweeper sends it later."""
    job = Job.objects.create(kind=kind, args={**args, "_language": translation.get_language()}, created_by=by)
    transaction.on_commit(lambda: send(job))
    return job


def send(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(sent_at=timezone.now())
    try:
        app.send_task(job.kind, args=[job.pk], retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("job %s waits: the broker does not answer (%s)", job.pk, error)
        Job.objects.filter(pk=job.pk).update(sent_at=None)


def cancel(job: Job) -> None:
    """Ask a job to stop; one that has not begun ends at once."""
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
    if waiting.update(state=Job.State.CANCELLED, finished_at=timezone.now()):
        tell_failure(job)
    else:
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_requested=True)


def tell_failure(job: Job) -> None:
    """Whoever waits for the outcome of this kind of job learns that there is none."""
    app.loader.import_default_modules()  # the web process may not have loaded the tasks yet
    if job.kind in ON_FAILURE:
        ON_FAILURE[job.kind](job)


class Run:
    """What the work sees of its Job: arguments, and `step` to tell how far it is."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.by = job.created_by

    def step(self, percent: int, message: str = "") -> None:
        """Record progress (0..100) and a sign of life; raises Cancelled if somebody asked to stop."""
        Job.objects.filter(pk=self.job.pk).update(
            percent=min(percent, 99), message=message[:300], heartbeat_at=timezone.now()
        )
        if Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise Cancelled


def claim(job_id: str) -> Job | None:
    """Take a job by conditional update: of two workers holding the same message exactly one gets it."""
    now = timezone.now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, heartbeat_at__lt=now - LEASE)
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(free, pk=job_id).first()
        if job is None:
            return None
        if job.attempts >= MAX_ATTEMPTS:
            finish(job, Job.State.FAILED, message=_("The work stopped three times and was given up."))
            return None
        job.state, job.attempts, job.heartbeat_at = Job.State.RUNNING, job.attempts + 1, now
        job.save(update_fields=["state", "attempts", "heartbeat_at"])
    return job


def finish(job: Job, state: str, *, message: str = "", result: dict[str, Any] | None = None) -> None:
    percent = 100 if state == Job.State.DONE else job.percent
    Job.objects.filter(pk=job.pk).update(
        state=state, message=message[:300], result=result or {}, percent=percent, finished_at=timezone.now()
    )
    if state != Job.State.DONE:
        tell_failure(job)


def job_task(
    kind: str, *, on_failure: Callable[[Job], None] | None = None
) -> Callable[[Callable[..., dict | None]], Any]:
    """Make a Celery task named `kind` that runs the function for a Job row and keeps the row true."""
    if on_failure:
        ON_FAILURE[kind] = on_failure

    def decorate(work: Callable[..., dict | None]) -> Any:
        @shared_task(name=kind)
        @functools.wraps(work)
        def task(job_id: str) -> None:
            job = claim(job_id)
            if job is None:
                return
            args = dict(job.args)
            with translation.override(args.pop("_language", None)):
                run_claimed(job, work, args)

        return task

    return decorate


def run_claimed(job: Job, work: Callable[..., dict | None], args: dict[str, Any]) -> None:
    """Run the work of a claimed job; whatever happens, the row ends in a final state with words for people."""
    try:
        result = work(Run(job), **args)
    except Cancelled:
        finish(job, Job.State.CANCELLED, message=_("Cancelled."))
    except PortalError as error:
        finish(job, Job.State.FAILED, message=str(error.message))
    except SoftTimeLimitExceeded:
        finish(job, Job.State.FAILED, message=_("The work took too long and was stopped."))
    except Exception:
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        finish(
            job,
            Job.State.FAILED,
            message=_("Something went wrong on our side; the fault is logged under %(id)s.") % {"id": job.pk},
        )
    else:
        finish(job, Job.State.DONE, result=result)


def sweep() -> int:
    """Send what never reached the broker or whose worker died; returns how many were sent."""
    now = timezone.now()
    lost = Q(state=Job.State.QUEUED, sent_at=None, created_at__lt=now - timedelta(seconds=20))
    lost |= Q(state=Job.State.QUEUED, sent_at__lt=now - timedelta(minutes=15))
    lost |= Q(state=Job.State.RUNNING, heartbeat_at__lt=now - LEASE)
    jobs = list(Job.objects.filter(lost)[:100])
    for job in jobs:
        send(job)
    return len(jobs)
