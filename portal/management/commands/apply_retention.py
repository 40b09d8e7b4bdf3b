"""manage.py apply_retention [--dry-run]: take out personal data whose time is over."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from portal.retention import apply_retention


class Command(BaseCommand):
    help = "Take out personal data that was kept as long as the retention rules say; --dry-run only counts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: object, **options: object) -> None:
        word = "would go" if options["dry_run"] else "went"
        for applied in apply_retention(dry_run=options["dry_run"]):
            self.stdout.write(
                f"{applied.rule.kind}: {applied.rows} rows {word}, before {applied.before:%Y-%m-%d %H:%M} ({applied.rule.days} days)"
            )
