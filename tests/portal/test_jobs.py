"""Background work: a row per run, claimed once, cancelled, retried, given up, never left running for ever."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from portal import jobs
from portal.celery import app
from portal.errors import PortalError
from portal.models import Job

CALLS: list[tuple] = []


@jobs.job_task("tests.work")
def work(job: jobs.Run, how: str) -> dict:
    CALLS.append((how, translation.get_language()))
    job.step(50, "half")
    if how == "polite":
        raise PortalError("Please send another file.")
    if how == "fault":
        raise ZeroDivisionError
    return {"how": how}


@pytest.fixture(autouse=True)
def _no_calls():
    CALLS.clear()


def run(job: Job) -> Job:
    app.tasks["tests.work"](job.pk)
    job.refresh_from_db()
    return job


def test_a_job_runs_once_in_the_language_of_whoever_started_it(cast):
    with translation.override("en"):
        job = jobs.start("tests.work", by=cast.planner, how="good")
    run(job)
    run(job)
    assert CALLS == [("good", "en")]
    assert (job.state, job.percent, job.result) == ("done", 100, {"how": "good"})
    assert job.finished_at


@pytest.mark.parametrize(("how", "words"), [("polite", "another file"), ("fault", "")])
def test_a_job_that_fails_ends_with_words_for_people(how, words, db):
    job = run(jobs.start("tests.work", by=None, how=how))
    assert job.state == "failed"
    assert words in job.message
    assert "ZeroDivision" not in job.message
    assert job.message


def test_a_job_cancelled_before_it_begins_never_runs(db):
    job = jobs.start("tests.work", by=None, how="good")
    jobs.cancel(job)
    assert run(job).state == "cancelled"
    assert CALLS == []


def test_a_running_job_stops_at_its_next_step_when_cancelled(db):
    job = jobs.start("tests.work", by=None, how="good")
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    assert run(job).state == "cancelled"


def test_a_job_whose_worker_died_is_taken_up_again_and_given_up_after_three_attempts(db):
    job = jobs.start("tests.work", by=None, how="good")
    dead = timezone.now() - jobs.LEASE - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(state="running", heartbeat_at=dead, attempts=1)
    assert jobs.sweep() == 1
    assert run(job).state == "done"
    Job.objects.filter(pk=job.pk).update(
        state="running", heartbeat_at=dead, attempts=jobs.MAX_ATTEMPTS, finished_at=None
    )
    CALLS.clear()
    assert run(job).state == "failed"
    assert CALLS == []


def test_a_living_job_is_not_taken_by_a_second_worker(db):
    job = jobs.start("tests.work", by=None, how="good")
    Job.objects.filter(pk=job.pk).update(state="running", heartbeat_at=timezone.now(), attempts=1)
    assert jobs.claim(job.pk) is None


def test_a_job_waits_when_the_broker_is_away_and_the_sweeper_sends_it(
    db, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*args, **kwargs):
        raise OSError("no broker")

    monkeypatch.setattr(app, "send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.start("tests.work", by=None, how="good")
    job.refresh_from_db()
    assert (job.state, job.sent_at) == ("queued", None)
    sent = []
    monkeypatch.setattr(app, "send_task", lambda kind, args, **kwargs: sent.append((kind, args)))
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    assert jobs.sweep() == 1
    assert sent == [("tests.work", [job.pk])]


def test_only_whoever_started_a_job_may_see_and_cancel_it(as_user, cast):
    job = jobs.start("tests.work", by=cast.planner, how="good")
    assert as_user("planner").get(f"/jobs/{job.pk}/").json()["state"] == "queued"
    assert as_user("committee").get(f"/jobs/{job.pk}/").status_code == 404
    assert as_user().get(f"/jobs/{job.pk}/").status_code == 404
    assert as_user("planner").post(f"/jobs/{job.pk}/cancel/").json()["state"] == "cancelled"
