"""Fixtures of all tests: the cast, their clients, a village, jobs run in line."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from hypothesis import settings as hypothesis_settings

from planning.models import PlanVersion
from portal.celery import app
from portal.models import Job
from tests import migrated, world
from villages.models import Village

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
DATA = Path(__file__).resolve().parent / "data"

# The same examples every time, so that a change is judged by what it changes; other ones: --hypothesis-profile=search
hypothesis_settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis_settings.register_profile("search", derandomize=False, deadline=None, print_blob=True)
hypothesis_settings.load_profile("steady")


def pytest_addoption(parser):
    parser.addoption("--fuzz", type=int, default=16, help="how many damaged plan files to hand in")
    parser.addoption("--fuzz-seed", type=int, default=20261122, help="which ones")
    parser.addoption("--machine-steps", type=int, default=1500, help="how many steps the workflow machine makes")
    parser.addoption("--machine-seed", type=int, default=0, help="which ones; 0: always the same")
    parser.addoption("--rounds", type=int, default=1, help="how many rounds of fifty each race is run")
    parser.addoption("--api-calls", type=int, default=200, help="how many calls are made from the OpenAPI document")
    parser.addoption("--api-seed", type=int, default=20261127, help="which ones")
    parser.addoption(
        "--write-matrix", action="store_true", help="write tests/permissions/matrix.csv as the portal answers"
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    """The test database begins as a copy of a migrated one."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.database()


@pytest.fixture(scope="session", autouse=True)
def _remove_media():
    yield
    shutil.rmtree(django_settings.MEDIA_ROOT, ignore_errors=True)


@pytest.fixture(autouse=True)
def _clean_cache():
    cache.clear()


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data; a stranger's clone has none."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the folder of real data (../shared/data) is not here")
    return SHARED / "data"


@pytest.fixture
def cast(db) -> SimpleNamespace:
    return world.make_cast()


@pytest.fixture
def village(db) -> Village:
    """柳沟村: 10 x 10 cells with base parcels and control lines."""
    return world.make_village()


@pytest.fixture
def version(village, cast) -> PlanVersion:
    """A draft version of 柳沟村 handed in by the planner."""
    return world.make_version(village, by=cast.planner)


@pytest.fixture
def public_version(version, cast) -> PlanVersion:
    """The same version in public notice."""
    return world.publish(version, cast.township)


@pytest.fixture
def as_user(cast):
    """as_user("planner") gives a signed-in client; as_user() an anonymous one."""

    def make(name: str | None = None) -> Client:
        client = Client()
        if name:
            client.force_login(getattr(cast, name))
        return client

    return make


@pytest.fixture
def run_jobs():
    """Run every queued job in this process, the way a worker would, and return them."""

    def run() -> list[Job]:
        app.loader.import_default_modules()
        done = []
        while job := Job.objects.filter(state=Job.State.QUEUED).order_by("created_at").first():
            app.tasks[job.kind](job.pk)
            job.refresh_from_db()
            done.append(job)
        return done

    return run
