"""quality_report ID --format xlsx|pdf|json --out FILE: the quality report on an upload or a version."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from planning.models import PlanVersion
from planning.reports import content, files
from portal.errors import PortalError
from portal.models import Upload


class Command(BaseCommand):
    help = "Write the quality report on an upload or a version to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="id of an upload or of a version")
        parser.add_argument("--format", choices=[*files.FORMS, "json"], default="xlsx")
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--language", choices=["zh-hans", "en"], default="zh-hans")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                report = found(options["id"])
                if options["format"] == "json":
                    made = json.dumps(content.as_json(report), ensure_ascii=False, indent=2).encode()
                else:
                    made = files.FORMS[options["format"]][1](report)
            except PortalError as error:
                raise CommandError(str(error.message)) from error
        options["out"].write_bytes(made)
        self.stdout.write(f"{options['out']}: score {report.score:g}, {report.errors} errors")


def found(pk: str) -> content.QualityReport:
    if upload := Upload.objects.filter(pk=pk).first():
        return content.of_upload(upload)
    if version := PlanVersion.objects.with_plan().filter(pk=pk).first():
        return content.of_version(version)
    raise CommandError(f"There is neither an upload nor a version {pk}.")
