"""manage.py sweep_photos: what the scheduler does every hour, by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from planning import photos


class Command(BaseCommand):
    help = "Remove photos whose comment was not sent within a day, and files that no row tells of."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{photos.sweep()} removed")
