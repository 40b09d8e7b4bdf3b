"""manage.py import_base FILE --village CODE --as USER: base land use and control lines of a village; exit 2 if refused."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from planning import base_import, issue_texts
from portal.errors import PortalError
from portal.models import User
from villages.models import Village


class Command(BaseCommand):
    help = "Put parcels (DLTB) and control lines (YJJBNT, STBHHX, CZKFBJ) of a file in place of those on record."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--village", required=True, help="12-digit code of the village")
        parser.add_argument(
            "--as", dest="user", required=True, help="official of the county on whose behalf it is done"
        )
        parser.add_argument("--profile", default=base_import.ONE_MAP)
        parser.add_argument("--crs", default="")
        parser.add_argument("--source", default="", help="where the data come from; default: the name of the file")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        file, village = options["file"], Village.objects.filter(pk=options["village"]).first()
        user = User.objects.filter(username=options["user"]).first()
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if village is None:
            raise CommandError(f"There is no village with the code {options['village']}.")
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        try:
            found = base_import.import_base(
                file, name=file.name, village=village, source=(options["source"] or file.name)[:200], by=user,
                profile=options["profile"], crs_=options["crs"],
            )  # fmt: skip
        except PortalError as error:
            raise CommandError(str(error.message)) from error
        told = {
            "accepted": not found.refused,
            "parcels": len(found.parcels),
            "lines": len(found.lines),
            "none_here": [line.kind for line in found.none_here],
            "undecided": found.undecided,
            "issues": [
                {"code": i.code, "level": i.level, "layer": i.layer, "row": i.row, "text": issue_texts.text(i.code, i.params)}
                for i in found.issues
            ],
        }  # fmt: skip
        self.stdout.write(json.dumps(told, ensure_ascii=False) if options["json"] else self.as_text(told))
        if found.refused:
            sys.exit(2)

    def as_text(self, told: dict[str, Any]) -> str:
        head = f"{'stored' if told['accepted'] else 'refused'}: {told['parcels']} parcels, {told['lines']} lines"
        rows = [f"{i['level']} {i['code']} {i['layer']} {i['row'] or ''}: {i['text']}" for i in told["issues"][:50]]
        none = [f"handed over, none lies in the village: {', '.join(told['none_here'])}"] if told["none_here"] else []
        return "\n".join([head, *none, f"codes that need a person: {told['undecided']}", *rows])
