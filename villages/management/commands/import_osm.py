"""import_osm FILE --county CODE [--as USER] [--json]: roads and facilities of a county from a JSON of OpenStreetMap extracts."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.errors import PortalError
from portal.geo.issues import Refused
from portal.models import User
from villages.models import Division
from villages.tables import open_street_map, texts


class Command(BaseCommand):
    help = (
        "Store facilities (pois) and roads of a JSON of OpenStreetMap extracts. Exit code 2: refused, nothing stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--county", required=True, help="code of the county, 6 or 12 digits")
        parser.add_argument(
            "--as", dest="user", default="", help="user on whose behalf it is done; the system if left out"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        file, user = options["file"], User.objects.filter(username=options["user"]).first()
        county = Division.objects.filter(pk=options["county"].ljust(12, "0"), level=Division.Level.COUNTY).first()
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if county is None:
            raise CommandError(f"There is no county with the code {options['county']}.")
        if options["user"] and user is None:
            raise CommandError(f"There is no user {options['user']}.")
        try:
            outcome = open_street_map.import_file(file, name=file.name, county=county, by=user)
        except Refused as refused:
            for issue in refused.issues:
                self.stderr.write(texts.text(issue.code, issue.params))
            sys.exit(2)
        except PortalError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(json.dumps(asdict(outcome), ensure_ascii=False) if options["json"] else as_text(outcome))


def as_text(outcome: open_street_map.Outcome) -> str:
    found = ", ".join(f"{name} ({count})" for name, count in outcome.collections)
    counts = ", ".join(f"{count} {name}" for name, count in outcome.facilities.items())
    lines = [f"  row {row['row']}: {row['name']} ({row['kind']})" for row in outcome.unplaced]
    return "\n".join(
        [
            f"found: {found}",
            f"facilities: {counts}; roads: {outcome.roads}",
            f"in no village, not stored: {len(lines)}",
            *lines,
        ]
    )
