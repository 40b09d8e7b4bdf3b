"""manage.py keep_calendar [--at ISO]: what the scheduler does every minute, by hand."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from planning import calendar


class Command(BaseCommand):
    help = "Open and close notices, put plans in force, remind and escalate: whatever is due. Does each thing once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", help="do only what was due by then (ISO 8601, Asia/Shanghai if no zone is said)")

    def handle(self, *args: Any, **options: Any) -> None:
        done = calendar.keep(moment(options["at"]) if options["at"] else timezone.now())
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in sorted(done.items())) or "nothing was due")
        if done["failed"]:
            raise CommandError(f"{done['failed']} could not be dealt with; the log says which and why.")


def moment(text: str) -> datetime:
    """A moment that is past: the calendar cannot run ahead of the clock, no notice ends early by a command."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is no moment; write it as 2026-12-01T08:00.") from None
    if timezone.is_naive(at):
        at = at.replace(tzinfo=calendar.SHANGHAI)
    if at > timezone.now():
        raise CommandError(f"{text} is still to come; the calendar cannot run ahead of the clock.")
    return at
