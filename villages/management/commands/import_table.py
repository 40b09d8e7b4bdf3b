"""import_table KIND FILE (--village CODE | --under CODE) [--as USER] [--check] [--json]: hand in a table; exit 2 if it is refused."""

import gzip
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.errors import PortalError
from portal.models import User
from villages.models import Division, TableImport
from villages.tables import imports, texts
from villages.tables.kinds import KINDS

_CHUNK = 1 << 20


class Command(BaseCommand):
    help = "Hand in a table (.xlsx, .csv, .csv.gz). Exit code 0: stored, or checked; 2: refused, nothing stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("file", type=Path)
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--village", default="", help="12-digit code of the village")
        place.add_argument(
            "--under", default="", help="code of the division all rows belong to; the whole country if left out"
        )
        parser.add_argument(
            "--as", dest="user", default="", help="user on whose behalf it is done; the system if left out"
        )
        parser.add_argument("--encoding", default="", help="text encoding if it is not detected rightly")
        parser.add_argument("--check", action="store_true", help="only say what would change")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        file, user = options["file"], User.objects.filter(username=options["user"]).first()
        code = (options["village"] or options["under"]).ljust(12, "0")
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if options["user"] and user is None:
            raise CommandError(f"There is no user {options['user']}.")
        if code.strip("0") and not Division.objects.filter(pk=code).exists():
            raise CommandError(f"There is no division with the code {code}.")
        started = time.monotonic()
        try:
            row = self.run(file, code, user, options)
        except PortalError as error:
            raise CommandError(str(error.message)) from error
        answer = {**as_json(row), "seconds": round(time.monotonic() - started, 1)}
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if options["json"] else as_text(answer))
        if row.state == TableImport.State.REFUSED:
            sys.exit(2)

    def run(self, file: Path, code: str, user: User | None, options: dict[str, Any]) -> TableImport:
        given = {"kind": options["kind"], "division_code": code, "by": user, "encoding": options["encoding"]}
        given |= {
            "store": not options["check"],
            "progress": self.progress if options["verbosity"] > 1 else imports.jobs.quiet,
        }
        if file.suffix != ".gz":
            return imports.import_file(file, name=file.name, **given)
        with tempfile.NamedTemporaryFile(suffix=".csv") as plain:
            unpack(file, Path(plain.name))
            return imports.import_file(Path(plain.name), name=file.stem, **given)

    def progress(self, percent: int, message: str) -> None:
        self.stderr.write(f"{percent:3} % {message}")


def unpack(source: Path, target: Path) -> None:
    """Gunzip at most as much as may be uploaded."""
    written = 0
    try:
        with gzip.open(source) as packed, target.open("wb") as plain:
            while chunk := packed.read(_CHUNK):
                written += plain.write(chunk)
                if written > settings.UPLOAD_MAX_BYTES:
                    limit = settings.UPLOAD_MAX_BYTES // 1024**2
                    raise CommandError(f"{source} unpacks to more than {limit} MB.")
    except (OSError, EOFError) as error:
        raise CommandError(f"{source} cannot be unpacked.") from error


def as_json(row: TableImport) -> dict[str, Any]:
    counts = {name: row.result.get(name, 0) for name in ("rows", "new", "changed", "unchanged", "absent")}
    return {
        "table": row.pk,
        "kind": row.kind,
        "state": row.state,
        **counts,
        "issues": [texts.as_json(i) for i in row.issues],
    }


def as_text(answer: dict[str, Any]) -> str:
    counts = ", ".join(f"{answer[name]} {name}" for name in ("rows", "new", "changed", "unchanged", "absent"))
    head = f"{answer['state']}: {counts} ({answer['seconds']} s), table {answer['table']}"
    lines = [f"  {i['sheet']}!{i['column']}{i['row'] or ''}  {i['header']}  {i['text']}" for i in answer["issues"]]
    return "\n".join([head, *lines])
