"""manage.py export_plan VERSION --out FILE: a version back out as a GeoPackage."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from planning import export
from planning.models import PlanVersion


class Command(BaseCommand):
    help = "Write a plan version as a GeoPackage that can be handed in again as the same plan."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("version")
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        version = PlanVersion.objects.with_plan().filter(pk=options["version"]).first()
        if version is None:
            raise CommandError(f"There is no version {options['version']}.")
        if options["out"].exists():
            raise CommandError(f"{options['out']} exists already.")
        export.write_geopackage(version, options["out"])
        self.stdout.write(f"{options['out']}: {version}")
