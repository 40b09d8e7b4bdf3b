"""manage.py anchor_audit [--file FILE]: write down where the record of acts ends now."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import chain


class Command(BaseCommand):
    help = "Append the head of the record of acts to the anchor file (AUDIT_ANCHOR); copy that file to another machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, default=Path(settings.AUDIT_ANCHOR))

    def handle(self, *args: object, **options: object) -> None:
        try:
            self.stdout.write(str(chain.anchor(options["file"])))
        except chain.Broken as error:
            raise CommandError(f"Not anchored: {error}.") from None
