"""Judging all villages of a division (全县计算): parts shared out among workers, resumable, and only what is due.

The rows are the truth: a worker takes a part by locking it for a moment, and holds it by signs of life. What a killed
worker held is taken again when its lease is over; a part that killed its worker three times is given up.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from indicators import runs
from indicators.models import Sweep, SweepPart
from planning.models import DECIDED, ENDED, Finding, PlanVersion
from portal import jobs
from portal.audit import record
from portal.errors import PortalError
from portal.models import Job, User
from portal.models.accounts import division_prefix
from villages.models import Division

logger = logging.getLogger(__name__)

KIND = "indicators.sweep_worker"
BEAT = 1.0
"""seconds between two signs of life"""
PIECE = 500
"""versions that are asked at a time whether they are due"""
Part = SweepPart.State


def current_versions(division_code: str) -> QuerySet[PlanVersion]:
    """What counts in a division: of each plan its newest version (not returned, superseded or withdrawn) and the one in force."""
    newer = PlanVersion.objects.filter(plan=OuterRef("plan"), number__gt=OuterRef("number")).exclude(state__in=ENDED)
    below = PlanVersion.objects.filter(plan__village__division__code__startswith=division_prefix(division_code))
    return below.exclude(state__in=ENDED).filter(Q(state__in=DECIDED) | ~Exists(newer)).order_by("plan__village", "pk")


def due(division_code: str) -> list[str]:
    """Versions of a division whose results are missing or stale, by village."""
    keys = list(current_versions(division_code).values_list("pk", flat=True))
    found: set[str] = set()
    for start in range(0, len(keys), PIECE):
        found = found.union(*runs.stale_versions(PlanVersion.objects.filter(pk__in=keys[start : start + PIECE])))
    return [pk for pk in keys if pk in found]


@transaction.atomic
def start_or_resume(division: Division, by: User | None, *, workers: int = 0) -> Sweep | None:
    """The sweep that runs in a division now: the one begun before, or a new one with everything that is due; None if
    nothing is. `workers` is how many shall work on it (SWEEP_WORKERS unless said)."""
    Division.objects.select_for_update(no_key=True).get(pk=division.pk)  # two people at once start one
    sweep = division.sweeps.filter(state=Sweep.State.RUNNING).first()
    if sweep is None:
        versions = due(division.code)
        if not versions:
            return None
        sweep = Sweep.objects.create(division=division, created_by=by)
        SweepPart.objects.bulk_create(SweepPart(sweep=sweep, version_id=pk) for pk in versions)
        record("sweep.started", sweep, by=by, after={"versions": len(versions)})
        jobs.start(KIND, by=by, sweep=sweep.pk)
        workers = (workers or settings.SWEEP_WORKERS) - 1
    for _more in range(min(workers or settings.SWEEP_WORKERS, sweep.parts.filter(open_parts()).count())):
        transaction.on_commit(lambda: jobs.send(job_of(sweep)))
    return sweep


def job_of(sweep: Sweep) -> Job:
    """The row behind the progress bar."""
    return Job.objects.get(kind=KIND, args__sweep=sweep.pk)


@transaction.atomic
def retry_failed(sweep: Sweep) -> int:
    """Let the failed parts of a running sweep be tried again; of one that has ended they are due in the next."""
    running = Sweep.objects.select_for_update().filter(pk=sweep.pk, state=Sweep.State.RUNNING).exists()
    failed = sweep.parts.filter(state=Part.FAILED)
    count = failed.update(state=Part.WAITING, attempts=0, error="") if running else 0
    if count:
        transaction.on_commit(lambda: jobs.send(job_of(sweep)))
    return count


def cancel(sweep: Sweep, *, by: User | None = None) -> bool:
    """End a sweep; what was computed stays. Workers see it within a second, or at the next step of their computation."""
    with transaction.atomic():
        if not end(sweep, Sweep.State.CANCELLED):
            return False
        record("sweep.cancelled", sweep, by=by, after=progress(sweep))
        end_job(sweep, Job.State.CANCELLED, _("Cancelled."))
    return True


def job_ended(job: Job) -> None:
    """Somebody cancelled the job while nobody worked on it."""
    for sweep in Sweep.objects.filter(pk=job.args.get("sweep")):
        cancel(sweep, by=job.created_by)


def progress(sweep: Sweep) -> dict[str, int]:
    """How many parts are waiting, taken, done, failed; their total, and the share that has ended in per cent."""
    counts = dict(sweep.parts.order_by().values_list("state").annotate(Count("pk")))
    found = {state: counts.get(state, 0) for state in Part.values}
    total = sum(found.values())
    ended = found[Part.DONE] + found[Part.FAILED]
    return {**found, "total": total, "percent": 100 * ended // total if total else 100}


def words(counts: dict[str, int]) -> str:
    """The progress in a sentence."""
    text = _("%(ended)d of %(total)d plans computed") % {
        "ended": counts["done"] + counts["failed"],
        "total": counts["total"],
    }
    if not counts["failed"]:
        return text
    failed = ngettext("%(count)d failed", "%(count)d failed", counts["failed"]) % {"count": counts["failed"]}
    return f"{text}{_(', ')}{failed}"


# --- working


def work(sweep: Sweep, *, seconds: float | None = None) -> bool:
    """Take parts until none is left, or for so many seconds; whether there are some left to take."""
    end_at = None if seconds is None else time.monotonic() + seconds
    told = 0.0
    while part := take(sweep):
        run_part(part)
        if time.monotonic() - told > BEAT:
            tell(sweep)
            told = time.monotonic()
        if end_at and time.monotonic() > end_at:
            break
    if not finish(sweep):
        tell(sweep)
    return Sweep.objects.filter(
        pk=sweep.pk, state=Sweep.State.RUNNING, parts__in=SweepPart.objects.filter(open_parts())
    ).exists()


def open_parts() -> Q:
    """Parts that may be taken: waiting, or held by a worker that gave no sign of life for a lease."""
    return Q(state=Part.WAITING) | Q(state=Part.TAKEN, taken_at__lt=timezone.now() - jobs.LEASE)


@transaction.atomic
def take(sweep: Sweep) -> SweepPart | None:
    """A part for this worker alone; None when there is none to take. Parts that stopped their worker too often fail here."""
    free = sweep.parts.select_for_update(skip_locked=True, of=("self",)).filter(open_parts(), sweep__state="running")
    while part := free.order_by("pk").first():
        if part.attempts < jobs.MAX_ATTEMPTS:
            part.state, part.taken_at, part.attempts = Part.TAKEN, timezone.now(), part.attempts + 1
            part.save(update_fields=["state", "taken_at", "attempts"])
            return part
        part.state, part.error = Part.FAILED, _("The work stopped three times and was given up.")
        part.save(update_fields=["state", "error"])
    return None


def run_part(part: SweepPart) -> None:
    """Judge one version; a failure is written down and stops no other."""
    began = time.monotonic()
    try:
        with held(part) as step:
            runs.judge(part.version, by=part.sweep.created_by, progress=step)
    except PortalError as error:
        let_go(part, Part.FAILED, began, str(error.message))
    except SoftTimeLimitExceeded:
        let_go(part, Part.FAILED, began, _("The work took too long and was stopped."))
    except Exception as error:
        if isinstance(error, Error) and not connection.is_usable():  # not the part's fault: its lease will run out
            connection.close()
            raise
        if isinstance(error, jobs.Cancelled):
            let_go(part, Part.WAITING, began)
            return
        logger.exception("version %s could not be judged", part.version_id)
        said = _("Something went wrong on our side; the fault is logged under %(id)s.") % {"id": part.version_id}
        let_go(part, Part.FAILED, began, said)
    except BaseException:  # somebody pressed Ctrl-C
        let_go(part, Part.WAITING, began)
        raise
    else:
        let_go(part, Part.DONE, began)


def let_go(part: SweepPart, state: str, began: float, error: str = "") -> None:
    """The outcome of a part, unless it was given to another worker meanwhile."""
    ours = SweepPart.objects.filter(pk=part.pk, state=Part.TAKEN, attempts=part.attempts)
    ours.update(state=state, seconds=time.monotonic() - began, error=error[:500])


@contextmanager
def held(part: SweepPart) -> Iterator[jobs.Progress]:
    """Give signs of life for a part while it is worked on; what is yielded raises Cancelled when the sweep has ended.
    Not inside somebody's transaction: another connection cannot see the rows there."""
    stop, over = threading.Event(), threading.Event()

    def step(percent: int, message: str) -> None:
        if stop.is_set():
            raise jobs.Cancelled

    if connection.in_atomic_block:
        yield step
        return
    beats = threading.Thread(target=beat, args=(part, over, stop), name=f"part-{part.pk}", daemon=True)
    beats.start()
    try:
        yield step
    finally:
        over.set()
        beats.join(timeout=10)


