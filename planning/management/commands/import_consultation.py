"""import_consultation VERSION FILE --as USER --title T --source S [--column text=HEADER …]: take in an earlier consultation."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from planning import consultations
from planning.api.consultations import look_json
from planning.consultation_tables import BY_NAME
from planning.models import PlanVersion
from portal.errors import PortalError
from portal.models import User


class Command(BaseCommand):
    help = "Take in the comments of an earlier consultation. Exit code 0: taken in; 2: refused, nothing stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", help="id of the version")
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="user", required=True, help="user on whose behalf it is done")
        parser.add_argument("--title", required=True)
        parser.add_argument("--source", required=True, help="where the file comes from, and its licence")
        parser.add_argument(
            "--column", action="append", default=[], metavar="NAME=HEADER", help=f"by hand; names: {', '.join(BY_NAME)}"
        )
        parser.add_argument("--rejected", action="store_true", help="also what its moderator had taken away")
        parser.add_argument("--encoding", default="")
        parser.add_argument("--look", action="store_true", help="say what would be taken in, and store nothing")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        version = PlanVersion.objects.with_plan().filter(pk=options["version"]).first()
        user = User.objects.filter(username=options["user"]).first()
        if version is None:
            raise CommandError(f"There is no version {options['version']}.")
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        columns = dict(pair.partition("=")[::2] for pair in options["column"])
        if unknown := set(columns) - set(BY_NAME):
            raise CommandError(f"There is no column {', '.join(sorted(unknown))}.")
        given = {"by": user, "columns": columns, "rejected": options["rejected"], "encoding": options["encoding"]}
        try:
            with options["file"].open("rb") as content:
                file = File(content, name=options["file"].name)
                if options["look"]:
                    return self.say(look_json(consultations.look_at(version, file, **given)), options)
                row = consultations.take_in(version, file, title=options["title"], source=options["source"], **given)
        except consultations.Faulty as faulty:
            self.say({"taken": 0, **faulty.data}, options)
            sys.exit(2)
        except PortalError as error:
            raise CommandError(str(error.message)) from error
        return self.say({"consultation": row.pk, **row.counts}, options)

    def say(self, told: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, default=str))
            return
        for fault in told.pop("faults", []):
            place = f"row {fault['row']}" if fault["row"] else "file"
            self.stdout.write(f"{options['file'].name}: {place} {fault['column']}: {fault['text']}")
        self.stdout.write(
            ", ".join(f"{name}: {value}" for name, value in told.items() if name not in ("first", "headers"))
        )
