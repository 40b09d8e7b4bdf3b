"""compute VERSION [--json]: structure table and indicators of a plan version."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from indicators import runs
from indicators.catalogue import INDICATORS
from planning.models import PlanVersion


def version_or_error(pk: str) -> PlanVersion:
    version = PlanVersion.objects.filter(pk=pk).first()
    if version is None:
        raise CommandError(f"There is no plan version {pk}.")
    return version


class Command(BaseCommand):
    help = "Compute the structure table and the indicators of a plan version (cached by its inputs)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        run = runs.judge(version_or_error(options["version"]))
        rows = runs.structure_rows(run)
        values = [
            {"code": v.code, "name": str(INDICATORS[v.code].name), "value": v.value, "base_value": v.base_value, "unit": v.unit,
             "numerator": v.numerator, "denominator": v.denominator, "note": v.note}
            for v in run.values.all()
        ]  # fmt: skip
        if options["json"]:
            said = {
                "version": run.version_id,
                "village_ha": run.village_area_m2 / 10_000,
                "structure": rows,
                "indicators": values,
            }
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        for row in rows:
            self.stdout.write(f"{row['code']:8}{row['base_ha']:12.4f}{row['plan_ha']:12.4f} ha")
        for value in values:
            self.stdout.write(f"{value['code']:4}{value['name']}: {value['value']} {value['unit']} {value['note']}")
