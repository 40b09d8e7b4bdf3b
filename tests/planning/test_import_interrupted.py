"""An import that is cancelled, taken over or killed leaves nothing by half, and its upload says what became of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction
from django.utils import translation

from planning import imports
from planning.models import Plan, PlanVersion, Zone
from portal import jobs
from portal.celery import app
from portal.geo import copy
from portal.models import Job, Upload
from tests.grid import cell, geos
from tests.planning.test_import_plan import frame, save
from tests.rows import shared

FIELDS = ["version", "number", "code", "label", "remark", "file_code", "attributes", "area_m2", "geom"]


@pytest.fixture
def upload(village, cast, tmp_path) -> Upload:
    file = ContentFile(save(frame(), tmp_path / "plan.gpkg").read_bytes(), name="plan.gpkg")
    with translation.override("en"):
        return imports.receive(file, name="plan.gpkg", village=village, by=cast.planner)


@shared
def open_version(village) -> PlanVersion:
    """A version that is being written."""
    return PlanVersion.objects.create(plan=Plan.objects.create(village=village, name="plan"), number=1)


def work(upload: Upload) -> Job:
    """The job as a worker runs it."""
    app.loader.import_default_modules()
    app.tasks["planning.import_upload"](upload.job_id)
    upload.refresh_from_db()
    upload.job.refresh_from_db()
    return upload.job


@pytest.mark.parametrize("percent", [5, 40, 80, 85])
def test_a_cancel_at_any_stage_leaves_nothing_but_an_upload_that_says_so(upload, monkeypatch, percent):
    monkeypatch.setattr(copy, "PIECE_ROWS", 1)
    told = []

    def cancelling(run: jobs.Run, at: int, message: str = "") -> None:
        told.append(at)
        if at >= percent:
            raise jobs.Cancelled

    monkeypatch.setattr(jobs.Run, "step", cancelling)
    assert work(upload).state == Job.State.CANCELLED
    assert told[-1] >= percent
    assert upload.state == Upload.State.FAILED
    assert not PlanVersion.objects.exists()
    assert not Zone.objects.exists()
    assert not upload.issues.exists()


def test_progress_of_an_import_only_grows_and_names_every_stage(upload, monkeypatch):
    monkeypatch.setattr(copy, "PIECE_ROWS", 1)
    told = []
    monkeypatch.setattr(jobs.Run, "step", lambda run, at, message="": told.append((at, message.split()[0])))
    assert work(upload).state == Job.State.DONE
    assert [at for at, _ in told] == sorted(at for at, _ in told)
    assert list(dict.fromkeys(word for _, word in told)) == ["Reading", "Checking", "Storing"]
    assert len({at for at, word in told if word == "Storing"}) > 3


def test_of_two_workers_that_judge_the_same_upload_one_stores_a_version(upload, monkeypatch):
    usual = imports.judge_file

    def slow(*args, **kwargs) -> imports.Outcome:
        outcome = usual(*args, **kwargs)
        Upload.objects.update(state=Upload.State.ACCEPTED)  # another took over meanwhile, and was done first
        return outcome

    monkeypatch.setattr(imports, "judge_file", slow)
    work(upload)
    assert not PlanVersion.objects.exists()
    assert upload.state == Upload.State.ACCEPTED


def test_a_worker_that_died_after_the_verdict_does_not_make_a_second_version(upload):
    work(upload)
    Job.objects.filter(pk=upload.job_id).update(state=Job.State.QUEUED, result={}, finished_at=None)
    job = work(upload)
    assert job.state == Job.State.DONE
    assert job.result["accepted"]
    assert job.result["version"] == PlanVersion.objects.get().pk


def test_a_copy_that_fails_half_way_raises_what_went_wrong_and_leaves_no_row(open_version, monkeypatch):
    monkeypatch.setattr(copy, "PIECE_ROWS", 1)
    shape = next(copy.as_hex([shapely.from_wkt("MULTIPOLYGON (((117 36, 117.1 36, 117 36.1, 117 36)))")]))

    def rows() -> Iterator[list]:
        yield from ([open_version.pk, n, "0101", "", "", "", "{}", 50_000_000, shape] for n in range(1, 5))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        copy.copy_rows(Zone, FIELDS, rows())
    assert not Zone.objects.exists()


def test_an_area_that_is_not_the_zones_own_is_refused_by_the_database(open_version):
    shape = geos(cell(0, 0, 10, 1))
    good = Zone.objects.create(version=open_version, number=1, code="0101", geom=shape)
    assert good.area_m2 > 1000
    with pytest.raises(DatabaseError, match="is not its area"), transaction.atomic():
        Zone.objects.create(version=open_version, number=2, code="0101", geom=shape, area_m2=good.area_m2 + 0.1)


def test_a_file_whose_row_cannot_be_written_is_not_kept(village, cast, monkeypatch):
    def unlucky(upload: Upload, *, by: object) -> None:
        raise DatabaseError("the server went away")

    monkeypatch.setattr(imports, "start_check", unlucky)
    uploads = Path(settings.MEDIA_ROOT) / "uploads"
    before = set(uploads.glob("*"))
    with pytest.raises(DatabaseError):
        imports.receive(ContentFile(b"{}", name="plan.geojson"), name="plan.geojson", village=village, by=cast.planner)
    assert set(uploads.glob("*")) == before


def test_two_kills_at_random_moments_leave_nothing_by_half():
    drill = [sys.executable, "manage.py", "kill_imports", "2", "--seed", "3", "--zones", "900"]
    done = subprocess.run(drill, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert len(told["kills"]) == 2
    assert told["violations"] == []
