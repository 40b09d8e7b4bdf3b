"""check VERSION: conflicts of a plan version; check --county CODE: judge all villages of a division. Without either it is
Django's own system check."""

import json
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import check
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from indicators import guard, runs, sweeps
from indicators.management.commands.compute import version_or_error
from indicators.models import Sweep
from indicators.tasks import SLICE
from portal import jobs
from portal.celery import app
from villages.models import Division

POLL = 0.3
WIDTH = 30
RESTARTS = 3
"""how often a worker process of ours that died is replaced, for each of them"""


class Command(check.Command):
    """Django's `check` keeps its work (`./run manage check`, `check --deploy`); with a version it finds conflicts, with a
    division it judges all its villages."""

    help = f"Find the conflicts of a plan version, or of all plans of a division; without either: {check.Command.help}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        # Django's own positional arguments are app labels; a version's id is told apart by its form
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--county", metavar="CODE", help="judge all villages of a county, city or township")
        parser.add_argument("--workers", type=int, default=0, help="how many processes share the work")
        parser.add_argument("--take", metavar="SWEEP", help="take parts of a running computation, show nothing")

    def handle(self, *app_labels: str, **options: Any) -> None:
        own = {name: options.pop(name, None) for name in ("json", "county", "workers", "take")}
        if own["take"]:
            sweep = Sweep.objects.get(pk=own["take"])
            while guard.work(sweep, seconds=SLICE):
                pass
        elif own["county"]:
            self.judge_division(own["county"], own["workers"] or 0, as_json=bool(own["json"]))
        elif len(app_labels) == 1 and len(app_labels[0]) == 12:
            self.check_version(app_labels[0], as_json=bool(own["json"]))
        else:
            super().handle(*app_labels, **options)

    def check_version(self, pk: str, *, as_json: bool) -> None:
        run = runs.judge(version_or_error(pk))
        rows = [
            {
                "code": f.code,
                "severity": f.severity,
                "category": f.category,
                "area_m2": f.area_m2,
                "zone": f.zone.number if f.zone else None,
            }
            for f in run.version.findings.select_related("zone")
        ]
        if as_json:
            said = {"version": run.version_id, "findings": rows, "notes": run.notes}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        for row in rows:
            self.stdout.write(
                f"{row['code']:4}{row['severity']:7}{row['category']:10}{row['area_m2']:12.1f} m²  zone {row['zone']}"
            )

    # --- all villages of a division

    def judge_division(self, code: str, workers: int, *, as_json: bool) -> None:
        division = Division.objects.filter(pk=code.ljust(12, "0")).first()
        if division is None:
            raise CommandError(f"There is no division {code}.")
        began = time.monotonic()
        before = Sweep.objects.filter(division=division, state=Sweep.State.RUNNING).exists()
        sweep = sweeps.start_or_resume(division, None, workers=workers)
        if sweep is None:
            self.tell("Nothing to do: every plan is judged by what holds today.")
        else:
            self.tell(f"{'Going on with' if before else 'Judging'} {sweep.parts.count()} plans of {division.name}.")
            with Crew(sweep, workers or settings.SWEEP_WORKERS, self.tell) as crew:
                self.watch(sweep, crew)
        said = sweeps.summary(division, sweep) | {"seconds": round(time.monotonic() - began, 2)}
        self.stdout.write(json.dumps(said, ensure_ascii=False) if as_json else sentence(said))
        for row in said["failures"]:
            self.tell(f"  {row['village']} {row['name']}: {row['error']}")
        if said["state"] == Sweep.State.CANCELLED:
            raise CommandError("Cancelled.")
        if said["failures"]:
            raise CommandError("Not every plan could be judged. The same command tries the failed ones again.")

    def watch(self, sweep: Sweep, crew: "Crew") -> None:
        """One progress bar until the sweep has ended."""
        shown = -1
        while True:
            sweep.refresh_from_db()
            counts = sweeps.progress(sweep)
            if counts["percent"] // self.step != shown:
                shown = counts["percent"] // self.step
                self.bar(counts)
            if sweep.state != Sweep.State.RUNNING:
                if self.step == 1:
                    self.tell("")
                return
            crew.keep_alive()
            time.sleep(POLL)

    @property
    def step(self) -> int:
        """Per cent between two pictures of the bar: a file or a log is no screen."""
        return 1 if self.stderr.isatty() else 10

    def bar(self, counts: dict[str, int]) -> None:
        full = WIDTH * counts["percent"] // 100
        text = f"[{'#' * full}{'.' * (WIDTH - full)}] {counts['percent']:3} %  {counts['done']} of {counts['total']}"
        text += f", {counts['failed']} failed" if counts["failed"] else ""
        self.stderr.write(f"\r{text}" if self.step == 1 else text, lambda t: t, "" if self.step == 1 else "\n")

    def tell(self, text: str) -> None:
        """Words for people, beside the answer on stdout."""
        self.stderr.write(text, lambda t: t)


def sentence(said: dict[str, Any]) -> str:
    found = ", ".join(f"{name} {count}" for name, count in said["findings"].items()) or "none"
    return (
        f"{said['plans']} plans of {said['villages']} villages, {said['judged']} judged now, {said['failed']} failed, "
        f"findings: {found}; {said['seconds']} s"
    )


class Crew:
    """Who works on a sweep: Celery's workers if they answer, else processes of our own that end with it."""

    def __init__(self, sweep: Sweep, count: int, tell: Any) -> None:
        self.sweep, self.count, self.tell = sweep, count, tell
        self.own: list[subprocess.Popen] = []
        self.restarts = RESTARTS * count
        self.looked = time.monotonic()

    def __enter__(self) -> "Crew":
        if not answering():
            self.tell(f"No worker answers: {self.count} processes of our own do the work and end with it.")
            self.hire()
        return self

    def __exit__(self, *error: object) -> None:
        for process in self.own:
            process.terminate()
        for process in self.own:
            process.wait()

    def hire(self) -> None:
        self.own = [process for process in self.own if process.poll() is None]
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "check", "--take", self.sweep.pk]
        while len(self.own) < self.count:
            self.own.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))  # noqa: S603  our own program

    def keep_alive(self) -> None:
        """Replace processes of ours that were killed; come in when the workers that answered are silent for a lease."""
        if not self.sweep.parts.filter(sweeps.open_parts()).exists():
            return
        if self.own:
            dead = [process for process in self.own if process.poll() is not None]
            if dead and self.restarts > 0:
                self.restarts -= len(dead)
                self.hire()
        elif time.monotonic() - self.looked > jobs.LEASE.total_seconds():
            self.looked = time.monotonic()
            silent = timezone.now() - jobs.LEASE
            if not sweeps.open_job(self.sweep).filter(heartbeat_at__gt=silent).exists() and not answering():
                self.tell("The workers have gone: processes of our own go on with it.")
                self.hire()


def answering() -> bool:
    """Whether a Celery worker of this portal hears us."""
    try:
        return bool(app.control.ping(timeout=1.0))
    except (OSError, OperationalError, RedisError):  # no broker, so nobody who listens to it
        return False
