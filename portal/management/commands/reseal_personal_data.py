"""manage.py reseal_personal_data: after a new key was put first in PERSONAL_DATA_KEYS."""

from django.core.management.base import BaseCommand

from portal.resealing import reseal


class Command(BaseCommand):
    help = "Seal all personal data anew with the first of PERSONAL_DATA_KEYS; afterwards the other keys can be dropped."

    def handle(self, *args: object, **options: object) -> None:
        for label, rows in reseal().items():
            self.stdout.write(f"{label}: {rows} rows sealed anew")
