"""check VERSION [--json]: conflicts of a plan version. Without a version it is Django's own system check."""

import json
from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import check

from indicators import runs
from indicators.management.commands.compute import version_or_error


class Command(check.Command):
    """Django's `check` keeps its work (`./run manage check`, `check --deploy`); with a version it finds conflicts."""

    help = f"Find the conflicts of a plan version; without one: {check.Command.help}"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        # Django's own positional arguments are app labels; a version's id is told apart by its form
        parser.add_argument("--json", action="store_true")

    def handle(self, *app_labels: str, **options: Any) -> None:
        if len(app_labels) != 1 or len(app_labels[0]) != 12:
            options.pop("json", None)
            super().handle(*app_labels, **options)
            return
        run = runs.judge(version_or_error(app_labels[0]))
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
        if options["json"]:
            self.stdout.write(
                json.dumps({"version": run.version_id, "findings": rows, "notes": run.notes}, ensure_ascii=False)
            )
            return
        for row in rows:
            self.stdout.write(
                f"{row['code']:4}{row['severity']:7}{row['category']:10}{row['area_m2']:12.1f} m²  zone {row['zone']}"
            )