def beat(part: SweepPart, over: threading.Event, stop: threading.Event) -> None:
    """Signs of life on a connection of its own."""
    try:
        while not over.wait(BEAT):
            try:
                now = timezone.now()
                ours = SweepPart.objects.filter(pk=part.pk, state=Part.TAKEN, attempts=part.attempts)
                alive = ours.filter(sweep__state=Sweep.State.RUNNING).exists()
                if not alive or cancelled_by_job(part.sweep):
                    stop.set()
                ours.update(taken_at=now)
                open_job(part.sweep).filter(state=Job.State.RUNNING).update(heartbeat_at=now)
            except Error as error:
                logger.warning("no sign of life for part %s: %s", part.pk, str(error).strip())
                connection.close()
    finally:
        connection.close()


def cancelled_by_job(sweep: Sweep) -> bool:
    """Somebody pressed cancel at the progress bar."""
    asked = (
        Job.objects.filter(kind=KIND, args__sweep=sweep.pk, cancel_requested=True).exclude(state__in=Job.FINAL).first()
    )
    return bool(asked and cancel(sweep, by=asked.created_by))


# --- telling and ending


def tell(sweep: Sweep) -> None:
    """The progress bar, and a sign of life."""
    if cancelled_by_job(sweep):
        return
    counts = progress(sweep)
    open_job(sweep).update(
        state=Job.State.RUNNING, percent=min(counts["percent"], 99), message=words(counts), heartbeat_at=timezone.now()
    )


