"""Judging all villages of a division: what is due and nothing else, shared, resumed after a kill, failures on record."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from indicators import runs, sweeps
from indicators.management.commands import check
from indicators.models import Run, Sweep, SweepPart
from planning.models import PlanVersion
from portal import jobs
from portal.models import AuditEntry, Job
from tests import world
from tests.rows import shared
from villages.models import Division

PLACES = [(world.LIUGOU, 0), (world.OTHER, 20), (world.FAR, 40)]


@shared
def county(cast) -> list[PlanVersion]:
    """Three villages in two townships, a plan in each; one conflict in the first."""
    rows = world.plan_rows()
    rows[2] = "1001"
    villages = [world.make_village(code, col=col) for code, col in PLACES]
    return [world.make_version(v, rows=rows if n == 0 else None, by=cast.planner) for n, v in enumerate(villages)]


def division(code: str = world.COUNTY) -> Division:
    return Division.objects.get(pk=code)


def break_judging(monkeypatch, version: PlanVersion, error: Exception) -> None:
    real = runs.judge

    def judge(asked, **how):
        if asked.pk == version.pk:
            raise error
        return real(asked, **how)

    monkeypatch.setattr(runs, "judge", judge)


def test_a_sweep_judges_every_plan_of_the_division_and_a_second_has_nothing_to_do(county, cast, run_jobs):
    sweep = sweeps.start_or_resume(division(), cast.reviewer)
    assert sweeps.progress(sweep) == {"waiting": 3, "taken": 0, "done": 0, "failed": 0, "total": 3, "percent": 0}
    (job,) = run_jobs()
    sweep.refresh_from_db()
    assert (sweep.state, job.state, job.percent) == ("done", "done", 100)
    assert sorted(Run.objects.values_list("version", flat=True)) == sorted(v.pk for v in county)
    assert AuditEntry.objects.filter(verb="version.judged", actor=cast.reviewer).count() == 3
    assert sweeps.start_or_resume(division(), cast.reviewer) is None
    assert Sweep.objects.count() == Job.objects.count() == 1


def test_only_what_is_stale_is_due(county, run_jobs):
    sweeps.start_or_resume(division(), None)
    run_jobs()
    county[1].plan.village.facts.filter(code="population").update(value=900)
    sweep = sweeps.start_or_resume(division(), None)
    assert [p.version_id for p in sweep.parts.all()] == [county[1].pk]
    run_jobs()
    assert Run.objects.filter(version=county[0]).count() == 1
    assert Run.objects.filter(version=county[1]).count() == 2


def test_the_newest_version_and_the_one_in_force_count_and_no_returned_or_superseded_one(county):
    village = county[0].plan.village
    world.put(county[0], "approved")
    middle, newest, returned = (world.make_version(village) for _n in range(3))
    world.put(returned, "returned")
    world.put(county[1], "superseded")
    found = set(sweeps.current_versions(world.COUNTY).values_list("pk", flat=True))
    assert found == {county[0].pk, newest.pk, county[2].pk}
    assert middle.pk not in found


def test_a_township_sweeps_its_own_villages_only(county):
    sweep = sweeps.start_or_resume(division(world.TOWN), None)
    assert {p.version_id for p in sweep.parts.all()} == {county[0].pk, county[1].pk}


def test_a_second_start_goes_on_with_the_first(county, cast):
    first = sweeps.start_or_resume(division(), cast.reviewer)
    assert sweeps.work(first, seconds=0) is True  # one part, then the time is over
    assert sweeps.progress(first)["done"] == 1
    assert sweeps.start_or_resume(division(), cast.leader) == first
    assert sweeps.work(first) is False
    assert sweeps.progress(first)["done"] == 3
    assert Run.objects.count() == 3


def test_a_failing_village_is_on_record_and_stops_no_other(county, monkeypatch, run_jobs):
    break_judging(monkeypatch, county[1], ValueError("secret detail"))
    sweep = sweeps.start_or_resume(division(), None)
    (job,) = run_jobs()
    assert job.state == Job.State.DONE
    assert job.result["failed"] == 1
    counts = sweeps.progress(sweep)
    assert (counts["done"], counts["failed"]) == (2, 1)
    (failure,) = sweeps.failures(sweep)
    assert failure["village"] == world.OTHER
    assert county[1].pk in failure["error"]
    assert "secret" not in failure["error"]
    monkeypatch.undo()
    again = sweeps.start_or_resume(division(), None)  # what failed is still due
    assert [p.version_id for p in again.parts.all()] == [county[1].pk]


def test_what_failed_is_tried_again_while_the_sweep_runs(county, monkeypatch):
    sweep = sweeps.start_or_resume(division(), None)
    break_judging(monkeypatch, county[0], ValueError())
    sweeps.work(sweep, seconds=0)
    assert sweeps.progress(sweep)["failed"] == 1
    monkeypatch.undo()
    assert sweeps.retry_failed(sweep) == 1
    sweeps.work(sweep)
    assert sweeps.progress(sweep)["done"] == 3
    assert sweeps.retry_failed(sweep) == 0


def test_a_part_whose_worker_fell_silent_is_taken_again_and_given_up_after_three(county):
    sweep = sweeps.start_or_resume(division(), None)
    part = sweeps.take(sweep)
    assert sweeps.take(sweep).pk != part.pk  # it is held
    for attempt in (2, 3):
        SweepPart.objects.filter(pk=part.pk).update(taken_at=timezone.now() - 2 * jobs.LEASE)
        again = sweeps.take(sweep)
        assert (again.pk, again.attempts) == (part.pk, attempt)
    SweepPart.objects.filter(pk=part.pk).update(taken_at=timezone.now() - 2 * jobs.LEASE)
    assert sweeps.take(sweep).pk != part.pk
    part.refresh_from_db()
    assert part.state == "failed"
    assert part.error


def test_a_worker_that_lost_its_part_does_not_overwrite_the_outcome_of_the_next(county):
    sweep = sweeps.start_or_resume(division(), None)
    slow = sweeps.take(sweep)
    SweepPart.objects.filter(pk=slow.pk).update(taken_at=timezone.now() - 2 * jobs.LEASE)
    quick = sweeps.take(sweep)
    sweeps.run_part(quick)
    sweeps.let_go(slow, "failed", time.monotonic(), "too late")
    quick.refresh_from_db()
    assert (quick.state, quick.error) == ("done", "")


def test_cancelling_ends_sweep_and_job_and_keeps_what_was_computed(county, cast):
    sweep = sweeps.start_or_resume(division(), cast.reviewer)
    sweeps.work(sweep, seconds=0)
    assert sweeps.cancel(sweep, by=cast.reviewer) is True
    assert sweeps.take(sweep) is None
    sweep.refresh_from_db()
    assert (sweep.state, sweeps.job_of(sweep).state) == ("cancelled", "cancelled")
    assert Run.objects.count() == 1
    assert sweeps.cancel(sweep) is False
    assert sweeps.start_or_resume(division(), cast.reviewer).parts.count() == 2


def test_the_cancel_button_of_the_progress_bar_ends_the_sweep(county, cast):
    sweep = sweeps.start_or_resume(division(), cast.reviewer)
    jobs.cancel(sweeps.job_of(sweep))
    sweep.refresh_from_db()
    assert sweep.state == "cancelled"


def test_a_worker_hears_the_cancel_button(county, cast):
    sweep = sweeps.start_or_resume(division(), cast.reviewer)
    sweeps.work(sweep, seconds=0)
    sweeps.tell(sweep)
    jobs.cancel(sweeps.job_of(sweep))  # the job gave a sign of life just now: it is asked to stop
    sweeps.tell(sweep)
    sweep.refresh_from_db()
    assert sweep.state == "cancelled"


# --- more than one at once


@pytest.fixture
def real_county(transactional_db, django_db_serialized_rollback):
    world.make_divisions()
    return [world.make_version(world.make_village(code, col=col)) for code, col in PLACES]


def in_threads(count: int, work) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_sweeps_at_once_on_one_division_are_one(real_county):
    found = []
    in_threads(4, lambda: found.append(sweeps.start_or_resume(division(), None).pk))
    assert len(set(found)) == 1
    assert Sweep.objects.count() == Job.objects.count() == 1


def test_workers_share_the_parts_and_none_is_judged_twice(real_county):
    sweep = sweeps.start_or_resume(division(), None)
    in_threads(3, lambda: sweeps.work(sweep))
    sweep.refresh_from_db()
    assert sweep.state == "done"
    assert list(sweep.parts.values_list("state", "attempts")) == [("done", 1)] * 3
    assert AuditEntry.objects.filter(verb="version.judged").count() == 3
    assert AuditEntry.objects.filter(verb="sweep.finished").count() == 1


def worker(sweep: Sweep, **more: str) -> subprocess.Popen:
    """A worker process on the database of this test."""
    environment = {
        **os.environ, "DB_NAME": connection.settings_dict["NAME"], "REDIS_URL": settings.REDIS_URL, "JOB_LEASE_SECONDS": "3",
        "DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_MEDIA_ROOT": settings.MEDIA_ROOT, **more,
    }  # fmt: skip
    command = [sys.executable, "-c", SLOW, sweep.pk]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)


SLOW = """
import sys, time
import django
django.setup()
from indicators import kept, sweeps
real = kept.results_of
def slowly(*given):
    found = real(*given)
    time.sleep(1.5)
    return found
