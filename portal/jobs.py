"""Background work: a Job row per run, a task of three lines around a function that knows nothing of Celery.

@job_task("planning.import_upload")
def import_upload(job, upload_id):
    return imports.import_upload(Upload.objects.get(pk=upload_id), progress=job.step)
"""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from portal.celery import app
from portal.errors import PortalError
from portal.models import Job, User
from portal.pulse import Pulse

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
SILENT = timedelta(seconds=10)
"""a running job without a sign of life for so long has no worker that could hear a cancel"""
RESEND = timedelta(seconds=settings.JOB_RESEND_SECONDS)
"""a job that waits longer than this may have lost its message; a second message does no harm, see `claim`"""
LEASE = timedelta(seconds=settings.JOB_LEASE_SECONDS)
"""a running job that gave no sign of life for this long is taken up again; the pulse gives one each second"""
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
    """Ask a job to stop; one that has not begun, or whose worker died, ends at once."""
    idle = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, heartbeat_at__lt=timezone.now() - SILENT)
    if Job.objects.filter(idle, pk=job.pk).update(state=Job.State.CANCELLED, finished_at=timezone.now()):
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
        self.pulse: Pulse | None = None

    @contextmanager
    def beating(self) -> Iterator["Run"]:
        """Give signs of life from a thread while the work runs. Not inside somebody's transaction: there the row may
        be one that another connection cannot see yet, and `step` writes it itself."""
        if connection.in_atomic_block:
            yield self
            return
        words = _("Cancelled.")  # here, because a thread does not know the language of this one
        with Pulse(self.job, lambda: finish(self.job, Job.State.CANCELLED, message=words)) as self.pulse:
            yield self

    def step(self, percent: int, message: str = "") -> None:
        """Tell the progress (0..100); raises Cancelled if somebody asked to stop. Cheap, and good in a transaction."""
        told = min(int(percent), 99), str(message)[:300]
        if self.pulse is not None:
            self.pulse.told = told
            stop = self.pulse.stop_wanted.is_set()
        else:
            row = Job.objects.filter(pk=self.job.pk)
            row.update(percent=told[0], message=told[1], heartbeat_at=timezone.now())
            stop = row.filter(cancel_requested=True).exists()
        if stop:
            raise Cancelled


def claim(job_id: str) -> Job | None:
    """Take a job by conditional update: of two workers holding the same message exactly one gets it."""
    now = timezone.now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, heartbeat_at__lt=now - LEASE)
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(free, pk=job_id).first()
        if job is None:
            return None
        if job.cancel_requested and job.state == Job.State.RUNNING:
            finish(job, Job.State.CANCELLED, message=_("Cancelled."))
            return None
        if job.attempts >= MAX_ATTEMPTS:
            finish(job, Job.State.FAILED, message=_("The work stopped three times and was given up."))
            return None
        job.state, job.attempts, job.heartbeat_at = Job.State.RUNNING, job.attempts + 1, now
        job.save(update_fields=["state", "attempts", "heartbeat_at"])
    return job


def finish(job: Job, state: str, *, message: str = "", result: dict[str, Any] | None = None) -> None:
    """End the row, unless it ended already or another worker has taken it up meanwhile."""
    ours = Job.objects.filter(pk=job.pk, attempts=job.attempts).exclude(state__in=Job.FINAL)
    ended = {"state": state, "message": message[:300], "result": result or {}, "finished_at": timezone.now()}
    if state == Job.State.DONE:
        ended["percent"] = 100
    if ours.update(**ended) and state != Job.State.DONE:
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
    held = connection.connection
    try:
        with Run(job).beating() as run:
            result = work(run, **args)
    except Cancelled:
        finish(job, Job.State.CANCELLED, message=_("Cancelled."))
    except PortalError as error:
        finish(job, Job.State.FAILED, message=str(error.message))
    except SoftTimeLimitExceeded:
        finish(job, Job.State.FAILED, message=_("The work took too long and was stopped."))
    except Exception as error:
        if isinstance(error, Error) and (connection.connection is not held or not connection.is_usable()):
            put_back(job)
            return
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        finish(
            job,
            Job.State.FAILED,
            message=_("Something went wrong on our side; the fault is logged under %(id)s.") % {"id": job.pk},
        )
    else:
        finish(job, Job.State.DONE, result=result)


def put_back(job: Job) -> None:
    """The database went away under the work, which is not the work's fault: the sweeper sends it again. If the database
    is still away, the row stays as it is and its lease runs out."""
    logger.warning("job %s lost its database", job.pk)
    connection.close()
    try:
        Job.objects.filter(pk=job.pk, attempts=job.attempts, state=Job.State.RUNNING).update(
            state=Job.State.QUEUED, sent_at=None
        )
    except Error:
        connection.close()


def sweep() -> int:
    """Send what never reached the broker or whose worker died; returns how many were sent."""
    now = timezone.now()
    lost = Q(state=Job.State.QUEUED, sent_at=None, created_at__lt=now - timedelta(seconds=20))
    lost |= Q(state=Job.State.QUEUED, sent_at__lt=now - RESEND)
    lost |= Q(state=Job.State.RUNNING, heartbeat_at__lt=now - LEASE)
    jobs = list(Job.objects.filter(lost)[:100])
    for job in jobs:
        send(job)
    return len(jobs)
