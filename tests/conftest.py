"""Fixtures of all tests: the cast, their clients, a village, jobs run in line."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from planning.models import PlanVersion
from portal.celery import app
from portal.models import Job
from tests import migrated, rows, world
from tests.rows import shared
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


@pytest.hookimpl(tryfirst=True)  # before Django's order: those that commit after those that do not
def pytest_collection_modifyitems(items):
    """Tests of a file that start from the same rows stand together, those that start from more after those from less."""
    files = {}
    for item in items:
        files.setdefault(item.path, len(files))
    items.sort(key=lambda item: (files[item.path], [rows.SHARED.index(fixture) for fixture in rows.levels_of(item)]))
    for item in items:
        item.fixturenames.insert(0, "_rows")  # before the transaction of the test


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    """The test database begins as a copy of a migrated one."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.database()


@pytest.fixture(scope="session")
def _levels(django_db_setup, django_db_blocker):
    levels = rows.Levels()
    yield levels
    with django_db_blocker.unblock():
        if (
            connection.in_atomic_block
        ):  # at the end the browser may have closed the connection already, and the rows with it
            levels.back_to(0)


@pytest.fixture
def _rows(request, django_db_blocker):
    """The shared rows that this test starts from lie in the database, and no others."""
    if "db" not in request.fixturenames and not request.node.get_closest_marker("django_db"):
        return
    levels = request.getfixturevalue("_levels")
    with django_db_blocker.unblock():
        if commits(request.node):
            levels.back_to(0)
        else:
            request.node.stash[rows.COPIES] = levels.reach(request.node, rows.levels_of(request.node))


def commits(item) -> bool:
    """Whether a test writes for others to see, and the database is emptied after it."""
    marker = item.get_closest_marker("django_db")
    return bool(
        {"transactional_db", "live_server"} & set(item.fixturenames)
        or (marker and (marker.kwargs.get("transaction") or marker.kwargs.get("reset_sequences")))
    )


@pytest.fixture(scope="session", autouse=True)
def _remove_media():
    yield
    shutil.rmtree(django_settings.MEDIA_ROOT, ignore_errors=True)


@pytest.fixture(autouse=True)
def _clean_cache():
    cache.clear()


@pytest.fixture(autouse=True)
def _own_language():
    """A request leaves its language behind in the thread; no test may hang on what the one before it spoke."""
    translation.activate(django_settings.LANGUAGE_CODE)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data; a stranger's clone has none."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the folder of real data (../shared/data) is not here")
    return SHARED / "data"


@shared
def cast(db) -> SimpleNamespace:
    return world.make_cast()


@shared
def village(db) -> Village:
    """柳沟村: 10 x 10 cells with base parcels and control lines."""
    return world.make_village()


@shared
def version(village, cast) -> PlanVersion:
    """A draft version of 柳沟村 handed in by the planner."""
    return world.make_version(village, by=cast.planner)


@shared
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
