"""A computation in a child: its answer comes back, and a child that takes too much is killed and leaves nothing behind."""

import time

import numpy as np
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection
from django.utils import translation

from indicators import guard, quality, runs, sweeps
from indicators.compute.overlay import united
from indicators.models import Run, StoredResult
from planning.quality import NotApplicable
from portal import jobs
from portal.errors import PortalError
from portal.models import Job
from tests import world
from tests.grid import SOUTH, WEST
from tests.nasty.combs import crossing_combs
from villages.models import Division

SECOND = 2**20


def told(steps):
    return lambda percent, message: steps.append((percent, message))


def test_the_answer_and_the_progress_come_back():
    steps = []

    def work(step):
        step(10, "到一半")
        return {"sum": 3}

    assert guard.guarded(work, told(steps)) == {"sum": 3}
    assert (10, "到一半") in steps


def test_a_refusal_keeps_its_words():
    def work(step):
        raise PortalError("两条边界相交过多", code="too_complex", data={"limit": 3})

    with pytest.raises(PortalError, match="相交过多") as refused:
        guard.guarded(work, jobs.quiet)
    assert (refused.value.code, refused.value.data) == ("too_complex", {"limit": 3})


def test_a_fault_of_ours_keeps_its_trace():
    def work(step):
        raise KeyError("what_was_missing")

    with pytest.raises(RuntimeError, match="what_was_missing"):
        guard.guarded(work, jobs.quiet)


def test_a_child_that_takes_too_much_memory_is_stopped(settings):
    settings.JUDGE_MEMORY_MB = 200
    with pytest.raises(PortalError) as refused:
        guard.guarded(lambda step: float(np.ones(100 * SECOND).sum()), jobs.quiet)  # 800 MB
    assert refused.value.code == "too_large"
    assert "200 MB" in str(refused.value.message)


def test_a_child_that_takes_too_long_is_stopped(settings):
    settings.JUDGE_SECONDS = 1
    began = time.monotonic()
    with pytest.raises(PortalError) as refused:
        guard.guarded(lambda step: time.sleep(60), jobs.quiet)
    assert refused.value.code == "too_long"
    assert time.monotonic() - began < 10


def test_a_cancel_is_heard_while_the_child_is_silent():
    def cancelled(percent, message):
        raise jobs.Cancelled

    began = time.monotonic()
    with pytest.raises(jobs.Cancelled):
        guard.guarded(lambda step: time.sleep(60), cancelled)
    assert time.monotonic() - began < 10


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_judging_in_a_child_gives_the_same_run_and_leaves_the_connection_alone():
    cast, village = world.make_cast(), world.make_village()
    version = world.make_version(village, by=cast.planner)
    held = connection.connection
    run = guard.judge(version, by=cast.planner)
    assert connection.connection is held
    assert run.values.exists()
    assert runs.judge(version).pk == run.pk


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_judgement_that_is_killed_stores_nothing(settings, monkeypatch):
    settings.JUDGE_SECONDS = 2
    cast, village = world.make_cast(), world.make_village()
    version = world.make_version(village, by=cast.planner)
    monkeypatch.setattr(runs, "write_findings", lambda *args, **kwargs: time.sleep(60))  # in the middle of storing
    with pytest.raises(PortalError):
        guard.judge(version)
    monkeypatch.undo()
    settings.JUDGE_SECONDS = 60
    assert not Run.objects.exists()
    version.refresh_from_db()
    assert version.checked_at is None
    assert guard.judge(version).values.exists()  # and no lock is left


def comb_lines(village) -> None:
    """Two control lines of the village become two combs that cross 1.4 million times."""
    lines = list(village.control_lines.order_by("number")[:2])
    for line, ring in zip(lines, crossing_combs(600, WEST, SOUTH, 0.008), strict=True):
        line.geom = MultiPolygon(GEOSGeometry(shapely.Polygon(ring).wkt, srid=4490), srid=4490)
        line.save()


def test_combs_end_the_job_with_a_sentence_in_the_users_language_and_store_nothing(village, version, cast, run_jobs):
    comb_lines(village)
    with translation.override("en"):
        jobs.start("indicators.judge_version", by=cast.planner, version=version.pk)
    (job,) = run_jobs()
    assert job.state == Job.State.FAILED
    first, second = village.control_lines.order_by("number").values_list("number", flat=True)[:2]
    assert f"control line {first} and control line {second}" in job.message
    assert not Run.objects.exists()
    assert not StoredResult.objects.exists()
    version.refresh_from_db()
    assert version.checked_at is None


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_sweep_goes_on_after_a_plan_that_took_too_much(settings, monkeypatch):
    settings.JUDGE_SECONDS = 2
    cast, one, other = world.make_cast(), world.make_village(), world.make_village(world.OTHER, col=10)
    hanging, sound = (world.make_version(village, by=cast.planner) for village in (one, other))
    judged = runs.judge
    monkeypatch.setattr(
        runs, "judge", lambda version, **how: (version.pk == hanging.pk and time.sleep(60)) or judged(version, **how)
    )
    sweep = sweeps.start_or_resume(Division.objects.get(code=world.COUNTY), cast.leader)
    assert guard.work(sweep, seconds=60)
    settings.JUDGE_SECONDS = 60
    guard.work(sweep, seconds=60)
    assert {part.version_id: part.state for part in sweep.parts.all()} == {hanging.pk: "taken", sound.pk: "done"}


def test_a_rule_of_the_quality_check_that_would_take_too_much_is_not_applied():
    @quality.measurable
    def check(case):
        yield united(np.array([shapely.Polygon(ring) for ring in crossing_combs(600)], object))

    assert check(None) == NotApplicable("too_complex")