kept.results_of = slowly
sweeps.work(sweeps.Sweep.objects.get(pk=sys.argv[1]))
"""


def wait_for(condition, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_killed_worker_loses_nothing_and_nothing_is_judged_twice(real_county, monkeypatch):
    sweep = sweeps.start_or_resume(division(), None)
    process = worker(sweep)
    wait_for(lambda: sweeps.progress(sweep)["done"] == 1 and sweeps.progress(sweep)["taken"] == 1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    held = sweep.parts.get(state="taken")
    assert not Run.objects.filter(version=held.version_id).exists()
    assert sweeps.start_or_resume(division(), None) == sweep  # the same command again
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=3))
    wait_for(lambda: not sweeps.work(sweep) and sweeps.progress(sweep)["done"] == 3)
    sweep.refresh_from_db()
    assert sweep.state == "done"
    assert sorted(sweep.parts.values_list("attempts", flat=True)) == [1, 1, 2]
    assert Run.objects.count() == AuditEntry.objects.filter(verb="version.judged").count() == 3
    assert SweepPart.objects.count() == 3


# --- the command


@pytest.fixture
def nobody(monkeypatch):
    """No Celery worker answers."""
    monkeypatch.setattr(check, "answering", lambda: False)


def test_the_command_hires_its_own_processes_shows_one_bar_and_sums_up(real_county, nobody, monkeypatch, capsys):
    monkeypatch.setenv("DB_NAME", connection.settings_dict["NAME"])
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
    call_command("check", "--county", world.COUNTY[:6], "--workers", "2", "--json")
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert (said["plans"], said["villages"], said["judged"], said["failed"]) == (3, 3, 3, 0)
    assert said["state"] == "done"
    assert "No worker answers: 2 processes" in err
    assert "100 %  3 of 3" in err
    assert Run.objects.count() == 3
    call_command("check", "--county", world.COUNTY)
    out, err = capsys.readouterr()
    assert "Nothing to do" in err
    assert "3 plans of 3 villages, 0 judged now" in out
    assert Sweep.objects.count() == 1


def test_celery_workers_do_the_work_where_they_answer(real_county, capsys):
    environment = {
        **os.environ, "DB_NAME": connection.settings_dict["NAME"], "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_MEDIA_ROOT": settings.MEDIA_ROOT,
    }  # fmt: skip
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "--concurrency=2", "--loglevel=WARNING"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    try:
        wait_for(check.answering, 60)
        call_command("check", "--county", world.COUNTY, "--workers", "2", "--json")
    finally:
        process.terminate()
        process.wait(timeout=30)
    out, err = capsys.readouterr()
    assert "No worker answers" not in err
    assert json.loads(out)["judged"] == 3
    assert sweeps.job_of(Sweep.objects.get()).state == Job.State.DONE


def test_the_command_names_what_failed_and_ends_with_an_error(county, nobody, monkeypatch, capsys):
    break_judging(monkeypatch, county[2], ValueError())
    monkeypatch.setattr(check.Crew, "hire", lambda crew: sweeps.work(crew.sweep))
    with pytest.raises(CommandError):
        call_command("check", "--county", world.COUNTY, "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["judged"], said["failed"]) == (2, 1)
    assert said["failures"][0]["village"] == world.FAR
    assert said["findings"]["block/real"] >= 1


def test_the_command_refuses_a_division_that_is_not_there(county):
    with pytest.raises(CommandError, match="no division"):
        call_command("check", "--county", "999999")


def test_djangos_own_check_still_works(capsys):
    call_command("check")
    assert "no issues" in capsys.readouterr().out
