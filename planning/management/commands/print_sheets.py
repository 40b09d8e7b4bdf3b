"""print_sheets VERSION --scale 2000 --paper A3 --out DIR: the map of a version on paper, as the page orders it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from planning.models import PlanVersion
from planning.sheets import making, orders
from planning.sheets.pages import SCALES, SIZES
from portal.errors import PortalError


class Command(BaseCommand):
    help = "Print the map of a version at scale, as PDF or PNG."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", help="id of a version")
        parser.add_argument("--scale", choices=["fit", *map(str, SCALES)], default="fit")
        parser.add_argument("--paper", choices=list(SIZES), default="A3")
        parser.add_argument("--upright", action="store_true")
        parser.add_argument("--zone", type=int, help="only this zone and its surroundings")
        parser.add_argument("--theme", choices=orders.THEMES, default="plan")
        parser.add_argument("--lines", action="store_true", help="with control lines and facilities")
        parser.add_argument("--findings", action="store_true", help="with conflicts")
        parser.add_argument("--no-numbers", action="store_true")
        parser.add_argument("--form", choices=orders.FORMS, default="pdf")
        parser.add_argument("--dpi", type=int, choices=orders.DPI, default=150)
        parser.add_argument("--language", choices=["zh-hans", "en"], default="zh-hans")
        parser.add_argument("--out", type=Path, required=True, help="folder for the file")

    def handle(self, *args: Any, **options: Any) -> None:
        version = PlanVersion.objects.with_plan().filter(pk=options["version"]).first()
        if version is None:
            raise CommandError(f"There is no version {options['version']}.")
        order = orders.Order(
            what="zone" if options["zone"] else "village", zone=options["zone"], paper=options["paper"], upright=options["upright"],
            scale=None if options["scale"] == "fit" else int(options["scale"]), language=options["language"],
            theme=options["theme"], lines=options["lines"], findings=options["findings"], numbers=not options["no_numbers"],
            form=options["form"], dpi=options["dpi"],
        )  # fmt: skip
        try:
            orders.spread(version, order)
            sheet = orders.register(version, order, by=None)
            making.make(sheet)
        except PortalError as error:
            raise CommandError(str(error.message)) from error
        options["out"].mkdir(parents=True, exist_ok=True)
        path = options["out"] / sheet.name
        path.write_bytes(sheet.file.read())
        self.stdout.write(f"{path}: {len(sheet.pages)} pages, 1:{sheet.pages[-1]['scale']}")
