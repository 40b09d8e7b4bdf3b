"""Progress and cancel while the work sits in a transaction: seen from outside at once, heard inside within seconds."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portal import jobs, pulse
from portal.celery import app
from portal.models import Job, Membership
from portal.models.accounts import Role

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
WORK: dict[str, Callable[[jobs.Run], None]] = {}


@jobs.job_task("tests.pulse")
def work(job: jobs.Run) -> None:
    WORK["now"](job)


@pytest.fixture(autouse=True)
def _quick_pulse(monkeypatch):
    monkeypatch.setattr(pulse, "BEAT", 0.05)
    monkeypatch.setattr(jobs.transaction, "on_commit", lambda send: None)


def run(function: Callable[[jobs.Run], None]) -> Job:
    """The work in this thread, as in a worker; its Job row afterwards."""
    WORK["now"] = function
    job = jobs.start("tests.pulse", by=None)
    app.tasks["tests.pulse"](job.pk)
    job.refresh_from_db()
    return job


def outside(ask: Callable[[], object]) -> object:
    """What another connection sees: another thread has one of its own."""
    answers = []

    def look() -> None:
        try:
            answers.append(ask())
        finally:
            connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    return answers[0]


def until(condition: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def member() -> None:
    """Some row of the work."""
    from portal.models import User

    user, _ = User.objects.get_or_create(username="pulse")
    Membership.objects.get_or_create(user=user, role=Role.PLANNER, division_code="370983000000")


def test_progress_told_inside_a_transaction_is_seen_outside_before_it_ends():
    seen = []

    def storing(job: jobs.Run) -> None:
        with transaction.atomic():
            member()
            job.step(42, "storing")
            seen.append(until(lambda: outside(lambda: Job.objects.get().percent) == 42))
            seen.append(outside(lambda: Job.objects.get().message))
            seen.append(outside(Membership.objects.count))

    assert run(storing).state == "done"
    assert seen == [True, "storing", 0]


def test_a_cancel_during_a_transaction_is_not_kept_waiting_and_leaves_nothing_of_the_work():
    def storing(job: jobs.Run) -> None:
        with transaction.atomic():
            member()
            job.step(10, "storing")
            outside(lambda: jobs.cancel(Job.objects.get()))  # waits for ever if the work holds the row's lock
            for _ in range(500):
                job.step(11, "storing")
                time.sleep(0.01)

    job = run(storing)
    assert job.state == "cancelled"
    assert Membership.objects.count() == 0


def test_the_heart_beats_while_the_work_tells_nothing():
    beats = set()

    def silent(job: jobs.Run) -> None:
        end = time.monotonic() + 1
        while time.monotonic() < end:
            beats.add(outside(lambda: Job.objects.get().heartbeat_at))
            time.sleep(0.05)

    run(silent)
    assert len(beats) > 5


def test_the_work_of_a_job_that_another_worker_took_over_stops_and_leaves_the_row_alone():
    def lost(job: jobs.Run) -> None:
        Job.objects.update(attempts=2, heartbeat_at=timezone.now())
        for _ in range(500):
            job.step(50, "mine")
            time.sleep(0.01)

    job = run(lost)
    assert (job.state, job.attempts, job.message) == ("running", 2, "")


def test_work_that_hears_no_cancel_loses_its_process_and_the_row_ends_as_cancelled(monkeypatch):
    killed = []
    monkeypatch.setattr(pulse, "GRACE", 0.2)
    monkeypatch.setattr(pulse, "_expendable", True)
    monkeypatch.setattr(pulse.os, "kill", lambda pid, how: killed.append(how))

    def deaf(job: jobs.Run) -> None:
        Job.objects.update(cancel_requested=True)
        until(lambda: bool(killed))

    assert run(deaf).state == "cancelled"
    assert killed[0] == pulse.signal.SIGKILL


def test_a_process_that_may_not_die_is_let_be(monkeypatch):
    monkeypatch.setattr(pulse, "GRACE", 0.1)
    killed = []
    monkeypatch.setattr(pulse.os, "kill", lambda pid, how: killed.append(how))

    def deaf(job: jobs.Run) -> None:
        Job.objects.update(cancel_requested=True)
        time.sleep(0.5)

    run(deaf)
    assert killed == []


def test_work_that_loses_its_database_is_sent_again():
    def unlucky(job: jobs.Run) -> None:
        with transaction.atomic():
            member()
            pid = connection.connection.get_backend_pid()
            outside(lambda: terminate(pid))
            member()

    job = run(unlucky)
    assert (job.state, job.sent_at) == ("queued", None)
    assert Membership.objects.count() == 0


def terminate(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_a_cancel_ends_at_once_a_job_whose_worker_has_died():
    job = jobs.start("tests.pulse", by=None)
    Job.objects.update(state="running", attempts=1, heartbeat_at=timezone.now() - jobs.SILENT * 2)
    jobs.cancel(job)
    job.refresh_from_db()
    assert job.state == "cancelled"
