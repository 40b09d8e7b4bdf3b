"""PostgreSQL, Redis and a worker of a drill's own, in one temporary folder; nothing of the demo is touched."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

SYSTEM_USERS = ("vpportal", "postgres", "nobody")
"""who runs PostgreSQL when we are root: it refuses to be root; the first is made by ./run"""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What the portal's programs need to work on the cluster in that folder; job folders of readings lie there, too."""
    redis = f"redis://:{secrets.token_hex(16)}@127.0.0.1:{free_port()}/0"
    return {
        **os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "DB_HOST": str(folder / "pg"), "DB_PORT": "5432", "DB_NAME": "portal", "DB_USER": "portal",
        "DB_PASSWORD": "", "REDIS_URL": redis, "MEDIA_ROOT": str(folder / "media"), "TMPDIR": str(folder / "tmp"), **more,
    }  # fmt: skip


class Cluster:
    """What a drill runs on, as the environment names it: PostgreSQL on a socket in the folder, Redis on a free port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = newest_postgres()
        self.owner = system_user() if os.geteuid() == 0 else None
        self.running: dict[str, subprocess.Popen] = {}
        for name in ("pg", "redis", "media/uploads", "tmp"):
            (folder / name).mkdir(parents=True)
        if self.owner:
            folder.chmod(0o711)
            shutil.chown(folder / "pg", self.owner)

    # --- starting

    def create(self) -> None:
        data = str(self.folder / "pg" / "data")
        self.run("initdb", "-D", data, "-U", "portal", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self.start_postgres()
        self.run("createdb", "-h", str(self.folder / "pg"), "-U", "portal", "portal")
        self.run("psql", "-h", str(self.folder / "pg"), "-U", "portal", "-qc", "CREATE EXTENSION postgis", "portal")
        redis = urlsplit(settings.REDIS_URL)
        self.start(
            "redis", ["redis-server", "--bind", redis.hostname, "--port", str(redis.port), "--requirepass", redis.password,
                      "--dir", str(self.folder / "redis"), "--maxmemory-policy", "noeviction"],
        )  # fmt: skip

    def start_postgres(self) -> None:
        """Again and again: after a kill the old backends need a moment to notice, and hold the shared memory."""
        data = self.folder / "pg" / "data"
        command = [
            str(self.bin / "postgres"),
            "-D",
            str(data),
            "-k",
            str(self.folder / "pg"),
            "-c",
            "listen_addresses=",
        ]
        end = time.monotonic() + 30
        while time.monotonic() < end:
            process = self.start("postgres", command, user=self.owner)
            while process.poll() is None and time.monotonic() < end:
                if self.answers():
                    return
                time.sleep(0.1)
            time.sleep(0.2)
        raise RuntimeError("PostgreSQL does not start:\n" + (self.folder / "postgres.log").read_text()[-2000:])

    def answers(self) -> bool:
        check = [str(self.bin / "pg_isready"), "-q", "-h", str(self.folder / "pg")]
        return subprocess.run(check, check=False).returncode == 0  # noqa: S603

    def start_worker(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "--concurrency", "1", "--loglevel", "INFO",
                   "--without-gossip", "--without-mingle", "--without-heartbeat"]  # fmt: skip
        self.start("worker", command, cwd=settings.BASE_DIR)

    def start(self, name: str, command: Sequence[str], user: str | None = None, **more: object) -> subprocess.Popen:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603  our own programs, a list of arguments, no shell
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, user=user, **more
            )
        return self.running[name]

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(  # noqa: S603
            [str(self.bin / program), *arguments], check=True, user=self.owner, cwd="/", stdout=subprocess.DEVNULL
        )

    # --- killing

    def kill(self, name: str) -> None:
        """`worker`: the whole process group, as when a machine dies; `postgres`: the postmaster alone, as the kernel's
        memory killer does it. Its backends have to notice by themselves."""
        process = self.running[name]
        (os.killpg if name == "worker" else os.kill)(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A running cluster in a folder that is there and empty."""
    made = Cluster(folder)
    try:
        made.create()
        yield made
    finally:
        made.stop()


def newest_postgres() -> Path:
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "postgres").exists()]
    if not found:
        raise RuntimeError("There is no PostgreSQL server in /usr/lib/postgresql.")
    return max(found, key=lambda path: int(path.parent.name))


def system_user() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in SYSTEM_USERS if name in known)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
