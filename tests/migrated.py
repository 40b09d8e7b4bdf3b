"""A database that has all migrations, kept beside the tests' own: each run copies it and need not migrate for ten seconds.

Its name holds a digest of what migrations are made of; the newest few stay, because other branches may want theirs again.
"""

import hashlib
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from django.db import OperationalError, connection

ROOT = Path(__file__).resolve().parent.parent
PREFIX, KEPT = "portal_migrated_", 4
APPS = ("portal", "villages", "planning", "indicators")
SOURCES = (
    *(f"{app}/migrations/*.py" for app in APPS),
    *(f"{app}/data/**/*.*" for app in APPS),
    "portal/geo/functions.py",
    "requirements.txt",
    "tests/postgis/restore.sql",
)
LOCK = 20261127  # two processes of a run begin at once: one makes it, the other waits


def name() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern)):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return PREFIX + digest.hexdigest()[:16]


def database() -> str:
    """The name of the migrated database, which is made if it is not there."""
    wanted = name()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC", [f"{PREFIX}________________"]
            )
            there = [row[0] for row in cursor.fetchall()]
            if wanted not in there:
                make(cursor, wanted)
                for old in there[KEPT - 1 :]:
                    with suppress(OperationalError):  # another run is copying it
                        cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return wanted


def make(cursor, wanted: str) -> None:
    """Under another name first, so that one that was given up half-way is never copied."""
    begun = f"{wanted}_begun"
    cursor.execute(f'DROP DATABASE IF EXISTS "{begun}"')
    cursor.execute(f'CREATE DATABASE "{begun}"')
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DB_NAME": begun}
    command = [sys.executable, "manage.py", "migrate", "--noinput", "-v0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    inside = connection.Database.connect(**{**connection.get_connection_params(), "dbname": begun})
    with inside, inside.cursor() as its_cursor:
        its_cursor.execute((ROOT / "tests/postgis/restore.sql").read_text("utf-8"))
    inside.close()
    cursor.execute(f'ALTER DATABASE "{begun}" RENAME TO "{wanted}"')
