"""manage.py verify_audit [--anchor FILE]: is the record of acts whole?"""

import time
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from portal import chain


class Command(BaseCommand):
    help = "Verify every seal and link of the record of acts; names the first bad row and ends with 1 if there is one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anchor", type=Path, help="anchor file, best a copy kept on another machine")

    def handle(self, *args: object, **options: object) -> None:
        began = time.monotonic()
        try:
            verdict = chain.verify(options["anchor"])
        except FileNotFoundError as error:
            raise CommandError(f"There is no anchor file {error.filename}.") from None
        except chain.Broken as error:
            raise CommandError(f"The record of acts was changed: {error}.") from None
        seconds = time.monotonic() - began
        self.stdout.write(
            f"{verdict.rows} rows verified in {seconds:.1f} s; the chain ends with {verdict.head or '-'}."
        )
        if options["anchor"]:
            self.stdout.write(f"{verdict.anchors} anchors fit.")
        else:
            self.stdout.write("Without --anchor rows cut off at the end are not noticed.")
