"""manage.py profile export NAME[@EDITION] FILE, and profile import NAME FILE: profiles as JSON files."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from planning import profiles
from portal.errors import PortalError


class Command(BaseCommand):
    help = "Write a profile into a file, or store a file as the next edition of a profile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        out = acts.add_parser("export", help="write an edition (NAME or NAME@EDITION) into a file")
        into = acts.add_parser("import", help="store a file as the next edition")
        for act in (out, into):
            act.add_argument("name")
            act.add_argument("file", type=Path)
        into.add_argument("--title", default="")
        into.add_argument("--source", default="")
        into.add_argument("--division", default="", help="whose rules it holds; default: the whole country")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            (self.write if options["act"] == "export" else self.read)(options)
        except PortalError as error:
            raise CommandError(str(error.message)) from error
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error

    def write(self, options: dict[str, Any]) -> None:
        found = profiles.by_name(options["name"])
        if options["file"].exists():
            raise CommandError(f"{options['file']} exists already.")
        options["file"].write_text(json.dumps(found.content, ensure_ascii=False, indent=1) + "\n", "utf-8")
        self.stdout.write(f"{options['file']}: {found.name}, edition {found.edition}")

    def read(self, options: dict[str, Any]) -> None:
        try:
            content = json.loads(options["file"].read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        title = options["title"] or (content.get("title", "") if isinstance(content, dict) else "")
        stored = profiles.save(
            name=options["name"], title=title, content=content, by=None, division_code=options["division"],
            source=options["source"],
        )  # fmt: skip
        self.stdout.write(f"{stored.name}, edition {stored.edition}")
