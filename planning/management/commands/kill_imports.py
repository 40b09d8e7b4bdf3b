"""kill_imports [N]: kill the worker or PostgreSQL at N random moments of an import; exit 1 if anything is left by half.

Starts a cluster of its own and runs itself again on it; see docs/operations.md.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from planning.drills import cluster, kills

FOLDER = "DRILL_FOLDER"


class Command(BaseCommand):
    help = "Kill the worker or PostgreSQL at N random moments of an import, on services of its own."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kills", nargs="?", type=int, default=20)
        parser.add_argument("--seed", type=int, help="the same moments again; printed with the result")
        parser.add_argument("--zones", type=int, default=10_000, help="size of the plan")

    def handle(self, *args: Any, **options: Any) -> None:
        if FOLDER not in os.environ:
            sys.exit(on_its_own_services())
        seed = secrets.randbelow(10**6) if options["seed"] is None else options["seed"]
        with cluster.cluster(Path(os.environ[FOLDER])) as made:
            call_command("migrate", verbosity=0)
            told = kills.Drill(made, options["zones"], seed).run(options["kills"])
        self.stdout.write(json.dumps({"seed": seed, **told}, indent=1))
        if told["violations"]:
            sys.exit(1)


def on_its_own_services() -> int:
    """This command once more, with settings that lead to a cluster in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir="/tmp"))
    try:
        environment = cluster.environment(folder, **{FOLDER: str(folder)}, **kills.QUICK)
        return subprocess.run([sys.executable, *sys.argv], env=environment, check=False).returncode  # noqa: S603
    finally:
        shutil.rmtree(folder, ignore_errors=True)
