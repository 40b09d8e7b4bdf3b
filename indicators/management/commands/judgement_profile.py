"""manage.py judgement_profile FILE.json: store the profile in a file, or each of several, as its next edition."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from indicators import profiles
from portal.errors import PortalError

KEYS = {
    "name", "title", "division_code", "village_type", "terrain", "source", "sample", "valid_from", "valid_to", "content",
}  # fmt: skip
NEEDED = ("name", "title", "source", "content")


class Command(BaseCommand):
    help = "Store the profile of judgement in a JSON file, or each of a list of them, as its next edition."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            stated = json.loads(options["file"].read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        with transaction.atomic():
            for n, profile in enumerate(stated if isinstance(stated, list) else [stated], 1):
                self.store(profile, n)

    def store(self, stated: Any, n: int) -> None:
        if not isinstance(stated, dict) or (wrong := (set(stated) - KEYS) | (set(NEEDED) - set(stated))):
            names = ", ".join(sorted(wrong)) if isinstance(stated, dict) else "no object"
            raise CommandError(f"Profile {n}: missing or not known: {names}")
        try:
            days = {k: date.fromisoformat(stated[k]) for k in ("valid_from", "valid_to") if stated.get(k)}
            stored = profiles.save(**{**stated, **days}, by=None)
        except PortalError as error:
            raise CommandError(f"Profile {n}: {error.message}") from error
        except (ValidationError, ValueError, TypeError) as error:
            words = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise CommandError(f"Profile {n}: {words}") from error
        self.stdout.write(f"{stored.name}, edition {stored.edition}")
