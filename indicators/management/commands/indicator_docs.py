"""manage.py indicator_docs: write the tables of docs/indicators.md as catalogue, checks and profiles are now."""

from typing import Any

from django.core.management.base import BaseCommand

from indicators.reference import PAGE, written


class Command(BaseCommand):
    help = "Write the tables of docs/indicators.md from the catalogue, the checks and the shipped profiles."

    def handle(self, *args: Any, **options: Any) -> None:
        before = PAGE.read_text("utf-8")
        after = written(before)
        PAGE.write_text(after, "utf-8")
        self.stdout.write(f"{PAGE.name}: {'written' if after != before else 'as it was'}")
