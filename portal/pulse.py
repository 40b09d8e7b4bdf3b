"""The pulse of running work: a thread with a database connection of its own tells how far the work is.

The work itself may sit in a transaction for minutes: what it wrote about its progress would be seen by nobody until the
end, and its lock on the row would keep a `cancel` waiting. So the work only says it to the pulse, as often as it likes.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from celery.signals import worker_process_init
from django.db import Error, connection, transaction
from django.utils import timezone

from portal.models import Job

logger = logging.getLogger(__name__)

BEAT = 1.0
"""seconds between two signs of life"""
GRACE = 2.5
"""seconds the work has to come to its next step after a cancel was seen; then its process is ended, if it may be.
Together with a beat this stays under the five seconds in which a cancel must work."""

_expendable = False


@worker_process_init.connect
def _in_worker_process(**kwargs: Any) -> None:
    """A process of Celery's pool is replaced when it dies; a command or a test is not."""
    global _expendable
    _expendable = True


class Pulse(threading.Thread):
    """Beats while the work of `job` runs. Proves that the process lives, not that it gets on: for work that hangs there
    are Celery's time limits."""

    def __init__(self, job: Job, give_up: Callable[[], None]) -> None:
        """`give_up` ends the row as cancelled; used when the process is about to go and cannot do it itself."""
        super().__init__(name=f"pulse-{job.pk}", daemon=True)
        self.job = job
        self.give_up = give_up
        self.told: tuple[int, str] = (job.percent, job.message)
        self.stop_wanted = threading.Event()
        self._over = threading.Event()
        self._wanted_at = 0.0

    def __enter__(self) -> "Pulse":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self.join(timeout=10)

    def run(self) -> None:
        try:
            while not self._over.wait(BEAT):
                try:
                    self.beat()
                except Error as error:  # the database is away: beat again when it is back, if the work still goes on
                    logger.warning("no pulse for job %s: %s", self.job.pk, str(error).strip())
                    connection.close()
        finally:
            connection.close()

    def beat(self) -> None:
        percent, message = self.told
        ours = Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, attempts=self.job.attempts)
        alive = ours.update(percent=percent, message=message, heartbeat_at=timezone.now())
        if not alive or ours.filter(cancel_requested=True).exists():  # another worker may have taken it meanwhile
            self.stop_wanted.set()
            self._wanted_at = self._wanted_at or time.monotonic()
        if _expendable and self._wanted_at and time.monotonic() - self._wanted_at > GRACE:
            self.end_process()

    def end_process(self) -> None:
        """The work is inside a long call of a library and hears nothing. Its transaction goes with its process."""
        with transaction.atomic():
            self.give_up()
        if not self._over.is_set():
            logger.warning("job %s did not stop in time: its process ends", self.job.pk)
            os.kill(os.getpid(), signal.SIGKILL)
