"""import_plan FILE --village CODE [--profile NAME] [--as USER] [--again] [--json]: hand in a plan file; exit 2 if refused."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from planning import imports, issue_texts, recognition
from planning.quality import report
from portal.errors import PortalError
from portal.models import User
from villages.models import Village


class Command(BaseCommand):
    help = (
        "Hand in a plan file. Exit code 0: accepted as a new version; 2: refused, nothing stored; "
        "3: the same file was handed in before over page or API, see --again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--village", required=True, help="12-digit code of the village")
        parser.add_argument("--profile", default="", help="name of a stored mapping profile")
        parser.add_argument(
            "--as", dest="user", default="", help="user on whose behalf it is done; the system if left out"
        )
        parser.add_argument("--crs", default="", help="coordinate system if the file declares none, such as EPSG:4548")
        parser.add_argument("--encoding", default="", help="text encoding if it is not detected rightly")
        parser.add_argument("--note", default="", help="what changed in this version")
        parser.add_argument("--again", action="store_true", help="judge the file although it was handed in before")
        parser.add_argument("--check", action="store_true", help="judge the file in full, but store nothing")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        file, village = options["file"], Village.objects.filter(pk=options["village"]).first()
        user = User.objects.filter(username=options["user"]).first()
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if village is None:
            raise CommandError(f"There is no village with the code {options['village']}.")
        if options["user"] and user is None:
            raise CommandError(f"There is no user {options['user']}.")
        said = {k: options[k] for k in ("crs", "encoding", "note") if options[k]}
        if options["check"]:
            said["check_only"] = True
        try:
            if not options["again"]:
                with file.open("rb") as content:
                    digest = hashlib.file_digest(content, "sha256").hexdigest()
                asked = {**said, "profile": options["profile"]}
                recognition.refuse_known(digest, village=village, by=user, options=asked)
            outcome = imports.import_plan(
                file, name=file.name, village=village, profile=options["profile"], by=user, options=said
            )
        except recognition.Known as known:
            told = {"accepted": False, "known": known.data, "message": str(known.message)}
            self.stdout.write(json.dumps(told, ensure_ascii=False) if options["json"] else f"known: {known.message}")
            sys.exit(3)
        except PortalError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(json.dumps(as_json(outcome), ensure_ascii=False) if options["json"] else as_text(outcome))
        if not outcome.accepted:
            sys.exit(2)


def as_json(outcome: imports.Outcome) -> dict[str, Any]:
    return {
        "accepted": outcome.accepted,
        "version": outcome.version.pk if outcome.version else None,
        "zones": outcome.zones,
        "score": outcome.report["score"],
        "blocking": report.count(outcome.report, "error"),
        "issues": [
            {
                "code": i.code,
                "level": i.level,
                "layer": i.layer,
                "row": i.row,
                "text": issue_texts.text(i.code, i.params),
            }
            for i in outcome.issues
        ],
    }


def as_text(outcome: imports.Outcome) -> str:
    if outcome.version:
        head = f"accepted: version {outcome.version.pk}, {outcome.zones} zones"
    else:
        head = "checked: nothing stored" if outcome.accepted else "refused: nothing stored"
    head += f"; score {outcome.report['score']:g}, {report.count(outcome.report, 'error')} blocking errors"
    lines = [
        f"{i['level']:8}{i['code']:4}{i['layer']}:{i['row'] or '-'}  {i['text']}" for i in as_json(outcome)["issues"]
    ]
    return "\n".join([head, *lines])
