"""The parent's side of the reading child: a folder of its own, a clean environment, a clock, and nothing left behind."""

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from portal.geo import handover, progress
from portal.geo.issues import refusal
from portal.geo.source import Limits, Options

CHILD = Path(__file__).with_name("child.py")
PREFIX = "reading-"
LOOK = 0.5
"""seconds between two looks at a working child"""
Alive = Callable[[float], None]
"""told the share (0..1) that is read, at each look; what it raises (a cancel) kills the child"""

logger = logging.getLogger(__name__)


def read_in_child(
    path: Path, kind: str, stem: str, options: Options, limits: Limits, alive: Alive = lambda share: None
) -> list[handover.Received]:
    """Read one sniffed upload in a process of its own. Raises Refused; the job folder is gone either way."""
    with job_folder() as folder:
        shutil.copyfile(path, folder / f"input.{kind}")
        handover.write_task(folder, kind, stem, options, limits)
        run_child(folder, limits, alive)
        return handover.receive(folder, limits)


@contextmanager
def job_folder() -> Iterator[Path]:
    """A folder that is locked while we live: the kernel lets go of the lock of a process that was killed."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def run_child(folder: Path, limits: Limits, alive: Alive = lambda share: None, *, program: Path | None = None) -> None:
    """Start, wait, and kill the whole process group when time is up: an endless view holds GDAL for ever.

    `program` is another one that enters the same jail before it opens anything (planning.papers.child).
    """
    with (folder / "stderr").open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603  our own program, a list of arguments, no shell
            [sys.executable, "-I", "-B", str(program or CHILD), str(folder), str(os.getpid())],
            cwd=folder,
            env=clean_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            _watch(process, folder, limits, alive)
        finally:
            _kill_group(process)
    _judge(process.returncode, folder, limits)


def _watch(process: subprocess.Popen, folder: Path, limits: Limits, alive: Alive) -> None:
    end = time.monotonic() + limits.seconds
    while (left := end - time.monotonic()) > 0:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=min(LOOK, left))
            return
        alive(progress.told(folder))
    raise refusal("timeout", seconds=limits.seconds)


def clean_environment(folder: Path) -> dict[str, str]:
    """Nothing is inherited: no database password, no secret key, no proxy, no PROJ or GDAL path."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PROJ_NETWORK": "OFF",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",  # each thread would reserve address space out of the memory limit
    }


def _kill_group(process: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _judge(status: int, folder: Path, limits: Limits) -> None:
    """Turn an end by signal into its reason; what the child printed goes to the log, never to the user."""
    printed = _tail(folder / "stderr")
    if printed:
        logger.warning("reading child said: %s", printed)
    if status == -signal.SIGXCPU:
        raise refusal("timeout", seconds=limits.cpu_seconds)
    if status == -signal.SIGKILL:  # not by us: the kernel ran out of memory, or the CPU limit's hard end
        raise refusal("memory")
    if status != 0:
        raise refusal("crashed")


def _tail(path: Path, most: int = 4000) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - most))
        return stream.read().decode("utf-8", "replace").strip()


def remove_leftovers(older_than_seconds: int = 60) -> int:
    """Sweep job folders whose parent was killed before it could: nobody holds their lock. Returns how many."""
    youngest = time.time() - older_than_seconds  # between making a folder and locking it lies a moment
    folders = [path for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if path.is_dir()]
    return sum(_abandoned(path, youngest) and _remove(path) for path in folders)


def _abandoned(folder: Path, youngest: float) -> bool:
    try:
        if folder.stat().st_mtime >= youngest:
            return False
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # gone meanwhile, or another user's
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _remove(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()
