"""Check that stored versions are what they were when they were closed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from planning import frozen
from planning.models import PlanVersion


class Command(BaseCommand):
    help = "Compute the content digest of every stored version anew and name those that differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--village", default="", help="only versions of this village (12 digits)")

    def handle(self, *args: Any, **options: Any) -> None:
        versions = PlanVersion.objects.with_plan().order_by("plan__village", "number")
        if options["village"]:
            versions = versions.filter(plan__village=options["village"])
        checked, wrong = 0, []
        for version in versions.iterator(chunk_size=50):
            checked += 1
            if not frozen.holds(version):
                wrong.append(version)
                self.stdout.write(
                    f"{version.division_code} version {version.number} ({version.pk}): not what was frozen"
                )
        self.stdout.write(f"{checked} versions checked, {len(wrong)} differ")
        if wrong:
            raise CommandError("The rows of these versions were changed after they were closed.")