def finish(sweep: Sweep) -> bool:
    """End a sweep with nothing left to do; of two workers, one does."""
    if sweep.parts.filter(state__in=(Part.WAITING, Part.TAKEN)).exists():
        return False
    with transaction.atomic():
        if end(sweep, Sweep.State.DONE):
            counts = progress(sweep)
            record("sweep.finished", sweep, by=None, after=counts)
            end_job(sweep, Job.State.DONE, words(counts))
    return True


def end(sweep: Sweep, state: str) -> bool:
    running = Sweep.objects.filter(pk=sweep.pk, state=Sweep.State.RUNNING)
    return bool(running.update(state=state, finished_at=timezone.now()))


def end_job(sweep: Sweep, state: str, message: str) -> None:
    counts = progress(sweep)
    open_job(sweep).update(
        state=state, message=message[:300], percent=counts["percent"], finished_at=timezone.now(),
        result={"sweep": sweep.pk, "done": counts["done"], "failed": counts["failed"]},
    )  # fmt: skip


def open_job(sweep: Sweep) -> QuerySet[Job]:
    """The job while it has not ended; found by the index of open jobs (job_open)."""
    return Job.objects.filter(kind=KIND, args__sweep=sweep.pk, state__in=(Job.State.QUEUED, Job.State.RUNNING))


def last(division: Division) -> Sweep | None:
    return division.sweeps.first()


def failures(sweep: Sweep) -> list[dict[str, Any]]:
    """The plans that could not be computed, and why."""
    rows = sweep.parts.filter(state=Part.FAILED).order_by("version__plan__village")
    names = {"village": "version__plan__village_id", "name": "version__plan__village__short_name"}
    return [
        dict(zip([*names, "version", "error"], row, strict=True))
        for row in rows.values_list(*names.values(), "version_id", "error")
    ]


def summary(division: Division, sweep: Sweep | None) -> dict[str, Any]:
    """Where a division stands after a sweep: plans, villages, findings by severity and category, what failed."""
    versions = current_versions(division.code)
    findings = Finding.objects.filter(version__in=versions.values("pk")).order_by().values_list("severity", "category")
    counts = progress(sweep) if sweep else dict.fromkeys((*Part.values, "total"), 0)
    return {
        "division": division.code,
        "sweep": sweep.pk if sweep else None,
        "state": sweep.state if sweep else Sweep.State.DONE,
        "plans": versions.count(),
        "villages": versions.order_by().values("plan__village").distinct().count(),
        "judged": counts["done"],
        "failed": counts["failed"],
        "findings": {f"{severity}/{category}": n for severity, category, n in findings.annotate(Count("pk"))},
        "failures": failures(sweep) if sweep else [],
    }
