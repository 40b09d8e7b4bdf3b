"""manage.py workflow_docs [--check]: docs/workflow.md from the procedures as they are shipped."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from planning import workflow_docs


class Command(BaseCommand):
    help = "Write docs/workflow.md: diagram and table of each procedure. --check only compares (exit code 1)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path, wanted = Path(settings.BASE_DIR) / "docs" / "workflow.md", workflow_docs.page()
        if options["check"]:
            if not path.is_file() or path.read_text("utf-8") != wanted:
                raise CommandError("docs/workflow.md differs from the procedures: run workflow_docs.")
        else:
            path.write_text(wanted, "utf-8")
        self.stdout.write(str(path.relative_to(settings.BASE_DIR)))
