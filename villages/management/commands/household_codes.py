"""household_codes VILLAGE --as USER --out FILE.pdf: new codes for the households of a village, as slips to print."""

import datetime
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.errors import PortalError
from portal.models import User
from villages import household_codes, household_slips
from villages.models import Village


class Command(BaseCommand):
    help = "Make codes for the households of a village and write the slips to a PDF. The codes are kept nowhere else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("village", help="12-digit code of the village")
        parser.add_argument("--as", dest="user", required=True, help="user of the committee or township who makes them")
        parser.add_argument("--out", type=Path, required=True, help="PDF file to write; it must not be there yet")
        parser.add_argument("--all", action="store_true", help="also where a code holds; the ones before end")
        parser.add_argument("--valid-to", type=datetime.date.fromisoformat, help="last day, like 2027-01-31")

    def handle(self, *args: Any, **options: Any) -> None:
        village = Village.objects.filter(pk=options["village"]).first()
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if village is None:
            raise CommandError(f"There is no village {options['village']}.")
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        try:
            # opened first, and by the owner alone: no codes are made that cannot be written down
            with open(options["out"], "xb", opener=private) as out:
                made = household_codes.make(village, by=user, missing=not options["all"], valid_to=options["valid_to"])
                out.write(household_slips.document(made, village, household_codes.open_plan(village)))
        except PortalError as error:
            options["out"].unlink()
            raise CommandError(str(error.message)) from error
        except OSError as error:
            raise CommandError(f"{options['out']}: {error.strerror}") from error
        self.stdout.write(f"{options['out']}: {len(made)} households, until {made[0].valid_to}")


def private(path: str, flags: int) -> int:
    """A file that nobody else on the machine may read."""
    return os.open(path, flags, 0o600)
