"""The last resort against a computation that nobody foresaw: it runs in a child process, under a clock and a memory limit.

What is known to be dear is refused before it is begun (compute.bounds). A child that takes more all the same is killed:
its database transaction goes with it, so nothing is half stored, and the worker lives on and says what happened.
"""

import ctypes
import json
import logging
import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from django.conf import settings
from django.db import Error, OperationalError, connection
from django.utils.translation import gettext as _

from indicators import runs, sweeps
from indicators.compute.plane import MIDDLE_OF_CHINA, Plane
from indicators.compute.standard import load_standard
from indicators.models import Run, Sweep
from planning.models import PlanVersion
from portal import jobs
from portal.errors import PortalError
from portal.models import User

logger = logging.getLogger(__name__)

LOOK = 0.5
"""seconds between two looks at a silent child; a cancel is heard then"""
_PR_SET_PDEATHSIG = 1
_inherited: list[Any] = []  # connections of the parent, held for ever: closing one here would end it there


def judge(version: PlanVersion, *, by: User | None = None, progress: jobs.Progress = jobs.quiet) -> Run:
    """`runs.judge` in a child, which costs some 30 ms."""
    if not _wanted():
        return runs.judge(version, by=by, progress=progress)
    return Run.objects.get(pk=guarded(lambda step: runs.judge(version, by=by, progress=step).pk, progress))


def work(sweep: Sweep, *, seconds: float) -> bool:
    """`sweeps.work` in one child for all parts it takes. A part that gets it killed is tried again when its lease is
    over, three times at most; the others wait for nothing."""
    if not _wanted():
        return sweeps.work(sweep, seconds=seconds)
    try:
        return guarded(lambda step: sweeps.work(sweep, seconds=seconds), jobs.quiet)
    except PortalError as error:
        logger.warning("a worker of sweep %s was stopped: %s", sweep.pk, error.message)
        return True


def child(computing: Callable[[jobs.Progress], Any], progress: jobs.Progress) -> Any:
    """Any other computation whose result JSON can say, in a child where one is wanted."""
    return guarded(computing, progress) if _wanted() else computing(progress)


def _wanted() -> bool:
    """Not inside somebody's transaction, whose rows no child could see."""
    return bool(settings.JUDGE_MEMORY_MB) and not connection.in_atomic_block


def guarded(work: Callable[[jobs.Progress], Any], progress: jobs.Progress) -> Any:
    """What `work(progress)` returns (as JSON can say it), computed in a forked child that is killed when it must be."""
    _warm()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb", buffering=0) as told:
            answer = _listen(told.fileno(), progress)
    finally:
        status = _end(child)
    return _answer(answer, status)


def _warm() -> None:
    """What every child would read anew otherwise: the counting rules, and what PROJ keeps of its own files."""
    load_standard()
    Plane(*MIDDLE_OF_CHINA).move(np.array([MIDDLE_OF_CHINA]))


# --- the child's side


def _work(work: Callable[[jobs.Progress], Any], writing: int) -> NoReturn:
    """Run under the limits, say what came of it, and end without any of the parent's farewells."""
    try:
        _restrict()
        _leave_connection()
        _say(writing, done=work(lambda percent, message: _say(writing, step=[int(percent), str(message)])))
    except PortalError as error:
        told = {"message": str(error.message), "code": error.code, "data": error.data}
        _say(writing, refused=told, status=error.status)
    except MemoryError:
        _say(writing, memory=True)
    except Error as error:
        _say(writing, database=str(error))
    except BaseException:
        _say(writing, failed=traceback.format_exc())
    finally:
        os._exit(0)


def _restrict() -> None:
    """No more memory than allowed on top of what the worker has; dies with its parent; deaf to the keyboard."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with open("/proc/self/statm", "rb") as pages:
        held = int(pages.read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = held + settings.JUDGE_MEMORY_MB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _leave_connection() -> None:
    """The parent's connection is the parent's; the next query opens one of our own."""
    _inherited.append(connection.connection)
    connection.connection = None


def _say(writing: int, **told: Any) -> None:
    line = json.dumps(told).encode() + b"\n"
    while line:
        line = line[os.write(writing, line) :]


# --- the parent's side


def _listen(reading: int, progress: jobs.Progress) -> dict[str, Any]:
    """Pass on the child's progress until it says something else or its time is over; {} if it fell silent."""
    end, held, step = time.monotonic() + settings.JUDGE_SECONDS, b"", (0, "")
    while (left := end - time.monotonic()) > 0:
        if not select.select([reading], [], [], min(LOOK, left))[0]:
            progress(*step)
            continue
        piece = os.read(reading, 65536)
        if not piece:
            return {}
        *lines, held = (held + piece).split(b"\n")
        for told in map(json.loads, lines):
            if "step" not in told:
                return told
            step = tuple(told["step"])
            progress(*step)
    return {"late": True}


def _end(child: int) -> int:
    """Kill the child, unless it has ended by itself; returns how it ended."""
    for _look in range(20):  # one that has said its last word is about to go
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _answer(told: dict[str, Any], status: int) -> Any:
    """The result, or the error that the child met."""
    if "done" in told:
        return told["done"]
    if "refused" in told:
        error = PortalError(told["refused"]["message"], code=told["refused"]["code"], data=told["refused"]["data"])
        error.status = told["status"]
        raise error
    if "database" in told:
        raise OperationalError(told["database"])
    if "failed" in told:
        raise RuntimeError(told["failed"])
    if "late" in told:
        said = _("Computing this plan took longer than %(seconds)s seconds and was stopped. Nothing was stored.")
        raise PortalError(said % {"seconds": settings.JUDGE_SECONDS}, code="too_long")
    if "memory" in told or os.WIFSIGNALED(status):
        said = _("Computing this plan took more than %(megabytes)s MB of memory and was stopped. Nothing was stored.")
        raise PortalError(said % {"megabytes": settings.JUDGE_MEMORY_MB}, code="too_large")
    raise RuntimeError("the computing child ended without a word")
