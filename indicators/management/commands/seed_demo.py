"""seed_demo: load the demo county and play its plans through the main job; a second call only completes what is missing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from indicators.demo import make_targets, make_what_if
from planning import demo
from planning.models import Plan
from villages.demo_load import load_county


class Command(BaseCommand):
    help = "Load the demo county 肥城市 (演示数据，非测绘成果) with accounts, plans, comments and decisions."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo county is loaded only where DEMO=true: its accounts have known passwords.")
        if count := load_county():
            self.stdout.write(f"{count} villages")
        people = demo.make_people()
        demo.make_rules()
        make_targets()
        for village, play in ((demo.WUBU, demo.play_wubu), (demo.LIUGOU, demo.play_liugou)):
            if not Plan.objects.filter(village_id=village).exists():
                play(people)
                self.stdout.write(f"plans of {village}")
        make_what_if()
