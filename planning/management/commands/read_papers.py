"""read_papers VERSION FILE...: photographs of marked sheets, read as the page reads them; says what was found on each."""

from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from planning.models import PlanVersion
from planning.papers import scans
from portal.errors import PortalError
from portal.models import User


class Command(BaseCommand):
    help = "Read photographs of marked sheets of a version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", help="id of a version")
        parser.add_argument("files", nargs="+", type=Path, help="JPEG, PNG or WebP")
        parser.add_argument(
            "--by", required=True, help="user name of the committee, planner or township who hands them in"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        version = PlanVersion.objects.with_plan().filter(pk=options["version"]).first()
        by = User.objects.filter(username=options["by"]).first()
        if version is None or by is None:
            raise CommandError("There is no such version or user.")
        for path in options["files"]:
            try:
                with path.open("rb") as stream:
                    row = scans.receive(version, File(stream, name=path.name), by=by)
            except (OSError, PortalError) as error:
                self.stderr.write(f"{path}: {getattr(error, 'message', error)}")
                continue
            if row.state == row.State.WAITS:
                scans.read(row)
            found = f"{row.marks.count()} marks, ±{row.fit['error_m']} m" if row.fit else scans.said(row)
            self.stdout.write(f"{path}: {row.pk} {row.get_state_display()}: {found}")
